"""Pictures of the correction editor. `make snapshots` writes them anew after a wanted change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from curator.checks import Context, run_checks
from curator.model import Output, ToolCall, ToolSpec
from curator.tui.app import CuratorApp
from curator.workspace import Workspace
from tests.tui.conftest import press, settle
from tests.tui.workspaces import make_workspace, turn

PLAN = ToolSpec(
    "plan.write",
    "Write a plan down: its steps in order, and how they are run.",
    {
        "type": "object",
        "properties": {
            "steps": {"type": "array", "items": {"type": "string"}, "description": "One sentence each."},
            "script": {"type": "string", "description": "Shell to run."},
            "options": {
                "type": "object",
                "properties": {
                    "dry": {"type": "boolean", "description": "Only say what would be done."},
                    "level": {"type": "string", "enum": ["low", "high", "extreme"]},
                    "limit": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
                },
                "required": ["dry"],
            },
            "notes": {"type": "string"},
        },
        "required": ["steps", "script", "options"],
        "additionalProperties": False,
    },
)
ARGUMENTS = {
    "steps": ["look at the sources", "run [bold]everything[/]"],
    "script": "set -e\nfor file in *.py; do\n  python $file\ndone\n",
    "options": {"dry": "yes", "limit": 3},
    "urgent": True,
}


@pytest.fixture
def plan(tmp_path: Path) -> Workspace:
    """Return a workspace of one turn whose call has nested arguments, some of them wrong."""
    thinking = "Two steps. I should call plan.write, dry at first."
    made = turn(0, "Plan it.", Output(thinking, None, (ToolCall("plan.write", ARGUMENTS),)), tools=(PLAN,))
    return make_workspace(tmp_path / "plan", [(made, run_checks(made, Context()))])


@pytest.mark.parametrize(
    ("name", "size", "theme", "keys"),
    [
        ("nested-wide", (140, 44), "curator-dark", ["e"]),
        ("long-text-narrow", (80, 24), "curator-dark", ["e", "up", "up"]),
        ("corrected-light", (140, 44), "curator-light", ["e", "f5", "ctrl+l", "ctrl+l", "ctrl+g"]),
        ("suggestions-contrast", (100, 30), "curator-contrast", ["e", "ctrl+space"]),
    ],
)
def test_editor(
    name: str, size: tuple[int, int], theme: str, keys: list[str], plan: Workspace, snap_compare: Any
) -> None:
    app = CuratorApp(plan, "ann", theme=theme)

    async def drive(pilot: Pilot[None]) -> None:
        await settle(app, pilot)
        await press(app, pilot, *keys)
        await pilot.pause(0.1)

    assert snap_compare(app, run_before=drive, terminal_size=size)
