"""Pictures of the list of turns."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from curator.tui.app import CuratorApp
from curator.workspace import Workspace
from tests.tui.conftest import press, settle


@pytest.mark.parametrize(
    ("name", "size", "theme", "keys"),
    [
        ("wide", (160, 48), "curator-dark", ["B", "space", "space"]),
        ("narrow", (80, 24), "curator-light", ["B", "y"]),
        ("facets-narrow", (80, 24), "curator-dark", ["B", "tab"]),
        ("sessions", (160, 48), "curator-light", ["B", "S"]),
    ],
)
def test_browse(
    name: str, size: tuple[int, int], theme: str, keys: list[str], workspace: Workspace, snap_compare: Any
) -> None:
    app = CuratorApp(workspace, "ann", theme=theme)

    async def drive(pilot: Pilot[None]) -> None:
        await settle(app, pilot)
        await press(app, pilot, *keys)
        await pilot.pause(0.1)
        await settle(app, pilot)

    assert snap_compare(app, terminal_size=size, run_before=drive)
