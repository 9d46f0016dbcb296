"""One form for values that mean the same: order of keys and spelling of numbers do not matter. Pure."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import msgspec

_EXACT = 2**53
"""Up to here every whole number has a float of its own."""
_encode = msgspec.json.Encoder(order="deterministic").encode


def canonical(value: Any) -> Any:
    """Return JSON data with whole floats as integers; ``"1"``, ``1`` and ``true`` stay three things."""
    if isinstance(value, float) and value.is_integer() and abs(value) <= _EXACT:
        return int(value)
    if isinstance(value, dict):
        return {str(key): canonical(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [canonical(inner) for inner in value]
    return value


def canonical_json(value: Any) -> bytes:
    """Return the JSON text of the canonical form, its keys in order."""
    return _encode(canonical(value))


def digest(value: Any) -> str:
    """Return 32 hex digits that are equal for values of the same meaning."""
    return blake2b(canonical_json(value), digest_size=16).hexdigest()
