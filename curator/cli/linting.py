"""The verb that looks for defects in data sets that exist already: lint."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from curator.cli.context import as_json, named_profile, narrate, print_json, say, table, verb
from curator.errors import CuratorError
from curator.lint import LintFinding, LintReport, lint
from curator.lint.registry import many
from curator.profiles import load_profile
from curator.text import one_line

_SHOWN_PLACES = 3
_MARKS = {"error": "✗ error", "warning": "! warning", "info": "· info"}


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command("lint")(verb(lint_data))


def lint_data(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH…", help="Data files, or folders with train, valid and test.")
    ],
    base: Annotated[
        Path | None,
        typer.Option(metavar="PATH", help="Folder of the base model: its tokenizer tells lengths and marks."),
    ] = None,
    max_length: Annotated[
        int, typer.Option("--max-length", metavar="N", min=0, help="Tokens that a row may have.")
    ] = 0,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write a page with everything found.")
    ] = None,
) -> None:
    """Report the defects of existing data sets; needs no workspace. Exits with 1 where there are errors."""
    named = named_profile()
    profile = load_profile(named) if named else None
    report = lint(paths, profile=profile, base=base, max_length=max_length)
    if html:
        _write_page(report, html)
    if as_json():
        print_json(report)
    else:
        _print_report(report)
    if report.has_errors:
        raise typer.Exit(1)


def _write_page(report: LintReport, file: Path) -> None:
    # Jinja2 takes 0.06 s to import, and only the page needs it.
    from curator.lint.page import page

    try:
        file.write_text(page(report), "utf-8")
    except OSError as error:
        raise CuratorError(f"{file}: the page cannot be written: {error.strerror or error}.") from error
    narrate(f"Wrote {file}")


def _print_report(report: LintReport) -> None:
    rows = [["rows", "split", "format", "file"]]
    rows += [[str(one.rows), one.split, one.format or "–", one.path] for one in report.files]
    table(rows, right=frozenset({0}))
    several = len({one.dataset for one in report.files}) > 1
    dataset = ""
    for finding in report.findings:
        if several and finding.dataset != dataset:
            dataset = finding.dataset
            say()
            say(dataset)
        _print_finding(finding)
    if report.notes:
        say()
    for note in report.notes:
        say(f"Note: {note}")
    say()
    say(_verdict(report))


def _print_finding(finding: LintFinding) -> None:
    say()
    say(f"{_MARKS[finding.severity]:9} {finding.code}: {finding.title}")
    say(f"  {one_line(finding.message, 2000)}")
    if finding.examples:
        say(f"  at {_places(finding)}")
    say(f"  → {finding.advice}")


def _places(finding: LintFinding) -> str:
    """Return the places as "valid.jsonl lines 34, 35", below the folder of the data set."""
    shown = finding.examples[:_SHOWN_PLACES]
    more = finding.count - len(shown) if finding.unit == "rows" else 0
    lines: dict[str, list[str]] = {}
    for place in shown:
        lines.setdefault(finding.shown(place.file), []).append(str(place.line))
    listed = "; ".join(f"{f} line{'s'[: len(n) - 1]} {', '.join(n)}" for f, n in lines.items())
    return f"{listed}{f', and {more} more' if more > 0 else ''}"


def _verdict(report: LintReport) -> str:
    counts = {name: sum(f.severity == name for f in report.findings) for name in ("error", "warning", "info")}
    rows = sum(one.rows for one in report.files)
    if not report.findings:
        return f"{many(rows, 'row')} in {many(len(report.files), 'file')}: no defect found."
    found = ", ".join(
        many(counts[name], word)
        for name, word in (("error", "error"), ("warning", "warning"), ("info", "remark"))
    )
    return f"{many(rows, 'row')} in {many(len(report.files), 'file')}: {found}."
