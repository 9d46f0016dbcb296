"""What an ingest is measured against: decoding the log alone, and sqlite-utils storing its rows."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

Decode = Callable[[bytes], Any]


class Stored(NamedTuple):
    """What storing the rows took."""

    seconds: float
    size: int
    """Bytes of the database."""


def decoders() -> dict[str, Decode]:
    """Return the JSON decoders that are installed, by name."""
    found: dict[str, Decode] = {"msgspec": msgspec.json.Decoder().decode}
    if importlib.util.find_spec("orjson"):
        import orjson

        found["orjson"] = orjson.loads
    return found


def decode_all(log: Path, decode: Decode) -> float:
    """Decode every line, torn ones in vain; return the seconds."""
    began = time.perf_counter()
    with log.open("rb") as file:
        for line in file:
            try:
                decode(line)
            except ValueError:
                continue
    return time.perf_counter() - began


def sqlite_utils(log: Path, folder: Path) -> Stored | None:
    """Insert the rows with sqlite-utils, which stops at torn lines: it gets a copy without them.

    ``None`` when it is not installed.
    """
    program = Path(sys.executable).with_name("sqlite-utils")
    if not program.exists():
        return None
    database, copy = folder / "rows.db", folder / "whole-lines.jsonl"
    _whole_lines(log, copy)
    began = time.perf_counter()
    subprocess.run(
        [program, "insert", database, "rows", copy, "--nl", "--silent"], check=True, stdout=subprocess.DEVNULL
    )
    stored = Stored(time.perf_counter() - began, database.stat().st_size)
    copy.unlink()
    database.unlink()
    return stored


def _whole_lines(log: Path, copy: Path) -> None:
    with log.open("rb") as source, copy.open("wb") as target:
        for line in source:
            try:
                msgspec.json.decode(line)
            except msgspec.DecodeError:
                continue
            target.write(line)
