"""Reads CSV and Parquet files, by the reader that knows their columns or by a mapping file."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from curator.ingest.arrays import read_rows
from curator.ingest.items import Item, Loss, Options, Reader, Source
from curator.ingest.lines import BadRow, Line, decode_row
from curator.ingest.mapped import mapped_items
from curator.ingest.registry import readers, register
from curator.ingest.rows import RowReader
from curator.ingest.tables import CSV_SUFFIXES, PARQUET_MAGIC, is_csv

_PEEKED_ROWS = 5
_SURE_ENOUGH = 0.5


@register
class TableReader(Reader):
    """Tables whose columns have the names that a row format has are read like that format.

    For all others ``[columns]`` of a mapping file says what is where.
    """

    name = "table"
    title = "a CSV or Parquet table"
    suffixes = (*CSV_SUFFIXES, ".parquet")

    def sniff(self, path: Path, head: bytes) -> float:
        """Know Parquet by its first bytes and CSV by the name of the file."""
        return 0.97 if head.startswith(PARQUET_MAGIC) or (is_csv(path) and head) else 0.0

    def read(self, source: Source, options: Options) -> Iterator[Item]:
        """Yield the turns of all rows; a bad row is one loss."""
        columns = options.mapping.columns if options.mapping else None
        if columns:
            yield from mapped_items(source, options, columns, self.name)
            return
        peeked = list(islice(read_rows(source.path), _PEEKED_ROWS))
        reader = _reader(source.path, peeked)
        if reader:
            yield from reader.read(source, options)
        else:
            yield _refused(source, peeked)


def _reader(path: Path, peeked: list[Line]) -> RowReader | None:
    """Return the reader that knows rows of these columns best."""
    head = b"\n".join(line.data for line in peeked)
    known = [reader for reader in readers().values() if isinstance(reader, RowReader)]
    best = max(known, key=lambda reader: reader.sniff(path, head))
    return best if best.sniff(path, head) > _SURE_ENOUGH else None


def _refused(source: Source, peeked: list[Line]) -> Loss:
    if not peeked:
        return Loss("dropped", "empty_file", "the table has no rows.", source.shown)
    row = decode_row(peeked[0])
    if isinstance(row, BadRow):
        return Loss("dropped", row.code, row.message, source.shown, peeked[0].number)
    names = ", ".join(list(row.fields)[:12])
    sentence = f"the columns ({names}) are in no format that Curator knows; name them: --as table --map FILE."
    return Loss("dropped", "no_mapping", sentence, source.shown)
