"""Verbs that bring logs in: ingest, sniff, sources, parse."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import typer

from curator.cli.context import as_json, narrate, print_json, say, table, verb, workspace
from curator.cli.progress import TerminalProgress
from curator.errors import InputError
from curator.ingest import IngestReport, ingest
from curator.ingest.looking import look
from curator.ingest.mapping import load_mapping
from curator.ingest.report import SourceReport
from curator.ingest.whole import ingest_into
from curator.model import Output
from curator.parsing import parse, tool_spec


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command("ingest")(verb(ingest_logs))
    app.command("sniff")(verb(sniff_paths))
    app.command("sources")(verb(sources))
    app.command("parse")(verb(parse_lines))


def ingest_logs(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help="Log files, or folders to walk.")],
    as_format: Annotated[str | None, typer.Option("--as", metavar="FORMAT", help="Reader to force.")] = None,
    tier: Annotated[str | None, typer.Option(metavar="T", help="Tier of all turns read.")] = None,
    origin: Annotated[
        Literal["real", "synthetic"], typer.Option(help="Whether an agent at work wrote the log.")
    ] = "real",
    map_file: Annotated[
        Path | None,
        typer.Option("--map", metavar="FILE", help="What is where in a database or table (TOML)."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and report, write nothing.")] = False,
) -> None:
    """Read logs into the workspace; what is there already is not added again."""
    mapping = load_mapping(map_file) if map_file else None
    with TerminalProgress() as progress:
        if dry_run:
            report = ingest(
                None,
                paths,
                as_format=as_format,
                tier=tier,
                origin=origin,
                dry_run=True,
                progress=progress,
                mapping=mapping,
            )
        else:
            report = ingest_into(
                workspace(create=True),
                paths,
                as_format=as_format,
                tier=tier,
                origin=origin,
                mapping=mapping,
                progress=progress,
            )
    if as_json():
        print_json(report.to_dict())
    else:
        _print_report(report)
    if report.cancelled:
        narrate("Stopped. What was read is stored; the same command goes on from there.")
        raise typer.Exit(130)
    if report.nothing_read:
        raise InputError("nothing could be read; the lines above say why.")


def sniff_paths(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help="Log files, or folders to walk.")],
) -> None:
    """Say what is there without reading it: formats, how many sources, how large."""
    seen = [look(path) for path in paths]
    if as_json():
        print_json([{**msgspec.to_builtins(one), "says": one.describe()} for one in seen])
    else:
        for one in seen:
            say(f"{one.path}: {one.describe()}")
    if not any(one.sources for one in seen):
        raise InputError("nothing here can be ingested; `curator ingest --as FORMAT` forces a reader.")


def sources() -> None:
    """List what was ingested."""
    found = workspace().store.sources.all()
    if as_json():
        print_json([msgspec.to_builtins(source) for source in found])
        return
    if not found:
        say("Nothing is ingested yet: curator ingest LOG")
        return
    rows = [["format", "sessions", "turns", "ingested", "path"]]
    for s in found:
        report = s.report
        rows.append(
            [
                s.format + (" (replaced)" if s.replaced else "") + ("" if s.complete else " (not finished)"),
                str(report.get("sessions", "")),
                str(report.get("turns", "")),
                s.ingested_at[:16],
                s.path,
            ]
        )
    table(rows, right=frozenset({1, 2}))


def parse_lines(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Raw outputs as JSON lines.")] = None,
) -> None:
    """Parse raw model outputs: lines {"id","raw","tools"?,"prefill"?,"family"?} in, parsed turns out."""
    try:
        stream = sys.stdin.buffer if file is None else file.open("rb")
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}.") from error
    with stream:
        for number, line in enumerate(stream, 1):
            if line.strip():
                print_json(_parsed(line, f"{file or 'standard input'}:{number}"))


class _RawLine(msgspec.Struct):
    raw: str
    id: Any = None
    tools: list[dict[str, Any]] | None = None
    prefill: str | None = None
    family: str | None = None


def _parsed(line: bytes, place: str) -> dict[str, Any]:
    try:
        given = msgspec.json.decode(line, type=_RawLine)
    except msgspec.MsgspecError as error:
        narrate(f"{place}: {error}.")
        problem = {"code": "bad_line", "message": str(error), "span": None}
        return {"id": None, "thinking": None, "content": None, "tool_calls": [], "problems": [problem]}
    tools = tuple(spec for tool in given.tools or () if (spec := tool_spec(tool)) is not None)
    output = parse(given.raw, tools=tools, prefill=given.prefill or "", family=given.family)
    return {"id": given.id, **output_json(output)}


def output_json(output: Output) -> dict[str, Any]:
    """Return a parsed output in the shape that others rely on."""
    return {
        "thinking": output.thinking,
        "content": output.content,
        "tool_calls": [
            {
                "name": call.name,
                "arguments": call.arguments,
                "syntax": call.syntax,
                "status": call.status,
                "span": call.span,
                "typed": call.typed,
            }
            for call in output.tool_calls
        ],
        "problems": [{"code": p.code, "message": p.message, "span": p.span} for p in output.problems],
    }


def _print_report(report: IngestReport) -> None:
    rows = [["source", "format", "sessions", "turns", "new", "calls", "repaired", "dropped"]]
    rows += [_report_row(source) for source in report.sources]
    table(rows, right=frozenset(range(2, 8)))
    for source in report.sources:
        for kind, losses in (("repaired", source.repaired), ("dropped", source.dropped)):
            for loss in losses:
                say(f"  {kind} {loss.count} × {loss.code}: {loss.first}")
    totals = report.totals
    say(
        f"{totals.sessions} sessions, {totals.turns} turns ({totals.new_turns} new), "
        f"{totals.tool_calls} calls; {totals.repaired} repaired, {totals.dropped} dropped, "
        f"{totals.unexplained} unexplained."
    )
    if totals.history:
        say(f"{totals.history} answers more only repeat earlier ones, as the history of later prompts.")


def _report_row(source: SourceReport) -> list[str]:
    numbers = (
        source.sessions,
        source.turns,
        source.new_turns,
        source.tool_calls,
        sum(loss.count for loss in source.repaired),
        sum(loss.count for loss in source.dropped),
    )
    return [source.path, source.format, *(str(n) for n in numbers)]
