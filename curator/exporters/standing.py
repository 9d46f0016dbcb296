"""The rows that the journal gives now: of every turn its SFT row and its preference pairs."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from msgspec.structs import replace

from curator.errors import StoppedError
from curator.exporters.rows import (
    ChatMessage,
    Origin,
    PairRow,
    SftRow,
    as_logged,
    corrected_message,
    logged_message,
    make_pair,
    pair_row,
    row_origin,
    sft_row,
)
from curator.jobs import Progress, QuietProgress
from curator.model import Candidate, Correction, Decision, Preference, Redaction, Resolution, Turn, Weighed
from curator.profiles import Profile
from curator.store import Store, active, pair_decisions

ROWS_STOPPED = "The rows were not written; what stood there before is untouched."
_READ_AT_ONCE = 256
_SOURCES = {
    "logged": "the logged output",
    "correction": "the correction",
    "session": "another session",
    "generated": "a generated answer",
}


class Standing(NamedTuple):
    """A turn that gives a row, and its rows."""

    turn: Turn
    decision: Decision | None
    """The one that settled it; ``None`` where only candidates were compared."""
    sft: SftRow | None
    pairs: tuple[PairRow, ...]


def decided_rows(
    store: Store, profile: Profile, tier: str | None = None, progress: Progress | None = None
) -> Iterator[tuple[SftRow | None, PairRow | None]]:
    """Yield the rows of every turn that gives some, in log order; one with several pairs comes several times.

    Raises:
        StoppedError: ``progress`` was cancelled.
    """
    for one in standing_rows(store, profile, tier, progress=progress):
        yield one.sft, one.pairs[0] if one.pairs else None
        yield from ((None, pair) for pair in one.pairs[1:])


def standing_rows(
    store: Store,
    profile: Profile,
    tier: str | None = None,
    only: Container[int] | None = None,
    progress: Progress | None = None,
) -> Iterator[Standing]:
    """Yield every turn that gives a row, in log order; ``only`` narrows it to some turns.

    Turns are read a few hundred at a time, so memory does not grow with their number.

    Raises:
        StoppedError: ``progress`` was cancelled.
    """
    progress = progress or QuietProgress()
    giving = (
        (resolution, decision)
        for resolution, decision in store.journal.giving(tier)
        if (resolution.sft_rows or resolution.pairs) and (only is None or resolution.turn in only)
    )
    while part := list(islice(giving, _READ_AT_ONCE)):
        if progress.cancelled:
            raise StoppedError(ROWS_STOPPED)
        yield from _rows_of(store, profile, part)
        progress.advance(len(part))


def _rows_of(
    store: Store, profile: Profile, giving: Sequence[tuple[Resolution, Decision | None]]
) -> Iterator[Standing]:
    turns = store.turns.get_many([resolution.turn for resolution, _ in giving])
    redacted = [resolution.turn for resolution, _ in giving if resolution.redactions]
    hidden_texts = store.journal.redactions_of(redacted)
    compared = {resolution.turn for resolution, _ in giving if resolution.preferences}
    pairs = _compared(store, profile, [turn for turn in turns if turn.id in compared]) if compared else {}
    for turn, (_, decision) in zip(turns, giving, strict=True):
        secrets = hidden_texts.get(turn.id, ())
        row = sft_row(turn, decision, profile, secrets) if decision else None
        own = pairs.get(turn.id, [])
        if turn.id not in compared and decision and (pair := pair_row(turn, decision, profile, secrets)):
            own = [pair]
        if row is not None or own:
            yield Standing(turn, decision, row, tuple(own))


def preference_row(
    turn: Turn,
    decision: Decision,
    candidates: Mapping[str, Candidate],
    profile: Profile,
    redactions: tuple[Redaction, ...] = (),
) -> PairRow | None:
    """Return the pair of a preference, or None: none is better, both are one text, or pairs are forbidden."""
    preference = decision.preference
    if preference is None or profile.preferences == "forbidden":
        return None
    chosen, rejected = preference.chosen, preference.rejected
    if chosen is None or rejected is None:
        return None
    return make_pair(
        turn,
        candidate_message(turn, candidates[chosen.candidate], profile, is_chosen=True),
        candidate_message(turn, candidates[rejected.candidate], profile, is_chosen=False),
        _preferred(row_origin(turn, decision), chosen, rejected),
        redactions,
    )


def candidate_message(turn: Turn, candidate: Candidate, profile: Profile, *, is_chosen: bool) -> ChatMessage:
    """Return a candidate as an answer in the form that the turn's log uses.

    What is taught is written in the profile's syntax; what is rejected stands as the model gave it.
    """
    output = candidate.output
    if not turn.structured and (candidate.structured or not candidate.raw):
        parts = Correction(output.thinking, output.content, output.tool_calls)
        return corrected_message(turn, parts, profile)
    same_form = turn.structured == candidate.structured
    # Calls that cannot be used have no fields: only the text shows them.
    as_text = not same_form and bool(output.problems)
    said = replace(turn, raw=candidate.raw, output=output, structured=turn.structured and not as_text)
    return logged_message(said, profile) if is_chosen else as_logged(said)


def _compared(store: Store, profile: Profile, turns: Sequence[Turn]) -> dict[int, list[PairRow]]:
    """Return the pairs of turns whose candidates were compared, each two texts once."""
    journals = store.journal.histories([turn.id for turn in turns])
    decisions = {
        turn.id: pair_decisions(turn.output, turn.raw, active(journals.get(turn.id, []))) for turn in turns
    }
    sides = {n: [side for one in found for side in _sides(one.preference)] for n, found in decisions.items()}
    candidates = store.candidates.get(side.candidate for every in sides.values() for side in every)
    # An answer that was logged elsewhere may hold what was hidden there.
    sources = {n: {n, *(side.turn for side in every if side.turn)} for n, every in sides.items()}
    hidden = store.journal.redactions_of(sorted(set().union(*sources.values())))
    pairs: dict[int, list[PairRow]] = {}
    for turn in turns:
        secrets = tuple(dict.fromkeys(one for n in sorted(sources[turn.id]) for one in hidden.get(n, ())))
        rows = (_pair_of(turn, one, candidates, profile, secrets) for one in decisions[turn.id])
        pairs[turn.id] = list({row.id: row for row in rows if row is not None}.values())
    return pairs


def _pair_of(
    turn: Turn,
    decision: Decision,
    candidates: Mapping[str, Candidate],
    profile: Profile,
    secrets: tuple[Redaction, ...],
) -> PairRow | None:
    if decision.preference is None:
        return pair_row(turn, decision, profile, secrets)
    return preference_row(turn, decision, candidates, profile, secrets)


def _sides(preference: Preference | None) -> tuple[Weighed, ...]:
    return (preference.first, preference.second) if preference else ()


def _preferred(origin: Origin, chosen: Weighed, rejected: Weighed) -> Origin:
    return replace(origin, state="preferred", chosen=_words(chosen), rejected=_words(rejected))


def _words(side: Weighed) -> str:
    return _SOURCES[side.origin] + (f" of {side.model}" if side.model else "")
