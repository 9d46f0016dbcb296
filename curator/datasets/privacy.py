"""What may have to be hidden in a turn: secrets and personal data, each once, with where they stand."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from curator.model import Message, Redaction, ToolCall, Turn
from curator.store import Store

_AROUND = 28


class Hideable(NamedTuple):
    """A text that may be hidden."""

    text: str
    kind: str
    places: tuple[str, ...]
    """Where it stands, in words, each once."""
    times: int
    before: str = ""
    after: str = ""
    """What stands around it at the first place."""

    @property
    def redaction(self) -> Redaction:
        """What hides it."""
        return Redaction(self.text, f"[{self.kind}]")


def to_look_at(store: Store) -> array[int]:
    """Return the turns with secrets or personal data in which nobody has looked for them yet.

    Those that give a row come first; what is left out of the data is left out here too.
    """
    return store.summaries.unlooked("secret")


def hideable(turn: Turn, standing: Sequence[Redaction] = ()) -> list[Hideable]:
    """Return the secrets and personal data of a turn, and what is hidden already.

    Looks through the whole prompt, which may be long: for a worker thread.
    """
    from curator.checks.support.private import find_private

    found: dict[str, Hideable] = {}
    for place, text in _texts(turn):
        for kind, start, end in find_private(text):
            around = text[max(0, start - _AROUND) : start], text[end : end + _AROUND]
            _add(found, Hideable(text[start:end], kind, (place,), 1, *around))
    for one in standing:
        if one.text not in found:
            found[one.text] = Hideable(one.text, one.replacement.strip("[]"), ("hidden before",), 1)
    return list(found.values())


def _add(found: dict[str, Hideable], one: Hideable) -> None:
    known = found.get(one.text)
    if known is None:
        found[one.text] = one
    else:
        places = tuple(dict.fromkeys([*known.places, *one.places]))
        found[one.text] = known._replace(places=places, times=known.times + 1)


def _texts(turn: Turn) -> Iterator[tuple[str, str]]:
    """Yield every text that a row of the turn may hold, after the words for its place."""
    if turn.structured:
        yield "output", turn.output.thinking or ""
        yield "output", turn.output.content or ""
    else:
        yield "output", turn.raw
    yield "arguments", _arguments(turn.output.tool_calls)
    for message in turn.prompt:
        yield from _message(message)


def _message(message: Message) -> Iterator[tuple[str, str]]:
    place = "tool result" if message.role == "tool" else f"{message.role} message"
    yield place, message.content
    yield place, message.thinking or ""
    yield "earlier arguments", _arguments(message.tool_calls)


def _arguments(calls: Sequence[ToolCall]) -> str:
    """Return every string among the arguments behind its name, for a password is known by its name."""
    lines = (f'{name}="{text}"' for call in calls for name, text in _strings("", call.arguments))
    return "\n".join(lines)


def _strings(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _strings(str(key), inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(name, inner)
