"""Checks the arguments of calls against the schemas of the tools that were offered.

Also used live by the correction editor. Schemas come from logs: no reference is ever fetched.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from curator.checks.registry import Context, call_evidence, check
from curator.checks.support.fast_schema import surely_valid
from curator.model import Finding, Severity, ToolCall, ToolSpec, Turn

_UNUSABLE = "the schema of"
_MAX_CACHED = 512
_by_identity: dict[int, tuple[dict[str, Any], Any]] = {}


class Fault(NamedTuple):
    """What is wrong at one place of a call's arguments; the path ``()`` is the call itself."""

    path: tuple[str | int, ...]
    message: str


def violations(call: ToolCall, tools: Sequence[ToolSpec]) -> tuple[str, ...]:
    """Return what is wrong with ``call`` in plain words, each with its path; empty when it is right.

    Without ``tools`` there is nothing to compare with, and a tool without a schema accepts
    anything. An unknown name is one violation that names the nearest tool.
    """
    if not tools:
        return ()
    spec = next((tool for tool in tools if tool.name == call.name), None)
    if spec is None:
        return (_unknown(call.name, tools),)
    if spec.parameters is None or surely_valid(spec.parameters, call.arguments):
        return ()
    return tuple(_broken_rules(call, spec.parameters))


def faults(call: ToolCall, tools: Sequence[ToolSpec]) -> tuple[Fault, ...]:
    """Return what ``violations`` says, each piece at its place, for a form to show it there."""
    spec = next((tool for tool in tools if tool.name == call.name), None)
    if spec is None:
        return tuple(Fault((), wrong) for wrong in violations(call, tools))
    if spec.parameters is None or surely_valid(spec.parameters, call.arguments):
        return ()
    errors, problem = _errors(call, spec.parameters)
    if problem:
        return (Fault((), problem),)
    from curator.checks.support.schema_words import places

    return tuple(dict.fromkeys(Fault(*one) for error in errors for one in places(error, call.name)))


@check("schema_violation", "error", "Arguments break the tool's schema")
def schema_violation(turn: Turn, _context: Context) -> Iterable[Finding]:
    """Compare each call's arguments with the JSON Schema of its tool in the prompt."""
    specs = {tool.name: tool for tool in turn.tools}
    for index, call in enumerate(turn.output.tool_calls):
        spec = specs.get(call.name)
        for wrong in violations(call, (spec,)) if spec else ():
            severity: Severity = "info" if wrong.startswith(_UNUSABLE) else "error"
            yield Finding("schema_violation", severity, f"{call.name}: {wrong}", call_evidence(index))


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the name that is most like ``name``, or ``None`` where none is alike."""
    from rapidfuzz import fuzz, process, utils

    found = process.extractOne(
        name, list(names), scorer=fuzz.WRatio, processor=utils.default_process, score_cutoff=60
    )
    return found[0] if found else None


def _unknown(name: str, tools: Sequence[ToolSpec]) -> str:
    near = nearest(name, (tool.name for tool in tools))
    hint = f"; nearest: '{near}'" if near else ""
    return f"tool '{name}' is not among the {len(tools)} offered{hint}"


def _broken_rules(call: ToolCall, schema: dict[str, Any]) -> list[str]:
    errors, problem = _errors(call, schema)
    if problem:
        return [problem]
    from curator.checks.support.schema_words import in_words

    return list(dict.fromkeys(line for error in errors for line in in_words(error, call.name)))


def _errors(call: ToolCall, schema: dict[str, Any]) -> tuple[list[Any], str]:
    """Return the violations in the order of their places, or why the schema cannot be used."""
    from jsonschema.exceptions import SchemaError
    from referencing.exceptions import Unresolvable

    try:
        return sorted(_validator(schema).iter_errors(call.arguments), key=_position), ""
    except (SchemaError, Unresolvable, RecursionError, TypeError, ValueError, AttributeError) as problem:
        return [], f"{_UNUSABLE} '{call.name}' cannot be used: {_first_line(problem)}"


def _position(error: Any) -> tuple[str, str]:
    return "/".join(map(str, error.absolute_path)), str(error.validator)


def _first_line(problem: Exception) -> str:
    return (str(problem).splitlines() or [type(problem).__name__])[0][:200]


def _validator(schema: dict[str, Any]) -> Any:
    """Return the validator of a schema: by identity first, since turns share their tools."""
    known = _by_identity.get(id(schema))
    if known and known[0] is schema:
        return known[1]
    validator = _compiled(json.dumps(schema, sort_keys=True))
    if len(_by_identity) >= _MAX_CACHED:
        _by_identity.clear()
    _by_identity[id(schema)] = (schema, validator)
    return validator


@lru_cache(maxsize=_MAX_CACHED)
def _compiled(schema: str) -> Any:
    from curator.checks.support.schema_words import offline_validator

    return offline_validator(json.loads(schema, object_hook=_without_key_patterns))


def _without_key_patterns(part: dict[str, Any]) -> dict[str, Any]:
    """Drop rules that match keys by patterns: a pattern from a log may take exponential time."""
    if "patternProperties" not in part:
        return part
    return {
        key: value for key, value in part.items() if key not in ("patternProperties", "additionalProperties")
    }
