"""Values to complete an argument with: those seen in the workspace, the schema's, the things of a house.

Slow parts (``ValuesSeen.of``) are for a worker thread; ranking is quick enough for every key.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from rapidfuzz import fuzz, process, utils

from curator.checks.support.home import House, house_of
from curator.model import Turn
from curator.review.forms import Row
from curator.review.schemas import fits_type
from curator.store import Store

_LOOK_BACK = 400
"""Turns, and decisions, in which values are looked for."""
_LONGEST = 200
_KEPT = 60
_LIKE = 55
_ENTITY_WORDS = ("entity", "entities", "target", "device")

Place = tuple[str, ...]
"""Where a value stands in the arguments; any item of a list is ``*``."""


class Candidate(NamedTuple):
    """A value that a field may be completed with."""

    value: Any
    about: str
    """How often it was seen, or what it is."""

    @property
    def text(self) -> str:
        """The value as it is typed."""
        return self.value if isinstance(self.value, str) else str(self.value)


class ValuesSeen:
    """Which values the arguments of a tool had in this workspace; each tool is looked up once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, dict[Place, Counter[Any]]] = {}

    def known(self, tool: str) -> dict[Place, Counter[Any]]:
        """Return what was found so far, without looking: for the way from a key to the screen."""
        return self._known.get(tool, {})

    def of(self, tool: str) -> dict[Place, Counter[Any]]:
        """Return how often each value was seen at each place; reads the store the first time."""
        if tool not in self._known:
            found: dict[Place, Counter[Any]] = {}
            seen = self._store.seen
            for arguments in (*seen.arguments(tool, _LOOK_BACK), *seen.corrected(tool, _LOOK_BACK)):
                for place, value in _leaves((), arguments):
                    found.setdefault(place, Counter())[value] += 1
            self._known[tool] = found
        return self._known[tool]


def candidates(row: Row, seen: dict[Place, Counter[Any]], turn: Turn) -> tuple[Candidate, ...]:
    """Return what may stand in a row, the likeliest first; nothing of a type that is not allowed."""
    if row.kind == "add":
        return tuple(Candidate(name, "") for name in row.choices)
    place = tuple("*" if isinstance(step, int) else step for step in row.path)
    counted = seen.get(place, Counter())
    house = house_of(turn.prompt)
    things = list(_things(house)) if house and _asks_for_thing(place, counted, house) else []
    examples = row.schema.get("examples")
    listed = examples if isinstance(examples, list) else []
    # Beside the things that are there, ids that were called elsewhere would only mislead.
    seen_here = () if things else counted.most_common(_KEPT)
    found = [
        *things,
        *(Candidate(value, f"seen {count}×") for value, count in seen_here),
        *(Candidate(value, "example") for value in listed if isinstance(value, str | int | float)),
    ]
    allowed = [one for one in found if fits_type(one.value, row.allowed)]
    return tuple({one.text: one for one in reversed(allowed)}.values())[::-1]


def ranked(found: Sequence[Candidate], typed: str, most: int) -> list[Candidate]:
    """Return the candidates that may be meant, best first; without a word typed, the first ones."""
    word = typed.strip()
    if not word:
        return list(found[:most])
    begins = [one for one in found if one.text.lower().startswith(word.lower())]
    texts = [f"{one.text} {one.about}" for one in found]
    alike = process.extract(
        word,
        texts,
        scorer=fuzz.partial_ratio,
        processor=utils.default_process,
        limit=most,
        score_cutoff=_LIKE,
    )
    both = [*begins, *(found[at] for _, _, at in alike)]
    return list({one.text: one for one in both if one.text != typed}.values())[:most]


def _leaves(place: Place, value: Any) -> Iterator[tuple[Place, Any]]:
    """Yield every plain value of some arguments that is short enough to be offered again."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _leaves((*place, name), one)
    elif isinstance(value, list):
        for one in value[:_KEPT]:
            yield from _leaves((*place, "*"), one)
    elif isinstance(value, str):
        if 0 < len(value) <= _LONGEST and "\n" not in value:
            yield place, value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield place, value


def _asks_for_thing(place: Place, counted: Counter[Any], house: House) -> bool:
    """Tell whether an argument names an entity of the house: by its name, or by what it held before."""
    names = (step for step in reversed(place) if step != "*")
    if any(word in next(names, "") for word in _ENTITY_WORDS):
        return True
    return any(value in house.entities for value in counted)


def _things(house: House) -> Iterator[Candidate]:
    for entity in house.entities.values():
        if entity.is_present:
            state = (house.state or {}).get(entity.id, {}).get("state")
            known = (*entity.names[:2], entity.area, "" if state is None else str(state))
            yield Candidate(entity.id, " · ".join(word for word in known if word))
