"""Cuts files of lines into parts that can be read by themselves."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from curator.ingest.lines import Part

PART_BYTES = 3 * 1024 * 1024
_BLOCK_BYTES = 1024 * 1024


class Cut(NamedTuple):
    """A part of a file, and what the file is up to its end."""

    part: Part
    next_line: int
    sha256: str
    """Of the file from its beginning to the end of the part."""
    is_whole: bool
    """False for a last line without its line break: it may still grow."""


class Prefix:
    """The hash of a growing beginning of a file. Reads every byte once, in blocks."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._digest = hashlib.sha256()
        self.at = 0

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def restart(self) -> None:
        """Go back to the beginning."""
        self._file.seek(0)
        self._digest, self.at = hashlib.sha256(), 0

    def advance(self, end: int | None = None) -> str:
        """Read on up to byte ``end`` of the file, or to its end; return the sha256 of all before."""
        while end is None or self.at < end:
            size = _BLOCK_BYTES if end is None else min(_BLOCK_BYTES, end - self.at)
            if not (block := self._file.read(size)):
                break
            self._take(block)
        return self._digest.hexdigest()

    def cuts(self, line: int) -> Iterator[Cut]:
        """Yield the parts of the rest of the file; ``line`` is the number of the next line."""
        start = whole = self.at
        first, digest = line, self._digest.copy()
        while block := self._file.read(_BLOCK_BYTES):
            if end := block.rfind(b"\n") + 1:
                self._take(block[:end])
                whole, digest = self.at, self._digest.copy()
                line += block.count(b"\n")
            self._take(block[end:])
            if whole - start >= PART_BYTES:
                yield Cut(Part(start, whole, first), line, digest.hexdigest(), True)
                start, first = whole, line
        if whole > start:
            yield Cut(Part(start, whole, first), line, digest.hexdigest(), True)
        if self.at > whole:
            yield Cut(Part(whole, self.at, line), line + 1, self._digest.hexdigest(), False)

    def _take(self, block: bytes) -> None:
        self._digest.update(block)
        self.at += len(block)
