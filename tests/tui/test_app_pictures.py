"""Pictures of the start, of what stands over the screens, and of the notices."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from curator.jobs import Progress
from curator.store import SavedView
from curator.tui.app import CuratorApp
from curator.tui.tour import Tour
from curator.workspace import Workspace
from tests.tui.conftest import press, settle
from tests.tui.workspaces import house, make_workspace

WIDE, NARROW = (160, 48), (80, 24)


def no_demo(progress: Progress) -> Workspace:
    raise OSError("no demo here")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder with a log, so that the path on the picture is always the same."""
    home = tmp_path / "agent"
    (home / "logs").mkdir(parents=True)
    rows = [
        {"messages": [{"role": "user", "content": f"say {n}"}, {"role": "assistant", "content": str(n)}]}
        for n in range(3)
    ]
    lines = [json.dumps(row) for row in rows]
    (home / "logs" / "march.jsonl").write_text("\n".join([*lines, '{"messages": 3}', ""]))
    (home / "logs" / "notes.bin").write_bytes(b"\x00\x01")
    monkeypatch.chdir(home)
    return home


@pytest.mark.parametrize(
    ("name", "size", "theme", "path", "keys"),
    [
        ("start-wide", WIDE, "curator-dark", "", []),
        ("start-narrow", NARROW, "curator-light", "logs/", []),
        ("report-wide", WIDE, "curator-light", "logs", ["enter"]),
        ("report-narrow", NARROW, "curator-dark", "logs", ["enter"]),
    ],
    ids=["start-wide", "start-narrow", "report-wide", "report-narrow"],
)
def test_start(
    name: str, size: tuple[int, int], theme: str, path: str, keys: list[str], folder: Path, snap_compare: Any
) -> None:
    app = CuratorApp(Workspace.at(Path()), "ann", theme=theme, make_demo=no_demo)

    async def drive(pilot: Pilot[None]) -> None:
        await settle(app, pilot)
        field = app.screen.query_one("#path", Input)
        field.value, field.cursor_blink = path, False
        field.cursor_position = len(path)
        await pilot.pause(0.2)
        await settle(app, pilot)
        await press(app, pilot, *keys)
        await pilot.pause(0.15)

    assert snap_compare(app, terminal_size=size, run_before=drive)


@pytest.mark.parametrize(
    ("name", "size", "theme", "keys"),
    [
        ("keys-narrow", NARROW, "curator-light", ["question_mark"]),
        ("tour-wide", WIDE, "curator-light", []),
        ("tour-narrow", NARROW, "curator-dark", ["y"]),
        ("reasons-narrow", NARROW, "curator-light", ["n"]),
        ("sessions-narrow", NARROW, "curator-dark", ["B", "S"]),
        ("views-wide", WIDE, "curator-dark", ["B", "v"]),
        ("views-narrow", NARROW, "curator-light", ["B", "v"]),
        ("palette-wide", WIDE, "curator-dark", ["ctrl+p"]),
    ],
)
def test_over_the_screens(
    name: str, size: tuple[int, int], theme: str, keys: list[str], tmp_path: Path, snap_compare: Any
) -> None:
    workspace = make_workspace(tmp_path / "ws", house())
    for view in (("broken", "check:malformed", "newest"), ("two calls", "calls:>1 verdict:none", "calls")):
        workspace.store.views.save(SavedView(*view, "bea", "2026-03-04T18:00:00"))
    tour = Tour(None, 0) if name.startswith("tour") else None
    app = CuratorApp(workspace, "ann", theme=theme, tour=tour)

    async def drive(pilot: Pilot[None]) -> None:
        await settle(app, pilot)
        await press(app, pilot, *keys)
        for field in app.screen.query(Input):
            field.cursor_blink = False
        await pilot.pause(0.4)
        await settle(app, pilot)

    assert snap_compare(app, terminal_size=size, run_before=drive)


def test_too_small(workspace: Workspace, snap_compare: Any) -> None:
    app = CuratorApp(workspace, "ann")

    async def drive(pilot: Pilot[None]) -> None:
        await settle(app, pilot)
        await pilot.pause(0.1)

    assert snap_compare(app, terminal_size=(64, 16), run_before=drive)
