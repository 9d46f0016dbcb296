"""Freezes the rows that stand into a numbered, hashed data set with its splits; all of it or nothing."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import msgspec
from msgspec.structs import replace

from curator.datasets.frozen import KINDS, MANIFEST, FrozenFile, Kind, Manifest, all_datasets, datasets_dir
from curator.datasets.gates import GateState, check_gates
from curator.datasets.meters import count
from curator.datasets.splits import Members, divide, member
from curator.datasets.spool import Spool
from curator.errors import CuratorError, GateError, StoppedError
from curator.exporters.files import LineFile
from curator.exporters.rows import PairRow, SftRow
from curator.exporters.standing import standing_rows
from curator.jobs import Progress, QuietProgress
from curator.model import call_class
from curator.store import Filter
from curator.workspace import Workspace, write_atomic

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Frozen(NamedTuple):
    """A data set, and whether it was there already."""

    manifest: Manifest
    is_new: bool


class Mark(NamedTuple):
    """What is kept in memory of a row: its id, and what the division and the counts ask for."""

    id: str
    turn: str
    """Key of its turn."""
    tier: str
    origin: str


class Ready(NamedTuple):
    """What would be frozen now."""

    sft: tuple[Mark, ...]
    pairs: tuple[Mark, ...]
    parts: dict[str, int]
    """Turn key → part."""
    classes: dict[str, int]
    gates: tuple[GateState, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """What the open gates still want, in words."""
        return tuple(gate.missing for gate in self.gates if gate.state == "open")

    def of(self, kind: Kind) -> tuple[Mark, ...]:
        """Return the rows of a kind."""
        return self.sft if kind == "sft" else self.pairs


def gather(
    workspace: Workspace,
    query: str = "",
    tier: str | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Ready:
    """Collect the rows that stand, divide them, and look at the gates; nothing is written.

    Raises:
        CuratorError: The query cannot be read.
        StoppedError: ``progress`` was cancelled.
    """
    gates = _gates(workspace, tier)
    return _gather(workspace, query, tier, seed, gates, progress or QuietProgress(), lambda _: None)


def freeze(
    workspace: Workspace,
    name: str,
    *,
    query: str = "",
    tier: str | None = None,
    reviewer: str = "",
    seed: int = 0,
    anyway: str = "",
    progress: Progress | None = None,
) -> Frozen:
    """Freeze the rows that stand as the next number of ``name``; the same rows again make nothing new.

    Raises:
        GateError: A gate is open and ``anyway`` gives no reason.
        CuratorError: The name or the query is none, there is no row, or the folder cannot be written.
        StoppedError: ``progress`` was cancelled; nothing is left of it.
    """
    if not _NAME.fullmatch(name):
        raise CuratorError(f"{name!r} is no name for a data set: letters, digits, '.', '_' and '-'.")
    gates, progress = _gates(workspace, tier), progress or QuietProgress()
    missing = [gate.missing for gate in gates if gate.state == "open"]
    if missing and not anyway.strip() and _has_rows(workspace, tier):
        raise GateError("; ".join(missing) + ".", title="The data set would not be sound yet")
    temporary = datasets_dir(workspace) / f".{name}.{uuid4().hex[:8]}"
    try:
        with Spool(temporary / "rows") as spool:
            ready = _gather(workspace, query, tier, seed, gates, progress, spool.add)
        if not ready.parts:
            raise CuratorError(
                "There is no row to freeze yet: say of some turns that they are correct, or correct them."
            )
        manifest = _manifest(workspace, ready, name)
        known = [one for one in all_datasets(workspace) if one.name == name]
        for one in known:
            if one.sha256 == manifest.sha256:
                return Frozen(one, False)
        manifest = replace(
            manifest,
            number=1 + max((one.number for one in known), default=0),
            query=query,
            tier=tier or "",
            seed=seed,
            created_by=reviewer,
            anyway=anyway.strip(),
        )
        return Frozen(_write(workspace, ready, manifest, spool, temporary, progress), True)
    except OSError as error:
        raise CuratorError(f"{temporary} cannot be written: {error.strerror}.") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _gates(workspace: Workspace, tier: str | None) -> tuple[GateState, ...]:
    store, profile = workspace.store, workspace.profile
    return check_gates(count(store, tier, profile), profile, store.waivers.standing())


def _has_rows(workspace: Workspace, tier: str | None) -> bool:
    totals = workspace.store.totals(tier)
    return bool(totals.sft_rows or totals.pairs)


def _gather(
    workspace: Workspace,
    query: str,
    tier: str | None,
    seed: int,
    gates: tuple[GateState, ...],
    progress: Progress,
    keep: Callable[[SftRow | PairRow], None],
) -> Ready:
    """Walk over the rows that stand once; ``keep`` gets each of them and the marks stay."""
    store, split = workspace.store, workspace.profile.split
    only = set(store.turns.ids(Filter.parse(query))) if query else None
    sft: list[Mark] = []
    pairs: list[Mark] = []
    keys: list[str] = []
    classes: Counter[str] = Counter()
    members = Members()
    progress.begin("rows", store.totals(tier).sft_rows if only is None else None)
    for turn, decision, row, its_pairs in standing_rows(store, workspace.profile, tier, only, progress):
        keys.append(turn.key)
        members.append(member(turn, row, split))
        if row is not None:
            sft.append(_mark(row))
            corrected = decision.correction if decision else None
            classes[call_class(corrected.tool_calls if corrected else turn.output.tool_calls)] += 1
            keep(row)
        for pair in its_pairs:
            pairs.append(_mark(pair))
            keep(pair)
    if not keys:
        return Ready((), (), {}, {}, gates)
    progress.begin("splits")
    parts = dict(zip(keys, divide(members, split.shares, seed), strict=True))
    return Ready(tuple(sft), tuple(pairs), parts, dict(classes), gates)


def _mark(row: SftRow | PairRow) -> Mark:
    origin = row.origin
    return Mark(row.id, origin.turn, origin.tier, origin.origin)


def _manifest(workspace: Workspace, ready: Ready, name: str) -> Manifest:
    profile = workspace.profile
    return Manifest(
        name=name,
        number=0,
        sha256=_digest(ready, profile.split.names),
        created=datetime.now(UTC).isoformat(timespec="microseconds"),
        created_by="",
        curator=version("curator-workbench"),
        profile=profile.name,
        profile_sha256=sha256(msgspec.json.encode(profile, order="deterministic")).hexdigest(),
        group_by=profile.split.group_by,
        classes=ready.classes,
        tiers=dict(Counter(row.tier for row in ready.sft)),
        origins=dict(Counter(row.origin for row in ready.sft)),
        gates=ready.gates,
    )


def _digest(ready: Ready, names: Sequence[str]) -> str:
    lines = sorted(
        f"{kind} {row.id} {names[ready.parts[row.turn]]}\n" for kind in KINDS for row in ready.of(kind)
    )
    return sha256("".join(lines).encode()).hexdigest()


def _write(
    workspace: Workspace, ready: Ready, manifest: Manifest, spool: Spool, folder: Path, progress: Progress
) -> Manifest:
    """Divide the rows into their files, then move the folder to its place in one step."""
    progress.begin("files", len(ready.sft) + len(ready.pairs))
    names = workspace.profile.split.names
    files = [one for kind in KINDS for one in _write_kind(ready, kind, names, spool, folder, progress)]
    # Training first, and in each split the examples before the pairs.
    files.sort(key=lambda one: names.index(one.split))
    manifest = replace(manifest, files=tuple(files))
    spool.remove()
    write_atomic(folder / MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
    folder.rename(datasets_dir(workspace) / manifest.id)
    return manifest


def _write_kind(
    ready: Ready, kind: Kind, names: Sequence[str], spool: Spool, folder: Path, progress: Progress
) -> list[FrozenFile]:
    """Write the rows of one kind, a file for each part that has some; training always has its SFT file."""
    marks = ready.of(kind)
    used = {ready.parts[mark.turn] for mark in marks} | ({0} if kind == "sft" else set())
    paths = {part: Path(names[part]) / f"{kind}.jsonl" for part in sorted(used)}
    with ExitStack() as stack:
        files = {part: stack.enter_context(LineFile(folder / path)) for part, path in paths.items()}
        for mark, line in zip(marks, spool.lines(kind), strict=True):
            if progress.cancelled:
                raise StoppedError("Nothing was frozen.")
            files[ready.parts[mark.turn]].add_bytes(line)
            progress.advance()
    written = {part: file.written for part, file in files.items()}
    return [
        FrozenFile(str(path), kind, names[part], written[part].rows, written[part].sha256)
        for part, path in paths.items()
    ]
