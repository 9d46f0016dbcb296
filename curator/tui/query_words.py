"""The words of a query while it is typed: what the last one may become, and taking words in and out. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

_WORD = re.compile(r'-?(?:[A-Za-z_]+:)?(?:"(?:[^"\\]|\\.)*"?|[^\s"]\S*)?')


def words(query: str) -> list[str]:
    """Return the words of a query as they are written, quotation marks kept."""
    return [match[0] for match in _WORD.finditer(query) if match[0]]


def toggled(query: str, word: str) -> str:
    """Return the query with a word taken in, or taken out where it stands."""
    standing = words(query)
    kept = [one for one in standing if one != word]
    return " ".join(kept if len(kept) < len(standing) else [*standing, word])


def completed(query: str, keys: Iterable[str], values: Mapping[str, Sequence[str]]) -> str | None:
    """Return the query with its last word completed; ``None`` where nothing completes it."""
    standing = words(query)
    if not standing or query[-1:].isspace():
        return None
    last = standing[-1]
    before = query[: len(query) - len(last)]
    bare = last.removeprefix("-")
    minus = last[: len(last) - len(bare)]
    key, colon, value = bare.partition(":")
    if not colon:
        found = next((f"{one}:" for one in keys if bare and one.startswith(bare)), None)
    else:
        known = (one for one in values.get(key, ()) if one.lower().startswith(value.lower()))
        found = next((f"{key}:{one}" for one in known if one != value), None)
    return None if found is None else f"{before}{minus}{found}"
