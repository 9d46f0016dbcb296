"""What readers are given and what they give back: sources, sessions, turns and losses."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Literal

from msgspec import Struct

from curator.ingest.lines import Part
from curator.ingest.mapping import Mapping
from curator.model import Origin, Turn
from curator.store.rows import SessionInfo

LossKind = Literal["repaired", "dropped"]


class Source(Struct, frozen=True):
    """A file, or a folder that is read as one thing."""

    path: Path
    """Absolute."""
    shown: str
    """The path as the user would write it; reports use it."""


class Options(Struct, frozen=True):
    """What the user said about all turns of an ingest."""

    tier: str | None = None
    """Overrides the tier the log states; ``None`` keeps it."""
    origin: Origin = "real"
    mapping: Mapping | None = None
    """Where a database or a table of an unknown program has what."""


class Seen(Struct, frozen=True):
    """So many generations are recorded here: each must come out as a turn or as a dropped record."""

    records: int = 1


class Loss(Struct, frozen=True):
    """Something that was repaired, is missing, or had to be dropped, in one sentence."""

    kind: LossKind
    code: str
    message: str
    file: str
    line: int = 1
    records: int = 0
    """How many seen records end here; 0 when no generation is lost."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class Repeated(Struct, frozen=True):
    """So many generations are turns of an earlier row; here they are only history of the prompt."""

    records: int


class RowSession(Struct, frozen=True):
    """A row of a file of rows, before it is known whether it goes on where another row ended."""

    info: SessionInfo
    ends: tuple[int, ...] = ()
    """Fingerprints of the dialogue up to each answer; empty where the row names its session."""


Item = SessionInfo | RowSession | Turn | Repeated | Seen | Loss


class Reader(ABC):
    """Reads one format. A subclass in a file of its own registers itself and is sniffed from then on.

    ``read`` yields a session before its turns, ``Seen`` for every generation that the file records,
    and a ``Loss`` for everything that does not come out as it stands. It never raises for what a file
    holds, and only ``OSError`` for a file that cannot be read.
    """

    name: ClassVar[str]
    """Identifies the format, in reports and for ``--as``."""
    title: ClassVar[str]
    version: ClassVar[int] = 1
    suffixes: ClassVar[tuple[str, ...]] = ()
    """Endings of files that are worth forcing this reader on when a folder is walked."""
    anchor: ClassVar[str | None] = None
    """A folder that holds a file of this name is one source; ``None`` for readers of single files."""
    companions: ClassVar[tuple[str, ...]] = ()
    """Other files of such a folder that belong to it (glob patterns)."""
    whole_folder: ClassVar[bool] = True
    """Whether naming the anchor file means its whole folder."""

    @abstractmethod
    def sniff(self, path: Path, head: bytes) -> float:
        """Return from 0 to 1 how surely a file that starts with ``head`` is in this format."""

    @abstractmethod
    def read(self, source: Source, options: Options) -> Iterator[Item]:
        """Yield everything the source holds, in order.

        Raises:
            OSError: The source cannot be read.
        """

    def is_divisible(self, source: Source) -> bool:
        """Return whether stretches of the source can be read by themselves, as ``pieces`` then must."""
        return False

    def pieces(self, source: Source, options: Options, part: Part | None = None) -> Iterator[Item]:
        """Yield what the source, or a part of it, holds; rows are not joined to sessions yet.

        Raises:
            OSError: The source cannot be read.
        """
        return self.read(source, options)

    def owns(self, folder: Path) -> bool:
        """Return whether a folder that holds the anchor file is one source of this reader."""
        return True

    def files(self, source: Source) -> list[Path]:
        """Return the files that make up the source; their bytes identify its state."""
        if self.anchor is None or source.path.is_file():
            return [source.path]
        names = (self.anchor, *self.companions)
        return sorted({f for name in names for f in source.path.glob(name) if f.is_file()})
