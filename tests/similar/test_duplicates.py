"""Near duplicates are found, and nothing else is."""

from __future__ import annotations

import random
from itertools import combinations

import numpy as np
import pytest
from datasketch import MinHash
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.similar import near_between, near_duplicates, shingles
from curator.similar.minhash import PERMUTATIONS, signatures, similarities
from curator.similar.shingling import FEW_WORDS, MANY_WORDS, shingled

WORDS = [f"{one}{two}" for one in "abcdefghij" for two in ("lo", "mi", "nu", "pe", "ra", "st", "ve", "xo")]


def text_of(seed: int, words: int = 80) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=words))


def changed(text: str, *positions: int) -> str:
    words = text.split()
    for position in positions:
        words[position] = "changed"
    return " ".join(words)


def jaccard(one: str, other: str) -> float:
    left, right = shingles(one), shingles(other)
    return len(left & right) / len(left | right)


def test_exact_and_near_copies_are_grouped_in_order() -> None:
    first, second = text_of(1), text_of(2)
    texts = [first, second, "alone", changed(first, 7), second.upper(), f"{first} as noted above"]
    assert near_duplicates(texts) == [[0, 3, 5], [1, 4]]


def test_the_same_prompt_with_another_call_is_no_duplicate() -> None:
    text = text_of(3)
    texts = [text, text, changed(text, 4), changed(text, 9)]
    assert near_duplicates(texts, structures=["a", "b", "a", "b"]) == [[0, 2], [1, 3]]


@pytest.mark.parametrize(
    ("one", "other", "is_duplicate"),
    [
        ("Turn on the kitchen light", "turn on  the kitchen LIGHT", True),
        ("Turn on the kitchen light", "Turn on the kitchen lights", True),
        ("Turn on the kitchen light", "Turn off the kitchen light", False),
        ("Turn on the kitchen light", "Turn on the bedroom light", False),
        ("yes", "no", False),
        ("ok", "OK", True),
        ("", "  ", True),
        ("", "x", False),
        ("...", "???", False),
        ("打开厨房的灯并告诉我现在的温度是多少度", "打开厨房的灯并告诉我现在的温度是多少度。", True),
        ("打开厨房的灯", "关上卧室的窗", False),
    ],
)
def test_short_texts(one: str, other: str, is_duplicate: bool) -> None:
    assert bool(near_duplicates([one, other])) is is_duplicate
    assert bool(near_between([one], [other])) is is_duplicate


@pytest.mark.parametrize("words", range(MANY_WORDS - 3, FEW_WORDS + 4))
def test_no_length_falls_between_the_two_kinds_of_shingles(words: int) -> None:
    text = text_of(words, words)
    assert near_duplicates([text, f"{text} too"]) == [[0, 1]]


def test_half_of_a_text_is_no_duplicate() -> None:
    text = text_of(5)
    assert near_duplicates([text, f"{text[: len(text) // 2]} {text_of(6, 40)}"]) == []


def test_groups_are_what_true_similarity_says() -> None:
    texts = [changed(text_of(seed), *range(0, 4 * edits, 4)) for seed in range(12) for edits in range(7)]
    together = {pair for group in near_duplicates(texts) for pair in combinations(group, 2)}
    near = {
        pair for pair in combinations(range(len(texts)), 2) if jaccard(*(texts[at] for at in pair)) >= 0.8
    }
    assert len(near) > 40
    assert near <= together
    assert all(one // 7 == other // 7 for one, other in together)


def test_a_lower_threshold_finds_more() -> None:
    text = text_of(8)
    pair = [text, changed(text, 5, 15, 25, 35, 45, 55)]
    assert near_duplicates(pair) == []
    assert near_duplicates(pair, threshold=0.6) == [[0, 1]]
    assert near_duplicates([text, text, changed(text, 3)], threshold=1) == [[0, 1]]


def test_leaks_are_counted_once_each() -> None:
    train = [text_of(1), text_of(2), text_of(1)]
    test = [changed(text_of(2), 40), text_of(9), text_of(1), "short"]
    assert near_between(test, train) == [(0, 1), (2, 0)]
    assert near_between([], train) == near_between(test, []) == near_duplicates([]) == []


def test_template_spam_is_one_group() -> None:
    stem = text_of(4)
    spam = [f"{stem} number {number}" for number in range(3_000)]
    assert near_duplicates(spam) == [list(range(3_000))]
    assert len(near_between(spam[:500], spam[500:])) == 500


def test_signatures_are_those_of_datasketch() -> None:
    rows = shingled([text_of(1), "short text", text_of(2)])
    own = signatures(rows.starts, rows.hashes)
    for row, start, end in zip(own, rows.starts, rows.starts[1:], strict=False):
        sketch = MinHash(num_perm=PERMUTATIONS, hashfunc=int)
        sketch.update_batch(rows.hashes[start:end].tolist())
        assert (row == sketch.hashvalues).all()


def test_similarities_are_exact() -> None:
    texts = [text_of(1), changed(text_of(1), 3, 30), text_of(2)]
    rows = shingled(texts)
    left, right = np.array([0, 0, 1]), np.array([1, 2, 1])
    expected = [jaccard(texts[0], texts[1]), jaccard(texts[0], texts[2]), 1.0]
    assert similarities(rows, left, right).tolist() == pytest.approx(expected)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=60), max_size=12))
def test_any_text_is_fit(texts: list[str]) -> None:
    groups = near_duplicates([*texts, *texts])
    assert {at for group in groups for at in group} == set(range(2 * len(texts)))
    assert [one for one, _ in near_between(texts, texts)] == list(range(len(texts)))


@pytest.mark.parametrize("threshold", [0, -1, 1.01])
def test_a_threshold_out_of_range_is_refused(threshold: float) -> None:
    with pytest.raises(ValueError, match="above 0, at most 1"):
        near_duplicates(["a"], threshold)


def test_structures_must_fit() -> None:
    with pytest.raises(ValueError, match="1 structures for 2 texts"):
        near_duplicates(["a", "b"], structures=["x"])
