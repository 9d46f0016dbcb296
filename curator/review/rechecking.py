"""Runs all checks anew on stored turns, session by session, so that each earlier turn is read once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from curator.checks import Context, checks, run_checks
from curator.jobs import Progress, QuietProgress
from curator.model import Finding, Turn
from curator.profiles import Profile
from curator.store import Filter, Store
from curator.store.whole import chunks

_WRITTEN_AT_ONCE = 256


class Rechecked(NamedTuple):
    """A turn, and what is said about it now."""

    turn: int
    findings: tuple[Finding, ...]


def recheck(
    store: Store, profile: Profile, filter: Filter | None = None, progress: Progress | None = None
) -> Iterator[Rechecked]:
    """Replace the findings of the turns that a filter takes; yield them by session, in the order of the log.

    They are written a few hundred at a time. Ends early when ``progress`` is cancelled; what was yielded
    is stored.
    """
    progress = progress or QuietProgress()
    ids = store.turns.ids(filter)
    progress.begin("checks", len(ids))
    waiting: list[Rechecked] = []
    for session in _sessions(store, ids):
        for one in _recheck_session(store, profile, session):
            waiting.append(one)
            if len(waiting) == _WRITTEN_AT_ONCE:
                yield from _written(store, waiting, progress)
                waiting = []
            if progress.cancelled:
                return
    yield from _written(store, waiting, progress)


def _sessions(store: Store, ids: Sequence[int]) -> list[list[int]]:
    """Return the turns by session, the sessions in the order of their first turns."""
    sessions: dict[int, list[int]] = {}
    for part in chunks(ids):
        for row in store.turns.rows(part):
            sessions.setdefault(row.session_id, []).append(row.id)
    return list(sessions.values())


def _recheck_session(store: Store, profile: Profile, wanted: Sequence[int]) -> Iterator[Rechecked]:
    """Check turns of one session, each knowing the calls of those that stand before it."""
    context, asked = Context(aliases=profile.words, profile=profile), set(wanted)
    rows = store.turns.session_turns(wanted[0])
    last = max(row.index for row in rows if row.id in asked)
    read = [row.id for row in rows if row.id in asked or (row.calls and row.index < last)]
    for _, turns in groupby(store.turns.each(read), key=_index):
        # Turns of one place, as in logs that were read twice, do not know each other.
        here = list(turns)
        for turn in here:
            if turn.id in asked:
                yield Rechecked(turn.id, run_checks(turn, context))
        for turn in here:
            if turn.output.tool_calls:
                context.remember(turn)


def _index(turn: Turn) -> int:
    return turn.index


def _written(store: Store, fresh: Sequence[Rechecked], progress: Progress) -> list[Rechecked]:
    """Store findings beside those that come from comparing turns, which `curator dedupe` finds anew."""
    own = {one.id for one in checks()}
    before = store.turns.findings_of([one.turn for one in fresh])
    whole = [
        Rechecked(turn, (*findings, *(f for f in before[turn] if f.check not in own)))
        for turn, findings in fresh
    ]
    store.turns.set_findings(dict(whole))
    progress.advance(len(whole))
    return whole
