"""Finds secrets and personal data in a text: what must not be trained on, and where it stands.

Cheap literal tests come first, so that a text without secrets costs microseconds; detect-secrets is
loaded when a text holds the marks of a key. Nothing is ever verified over the network.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple, get_args

from curator.checks.support.keys import keys
from curator.checks.support.personal import personal
from curator.model import Message

SecretKind = Literal["key", "private key", "token", "password", "connection string"]
PersonalKind = Literal["path", "mail", "phone number", "IP address", "IBAN", "card number"]
PrivateKind = SecretKind | PersonalKind

SECRET_KINDS: frozenset[str] = frozenset(get_args(SecretKind))
"""Kinds that give access to something; the others are personal data."""


class Private(NamedTuple):
    """Something private: code points ``[start, end)`` of the text it was found in."""

    kind: PrivateKind
    start: int
    end: int


def find_private(text: str) -> tuple[Private, ...]:
    """Return the secrets and personal data of a text in order, without overlaps.

    Placeholders (``YOUR_API_KEY``, ``<token>``, ``$TOKEN``, example.com, test cards) are none.
    Where two overlap, the secret stays, and of two of a sort the longer one.
    """
    found = [*_found(text)]
    if len(found) < 2:
        return tuple(found)
    found.sort(key=_rank)
    kept: list[Private] = []
    for one in found:
        if all(one.end <= other.start or other.end <= one.start for other in kept):
            kept.append(one)
    return tuple(sorted(kept, key=_start))


def prompt_text(prompt: Sequence[Message]) -> str:
    """Return the text that evidence of the field ``prompt`` counts in: all contents, a newline between."""
    return "\n".join(message.content for message in prompt)


def _found(text: str) -> Iterator[Private]:
    for key_kind, (start, end) in keys(text):
        yield Private(key_kind, start, end)
    for personal_kind, (start, end) in personal(text):
        yield Private(personal_kind, start, end)


def _rank(one: Private) -> tuple[bool, int, int]:
    return one.kind not in SECRET_KINDS, one.start - one.end, one.start


def _start(one: Private) -> int:
    return one.start
