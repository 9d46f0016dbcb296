from __future__ import annotations

from collections import Counter
from pathlib import Path

from curator.model import Correction, Output, ToolCall, ToolSpec
from curator.review import Desk
from curator.review.completion import Candidate, ValuesSeen, candidates, ranked
from curator.review.forms import rows
from curator.workspace import Workspace
from tests.checks.homes import HomeRow, call, home, state, written
from tests.tui.workspaces import TOOLS, make_workspace, turn

HEATING = TOOLS[1].parameters
HOUSE = home()
NOWHERE = turn(0, "x", Output())


def seen_workspace(folder: Path) -> Workspace:
    """Return a workspace whose turns set the heating."""
    rooms = ("attic", "cellar", "attic")
    calls = [ToolCall("heating.set", {"room": room, "celsius": 20 + n}) for n, room in enumerate(rooms)]
    other = ToolCall("light.set", {"room": "hall"})
    turns = [turn(n, "x", Output(None, None, (one, other))) for n, one in enumerate(calls)]
    return make_workspace(folder, [(one, ()) for one in turns])


def test_values_are_counted_by_tool_and_place(tmp_path: Path) -> None:
    workspace = seen_workspace(tmp_path / "ws")
    values = ValuesSeen(workspace.store)
    assert values.known("heating.set") == {}
    assert values.of("heating.set") == {
        ("room",): Counter({"attic": 2, "cellar": 1}),
        ("celsius",): Counter({20: 1, 21: 1, 22: 1}),
    }
    assert values.known("heating.set") and values.of("nothing") == {}


def test_corrections_count_too_and_the_look_back_is_bounded(tmp_path: Path) -> None:
    workspace = seen_workspace(tmp_path / "ws")
    new = ToolCall("heating.set", {"room": "loft", "celsius": 5})
    Desk(workspace.store, workspace.profile, "ann").correct(1, Correction("t", None, (new,)))
    seen = workspace.store.seen
    assert list(seen.corrected("heating.set", 10)) == [new.arguments]
    assert [one["celsius"] for one in seen.arguments("heating.set", 1)] == [22]
    assert list(seen.corrected("heating.set", 0)) == []


def test_only_values_of_the_type_are_offered() -> None:
    room, celsius, *_ = rows(HEATING, {"room": "a", "celsius": 1})
    seen = {("room",): Counter({"attic": 2, 7: 1}), ("celsius",): Counter({20: 2, "warm": 3})}
    assert candidates(room, seen, NOWHERE) == (Candidate("attic", "seen 2×"),)
    assert [one.value for one in candidates(celsius, seen, NOWHERE)] == [20]


def test_the_things_of_the_house_are_offered_with_their_state() -> None:
    made = HomeRow(HOUSE.system(state(HOUSE)), "x", written(call("turn_on", entity_id="light.hall"))).turn()
    tool = ToolSpec("turn_on", parameters={"properties": {"entity_id": {"type": "string"}}})
    found = candidates(rows(tool.parameters, {"entity_id": ""})[0], {}, made)
    by_text = {one.text: one.about for one in found}
    assert "light.cellar" not in by_text and by_text["light.hall"].endswith("hall · off")
    assert ranked(found, "hall glow", 3)[0].text == "light.hall"


def test_ranking_prefers_beginnings_and_forgives_slips() -> None:
    found = [Candidate(one, "") for one in ("living room", "bedroom", "bathroom", "attic")]
    assert ranked(found, "b", 4)[0].text == "bedroom"
    assert ranked(found, "bedrom", 4)[0].text == "bedroom"
    assert [one.text for one in ranked(found, "", 2)] == ["living room", "bedroom"]
    assert "attic" not in [one.text for one in ranked(found, "attic", 4)]
    assert ranked(found, "zzzz", 4) == []


def test_names_are_offered_where_an_argument_can_be_added() -> None:
    form = rows(TOOLS[2].parameters, {"minutes": 1})
    assert [one.text for one in candidates(form[-1], {}, NOWHERE)] == ["label"]
