"""Joins similar texts: candidates share an LSH band, matches are verified by their shingles."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from curator.jobs import Progress, QuietProgress
from curator.similar.minhash import band_keys, similarities
from curator.similar.shingling import Shingled, Wide, shingled
from curator.similar.texts import fingerprint

Positions = NDArray[np.int64]

_ROUNDS = 24
"""So many different leaders a bucket is compared with; it bounds the work on template spam."""
_KIND_MIX = 0xC2B2AE3D27D4EB4F


class _Union:
    """Disjoint sets of positions, the smallest member standing for each."""

    def __init__(self, size: int) -> None:
        self._parents = list(range(size))
        self._roots: Positions | None = None

    def root(self, one: int) -> int:
        parents = self._parents
        while parents[one] != one:
            parents[one] = one = parents[parents[one]]
        return one

    def join(self, one: int, other: int) -> None:
        low, high = sorted((self.root(one), self.root(other)))
        self._parents[high] = low
        self._roots = None

    def roots(self) -> Positions:
        if self._roots is None:
            roots = np.array(self._parents, np.int64)
            while not np.array_equal(above := roots[roots], roots):
                roots = above
            self._roots = roots
        return self._roots


def groups(
    texts: Sequence[str],
    threshold: float,
    structures: Sequence[str] | None,
    progress: Progress | None = None,
) -> list[list[int]]:
    """Return the groups of positions that ``near_duplicates`` promises."""
    _check(threshold)
    if structures is not None and len(structures) != len(texts):
        raise ValueError(f"{len(structures)} structures for {len(texts)} texts: give one for each text")
    firsts, members, codes = _distinct(texts, structures)
    union = _Union(len(firsts))
    if len(firsts) > 1 and threshold < 1:
        progress = progress or QuietProgress()
        rows = shingled(_counted([texts[position] for position in firsts], progress))
        own = codes[rows.owners]
        bands = band_keys(rows, threshold)
        progress.begin("comparing", len(bands))
        for keys in bands:
            if progress.cancelled:
                break
            progress.advance()
            _join_band(rows, _salted(keys, rows, own), own, threshold, union)
    return _gathered(union, members)


def _counted(texts: Sequence[str], progress: Progress) -> Iterator[str]:
    """Yield texts until the work is cancelled."""
    progress.begin("cutting texts", len(texts))
    for text in texts:
        if progress.cancelled:
            return
        yield text
        progress.advance()


def partners(texts: Sequence[str], others: Sequence[str], threshold: float) -> list[tuple[int, int]]:
    """Return the pairs that ``near_between`` promises."""
    _check(threshold)
    first_other: dict[int, int] = {}
    for position, text in enumerate(others):
        first_other.setdefault(fingerprint(text), position)
    found = {
        position: first_other[key]
        for position, key in enumerate(map(fingerprint, texts))
        if key in first_other
    }
    rest = [position for position in range(len(texts)) if position not in found]
    pool = sorted(first_other.values())
    if rest and pool and threshold < 1:
        found.update(_near(texts, others, rest, pool, threshold))
    return sorted(found.items())


def _check(threshold: float) -> None:
    if not 0 < threshold <= 1:
        raise ValueError(f"threshold {threshold} is not a similarity: use a number above 0, at most 1")


def _distinct(
    texts: Sequence[str], structures: Sequence[str] | None
) -> tuple[list[int], list[list[int]], Positions]:
    """Return the first position of every distinct text, all its positions, and a number for its structure."""
    numbers: dict[str, int] = {}
    members: dict[Hashable, list[int]] = {}
    for position, text in enumerate(texts):
        structure = numbers.setdefault(structures[position], len(numbers)) if structures else 0
        members.setdefault((fingerprint(text), structure), []).append(position)
    firsts = [positions[0] for positions in members.values()]
    codes = [numbers[structures[first]] if structures else 0 for first in firsts]
    return firsts, list(members.values()), np.array(codes, np.int64)


def _salted(keys: Wide, rows: Shingled, codes: Positions) -> Wide:
    """Return the keys of one band so that rows of different kind or structure share none."""
    salt = codes.astype(np.uint64) * np.uint64(2) + rows.kinds.astype(np.uint64) + np.uint64(1)
    salted: Wide = keys ^ (salt * np.uint64(_KIND_MIX))
    return salted


def _join_band(rows: Shingled, keys: Wide, codes: Positions, threshold: float, union: _Union) -> None:
    """Join the similar rows of every bucket: round by round, those like its first leave it."""
    order = np.argsort(keys, kind="stable")
    for _ in range(_ROUNDS):
        order, leaders = _with_leaders(order, keys)
        if not len(order):
            return
        roots = union.roots()
        joined = roots[rows.owners[order]] == roots[rows.owners[leaders]]
        alike = codes[order] == codes[leaders]
        matched = joined.copy()
        tested = np.flatnonzero(~joined & alike)
        matched[tested] = similarities(rows, order[tested], leaders[tested]) >= threshold
        for at in tested[matched[tested]]:
            union.join(int(rows.owners[order[at]]), int(rows.owners[leaders[at]]))
        order = order[~matched]


def _with_leaders(order: Positions, keys: Wide) -> tuple[Positions, Positions]:
    """Return the rows that are not the first of their bucket, and the first for each."""
    if not len(order):
        return order, order
    is_first = np.concatenate([[True], keys[order][1:] != keys[order][:-1]])
    leaders = order[np.maximum.accumulate(np.where(is_first, np.arange(len(order)), 0))]
    return order[~is_first], leaders[~is_first]


def _gathered(union: _Union, members: list[list[int]]) -> list[list[int]]:
    gathered: dict[int, list[int]] = {}
    for number, positions in enumerate(members):
        gathered.setdefault(union.root(number), []).extend(positions)
    return sorted(sorted(group) for group in gathered.values() if len(group) > 1)


def _near(
    texts: Sequence[str], others: Sequence[str], rest: list[int], pool: list[int], threshold: float
) -> dict[int, int]:
    """Return which of the ``rest`` of the texts is near which of the others in ``pool``."""
    rows = shingled([*(texts[position] for position in rest), *(others[position] for position in pool)])
    is_text = rows.owners < len(rest)
    mine, theirs = np.flatnonzero(is_text), np.flatnonzero(~is_text)
    found: dict[int, int] = {}
    for keys in band_keys(rows, threshold):
        salted = _salted(keys, rows, np.zeros(len(rows.owners), np.int64))
        ordered = theirs[np.argsort(salted[theirs], kind="stable")]
        low = np.searchsorted(salted[ordered], salted[mine], "left")
        high = np.searchsorted(salted[ordered], salted[mine], "right")
        for offset in range(_ROUNDS):
            open_rows = np.flatnonzero(low + offset < high)
            if not len(open_rows):
                break
            tested, candidates = mine[open_rows], ordered[low[open_rows] + offset]
            near = similarities(rows, tested, candidates) >= threshold
            for text, other in zip(rows.owners[tested[near]], rows.owners[candidates[near]], strict=True):
                found.setdefault(rest[text], pool[other - len(rest)])
            high[open_rows[near]] = 0
        mine = mine[~np.isin(rows.owners[mine], [one for one, at in enumerate(rest) if at in found])]
    return found
