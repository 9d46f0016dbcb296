"""Reads JSON as models write it: where a value ends, and what it says once small faults are mended.

Nothing here recurses in Python, and every function is linear in the text it is given.
"""

from __future__ import annotations

import json
import re
from typing import Any

MAX_DEPTH = 200

_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_STRUCTURE = re.compile(_STRING + r'|[{}\[\]]|[<"\\]', re.DOTALL)
_TOKEN = re.compile(
    r"\s*+(?:(?P<mark>[{}\[\]:,])"
    rf"|(?P<double>{_STRING})"
    r"|(?P<single>'[^'\\]*+(?:\\.[^'\\]*+)*+')"
    r"|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?)(?![\w.])"
    r"|(?P<word>[A-Za-z_][\w.-]*+))",
    re.DOTALL,
)
_BAD_ESCAPE = re.compile(r'\\(?:(["\\/bfnrt]|u[0-9a-fA-F]{4})|(.))', re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")
_WORDS = {"true": True, "True": True, "false": False, "False": False, "null": None, "None": None}


class Invalid(ValueError):
    """The text holds no JSON value, not even with its faults mended."""


def value_end(text: str, at: int) -> int:
    """Return where the object or array that starts at ``at`` ends, or -1 where it does not.

    Brackets are counted outside strings only; text that no JSON has there (``<``) ends the search.
    """
    depth = 0
    for match in _STRUCTURE.finditer(text, at):
        mark = match.group()
        if mark in "{[":
            depth += 1
        elif mark in "}]":
            depth -= 1
            if depth <= 0:
                return match.end() if depth == 0 else -1
        elif len(mark) == 1:
            return -1
    return -1


def load(text: str, notes: list[str]) -> Any:
    """Return the JSON value of ``text``; what had to be mended is added to ``notes``.

    Raises:
        Invalid: when ``text`` cannot be mended without guessing at its meaning.
    """
    try:
        return load_exact(text, notes)
    except Invalid:
        raise
    except ValueError:
        return _checked(_load_mended(text, notes), text, notes)


def load_exact(text: str, notes: list[str]) -> Any:
    """Return the value of text that is JSON as it stands.

    Raises:
        Invalid: when it is nested too deep.
        ValueError: when it is not JSON.
    """
    if text.count("{") + text.count("[") > MAX_DEPTH and _depth(text) > MAX_DEPTH:
        raise Invalid(f"nested deeper than {MAX_DEPTH} levels")
    return _checked(_EXACT.decode(text), text, notes)


def _load_mended(text: str, notes: list[str]) -> Any:
    try:
        value = _LOOSE.decode(text)
    except ValueError:
        return _Mender(text, notes).value()
    notes.append("a raw line break or control character in a string")
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _finite(digits: str) -> float:
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise ValueError("a number that is too large")
    return value


_EXACT = json.JSONDecoder(parse_constant=_no_constant, parse_float=_finite)
_LOOSE = json.JSONDecoder(parse_constant=_no_constant, parse_float=_finite, strict=False)


def _checked(value: Any, text: str, notes: list[str]) -> Any:
    return _without_surrogates(value, notes) if "\\ud" in text or "\\uD" in text else value


def _depth(text: str) -> int:
    depth = deepest = 0
    for match in _STRUCTURE.finditer(text):
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(match.group(), 0)
        deepest = max(deepest, depth)
    return deepest


def whole_text(text: str) -> str:
    """Return ``text`` with surrogate pairs joined, and lone halves replaced, which no UTF-8 file can hold."""
    if not _SURROGATE.search(text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _without_surrogates(value: Any, notes: list[str]) -> Any:
    """Replace escaped lone surrogates, which no UTF-8 file can hold."""
    written = json.dumps(value, ensure_ascii=False)
    clean = _SURROGATE.sub("\ufffd", written)
    if clean == written:
        return value
    notes.append("half of a surrogate pair in a string")
    return json.loads(clean)


class _Mender:
    """Builds a value token by token and notes each fault it steps over."""

    def __init__(self, text: str, notes: list[str]) -> None:
        self.text = text
        self.notes = notes
        self.open: list[dict[str, Any] | list[Any]] = []
        self.key: list[str | None] = []
        """Per open container the key that waits for its value."""
        self.root: list[Any] = []
        self.colon = False
        self.comma = True
        """True where a value may follow: at the start and after a comma."""

    def value(self) -> Any:
        at, end = 0, len(self.text.rstrip())
        while at < end:
            match = _TOKEN.match(self.text, at)
            if match is None:
                raise Invalid(f"unexpected {self.text[at : at + 20].strip()[:12]!r}")
            self._take(match)
            at = match.end()
        if self.open:
            self._note("a closing bracket is missing")
            while self.open:
                self._close()
        if not self.root:
            raise Invalid("no value")
        return self.root[0]

    def _take(self, match: re.Match[str]) -> None:
        kind, token = match.lastgroup, match.group(match.lastgroup or 0)
        if kind != "mark":
            self._scalar(str(kind), token)
        elif token in "{[":
            self._begin({} if token == "{" else [])
        elif token in "}]":
            self._end(dict if token == "}" else list)
        elif token == ":":
            if self.colon or not self.open or self.key[-1] is None:
                raise Invalid("a colon without a key")
            self.colon = True
        elif self.comma or not self.open or self.key[-1] is not None:
            raise Invalid("a comma without a value before it")
        else:
            self.comma = True

    def _scalar(self, kind: str, token: str) -> None:
        if self.open and isinstance(self.open[-1], dict) and self.key[-1] is None:
            self._separate()
            self.key[-1] = self._string(kind, token)
            self.comma = False
        elif kind == "word":
            if token not in _WORDS:
                raise Invalid(f"unexpected {token[:12]!r}")
            if not token.islower():
                self._note("a Python literal instead of a JSON one")
            self._put(_WORDS[token])
        else:
            self._put(self._number(token) if kind == "number" else self._string(kind, token))

    def _number(self, token: str) -> Any:
        try:
            return _EXACT.decode(token)
        except ValueError:
            raise Invalid(f"a number that cannot be read: {token[:12]}") from None

    def _string(self, kind: str, token: str) -> str:
        if kind == "number":
            raise Invalid("a number as a key")
        if kind == "word":
            self._note("a key without quotes")
            return token
        body = token[1:-1]
        if kind == "single":
            self._note("single quotes")
            body = re.sub(r'\\\'|"', lambda match: "'" if match.group() == "\\'" else '\\"', body)
        fixed = _BAD_ESCAPE.sub(lambda match: match.group() if match.group(1) else "\\" + match.group(), body)
        if fixed != body:
            self._note("an invalid escape in a string")
        return str(json.loads(f'"{fixed}"', strict=False))

    def _begin(self, container: dict[str, Any] | list[Any]) -> None:
        self._put(container)
        self.open.append(container)
        self.key.append(None)
        self.comma = True

    def _end(self, kind: type) -> None:
        if not self.open and self.root:
            self._note("a closing bracket too many")
            return
        if not any(isinstance(one, kind) for one in self.open):
            raise Invalid("a closing bracket that opens nowhere")
        while not isinstance(self.open[-1], kind):
            self._note("a closing bracket is missing")
            self._close()
        self._close()

    def _close(self) -> None:
        if self.key[-1] is not None:
            raise Invalid("a key without a value")
        if self.comma and self.open[-1]:
            self._note("a trailing comma")
        self.open.pop()
        self.key.pop()
        self.comma = False

    def _put(self, value: Any) -> None:
        if not self.open:
            if self.root:
                raise Invalid("text after the value")
            self.root.append(value)
            return
        target, key = self.open[-1], self.key[-1]
        if isinstance(target, list):
            self._separate()
            target.append(value)
        elif key is None or not self.colon:
            raise Invalid("a value without a key")
        else:
            target[key] = value
            self.key[-1], self.colon = None, False
        self.comma = False

    def _separate(self) -> None:
        if not self.comma:
            self._note("a comma is missing")

    def _note(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)
