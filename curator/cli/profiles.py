"""Verbs around profiles: list, show, new, check."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from curator.checks import checks
from curator.cli.context import as_json, asked_profile, narrate, print_json, say, table, verb
from curator.coverage.registry import detectors
from curator.errors import CuratorError, ProfileError
from curator.profiles import (
    Examined,
    Fault,
    examine,
    examine_text,
    load_profile,
    located,
    near,
    profile_path,
    profile_tools,
    shipped_profiles,
)
from curator.profiles.describing import sections
from curator.profiles.writing import defaults, profile_toml, questions
from curator.store.filters import Filter


def register(app: typer.Typer) -> None:
    """Add the verb of this module."""
    app.command("profiles")(verb(profiles))


def profiles(
    what: Annotated[str, typer.Argument(metavar="[list|show|new|check]")] = "list",
    name: Annotated[
        str, typer.Argument(metavar="[NAME|FILE]", help="Shipped name, or a .toml file.", show_default=False)
    ] = "",
    use_defaults: Annotated[
        bool, typer.Option("--defaults", help="new: ask nothing, take every default.")
    ] = False,
) -> None:
    """List the shipped profiles, show one, write a new one, or say all that is wrong with one."""
    verbs: dict[str, Callable[[], None]] = {
        "list": _list,
        "show": lambda: _show(name or asked_profile()),
        "new": lambda: _new(name, use_defaults),
        "check": lambda: _check(name or asked_profile()),
    }
    if what not in verbs:
        raise CuratorError(f"{what!r} is none of {', '.join(verbs)}{near(what, verbs)}")
    verbs[what]()


def _list() -> None:
    found = [load_profile(name) for name in shipped_profiles()]
    if as_json():
        print_json([msgspec.to_builtins(profile) for profile in found])
    else:
        table([["profile", "title"], *([p.name, p.title] for p in found)])


def _show(name: str) -> None:
    profile = load_profile(name)
    if as_json():
        print_json(msgspec.to_builtins(profile))
        return
    say(f"{profile.name}: {profile.title}" if profile.title else profile.name)
    for section in sections(profile, profile_tools(profile, profile_path(name))):
        say()
        say(section.heading)
        table([["  " + first, *others] for first, *others in section.rows])


def _new(name: str, use_defaults: bool) -> None:
    path = Path(name)
    if path.suffix != ".toml":
        raise CuratorError("Say where to write it: `curator profiles new my-agent.toml`.")
    if path.exists():
        raise CuratorError(f"{path} is there already; nothing is ever overwritten. Name another file.")
    is_asking = not use_defaults and sys.stdin.isatty()
    answers = _interview(path.stem) if is_asking else defaults(path.stem)
    text = profile_toml(answers)
    for fault in examine_text(text, path).faults:
        raise ProfileError(
            f"Nothing was written, because the answers contradict: {fault.key} {fault.message}"
        )
    _write_new(path, text)
    if as_json():
        print_json({"path": str(path)})
    else:
        say(f"{path} is written. Change what you like, then: curator profiles check {path}")


def _check(name: str) -> None:
    examined = examine(name)
    faults = (*examined.faults, *located(_unknown_names(examined), examined.text))
    if as_json():
        shown = [{"key": fault.key, "line": fault.line, "message": fault.message} for fault in faults]
        print_json({"path": str(examined.path), "ok": not faults, "faults": shown})
    elif faults:
        for fault in sorted(faults, key=lambda fault: fault.line or 0):
            say(f"{examined.path}: {fault.describe()}")
    else:
        say(f"{examined.path}: nothing is wrong with it.")
    if faults:
        raise typer.Exit(1)


def _interview(name: str) -> dict[str, Any]:
    """Ask every question on the terminal, again until its answer can be used."""
    return {q.key: _answer(q.ask, q.default, q.read) for q in questions(name)}


def _answer(ask: str, default: str, read: Callable[[str], Any]) -> Any:
    while True:
        given = typer.prompt(ask, default=default, show_default=bool(default))
        try:
            return read(given)
        except ProfileError as error:
            narrate(str(error))


def _write_new(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise CuratorError(f"{path} cannot be written: {error.strerror}.") from error


def _unknown_names(examined: Examined) -> Iterator[Fault]:
    """Yield names that the loader, a floor below, cannot know: checks, detectors, words of the query."""
    profile = examined.profile
    if profile is None:
        return
    known = [one.id for one in checks()]
    for name in profile.checks:
        if name not in known:
            yield Fault(("checks", name), f"is no check{near(name, known)}")
    for index, name in enumerate(profile.gates.no_findings):
        if name not in known:
            yield Fault(("gates", "no_findings", index), f"is no check: {name!r}{near(name, known)}")
    for name, item in profile.coverage.items():
        if item.detector and item.detector not in detectors():
            yield Fault(
                ("coverage", name, "detector"),
                f"is no detector: {item.detector!r}{near(item.detector, detectors())}",
            )
    try:
        Filter.parse(profile.general)
    except CuratorError as error:
        yield Fault(("general",), f"is no query. {error}")
    try:
        profile_tools(profile, examined.path)
    except ProfileError as error:
        if not any(fault.place[:1] == ("tools",) for fault in examined.faults):
            yield Fault(("tools",), f"cannot be used. {error}")
