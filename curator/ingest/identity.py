"""Keys made from content alone, so that the same log is known again wherever it lies."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

import msgspec

from curator.model import Message

_ENCODER = msgspec.json.Encoder(order="deterministic")
_SIZE = 16


def message_digest(message: Message) -> bytes:
    """Return 16 bytes that stand for everything a message holds."""
    return blake2b(_ENCODER.encode(message), digest_size=_SIZE).digest()


class PromptHash:
    """Hash of a growing list of messages: adding one costs that one, not the whole list."""

    def __init__(self) -> None:
        self._hash = blake2b(digest_size=_SIZE)

    def add(self, message_digest: bytes) -> None:
        """Append one message by its digest."""
        self._hash.update(message_digest)

    def digest(self) -> bytes:
        """Return the hash of the messages so far."""
        return self._hash.digest()


def prompt_digest(message_digests: Iterable[bytes]) -> bytes:
    """Return what ``PromptHash`` gives for a list of messages, from their digests."""
    return blake2b(b"".join(message_digests), digest_size=_SIZE).digest()


def fingerprint(digest: bytes) -> int:
    """Return the first 8 bytes of a digest as a number, for the many that are kept at hand."""
    return int.from_bytes(digest[:8], "little")


def session_key(reader: str, *parts: str | bytes | int) -> str:
    """Return 32 hex digits for a session of this reader, made of ``parts``."""
    return _key(reader, *parts)


def turn_key(session: str, index: int, raw: str, prompt: bytes) -> str:
    """Return 32 hex digits for the turn at ``index``, from its raw output and the hash of its prompt."""
    return _key(session, index, raw, prompt)


def _key(*parts: str | bytes | int) -> str:
    digest = blake2b(digest_size=_SIZE)
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode("utf-8", "replace")
        digest.update(b"%d:" % len(data))
        digest.update(data)
    return digest.hexdigest()
