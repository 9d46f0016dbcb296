"""Every action of the user is one class; keys, key line, palette, help and docs/keys.md come from it."""

from __future__ import annotations

from curator.tui.commands import (
    alternatives,
    browse,
    dataset,
    editor,
    everywhere,
    ingest,
    pairs,
    review,
    train,
)
from curator.tui.commands.base import AREAS, Command, bindings, commands, key_of, keys_markdown, show_key

__all__ = [
    "AREAS",
    "Command",
    "alternatives",
    "bindings",
    "browse",
    "commands",
    "dataset",
    "editor",
    "everywhere",
    "ingest",
    "key_of",
    "keys_markdown",
    "pairs",
    "review",
    "show_key",
    "train",
]
