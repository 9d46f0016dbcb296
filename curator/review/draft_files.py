"""Unfinished corrections on disk, a file a turn and reviewer: a crash takes at most half a second of work."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import msgspec
from msgspec import Struct

from curator.errors import WorkspaceError
from curator.review.drafts import Draft
from curator.workspace import write_atomic

_SUFFIX = ".json"


class _File(Struct, frozen=True, omit_defaults=True):
    """What a file holds."""

    draft: Draft
    version: int = 1


class DraftShelf:
    """The unfinished corrections of one reviewer, by the key of the turn."""

    def __init__(self, workspace_folder: Path, reviewer: str) -> None:
        self.folder = workspace_folder / ".curator" / "drafts" / _folder_name(reviewer)

    def save(self, turn_key: str, draft: Draft) -> None:
        """Write a draft; it is on disk on return.

        Raises:
            WorkspaceError: It cannot be written.
        """
        path = self._path(turn_key)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(path, msgspec.json.encode(_File(draft)))
        except OSError as error:
            raise WorkspaceError(f"{path}: {error.strerror}; the draft is not saved.") from error

    def load(self, turn_key: str) -> Draft | None:
        """Return the draft of a turn; ``None`` where there is none, or none that this version reads."""
        try:
            return msgspec.json.decode(self._path(turn_key).read_bytes(), type=_File).draft
        except (OSError, msgspec.MsgspecError):
            return None

    def discard(self, turn_key: str) -> None:
        """Remove the draft of a turn, if there is one.

        Raises:
            WorkspaceError: It cannot be removed.
        """
        path = self._path(turn_key)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise WorkspaceError(f"{path}: {error.strerror}; the draft is still there.") from error

    def has(self, turn_key: str) -> bool:
        """Whether a turn has a draft."""
        return self._path(turn_key).is_file()

    def turn_keys(self) -> list[str]:
        """Return the keys of the turns that have a draft, the latest first."""
        files = [path for path in self.folder.glob(f"*{_SUFFIX}") if not path.name.startswith(".")]
        return [path.stem for path in sorted(files, key=_age)]

    def _path(self, turn_key: str) -> Path:
        return self.folder / f"{quote(turn_key, safe='')}{_SUFFIX}"


def _folder_name(reviewer: str) -> str:
    """Return a name that stays inside the folder, whatever the reviewer is called."""
    return quote(reviewer, safe="").replace(".", "%2E") or "%"


def _age(path: Path) -> float:
    try:
        return -path.stat().st_mtime
    except OSError:
        return 0.0
