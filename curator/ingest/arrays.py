"""Finds the rows of a file, be it lines, one JSON array or a table, and the fields of rows cut off."""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from curator.ingest import lines
from curator.ingest.documents import one_document, read_documents
from curator.ingest.files import is_compressed, mapped_log, open_log
from curator.ingest.lines import BadRow, Line, decode_row, torn_line
from curator.ingest.tables import PARQUET_MAGIC, csv_rows, is_csv, parquet_rows

_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|["{}\[\]]', re.DOTALL)
_ARRAY = re.compile(rb"(?:\xef\xbb\xbf)?\s*\[\s*\{")
_ROW_START = re.compile(rb"(?m)^(?:\xef\xbb\xbf)?[ \t\[]*(?=\{)")
_KEY_END = re.compile(rb"\s*:\s*")
_QUOTE, _OPENING, _CLOSING = b'"'[0], b"{[", b"}]"
_BETWEEN = b", \t\r\n"
_PEEKED_ROWS = 5
_PEEK_BYTES = 4096


def read_rows(path: Path) -> Iterator[Line]:
    """Yield the rows of a file: of a table, the items of a JSON array of objects, else its documents.

    Whatever stands in an array and is no object comes out as a row too, for the caller to explain.

    Raises:
        OSError: The file cannot be read.
    """
    with open_log(path) as file:
        head = file.read(_PEEK_BYTES)
    if head.startswith(PARQUET_MAGIC):
        yield from parquet_rows(path)
    elif _ARRAY.match(head):
        yield from _items_of(path)
    elif is_csv(path):
        yield from csv_rows(path)
    else:
        yield from read_documents(path)


def is_lines(path: Path) -> bool:
    """Return whether ``read_rows`` gives the lines of this file as they stand in it.

    Raises:
        OSError: The file cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(_PEEK_BYTES)
    is_other = head.startswith(PARQUET_MAGIC) or _ARRAY.match(head) or is_csv(path) or is_compressed(path)
    return not is_other and one_document(path) is None


def _items_of(path: Path) -> Iterator[Line]:
    """Yield the items of an array; what is cut off by damage to the archive is explained once."""
    with mapped_log(path) as (data, damage):
        last: Line | None = None
        for line in array_rows(data):
            if last:
                yield last
            last = line
        if last and not (damage and isinstance(decode_row(last), BadRow)):
            yield last
        if damage:
            yield torn_line(len(data), last.number if last else 1, damage)


def array_rows(data: bytes | mmap.mmap) -> Iterator[Line]:
    """Yield the items of the JSON array that ``data`` begins with; a torn rest is the last item."""
    line, counted, done = 1, 0, data.find(b"[") + 1
    for start, end in _items(data, done):
        if stray := data[done:start].strip(_BETWEEN + b"]"):
            line, counted = _line_of(data, line, counted, start)
            yield Line(stray, done, start, line)
        if text := data[start:end].strip(_BETWEEN):
            line, counted = _line_of(data, line, counted, start)
            too_long = end - start > lines.MAX_LINE_BYTES
            yield Line(b"" if too_long else text, start, end, line, too_long)
        done = end


def _items(data: bytes | mmap.mmap, at: int) -> Iterator[tuple[int, int]]:
    """Yield the ranges of objects and lists in the array, then that of what follows its last item."""
    depth, start = 0, at
    for token in _TOKEN.finditer(data, at):
        mark = data[token.start()]
        if mark == _QUOTE and token.end() - token.start() == 1:
            break
        if mark in _OPENING:
            start = token.start() if depth == 0 else start
            depth += 1
        elif mark in _CLOSING and depth == 0:
            yield at, token.start()
            start = token.end()
            break
        elif mark in _CLOSING:
            depth -= 1
            if depth == 0:
                yield start, token.end()
                at = start = token.end()
    yield start, len(data)


def _line_of(data: bytes | mmap.mmap, line: int, counted: int, at: int) -> tuple[int, int]:
    """Return the line of offset ``at`` and ``at`` itself, counting on from a place already known."""
    for _ in re.finditer(rb"\n", memoryview(data)[counted:at]):
        line += 1
    return line, at


@lru_cache(maxsize=2)
def outlines(head: bytes) -> tuple[dict[str, bytes], ...]:
    """Return the JSON texts of the fields of the first rows in ``head``, also of one that is cut off."""
    found: list[dict[str, bytes]] = []
    at = 0
    while len(found) < _PEEKED_ROWS and (match := _ROW_START.search(head, at)):
        fields, at = _outline(head, match.end())
        found.append(fields)
    return tuple(found)


def _outline(head: bytes, at: int) -> tuple[dict[str, bytes], int]:
    """Return the fields of the object at ``at`` and where it ends."""
    fields: dict[str, bytes] = {}
    name: str | None = None
    value, depth = at, 0
    for token in _TOKEN.finditer(head, at):
        mark = head[token.start()]
        if mark in _OPENING:
            depth += 1
        elif mark in _CLOSING:
            depth -= 1
        colon = _KEY_END.match(head, token.end()) if depth == 1 and mark == _QUOTE else None
        if name is not None and (colon or depth == 0):
            fields[name] = head[value : token.start()].rstrip(_BETWEEN)
        if depth == 0:
            return fields, token.end()
        if colon:
            name, value = token.group()[1:-1].decode("utf-8", "replace"), colon.end()
    if name is not None:
        fields[name] = head[value:]
    return fields, len(head)
