from __future__ import annotations

import pytest

from curator.review.forms import Row, rows
from curator.tui.form_keys import chosen
from tests.tui.workspaces import TOOLS

ROOM, STATE, _ = rows(TOOLS[0].parameters, {"room": "bedroom"})
FLAG = rows({"properties": {"dry": {"type": "boolean"}}}, {"dry": True})[0]


@pytest.mark.parametrize(
    ("row", "key", "letter", "query", "value", "typed"),
    [
        (ROOM, "right", "", "", "hall", ""),
        (ROOM, "left", "", "ki", "kitchen", ""),
        (STATE, "right", "", "", "on", ""),
        (STATE, "left", "", "", "off", ""),
        (ROOM, "h", "h", "", "hall", "h"),
        (ROOM, "t", "t", "ki", "kitchen", "kit"),
        (ROOM, "c", "c", "", "kitchen", "c"),
        (ROOM, "backspace", "", "ki", "kitchen", "k"),
        (FLAG, "space", " ", "", False, ""),
        (FLAG, "t", "t", "", True, ""),
    ],
)
def test_keys_choose(row: Row, key: str, letter: str, query: str, value: object, typed: str) -> None:
    assert chosen(row, key, letter, query) == (value, typed)


def test_other_keys_choose_nothing() -> None:
    text = rows(None, {"a": "x"})[0]
    assert chosen(ROOM, "z", "z", "ki") is None
    assert chosen(ROOM, "f7", "", "") is None and chosen(FLAG, "x", "x", "") is None
    assert chosen(text, "left", "", "") is None
