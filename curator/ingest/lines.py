"""Streams the rows of a JSON lines file with their exact bytes, whatever stands between them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from msgspec import Raw, Struct

from curator.ingest.files import open_log, tear

MAX_LINE_BYTES = 128 * 1024 * 1024
_BOM = b"\xef\xbb\xbf"
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_SURROGATE = re.compile("[\ud800-\udfff]")
_row_decoder = msgspec.json.Decoder(dict[str, Raw])


class BadRow(Struct, frozen=True):
    """A line that is no row, and why."""

    code: str
    message: str


class Part(Struct, frozen=True):
    """A stretch of a file of lines that can be read by itself: bytes ``[start, end)``, from ``line`` on."""

    start: int
    end: int
    line: int


class Line(Struct, frozen=True):
    """One line that is not blank: bytes ``[start, end)`` of the file and its 1-based number.

    In a packed file both count in what it holds, unpacked.
    """

    data: bytes
    """Without the line break. Empty when the line is longer than ``MAX_LINE_BYTES``."""
    start: int
    end: int
    number: int
    too_long: bool = False
    problem: BadRow | None = None
    """Why there is nothing to decode here."""


class Row(Struct, frozen=True):
    """A decoded row: the exact JSON text per field, and what had to be repaired to get it."""

    fields: dict[str, Raw]
    repaired: tuple[tuple[str, str], ...] = ()
    """(code, sentence) of each repair."""


def read_lines(path: Path, part: Part | None = None) -> Iterator[Line]:
    """Yield the lines of a file, or of a part of one, that are not blank; one is held at a time.

    Of a damaged archive everything before the damage is yielded, then one line that says so.

    Raises:
        OSError: The file cannot be read.
    """
    with open_log(path) as file:
        start, number = (part.start, part.line - 1) if part else (0, 0)
        if part:
            file.seek(start)
        while not (part and start >= part.end) and (data := file.readline(MAX_LINE_BYTES + 1)):
            number += 1
            too_long = len(data) > MAX_LINE_BYTES
            end = start + len(data) + (skip_line(file) if too_long else 0)
            text = data.removeprefix(_BOM) if start == 0 else data
            line = Line(b"" if too_long else text.rstrip(b"\r\n"), start, end, number, too_long)
            if not data.endswith(b"\n") and tear(file) and isinstance(decode_row(line), BadRow):
                break
            if too_long or data.strip():
                yield line
            start = end
        if sentence := tear(file):
            yield torn_line(start, max(number, 1), sentence)


def torn_line(at: int, number: int, sentence: str) -> Line:
    """Return what stands for the rest of a damaged archive."""
    return Line(b"", at, at, number, problem=BadRow("torn_archive", sentence))


def skip_line(file: BinaryIO) -> int:
    """Read on behind the end of the line; return how many bytes that was."""
    skipped = 0
    while data := file.readline(1024 * 1024):
        skipped += len(data)
        if data.endswith(b"\n"):
            break
    return skipped


def decode_row(line: Line) -> Row | BadRow:
    """Decode a line to its fields; never raises, whatever the bytes are."""
    if line.problem:
        return line.problem
    if line.too_long:
        size = (line.end - line.start) / 1024 / 1024
        return BadRow("line_too_long", f"the line has {size:.0f} MiB; lines over 128 MiB are not read.")
    try:
        _check_utf8(line.data)
        return Row(_row_decoder.decode(line.data))
    except msgspec.ValidationError:
        return BadRow("not_an_object", "the line is JSON but not an object.")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _decode_leniently(line.data)


def _check_utf8(data: bytes) -> None:
    if not data.isascii():
        data.decode()


def _decode_leniently(data: bytes) -> Row | BadRow:
    text = data.decode("utf-8", "replace")
    torn = text.count(_REPLACEMENT) if text.encode() != data else 0
    repaired = [("not_utf8", f"{torn} bytes are not UTF-8 and stand as U+FFFD now.")] if torn else []
    try:
        value = json.loads(text, parse_constant=str, strict=False)
    except RecursionError:
        return BadRow("invalid_json", "the line is nested too deeply to be read.")
    except ValueError as error:
        return BadRow("invalid_json", f"the line is not JSON: {_reason(error)}.")
    if not isinstance(value, dict):
        return BadRow("not_an_object", "the line is JSON but not an object.")
    clean = _SURROGATE.sub(_REPLACEMENT, json.dumps(value, ensure_ascii=False))
    if not torn:
        sentence = "the line breaks the JSON standard (NaN, lone surrogates or raw control characters)."
        repaired.append(("lenient_json", sentence))
    try:
        return Row(_row_decoder.decode(clean.encode()), tuple(repaired))
    except (msgspec.DecodeError, RecursionError):
        return BadRow("invalid_json", "the line is JSON that cannot be represented.")


def _reason(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg.lower()} at column {error.colno}"
    return str(error)


def decode(raw: Raw | bytes) -> Any:
    """Decode the JSON text of a field; ``None`` where it cannot be represented."""
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def json_text(value: Any) -> str:
    """Return the compact JSON text of a decoded value."""
    try:
        return msgspec.json.encode(value).decode()
    except (OverflowError, msgspec.EncodeError):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
