"""What can be done where logs are read in."""

from __future__ import annotations

from curator.tui.commands.base import Command


class ReadLogs(Command):
    """Read the log or folder whose path stands in the field; once it is read, go on to the review."""

    keys = ("enter",)
    action = "enter"
    hint = "read"
    area = "Ingest"


class CompletePath(Command):
    """Complete the path as far as it is clear, or with the chosen line of the list."""

    keys = ("tab",)
    action = "complete"
    hint = "complete"
    area = "Ingest"


class EntryDown(Command):
    """Choose the next line of what the path may become."""

    keys = ("down",)
    action = "choose(1)"
    hint = "choose"
    shown = "↓ ↑"
    area = "Ingest"


class EntryUp(Command):
    """Choose the line before."""

    keys = ("up",)
    action = "choose(-1)"
    area = "Ingest"


class OpenDemo(Command):
    """Open the demo: the log of a small home agent, mostly reviewed. This folder stays as it is."""

    keys = ("ctrl+o",)
    action = "demo"
    hint = "open the demo"
    area = "Ingest"
    priority = True


class LeaveIngest(Command):
    """Stop reading, which keeps what was read; else empty the field, then go back to the review."""

    keys = ("escape",)
    action = "back"
    hint = "back"
    area = "Ingest"
