"""Reads answer sheets: the answers of one model to a set of queries, each marked right or wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import replace

from curator.ingest.dialogue import Frame, dialogue_turns
from curator.ingest.files import open_log
from curator.ingest.identity import session_key
from curator.ingest.items import Item, Loss, Options, Reader, Seen, Source
from curator.ingest.lines import MAX_LINE_BYTES, decode
from curator.ingest.registry import register
from curator.ingest.rows import say
from curator.model import SourceRef
from curator.store.rows import SessionInfo

_NAME = "answers"
_LABELS = ("correct", "expected_type", "description", "elapsed_seconds")


class _Group(Struct):
    queries: list[Raw] = []


class _Sheet(Struct):
    by_category: dict[str, _Group]
    model_path: str = ""


@register
class AnswerSheetReader(Reader):
    """A JSON file with `by_category`, as Punie's validation writes it.

    A query is one session wherever it is asked: the answers of several sheets stand in it at the same
    place, with the labels `correct` and `category` and their model. The sheets do not say what system
    prompt there was, so the prompt is the query alone.
    """

    name = _NAME
    title = "an answer sheet (JSON with `by_category`)"
    suffixes = (".json",)

    def sniff(self, path: Path, head: bytes) -> float:
        """Look for categories of queries with responses."""
        marks = (b'"by_category"', b'"queries"', b'"response"')
        return 0.95 if head.lstrip().startswith(b"{") and all(mark in head for mark in marks) else 0.0

    def read(self, source: Source, options: Options) -> Iterator[Item]:
        """Yield one turn per answer."""
        sheet = _decoded(source)
        if isinstance(sheet, Loss):
            yield Seen(sheet.records)
            yield sheet
            return
        data, read = sheet
        reading = _Reading(source, options, read.model_path, data)
        for category, group in read.by_category.items():
            for text in group.queries:
                yield from reading.answer(category, bytes(text))


def _decoded(source: Source) -> tuple[bytes, _Sheet] | Loss:
    with open_log(source.path) as file:
        data = file.read(MAX_LINE_BYTES + 1)
    if not data:
        return Loss("dropped", "empty_file", "the file is empty.", source.shown)
    if len(data) > MAX_LINE_BYTES:
        return Loss("dropped", "too_long", "sheets over 128 MiB are not read.", source.shown, records=1)
    try:
        return data, msgspec.json.decode(data, type=_Sheet)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Loss("dropped", "bad_sheet", f"this is no answer sheet: {error}.", source.shown, records=1)


class _Reading:
    """One pass over a sheet."""

    def __init__(self, source: Source, options: Options, model: str, data: bytes) -> None:
        self._source, self._options, self._model, self._data = source, options, model, data
        self._at, self._line = 0, 1
        self._occurrences: Counter[str] = Counter()

    def answer(self, category: str, text: bytes) -> Iterator[Item]:
        """Yield the turn of one answer with its session."""
        place = self._place(text)
        value = decode(text)
        query, response = (
            (value.get("query"), value.get("response")) if isinstance(value, dict) else (None, None)
        )
        yield Seen()
        if not isinstance(query, str) or not isinstance(response, str):
            sentence = "the answer lacks its query or its response."
            yield Loss("dropped", "bad_answer", sentence, self._source.shown, place.line, records=1)
            return
        frame = Frame(
            session=session_key(_NAME, query),
            source=place,
            tier=self._options.tier or "",
            origin=self._options.origin,
            model=self._model or None,
            labels={"category": category, **_labels(value)},
        )
        yield SessionInfo(frame.session, name=query, tier=frame.tier, turns=1)
        for turn in dialogue_turns([say("user", query), say("assistant", response)], frame):
            key = session_key(_NAME, turn.key, self._model)
            yield replace(turn, key=session_key(_NAME, key, self._occurrences[key]))
            self._occurrences[key] += 1

    def _place(self, text: bytes) -> SourceRef:
        start = self._data.find(text, self._at)
        if start < 0:
            self._at, self._line, start = 0, 1, self._data.find(text)
        line = self._line + self._data.count(b"\n", self._at, start)
        self._at = start + len(text)
        self._line = line + text.count(b"\n")
        return SourceRef(str(self._source.path), start, self._at, line)


def _labels(value: dict[str, Any]) -> dict[str, Any]:
    return {name: value[name] for name in _LABELS if value.get(name) is not None}
