"""Reads session logs of the Codex CLI (``~/.codex/sessions/**/rollout-*.jsonl``).

Items are those of ``ResponseItem`` in ``codex-rs/protocol/src/models.rs`` of openai/codex. Newer versions
wrap each as ``{"timestamp", "type", "payload"}``; older ones write them bare, after a line on the session.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from curator.ingest.arrays import outlines
from curator.ingest.dialogue import Frame
from curator.ingest.heard import Heard, heard_call, heard_message, session_items, text_or_none
from curator.ingest.identity import session_key
from curator.ingest.items import Item, Loss, Options, Reader, Seen, Source
from curator.ingest.lines import BadRow, Line, decode, decode_row, json_text, read_lines
from curator.ingest.registry import register
from curator.model import SourceRef

_WRAPPERS = (b'"session_meta"', b'"response_item"')
_OUTPUTS = {
    "function_call_output",
    "custom_tool_call_output",
    "local_shell_call_output",
    "tool_search_output",
}
_GENERATED = {
    "reasoning",
    "function_call",
    "custom_tool_call",
    "local_shell_call",
    "web_search_call",
    "tool_search_call",
    "image_generation_call",
}
_COMPACTIONS = {"compaction", "compaction_summary", "context_compaction"}
_SILENT = {"ghost_snapshot", "compaction_trigger", "additional_tools"}
"""Items that no model wrote or reads as a message."""
_HOSTED = {"web_search_call": "action", "tool_search_call": "arguments", "image_generation_call": ""}
"""Calls without a name of their own, and the field that has their arguments."""
_EXIT_CODE = re.compile(r"(?:\AExit code: |^Process exited with code )(-?\d+)", re.MULTILINE)


@register
class CodexReader(Reader):
    """A session per file. The items between two inputs of the model are one generation."""

    name = "codex"
    title = "a session of Codex"
    suffixes = (".jsonl",)

    def sniff(self, path: Path, head: bytes) -> float:
        """Look for wrapped items, or for the first line of older logs with an item after it."""
        rows = outlines(head)
        if any("payload" in row and row.get("type") in _WRAPPERS for row in rows):
            return 0.95
        opens = rows and {"id", "timestamp"} <= rows[0].keys() and {"instructions", "git"} & rows[0].keys()
        return 0.9 if opens and "messages" not in rows[0] else 0.0

    def read(self, source: Source, options: Options) -> Iterator[Item]:
        """Yield the session with its turns."""
        rollout = _Rollout(source, options)
        yield from rollout.read()
        sentence = "the log does not hold the tools that were offered."
        if rollout.answered:
            yield Loss("repaired", "no_tools", sentence, source.shown)
        yield from session_items(rollout.session_id or source.path.stem, rollout.parts(), source.shown)


class _Rollout:
    """One pass over a log."""

    def __init__(self, source: Source, options: Options) -> None:
        self._source, self._options = source, options
        self.session_id = ""
        self.answered = 0
        self._started: str | None = None
        self._provider: str | None = None
        self._role = ""
        self._labels: dict[str, Any] = {}
        self._model: str | None = None
        self._parts: list[list[Heard]] = [[]]
        self._items: list[dict[str, Any]] = []
        self._lines: list[Line] = []
        self._time: str | None = None

    def read(self) -> Iterator[Loss | Seen]:
        """Read all lines; yield what is wrong with some of them."""
        for line in read_lines(self._source.path):
            row = decode_row(line)
            if isinstance(row, BadRow):
                yield Seen(1)
                yield Loss("dropped", row.code, row.message, self._source.shown, line.number, records=1)
                continue
            for code, sentence in row.repaired:
                yield Loss("repaired", code, sentence, self._source.shown, line.number)
            yield from self._line({name: decode(text) for name, text in row.fields.items()}, line)
        self._close()

    def _line(self, fields: dict[str, Any], line: Line) -> Iterator[Loss]:
        kind, payload = fields.get("type"), fields.get("payload")
        if not isinstance(payload, dict):
            if kind is None and "id" in fields:
                self._meta(fields, line)
            elif kind is not None and "payload" not in fields:
                yield from self._item(fields, line, None)
        elif kind == "session_meta":
            self._meta(payload, line)
        elif kind == "turn_context":
            self._model = text_or_none(payload.get("model")) or self._model
        elif kind == "compacted":
            yield from self._compacted(payload, line)
        elif kind == "response_item":
            yield from self._item(payload, line, fields.get("timestamp"))

    def _meta(self, meta: dict[str, Any], line: Line) -> None:
        if self.session_id:
            return
        self.session_id = str(meta.get("id") or "")
        self._started = text_or_none(meta.get("timestamp"))
        self._provider = text_or_none(meta.get("model_provider"))
        self._role = text_or_none(meta.get("agent_role")) or text_or_none(meta.get("agent_type")) or ""
        version = text_or_none(meta.get("cli_version"))
        self._labels = {"cli_version": version} if version else {}
        base = meta.get("base_instructions")
        text = base.get("text") if isinstance(base, dict) else meta.get("instructions")
        if isinstance(text, str) and text:
            self._say({"role": "system", "content": text}, line)

    def _item(self, item: dict[str, Any], line: Line, time: Any) -> Iterator[Loss]:
        kind = str(item.get("type"))
        if kind in _GENERATED or (kind == "message" and item.get("role") == "assistant"):
            self._items.append(item)
            self._lines.append(line)
            self._time = self._time or (time if isinstance(time, str) else None)
        elif kind == "message":
            self._close()
            self._say({"role": item.get("role"), "content": _parts(item.get("content"))}, line)
        elif kind in _OUTPUTS:
            self._close()
            self._say(_result(item), line)
        elif kind == "agent_message":
            self._close()
            self._say({"role": "user", "content": _parts(item.get("content"))}, line)
        elif kind in _COMPACTIONS:
            sentence = (
                "a part of the history was compacted and encrypted; later prompts show what was before."
            )
            yield Loss("repaired", "compacted", sentence, self._source.shown, line.number)
        elif kind not in _SILENT:
            sentence = f"an item of the kind {kind[:60]!r} is not known; it was left out."
            yield Loss("repaired", "unknown_item", sentence, self._source.shown, line.number)

    def _compacted(self, payload: dict[str, Any], line: Line) -> Iterator[Loss]:
        """After a compaction the model sees a new history."""
        self._close()
        before, self._parts = self._parts[-1], [*self._parts, []]
        kept = payload.get("replacement_history")
        if isinstance(kept, list):
            for item in kept:
                if isinstance(item, dict) and item.get("type") == "message":
                    value = {"role": item.get("role"), "content": _parts(item.get("content"))}
                    self._parts[-1].append(self._heard(value, [line], given=True))
            return
        self._parts[-1] += [one for one in before if one.spoken.message.role == "system"]
        self._say({"role": "user", "content": payload.get("message")}, line)
        sentence = "the history was compacted here; prompts after it begin with the summary alone."
        yield Loss("repaired", "compacted", sentence, self._source.shown, line.number)

    def _close(self) -> None:
        """Put the items of one generation together."""
        if self._items and any(item["type"] != "reasoning" for item in self._items):
            value = {**_answer(self._items), "model": self._model, "timestamp": self._time}
            exact = json_text(self._items if len(self._items) > 1 else self._items[0])
            self._parts[-1].append(self._heard(value, self._lines, exact))
            self.answered += 1
            self._items, self._lines, self._time = [], [], None

    def _say(self, value: dict[str, Any], line: Line) -> None:
        self._parts[-1].append(self._heard(value, [line]))

    def _heard(
        self, value: dict[str, Any], lines: list[Line], exact: str | None = None, given: bool = False
    ) -> Heard:
        place = SourceRef(str(self._source.path), lines[0].start, lines[-1].end, lines[0].number)
        one = heard_message(value, place, exact)
        return Heard(one.spoken, one.source, given)

    def parts(self) -> list[tuple[list[Heard], Frame]]:
        """Return the dialogue between each two compactions, with its frame."""
        found, index = [], 0
        for heard in self._parts:
            answers = [one for one in heard if one.spoken.message.role == "assistant"]
            given = sum(one.given for one in answers)
            found.append((heard, self._frame(index - given)))
            index += len(answers) - given
        return found

    def _frame(self, first: int) -> Frame:
        return Frame(
            session=session_key(CodexReader.name, self.session_id or self._source.path.stem),
            source=SourceRef(str(self._source.path), 0, 0, 1),
            first_index=first,
            tier=self._role if self._options.tier is None else self._options.tier,
            origin=self._options.origin,
            provider=self._provider,
            timestamp=self._started,
            labels=self._labels,
        )


def _answer(items: list[dict[str, Any]]) -> dict[str, Any]:
    thoughts = [text for item in items if item["type"] == "reasoning" for text in _thoughts(item)]
    texts = [part for item in items if item["type"] == "message" for part in _parts(item.get("content"))]
    calls = [call for item in items if (call := _call(item))]
    return {
        "role": "assistant",
        "content": texts,
        "reasoning_content": "\n\n".join(thoughts) or None,
        "tool_calls": calls,
    }


def _call(item: Mapping[str, Any]) -> dict[str, Any] | None:
    kind, call_id = item["type"], item.get("call_id")
    if kind == "function_call":
        return heard_call(item.get("name"), item.get("arguments"), call_id)
    if kind == "custom_tool_call":
        return heard_call(item.get("name"), {"input": item.get("input")}, call_id)
    if kind == "local_shell_call":
        action = item.get("action")
        arguments = {k: v for k, v in action.items() if k != "type"} if isinstance(action, dict) else {}
        return heard_call("local_shell", arguments, call_id or item.get("id"))
    if kind in _HOSTED:
        name, given = kind.removesuffix("_call"), item.get(_HOSTED[kind])
        return heard_call(name, given or {}, call_id or item.get("id"))
    return None


def _thoughts(item: Mapping[str, Any]) -> list[str]:
    """Return the reasoning itself where it is readable, else its summary."""
    for field in ("content", "summary"):
        entries = item.get(field)
        texts = (
            [e["text"] for e in entries if isinstance(e, dict) and e.get("text")]
            if isinstance(entries, list)
            else []
        )
        if texts:
            return [str(text) for text in texts]
    return []


def _parts(content: Any) -> list[Any]:
    """Return content in the parts that chat messages have."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    entries = content if isinstance(content, list) else []
    plain = ("input_text", "output_text")
    return [
        {"type": "text", "text": e.get("text")} if isinstance(e, dict) and e.get("type") in plain else e
        for e in entries
    ]


def _result(item: Mapping[str, Any]) -> dict[str, Any]:
    output = item.get("output", item.get("tools"))
    failed = isinstance(output, dict) and output.get("success") is False
    content = output.get("content") if isinstance(output, dict) else output
    text = content if isinstance(content, str) else ""
    value = {"role": "tool", "tool_call_id": item.get("call_id"), "is_error": failed or _exited(text)}
    return {**value, "content": content if isinstance(content, str) else _parts(content)}


def _exited(text: str) -> bool:
    """Tell whether a command says that it failed, in one of the three ways there have been."""
    code = _EXIT_CODE.search(text[:400])
    if code:
        return code[1] != "0"
    value = decode(text.encode("utf-8", "replace")) if text.startswith("{") else None
    metadata = value.get("metadata") if isinstance(value, dict) else None
    return isinstance(metadata, dict) and metadata.get("exit_code") not in (None, 0)
