"""What Home Assistant rows show: aliases, absent entities, states that hold, missing states, siblings."""

from __future__ import annotations

from collections import defaultdict

import pytest

from curator.coverage.registry import Case, Row, detectors, group_counts
from curator.model import ToolCall
from curator.profiles.model import CoverageItem
from tests.checks.homes import KINDS, Home, HomeRow, call, home, home_rows, state, written

HOUSE = home(("hall", "office", "cellar"))
OFF = HOUSE.system(state(HOUSE))
NAMES = ("alias_resolution", "absent_entity", "already_satisfied", "missing_state")
GLOW = call("turn_on", entity_id="light.hall")
FETCH = call("get_entity_state", entity_ids=["light.hall"])


def shows(name: str, row: HomeRow) -> bool | Case | None:
    turn = row.turn()
    return detectors()[name].detect(Row(turn, turn.output), CoverageItem())


def asked(user: str, *calls: ToolCall, text: str = "", system: str = OFF) -> HomeRow:
    return HomeRow(system, user, written(*calls) if calls else text)


class TestAlias:
    def test_word_of_the_ontology_and_id_in_the_call(self) -> None:
        assert shows("alias_resolution", asked("Turn on the Hall Glow!", GLOW))
        assert shows("alias_resolution", asked("Is the hall glow on?", FETCH, system=HOUSE.system()))

    @pytest.mark.parametrize(
        "row",
        [
            asked("Turn on light.hall, the hall glow", GLOW),
            asked("Turn on the lamp", GLOW),
            asked("Turn on the hall glowworm", GLOW),
            asked("Turn on the hall glow", call("turn_on", entity_id="light.office")),
            asked("Turn on the hall glow", text="Done."),
            asked("Turn on the hall glow", GLOW, system="You help."),
        ],
    )
    def test_anything_else(self, row: HomeRow) -> None:
        assert not shows("alias_resolution", row)


class TestAbsent:
    @pytest.mark.parametrize("words", ["cellar glow", "cellar light", "light.cellar", "light in the cellar"])
    def test_asked_for_and_refused(self, words: str) -> None:
        assert shows("absent_entity", asked(f"Turn on the {words}", text="There is none there."))

    @pytest.mark.parametrize(
        "row",
        [
            asked("Turn on the cellar glow", call("turn_on", entity_id="light.cellar")),
            asked("Turn on the hall glow", text="It is on."),
            asked("Lock the cellar bolt", text="It is locked."),
            asked("Turn on the cellar glow"),
        ],
    )
    def test_anything_else(self, row: HomeRow) -> None:
        assert not shows("absent_entity", row)

    def test_the_longest_name_is_meant(self) -> None:
        house = Home(
            {"light.a": {"aliases": ["light"], "present": False}, "light.b": {"aliases": ["hall light"]}}
        )
        assert not shows("absent_entity", asked("Is the hall light on?", text="Yes.", system=house.system()))


class TestSatisfied:
    @pytest.mark.parametrize(
        ("user", "text"),
        [
            ("Turn off the hall glow", "It is off."),
            ("Lock the office bolt", "It is locked."),
            ("Set the hall heater to 20 degrees", "It is set to 20."),
            ("Turn off all lights", "They are off."),
            ("Mach den hall glow aus", "Ist schon aus."),
        ],
    )
    def test_no_action(self, user: str, text: str) -> None:
        assert shows("already_satisfied", asked(user, text=text))

    def test_a_smaller_action(self) -> None:
        lit = HOUSE.system(state(HOUSE, light_hall={"state": "on"}))
        rest = call("turn_on", entity_id="light.office")
        assert shows("already_satisfied", asked("Turn on all lights", rest, system=lit))
        assert not shows("already_satisfied", asked("Turn on all lights", rest, GLOW, system=lit))

    @pytest.mark.parametrize(
        "row",
        [
            asked("Turn on the hall glow", GLOW),
            asked("Turn on the hall glow", text="No."),
            asked("Is it warm?", text="Yes."),
            asked("Turn off the hall glow", text="It is off.", system=HOUSE.system()),
            asked("Turn off the hall glow", FETCH),
            asked("Turn off the hall glow"),
            asked("Set the hall heater to 21", text="Well."),
        ],
    )
    def test_anything_else(self, row: HomeRow) -> None:
        assert not shows("already_satisfied", row)


class TestMissingState:
    def test_fetched_first(self) -> None:
        assert shows("missing_state", asked("Turn on the hall glow", FETCH, system=HOUSE.system()))

    @pytest.mark.parametrize(
        "row",
        [
            asked("Turn on the hall glow", FETCH),
            asked("Turn on the hall glow", GLOW, system=HOUSE.system()),
            asked("Turn on the hall glow", FETCH, GLOW, system=HOUSE.system()),
            asked("x", call("get_entity_state", entity_ids=["light.nowhere"]), system=HOUSE.system()),
            asked("x", call("get_entity_state"), system=HOUSE.system()),
            asked("x", text="Which one?", system=HOUSE.system()),
            asked("x", FETCH, system="You help."),
        ],
    )
    def test_anything_else(self, row: HomeRow) -> None:
        assert not shows("missing_state", row)


class TestSiblings:
    ON = HOUSE.system(state(HOUSE, light_hall={"state": "on"}))

    def cases(self, *rows: HomeRow) -> list[Case]:
        found = [shows("same_command_other_state", row) for row in rows]
        return [one for one in found if isinstance(one, Case)]

    def test_other_state_and_other_plan(self) -> None:
        rows = asked("Hall light on.", GLOW), asked("hall light on", text="It is.", system=self.ON)
        one, other = self.cases(*rows)
        assert one.group == other.group and group_counts([one, other])
        assert not group_counts([one]) and not group_counts([one, one])

    def test_the_same_plan_or_the_same_state_does_not_count(self) -> None:
        same_plan = self.cases(asked("Light!", GLOW), asked("Light!", GLOW, system=self.ON))
        same_state = self.cases(asked("Light!", GLOW), asked("Light!", text="No."))
        other_words = self.cases(asked("Light!", text="No."), asked("Light!", text="Yes.", system=self.ON))
        assert not any(map(group_counts, (same_plan, same_state, other_words)))

    def test_without_a_state_there_is_no_case(self) -> None:
        assert not self.cases(
            asked("Light!", FETCH, system=HOUSE.system()), asked("Light!", system="You help.")
        )

    def test_other_commands_and_houses_are_other_groups(self) -> None:
        other = home(("hall", "cellar"))
        rows = asked("Light!"), asked("Lights!"), asked("Light!", system=other.system(state(other)))
        assert len({one.group for one in self.cases(*rows)}) == 3


def test_generated_rows_show_what_they_were_made_for() -> None:
    found: dict[str, set[str]] = defaultdict(set)
    groups: dict[str, list[Case]] = defaultdict(list)
    for row in home_rows(160):
        found[row.kind].update(name for name in NAMES if shows(name, row) is True)
        case = shows("same_command_other_state", row)
        if isinstance(case, Case):
            groups[case.group].append(case)
    assert set(found) == set(KINDS) and sum(map(group_counts, groups.values())) >= 10
    wanted = {
        "alias": "alias_resolution",
        "absent": "absent_entity",
        "satisfied": "already_satisfied",
        "sibling": "already_satisfied",
        "fetch": "missing_state",
    }
    for kind, names in found.items():
        assert names - {"alias_resolution"} == {wanted.get(kind, "")} - {"", "alias_resolution"}
    assert "alias_resolution" in found["alias"] and not found["text"]
