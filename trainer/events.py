"""The event lines of a run: one JSON object a line, appended by the trainer, tailed by anyone.

Standard library only.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Literal, get_args

Kind = Literal["started", "phase", "log", "eval", "checkpoint", "warning", "failed", "stopped", "finished"]
Phase = Literal["load", "prepare", "evaluate-base", "train", "save", "evaluate-adapter", "sample"]

KINDS: tuple[Kind, ...] = get_args(Kind)
PHASES: tuple[Phase, ...] = get_args(Phase)
TERMINAL: tuple[Kind, ...] = ("failed", "stopped", "finished")

Event = dict[str, Any]
"""``{"t": unix seconds, "kind": Kind, …}``; the keys of each kind stand in schemas/event.schema.json."""


class EventWriter:
    """Appends events to a file, each as one flushed line.

    A line torn by an earlier crash is ended first, so that it spoils no later one.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._file: IO[bytes] = path.open("ab")
        if not _ends_with_newline(path):
            self._file.write(b"\n")

    def write(self, kind: Kind, **values: Any) -> Event:
        """Append one event with the time of now and return it."""
        event: Event = {"t": round(time.time(), 3), "kind": kind, **values}
        self._file.write(json.dumps(event, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
        self._file.flush()
        return event

    def close(self) -> None:
        """Close the file; further writes raise ValueError."""
        self._file.close()

    def __enter__(self) -> EventWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read_events(path: Path, offset: int = 0) -> tuple[list[Event], int]:
    """Return the whole events after byte ``offset``, and the offset to read from next time.

    A last line without its newline is left for the next call; a line that is no event is passed
    over. A file that is not there yet has no events. When the file is shorter than ``offset``
    (it was replaced), reading starts again at its beginning.
    """
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            start = offset if offset <= size else 0
            file.seek(start)
            chunk = file.read()
    except FileNotFoundError:
        return [], 0
    end = chunk.rfind(b"\n") + 1
    events = [event for line in chunk[:end].splitlines() if (event := _parse(line)) is not None]
    return events, start + end


def _parse(line: bytes) -> Event | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    if isinstance(event, dict) and event.get("kind") in KINDS and isinstance(event.get("t"), (int, float)):
        return event
    return None


def _ends_with_newline(path: Path) -> bool:
    with path.open("rb") as file:
        if file.seek(0, 2) == 0:
            return True
        file.seek(-1, 2)
        return file.read(1) == b"\n"
