"""Drives a program in a real pseudo-terminal and says when its screen changed, for the benchmarks."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import pyte

Seen = Callable[[list[str]], bool]


class Terminal:
    """A program in a pseudo-terminal of 160 × 48, its screen kept by a terminal emulator.

    Output is stamped when it is read and emulated only afterwards, so that the emulator's own time
    is not counted.
    """

    def __init__(self, arguments: list[str], folder: Path, *, columns: int = 160, rows: int = 48) -> None:
        self.written = bytearray()
        """Everything that the program wrote, for who looks for escapes."""
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._unseen: list[tuple[float, bytes]] = []
        self.started = time.perf_counter()
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            # The program may ask for the size at once, so the child itself sets it.
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.chdir(folder)
            kept = {name: text for name, text in os.environ.items() if name not in ("COLUMNS", "LINES")}
            environment = kept | {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
            os.execve(arguments[0], arguments, environment)

    def press(self, keys: str) -> float:
        """Send keys; return the moment they were sent."""
        moment = time.perf_counter()
        with contextlib.suppress(OSError):
            os.write(self._fd, keys.encode())
        return moment

    def kill(self) -> None:
        """End the program as a power cut would; what it wrote before can still be read."""
        os.kill(self.pid, signal.SIGKILL)

    def look(self, seconds: float = 0.0) -> list[str]:
        """Return the screen after everything that comes within so many seconds, the first output at least."""
        for _, data in [*self._unseen, *self._read(seconds)]:
            self._stream.feed(data)
        self._unseen.clear()
        return self.lines

    def wait(self, seen: Seen, timeout: float = 30.0) -> float:
        """Return the moment of the output after which ``seen(lines)`` first holds.

        Raises:
            TimeoutError: It did not hold in time; the message has the screen.
        """
        deadline = time.perf_counter() + timeout
        while time.perf_counter() < deadline:
            self._unseen += self._read()
            while self._unseen:
                moment, data = self._unseen.pop(0)
                self._stream.feed(data)
                if seen(self.lines):
                    return moment
        raise TimeoutError("\n".join(self.lines))

    def settle(self, quiet: float = 0.15) -> None:
        """Read until nothing came for ``quiet`` seconds."""
        while chunks := [*self._unseen, *self._read(quiet)]:
            self._unseen.clear()
            for _, data in chunks:
                self._stream.feed(data)

    def quiet(self, pause: float, timeout: float = 60.0) -> float | None:
        """Read until nothing came for so long; return the moment of the last output, None for none."""
        last, end = None, time.perf_counter() + timeout
        while (chunks := [*self._unseen, *self._read(pause)]) and time.perf_counter() < end:
            self._unseen.clear()
            for _, data in chunks:
                self._stream.feed(data)
            last = chunks[-1][0]
        return last

    @property
    def lines(self) -> list[str]:
        """The screen as it is now."""
        # pyte's own ``display`` fails on a combining mark that has no cell to stand in.
        buffer, columns = self._screen.buffer, range(self._screen.columns)
        return ["".join(buffer[y][x].data for x in columns) for y in range(self._screen.lines)]

    def memory_mb(self) -> float:
        """Resident memory of the program."""
        text = Path(f"/proc/{self.pid}/status").read_text()
        return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("VmRSS")) / 1024

    def _read(self, timeout: float = 0.05) -> list[tuple[float, bytes]]:
        chunks = []
        while select.select([self._fd], [], [], timeout if not chunks else 0.002)[0]:
            try:
                data = os.read(self._fd, 65536)
            except OSError:
                break
            chunks.append((time.perf_counter(), data))
            self.written += data
        return chunks

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        os.waitpid(self.pid, 0)
        os.close(self._fd)


def curator() -> list[str]:
    """Return the command that opens the screens: this interpreter with the ``curator`` that it imports."""
    return [sys.executable, "-m", "curator"]


ECHO = """
from textual.app import App
from textual.widgets import Static
class Echo(App):
    pressed = 0
    def compose(self):
        yield Static("painted 0")
    def on_key(self):
        self.pressed += 1
        self.query_one(Static).update(f"painted {self.pressed}")
Echo().run()
"""
"""A Textual app that shows one line: below its times no Textual program can go."""


def echo_times(folder: Path, presses: int = 200) -> list[float]:
    """Milliseconds from a key to its echo in an otherwise empty Textual app."""
    with Terminal([sys.executable, "-c", ECHO], folder) as terminal:
        terminal.wait(lambda lines: "painted 0" in lines[0])
        terminal.settle()
        times = []
        for number in range(1, presses + 1):
            sent = terminal.press("k")
            wanted = f"painted {number} "
            times.append((terminal.wait(lambda lines, wanted=wanted: wanted in lines[0]) - sent) * 1000)
            terminal.settle(0.03)
        return times


def figures(values: list[float]) -> str:
    """Return n, the percentiles and the maximum of milliseconds."""
    shares = "   ".join(f"p{round(100 * q)} {percentile(values, q):.1f}" for q in (0.5, 0.95, 0.99))
    return f"n {len(values)}   {shares}   max {max(values):.1f} ms"


def percentile(values: list[float], share: float) -> float:
    """Return the nearest-rank percentile."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered)) - 1))]
