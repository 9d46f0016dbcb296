"""The correction editor in a real pseudo-terminal: what a kill -9 leaves, and an editor of one's own."""

from __future__ import annotations

import os
import signal
import stat
import sys
import time
from pathlib import Path
from select import select

import pytest
from ptyprocess import PtyProcess

from curator.review.draft_files import DraftShelf
from tests.shared import ROOT
from tests.tui.test_terminal import START, read_until
from tests.tui.workspaces import house, make_workspace

SIZE = (40, 140)


def start(folder: Path, **more: str) -> PtyProcess:
    """Open the app on a workspace in a pseudo-terminal."""
    environment = {
        **os.environ,
        "TERM": "xterm-256color",
        "PYTHONPATH": str(ROOT),
        "HOME": str(folder),
        **more,
    }
    return PtyProcess.spawn([sys.executable, "-c", START, str(folder)], dimensions=SIZE, env=environment)


def drain(terminal: PtyProcess) -> None:
    """Read what the app wrote, which would wait for ever for somebody to do so."""
    while select([terminal.fd], [], [], 0.05)[0]:
        terminal.read(65536)


def wait_for_draft(terminal: PtyProcess, shelf: DraftShelf, words: str, seconds: float = 30) -> str:
    """Wait until the one draft on disk holds the words; return its key."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        drain(terminal)
        for key in shelf.turn_keys():
            kept = shelf.load(key)
            if kept is not None and words in repr(kept):
                return key
    raise AssertionError(shelf.turn_keys())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_workspace(tmp_path / "ws", house()).close()
    return tmp_path / "ws"


def test_a_draft_survives_a_kill_and_is_opened_by_another_process(folder: Path) -> None:
    shelf = DraftShelf(folder, "ann")
    terminal = start(folder)
    try:
        read_until(terminal, b"turn 1 of 6")
        terminal.write(b"e")
        read_until(terminal, b"SAVING CREATES")
        terminal.write(b"\t")
        time.sleep(0.3)
        terminal.write(b"Warmer then. ")
        key = wait_for_draft(terminal, shelf, "Warmer then.")
    finally:
        terminal.kill(signal.SIGKILL)
        terminal.wait()
    kept = shelf.load(key)
    assert kept is not None and kept.thinking.startswith("Warmer then. The user is cold")

    terminal = start(folder)
    try:
        read_until(terminal, "✎ draft".encode())
        terminal.write(b"e")
        read_until(terminal, b"your draft")
        terminal.write(b"\x0f")  # ctrl+o
        time.sleep(0.5)
        terminal.write(b"22")
        time.sleep(0.5)
        terminal.write(b"\x13")  # ctrl+s
        read_until(terminal, b"corrected")
        end = time.monotonic() + 30
        while shelf.turn_keys() and time.monotonic() < end:
            drain(terminal)
    finally:
        terminal.kill(signal.SIGKILL)
        terminal.wait()
    assert shelf.turn_keys() == []


@pytest.mark.parametrize("key", [b"\x1b[15~", b"\x0f"])
def test_a_suggestion_is_one_key_away(folder: Path, key: bytes) -> None:
    terminal = start(folder)
    try:
        read_until(terminal, b"turn 1 of 6")
        terminal.write(b"e")
        read_until(terminal, b"SAVING CREATES")
        terminal.write(key)
        wait_for_draft(terminal, DraftShelf(folder, "ann"), "name='heating.set'")
    finally:
        terminal.kill(signal.SIGKILL)
        terminal.wait()


def test_the_text_goes_through_the_editor_of_the_reviewer(folder: Path, tmp_path: Path) -> None:
    told = tmp_path / "told"
    editor = tmp_path / "editor.py"
    editor.write_text(
        "import pathlib, stat, sys\n"
        f"path = pathlib.Path(sys.argv[1]); told = pathlib.Path({str(told)!r})\n"
        "told.write_text(f'{path.name} {stat.S_IMODE(path.parent.stat().st_mode):o} {path.read_text()}')\n"
        "path.write_text('Written elsewhere.\\n')\n"
    )
    terminal = start(folder, VISUAL=f"{sys.executable} {editor}")
    try:
        read_until(terminal, b"turn 1 of 6")
        terminal.write(b"e")
        read_until(terminal, b"SAVING CREATES")
        terminal.write(b"\t")
        time.sleep(0.3)
        terminal.write(b"\x05")  # ctrl+e
        key = wait_for_draft(terminal, DraftShelf(folder, "ann"), "Written elsewhere.")
    finally:
        terminal.kill(signal.SIGKILL)
        terminal.wait()
    name, mode, text = told.read_text().split(" ", 2)
    assert name == "thinking.md" and int(mode, 8) == stat.S_IRWXU and text.startswith("The user is cold")
    kept = DraftShelf(folder, "ann").load(key)
    assert kept is not None and kept.thinking == "Written elsewhere."
