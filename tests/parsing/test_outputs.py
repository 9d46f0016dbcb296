"""Single rules of taking an output apart: thinking, malformed calls, fences, typing."""

from __future__ import annotations

from typing import Any

import pytest

from curator.model import Output, ToolSpec
from curator.parsing import parse, render, render_turn

WEATHER = ToolSpec(
    "get_weather",
    parameters={
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer"}, "zip": {"type": "string"}},
    },
)
PARIS = '{"name": "get_weather", "arguments": {"city": "Paris"}}'


def read(raw: str, **given: Any) -> Output:
    return parse(raw, tools=(WEATHER,), **given)


def one(raw: str) -> tuple[str, dict[str, Any]]:
    (call,) = read(raw).tool_calls
    return call.status, call.arguments


def tag(body: str) -> str:
    return f"<tool_call>\n{body}\n</tool_call>"


def xml(*values: tuple[str, str]) -> str:
    body = "".join(f"<parameter={key}>\n{value}\n</parameter>\n" for key, value in values)
    return f"<tool_call>\n<function=get_weather>\n{body}</function>\n</tool_call>"


class TestThinking:
    def test_a_close_without_an_opener_means_that_the_prompt_opened_it(self) -> None:
        output = read("Thinking.\n</think>\n\nThe answer.")
        assert (output.thinking, output.content) == ("Thinking.", "The answer.")

    def test_neither_tag_is_content_unless_the_prompt_opened_one(self) -> None:
        assert read("I need it").content == "I need it"
        cut = read("I need it", prefill="<|im_start|>assistant\n<think>\n")
        assert (cut.thinking, cut.content, cut.problems[0].code) == ("I need it", None, "unclosed_think")

    def test_unclosed_thinking_ends_at_the_first_call(self) -> None:
        output = read(f"<think>I need it.\n{tag(PARIS)}")
        assert (output.thinking, len(output.tool_calls)) == ("I need it.", 1)
        assert [problem.code for problem in output.problems] == ["unclosed_think"]

    def test_a_call_in_thinking_that_closes_stays_thinking(self) -> None:
        output = read(f"<think>Say {tag(PARIS)} or not.</think>\nWhich city?")
        assert not output.tool_calls
        assert output.thinking == f"Say {tag(PARIS)} or not."
        assert output.content == "Which city?"

    def test_empty_thinking_has_a_place_but_no_words(self) -> None:
        output = read("<think>\n\n</think>\n\nHello!")
        assert (output.thinking, output.content, output.problems) == (None, "Hello!", ())
        assert output.thinking_span is not None

    def test_a_close_tag_in_an_argument_is_no_close(self) -> None:
        output = read(tag('{"name": "get_weather", "arguments": {"city": "</think>"}}'))
        assert output.thinking is None
        assert output.tool_calls[0].arguments == {"city": "</think>"}

    def test_tags_in_inline_code_are_words(self) -> None:
        assert read("Write `<think>` and `</think>`.").content == "Write `<think>` and `</think>`."


class TestHermes:
    @pytest.mark.parametrize(
        "body",
        [
            '{"name": "get_weather", "arguments": {"city": "Paris",}}',
            "{'name': 'get_weather', 'arguments': {'city': 'Paris'}}",
            '{"name": "get_weather", "arguments": {"city": "Paris"}}}',
            '{"name": "get_weather", "arguments": {"city": "Paris"}',
            '{"name": "get_weather", "arguments": "{\\"city\\": \\"Paris\\"}"}',
            '{name: "get_weather", arguments: {city: "Paris"}}',
            '```json\n{"name": "get_weather", "arguments": {"city": "Paris"}}\n```',
        ],
    )
    def test_small_faults_are_mended_and_said(self, body: str) -> None:
        output = read(tag(body))
        assert one(tag(body)) == ("repaired", {"city": "Paris"})
        assert [problem.code for problem in output.problems] == ["repaired"]

    @pytest.mark.parametrize("key", ["arguments", "parameters"])
    @pytest.mark.parametrize(
        "opener", ["<tool_call>", "<|tool_call>", "<|tool_call|>", "<|im_start|>tool_call"]
    )
    def test_other_keys_and_openers(self, key: str, opener: str) -> None:
        raw = f'{opener}\n{{"tool_name": "get_weather", "{key}": {{"city": "Paris"}}}}\n</tool_call>'
        assert one(raw) == ("ok", {"city": "Paris"})

    def test_a_line_break_within_a_string(self) -> None:
        assert one(tag('{"name": "get_weather", "arguments": {"city": "Pa\nris"}}'))[1] == {"city": "Pa\nris"}

    def test_a_close_tag_within_a_string(self) -> None:
        raw = tag('{"name": "get_weather", "arguments": {"city": "</tool_call>"}}')
        assert one(raw) == ("ok", {"city": "</tool_call>"})

    def test_an_array_and_several_objects(self) -> None:
        assert len(read(tag(f"[{PARIS}, {PARIS}]")).tool_calls) == 2
        several = read(tag(f"{PARIS}\n{PARIS}"))
        assert [call.status for call in several.tool_calls] == ["repaired", "repaired"]
        assert several.tool_calls[0].span != several.tool_calls[1].span

    @pytest.mark.parametrize(
        ("raw", "code"),
        [
            (tag("{invalid json}"), "invalid_json"),
            (tag('{"arguments": {}}'), "missing_name"),
            (tag('{"name": "get_weather", "arguments": [1]}'), "malformed"),
            (tag("nothing of the kind"), "malformed"),
            ('<tool_call>\n{"name": "get_weather", "argum', "unclosed"),
            ("<tool_call>\n", "unclosed"),
            (tag('{"name": "get_weather", "arguments": {"days": NaN}}'), "invalid_json"),
            (tag('{"a":' * 300 + "1" + "}" * 300), "invalid_json"),
        ],
    )
    def test_what_cannot_be_used_is_a_problem_with_its_place(self, raw: str, code: str) -> None:
        output = read(raw)
        assert not output.tool_calls
        (problem,) = output.problems
        assert (problem.code, problem.span) == (code, (0, len(raw)))

    def test_a_good_call_survives_a_cut_one(self) -> None:
        output = read(f'{tag(PARIS)}\n<tool_call>\n{{"name": "get_weather", "arguments": {{"ci')
        assert [call.status for call in output.tool_calls] == ["ok"]
        assert [problem.code for problem in output.problems] == ["unclosed"]

    def test_missing_tags(self) -> None:
        assert one(f"<tool_call>\n{PARIS}")[0] == "repaired"
        assert one(f"{PARIS}\n</tool_call>")[0] == "repaired"

    def test_half_a_surrogate_pair_is_replaced(self) -> None:
        status, arguments = one(tag('{"name": "get_weather", "arguments": {"city": "\\ud800"}}'))
        assert (status, arguments) == ("repaired", {"city": "\ufffd"})


class TestXml:
    def test_types_come_from_the_schema(self) -> None:
        assert one(xml(("city", "7"), ("days", "7"), ("zip", "007"))) == (
            "ok",
            {"city": "7", "days": 7, "zip": "007"},
        )
        (untyped,) = parse(xml(("days", "7"))).tool_calls
        assert (untyped.arguments, untyped.typed) == ({"days": "7"}, False)

    def test_text_that_fits_no_type_stays_text(self) -> None:
        assert one(xml(("days", "three"))) == ("ok", {"days": "three"})

    def test_one_newline_a_side_is_stripped(self) -> None:
        assert one(xml(("city", "\n  a\n")))[1] == {"city": "\n  a\n"}

    @pytest.mark.parametrize(
        "value", ["use </parameter> here", "a </parameters>", "<tool_call> … </tool_call>"]
    )
    def test_marks_within_a_value(self, value: str) -> None:
        assert one(xml(("city", value), ("days", "1"))) == ("ok", {"city": value, "days": 1})

    @pytest.mark.parametrize(
        "raw",
        [
            xml(("city", "Paris")).removeprefix("<tool_call>\n"),
            xml(("city", "Paris")).removeprefix("<tool_call>\n").removesuffix("\n</tool_call>"),
            xml(("city", "Paris")).removesuffix("\n</tool_call>"),
            xml(("city", "Paris")).replace("</function>\n", ""),
            xml(("city", "Paris")).replace("</parameter>\n", ""),
        ],
    )
    def test_missing_tags(self, raw: str) -> None:
        assert one(raw) == ("repaired", {"city": "Paris"})

    @pytest.mark.parametrize("name", ["city", "days"])
    def test_an_opening_tag_within_a_line_opens_nothing(self, name: str) -> None:
        value = f"</parameter> and </function> and <parameter={name}> are text."
        assert one(xml(("city", value), ("days", "1"))) == ("ok", {"city": value, "days": 1})

    def test_a_function_closed_by_its_name(self) -> None:
        assert one(xml(("city", "Paris")).replace("</function>", "</get_weather>")) == (
            "ok",
            {"city": "Paris"},
        )

    def test_several_functions_in_one_tag(self) -> None:
        inner = xml(("city", "Rome")).removeprefix("<tool_call>\n").removesuffix("\n</tool_call>")
        output = read(f"<tool_call>\n{inner}\n{inner}\n</tool_call>")
        assert [call.status for call in output.tool_calls] == ["ok", "ok"]

    def test_a_cut_value_is_no_call(self) -> None:
        output = read("<tool_call>\n<function=get_weather>\n<parameter=city>\nPar")
        assert (output.tool_calls, output.problems[0].code) == ((), "unclosed")


class TestAround:
    def test_text_between_calls_is_kept(self) -> None:
        output = read(f"One.\n{xml(('city', 'Paris'))}\nTwo.\n{tag(PARIS)}\nThree.")
        assert output.content == "One.\n\nTwo.\n\nThree."
        assert [call.syntax for call in output.tool_calls] == ["qwen3-xml", "hermes"]

    def test_calls_in_a_code_fence_are_marked(self) -> None:
        output = read(f"Example:\n```xml\n{tag(PARIS)}\n```\nFor real:\n{tag(PARIS)}")
        assert [call.status for call in output.tool_calls] == ["in_code_fence", "ok"]

    def test_an_unknown_tool_is_a_call(self) -> None:
        (call,) = read(tag('{"name": "launch", "arguments": {}}')).tool_calls
        assert (call.name, call.status) == ("launch", "unknown_tool")

    def test_stop_tokens_vanish_from_the_content(self) -> None:
        output = read(f"{tag(PARIS)}<|im_end|>\n")
        assert (output.content, output.problems) == (None, ())
        assert read("Done.<|eot_id|>").content == "Done."

    def test_tags_named_in_prose_are_content(self) -> None:
        text = "I would wrap it in `<tool_call>` and `</tool_call>` tags."
        assert (read(text).content, read(text).problems) == (text, ())

    def test_a_turn_in_one_text(self) -> None:
        (call,) = read(tag(PARIS)).tool_calls
        assert (
            render_turn("Why.", "Here.", [call], "hermes")
            == f"<think>\nWhy.\n</think>\n\nHere.\n{tag(PARIS)}"
        )
        assert render(read(f"Here.\n{tag(PARIS)}"), "qwen3-xml") == f"Here.\n{xml(('city', 'Paris'))}"
