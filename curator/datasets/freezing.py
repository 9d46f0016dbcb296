"""Freezes the rows that stand into a numbered, hashed data set with its splits; all of it or nothing."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import msgspec

from curator.datasets.frozen import KINDS, MANIFEST, FrozenFile, Kind, Manifest, all_datasets, datasets_dir
from curator.datasets.gates import GateState, check_gates
from curator.datasets.meters import count
from curator.datasets.splits import Member, divide, member
from curator.errors import CuratorError, GateError
from curator.exporters.files import write_lines
from curator.exporters.rows import PairRow, SftRow
from curator.exporters.standing import Rows, turn_rows
from curator.model import call_class
from curator.store import Filter
from curator.workspace import Workspace, write_atomic

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Frozen(NamedTuple):
    """A data set, and whether it was there already."""

    manifest: Manifest
    is_new: bool


class Ready(NamedTuple):
    """What would be frozen now."""

    sft: tuple[SftRow, ...]
    pairs: tuple[PairRow, ...]
    parts: dict[str, int]
    """Turn key → part."""
    classes: dict[str, int]
    gates: tuple[GateState, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """What the open gates still want, in words."""
        return tuple(gate.missing for gate in self.gates if gate.state == "open")


def gather(workspace: Workspace, query: str = "", tier: str | None = None, seed: int = 0) -> Ready:
    """Collect the rows that stand, divide them, and look at the gates; nothing is written.

    Raises:
        CuratorError: The query cannot be read.
    """
    store, profile = workspace.store, workspace.profile
    sft: list[SftRow] = []
    pairs: list[PairRow] = []
    keys: list[str] = []
    members: list[Member] = []
    classes: Counter[str] = Counter()
    for turn, decision, row, its_pairs in _standing(workspace, query, tier):
        keys.append(turn.key)
        members.append(member(turn, row, profile.split))
        if row is not None:
            sft.append(row)
            corrected = decision.correction if decision else None
            classes[call_class(corrected.tool_calls if corrected else turn.output.tool_calls)] += 1
        pairs += its_pairs
    parts = dict(zip(keys, divide(members, profile.split.shares, seed) if members else [], strict=True))
    gates = check_gates(count(store, tier, profile), profile, store.waivers.standing())
    return Ready(tuple(sft), tuple(pairs), parts, dict(classes), gates)


def freeze(
    workspace: Workspace,
    name: str,
    *,
    query: str = "",
    tier: str | None = None,
    reviewer: str = "",
    seed: int = 0,
    anyway: str = "",
) -> Frozen:
    """Freeze the rows that stand as the next number of ``name``; the same rows again make nothing new.

    Raises:
        GateError: A gate is open and ``anyway`` gives no reason.
        CuratorError: The name or the query is none, there is no row, or the folder cannot be written.
    """
    if not _NAME.fullmatch(name):
        raise CuratorError(f"{name!r} is no name for a data set: letters, digits, '.', '_' and '-'.")
    ready = gather(workspace, query, tier, seed)
    if not ready.sft and not ready.pairs:
        raise CuratorError(
            "There is no row to freeze yet: say of some turns that they are correct, or correct them."
        )
    if ready.missing and not anyway.strip():
        raise GateError("; ".join(ready.missing) + ".", title="The data set would not be sound yet")
    digest = _digest(ready, workspace.profile.split.names)
    numbers = [one for one in all_datasets(workspace) if one.name == name]
    for one in numbers:
        if one.sha256 == digest:
            return Frozen(one, False)
    manifest = _manifest(workspace, ready, digest, name, 1 + max((one.number for one in numbers), default=0))
    manifest = msgspec.structs.replace(
        manifest, query=query, tier=tier or "", seed=seed, created_by=reviewer, anyway=anyway.strip()
    )
    return Frozen(_write(workspace, ready, manifest), True)


def _standing(workspace: Workspace, query: str, tier: str | None) -> Iterator[Rows]:
    """Yield every turn that gives a row, with its decision and its rows."""
    store, profile = workspace.store, workspace.profile
    wanted = set(store.turns.ids(Filter.parse(query))) if query else None
    for resolution, decision in store.journal.giving(tier):
        outside = wanted is not None and resolution.turn not in wanted
        if outside or not (resolution.sft_rows or resolution.pairs):
            continue
        rows = turn_rows(store, profile, resolution, decision)
        if rows.sft is not None or rows.pairs:
            yield rows


def _manifest(workspace: Workspace, ready: Ready, digest: str, name: str, number: int) -> Manifest:
    profile = workspace.profile
    return Manifest(
        name=name,
        number=number,
        sha256=digest,
        created=datetime.now(UTC).isoformat(timespec="microseconds"),
        created_by="",
        curator=version("curator-workbench"),
        profile=profile.name,
        profile_sha256=sha256(msgspec.json.encode(profile, order="deterministic")).hexdigest(),
        group_by=profile.split.group_by,
        classes=ready.classes,
        tiers=dict(Counter(row.origin.tier for row in ready.sft)),
        origins=dict(Counter(row.origin.origin for row in ready.sft)),
        gates=ready.gates,
    )


def _write(workspace: Workspace, ready: Ready, manifest: Manifest) -> Manifest:
    """Write the files beside their place, then move the folder there in one step."""
    folder = datasets_dir(workspace)
    names = workspace.profile.split.names
    temporary = folder / f".{manifest.id}.{uuid4().hex[:8]}"
    try:
        temporary.mkdir(parents=True)
        files = [
            file
            for part, split in enumerate(names)
            for kind in KINDS
            if (file := _write_part(temporary, ready, part, split, kind))
        ]
        manifest = msgspec.structs.replace(manifest, files=tuple(files))
        write_atomic(
            temporary / MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"
        )
        temporary.rename(folder / manifest.id)
    except OSError as error:
        raise CuratorError(f"{folder / manifest.id} cannot be written: {error.strerror}.") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return manifest


def _write_part(folder: Path, ready: Ready, part: int, split: str, kind: Kind) -> FrozenFile | None:
    """Write the rows of one kind in one part; training always has its SFT file, even empty."""
    rows = [row for row in _of(ready, kind) if ready.parts[row.origin.turn] == part]
    if not rows and (part or kind == "pairs"):
        return None
    path = Path(split) / f"{kind}.jsonl"
    written = write_lines(folder / path, (msgspec.to_builtins(row) for row in rows))
    return FrozenFile(str(path), kind, split, written.rows, written.sha256)


def _digest(ready: Ready, names: Sequence[str]) -> str:
    lines = sorted(
        f"{kind} {row.id} {names[ready.parts[row.origin.turn]]}\n"
        for kind in KINDS
        for row in _of(ready, kind)
    )
    return sha256("".join(lines).encode()).hexdigest()


def _of(ready: Ready, kind: Kind) -> Iterator[SftRow | PairRow]:
    yield from ready.sft if kind == "sft" else ready.pairs
