"""Frozen data sets on disk: what their manifest says, reading them, finding and comparing them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec
from msgspec import Struct

from curator.datasets.gates import GateState
from curator.errors import CuratorError, StoppedError
from curator.exporters.rows import PairRow, SftRow
from curator.exporters.standing import ROWS_STOPPED
from curator.jobs import Progress, QuietProgress
from curator.workspace import Workspace

MANIFEST = "manifest.json"
Kind = Literal["sft", "pairs"]
_SFT: msgspec.json.Decoder[SftRow | PairRow] = msgspec.json.Decoder(SftRow)
_PAIR: msgspec.json.Decoder[SftRow | PairRow] = msgspec.json.Decoder(PairRow)
KINDS: tuple[Kind, ...] = ("sft", "pairs")


class FrozenFile(Struct, frozen=True):
    """One file of a data set; the path is relative to its folder."""

    path: str
    kind: Kind
    split: str
    rows: int
    sha256: str


class Manifest(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What a frozen data set is: its rows by a hash, how they were chosen, and under which rules."""

    name: str
    number: int
    sha256: str
    """Over kind, id and split of every row in sorted order: equal for equal rows."""
    created: str
    """UTC, ISO 8601."""
    created_by: str
    curator: str
    """Version of the program."""
    profile: str
    profile_sha256: str
    query: str = ""
    tier: str = ""
    seed: int = 0
    group_by: str = "session"
    files: tuple[FrozenFile, ...] = ()
    classes: dict[str, int] = {}
    """SFT rows with no, one and several calls."""
    tiers: dict[str, int] = {}
    """SFT rows by tier."""
    origins: dict[str, int] = {}
    """SFT rows from real and synthetic logs."""
    gates: tuple[GateState, ...] = ()
    anyway: str = ""
    """Why it was frozen with open gates."""

    @property
    def id(self) -> str:
        """Name and number as they are typed: ``thinking-v2``."""
        return f"{self.name}-v{self.number}"

    def rows(self, kind: Kind, split: str | None = None) -> int:
        """Return how many rows of a kind there are, in one split or in all."""
        return sum(f.rows for f in self.files if f.kind == kind and split in (None, f.split))

    @property
    def splits(self) -> tuple[str, ...]:
        """Names of the splits, training first."""
        return tuple(dict.fromkeys(file.split for file in self.files))


class Difference(NamedTuple):
    """How the rows of one data set differ from those of another."""

    added: tuple[SftRow | PairRow, ...]
    removed: tuple[SftRow | PairRow, ...]
    changed: tuple[tuple[SftRow | PairRow, SftRow | PairRow], ...]
    """Rows of the same turn and kind, before and after."""
    moved: tuple[tuple[str, str, str], ...]
    """(row id, split before, split after) of equal rows."""


def datasets_dir(workspace: Workspace) -> Path:
    """Return the folder that holds the frozen data sets of a workspace."""
    return workspace.folder / "datasets"


def all_datasets(workspace: Workspace) -> list[Manifest]:
    """Return every frozen data set, the newest first; folders without a manifest are left out."""
    folder = datasets_dir(workspace)
    if not folder.is_dir():
        return []
    found = [read_manifest(path.parent) for path in folder.glob(f"*/{MANIFEST}")]
    return sorted(found, key=lambda one: (one.created, one.id), reverse=True)


def find_dataset(workspace: Workspace, id: str) -> Manifest:
    """Return a data set by its id, or the newest of a name.

    Raises:
        CuratorError: There is none.
    """
    known = all_datasets(workspace)
    for one in known:
        if id in (one.id, one.name):
            return one
    names = ", ".join(one.id for one in known[:8])
    rest = f" There are {names}." if names else " `curator freeze NAME` makes one."
    raise CuratorError(f"There is no data set {id!r}.{rest}")


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a data set.

    Raises:
        CuratorError: It cannot be read, or is none.
    """
    path = folder / MANIFEST
    try:
        return msgspec.json.decode(path.read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError) as error:
        raise CuratorError(f"{path}: {error}.", title="No data set") from error


def frozen_rows(
    workspace: Workspace, manifest: Manifest, split: str | None = None
) -> Iterator[tuple[str, SftRow | PairRow]]:
    """Yield (split, row) of a data set, in the order of its files.

    Raises:
        CuratorError: A file is missing or holds something else.
    """
    folder = datasets_dir(workspace) / manifest.id
    for file in manifest.files:
        if split in (None, file.split):
            decoder = _SFT if file.kind == "sft" else _PAIR
            for number, line in enumerate(_lines(folder / file.path), 1):
                try:
                    yield file.split, decoder.decode(line)
                except msgspec.MsgspecError as error:
                    raise CuratorError(f"{folder / file.path}, line {number}: {error}.") from error


def row_pairs(
    workspace: Workspace, manifest: Manifest, split: str | None = None, progress: Progress | None = None
) -> Iterator[tuple[SftRow | None, PairRow | None]]:
    """Yield the rows of a data set as exporters take them.

    Raises:
        CuratorError: A file is missing or holds something else.
        StoppedError: ``progress`` was cancelled.
    """
    progress = progress or QuietProgress()
    for _, row in frozen_rows(workspace, manifest, split):
        if progress.cancelled:
            raise StoppedError(ROWS_STOPPED)
        yield (row, None) if isinstance(row, SftRow) else (None, row)
        progress.advance()


def compare(workspace: Workspace, before: Manifest, after: Manifest) -> Difference:
    """Compare the rows of two data sets, by their ids and their turns."""
    old = {_row(row): (split, row) for split, row in frozen_rows(workspace, before)}
    new = {_row(row): (split, row) for split, row in frozen_rows(workspace, after)}
    gone = {_place(row): row for id, (_, row) in old.items() if id not in new}
    come = {_place(row): row for id, (_, row) in new.items() if id not in old}
    changed = [place for place in come if place in gone]
    moved = [(id[0], old[id][0], new[id][0]) for id in new if id in old and old[id][0] != new[id][0]]
    return Difference(
        added=tuple(row for place, row in come.items() if place not in gone),
        removed=tuple(row for place, row in gone.items() if place not in come),
        changed=tuple((gone[place], come[place]) for place in changed),
        moved=tuple(moved),
    )


def _row(row: SftRow | PairRow) -> tuple[str, str]:
    return row.id, row.origin.turn


def _place(row: SftRow | PairRow) -> tuple[str, str, str]:
    """Return what a row has in common with the one that takes its place; a comparison has one of its own."""
    own = row.id if row.origin.state == "preferred" else ""
    return type(row).__name__, row.origin.turn, own


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            yield from file
    except OSError as error:
        raise CuratorError(f"{path}: {error.strerror}.", title="The data set is not whole") from error
