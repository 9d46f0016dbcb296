"""Verbs about several answers to one prompt: which stand to be compared, and which is better."""

from __future__ import annotations

import re
from collections import Counter
from typing import Annotated, Any

import typer

from curator.cli.context import as_json, print_json, reviewer, say, table, verb, workspace
from curator.cli.ingesting import output_json
from curator.cli.progress import TerminalProgress
from curator.cli.reviewing import query_filter
from curator.errors import DecisionError
from curator.model import Better
from curator.profiles import Profile
from curator.review import Desk
from curator.review.candidates import Contender, Sheet, duel, sheet_of, sheets, source_words
from curator.review.comparing import LIKENESS_WORDS, compare
from curator.review.preferring import gives_row
from curator.review.preferring import prefer as record
from curator.store import Store
from curator.text import one_line

_SHOWN = 20
_TURN = re.compile(r"\d{1,18}|[0-9a-f]{8,32}")


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command("pairs", context_settings={"ignore_unknown_options": True})(verb(pairs))
    app.command("prefer")(verb(prefer))


def pairs(
    query: Annotated[
        list[str] | None, typer.Argument(metavar="[QUERY|TURN]", help="Words such as tier:code, or one turn.")
    ] = None,
    limit: Annotated[int, typer.Option(metavar="N", help="Most prompts to list.")] = _SHOWN,
) -> None:
    """List the prompts with several differing answers and comparisons left, or the candidates of one turn."""
    home = workspace()
    if query and len(query) == 1 and _TURN.fullmatch(query[0]):
        _print_candidates(home.store, home.profile, home.store.turns.find(query[0]))
        return
    with TerminalProgress() as progress:
        found = list(sheets(home.store, home.profile, query_filter(query), progress))
    waiting = [sheet for sheet in found if sheet.left]
    if as_json():
        print_json(_list_json(found, waiting[:limit]))
        return
    if waiting:
        heading = ["turn", "candidates", "left", "next", "from", ""]
        lines = [_line(sheet) for sheet in waiting[:limit]]
        table([heading, *lines], right=frozenset({0, 1, 2}))
    left = sum(sheet.left for sheet in waiting)
    say(f"{len(waiting)} of {len(found)} prompts with several answers have comparisons left, {left} in all.")
    if not found:
        say("Further answers come from generated alternatives and from logs of other models.")


def prefer(
    turn: Annotated[str, typer.Argument(metavar="TURN", help="Id, or beginning of a key.")],
    one: Annotated[str, typer.Argument(metavar="A", help="Candidate, as `curator pairs TURN` names it.")],
    other: Annotated[str, typer.Argument(metavar="B", help="The candidate that it is compared with.")],
    first: Annotated[bool, typer.Option("--first", help="A is better.")] = False,
    second: Annotated[bool, typer.Option("--second", help="B is better.")] = False,
    tie: Annotated[bool, typer.Option("--tie", help="Both are equally good.")] = False,
    neither: Annotated[bool, typer.Option("--neither", help="Neither is good.")] = False,
) -> None:
    """Say which of two answers to a turn's prompt is better; the better one over the other is a pair."""
    marks: dict[Better, bool] = {"first": first, "second": second, "tie": tie, "neither": neither}
    given = [better for better, is_given in marks.items() if is_given]
    if len(given) != 1:
        raise DecisionError("give exactly one of --first, --second, --tie, --neither.")
    home = workspace()
    desk = Desk(home.store, home.profile, reviewer())
    sheet = sheet_of(home.store, home.store.turns.find(turn), home.profile)
    met = duel(home.store, sheet, sheet.find(one), sheet.find(other), home.profile, desk.reviewer)
    change = record(desk, met, given[0])
    created = gives_row(desk, met, given[0])
    if as_json():
        print_json(
            {
                "turn": change.turn,
                "better": given[0],
                "likeness": met.likeness,
                "creates_pair": created,
                "pairs": change.after.pairs,
            }
        )
        return
    mark = LIKENESS_WORDS[met.likeness]
    what = "one pair" if created else "no pair"
    say(f"turn {change.turn}: {given[0]}{f' · they {mark}' if mark else ''} · {what}")


def candidates_json(sheet: Sheet) -> list[dict[str, Any]]:
    """Return the candidates of a sheet with their sources and parts."""
    return [
        {
            "id": one.id,
            "sources": [{"origin": s.origin, "turn": s.turn, "model": s.model or None} for s in one.sources],
            "raw": one.candidate.raw or None,
            **output_json(one.candidate.output),
        }
        for one in sheet.contenders
    ]


def _list_json(found: list[Sheet], shown: list[Sheet]) -> dict[str, Any]:
    rows = [
        {
            "turn": sheet.turns[0],
            "turns": list(sheet.turns),
            "candidates": len(sheet.contenders),
            "left": sheet.left,
            "sources": dict(_origins(sheet)),
            "next": [one.id for one in sheet.open[:2]],
            "likeness": _likeness(sheet),
        }
        for sheet in shown
    ]
    origins: Counter[str] = sum((_origins(sheet) for sheet in found), Counter())
    left = sum(sheet.left for sheet in found)
    return {"prompts": len(found), "left": left, "sources": dict(origins), "turns": rows}


def _line(sheet: Sheet) -> list[str]:
    one, other = sheet.open[:2]
    sources = ", ".join(f"{n} {origin}" for origin, n in _origins(sheet).items())
    mark = LIKENESS_WORDS[compare(one.candidate, other.candidate)]
    return [
        str(sheet.turns[0]),
        str(len(sheet.contenders)),
        str(sheet.left),
        f"{one.id} {other.id}",
        sources,
        mark,
    ]


def _likeness(sheet: Sheet) -> str:
    one, other = sheet.open[:2]
    return compare(one.candidate, other.candidate)


def _origins(sheet: Sheet) -> Counter[str]:
    return Counter(one.weighed.origin for one in sheet.contenders)


def _print_candidates(store: Store, profile: Profile, turn_id: int) -> None:
    sheet = sheet_of(store, turn_id, profile)
    waiting = sheet.open
    if as_json():
        print_json(
            {
                "turn": turn_id,
                "turns": list(sheet.turns),
                "candidates": candidates_json(sheet),
                "left": sheet.left,
                "next": [one.id for one in waiting[:2]] if sheet.left else [],
            }
        )
        return
    for one in sheet.contenders:
        say(candidate_line(one))
        say(f"  {_answer(one)}")
    if sheet.left:
        mark = LIKENESS_WORDS[compare(waiting[0].candidate, waiting[1].candidate)]
        say(
            f"{sheet.left} to compare, next {waiting[0].id} {waiting[1].id}{f': they {mark}' if mark else ''}"
        )
    else:
        say("Nothing is left to compare.")


def candidate_line(one: Contender) -> str:
    """Write who gave a candidate."""
    return f"{one.id}  {' = '.join(source_words(source) for source in one.sources)}"


def _answer(one: Contender) -> str:
    output = one.candidate.output
    calls = ", ".join(f"{call.name} {call.arguments}" for call in output.tool_calls)
    return one_line(" · ".join(filter(None, (calls, output.content or ""))) or one.candidate.raw, 110)
