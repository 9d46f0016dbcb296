"""Where things lie on this machine, and what the user prefers: settings, shipped data, caches."""

from __future__ import annotations

import getpass
import os
import re
import tomllib
from pathlib import Path

import msgspec
from platformdirs import user_cache_path, user_config_path, user_data_path, user_state_path

from curator.disk import write_atomic
from curator.errors import CuratorError

_PACKAGE = Path(__file__).resolve().parent


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The user's settings, from ``settings.toml`` in the configuration folder."""

    reviewer: str = ""
    """Name that decisions are signed with; empty means the login name."""
    theme: str = "curator-dark"
    """Theme of the screens: curator-dark, curator-light, curator-contrast, curator-ansi."""
    keys: dict[str, str | list[str]] = {}
    """Other keys for commands, by the names that ``curator keys`` lists."""

    @property
    def name(self) -> str:
        """The reviewer's name: environment, settings, login name, in this order."""
        return os.environ.get("CURATOR_REVIEWER") or self.reviewer or _login()


def settings_path() -> Path:
    """Return the path of the user's settings file, which need not exist."""
    return user_config_path("curator") / "settings.toml"


def load_settings() -> Settings:
    """Read the user's settings; defaults where there is no file.

    Raises:
        CuratorError: The file is not TOML or has a key or value that is not known.
    """
    path = settings_path()
    if not path.is_file():
        return Settings()
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), Settings)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise CuratorError(f"{path}: {error}. Mend or delete the file.", title="Bad settings") from error


def save_setting(name: str, value: str) -> None:
    """Write one setting into the user's file; comments and everything else in it stay as they are.

    Raises:
        CuratorError: The file cannot be written, or is written in a way that cannot be changed safely.
    """
    # A settings file is often a link into a folder that is versioned: the link stays.
    path = settings_path().resolve()
    try:
        before = path.read_bytes().decode("utf-8") if path.is_file() else ""
        after = _with_setting(before, name, value)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, after.encode("utf-8"))
    except OSError as error:
        raise CuratorError(f"{path}: {error.strerror}.", title="Setting not kept") from error
    except ValueError as error:
        text = f"{path} cannot be changed safely ({error}). Write {name} = {value!r} into it yourself."
        raise CuratorError(text, title="Setting not kept") from error


def _with_setting(text: str, name: str, value: str) -> str:
    """Return a TOML text in which one key before the first table has another value.

    Raises:
        ValueError: It is no TOML, or something else would change too.
    """
    wanted = {**tomllib.loads(text), name: value}
    line = f'{name} = "{value}"'
    changed, count = re.subn(_line_of(name), lambda found: line + found[1], text, count=1)
    if not count:
        end = "\r\n" if "\r\n" in text else "\n"
        changed = f"{line}{end}{text}"
    if tomllib.loads(changed) != wanted:
        raise ValueError(f"{name} is written in an unusual way")
    return changed


def _line_of(name: str) -> str:
    """Return a pattern for the line of a key; its group is what follows the value, such as a comment."""
    return (
        rf"(?m)^[ \t]*[\"']?{name}[\"']?[ \t]*=[ \t]*(?:\"[^\"\n]*\"|'[^'\n]*')([ \t]*(?:#[^\r\n]*)?)(?=\r?$)"
    )


def shipped(*parts: str) -> Path:
    """Return the path of data that ships with Curator: ``profiles``, ``demo`` or ``schemas``."""
    installed = _PACKAGE / "_shipped"
    if installed.is_dir():
        return installed.joinpath(*parts)
    checkout = _PACKAGE.parent
    root = checkout if parts[:1] == ("schemas",) else checkout / "data"
    return root.joinpath(*parts)


def cache_dir() -> Path:
    """Return the folder for what can be made again, such as converted base models."""
    return Path(os.environ.get("CURATOR_CACHE") or user_cache_path("curator"))


def data_dir() -> Path:
    """Return the folder for the demo workspace."""
    return Path(os.environ.get("CURATOR_HOME") or user_data_path("curator"))


def state_dir() -> Path:
    """Return the folder for what Curator remembers of the user, such as which hints were seen."""
    return user_state_path("curator")


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "reviewer"
