"""The terminal application, one of two faces of Curator. It computes nothing that the other cannot."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from curator.workspace import Workspace


def run(workspace: Workspace, reviewer: str, demo: bool = False, theme: str = "curator-dark") -> None:
    """Open the screens on a workspace and return when the user quits."""
    # What is made while starting lives to the end; looking through it meanwhile takes a tenth of the start.
    gc.disable()
    from curator.tui.app import CuratorApp

    CuratorApp(workspace, reviewer, demo, theme).run()
