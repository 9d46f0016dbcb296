from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.checks import Fault, faults
from curator.model import Finding, ToolCall, ToolSpec
from curator.review.forms import (
    MOST_CHILDREN,
    Row,
    added,
    blank,
    drop,
    first_to_mend,
    get,
    looks_unfinished,
    move,
    placed,
    put,
    read,
    rows,
    written,
)
from curator.review.schemas import TYPES, fits_type, plain
from tests.review.values import argument_schemas, arguments, json_values, schemas, with_definitions
from tests.tui.workspaces import TOOLS

LIGHT = TOOLS[0].parameters


def leaves(form: tuple[Row, ...]) -> list[Row]:
    """Return the rows that hold a value of their own."""
    return [row for row in form if row.kind not in ("add", "group", "list") and row.present]


def rebuilt(form: tuple[Row, ...]) -> dict[str, Any]:
    """Put arguments together from nothing but the rows."""
    made: dict[str, Any] = {}
    for row in form:
        if row.present and row.kind in ("group", "list"):
            made = put(made, row.path, {} if row.kind == "group" else [])
        elif row.present and row.kind != "add":
            made = put(made, row.path, row.value)
    return made


@given(argument_schemas, arguments)
def test_a_form_shows_every_value(schema: dict[str, Any], given_arguments: dict[str, Any]) -> None:
    made = rebuilt(rows(schema, given_arguments))
    assert json.dumps(made, sort_keys=True) == json.dumps(given_arguments, sort_keys=True)


@given(argument_schemas | st.none(), arguments, json_values, st.data())
def test_an_edit_leaves_the_rest_untouched(
    schema: dict[str, Any] | None, given_arguments: dict[str, Any], value: Any, data: st.DataObject
) -> None:
    form = leaves(rows(schema, given_arguments))
    if not form:
        return
    edited = data.draw(st.sampled_from(form))
    after = put(given_arguments, edited.path, value)
    assert get(after, edited.path) is value or get(after, edited.path) == value
    for row in form:
        if row.path != edited.path:
            assert get(after, row.path) is row.value
    assert repr(put(after, edited.path, edited.value)) == repr(given_arguments)


@given(argument_schemas, arguments, st.data())
def test_what_is_added_can_be_dropped(
    schema: dict[str, Any], given_arguments: dict[str, Any], data: st.DataObject
) -> None:
    places = [row for row in rows(schema, given_arguments) if row.kind == "add"]
    places = [row for row in places if isinstance(get(given_arguments, row.path), dict | list)]
    if not places:
        return
    row = data.draw(st.sampled_from(places))
    name = data.draw(st.sampled_from(row.choices)) if row.choices else "brand new"
    after, path = added(schema, given_arguments, row, name)
    if get(given_arguments, path, "nothing") == "nothing":
        assert repr(drop(after, path)) == repr(given_arguments)


@given(schemas, json_values)
def test_text_reads_back_as_what_was_written(schema: dict[str, Any], value: Any) -> None:
    root = with_definitions({"type": "object", "properties": {"v": schema}})
    row = rows(root, {"v": value})[0]
    if row.allowed == {"string"} and not isinstance(value, str):
        return
    if "string" in row.allowed and not isinstance(value, str) and not fits_type(value, row.allowed):
        return
    assert repr(read(row.text, row.allowed)) == repr(value)


@given(st.text(), st.frozensets(st.sampled_from(sorted(TYPES)), min_size=1))
def test_whatever_is_typed_is_kept(text: str, allowed: frozenset[str]) -> None:
    value = read(text, allowed)
    assert read(written(value, allowed), allowed) == value or not fits_type(value, allowed)


@given(schemas)
def test_a_blank_is_of_the_right_type(schema: dict[str, Any]) -> None:
    root = with_definitions({})
    value = blank(schema, root)
    row = rows({**root, "properties": {"v": schema}}, {"v": value})[0]
    assert value is None or fits_type(value, row.allowed)


def test_rows_say_type_need_choices_and_what_is_missing() -> None:
    form = rows(LIGHT, {"brightness": 220, "colour": "red"})
    assert [(r.name, r.kind, r.required, r.present, r.known) for r in form] == [
        ("room", "choice", True, False, True),
        ("state", "choice", True, False, True),
        ("brightness", "number", False, True, True),
        ("colour", "any", False, True, False),
    ]
    assert form[0].choices == ("kitchen", "bedroom", "hall") and form[0].type == "one of 3"


def test_numbers_that_are_none_stay_texts() -> None:
    number = frozenset(("integer",))
    assert read("22", number) == 22 and read("2x", number) == "2x" and read("", number) == ""
    assert read("NaN", number) == "NaN" and read("1e999", number) == "1e999"
    assert written("22", number) == '"22"' and read('"22"', number) == "22"


def test_nullable_references_and_unions() -> None:
    schema = with_definitions(
        {
            "properties": {
                "t": {"anyOf": [{"$ref": "#/$defs/thing"}, {"type": "null"}]},
                "u": {"oneOf": [{"type": "object", "properties": {"a": {}}}, {"type": "object"}]},
                "c": {"anyOf": [{"const": "x"}, {"enum": ["y", "z"]}]},
                "m": {"allOf": [{"type": "object", "properties": {"p": {}}}, {"required": ["p"]}]},
            },
            "required": ["m"],
        }
    )
    form = rows(schema, {"t": {"n": 1}, "u": {"a": 1}, "c": "y"})
    kinds = {row.path: row.kind for row in form if row.kind != "add"}
    assert kinds["t",] == "group" and kinds["t", "n"] == "number"
    assert kinds["u",] == "json" and kinds["c",] == "choice"
    assert kinds["m",] == "group" and kinds["m", "p"] == "any"
    assert [row.kind for row in rows(schema, {"t": None}) if row.path == ("t",)] == ["any"]


def test_large_and_deep_values_are_one_field() -> None:
    many = {"n": list(range(MOST_CHILDREN + 1))}
    assert rows(None, many)[0].kind == "json"
    deep: dict[str, Any] = {}
    for _ in range(500):
        deep = {"d": deep}
    assert len(rows(None, deep)) < 20


@pytest.mark.parametrize(
    "schema", [{"properties": 3, "required": "x"}, {"properties": {"a": 4}}, {"$ref": "#"}]
)
def test_schemas_that_are_none_do_no_harm(schema: dict[str, Any]) -> None:
    assert [row.value for row in rows(schema, {"a": 1}) if row.present and row.kind != "add"] == [1]
    assert plain(schema, schema) is not None


def test_items_move() -> None:
    value = {"a": [1, 2, 3], "b": {}}
    assert move(value, ("a", 0), 1) == {"a": [2, 1, 3], "b": {}}
    assert move(value, ("a", 0), -1) is value and move(value, ("a", 2), 1) is value


def test_faults_stand_at_their_rows() -> None:
    call = ToolCall("light.set", {"brightness": 220, "colour": "red"})
    found = faults(call, TOOLS)
    where = placed(rows(LIGHT, call.arguments), found)
    assert where == {
        ("room",): ["missing"],
        ("state",): ["missing"],
        ("brightness",): ["220 is above the maximum 100"],
        ("colour",): ["not an argument of 'light.set'"],
    }
    inner = [Fault(("deep", "er"), "wrong")]
    assert placed(rows(None, {"deep": "text"}), inner) == {("deep",): ["wrong"]}


def test_the_first_row_to_mend() -> None:
    form = rows(LIGHT, {"room": "hall", "state": "on", "brightness": 220})
    call = ToolCall("light.set", {"room": "hall", "state": "on", "brightness": 220})
    assert form[first_to_mend(form, faults(call, TOOLS), ())].name == "brightness"
    said = Finding("coherence", "warning", "the thinking says off for state of light.set, the call has on")
    assert form[first_to_mend(form, (), (said,))].name == "state"
    made_up = Finding("unknown_entity", "error", "the ontology has no entity 'hall'")
    assert form[first_to_mend(form, (), (made_up,))].name == "room"
    assert first_to_mend(form, (), ()) == 0


def test_json_that_was_begun_is_told() -> None:
    form = rows({"properties": {"v": {}}}, {"v": '{"a": '})
    assert looks_unfinished(form[0])
    assert not looks_unfinished(rows({"properties": {"v": {}}}, {"v": "plain"})[0])


def test_a_tool_that_was_not_offered_is_a_fault_of_the_call() -> None:
    assert faults(ToolCall("light.st", {}), TOOLS)[0].path == ()
    assert faults(ToolCall("x", {"a": 1}), (ToolSpec("x"),)) == ()
