"""The jsonschema side of the schema check: a validator that stays offline, and plain words.

Imported only when a call may be wrong, since jsonschema takes about 70 ms to load.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from referencing import Registry

_QUANTIFIED_GROUP = re.compile(r"\)(?:[*+]|\{\d)")
_MAX_PATTERN_TEXT = 2_000
_SHOWN = 60


def offline_validator(schema: dict[str, Any]) -> Any:
    """Return a validator of ``schema`` that fetches nothing.

    Raises:
        jsonschema.SchemaError: when ``schema`` is no JSON Schema.
    """
    Draft202012Validator.check_schema(schema)
    return _Validator(schema, registry=Registry())


def in_words(error: ValidationError, tool: str) -> list[str]:
    """Return a violation as a person would say it: ``brightness: 140 is above the maximum 100``."""
    limit: Any = error.validator_value
    if error.validator != "required":
        return [_sentence(error, tool)]
    given: Any = error.instance
    return [f"{_path([*error.absolute_path, name])}: missing" for name in limit if name not in given]


def places(error: ValidationError, tool: str) -> list[tuple[tuple[str | int, ...], str]]:
    """Return where a violation stands and what is wrong there, a piece for every argument it is about."""
    path = tuple(error.absolute_path)
    limit: Any = error.validator_value
    given: Any = error.instance
    if error.validator == "required":
        return [((*path, name), "missing") for name in limit if name not in given]
    if error.validator == "additionalProperties" and isinstance(given, dict):
        words = "does not belong here" if path else f"not an argument of '{tool}'"
        return [((*path, key), words) for key in _extra(error)]
    return [(path, _text(error))]


def _sentence(error: ValidationError, tool: str) -> str:
    path = _path(error.absolute_path)
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        extra = ", ".join(_extra(error))
        return (
            f"{extra}: not an argument of '{tool}'" if not path else f"{path}: {extra} does not belong here"
        )
    text = _text(error)
    return f"{path}: {text}" if path else text


def _extra(error: ValidationError) -> list[str]:
    schema: Any = error.schema
    given: Any = error.instance
    known: Any = schema.get("properties", {}) if isinstance(schema, dict) else {}
    return [str(key) for key in given if str(key) not in known]


def _text(error: ValidationError) -> str:
    rule, limit = str(error.validator), error.validator_value
    words = _WORDS.get(rule)
    if words is None:
        return str(error.message)[:200]
    return words.format(value=_short(error.instance), limit=_limit(rule, limit))


_WORDS = {
    "type": "{value} is not {limit}",
    "enum": "{value} is not one of {limit}",
    "const": "{value} is not {limit}",
    "minimum": "{value} is below the minimum {limit}",
    "maximum": "{value} is above the maximum {limit}",
    "exclusiveMinimum": "{value} is not above {limit}",
    "exclusiveMaximum": "{value} is not below {limit}",
    "multipleOf": "{value} is not a multiple of {limit}",
    "minLength": "{value} is shorter than {limit} characters",
    "maxLength": "{value} is longer than {limit} characters",
    "minItems": "{value} has fewer than {limit} items",
    "maxItems": "{value} has more than {limit} items",
    "uniqueItems": "{value} has the same item twice",
    "pattern": "{value} does not match {limit}",
    "format": "{value} is no {limit}",
    "anyOf": "{value} fits none of the forms that are allowed",
    "oneOf": "{value} does not fit exactly one of the forms that are allowed",
    "not": "{value} is not allowed",
}
_TYPES = {
    "string": "text",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
}


def _limit(rule: str, limit: Any) -> str:
    if rule == "type":
        kinds = limit if isinstance(limit, list) else [limit]
        return " or ".join(_TYPES.get(str(kind), str(kind)) for kind in kinds)
    if rule == "enum" and isinstance(limit, list):
        return ", ".join(_short(one) for one in limit[:12]) + (", …" if len(limit) > 12 else "")
    return str(limit) if isinstance(limit, str) else _short(limit)


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _path(parts: Any) -> str:
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _pattern(_validator: Any, pattern: Any, value: Any, _schema: Any) -> Iterator[ValidationError]:
    """Check a pattern, but none that could take exponential time on text from a log."""
    if not isinstance(value, str) or len(value) > _MAX_PATTERN_TEXT or _QUANTIFIED_GROUP.search(str(pattern)):
        return
    try:
        matches = re.search(pattern, value)
    except re.error:
        return
    if not matches:
        yield ValidationError(f"{value!r} does not match {pattern!r}")


_Validator: Any = extend(Draft202012Validator, {"pattern": _pattern})  # type: ignore[no-untyped-call]
