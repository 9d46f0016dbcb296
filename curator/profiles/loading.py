"""Reads profiles from TOML, and says everything that is wrong with one at once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, inspect, structs

from curator.errors import ProfileError
from curator.profiles.faults import Fault
from curator.profiles.lines import key_lines, line_of
from curator.profiles.model import Profile
from curator.profiles.rules import rule_faults
from curator.profiles.shape import shape_faults, without
from curator.profiles.tools import tools_folder, version_problem
from curator.settings import shipped


class Examined(Struct, frozen=True):
    """A profile file and all that is wrong with it."""

    path: Path
    profile: Profile | None
    """The profile, where it can be made at all; only to be used when there are no faults."""
    faults: tuple[Fault, ...] = ()
    text: str = ""


def shipped_profiles() -> list[str]:
    """Return the names of the profiles that come with Curator."""
    return sorted(path.stem for path in shipped("profiles").glob("*.toml"))


def profile_path(name: str | Path) -> Path:
    """Return the file that a profile is read from, by the name of a shipped one or by a path to TOML."""
    path = Path(name)
    return path if path.suffix == ".toml" else shipped("profiles", f"{name}.toml")


def load_profile(name: str | Path) -> Profile:
    """Read a profile by the name of a shipped one or by the path of a TOML file.

    Raises:
        ProfileError: There is no such profile, or something is wrong with it; the message names file,
            line and key of the first fault, the nearest known key, and how many more there are.
    """
    examined = examine(name)
    if examined.profile is None or examined.faults:
        first, *others = examined.faults
        more = f" ({len(others)} more: `curator profiles check {examined.path}`)" if others else ""
        raise ProfileError(f"{examined.path}: {first.describe()}{more}")
    profile = examined.profile
    if profile.tools is None or shipped("schemas", profile.tools.path).is_dir():
        return profile
    folder = tools_folder(profile.tools, examined.path).absolute()
    return structs.replace(profile, tools=structs.replace(profile.tools, path=str(folder)))


def examine(name: str | Path) -> Examined:
    """Read a profile and collect all of its faults, in the order of the file.

    Raises:
        ProfileError: There is no such profile, or it cannot be read as text.
    """
    path = profile_path(name)
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise ProfileError(f"{path}: is not UTF-8 text (byte {error.start}).") from error
    except OSError as error:
        known = ", ".join(shipped_profiles())
        raise ProfileError(
            f"{name}: no such profile. Shipped ones: {known}; or give a .toml file."
        ) from error
    return examine_text(text, path)


def examine_text(text: str, path: Path) -> Examined:
    """Collect the faults of a profile's text; ``path`` is where it lies, or will."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return Examined(path, None, (Fault((), f"not TOML: {error}."),), text)
    return _examined(path, text, data)


def located(faults: Iterable[Fault], text: str) -> tuple[Fault, ...]:
    """Return the faults with their lines, in the order of the file."""
    lines = key_lines(text)
    found = [structs.replace(fault, line=line_of(fault.place, lines)) for fault in faults]
    return tuple(sorted(found, key=lambda fault: fault.line or 0))


def _examined(path: Path, text: str, data: dict[str, Any]) -> Examined:
    wrong_shape = list(shape_faults(data, inspect.type_info(Profile)))
    profile = _converted(data if not wrong_shape else without(data, wrong_shape))
    faults = wrong_shape + (_rules(profile, path, wrong_shape) if profile else [])
    return Examined(path, profile, located(faults, text), text)


def _converted(data: dict[str, Any]) -> Profile | None:
    try:
        return msgspec.convert({"name": "?"} | data, Profile)
    except msgspec.ValidationError:
        return None


def _rules(profile: Profile, path: Path, wrong_shape: list[Fault]) -> list[Fault]:
    """Return the broken rules, but none that only follows from a value that was left out."""
    left_out = {fault.place[0] for fault in wrong_shape}
    faults = [*rule_faults(profile), *_tool_faults(profile, path)]
    return [fault for fault in faults if left_out.isdisjoint(fault.rests_on)]


def _tool_faults(profile: Profile, path: Path) -> list[Fault]:
    if profile.tools is None:
        return []
    problem = version_problem(profile.tools, tools_folder(profile.tools, path))
    return [Fault(("tools", problem[0]), problem[1], rests_on=("tools",))] if problem else []
