"""From a card to what the columns draw. Pure: outside text comes in, safe content without markup goes out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from textual.content import Content

from curator.model import Evidence, Finding, Message, Outcome, Problem, ToolCall, Turn
from curator.text import display_text, one_line

if TYPE_CHECKING:
    from curator.review import Card

SHOWN_CHARS = 20_000
SHOWN_CALLS = 100
FOLDED_CHARS = 900
FOLDED_LINES = 12
RESULT_LINES = 6

MARKS = {"error": "✗", "warning": "!", "info": "·"}
STYLES = {"error": "$error", "warning": "$warning", "info": "$muted"}

_OUTCOME_STYLES = {"ok": "$success", "unknown": "$muted"}
_NAME_WIDTH = 16
_TOOLS_WIDTH = 110
_THIN_SPACE = "\u202f"


class Block(NamedTuple):
    """A paragraph: ``lead`` stands before its first line, ``rest`` (of the same width) before the others."""

    content: Content
    lead: Content = Content()
    rest: Content | None = None
    anchor: bool = False
    """True for the line that the column scrolls to."""


BLANK = Block(Content())


def number(count: int) -> str:
    """Write a count with thin spaces between thousands."""
    return f"{count:,}".replace(",", _THIN_SPACE)


def styled(text: str, style: str = "") -> Content:
    """Return outside text as safe content in one style."""
    return Content.styled(display_text(text), style)


def heading(text: str) -> Block:
    """A small title inside a column."""
    return Block(Content.styled(text, "bold $muted"))


def context_blocks(turn: Turn, expanded: bool) -> list[Block]:
    """Return what the model saw: messages in order, the request that it answers marked as the anchor."""
    request = max((i for i, m in enumerate(turn.prompt) if m.role == "user"), default=-1)
    blocks: list[Block] = []
    for position, message in enumerate(turn.prompt):
        if blocks:
            blocks.append(BLANK)
        blocks += _message(message, expanded, position == request)
        if position == 0 and turn.tools:
            blocks += _offered(turn, expanded)
    return blocks or [Block(Content.styled("the log holds no prompt for this turn", "$muted"))]


def think_blocks(card: Card, wants_thinking: bool) -> list[Block]:
    """Return the thinking with its evidence marked; then text that came beside calls."""
    output = card.turn.output
    blocks: list[Block] = []
    if output.thinking and output.thinking.strip():
        spans = evidence_spans(card, "thinking")
        blocks.append(Block(marked(_shown(output.thinking), spans)))
        blocks += _cut(output.thinking)
    else:
        words = "no thinking · the profile requires it" if wants_thinking else "no thinking"
        blocks.append(Block(Content.styled(words, "$warning" if wants_thinking else "$muted")))
    if output.tool_calls:
        blocks += answer_blocks(card)
    return blocks


def answer_blocks(card: Card) -> list[Block]:
    """Return the plain text of the answer: beside calls it is a comment, without one it is the act."""
    output = card.turn.output
    if output.content and output.content.strip():
        text = Block(marked(_shown(output.content), evidence_spans(card, "content")))
        return [BLANK, heading("ANSWER"), text, *_cut(output.content)]
    if output.tool_calls or output.problems:
        return []
    return [BLANK, Block(Content.styled("no answer text", "$muted"))]


def call_blocks(card: Card, expanded: bool) -> list[Block]:
    """Return the calls with their outcomes, what could not be used, and the findings."""
    turn = card.turn
    blocks: list[Block] = []
    for position, call in enumerate(turn.output.tool_calls[:SHOWN_CALLS]):
        if blocks:
            blocks.append(BLANK)
        blocks.append(_call_line(position, call))
        blocks += _arguments(call.arguments, expanded)
        blocks += [_finding(f, "  ") for f in card.findings if _about_call(f) == position]
        for outcome in turn.outcomes:
            if outcome.call == position:
                blocks += _outcome(outcome, expanded)
    left = len(turn.output.tool_calls) - SHOWN_CALLS
    if left > 0:
        words = f"… {number(left)} more calls; `curator show` prints all of them"
        blocks += [BLANK, Block(Content.styled(words, "$muted"))]
    if not turn.output.tool_calls:
        words = "no usable call" if turn.output.problems else "no call · plain text"
        blocks += [Block(Content.styled(words, "$muted")), *answer_blocks(card)]
    for problem in turn.output.problems:
        blocks += [BLANK, *_problem(problem, turn.raw, expanded)]
    return blocks + _other_findings(card)


def request_blocks(turn: Turn) -> list[Block]:
    """Return the request alone, for a screen that has no room for the whole context."""
    for message in reversed(turn.prompt):
        if message.role == "user":
            return _message(message, False, True)
    return []


def marked(text: str, spans: Sequence[tuple[int, int]], style: str = "bold underline $warning") -> Content:
    """Return text with the spans highlighted and held between ``▌`` and ``▐``."""
    safe = display_text(text)
    parts: list[Content | str | tuple[str, str]] = []
    end = 0
    for start, stop in merged(spans, len(safe)):
        parts += [safe[end:start], ("▌", "$warning"), (safe[start:stop], style), ("▐", "$warning")]
        end = stop
    return Content.assemble(*parts, safe[end:])


def merged(spans: Iterable[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    """Return the spans in order, inside the text, overlapping ones joined."""
    result: list[tuple[int, int]] = []
    for start, stop in sorted(spans):
        start, stop = max(0, start), min(length, stop)
        if start >= stop:
            continue
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(stop, result[-1][1]))
        else:
            result.append((start, stop))
    return result


def value_text(value: Any) -> str:
    """Write an argument so that its type shows: strings in quotes, their line breaks kept."""
    if isinstance(value, str):
        return f'"{value}"'
    return json.dumps(
        value, ensure_ascii=False, indent=2 if isinstance(value, dict | list) and value else None
    )


def folded(text: str, lines: int = FOLDED_LINES, chars: int = FOLDED_CHARS) -> tuple[str, int]:
    """Return the start of a long text, and how many characters of it are left out."""
    kept = "\n".join(text[: chars + 1].split("\n")[:lines])[:chars]
    return kept, len(text) - len(kept)


def _message(message: Message, expanded: bool, is_request: bool) -> list[Block]:
    if message.role == "system" and not expanded:
        words = f"system · {number(len(message.content))} chars · space expands"
        return [Block(Content.styled(words, "$muted"))]
    bar = Content.styled("▌ ", "$primary") if is_request else Content("  ")
    blocks = [Block(_role(message, is_request), anchor=is_request)]
    if message.thinking:
        blocks += _text(message.thinking, expanded, bar, "italic $muted", lines=3)
    if message.content.strip() or not message.tool_calls:
        blocks += _text(message.content, expanded, bar, "" if is_request else "$foreground 85%")
    blocks += [_past_call(call) for call in message.tool_calls]
    return blocks


def _role(message: Message, is_request: bool) -> Content:
    if message.role == "tool":
        return Content.assemble(("tool result", "bold $accent"), "  ", styled(message.name or "", "$muted"))
    style = "bold $primary" if is_request else "bold $muted"
    return styled(message.role, style)


def _text(text: str, expanded: bool, bar: Content, style: str, lines: int = FOLDED_LINES) -> list[Block]:
    text = text.strip("\n")
    kept, left = (_shown(text), 0) if expanded else folded(text, lines)
    blocks = [Block(styled(kept, style), bar, bar)]
    if left:
        words = f"… {number(left)} more chars · space expands"
        blocks.append(Block(Content.styled(words, "$muted"), bar, bar))
    return blocks + (_cut(text) if expanded else [])


def _offered(turn: Turn, expanded: bool) -> list[Block]:
    names = ", ".join(tool.name for tool in turn.tools)
    if not expanded:
        return [
            Block(
                Content.styled(f"tools · {len(turn.tools)} offered · ", "$muted")
                + styled(one_line(names, _TOOLS_WIDTH), "$muted")
            )
        ]
    lines = [BLANK, heading("tools offered")]
    for tool in turn.tools:
        lead = Content("  ")
        about = styled(one_line(tool.description, 300), "$muted")
        lines.append(
            Block(Content.assemble(styled(tool.name, "$accent"), "  ", about), lead, Content("    ")[:2])
        )
    return lines


def _past_call(call: ToolCall) -> Block:
    arguments = one_line(json.dumps(call.arguments, ensure_ascii=False), 200)
    content = Content.assemble(styled(call.name, "$accent"), " ", (arguments, "$muted"))
    return Block(content, Content("  → "), Content("    "))


def _call_line(position: int, call: ToolCall) -> Block:
    parts = [styled(call.name or "(no name)", "bold $accent")]
    if call.status != "ok":
        style = "$warning" if call.status in ("repaired", "in_code_fence") else "$error"
        parts.append(Content.styled(f"  ! {call.status.replace('_', ' ')}", style))
    if not call.typed:
        parts.append(Content.styled("  untyped", "$muted"))
    return Block(Content.assemble(*parts), Content.styled(f"{position + 1} ", "bold"), Content("  "))


def _arguments(arguments: dict[str, Any], expanded: bool) -> Iterator[Block]:
    if not arguments:
        yield Block(Content.styled("no arguments", "$muted"), Content("  "), Content("  "))
        return
    width = min(_NAME_WIDTH, max(len(name) for name in arguments))
    for name, value in arguments.items():
        label = one_line(name, _NAME_WIDTH).ljust(width)
        text = value_text(value)
        kept, left = (_shown(text), 0) if expanded else folded(text)
        content = styled(kept, _value_style(value))
        if left:
            content += Content.styled(f"\n… {number(left)} more chars · space expands", "$muted")
        yield Block(content, Content.assemble("  ", (label, "$muted"), "  "))


def _value_style(value: Any) -> str:
    if isinstance(value, str):
        return "$success"
    return "$secondary" if isinstance(value, bool | int | float) or value is None else "$foreground"


def _outcome(outcome: Outcome, expanded: bool) -> list[Block]:
    style = _OUTCOME_STYLES.get(outcome.status, "$error")
    took = f"  {outcome.elapsed_ms:.0f} ms" if outcome.elapsed_ms is not None else ""
    word = Content.assemble((f"→ {outcome.status}", f"bold {style}"), (took, "$muted"))
    blocks = [Block(word, Content("  "))]
    text = outcome.text.strip("\n")
    if text:
        kept, left = (_shown(text), 0) if expanded else folded(text, RESULT_LINES, 400)
        more = (
            Content.styled(f"\n… {number(left)} more chars · space expands", "$muted") if left else Content()
        )
        blocks.append(Block(styled(kept, "$muted") + more, Content("    ")))
    return blocks


def _problem(problem: Problem, raw: str, expanded: bool) -> list[Block]:
    code = problem.code.replace("_", " ")
    title = Content.assemble(("✗ unusable: ", "bold $error"), styled(code, "bold $error"))
    blocks = [Block(title), Block(styled(problem.message, "$error"), Content("  "))]
    if problem.span:
        text = raw[problem.span[0] : problem.span[1]].strip("\n")
        kept, left = (_shown(text), 0) if expanded else folded(text)
        more = Content.styled(f"\n… {number(left)} more chars", "$muted") if left else Content()
        bar = Content.styled("  │ ", "$error")
        blocks.append(Block(styled(kept, "") + more, bar, bar))
    return blocks


def _other_findings(card: Card) -> list[Block]:
    calls = len(card.turn.output.tool_calls)
    rest = [f for f in card.findings if not 0 <= _about_call(f) < calls]
    if not rest:
        return []
    return [BLANK, heading("FINDINGS"), *(_finding(f, "") for f in rest)]


def _finding(finding: Finding, indent: str) -> Block:
    style = STYLES[finding.severity]
    lead = Content.assemble(indent, (f"{MARKS[finding.severity]} ", f"bold {style}"))
    return Block(styled(finding.message, style), lead)


def _about_call(finding: Finding) -> int:
    """Return the call that a finding is about, or -1."""
    return next((e.start for e in finding.evidence if e.field == "calls"), -1)


def evidence_spans(card: Card, field: str) -> list[tuple[int, int]]:
    """Return the spans of evidence in the thinking or the content, also those given in the raw output."""
    output = card.turn.output
    text = (output.thinking if field == "thinking" else output.content) or ""
    every = [e for finding in card.findings for e in finding.evidence]
    spans = [(e.start, e.end) for e in every if e.field == field]
    start = card.turn.raw.find(text) if any(e.field == "raw" for e in every) else -1
    if start >= 0:
        spans += [(e.start - start, e.end - start) for e in every if _inside(e, start, len(text))]
    return spans


def _inside(evidence: Evidence, start: int, length: int) -> bool:
    return evidence.field == "raw" and start <= evidence.start and evidence.end <= start + length


def _shown(text: str) -> str:
    return text[:SHOWN_CHARS]


def _cut(text: str) -> list[Block]:
    left = len(text) - SHOWN_CHARS
    if left <= 0:
        return []
    words = f"… {number(left)} more chars; `curator show` prints all of it"
    return [Block(Content.styled(words, "$muted"))]
