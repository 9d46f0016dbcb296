"""Folders where agents that Curator knows keep their logs on this machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple


class Place(NamedTuple):
    """A folder that is there, as one would type it, and whose logs it holds."""

    text: str
    owner: str


_PLACES = (
    Place("~/.claude/projects/", "Claude Code"),
    Place("~/.codex/sessions/", "Codex"),
)


def usual_places() -> list[Place]:
    """Return those of the usual folders that are there."""
    return [place for place in _PLACES if Path(os.path.expanduser(place.text)).is_dir()]  # noqa: PTH111
