"""Freezes and exports workspaces whose every turn is decided: seconds, rows a second, memory.

Nine of ten turns are taken as they are, one is corrected and gives a pair besides. What the rows show is
counted before, as it is at work, where each decision counts its own. The yardstick in the same run writes
the same rows with ``json.dumps``. Each task has a process of its own, which tells its peak of memory.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from make_workspace import copy_of

from curator.datasets import count
from curator.datasets.freezing import freeze
from curator.exporters import decided_rows, export_format
from curator.model import Correction, Decision, Turn
from curator.store import new_act, now
from curator.workspace import Workspace

TASKS = ("export", "freeze")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("turns", nargs="*", type=int, default=[20_000, 100_000])
    parser.add_argument("--task", choices=TASKS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.task:
        run(options.task, options.folder)
        return
    for turns in options.turns:
        with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
            measure(turns, Path(folder) / "ws")


def measure(turns: int, folder: Path) -> None:
    """Print what exporting and freezing so many turns takes."""
    home = copy_of(turns, folder)
    decide(home)
    home.close()
    for task in TASKS:
        command = [sys.executable, __file__, "--task", task, "--folder", str(folder)]
        subprocess.run(command, check=True)
    print(f"yardstick: json.dumps writing the rows of the export: {plain(folder / 'out'):.1f} s")


def decide(home: Workspace) -> None:
    """Decide every turn, and count what the rows show."""
    decisions: list[Decision] = []
    for number, turn in enumerate(home.store.turns.each(home.store.turns.ids())):
        decisions.append(decision(turn, number % 10 == 0))
        if len(decisions) == 1000:
            home.store.journal.append(decisions)
            decisions.clear()
    home.store.journal.append(decisions)
    count(home.store, profile=home.profile)


def decision(turn: Turn, is_corrected: bool) -> Decision:
    """Take a turn as it is, or with another thought."""
    said = turn.output
    thought = f"{said.thinking or ''} That is settled."
    fixed = Correction(thought, said.content, said.tool_calls) if is_corrected else None
    return Decision(
        turn=turn.id,
        kind="correction" if fixed else "verdict",
        reviewer="bench",
        at=now(),
        act=new_act(),
        verdict=None if fixed else "correct",
        correction=fixed,
    )


def run(task: str, folder: Path) -> None:
    """Do one task and print what it took."""
    home = Workspace.open(folder)
    home.store.totals()
    began, cpu = time.perf_counter(), time.process_time()
    if task == "freeze":
        manifest = freeze(home, "bench", anyway="a benchmark").manifest
        rows = manifest.rows("sft") + manifest.rows("pairs")
    else:
        rows = sum(
            file.rows
            for file in export_format("trl").export(decided_rows(home.store, home.profile), folder / "out")
        )
    took, worked = time.perf_counter() - began, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{task:7} {rows:7,} rows in {took:5.1f} s ({worked:.1f} s of a core), {rows / took:6,.0f} rows/s, "
        f"peak {peak} MB",
        flush=True,
    )


def plain(folder: Path) -> float:
    """Return the seconds that json.dumps takes to write the same rows, the reading not counted."""
    spent = 0.0
    with (folder / "again.jsonl").open("w", encoding="utf-8") as out:
        for row in rows_in(folder):
            began = time.perf_counter()
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
            spent += time.perf_counter() - began
    return spent


def rows_in(folder: Path) -> Iterator[object]:
    """Read the files of an export."""
    for path in (folder / "sft.jsonl", folder / "dpo.jsonl"):
        with path.open(encoding="utf-8") as file:
            yield from map(json.loads, file)


if __name__ == "__main__":
    main()
