"""Opens the screens on the workspace that the options name."""

from __future__ import annotations

from curator.cli.context import reviewer, settings, workspace
from curator.tui import run


def open_asked_screens() -> None:
    """Open the screens for the options that stand on the command line."""
    run(workspace(create=True), reviewer(), theme=settings().theme)
