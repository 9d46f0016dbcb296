"""Verbs around frozen data sets: freeze, datasets, diff, why."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from curator.cli.context import (
    as_json,
    narrate,
    print_json,
    print_lines,
    reviewer,
    say,
    table,
    verb,
    workspace,
)
from curator.cli.progress import TerminalProgress
from curator.datasets.freezing import freeze as freeze_rows
from curator.datasets.frozen import Manifest, all_datasets, compare, datasets_dir, find_dataset
from curator.datasets.lineage import RunTrace, TurnTrace, trace
from curator.exporters import PairRow, SftRow
from curator.model import Decision
from curator.review.candidates import source_words

_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command("freeze")(verb(freeze))
    app.command("datasets")(verb(datasets))
    app.command("diff")(verb(diff))
    app.command("why")(verb(why))


def freeze(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name; it gets the next number.")],
    query: Annotated[
        list[str] | None, typer.Argument(metavar="[QUERY]", help="Only rows of turns that it takes.")
    ] = None,
    tier: Annotated[str | None, typer.Option(metavar="T", help="One tier only.")] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="Of the division into splits.")] = 0,
    anyway: Annotated[
        str, typer.Option(metavar="REASON", help="Freeze although a gate is open; the reason is kept.")
    ] = "",
) -> None:
    """Freeze the rows that stand into a numbered data set with splits, hashes and the origin of every row."""
    home = workspace()
    words = " ".join(query or ())
    with TerminalProgress() as progress:
        frozen = freeze_rows(
            home,
            name,
            query=words,
            tier=tier,
            reviewer=reviewer(),
            seed=seed,
            anyway=anyway,
            progress=progress,
        )
    if not frozen.is_new:
        narrate(f"The rows are those of {frozen.manifest.id}; nothing new was made.")
    if as_json():
        print_json(_as_json(frozen.manifest))
        return
    say(f"{frozen.manifest.id}  {datasets_dir(home) / frozen.manifest.id}")
    _print_splits(frozen.manifest)


def datasets(
    id: Annotated[str, typer.Argument(metavar="[DATASET]", help="Show one.")] = "",
) -> None:
    """List the frozen data sets, or show one."""
    home = workspace()
    found = [find_dataset(home, id)] if id else all_datasets(home)
    if as_json():
        print_lines(_as_json(one) for one in found)
        return
    if not found:
        say("No frozen data set yet: curator freeze NAME")
        return
    rows = [
        [
            one.id,
            one.created[:16].replace("T", " "),
            str(one.rows("sft")),
            str(one.rows("pairs")),
            _gate_word(one),
            one.created_by,
            one.sha256[:12],
        ]
        for one in found
    ]
    table([["data set", "frozen", "SFT", "pairs", "gates", "by", "sha256"], *rows], right=frozenset({2, 3}))
    if id:
        _print_splits(found[0])


def diff(
    before: Annotated[str, typer.Argument(metavar="A", help="A frozen data set.")],
    after: Annotated[str, typer.Argument(metavar="B", help="Another one.")],
) -> None:
    """Say which rows two frozen data sets do not share, and whose decisions made the difference."""
    home = workspace()
    found = compare(home, find_dataset(home, before), find_dataset(home, after))
    if as_json():
        print_json(
            {
                "added": [_row_json(row) for row in found.added],
                "removed": [_row_json(row) for row in found.removed],
                "changed": [{"before": _row_json(a), "after": _row_json(b)} for a, b in found.changed],
                "moved": [{"row": row, "before": a, "after": b} for row, a, b in found.moved],
            }
        )
        return
    say(
        f"{len(found.added)} added, {len(found.removed)} removed, {len(found.changed)} changed, "
        f"{len(found.moved)} in another split"
    )
    lines = [f"+ {_row_words(row)}" for row in found.added]
    lines += [f"- {_row_words(row)}" for row in found.removed]
    lines += [f"~ {_row_words(row)}" for _, row in found.changed]
    for line in lines[:_SHOWN]:
        say(line)
    if len(lines) > _SHOWN:
        say(f"… {len(lines) - _SHOWN} more; --json has all of them.")


def why(
    what: Annotated[str, typer.Argument(metavar="ROW|TURN|RUN", help="Id of a row, a turn or a run.")],
) -> None:
    """Trace a row or a turn to its log line and the people who decided, an adapter to its rows."""
    found = trace(workspace(), what)
    if as_json():
        print_json(found)
    elif isinstance(found, TurnTrace):
        _print_turn(found)
    else:
        _print_run(found)


def _print_turn(found: TurnTrace) -> None:
    say(f"turn {found.turn}  {found.key}  of session {found.session}")
    say(f"read  {found.source.path}, line {found.source.line}, bytes {found.source.start}–{found.source.end}")
    for one in found.decisions:
        say(f"  {one.at[:19].replace('T', ' ')}  {one.reviewer}  {_decision_words(one)}")
    if not found.decisions:
        say("  nobody has decided on it")
    for held in found.rows:
        kind = "SFT row" if held.kind == "sft" else "pair"
        say(f"  {kind} {held.row} in {held.place}, {held.split}")


def _print_run(found: RunTrace) -> None:
    say(f"run {found.run}: {found.rows} rows of {found.turns} turns, data {found.dataset[:12]}")
    for title, counts in (("from", found.sources), ("decided by", found.reviewers)):
        for name, number in sorted(counts.items(), key=lambda one: -one[1])[:_SHOWN]:
            say(f"  {number:6} {title} {name or '(unknown)'}")


def _print_splits(manifest: Manifest) -> None:
    rows = [
        [split, str(manifest.rows("sft", split)), str(manifest.rows("pairs", split))]
        for split in manifest.splits
    ]
    table([["split", "SFT", "pairs"], *rows], right=frozenset({1, 2}))
    for gate in manifest.gates:
        if gate.state != "met":
            say(f"  {gate.state}: {gate.title}: {gate.reason or gate.missing}")
    if manifest.anyway:
        say(f"  frozen all the same: {manifest.anyway}")


def _as_json(manifest: Manifest) -> dict[str, object]:
    return {"id": manifest.id, **msgspec.to_builtins(manifest)}


def _gate_word(manifest: Manifest) -> str:
    states = [gate.state for gate in manifest.gates]
    if "open" in states:
        return f"{states.count('open')} open"
    return f"{states.count('waived')} waived" if "waived" in states else "met"


def _row_json(row: SftRow | PairRow) -> dict[str, object]:
    kind = "sft" if isinstance(row, SftRow) else "pair"
    return {"id": row.id, "kind": kind, **msgspec.to_builtins(row.origin)}


def _row_words(row: SftRow | PairRow) -> str:
    kind = "SFT " if isinstance(row, SftRow) else "pair"
    origin = row.origin
    taken = f" · {origin.taken}" if origin.taken else ""
    return f"{kind} {row.id}  {origin.source}:{origin.line}  {origin.state} by {origin.reviewer}{taken}"


def _decision_words(one: Decision) -> str:
    if one.kind == "verdict":
        return f"{one.verdict}{f': {one.reason}' if one.reason else ''}"
    if one.kind == "tag":
        return f"{'takes away' if one.removes else 'gives'} tag {one.tag}"
    if one.preference is not None:
        chosen = one.preference.chosen
        return f"says which is better: {source_words(chosen) if chosen else one.preference.better}"
    if one.correction is not None and one.correction.taken is not None:
        return f"{one.kind}: {one.correction.taken.words()}"
    return one.kind
