from __future__ import annotations

import pytest
from msgspec.structs import replace

from curator.checks import Context, faults, run_checks, with_tools
from curator.model import Correction, Message, Output, Problem, SourceRef, ToolCall, ToolSpec, Turn
from curator.parsing import parse
from curator.profiles import Profile, load_profile
from curator.review.drafts import draft_of
from curator.review.mending import mended_arguments, mended_calls
from curator.review.suggestions import MOST, Suggestion, suggestions
from tests.checks.homes import HomeRow, call, home, state, written
from tests.tui.workspaces import TOOLS, turn

PROFILE = load_profile("default")
HOME = load_profile("home-assistant")


def made(logged: Turn, profile: Profile = PROFILE) -> tuple[Suggestion, ...]:
    """Return the suggestions for a turn with what the real checks find in it."""
    findings = run_checks(logged, Context(profile=profile))
    return suggestions(logged, findings, profile, draft_of(logged.output).correction())


def said(thinking: str, *calls: ToolCall, content: str | None = None) -> Turn:
    """Return a turn that thinks and calls."""
    return turn(0, "Please.", Output(thinking, content, calls))


def raw_turn(raw: str) -> Turn:
    """Return a turn as it is read from its raw output."""
    return replace(turn(0, "Please.", Output()), raw=raw, output=parse(raw, tools=TOOLS))


def titles(found: tuple[Suggestion, ...]) -> list[str]:
    """Return what the suggestions do."""
    return [one.title for one in found]


def test_the_tool_that_the_thinking_names_takes_the_place_of_the_other() -> None:
    [first, *_] = made(
        said("I will call heating.set now.", ToolCall("light.set", {"room": "hall", "state": "on"}))
    )
    assert first.title == "call heating.set instead of light.set"
    assert first.result.tool_calls == (ToolCall("heating.set", {"room": "hall"}),)


def test_a_call_that_was_planned_is_added() -> None:
    [first, *_] = made(said("I need to call timer.start.", content="Done."))
    assert first.title == "call timer.start" and [c.name for c in first.result.tool_calls] == ["timer.start"]


def test_calls_in_the_order_that_the_thinking_wants() -> None:
    light = ToolCall("light.set", {"room": "hall", "state": "on"})
    timer = ToolCall("timer.start", {"minutes": 3})
    found = made(said("First I call timer.start, then light.set.", light, timer))
    assert any(one.result.tool_calls == (timer, light) for one in found)


def test_a_value_that_the_thinking_gives() -> None:
    found = made(said("I call timer.start with minutes 10.", ToolCall("timer.start", {"minutes": 3})))
    assert [one.result.tool_calls for one in found] == [(ToolCall("timer.start", {"minutes": 10}),)]


def test_a_call_that_the_thinking_rules_out_is_dropped() -> None:
    logged = said(
        "No tool is needed here, I just answer.", ToolCall("timer.start", {"minutes": 3}), content="Hi."
    )
    assert any(one.result.tool_calls == () and "rules out" in one.title for one in made(logged))


@pytest.mark.parametrize(
    "raw",
    [
        '<tool_call>{"name": "timer.start", "arguments": {"minutes": 5',
        'Fine. <tool_call>{"name": "timer.start", "arguments": {"minutes": 5, "label": "tea',
        "<tool_call>\n<function=timer.start>\n<parameter=minutes>\n5",
    ],
)
def test_a_call_that_was_cut_off_is_mended(raw: str) -> None:
    logged = raw_turn(raw)
    assert logged.output.tool_calls == () and logged.output.problems
    found = made(logged)
    assert found[0].title == "mend the call of timer.start"
    [mended] = found[0].result.tool_calls
    assert mended.name == "timer.start" and mended.arguments["minutes"] == 5


def test_what_cannot_be_mended_is_left_alone() -> None:
    logged = replace(turn(0, "x", Output(problems=(Problem("malformed", "nothing", (0, 4)),))), raw="blah")
    assert made(logged) == () and mended_calls(logged, "<tool_call>what") == ()


def test_the_nearest_tool() -> None:
    [first] = made(said("", ToolCall("timer_start", {"minutes": 3})))
    assert first.result.tool_calls == (ToolCall("timer.start", {"minutes": 3}),)


@pytest.mark.parametrize(
    ("tool", "before", "after"),
    [
        ("timer.start", {"minutes": "22"}, {"minutes": 22}),
        ("timer.start", {"minutes": 22, "label": 7}, {"minutes": 22, "label": "7"}),
        ("timer.start", {"minutes": 3.0, "label": ["tea"]}, {"minutes": 3.0, "label": "tea"}),
        ("heating.set", {"room": "hall", "celsius": "21.5 °C"}, {"room": "hall", "celsius": 21.5}),
        ("light.set", {"room": "Hall", "state": "ON"}, {"room": "hall", "state": "on"}),
        ("light.set", {"rooms": "hall", "state": "on"}, {"room": "hall", "state": "on"}),
        ("light.set", {"room": "hall", "state": "on", "zzz": 1}, {"room": "hall", "state": "on"}),
    ],
)
def test_arguments_get_their_types(tool: str, before: dict[str, object], after: dict[str, object]) -> None:
    mended, words = mended_arguments(ToolCall(tool, before), TOOLS)
    assert words and mended.arguments == after and faults(mended, TOOLS) == ()
    [*_, last] = made(said("", ToolCall(tool, before)))
    assert last.result.tool_calls[0].arguments == after


def test_values_that_only_a_person_knows_are_not_guessed() -> None:
    call = ToolCall("light.set", {"room": "bedroom", "state": "on", "brightness": 220})
    assert mended_arguments(call, TOOLS) == (call, ())
    call = ToolCall("light.set", {"room": "room", "state": "on"})
    assert mended_arguments(call, TOOLS) == (call, ())


def test_words_for_yes_and_no_become_truth() -> None:
    tool = ToolSpec("t", parameters={"properties": {"dry": {"type": "boolean"}}})
    assert mended_arguments(ToolCall("t", {"dry": "Yes"}), (tool,))[0].arguments == {"dry": True}
    assert mended_arguments(ToolCall("t", {"dry": "perhaps"}), (tool,))[1] == ()


def test_nested_arguments_are_mended_too() -> None:
    inner = {"type": "object", "properties": {"n": {"type": "integer"}}}
    tool = ToolSpec("t", parameters={"properties": {"l": {"type": "array", "items": inner}}})
    mended, words = mended_arguments(ToolCall("t", {"l": [{"n": "1"}, {"n": 2}]}), (tool,))
    assert mended.arguments == {"l": [{"n": 1}, {"n": 2}]} and words == ('l.0.n: "1" → 1',)


def test_a_call_in_the_thinking_is_taken_out() -> None:
    inner = '<tool_call>{"name": "timer.start", "arguments": {"minutes": 5}}</tool_call>'
    found = made(said(f"I start it. {inner}", content="Done."))
    assert any(
        one.result == Correction("I start it.", "Done.", (ToolCall("timer.start", {"minutes": 5}),))
        for one in found
    )


def test_one_that_was_taken_is_not_offered_again_and_none_repeats() -> None:
    logged = said("I will call heating.set now.", ToolCall("light.set", {"room": "hall", "state": "on"}))
    findings = run_checks(logged, Context(profile=PROFILE))
    now = draft_of(logged.output).correction()
    taken = suggestions(logged, findings, PROFILE, now)
    again = suggestions(logged, findings, PROFILE, taken[0].result)
    assert taken[0].result not in [one.result for one in again] and len(taken) <= MOST
    assert len({repr(one.result) for one in taken}) == len(taken)


HOUSE = home()
DARK = HOUSE.system(state(HOUSE))
ON = call("turn_on", entity_id="light.kitchen")
LOOK = call("get_entity_state", entity_ids=["light.kitchen"])


def at_home(system: str, *calls: ToolCall, text: str = "") -> Turn:
    """Return a turn in a house, as it is read from its row."""
    return with_tools(HomeRow(system, "Do it", "\n".join(filter(None, (text, written(*calls))))).turn(), HOME)


def test_the_missing_look_at_the_state_comes_alone() -> None:
    logged = at_home(HOUSE.system(), ON)
    [first, *_] = made(logged, HOME)
    assert first.title == "fetch the state first: get_entity_state"
    assert first.result.tool_calls == (ToolCall("get_entity_state", {"entity_ids": ["light.kitchen"]}),)
    fixed = replace(logged, output=Output(tool_calls=first.result.tool_calls))
    assert not any(one.check == "state_not_fetched" for one in run_checks(fixed, Context(profile=HOME)))


def test_commentary_is_left_out() -> None:
    found = made(at_home(HOUSE.system(), LOOK, text="Let me look."), HOME)
    assert [(one.title, one.result) for one in found] == [
        ("leave out the text beside the calls", Correction(tool_calls=(LOOK,)))
    ]


def test_an_action_without_effect_is_dropped() -> None:
    lit = HOUSE.system(state(HOUSE, light_kitchen={"state": "on"}))
    assert [one.result.tool_calls for one in made(at_home(lit, ON), HOME)] == [()]
    [_, second] = made(at_home(lit, ON, call("turn_on", entity_id="light.hall"), ON), HOME)
    assert [c.arguments["entity_id"] for c in second.result.tool_calls] == ["light.kitchen", "light.hall"]


def test_an_action_on_what_is_absent_is_dropped() -> None:
    found = made(at_home(DARK, call("turn_on", entity_id="light.cellar")), HOME)
    assert [one.title for one in found] == ["drop the action on what is not there: turn_on"]


def test_an_entity_that_was_made_up_becomes_the_nearest() -> None:
    [first] = made(at_home(DARK, call("turn_on", entity_id="light.kitchn")), HOME)
    assert first.result.tool_calls == (ON,)


def test_forbidden_thinking_is_left_out() -> None:
    logged = at_home(HOUSE.system(), LOOK)
    logged = replace(logged, output=replace(logged.output, thinking="Hm."))
    assert any(one.title == "leave out the thinking" for one in made(logged, HOME))


def test_messages_of_other_checks_do_no_harm() -> None:
    empty = Turn("k", "s", 0, (Message("user", "x"),), "", Output(), SourceRef("f", 0, 0, 1))
    assert made(empty) == ()
