"""What is looked at first to find arguments quickly changes nothing of what is found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curator.model import Finding, Output, ToolCall
from curator.store import Filter, Store, conditions
from tests.factories import fill, make_turn

PIECES = [
    "src/",
    "SRC",
    "a b",
    '"',
    "\\",
    "\n",
    "ü",
    "Ü",
    "1",
    "1.0",
    "e3",
    "true",
    "null",
    "{",
    ": ",
    "\x00",
    "\x7f",
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=3).map("".join)
VALUES: st.SearchStrategy[Any] = st.recursive(
    TEXTS | st.sampled_from([1, 1.0, 1000.0, 1e30, -2, True, False, None]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=4,
)


def turns(values: list[Any]) -> list[Any]:
    calls = [(ToolCall("edit", {"path": value}),) for value in values]
    return [make_turn(n, "raw", output=Output(tool_calls=one)) for n, one in enumerate(calls)]


@settings(max_examples=150, deadline=None)
@given(values=st.lists(VALUES, min_size=1, max_size=5), data=st.data())
@example(values=[{"a": 1}], data=None)
def test_a_part_of_the_text_is_looked_for_first(
    tmp_path_factory: pytest.TempPathFactory, values: list[Any], data: st.DataObject | None
) -> None:
    store = Store.open(tmp_path_factory.mktemp("s") / "c.db")
    fill(store, turns(values))
    shown = [v if isinstance(v, str) else json.dumps(v, ensure_ascii=False) for v in values]
    whole = "".join(shown)
    cut = data.draw(st.tuples(st.integers(0, len(whole)), st.integers(1, 6))) if data else (0, 4)
    text = (data.draw(TEXTS) if data else "") or whole[cut[0] : cut[0] + cut[1]] or "x"
    wanted = Filter(arguments=frozenset({("path", text)}))
    quick = list(store.turns.ids(wanted))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(conditions, "verbatim", lambda _: "")
        assert quick == list(store.turns.ids(wanted))
    store.close()


def test_numbers_are_found_as_the_database_writes_them(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "c.db")
    fill(store, turns([1e30, True, "1e+30"]))
    assert list(store.turns.ids(Filter.parse("arg:path~0e+"))) == [1]
    assert list(store.turns.ids(Filter.parse("arg:path~1"))) == [1, 2, 3]
    store.close()


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("src/", "src/"),
        ('say "hello" now', "hello"),
        ("a\\b/cde", "b/cde"),
        ("1.0", ""),
        ("1e5", ""),
        ("", ""),
    ],
)
def test_the_part_that_is_looked_for(text: str, part: str) -> None:
    assert conditions.verbatim(text) == part


@settings(max_examples=60, deadline=None)
@given(
    degrees=st.lists(st.integers(0, 3), min_size=1, max_size=12), limit=st.integers(0, 8), here=st.booleans()
)
def test_the_front_of_the_queue_is_its_front(
    tmp_path_factory: pytest.TempPathFactory, degrees: list[int], limit: int, here: bool
) -> None:
    store = Store.open(tmp_path_factory.mktemp("s") / "c.db")
    paths = turns(["src/x" if n % 2 else "docs" for n in range(len(degrees))])
    for turn, degree in zip(paths, degrees, strict=True):
        fill(store, [turn], (Finding("schema", "warning", "bad"),) * degree)
    wanted = Filter.parse("arg:path~src/" if here else "arg:path~SRC -arg:path~docs tier:home")
    whole = store.turns.ids(wanted, "queue")
    assert store.turns.ids(wanted, "queue", limit) == whole[:limit]
    assert len(whole) == len(degrees) // 2
    store.close()
