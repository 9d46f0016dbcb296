"""Two answers as columns draw them: what differs is underlined, and no source is told. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from textual.content import Content

from curator.model import Candidate, Output, ToolCall
from curator.review.candidates import source_words
from curator.review.comparing import LIKENESS_WORDS, Span, differences, same_call, same_value
from curator.text import one_line
from curator.tui.arguments import value_style
from curator.tui.blocks import SHOWN_CALLS
from curator.tui.paragraphs import BLANK, Block, cut, heading, number, shown, styled

if TYPE_CHECKING:
    from curator.tui.bouts import Bout, Creates

OTHER = "bold underline $warning"
"""Style of what the other answer does not have so."""
_LONG_THINKING = 600
_THROUGHOUT = 0.8
"""From this share on, to underline what differs would underline everything."""
_NAME_WIDTH = 16
_MISSING = object()


def side_blocks(mine: Candidate, theirs: Candidate) -> list[Block]:
    """Return one answer, compared with the other one."""
    thinking = _text("THINK", mine.output.thinking, theirs.output.thinking)
    acts = [
        *_text("ANSWER", mine.output.content, theirs.output.content),
        *_calls(mine.output, theirs.output),
        *_broken(mine, theirs),
    ]
    # What was done matters more than a long way to it; both sides keep one order.
    longest = max(len(one.output.thinking or "") for one in (mine, theirs))
    blocks = [*acts, *thinking] if longest > _LONG_THINKING else [*thinking, *acts]
    return blocks[1:] if blocks else [Block(Content.styled("nothing at all", "$muted"))]


def mark_line(bout: Bout) -> Content:
    """Say how the answers differ where that is not obvious, and of what the sheet has more."""
    mark = LIKENESS_WORDS[bout.duel.likeness]
    count = len(bout.duel.sheet.contenders)
    more = f"{number(count)} answers · each meets the best so far" if count > 2 else ""
    words = Content.styled(f"! they {mark}", "bold $warning") if mark else Content()
    gap = " · " if mark and more else ""
    return Content.assemble(" ", words, (gap, "$faint"), (more, "$muted"))


def creates_words(creates: Creates) -> str:
    """Say what an answer to this comparison creates."""
    if creates.left == creates.right == 0 and creates.none == 0:
        return "no answer gives a new pair"
    if creates.left == creates.right:
        return f"← or → gives {_pairs(creates.left)} · = or x gives {_pairs(creates.none)}"
    return f"← gives {_pairs(creates.left)} · → gives {_pairs(creates.right)}"


def reveal_words(bout: Bout) -> str:
    """Say where the two answers come from; for a comparison that is decided."""
    left, right = bout.sides
    sides = (" = ".join(source_words(one) for one in side.sources) for side in (left, right))
    return " · ".join(
        f"{name}: {one_line(words, 60)}" for name, words in zip(("left", "right"), sides, strict=True)
    )


def outcome_words(bout: Bout) -> str:
    """Say what was decided, by the side at which it stands."""
    better = bout.better
    if better in ("first", "second"):
        return "left is better" if better == bout.duel.left else "right is better"
    return {"tie": "equally good", "neither": "neither is good"}.get(better or "", "")


def _pairs(count: int) -> str:
    if count == 0:
        return "no pair"
    return f"{count:+d} pair" if count < 0 else ("one pair" if count == 1 else f"{count} pairs")


def _text(title: str, mine: str | None, theirs: str | None) -> list[Block]:
    mine, theirs = (mine or "").strip("\n"), (theirs or "").strip("\n")
    if not mine and not theirs:
        return []
    if not mine:
        return [BLANK, heading(title), Block(Content.styled("none", OTHER))]
    if mine == theirs:
        return [BLANK, _heading(title, "same"), Block(styled(shown(mine), "$muted")), *cut(mine)]
    if not theirs:
        return [BLANK, _heading(title, "the other has none"), Block(styled(shown(mine))), *cut(mine)]
    spans, others = differences(mine, theirs)
    if min(_share(mine, spans), _share(theirs, others)) > _THROUGHOUT:
        return [BLANK, _heading(title, "differs throughout"), Block(styled(shown(mine))), *cut(mine)]
    return [BLANK, heading(title), Block(_underlined(shown(mine), spans)), *cut(mine)]


def _heading(title: str, words: str) -> Block:
    return Block(Content.assemble((title, "bold $muted"), (f" · {words}", "$muted")))


def _share(text: str, spans: list[Span]) -> float:
    return sum(end - start for start, end in spans) / max(1, len(text))


def _underlined(text: str, spans: list[Span], style: str = "") -> Content:
    content = styled(text, style)
    for start, end in spans:
        content = content.stylize(OTHER, start, min(end, len(text)))
    return content


def _calls(mine: Output, theirs: Output) -> Iterator[Block]:
    if not mine.tool_calls and not theirs.tool_calls:
        return
    yield BLANK
    if not mine.tool_calls:
        yield heading("CALLS")
        yield Block(Content.styled("no call", OTHER))
        return
    others = [*theirs.tool_calls, *[None] * len(mine.tool_calls)]
    pairs = list(zip(mine.tool_calls, others, strict=False))
    is_same = len(mine.tool_calls) == len(theirs.tool_calls) and all(
        other is not None and same_call(call, other) for call, other in pairs
    )
    yield _heading("CALLS", "same") if is_same else heading("CALLS")
    for position, (call, other) in enumerate(pairs[:SHOWN_CALLS], 1):
        yield from _call(position, call, other)
    left = len(pairs) - SHOWN_CALLS
    if left > 0:
        yield Block(Content.styled(f"… {number(left)} more calls", "$muted"))


def _call(position: int, call: ToolCall, other: ToolCall | None) -> Iterator[Block]:
    is_other_tool = other is None or other.name != call.name
    name = styled(call.name or "(no name)", OTHER if is_other_tool else "bold $accent")
    status = f"  ! {call.status.replace('_', ' ')}" if call.status != "ok" else ""
    yield Block(Content.assemble(name, (status, "$warning")), Content.styled(f"{position} ", "bold"))
    theirs = other.arguments if other is not None and not is_other_tool else None
    width = min(_NAME_WIDTH, max(map(len, call.arguments), default=1))
    for key, value in call.arguments.items():
        yield _argument(key, width, value, theirs.get(key, _MISSING) if theirs is not None else value)
    for key in theirs or ():
        if key not in call.arguments:
            yield Block(Content.styled("not given", OTHER), _lead(key, width, True))
    if not call.arguments and not theirs:
        yield Block(Content.styled("no arguments", "$muted"), Content("    "))


def _argument(key: str, width: int, value: Any, other: Any) -> Block:
    text, style = _value_text(value), value_style(value)
    is_same = other is not _MISSING and same_value(value, other)
    if is_same or other is _MISSING:
        content = styled(shown(text), style if is_same else OTHER)
    else:
        spans, _ = differences(text, _value_text(other))
        content = _underlined(shown(text), spans or [(0, len(text))], style)
    return Block(content, _lead(key, width, not is_same))


def _lead(key: str, width: int, differs: bool) -> Content:
    mark = ("≠ ", "bold $warning") if differs else ("  ", "")
    return Content.assemble("  ", mark, (one_line(key, _NAME_WIDTH).ljust(width), "$muted"), "  ")


def _value_text(value: Any) -> str:
    if isinstance(value, str):
        return value if "\n" in value else f'"{value}"'
    return json.dumps(
        value, ensure_ascii=False, indent=2 if isinstance(value, dict | list) and value else None
    )


def _broken(mine: Candidate, theirs: Candidate) -> Iterator[Block]:
    for problem in mine.output.problems:
        text = mine.raw[slice(*problem.span)] if problem.span else problem.message
        is_same = any(text == theirs.raw[slice(*one.span)] for one in theirs.output.problems if one.span)
        yield BLANK
        yield Block(
            Content.styled("✗ unusable: ", "bold $error") + styled(problem.code.replace("_", " "), "$error")
        )
        bar = Content.styled("  │ ", "$error")
        yield Block(styled(shown(text), "" if is_same else OTHER), bar, bar)
