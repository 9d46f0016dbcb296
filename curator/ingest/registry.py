"""The readers there are. A module under ``readers`` that registers a reader is found by itself."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from curator.discovery import load_modules
from curator.errors import InputError
from curator.ingest.files import is_compressed, open_log
from curator.ingest.items import Reader

HEAD_BYTES = 64 * 1024
_NEVER_PACKED = (b"SQLite format 3\x00", b"PAR1")
"""Beginnings of files that are read in place, and so never out of an archive."""
_READERS: dict[str, Reader] = {}


def register(reader: type[Reader]) -> type[Reader]:
    """Class decorator: make a reader known under its name."""
    _READERS[reader.name] = reader()
    return reader


@cache
def readers() -> dict[str, Reader]:
    """Return all readers by name."""
    load_modules("curator.ingest.readers")
    return dict(sorted(_READERS.items()))


def reader_named(name: str) -> Reader:
    """Return the reader that ``--as NAME`` asks for.

    Raises:
        InputError: There is none of that name.
    """
    known = readers()
    if name not in known:
        raise InputError(f"There is no reader called {name!r}; there are {', '.join(known)}.")
    return known[name]


def sniff(path: Path) -> Reader | None:
    """Return the reader that is surest of this file, unpacked, or None when none knows it.

    Raises:
        OSError: The file cannot be read.
    """
    with open_log(path) as file:
        head = file.read(HEAD_BYTES)
    if head.startswith(_NEVER_PACKED) and is_compressed(path):
        return None
    sure, best = 0.0, None
    for reader in readers().values():
        confidence = reader.sniff(path, head)
        if confidence > sure:
            sure, best = confidence, reader
    return best
