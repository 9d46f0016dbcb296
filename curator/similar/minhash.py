"""MinHash signatures and their LSH bands for many rows at once, equal to those of datasketch."""

from __future__ import annotations

import numpy as np
from datasketch import MinHash, MinHashLSH
from numpy.typing import NDArray

from curator.similar.shingling import Hashes, Shingled, Wide

PERMUTATIONS = 128
WEIGHTS = (0.02, 0.98)
"""How bad a false and a missed candidate are: candidates are verified, so misses count."""
_BATCH_SHINGLES = 100_000
"""So many stay in the cache of one core."""
_MIX = 0x9E3779B97F4A7C15


def signatures(starts: NDArray[np.int64], hashes: Hashes) -> Hashes:
    """Return the signatures of consecutive rows, shape (rows, ``PERMUTATIONS``).

    Those of ``datasketch.MinHash`` in its scheme "affine32", whose permutations are used.
    """
    factors, addends = MinHash(num_perm=PERMUTATIONS).permutations
    mixed = _finalised(hashes)
    result = np.empty((len(starts) - 1, PERMUTATIONS), np.uint32)
    offsets = starts[:-1] - starts[0]
    for number, (factor, addend) in enumerate(zip(factors, addends, strict=True)):
        values = mixed * factor
        values += addend
        result[:, number] = np.minimum.reduceat(values, offsets)
    return result


def band_keys(rows: Shingled, threshold: float) -> Wide:
    """Return a key per band and row, shape (bands, rows): rows that share one may be similar."""
    index = MinHashLSH(threshold=threshold, num_perm=PERMUTATIONS, weights=WEIGHTS)
    count = len(rows.starts) - 1
    keys = np.empty((index.b, count), np.uint64)
    first = 0
    while first < count:
        limit = np.searchsorted(rows.starts, rows.starts[first] + _BATCH_SHINGLES, "right")
        last = min(count, max(first + 1, int(limit) - 1))
        starts = rows.starts[first : last + 1]
        signed = signatures(starts, rows.hashes[starts[0] : starts[-1]]).astype(np.uint64)
        for band in range(index.b):
            keys[band, first:last] = _folded(signed[:, band * index.r : (band + 1) * index.r])
        first = last
    return keys


def similarities(rows: Shingled, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the Jaccard similarity of the shingles of rows ``left[i]`` and ``right[i]``, 0..1."""
    sizes = np.diff(rows.starts)
    weight = np.cumsum(sizes[left] + sizes[right])
    result = np.empty(len(left), np.float64)
    first = 0
    while first < len(left):
        done = weight[first - 1] if first else 0
        last = max(first + 1, int(np.searchsorted(weight, done + _BATCH_SHINGLES, "right")))
        result[first:last] = _jaccard(rows, sizes, left[first:last], right[first:last])
        first = last
    return result


def _jaccard(
    rows: Shingled, sizes: NDArray[np.int64], left: NDArray[np.int64], right: NDArray[np.int64]
) -> NDArray[np.float64]:
    both = np.concatenate([_labelled(rows, sizes, left), _labelled(rows, sizes, right)])
    both.sort()
    shared = both[1:][both[1:] == both[:-1]] >> np.uint64(32)
    common = np.bincount(shared.astype(np.int64), minlength=len(left))
    ratio: NDArray[np.float64] = common / (sizes[left] + sizes[right] - common)
    return ratio


def _labelled(rows: Shingled, sizes: NDArray[np.int64], chosen: NDArray[np.int64]) -> Wide:
    """Return the shingles of the chosen rows, each below the number of its pair."""
    counts = sizes[chosen]
    pairs = np.repeat(np.arange(len(chosen)), counts)
    within = np.arange(len(pairs)) - np.repeat(np.cumsum(counts) - counts, counts)
    hashes = rows.hashes[rows.starts[chosen][pairs] + within]
    labelled: Wide = (pairs.astype(np.uint64) << np.uint64(32)) | hashes
    return labelled


def _folded(band: Wide) -> Wide:
    key = np.zeros(len(band), np.uint64)
    for column in range(band.shape[1]):
        key ^= band[:, column]
        key *= np.uint64(_MIX)
        key ^= key >> np.uint64(29)
    return key


def _finalised(hashes: Hashes) -> Hashes:
    """Spread the hashes with the finalizer of MurmurHash3, as datasketch does before it permutes."""
    mixed = hashes ^ (hashes >> np.uint32(16))
    mixed *= np.uint32(0x85EBCA6B)
    mixed ^= mixed >> np.uint32(13)
    mixed *= np.uint32(0xC2B2AE35)
    mixed ^= mixed >> np.uint32(16)
    return mixed
