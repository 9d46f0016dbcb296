from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from curator.datasets import Meters
from curator.datasets.shortage import lacking
from curator.errors import InputError
from curator.model import Finding, Message, Turn
from curator.profiles import Profile, Quality, load_profile
from curator.review import ORDERINGS, Desk, Plan, Wanted, arrange, order_name, remember_plan, remembered_plan
from curator.review.ordering import in_rounds, sample_size
from curator.store import Filter, Store
from curator.workspace import Workspace
from tests.factories import bare_turn, decide, fill, open_store

ERROR = Finding("schema_violation", "error", "x")
WARNING = Finding("truncation", "warning", "x")
REMARK = Finding("identity", "info", "x")


def asked(n: int, request: str, *, calls: int = 1, tier: str = "home") -> Turn:
    return bare_turn(n, calls=calls, tier=tier, prompt=(Message("user", request),))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Turns 1–4 of one pattern with an error, 5–6 with a warning, 7–8 of tier code without a finding."""
    store = open_store(tmp_path)
    fill(store, [asked(n, f"Light {n} on.") for n in range(4)], (ERROR,))
    fill(store, [asked(4, "Sing!", calls=0), asked(5, "Light 9 on.")], (WARNING,))
    fill(store, [asked(6, "Build.", calls=2, tier="code"), asked(7, "Test.", tier="code")])
    yield store
    store.close()


def test_failure_first_is_the_queue_of_the_desk(store: Store) -> None:
    arranged = arrange(store)
    assert arranged.ids == Desk(store, load_profile("demo"), "ann").queue()
    assert list(arranged.ids) == [1, 2, 3, 4, 5, 6, 7, 8] and arranged.why == {}
    assert "most suspicious" in arranged.sentence


def test_uncertainty_puts_what_is_odd_before_what_is_wrong_or_clean(store: Store) -> None:
    arranged = arrange(store, Plan("uncertainty"))
    assert list(arranged.ids) == [5, 6, 1, 2, 3, 4, 7, 8]
    assert arranged.why[5] == "borderline: suspicion 1"


def test_diversity_never_shows_one_pattern_twice_in_a_row_while_there_is_another(store: Store) -> None:
    arranged = arrange(store, Plan("diversity"))
    assert list(arranged.ids)[:5] == [1, 5, 6, 7, 8]
    assert list(arranged.ids)[5:] == [2, 3, 4]
    assert arranged.why[1] == "one of 4 alike" and arranged.why[5] == "one of its kind"


def test_tiers_come_in_turn(store: Store) -> None:
    arranged = arrange(store, Plan("tiers"))
    assert list(arranged.ids) == [7, 1, 8, 2, 3, 4, 5, 6]
    assert arranged.why[7] == "turn of tier code" and "2 tiers" in arranged.sentence


def test_ratio_brings_what_lacks_the_surest_first(store: Store) -> None:
    arranged = arrange(store, Plan("ratio"), Wanted(lacking=("several", "none")))
    assert list(arranged.ids)[:2] == [7, 5]
    assert list(arranged.ids)[2:] == [1, 2, 3, 4, 6, 8]
    assert arranged.why == {7: "brings the several-calls band up", 5: "brings the no-call band up"}
    nothing = arrange(store, Plan("ratio"))
    assert nothing.ids == arrange(store).ids and "No band" in nothing.sentence


@pytest.mark.parametrize("ordering", [o for o in ORDERINGS if o.name != "audit"], ids=lambda o: o.name)
def test_every_order_holds_every_undecided_turn_once(store: Store, ordering) -> None:
    store.journal.append([decide(3, "correct")])
    arranged = arrange(store, Plan(ordering.name), Wanted(lacking=("one",)))
    assert sorted(arranged.ids) == [1, 2, 4, 5, 6, 7, 8]
    narrow = arrange(store, Plan(ordering.name), Wanted(lacking=("one",)), Filter.parse("tier:code"))
    assert sorted(narrow.ids) == [7, 8]


def test_a_sample_is_reproducible_and_leaves_out_what_the_reviewer_has_seen(store: Store) -> None:
    half = Quality(sample_share=0.5)
    first = arrange(store, Plan("audit", 3), Wanted("ann", quality=half))
    assert len(first.ids) == 4 and "seed 3" in first.sentence
    store.journal.append([decide(first.ids[0], "correct"), decide(first.ids[1], "correct", who="bob")])
    again = arrange(store, Plan("audit", 3), Wanted("ann", quality=half))
    assert list(again.ids) == list(first.ids)[1:]
    assert again.why[again.ids[0]] == "audit sample 2 of 4"
    others = {tuple(arrange(store, Plan("audit", seed), Wanted(quality=half)).ids) for seed in range(20)}
    assert len(others) > 5


@pytest.mark.parametrize(
    ("turns", "quality", "size"),
    [
        (1000, Quality(), 100),
        (5000, Quality(sample_share=0.1, sample_max=100), 100),
        (30, Quality(sample_share=0.1, sample_max=100), 3),
        (3, Quality(), 1),
        (0, Quality(), 0),
    ],
)
def test_the_profile_states_the_size_of_the_sample(turns: int, quality: Quality, size: int) -> None:
    assert sample_size(turns, quality) == size


def test_rounds_take_one_of_each_group() -> None:
    assert list(in_rounds([[1, 2, 3], [4], [5, 6]])) == [1, 4, 5, 2, 6, 3]


def test_an_order_that_is_not_known_is_refused_with_those_that_are() -> None:
    assert order_name("tiers") == "tiers"
    with pytest.raises(InputError, match="failure, uncertainty"):
        order_name("tier")


def test_each_reviewer_keeps_an_order(tmp_path: Path) -> None:
    home = Workspace.open(tmp_path / "ws", create=True)
    assert remembered_plan(home, "ann") == Plan()
    remember_plan(home, "ann", Plan("audit", 7))
    remember_plan(home, "bob", Plan("tiers"))
    assert remembered_plan(Workspace.open(tmp_path / "ws"), "ann") == Plan("audit", 7)
    assert remembered_plan(home, "bob") == Plan("tiers")
    (tmp_path / "ws" / ".curator" / "orders.json").write_text("{")
    assert remembered_plan(home, "ann") == Plan()


def test_what_lacks_is_named_by_how_much(store: Store) -> None:
    profile = Profile(name="p", bands={"none": (0.3, 0.5), "one": (0.4, 0.6), "several": (0.1, 0.2)})
    meters = Meters(classes={"none": 2, "one": 0, "several": 8}, sft_rows=10)
    assert lacking(meters, profile) == ("one", "none")
    high = replace(profile, bands={"one": (0.0, 0.2), "none": (0.0, 1.0)})
    assert lacking(replace(meters, classes={"one": 9, "none": 1}), high) == ("none",)
    assert lacking(replace(meters, classes={"none": 4, "one": 5, "several": 1}), profile) == ()
