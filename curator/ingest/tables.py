"""Streams the rows of CSV and Parquet files as JSON rows, so that every reader of rows can read them.

Text in a cell that is a JSON list of messages becomes that list; all other text stays as it is.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from curator.ingest import lines
from curator.ingest.files import log_suffix, open_log, tear
from curator.ingest.lines import BadRow, Line, decode, skip_line, torn_line

PARQUET_MAGIC = b"PAR1"
CSV_SUFFIXES = (".csv", ".tsv")
_DELIMITERS = ",;\t|"
_BATCH_ROWS = 256
_ROLE_KEYS = ({"role"}, {"from", "value"})
_BOM = b"\xef\xbb\xbf"
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_NO_PYARROW = "Parquet files are read with pyarrow, which is not installed: pip install pyarrow."


def is_csv(path: Path) -> bool:
    """Return whether the name of a file says that it is a table in text."""
    return log_suffix(path) in CSV_SUFFIXES


def csv_rows(path: Path) -> Iterator[Line]:
    """Yield the rows of a table in text as JSON objects with their exact places; the first line names them.

    The delimiter is the one of comma, semicolon, tab and bar that parts the first line most. Rows that
    cannot be read come out as lines with a problem.

    Raises:
        OSError: The file cannot be read.
    """
    with open_log(path) as file:
        records = _Records(file)
        names: list[str] | None = None
        for record in records:
            if isinstance(record, Line):
                yield record
            elif names is None:
                names = [name.strip() for name in record]
            elif record:
                yield records.place(_named(names, record))
        if sentence := tear(file):
            yield torn_line(records.start, records.number, sentence)


class _Texts:
    """The lines of a CSV file as text, and how far they are read; goes on behind a line that is too long."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._first: bytes | None = self._read()
        self.head = self._first
        self.end = self.line = 0
        self.is_cut = False
        """Whether the last line lacks its end because the archive is damaged there."""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        data = self._read() if self._first is None else self._first
        is_first, self._first = self._first is not None, None
        if not data:
            raise StopIteration
        self.end += len(data)
        self.line += 1
        self.is_cut = not data.endswith(b"\n") and tear(self._file) is not None
        if len(data) > lines.MAX_LINE_BYTES:
            self.end += skip_line(self._file)
            raise csv.Error("the line is over 128 MiB")
        return (data.removeprefix(_BOM) if is_first else data).decode("utf-8", "surrogateescape")

    def _read(self) -> bytes:
        return self._file.readline(lines.MAX_LINE_BYTES + 1)


class _Records:
    """The records of a CSV file, and where the last one stood."""

    def __init__(self, file: BinaryIO) -> None:
        self._texts = _Texts(file)
        self.start, self.number = 0, 1

    def __iter__(self) -> Iterator[list[str] | Line]:
        head = self._texts.head or b""
        if head.startswith(_WIDE):
            yield self.place(BadRow("bad_encoding", "the file is UTF-16; save it as UTF-8."))
            return
        reader = csv.reader(self._texts, delimiter=_delimiter(head), strict=True)
        while True:
            self.start, self.number = self._texts.end, self._texts.line + 1
            try:
                record = _next(reader)
            except csv.Error as error:
                if not self._texts.is_cut:
                    yield self.place(BadRow("bad_csv", f"the row is not CSV: {error}."))
                continue
            if record is None or self._texts.is_cut:
                return
            yield record

    def place(self, row: bytes | BadRow) -> Line:
        """Return what the last record holds with its place."""
        problem = row if isinstance(row, BadRow) else None
        data = b"" if isinstance(row, BadRow) else row
        too_long = len(data) > lines.MAX_LINE_BYTES
        return Line(b"" if too_long else data, self.start, self._texts.end, self.number, too_long, problem)


def _next(reader: Any) -> list[str] | None:
    """Return the next record. The limit on fields belongs to the whole process and is put back."""
    before = csv.field_size_limit(lines.MAX_LINE_BYTES)
    try:
        return next(reader, None)
    finally:
        csv.field_size_limit(before)


def _delimiter(first: bytes) -> str:
    text = first.decode("utf-8", "replace")
    return max(_DELIMITERS, key=text.count)


def _named(names: Sequence[str], record: list[str]) -> bytes | BadRow:
    if len(record) != len(names):
        return BadRow("bad_columns", f"the row has {len(record)} fields, the first line names {len(names)}.")
    return _json({name: _value(text) for name, text in zip(names, record, strict=True) if text != ""})


def parquet_rows(path: Path) -> Iterator[Line]:
    """Yield the rows of a Parquet file as JSON objects, a batch at a time; the number is that of the row.

    A row has no place of its own in the file, so its range is the whole file. Fields that are null are
    left out at every depth: Parquet gives all objects of a column the same fields.

    Raises:
        OSError: The file cannot be read.
    """
    size = path.stat().st_size
    try:
        parquet = import_module("pyarrow.parquet")
        arrow = import_module("pyarrow")
    except ImportError:
        yield Line(b"", 0, size, 1, problem=BadRow("no_pyarrow", _NO_PYARROW))
        return
    number = 0
    try:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(_BATCH_ROWS):
                for value in batch.to_pylist():
                    number += 1
                    yield _parquet_row(value, size, number)
    except (arrow.ArrowException, ValueError, OSError) as error:
        sentence = f"the Parquet file is damaged: {str(error).splitlines()[0].rstrip('.')}."
        yield Line(b"", 0, size, number + 1, problem=BadRow("bad_parquet", sentence))


def _parquet_row(value: dict[str, Any], size: int, number: int) -> Line:
    data = _json({name: _value(_without_nulls(one)) for name, one in value.items() if one is not None})
    too_long = len(data) > lines.MAX_LINE_BYTES
    return Line(b"" if too_long else data, 0, size, number, too_long)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(one) for name, one in value.items() if one is not None}
    return [_without_nulls(one) for one in value] if isinstance(value, list) else value


def _value(value: Any) -> Any:
    """Return the messages that a text lists, any other value as it is."""
    if not isinstance(value, str) or not value.lstrip().startswith("["):
        return value
    found = decode(value.encode("utf-8", "surrogateescape"))
    if not isinstance(found, list) or not found:
        return value
    named = [one.keys() for one in found if isinstance(one, dict)]
    listed = len(named) == len(found) and any(all(keys <= one for one in named) for keys in _ROLE_KEYS)
    return found if listed else value


def _json(value: dict[str, Any]) -> bytes:
    """Return JSON; bytes that were no UTF-8 come out as they were, for the reader of rows to explain."""
    text = json.dumps(value, ensure_ascii=False, default=_builtin, separators=(",", ":"))
    return text.encode("utf-8", "surrogateescape")


def _builtin(value: Any) -> Any:
    """Return dates, decimals and the like as JSON has them, bytes as text."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else msgspec.to_builtins(value)
