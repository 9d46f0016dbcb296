"""Kills a reviewer's sitting with -9 at random moments, and looks for what is lost or invented.

A decision is confirmed once the screen said that it stands, or once a later one was taken. After each kill
the journal must be what was pressed, in order, at least up to the last confirmed key, and not one row more;
the database must be whole, and every state must follow from the journal.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from terminal import Terminal, curator

from curator.store import Store

_HEADER_ID = re.compile(r" #(\d+) ")
_DECIDED = re.compile(r"(correct|incorrect|skipped) · #(\d+) · (u undoes|writing)")
_UNDONE = re.compile(r"undone: .* · #(\d+) · U redoes")
_WORDS = {"correct": "correct", "incorrect": "incorrect", "skip": "skipped"}
_SITTING = 1.2
"""Seconds of deciding after which a sitting is killed at the latest."""
_STARTS = 1.0
"""Seconds from start to first turn of a machine that such a sitting suits."""
_STARTING = 0.15
"""Share of the sittings that are killed while they start."""


class Act(NamedTuple):
    """A key that was pressed, as the journal should have it."""

    turn: int
    verdict: str | None
    """``None`` for an undo."""


class Killed(NamedTuple):
    """One sitting that was killed."""

    pressed: list[Act]
    confirmed: int
    """So many of them the screen had confirmed."""
    found: list[Act]
    faults: list[str]


def sitting(folder: Path, rng: random.Random, start: Sequence[str]) -> Killed:
    """Start the program, press keys, kill it at a random moment, and audit the database."""
    database = folder / ".curator" / "curator.db"
    before = journal(database)
    with Terminal(list(start), folder) as terminal:
        keys = _Keys(terminal, rng, standing(before))
        if rng.random() < _STARTING:
            time.sleep(rng.uniform(0.05, 0.6))
            terminal.kill()
        else:
            keys.wait_for_turn(terminal)
            # A machine that is slow to start is slow to decide.
            pace = max(1.0, (time.perf_counter() - terminal.started) / _STARTS)
            timer = threading.Timer(rng.uniform(0.0, _SITTING) * pace, terminal.kill)
            timer.start()
            while timer.is_alive():
                keys.press()
            timer.join()
        keys.look(0.2)
    found = journal(database)[len(before) :]
    return Killed(keys.pressed, keys.confirmed, found, list(_faults(database, keys, found)))


class _Keys:
    """Presses keys as the screen allows and notes what it confirmed."""

    def __init__(self, terminal: Terminal, rng: random.Random, standing: list[int]) -> None:
        self.pressed: list[Act] = []
        self.confirmed = 0
        self._terminal, self._rng = terminal, rng
        self._standing = standing

    def wait_for_turn(self, terminal: Terminal) -> None:
        """Wait until a turn is shown."""
        terminal.wait(lambda lines: _shown(lines) is not None, 60)

    def press(self) -> None:
        """Press one key, or two for a reason, and look until the screen has gone on or died."""
        turn = _shown(self._terminal.lines)
        if turn is None:
            self.look(0.05)
            return
        act, keys = self._choose(turn)
        self.pressed.append(act)
        self._terminal.press(keys[0])
        if len(keys) > 1:
            self._until(lambda lines: any("wrong tool" in line for line in lines))
            self._terminal.press(keys[1])
        aim = act.turn if act.verdict is None else None
        self._until(lambda lines: _shown(lines) == aim if aim else _shown(lines) not in (None, turn))
        time.sleep(self._rng.choice((0, 0, 0.01, 0.05)))

    def look(self, seconds: float) -> None:
        """Read what the screen says, and what that confirms."""
        text = "\n".join(self._terminal.look(seconds)[-6:])
        if not self.pressed:
            return
        last = self.pressed[-1]
        decided, undone = _DECIDED.search(text), _UNDONE.search(text)
        if last.verdict is None:
            taken = stands = undone is not None and int(undone[1]) == last.turn
        else:
            wanted = (_WORDS[last.verdict], last.turn)
            taken = decided is not None and (decided[1], int(decided[2])) == wanted
            stands = taken and decided is not None and decided[3] == "u undoes"
        # A key is taken only when the one before is on disk.
        sure = len(self.pressed) - (not stands)
        self.confirmed = max(self.confirmed, sure if taken else 0)

    def _choose(self, turn: int) -> tuple[Act, str]:
        chance = self._rng.random()
        if chance < 0.12 and self._standing:
            return Act(self._standing.pop(), None), "u"
        self._standing.append(turn)
        if chance < 0.6:
            return Act(turn, "correct"), "y"
        return (Act(turn, "skip"), "x") if chance < 0.75 else (Act(turn, "incorrect"), "nw")

    def _until(self, seen: object) -> None:
        assert callable(seen)
        end = time.perf_counter() + 2
        while not seen(self._terminal.lines) and time.perf_counter() < end:
            self.look(0.02)
        self.look(0)


def journal(database: Path) -> list[Act]:
    """Return the journal as acts, oldest first; an undo names the turn only."""
    if not database.is_file():
        return []
    with closing(sqlite3.connect(database)) as db:
        rows = db.execute("select turn_id, kind, body from decision order by id").fetchall()
    return [Act(turn, None if kind == "undo" else json.loads(body)["verdict"]) for turn, kind, body in rows]


def standing(acts: Sequence[Act]) -> list[int]:
    """Return the turns of the acts that an undo would take back, the next one last."""
    stack: list[int] = []
    for act in acts:
        if act.verdict is None:
            stack.pop()
        else:
            stack.append(act.turn)
    return stack


def _shown(lines: list[str]) -> int | None:
    match = _HEADER_ID.search(lines[0])
    return int(match[1]) if match else None


def _faults(database: Path, keys: _Keys, found: list[Act]) -> Iterator[str]:
    if len(found) < keys.confirmed:
        yield f"lost: {keys.confirmed} confirmed, {len(found)} found"
    if found != keys.pressed[: len(found)]:
        yield f"invented: pressed {keys.pressed}, found {found}"
    with closing(sqlite3.connect(database)) as db:
        state = db.execute("pragma integrity_check").fetchone()[0]
        if state != "ok":
            yield f"integrity: {state}"
    store = Store.open(database)
    before = _states(database)
    store.journal.recount()
    store.close()
    if before != _states(database):
        yield "states do not follow from the journal"


def _states(database: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(database)) as db:
        settled = db.execute("select * from resolution order by turn_id").fetchall()
        return settled + db.execute("select id, state from turn order by id").fetchall()


def main() -> None:
    from make_workspace import copy_of

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--turns", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=9)
    given = parser.parse_args()
    rng = random.Random(given.seed)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(dir="/tmp") as place:
        folder = Path(place) / "ws"
        copy_of(given.turns, folder).close()
        killed = [sitting(folder, rng, curator()) for _ in range(given.kills)]
        total = len(journal(folder / ".curator" / "curator.db"))
    faults = [fault for one in killed for fault in one.faults]
    pressed, confirmed, found = (
        sum(counts)
        for counts in zip(*((len(k.pressed), k.confirmed, len(k.found)) for k in killed), strict=True)
    )
    print(f"{given.kills} kills in {time.perf_counter() - began:.0f} s, {total} decisions in the journal")
    print(
        f"pressed {pressed}, confirmed {confirmed}, found {found}; unconfirmed and kept {found - confirmed}"
    )
    print(f"lost, invented or broken: {len(faults)}")
    print("\n".join(faults[:10]))
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
