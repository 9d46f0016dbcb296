"""Time from typing ``curator`` to the first painted screen and to the first turn, on the demo workspace.

The yardstick in the same run is a Textual app that shows one word: below it no Textual program can go.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from terminal import Terminal, curator

from curator.cli.demo import open_demo

RUNS = 7
EMPTY_APP = """
from textual.app import App
from textual.widgets import Static
class Empty(App):
    def compose(self):
        yield Static("painted")
Empty().run()
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = open_demo(Path(folder) / "demo")
        home.close()
        paint, usable, empty = [], [], []
        for _ in range(RUNS):
            with Terminal([sys.executable, "-c", EMPTY_APP], Path(folder)) as terminal:
                empty.append(terminal.wait(lambda lines: "painted" in lines[0]) - terminal.started)
            with Terminal(curator(), home.folder) as terminal:
                paint.append(
                    terminal.wait(lambda lines: "Curator" in lines[0] or " of 55 " in lines[0])
                    - terminal.started
                )
                usable.append(
                    terminal.wait(lambda lines: any(" of 55 " in x for x in lines)) - terminal.started
                )
                terminal.settle()
                memory = terminal.memory_mb()
        for name, values in (("empty Textual app", empty), ("first paint", paint), ("first turn", usable)):
            print(f"{name:18} median {statistics.median(values):.3f} s   best {min(values):.3f} s")
        ratio = statistics.median(paint) / statistics.median(empty)
        print(f"first paint / empty app: {ratio:.2f} ×   resident memory {memory:.0f} MB")


if __name__ == "__main__":
    main()
