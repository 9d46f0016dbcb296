"""Orders of the queue: which undecided turns come first, and why each one stands where it does.

Only the head of a queue is arranged by the finer orders; after it, the most suspicious turns come first.
The same store, plan and seed give the same queue.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import zip_longest
from math import ceil
from random import Random
from typing import Literal, NamedTuple, TypeVar, get_args

import msgspec

from curator.errors import InputError
from curator.model import CallClass
from curator.profiles import Quality
from curator.review.similar import request_template
from curator.store import Filter, Store

OrderName = Literal["failure", "uncertainty", "diversity", "tiers", "ratio", "audit"]
T = TypeVar("T")

HEAD = 2000
"""So many turns are arranged at the front of a queue."""
BORDERLINE = 1.5
"""Half of what one error weighs: something is odd, nothing is plainly wrong."""
AUDIT_SHARE = 0.1
"""Share of the audit sample where the profile states none."""
UNDECIDED = Filter(states=frozenset({"undecided"}))
_CALLS: dict[CallClass, Filter] = {
    "none": Filter(max_calls=0),
    "one": Filter(min_calls=1, max_calls=1),
    "several": Filter(min_calls=2),
}
_CLASS_WORDS: dict[CallClass, str] = {"none": "no-call", "one": "one-call", "several": "several-calls"}


class Ordering(NamedTuple):
    """One order: its name, the key that chooses it, and what it is for."""

    name: OrderName
    key: str
    title: str
    about: str


ORDERINGS: tuple[Ordering, ...] = (
    Ordering("failure", "f", "failure first", "the most suspicious turns first, then as the log has them"),
    Ordering("uncertainty", "u", "uncertainty", "borderline turns first: odd, but not plainly wrong"),
    Ordering("diversity", "d", "diversity", "no two of one pattern in a row: findings, tools, request"),
    Ordering("tiers", "t", "tiers in turn", "one turn of each tier, again and again"),
    Ordering("ratio", "r", "what bands lack", "surest turns of the classes that are short of their bands"),
    Ordering("audit", "a", "audit sample", "a random sample, also of what others decided"),
)


class Plan(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which order a reviewer works in; the seed draws the audit sample."""

    order: OrderName = "failure"
    seed: int = 0


class Wanted(NamedTuple):
    """What an order may have to know beside the turns."""

    reviewer: str = ""
    lacking: Sequence[CallClass] = ()
    """Classes that are short of their bands, the shortest first."""
    quality: Quality = Quality()
    """States the share of the audit sample."""


class Arranged(NamedTuple):
    """A queue, the sentence that explains it, and why the turns at its front stand there."""

    plan: Plan
    ids: array[int]
    sentence: str
    why: dict[int, str]
    is_whole: bool = True
    """False where only the front was asked for, and more turns follow."""


def order_name(text: str) -> OrderName:
    """Return the order of this name.

    Raises:
        InputError: There is none.
    """
    for name in get_args(OrderName):
        if name == text:
            found: OrderName = name
            return found
    raise InputError(f"There is no order {text!r}; the orders are {', '.join(get_args(OrderName))}.")


def arrange(
    store: Store,
    plan: Plan = Plan(),
    wanted: Wanted = Wanted(),
    filter: Filter | None = None,
    *,
    front_only: bool = False,
) -> Arranged:
    """Return the undecided turns in the order of a plan, or the front of them, which is there at once."""
    inside = UNDECIDED & (filter or Filter())
    if plan.order == "audit":
        return _audit(store, plan, wanted, filter or Filter())
    queue = store.turns.ids(inside, order="queue", limit=HEAD if front_only else None)
    head, sentence = _head(store, plan.order, wanted, inside, queue)
    is_whole = not front_only or len(queue) < HEAD
    return Arranged(plan, _behind(head, queue), sentence, head, is_whole)


def _head(
    store: Store, order: OrderName, wanted: Wanted, inside: Filter, queue: array[int]
) -> tuple[dict[int, str], str]:
    """Return the turns at the front in their order, each with the reason, and the sentence."""
    then = "after them, the most suspicious first."
    if order == "uncertainty":
        near = store.outlines.nearest_suspicion(BORDERLINE, inside, HEAD)
        why = {turn: f"borderline: suspicion {value:g}" for turn, value in near}
        return why, f"The {len(near)} turns nearest to suspicion {BORDERLINE:g} first; {then}"
    if order == "diversity":
        rounds = _diverse(store, queue[:HEAD])
        words = (
            f"The first {len(rounds)} in rounds of one turn per pattern (findings, tools, request); {then}"
        )
        return rounds, words
    if order == "tiers":
        tiers = store.turns.tiers()
        turns = _tiers_in_turn(store, tiers, inside)
        return turns, f"One turn of each of {len(tiers)} tiers, most suspicious first, in turn; {then}"
    if order == "ratio":
        return _lacking(store, wanted.lacking, inside), _ratio_sentence(wanted.lacking, then)
    return {}, "The most suspicious turns first, equal ones as the log has them."


def _diverse(store: Store, ids: array[int]) -> dict[int, str]:
    """Go round the patterns, the most suspicious one first, so that none comes twice in a row."""
    outlines = store.outlines.of(ids)
    patterns: dict[Hashable, list[int]] = defaultdict(list)
    for turn, seen in outlines.items():
        patterns[seen.checks, seen.tools, request_template(seen.request)].append(turn)
    sizes = {turn: len(members) for members in patterns.values() for turn in members}
    return {
        turn: "one of its kind" if sizes[turn] == 1 else f"one of {sizes[turn]} alike"
        for turn in in_rounds(list(patterns.values()))
    }


def _tiers_in_turn(store: Store, tiers: Sequence[str], inside: Filter) -> dict[int, str]:
    each = max(1, HEAD // max(1, len(tiers)))
    of_tier = {
        tier: store.turns.ids(inside & Filter(tiers=frozenset({tier})), order="queue", limit=each)
        for tier in tiers
    }
    names = {turn: tier for tier, ids in of_tier.items() for turn in ids}
    return {turn: f"turn of tier {names[turn] or '(none)'}" for turn in in_rounds(list(of_tier.values()))}


def _lacking(store: Store, classes: Sequence[CallClass], inside: Filter) -> dict[int, str]:
    each = max(1, HEAD // max(1, len(classes)))
    found = [store.turns.ids(inside & _CALLS[one], order="surest", limit=each) for one in classes]
    words = {turn: _CLASS_WORDS[one] for one, ids in zip(classes, found, strict=True) for turn in ids}
    return {turn: f"brings the {words[turn]} band up" for turn in in_rounds(found)}


def _ratio_sentence(lacking: Sequence[CallClass], then: str) -> str:
    if not lacking:
        return "No band of the profile is short of rows: the most suspicious turns first."
    named = " and ".join(_CLASS_WORDS[one] for one in lacking)
    return f"The least suspicious {named} turns first, since those bands are short of rows; {then}"


def _audit(store: Store, plan: Plan, wanted: Wanted, inside: Filter) -> Arranged:
    every = store.turns.ids(inside)
    size = sample_size(len(every), wanted.quality)
    sample = Random(plan.seed).sample(every, size)
    seen = store.outlines.decided_by(wanted.reviewer) if wanted.reviewer else set()
    left = [turn for turn in sample if turn not in seen]
    why = {turn: f"audit sample {at} of {size}" for at, turn in enumerate(sample, 1) if turn not in seen}
    share = f"{size / len(every):.1%} of {len(every)}" if every else "nothing"
    sentence = f"A random sample of {size} turns ({share}, seed {plan.seed}); {len(left)} await you."
    return Arranged(plan, array("q", left), sentence, why)


def sample_size(turns: int, quality: Quality) -> int:
    """Return how many of so many turns an audit looks at: a share, at most as many as the profile says."""
    size = min(turns, ceil(turns * (quality.sample_share or AUDIT_SHARE)))
    return min(size, quality.sample_max) if quality.sample_max else size


def in_rounds(groups: Sequence[Iterable[T]]) -> Iterator[T]:
    """Yield the first of every group, then the second of every group, and so on."""
    missing = object()
    for members in zip_longest(*groups, fillvalue=missing):
        yield from (member for member in members if member is not missing)  # type: ignore[misc]


def _behind(head: dict[int, str], queue: array[int]) -> array[int]:
    """Put the head before what is left of the queue."""
    if not head:
        return queue
    return array("q", [*head, *(turn for turn in queue if turn not in head)])
