from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from curator.profiles import load_profile
from curator.review import Desk, Pace, paces
from curator.stopwatch import Stopwatch
from tests.factories import bare_turn, decide, fill, open_store


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def test_time_counts_up_to_half_a_minute_after_a_key() -> None:
    clock = Clock()
    watch = Stopwatch(clock)
    watch.start()
    clock.at += 10
    watch.touch()
    assert watch.seconds == 10 and watch.is_running
    clock.at += 500
    assert watch.seconds == 40 and not watch.is_running
    watch.touch()
    clock.at += 5
    assert watch.seconds == 45 and watch.is_running


def test_a_pause_counts_nothing() -> None:
    clock = Clock()
    watch = Stopwatch(clock)
    watch.start()
    clock.at += 3
    watch.pause()
    clock.at += 100
    watch.touch()
    assert watch.seconds == 3 and not watch.is_running
    watch.resume()
    clock.at += 4
    assert watch.seconds == 7
    watch.start()
    assert watch.seconds == 0


def test_seconds_stand_in_the_journal_and_only_where_they_were_taken(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    fill(store, [bare_turn(n) for n in range(4)])
    desk = Desk(store, load_profile("demo"), "ann")
    desk.verdict(1, "correct", None, 3.5)
    desk.verdict(2, "correct")
    desk.note(3, 'it says "seconds": 9')
    assert [decision.seconds for decision in store.journal.all()] == [3.5, None, None]
    assert [(decision.turn, decision.seconds) for decision in store.journal.timed()] == [(1, 3.5)]
    store.close()


def test_the_pace_is_the_median_and_counts_an_act_once() -> None:
    times = [2.0, 4.0, 30.0]
    timed = [replace(decide(n, "skip"), seconds=s) for n, s in enumerate(times, 1)]
    many = [replace(timed[0], turn=n) for n in range(10, 20)]
    untimed = decide(5, "skip", who="bob")
    assert paces([*timed, *many, untimed]) == [Pace("ann", 3, 4.0, 300.0)]
    assert paces([]) == []
