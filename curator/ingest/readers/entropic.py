"""Reads session folders of entropic: both logs of the Python engine joined, or transcript and audit log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from curator.ingest.entropic.model_log import start_line
from curator.ingest.entropic.session import MODEL_LOG, SESSION_LOG, Joined
from curator.ingest.entropic.text import LogText
from curator.ingest.entropic.transcript import Transcript, is_transcript
from curator.ingest.items import Item, Loss, Options, Reader, Source
from curator.ingest.registry import register

_METADATA = "metadata.json"
_NOT_LABELS = {"prompt"}


@register
class EntropicReader(Reader):
    """A folder with ``session_model.log``, joined with what lies beside it.

    That is ``session.log`` and ``metadata.json`` for the Python engine, ``audit.jsonl`` for the C++ one.
    """

    name = "entropic"
    title = "an entropic session folder (session_model.log)"
    anchor = MODEL_LOG
    companions = (SESSION_LOG, _METADATA, "audit.jsonl*")

    def sniff(self, path: Path, head: bytes) -> float:
        """Know the log by its first line; the folder walk knows it by name."""
        return 1.0 if start_line(head.decode("utf-8", "replace")) else 0.0

    def read(self, source: Source, options: Options) -> Iterator[Item]:
        """Yield one session with its turns."""
        folder = source.path if source.path.is_dir() else source.path.parent
        shown = source.shown if source.path.is_dir() else str(Path(source.shown).parent)
        log = LogText.read(folder / MODEL_LOG)
        refused = _refusal(log, f"{shown}/{MODEL_LOG}")
        if refused:
            yield refused
            return
        yield from _bad_bytes(log, f"{shown}/{MODEL_LOG}")
        if is_transcript(log.text):
            labels, losses = _read_labels(folder / _METADATA, f"{shown}/{_METADATA}")
            yield from (loss for loss in losses if loss.code != "missing_metadata")
            yield from Transcript(folder, shown, MODEL_LOG, options, log, labels).items()
            return
        other, losses = _read_other(folder / SESSION_LOG, f"{shown}/{SESSION_LOG}")
        yield from losses
        labels, losses = _read_labels(folder / _METADATA, f"{shown}/{_METADATA}")
        yield from losses
        yield from Joined(folder, shown, options, log, other).items(labels)


def _refusal(log: LogText, shown: str) -> Loss | None:
    """Say why a file of the right name is no log of the Python engine."""
    if not log.text.strip():
        return Loss("dropped", "empty_file", "the file is empty.", shown)
    if is_transcript(log.text):
        return None
    if not start_line(log.text) and "\n[TURN " not in log.text and "\n[PROMPT] " not in log.text:
        return Loss("dropped", "unknown_format", "the file is no log of the engine.", shown)
    return None


def _read_other(path: Path, shown: str) -> tuple[LogText | None, list[Loss]]:
    try:
        log = LogText.read(path)
    except OSError as error:
        sentence = f"{_reason(error)}: tool results are unknown and lengths cannot be checked."
        code = "missing_session_log" if isinstance(error, FileNotFoundError) else "unreadable_session_log"
        return None, [Loss("repaired", code, sentence, shown)]
    return log, _bad_bytes(log, shown)


def _read_labels(path: Path, shown: str) -> tuple[dict[str, Any], list[Loss]]:
    try:
        data = path.read_bytes()
    except OSError as error:
        code = "missing_metadata" if isinstance(error, FileNotFoundError) else "unreadable_metadata"
        return {}, [Loss("repaired", code, f"{_reason(error)}: the session has no labels.", shown)]
    try:
        fields = msgspec.json.decode(data, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        sentence = f"the file is not a JSON object ({error}): the session has no labels."
        return {}, [Loss("repaired", "bad_metadata", sentence, shown)]
    return {name: value for name, value in fields.items() if name not in _NOT_LABELS}, []


def _bad_bytes(log: LogText, shown: str) -> list[Loss]:
    if not log.bad_bytes:
        return []
    sentence = f"{log.bad_bytes} bytes are not UTF-8 and stand as U+FFFD now."
    return [Loss("repaired", "not_utf8", sentence, shown)]


def _reason(error: OSError) -> str:
    missing = isinstance(error, FileNotFoundError)
    return "the file is missing" if missing else f"the file cannot be read ({error.strerror})"
