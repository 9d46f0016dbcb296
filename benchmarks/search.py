"""Lists, filters, full-text search and bulk decisions on a workspace of a million turns.

Each query is timed to its first page (ids of the first 512 turns and 64 rows of the list), as the list of
turns shows it, and to its last id. The yardstick in the same run is a plain LIKE over the texts with sqlite3.
"""

from __future__ import annotations

import argparse
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from make_workspace import copy_of
from terminal import percentile

from curator.review import Desk
from curator.store import Filter
from curator.store.turns import Order
from curator.workspace import Workspace

T = TypeVar("T")
QUERIES = (
    "",
    "verdict:none",
    "tier:code",
    "check:coherence",
    "tool:run_command verdict:none",
    "severity:error has:think -tier:chat",
    "calls:>1 origin:real",
    '"no such file"',
    "cobu",
    "arg:path~src/",
)
FIRST, ROWS, ROUNDS = 512, 64, 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("turns", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--decide", type=int, default=10_000, help="turns to decide in one act")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        home = copy_of(options.turns, Path(folder) / "ws")
        took, done = timed(home.store.texts.catch_up)
        print(f"{home.store.turns.count()} turns; search index: {done} turns in {took:.1f} s")
        for query in QUERIES:
            show(home, query)
        like(home.folder / ".curator" / "curator.db")
        bulk(home, options.decide)
        home.close()


def show(home: Workspace, query: str, order: Order = "queue") -> None:
    """Print how long a query takes to its first page, and to its end."""
    turns, wanted = home.store.turns, Filter.parse(query)

    def page() -> object:
        return home.store.listing.page(turns.ids(wanted, order, FIRST)[:ROWS])

    first = [timed(page)[0] for _ in range(ROUNDS)]
    whole, ids = timed(lambda: turns.ids(wanted, order))
    print(
        f"{query or '(every turn)':40} first page p50 {percentile(first, 0.5) * 1000:6.1f} ms, "
        f"max {max(first) * 1000:6.1f} ms; all {len(ids):7} ids {whole * 1000:7.0f} ms"
    )


def like(path: Path) -> None:
    """Print the yardstick."""
    with sqlite3.connect(path) as db:
        query = "SELECT id FROM message WHERE body LIKE '%no such file%'"
        took, rows = timed(lambda: db.execute(query).fetchall())
    print(f"yardstick: LIKE over the messages with sqlite3: {took * 1000:.0f} ms, {len(rows)} rows")


def bulk(home: Workspace, number: int) -> None:
    """Print how long one act on many turns takes, its undo, and single decisions."""
    desk = Desk(home.store, home.profile, "bench")
    ids = home.store.turns.ids(Filter.parse("verdict:none"), "queue")[:number]
    for verdict in ("skip", "correct"):
        took, changes = timed(lambda verdict=verdict: desk.decide_all(ids, verdict))
        undone, back = timed(desk.undo)
        assert len(changes) == len(back) == len(ids)
        print(f"{len(ids)} turns {verdict}, one act: {took:.2f} s; its undo: {undone:.2f} s")


def timed(act: Callable[[], T]) -> tuple[float, T]:
    """Return seconds and result."""
    began = time.perf_counter()
    result = act()
    return time.perf_counter() - began, result


if __name__ == "__main__":
    main()
