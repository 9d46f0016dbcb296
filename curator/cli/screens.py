"""Opens the screens as settings and options ask."""

from __future__ import annotations

from curator.cli.context import reviewer, settings, workspace_here
from curator.cli.demo import demo_maker
from curator.tui import run
from curator.workspace import Workspace


def open_asked_screens(*, tour: bool = False) -> None:
    """Open the screens on the workspace that the options name."""
    open_on(workspace_here(), tour=tour)


def open_on(home: Workspace, *, demo: bool = False, tour: bool = False) -> None:
    """Open the screens on a workspace."""
    chosen = settings()
    run(
        home,
        reviewer(),
        demo=demo,
        theme=chosen.theme,
        keys=chosen.keys,
        tour=tour,
        make_demo=demo_maker(),
    )
