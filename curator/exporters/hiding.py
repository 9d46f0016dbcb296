"""Keeps texts that a reviewer has hidden out of every row; the log and the store still have them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from curator.model import Redaction


def hidden(value: Any, redactions: Sequence[Redaction]) -> Any:
    """Return plain data with every text to hide replaced, also where JSON has escaped it.

    Longer texts go first, so that a part of one is never left over.
    """
    if not redactions:
        return value
    pairs: dict[str, str] = {}
    for one in sorted(redactions, key=lambda one: -len(one.text)):
        pairs[one.text] = one.replacement
        for is_ascii in (False, True):
            pairs.setdefault(_escaped(one.text, is_ascii), _escaped(one.replacement, is_ascii))
    return _replaced(value, pairs)


def _replaced(value: Any, pairs: dict[str, str]) -> Any:
    if isinstance(value, str):
        for text, replacement in pairs.items():
            value = value.replace(text, replacement)
        return value
    if isinstance(value, dict):
        return {_replaced(key, pairs): _replaced(inner, pairs) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_replaced(inner, pairs) for inner in value]
    return value


def _escaped(text: str, is_ascii: bool) -> str:
    return json.dumps(text, ensure_ascii=is_ascii)[1:-1]
