"""The cases that the package ``canitoolcall`` ships, judged by its own checks (without streaming)."""

from __future__ import annotations

import json

import pytest
from canitoolcall.fixtures import Fixture, load_fixtures
from canitoolcall.pytest_plugin import assert_conforms, family_for
from canitoolcall.results import ParsedToolCall, ParseResult

from curator.parsing import parse, tool_spec

FIXTURES = list(load_fixtures())

OTHERWISE = {
    "gpt-oss/llamacpp-builtin-python-recipient": "a call of a tool that was not offered is still a call",
}
"""Cases in which a reader of logs decides otherwise than a server, and why."""


def prompt_end(fixture: Fixture) -> str:
    """Return what the prompt ends with: as the case says, or as its model's template has it."""
    if fixture.generation_prompt is not None:
        return fixture.generation_prompt
    family = family_for(fixture)
    models = family.reference_models if family else ()
    return next((one.default_generation_prompt or "" for one in models if one.repo == fixture.models[0]), "")


def result_of(fixture: Fixture) -> ParseResult:
    tools = [spec for spec in map(tool_spec, fixture.tools) if spec]
    output = parse(fixture.raw_output, tools=tools, prefill=prompt_end(fixture))
    calls = tuple(
        ParsedToolCall(call.name, json.dumps(call.arguments, ensure_ascii=False))
        for call in output.tool_calls
    )
    return ParseResult(output.content, output.thinking, calls)


def test_the_package_ships_its_cases() -> None:
    assert len(FIXTURES) >= 469
    assert len({fixture.family for fixture in FIXTURES}) >= 9


@pytest.mark.parametrize(
    "fixture", [pytest.param(one, id=one.id) for one in FIXTURES if one.id not in OTHERWISE]
)
def test_conforms(fixture: Fixture) -> None:
    assert_conforms(fixture, result_of(fixture), soft=True)


@pytest.mark.parametrize("name", OTHERWISE)
def test_decided_otherwise(name: str) -> None:
    (fixture,) = [one for one in FIXTURES if one.id == name]
    with pytest.raises(AssertionError, match="expected_match"):
        assert_conforms(fixture, result_of(fixture), soft=True)
