"""Checks of Home Assistant rows: ids, absent entities, redundant actions, unknown states, mixed outputs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.checks import Context, run_checks
from curator.checks.support.home import effect, holds, house_of, read_house, targets
from curator.model import Finding, Message, ToolCall, Turn
from curator.profiles import Profile, load_profile
from tests.checks.homes import KINDS, HomeRow, call, home, home_rows, state, written
from tests.checks.turns import shown
from tests.ingest.reading import rows

HOME_CHECKS = {
    "unknown_entity",
    "absent_entity_called",
    "redundant_action",
    "state_not_fetched",
    "mixed_output",
}
PROFILE = Profile("home", syntax="wrapped-json-line", thinking="forbidden")
HOUSE = home()
OFF = HOUSE.system(state(HOUSE))


def found(turn: Turn, *only: str, profile: Profile | None = None) -> list[Finding]:
    return list(run_checks(turn, Context(profile=profile), only=only or HOME_CHECKS))


def answer(system: str, *calls: ToolCall, text: str = "") -> Turn:
    lines = written(*calls) if calls else ""
    return HomeRow(system, "Do it", "\n".join(filter(None, (text, lines)))).turn()


def said(turn: Turn, check: str) -> list[tuple[str, str]]:
    return [(one.severity, one.message) for one in found(turn, check)]


class TestReading:
    FORMS: tuple[Any, ...] = (
        [{"entity_id": "light.hall", "aliases": ["Glow"], "present": False}],
        {"entities": {"light.hall": {"alias": "glow", "present": False}}},
        {"entities": [{"id": "light.hall", "name": "glow", "present": False}]},
        {"light.hall": {"aliases": ["glow"], "present": False}},
        {"rooms": {"hall": {"devices": [{"id": "light.hall", "names": ["glow"], "present": False}]}}},
        {"rooms": [{"id": "hall", "entities": [{"id": "light.hall", "alias": ["glow"], "present": False}]}]},
    )

    @pytest.mark.parametrize("ontology", FORMS)
    def test_entities_wherever_they_stand(self, ontology: Any) -> None:
        house = read_house(f"You run a home.\nONTOLOGY: {json.dumps(ontology)}")
        assert house and house.state is None
        (entity,) = house.entities.values()
        assert (entity.id, entity.names, entity.is_present) == ("light.hall", ("glow",), False)

    def test_areas_come_from_the_entity_or_from_what_it_stands_in(self) -> None:
        nested = read_house('ONTOLOGY: {"areas": {"hall": {"lights": ["light.a"]}, "den": ["light.b"]}}')
        own = read_house('ONTOLOGY: {"lights": [{"id": "light.a", "room": "hall"}]}')
        assert nested and [one.area for one in nested.entities.values()] == ["hall", "den"]
        assert own and own.entities["light.a"].area == "hall"

    @pytest.mark.parametrize("table", [{"glow": "light.hall"}, {"light.hall": ["glow"]}])
    def test_a_table_of_aliases(self, table: dict[str, Any]) -> None:
        house = read_house(f"ONTOLOGY: {json.dumps({'lights': ['light.hall'], 'aliases': table})}")
        assert house and house.entities["light.hall"].names == ("glow",)

    @pytest.mark.parametrize(
        "told",
        [
            {"light.hall": {"state": "on", "attributes": {"brightness": 9}}},
            [{"entity_id": "light.hall", "state": "on", "brightness": 9}],
            {"lights": {"light.hall": {"state": "on", "brightness": 9}}},
        ],
    )
    def test_states_are_flat(self, told: Any) -> None:
        house = read_house(f'ONTOLOGY: ["light.hall"]\nSTATE: {json.dumps(told)}')
        assert (
            house
            and house.state
            and house.state["light.hall"].items() >= {"state": "on", "brightness": 9}.items()
        )

    @pytest.mark.parametrize(
        "text", ["", "Help.", "ONTOLOGY: {x", "ONTOLOGY: 3", "ONTOLOGY: " + "[" * 100_000]
    )
    def test_no_house_without_an_ontology(self, text: str) -> None:
        assert house_of((Message("system", text),)) is None
        assert house_of((Message("user", OFF),)) is None and house_of(()) is None

    def test_a_state_that_is_no_json_is_none(self) -> None:
        house = read_house('ONTOLOGY: ["light.hall"]\nSTATE: nope')
        assert house and house.state is None

    @given(
        st.recursive(
            st.none() | st.text(max_size=9) | st.integers(),
            lambda x: (
                st.lists(x)
                | st.dictionaries(st.sampled_from(["entities", "id", "aliases", "light.a", "x"]), x)
            ),
        )
    )
    def test_any_json_can_be_read(self, value: Any) -> None:
        system = f"ONTOLOGY: {json.dumps(value)}\nSTATE: {json.dumps(value)}"
        house = read_house(system)
        assert (house is None) == (not isinstance(value, dict | list))

    def test_targets_are_found_in_any_argument(self) -> None:
        house = read_house(OFF)
        assert house
        named = call("f", target={"entity_id": ["light.hall", "x"]}, near="lock.hall", file="notes.txt")
        assert targets(named, house) == ("light.hall", "x", "lock.hall")

    @pytest.mark.parametrize(
        ("action", "before", "is_done"),
        [
            (call("turn_on"), {"state": "ON"}, True),
            (call("light.turn_on"), {"state": True}, True),
            (call("turn_on", brightness=50), {"state": "on", "brightness": 30}, False),
            (call("turn_on", brightness=50), {"state": "on", "brightness": 50.0}, True),
            (call("turn_on", transition=2), {"state": "on"}, False),
            (call("unlock"), {"state": "locked"}, False),
            (call("clock_in"), {"state": "locked"}, False),
            (call("set_brightness", value=50), {"brightness": 50}, True),
            (call("set_temperature", temperature=21), {"state": 21}, True),
            (call("set_brightness", brightness_pct=40), {"state": "on", "brightness": 40}, True),
            (call("set_brightness", brightness_pct=40), {"state": "on", "brightness_pct": 30}, False),
            (call("set_volume", volume_pct=30), {"volume_level": 0.3}, True),
            (call("set_volume", volume_pct=30), {"volume_level": 30}, False),
            (call("set_cover_position", position=0), {"state": "closed", "current_position": 0}, True),
            (call("set_temperature", temperature=21), {"state": "heat", "current_temperature": 21}, False),
            (call("set_hvac_mode", hvac_mode="heat"), {"state": "heat"}, True),
            (call("toggle"), {"state": "on"}, False),
            (call("dance"), {"state": "on"}, False),
        ],
    )
    def test_what_an_action_wants(self, action: ToolCall, before: dict[str, Any], is_done: bool) -> None:
        assert holds(effect(action), before) is is_done


class TestUnknownEntity:
    def test_named_with_the_nearest(self) -> None:
        turn = answer(OFF, call("turn_on", entity_id="light.hal"), call("turn_on", entity_id="hall glow"))
        first, second = found(turn, "unknown_entity")
        assert first.message == "turn_on: the ontology has no entity 'light.hal'; nearest: 'light.hall'"
        assert (second.suggestion, second.evidence[0].start) == ("light.hall", 1)

    def test_one_of_several(self) -> None:
        turn = answer(OFF, call("get_entity_state", entity_ids=["light.hall", "light.garage"]))
        (finding,) = found(turn, "unknown_entity")
        assert "'light.garage'" in finding.message and shown(turn, finding) == ["get_entity_state"]

    def test_known_ones_and_tools_without_entities(self) -> None:
        turn = answer(OFF, call("turn_on", entity_id="light.hall"), call("plex_play", title="Alien"))
        assert not found(turn, "unknown_entity")


class TestAbsentEntity:
    def test_an_action_is_an_error(self) -> None:
        turn = answer(OFF, call("turn_on", entity_id="light.cellar"))
        assert said(turn, "absent_entity_called") == [
            ("error", "turn_on acts on 'light.cellar', which the ontology says is not present")
        ]
        assert not said(turn, "state_not_fetched")

    def test_others_and_words_are_not(self) -> None:
        assert not found(answer(OFF, call("turn_on", entity_id="light.hall")), "absent_entity_called")
        assert not found(answer(OFF, text="There is none."), "absent_entity_called")


class TestRedundantAction:
    def test_what_holds_already(self) -> None:
        turn = answer(
            OFF, call("turn_on", entity_id="light.hall"), call("turn_off", entity_id="light.office")
        )
        (finding,) = found(turn, "redundant_action")
        assert finding.message == "turn_off: light.office is so already: state off"
        assert (finding.evidence[0].field, finding.evidence[0].start) == ("calls", 1)

    def test_the_same_action_twice(self) -> None:
        light, film = call("turn_on", entity_id="light.hall"), call("plex_play", title="Alien")
        turn = answer(OFF, light, film, light, film)
        assert [one.evidence[0].start for one in found(turn, "redundant_action")] == [2, 3]

    def test_order_matters(self) -> None:
        there_and_back = (call("turn_on", entity_id="light.hall"), call("turn_off", entity_id="light.hall"))
        assert not found(answer(OFF, *there_and_back), "redundant_action")

    @pytest.mark.parametrize("entity_id", [["light.hall", "light.office"], "light.attic"])
    def test_not_where_anything_changes_or_nothing_is_known(self, entity_id: Any) -> None:
        lit = HOUSE.system(state(HOUSE, light_hall={"state": "on"}))
        assert not found(answer(lit, call("turn_on", entity_id=entity_id)), "redundant_action")

    def test_a_fetch_is_no_action(self) -> None:
        fetch = call("get_entity_state", entity_ids=["light.hall"])
        assert not found(answer(OFF, fetch, fetch), "redundant_action")


class TestStateNotFetched:
    def test_without_any_state(self) -> None:
        turn = answer(HOUSE.system(), call("turn_on", entity_id="light.hall"))
        (finding,) = found(turn, "state_not_fetched")
        assert (finding.severity, finding.suggestion) == ("error", "get_entity_state")
        assert finding.message == "turn_on acts on light.hall without knowing the state; fetch it first"

    def test_without_that_of_the_entity(self) -> None:
        turn = answer(
            HOUSE.system({"light.office": {"state": "on"}}), call("turn_on", entity_id="light.hall")
        )
        assert [one.severity for one in found(turn, "state_not_fetched")] == ["warning"]

    @pytest.mark.parametrize(
        "action",
        [
            call("get_entity_state", entity_ids=["light.hall"]),
            call("plex_play", title="Alien"),
            call("turn_on", entity_id="scene.night"),
            call("toggle", entity_id="light.hall"),
            call("turn_on", entity_id="light.nowhere"),
        ],
    )
    def test_what_needs_none(self, action: ToolCall) -> None:
        house = home()._replace(entities={**HOUSE.entities, "scene.night": {}})
        assert not found(answer(house.system(), action), "state_not_fetched")


class TestMixedOutput:
    FETCH = call("get_entity_state", entity_ids=["light.hall"])
    ACTION = call("turn_on", entity_id="light.hall")

    def test_fetch_and_action(self) -> None:
        turn = answer(OFF, self.FETCH, self.ACTION)
        (finding,) = found(turn, "mixed_output")
        assert (finding.severity, shown(turn, finding)) == ("error", ["get_entity_state", "turn_on"])

    def test_two_fetches(self) -> None:
        other = call("get_entity_state", entity_ids=["light.office"])
        assert [one for one, _ in said(answer(OFF, self.FETCH, other), "mixed_output")] == ["warning"]

    def test_text_beside_calls_is_said_once(self) -> None:
        turn = answer(OFF, self.ACTION, text="Gladly.")
        (finding,) = found(turn, "mixed_output")
        assert shown(turn, finding) == ["Gladly."]
        (finding,) = found(turn, "mixed_output", "commentary", profile=PROFILE)
        assert (finding.check, shown(turn, finding)[0].strip()) == ("commentary", "Gladly.")

    def test_nothing_at_all(self) -> None:
        assert said(answer(OFF), "mixed_output") == [
            ("error", "the output is neither fetch nor actions nor text")
        ]

    @pytest.mark.parametrize("row", [(FETCH,), (ACTION, call("unlock", entity_id="lock.hall")), ()])
    def test_one_class(self, row: tuple[ToolCall, ...]) -> None:
        assert not found(answer(OFF, *row, text="" if row else "Which light?"), "mixed_output")


def test_checks_of_homes_are_silent_elsewhere() -> None:
    turn = answer("You help.", call("turn_on", entity_id="light.hall"), text="Gladly.")
    assert not found(turn)


def test_right_rows_have_no_findings() -> None:
    made = list(home_rows(200))
    assert {row.kind for row in made} == set(KINDS)
    for n, row in enumerate(made):
        for profile in (PROFILE, load_profile("home-assistant")):
            assert not run_checks(row.turn(n), Context(profile=profile)), row


def test_rows_are_checked_as_a_file_gives_them(tmp_path: Path) -> None:
    wrong = HomeRow(OFF, "Light off", written(call("turn_off", entity_id="light.hall")))
    (turn,) = rows(tmp_path, "home-assistant", wrong.fields).turns
    assert [one.check for one in found(turn)] == ["redundant_action"]
