"""Takes the pictures of README and guide from the demo workspace: ``python docs/pictures.py``."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import NamedTuple

from curator.cli.demo import demo_maker, open_demo
from curator.tui.app import CuratorApp
from curator.workspace import Workspace

IMAGES = Path(__file__).with_name("images")


class Shot(NamedTuple):
    """A picture: its name, the size of the terminal, and the keys that lead there."""

    name: str
    size: tuple[int, int]
    keys: tuple[str, ...] = ()
    mode: str = "review"


SHOTS = (
    Shot("review", (160, 30)),
    Shot("editor", (160, 42), ("e",)),
    Shot("browse", (160, 42), ("B", "space", "space"), "browse"),
    Shot("dataset", (160, 42), ("D",), "dataset"),
    Shot("train", (160, 42), ("T",), "train"),
    Shot("narrow", (80, 24)),
)


async def take(app: CuratorApp, shot: Shot) -> None:
    """Open the screens, press the keys, save the screen as SVG."""
    async with app.run_test(size=shot.size) as pilot:
        while app.is_opening:
            await pilot.pause(0.05)
        for key in ("", *shot.keys):
            if key:
                await pilot.press(key)
            await app.workers.wait_for_complete()
            await pilot.pause(0.3)
        await app.workers.wait_for_complete()
        await pilot.pause(0.3)
        app.save_screenshot(f"{shot.name}.svg", str(IMAGES))


def main() -> None:
    """Take every picture whose screen there is."""
    with tempfile.TemporaryDirectory() as parent:
        demo, empty = Path(parent) / "demo", Path(parent) / "agent"
        empty.mkdir()
        start = CuratorApp(Workspace.at(empty), "ann", make_demo=demo_maker())
        asyncio.run(take(start, Shot("start", (120, 26))))
        for shot in SHOTS:
            if shot.mode in CuratorApp.MODES:
                asyncio.run(take(CuratorApp(open_demo(demo), "ann", demo=True), shot))


if __name__ == "__main__":
    main()
