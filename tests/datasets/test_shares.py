"""Lengths, shares and tiers: equal to what is counted row by row."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.coverage.facts import TOKEN_STEP
from curator.datasets import Meters, count
from curator.datasets.lengths import lengths
from curator.datasets.shares import count_shares, shares
from curator.datasets.tiers import tier_states
from curator.model import Correction, call_class
from curator.profiles import Profile, Tier
from curator.profiles.model import Lengths
from curator.review import Desk
from curator.store import Store
from tests.factories import LOCK, bare_turn, fill, open_store

PROFILE = Profile(name="p", tiers={"home": Tier(target_rows=3), "garden": Tier(target_rows=1)})


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Nine turns of two tiers; six decided on."""
    store = open_store(tmp_path)
    fill(store, [bare_turn(n, calls=n % 4, tier="home" if n < 6 else "attic") for n in range(9)])
    desk = Desk(store, PROFILE, "ann")
    for turn in (1, 2, 3, 7):
        desk.verdict(turn, "correct")
    desk.verdict(4, "incorrect", "wrong_tool")
    desk.correct(5, Correction("I lock it", None, (LOCK,)), allow_violations=True)
    return store


def test_every_tier_stands_against_its_target(store: Store) -> None:
    tiers = {one.counts.tier: one for one in tier_states(store, PROFILE)}
    assert list(tiers) == ["home", "garden", "attic"]
    home = tiers["home"].counts
    assert (home.turns, home.decided, home.sft_rows, home.pairs, home.kto_rows) == (6, 5, 4, 1, 5)
    assert (tiers["home"].missing, tiers["garden"].missing, tiers["attic"].missing) == (0, 1, 0)
    for name, one in tiers.items():
        meters = count(store, name, PROFILE)
        assert (one.counts.turns, one.counts.decided) == (meters.turns, meters.decided)
        assert (one.counts.sft_rows, one.counts.pairs) == (meters.sft_rows, meters.pairs)


def test_shares_are_those_of_the_turns(store: Store) -> None:
    found = shares(count(store, profile=PROFILE), count_shares(store))
    turns = [store.turns.get(turn) for turn in store.turns.ids()]
    assert found.logged == Counter(call_class(turn.output.tool_calls) for turn in turns)
    assert found.sources == {"log.jsonl": 5} and found.origins == {"real": 5}
    assert found.tools == {"set_light": 3, "lock_door": 1} and sum(found.classes.values()) == 5
    assert shares(count(store, profile=PROFILE)).logged == {}


def test_a_tool_that_is_never_called_is_told(store: Store) -> None:
    store.close()
    meters = Meters(sft_rows=2, tally={"tool": {"b": 1, "a": 2}, "offered": {"a": 2, "b": 2, "c": 2}})
    assert list(shares(meters).tools.items()) == [("a", 2), ("b", 1), ("c", 0)]


LENGTHS = st.dictionaries(st.integers(0, 300).map(lambda n: n * TOKEN_STEP), st.integers(1, 9), min_size=1)


@given(LENGTHS, st.integers(0, 20_000), st.integers(1, 60))
def test_no_row_is_lost_in_the_bins(counts: dict[int, int], budget: int, most: int) -> None:
    meters = Meters(tally={"tokens": {str(tokens): rows for tokens, rows in counts.items()}})
    found = lengths(meters, Profile(name="p", lengths=Lengths(max_tokens=budget)), most)
    every = sorted(Counter(counts).elements())
    assert sum(found.bins) == found.rows == len(every) and len(found.bins) <= most
    assert found.start + found.step * len(found.bins) > found.longest == every[-1]
    assert found.start <= every[0]
    for at, rows in enumerate(found.bins):
        low = found.start + at * found.step
        assert rows == sum(low <= tokens < low + found.step for tokens in every)
    assert sum(tokens <= found.median for tokens in every) * 2 >= len(every)
    assert sum(tokens < found.median for tokens in every) * 2 < len(every)


def test_without_rows_there_is_no_length() -> None:
    assert lengths(Meters(), Profile(name="p")).bins == ()
