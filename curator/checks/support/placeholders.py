"""Tells made-up values, as in documentation and tests, from real ones."""

from __future__ import annotations

import math
import re
from collections import Counter

_WORDS = re.compile(
    r"example|sample|placeholder|your|xxx|change_?me|replace|dummy|fake|mock|redacted|insert|\.\.\.|…|todo"
    r"|test|demo|foo_?bar|abc123|hunter2|secret|passw|my_?pass|my_?key|my_?token|_key\b|_token\b|api_?key"
    r"|\*\*\*|deadbeef|undefined|default|correct-?horse|letmein|qwerty|none\b|null\b",
    re.IGNORECASE,
)
_TEMPLATE = re.compile(r"^[<{\[$%(#@]|\$\{|\{\{|\{[A-Za-z_][\w.]*\}|<[^<>]*>|%\(|^process\.env|^os\.|^env\.")
_SEQUENCES = ("0123456789" * 2, "9876543210", "abcdefghijklmnopqrstuvwxyz", "1234567890abcdef")


def is_placeholder(value: str) -> bool:
    """Tell whether a value is a stand-in: a template, a word for one, or a run of few characters."""
    lowered = value.lower()
    if _TEMPLATE.search(value) or _WORDS.search(value) or len(set(lowered)) < 4:
        return True
    return is_sequence(lowered)


def is_sequence(text: str) -> bool:
    """Tell whether at least half of a text counts up, down or through the alphabet."""
    for sequence in _SEQUENCES:
        for start in range(0, max(1, len(text) - 7), 4):
            if len(text) < 16 and text[start : start + 8] in sequence and len(text) - start >= 8:
                return True
    return text in "0123456789" * 4 or any(text in sequence for sequence in _SEQUENCES)


def words(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())


def entropy(text: str) -> float:
    """Return the Shannon entropy of the characters of a text, in bits."""
    size = len(text)
    return -sum(count / size * math.log2(count / size) for count in Counter(text).values())
