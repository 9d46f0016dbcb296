"""Counts of what rows show, by kind and value; moved by differences, equal to a full recount."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import log2

from curator.store import Facts

Tally = dict[str, dict[str, int]]
"""kind → value → number of rows that show it."""


def tally_of(rows: Iterable[Facts], counted: Tally | None = None) -> Tally:
    """Count the facts of many rows, and add those that are counted already."""
    tally = {kind: dict(counts) for kind, counts in (counted or {}).items()}
    for facts in rows:
        for kind, value in facts:
            counts = tally.setdefault(kind, {})
            counts[value] = counts.get(value, 0) + 1
    return tally


def moved(tally: Tally, before: Facts, after: Facts) -> Tally:
    """Return the counts with one row's facts exchanged; the given counts stay as they are."""
    gone, come = set(before) - set(after), set(after) - set(before)
    if not gone and not come:
        return tally
    changed = {kind: dict(tally.get(kind, {})) for kind, _ in gone | come}
    # A count may be below zero for a moment, while changes of others are heard in another order.
    for facts, by in ((come, 1), (gone, -1)):
        for kind, value in facts:
            left = changed[kind].pop(value, 0) + by
            if left:
                changed[kind][value] = left
    return {kind: counts for kind, counts in {**tally, **changed}.items() if counts}


def evenness(counts: Mapping[str, int]) -> float:
    """Return the entropy of a distribution over its maximum, 0..1; 0 for fewer than two kinds."""
    total = sum(counts.values())
    if len(counts) < 2:
        return 0.0
    entropy = -sum(n / total * log2(n / total) for n in counts.values())
    return entropy / log2(len(counts))


def covered_cases(tally: Tally) -> dict[str, int]:
    """Return, by coverage item, the rows of groups whose situations lead to different plans."""
    groups: dict[tuple[str, str], list[tuple[str, str, int]]] = {}
    for value, rows in tally.get("case", {}).items():
        item, group, situation, plan = value.split("\0")
        groups.setdefault((item, group), []).append((situation, plan, rows))
    covered: dict[str, int] = {}
    for (item, _), cases in groups.items():
        differ = any(a[0] != b[0] and a[1] != b[1] for a in cases for b in cases)
        if differ:
            covered[item] = covered.get(item, 0) + sum(rows for _, _, rows in cases)
    return covered
