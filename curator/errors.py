"""One family of errors: a title, and a sentence that the user can act on."""

from __future__ import annotations


class CuratorError(Exception):
    """Something the user can mend. ``title`` is short, the message says what to do."""

    title = "Curator cannot do that"
    exit_code = 2

    def __init__(self, message: str, *, title: str | None = None) -> None:
        super().__init__(message)
        if title:
            self.title = title


class InputError(CuratorError):
    """A file that was asked for is missing, unreadable or in no known format."""

    title = "Cannot read this"


class WorkspaceError(CuratorError):
    """The workspace folder or its database cannot be used."""

    title = "Workspace problem"


class ProfileError(CuratorError):
    """A profile file breaks its schema."""

    title = "Profile problem"


class DecisionError(CuratorError):
    """A decision that cannot be recorded as asked."""

    title = "Not saved"


class RunError(CuratorError):
    """A training run cannot be started, found or attached."""

    title = "Training run problem"


class GateError(CuratorError):
    """The profile forbids what was asked; the message says what is missing."""

    title = "Gate closed"
    exit_code = 1


class StoppedError(CuratorError):
    """Long work that the user stopped; it left nothing behind."""

    title = "Stopped"
    exit_code = 130


class MissingExtraError(CuratorError):
    """An optional part is not installed; the message has the command that installs it."""

    title = "Not installed"
