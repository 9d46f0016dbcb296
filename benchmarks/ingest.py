"""Ingests the log of a chat proxy as a user would, and measures all that the budget of ingest names.

Turns a second with the checks on, from start to exit of the program; how flat that stays; memory of all its
processes; size of the database; ingesting again, after the log grew, and after being killed. Beside it in the
same run: decoding the same lines, and storing them with sqlite-utils. The big run is ``--bytes 1e9``.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, get_args

from chat_log import ChatLog, Style
from end_state import EndState, end_state
from watch import Run, stored_turns, tenths, watch
from yardsticks import decode_all, decoders, sqlite_utils

_APPENDED = 1000
_KILL_AT = 0.4
_FLAT_FROM = 10_000
_SHORT_TENTH = 2.0
"""Seconds below which a tenth of a run says more about the batches than about its speed."""


class Bench(NamedTuple):
    """A log and the workspaces it is ingested into."""

    folder: Path
    log: Path

    def ingest(self, workspace: str, *, kill_at: int | None = None) -> Run:
        """Run ``curator ingest`` in a process of its own."""
        place = self.folder / workspace
        command = [sys.executable, "-m", "curator", "ingest", str(self.log)]
        options = ["--workspace", str(place), "--json"]
        return watch([*command, *options], self.database(workspace), kill_at=kill_at)

    def stats(self, workspace: str) -> Run:
        """Run ``curator stats``."""
        options = ["--workspace", str(self.folder / workspace), "--json"]
        return watch([sys.executable, "-m", "curator", "stats", *options], self.database(workspace))

    def database(self, workspace: str) -> Path:
        """Return the database file of a workspace."""
        return self.folder / workspace / ".curator" / "curator.db"


def main() -> None:
    given = _options()
    with _folder(given.folder) as folder:
        bench = Bench(folder, folder / "chat.jsonl")
        source = ChatLog(style=given.style, ids=not given.no_ids)
        _write(bench, source, given)
        run = bench.ingest("first")
        _print_ingest(bench, run)
        if not given.skip_yardsticks:
            _print_yardsticks(bench, run)
        _print_again(bench, source)
        if not given.skip_kill and not _survives_kill(bench):
            sys.exit(1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bytes", type=float, default=6e7, help="size of the log (default: 6e7)")
    parser.add_argument("--turns", type=int, help="new answers in the log, instead of its size")
    parser.add_argument("--style", choices=get_args(Style), default="proxy")
    parser.add_argument("--no-ids", action="store_true", help="rows that do not name their session")
    parser.add_argument("--folder", type=Path, help="where to work; what is written there is kept")
    parser.add_argument("--skip-yardsticks", action="store_true", help="no decoders, no sqlite-utils")
    parser.add_argument("--skip-kill", action="store_true", help="no killed and resumed ingest")
    return parser.parse_args()


@contextlib.contextmanager
def _folder(given: Path | None) -> Iterator[Path]:
    if given is None:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)
        return
    given.mkdir(parents=True, exist_ok=True)
    if any((given / name).exists() for name in ("first", "killed")):
        raise SystemExit(f"{given} has the workspaces of an earlier run: name another folder.")
    yield given


def _write(bench: Bench, source: ChatLog, given: argparse.Namespace) -> None:
    began = time.perf_counter()
    written = source.write(bench.log, turns=given.turns, size=None if given.turns else int(given.bytes))
    took = time.perf_counter() - began
    _row(
        "log",
        f"{written.lines:,} lines",
        f"{written.generations:,} answers",
        f"{written.size / 1e6:,.1f} MB",
        f"written in {took:.1f} s",
    )
    _row("machine", f"{len(os.sched_getaffinity(0))} cores", f"load {os.getloadavg()[0]:.1f} before")


def _print_ingest(bench: Bench, run: Run) -> None:
    size, turns = bench.log.stat().st_size, stored_turns(bench.database("first"))
    database = bench.database("first").stat().st_size
    totals = json.loads(run.output)["totals"]
    _row(
        "ingest",
        f"{turns / run.seconds:,.0f} turns/s (budget 5,000)",
        f"{size / 1e6 / run.seconds:.1f} MB/s",
        f"{run.seconds:.1f} s",
        f"processor {run.cpu:.1f} s",
    )
    losses = ", ".join(f"{totals[name]:,} {name}" for name in ("repaired", "dropped", "unexplained"))
    _row("", f"{turns:,} turns stored", f"{totals['tool_calls']:,} calls", losses)
    _row("memory", f"{run.peak_mb:,.0f} MB all processes (budget 500)", f"{run.main_mb:,.0f} MB the first")
    _row("database", f"{database / 1e6:,.1f} MB", f"{database / size:.2f} × the log")
    _print_flatness(run)
    stats = bench.stats("first")
    _row("stats", f"{stats.seconds:.2f} s", f"{json.loads(stats.output)['turns']:,} turns")


def _print_flatness(run: Run) -> None:
    """Print how even the speed was from the 10 000th turn to the last one."""
    speeds = tenths(run.samples, _FLAT_FROM)
    if not speeds:
        _row("flatness", f"needs more than {_FLAT_FROM:,} turns")
        return
    median = statistics.median(speeds)
    furthest = max(speeds, key=lambda speed: abs(speed / median - 1))
    short = (run.samples[-1].turns - _FLAT_FROM) / 10 / median < _SHORT_TENTH
    _row(
        "flatness",
        f"first tenth {speeds[0]:,.0f}",
        f"median {median:,.0f}",
        f"last {speeds[-1]:,.0f} turns/s",
        f"furthest {100 * (furthest / median - 1):+.0f} % (budget ±30 %)",
        *(["tenths too short to judge"] if short else []),
    )


def _print_yardsticks(bench: Bench, run: Run) -> None:
    size = bench.log.stat().st_size
    for name, decode in decoders().items():
        took = decode_all(bench.log, decode)
        _row(
            f"{name} decodes",
            f"{took:.2f} s",
            f"{size / 1e6 / took:,.0f} MB/s",
            f"ingest {run.seconds / took:.1f} ×",
        )
    stored = sqlite_utils(bench.log, bench.folder)
    if stored is None:
        _row("sqlite-utils", "is not installed")
        return
    _row(
        "sqlite-utils",
        f"{stored.seconds:.1f} s",
        f"{size / 1e6 / stored.seconds:.1f} MB/s",
        f"{stored.size / 1e6:,.1f} MB database",
        f"ingest takes {run.seconds / stored.seconds:.2f} ×",
        f"and {bench.database('first').stat().st_size / stored.size:.2f} × the space",
    )


def _print_again(bench: Bench, source: ChatLog) -> None:
    """Ingest the same log again, and once more when it has grown by a thousand answers."""
    _row("nothing new", *_new(bench.ingest("first")))
    added = source.write(bench.log, turns=_APPENDED, append=True)
    _row(f"{added.generations:,} appended", *_new(bench.ingest("first")))


def _new(run: Run) -> list[str]:
    new = json.loads(run.output)["totals"]["new_turns"]
    return [f"{run.seconds:.2f} s", f"{new:,} new", f"{run.peak_mb:,.0f} MB all processes"]


def _survives_kill(bench: Bench) -> bool:
    """Kill an ingest of the grown log, resume it, and compare with what three ingests have left."""
    turns = stored_turns(bench.database("first"))
    killed = bench.ingest("killed", kill_at=round(_KILL_AT * turns))
    if not killed.killed:
        _row("kill -9", "the ingest ended before it could be killed: take a larger log")
        return True
    left = stored_turns(bench.database("killed"))
    _row("kill -9", f"after {killed.seconds:.1f} s", f"{left:,} turns stored ({100 * left / turns:.0f} %)")
    _row("resumed", *_new(bench.ingest("killed")))
    states = [end_state(bench.database(name)) for name in ("first", "killed")]
    return _same(*states)


def _same(first: EndState, resumed: EndState) -> bool:
    differences = first.differences(resumed)
    _row("end state", *(["DIFFERS", *differences] if differences else [_equal(first)]))
    return not differences


def _equal(state: EndState) -> str:
    counted = ", ".join(f"{state.counts[name]:,} {name}" for name in ("sessions", "calls", "findings"))
    return f"the same: {len(state.turns):,} turns, {counted}; integrity ok"


def _row(name: str, *figures: str) -> None:
    print(f"{name:16} {'   '.join(figures)}", flush=True)


if __name__ == "__main__":
    main()
