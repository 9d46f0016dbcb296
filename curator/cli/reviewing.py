"""Verbs for looking at turns and deciding on them: show, search, decide, undo, redo, stats."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import typer

from curator.cli.context import as_json, print_json, print_lines, reviewer, say, table, verb, workspace
from curator.cli.ingesting import output_json
from curator.cli.progress import TerminalProgress
from curator.errors import DecisionError, InputError
from curator.exporters.rows import prompt_messages
from curator.model import Correction, Finding, Turn
from curator.review import Desk
from curator.review.candidates import sheet_of
from curator.store import Change, Filter, ListRow, SourceRow, Store
from curator.text import one_line

_PAGE = 200
_Sort = Literal["log", "queue", "surest", "newest", "calls"]


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command("show")(verb(show))
    app.command("search", context_settings={"ignore_unknown_options": True})(verb(search))
    app.command("decide")(verb(decide))
    app.command("undo")(verb(undo))
    app.command("redo")(verb(redo))


def show(
    turn: Annotated[str, typer.Argument(metavar="TURN", help="Id, or beginning of a key.")],
    raw: Annotated[bool, typer.Option("--raw", help="The exact bytes of the output, nothing else.")] = False,
) -> None:
    """Show one turn whole: prompt, output, calls, outcomes, findings, where it was read."""
    home = workspace()
    store = home.store
    found = store.turns.get(store.turns.find(turn))
    if raw:
        sys.stdout.flush()
        sys.stdout.buffer.write(found.raw.encode("utf-8", "surrogatepass"))
        return
    findings = store.turns.findings(found.id)
    sheet = sheet_of(store, found.id, home.profile)
    if as_json():
        from curator.cli.preferring import candidates_json

        print_json(
            turn_json(found, findings, store.turns.source(found.id)) | {"candidates": candidates_json(sheet)}
        )
    else:
        _print_turn(store, found, findings)
        if len(sheet.contenders) > 1:
            ids = ", ".join(one.id for one in sheet.contenders)
            say(f"{len(sheet.contenders)} answers to this prompt: {ids} (`curator pairs {found.id}`)")


def search(
    query: Annotated[
        list[str] | None, typer.Argument(metavar="[QUERY]", help="Words such as verdict:none.")
    ] = None,
    sort: Annotated[_Sort, typer.Option(help="Which come first.")] = "log",
    limit: Annotated[int, typer.Option(metavar="N", help="Most turns to list.")] = _PAGE,
) -> None:
    """List turns: tier:T tool:NAME check:ID verdict:none calls:>1 arg:NAME~TEXT -tag:T "some words"."""
    store = workspace().store
    wanted = query_filter(query)
    if wanted.needs_text_index:
        with TerminalProgress() as progress:
            store.texts.catch_up(progress)
    ids = store.turns.ids(wanted, sort)
    rows = store.listing.page(ids[:limit])
    if as_json():
        print_lines(msgspec.to_builtins(row) for row in rows)
        return
    heading = ["turn", "tier", "state", "calls", "checks", "request"]
    table([heading, *(_list_row(row) for row in rows)], right=frozenset({0}))
    say(f"{len(rows)} of {len(ids)} turns.")


def _list_row(row: ListRow) -> list[str]:
    checks = ", ".join(check for check, severity in row.checks if severity != "info")
    called = one_line(", ".join(row.tools), 40)
    return [str(row.id), row.tier, row.state, called, one_line(checks, 40), one_line(row.request, 60)]


def decide(
    turn: Annotated[str, typer.Argument(metavar="TURN", help="Id, or beginning of a key.")],
    correct: Annotated[bool, typer.Option("--correct", help="The logged output is right.")] = False,
    incorrect: Annotated[bool, typer.Option("--incorrect", help="The logged output is wrong.")] = False,
    skip: Annotated[bool, typer.Option("--skip", help="Decide on nothing.")] = False,
    correction: Annotated[
        Path | None, typer.Option(metavar="FILE", help="JSON: thinking, content, tool_calls.")
    ] = None,
    reason: Annotated[str | None, typer.Option(metavar="R", help="Error class of --incorrect.")] = None,
    tag: Annotated[list[str] | None, typer.Option("--tag", metavar="T", help="Tag to give.")] = None,
    untag: Annotated[list[str] | None, typer.Option("--untag", metavar="T", help="Tag to take away.")] = None,
    note: Annotated[str | None, typer.Option(metavar="TEXT", help="Note to write beside it.")] = None,
    rating: Annotated[
        int | None, typer.Option(min=1, max=5, metavar="N", help="1 (bad) to 5 (good).")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Save although it breaks a schema; marked.")] = False,
) -> None:
    """Decide on one turn; tags, a note and a rating go with a verdict or stand alone."""
    verdicts = sum((correct, incorrect, skip, correction is not None))
    aside = bool(tag or untag or note or rating)
    if verdicts > 1 or (not verdicts and not aside):
        raise DecisionError("give exactly one of --correct, --incorrect, --skip, --correction FILE.")
    desk = _desk()
    turn_id = desk.store.turns.find(turn)
    changes = [desk.tag(turn_id, one) for one in tag or ()]
    changes += [desk.tag(turn_id, one, remove=True) for one in untag or ()]
    if note or rating:
        changes.append(desk.note(turn_id, note or "", rating))
    if not verdicts:
        _print_changes(changes)
        return
    if correction is not None:
        change = desk.correct(turn_id, _read_correction(correction), allow_violations=force)
    elif correct:
        change = desk.verdict(turn_id, "correct")
    else:
        change = desk.verdict(turn_id, "skip" if skip else "incorrect", reason)
    _print_changes([*changes, change])


def undo(n: Annotated[int, typer.Argument(metavar="[N]", min=1, help="Acts to take back.")] = 1) -> None:
    """Take back your last act, or the last N."""
    desk = _desk()
    _print_changes([change for _ in range(n) for change in desk.undo()])


def redo(n: Annotated[int, typer.Argument(metavar="[N]", min=1, help="Acts to bring back.")] = 1) -> None:
    """Bring back what you undid last, or the last N."""
    desk = _desk()
    _print_changes([change for _ in range(n) for change in desk.redo()])


def turn_json(turn: Turn, findings: tuple[Finding, ...], source: SourceRow) -> dict[str, Any]:
    """Return one turn in the shape that ``show --json`` prints."""
    return {
        "turn": turn.id,
        "key": turn.key,
        "session": turn.session,
        "index": turn.index,
        "tier": turn.tier,
        "prompt": prompt_messages(turn),
        "tools": [msgspec.to_builtins(tool) for tool in turn.tools],
        "raw": turn.raw,
        **output_json(turn.output),
        "outcomes": [msgspec.to_builtins(outcome) for outcome in turn.outcomes],
        "findings": [msgspec.to_builtins(finding) for finding in findings],
        "source": msgspec.to_builtins(turn.source) | {"sha256": source.sha256, "reader": source.reader},
        "finish_reason": turn.finish_reason,
        "model": turn.model,
        "provider": turn.provider,
        "origin": turn.origin,
        "timestamp": turn.timestamp,
        "labels": turn.labels,
    }


def query_filter(query: list[str] | None) -> Filter:
    """Read a query as the shell gives it, word by word."""
    return Filter.parse(" ".join(map(_word, query or ())))


def _word(word: str) -> str:
    """Return a word of the command line with the quotes that the shell took from it."""
    key, colon, value = word.partition(":")
    if '"' in word or not any(c.isspace() for c in word):
        return word
    return f'{key}:"{value}"' if colon and key.lstrip("-").isalpha() else f'"{word}"'


def _desk() -> Desk:
    home = workspace()
    return Desk(home.store, home.profile, reviewer())


def _read_correction(path: Path) -> Correction:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Correction)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}.") from error
    except msgspec.MsgspecError as error:
        raise InputError(f"{path}: {error}.") from error


def _print_changes(changes: list[Change]) -> None:
    if as_json():
        print_json([msgspec.to_builtins(change) for change in changes])
        return
    if not changes:
        say("Nothing to take back.")
    for change in changes:
        say(f"turn {change.turn}: {change.before.state} → {change.after.state}")


def _print_turn(store: Store, turn: Turn, findings: tuple[Finding, ...]) -> None:
    session = store.turns.session(turn.id)
    state = store.journal.resolution(turn.id).state
    say(
        f"turn {turn.id} · {turn.index + 1} of {session.turns} in {session.name} · tier {turn.tier} · {state}"
    )
    say(f"read from {turn.source.path}:{turn.source.line}, bytes {turn.source.start}–{turn.source.end}")
    source = store.turns.source(turn.id)
    say(f"{turn.origin}, by {source.reader} on {source.ingested_at[:10]}, sha256 {source.sha256[:16]}…")
    known = {
        "model": turn.model,
        "provider": turn.provider,
        "at": turn.timestamp,
        "finished": turn.finish_reason,
        **turn.labels,
    }
    if words := [f"{name} {value}" for name, value in known.items() if value is not None]:
        say(" · ".join(words))
    for message in turn.prompt:
        say(f"\n[{message.role}] {len(message.content)} characters")
        say(message.content if len(message.content) < 2000 else message.content[:2000] + " …")
    say("\n[output]")
    say(turn.raw)
    for finding in findings:
        say(f"{finding.severity}: {finding.message}")
    for outcome in turn.outcomes:
        took = f" after {outcome.elapsed_ms:.0f} ms" if outcome.elapsed_ms is not None else ""
        say(f"call {outcome.call + 1} → {outcome.status}{took}: {outcome.text[:500]}")
