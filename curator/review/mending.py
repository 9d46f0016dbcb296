"""Makes usable what nearly is: calls that were cut off, values of the wrong type, names a little off."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from rapidfuzz import fuzz, process, utils

from curator.checks import Fault, faults
from curator.model import ToolCall, ToolSpec, Turn
from curator.parsing import parse
from curator.review.forms import drop, get, put, read
from curator.review.schemas import Schema, choices, fits_type, plain, type_of, types

_TAILS = (
    "",
    "</tool_call>",
    "}</tool_call>",
    "}}</tool_call>",
    '"}}</tool_call>',
    "\n</parameter>\n</function>\n</tool_call>",
    "\n</function>\n</tool_call>",
    "}}",
    '"}}',
)
"""What may be missing at the end of a call that was cut off, the least first."""
_WORDS = {"yes": True, "on": True, "1": True, "no": False, "off": False, "0": False}
_ALIKE = 70
_USABLE = ("ok", "repaired", "unknown_tool")


def mended_calls(turn: Turn, text: str) -> tuple[ToolCall, ...]:
    """Return the calls that a broken piece of an output was meant to be, or none."""
    for tail in _TAILS:
        output = parse(text.rstrip() + tail, tools=turn.tools)
        calls = [call for call in output.tool_calls if call.status in _USABLE]
        if calls and all(problem.code == "repaired" for problem in output.problems):
            return tuple(ToolCall(call.name, call.arguments) for call in calls)
    return ()


def mended_arguments(call: ToolCall, tools: Sequence[ToolSpec]) -> tuple[ToolCall, tuple[str, ...]]:
    """Return the call with arguments of the types and names that its tool has, and what was changed.

    A change is made only where it leaves fewer faults than before.
    """
    spec = next((tool for tool in tools if tool.name == call.name), None)
    if spec is None or spec.parameters is None:
        return call, ()
    found = faults(call, tools)
    words: list[str] = []
    for fault in found[:32]:
        for arguments, said in _tries(call.arguments, fault, spec.parameters):
            changed = ToolCall(call.name, arguments)
            if len(left := faults(changed, tools)) < len(found):
                call, found = changed, left
                words.append(said)
                break
    return call, tuple(words)


def alike(name: str, names: Sequence[str]) -> str | None:
    """Return the one of the names that is nearly ``name``."""
    found = process.extractOne(
        name, names, scorer=fuzz.WRatio, processor=utils.default_process, score_cutoff=_ALIKE
    )
    return found[0] if found else None


def _misspelt(word: str, words: Sequence[str]) -> str | None:
    """Return the word that was misspelt; one that is only contained in it would be a guess."""
    found = process.extractOne(
        word, words, scorer=fuzz.ratio, processor=utils.default_process, score_cutoff=80
    )
    return found[0] if found else None


def _tries(arguments: dict[str, Any], fault: Fault, root: Schema) -> Iterator[tuple[Any, str]]:
    """Yield arguments in which one fault may be mended, with the words for it."""
    path, name = fault.path, ".".join(map(str, fault.path))
    if not path:
        return
    *parent, last = path
    above = _schema_of(root, tuple(parent))
    properties = above.get("properties")
    known = properties if isinstance(properties, dict) else {}
    value = get(arguments, path)
    if isinstance(last, str) and last not in known:
        inside = get(arguments, tuple(parent), {})
        if meant := alike(last, [one for one in known if one not in inside]):
            renamed = {meant if key == last else key: one for key, one in inside.items()}
            yield put(arguments, tuple(parent), renamed), f"{name} → {meant}"
        yield drop(arguments, path), f"without {name}"
        return
    for new in _values(value, _schema_of(root, path), root):
        yield put(arguments, path, new), f"{name}: {_short(value)} → {_short(new)}"


def _values(value: Any, schema: Schema, root: Schema) -> Iterator[Any]:
    """Yield values of the right type that say the same."""
    allowed = types(schema, root)
    if listed := choices(schema, root):
        meant = _misspelt(value, [str(one) for one in listed]) if isinstance(value, str) else None
        yield from (one for one in listed if str(one).lower() == str(value).lower())
        yield from (one for one in listed if str(one) == meant)
        return
    if isinstance(value, str):
        text = value.strip()
        for one in (text, text.lower(), text.rstrip("%°C "), f'"{text}"'):
            new = read(one, allowed - {"string"})
            if type_of(new) != "string" and fits_type(new, allowed):
                yield new
    if isinstance(value, str) and allowed == {"boolean"} and value.strip().lower() in _WORDS:
        yield _WORDS[value.strip().lower()]
    if isinstance(value, float) and value.is_integer():
        yield int(value)
    if "string" in allowed and not isinstance(value, str | dict | list) and value is not None:
        yield json.dumps(value)
    if "array" in allowed and not isinstance(value, list):
        yield [value]
    if isinstance(value, list) and len(value) == 1:
        yield value[0]


def _schema_of(root: Schema, path: tuple[str | int, ...]) -> Schema:
    schema = plain(root, root)
    for step in path:
        if isinstance(step, int):
            schema = plain(schema.get("items"), root)
        else:
            properties = schema.get("properties")
            schema = plain(properties.get(step) if isinstance(properties, dict) else None, root)
    return schema


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 24 else f"{text[:23]}…"
