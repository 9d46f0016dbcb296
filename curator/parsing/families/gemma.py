"""Gemma 4: ``<|tool_call>call:N{k:<|"|>s<|"|>,n:1}<tool_call|>``; FunctionGemma has other tags.

Values are written in a notation of their own: bare keys, strings between quote marks that are one
token each. Thinking stands between ``<|channel>thought`` and ``<channel|>``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from curator.model import Problem, ToolCall
from curator.parsing.json_calls import REPAIRED, status_of
from curator.parsing.json_values import MAX_DEPTH, Invalid, load_exact
from curator.parsing.registry import THINK, Delimiters, Read, Syntax, register
from curator.parsing.scan import Scan

ID, SMALL_ID = "gemma4", "functiongemma"
CHANNEL, CHANNEL_CLOSE = "<|channel>", "<channel|>"

_HEAD = re.compile(r"\s*+(call)?\s*+:\s*+([^\s{}<>:,]{1,300})\s*+(?=\{)")
_BARE = re.compile(r"true|false|null|[-+]?[\d.][\w.+-]*")
_SIMPLE_KEY = re.compile(r"[\w.-][\w. -]*[\w.-]|[\w.-]")
_TORN = re.compile(r"\s*+(?:call)?\s*+:\s*+([^\s{}<>:,]{0,300})")
_EMPTY_THOUGHT = re.compile(r"(?:<\|channel>){1,4}(?:thought)?\s*<channel\|>(?:\s*<channel\|>)*")


class Spelling(NamedTuple):
    """The tags and quote marks of one generation."""

    id: str
    open: str
    close: str
    quote: str
    token: re.Pattern[str]


def _spelling(name: str, start: str, close: str, quote: str) -> Spelling:
    mark = re.escape(quote)
    text = rf"{mark}(?P<text>(?:(?!{mark}).)*+){mark}"
    token = rf"\s*+(?:(?P<mark>[{{}}\[\]:,])|{text}|(?P<bare>[^{{}}\[\]:,<]++))"
    return Spelling(name, start, close, quote, re.compile(token, re.DOTALL))


GEMMA = _spelling(ID, "<|tool_call>", "<tool_call|>", '<|"|>')
SMALL = _spelling(SMALL_ID, "<start_function_call>", "<end_function_call>", "<escape>")


def read(scan: Scan, marker: str, at: int) -> Read | None:
    """Read the call at ``at``, or an empty or stray mark of thinking."""
    if marker in (CHANNEL, CHANNEL_CLOSE):
        return _stray(scan, marker, at)
    return _call(scan, GEMMA, at)


def read_small(scan: Scan, marker: str, at: int) -> Read | None:
    """Read the call of FunctionGemma at ``at``."""
    return _call(scan, SMALL, at)


def render(calls: Sequence[ToolCall]) -> str:
    """Return one block a call, one directly after another."""
    return "".join(_written(call, GEMMA) for call in calls)


def render_small(calls: Sequence[ToolCall]) -> str:
    """Return one block a call in the spelling of FunctionGemma."""
    return "".join(_written(call, SMALL) for call in calls)


def _written(call: ToolCall, spelling: Spelling) -> str:
    return f"{spelling.open}call:{call.name}{_notation(call.arguments, spelling.quote)}{spelling.close}"


def _notation(value: Any, quote: str) -> str:
    if isinstance(value, dict):
        pairs = (f"{_key(key, quote)}:{_notation(one, quote)}" for key, one in value.items())
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_notation(one, quote) for one in value) + "]"
    return f"{quote}{value}{quote}" if isinstance(value, str) else json.dumps(value)


def _key(key: str, quote: str) -> str:
    return key if _SIMPLE_KEY.fullmatch(key) else f"{quote}{key}{quote}"


def _call(scan: Scan, spelling: Spelling, at: int) -> Read | None:
    """Read name and arguments, and the close tag where there is one."""
    head = _HEAD.match(scan.text, at + len(spelling.open))
    if head is None:
        torn = _TORN.match(scan.text, at + len(spelling.open))
        return _unusable(scan, spelling, at, torn.end(), f"{torn.group(1)}: no arguments") if torn else None
    reader = _Notation(scan.text, head.end(), spelling)
    try:
        arguments = reader.value()
    except Invalid as problem:
        return _unusable(scan, spelling, at, reader.at, f"{head.group(2)}: {problem}")
    notes = reader.notes + ([] if head.group(1) else ["the word call is missing"])
    end = scan.skip_space(reader.at)
    if scan.text.startswith(spelling.close, end):
        end += len(spelling.close)
    else:
        end = reader.at
        notes.append("the close tag is missing")
    name, span = head.group(2), (at, end)
    call = ToolCall(name, arguments, spelling.id, status_of(name, scan, notes), span)
    return Read(*span, (call,), (Problem(REPAIRED, "; ".join(notes), span),) if notes else ())


def _unusable(scan: Scan, spelling: Spelling, at: int, reached: int, why: str) -> Read:
    """Return the problem of a call that cannot be used, up to its close tag if it has one."""
    limit = scan.find_or_end(spelling.open, reached)
    close = scan.find(spelling.close, reached)
    if close == -1 or close > limit:
        problem = Problem("unclosed", "the output ends within the call", (at, limit))
        return Read(at, limit, problems=(problem,))
    end = close + len(spelling.close)
    return Read(at, end, problems=(Problem("malformed", why, (at, end)),))


def _stray(scan: Scan, marker: str, at: int) -> Read | None:
    """Take an empty thought that comes later as nothing; other marks of thinking are a problem."""
    if scan.is_quoted(at, at + len(marker)):
        return None
    empty = _EMPTY_THOUGHT.match(scan.text, at)
    end = empty.end() if empty else at + len(marker)
    problem = Problem("malformed", "a mark of thinking that opens or closes nothing", (at, end))
    return Read(at, end, problems=(problem,))


class _Notation:
    """Reads one object in Gemma's notation from ``at`` on, without recursion."""

    def __init__(self, text: str, at: int, spelling: Spelling) -> None:
        self.text = text
        self.at = at
        self.token = spelling.token
        self.notes: list[str] = []
        self.open: list[dict[str, Any] | list[Any]] = []
        self.key: list[str | None] = []
        """Per open container the key that waits for its value."""
        self.root: Any = None

    def value(self) -> dict[str, Any]:
        """Return the object; ``at`` is then where it ends."""
        while True:
            match = self.token.match(self.text, self.at)
            if match is None:
                raise Invalid("the arguments are torn")
            self.at = match.end()
            mark = match.group("mark")
            if mark is None:
                self._scalar(match)
            elif mark in "{[":
                self._begin({} if mark == "{" else [])
            elif mark in "}]":
                self._end(dict if mark == "}" else list)
            elif mark == ":":
                raise Invalid("a colon without a key")
            if not self.open:
                return dict(self.root)

    def _scalar(self, match: re.Match[str]) -> None:
        quoted, bare = match.group("text"), (match.group("bare") or "").strip()
        if isinstance(self.open[-1], dict) and self.key[-1] is None:
            self.key[-1] = bare if quoted is None else quoted
            colon = self.token.match(self.text, self.at)
            if colon is None or colon.group("mark") != ":":
                raise Invalid("a key without a value")
            self.at = colon.end()
        else:
            self._put(self._bare(bare) if quoted is None else quoted)

    def _bare(self, text: str) -> Any:
        if _BARE.fullmatch(text):
            try:
                return load_exact(text, self.notes)
            except ValueError:
                pass
        if "a string without quote marks" not in self.notes:
            self.notes.append("a string without quote marks")
        return text

    def _begin(self, container: dict[str, Any] | list[Any]) -> None:
        if len(self.open) >= MAX_DEPTH:
            raise Invalid(f"nested deeper than {MAX_DEPTH} levels")
        if self.open:
            self._put(container)
        else:
            self.root = container
        self.open.append(container)
        self.key.append(None)

    def _end(self, kind: type) -> None:
        if not isinstance(self.open[-1], kind) or self.key[-1] is not None:
            raise Invalid("a bracket where none belongs")
        self.open.pop()
        self.key.pop()

    def _put(self, value: Any) -> None:
        target, key = self.open[-1], self.key[-1]
        if isinstance(target, list):
            target.append(value)
        elif key is None:
            raise Invalid("a value without a key")
        else:
            target[key] = value
            self.key[-1] = None


register(
    Syntax(
        ID,
        (GEMMA.open, CHANNEL, CHANNEL_CLOSE),
        read,
        render,
        families=("gemma-4",),
        rank=30,
        thinking=Delimiters(CHANNEL, CHANNEL_CLOSE, "thought"),
    )
)
register(Syntax(SMALL_ID, (SMALL.open,), read_small, render_small, rank=30, thinking=THINK))
