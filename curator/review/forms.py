"""The form of a call: rows made from the tool's JSON Schema and the arguments, and edits of one place.

Pure. The arguments stay the only truth: a row never holds a value of its own, an edit gives new arguments
that share everything else with the old ones, and a text that does not read as its type stays a text.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple

from curator.checks import Fault
from curator.model import Finding
from curator.review.schemas import Schema, choices, fits_type, narrowed, plain, type_of, types

Path = tuple[str | int, ...]
Kind = Literal["text", "number", "choice", "flag", "any", "json", "group", "list", "add"]
Values = dict[str, Any] | list[Any]

MOST_CHILDREN = 200
"""Longer arrays and objects are one field of JSON."""
DEEPEST = 6

_MISSING = object()
_BRACKETS = ("{", "[")


class Row(NamedTuple):
    """One line of a form: a value, the title of a group or list, or a place where something can be added."""

    path: Path
    kind: Kind
    type: str
    """The type in words, as the schema says it."""
    required: bool = False
    present: bool = True
    """False for an argument that is required and not there yet."""
    known: bool = True
    """False for an argument that the schema does not have."""
    about: str = ""
    allowed: frozenset[str] = frozenset()
    choices: tuple[Any, ...] = ()
    """The values to choose from; for a place to add something, the names that it may have."""
    schema: Schema = {}
    value: Any = None

    @property
    def name(self) -> str:
        """What stands before the value: the name of an argument, the number of an item."""
        if self.kind == "add":
            return "+"
        last = self.path[-1]
        return f"{last + 1}." if isinstance(last, int) else last

    @property
    def depth(self) -> int:
        """How deep it stands in groups and lists."""
        return len(self.path) - (0 if self.kind == "add" else 1)

    @property
    def text(self) -> str:
        """The value as text that ``read`` takes back."""
        return written(self.value, self.allowed) if self.present else ""


def rows(schema: Schema | None, arguments: dict[str, Any]) -> tuple[Row, ...]:
    """Return the form of the arguments of a call; without a schema it follows the values."""
    root = schema or {}
    return tuple(_children((), plain(root, root), arguments, root))


def put(values: Any, path: Path, value: Any) -> Any:
    """Return the arguments with one value set; objects on the way that are not there are made."""
    if not path:
        return value
    head, rest = path[0], path[1:]
    if isinstance(head, int):
        items = list(values) if isinstance(values, list) else []
        inner = put(items[head] if head < len(items) else None, rest, value)
        return [*items[:head], inner, *items[head + 1 :]]
    inside = values if isinstance(values, dict) else {}
    return {**inside, head: put(inside.get(head), rest, value)}


def drop(values: Any, path: Path) -> Any:
    """Return the arguments without the value at a path; all the rest is as it was."""
    head, rest = path[0], path[1:]
    if not _has(values, head):
        return values
    if rest:
        return put(values, (head,), drop(values[head], rest))
    if isinstance(values, list):
        return [item for at, item in enumerate(values) if at != head]
    return {name: value for name, value in values.items() if name != head}


def move(values: Any, path: Path, by: int) -> Any:
    """Return the arguments with an item of a list moved among the others."""
    *parent, at = path
    items = get(values, tuple(parent))
    if not isinstance(items, list) or not isinstance(at, int) or not 0 <= at + by < len(items):
        return values
    items = list(items)
    items.insert(at + by, items.pop(at))
    return put(values, tuple(parent), items)


def get(values: Any, path: Path, default: Any = None) -> Any:
    """Return the value at a path."""
    for step in path:
        if not _has(values, step):
            return default
        values = values[step]
    return values


def added(schema: Schema | None, arguments: dict[str, Any], row: Row, name: str = "") -> tuple[Any, Path]:
    """Add an argument by its name, or an item, where a row says that one can be added.

    Returns the new arguments and the path of what was added.
    """
    root = schema or {}
    into = get(arguments, row.path)
    step: str | int = len(into) if isinstance(into, list) else name
    path = (*row.path, step)
    return put(arguments, path, blank(_schema_at(row.schema, root, step), root)), path


def blank(schema: Schema, root: Schema) -> Any:
    """Return the value with which a new argument begins: one that asks to be filled in where it can."""
    schema = plain(schema, root)
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    if listed := choices(schema, root):
        return listed[0]
    allowed = types(schema, root)
    for kind, value in (("string", ""), ("boolean", True), ("object", {}), ("array", [])):
        if kind in allowed:
            return value
    return None


def written(value: Any, allowed: frozenset[str]) -> str:
    """Write a value so that ``read`` returns it: text as it is wherever that is not ambiguous."""
    if isinstance(value, str) and (allowed == {"string"} or _same(read(value, allowed), value)):
        return value
    return json.dumps(value, ensure_ascii=False)


def read(text: str, allowed: frozenset[str]) -> Any:
    """Read what was typed: the JSON value where one is allowed, otherwise the text as it is."""
    if allowed == {"string"}:
        return text
    value = _json(text)
    if value is _MISSING:
        return text
    if "string" in allowed and not isinstance(value, str) and not fits_type(value, allowed):
        return text
    return value


def looks_unfinished(row: Row) -> bool:
    """Tell whether a text begins as JSON does and cannot be read as such, where JSON could be meant."""
    value = row.value
    is_open = row.kind in ("any", "json") and isinstance(value, str)
    return is_open and value.lstrip().startswith(_BRACKETS) and _json(value) is _MISSING


def placed(form: Sequence[Row], found: Sequence[Fault]) -> dict[Path, list[str]]:
    """Return the faults by the path of the row that shows them: their own, or the nearest one above."""
    known = {row.path for row in form if row.kind != "add"}
    result: dict[Path, list[str]] = {}
    for fault in found:
        path = fault.path
        while path and path not in known:
            path = path[:-1]
        result.setdefault(path, []).append(fault.message)
    return result


def first_to_mend(form: Sequence[Row], found: Sequence[Fault], findings: Sequence[Finding]) -> int:
    """Return the row to begin with: the first with a fault, or that a finding speaks of; else the first."""
    wrong = placed(form, found)
    for at, row in enumerate(form):
        if row.kind not in ("add", "group", "list") and row.path in wrong:
            return at
    said = " ".join(finding.message for finding in findings)
    for at, row in enumerate(form):
        if row.kind != "add" and said and _spoken_of(row, said):
            return at
    return 0


def hint_words(row: Row) -> str:
    """Say what may stand in a row: its values, limits and description."""
    schema = row.schema
    parts = [" | ".join(json.dumps(value, ensure_ascii=False) for value in row.choices[:12])]
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None or high is not None:
        parts.append(f"{'' if low is None else low}…{'' if high is None else high}")
    parts += [f"{key} {schema[key]}" for key in ("pattern", "format", "default") if key in schema]
    return " · ".join(part for part in (*parts, row.about) if part)


def _children(path: Path, schema: Schema, value: Any, root: Schema) -> Iterator[Row]:
    """Yield the rows inside an object or a list, then the place where more can be added."""
    if isinstance(value, list):
        for at, item in enumerate(value):
            yield from _argument((*path, at), _schema_at(schema, root, at), item, root, False, True)
        yield Row(path, "add", "item", schema=schema)
        return
    properties, required = _properties(schema), _required(schema)
    inside = value if isinstance(value, dict) else {}
    names = [*required, *(name for name in properties if name in inside and name not in required)]
    for name in (*names, *(name for name in inside if name not in names)):
        known = name in properties or schema.get("additionalProperties", True) is not False
        inner = _schema_at(schema, root, name)
        given = inside.get(name, _MISSING)
        yield from _argument((*path, name), inner, given, root, name in required, known)
    absent = tuple(name for name in properties if name not in inside and name not in required)
    if absent or schema.get("additionalProperties", True) is not False:
        yield Row(path, "add", "argument", choices=absent, schema=schema)


def _argument(
    path: Path, schema: Schema, value: Any, root: Schema, required: bool, known: bool
) -> Iterator[Row]:
    present = value is not _MISSING
    schema = plain(schema, root)
    allowed, listed = types(schema, root), choices(schema, root)
    kind = _kind(schema, root, value, allowed, listed, len(path))
    about = schema.get("description")
    yield Row(
        path,
        kind,
        f"one of {len(listed)}" if listed else _words(schema, root, allowed),
        required,
        present,
        known,
        about if isinstance(about, str) else "",
        allowed,
        listed,
        schema,
        value if present else None,
    )
    if kind in ("group", "list"):
        inner = narrowed(schema, root, value) if present else schema
        yield from _children(path, inner or {}, value if present else {}, root)


def _kind(
    schema: Schema, root: Schema, value: Any, allowed: frozenset[str], listed: tuple[Any, ...], depth: int
) -> Kind:
    if listed:
        return "choice"
    if isinstance(value, dict | list):
        return _container(schema, root, value, depth)
    if value is _MISSING and allowed == {"object"} and depth < DEEPEST and _properties(schema):
        return "group"
    if allowed == {"boolean"} and (value is _MISSING or isinstance(value, bool)):
        return "flag"
    if allowed == {"string"}:
        return "text"
    if allowed <= {"integer", "number"}:
        return "number"
    return "json" if allowed <= {"object", "array"} else "any"


def _container(schema: Schema, root: Schema, value: Values, depth: int) -> Kind:
    fits = fits_type(value, types(schema, root)) and narrowed(schema, root, value) is not None
    if not fits or depth >= DEEPEST or len(value) > MOST_CHILDREN:
        return "json"
    return "list" if isinstance(value, list) else "group"


def _schema_at(schema: Schema, root: Schema, step: str | int) -> Schema:
    if isinstance(step, str):
        more = schema.get("additionalProperties")
        return plain(_properties(schema).get(step, more if isinstance(more, dict) else {}), root)
    first = schema.get("prefixItems")
    if isinstance(first, list) and step < len(first):
        return plain(first[step], root)
    return plain(schema.get("items"), root)


def _words(schema: Schema, root: Schema, allowed: frozenset[str]) -> str:
    if allowed == {"array"} and isinstance(schema.get("items"), dict):
        items = plain(schema["items"], root)
        return f"list of {_words(items, root, types(items, root))}"
    if len(allowed) > 4:
        return "anything"
    order = ("string", "integer", "number", "boolean", "object", "array", "null")
    named = {"string": "text", "boolean": "yes/no", "array": "list"}
    return " or ".join(named.get(one, one) for one in order if one in allowed)


def _spoken_of(row: Row, said: str) -> bool:
    name = str(row.path[-1])
    if isinstance(row.path[-1], str) and f" {name} " in f" {said} ".replace(":", " ").replace(",", " "):
        return True
    return isinstance(row.value, str) and len(row.value) > 2 and f"'{row.value}'" in said


def _properties(schema: Schema) -> dict[str, Any]:
    found = schema.get("properties")
    return found if isinstance(found, dict) else {}


def _required(schema: Schema) -> list[str]:
    found = schema.get("required")
    return [name for name in found if isinstance(name, str)] if isinstance(found, list) else []


def _has(values: Any, step: str | int) -> bool:
    if isinstance(step, int):
        return isinstance(values, list) and 0 <= step < len(values)
    return isinstance(values, dict) and step in values


def _same(one: Any, other: Any) -> bool:
    return type_of(one) == type_of(other) and bool(one == other)


def _json(text: str) -> Any:
    """Return the JSON value of a text, or ``_MISSING``; numbers that JSON does not have are no values."""
    try:
        value = json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError):
        return _MISSING
    return value


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(digits)
    return number


def _refuse(name: str) -> Any:
    raise ValueError(name)
