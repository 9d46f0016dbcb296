"""The register of ingested sources: what each gave, and how far it is read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, delete, insert, select, update

from curator.model import Origin
from curator.store.rows import Segment, SourceRow
from curator.store.tables import SegmentTable, SourceTable, table_of

_SOURCE, _SEGMENT = table_of(SourceTable), table_of(SegmentTable)


class Sources:
    """Reads and writes the register of sources."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writing = engine.execution_options(writes=True)

    def begin(self, path: str, format: str, reader: str, sha256: str, size: int, origin: Origin) -> int:
        """Register a new source, not complete yet; return its id. One of the same path is replaced."""
        values = {
            "path": path,
            "format": format,
            "reader": reader,
            "sha256": sha256,
            "size": size,
            "origin": origin,
            "ingested_at": _now(),
            "report": "{}",
            "complete": False,
        }
        with self._writing.begin() as connection:
            key = connection.execute(insert(_SOURCE).values(values)).inserted_primary_key
            assert key is not None
            return int(key[0])

    def renew(self, source_id: int, reader: str, keep: bool) -> None:
        """Say that a source is being read on, or again from its beginning unless ``keep`` is set."""
        if not keep:
            with self._writing.begin() as connection:
                connection.execute(delete(_SEGMENT).where(_SEGMENT.c.source_id == source_id))
        self._set(source_id, reader=reader, ingested_at=_now(), complete=False)

    def finish(
        self, source_id: int, report: Mapping[str, Any], sha256: str, size: int, complete: bool = True
    ) -> None:
        """Keep the report of the ingest that just ended, and what the source was then."""
        text = msgspec.json.encode(report).decode()
        self._set(source_id, report=text, sha256=sha256, size=size, complete=complete)

    def segments(self, source_id: int) -> list[Segment]:
        """Return the stretches of a source that are stored, in order."""
        s = _SEGMENT.c
        query = select(s.end, s.line, s.sha256, s.lineage, s.report).where(s.source_id == source_id)
        with self._engine.connect() as connection:
            return [
                Segment(end, line, sha256, bytes(lineage), report.encode())
                for end, line, sha256, lineage, report in connection.execute(query.order_by(s.id))
            ]

    def find(self, path: str) -> SourceRow | None:
        """Return the newest source with this path, or None."""
        query = select(_SOURCE).where(_SOURCE.c.path == path).order_by(_SOURCE.c.id.desc()).limit(1)
        with self._engine.connect() as connection:
            row = connection.execute(query).mappings().one_or_none()
            return source_row(row) if row else None

    def all(self) -> list[SourceRow]:
        """Return all sources in the order they were first ingested."""
        with self._engine.connect() as connection:
            rows = [
                source_row(r) for r in connection.execute(select(_SOURCE).order_by(_SOURCE.c.id)).mappings()
            ]
        newest = {row.path: row.id for row in rows}
        return [msgspec.structs.replace(row, replaced=newest[row.path] != row.id) for row in rows]

    def _set(self, source_id: int, **values: Any) -> None:
        with self._writing.begin() as connection:
            connection.execute(update(_SOURCE).where(_SOURCE.c.id == source_id).values(values))


def source_row(row: Mapping[Any, Any]) -> SourceRow:
    """Return the struct of a row of the source table."""
    return msgspec.convert({**row, "report": msgspec.json.decode(row["report"])}, SourceRow)


def add_segment(connection: Connection, source_id: int, segment: Segment) -> None:
    """Remember a stretch, in the transaction that stores its turns."""
    values = msgspec.structs.asdict(segment) | {"source_id": source_id, "report": segment.report.decode()}
    connection.execute(insert(_SEGMENT).values(values))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
