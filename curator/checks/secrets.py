"""Finds secrets and personal data in what a turn adds: its output, its calls, its new messages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from curator.checks.registry import Context, check
from curator.checks.support.private import SECRET_KINDS, find_private, prompt_text
from curator.model import Evidence, Field, Finding, Severity, ToolCall, Turn

_BETWEEN = "\n\n"


@check("secret", "error", "Secret or personal data")
def secret(turn: Turn, _context: Context) -> Iterable[Finding]:
    """Look for keys, tokens and passwords (errors), and for personal data (warnings).

    Personal data are home folders, mail addresses, telephone, account and card numbers, public addresses.
    Earlier messages of the prompt belong to earlier turns and are not looked at again.
    """
    parts = [*_output(turn), *_new_messages(turn)]
    if not find_private(_BETWEEN.join(part.text for part in parts)):
        return
    known: set[str] = set()
    for part in parts:
        for kind, start, end in find_private(part.text):
            shown = part.text[start:end]
            if shown not in known:
                known.add(shown)
                yield _finding(kind, part, start, end)


class _Part(NamedTuple):
    """A text of the turn; evidence in it counts from ``offset``, or points at the call of that number."""

    text: str
    where: str
    field: Field
    offset: int = 0


def _output(turn: Turn) -> Iterator[_Part]:
    """Yield the calls and the raw output; where the log held fields these, for its JSON text escapes them."""
    output = turn.output
    if turn.structured:
        yield _Part(output.thinking or "", "the thinking", "thinking")
        yield _Part(output.content or "", "the content", "content")
    else:
        yield _Part(turn.raw, "the output", "raw")
    for number, call in enumerate(output.tool_calls):
        yield _Part(_arguments(call), f"the arguments of {call.name}", "calls", number)


def _new_messages(turn: Turn) -> Iterator[_Part]:
    count = len(turn.prompt)
    first = next((at + 1 for at in reversed(range(count)) if turn.prompt[at].role == "assistant"), 0)
    if first == count:
        return
    offset = len(prompt_text(turn.prompt[:first])) + bool(first)
    for message in turn.prompt[first:]:
        yield _Part(message.content, f"a {message.role} message", "prompt", offset)
        offset += len(message.content) + 1


def _arguments(call: ToolCall) -> str:
    """Return every string among the arguments behind its name, as an assignment."""
    return "\n".join(f'{name}="{text}"' for name, text in _strings("", call.arguments))


def _strings(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _strings(key, one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(name, one)


def _finding(kind: str, part: _Part, start: int, end: int) -> Finding:
    severity: Severity = "error" if kind in SECRET_KINDS else "warning"
    article = "an" if kind[0] in "aeiouAEIOU" else "a"
    place = (0, 1) if part.field == "calls" else (start, end)
    evidence = Evidence(part.field, part.offset + place[0], part.offset + place[1])
    return Finding("secret", severity, f"{article} {kind} in {part.where}", (evidence,))
