"""Traces rows back to the log line and the person, and forward to the data sets and runs that hold them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from curator.datasets.frozen import Kind, all_datasets, datasets_dir
from curator.datasets.runs import all_runs
from curator.errors import CuratorError
from curator.model import Decision, SourceRef
from curator.workspace import Workspace

_RUN_FILES: tuple[tuple[Kind, str], ...] = (("sft", "data/sft.jsonl"), ("pairs", "data/dpo.jsonl"))


class Holding(Struct, frozen=True):
    """One row in one place: a frozen data set, or the data of a run."""

    place: str
    """Id of the data set or the run."""
    kind: Kind
    split: str
    row: str
    turn: str
    """Key of the turn that the row was made of."""


class TurnTrace(Struct, frozen=True):
    """Where a turn was read, what people decided on it, and which rows were made of it."""

    turn: int
    key: str
    session: str
    source: SourceRef
    decisions: tuple[Decision, ...]
    rows: tuple[Holding, ...]


class RunTrace(Struct, frozen=True):
    """What an adapter was trained on."""

    run: str
    dataset: str
    rows: int
    turns: int
    sources: dict[str, int]
    """File → rows."""
    reviewers: dict[str, int]
    """Person → rows."""


def trace(workspace: Workspace, what: str) -> TurnTrace | RunTrace:
    """Trace a turn (id or key), a row (its id) or a run (its id or a path within its folder).

    Raises:
        CuratorError: Nothing answers to it.
    """
    for run in all_runs(workspace):
        if what == run.id or run.run_dir in (Path(what).resolve(), *Path(what).resolve().parents):
            return run_trace(run.run_dir)
    for holding in holdings(workspace, what.encode()):
        if holding.row == what:
            return turn_trace(workspace, workspace.store.turns.find(holding.turn))
    try:
        return turn_trace(workspace, workspace.store.turns.find(what))
    except CuratorError as error:
        raise CuratorError(
            f"{what!r} is no turn, no run, and no row of a frozen data set or a run. `curator search`, "
            "`curator runs` and `curator datasets` list what there is."
        ) from error


def turn_trace(workspace: Workspace, turn_id: int) -> TurnTrace:
    """Return everything that is known of one turn's rows."""
    store = workspace.store
    turn = store.turns.get(turn_id)
    held = tuple(one for one in holdings(workspace, turn.key.encode()) if one.turn == turn.key)
    return TurnTrace(
        turn_id, turn.key, turn.session, turn.source, tuple(store.journal.history(turn_id)), held
    )


def run_trace(run_dir: Path) -> RunTrace:
    """Return what the rows of a run came from."""
    sources: Counter[str] = Counter()
    reviewers: Counter[str] = Counter()
    turns = set()
    for _, line in _lines(run_dir / "data" / "sft.jsonl", b"{"):
        row = msgspec.json.decode(line)
        sources[str(row.get("source", "")).rpartition(":")[0]] += 1
        reviewers[str(row.get("reviewer", ""))] += 1
        turns.add(row.get("turn"))
    spec: dict[str, Any] = msgspec.json.decode((run_dir / "run.json").read_bytes())
    return RunTrace(
        run_dir.name,
        str(spec.get("dataset", "")),
        sum(reviewers.values()),
        len(turns),
        dict(sources),
        dict(reviewers),
    )


def holdings(workspace: Workspace, text: bytes) -> Iterator[Holding]:
    """Yield every row of a data set or a run whose line has ``text`` in it."""
    for manifest in all_datasets(workspace):
        for file in manifest.files:
            for _, line in _lines(datasets_dir(workspace) / manifest.id / file.path, text):
                row = msgspec.json.decode(line)
                yield Holding(manifest.id, file.kind, file.split, row["id"], row["origin"]["turn"])
    for run in all_runs(workspace):
        for kind, name in _RUN_FILES:
            for _, line in _lines(run.run_dir / name, text):
                row = msgspec.json.decode(line)
                yield Holding(run.id, kind, "train", row["id"], row["turn"])


def _lines(path: Path, text: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a file that hold ``text``; none where there is no file."""
    if path.is_file():
        with path.open("rb") as file:
            yield from ((number, line) for number, line in enumerate(file, 1) if text in line)
