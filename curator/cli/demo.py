"""Makes the demo workspace from what ships with Curator: its log, the decisions of its author, its suite."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from curator.errors import WorkspaceError
from curator.jobs import Progress, QuietProgress
from curator.settings import data_dir, shipped
from curator.workspace import Workspace, WorkspaceConfig

_DONE = ".complete"


def open_demo(folder: Path, progress: Progress | None = None) -> Workspace:
    """Open the demo workspace in ``folder``; make it on the first call.

    A making that was interrupted is begun anew, so a half-made demo is never opened.

    Raises:
        WorkspaceError: The folder holds something else, or cannot be written.
    """
    marker = folder / ".curator" / _DONE
    if marker.is_file():
        return Workspace.open(folder)
    if folder.exists() and any(folder.iterdir()) and not (folder / ".curator").is_dir():
        raise WorkspaceError(f"{folder} holds other things; give an empty folder with --in.")
    shutil.rmtree(folder / ".curator", ignore_errors=True)
    workspace = _make(folder, progress or QuietProgress())
    marker.touch()
    return workspace


def demo_maker() -> Callable[[Progress], Workspace]:
    """Return what opens the demo workspace at its usual place, for the screens."""
    return lambda progress: open_demo(data_dir() / "demo", progress)


def _make(folder: Path, progress: Progress) -> Workspace:
    # Only the making needs these; opening a ready demo should not wait for them.
    from curator.ingest import ingest
    from curator.review import import_decisions

    source = shipped("demo")
    workspace = Workspace.open(folder, profile="demo", create=True)
    workspace.save(WorkspaceConfig(profile="demo", title="Home agent (demo)"))
    for name in ("log.jsonl", "suite.jsonl"):
        shutil.copyfile(source / name, folder / name)
    progress.begin("reading the demo's log")
    report = ingest(workspace.store, [folder / "log.jsonl"], progress=progress, profile=workspace.profile)
    if report.cancelled:
        raise WorkspaceError("It was stopped while it was made; opening it again begins anew.")
    import_decisions(workspace.store, source / "decisions.jsonl")
    return workspace
