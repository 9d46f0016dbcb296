"""Verbs that give data out: export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from curator.cli.context import as_json, print_json, say, verb, workspace
from curator.cli.progress import TerminalProgress
from curator.datasets.frozen import Manifest, find_dataset, row_pairs
from curator.errors import CuratorError
from curator.exporters import Exported, ExportFormat, decided_rows, export_format
from curator.jobs import Progress
from curator.workspace import Workspace


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command("export")(verb(export))


def export(
    dataset: Annotated[
        str, typer.Argument(metavar="[DATASET]", help="A frozen data set; without it all rows that stand.")
    ] = "",
    *,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the files.")],
    format: Annotated[str, typer.Option("--format", metavar="F", help="Target format.")] = "trl",
    tier: Annotated[str | None, typer.Option(metavar="T", help="One tier only.")] = None,
) -> None:
    """Write the SFT rows and preference pairs of a frozen data set, or of all decided turns."""
    home = workspace()
    target = export_format(format)
    if out.exists() and not out.is_dir():
        raise CuratorError(f"{out} is a file; --out wants a folder.")
    if dataset and tier:
        raise CuratorError("A frozen data set is exported whole: leave out --tier.")
    with TerminalProgress() as progress:
        if dataset:
            written = _export_frozen(home, find_dataset(home, dataset), target, out, progress)
        else:
            progress.begin("rows", home.store.totals(tier).sft_rows)
            written = target.export(decided_rows(home.store, home.profile, tier, progress), out)
    if as_json():
        print_json([msgspec.to_builtins(file) for file in written])
        return
    for file in written:
        say(f"{file.rows:6} rows  {file.path}")


def _export_frozen(
    home: Workspace, manifest: Manifest, target: ExportFormat, out: Path, progress: Progress
) -> list[Exported]:
    """Write each split into a folder of its own."""
    progress.begin("rows", manifest.rows("sft") + manifest.rows("pairs"))
    return [
        file
        for split in manifest.splits
        for file in target.export(row_pairs(home, manifest, split, progress), out / split)
    ]
