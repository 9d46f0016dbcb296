"""Reads calls written as Python, ``f(a=1, b='x')``, and writes them; nothing is ever evaluated.

Nothing here recurses, and every function is linear in the text it is given.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from keyword import iskeyword
from typing import Any, NamedTuple

from curator.model import ToolCall
from curator.parsing.json_values import MAX_DEPTH, Invalid, whole_text
from curator.parsing.scan import Scan

_TRIPLE = r'"""[^"\\]*+(?:(?:\\.|"(?!""))[^"\\]*+)*+"""|' + r"'''[^'\\]*+(?:(?:\\.|'(?!''))[^'\\]*+)*+'''"
_SINGLE = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|' + r"'[^'\\]*+(?:\\.[^'\\]*+)*+'"
_TOKEN = re.compile(
    rf"\s*+(?:(?P<string>[rRbBuU]?(?:{_TRIPLE}|{_SINGLE}))"
    r"|(?P<number>[+-]?(?:\d[\d_]*+(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d{1,3}+)?)(?![\w.])"
    r"|(?P<word>[A-Za-z_][\w-]*+(?:[./:][A-Za-z_][\w-]*+)*+)"
    r"|(?P<mark>\*\*|[()\[\]{},=:;]))",
    re.DOTALL,
)
_ESCAPE = re.compile(
    r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|([0-7]{1,3})|(.))", re.DOTALL
)
_PLAIN = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "a": "\a", "v": "\v", "0": "\0", "\n": ""}
_WORDS = {"True": True, "true": True, "False": False, "false": False, "None": None, "null": None}
_CLOSERS = {"(": ")", "[": "]", "{": "}"}
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")


class PythonCall(NamedTuple):
    """One call at ``[start, end)`` of the text."""

    name: str
    arguments: dict[str, Any]
    start: int
    end: int
    notes: tuple[str, ...] = ()


class Stopped(Invalid):
    """The text is no call from ``at`` on; ``is_cut`` where it ends before the call does."""

    def __init__(self, message: str, at: int, is_cut: bool = False) -> None:
        super().__init__(message)
        self.at = at
        self.is_cut = is_cut


def call_at(scan: Scan, at: int, end: int) -> PythonCall:
    """Return the call that starts at ``at`` and ends by ``end``.

    Positional arguments get the names of the tool's parameters, in order, where it is known.

    Raises:
        Stopped: where no call stands there, or one that would need evaluation.
    """
    return _Builder(scan, at, end).call()


def written(call: ToolCall) -> str:
    """Return the call as Python; keys that are no Python names stand in ``**{…}``."""
    plain = {key: value for key, value in call.arguments.items() if _is_name(key)}
    other = {key: value for key, value in call.arguments.items() if key not in plain}
    parts = [f"{key}={value!r}" for key, value in plain.items()]
    return f"{call.name}({', '.join([*parts, *([f'**{other!r}'] if other else [])])})"


def written_list(calls: Sequence[ToolCall]) -> str:
    """Return the calls as one Python list."""
    return f"[{', '.join(map(written, calls))}]"


def _is_name(key: str) -> bool:
    return bool(_IDENTIFIER.fullmatch(key)) and key not in _WORDS and not iskeyword(key)


class _Builder:
    """Builds one call token by token."""

    def __init__(self, scan: Scan, at: int, end: int) -> None:
        self.scan = scan
        self.at = at
        self.end = end
        self.notes: list[str] = []
        self.open: list[dict[str, Any] | list[Any]] = []
        self.closers: list[str] = []
        self.key: list[Any] = []
        """Per open container the key that waits for its value."""
        self.has_key: list[bool] = []
        self.ready = True
        """True where a value may follow: after an opening bracket, a comma or a key."""
        self.positional: list[Any] = []

    def call(self) -> PythonCall:
        start = self.scan.skip_space(self.at)
        name = self._next()
        bracket = self._next()
        if name.lastgroup != "word" or bracket.group("mark") != "(":
            raise Stopped("no call", start)
        arguments: dict[str, Any] = {}
        self._begin("(", arguments)
        while self.open:
            self._take(self._next())
        self._name_positional(name["word"], arguments)
        return PythonCall(name["word"], arguments, start, self.at, tuple(dict.fromkeys(self.notes)))

    def _next(self) -> re.Match[str]:
        match = _TOKEN.match(self.scan.text, self.at, self.end)
        if match is None:
            at = self.scan.skip_space(self.at)
            rest = self.scan.text[at : min(at + 3, self.end)]
            is_cut = at >= self.end or rest[:1] in ("'", '"')
            raise Stopped("the text ends within it" if is_cut else f"unexpected {rest[:1]!r}", at, is_cut)
        self.at = match.end()
        return match

    def _take(self, match: re.Match[str]) -> None:
        kind = str(match.lastgroup)
        token = match[kind]
        if kind == "mark":
            self._mark(token)
        elif kind == "word":
            self._word(token)
        elif kind == "string":
            self._string(_unquoted(token))
        else:
            self._put(self._number(token))

    def _mark(self, token: str) -> None:
        if token in _CLOSERS:
            container: dict[str, Any] | list[Any] = {} if token == "{" else []
            self._put(container)
            self._begin(token, container)
        elif token == "**":
            self._begin_spread()
        elif token == self.closers[-1]:
            self._close()
        elif token == "," and not self.ready:
            self.ready = True
        elif token == ":" and self.closers[-1] == "}" and not self.has_key[-1] and not self.ready:
            self.has_key[-1] = self.ready = True
        else:
            raise Stopped(f"unexpected {token!r}", self.at - len(token))

    def _word(self, token: str) -> None:
        after = self.scan.skip_space(self.at)
        is_key = self.closers[-1] == ")" and isinstance(self.open[-1], dict) and not self.has_key[-1]
        if is_key and self.ready and self.scan.text[after : min(after + 1, self.end)] == "=":
            self.at = after + 1
            self.key[-1], self.has_key[-1] = token, True
            if token in self.open[-1]:
                self.notes.append(f"{token} is given twice")
        elif token in _WORDS:
            self._put(_WORDS[token])
        else:
            raise Stopped(f"{token[:20]!r} is no literal", self.at - len(token))

    def _number(self, token: str) -> int | float:
        digits = token.replace("_", "")
        try:
            if re.fullmatch(r"[+-]?\d+", digits):
                if len(digits.lstrip("+-")) > 1 and digits.lstrip("+-").startswith("0"):
                    self.notes.append("a number with leading zeros")
                return int(digits)
            value = float(digits)
        except ValueError:
            raise Stopped("a number that cannot be read", self.at - len(token)) from None
        if value in (float("inf"), float("-inf")):
            raise Stopped("a number that is too large", self.at - len(token))
        return value

    def _string(self, text: str) -> None:
        container = self.open[-1]
        if isinstance(container, list) and not self.ready and isinstance(container[-1], str):
            container[-1] += text
            self.notes.append("strings without a comma between")
            return
        self._put(text)

    def _begin(self, bracket: str, container: dict[str, Any] | list[Any]) -> None:
        if len(self.open) > MAX_DEPTH:
            raise Stopped(f"nested deeper than {MAX_DEPTH} levels", self.at)
        self.open.append(container)
        self.closers.append(_CLOSERS[bracket])
        self.key.append(None)
        self.has_key.append(False)
        self.ready = True

    def _begin_spread(self) -> None:
        """Open ``**{…}``, whose items become arguments."""
        bracket = self._next()
        if len(self.open) != 1 or not self.ready or bracket.group("mark") != "{":
            raise Stopped("** without an object", self.at)
        self._begin("{", self.open[0])

    def _close(self) -> None:
        if self.has_key[-1]:
            raise Stopped("a key without a value", self.at)
        if self.closers[-1] == "}" and not self.ready and self.key[-1] is not None:
            raise Stopped("a set instead of an object", self.at)
        self.open.pop()
        self.closers.pop()
        self.key.pop()
        self.has_key.pop()
        self.ready = False

    def _put(self, value: Any) -> None:
        if not self.ready:
            raise Stopped("a comma is missing", self.at)
        target = self.open[-1]
        self.ready = False
        if isinstance(target, list):
            target.append(value)
        elif self.has_key[-1]:
            target[self.key[-1]] = value
            self.key[-1], self.has_key[-1] = None, False
        elif self.closers[-1] == "}":
            if isinstance(value, (dict, list)):
                raise Stopped("a key that is no string", self.at)
            self.key[-1] = value if isinstance(value, str) else str(value)
        elif len(self.open) == 1:
            self.positional.append(value)
        else:
            raise Stopped("a value without a name", self.at)

    def _name_positional(self, name: str, arguments: dict[str, Any]) -> None:
        tool = self.scan.tools.get(name)
        properties = (tool.parameters or {}).get("properties") if tool else None
        names = [one for one in properties if one not in arguments] if isinstance(properties, dict) else []
        if len(self.positional) > len(names):
            raise Stopped("arguments without names", self.at)
        if self.positional:
            self.notes.append("arguments without names were given those of the tool, in order")
            arguments.update(zip(names, self.positional, strict=False))


def _unquoted(token: str) -> str:
    prefix, body = ("", token) if token[0] in "'\"" else (token[0], token[1:])
    width = 3 if body[:3] in ("'''", '"""') and len(body) >= 6 else 1
    inner = body[width:-width]
    return inner if prefix in ("r", "R") or "\\" not in inner else whole_text(_ESCAPE.sub(_decoded, inner))


def _decoded(match: re.Match[str]) -> str:
    short, long, byte, octal, other = match.groups()
    if digits := short or long or byte:
        code = int(digits, 16)
        return chr(code) if code < 0x110000 else match.group()
    if octal and octal != "0":
        return chr(int(octal, 8))
    return _PLAIN.get(octal or other, other if other in ("\\", "'", '"') else match.group())
