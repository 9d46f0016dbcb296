"""Pictures of the Dataset screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from curator.tui.app import CuratorApp
from tests.tui.conftest import press, settle
from tests.tui.datasets import copied_workspace
from tests.tui.workspaces import make_workspace

WIDE, NARROW = (160, 48), (80, 24)


@pytest.mark.parametrize(
    ("name", "size", "theme", "keys"),
    [
        ("meters-wide", WIDE, "curator-dark", ["D"]),
        ("plots-wide-light", WIDE, "curator-light", ["D", "2"]),
        ("meters-narrow", NARROW, "curator-dark", ["D"]),
        ("tiers-narrow-light", NARROW, "curator-light", ["D", "3"]),
        ("copies", (120, 36), "curator-contrast", ["D", "4", "x"]),
        ("group", WIDE, "curator-light", ["D", "4", "down", "enter"]),
        ("private-narrow", NARROW, "curator-dark", ["D", "5"]),
        ("freezing", WIDE, "curator-dark", ["D", "6", "f", "enter"]),
    ],
)
def test_dataset(
    name: str, size: tuple[int, int], theme: str, keys: list[str], tmp_path: Path, snap_compare: Any
) -> None:
    app = CuratorApp(copied_workspace(tmp_path / "house"), "ann", theme=theme)

    async def drive(pilot: Pilot[None]) -> None:
        await settle(app, pilot)
        await press(app, pilot, *keys)
        for line in app.screen.query(Input):
            line.cursor_blink = False
        await pilot.pause(0.15)
        await settle(app, pilot)

    assert snap_compare(app, terminal_size=size, run_before=drive)


def test_empty(tmp_path: Path, snap_compare: Any) -> None:
    app = CuratorApp(make_workspace(tmp_path / "empty", []), "ann")

    async def drive(pilot: Pilot[None]) -> None:
        await settle(app, pilot)
        await app.action_go("dataset")
        await settle(app, pilot)

    assert snap_compare(app, terminal_size=NARROW, run_before=drive)
