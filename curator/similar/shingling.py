"""Cuts texts into hashed shingles, many at a time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Literal, NamedTuple, TypeVar
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from curator.similar.texts import normalise

Kind = Literal["words", "characters"]
Hashes = NDArray[np.uint32]
Wide = NDArray[np.uint64]
Number = TypeVar("Number", bound=np.generic)

WIDTHS: dict[Kind, int] = {"words": 2, "characters": 5}
FEW_WORDS = 40
"""Texts with more words are compared by word 2-grams alone."""
MANY_WORDS = 26
"""Texts with fewer are compared by character 5-grams alone; those between by either."""
_BATCH_CHARACTERS = 500_000
_WORD = re.compile(rb"[\w\x80-\xff]+")
_SEEDS: dict[Kind, int] = {"words": 0x9E3779B97F4A7C15, "characters": 0xD1B54A32D192ED03}
_STEP = 0xBF58476D1CE4E5B9


class Shingled(NamedTuple):
    """The shingles of some rows: those of row ``i`` are ``hashes[starts[i] : starts[i + 1]]``.

    They are distinct and ascending. ``owners`` has the position of the text that a row was cut from;
    a text of middling length gives two rows, one of each kind.
    """

    owners: NDArray[np.int64]
    kinds: NDArray[np.int8]
    starts: NDArray[np.int64]
    hashes: Hashes


def shingles(text: str) -> frozenset[int]:
    """Return the hashed word 2-grams of a text, or its character 5-grams where it has few words."""
    plain = normalise(text)
    words = _words(plain)
    kind: Kind = "words" if len(words) > FEW_WORDS else "characters"
    units = words if kind == "words" else _characters(plain)
    return frozenset(_cut([units], kind)[1].tolist())


def shingled(texts: Iterable[str]) -> Shingled:
    """Return the shingles of all texts; memory beyond the result is bounded by a batch."""
    owners: list[NDArray[np.int64]] = []
    kinds: list[NDArray[np.int8]] = []
    counts: list[NDArray[np.int64]] = []
    hashes: list[Hashes] = []
    for batch in _batches(texts):
        for number, (kind, (rows, units)) in enumerate(_units(batch).items()):
            if rows:
                row_of, cut = _cut(units, kind)
                owners.append(np.array(rows, np.int64))
                kinds.append(np.full(len(rows), number, np.int8))
                counts.append(np.bincount(row_of, minlength=len(rows)).astype(np.int64))
                hashes.append(cut)
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(_joined(counts, np.int64))])
    return Shingled(_joined(owners, np.int64), _joined(kinds, np.int8), starts, _joined(hashes, np.uint32))


def _joined(parts: list[NDArray[Number]], dtype: type[Number]) -> NDArray[Number]:
    return np.concatenate(parts) if parts else np.empty(0, dtype)


def _batches(texts: Iterable[str]) -> Iterator[list[tuple[int, str]]]:
    batch: list[tuple[int, str]] = []
    size = 0
    for position, text in enumerate(texts):
        batch.append((position, normalise(text)))
        size += len(text)
        if size > _BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _units(batch: list[tuple[int, str]]) -> dict[Kind, tuple[list[int], list[Sequence[int]]]]:
    """Return which texts of a batch are compared by which kind of shingle, and their units."""
    found: dict[Kind, tuple[list[int], list[Sequence[int]]]] = {"words": ([], []), "characters": ([], [])}
    for position, text in batch:
        words = _words(text)
        if len(words) >= MANY_WORDS:
            found["words"][0].append(position)
            found["words"][1].append(words)
        if len(words) <= FEW_WORDS:
            found["characters"][0].append(position)
            found["characters"][1].append(_characters(text))
    return found


def _words(text: str) -> Sequence[int]:
    return [crc32(word) for word in _WORD.findall(text.encode("utf-8", "surrogatepass"))]


def _characters(text: str) -> Sequence[int]:
    codes: list[int] = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).tolist()
    return codes


def _cut(units: Sequence[Sequence[int]], kind: Kind) -> tuple[NDArray[np.int64], Hashes]:
    """Return the distinct shingles of every row, by row and ascending, and the row of each.

    A row with fewer units than a shingle has one shingle: all of them.
    """
    width = WIDTHS[kind]
    padded = [row if len(row) >= width else [*row, *[0] * (width - len(row))] for row in units]
    lengths = np.fromiter(map(len, padded), np.int64, len(padded))
    flat = np.fromiter(chain.from_iterable(padded), np.uint64, int(lengths.sum()))
    rows = np.repeat(np.arange(len(padded), dtype=np.uint64), lengths)
    whole = rows[: len(rows) - width + 1] == rows[width - 1 :]
    keys = (rows[: len(whole)][whole] << np.uint64(32)) | _rolled(flat, kind)[whole]
    # Twice as fast as np.unique, which hashes first.
    keys.sort()
    keys = keys[np.concatenate([[True], keys[1:] != keys[:-1]])]
    return (keys >> np.uint64(32)).astype(np.int64), keys.astype(np.uint32)


def _rolled(flat: Wide, kind: Kind) -> Wide:
    """Return a 32-bit hash of every window of ``flat``, by a polynomial modulo 2**64."""
    width = WIDTHS[kind]
    size = len(flat) - width + 1
    total = np.full(size, _SEEDS[kind], np.uint64)
    for offset in range(width):
        total *= np.uint64(_STEP)
        total += flat[offset : offset + size]
    total ^= total >> np.uint64(32)
    total *= np.uint64(_STEP)
    return total >> np.uint64(32)
