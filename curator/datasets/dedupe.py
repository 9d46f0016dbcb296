"""Rows and turns that are alike: which, how many, and what the composition would be without the copies."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from curator.checks.support.requests import request
from curator.datasets.meters import BandState, Meters, bands
from curator.errors import StoppedError
from curator.jobs import Progress, QuietProgress
from curator.model import CallClass, Finding, Turn, TurnState
from curator.profiles import Profile
from curator.similar import THRESHOLD, fingerprint, near_duplicates, template
from curator.store import Filter, Store

ROWS = Filter(states=frozenset({"correct", "corrected"}))
"""The turns that give an SFT row."""
NOT_LEFT_OUT = Filter(states=frozenset({"undecided", "correct", "incorrect", "corrected"}))
_WORTH: dict[TurnState, int] = {"corrected": 0, "correct": 1, "undecided": 2, "incorrect": 3, "skipped": 4}
"""Which of some copies stays: the one with the least."""
_NUMBER = re.compile(r"\d+")


class Group(NamedTuple):
    """Turns that are alike, in the order of the log."""

    turns: tuple[int, ...]
    is_exact: bool


class Likeness(NamedTuple):
    """What was found among some turns."""

    looked_at: int
    groups: tuple[Group, ...]
    templates: tuple[tuple[str, tuple[int, ...]], ...]
    """Requests that differ only in numbers, names and values: the pattern, and the turns."""

    @property
    def extra(self) -> int:
        """How many turns could go so that one of each group is left."""
        return sum(len(group.turns) - 1 for group in self.groups)


class Standing(NamedTuple):
    """A group as the decisions have it now."""

    group: Group
    states: dict[int, TurnState]
    keeps: int
    """The turn that stays by default."""
    request: str
    """What was asked, in the turn that stays."""

    @property
    def extra(self) -> int:
        """How many turns are still in the data besides the one that stays."""
        return sum(state != "skipped" for turn, state in self.states.items() if turn != self.keeps)


def alike(
    store: Store,
    ids: Sequence[int],
    threshold: float = THRESHOLD,
    spam: int = 20,
    progress: Progress | None = None,
) -> Likeness:
    """Look for copies among turns: the whole prompt and the answer count, so another call is no copy.

    ``spam`` is the number of requests from which one pattern is told. Takes about a third of a
    millisecond for each turn.

    Raises:
        StoppedError: ``progress`` was cancelled.
    """
    progress = progress or QuietProgress()
    progress.begin("reading turns", len(ids))
    texts, structures, requests = [], [], []
    for turn in store.turns.each(ids):
        _go_on(progress)
        texts.append(_text(turn))
        structures.append(_structure(turn))
        requests.append(template(request(turn.prompt)))
        progress.advance()
    # What compares texts takes its time to be imported.
    found = near_duplicates(texts, threshold, structures, progress) if len(texts) > 1 else []
    _go_on(progress)
    groups = []
    for positions in found:
        marks = {fingerprint(texts[position]) for position in positions}
        groups.append(Group(tuple(ids[position] for position in positions), len(marks) == 1))
    patterns = Counter(requests)
    spammed = [pattern for pattern, number in patterns.most_common() if number >= spam and pattern.strip()]
    templates = tuple(
        (pattern, tuple(ids[at] for at, request in enumerate(requests) if request == pattern))
        for pattern in spammed
    )
    return Likeness(len(ids), tuple(groups), templates)


def _best(group: Group, states: Mapping[int, TurnState]) -> int:
    return min(group.turns, key=lambda turn: _WORTH[states[turn]])


def _go_on(progress: Progress) -> None:
    if progress.cancelled:
        raise StoppedError("Nothing was marked.")


def standing(store: Store, groups: Sequence[Group]) -> list[Standing]:
    """Return how groups stand, in their order."""
    turns = [turn for group in groups for turn in group.turns]
    states = {turn: one.state for turn, one in store.journal.resolutions(turns).items()}
    keeps = [_best(group, states) for group in groups]
    outlines = store.outlines.of(keeps)
    return [
        Standing(group, {turn: states[turn] for turn in group.turns}, stays, outlines[stays].request)
        for group, stays in zip(groups, keeps, strict=True)
    ]


def copies(store: Store, groups: Iterable[Group], keep: Mapping[int, int] | None = None) -> list[int]:
    """Return every turn of some groups but one each.

    A corrected turn stays, else a correct one, the first of these; or the one that ``keep`` names by the
    first turn of its group.
    """
    groups, chosen = list(groups), keep or {}
    resolutions = store.journal.resolutions([turn for group in groups for turn in group.turns])
    states = {turn: one.state for turn, one in resolutions.items()}
    staying = [(group, chosen.get(group.turns[0]) or _best(group, states)) for group in groups]
    return [turn for group, stays in staying for turn in group.turns if turn != stays]


def mark(store: Store, likeness: Likeness) -> None:
    """Write what was found as findings, so that the filter and the review screen show it."""
    store.turns.mark("near_duplicate", {n: one for group in likeness.groups for n, one in _copies(group)})
    spam: dict[int, Finding] = {}
    for pattern, turns in likeness.templates:
        message = f"one of {len(turns)} requests of one pattern: {pattern[:80]}"
        spam |= {turn: Finding("template_spam", "info", message) for turn in turns}
    store.turns.mark("template_spam", spam)


def _copies(group: Group) -> Iterator[tuple[int, Finding]]:
    what = "the same as" if group.is_exact else "nearly the same as"
    for turn in group.turns:
        other = next(one for one in group.turns if one != turn)
        more = f" and {len(group.turns) - 2} others" if len(group.turns) > 2 else ""
        yield turn, Finding("near_duplicate", "warning", f"{what} turn {other}{more}")


def without_copies(
    store: Store, meters: Meters, likeness: Likeness, profile: Profile
) -> tuple[BandState, ...]:
    """Return the composition that is left when one row of each group is kept."""
    classes: dict[CallClass, int] = dict(meters.classes)
    for one in store.journal.resolutions(copies(store, likeness.groups)).values():
        if one.call_class:
            classes[one.call_class] = classes.get(one.call_class, 0) - 1
    left = msgspec.structs.replace(meters, classes={k: n for k, n in classes.items() if n > 0})
    return bands(left, profile)


def _text(turn: Turn) -> str:
    asked = "\n".join(message.content for message in turn.prompt if message.role != "system")
    return f"{asked}\n{turn.output.content or ''}"


def _structure(turn: Turn) -> str:
    """Return what copies must have in common: the calls, and the system prompt but for its numbers."""
    calls = [(call.name, call.arguments) for call in turn.output.tool_calls]
    system = "\n".join(message.content for message in turn.prompt if message.role == "system")
    rules = fingerprint(_NUMBER.sub("0", system))
    return f"{rules}{msgspec.json.encode(calls, order='deterministic').decode()}"
