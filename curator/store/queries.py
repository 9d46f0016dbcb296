"""The query language of the command line and the filter bar: words that must all hold."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from typing import Any, get_args

from msgspec import structs

from curator.errors import CuratorError
from curator.model import STATES, Origin, Severity
from curator.store.filters import KEY_DIGITS, VERDICT_WORDS, Filter, state_word

_WORD = re.compile(r'\s*(-?)(?:([A-Za-z_]+):)?("(?:[^"\\]|\\.)*"|[^\s"]\S*)?')
_ESCAPED = re.compile(r"\\(.)")
_CALLS = re.compile(r"(>=|<=|>|<|=)?(\d{1,6})")
_ID = re.compile(r"[0-9]{1,18}")
_KEY = re.compile(rf"[0-9a-fA-F]{{1,{KEY_DIGITS}}}")


def parse_query(query: str) -> Filter:
    """Read a query: ``key:value``, words and "phrases" to look for, each with ``-`` before it to exclude.

    Raises:
        CuratorError: A key is not known, a value cannot be, or a quotation mark is not closed.
    """
    result, at, end = Filter(), 0, len(query.rstrip())
    while at < end:
        match = _WORD.match(query, at, end)
        if match is None or match.end() == at or match[3] is None:
            raise CuratorError(_unreadable(query[at:end].strip()))
        at = match.end()
        word = _filter(match[2], _plain(match[3]))
        result &= Filter(excluded=frozenset({word})) if match[1] else word
    return result


def _unreadable(rest: str) -> str:
    if '"' in rest:
        return f"In the query {rest!r}: a quotation mark is not closed."
    return f"{rest!r} has no value; write key:value, as in tier:code."


def _filter(key: str | None, value: str) -> Filter:
    if key is None:
        return Filter(words=frozenset({value}))
    if key not in QUERY_KEYS:
        near = difflib.get_close_matches(key, QUERY_KEYS, 1)
        meant = f" Did you mean {near[0]}?" if near else ""
        raise CuratorError(
            f"There is no filter {key!r}.{meant} The keys are {', '.join(QUERY_KEYS)}; "
            f'text with a colon stands in quotes: "{key}:{value}".'
        )
    return QUERY_KEYS[key](value)


def _plain(value: str) -> str:
    return _ESCAPED.sub(r"\1", value[1:-1]) if value.startswith('"') else value


def _one(field: str) -> Callable[[str], Filter]:
    return lambda value: _with(field, value)


def _of(key: str, field: str, known: tuple[Any, ...]) -> Callable[[str], Filter]:
    """Return a reader of values that are one of a few."""

    def read(value: str) -> Filter:
        if value not in known:
            raise CuratorError(f"{key}:{value} is not one of {', '.join(map(str, known))}.")
        return _with(field, value)

    return read


def _with(field: str, value: Any) -> Filter:
    return structs.replace(Filter(), **{field: frozenset({value})})


def _verdict(value: str) -> Filter:
    state = VERDICT_WORDS.get(value, value)
    for known in STATES:
        if known == state:
            return Filter(states=frozenset({known}))
    words = [state_word(known) for known in STATES]
    raise CuratorError(f"verdict:{value} is not one of {', '.join(words)}.")


def _calls(value: str) -> Filter:
    match = _CALLS.fullmatch(value)
    if match is None:
        raise CuratorError(f"calls:{value} is not a number such as 0, >1 or <=2.")
    sign, number = match[1] or "=", int(match[2])
    low = {"=": number, ">=": number, ">": number + 1}.get(sign)
    high = {"=": number, "<=": number, "<": number - 1}.get(sign)
    return Filter(min_calls=low, max_calls=high)


def _think(present: bool) -> Callable[[str], Filter]:
    def read(value: str) -> Filter:
        if value != "think":
            raise CuratorError(f"only 'think' can stand there, not {value!r}.")
        return Filter(has_thinking=present)

    return read


def _key(value: str) -> Filter:
    if not _KEY.fullmatch(value):
        raise CuratorError(f"key:{value} is not the beginning of a key: 1 to {KEY_DIGITS} of 0-9 and a-f.")
    return Filter(keys=frozenset({value.lower()}))


def _id(value: str) -> Filter:
    if not _ID.fullmatch(value):
        raise CuratorError(f"id:{value} is not the number of a turn, such as 12.")
    return Filter(ids=frozenset({int(value)}))


def _argument(value: str) -> Filter:
    name, tilde, text = value.partition("~")
    if not name or not tilde or not text:
        raise CuratorError(f"arg:{value} is not NAME~TEXT, such as arg:path~src/.")
    return Filter(arguments=frozenset({(name, text)}))


QUERY_KEYS: dict[str, Callable[[str], Filter]] = {
    "tier": _one("tiers"),
    "tool": _one("tools"),
    "check": _one("checks"),
    "severity": _of("severity", "severities", get_args(Severity)),
    "verdict": _verdict,
    "reason": _one("reasons"),
    "reviewer": _one("reviewers"),
    "tag": _one("tags"),
    "calls": _calls,
    "arg": _argument,
    "has": _think(True),
    "no": _think(False),
    "origin": _of("origin", "origins", get_args(Origin)),
    "session": _one("sessions"),
    "source": _one("sources"),
    "model": _one("models"),
    "id": _id,
    "key": _key,
}
QUERY_VALUES: dict[str, tuple[Any, ...]] = {
    "severity": get_args(Severity),
    "verdict": tuple(map(state_word, STATES)),
    "has": ("think",),
    "no": ("think",),
    "origin": get_args(Origin),
    "calls": ("0", "1", ">1"),
}
"""Values of the keys that have only a few."""
