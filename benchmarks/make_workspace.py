"""Makes a workspace of many turns as a user would: logs of four tiers, read by ``curator ingest``.

The same number gives the same turns. A workspace that is there is used again, so the million is made once.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from chat_log import ChatLog

from curator.datasets import count
from curator.model import Decision, Verdict
from curator.review import REASONS
from curator.store import new_act, now
from curator.workspace import Workspace

HOME = Path("/tmp/curator-bench")
PROFILE = "entropic"
REVIEWER = "earlier"
_DONE = ".curator/bench-complete"
_BATCH = 1000


class _Tier(NamedTuple):
    """How the sessions of one tier look."""

    share: float
    requests: tuple[int, int]
    long_prompts: float
    deep: float


TIERS = {
    "code": _Tier(0.40, (2, 40), 0.25, 0.01),
    "thinking": _Tier(0.15, (1, 12), 0.10, 0.10),
    "normal": _Tier(0.30, (1, 8), 0.03, 0.005),
    "simple": _Tier(0.15, (1, 3), 0.0, 0.0),
}


def make_workspace(turns: int, folder: Path, decided: int = 0) -> Workspace:
    """Return a workspace of so many turns, made on the first call; ``decided`` of them have a verdict."""
    if not (folder / _DONE).is_file():
        shutil.rmtree(folder, ignore_errors=True)
        if decided:
            _copy(make_workspace(turns, place(turns)).folder, folder)
            _decide(folder, decided)
        else:
            _read_all(folder, turns)
        (folder / _DONE).touch()
    return Workspace.open(folder)


def place(turns: int, decided: int = 0) -> Path:
    """Return where the workspace of so many turns is kept."""
    return HOME / (f"{turns}-{decided}" if decided else str(turns))


def copy_of(turns: int, folder: Path, decided: int = 0) -> Workspace:
    """Return a copy of a workspace that a benchmark may decide in."""
    _copy(make_workspace(turns, place(turns, decided), decided).folder, folder)
    return Workspace.open(folder)


def _copy(workspace: Path, folder: Path) -> None:
    # A backup is whole, whatever the original's log of writes still holds.
    (folder / ".curator").mkdir(parents=True)
    shutil.copy(workspace / ".curator" / "workspace.json", folder / ".curator")
    with (
        closing(sqlite3.connect(workspace / ".curator" / "curator.db")) as original,
        closing(sqlite3.connect(folder / ".curator" / "curator.db")) as copy,
    ):
        original.backup(copy)
        copy.execute("pragma journal_mode = wal")


def _read_all(folder: Path, turns: int) -> None:
    workspace = Workspace.open(folder, profile=PROFILE, create=True)
    workspace.close()
    for seed, (name, tier) in enumerate(TIERS.items(), 11):
        _read_in(folder, seed, name, tier, round(turns * tier.share))


def _read_in(folder: Path, seed: int, name: str, tier: _Tier, turns: int) -> None:
    log = folder / f"{name}.jsonl"
    source = ChatLog(
        seed,
        style="conversations",
        long_prompts=tier.long_prompts,
        deep=tier.deep,
        requests=tier.requests,
    )
    source.write(log, turns=turns)
    options = ["--tier", name, "--workspace", str(folder)]
    subprocess.run([sys.executable, "-m", "curator", "ingest", str(log), *options], check=True)
    log.unlink()


def _decide(folder: Path, wanted: int) -> None:
    """Decide turns spread over the whole log, a thousand in a transaction, and count them once."""
    workspace = Workspace.open(folder)
    ids = workspace.store.turns.ids()
    chosen = ids[:: max(1, len(ids) // wanted)][:wanted]
    decisions = list(_decisions(chosen))
    for start in range(0, len(decisions), _BATCH):
        workspace.store.journal.append(decisions[start : start + _BATCH])
    count(workspace.store, profile=workspace.profile)
    workspace.close()


def _decisions(turns: Iterable[int]) -> Iterator[Decision]:
    rng = random.Random(3)
    verdicts: tuple[Verdict, ...] = ("correct", "incorrect", "skip")
    reasons = [reason.id for reason in REASONS]
    for turn in turns:
        verdict = rng.choices(verdicts, (70, 22, 8))[0]
        reason = rng.choice(reasons) if verdict == "incorrect" else None
        yield Decision(
            turn=turn,
            kind="verdict",
            reviewer=REVIEWER,
            at=now(),
            act=new_act(),
            verdict=verdict,
            reason=reason,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("turns", type=int)
    parser.add_argument("--decided", type=int, default=0, metavar="K", help="turns that have a verdict")
    parser.add_argument("--out", type=Path, help=f"folder (default: under {HOME})")
    given = parser.parse_args()
    folder = given.out or place(given.turns, given.decided)
    began = time.perf_counter()
    workspace = make_workspace(given.turns, folder, given.decided)
    size = sum(path.stat().st_size for path in (folder / ".curator").iterdir())
    print(
        f"{folder}: {workspace.store.turns.count():,} turns, {size / 1e6:,.0f} MB, "
        f"{time.perf_counter() - began:.1f} s"
    )
    workspace.close()


if __name__ == "__main__":
    main()
