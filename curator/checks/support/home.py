"""Reads the house out of a system prompt: what the ontology knows, what the state says, what a call asks.

The format fixes only ``ONTOLOGY: <json>`` and ``STATE: <json>``, so entities are found wherever they
stand: as objects with an id, under keys that are ids, or as plain ids in lists.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from curator.model import Message, ToolCall

State = dict[str, Any]
"""What is known of one entity: ``state``, and attributes beside it."""

_ONTOLOGY = re.compile(r"^[ \t]*ONTOLOGY:\s*", re.MULTILINE)
_STATE = re.compile(r"^[ \t]*STATE:\s*", re.MULTILINE)
_REACH = 4000
"""The ontology begins within so many characters of the system prompt."""
_ID = re.compile(r"[a-z][a-z0-9_]*\.[a-z0-9][a-z0-9_]*\Z")
_ID_KEYS = ("entity_id", "id")
_NAME_KEYS = ("aliases", "alias", "name", "friendly_name", "names")
_AREA_KEYS = ("area", "room", "area_id", "location")
_LISTS = frozenset(("entities", "devices"))
_AREAS = frozenset(("areas", "rooms"))
_TARGETS = frozenset(("entity_id", "entity_ids", "entities", "entity", "target"))
_STATELESS = frozenset(("scene", "script", "button", "automation", "event", "input_button"))
"""Domains whose entities hold nothing that an action could find done already."""
_RESULTS = tuple(
    (re.compile(rf"(?:\A|_){words}(?:_|\Z)"), state)
    for words, state in (
        ("(?:turn|switch)_on", "on"),
        ("(?:turn|switch)_off", "off"),
        ("unlock", "unlocked"),
        ("lock", "locked"),
        ("open", "open"),
        ("close", "closed"),
        ("pause", "paused"),
        ("play", "playing"),
    )
)
"""Words of a tool's name, and the state that it brings about."""
_MODES = ("state", "hvac_mode", "mode")
_READ_NAME = re.compile(r"(?:\A|[._])(?:get|read|fetch|query|list)_")


class Entity(NamedTuple):
    """A thing of the house."""

    id: str
    names: tuple[str, ...] = ()
    """Other words for it, in lower case: aliases and its friendly name."""
    is_present: bool = True
    area: str = ""

    @property
    def domain(self) -> str:
        """The kind of thing: ``light`` of ``light.hall``."""
        return self.id.partition(".")[0]


class House(NamedTuple):
    """What a prompt says about a house."""

    entities: dict[str, Entity]
    state: dict[str, State] | None
    """By entity; ``None`` where the prompt has no STATE."""
    ontology: str
    """The JSON text of the ontology."""

    def is_absent(self, entity_id: str) -> bool:
        """Whether the ontology says that the entity is not there (``present: false``)."""
        entity = self.entities.get(entity_id)
        return entity is not None and not entity.is_present

    def needs_state(self, entity_id: str) -> bool:
        """Whether the entity holds a state that an action has to be weighed against."""
        entity = self.entities.get(entity_id)
        return entity is not None and entity.domain not in _STATELESS


def house_of(prompt: Sequence[Message]) -> House | None:
    """Return the house that a prompt describes, or ``None`` without a readable ontology."""
    first = prompt[0] if prompt else None
    if first is None or first.role != "system" or first.content.find("ONTOLOGY:", 0, _REACH) < 0:
        return None
    return read_house(first.content)


@lru_cache(maxsize=256)
def read_house(system: str) -> House | None:
    """Read a system prompt; a state that is no JSON counts as none."""
    heading = _ONTOLOGY.search(system)
    found = _json_at(system, heading.end()) if heading else None
    if found is None or not isinstance(found[0], dict | list):
        return None
    ontology, end = found
    heading = _STATE.search(system, end)
    said = _json_at(system, heading.end()) if heading else None
    entities = {entity.id: entity for entity in _entities(ontology)}
    for word, entity_id in _alias_table(ontology):
        if known := entities.get(entity_id):
            entities[entity_id] = known._replace(names=tuple(dict.fromkeys((*known.names, word.lower()))))
    state = dict(_states(said[0], entities)) if said else None
    return House(entities, state, json.dumps(ontology, sort_keys=True))


def is_fetch(call: ToolCall) -> bool:
    """Tell whether a call only reads."""
    return _READ_NAME.search(call.name) is not None


def targets(call: ToolCall, house: House) -> tuple[str, ...]:
    """Return the entity ids that a call names, each once: its targets, and whatever looks like an id."""
    domains = {entity.domain for entity in house.entities.values()}
    return tuple(dict.fromkeys(_targets(call.arguments, domains, False)))


def effect(call: ToolCall) -> State:
    """Return what holds after an action; empty where that cannot be told from its name and arguments."""
    name = call.name.rpartition(".")[2].lower()
    after: State = {}
    if "toggle" not in name:
        after["state"] = next((state for words, state in _RESULTS if words.search(name)), None)
    subject = name.removeprefix("set_") if name.startswith("set_") else ""
    for key, value in call.arguments.items():
        if key not in _TARGETS and isinstance(value, str | int | float):
            after[subject if key in ("value", "level") and subject else key] = value
    return {key: value for key, value in after.items() if value is not None}


def holds(wanted: State, state: State) -> bool:
    """Tell whether a state has all that is wanted; what it does not mention does not hold."""
    return bool(wanted) and all(_has(state, key, value) for key, value in wanted.items())


def _has(state: State, key: str, value: Any) -> bool:
    bare = key.removesuffix("_pct")
    keys = [key, f"target_{key}", bare, *(["current_position"] if bare == "position" else [])]
    if key in _MODES:
        keys += _MODES
    elif set(state) == {"state"}:
        keys.append("state")
    if bare != key and isinstance(value, int | float) and f"{bare}_level" in state:
        return _is_same(state[f"{bare}_level"], value / 100)
    return any(one in state and _is_same(state[one], value) for one in keys)


def _is_same(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one.strip().lower() == other.strip().lower()
    if isinstance(one, bool) or isinstance(other, bool):
        pair = {one, other} if isinstance(one, str | bool) and isinstance(other, str | bool) else set()
        return one is other or pair in ({True, "on"}, {False, "off"})
    return bool(one == other)


def _json_at(text: str, at: int) -> tuple[Any, int] | None:
    try:
        return json.JSONDecoder().raw_decode(text, at)
    except (ValueError, RecursionError):
        return None


def _entities(value: Any, area: str = "", under: str = "") -> Iterator[Entity]:
    """Yield the entities of an ontology in order, with the area whose part they stand in."""
    if isinstance(value, list):
        for one in value:
            if isinstance(one, str) and (_ID.match(one) or under in _LISTS):
                yield Entity(one, area=area)
            else:
                yield from _entities(one, area, under)
    if not isinstance(value, dict):
        return
    own = next((value[key] for key in _ID_KEYS if isinstance(value.get(key), str)), None)
    if own is not None and (_ID.match(own) or under in _LISTS):
        yield _entity(own, value, area)
        return
    if own is not None and under in _AREAS:
        area = own
    for key, one in value.items():
        if _ID.match(key) or (under in _LISTS and isinstance(one, dict)):
            yield _entity(key, one if isinstance(one, dict) else {}, area)
        elif key not in _NAME_KEYS and isinstance(one, dict | list):
            yield from _entities(one, key if under in _AREAS else area, key)


def _entity(entity_id: str, said: Mapping[str, Any], area: str) -> Entity:
    words = [word for key in _NAME_KEYS for word in _texts(said.get(key))]
    own = next((said[key] for key in _AREA_KEYS if isinstance(said.get(key), str)), area)
    return Entity(
        entity_id, tuple(dict.fromkeys(word.lower() for word in words)), said.get("present") is not False, own
    )


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value] if value.strip() else []
    return [one for one in value if isinstance(one, str) and one.strip()] if isinstance(value, list) else []


def _alias_table(ontology: Any) -> Iterator[tuple[str, str]]:
    """Yield (word, entity id) of a table of aliases beside the entities, whichever way round it is."""
    table = ontology.get("aliases") if isinstance(ontology, dict) else None
    for key, value in table.items() if isinstance(table, dict) else ():
        for one in _texts(value):
            yield (one, key) if _ID.match(key) else (key, one)


def _states(value: Any, entities: Mapping[str, Entity]) -> Iterator[tuple[str, State]]:
    if isinstance(value, list):
        for one in value:
            yield from _states(one, entities)
    if not isinstance(value, dict):
        return
    own = next((value[key] for key in _ID_KEYS if isinstance(value.get(key), str)), None)
    if own is not None:
        yield own, _flat(value)
        return
    for key, one in value.items():
        if key in entities or _ID.match(key):
            yield key, _flat(one)
        else:
            yield from _states(one, entities)


def _flat(said: Any) -> State:
    """Return a state with its attributes beside it; a plain value is the state itself."""
    if not isinstance(said, dict):
        return {"state": said}
    attributes = said.get("attributes")
    return {**said, **(attributes if isinstance(attributes, dict) else {})}


def _targets(value: Any, domains: set[str], is_target: bool) -> Iterator[str]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _targets(one, domains, is_target or key in _TARGETS)
    elif isinstance(value, list):
        for one in value:
            yield from _targets(one, domains, is_target)
    elif isinstance(value, str) and (
        is_target or (_ID.match(value) is not None and value.partition(".")[0] in domains)
    ):
        yield value
