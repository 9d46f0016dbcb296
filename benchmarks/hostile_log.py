"""Logs that try to steer a terminal, to break a layout or to take all the time there is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

MARKUP = "[red]x[/red] [/] [@click=app.quit]x[/] [link=file:///etc/passwd]x[/] \\[b] [[ ]]"
CONTROLS = (
    "\x1b[2J",
    "\x1b[31;45;5m",
    "\x1b[?1049l",
    "\x1b[6n",
    "\x1b]0;owned\x07",
    "\x1b]52;c;b3duZWQ=\x07",
    "\x1b]8;;http://owned.example\x1b\\",
    "\x1bP+q544e\x1b\\",
    "\x1b_Gowned\x1b\\",
    "\x1bc",
    "\x9b31;45;5m",
    "\x9d0;owned\x9c",
    "\x90owned\x9c",
)
"""Sequences that clear, colour, ask, set a title or the clipboard, link, reset; also in eight bits."""
BIDI = "\u202eevil\u202c \u2066left\u2069 \u061c \u200f \u2028line\u2029paragraph"
INVISIBLE = "zero\u200bwidth\u200c\u200d\ufeff \u00ad \U000e0041\U000e007f \ufff9a\ufffab\ufffb"
STORM = "Z" + "\u0301\u0327\u035b" * 700 + " after"
WIDE = "漢字かな ｶﾅ 한글 👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇩🇪 e\u0301 ☺️ ｆｕｌｌ ⠿ ﷽"
C0 = "".join(chr(code) for code in range(32)) + "\x7f"
STEERING = " ".join((*CONTROLS, BIDI))

_TOOL = {"type": "function", "function": {"name": "note", "parameters": {"type": "object", "properties": {}}}}


class Size(NamedTuple):
    """How much of everything."""

    line: int = 10_000_000
    calls: int = 10_000
    thinking: int = 1_000_000
    nesting: int = 3000


def write_hostile_log(path: Path, size: Size = Size()) -> list[str]:
    """Write a log with one session per attack; return their names in the order of the log."""
    names = []
    with path.open("w", encoding="utf-8") as file:
        for name, row in _attacks(size):
            file.write((row if isinstance(row, str) else json.dumps(row)) + "\n")
            names.append(name)
    return names


def _attacks(size: Size) -> Iterator[tuple[str, dict[str, Any] | str]]:
    for name, text in (
        ("markup", MARKUP),
        ("controls", STEERING),
        ("bidi", BIDI),
        ("invisible", INVISIBLE),
        ("storm", STORM),
        ("wide", WIDE * 40),
        ("c0", C0),
    ):
        yield name, _everywhere(name, text)
    yield (
        "surrogates",
        json.dumps(_everywhere("surrogates", "SURROGATE")).replace("SURROGATE", "\\ud800x\\udc00"),
    )
    yield "long line", _row("long line", "Read it.", _called("note", {"text": "a"}), result="x" * size.line)
    yield "long words", _row("long words", "Read it.", _called("note", {"text": "wörd " * (size.line // 50)}))
    calls = "".join(_call("note", {"number": n}) for n in range(size.calls))
    yield "many calls", _row("many calls", "Note it.", f"<think>\nMany.\n</think>\n\n{calls}")
    sentence = "I should call note, or not. " + STEERING + "\n"
    thinking = sentence * (size.thinking // len(sentence) + 1)
    yield "long thinking", _row("long thinking", "Think.", f"<think>\n{thinking}\n</think>\n\nDone.")
    lines = "\n".join(str(n) for n in range(size.thinking // 5))
    yield "many lines", _row("many lines", "Think.", f"<think>\n{lines}\n</think>\n\nDone.")
    deep = '{"a":' * size.nesting + "1" + "}" * size.nesting
    call = f'<tool_call>\n{{"name": "note", "arguments": {deep}}}\n</tool_call>'
    yield "nesting", _row("nesting", "Nest it.", f"<think>\nDeep.\n</think>\n\n{call}")


def _everywhere(name: str, text: str) -> dict[str, Any]:
    """Return a row that has the text in every place that a log has."""
    row = _row(name, f"{name}: {text}", _called(text, {text: text, "list": [text, {text: text}]}, text), text)
    row |= {"session_id": f"{name} {text}", "model": text, "timestamp": text}
    row["tools"] = [{**_TOOL, "function": {"name": text, "description": text}}]
    return row


def _row(name: str, request: str, answer: str, result: str | None = None) -> dict[str, Any]:
    messages = [{"role": "user", "content": request}, {"role": "assistant", "content": answer}]
    if result is not None:
        messages += [{"role": "tool", "content": result}, {"role": "assistant", "content": f"{name}: done."}]
    return {"session_id": name, "id": name, "model": "m", "messages": messages, "tools": [_TOOL]}


def _called(name: str, arguments: dict[str, Any], thought: str = "I note it.") -> str:
    return f"<think>\n{thought}\n</think>\n\n{_call(name, arguments)}"


def _call(name: str, arguments: dict[str, Any]) -> str:
    call = json.dumps({"name": name, "arguments": arguments}, ensure_ascii=False)
    return f"<tool_call>\n{call}\n</tool_call>\n"
