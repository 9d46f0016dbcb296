"""Reviewing: the order of the queue, decisions, undo, and what a correction would give."""

from __future__ import annotations

from curator.review.desk import Card, Desk, Preview
from curator.review.importing import import_decisions
from curator.review.ordering import ORDERINGS, Arranged, Ordering, Plan, Wanted, arrange, order_name
from curator.review.pace import Pace, paces
from curator.review.reasons import REASONS, Reason, reason
from curator.review.remembering import remember_plan, remembered_plan

__all__ = [
    "ORDERINGS",
    "REASONS",
    "Arranged",
    "Card",
    "Desk",
    "Ordering",
    "Pace",
    "Plan",
    "Preview",
    "Reason",
    "Wanted",
    "arrange",
    "import_decisions",
    "order_name",
    "paces",
    "reason",
    "remember_plan",
    "remembered_plan",
]
