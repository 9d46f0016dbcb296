"""The screens in a real browser: keys arrive, what they do is painted, decisions are in the journal.

Needs Chromium; without it nothing is tested. ``pytest --basetemp DIR`` keeps the pictures.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from curator.workspace import Workspace
from tests.shared import ROOT
from tests.tui.workspaces import house, make_workspace

aiohttp = pytest.importorskip("aiohttp")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
_PATIENCE_S = 60


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def served(home: Workspace, config: Path) -> Iterator[str]:
    """Serve a workspace; yield where."""
    port = _free_port()
    command = [sys.executable, "-m", "curator", "--workspace", str(home.folder), "--reviewer", "ann"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(config), "XDG_CONFIG_HOME": str(config)}
    with subprocess.Popen(
        [*command, "serve", "--port", str(port)], stderr=subprocess.PIPE, text=True, env=environment
    ) as server:
        assert server.stderr is not None
        try:
            assert str(port) in server.stderr.readline()
            yield f"http://localhost:{port}"
        finally:
            server.terminate()


class Page:
    """A page of a headless browser, driven over its debugging socket."""

    def __init__(self, socket: Any, pictures: Path) -> None:
        self._socket, self._pictures, self._number = socket, pictures, 0

    async def call(self, method: str, **params: Any) -> Any:
        """Ask the browser for something and return its answer."""
        self._number += 1
        await self._socket.send_json({"id": self._number, "method": method, "params": params})
        async for message in self._socket:
            answer = json.loads(message.data)
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]
        raise AssertionError("the browser went away")

    async def press(self, key: str) -> None:
        """Press a key as a person would: down, the letter, up."""
        known = {"key": key, "text": key, "windowsVirtualKeyCode": ord(key.upper())}
        if key == "Escape":
            known = {"key": key, "code": key, "windowsVirtualKeyCode": 27}
        await self.call("Input.dispatchKeyEvent", type="keyDown", **known)
        await self.call("Input.dispatchKeyEvent", type="keyUp", key=key)

    async def picture(self, name: str) -> bytes:
        """Take a picture; it is kept in the folder of the test."""
        data = base64.b64decode((await self.call("Page.captureScreenshot", format="png"))["data"])
        (self._pictures / f"{name}.png").write_bytes(data)
        return data

    async def started(self) -> None:
        """Wait until the page has its first bytes from the screens."""
        async with asyncio.timeout(_PATIENCE_S):
            while "-first-byte" not in await self._body_classes():
                await asyncio.sleep(0.2)

    async def _body_classes(self) -> str:
        answer = await self.call("Runtime.evaluate", expression="document.body && document.body.className")
        return str(answer["result"].get("value"))

    async def changed(self, name: str, before: bytes) -> bytes:
        """Wait until the page shows something else, and then stands still."""
        async with asyncio.timeout(_PATIENCE_S):
            seen, still = before, 0
            while True:
                await asyncio.sleep(0.4)
                now = await self.picture(name)
                still = still + 1 if now == seen != before else 0
                if still >= 2:
                    return now
                seen = now


@asynccontextmanager
async def browser(profile: Path, pictures: Path) -> AsyncIterator[Page]:
    """Start a headless browser on an empty page."""
    port = _free_port()
    command = [
        str(CHROMIUM),
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        f"--user-data-dir={profile}",
        f"--remote-debugging-port={port}",
        "--window-size=1300,800",
        "about:blank",
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            async with aiohttp.ClientSession() as client:
                url = await _page_url(client, port)
                async with client.ws_connect(url, max_msg_size=0) as socket:
                    yield Page(socket, pictures)
        finally:
            process.terminate()


async def _page_url(client: Any, port: int) -> str:
    async with asyncio.timeout(_PATIENCE_S):
        while True:
            try:
                async with client.get(f"http://127.0.0.1:{port}/json") as answer:
                    pages = [one for one in await answer.json() if one["type"] == "page"]
                if pages:
                    return str(pages[0]["webSocketDebuggerUrl"])
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.2)


async def _journal_has(home: Workspace, states: dict[str, int]) -> None:
    async with asyncio.timeout(_PATIENCE_S):
        while {k: n for k, n in home.store.totals().states.items() if n and k != "undecided"} != states:
            await asyncio.sleep(0.1)


async def test_keys_typed_in_a_browser(tmp_path: Path) -> None:
    home = make_workspace(tmp_path / "ws", house())
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    with served(home, tmp_path / "config") as url:
        async with browser(tmp_path / "profile", pictures) as page:
            blank = await page.picture("0-blank")
            await page.call("Emulation.setFocusEmulationEnabled", enabled=True)
            await page.call("Page.navigate", url=url)
            await page.started()
            shown = await page.changed("1-review", blank)
            await page.press("y")
            shown = await page.changed("2-after-y", shown)
            await _journal_has(home, {"correct": 1})
            await page.press("n")
            shown = await page.changed("3-after-n", shown)
            await page.press("k")
            shown = await page.changed("4-after-k", shown)
            await _journal_has(home, {"correct": 1, "incorrect": 1})
            await page.press("u")
            shown = await page.changed("5-after-u", shown)
            await _journal_has(home, {"correct": 1})
            await page.press("B")
            shown = await page.changed("6-after-B", shown)
            await page.press("?")
            await page.changed("7-after-question-mark", shown)
    acts = [(one.kind, one.verdict, one.reviewer) for one in home.store.journal.all()]
    assert acts == [("verdict", "correct", "ann"), ("verdict", "incorrect", "ann"), ("undo", None, "ann")]
