"""Reviews a hostile log in a real pseudo-terminal: what the terminal is sent, and how long each key takes.

Every turn is unfolded, scrolled to its end, opened in the editor and decided. Nothing that the log holds may
reach the terminal as a control, and no key may wait for the size of a text.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from hostile_log import CONTROLS, Size, write_hostile_log
from terminal import Terminal, curator, figures

from curator.ingest import ingest
from curator.workspace import Workspace

_HEADER_ID = re.compile(r" #(\d+) ")
_PAUSE = 0.1
_LONGEST_WAIT = 60.0
_ESCAPE = re.compile(
    rb"\x1b(?:\[[0-9;:<=>?]*[ -/]*[@-~]|[\]P_X^][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~])", re.DOTALL
)
_UNSEEN = re.compile(
    "[\x80-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_OWN_SHAPES = re.compile(
    rb"\x1b(?:\[[0-9;]*[mH]|\[\?[0-9;]+(?:[hl]|\$p)|\[[<>=]?[0-9;]*u|\[[?>]?[0-9;]*[cnqt]|\[[0-9]* q"
    rb"|\]22;default\x07)"
)
"""What Textual sends: styles, places, modes, questions about the terminal, the shape of the pointer."""


class Took(NamedTuple):
    """How long a key took on a turn."""

    turn: int
    key: str
    ms: float


def make(folder: Path, size: Size) -> Workspace:
    """Read a hostile log into a new workspace."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "hostile.jsonl"
    write_hostile_log(log, size)
    workspace = Workspace.open(folder, create=True)
    ingest(workspace.store, [log], profile=workspace.profile)
    log.unlink()
    return workspace


def review(terminal: Terminal, turns: int, *, editor: bool = True) -> Iterator[Took]:
    """Go through every turn; yield how long its keys took."""
    terminal.wait(lambda lines: _shown(lines) is not None, _LONGEST_WAIT)
    for _ in range(turns):
        terminal.settle(_PAUSE)
        turn = _shown(terminal.lines)
        assert turn is not None, "\n".join(terminal.lines)
        for name, key in (
            ("unfold", " "),
            ("end", "\x1b[F"),
            ("column", "\t"),
            ("last column", "\t"),
            ("fold", " "),
        ):
            yield Took(turn, name, _echo(terminal, key))
        if editor:
            yield Took(turn, "editor", _until(terminal, "e", _in_editor))
            yield Took(turn, "leave", _until(terminal, "\x1b", lambda lines, at=turn: _shown(lines) == at))
        yield Took(turn, "decide", _until(terminal, "y", lambda lines, at=turn: _shown(lines) != at))


def _in_editor(lines: list[str]) -> bool:
    return any("ctrl+s" in line for line in lines[-3:])


def foreign(written: bytes) -> list[str]:
    """Return what the terminal was sent that is not the program's own: escapes, eight-bit controls, bidi."""
    text = written.decode("utf-8", "replace")
    found = [repr(one) for one in CONTROLS if one.encode() in written]
    found += sorted({repr(one) for one in _UNSEEN.findall(text)})
    found += sorted({repr(one) for one in set(_ESCAPE.findall(written)) if not _OWN_SHAPES.fullmatch(one)})
    rest = _ESCAPE.sub(b"", written)
    found += sorted(
        {repr(bytes([code])) for code in rest if code < 32 and code not in b"\r\n"}
        | ({"DEL"} if 127 in rest else set())
    )
    return found


def _echo(terminal: Terminal, key: str) -> float:
    """Milliseconds until everything that a key changes is drawn; 0 where it changes nothing."""
    sent = terminal.press(key)
    moment = terminal.quiet(_PAUSE)
    return 0.0 if moment is None else (moment - sent) * 1000


def _until(terminal: Terminal, key: str, seen: object) -> float:
    assert callable(seen)
    sent = terminal.press(key)
    moment = terminal.wait(seen, _LONGEST_WAIT)
    terminal.settle(_PAUSE)
    return (moment - sent) * 1000


def _shown(lines: list[str]) -> int | None:
    match = _HEADER_ID.search(lines[0])
    if "CORRECTION" in lines[0]:
        return None
    return int(match[1]) if match else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--line", type=float, default=1e8, help="characters of the longest line")
    parser.add_argument("--no-editor", action="store_true", help="do not open the editor")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir="/tmp") as place:
        began = time.perf_counter()
        workspace = make(Path(place) / "ws", Size(line=int(given.line)))
        turns = workspace.store.turns.count()
        print(f"read in: {turns} turns, {time.perf_counter() - began:.1f} s")
        with Terminal(curator(), workspace.folder) as terminal:
            took = list(review(terminal, turns, editor=not given.no_editor))
            memory = terminal.memory_mb()
            foreigners = foreign(bytes(terminal.written))
        names = {turn: workspace.store.turns.session(turn).name[:14] for turn in {one.turn for one in took}}
        workspace.close()
    for key in dict.fromkeys(one.key for one in took):
        print(f"{key:12} {figures([one.ms for one in took if one.key == key])}")
    for one in sorted(took, key=lambda one: -one.ms)[:8]:
        print(f"  slowest: {one.key} on {names[one.turn]!r}: {one.ms:.0f} ms")
    print(f"resident memory {memory:.0f} MB; foreign controls: {', '.join(foreigners) or 'none'}")
    sys.exit(bool(foreigners))


if __name__ == "__main__":
    main()
