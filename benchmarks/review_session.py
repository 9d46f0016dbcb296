"""A reviewer's sitting through a real pseudo-terminal: a thousand decisions, then the audit.

What is pressed is written down as it is pressed, for the turn that the screen names; in the end the journal
must hold exactly that, row by row. A key counts as painted with the output after which the header names
another turn. The echo of an empty Textual app in the same run says what the machine allows.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from make_workspace import copy_of
from terminal import Terminal, curator, echo_times, figures, percentile

from curator.model import Verdict
from curator.review import REASONS, Desk
from curator.store import Store
from curator.workspace import Workspace

DECISIONS, CORRECTIONS, UNDOS = 1000, 50, 20
_HEADER_ID = re.compile(r" #(\d+) ")
_JSON_BEGINS = re.compile(r"│ \{ +│")
_PAUSE = 0.03
"""What a very quick reviewer takes at least between two keys."""


class Row(NamedTuple):
    """A row that the journal must have."""

    turn: int
    kind: str
    verdict: str | None = None
    reason: str | None = None
    written: str = ""
    """A word that must stand in the correction."""

    def is_in(self, found: Row) -> bool:
        """Return whether a row of the journal is this one."""
        return self[:4] == found[:4] and self.written in found.written


class Sitting:
    """A reviewer who notes what was pressed, and how long the screen took."""

    def __init__(self, terminal: Terminal, store: Store) -> None:
        self.terminal = terminal
        self.expected: list[Row] = []
        self.times: dict[str, list[float]] = {}
        self._standing: list[int] = []
        self._store = store

    @property
    def turn(self) -> int:
        """The turn that the header names."""
        found = shown(self.terminal.lines)
        assert found is not None, "\n".join(self.terminal.lines)
        return found

    def decide(self, key: str, verdict: Verdict) -> None:
        """Press a verdict and wait for the next turn."""
        turn = self.turn
        self._press(verdict, key, turn)
        self._note(Row(turn, "verdict", verdict))

    def reject(self, key: str, reason: str) -> None:
        """Press ``n``, then the key of the reason."""
        turn = self.turn
        sent = self.terminal.press("n")
        moment = self.terminal.wait(lambda lines: any("wrong tool" in line for line in lines), 10)
        self._took("menu of reasons", sent, moment)
        self._press("incorrect", key, turn)
        self._note(Row(turn, "verdict", "incorrect", reason))

    def correct(self, word: str) -> None:
        """Write a word into the first field of the editor and save."""
        turn = self.turn
        sent = self.terminal.press("e")
        moment = self.terminal.wait(_editor_is_ready, 20)
        self._took("editor", sent, moment)
        self.terminal.settle(0.3)
        for key in self._way_into_the_value(turn):
            self.terminal.press(key)
            self.terminal.settle(_PAUSE)
        self.terminal.press(word)
        self.terminal.wait(lambda lines: any(word in x for x in lines) and _editor_is_ready(lines), 10)
        self.terminal.settle(0.1)
        breaks_a_rule = any("saves anyway" in line for line in self.terminal.lines)
        self._press("corrected", "\x19" if breaks_a_rule else "\x13", turn)
        self._note(Row(turn, "correction", written=word))

    def can_correct(self) -> bool:
        """Whether the first field of the editor takes a word: a text, or no call at all."""
        calls, arguments = self._calls(self.turn)
        return not calls or (calls == 1 and all(isinstance(value, str) for value in arguments.values()))

    def undo(self) -> None:
        """Take the last decision back; the screen goes to its turn."""
        wanted = self._standing.pop()
        sent = self.terminal.press("u")
        self._took("undo", sent, self.terminal.wait(lambda lines: shown(lines) == wanted, 10))
        self.terminal.settle(_PAUSE)
        self.expected.append(Row(wanted, "undo"))

    @property
    def painted(self) -> list[float]:
        """Milliseconds of every key that shows another turn."""
        names = ("correct", "incorrect", "skip", "corrected", "undo")
        return [took for name in names for took in self.times.get(name, [])]

    def _press(self, name: str, key: str, turn: int) -> None:
        sent = self.terminal.press(key)
        self._took(name, sent, self.terminal.wait(lambda lines: shown(lines) not in (None, turn), 10))
        self.terminal.settle(_PAUSE)

    def _took(self, name: str, sent: float, moment: float) -> None:
        self.times.setdefault(name, []).append((moment - sent) * 1000)

    def _note(self, row: Row) -> None:
        self.expected.append(row)
        self._standing.append(row.turn)

    def _way_into_the_value(self, turn: int) -> list[str]:
        """Keys that lead into the first argument where the editor shows JSON; a form begins there."""
        if not any(_JSON_BEGINS.match(line) for line in self.terminal.lines):
            return []
        _, arguments = self._calls(turn)
        back = ["\x1b[D"] * (1 if len(arguments) < 2 else 2)
        return ["\x1b[B", "\x1b[F", *back] if arguments else []

    def _calls(self, turn: int) -> tuple[int, dict[str, object]]:
        calls = self._store.turns.get(turn).output.tool_calls
        return len(calls), calls[0].arguments if calls else {}


def shown(lines: list[str]) -> int | None:
    """The turn in the header, ``None`` while another screen lies over it."""
    match = _HEADER_ID.search(lines[0]) or _HEADER_ID.search(lines[1])
    return int(match[1]) if match and "CORRECTION" not in lines[0] else None


def _editor_is_ready(lines: list[str]) -> bool:
    """Whether the editor says how the correction stands."""
    return any("✓ fits" in line or "saves anyway" in line for line in lines[-3:])


def sit(sitting: Sitting, decisions: int, corrections: int, undos: int) -> None:
    """Decide in a mix that is the same each time, corrections and undos spread evenly."""
    rng = random.Random(1)
    made = Counter[str]()
    while made["decisions"] < decisions:
        done = made["decisions"]
        if made["undos"] < done * undos // decisions:
            sitting.undo()
            made["undos"] += 1
        elif made["corrections"] <= done * corrections // decisions < corrections and sitting.can_correct():
            sitting.correct(f"zq{made['corrections']:03d}")
            made["corrections"] += 1
            made["decisions"] += 1
        else:
            _verdict(sitting, rng)
            made["decisions"] += 1
    while made["undos"] < undos:
        sitting.undo()
        made["undos"] += 1


def _verdict(sitting: Sitting, rng: random.Random) -> None:
    chance = rng.random()
    if chance < 0.6:
        sitting.decide("y", "correct")
    elif chance < 0.75:
        sitting.decide("x", "skip")
    else:
        reason = rng.choice(REASONS)
        sitting.reject(reason.key, reason.id)


def audit(database: Path, expected: list[Row], already: int) -> list[str]:
    """Compare the journal with what was pressed; return what differs."""
    with sqlite3.connect(database) as db:
        state = db.execute("pragma integrity_check").fetchone()[0]
        rows = db.execute(
            "select turn_id, kind, body from decision order by id limit -1 offset ?", (already,)
        )
        found = [_row(*row) for row in rows]
        states = dict(db.execute("select turn_id, state from resolution"))
        kept = dict(db.execute("select id, state from turn where state != 'undecided'"))
    wrong = [] if state == "ok" else [f"integrity: {state}"]
    wrong += [] if states == kept else ["resolutions and states of turns differ"]
    wrong += [f"{len(found)} rows instead of {len(expected)}"] if len(found) != len(expected) else []
    pairs = enumerate(zip(expected, found, strict=False), 1)
    return wrong + [
        f"row {n}: pressed {one}, found {other}" for n, (one, other) in pairs if not one.is_in(other)
    ]


def _row(turn: int, kind: str, body: str) -> Row:
    given = json.loads(body)
    return Row(
        turn, kind, given.get("verdict"), given.get("reason"), json.dumps(given.get("correction") or "")
    )


def durable(workspace: Workspace, decisions: int) -> list[float]:
    """Milliseconds of single decisions until they are on disk, in this process."""
    desk = Desk(workspace.store, workspace.profile, "durable")
    turns = desk.queue()[-decisions:]
    verdicts: tuple[Verdict, ...] = ("correct", "incorrect", "skip")
    times = []
    for number, turn in enumerate(turns):
        began = time.perf_counter()
        desk.verdict(turn, verdicts[number % 3])
        times.append((time.perf_counter() - began) * 1000)
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("turns", type=int, nargs="+")
    parser.add_argument("--decided", type=int, default=0, help="turns that have a verdict before")
    parser.add_argument("--decisions", type=int, default=DECISIONS)
    given = parser.parse_args()
    corrections, undos = (n * given.decisions // DECISIONS for n in (CORRECTIONS, UNDOS))
    failed = False
    for turns in given.turns:
        with tempfile.TemporaryDirectory(dir="/tmp") as folder:
            failed |= not run(Path(folder), turns, given.decided, given.decisions, corrections, undos)
    sys.exit(failed)


def run(folder: Path, turns: int, decided: int, decisions: int, corrections: int, undos: int) -> bool:
    """Run one sitting and print what it showed; return whether the journal is what was pressed."""
    workspace = copy_of(turns, folder / "ws", decided)
    database = workspace.folder / ".curator" / "curator.db"
    with sqlite3.connect(database) as db:
        already = db.execute("select count(*) from decision").fetchone()[0]
    echo = echo_times(folder)
    print(f"── {workspace.store.turns.count():,} turns, {already:,} decisions before")
    print(f"empty app, key → echo     {figures(echo)}")
    with Terminal(curator(), workspace.folder) as terminal:
        usable = terminal.wait(lambda lines: shown(lines) is not None, 120) - terminal.started
        print(f"start → first turn        {usable:.2f} s")
        terminal.settle(1.0)
        sitting = Sitting(terminal, workspace.store)
        sit(sitting, decisions, corrections, undos)
        memory = terminal.memory_mb()
    for name, times in sitting.times.items():
        print(f"{name:25} {figures(times)}")
    ratio = percentile(sitting.painted, 0.95) / percentile(echo, 0.95)
    print(f"key → next turn painted   {figures(sitting.painted)}   p95 {ratio:.1f} × the empty app's")
    print(f"resident memory           {memory:.0f} MB")
    wrong = audit(database, sitting.expected, already)
    print(f"journal                   {len(sitting.expected)} rows pressed, {len(wrong)} differ")
    print("\n".join(wrong[:10]))
    print(f"decision → on disk        {figures(durable(workspace, decisions))}")
    workspace.close()
    return not wrong


if __name__ == "__main__":
    main()
