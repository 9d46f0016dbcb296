"""Detectors for Home Assistant rows, whose system prompt has an ontology and perhaps a state."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from curator.checks.support.home import Entity, House, State, holds, house_of, is_fetch, targets
from curator.checks.support.requests import request
from curator.coverage.registry import Case, Row, detector
from curator.profiles.model import CoverageItem

_WANTED = (
    (re.compile(r"\b(?:off|aus|ausschalten)\b"), "off"),
    (re.compile(r"\b(?:unlock|unlocked|aufschließen)\b"), "unlocked"),
    (re.compile(r"\b(?:lock|locked|abschließen)\b"), "locked"),
    (re.compile(r"\b(?:close|closed|shut|schließ|schließe|schließen)\b"), "closed"),
    (re.compile(r"\b(?:open|öffne|öffnen)\b"), "open"),
    (re.compile(r"\b(?:pause|paused)\b"), "paused"),
    (re.compile(r"\b(?:on|an|ein|einschalten)\b"), "on"),
)
"""Words of a command, in English and German, and the state that it asks for."""
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])")
_ALL = re.compile(r"\b(?:all|every|everything|alle|alles)\b")


@detector("alias_resolution")
def alias_resolution(row: Row, _item: CoverageItem) -> bool:
    """The user names an entity by another word of the ontology, and a call uses its id."""
    house = house_of(row.turn.prompt)
    if house is None or not row.output.tool_calls:
        return False
    asked = request(row.turn.prompt).lower()
    called = {one for call in row.output.tool_calls for one in targets(call, house)}
    return any(
        entity.id in called and entity.id not in asked and any(_says(asked, name) for name in entity.names)
        for entity in house.entities.values()
    )


@detector("absent_entity")
def absent_entity(row: Row, _item: CoverageItem) -> bool:
    """The user asks for an entity that is not present, and the row answers in words without any call."""
    house = house_of(row.turn.prompt)
    if house is None or row.output.tool_calls or not row.output.content:
        return False
    return any(house.is_absent(entity.id) for entity in _asked_for(row, house))


@detector("already_satisfied")
def already_satisfied(row: Row, _item: CoverageItem) -> bool:
    """The state holds, wholly or in part, what the user asks for, and the row leaves that alone."""
    house = house_of(row.turn.prompt)
    if house is None or house.state is None or any(map(is_fetch, row.output.tool_calls)):
        return False
    if not row.output.tool_calls and not row.output.content:
        return False
    wanted = _wanted(request(row.turn.prompt).lower())
    done = {entity.id for entity in _asked_for(row, house) if _is_done(wanted, house.state.get(entity.id))}
    return bool(done) and done.isdisjoint(
        one for call in row.output.tool_calls for one in targets(call, house)
    )


@detector("missing_state")
def missing_state(row: Row, _item: CoverageItem) -> bool:
    """The prompt has no state, and the row does nothing but fetch that of entities which exist."""
    house, calls = house_of(row.turn.prompt), row.output.tool_calls
    if house is None or house.state is not None or not calls or not all(map(is_fetch, calls)):
        return False
    named = [one for call in calls for one in targets(call, house)]
    return bool(named) and all(one in house.entities for one in named)


@detector("same_command_other_state")
def same_command_other_state(row: Row, _item: CoverageItem) -> Case | None:
    """Rows with the same command in the same house; they count when other states lead to other plans."""
    house = house_of(row.turn.prompt)
    if house is None or house.state is None:
        return None
    words = " ".join(re.findall(r"\w+", request(row.turn.prompt).lower()))
    calls = [[call.name, call.arguments] for call in row.output.tool_calls]
    plan = json.dumps(calls, sort_keys=True) if calls else "text"
    return Case(f"{words}\n{house.ontology}", json.dumps(house.state, sort_keys=True), plan)


def _says(text: str, words: str) -> bool:
    """Tell whether a text has these words, not as parts of others."""
    at = text.find(words) if words else -1
    while at >= 0:
        end = at + len(words)
        if not _is_word(text[at - 1 : at]) and not _is_word(text[end : end + 1]):
            return True
        at = text.find(words, at + 1)
    return False


def _is_word(letter: str) -> bool:
    return letter.isalnum() or letter == "_"


def _asked_for(row: Row, house: House) -> list[Entity]:
    """Return the entities that a command means: by id or name, else by kind and area, or all of a kind.

    Where one name is part of another that the command says, only the longer one is meant.
    """
    asked = request(row.turn.prompt).lower()
    named = [
        (name, entity) for entity in house.entities.values() for name in _names(entity) if _says(asked, name)
    ]
    said = {name for name, _ in named}
    inner = {one for one in said if any(one != other and _says(other, one) for other in said)}
    if found := {entity.id: entity for name, entity in named if name not in inner}:
        return list(found.values())
    return [entity for entity in house.entities.values() if _is_meant(asked, entity)]


def _names(entity: Entity) -> Iterator[str]:
    yield entity.id
    yield entity.id.partition(".")[2].replace("_", " ")
    yield from entity.names


def _is_meant(asked: str, entity: Entity) -> bool:
    kind = entity.domain.replace("_", " ")
    if not (_says(asked, kind) or _says(asked, f"{kind}s")):
        return False
    area = entity.area.lower().replace("_", " ")
    return _says(asked, area) if area and _says(asked, area) else _ALL.search(asked) is not None


def _wanted(asked: str) -> list[State]:
    """Return the states that a command may ask for: numbers, where it gives any, else a word for a state."""
    if numbers := _NUMBER.findall(asked):
        return [{"number": float(number)} for number in numbers]
    return [{"state": state} for words, state in _WANTED if words.search(asked)][:1]


def _is_done(wanted: list[State], state: State | None) -> bool:
    if not state or not wanted:
        return False
    if "number" in wanted[0]:
        values = {float(value) for value in state.values() if isinstance(value, int | float)}
        return any(one["number"] in values for one in wanted)
    return holds(wanted[0], state)
