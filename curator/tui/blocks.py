"""From a card to what the columns draw. Pure: outside text comes in, safe content without markup goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from textual.content import Content

from curator.model import Evidence, Finding, Outcome, Problem, ToolCall, Turn
from curator.tui.arguments import argument_blocks
from curator.tui.commands.base import EXPAND, key_of
from curator.tui.paragraphs import (
    BLANK,
    CURRENT,
    Block,
    cut,
    folded,
    heading,
    marked,
    merged,
    number,
    shown,
    styled,
)
from curator.tui.prompts import context_blocks, request_blocks, without_images

if TYPE_CHECKING:
    from curator.review import Card

__all__ = [
    "BLANK",
    "MARKS",
    "STYLES",
    "Block",
    "answer_blocks",
    "call_blocks",
    "context_blocks",
    "heading",
    "marked",
    "merged",
    "number",
    "request_blocks",
    "styled",
    "think_blocks",
]

SHOWN_CALLS = 100
RESULT_LINES = 6

MARKS = {"error": "✗", "warning": "!", "info": "·"}
STYLES = {"error": "$error", "warning": "$warning", "info": "$muted"}

_OUTCOME_STYLES = {"ok": "$success", "unknown": "$muted"}


def think_blocks(card: Card, wants_thinking: bool, current: Finding | None = None) -> list[Block]:
    """Return the thinking with its evidence marked; then text that came beside calls."""
    output = card.turn.output
    blocks: list[Block] = []
    if output.thinking and output.thinking.strip():
        spans, here = evidence_spans(card, "thinking"), evidence_spans(card, "thinking", current)
        blocks.append(Block(marked(shown(output.thinking), spans, current=here)))
        blocks += cut(output.thinking)
    else:
        words = "no thinking · the profile requires it" if wants_thinking else "no thinking"
        blocks.append(Block(Content.styled(words, "$warning" if wants_thinking else "$muted")))
    if output.tool_calls:
        blocks += answer_blocks(card, current)
    return blocks


def answer_blocks(card: Card, current: Finding | None = None) -> list[Block]:
    """Return the plain text of the answer: beside calls it is a comment, without one it is the act."""
    output = card.turn.output
    if output.content and output.content.strip():
        spans, here = evidence_spans(card, "content"), evidence_spans(card, "content", current)
        text = Block(marked(shown(output.content), spans, current=here))
        return [BLANK, heading("ANSWER"), text, *cut(output.content)]
    if output.tool_calls or output.problems:
        return []
    return [BLANK, Block(Content.styled("no answer text", "$muted"))]


def call_blocks(card: Card, expanded: bool, current: Finding | None = None) -> list[Block]:
    """Return the calls with their outcomes, what could not be used, and the findings."""
    turn = card.turn
    blocks: list[Block] = []
    for position, call in enumerate(turn.output.tool_calls[:SHOWN_CALLS]):
        if blocks:
            blocks.append(BLANK)
        blocks.append(_call_line(position, call, current is not None and _about_call(current) == position))
        blocks += argument_blocks(call.arguments, expanded)
        blocks += [_finding(f, "  ", f is current) for f in card.findings if _about_call(f) == position]
        for outcome in turn.outcomes:
            if outcome.call == position:
                blocks += _outcome(outcome, turn, expanded)
    left = len(turn.output.tool_calls) - SHOWN_CALLS
    if left > 0:
        words = f"… {number(left)} more calls; `curator show` prints all of them"
        blocks += [BLANK, Block(Content.styled(words, "$muted"))]
    if not turn.output.tool_calls:
        words = "no usable call" if turn.output.problems else "no call · plain text"
        blocks += [Block(Content.styled(words, "$muted")), *answer_blocks(card, current)]
    for problem in turn.output.problems:
        blocks += [BLANK, *_problem(problem, turn.raw, expanded)]
    return blocks + _other_findings(card, current)


def _call_line(position: int, call: ToolCall, is_current: bool) -> Block:
    parts = [styled(call.name or "(no name)", CURRENT if is_current else "bold $accent")]
    if call.status != "ok":
        style = "$warning" if call.status in ("repaired", "in_code_fence") else "$error"
        parts.append(Content.styled(f"  ! {call.status.replace('_', ' ')}", style))
    if not call.typed:
        parts.append(Content.styled("  untyped", "$muted"))
    return Block(Content.assemble(*parts), Content.styled(f"{position + 1} ", "bold"), Content("  "))


def _outcome(outcome: Outcome, turn: Turn, expanded: bool) -> list[Block]:
    style = _OUTCOME_STYLES.get(outcome.status, "$error")
    took = f"  {outcome.elapsed_ms:.0f} ms" if outcome.elapsed_ms is not None else ""
    word = Content.assemble((f"→ {outcome.status}", f"bold {style}"), (took, "$muted"))
    blocks = [Block(word, Content("  "))]
    text = without_images(outcome.text, turn).strip("\n")
    if text:
        kept, left = (shown(text), 0) if expanded else folded(text, RESULT_LINES, 400)
        more = (
            Content.styled(f"\n… {number(left)} more chars · {key_of(EXPAND)} expands", "$muted")
            if left
            else Content()
        )
        blocks.append(Block(styled(kept, "$muted") + more, Content("    ")))
    return blocks


def _problem(problem: Problem, raw: str, expanded: bool) -> list[Block]:
    code = problem.code.replace("_", " ")
    title = Content.assemble(("✗ unusable: ", "bold $error"), styled(code, "bold $error"))
    blocks = [Block(title), Block(styled(problem.message, "$error"), Content("  "))]
    if problem.span:
        text = raw[problem.span[0] : problem.span[1]].strip("\n")
        kept, left = (shown(text), 0) if expanded else folded(text)
        more = Content.styled(f"\n… {number(left)} more chars", "$muted") if left else Content()
        bar = Content.styled("  │ ", "$error")
        blocks.append(Block(styled(kept, "") + more, bar, bar))
    return blocks


def _other_findings(card: Card, current: Finding | None) -> list[Block]:
    calls = len(card.turn.output.tool_calls)
    rest = [f for f in card.findings if not 0 <= _about_call(f) < calls]
    if not rest:
        return []
    return [BLANK, heading("FINDINGS"), *(_finding(f, "", f is current) for f in rest)]


def _finding(finding: Finding, indent: str, is_current: bool = False) -> Block:
    style = STYLES[finding.severity]
    lead = Content.assemble(indent, (f"{MARKS[finding.severity]} ", f"bold {style}"))
    return Block(styled(finding.message, CURRENT if is_current else style), lead)


def _about_call(finding: Finding) -> int:
    """Return the call that a finding is about, or -1."""
    return next((e.start for e in finding.evidence if e.field == "calls"), -1)


def evidence_spans(
    card: Card, field: str, only: Finding | Literal["all"] | None = "all"
) -> list[tuple[int, int]]:
    """Return the spans of evidence in the thinking or the content, also those given in the raw output."""
    if only is None:
        return []
    findings = card.findings if only == "all" else (only,)
    output = card.turn.output
    text = (output.thinking if field == "thinking" else output.content) or ""
    every = [e for finding in findings for e in finding.evidence]
    spans = [(e.start, e.end) for e in every if e.field == field]
    start = card.turn.raw.find(text) if any(e.field == "raw" for e in every) else -1
    if start >= 0:
        spans += [(e.start - start, e.end - start) for e in every if _inside(e, start, len(text))]
    return spans


def _inside(evidence: Evidence, start: int, length: int) -> bool:
    return evidence.field == "raw" and start <= evidence.start and evidence.end <= start + length
