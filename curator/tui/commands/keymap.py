"""The keys that the user chose in the settings, checked against every command."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from textual.binding import Binding
from textual.keys import Keys, key_to_character

from curator.errors import CuratorError
from curator.tui.commands.base import AREAS, Command, commands, show_key

Keymap = Mapping[str, tuple[str, ...]]
"""Keys by command id."""

# Textual and the terminal keep these; a command on one of them would never, or no longer, be reached.
_TAKEN = {"ctrl+p": "the command palette", "ctrl+q": "quit", "ctrl+c": "copy"}
_FIXED = {"review.count-first"}
_TYPED_IN = {"Correction editor": "the editor", "Ingest": "the path"}
_MODIFIERS = re.compile(r"^((ctrl|shift|alt|meta|super|hyper)\+)*")
_KNOWN_KEYS = {key.value for key in Keys}


class KeymapError(CuratorError):
    """A key or command of the settings that cannot be used."""

    title = "Bad keys"


def checked_keymap(chosen: Mapping[str, str | Sequence[str]]) -> Keymap:
    """Check the ``[keys]`` of the settings and return them in Textual's names.

    Raises:
        KeymapError: A command or key is not known, or two commands would share a key.
    """
    known = {command.id(): command for area in AREAS for command in commands(area)}
    keymap: dict[str, tuple[str, ...]] = {}
    for name, keys in chosen.items():
        command = known.get(name) or _unknown(name, known)
        keymap[name] = tuple(_named(key, command) for key in ([keys] if isinstance(keys, str) else keys))
        if not keymap[name]:
            raise KeymapError(f"{name}: give it a key; a command without one cannot be reached.")
        if name in _FIXED:
            raise KeymapError(f"{name} is typed as digits and keeps its keys.")
    _check_clashes(keymap, known)
    return keymap


def use(keymap: Keymap) -> dict[str, str]:
    """Make the commands show these keys; return the map as ``App.set_keymap`` wants it.

    Textual takes every binding off a key of which one moves, so those that stay are named as well.
    """
    Command.remapped = dict(keymap)
    left = {key for name in keymap for key in _default_keys(name)}
    sharing = {c.id(): c.keys for c in Command.__subclasses__() if left & set(c.keys)}
    return {name: ",".join(keys) for name, keys in {**sharing, **keymap}.items()}


def _default_keys(name: str) -> tuple[str, ...]:
    return next(command.keys for command in Command.__subclasses__() if command.id() == name)


def _unknown(name: str, known: Mapping[str, type[Command]]) -> type[Command]:
    # Only a mistake needs this.
    from rapidfuzz.process import extractOne

    nearest = extractOne(name, list(known))
    hint = f" The nearest is {nearest[0]}." if nearest else ""
    raise KeymapError(f"No command is called {name}.{hint} `curator keys` lists them.")


def _named(key: str, command: type[Command]) -> str:
    """Return a key in Textual's name for it."""
    modifiers = _MODIFIERS.match(key)
    start = modifiers.end() if modifiers else 0
    last = key[start:]
    named = key[:start] + (_long_name(last) if len(last) == 1 else last)
    if not _is_key(last):
        raise KeymapError(
            f"{command.id()}: {key!r} is no key. Write a, A, ?, ctrl+a, alt+up, f3, space, enter or escape."
        )
    if named in _TAKEN:
        raise KeymapError(f"{command.id()}: {key} is taken by {_TAKEN[named]}.")
    if command.area in _TYPED_IN and len(last) == 1 and not start:
        where = _TYPED_IN[command.area]
        raise KeymapError(f"{command.id()}: {key} types in {where}; take one with ctrl+, or f1 to f12.")
    if command.area == "Review" and key.isdecimal():
        raise KeymapError(f"{command.id()}: {key} begins a count; take another key.")
    return named


def _long_name(sign: str) -> str:
    # A comma stands between keys, so it cannot be asked for.
    return "comma" if sign == "," else next(iter(Binding.make_bindings([Binding(sign, "")]))).key


def _is_key(name: str) -> bool:
    if len(name) == 1:
        return name.isprintable() and not name.isspace()
    if name in _KNOWN_KEYS:
        return True
    try:
        unicodedata.lookup(name.replace("_", " ").upper())
    except KeyError:
        return key_to_character(name) is not None
    return True


def _check_clashes(keymap: Keymap, known: Mapping[str, type[Command]]) -> None:
    for name, keys in keymap.items():
        for other in _rivals(known[name], known):
            shared = set(keys) & set(keymap.get(other.id(), other.keys))
            if shared:
                key = show_key(min(shared))
                raise KeymapError(
                    f"{key} cannot be both {name} and {other.id()}; give one of them another key."
                )


def _rivals(command: type[Command], known: Mapping[str, type[Command]]) -> Iterator[type[Command]]:
    """Yield the commands that hear the same keys: of its area, and those that are heard everywhere."""
    for other in known.values():
        if other is not command and (
            other.area == command.area or "Everywhere" in (other.area, command.area)
        ):
            yield other
