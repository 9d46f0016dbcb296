"""Reads a source, or a part of one, into packs: the work that can be done in any process."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from curator.checks import Context, run_checks
from curator.ingest.items import Item, Loss, Options, Repeated, RowSession, Seen, Source
from curator.ingest.lines import Part
from curator.ingest.registry import reader_named
from curator.ingest.report import SourceReport
from curator.model import Finding, Turn
from curator.profiles import Profile
from curator.store import Pack, Packer
from curator.store.rows import SessionInfo

BATCH_TURNS = 1000
_OPEN_SESSIONS = 1000

Checker = Callable[[Turn, Context], Sequence[Finding]]


class Task(Struct, frozen=True):
    """What to read: a source with its reader, whole or in part, and how its turns are checked."""

    reader: str
    path: str
    shown: str
    options: Options
    part: Part | None = None
    is_checked: bool = True
    profile: Profile | None = None


class Batch(Struct):
    """What came out so far: turns to store, and what is to be said about them."""

    pack: Pack
    report: SourceReport
    end: int = 0
    """Byte of the source that the last turn ends at."""
    is_last: bool = True
    """Whether the task is done with it."""
    broke_off: bool = False
    """Whether the source could not be read any further, so that the next ingest has to go on there."""


def work(task: Task, check: Checker | None = run_checks) -> Iterator[Batch]:
    """Yield what a task gives, a bounded number of turns at a time, but never half a row.

    A source that cannot be read is a loss in the report.
    """
    working = _Work(task, check if task.is_checked else None)
    broke_off = False
    try:
        for item in working.items():
            if working.is_full and (working.has_open_session or not isinstance(item, Turn)):
                yield working.batch(is_last=False)
            working.take(item)
    except OSError as error:
        broke_off = True
        sentence = f"the source cannot be read: {error.strerror or error}."
        working.take(Loss("dropped", "unreadable", sentence, task.shown))
    last = working.batch(is_last=True)
    last.broke_off = broke_off
    yield last


class _Work:
    """The state of one task."""

    def __init__(self, task: Task, check: Checker | None) -> None:
        self._task = task
        self._checked = _Checked(check, task.profile)
        self._packer = Packer()
        self._last: SessionInfo | None = None
        self._report = SourceReport(task.shown, task.reader)
        self._end = 0

    def items(self) -> Iterator[Item]:
        """Yield what the reader finds."""
        source = Source(Path(self._task.path), self._task.shown)
        return reader_named(self._task.reader).pieces(source, self._task.options, self._task.part)

    @property
    def is_full(self) -> bool:
        """Whether a batch is ready."""
        return len(self._packer) >= BATCH_TURNS

    @property
    def has_open_session(self) -> bool:
        """Whether a session goes on in the next batch as it is; a row cannot be cut."""
        return self._last is not None

    def take(self, item: Item) -> None:
        """Pack or count one item."""
        if isinstance(item, Turn):
            self._packer.add(item, self._checked.findings(item))
            self._end = max(self._end, item.source.end)
        elif isinstance(item, Repeated):
            self._report.history += item.records
        elif isinstance(item, RowSession):
            self._packer.add_session(item.info, item.ends)
        elif isinstance(item, SessionInfo):
            self._packer.add_session(item)
            self._last = item
        elif isinstance(item, Seen):
            self._report.records += item.records
        else:
            self._report.lose(item)

    def batch(self, *, is_last: bool) -> Batch:
        """Return what came since the last batch. The last session stays open: its turns may go on."""
        batch = Batch(self._packer.take(), self._report, self._end, is_last)
        self._report = SourceReport(self._task.shown, self._task.reader)
        if self._last:
            self._packer.add_session(self._last)
        return batch


class _Checked:
    """Runs the checks with what each session has seen so far."""

    def __init__(self, check: Checker | None, profile: Profile | None) -> None:
        self._check, self._profile = check, profile
        self._words = profile.words if profile else {}
        self._contexts: OrderedDict[str, Context] = OrderedDict()

    def findings(self, turn: Turn) -> tuple[Finding, ...]:
        """Return the findings of the next turn of its session."""
        if self._check is None:
            return ()
        context = self._contexts.pop(turn.session, None) or Context(
            aliases=self._words, profile=self._profile
        )
        self._contexts[turn.session] = context
        if len(self._contexts) > _OPEN_SESSIONS:
            self._contexts.popitem(last=False)
        found = tuple(self._check(turn, context))
        context.remember(turn)
        return found
