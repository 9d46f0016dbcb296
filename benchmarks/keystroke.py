"""Key to painted next turn, in a real pseudo-terminal on the demo workspace, and the durable write behind it.

Keys alternate between skip, correct and looking ahead; a key counts as painted when the header names another
turn and the screen's body was sent.
"""

from __future__ import annotations

import re
import tempfile
import time
from pathlib import Path

from terminal import Terminal, curator, figures

from curator.cli.demo import open_demo
from curator.model import Verdict
from curator.review import Desk

DECISIONS = 50
ROUNDS = 3
_SESSION = re.compile(r"home-\d+")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = open_demo(Path(folder) / "demo")
        home.close()
        painted = []
        with Terminal(curator(), home.folder) as terminal:
            terminal.wait(lambda lines: any(" of 55 " in x for x in lines))
            terminal.settle()
            for _ in range(ROUNDS):
                painted += [press(terminal, "y" if n % 2 else "x") for n in range(DECISIONS)]
                for _ in range(DECISIONS):
                    press(terminal, "u")
            memory = terminal.memory_mb()
        report("key → painted", painted)
        print(f"resident memory {memory:.0f} MB")
        report("durable write", list(durable(home.folder)))


def press(terminal: Terminal, key: str) -> float:
    """Press a key that changes the turn; return milliseconds until the change was on the terminal."""
    before = shown(terminal.lines)
    sent = terminal.press(key)
    moment = terminal.wait(lambda lines: shown(lines) not in (None, before), timeout=5)
    terminal.settle(0.03)
    return (moment - sent) * 1000


def shown(lines: list[str]) -> str | None:
    """The session in the header, which changes with every turn of the demo."""
    match = _SESSION.search(lines[0]) or _SESSION.search(lines[1])
    return match[0] if match else None


def durable(folder: Path) -> list[float]:
    """Milliseconds of single decisions until they are on disk."""
    home = open_demo(folder)
    desk = Desk(home.store, home.profile, "bench")
    verdicts: tuple[Verdict, ...] = ("correct", "incorrect", "skip")
    times = []
    for n in range(300):
        began = time.perf_counter()
        desk.verdict(n % 380 + 1, verdicts[n % 3])
        times.append((time.perf_counter() - began) * 1000)
    home.close()
    return times


def report(name: str, values: list[float]) -> None:
    print(f"{name:15} {figures(values)}")


if __name__ == "__main__":
    main()
