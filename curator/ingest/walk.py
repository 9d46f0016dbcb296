"""Finds the sources below the paths that a user names, and the reader of each."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

from curator.ingest.files import log_suffix
from curator.ingest.items import Loss, Reader, Source
from curator.ingest.registry import reader_named, readers, sniff

_IGNORED_FOLDERS = {".git", ".hg", ".curator", ".venv", "__pycache__", "node_modules"}
_IGNORED_FILES = {".DS_Store", ".gitignore", ".gitattributes", ".gitkeep", "Thumbs.db"}


class Found(NamedTuple):
    """A source with its reader, or with the reason why there is none."""

    source: Source
    reader: Reader | None
    loss: Loss | None = None


def find_sources(paths: list[Path], as_format: str | None = None) -> Iterator[Found]:
    """Yield every source below ``paths`` once, in a stable order.

    A folder that holds the anchor file of a reader is one source; every other file is sniffed on its
    own. ``as_format`` forces the reader: on files named directly always, below a folder where the
    ending or the content fits.

    Raises:
        InputError: ``as_format`` names no reader.
    """
    forced = reader_named(as_format) if as_format else None
    done: set[Path] = set()
    for path in paths:
        for found in _below(path, forced):
            if found.source.path not in done:
                done.add(found.source.path)
                yield found


def _below(path: Path, forced: Reader | None) -> Iterator[Found]:
    if path.is_dir():
        yield from _walk(path, forced)
    elif path.exists():
        yield _named_file(path, forced)
    else:
        yield _refused(path, "missing", "there is no such file or folder.")


def _named_file(path: Path, forced: Reader | None) -> Found:
    anchored = _anchored_by(path, forced)
    if anchored and anchored.whole_folder:
        return Found(_source(path.parent), anchored)
    if forced:
        return Found(_source(path), forced)
    return _sniffed(path, None)


def _walk(root: Path, forced: Reader | None) -> Iterator[Found]:
    for folder, subfolders, files in os.walk(root):
        subfolders[:] = sorted(s for s in subfolders if s not in _IGNORED_FOLDERS)
        rest = sorted(f for f in files if f not in _IGNORED_FILES)
        for name in list(rest):
            anchored = _anchored_by(Path(folder) / name, forced)
            if anchored:
                yield Found(_source(Path(folder)), anchored)
                own = (name, *anchored.companions)
                rest = [f for f in rest if not any(fnmatch(f, pattern) for pattern in own)]
        for name in rest:
            yield _sniffed(Path(folder) / name, forced)


def _anchored_by(path: Path, forced: Reader | None) -> Reader | None:
    candidates = [forced] if forced else readers().values()
    return next((r for r in candidates if r.anchor == path.name and r.owns(path.parent)), None)


def _sniffed(path: Path, forced: Reader | None) -> Found:
    try:
        reader = forced if forced and log_suffix(path) in forced.suffixes else sniff(path)
        empty = path.stat().st_size == 0
    except OSError as error:
        return _refused(path, "unreadable", f"the file cannot be read: {error.strerror or error}.")
    if empty:
        return _refused(path, "empty_file", "the file is empty.")
    if reader is None or (forced and reader is not forced):
        return _refused(path, "unknown_format", _unknown(forced))
    return Found(_source(path), reader)


def _unknown(forced: Reader | None) -> str:
    if forced:
        return f"the file does not look like {forced.title}; name it directly to force that."
    return "the file is in no format that Curator knows; --as FORMAT forces one."


def _refused(path: Path, code: str, sentence: str) -> Found:
    source = _source(path)
    return Found(source, None, Loss("dropped", code, sentence, source.shown))


def _source(path: Path) -> Source:
    return Source(path.absolute(), str(path))
