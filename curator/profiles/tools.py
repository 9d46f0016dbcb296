"""The tool schemas of a profile: a folder with one JSON Schema per tool and a file that states its version.

The file ``turn_on.json`` describes the arguments of the tool ``turn_on``; its ``description`` is the tool's.
The file ``VERSION`` holds the version of the folder. A profile must name that very version, so that
nobody's rows are judged by newer schemas without having asked for it.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from curator.errors import ProfileError
from curator.model import ToolSpec
from curator.profiles.model import Profile, ToolSchemas
from curator.settings import shipped

_ABOUT_THE_FILE = frozenset({"$schema", "$id", "title", "description"})


def profile_tools(profile: Profile, origin: Path) -> tuple[ToolSpec, ...]:
    """Return the tools that a profile states, by name; none where it leaves them to the logs.

    Args:
        profile: The profile.
        origin: The file it was read from, which the folder of the tools may be relative to.

    Raises:
        ProfileError: The folder is missing, has another version than the profile, or holds a bad schema.
    """
    if profile.tools is None:
        return ()
    folder = tools_folder(profile.tools, origin)
    problem = version_problem(profile.tools, folder)
    if problem:
        raise ProfileError(f"{origin}: tools.{problem[0]} {problem[1]}")
    return tuple(_tool(path) for path in sorted(folder.glob("*.json")))


def offered_tools(profile: Profile) -> tuple[ToolSpec, ...]:
    """Return the tools of a profile that was loaded from its file.

    Raises:
        ProfileError: See ``profile_tools``.
    """
    return _tools_in(profile.tools) if profile.tools else ()


@cache
def _tools_in(tools: ToolSchemas) -> tuple[ToolSpec, ...]:
    return profile_tools(Profile(name="", tools=tools), Path(tools.path))


def tools_folder(tools: ToolSchemas, origin: Path) -> Path:
    """Return the folder that is meant: one under the shipped schemas, else one beside the profile."""
    shipped_folder = shipped("schemas", tools.path)
    return shipped_folder if shipped_folder.is_dir() else origin.parent / tools.path


def version_problem(tools: ToolSchemas, folder: Path) -> tuple[str, str] | None:
    """Return the key and what is wrong with it, where the folder is not what the profile asked for."""
    if not folder.is_dir():
        return (
            "path",
            f"is no folder: {folder}. Name one under the shipped schemas, or one beside the profile.",
        )
    try:
        version = (folder / "VERSION").read_text("utf-8").strip()
    except OSError:
        return "path", f"has no file VERSION in {folder}; write the version of these schemas into it."
    if not any(folder.glob("*.json")):
        return "path", f"has no schema: {folder} holds no .json file."
    if not tools.version:
        return "version", f"is not stated; {folder} is {version!r}. State it to say that your rows follow it."
    if tools.version != version:
        return "version", (
            f"is {tools.version!r}, but {folder} is {version!r}. Rows that follow one version need not "
            "follow another: name the folder of your version, or opt in to the new one by stating it here."
        )
    return None


def _tool(path: Path) -> ToolSpec:
    try:
        schema: Any = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ProfileError(f"{path}: cannot be read as JSON: {error}.") from error
    if not isinstance(schema, dict) or schema.get("type") != "object":
        raise ProfileError(
            f'{path}: must be a JSON Schema with "type": "object", one that describes arguments.'
        )
    parameters = {key: value for key, value in schema.items() if key not in _ABOUT_THE_FILE}
    return ToolSpec(path.stem, str(schema.get("description", "")), parameters)
