"""Reads the files below the paths that a user names into rows, by the readers of ingest."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from curator.errors import InputError
from curator.ingest.arrays import read_rows
from curator.ingest.dialogue import Frame, dialogue_turns
from curator.ingest.files import log_suffix, open_log
from curator.ingest.items import Loss, Options, Reader, Source
from curator.ingest.lines import BadRow, Line, decode_row
from curator.ingest.readers.mlx import MlxReader
from curator.ingest.registry import readers, sniff
from curator.ingest.rows import Dialogue, Fields, RowReader, row_tools
from curator.ingest.walk import Found, find_sources
from curator.lint.model import Failure, Place, Row, Split
from curator.lint.tokens import special_tokens
from curator.model import Message, SourceRef, Turn

_DATA_SUFFIXES = (".jsonl", ".ndjson", ".parquet", ".csv", ".tsv")
_NEVER_DATA = re.compile(r"(?i)config|metadata|manifest|tokenizer|package")
_TIERS = ("tier", "agent")
_TEXT_FORMAT = "text"
_PEEKED = 5
_PEEKED_BYTES = 64 * 1024


def read_files(paths: list[Path]) -> list[Split]:
    """Return every data file below the paths, read; other files are passed over.

    Raises:
        InputError: A path does not exist, or there is no data below any.
    """
    named = {path.absolute() for path in paths}
    files = [file for found in find_sources(paths) for file in _files(found, named)]
    if not files:
        shown = ", ".join(map(str, paths))
        raise InputError(f"{shown}: no data set here; give JSON lines, CSV or Parquet, or their folder.")
    return files


def _files(found: Found, named: set[Path]) -> Iterator[Split]:
    source, reader, loss = found
    if loss and loss.code in ("missing", "unreadable"):
        raise InputError(f"{source.shown}: {loss.message}")
    if isinstance(reader, MlxReader):
        for path in reader.splits(source):
            shown = str(Path(source.shown) / path.name) if source.path.is_dir() else source.shown
            yield _read(Source(path, shown), sniff(path))
    elif reader or source.path in named or _looks_like_data(source.path):
        yield _read(source, reader)


def _looks_like_data(path: Path) -> bool:
    return log_suffix(path) in _DATA_SUFFIXES and not _NEVER_DATA.search(path.name)


def _read(source: Source, reader: Reader | None) -> Split:
    split = Split("all", source.path, source.shown, reader.name if reader else "")
    split.is_session_log = bool(reader and reader.anchor and reader.whole_folder)
    if source.path.is_file() and _is_blank(source.path):
        return split
    if reader is None:
        message = "its rows are in no format that Curator knows."
        split.failures.append(Failure("unknown_format", message, Place(source.shown, 0)))
        return split
    rows = _row_reader(source.path, reader)
    try:
        if rows:
            split.format = rows.name
            _read_rows(split, rows)
        else:
            split.rows += _sessions(split, reader.read(source, Options()))
    except OSError as error:
        raise InputError(f"{source.shown}: the file cannot be read: {error.strerror or error}.") from error
    return split


def _is_blank(path: Path) -> bool:
    with open_log(path) as file:
        return not file.read(_PEEKED_BYTES).strip()


def _row_reader(path: Path, reader: Reader) -> RowReader | None:
    """Return the reader of the rows; of a table, that which knows its columns."""
    if isinstance(reader, RowReader):
        return reader
    if reader.name != "table":
        return None
    head = b"\n".join(line.data for line in islice(read_rows(path), _PEEKED))
    known = [one for one in readers().values() if isinstance(one, RowReader)]
    best = max(known, key=lambda one: one.sniff(path, head))
    return best if best.sniff(path, head) > 0 else None


def _read_rows(split: Split, reader: RowReader) -> None:
    for line in read_rows(split.path):
        place = Place(split.shown, line.number)
        decoded = decode_row(line)
        if isinstance(decoded, BadRow):
            split.failures.append(Failure(decoded.code, decoded.message, place))
            continue
        if bytes(decoded.fields.get("messages", b"")) == b"null":
            split.null_messages.append(place)
        fields = Fields(decoded.fields)
        said = reader.dialogue(fields)
        if isinstance(said, BadRow):
            split.failures.append(Failure(said.code, said.message, place))
            continue
        repaired = frozenset(code for code, _ in (*decoded.repaired, *said.repaired))
        split.rows.append(_row(line, place, fields, said, repaired, reader.name == _TEXT_FORMAT))


def _row(
    line: Line, place: Place, fields: Fields, said: Dialogue, repaired: frozenset[str], is_template: bool
) -> Row:
    branch = said.branches[0]
    tools = said.tools or row_tools(fields, branch.spoken)
    reference = SourceRef(place.file, line.start, line.end, line.number)
    frame = Frame("lint", reference, tools=tools.specs, tools_in_prompt=tools.in_prompt)
    given = sum(one.message.role == "assistant" for one in branch.spoken[: said.context])
    messages = tuple(one.message for one in branch.spoken)
    return Row(
        place=place,
        messages=messages,
        turns=tuple(dialogue_turns(branch.spoken, frame, skip=given)),
        tools=tools.specs,
        tier=said.tier if said.tier is not None else fields.text(*_TIERS) or "",
        repaired=repaired,
        rejected="\n".join(one.exact for other in said.branches[1:] for one in other.spoken),
        tokens=special_tokens(line.data, messages, is_template=is_template),
        is_template=is_template,
    )


def _sessions(split: Split, items: Iterable[object]) -> Iterator[Row]:
    """Yield one row for each session of a log: its last prompt and answer are the whole dialogue."""
    turns: dict[str, list[Turn]] = defaultdict(list)
    for item in items:
        if isinstance(item, Turn):
            turns[item.session].append(item)
        elif isinstance(item, Loss) and item.records:
            split.failures.append(Failure(item.code, item.message, Place(split.shown, item.line)))
    for own in turns.values():
        last = max(own, key=lambda turn: (len(turn.prompt), turn.index))
        answer = Message("assistant", last.output.content or "", tool_calls=last.output.tool_calls)
        place = Place(split.shown, own[0].source.line)
        yield Row(place, (*last.prompt, answer), tuple(own), last.tools, last.tier)
