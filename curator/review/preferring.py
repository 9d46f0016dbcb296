"""Records which of two candidates is better, and says what that will change before it is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Literal

from msgspec.structs import replace

from curator.exporters.standing import preference_row
from curator.model import Better, Decision, Preference
from curator.review.candidates import Duel
from curator.review.desk import Desk
from curator.store import Change, new_act, now, resolve

Side = Literal["left", "right"]


def prefer(
    desk: Desk, duel: Duel, better: Better, *, shown: bool = False, seconds: float | None = None
) -> Change:
    """Record a preference with both texts; it is on disk on return. ``shown`` says they stood side by side.

    Raises:
        DecisionError: The turn is not there.
    """
    decision = replace(decision_of(desk, duel, better, shown), seconds=seconds)
    return desk.record(decision, (duel.first.candidate, duel.second.candidate))


def foresee(desk: Desk, duel: Duel, better: Better) -> Change:
    """Say what a preference will change, without touching the store."""
    decision, turn = decision_of(desk, duel, better, shown=True), duel.turn
    after = resolve(turn.id, turn.tier, turn.output, [*duel.history, decision], turn.raw)
    return Change(turn.id, duel.resolution, after, decision.act, decision.kind, duel.facts, duel.facts)


def better_of(duel: Duel, side: Side) -> Better:
    """Return which candidate stands at a side."""
    is_left = side == "left"
    if duel.left == "first":
        return "first" if is_left else "second"
    return "second" if is_left else "first"


def gives_row(desk: Desk, duel: Duel, better: Better) -> bool:
    """Say whether deciding so gives a pair that an export will hold."""
    decision = decision_of(desk, duel, better, shown=True)
    first, second = duel.first, duel.second
    texts = {one.weighed.candidate: one.candidate for one in (first, second)}
    return preference_row(duel.turn, decision, texts, desk.profile) is not None


def side_counts(decisions: Iterable[Decision]) -> dict[str, dict[str, int]]:
    """Count, by reviewer, how often the left, the right or neither side was preferred where both were shown.

    The sides are drawn by lot: who prefers one of them much more often looks at places, not at answers.
    """
    counts: dict[str, Counter[str]] = {}
    for decision in decisions:
        preference = decision.preference
        if preference is not None and preference.left is not None:
            counts.setdefault(decision.reviewer, Counter())[_side_word(preference)] += 1
    return {who: dict(found) for who, found in counts.items()}


def _side_word(preference: Preference) -> str:
    if preference.chosen is None:
        return preference.better
    return "left" if preference.better == preference.left else "right"


def decision_of(desk: Desk, duel: Duel, better: Better, shown: bool) -> Decision:
    """Return the decision that a preference is; nothing is written."""
    preference = Preference(duel.first.weighed, duel.second.weighed, better, duel.left if shown else None)
    return Decision(duel.turn.id, "preference", desk.reviewer, now(), new_act(), preference=preference)
