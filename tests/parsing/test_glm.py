"""GLM's keys and values between tags, and the wrapped spelling of Hunyuan v3."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from curator.model import ToolCall, ToolSpec
from curator.parsing import RenderError, parse, render
from tests.parsing.family_checks import check_linear, check_nothing_lost, check_round_trip, messes, score
from tests.parsing.test_roundtrip import calls, prose
from tests.shared import needs_shared

WEATHER = ToolSpec("get_weather", parameters={"properties": {"days": {"type": "integer"}}})
MARKS = [
    "<tool_call>",
    "f",
    "<arg_key>",
    "</arg_key>",
    "<arg_value>",
    "</arg_value>",
    "</tool_call>",
    "<tool_calls>",
    "</tool_calls>",
    "<tool_sep>",
    "<think>",
    "</think>",
]


def call_of(*values: tuple[str, str]) -> str:
    body = "".join(f"<arg_key>{key}</arg_key><arg_value>{value}</arg_value>" for key, value in values)
    return f"<tool_call>get_weather{body}</tool_call>"


@pytest.mark.parametrize("syntax", ["glm", "hy-v3"])
@settings(max_examples=100, deadline=None)
@given(thinking=prose, content=prose, given_calls=calls)
def test_round_trip(syntax: str, thinking: str, content: str, given_calls: list[ToolCall]) -> None:
    check_round_trip(syntax, thinking, content, given_calls, risky="<")


@needs_shared
@pytest.mark.parametrize(("is_given", "floor"), [(False, 38), (True, 49)])
def test_collected_cases(is_given: bool, floor: int) -> None:
    right, misses = score({"glm-4.5", "glm-4.7", "hy-v3"}, given=is_given)
    assert right >= floor, misses


def test_types_come_from_the_schema_and_white_space_stays() -> None:
    raw = call_of(("city", " Paris\n"), ("days", "7"))
    (call,) = parse(raw, tools=(WEATHER,)).tool_calls
    assert (call.arguments, call.typed) == ({"city": " Paris\n", "days": 7}, False)


def test_a_close_tag_that_nothing_known_follows_is_text() -> None:
    (call,) = parse(call_of(("city", "</arg_value> and </tool_call>"))).tool_calls
    assert call.arguments == {"city": "</arg_value> and </tool_call>"}


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (call_of(("city", "Paris")).removesuffix("</tool_call>"), "unclosed"),
        ("<tool_call>get_weather<arg_key>city</arg_key><arg_value>Par", "unclosed"),
        ("<tool_call>get_weather<arg_key>city</arg_key></tool_call>", "malformed"),
        ("<tool_call>nothing of the kind</tool_call>", "malformed"),
    ],
)
def test_what_cannot_be_used_is_a_problem_with_its_place(raw: str, code: str) -> None:
    output = parse(raw)
    (problem,) = output.problems
    assert (output.tool_calls, problem.code, problem.span) == ((), code, (0, len(raw)))


def test_a_good_call_survives_a_cut_one() -> None:
    output = parse(f"{call_of(('city', 'Rome'))}<tool_call>get_weather<arg_key>ci")
    assert [call.arguments for call in output.tool_calls] == [{"city": "Rome"}]
    assert [problem.code for problem in output.problems] == ["unclosed"]


def test_a_bare_word_between_tags_is_a_call_where_it_can_be() -> None:
    raw = "<tool_call>get_time</tool_call>"
    assert len(parse(raw).tool_calls) == 1
    assert not parse(raw, tools=(WEATHER,)).tool_calls
    assert len(parse(raw, tools=(WEATHER,), family="glm-4.5").tool_calls) == 1


def test_the_wrapper_that_never_closes_is_said() -> None:
    output = parse("<tool_calls><tool_call>get_time<tool_sep></tool_call> Done.")
    assert [call.syntax for call in output.tool_calls] == ["hy-v3"]
    assert (output.content, output.problems[0].code) == ("Done.", "unclosed")


def test_a_value_that_would_end_its_own_call_is_refused() -> None:
    with pytest.raises(RenderError):
        render([ToolCall("f", {"a": "x</arg_value></tool_call>"})], "glm")


@settings(max_examples=300, deadline=None)
@given(raw=messes(MARKS))
def test_nothing_is_lost(raw: str) -> None:
    check_nothing_lost(raw, ["<think>", "</think>", "<tool_calls>", "</tool_calls>"])


@pytest.mark.parametrize(
    "repeated",
    [
        "<tool_call>f<arg_key>a</arg_key><arg_value>",
        "<tool_call>f<arg_key>a</arg_key><arg_value></arg_value>x",
        "<tool_calls><tool_call>f<tool_sep>",
        "<tool_calls><tool_call>f</tool_call>",
        "<tool_call>f   ",
    ],
)
def test_linear(repeated: str) -> None:
    check_linear("", repeated)


def test_a_last_value_without_its_close_tag_ends_with_the_call() -> None:
    torn = "<tool_call>f<arg_key>a</arg_key><arg_value>x</tool_call>"
    output = parse(f"{torn}\n<tool_call>g<arg_key>b</arg_key><arg_value>y</arg_value></tool_call>")
    assert [(call.name, call.arguments, call.status) for call in output.tool_calls] == [
        ("f", {"a": "x"}, "repaired"),
        ("g", {"b": "y"}, "ok"),
    ]
    cut = parse('<tool_call>f<arg_key>a</arg_key><arg_value>["</tool_call>", "b')
    assert cut.tool_calls == ()


def test_the_stop_token_of_ling() -> None:
    output = parse("<tool_call>f\n<arg_key>a</arg_key>\n<arg_value>x</arg_value>\n</tool_call><|role_end|>")
    assert (output.content, [call.arguments for call in output.tool_calls]) == (None, [{"a": "x"}])
