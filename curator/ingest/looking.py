"""Says what lies below a path before anything is read: formats, how many sources, how large."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from curator.ingest.walk import Found, find_sources
from curator.text import size_words

_MOST = 2000


class FormatCount(msgspec.Struct):
    """How much of one format there is."""

    name: str
    title: str
    sources: int = 0
    files: int = 0
    bytes: int = 0


class Look(msgspec.Struct):
    """What lies below a path, as far as it was looked at."""

    path: str
    formats: list[FormatCount] = []
    refused: int = 0
    """Files that no reader takes."""
    reason: str = ""
    """Why the first of them is not taken."""
    is_whole: bool = True
    """False where there is more than was looked at."""

    @property
    def sources(self) -> int:
        """How many sources can be read."""
        return sum(one.sources for one in self.formats)

    def lines(self) -> list[str]:
        """Say it, a line for each format."""
        if not self.formats:
            others = f" (and {self.refused - 1} more)" if self.refused > 1 else ""
            return [f"{self.reason or 'the folder is empty.'}{others}"]
        parts = [_words(one) for one in self.formats]
        if self.refused:
            parts.append(f"{self.refused} other {'file' if self.refused == 1 else 'files'}, left out")
        return parts if self.is_whole else [*parts, "and more"]

    def describe(self) -> str:
        """Say it in one line."""
        return " · ".join(self.lines())


def look(path: Path, most: int = _MOST, is_cancelled: Callable[[], bool] = lambda: False) -> Look:
    """Return what an ingest of ``path`` would find; after ``most`` sources, or once cancelled, it ends.

    Only the beginning of each file is read, to recognise it. Never raises for what lies there.
    """
    seen = Look(str(path))
    counts: dict[str, FormatCount] = {}
    for number, found in enumerate(find_sources([path])):
        if number >= most or is_cancelled():
            seen.is_whole = False
            break
        _count(seen, counts, found)
    seen.formats = sorted(counts.values(), key=lambda one: (-one.sources, one.name))
    return seen


def _count(seen: Look, counts: dict[str, FormatCount], found: Found) -> None:
    if found.reader is None:
        seen.refused += 1
        seen.reason = seen.reason or (found.loss.message if found.loss else "")
        return
    reader = found.reader
    one = counts.setdefault(reader.name, FormatCount(reader.name, reader.title))
    one.sources += 1
    for file in reader.files(found.source):
        one.files += 1
        one.bytes += _size(file)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _words(one: FormatCount) -> str:
    files = f", {one.files} files" if one.files > one.sources else ""
    bare = one.title.removeprefix("a ").removeprefix("an ")
    title = f"{one.sources} × {bare}" if one.sources > 1 else one.title
    return f"{title}{files}, {size_words(one.bytes)}"
