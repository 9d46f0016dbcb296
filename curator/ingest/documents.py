"""Finds the JSON objects of a file that is either one document, over many lines, or one on each line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from curator.ingest import lines
from curator.ingest.files import open_log
from curator.ingest.lines import BadRow, Line, decode_row, read_lines

_BOM = b"\xef\xbb\xbf"


def read_documents(path: Path) -> Iterator[Line]:
    """Yield the whole file where it is one object, else its lines that are not blank.

    Raises:
        OSError: The file cannot be read.
    """
    whole = one_document(path)
    if whole is None:
        yield from read_lines(path)
    else:
        yield whole


def one_document(path: Path) -> Line | None:
    """Return the file as one object that goes over more than its first line, None where it is none.

    Raises:
        OSError: The file cannot be read.
    """
    first = next(read_lines(path), None)
    if first is None or not isinstance(decode_row(first), BadRow):
        return None
    with open_log(path) as file:
        data = file.read(lines.MAX_LINE_BYTES + 1)
    if first.end >= len(data) or len(data) > lines.MAX_LINE_BYTES:
        return None
    whole = Line(data.removeprefix(_BOM), 0, len(data), first.number)
    return None if isinstance(decode_row(whole), BadRow) else whole
