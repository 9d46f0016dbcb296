"""Exact and near duplicates among texts: what to drop, and what leaks from one split into another.

numpy and datasketch are imported only where near duplicates are looked for; fingerprints and
templates need neither.
"""

from __future__ import annotations

from collections.abc import Sequence

from curator.jobs import Progress
from curator.similar.texts import fingerprint, normalise, template

__all__ = ["fingerprint", "near_between", "near_duplicates", "normalise", "shingles", "template"]

THRESHOLD = 0.8
"""Jaccard similarity of the shingles from which two texts count as near duplicates."""


def shingles(text: str) -> frozenset[int]:
    """Return the hashed shingles of a text, 0 <= hash < 2**32.

    Word 2-grams; character 5-grams where there are few words, or none are set apart by spaces.
    """
    from curator.similar.shingling import shingles as hashed

    return hashed(text)


def near_duplicates(
    texts: Sequence[str],
    threshold: float = THRESHOLD,
    structures: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> list[list[int]]:
    """Return groups of positions whose texts are equal or nearly so, in the order of their first members.

    Two texts are joined where the Jaccard similarity of their shingles reaches ``threshold``
    (0 < threshold <= 1) and, if ``structures`` are given, where those are equal: the same prompt
    with another call is no duplicate. Groups have at least two members, in ascending order; what a
    cancelled ``progress`` leaves is of no use. Raises ``ValueError`` for a threshold out of range or
    as many structures as do not fit the texts.
    """
    from curator.similar.matching import groups

    return groups(texts, threshold, structures, progress)


def near_between(
    texts: Sequence[str], others: Sequence[str], threshold: float = THRESHOLD
) -> list[tuple[int, int]]:
    """Return (position in ``texts``, position in ``others``) of texts that others repeat, or nearly.

    Every text stands in one pair at most, with the first other that equals it or else one that is
    near enough; so the length of the result is the number of texts that leak.
    """
    from curator.similar.matching import partners

    return partners(texts, others, threshold)
