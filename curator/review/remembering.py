"""Remembers in a workspace which order each reviewer works in."""

from __future__ import annotations

from pathlib import Path

import msgspec

from curator.errors import WorkspaceError
from curator.review.ordering import Plan
from curator.workspace import Workspace, write_atomic

_FILE = "orders.json"


def remembered_plan(workspace: Workspace, reviewer: str) -> Plan:
    """Return the plan that a reviewer chose last here; the default where none was, or it cannot be read."""
    return _plans(_path(workspace)).get(reviewer, Plan())


def remember_plan(workspace: Workspace, reviewer: str, plan: Plan) -> None:
    """Keep the plan for the next start.

    Raises:
        WorkspaceError: The file cannot be written.
    """
    path = _path(workspace)
    plans = {**_plans(path), reviewer: plan}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, msgspec.json.format(msgspec.json.encode(plans), indent=2) + b"\n")
    except OSError as error:
        raise WorkspaceError(f"{path}: {error.strerror}.") from error


def _plans(path: Path) -> dict[str, Plan]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Plan])
    except (OSError, msgspec.MsgspecError):
        return {}


def _path(workspace: Workspace) -> Path:
    return workspace.folder / ".curator" / _FILE
