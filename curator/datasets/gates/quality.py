"""How good the data must be as a whole: a second look, agreement, diversity."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from curator.datasets.gates.registry import GateState, gate, more, rule
from curator.datasets.meters import Meters
from curator.profiles import Profile


@rule(90)
def second_look(meters: Meters, profile: Profile) -> Iterator[GateState]:
    """Wants a sample of the rows seen by somebody else, and confirmed."""
    quality = profile.quality
    if not profile.gates.quality or not quality.sample_share:
        return
    wanted = ceil(quality.sample_share * meters.sft_rows)
    wanted = min(wanted, quality.sample_max) if quality.sample_max else wanted
    short = wanted - meters.compared
    title = f"{wanted} turns seen by a second person"
    missing = more(short, "turn", " for a second person to look at") if short > 0 else ""
    yield gate("sample", title, missing, query="verdict:correct")
    for id, wish, what in (
        ("correctness", quality.correctness, "confirmed"),
        ("consistency", quality.consistency, "decided alike"),
    ):
        if wish and meters.compared:
            share = meters.agreed / meters.compared
            low = f"{meters.agreed} of {meters.compared} are {what} ({share:.0%}), {wish:.0%} are wanted"
            yield gate(id, f"{wish:.0%} {what}", low if share < wish else "")


@rule(91)
def task_coverage(meters: Meters, profile: Profile) -> Iterator[GateState]:
    """Wants rows for most kinds of task that the logs have."""
    wanted = profile.quality.task_coverage
    if not profile.gates.quality or not wanted or not meters.tasks_seen:
        return
    have = len(meters.tasks_seen & meters.tally.get("task", {}).keys())
    short = ceil(wanted * len(meters.tasks_seen)) - have
    missing = (
        more(short, "kind of task", f" of the {len(meters.tasks_seen)} in the logs") if short > 0 else ""
    )
    missing = missing.replace("kind of tasks", "kinds of task")
    yield gate("task_coverage", f"{wanted:.0%} of the kinds of task", missing, query="verdict:none")


@rule(92)
def diversity(meters: Meters, profile: Profile) -> Iterator[GateState]:
    """Wants many kinds of task, none of them crowding out the others."""
    wanted = profile.quality.diversity
    if profile.gates.quality and wanted:
        have = meters.diversity
        kinds = len(meters.tally.get("task", {}))
        missing = (
            f"evenness {have:.2f} over {kinds} kinds of task; {wanted:.2f} is wanted" if have < wanted else ""
        )
        yield gate("diversity", f"kinds of task even to {wanted:.2f}", missing, query="verdict:none")
