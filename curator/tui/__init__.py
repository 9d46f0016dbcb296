"""The terminal application, one of two faces of Curator. It computes nothing that the other cannot."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from curator.jobs import Progress
    from curator.workspace import Workspace


def run(
    workspace: Workspace,
    reviewer: str,
    demo: bool = False,
    theme: str = "curator-dark",
    keys: Mapping[str, str | Sequence[str]] | None = None,
    tour: bool = False,
    make_demo: Callable[[Progress], Workspace] | None = None,
) -> None:
    """Open the screens on a workspace and return when the user quits; ``tour`` shows the hints again.

    ``make_demo`` is what opens the demo workspace where the user asks for it.

    Raises:
        KeymapError: The keys that the user chose cannot be used.
    """
    # What is made while starting lives to the end; looking through it meanwhile takes a tenth of the start.
    gc.disable()
    from curator.settings import state_dir
    from curator.tui.app import CuratorApp
    from curator.tui.commands.keymap import checked_keymap
    from curator.tui.tour import Tour

    hints = Tour.load(state_dir() / "tour.json")
    if tour:
        hints.restart()
    CuratorApp(workspace, reviewer, demo, theme, checked_keymap(keys or {}), hints, make_demo).run()
