"""What every verb shares: the global options, opening the workspace, and how results are printed."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any, ParamSpec

import msgspec
import typer

from curator.settings import Settings, load_settings
from curator.text import display_text
from curator.workspace import Workspace

P = ParamSpec("P")


class Globals(msgspec.Struct):
    """The values of the options that every verb takes."""

    workspace: Path | None = None
    db: str | None = None
    profile: str | None = None
    reviewer: str | None = None
    json: bool = False


_OPTIONS: dict[str, Any] = {
    "workspace": Annotated[
        Path | None, typer.Option(metavar="DIR", help="Workspace folder (default: here).")
    ],
    "db": Annotated[str | None, typer.Option(metavar="URL", help="Database instead of the workspace's own.")],
    "profile": Annotated[str | None, typer.Option(metavar="P", help="Profile by name, or a .toml file.")],
    "reviewer": Annotated[
        str | None, typer.Option(metavar="NAME", help="Name that decisions are signed with.")
    ],
    "json": Annotated[bool, typer.Option("--json", help="Print one JSON document, or JSON lines.")],
}
_globals = Globals()


def verb(function: Callable[P, None]) -> Callable[P, None]:
    """Give a command the options that every verb takes, besides its own."""
    return _with_options(function, _lay_over)


def options(function: Callable[P, None]) -> Callable[P, None]:
    """Give what runs before every verb the same options, so that they may stand before the verb too."""
    return _with_options(function, _begin)


def _with_options(function: Callable[P, None], take: Callable[[dict[str, Any]], None]) -> Callable[P, None]:
    own = inspect.signature(function, eval_str=True)
    shared = [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=getattr(Globals(), name), annotation=annotation
        )
        for name, annotation in _OPTIONS.items()
    ]

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        take({name: kwargs.pop(name) for name in _OPTIONS})
        function(*args, **kwargs)

    run.__signature__ = own.replace(parameters=[*own.parameters.values(), *shared])  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in (*own.parameters.values(), *shared)}
    return run


def _begin(given: dict[str, Any]) -> None:
    for name in _OPTIONS:
        setattr(_globals, name, getattr(Globals(), name))
    _lay_over(given)


def _lay_over(given: dict[str, Any]) -> None:
    for name, value in given.items():
        if value:
            setattr(_globals, name, value)


def screen_arguments() -> list[str]:
    """Return the options as another Curator takes them that opens the screens."""
    named = {name: getattr(_globals, name) for name in ("workspace", "db", "profile", "reviewer")}
    return [part for name, value in named.items() if value for part in (f"--{name}", str(value))]


def workspace(*, create: bool = False) -> Workspace:
    """Open the workspace that the options name.

    Raises:
        WorkspaceError: There is none, or it cannot be opened.
    """
    folder = _globals.workspace or Path()
    return Workspace.open(folder, db=_globals.db, profile=_globals.profile, create=create)


def workspace_here() -> Workspace:
    """Return the workspace that the options name; where there is none, one that the first ingest makes.

    Raises:
        WorkspaceError: There is one that cannot be read, or none can be made for another database.
    """
    if _globals.db:
        return workspace(create=True)
    return Workspace.at(_globals.workspace or Path(), profile=_globals.profile)


def named_profile() -> str | None:
    """Return the profile that ``--profile`` names, None where it is not given."""
    return _globals.profile


def asked_profile() -> str:
    """Return the profile that ``--profile`` names, else that of the workspace, as a name or a path.

    Outside of a workspace it is the default one.
    """
    folder = _globals.workspace or Path()
    if (folder / ".curator" / "workspace.json").is_file():
        name = _globals.profile or workspace().config.profile
        return str(folder / name) if name.endswith(".toml") else name
    return _globals.profile or "default"


def settings() -> Settings:
    """Return the user's settings."""
    return load_settings()


def reviewer() -> str:
    """Return the name that decisions are signed with."""
    return _globals.reviewer or settings().name


def as_json() -> bool:
    """True when the user asked for JSON."""
    return _globals.json


def print_json(value: Any) -> None:
    """Print one JSON document."""
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")


def print_lines(values: Iterable[Any]) -> None:
    """Print JSON lines."""
    for value in values:
        print_json(value)


def say(text: str = "") -> None:
    """Print a line of a result. Outside text in it is made harmless."""
    sys.stdout.write(display_text(text) + "\n")


def narrate(text: str) -> None:
    """Print a line about the work itself, on standard error."""
    sys.stderr.write(display_text(text) + "\n")


def table(rows: list[list[str]], *, right: frozenset[int] = frozenset()) -> None:
    """Print rows in columns; the first row is the heading, ``right`` are the columns of numbers."""
    from rich.cells import cell_len

    shown = [[display_text(cell, keep_newlines=False) for cell in row] for row in rows]
    widths = [max(cell_len(row[i]) for row in shown) for i in range(len(shown[0]))]
    for row in shown:
        cells = [
            " " * (width - cell_len(cell)) + cell if i in right else cell + " " * (width - cell_len(cell))
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        sys.stdout.write("  ".join(cells).rstrip() + "\n")
