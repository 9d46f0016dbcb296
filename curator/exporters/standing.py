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

_READ_AT_ONCE = 256
_SOURCES = {
    "logged": "the logged output",
    "correction": "the correction",
    "session": "another session",
    "generated": "a generated answer",
}


class Rows(NamedTuple):
    """What one turn gives."""

    turn: Turn
    decision: Decision | None
    """The one that settled it; ``None`` where only candidates were compared."""
    sft: SftRow | None
    pairs: tuple[PairRow, ...]


def standing_rows(
    store: Store,
    profile: Profile,
    tier: str | None = None,
    only: Container[int] | None = None,
    progress: Progress | None = None,
) -> Iterator[Rows]:
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
            raise StoppedError("The rows were not written; what stood there before is untouched.")
        yield from _rows_of(store, profile, part)
        progress.advance(len(part))


def decided_rows(
    store: Store, profile: Profile, tier: str | None = None, progress: Progress | None = None
) -> Iterator[tuple[SftRow | None, PairRow | None]]:
    """Yield the rows of every decided turn, in log order; a turn with several pairs comes several times.

    Raises:
        StoppedError: ``progress`` was cancelled.
    """
    for rows in standing_rows(store, profile, tier, progress=progress):
        yield rows.sft, rows.pairs[0] if rows.pairs else None
        yield from ((None, pair) for pair in rows.pairs[1:])


def _rows_of(
    store: Store, profile: Profile, giving: Sequence[tuple[Resolution, Decision | None]]
) -> Iterator[Rows]:
    turns = store.turns.get_many([resolution.turn for resolution, _ in giving])
    redacted = [resolution.turn for resolution, _ in giving if resolution.redactions]
    hidden_texts = store.journal.redactions_of(redacted)
    for turn, (resolution, decision) in zip(turns, giving, strict=True):
        rows = _turn_rows(store, profile, turn, resolution, decision, hidden_texts.get(turn.id, ()))
        if rows.sft is not None or rows.pairs:
            yield rows


def _turn_rows(
    store: Store,
    profile: Profile,
    turn: Turn,
    resolution: Resolution,
    decision: Decision | None,
    secrets: tuple[Redaction, ...],
) -> Rows:
    sft = sft_row(turn, decision, profile, secrets) if decision else None
    if resolution.preferences:
        pairs = tuple(_compared(store, turn, profile, secrets))
    else:
        pair = pair_row(turn, decision, profile, secrets) if decision else None
        pairs = (pair,) if pair else ()
    return Rows(turn, decision, sft, pairs)


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


def _compared(
    store: Store, turn: Turn, profile: Profile, secrets: tuple[Redaction, ...]
) -> Iterator[PairRow]:
    """Yield the pairs of a turn whose candidates were compared, each two texts once."""
    decisions = pair_decisions(turn.output, turn.raw, active(store.journal.history(turn.id)))
    sides = [side for one in decisions for side in _sides(one.preference)]
    candidates = store.candidates.get(side.candidate for side in sides)
    # An answer that was logged elsewhere may hold what was hidden there.
    hidden = dict.fromkeys(
        [*secrets, *(s for n in _elsewhere(turn, sides) for s in store.journal.redactions(n))]
    )
    ids = set()
    for one in decisions:
        if one.preference is None:
            pair = pair_row(turn, one, profile, tuple(hidden))
        else:
            pair = preference_row(turn, one, candidates, profile, tuple(hidden))
        if pair is not None and pair.id not in ids:
            ids.add(pair.id)
            yield pair


def _sides(preference: Preference | None) -> tuple[Weighed, ...]:
    return (preference.first, preference.second) if preference else ()


def _elsewhere(turn: Turn, sides: list[Weighed]) -> list[int]:
    return [n for n in dict.fromkeys(side.turn for side in sides) if n not in (0, turn.id)]


def _preferred(origin: Origin, chosen: Weighed, rejected: Weighed) -> Origin:
    return replace(origin, state="preferred", chosen=_words(chosen), rejected=_words(rejected))


def _words(side: Weighed) -> str:
    return _SOURCES[side.origin] + (f" of {side.model}" if side.model else "")
