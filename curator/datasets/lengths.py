"""How long the rows are in tokens, against the budget of the profile; from the meters alone."""

from __future__ import annotations

from itertools import accumulate
from math import ceil

from msgspec import Struct

from curator.coverage.facts import TOKEN_STEP
from curator.datasets.meters import Meters
from curator.profiles import Profile

_IN_SIGHT = 1.5
"""A budget up to so many times the longest row is shown on the axis."""


class Lengths(Struct, frozen=True):
    """A histogram of rows by tokens. Lengths are known in steps of ``TOKEN_STEP`` tokens, rounded down."""

    rows: int = 0
    step: int = TOKEN_STEP
    """Tokens that one bin spans."""
    bins: tuple[int, ...] = ()
    """Rows of each bin, from ``start`` on."""
    start: int = 0
    """Tokens where the first bin begins."""
    median: int = 0
    p95: int = 0
    longest: int = 0
    budget: int = 0
    """Tokens that a row may have; 0 where the profile sets none."""
    over: int = 0
    """Rows over the budget for the whole, or for the prompt."""
    is_exact: bool = True
    """Whether the tokenizer of the base model counted, or an estimate."""


def lengths(meters: Meters, profile: Profile, most_bins: int = 40) -> Lengths:
    """Return the lengths of the rows in at most so many bins of equal width."""
    counts = {int(tokens): rows for tokens, rows in meters.tally.get("tokens", {}).items() if rows > 0}
    budget = profile.lengths.max_tokens
    if not counts:
        return Lengths(budget=budget)
    longest = max(counts)
    end = max(longest, budget) if budget <= _IN_SIGHT * longest else longest
    # Rows that are all long would leave most of an axis from 0 empty.
    start = min(counts) if min(counts) > longest // 2 else 0
    step = TOKEN_STEP * max(1, ceil((end + 1 - start) / TOKEN_STEP / most_bins))
    bins = [0] * ((end - start) // step + 1)
    for tokens, rows in counts.items():
        bins[(tokens - start) // step] += rows
    return Lengths(
        rows=sum(bins),
        step=step,
        bins=tuple(bins),
        start=start,
        median=_quantile(counts, 0.5),
        p95=_quantile(counts, 0.95),
        longest=longest,
        budget=budget,
        over=meters.count("over", "length"),
        is_exact=not meters.count("tokenizer", "estimate"),
    )


def _quantile(counts: dict[int, int], share: float) -> int:
    """Return the smallest length that at least a share of the rows does not exceed."""
    ordered = sorted(counts)
    sums = accumulate(counts[tokens] for tokens in ordered)
    wanted = ceil(share * sum(counts.values()))
    return next(tokens for tokens, reached in zip(ordered, sums, strict=True) if reached >= wanted)
