"""The verb that lists other answers to the prompt of a turn, asks a model for more, and takes one."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import typer

from curator.cli.context import as_json, narrate, print_json, reviewer, say, verb, workspace
from curator.cli.ingesting import output_json
from curator.cli.progress import TerminalProgress
from curator.datasets.models import find_model
from curator.review import Desk
from curator.review.alternatives import Alternative, Alternatives, Asking, Drawn, alternatives_of, draw
from curator.text import one_line
from curator.trainer_process import EngineName

_USUAL = Asking()
_WIDTH = 100


def register(app: typer.Typer) -> None:
    """Add the verb of this module."""
    app.command("alternatives")(verb(alternatives))


def alternatives(
    turn: Annotated[str, typer.Argument(metavar="TURN", help="Id, or beginning of a key.")],
    n: Annotated[int, typer.Option("--n", metavar="N", help="Answers to draw.")] = _USUAL.n,
    temperature: Annotated[
        float, typer.Option(metavar="T", help="0 takes the likeliest token each time.")
    ] = _USUAL.temperature,
    top_p: Annotated[
        float, typer.Option("--top-p", metavar="P", help="Share of the likeliest tokens that is drawn from.")
    ] = _USUAL.top_p,
    seed: Annotated[
        int | None, typer.Option(metavar="N", help="Of the first answer (default: one not used yet).")
    ] = None,
    model: Annotated[
        str, typer.Option(metavar="M", help="base, a run id or a path (default: the newest adapter).")
    ] = "",
    engine: Annotated[EngineName, typer.Option(help="What generates.")] = _USUAL.engine,
    max_tokens: Annotated[
        int | None, typer.Option(metavar="N", help="Longest answer (default: the profile's).")
    ] = None,
    only_list: Annotated[bool, typer.Option("--list", help="List what there is; ask no model.")] = False,
    take: Annotated[
        str | None, typer.Option("--take", metavar="ID", help="Save this one as the correction.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Save although it breaks a schema; marked.")] = False,
) -> None:
    """Draw other answers to a turn's prompt from a model, and list them with those that the log holds."""
    home = workspace()
    desk = Desk(home.store, home.profile, reviewer())
    turn_id = home.store.turns.find(turn)
    if take is not None:
        chosen = alternatives_of(desk, turn_id).find(take)
        change = desk.correct(turn_id, chosen.correction, force)
        say(f"turn {change.turn}: {change.before.state} → {change.after.state}; {chosen.taken.words()}")
        return
    drawn = Drawn()
    if not only_list:
        most = max_tokens or home.profile.evaluation.max_new_tokens
        asking = Asking(n, temperature, top_p, seed, most, engine)
        with TerminalProgress() as progress:
            drawn = draw(desk, turn_id, find_model(home, model), asking, progress)
    _print(turn_id, alternatives_of(desk, turn_id), drawn)


def _print(turn_id: int, found: Alternatives, drawn: Drawn) -> None:
    if as_json():
        print_json(
            {
                "turn": turn_id,
                "new": len(drawn.new),
                "copies": drawn.copies + found.copies,
                "as_logged": found.as_logged,
                "stopped": drawn.stopped,
                "alternatives": [_json(one) for one in found.shown],
            }
        )
        return
    if drawn.stopped:
        narrate("Stopped; what was finished is kept.")
    if not found.shown:
        say("There is no other answer to this prompt that differs from the logged one.")
    for one in found.shown:
        _print_one(one)
    for count, what in (
        (drawn.copies + found.copies, "of another"),
        (found.as_logged, "of the logged output"),
    ):
        if count:
            say(f"{count} {'copy' if count == 1 else 'copies'} {what} left out.")


def _print_one(one: Alternative) -> None:
    errors, warnings = one.faults
    judged = f"{errors} errors, {warnings} warnings" if errors or warnings else "no fault found"
    say(f"{one.id:6} {judged} · {one.taken.words()}")
    output = one.turn.output
    for call in output.tool_calls:
        said = msgspec.json.encode(call.arguments).decode()
        say(one_line(f"       {call.name} {said}", _WIDTH))
    if not output.tool_calls:
        say(one_line(f"       {output.content or '(no text)'}", _WIDTH))
    for wrong in dict.fromkeys((*one.violations, *(f.message for f in one.findings if f.severity != "info"))):
        say(one_line(f"       ✗ {wrong}", _WIDTH))


def _json(one: Alternative) -> dict[str, Any]:
    return {
        "id": one.id,
        "source": "generated" if one.taken.answer else "logged",
        "turn": one.taken.turn or None,
        "model": one.taken.model,
        "settings": one.settings,
        "raw": one.turn.raw,
        **output_json(one.turn.output),
        "findings": [msgspec.to_builtins(finding) for finding in one.findings],
        "violations": list(one.violations),
    }
