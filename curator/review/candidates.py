"""The answers that a turn's prompt has: logged, corrected, of other sessions, generated; equal ones once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import Literal, NamedTuple

from msgspec import Struct

from curator.checks import with_tools
from curator.errors import CuratorError
from curator.jobs import Progress, QuietProgress
from curator.model import Candidate, Correction, Decision, Output, Preference, Resolution, Turn, Weighed
from curator.profiles import Profile
from curator.review.answering import answered
from curator.review.comparing import Likeness, compare, meaning
from curator.store import (
    Answer,
    Facts,
    Filter,
    Store,
    active,
    candidate_hash,
    comparisons,
    said,
)
from curator.store.resolve import SETTLING

_SHORT = 8
"""Digits of a short id, more where two candidates of a turn share them."""


class Contender(Struct, frozen=True):
    """One answer, and all that gave it."""

    id: str
    """Short and stable: the beginning of the hash of its text."""
    candidate: Candidate
    sources: tuple[Weighed, ...]
    """Who said it, the one that a preference names first."""

    @property
    def weighed(self) -> Weighed:
        """How a preference names it."""
        return self.sources[0]


class Sheet(Struct, frozen=True):
    """Everything that stands to be compared about one prompt, and what was compared already."""

    turns: tuple[int, ...]
    """The turns with this prompt and these tools, in log order."""
    contenders: tuple[Contender, ...]
    known: tuple[Decision, ...]
    """The comparisons that stand: preferences and corrections."""

    @property
    def open(self) -> tuple[Contender, ...]:
        """The best so far, then each that has yet to meet it; fewer than two where all is compared.

        Who lost is out, and so is the later one of two that are equally good or bad. So each comparison
        takes one out, and no number of comparisons smaller than this finds the best.
        """
        out: set[str] = set()
        place = {source.said: one.id for one in self.contenders for source in one.sources}
        order = [one.id for one in self.contenders]
        for decision in self.known:
            first, second, winner = _outcome(decision, self)
            if first in place and second in place and place[first] != place[second]:
                two = {place[first], place[second]}
                out |= two - {place[winner]} if winner in place else {max(two, key=order.index)}
        return tuple(one for one in self.contenders if one.id not in out)

    @property
    def left(self) -> int:
        """How many comparisons are left."""
        return max(0, len(self.open) - 1)

    def with_decision(self, decision: Decision) -> Sheet:
        """Return the sheet as it will be after one more preference."""
        return Sheet(self.turns, self.contenders, (*self.known, decision))

    def standing(self, one: Contender, other: Contender) -> Preference | None:
        """Return the preference that stands between two contenders, the latest where there are several."""
        for decision in reversed(self.known):
            preference = decision.preference
            if preference is not None and {preference.first.said, preference.second.said} == {
                one.weighed.said,
                other.weighed.said,
            }:
                return preference
        return None

    def find(self, text: str) -> Contender:
        """Return the contender whose short id begins so.

        Raises:
            CuratorError: None, or several, answer to it.
        """
        found = [one for one in self.contenders if text and one.id.startswith(text.lower())]
        if len(found) != 1:
            ids = ", ".join(one.id for one in self.contenders)
            what = "several candidates begin" if found else "no candidate of this turn begins"
            raise CuratorError(f"{what} with {text!r}; there are {ids}.")
        return found[0]


class Duel(Struct, frozen=True):
    """Two candidates that meet, and what a screen shows of their prompt."""

    turn: Turn
    """The turn that the decision is about."""
    first: Contender
    second: Contender
    likeness: Likeness
    left: Literal["first", "second"]
    """Which stands at the left: random, and the same for this reviewer whenever they meet."""
    resolution: Resolution
    history: tuple[Decision, ...]
    facts: Facts
    sheet: Sheet


class _Source(NamedTuple):
    weighed: Weighed
    candidate: Candidate


def sheet_of(store: Store, turn_id: int, profile: Profile) -> Sheet:
    """Collect the candidates of a turn's prompt, those that a person wrote first, then the logged ones.

    Raises:
        CuratorError: There is no such turn.
    """
    turns = store.siblings.of(turn_id)
    journals = store.journal.histories(turns)
    given = {turn.id: with_tools(turn, profile) for turn in store.turns.get_many(turns)}
    models = store.siblings.models(turns)
    known: list[Decision] = []
    sources: list[_Source] = []
    for n, turn in given.items():
        standing = active(journals.get(n, []))
        known += comparisons(turn.output, turn.raw, standing)
        last = next((one for one in reversed(standing) if one.kind in SETTLING), None)
        if last is not None and last.correction is not None:
            sources.append(_corrected(n, last.correction))
    own = sorted(given.items(), key=lambda one: one[0] != turn_id)
    for n, turn in own:
        model = turn.model or models.get(n, "")
        sources.append(_logged(turn, "logged" if n == turn_id else "session", model))
    sources += [_generated(given[answer.turn], answer, profile) for answer in store.answers.of(*turns)]
    known.sort(key=lambda one: one.id)
    return Sheet(turns, _contenders(sources), tuple(known))


def sheets(
    store: Store, profile: Profile, wanted: Filter | None = None, progress: Progress | None = None
) -> Iterator[Sheet]:
    """Yield the sheets with two or more differing candidates, each prompt once, in log order."""
    progress = progress or QuietProgress()
    leaders = waiting(store, wanted)
    progress.begin("prompts", len(leaders))
    for turn_id in leaders:
        progress.advance()
        sheet = sheet_of(store, turn_id, profile)
        if len(sheet.contenders) > 1:
            yield sheet


def waiting(store: Store, wanted: Filter | None = None) -> list[int]:
    """Return, of each prompt that may have several candidates, the first turn; nothing is compared yet."""
    groups = {group[0]: set(group) for group in store.siblings.groups()}
    for turn_id in store.answers.turns():
        turns = store.siblings.of(turn_id)
        groups.setdefault(turns[0], set()).update(turns)
    if wanted is None or wanted == Filter():
        return sorted(groups)
    taken = set(store.turns.ids(wanted))
    return sorted(leader for leader, turns in groups.items() if turns & taken)


def next_duel(store: Store, sheet: Sheet, profile: Profile, reviewer: str) -> Duel | None:
    """Return the next comparison of a sheet: the best so far against one that it has not met."""
    waiting = sheet.open
    return duel(store, sheet, waiting[0], waiting[1], profile, reviewer) if len(waiting) > 1 else None


def duel(
    store: Store, sheet: Sheet, one: Contender, other: Contender, profile: Profile, reviewer: str
) -> Duel:
    """Let two candidates meet.

    Raises:
        CuratorError: They mean the same.
    """
    likeness = compare(one.candidate, other.candidate)
    if one.id == other.id or likeness == "equal":
        raise CuratorError(f"{one.id} and {other.id} say the same: there is nothing to prefer.")
    turn = with_tools(store.turns.get(_owner(sheet, one, other)), profile)
    resolution = store.journal.resolution(turn.id)
    return Duel(
        turn=turn,
        first=one,
        second=other,
        likeness=likeness,
        left=left_side(turn.key, one, other, reviewer),
        resolution=resolution,
        history=tuple(store.journal.history(turn.id)),
        facts=store.facts.of(resolution.decision),
        sheet=sheet,
    )


def left_side(turn_key: str, one: Contender, other: Contender, reviewer: str) -> Literal["first", "second"]:
    """Draw which of two stands at the left: evenly over turns and reviewers, the same whenever asked."""
    low, high = sorted((one.weighed.said, other.weighed.said))
    drawn = blake2b("\0".join((turn_key, low, high, reviewer)).encode(), digest_size=1).digest()[0] % 2
    is_low_left = bool(drawn)
    return "first" if (one.weighed.said == low) == is_low_left else "second"


def source_words(one: Weighed) -> str:
    """Say where a candidate comes from; shown only after the decision."""
    words = {
        "logged": "logged",
        "correction": f"correction of #{one.turn}",
        "session": f"logged in #{one.turn}",
        "generated": "generated",
    }[one.origin]
    return f"{words} · {one.model}" if one.model else words


def _owner(sheet: Sheet, one: Contender, other: Contender) -> int:
    """Return the turn that the decision is kept with: the corrected one, so that its pair comes once."""
    for contender in (one, other):
        if contender.weighed.origin == "correction":
            return contender.weighed.turn
    return sheet.turns[0]


def _outcome(decision: Decision, sheet: Sheet) -> tuple[str, str, str]:
    """Return the two texts that a decision compared, and the better one or nothing."""
    preference = decision.preference
    if preference is not None:
        chosen = preference.chosen
        return preference.first.said, preference.second.said, chosen.said if chosen else ""
    assert decision.correction is not None
    logged = next(
        (
            source.said
            for one in sheet.contenders
            for source in one.sources
            if source.origin in ("logged", "session") and source.turn == decision.turn
        ),
        "",
    )
    better = said(decision.correction)
    return better, logged, better


def _contenders(sources: Sequence[_Source]) -> tuple[Contender, ...]:
    """Join the sources that mean the same; the first of them stands for all."""
    by_meaning: dict[bytes, list[_Source]] = {}
    for one in sources:
        by_meaning.setdefault(meaning(one.candidate), []).append(one)
    joined = list(by_meaning.values())
    ids = _short_ids([group[0].weighed.candidate for group in joined])
    return tuple(
        Contender(id, group[0].candidate, tuple(one.weighed for one in group))
        for id, group in zip(ids, joined, strict=True)
    )


def _short_ids(hashes: Sequence[str]) -> Iterable[str]:
    digits = _SHORT
    while len({one[:digits] for one in hashes}) < len(hashes):
        digits += 1
    return [one[:digits] for one in hashes]


def _corrected(turn_id: int, correction: Correction) -> _Source:
    output = Output(correction.thinking, correction.content, correction.tool_calls)
    return _source(Candidate(output), "correction", turn_id)


def _logged(turn: Turn, origin: Literal["logged", "session"], model: str) -> _Source:
    return _source(Candidate(turn.output, turn.raw, turn.structured), origin, turn.id, model)


def _generated(turn: Turn, answer: Answer, profile: Profile) -> _Source:
    output = answered(turn, answer, profile).output
    return _source(Candidate(output, answer.raw), "generated", turn.id, answer.model)


def _source(
    candidate: Candidate,
    origin: Literal["logged", "correction", "session", "generated"],
    turn_id: int,
    model: str = "",
) -> _Source:
    digest = said(candidate.output, candidate.raw)
    return _Source(Weighed(candidate_hash(candidate), digest, origin, turn_id, model), candidate)
