"""How fast reviewers decide, from the seconds that were recorded with their decisions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from statistics import median

from msgspec import Struct

from curator.model import Decision


class Pace(Struct, frozen=True):
    """How fast one reviewer is, over the decisions that were timed."""

    reviewer: str
    timed: int
    """Verdicts and corrections with seconds; those from verbs and files have none."""
    seconds: float
    """Median of the seconds that one took."""
    per_hour: float
    """Decisions in an hour of looking at turns."""


def paces(decisions: Iterable[Decision]) -> list[Pace]:
    """Return the pace of every reviewer with timed decisions, by name.

    A decision on several turns at once counts as one of its reviewer's acts. What was undone later took its
    time too and counts.
    """
    taken: dict[str, dict[str, float]] = defaultdict(dict)
    for decision in decisions:
        if decision.seconds is not None and decision.kind in ("verdict", "correction"):
            taken[decision.reviewer].setdefault(decision.act, decision.seconds)
    return [_pace(reviewer, list(taken[reviewer].values())) for reviewer in sorted(taken)]


def _pace(reviewer: str, seconds: list[float]) -> Pace:
    spent = sum(seconds)
    per_hour = len(seconds) * 3600 / spent if spent else 0.0
    return Pace(reviewer, len(seconds), round(median(seconds), 1), round(per_hour, 1))
