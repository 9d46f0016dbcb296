from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.errors import CuratorError
from curator.model import Decision, Finding
from curator.profiles import Profile
from curator.review import Desk
from curator.store import Facet, Filter, SavedView, SessionInfo, Store, new_act, now
from tests.factories import bare_turn, make_turn, open_store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Nine turns of three sessions; every third one has two findings."""
    store = open_store(tmp_path)
    source = store.sources.begin("log.jsonl", "chat", "chat/1", "00", 10, "real")
    found = (Finding("length", "info", "long"), Finding("outcome", "error", "bad"))
    turns = [
        (bare_turn(n, calls=n % 3, tier=("code", "chat")[n % 2]), found if n % 3 == 0 else ())
        for n in range(9)
    ]
    named = [
        (make_turn(int(t.key, 16), session=f"s{n // 3}", tier=t.tier, output=t.output), f)
        for n, (t, f) in enumerate(turns)
    ]
    sessions = [SessionInfo(f"s{n}", ("first", "", "last")[n], model="qwen") for n in range(3)]
    store.turns.add(source, sessions, named)
    return store


def test_a_page_shows_what_a_list_needs(store: Store) -> None:
    first, second = store.listing.page([4, 1, 99])
    assert (first.id, first.session, first.request, first.calls, first.model) == (
        4,
        "s1",
        "request 3",
        0,
        "qwen",
    )
    assert second.checks == (("outcome", "error"), ("length", "info"))
    assert store.listing.page([3])[0].tools == ("set_light", "set_light")


def test_facets_count_the_turns_of_a_filter(store: Store) -> None:
    Desk(store, Profile("p"), "ann").verdict(1, "skip")
    everything = Filter()
    assert store.listing.facets(everything, "tier") == [Facet("tier", "code", 5), Facet("tier", "chat", 4)]
    assert store.listing.facets(everything, "verdict") == [
        Facet("verdict", "none", 8),
        Facet("verdict", "skip", 1),
    ]
    assert store.listing.facets(Filter.parse("tier:chat"), "tool") == [Facet("tool", "set_light", 3)]
    assert store.listing.facets(everything, "check")[0].turns == 3
    assert store.listing.facets(everything, "reviewer") == [Facet("reviewer", "ann", 1)]
    for key in ("source", "model", "origin"):
        [facet] = store.listing.facets(everything, key)
        assert len(store.turns.ids(Filter.parse(f"{key}:{facet.value}"))) == facet.turns == 9


def test_sessions_and_orders(store: Store) -> None:
    rows = store.listing.sessions(Filter.parse("tier:code"))
    assert [(row.key, row.turns, row.undecided, row.errors) for row in rows] == [
        ("s0", 2, 2, 1),
        ("s2", 2, 2, 1),
        ("s1", 1, 1, 0),
    ]
    assert list(store.turns.ids(order="newest"))[:2] == [9, 8]
    assert list(store.turns.ids(order="calls"))[:3] == [3, 6, 9]


def test_views_are_kept_by_name(store: Store) -> None:
    store.views.save(SavedView("mine", "tier:code", "queue", "ann", now()))
    store.views.save(SavedView("mine", "tier:chat", "log", "ben", now()))
    assert [(one.query, one.reviewer) for one in store.views.all()] == [("tier:chat", "ben")]
    store.views.delete("mine")
    assert store.views.all() == []
    with pytest.raises(CuratorError):
        store.views.save(SavedView(" ", "", "log", "ann", now()))


ACTS = st.lists(
    st.tuples(st.integers(1, 6), st.sampled_from(["correct", "incorrect", "skip", "tag"])),
    min_size=1,
    max_size=12,
)


@given(ACTS)
def test_many_at_once_is_one_after_the_other(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[int, str]]
) -> None:
    def decisions() -> list[Decision]:
        return [
            Decision(turn, "tag", "ann", "2026", "a", tag="t")
            if what == "tag"
            else Decision(turn, "verdict", "ann", "2026", "a", verdict=what)  # type: ignore[arg-type]
            for turn, what in acts
        ]

    stores = [open_store(tmp_path_factory.mktemp("bulk")) for _ in range(2)]
    for store in stores:
        source = store.sources.begin("log.jsonl", "chat", "chat/1", "00", 10, "real")
        store.turns.add(source, [SessionInfo("s1")], [(bare_turn(n), ()) for n in range(6)])
    at_once = stores[0].journal.append(decisions())
    singly = [change for one in decisions() for change in stores[1].journal.append([one])]
    assert at_once == singly
    states = [[store.journal.resolution(turn) for turn in range(1, 7)] for store in stores]
    assert states[0] == states[1]
    assert stores[0].turns.rows(range(1, 7)) == stores[1].turns.rows(range(1, 7))
    for store in stores:
        store.close()


def test_a_bulk_act_is_undone_as_one(store: Store) -> None:
    desk = Desk(store, Profile("p"), "ann")
    desk.verdict(2, "correct")
    assert [change.turn for change in desk.decide_all(range(1, 10), "skip")] == [1, 3, 4, 5, 6, 7, 8, 9]
    assert len({one.act for one in store.journal.all()}) == 2
    assert len(desk.tag_all([1, 2], "odd")) == 2 and desk.tag_all([1, 2], "odd") == []
    assert len(desk.undo()) == 2 and len(desk.undo()) == 8
    assert [row.state for row in store.turns.rows([1, 2])] == ["undecided", "correct"]
    assert len(desk.redo()) == 8
    assert new_act() != new_act()
