"""The mapping file that tells where a database or a table of any program has its messages and calls."""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import Struct

from curator.errors import InputError


class Query(Struct, frozen=True, forbid_unknown_fields=True):
    """A SELECT whose column names say what each column is."""

    query: str


class Columns(Struct, frozen=True, forbid_unknown_fields=True):
    """Names of the columns of a table: a dialogue in each row, or with ``role`` a message in each."""

    messages: str | None = None
    """A list of messages, or the JSON text of one."""
    prompt: str | None = None
    """A text, or a list of messages."""
    user: str | None = None
    """A text of the user, behind the prompt where there is one too."""
    system: str | None = None
    response: str | None = None
    """The answer: a text, a message or a list of messages."""
    output: str | None = None
    """Another word for ``response``."""
    thinking: str | None = None
    tool_calls: str | None = None
    tools: str | None = None
    role: str | None = None
    content: str | None = None
    name: str | None = None
    tool_call_id: str | None = None
    session: str | None = None
    tier: str | None = None
    model: str | None = None
    provider: str | None = None
    timestamp: str | None = None
    labels: tuple[str, ...] = ()
    """Columns that are kept as labels, under their own names."""

    def named(self) -> dict[str, str]:
        """Return the columns that are named, by what they hold."""
        given = {field: getattr(self, field) for field in self.__struct_fields__ if field != "labels"}
        return {field: name for field, name in given.items() if name}

    def missing(self) -> str | None:
        """Return what has to be named too, None where nothing is missing."""
        named = self.named().keys()
        if "role" in named or "content" in named:
            return None if {"role", "content", "session"} <= named else "role, content and session together"
        if "messages" in named:
            return None
        if not named & {"prompt", "user"}:
            return "messages, or prompt or user"
        return None if named & {"response", "output"} else "response or output"


class Mapping(Struct, frozen=True, forbid_unknown_fields=True):
    """For databases one query for each kind of thing, for tables the names of columns."""

    messages: Query | None = None
    """Columns session, role, content.

    And if there are any: message, thinking, name, call, model, timestamp.
    """
    calls: Query | None = None
    """Columns message, name, arguments (JSON text); and if there is one: call."""
    results: Query | None = None
    """Columns call, content; and if there is one: failed."""
    sessions: Query | None = None
    """Columns session; and if there are any: name, tier, model, provider, timestamp, tools (JSON text)."""
    columns: Columns | None = None


def load_mapping(path: Path) -> Mapping:
    """Read a mapping file.

    Raises:
        InputError: It cannot be read, is no TOML, or says something that no mapping has.
    """
    try:
        mapping = msgspec.toml.decode(path.read_bytes(), type=Mapping)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}.") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: {error}. The guide has a mapping to begin with.") from error
    if mapping.messages is None and mapping.columns is None:
        raise InputError(f"{path}: it needs [messages] for a database or [columns] for a table.")
    if mapping.columns and (missing := mapping.columns.missing()):
        raise InputError(f"{path}: [columns] must name {missing}.")
    return mapping
