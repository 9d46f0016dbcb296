"""Compares the values of a profile file with the structs, and names every key that does not fit."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import inspect

from curator.profiles.faults import Fault, Place, near


def shape_faults(value: object, wanted: inspect.Type, place: Place = ()) -> Iterator[Fault]:
    """Yield whatever keeps ``value`` (from TOML) from being read as ``wanted``, at any depth."""
    match wanted:
        case inspect.StructType():
            yield from _struct(value, wanted, place)
        case inspect.DictType(key_type=keys, value_type=values):
            yield from _dict(value, keys, values, place)
        case inspect.VarTupleType(item_type=item):
            yield from _items(value, wanted, [item] * (len(value) if isinstance(value, list) else 0), place)
        case inspect.TupleType(item_types=items):
            yield from _items(value, wanted, items, place)
        case inspect.UnionType(types=types):
            yield from _union(value, wanted, types, place)
        case _:
            if not _fits(value, wanted):
                yield _wrong(value, wanted, place)


def without(data: dict[str, Any], faults: Iterable[Fault]) -> dict[str, Any]:
    """Return a copy of ``data`` that lacks the faulty values, so that the rest can be judged by its rules.

    A list with a faulty item goes as a whole.
    """
    copy: dict[str, Any] = _copied(data)
    for fault in faults:
        keys = [part for part in _before_number(fault.place) if isinstance(part, str)]
        table: Any = copy
        for key in keys[:-1]:
            table = table.get(key) if isinstance(table, dict) else None
        if keys and isinstance(table, dict):
            table.pop(keys[-1], None)
    return copy


def wanted_words(wanted: inspect.Type) -> str:
    """Say in words what a key wants: ``a whole number``, ``one of 'a', 'b'``, ``2 values``."""
    match wanted:
        case inspect.LiteralType(values=values):
            return ("one of " if len(values) > 1 else "") + ", ".join(repr(value) for value in values)
        case inspect.UnionType(types=types):
            return _union_words(types)
        case inspect.TupleType(item_types=items):
            return f"a list of {len(items)} {_plural(items[0])}"
        case inspect.VarTupleType(item_type=item):
            return f"a list of {_plural(item)}"
        case inspect.StructType() | inspect.DictType():
            return "a table"
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType():
            return "a whole number"
        case inspect.FloatType():
            return "a number"
    return "a text"


def _struct(value: object, wanted: inspect.StructType, place: Place) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield _wrong(value, wanted, place)
        return
    fields = {field.encode_name: field for field in wanted.fields}
    for key, inner in value.items():
        if key in fields:
            yield from shape_faults(inner, fields[key].type, (*place, key))
        else:
            yield Fault((*place, key), f"is not a known key{near(key, fields)}")
    for key, field in fields.items():
        if field.required and key not in value:
            yield Fault((*place, key), f"is missing; it wants {wanted_words(field.type)}.")


def _dict(value: object, keys: inspect.Type, values: inspect.Type, place: Place) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield Fault(place, f"wants a table, not {_found(value)}.")
        return
    for key, inner in value.items():
        if isinstance(keys, inspect.LiteralType) and key not in keys.values:
            names = [str(name) for name in keys.values]
            yield Fault((*place, key), f"is not a known key{near(key, names)}")
        else:
            yield from shape_faults(inner, values, (*place, key))


def _items(
    value: object, wanted: inspect.Type, items: Iterable[inspect.Type], place: Place
) -> Iterator[Fault]:
    types = list(items)
    if not isinstance(value, list) or len(value) != len(types):
        yield _wrong(value, wanted, place)
        return
    for index, (inner, item) in enumerate(zip(value, types, strict=True)):
        yield from shape_faults(inner, item, (*place, index))


def _union(
    value: object, wanted: inspect.UnionType, types: tuple[inspect.Type, ...], place: Place
) -> Iterator[Fault]:
    attempts = [list(shape_faults(value, one, place)) for one in types]
    if all(attempts):
        structs = [found for one, found in zip(types, attempts, strict=True) if _is_table_for(one, value)]
        yield from structs[0] if structs else [_wrong(value, wanted, place)]


def _is_table_for(wanted: inspect.Type, value: object) -> bool:
    return isinstance(wanted, inspect.StructType) and isinstance(value, dict)


def _fits(value: object, wanted: inspect.Type) -> bool:
    match wanted:
        case inspect.LiteralType(values=values):
            return isinstance(value, str) and value in values
        case inspect.BoolType():
            return isinstance(value, bool)
        case inspect.IntType():
            return isinstance(value, int) and not isinstance(value, bool)
        case inspect.FloatType():
            return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        case inspect.StrType():
            return isinstance(value, str)
    return False


def _wrong(value: object, wanted: inspect.Type, place: Place) -> Fault:
    hint = "."
    if isinstance(value, str) and (names := _literals(wanted)):
        guess = near(value, names)
        hint = guess if guess.startswith("; did") else "."
    return Fault(place, f"wants {wanted_words(wanted)}, not {_found(value)}{hint}")


def _literals(wanted: inspect.Type) -> list[str]:
    types = wanted.types if isinstance(wanted, inspect.UnionType) else (wanted,)
    return [str(name) for one in types if isinstance(one, inspect.LiteralType) for name in one.values]


def _found(value: object) -> str:
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, str):
        return repr(value if len(value) <= 40 else value[:39] + "…")
    if isinstance(value, datetime.date | datetime.time):
        return "a date" if isinstance(value, datetime.date) else "a time"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _union_words(types: tuple[inspect.Type, ...]) -> str:
    names = [repr(name) for one in types if isinstance(one, inspect.LiteralType) for name in one.values]
    others = [
        wanted_words(one) for one in types if not isinstance(one, inspect.LiteralType | inspect.NoneType)
    ]
    return " or ".join([*(["one of " + ", ".join(names)] if names else []), *others])


def _plural(wanted: inspect.Type) -> str:
    words = wanted_words(wanted).removeprefix("a ")
    return f"{words}s" if words in ("text", "number", "whole number", "table", "list") else words


def _before_number(place: Place) -> Place:
    for index, part in enumerate(place):
        if isinstance(part, int):
            return place[:index]
    return place


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(inner) for key, inner in value.items()}
    return [_copied(inner) for inner in value] if isinstance(value, list) else value
