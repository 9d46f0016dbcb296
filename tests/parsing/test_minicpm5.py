"""MiniCPM5's XML functions: CDATA, entities, offered tools, and what is torn."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from curator.model import ToolCall, ToolSpec
from curator.parsing import parse
from tests.parsing.family_checks import check_linear, check_nothing_lost, check_round_trip, messes, score
from tests.parsing.test_roundtrip import calls, prose
from tests.shared import needs_shared

MARKS = [
    '<function name="f">',
    "<functionname='f'>",
    '<param name="a">',
    "<param>",
    "<![CDATA[",
    "]]>",
    "</param>",
    "</function>",
    "&lt;",
]
WEATHER = ToolSpec("get_weather", parameters={"properties": {"days": {"type": "integer"}}})


def written(inner: str, name: str = "get_weather") -> str:
    return f'<function name="{name}">{inner}</function>'


def arguments(raw: str) -> dict[str, Any]:
    (call,) = parse(raw, tools=[WEATHER]).tool_calls
    assert (call.syntax, call.status) == ("minicpm5", "ok")
    return call.arguments


@settings(max_examples=100, deadline=None)
@given(thinking=prose, content=prose, given_calls=calls)
def test_round_trip(thinking: str, content: str, given_calls: list[ToolCall]) -> None:
    check_round_trip("minicpm5", thinking, content, given_calls, risky="<")


@needs_shared
@pytest.mark.parametrize(("is_given", "floor"), [(False, 7), (True, 8)])
def test_collected_cases(is_given: bool, floor: int) -> None:
    right, misses = score({"minicpm5"}, given=is_given)
    assert right >= floor, misses


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x", "x"),
        ("<![CDATA[a < b</param>]]>", "a < b</param>"),
        ("<![CDATA[a]]]]><![CDATA[>b]]>", "a]]>b"),
        ("\n<![CDATA[  a\n]]>\n", "  a\n"),
        ("a &lt; b &amp;&amp; c", "a < b && c"),
        ("a < b &amp; c", "a < b &amp; c"),
        ("use </param> here", "use </param> here"),
        ("", ""),
    ],
)
def test_values(value: str, text: str) -> None:
    assert arguments(written(f'<param name="city">{value}</param><param name="days">2</param>')) == {
        "city": text,
        "days": 2,
    }


@pytest.mark.parametrize("opener", ["<function name='get_weather'>", '<functionname="get_weather">'])
def test_other_openers(opener: str) -> None:
    assert arguments(f"{opener}\n  <param name='city'>Paris</param>\n</function>") == {"city": "Paris"}


def test_a_tool_that_is_not_offered_is_text_unless_the_family_is_given() -> None:
    raw = written('<param name="x">1</param>', "unknown")
    assert parse(raw, tools=[WEATHER]).content == raw
    (call,) = parse(raw, tools=[WEATHER], family="minicpm5").tool_calls
    assert (call.name, call.status) == ("unknown", "unknown_tool")


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (written('<param>Paris</param><param name="days">2</param>'), "malformed"),
        ('<function name="get_weather"><param name="city">Par', "unclosed"),
        ('<function name="get_weather"><param name="city">Paris</param>', "unclosed"),
        ('<function name="get_weather">', "unclosed"),
    ],
)
def test_what_cannot_be_used_is_a_problem_with_its_place(raw: str, code: str) -> None:
    output = parse(raw)
    assert not output.tool_calls
    assert [(problem.code, problem.span) for problem in output.problems] == [(code, (0, len(raw)))]


def test_a_function_that_is_not_closed_before_the_next_is_mended() -> None:
    torn = written('<param name="city">Rome</param>').removesuffix("</function>")
    output = parse(f"{torn}\n{written('')}")
    assert [call.status for call in output.tool_calls] == ["repaired", "ok"]


@settings(max_examples=300, deadline=None)
@given(raw=messes(MARKS))
def test_nothing_is_lost(raw: str) -> None:
    check_nothing_lost(raw, [])


@pytest.mark.parametrize(
    "repeated", ['<function name="f">', '<function name="f"><param name="a">', "</param>", '<param name="a">']
)
def test_linear(repeated: str) -> None:
    check_linear('<function name="f">', repeated)
