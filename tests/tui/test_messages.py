"""Messages stand in lines of their own: they say how bad it is in a sign, and hide nothing."""

from __future__ import annotations

import pytest
from textual.widgets._toast import Toast

from curator.tui.app import CuratorApp
from curator.tui.problems import Problem
from curator.workspace import Workspace
from tests.tui.conftest import press, settle


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
@pytest.mark.parametrize("keys", [(), ("B",), ("T",), ("e",)])
async def test_a_message_covers_no_line(
    workspace: Workspace, size: tuple[int, int], keys: tuple[str, ...]
) -> None:
    app = CuratorApp(workspace, "ann")
    async with app.run_test(size=size, notifications=True) as pilot:
        await settle(app, pilot)
        await press(app, pilot, *keys)
        app.say(Problem("Not saved", "[/] the disk is full"))
        app.notify("! careful", severity="warning", markup=False)
        await pilot.pause(0.3)
        toasts = list(app.screen.query(Toast))
        assert [toast.region.y for toast in toasts] == [size[1] - 2, size[1] - 1]
        shown = [widget for widget in app.screen.children if widget.display and widget.visible]
        assert max(widget.region.bottom for widget in shown) == size[1] - 2
        said = [str(toast.render()) for toast in toasts]
        assert said == ["✗ Not saved: [/] the disk is full", "! careful"]
