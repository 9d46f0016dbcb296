"""Paths as people type, paste or drop them: what is meant, and what a beginning may become."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

_ESCAPED = re.compile(r"\\(.)")
_MOST_ENTRIES = 20_000
"""So many entries of a folder are looked at; what is behind them has to be typed."""


class Entry(NamedTuple):
    """A file or folder that a typed beginning may become."""

    text: str
    """The whole path as it would be typed; a folder ends with a slash."""
    is_folder: bool


def typed_path(text: str) -> Path:
    """Return the path that a text means: quotes, backslashes, ``file://``, ``~`` and variables are undone."""
    return Path(_plain(text) or ".")


def path_entries(text: str, most: int = 6) -> list[Entry]:
    """Return what the folder typed so far holds that begins with the rest: folders first, at most ``most``.

    What begins with a dot is listed only where a dot was typed. Nothing is raised: a folder that cannot be
    read has no entries.
    """
    plain = _plain(text, keep_tilde=True)
    typed, slash, start = plain.rpartition("/")
    folder = Path(_at_home(typed + slash) or ".")
    found: list[tuple[bool, str]] = []
    try:
        with os.scandir(folder) as entries:
            for _, entry in zip(range(_MOST_ENTRIES), entries, strict=False):
                if _fits(entry.name, start):
                    found.append((not _is_folder(entry), entry.name))
    except (OSError, ValueError):
        return []
    return [
        Entry(f"{typed}{slash}{name}{'' if is_file else '/'}", not is_file)
        for is_file, name in sorted(found)[:most]
    ]


def shared_start(texts: Sequence[str]) -> str:
    """Return the longest text with which all of them begin."""
    return os.path.commonprefix(list(texts))  # noqa: RUF071 - of characters


def _plain(text: str, keep_tilde: bool = False) -> str:
    text = text.strip()
    if text.startswith(("'", '"')):
        return _unquoted(text)
    if text.startswith("file://"):
        return unquote(urlsplit(text).path)
    text = os.path.expandvars(_ESCAPED.sub(r"\1", text))
    return text if keep_tilde else _at_home(text)


def _at_home(text: str) -> str:
    # Path.expanduser raises for a user that does not exist.
    return os.path.expanduser(text)  # noqa: PTH111


def _unquoted(text: str) -> str:
    # A shell closes the quotes around a quote of the path itself: it's is written 'it'"'"'s'.
    quote = text[0]
    other = '"' if quote == "'" else "'"
    inner = text[1:].removesuffix(quote)
    return inner.replace(f"{quote}{other}{quote}{other}{quote}", quote)


def _fits(name: str, start: str) -> bool:
    return name.startswith(start) if start else not name.startswith(".")


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
