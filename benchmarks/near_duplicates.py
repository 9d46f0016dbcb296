"""Finds planted near duplicates among synthetic turns, against plain datasketch and semhash in the same run.

Planted too: the same text with another call, and texts that share half of their sentences. Neither is a
duplicate. semhash takes part where it is installed, with random word vectors: its own come from a hub.
"""

from __future__ import annotations

import argparse
import importlib.util
import random
import resource
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import combinations
from typing import Any, NamedTuple

from curator.similar import near_duplicates

Pair = tuple[int, int]
Change = Callable[[random.Random, list[str]], list[str]]

_SHARED = 20_000
"""Sentences that many texts have in common; the first of each text is its own."""
_WORDS = 12
_PHRASE = ("please", "note", "as", "well", "that")
_CALLS = ("read_file", "write_file", "run_command", "search", "ask_user")


class Corpus(NamedTuple):
    """Turns, and where they come from: duplicates have an origin and a structure in common."""

    texts: list[str]
    structures: list[str]
    origins: list[int]
    kinds: dict[int, str]
    """Position of a planted duplicate → how it was changed."""


class Score(NamedTuple):
    """What one method found."""

    name: str
    seconds: float
    recall: float
    precision: float
    by_kind: dict[str, float]


def main() -> None:
    """Print a line per method, then the recall of each kind of change."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--turns", type=int, default=100_000)
    options.add_argument("--seed", type=int, default=7)
    chosen = options.parse_args()
    corpus = plant(random.Random(chosen.seed), chosen.turns)
    size = sum(map(len, corpus.texts)) / len(corpus.texts)
    print(f"{len(corpus.texts):,} turns of {size:.0f} characters, {len(corpus.kinds):,} planted duplicates")
    methods: dict[str, Callable[[Corpus], Iterable[Pair]]] = {"curator": _curator}
    methods["datasketch"] = _datasketch
    if importlib.util.find_spec("semhash"):
        methods["semhash"] = _semhash
    for name, method in methods.items():
        score = _score(name, method, corpus)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(
            f"{name:12} {score.seconds:6.1f} s   recall {score.recall:7.2%}"
            f"   precision {score.precision:7.2%}   peak so far {memory} MB"
        )
        print("   " + ", ".join(f"{kind} {share:.1%}" for kind, share in sorted(score.by_kind.items())))


def plant(rng: random.Random, turns: int) -> Corpus:
    """Return turns of which a tenth are near duplicates and a twentieth only look like it."""
    originals = turns * 85 // 100
    pool = _sentences(rng, _SHARED + 2 * turns)
    texts = [_text(rng, pool) for _ in range(originals)]
    structures = [rng.choice(_CALLS) for _ in range(originals)]
    origins = list(range(originals))
    kinds: dict[int, str] = {}
    sources = rng.sample(range(originals), turns - originals)
    for number, source in enumerate(sources):
        words, call, origin = texts[source].split(" "), structures[source], source
        if number < turns // 10:
            kind, change = rng.choice(list(_CHANGES.items()))
            words = change(rng, words)
            kinds[len(texts)] = kind
        elif number % 2:
            call = rng.choice([one for one in _CALLS if one != call])
        else:
            origin = len(texts)
            words = [*words[: len(words) // 2], *_text(rng, pool).split(" ")[: len(words) // 2]]
        texts.append(" ".join(words))
        structures.append(call)
        origins.append(origin)
    return Corpus(texts, structures, origins, kinds)


def _sentences(rng: random.Random, count: int) -> list[list[str]]:
    letters = "aaabcdeeeefghiiijklmnnooopqrrssttuuvwxyz"
    words = ["".join(rng.choices(letters, k=rng.randint(2, 9))) for _ in range(6_000)]
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    stream = rng.choices(words, weights, k=count * _WORDS)
    stream[::9] = [str(rng.randrange(10_000)) for _ in stream[::9]]
    return [stream[start : start + _WORDS] for start in range(0, len(stream), _WORDS)]


def _text(rng: random.Random, pool: list[list[str]]) -> str:
    count = rng.choices((1, 2, 5, 8, 11), (1, 2, 4, 6, 4))[0]
    sentences = [pool.pop(), *(pool[rng.randrange(_SHARED)] for _ in range(count - 1))]
    return " ".join(f"{' '.join(words).capitalize()}." for words in sentences)


def _swapped(rng: random.Random, words: list[str]) -> list[str]:
    for _ in range(len(words) // 60 + 1):
        at = rng.randrange(len(words) - 1)
        words[at : at + 2] = words[at + 1], words[at]
    return words


def _replaced(rng: random.Random, words: list[str]) -> list[str]:
    for at in rng.sample(range(len(words)), len(words) // 40 + 1):
        words[at] = rng.choice(("other", "value", "certain", "thing"))
    return words


def _inserted(rng: random.Random, words: list[str]) -> list[str]:
    at = rng.randrange(len(words))
    return [*words[:at], *_PHRASE[: len(words) // 16 + 1], *words[at:]]


def _renumbered(rng: random.Random, words: list[str]) -> list[str]:
    numbers = [at for at, word in enumerate(words) if word.rstrip(".").isdigit()]
    for at in rng.sample(numbers, min(len(numbers), len(words) // 40 + 1)):
        words[at] = str(rng.randrange(10_000))
    return words


def _cut(_rng: random.Random, words: list[str]) -> list[str]:
    return words[: -(len(words) // 14 + 1)]


def _respelled(rng: random.Random, words: list[str]) -> list[str]:
    return [word.upper() if rng.random() < 0.2 else word + " " * (rng.random() < 0.2) for word in words]


_CHANGES: dict[str, Change] = {
    "words swapped": _swapped,
    "words replaced": _replaced,
    "phrase inserted": _inserted,
    "numbers changed": _renumbered,
    "end cut": _cut,
    "case and spaces": _respelled,
}


def _score(name: str, method: Callable[[Corpus], Iterable[Pair]], corpus: Corpus) -> Score:
    began = time.perf_counter()
    pairs = set(method(corpus))
    seconds = time.perf_counter() - began
    found = {max(pair) for pair in pairs if _is_true(corpus, pair) and max(pair) in corpus.kinds}
    right = sum(_is_true(corpus, pair) for pair in pairs)
    by_kind = {
        kind: sum(at in found for at, one in corpus.kinds.items() if one == kind) / total
        for kind in _CHANGES
        if (total := sum(one == kind for one in corpus.kinds.values()))
    }
    return Score(name, seconds, len(found) / len(corpus.kinds), right / max(len(pairs), 1), by_kind)


def _is_true(corpus: Corpus, pair: Pair) -> bool:
    one, other = pair
    same_call = corpus.structures[one] == corpus.structures[other]
    return same_call and corpus.origins[one] == corpus.origins[other]


def _curator(corpus: Corpus) -> Iterator[Pair]:
    for group in near_duplicates(corpus.texts, structures=corpus.structures):
        yield from combinations(group, 2)


def _datasketch(corpus: Corpus) -> Iterator[Pair]:
    """Word 3-grams, 128 permutations and the library's own choice of bands; nothing is verified."""
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=0.8, num_perm=128)
    for position, sketch in enumerate(MinHash.generator(map(_trigrams, corpus.texts), num_perm=128)):
        for other in index.query(sketch):
            yield other, position
        index.insert(position, sketch)


def _trigrams(text: str) -> list[bytes]:
    words = text.lower().encode().split()
    return [b" ".join(three) for three in zip(words, words[1:], words[2:], strict=False)]


def _semhash(corpus: Corpus) -> Iterator[Pair]:
    from semhash import SemHash

    records = [{"text": text, "id": str(number)} for number, text in enumerate(corpus.texts)]
    model: Any = _WordVectors()
    index = SemHash.from_records(records, columns=["text"], model=model)
    for record in index.self_deduplicate(threshold=0.95).filtered:
        one, two = int(record.record["id"]), int(record.duplicate_of["id"])
        yield min(one, two), max(one, two)


class _WordVectors:
    """An encoder of the kind semhash expects: the sum of a fixed random vector per word."""

    def __init__(self) -> None:
        import numpy

        self._numpy = numpy
        self._generator = numpy.random.default_rng(1)
        self._vectors: dict[str, Any] = {}

    def encode(self, inputs: Iterable[str], **_options: Any) -> Any:
        """Return an array of shape (inputs, 256)."""
        return self._numpy.stack([sum(map(self._vector, text.lower().split())) for text in inputs])

    def _vector(self, word: str) -> Any:
        if word not in self._vectors:
            self._vectors[word] = self._generator.standard_normal(256, dtype=self._numpy.float32)
        return self._vectors[word]


if __name__ == "__main__":
    main()
