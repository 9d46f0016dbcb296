"""Pictures of the screen that compares answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from curator.store import Answer
from curator.tui.app import CuratorApp
from curator.workspace import Workspace
from tests.tui.conftest import press, settle
from tests.tui.workspaces import house, make_workspace

BETTER = """<think>
The user is cold in the bedroom and wants 22 degrees. I should call heating.set for the bedroom.
</think>

<tool_call>
{"name": "heating.set", "arguments": {"room": "bedroom", "celsius": 22}}
</tool_call>"""
OTHER = """<think>
The user is cold in the bedroom. I should call heating.set with 25 degrees, then say so.
</think>

I make it warmer.
<tool_call>
{"name": "heating.set", "arguments": {"room": "bedroom", "celsius": 25}}
</tool_call>"""
POLITE = "<think>\nNothing to do.\n</think>\n\nYou are welcome. Good night, and sleep well!"


def answered(folder: Path) -> Workspace:
    """Return a workspace with two generated answers to its first turn and one to its second."""
    workspace = make_workspace(folder, house())
    answers = [Answer(1, BETTER, "base"), Answer(1, OTHER, "base+adapter"), Answer(2, POLITE, "base")]
    workspace.store.answers.add(answers)
    return workspace


@pytest.mark.parametrize(
    ("name", "size", "theme", "keys"),
    [
        ("wide", (160, 48), "curator-dark", ["p", "right"]),
        ("narrow", (80, 24), "curator-light", ["B", "p", "x", "left", "left_square_bracket"]),
        ("empty", (120, 36), "curator-dark", ["B", "p"]),
    ],
)
def test_pairs(
    name: str, size: tuple[int, int], theme: str, keys: list[str], tmp_path: Path, snap_compare: Any
) -> None:
    make = answered if name != "empty" else lambda folder: make_workspace(folder, house())
    app = CuratorApp(make(tmp_path / name), "ann", theme=theme)

    async def drive(pilot: Pilot[None]) -> None:
        await settle(app, pilot)
        await press(app, pilot, *keys)
        await pilot.pause(0.15)

    assert snap_compare(app, terminal_size=size, run_before=drive)
