"""The screens in a browser: what is served, to whom, and that the first frame comes."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from curator.errors import CuratorError
from tests.shared import ROOT

aiohttp = pytest.importorskip("aiohttp")
pytest.importorskip("textual_serve")

from curator.tui.serving import check_host  # noqa: E402


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """Serve an empty workspace and end it after the test."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "CURATOR_REVIEWER": "ann"}
    with subprocess.Popen(
        [sys.executable, "-m", "curator", "serve", "--port", str(port), "--workspace", str(tmp_path / "ws")],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        text=True,
        env=environment,
    ) as server:
        assert server.stderr is not None
        assert f"http://localhost:{port}" in server.stderr.readline()
        yield port
        server.terminate()
        server.wait(20)


async def _connects(port: int) -> None:
    for _ in range(100):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            await writer.wait_closed()
            return
    raise AssertionError("the server never listened")


async def test_page_and_first_frame(port: int) -> None:
    await _connects(port)
    url = f"http://127.0.0.1:{port}"
    async with aiohttp.ClientSession() as client:
        async with client.get(url) as page:
            assert page.status == 200
            assert "textual.js" in await page.text()
            assert "default-src 'self'" in page.headers["Content-Security-Policy"]
        async with client.ws_connect(f"{url}/ws?width=120&height=30", origin=url) as ws:
            seen = b""
            async with asyncio.timeout(60):
                while b"No workspace in" not in seen:
                    seen += await ws.receive_bytes()
            await ws.send_str(json.dumps(["stdin", "\x11"]))


async def test_pages_of_others_are_refused(port: int) -> None:
    await _connects(port)
    url = f"http://127.0.0.1:{port}"
    async with aiohttp.ClientSession() as client:
        for path, headers in (
            ("/ws", {"Origin": "http://elsewhere.example"}),
            ("/ws", {"Origin": f"http://localhost:{port + 1}"}),
            ("/ws", {"Origin": "null"}),
            ("/", {"Host": f"elsewhere.example:{port}"}),
        ):
            async with client.get(url + path, headers=headers) as answer:
                assert answer.status == 403, headers


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "example.org", ""])
def test_only_this_machine_is_served(host: str) -> None:
    with pytest.raises(CuratorError, match="no login"):
        check_host(host)
