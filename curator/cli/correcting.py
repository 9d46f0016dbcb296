"""Verbs around corrections: what the checks suggest, and what was left unfinished in the editor."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import typer

from curator.cli.context import as_json, print_json, print_lines, reviewer, say, table, verb, workspace
from curator.errors import DecisionError
from curator.model import Correction
from curator.review import Desk
from curator.review.draft_files import DraftShelf
from curator.review.drafts import draft_of
from curator.review.suggestions import suggestions


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command("suggest")(verb(suggest))
    app.command("drafts")(verb(drafts))


def suggest(
    turn: Annotated[str, typer.Argument(metavar="TURN", help="Id, or beginning of a key.")],
    take: Annotated[
        int | None, typer.Option("--take", min=1, metavar="N", help="Save this one as the correction.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Save although it breaks a schema; marked.")] = False,
) -> None:
    """List the corrections that the checks suggest for a turn; the editor offers the same."""
    home = workspace()
    desk = Desk(home.store, home.profile, reviewer())
    card = desk.card(home.store.turns.find(turn))
    now = draft_of(card.correction or card.turn.output).last_good()
    found = suggestions(card.turn, card.findings, home.profile, now)
    if take is not None:
        if take > len(found):
            raise DecisionError(f"turn {card.turn.id} has {len(found)} suggestions, none is number {take}.")
        change = desk.correct(card.turn.id, found[take - 1].result, force)
        say(f"turn {change.turn}: {change.before.state} → {change.after.state}")
    elif as_json():
        print_lines(_json(n, one.title, one.why, one.result) for n, one in enumerate(found, 1))
    elif found:
        for n, one in enumerate(found, 1):
            say(f"{n} {one.title}\n  {one.why}")
    else:
        say("Nothing that the checks found suggests a correction.")


def drafts(
    discard: Annotated[
        str | None, typer.Option("--discard", metavar="TURN", help="Throw this draft away.")
    ] = None,
) -> None:
    """List your corrections that were begun and neither saved nor given up."""
    home = workspace()
    shelf = DraftShelf(home.folder, reviewer())
    if discard is not None:
        key = home.store.turns.get(home.store.turns.find(discard)).key
        if not shelf.has(key):
            raise DecisionError(f"there is no draft of turn {discard}.")
        shelf.discard(key)
        say("The draft is gone.")
        return
    found = [(key, draft) for key in shelf.turn_keys() if (draft := shelf.load(key)) is not None]
    if as_json():
        print_json([{"turn": key, "calls": [call.name for call in draft.calls]} for key, draft in found])
        return
    table([["turn", "calls"], *([key[:12], ", ".join(c.name for c in draft.calls)] for key, draft in found)])
    say(f"{len(found)} drafts; e in the review screen opens one again.")


def _json(number: int, title: str, why: str, result: Correction) -> dict[str, Any]:
    return {"number": number, "title": title, "why": why, "correction": msgspec.to_builtins(result)}
