"""Verbs that keep out what no data set should have: dedupe, redact."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import typer

from curator.cli.context import as_json, print_json, reviewer, say, verb, workspace
from curator.cli.progress import TerminalProgress
from curator.datasets import bands, count
from curator.datasets.dedupe import Likeness, alike, copies, mark, without_copies
from curator.datasets.privacy import hideable, to_look_at
from curator.errors import DecisionError
from curator.model import Redaction, Turn
from curator.review import Desk
from curator.store import Change, Filter
from curator.workspace import Workspace

_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command("dedupe")(verb(dedupe))
    app.command("redact")(verb(redact))


def dedupe(
    query: Annotated[list[str] | None, typer.Argument(metavar="[QUERY]", help="Which turns.")] = None,
    threshold: Annotated[
        float, typer.Option(metavar="T", help="Likeness from which turns are copies.")
    ] = 0.8,
    skip: Annotated[
        bool, typer.Option("--skip", help="Skip all undecided copies but the first, in one act.")
    ] = False,
    leave_out: Annotated[
        bool,
        typer.Option(
            "--leave-out", help="Skip all copies but one of each group, decided ones too, in one act."
        ),
    ] = False,
) -> None:
    """Find and mark turns that are alike; say what the composition would be without the copies."""
    if skip and leave_out:
        raise DecisionError("--skip cannot stand beside --leave-out.")
    home = workspace()
    ids = home.store.turns.ids(Filter.parse(" ".join(query or ())))
    with TerminalProgress() as progress:
        found = alike(home.store, ids, threshold, progress=progress)
    mark(home.store, found)
    meters = count(home.store, profile=home.profile)
    left = without_copies(home.store, meters, found, home.profile)
    before = bands(meters, home.profile)
    skipped = _skipped(home, found, skip, leave_out)
    if as_json():
        composition = {
            b.id: {"before": a.share, "after": b.share, "state": b.state}
            for a, b in zip(before, left, strict=True)
        }
        print_json({**_as_json(found), "composition": composition, "skipped": len(skipped)})
        return
    say(f"{found.looked_at} turns: {len(found.groups)} groups alike, {found.extra} more than needed")
    for group in found.groups[:_SHOWN]:
        say(f"  {'equal' if group.is_exact else 'alike'}: turns {', '.join(map(str, group.turns[:12]))}")
    for pattern, turns in found.templates[:_SHOWN]:
        say(f"  {len(turns)} requests of one pattern: {pattern[:100]}")
    for a, b in zip(before, left, strict=True):
        if a.state != b.state:
            say(f"  without the copies {b.title} is {b.share:.0%}, not {a.share:.0%}: {b.state}")
    if skip or leave_out:
        say(f"{len(skipped)} turns skipped; `curator undo` takes that back.")


def redact(
    turn: Annotated[
        str,
        typer.Argument(
            metavar="[TURN]", help="Id, or beginning of a key; without it, the turns to look at are listed."
        ),
    ] = "",
    hide: Annotated[
        list[str] | None, typer.Option("--hide", metavar="TEXT", help="Text that no row may hold.")
    ] = None,
    all_found: Annotated[bool, typer.Option("--all", help="Hide everything that is found.")] = False,
    nothing: Annotated[bool, typer.Option("--nothing", help="Say that nothing has to be hidden.")] = False,
) -> None:
    """Hide secrets and personal data of a turn from every row; the log and the workspace keep them."""
    home = workspace()
    if not turn:
        _list_unlooked(home)
        return
    found = home.store.turns.get(home.store.turns.find(turn))
    private = _private(found)
    if not (hide or all_found or nothing):
        if as_json():
            print_json([{"text": text, "kind": kind} for text, kind in private.items()])
            return
        for text, kind in private.items():
            say(f"  {kind}: {text}")
        say(f"{len(private)} found. --all hides them, --hide TEXT one of them, --nothing says they may stay.")
        return
    if nothing and (hide or all_found):
        raise DecisionError("--nothing cannot stand beside --hide or --all.")
    wanted = dict(private) if all_found else {}
    wanted |= {text: private.get(text, "hidden") for text in hide or ()}
    redactions = tuple(Redaction(text, f"[{kind}]") for text, kind in wanted.items())
    change = Desk(home.store, home.profile, reviewer()).redact(found.id, redactions)
    if as_json():
        print_json(msgspec.to_builtins(change))
    else:
        say(f"turn {found.id}: {len(redactions)} texts are hidden from its rows.")


def _list_unlooked(home: Workspace) -> None:
    turns = to_look_at(home.store)
    if as_json():
        print_json({"turns": list(turns)})
        return
    for one in turns[:_SHOWN]:
        kinds = {finding.message for finding in home.store.turns.findings(one) if finding.check == "secret"}
        say(f"  turn {one}: {', '.join(sorted(kinds))}")
    more = f" The first {_SHOWN} are listed; --json has all." if len(turns) > _SHOWN else ""
    say(f"{len(turns)} turns to look at: curator redact TURN.{more}")


def _private(turn: Turn) -> dict[str, str]:
    """Return what is found in a turn, text → kind."""
    return {one.text: one.kind for one in hideable(turn)}


def _skipped(home: Workspace, found: Likeness, skip: bool, leave_out: bool) -> list[Change]:
    desk = Desk(home.store, home.profile, reviewer())
    if leave_out:
        return desk.leave_out(copies(home.store, found.groups))
    turns = [turn for group in found.groups for turn in group.turns[1:]]
    return desk.decide_all(turns, "skip") if skip else []


def _as_json(found: Likeness) -> dict[str, Any]:
    return {
        "turns": found.looked_at,
        "extra": found.extra,
        "groups": [{"turns": group.turns, "exact": group.is_exact} for group in found.groups],
        "templates": [{"pattern": pattern, "turns": turns} for pattern, turns in found.templates],
    }
