"""Verbs that keep out what no data set should have: dedupe, redact."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import typer

from curator.checks.support.private import find_private
from curator.cli.context import as_json, print_json, reviewer, say, verb, workspace
from curator.datasets import bands, count
from curator.datasets.dedupe import Likeness, alike, mark, without_copies
from curator.errors import DecisionError
from curator.model import Redaction, Turn
from curator.review import Desk
from curator.store import Filter

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
) -> None:
    """Find and mark turns that are alike; say what the composition would be without the copies."""
    home = workspace()
    ids = home.store.turns.ids(Filter.parse(" ".join(query or ())))
    found = alike(home.store, ids, threshold)
    mark(home.store, found)
    meters = count(home.store, profile=home.profile)
    left = without_copies(home.store, meters, found, home.profile)
    before = bands(meters, home.profile)
    skipped = Desk(home.store, home.profile, reviewer()).decide_all(_copies(found), "skip") if skip else []
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
    if skip:
        say(f"{len(skipped)} turns skipped; `curator undo` takes that back.")


def redact(
    turn: Annotated[str, typer.Argument(metavar="TURN", help="Id, or beginning of a key.")],
    hide: Annotated[
        list[str] | None, typer.Option("--hide", metavar="TEXT", help="Text that no row may hold.")
    ] = None,
    all_found: Annotated[bool, typer.Option("--all", help="Hide everything that is found.")] = False,
    nothing: Annotated[bool, typer.Option("--nothing", help="Say that nothing has to be hidden.")] = False,
) -> None:
    """Hide secrets and personal data of a turn from every row; the log and the workspace keep them."""
    home = workspace()
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


def _private(turn: Turn) -> dict[str, str]:
    """Return what is found in a turn, text → kind."""
    texts = [turn.raw, *(message.content for message in turn.prompt)]
    return {text[one.start : one.end]: one.kind for text in texts for one in find_private(text)}


def _copies(found: Likeness) -> list[int]:
    return [turn for group in found.groups for turn in group.turns[1:]]


def _as_json(found: Likeness) -> dict[str, Any]:
    return {
        "turns": found.looked_at,
        "extra": found.extra,
        "groups": [{"turns": group.turns, "exact": group.is_exact} for group in found.groups],
        "templates": [{"pattern": pattern, "turns": turns} for pattern, turns in found.templates],
    }
