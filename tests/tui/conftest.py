"""Apps on small workspaces, and one way to wait until everything is settled."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from textual.pilot import Pilot

from curator.stopwatch import Stopwatch
from curator.tui.app import CuratorApp
from curator.tui.screens.review import ReviewScreen
from curator.workspace import Workspace
from tests.tui.workspaces import house, make_workspace

Driven = tuple[CuratorApp, Pilot[None]]
Drive = Callable[..., AbstractAsyncContextManager[Driven]]


async def settle(app: CuratorApp, pilot: Pilot[None]) -> None:
    """Wait for messages, workers and what they lead to."""
    for _ in range(3):
        await pilot.pause()
        await app.workers.wait_for_complete()
    await pilot.pause()


async def press(app: CuratorApp, pilot: Pilot[None], *keys: str) -> None:
    """Press keys one by one, each settled before the next."""
    for key in keys:
        await pilot.press(key)
        await settle(app, pilot)


def review(app: CuratorApp) -> ReviewScreen:
    """Return the review screen of an app."""
    screen = app.screen_stack[0]
    assert isinstance(screen, ReviewScreen)
    return screen


def text(app: CuratorApp, id: str) -> str:
    """Return what a line or a column says."""
    widget = app.screen.query_one(f"#{id}")
    return widget.plain if hasattr(widget, "plain") else str(widget.render())


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep settings of the machine out, and fix what the reviewer and colours would depend on."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr("curator.tui.screens.sitting.Stopwatch", partial(Stopwatch, lambda: 0.0))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Return a workspace of six turns."""
    return make_workspace(tmp_path / "ws", house())


@pytest.fixture
def drive() -> Drive:
    """Open an app on a workspace and drive it by keys."""

    @asynccontextmanager
    async def open_app(workspace: Workspace, size: tuple[int, int] = (160, 48)) -> AsyncIterator[Driven]:
        app = CuratorApp(workspace, "ann")
        async with app.run_test(size=size, notifications=True) as pilot:
            await settle(app, pilot)
            yield app, pilot

    return open_app
