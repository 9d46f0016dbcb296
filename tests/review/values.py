"""Strategies of JSON values and of schemas that describe them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

words = st.text(st.characters(codec="utf-8"), max_size=12)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)

_names = st.sampled_from(["a", "b", "c", "entity_id", "x y"])


def _objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(
        lambda properties, required, more: {
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": more,
        },
        st.dictionaries(_names, inner, max_size=3),
        st.lists(_names, max_size=2, unique=True),
        st.booleans(),
    )


schemas = st.recursive(
    st.sampled_from(
        [
            {},
            {"type": "string"},
            {"type": "integer", "minimum": 0},
            {"type": ["string", "null"]},
            {"type": "boolean"},
            {"enum": ["on", "off", None]},
            {"const": 3},
            {"$ref": "#/$defs/thing"},
            {"$ref": "#/nowhere"},
            {"anyOf": [{"type": "string"}, {"type": "integer"}]},
            {"oneOf": [{"type": "null"}, {"$ref": "#/$defs/thing"}]},
        ]
    ),
    lambda inner: (
        _objects(inner)
        | st.builds(lambda items: {"type": "array", "items": items}, inner)
        | st.builds(lambda forms: {"anyOf": forms}, st.lists(inner, min_size=1, max_size=2))
    ),
    max_leaves=5,
)

THING = {"type": "object", "properties": {"n": {"type": "number"}, "inner": {"$ref": "#/$defs/thing"}}}


def with_definitions(schema: dict[str, Any]) -> dict[str, Any]:
    """Return an object schema whose references lead somewhere, also round in a circle."""
    return {**schema, "$defs": {"thing": THING}}


argument_schemas = _objects(schemas).map(with_definitions)
arguments = st.dictionaries(_names, json_values, max_size=4)
