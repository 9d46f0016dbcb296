"""A whole ingest into a workspace: makes it where there is none, reads, and makes the new turns findable."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from curator.ingest.mapping import Mapping
from curator.ingest.pipeline import ingest
from curator.ingest.report import IngestReport
from curator.jobs import Progress, QuietProgress
from curator.model import Origin
from curator.store import Store
from curator.workspace import Workspace

_INDEXED_AT_ONCE = 50_000
"""So many turns take two seconds; more are left to the first search by words."""


def ingest_into(
    workspace: Workspace,
    paths: Sequence[Path],
    *,
    as_format: str | None = None,
    tier: str | None = None,
    origin: Origin = "real",
    mapping: Mapping | None = None,
    progress: Progress | None = None,
) -> IngestReport:
    """Read everything below ``paths`` into a workspace, and index its words; see ``ingest``.

    Raises:
        CuratorError: The workspace cannot be made or opened, a reader is not known, or a worker ended.
    """
    progress = progress or QuietProgress()
    workspace.make()
    report = ingest(
        workspace.store,
        paths,
        as_format=as_format,
        tier=tier,
        origin=origin,
        progress=progress,
        profile=workspace.profile,
        mapping=mapping,
    )
    if not report.cancelled:
        _index(workspace.store, progress)
    return report


def _index(store: Store, progress: Progress) -> None:
    """Fill the text index, unless that would take long: then the first search does it."""
    waiting = store.texts.waiting()
    if waiting <= _INDEXED_AT_ONCE:
        store.texts.catch_up(progress)
    else:
        progress.note(f"The first search by words will make the index of {waiting} turns.")
