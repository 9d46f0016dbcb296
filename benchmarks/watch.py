"""Runs a program and watches it: the memory of all its processes, and how many turns it has stored."""

from __future__ import annotations

import contextlib
import itertools
import os
import resource
import signal
import sqlite3
import subprocess
import tempfile
import time
from pathlib import Path
from typing import IO, NamedTuple

import psutil

_INTERVAL = 0.2
_HASTE = 0.02
"""Seconds between looks when the program is to be killed at some point."""


class Sample(NamedTuple):
    """How far the program was at a moment."""

    seconds: float
    turns: int


class Run(NamedTuple):
    """What a program did and took."""

    output: str
    seconds: float
    cpu: float
    """Seconds of processor time, all processes together."""
    peak_mb: float
    """Largest sum of the resident memory of all processes; pages that they share count more than once."""
    main_mb: float
    """Largest resident memory of the first process alone."""
    samples: tuple[Sample, ...] = ()
    killed: bool = False


def watch(arguments: list[str], database: Path, *, kill_at: int | None = None) -> Run:
    """Run a program to its end, or until it has stored ``kill_at`` turns: then kill all its processes.

    Raises:
        SystemExit: The program failed; the message is what it said.
    """
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complained:
        cpu, began = _cpu(), time.perf_counter()
        process = subprocess.Popen(
            arguments, stdin=subprocess.DEVNULL, stdout=said, stderr=complained, start_new_session=True
        )
        looks = _Looks(process.pid, database, began)
        while process.poll() is None and (kill_at is None or looks.turns < kill_at):
            looks.look()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_INTERVAL if kill_at is None else _HASTE)
        killed = process.poll() is None and _kill(process)
        seconds = time.perf_counter() - began
        looks.look()
        if not killed and process.returncode:
            raise SystemExit(f"{' '.join(arguments)} failed:\n{_text(complained)[-2000:]}")
        used = _cpu() - cpu
        return Run(_text(said), seconds, used, looks.peak, looks.main, tuple(looks.samples), killed)


class _Looks:
    """What was seen of a running program."""

    def __init__(self, pid: int, database: Path, began: float) -> None:
        self._pid, self._database, self._began = pid, database, began
        self.peak = self.main = 0.0
        self.turns = 0
        self.samples: list[Sample] = []

    def look(self) -> None:
        """Take a sample."""
        self.turns = stored_turns(self._database)
        self.samples.append(Sample(time.perf_counter() - self._began, self.turns))
        sizes = [_resident_mb(process) for process in _tree(self._pid)]
        self.peak = max(self.peak, sum(sizes))
        self.main = max(self.main, *sizes[:1], 0.0)


def stored_turns(database: Path) -> int:
    """Return the highest id of a turn, 0 while there is no database to read."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=0.1)) as file:
            return int(file.execute("SELECT max(id) FROM turn").fetchone()[0] or 0)
    except sqlite3.OperationalError:
        return 0


def _tree(pid: int) -> list[psutil.Process]:
    try:
        first = psutil.Process(pid)
        return [first, *first.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _resident_mb(process: psutil.Process) -> float:
    try:
        return float(process.memory_info().rss) / 2**20
    except psutil.NoSuchProcess:
        return 0.0


def _kill(process: subprocess.Popen[bytes]) -> bool:
    tree = _tree(process.pid)
    os.killpg(process.pid, signal.SIGKILL)
    for one in tree:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()
    process.wait()
    psutil.wait_procs(tree, timeout=10)
    return True


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")


def tenths(samples: tuple[Sample, ...], first: int = 10_000) -> list[float]:
    """Return the turns a second of each tenth of the turns from ``first`` to the last one."""
    last = samples[-1].turns
    if last <= first:
        return []
    step = (last - first) / 10
    moments = [_moment(samples, first + step * n) for n in range(11)]
    return [step / max(after - before, 1e-9) for before, after in itertools.pairwise(moments)]


def _moment(samples: tuple[Sample, ...], turns: float) -> float:
    """Return when there were so many turns, on a straight line between the looks around it."""
    later = next(n for n, sample in enumerate(samples) if sample.turns >= turns)
    if later == 0:
        return samples[0].seconds
    before, after = samples[later - 1], samples[later]
    share = (turns - before.turns) / (after.turns - before.turns)
    return before.seconds + share * (after.seconds - before.seconds)
