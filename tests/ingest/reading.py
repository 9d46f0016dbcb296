"""Reads a source without a store, sorted by what came out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from curator.ingest import Loss, Options, Source, reader_named
from curator.ingest.items import Repeated, RowSession, Seen
from curator.ingest.walk import find_sources
from curator.model import Turn
from curator.store import SessionInfo


class Read(NamedTuple):
    sessions: list[SessionInfo]
    turns: list[Turn]
    losses: list[Loss]
    seen: int
    repeated: int = 0

    @property
    def codes(self) -> list[str]:
        return [loss.code for loss in self.losses]

    def loss(self, code: str) -> Loss:
        return next(loss for loss in self.losses if loss.code == code)

    @property
    def unexplained(self) -> int:
        return self.seen - len(self.turns) - self.repeated - sum(loss.records for loss in self.losses)


def read(path: Path, reader: str, **options: str) -> Read:
    source = Source(path.absolute(), path.name)
    items = list(reader_named(reader).read(source, Options(**options)))  # type: ignore[arg-type]
    return Read(
        [
            i.info if isinstance(i, RowSession) else i
            for i in items
            if isinstance(i, SessionInfo | RowSession)
        ],
        [i for i in items if isinstance(i, Turn)],
        [i for i in items if isinstance(i, Loss)],
        sum(i.records for i in items if isinstance(i, Seen)),
        sum(i.records for i in items if isinstance(i, Repeated)),
    )


def rows(folder: Path, reader: str, *lines: object, name: str = "r.jsonl", **options: str) -> Read:
    """Write rows to a file of JSON lines (text as it is, anything else as JSON) and read it."""
    path = save(folder, *lines, name=name)
    found = read(path, reader, **options)
    assert found.unexplained == 0 and len({t.key for t in found.turns}) == len(found.turns)
    return found


def save(folder: Path, *lines: object, name: str = "r.jsonl") -> Path:
    """Write a file of JSON lines."""
    path = folder / name
    path.write_text("".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in lines))
    return path


def sniffed(path: Path) -> str | None:
    """Name the reader that takes the file."""
    (found,) = find_sources([path])
    return found.reader.name if found.reader else None
