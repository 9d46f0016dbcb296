from __future__ import annotations

import json
from pathlib import Path

import pytest

from curator.lint import lint
from curator.profiles import load_profile
from tests.lint.sets import chat, codes, divided, found, hermes, mixed, only, plain, sentence, write

XML = "<tool_call>\n<function=set_light>\n<parameter=room>\n{}\n</parameter>\n</function>\n</tool_call>"
PROSE = 'Tool call: {"type": "function", "function": {"name": "read", "arguments": "{\\"path\\": \\"x\\"}"}}'
TOOL = {
    "type": "function",
    "function": {
        "name": "set_light",
        "parameters": {"type": "object", "properties": {"room": {"type": "string"}}, "required": ["room"]},
    },
}


def test_calls_in_prose_cannot_be_read(tmp_path: Path) -> None:
    rows = [
        {"messages": chat(f"Read {sentence(n)}", f"On it, {sentence(n + 50)}.\n\n{PROSE}")} for n in range(9)
    ]
    one = only(write(tmp_path, data=rows), "unparsable_calls")
    assert (one.severity, one.count, one.unit) == ("error", 9, "rows")
    assert "9 of 9 rows" in one.message
    assert one.details[0] == {"syntax": "openai-in-prose", "rows": 9}


def test_a_cut_call_cannot_be_read(tmp_path: Path) -> None:
    bad = {"messages": chat("Light, please", '<tool_call>\n{"name": "set_light", "arguments": {"room": "att')}
    one = only(divided(tmp_path, [bad]), "unparsable_calls")
    assert [place.line for place in one.examples] == [61]


def test_words_about_calls_are_none(tmp_path: Path) -> None:
    row = {"messages": chat("What is a call?", "It stands between `<tool_call>` and `</tool_call>` as JSON.")}
    assert "unparsable_calls" not in codes(divided(tmp_path, [row]))


def test_a_profile_names_the_only_syntaxes_that_count(tmp_path: Path) -> None:
    folder = divided(tmp_path)
    assert "unparsable_calls" not in codes(folder)
    one = only(folder, "unparsable_calls", profile=load_profile("home-assistant"))
    assert one.count == 40
    assert "the profile home-assistant does not accept" in one.message


def test_a_few_rows_in_another_syntax_are_a_warning_many_an_error(tmp_path: Path) -> None:
    stray = [{"messages": chat(f"Light {sentence(n)}", XML.format(sentence(n, 2)))} for n in range(700, 704)]
    one = only(divided(tmp_path / "few", stray[:2]), "mixed_call_syntax")
    assert (one.severity, one.count) == ("warning", 2)
    assert only(divided(tmp_path / "more", stray), "mixed_call_syntax").severity == "error"


@pytest.mark.parametrize(
    "body",
    [
        '{"name": "write", "arguments": {"text": \'single\'}}',
        '{"name": "write", "arguments": {"text": "a \\d"}}',
        '{"name": "write", "arguments": {"text": "a",}}',
    ],
)
def test_json_that_must_be_mended_is_invalid(tmp_path: Path, body: str) -> None:
    bad = {"messages": chat("Write it", f"<tool_call>\n{body}\n</tool_call>")}
    one = only(divided(tmp_path, [bad]), "invalid_arguments")
    assert (one.count, one.unit, one.severity) == (1, "calls", "error")


def test_arguments_given_as_fields_count_where_they_are_no_json(tmp_path: Path) -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "set_light", "arguments": '{"room": "att'}}
    messages = [*chat("Light"), {"role": "assistant", "content": None, "tool_calls": [call]}]
    assert only(divided(tmp_path, [{"messages": messages}]), "invalid_arguments").count == 1


def test_valid_json_with_odd_strings_is_valid(tmp_path: Path) -> None:
    good = {"messages": chat("Write", hermes("set_light", room="it's </tool_call> \\d {'a'}\n"))}
    assert "invalid_arguments" not in codes(divided(tmp_path, [good]))


def test_arguments_are_held_against_the_schema_of_the_row(tmp_path: Path) -> None:
    rows = [
        {"messages": chat("On", hermes("set_light", rom="attic")), "tools": [TOOL]},
        {"messages": chat("Off", hermes("set_light", room="attic")), "tools": [TOOL]},
        {"messages": chat("Heat", hermes("set_heat", room="attic")), "tools": [TOOL]},
        {"messages": chat("Cool", hermes("set_cool", room="attic"))},
    ]
    folder = divided(tmp_path, rows)
    assert [place.line for place in only(folder, "schema_violations").examples] == [61]
    unknown = only(folder, "unknown_tools")
    assert [place.line for place in unknown.examples] == [63]
    assert "set_heat" in unknown.message


def test_tools_in_python_count_as_the_tools(tmp_path: Path) -> None:
    code = "result = git_log('.', 3)\nprint(result)"
    rows = [{"messages": chat(f"Log {sentence(n)}", hermes("execute_code", code=code))} for n in range(3)]
    (split,) = lint([write(tmp_path, data=[*rows, *map(plain, range(9))])]).composition
    assert split.tools == {"git_log": 3}
    assert split.classes == {"one": 3, "none": 9}


def test_balance_of_calls(tmp_path: Path) -> None:
    tools = only(
        write(tmp_path / "a", train=[*mixed(38)[1::2], plain(1)] * 1, valid=mixed(6, 90)), "imbalance"
    )
    assert "with calls, over 80 %" in tools.message
    few = write(tmp_path / "b", train=[*map(plain, range(59)), mixed(2)[1]], valid=mixed(6, 90))
    assert "under 10 %" in only(few, "imbalance").message
    assert "imbalance" not in codes(
        write(tmp_path / "c", train=map(plain, range(60)), valid=map(plain, range(90, 99)))
    )


def test_bands_of_a_profile(tmp_path: Path) -> None:
    profile = load_profile("home-assistant")
    one = only(write(tmp_path, train=mixed(60)[1::2]), "imbalance", profile=profile)
    assert (one.severity, one.unit) == ("error", "bands")
    assert "none 0 % (band 50 % to 70 %)" in one.message


def test_rows_that_use_two_tools_are_missed(tmp_path: Path) -> None:
    names = ("set_light", "lock_door", "read_file")
    rows = [row for n in range(60) for row in (plain(n), _call_of(n, names[n % 3]))]
    one = only(write(tmp_path, data=rows), "cross_tool_rows")
    assert one.count == 3
    both = [
        {"messages": chat(f"Both {n}", hermes("set_light", n=n) + hermes("lock_door", n=n))} for n in range(4)
    ]
    assert "cross_tool_rows" not in codes(write(tmp_path, data=[*rows, *both]))


def _call_of(number: int, tool: str) -> dict[str, object]:
    return {"messages": chat(f"Use {sentence(number + 70)}", hermes(tool, what=sentence(number, 4)))}


def test_details_are_json(tmp_path: Path) -> None:
    report = lint([write(tmp_path, data=[{"messages": chat("Read", PROSE)}])])
    assert json.dumps([finding.details for finding in found(report, "unparsable_calls")])
