"""Takes the pictures of the README from the demo workspace: ``python docs/pictures.py``."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from curator.cli.demo import open_demo
from curator.tui.app import CuratorApp

IMAGES = Path(__file__).with_name("images")


async def take(size: tuple[int, int], name: str, folder: Path, *keys: str) -> None:
    """Open the demo, press keys, save the screen as SVG."""
    app = CuratorApp(open_demo(folder), "ann", demo=True)
    async with app.run_test(size=size) as pilot:
        while app.flow is None:
            await pilot.pause(0.05)
        for key in keys:
            await pilot.press(key)
            await app.workers.wait_for_complete()
            await pilot.pause(0.3)
        await app.workers.wait_for_complete()
        await pilot.pause(0.3)
        app.save_screenshot(f"{name}.svg", str(IMAGES))


def main() -> None:
    """Take every picture."""
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / "demo"
        asyncio.run(take((160, 30), "review", folder))
        asyncio.run(take((160, 42), "editor", folder, "e"))
        asyncio.run(take((80, 24), "narrow", folder))
        asyncio.run(take((160, 42), "browse", folder, "B", "space", "space"))
        asyncio.run(take((160, 42), "train", folder, "T"))


if __name__ == "__main__":
    main()
