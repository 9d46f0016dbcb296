"""Makes the schema of one argument plain: references followed, unions narrowed to what a value is.

Schemas come from logs. Whatever is not understood counts as "anything goes"; nothing is fetched, and
nothing here decides whether a value is valid: ``curator.checks.faults`` does.
"""

from __future__ import annotations

import json
from typing import Any

from curator.parsing.coerce import allowed_types

Schema = dict[str, Any]

TYPES = frozenset(("string", "integer", "number", "boolean", "object", "array", "null"))

_STEPS = 8


def type_of(value: object) -> str:
    """Return the JSON type of a value."""
    if value is None:
        return "null"
    kinds = ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"), (list, "array"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "object")


def fits_type(value: object, types: frozenset[str]) -> bool:
    """Tell whether the JSON type of a value is among those allowed."""
    kind = type_of(value)
    return kind in types or (kind == "integer" and "number" in types)


def plain(schema: object, root: Schema) -> Schema:
    """Return a schema with its local reference followed and its ``allOf`` joined; ``{}`` for no schema."""
    for _ in range(_STEPS):
        if not isinstance(schema, dict):
            return {}
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            break
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        schema = {**_at(root, reference), **beside}
    return _joined(schema, root) if isinstance(schema, dict) else {}


def types(schema: Schema, root: Schema) -> frozenset[str]:
    """Return the JSON types that a schema allows: all of them where it does not say."""
    allowed = frozenset(allowed_types(schema, root)) & TYPES
    if schema.get("nullable") is True and allowed:
        allowed |= {"null"}
    return allowed or TYPES


def choices(schema: Schema, root: Schema) -> tuple[Any, ...]:
    """Return the values of an enumeration, also of a union of enumerations; empty where it is none."""
    if "const" in schema:
        return (schema["const"],)
    listed = schema.get("enum")
    if isinstance(listed, list) and listed:
        null = [None] if schema.get("nullable") is True and None not in listed else []
        return _once([*listed, *null])
    found: list[Any] = []
    for branch in branches(schema, root):
        inner = (None,) if branch.get("type") == "null" else choices(branch, root)
        if not inner:
            return ()
        found += inner
    if not found and frozenset(allowed_types(schema, root)) == {"boolean", "null"}:
        return (True, False, None)
    return _once(found)


def branches(schema: Schema, root: Schema) -> list[Schema]:
    """Return the forms that a union allows."""
    listed = schema.get("anyOf") or schema.get("oneOf")
    return [plain(branch, root) for branch in listed] if isinstance(listed, list) else []


def narrowed(schema: Schema, root: Schema, value: object) -> Schema | None:
    """Return the one form of a union that has the type of ``value``; ``None`` where several have."""
    forms = branches(schema, root)
    if not forms or "properties" in schema or "items" in schema:
        return schema
    fitting = [form for form in forms if fits_type(value, types(form, root))]
    return fitting[0] if len(fitting) == 1 else None


def _joined(schema: Schema, root: Schema) -> Schema:
    parts = schema.get("allOf")
    if not isinstance(parts, list):
        return schema
    rest = {key: value for key, value in schema.items() if key != "allOf"}
    forms = [
        part if "$ref" not in part else _at(root, str(part["$ref"]))
        for part in parts
        if isinstance(part, dict)
    ]
    whole: Schema = {}
    for form in (*forms, rest):
        properties = {**_dict(whole.get("properties")), **_dict(form.get("properties"))}
        required = [*_list(whole.get("required")), *_list(form.get("required"))]
        whole = {**whole, **form}
        if properties:
            whole["properties"] = properties
        if required:
            whole["required"] = list(dict.fromkeys(map(str, required)))
    return whole


def _at(root: Schema, reference: str) -> Schema:
    if not reference.startswith("#"):
        return {}
    found: Any = root
    for part in reference[1:].strip("/").split("/") if reference != "#" else ():
        name = part.replace("~1", "/").replace("~0", "~")
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def _once(values: list[Any]) -> tuple[Any, ...]:
    """Return values without repetitions; ``1`` and ``true`` are two values, as in JSON."""
    return tuple({json.dumps(value, sort_keys=True): value for value in values}.values())


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
