"""Homes for tests: an ontology with rooms, aliases and absent things, states of it, and rows about it."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from curator.model import Message, SourceRef, ToolCall, Turn
from curator.parsing import parse, render

SYNTAX = "wrapped-json-line"
ROOMS = ("kitchen", "hall", "bedroom", "office", "cellar")
NICKNAMES = {"light": "glow", "lock": "bolt", "cover": "blind", "climate": "heater"}
KINDS = ("text", "action", "alias", "sibling", "satisfied", "absent", "fetch", "several")

State = dict[str, Any]


class Home(NamedTuple):
    """A house: what the ontology says of each entity, by id."""

    entities: dict[str, dict[str, Any]]

    @property
    def ontology(self) -> dict[str, Any]:
        """The ontology as the system prompt has it."""
        return {"entities": [{"entity_id": one, **said} for one, said in self.entities.items()]}

    def system(self, state: Mapping[str, State] | None = None) -> str:
        """Return the system prompt; without ``state`` it has no STATE."""
        told = f"\nSTATE: {json.dumps(state)}" if state is not None else ""
        return f"ONTOLOGY: {json.dumps(self.ontology)}{told}"

    def alias(self, entity_id: str) -> str:
        """Return the first alias of an entity."""
        return str(self.entities[entity_id]["aliases"][0])


class HomeRow(NamedTuple):
    """One row: the texts, and the kind that it was made as."""

    system: str
    user: str
    assistant: str
    kind: str = ""

    @property
    def fields(self) -> dict[str, str]:
        """The row as a reader takes it from a JSONL file."""
        return {"system": self.system, "user": self.user, "assistant": self.assistant}

    def turn(self, n: int = 0, **changes: Any) -> Turn:
        """Return the row as a turn."""
        prompt = (Message("system", self.system), Message("user", self.user))
        output = parse(self.assistant)
        given = {"tier": "home", **changes}
        source = SourceRef("rows.jsonl", n, n + 1, n + 1)
        return Turn(f"{n:032x}", f"s{n}", 0, prompt, self.assistant, output, source, **given)


def call(name: str, /, **arguments: Any) -> ToolCall:
    """Return a call."""
    return ToolCall(name, arguments)


def written(*calls: ToolCall) -> str:
    """Return calls as lines of wrapped JSON."""
    return render(calls, SYNTAX)


def home(rooms: Sequence[str] = ROOMS, *, absent: Sequence[str] = ("light.cellar",)) -> Home:
    """Return a house with a light, a lock, a blind and a heater in each room, each with an alias."""
    entities = {
        f"{domain}.{room}": {
            "name": f"{room} {domain}",
            "aliases": [f"{room} {nickname}"],
            "area": room,
            **({"present": False} if f"{domain}.{room}" in absent else {}),
        }
        for room in rooms
        for domain, nickname in NICKNAMES.items()
    }
    return Home(entities)


def state(house: Home, **given: State) -> dict[str, State]:
    """Return a state of all that is present, lights off, doors locked; ``light_hall={...}`` changes one."""
    usual: dict[str, State] = {
        "light": {"state": "off", "brightness": 0},
        "lock": {"state": "locked"},
        "cover": {"state": "closed", "position": 0},
        "climate": {"state": "heat", "temperature": 20},
    }
    present = [one for one, said in house.entities.items() if said.get("present") is not False]
    told = {one: dict(usual[one.partition(".")[0]]) for one in present}
    return told | {name.replace("_", ".", 1): one for name, one in given.items()}


def home_rows(count: int, seed: int = 7, kinds: Sequence[str] = KINDS) -> Iterator[HomeRow]:
    """Yield right rows of these kinds in turn, for houses that differ; the same for the same seed.

    A sibling has the command and the house of the last action in another state.
    """
    rng = random.Random(seed)
    made = 0
    while made < count:
        rooms = rng.sample(ROOMS[:4], rng.randint(2, 4))
        house, room = home([*rooms, "cellar"]), rng.choice(rooms)
        rows = dict(_rows(house, room, rng.choice(rooms)))
        for kind in kinds[: count - made]:
            made += 1
            yield rows[kind]._replace(kind=kind)


def _rows(house: Home, room: str, other: str) -> Iterator[tuple[str, HomeRow]]:
    light, cellar = f"light.{room}", "light.cellar"
    off, on = house.system(state(house)), house.system(state(house, **{f"light_{room}": {"state": "on"}}))
    command, switch_on = f"Turn on the {room} light", written(call("turn_on", entity_id=light))
    set_heat = call("set_temperature", entity_id=f"climate.{other}", temperature=22)
    unlock, lift = (
        call("unlock", entity_id=f"lock.{room}"),
        call("set_cover_position", entity_id=f"cover.{other}", position=100),
    )
    fetch = written(call("get_entity_state", entity_ids=[light]))
    evening = f"Unlock the {room} and open the {other} blind"
    yield "text", HomeRow(off, f"What do you think of the {room}?", f"The {room} is a fine room.")
    yield "action", HomeRow(off, command, switch_on)
    yield "sibling", HomeRow(on, command, f"The {room} light is on already.")
    yield (
        "alias",
        HomeRow(off, f"Set the {house.alias(set_heat.arguments['entity_id'])} to 22", written(set_heat)),
    )
    yield "satisfied", HomeRow(off, f"Lock the {room} lock", f"The {room} lock is locked already.")
    yield (
        "absent",
        HomeRow(off, f"Turn on the {house.alias(cellar)}", "There is no such light in the cellar now."),
    )
    yield "fetch", HomeRow(house.system(), command, fetch)
    yield "several", HomeRow(off, evening, written(unlock, lift))
