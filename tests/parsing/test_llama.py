"""Calls without markers: Llama 3's JSON and Python lists; LFM2 and Olmo 3, which have tags."""

from __future__ import annotations

import json
from time import process_time

import pytest
from hypothesis import given, settings

from curator.model import ToolCall, ToolSpec
from curator.parsing import parse, render, render_turn, tool_spec
from tests.parsing.family_checks import check_linear, check_nothing_lost, check_round_trip, messes, score
from tests.parsing.test_roundtrip import bare, calls, prose
from tests.parsing.test_vectors import VECTORS, judge
from tests.shared import needs_shared

WEATHER = ToolSpec("get_weather", parameters={"properties": {"city": {"type": "string"}}})
OBJECT = '{"name": "get_weather", "parameters": {"city": "Paris"}}'
PYTHON = 'get_weather(city="Paris")'
PARIS = [("get_weather", {"city": "Paris"})]


@pytest.mark.parametrize("syntax", ["lfm2", "olmo3"])
@settings(max_examples=80, deadline=None)
@given(thinking=prose, content=prose, given_calls=calls)
def test_round_trip(syntax: str, thinking: str, content: str, given_calls: list[ToolCall]) -> None:
    check_round_trip(syntax, thinking, content, given_calls, risky="<")


@pytest.mark.parametrize("syntax", ["llama3-json", "llama4-pythonic"])
@settings(max_examples=80, deadline=None)
@given(thinking=prose, content=prose, given_calls=calls)
def test_round_trip_of_the_family(
    syntax: str, thinking: str, content: str, given_calls: list[ToolCall]
) -> None:
    back = parse(render_turn(thinking, content, given_calls, syntax), family=syntax)
    assert bare(back.tool_calls) == bare(given_calls)
    assert ((back.thinking or ""), (back.content or "")) == (thinking.strip(), content.strip())
    assert not back.problems


@needs_shared
@pytest.mark.parametrize(("is_given", "floor"), [(False, 43), (True, 43)])
def test_collected_cases(is_given: bool, floor: int) -> None:
    right, misses = score({"llama3-json", "llama4-pythonic", "pythonic", "lfm2", "olmo3"}, given=is_given)
    assert right >= floor, misses


@needs_shared
def test_collected_cases_of_a_known_family() -> None:
    cases = [json.loads(line) for line in VECTORS.read_text(encoding="utf-8").splitlines()]
    cases = [case for case in cases if case["family"] in ("llama3-json", "pythonic")]
    for case in cases:
        tools = [spec for spec in map(tool_spec, case.get("tools") or []) if spec]
        assert not judge(parse(case["raw"], tools=tools, family=case["family"]), case), case["id"]
    assert len(cases) >= 33


@pytest.mark.parametrize("raw", [OBJECT, f"\n{OBJECT}\n", f"<think>x</think>{OBJECT}", f"[{PYTHON}]"])
def test_a_message_that_is_a_call(raw: str) -> None:
    output = parse(raw)
    assert (bare(output.tool_calls), output.content) == (PARIS, None)


@pytest.mark.parametrize(
    "raw",
    [
        f"Here: {OBJECT}",
        f"{OBJECT} is how.",
        f"Call [{PYTHON}] now.",
        '{"name": "Paris", "population": 2}',
        '{"name": "Paris", "parameters": 3}',
        '{"name": "Paris", "arguments": {}, "population": 2}',
        PYTHON,
        "[link text](url)",
        "[1, 2]",
        "[f(x)]",
    ],
)
def test_what_is_no_call_without_the_family(raw: str) -> None:
    assert (parse(raw).tool_calls, parse(raw).content, parse(raw).problems) == ((), raw, ())


def test_only_offered_tools_are_called_without_a_marker() -> None:
    other = ToolSpec("search")
    for raw in (OBJECT, f"[{PYTHON}]"):
        assert bare(parse(raw, tools=(WEATHER,)).tool_calls) == PARIS
        assert parse(raw, tools=(other,)).tool_calls == ()


def test_text_around_calls_of_the_family_is_kept() -> None:
    output = parse(f"One.\n{OBJECT}; {OBJECT}\nTwo.", family="llama3")
    assert (bare(output.tool_calls), output.content) == (PARIS * 2, "One.\n\nTwo.")
    fenced = parse(f"```json\n{OBJECT}\n```", family="llama3").tool_calls
    assert [call.status for call in fenced] == ["in_code_fence"]


def test_a_tag_in_a_string_is_text() -> None:
    call = ToolCall(
        "f", {"a": "</think> <tool_call> <|tool_call_start|>[g()]<|tool_call_end|> </function_calls>"}
    )
    for syntax in ("llama3-json", "llama4-pythonic", "lfm2", "olmo3"):
        assert bare(parse(render([call], syntax)).tool_calls) == bare([call])


def test_the_tag_of_built_in_tools() -> None:
    output = parse('<|python_tag|>brave_search.call(query="x")')
    assert bare(output.tool_calls) == [("brave_search", {"query": "x"})]
    code = '<|python_tag|>print("x")'
    assert (parse(code).tool_calls, parse(code).content) == ((), code)


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("a=-1, b=2.5, c=1e3", {"a": -1, "b": 2.5, "c": 1000.0}),
        ("a=True, b=false, c=None, d=null", {"a": True, "b": False, "c": None, "d": None}),
        ("a=[1, 'x',], b={'k': (1, 2)}, c=[]", {"a": [1, "x"], "b": {"k": [1, 2]}, "c": []}),
        (r"a='it\'s', b='\u00e9\x41\n', c=r'\n', d='\d'", {"a": "it's", "b": "éA\n", "c": r"\n", "d": r"\d"}),
        ('a="""x\n"y" """, b=\'two\nlines\'', {"a": 'x\n"y" ', "b": "two\nlines"}),
        ("**{'odd key': 1}, b=2", {"odd key": 1, "b": 2}),
    ],
)
def test_python_values(text: str, arguments: dict[str, object]) -> None:
    (call,) = parse(f"<|tool_call_start|>[f({text})]<|tool_call_end|>").tool_calls
    assert (call.arguments, call.status) == (arguments, "ok")


@pytest.mark.parametrize("text", ["a=07", "a=1, a=2"])
def test_odd_python_is_told(text: str) -> None:
    (call,) = parse(f"<|tool_call_start|>[f({text})]<|tool_call_end|>").tool_calls
    assert call.status == "repaired"


def test_arguments_without_names() -> None:
    raw = "<|tool_call_start|>[get_weather('Paris')]<|tool_call_end|>"
    assert bare(parse(raw, tools=(WEATHER,)).tool_calls) == PARIS
    assert parse(raw).problems[0].code == "malformed"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("<|tool_call_start|>[f(a='x", "unclosed"),
        ("<|tool_call_start|>", "unclosed"),
        ("<|tool_call_start|>[f(a=g())]<|tool_call_end|>", "malformed"),
        ("<|tool_call_start|>[f(a=)]<|tool_call_end|>", "malformed"),
        ("<function_calls>f(a={1})</function_calls>", "malformed"),
        (f"<|tool_call_start|>[f(a={'[' * 300}{']' * 300})]<|tool_call_end|>", "malformed"),
        ('<|python_tag|>{"name": "f", "par', "unclosed"),
        ('{"name": "get_weather", "parameters": {"city": "Par', "unclosed"),
        ("<|python_tag|>[1]", "malformed"),
    ],
)
def test_what_cannot_be_used(raw: str, code: str) -> None:
    output = parse(raw)
    assert (output.tool_calls, output.problems[0].code) == ((), code)


def test_a_good_call_survives_a_bad_one() -> None:
    output = parse(
        "<|tool_call_start|>[f(a=1)]<|tool_call_end|><|tool_call_start|>[g(a=it's)]<|tool_call_end|>"
    )
    assert [call.name for call in output.tool_calls] == ["f"]
    assert [problem.code for problem in output.problems] == ["malformed"]


LISTS = [
    "<|tool_call_start|>",
    "<|tool_call_end|>",
    "<|python_start|>",
    "<function_calls>",
    "</function_calls>",
]


@settings(max_examples=300, deadline=None)
@given(raw=messes([*LISTS, "[f(a=", "f(", ")", "=1", "<|python_tag|>", OBJECT, "**{", "'''"]))
def test_nothing_is_lost(raw: str) -> None:
    for family in (None, "llama3", "pythonic"):
        parse(raw, family=family)
    check_nothing_lost(raw, [])


def test_time_is_linear_for_the_family() -> None:
    def seconds(size: int) -> float:
        raw = "x " + '{"name": "f", "parameters": ' * (size // 28)
        before = process_time()
        parse(raw, family="llama3")
        return process_time() - before

    small, large = (min(seconds(size) for _ in range(2)) for size in (50_000, 200_000))
    assert large < 4 * 3 * small + 0.2


@pytest.mark.parametrize(
    ("start", "repeated"),
    [
        ("", "<|tool_call_start|>"),
        ("", "<|tool_call_start|>[f(a='"),
        ("", "<|tool_call_start|>[f(a=[\"'"),
        ("", '<|tool_call_start|>[f(a="""'),
        ("<|tool_call_start|>[f(a=[", "1,"),
        ("<|tool_call_start|>[f(a=", "["),
        ("<|tool_call_start|>[f(a=", "'x' "),
        ("", "<function_calls>f(a=1)\n"),
        ("<function_calls>", "f(a=1)\n"),
        ("", '<|python_tag|>{"name":"f"'),
        ("[", "f(a=1),"),
        ("", '{"name": "f", "parameters": {}};'),
        ("", '{"name": "f", "parameters": {"a": "'),
    ],
)
def test_time_is_linear(start: str, repeated: str) -> None:
    check_linear(start, repeated)


@pytest.mark.parametrize(
    "raw",
    ['[f(a="\\ud83c\\udf89", b="\\ud83c")]', '<tool_call>f(a="\\ud83c\\udf89", b="\\ud83c")</tool_call>'],
)
def test_escaped_surrogates_are_joined_or_replaced(raw: str) -> None:
    (call,) = parse(raw).tool_calls
    assert call.arguments == {"a": "\U0001f389", "b": "\ufffd"}
