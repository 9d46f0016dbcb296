"""What a correction is while it is written, and how it becomes one. Pure: no widget, no store."""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from curator.model import Correction, Output, Taken, ToolCall, ToolSpec
from curator.text import display_text

if TYPE_CHECKING:
    from curator.review.desk import Preview


class CallDraft(Struct, frozen=True):
    """A call as it is being written: its arguments are text, JSON or not yet."""

    name: str
    text: str = "{}"
    good: str = "{}"
    """The last text that was JSON: what other views show while this one is not."""

    @property
    def reads(self) -> bool:
        """Whether the text is JSON now."""
        return self.text == self.good

    def edited(self, text: str) -> CallDraft:
        """Return the call with another text."""
        return replace(self, text=text, good=text if _reads(text) else self.good)

    def arguments(self) -> dict[str, Any]:
        """Return the arguments, while the text is no JSON those that it last had. Not to be changed."""
        return read_arguments(self.good)


class Draft(Struct, frozen=True):
    """Everything in the editor."""

    calls: tuple[CallDraft, ...] = ()
    thinking: str = ""
    content: str = ""
    target: str | None = None
    """The turn as text in the target syntax, while that text cannot be read."""
    taken: Taken | None = None
    """The answer that it was filled with, where it was."""

    def correction(self) -> Correction:
        """Return the correction that this draft says.

        Raises:
            ValueError: Arguments are not a JSON object, or a call has no tool; the message says which.
        """
        return self._correction(tuple(_call(n, call, call.text) for n, call in enumerate(self.calls, 1)))

    def last_good(self) -> Correction:
        """Return what this draft said when everything in it could last be read."""
        return self._correction(tuple(ToolCall(call.name, call.arguments()) for call in self.calls))

    def _correction(self, calls: tuple[ToolCall, ...]) -> Correction:
        return Correction(
            thinking=self.thinking if self.thinking.strip() else None,
            content=self.content if self.content.strip() else None,
            tool_calls=calls,
            taken=self.taken,
        )


class Saved(Struct, frozen=True):
    """What the editor hands over: the correction, and whether to save it in spite of violations."""

    correction: Correction
    anyway: bool


def draft_of(output: Output | Correction) -> Draft:
    """Return the draft that says what an output or a standing correction says."""
    taken = output.taken if isinstance(output, Correction) else None
    calls = tuple(map(call_draft, output.tool_calls))
    return Draft(calls, output.thinking or "", output.content or "", taken=taken)


def call_draft(call: ToolCall) -> CallDraft:
    """Return the draft of a call."""
    text = write_arguments(call.arguments)
    return CallDraft(call.name, text, text)


def added(draft: Draft, at: int, *calls: CallDraft) -> Draft:
    """Return the draft with calls put in before the one at ``at``."""
    return replace(draft, calls=(*draft.calls[:at], *calls, *draft.calls[at:]), target=None)


def removed(draft: Draft, at: int) -> Draft:
    """Return the draft without a call."""
    return replace(draft, calls=(*draft.calls[:at], *draft.calls[at + 1 :]), target=None)


def moved(draft: Draft, at: int, by: int) -> Draft:
    """Return the draft with a call moved among the others; what would leave the list stays."""
    if not 0 <= at + by < len(draft.calls):
        return draft
    return added(removed(draft, at), at + by, draft.calls[at])


def changed(draft: Draft, at: int, call: CallDraft) -> Draft:
    """Return the draft with another call in the place of one."""
    return added(removed(draft, at), at, call)


def with_tool(call: CallDraft, tool: ToolSpec) -> CallDraft:
    """Return the call as one of another tool, with those of its arguments that fit."""
    return call_draft(ToolCall(tool.name, fitting(tool, call.arguments())))


def fitting(tool: ToolSpec, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments that a tool has too, and its required ones that can only be one value.

    Others that it requires are left out: an empty text in their place would pass for an answer.
    """
    schema = tool.parameters or {}
    properties = schema.get("properties")
    if not isinstance(properties, dict) or not properties:
        return arguments
    kept = {name: value for name, value in arguments.items() if name in properties}
    required = schema.get("required")
    for name in required if isinstance(required, list) else ():
        rule = properties.get(name)
        known = [rule[key] for key in ("const", "default") if isinstance(rule, dict) and key in rule]
        if known and name not in kept:
            kept[name] = known[0]
    return kept


def write_arguments(arguments: dict[str, Any]) -> str:
    """Write arguments as JSON for a text field; characters that cannot be shown are escaped."""
    text = json.dumps(arguments, ensure_ascii=False, indent=2)
    shown = display_text(text)
    if shown == text:
        return text
    return "".join(c if c == s else _escape(c) for c, s in zip(text, shown, strict=True))


@lru_cache(maxsize=256)
def read_arguments(text: str) -> dict[str, Any]:
    """Read the arguments of a call. The object is shared: not to be changed.

    Raises:
        ValueError: The text is not one JSON object; the message says where it goes wrong.
    """
    try:
        value = json.loads(
            text, parse_constant=_no_constant, parse_float=_finite, object_pairs_hook=_no_duplicates
        )
    except json.JSONDecodeError as error:
        reason = error.msg[:1].lower() + error.msg[1:]
        raise ValueError(f"no JSON: {reason} (line {error.lineno}, column {error.colno})") from error
    except RecursionError as error:
        raise ValueError("no JSON: it is nested too deep") from error
    if not isinstance(value, dict):
        raise ValueError("the arguments must be an object: { … }")
    return value


def restored(text: str, original: str) -> str:
    """Return edited text with the characters back that could not be shown and were not edited."""
    shown = display_text(original)
    if shown == original:
        return text
    pieces: list[str] = []
    for tag, start, end, new_start, new_end in difflib.SequenceMatcher(
        None, shown, text, False
    ).get_opcodes():
        pieces.append(original[start:end] if tag == "equal" else text[new_start:new_end])
    return "".join(pieces)


def output_lines(output: Output | Correction) -> list[str]:
    """Write an output as lines for a comparison."""
    lines = _section("thinking", output.thinking)
    for position, call in enumerate(output.tool_calls, 1):
        lines.append(f"call {position}: {call.name}")
        lines += [f"  {line}" for line in write_arguments(call.arguments).splitlines()]
    return [display_text(line, keep_newlines=False) for line in lines + _section("answer", output.content)]


def difference(before: Sequence[str], after: Sequence[str]) -> list[tuple[str, str]]:
    """Return (sign, line) pairs: ``-`` only logged, ``+`` only corrected, space in both, ``…`` left out."""
    lines: list[tuple[str, str]] = []
    for line in difflib.unified_diff(before, after, n=2, lineterm=""):
        if line.startswith(("---", "+++")) and len(lines) < 2 and not line[3:].strip():
            continue
        lines.append(("…", "") if line.startswith("@@") else (line[0], line[1:]))
    return lines[1:] if lines[:1] == [("…", "")] else lines


def creates(preview: Preview) -> str:
    """Say what saving will create."""
    rows = ["1 SFT row"] if preview.sft is not None else []
    if preview.pair is not None:
        rows.append("1 preference pair (chosen: your correction, rejected: the logged output)")
    elif preview.sft is not None:
        rows.append("no pair: it says what was logged")
    return " · ".join(rows) or "nothing that could be trained on"


def _call(position: int, call: CallDraft, text: str) -> ToolCall:
    if not call.name:
        raise ValueError(f"call {position} has no tool yet")
    try:
        return ToolCall(call.name, read_arguments(text))
    except ValueError as error:
        raise ValueError(f"call {position}: {error}") from error


def _reads(text: str) -> bool:
    try:
        read_arguments(text)
    except ValueError:
        return False
    return True


def _no_constant(name: str) -> Any:
    raise ValueError(f"no JSON: {name} is not a JSON number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"no JSON: {digits[:40]} is too large for a number")
    return number


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name, value in pairs:
        if name in result:
            raise ValueError(f"{name} stands there twice")
        result[name] = value
    return result


def _escape(character: str) -> str:
    return json.dumps(character)[1:-1]


def _section(title: str, text: str | None) -> list[str]:
    if not text or not text.strip():
        return []
    return [f"{title}:", *(f"  {line}" for line in _sentences(text))]


def _sentences(text: str) -> Iterable[str]:
    return text.strip("\n").splitlines()
