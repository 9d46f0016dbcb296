"""Pictures of what leads through a turn: finding, search, similar turns, orders."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from curator.tui.app import CuratorApp
from curator.workspace import Workspace
from tests.tui.conftest import press, settle
from tests.tui.test_repeating import lamps as lamps

WIDE, NARROW = (160, 48), (80, 24)


@pytest.mark.parametrize(
    ("name", "size", "theme", "keys"),
    [
        ("finding-narrow", NARROW, "curator-dark", ["right_square_bracket"]),
        ("search-light", WIDE, "curator-light", ["slash", *"heating", "enter"]),
        ("orders", WIDE, "curator-dark", ["o"]),
    ],
)
def test_reading(
    name: str, size: tuple[int, int], theme: str, keys: list[str], workspace: Workspace, snap_compare: Any
) -> None:
    assert snap_compare(
        CuratorApp(workspace, "ann", theme=theme), terminal_size=size, run_before=driven(keys)
    )


def test_similar(lamps: Workspace, snap_compare: Any) -> None:
    app = CuratorApp(lamps, "ann")
    assert snap_compare(app, terminal_size=WIDE, run_before=driven(["x", "z"]))


def driven(keys: list[str]) -> Any:
    """Press keys, and wait for all that they lead to."""

    async def drive(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, CuratorApp)
        await settle(app, pilot)
        await press(app, pilot, *keys)
        await pilot.pause(0.15)
        await settle(app, pilot)

    return drive
