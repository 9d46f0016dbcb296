"""Divides rows into training, validation and test: always the same way, groups never torn apart."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from itertools import accumulate
from typing import Literal, NamedTuple

from curator.checks.support.requests import request
from curator.datasets.spool import Texts
from curator.exporters.rows import SftRow
from curator.model import Turn
from curator.profiles.model import Split
from curator.similar import near_duplicates, template

PART_TITLES = ("training", "validation", "test")
_WHOLE = 2**64


class Member(NamedTuple):
    """What decides into which part a turn's rows go."""

    group: str
    """Turns of one group stay together: a session, a prompt, or a pattern of requests."""
    text: str
    """Near duplicates of it stay together too."""
    structure: str


class Members:
    """The members of a data set, as columns; their texts lie on disk."""

    def __init__(self, members: Iterable[Member] = ()) -> None:
        self.groups: list[str] = []
        self.texts = Texts()
        self.structures: list[str] = []
        for one in members:
            self.append(one)

    def append(self, one: Member) -> None:
        """Take one more."""
        self.groups.append(one.group)
        self.texts.append(one.text)
        # Few differ: each is kept once.
        self.structures.append(sys.intern(one.structure))

    def __len__(self) -> int:
        return len(self.groups)


def member(turn: Turn, row: SftRow | None, split: Split) -> Member:
    """Return what decides the part of the rows of a turn."""
    asked = "\n".join(message.content for message in turn.prompt if message.role != "system")
    answer = str(row.completion[-1].get("content", "")) if row else turn.output.content or ""
    calls = " ".join(call.name for call in turn.output.tool_calls)
    return Member(_group(turn, split.group_by), f"{asked}\n{answer}", calls)


def divide(members: Members, shares: Sequence[float], seed: int = 0) -> list[int]:
    """Return the part (0 training, 1 validation, 2 test) of each member.

    Members with a group in common, and near duplicates, have the same part. It depends on nothing but
    the group and the seed, so a row keeps its part while the data set grows; only a part that would
    stay empty takes the group that came closest to it.
    """
    roots = _joined(members)
    groups: dict[int, str] = {}
    for root, group in zip(roots, members.groups, strict=True):
        groups[root] = min(groups.get(root, group), group)
    places = {root: _place(group, seed) for root, group in groups.items()}
    limits = list(accumulate(share / sum(shares) for share in shares))
    part_of = {
        root: next(n for n, limit in enumerate(limits) if at < limit or n == len(limits) - 1)
        for root, at in places.items()
    }
    _fill_empty(part_of, places, limits, shares)
    return [part_of[root] for root in roots]


def _group(turn: Turn, by: Literal["session", "prompt", "template"]) -> str:
    if by == "session":
        return turn.session
    asked = request(turn.prompt)
    return template(asked) if by == "template" else asked


def _joined(members: Members) -> list[int]:
    """Return for each member the first one that it must stay with."""
    parents = list(range(len(members)))

    def find(at: int) -> int:
        while parents[at] != at:
            parents[at] = parents[parents[at]]
            at = parents[at]
        return at

    def join(one: int, other: int) -> None:
        low, high = sorted((find(one), find(other)))
        parents[high] = low

    first: dict[str, int] = {}
    for at, group in enumerate(members.groups):
        join(first.setdefault(group, at), at)
    for positions in (
        near_duplicates(members.texts, structures=members.structures) if len(members) > 1 else ()
    ):
        for at in positions[1:]:
            join(positions[0], at)
    return [find(at) for at in range(len(members))]


def _place(group: str, seed: int) -> float:
    """Return a number in 0..1 that the name of a group decides."""
    digest = blake2b(f"{seed}\0{group}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") / _WHOLE


def _fill_empty(
    part_of: dict[int, int], places: dict[int, float], limits: Sequence[float], shares: Sequence[float]
) -> None:
    """Give a part that would stay empty the group that came closest to it, where another has two."""
    for part, share in enumerate(shares):
        sizes = Counter(part_of.values())
        taken = [root for root, own in part_of.items() if sizes[own] > 1]
        if share > 0 and not sizes[part] and taken:
            middle = limits[part] - share / sum(shares) / 2
            part_of[min(taken, key=lambda root: (abs(places[root] - middle), root))] = part
