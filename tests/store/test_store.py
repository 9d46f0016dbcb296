from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import SQLModel

from curator.errors import CuratorError, DecisionError, WorkspaceError
from curator.model import Correction, Finding, Message, ToolCall, Turn
from curator.store import Filter, SessionInfo, Store
from tests.factories import bare_turn, decide, fill


@pytest.fixture
def store(tmp_path: Path):
    opened = Store.open(tmp_path / ".curator" / "curator.db")
    yield opened
    opened.close()


def test_a_turn_comes_back_as_it_went_in(store: Store) -> None:
    turn = bare_turn(0)
    fill(store, [turn])
    assert store.turns.get(1) == Turn(
        **{f: getattr(turn, f) for f in turn.__struct_fields__ if f != "id"}, id=1
    )


def test_writing_twice_adds_nothing(store: Store) -> None:
    source = fill(store, [bare_turn(0), bare_turn(1)])
    added = store.turns.add(source, [SessionInfo("s1", "first")], [(bare_turn(n), ()) for n in range(3)])
    assert (added.sessions, added.turns) == (0, 1)
    assert list(store.turns.ids()) == [1, 2, 3]


def test_history_is_stored_once(store: Store, tmp_path: Path) -> None:
    history: tuple[Message, ...] = (Message("system", "x" * 1000),)
    turns = []
    for n in range(50):
        history = (*history, Message("user", f"u{n}"), Message("assistant", f"a{n}"))
        turns.append(bare_turn(n, prompt=history))
    fill(store, turns)
    with sqlite3.connect(tmp_path / ".curator" / "curator.db") as db:
        counts = [
            db.execute(f"select count(*) from {t}").fetchone()[0]  # noqa: S608
            for t in ("message", "prompt", "toolset")
        ]
    raw_outputs = 50
    assert counts == [101 + raw_outputs, 101, 1]
    assert store.turns.get(50).prompt == history
    assert store.turns.get(7).prompt == turns[6].prompt


def test_queue_puts_failures_first(store: Store) -> None:
    fill(store, [bare_turn(0)])
    fill(store, [bare_turn(1)], (Finding("schema", "error", "bad"),))
    assert list(store.turns.ids(order="queue")) == [2, 1]
    assert store.turns.findings(2) == (Finding("schema", "error", "bad"),)


def test_decisions_settle_turns_and_undo_takes_them_back(store: Store) -> None:
    fill(store, [bare_turn(n) for n in range(3)])
    fixed = Correction(
        "I use lock_door", None, (ToolCall("lock_door", {}), ToolCall("lock_door", {"door": "b"}))
    )
    store.journal.append([decide(1, "correct")])
    store.journal.append([decide(2, "incorrect")])
    (change,) = store.journal.append([decide(3, correction=fixed)])
    assert (change.before.state, change.after.state, change.after.pairs) == ("undecided", "corrected", 1)
    totals = store.totals()
    assert (totals.sft_rows, totals.pairs, totals.kto_rows) == (2, 1, 3)
    assert totals.classes == {"one": 1, "several": 1}
    undone = [store.journal.undo("ann")[0].turn for _ in range(3)]
    assert undone == [3, 2, 1]
    assert store.journal.undo("ann") == []
    assert store.totals().sft_rows == 0
    redone = [store.journal.redo("ann")[0].turn for _ in range(3)]
    assert redone == [1, 2, 3]
    assert store.journal.redo("ann") == []
    assert store.totals() == totals
    assert len(list(store.journal.all())) == 9


def test_undo_is_the_reviewers_own(store: Store) -> None:
    fill(store, [bare_turn(n) for n in range(2)])
    store.journal.append([decide(1, "correct", who="ann")])
    store.journal.append([decide(2, "correct", who="ben")])
    assert store.journal.undo("ann")[0].turn == 1
    assert store.journal.resolution(2).state == "correct"


def test_a_correction_equal_to_the_log_gives_no_pair(store: Store) -> None:
    turn = bare_turn(0)
    fill(store, [turn])
    same = Correction(turn.output.thinking, None, turn.output.tool_calls)
    (change,) = store.journal.append([decide(1, correction=same)])
    assert (change.after.sft_rows, change.after.pairs) == (1, 0)


ACTS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["correct", "incorrect", "skip", "fix"]), st.integers(1, 4)),
        st.just(("undo", 0)),
        st.just(("redo", 0)),
    ),
    max_size=25,
)


@settings(max_examples=25, deadline=None)
@given(acts=ACTS)
def test_state_follows_the_journal_whatever_is_pressed(
    tmp_path_factory: pytest.TempPathFactory, acts
) -> None:
    store = Store.open(tmp_path_factory.mktemp("s") / "c.db")
    fill(store, [bare_turn(n) for n in range(4)])
    done: list[list[str]] = [["undecided"] * 4]
    undone: list[list[str]] = []
    for what, turn in acts:
        if what == "undo":
            changed = store.journal.undo("ann")
            assert bool(changed) == (len(done) > 1)
            if changed:
                undone.append(done.pop())
        elif what == "redo":
            changed = store.journal.redo("ann")
            assert bool(changed) == bool(undone)
            if changed:
                done.append(undone.pop())
        else:
            correction = Correction("x", "y") if what == "fix" else None
            store.journal.append([decide(turn, None if correction else what, correction)])
            state = {"fix": "corrected", "skip": "skipped"}.get(what, what)
            done.append([state if i == turn - 1 else s for i, s in enumerate(done[-1])])
            undone.clear()
        assert [r.state for r in store.turns.rows([1, 2, 3, 4])] == done[-1]
    before = store.totals()
    store.journal.recount()
    assert store.totals() == before
    store.close()


def test_deciding_on_a_missing_turn_records_nothing(store: Store) -> None:
    fill(store, [bare_turn(0)])
    with pytest.raises(DecisionError, match="no turn 9"):
        store.journal.append([decide(1, "correct"), decide(9, "correct")])
    assert list(store.journal.all()) == []


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", [1, 2, 3]),
        ("calls:0", [1]),
        ("calls:>0 calls:<2", [2]),
        ("tool:set_light", [2, 3]),
        ("verdict:none", [1, 3]),
        ("verdict:correct", [2]),
        ("check:schema", [3]),
        ("tier:home", [1, 2]),
        ("tier:home tier:code", []),
        ("has:think origin:real session:first", [1, 2, 3]),
        ("no:think", []),
    ],
)
def test_filters(store: Store, query: str, ids: list[int]) -> None:
    fill(store, [bare_turn(0, calls=0), bare_turn(1)])
    fill(store, [bare_turn(2, calls=2, tier="code")], (Finding("schema", "error", "bad"),))
    store.journal.append([decide(2, "correct")])
    wanted = Filter.parse(query)
    assert list(store.turns.ids(wanted)) == ids
    assert Filter.parse(wanted.describe()) == wanted or "\0" in wanted.describe()


@pytest.mark.parametrize(
    "query",
    [
        "tier:",
        "colour:red",
        "verdict:maybe",
        "calls:many",
        "has:fun",
        "origin:x",
        "arg:path",
        "severity:bad",
        '"open',
    ],
)
def test_a_bad_query_says_what_is_known(query: str) -> None:
    with pytest.raises(CuratorError):
        Filter.parse(query)


def test_find_by_id_and_key(store: Store) -> None:
    fill(store, [bare_turn(0), bare_turn(0xABC)])
    assert store.turns.find("1") == 1
    assert store.turns.find("0" * 29 + "abc") == 2
    with pytest.raises(CuratorError, match="more than one"):
        store.turns.find("0000")
    for nothing in ("%", "0" * 33, "0" * 30 + " a", "0" * 29 + "abd"):
        with pytest.raises(CuratorError, match="no turn"):
            store.turns.find(nothing)


@pytest.mark.parametrize("digits", range(30, 33))
def test_find_by_any_number_of_digits(store: Store, digits: int) -> None:
    turns = [bare_turn(0xABC), bare_turn(0xBBC), bare_turn(0xCBC)]
    fill(store, turns)
    key = turns[0].key
    assert store.turns.find(key[:digits]) == store.turns.find(key[:digits].upper()) == 1
    with pytest.raises(CuratorError, match="more than one"):
        store.turns.find("0" * 28)


def test_the_migrations_give_the_tables_of_the_code(store: Store) -> None:
    with store._engine.connect() as connection:
        options = {"include_name": lambda name, *_: not (name or "").startswith("turn_search")}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, SQLModel.metadata) == []


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"this is not a database at all, just text" * 30)
    with pytest.raises(WorkspaceError, match=r"x\.db"):
        Store.open(tmp_path / "x.db")


def test_reopening_keeps_everything(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "c.db")
    fill(store, [bare_turn(0)])
    store.journal.append([decide(1, "correct")])
    store.close()
    again = Store.open(tmp_path / "c.db")
    assert again.journal.resolution(1).state == "correct"
    again.close()
