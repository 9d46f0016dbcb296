"""Pictures of the main screens. `make snapshots` writes them anew after a wanted change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from curator.model import Finding, Output, Turn
from curator.tui.app import CuratorApp
from curator.workspace import Workspace
from tests.tui.conftest import press, settle
from tests.tui.workspaces import RICH_PROFILE, house, make_workspace, turn

WIDE, NARROW = (160, 48), (80, 24)


@pytest.mark.parametrize(
    ("name", "size", "theme", "keys"),
    [
        ("review-wide", WIDE, "curator-dark", []),
        ("review-narrow", NARROW, "curator-dark", []),
        ("review-light", WIDE, "curator-light", ["y"]),
        ("review-contrast", (120, 36), "curator-contrast", ["y", "y"]),
        ("reasons", WIDE, "curator-dark", ["n"]),
        ("finished", NARROW, "curator-dark", list("yyyyyy")),
        ("keys", WIDE, "curator-dark", ["question_mark"]),
        ("editor-wide", WIDE, "curator-dark", ["e", "ctrl+o"]),
        ("editor-narrow", NARROW, "curator-light", ["e"]),
        ("picker", WIDE, "curator-dark", ["e", "ctrl+t", "h"]),
    ],
)
def test_screen(
    name: str, size: tuple[int, int], theme: str, keys: list[str], workspace: Workspace, snap_compare: Any
) -> None:
    app = CuratorApp(workspace, "ann", theme=theme)

    async def drive(pilot: Pilot[None]) -> None:
        await settle(app, pilot)
        await press(app, pilot, *keys)
        await pilot.pause(0.15)

    assert snap_compare(app, terminal_size=size, run_before=drive)


@pytest.mark.parametrize(
    ("name", "size", "theme", "keys"),
    [
        ("missing", WIDE, "curator-dark", ["w"]),
        ("hide-narrow", NARROW, "curator-light", ["h", "down", "space"]),
        ("hide-wide", WIDE, "curator-dark", ["h"]),
        ("missing-narrow", NARROW, "curator-light", ["w"]),
        ("tags-wide", WIDE, "curator-light", ["t"]),
        ("tags-narrow", NARROW, "curator-dark", ["t"]),
        ("note-wide", WIDE, "curator-dark", ["N"]),
        ("note-narrow", NARROW, "curator-light", ["N"]),
        ("guidelines-wide", WIDE, "curator-light", ["G"]),
        ("guidelines-narrow", NARROW, "curator-dark", ["G"]),
    ],
)
def test_what_stands_over_the_turn(
    name: str, size: tuple[int, int], theme: str, keys: list[str], tmp_path: Path, snap_compare: Any
) -> None:
    turns = secrets() if name.startswith("hide") else house()
    workspace = make_workspace(tmp_path / "rich", turns, rules=RICH_PROFILE)
    app = CuratorApp(workspace, "ann", theme=theme)

    async def drive(pilot: Pilot[None]) -> None:
        await settle(app, pilot)
        await press(app, pilot, *keys)
        await pilot.pause(0.15)

    assert snap_compare(app, terminal_size=size, run_before=drive)


def secrets() -> list[tuple[Turn, tuple[Finding, ...]]]:
    """Return one turn with a mail address and a token."""
    output = Output("I write to jane.roe@nordwind-kontor.de.", "I sent it to jane.roe@nordwind-kontor.de.")
    request = "Write to jane.roe@nordwind-kontor.de that my key is AKIAIOSFODNN7EXAMPLQ."
    return [(turn(0, request, output), ())]
