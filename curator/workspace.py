"""A workspace: a folder with a database, the profile it follows, its suite, its base model and its runs."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from curator.disk import write_atomic as write_atomic
from curator.errors import WorkspaceError
from curator.profiles import Profile, load_profile

if TYPE_CHECKING:
    from curator.store import Store


class WorkspaceConfig(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What a workspace remembers of itself, in ``.curator/workspace.json``."""

    profile: str = "default"
    title: str = ""
    base: str = ""
    """Path of the base model, relative to the workspace; empty means the profile's."""


class Workspace:
    """One workspace folder. The database opens on first use, so that a screen can paint before it."""

    def __init__(self, folder: Path, config: WorkspaceConfig, *, db: str | None, profile: str | None) -> None:
        self.folder = folder
        self.config = config
        self._db = db
        self._profile_name = profile or config.profile

    @classmethod
    def open(
        cls, folder: Path, *, db: str | None = None, profile: str | None = None, create: bool = False
    ) -> Workspace:
        """Open the workspace in ``folder``; with ``create``, make one where there is none.

        Raises:
            WorkspaceError: There is none, or it cannot be read or made.
        """
        workspace = cls.at(folder, db=db, profile=profile)
        if not (workspace.is_made or create):
            raise WorkspaceError(
                f"{folder} is no workspace yet. `curator ingest LOG` makes one here, "
                "`curator demo` opens one to try."
            )
        workspace.make()
        return workspace

    @classmethod
    def at(cls, folder: Path, *, db: str | None = None, profile: str | None = None) -> Workspace:
        """Return the workspace in ``folder``; where there is none, one that ``make`` puts on disk.

        Raises:
            WorkspaceError: There is one that cannot be read.
        """
        path = folder / ".curator" / "workspace.json"
        if path.is_file():
            return cls(folder, _read(path), db=db, profile=profile)
        config = WorkspaceConfig(profile=profile or "default", title=folder.resolve().name)
        return cls(folder, config, db=db, profile=profile)

    @property
    def is_made(self) -> bool:
        """Whether it is on disk."""
        return (self.folder / ".curator" / "workspace.json").is_file()

    def make(self) -> None:
        """Put it on disk, where it is not yet.

        Raises:
            WorkspaceError: The folder cannot be written.
        """
        if not self.is_made:
            self.save(self.config)

    def save(self, config: WorkspaceConfig) -> None:
        """Write the configuration, all or nothing."""
        self.config = config
        path = self.folder / ".curator" / "workspace.json"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(path, msgspec.json.format(msgspec.json.encode(config), indent=2) + b"\n")
        except OSError as error:
            raise WorkspaceError(f"{path}: {error.strerror}.") from error

    @cached_property
    def store(self) -> Store:
        """The open database of this workspace."""
        # SQLModel takes 0.3 s to import; nothing that only paints should wait for it.
        from curator.store import Store

        return Store.open(self._db or self.folder / ".curator" / "curator.db")

    @cached_property
    def profile(self) -> Profile:
        """The profile this workspace follows."""
        name = self._profile_name
        return load_profile(self.folder / name if name.endswith(".toml") else name)

    @property
    def runs_dir(self) -> Path:
        """The folder that holds the training runs."""
        return self.folder / "runs"

    @property
    def suite_path(self) -> Path | None:
        """The held-out suite of the profile, if it names one."""
        suite = self.profile.evaluation.suite
        return self.folder / suite if suite else None

    @property
    def base(self) -> str:
        """Path of the base model; empty means the small model that the demo installs."""
        name = self.config.base or self.profile.base
        return str(self.folder / name) if name else ""

    def close(self) -> None:
        """Close the database if it was opened."""
        if "store" in self.__dict__:
            self.store.close()


def _read(path: Path) -> WorkspaceConfig:
    try:
        return msgspec.json.decode(path.read_bytes(), type=WorkspaceConfig)
    except (OSError, msgspec.MsgspecError) as error:
        raise WorkspaceError(f"{path}: {error}.") from error
