"""What others decide is heard: in the same process by a second desk, and between real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from ptyprocess import PtyProcess

from curator.datasets import count
from curator.review import Desk
from curator.workspace import Workspace
from tests.shared import ROOT
from tests.tui.conftest import Drive, press, settle, text
from tests.tui.test_terminal import START
from tests.tui.workspaces import RICH_PROFILE, house, make_workspace


async def test_the_turn_that_is_shown_and_the_meters_follow(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        turn = app.screen.card.turn.id
        Desk(workspace.store, workspace.profile, "ben").verdict(turn, "correct")
        await pilot.pause(0.5)
        await settle(app, pilot)
        assert "ben: ✓ correct on this turn" in text(app, "status")
        assert app.screen.card.resolution.reviewer == "ben" and "correct by ben" in text(app, "header")
        assert app.flow.meters == count(workspace.store, profile=workspace.profile)
        await press(app, pilot, "x")
        resolution = workspace.store.journal.resolution(turn)
        assert (resolution.reviewers, resolution.state) == (1, "skipped")
        await pilot.pause(0.5)
        await settle(app, pilot)
        assert app.flow.meters == count(workspace.store, profile=workspace.profile)


async def test_what_others_decided_is_no_longer_next(tmp_path: Path, drive: Drive) -> None:
    home = make_workspace(tmp_path / "rich", house(), rules=RICH_PROFILE)
    async with drive(home) as (app, pilot):
        following = app.flow.ids[1]
        desk = Desk(home.store, home.profile, "ben")
        desk.verdict(following, "skip")
        desk.tag(app.flow.ids[2], "replay")
        home.store.waivers.give("sft_rows", "only to see", "ben")
        await pilot.pause(0.5)
        await settle(app, pilot)
        assert "ben" in text(app, "status") and "1 more" in text(app, "status")
        assert "~1 waived" in text(app, "meters")
        await press(app, pilot, "y")
        assert app.flow.turn_id == app.flow.ids[2]
        await press(app, pilot, "B")
        desk.decide_all(list(app.flow.ids), "correct")
        await pilot.pause(0.5)
        await settle(app, pilot)
        assert "ben: ✓ correct" in text(app, "status")
        assert app.flow.meters == count(home.store, profile=home.profile)


def wait_for(terminal: PtyProcess, wanted: bytes, seconds: float = 30) -> float:
    """Return when the app wrote ``wanted``."""
    seen, end = b"", time.monotonic() + seconds
    while wanted not in seen:
        assert time.monotonic() < end, seen[-2000:].decode("utf-8", "replace")
        seen += terminal.read(65536)
    return time.monotonic()


def test_two_screens_and_the_command_line_share_a_workspace(tmp_path: Path) -> None:
    folder = tmp_path / "ws"
    make_workspace(folder, house()).close()
    environment = {**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}
    start = START.replace("'ann'", "sys.argv[2]")
    terminals = {
        who: PtyProcess.spawn(
            [sys.executable, "-c", start, str(folder), who], dimensions=(40, 140), env=environment
        )
        for who in ("ann", "ben")
    }
    try:
        for terminal in terminals.values():
            wait_for(terminal, b"of 6")
        terminals["ann"].write(b"y")
        wait_for(terminals["ben"], "✓ correct".encode())
        terminals["ben"].write(b"x")
        wait_for(terminals["ann"], b"skipped")
        verb = [sys.executable, "-m", "curator", "decide", "4", "--incorrect", "--reviewer", "eve"]
        subprocess.run(verb, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
        for terminal in terminals.values():
            wait_for(terminal, "✗ incorrect".encode())
        for key in (b"y", b"x", b"u"):
            for terminal in terminals.values():
                terminal.write(key)
            time.sleep(1.5)
    finally:
        for terminal in terminals.values():
            terminal.kill(signal.SIGKILL)
            terminal.wait()
    home = Workspace.open(folder)
    decisions = list(home.store.journal.all())
    assert [one.reviewer for one in decisions[:3]] == ["ann", "ben", "eve"]
    assert {one.reviewer for one in decisions[3:]} == {"ann", "ben"} and len(decisions) == 9
    counted = count(home.store, profile=home.profile)
    home.store.journal.recount()
    assert count(home.store, profile=home.profile) == counted
