"""Reads sources, checks their turns and stores what is new, a bounded batch at a time."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Protocol

from curator.checks import run_checks
from curator.ingest.intake import Intake
from curator.ingest.items import Options
from curator.ingest.mapping import Mapping as DatabaseMapping
from curator.ingest.parts import Cut
from curator.ingest.pool import Pool
from curator.ingest.report import IngestReport
from curator.ingest.walk import find_sources
from curator.ingest.work import Batch, Checker, Task, work
from curator.jobs import Progress, QuietProgress
from curator.model import Origin
from curator.profiles import Profile
from curator.store import Store

POOL_BYTES = 24 * 1024 * 1024
"""What is read at once by this process; starting others costs half a second."""
_MAX_WORKERS = 8

Step = tuple[int, Cut | None]
"""The number of the source, and the part of it."""


class _Runner(Protocol):
    def run(self, tasks: Iterable[tuple[Step, Task | None]]) -> Iterator[tuple[Step, Iterator[Batch]]]: ...


def ingest(
    store: Store | None,
    paths: Sequence[Path | str],
    *,
    as_format: str | None = None,
    tier: str | None = None,
    origin: Origin = "real",
    dry_run: bool = False,
    progress: Progress | None = None,
    check: Checker | None = run_checks,
    profile: Profile | None = None,
    mapping: DatabaseMapping | None = None,
    workers: int | None = None,
) -> IngestReport:
    """Read everything below ``paths`` into the store and report what was read, repaired and dropped.

    Turns are known by their content, so ingesting again, or from another place, adds only what is new.
    Of a file of lines that has grown only the new lines are read; one that was rewritten is told by its
    sha256 and is a new source. Each batch is one transaction that also says how far the source is read:
    after a crash, a kill or a cancel, ingesting again goes on there and ends in the same state.
    ``check`` gives the findings stored with a new turn (``None``: none) by the rules of ``profile``. With
    ``dry_run`` nothing is written, no store is needed and ``new_turns`` stays 0. ``mapping`` says where a
    database or a table has what. ``workers`` is the number of processes that read and parse: by default
    one for each core where there is much to read.

    Raises:
        InputError: ``as_format`` names no reader.
        CuratorError: A worker process ended.
    """
    progress = progress or QuietProgress()
    options = Options(tier=tier, origin=origin, mapping=mapping)
    found = list(find_sources([Path(p) for p in paths], as_format))
    intakes = [Intake(None if dry_run else store, one, options) for one in found]
    report = IngestReport()
    tasks = _tasks(intakes, check is not None, profile)
    with _runner(intakes, check, workers) as runner:
        for (number, cut), batches in runner.run(tasks):
            intake = intakes[number]
            if number == len(report.sources):
                _finish(intakes, number - 1, is_complete=True)
                report.sources.append(intake.report)
                progress.begin(f"{intake.report.path} ({number + 1} of {len(found)})", intake.size())
                progress.advance(intake.read_to)
            for batch in batches:
                intake.store(batch, cut, progress)
                if progress.cancelled:
                    break
            if progress.cancelled:
                report.cancelled = True
                break
    _finish(intakes, len(report.sources) - 1, is_complete=not report.cancelled)
    return report


def _tasks(
    intakes: Sequence[Intake], is_checked: bool, profile: Profile | None
) -> Iterator[tuple[Step, Task | None]]:
    """Yield everything that has to be read, and a step without a task where nothing has."""
    for number, intake in enumerate(intakes):
        is_idle = True
        for cut, task in intake.tasks(is_checked, profile):
            yield (number, cut), task
            is_idle = False
        if is_idle:
            yield (number, None), None


def _finish(intakes: Sequence[Intake], number: int, *, is_complete: bool) -> None:
    if number >= 0:
        intakes[number].finish(is_complete)


def _runner(
    intakes: Sequence[Intake], check: Checker | None, workers: int | None
) -> AbstractContextManager[_Runner]:
    """Return what runs the tasks: other processes where there is much to read and the check is theirs."""
    cores = min(os.cpu_count() or 1, _MAX_WORKERS)
    if workers is None:
        is_much = sum(intake.size() or 0 for intake in intakes) >= POOL_BYTES
        workers = cores if is_much and cores > 1 else 0
    if workers and check in (None, run_checks):
        return Pool(workers)
    return nullcontext(_Here(check))


class _Here:
    """Runs the tasks in this process."""

    def __init__(self, check: Checker | None) -> None:
        self._check = check

    def run(self, tasks: Iterable[tuple[Step, Task | None]]) -> Iterator[tuple[Step, Iterator[Batch]]]:
        """Yield every step with the batches of its task, in order."""
        for step, task in tasks:
            yield step, work(task, self._check) if task else iter(())
