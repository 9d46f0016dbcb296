"""Reads exported OpenTelemetry traces of GenAI calls (OTLP JSON: ``resourceSpans``).

Messages are those of ``gen-ai-input-messages.json`` and ``gen-ai-output-messages.json`` in
open-telemetry/semantic-conventions, as attributes of a span or of its events. The older attributes
``gen_ai.prompt.N.*`` and ``gen_ai.completion.N.*`` are those that traceloop/openllmetry writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from curator.ingest.dialogue import Frame
from curator.ingest.documents import read_documents
from curator.ingest.heard import Heard, heard_call, heard_message, session_items
from curator.ingest.identity import session_key
from curator.ingest.items import Item, Loss, Options, Reader, Seen, Source
from curator.ingest.lines import BadRow, decode, decode_row, json_text
from curator.ingest.registry import register
from curator.model import SourceRef
from curator.parsing import tool_spec

_INPUT, _OUTPUT = "gen_ai.input.messages", "gen_ai.output.messages"
_NUMBERED = re.compile(r"gen_ai\.(prompt|completion)\.(\d+)\.(.+)")
_NUMBERED_CALL = re.compile(r"tool_calls\.(\d+)\.(id|name|arguments)")
_MAX_NANOSECONDS = 2**63
_FAILED = (2, "2", "STATUS_CODE_ERROR")
_SCORE_NAME = "gen_ai.evaluation.name"
_SCALARS = ("stringValue", "intValue", "doubleValue", "boolValue", "bytesValue")


@register
class OpenTelemetryReader(Reader):
    """A turn per span with an output, a session per conversation or else per trace."""

    name = "opentelemetry"
    title = "an OpenTelemetry trace of GenAI calls (OTLP JSON)"
    suffixes = (".json", ".jsonl")

    def sniff(self, path: Path, head: bytes) -> float:
        """Look for spans of GenAI calls."""
        if b'"resourceSpans"' not in head[:4096]:
            return 0.0
        return 0.95 if b"gen_ai." in head else 0.5

    def read(self, source: Source, options: Options) -> Iterator[Item]:
        """Yield the sessions in the order in which they began."""
        spans: list[_Span] = []
        for line in read_documents(source.path):
            row = decode_row(line)
            if isinstance(row, BadRow):
                yield Seen(1)
                yield Loss("dropped", row.code, row.message, source.shown, line.number, records=1)
                continue
            place = SourceRef(str(source.path), line.start, line.end, line.number)
            given = decode(row.fields.get("resourceSpans", b"[]"))
            spans += [_Span(span, place) for span in _spans(given)]
        yield from _sessions(spans, source, options)


def _spans(given: Any) -> Iterator[dict[str, Any]]:
    for resource in _objects(given):
        for scope in _objects(resource.get("scopeSpans", resource.get("instrumentationLibrarySpans"))):
            yield from _objects(scope.get("spans"))


class _Span:
    """One span with its attributes, and the messages that it states."""

    def __init__(self, span: Mapping[str, Any], place: SourceRef) -> None:
        self.place = place
        self.trace = str(span.get("traceId") or "")
        self.started = (
            int(span.get("startTimeUnixNano") or 0) if _is_number(span.get("startTimeUnixNano")) else 0
        )
        events = [
            _attributes(e) for e in _objects(span.get("events")) if str(e.get("name")).startswith("gen_ai.")
        ]
        self.attributes = {name: value for one in (*events, _attributes(span)) for name, value in one.items()}
        self.scores = dict(_score(one) for one in events if _SCORE_NAME in one)
        status = span.get("status")
        self.status: Mapping[str, Any] = status if isinstance(status, dict) else {}
        numbered = _numbered(self.attributes)
        self.input = [*self._system(), *(_messages(self.attributes.get(_INPUT)) or numbered["prompt"])]
        self.output = _messages(self.attributes.get(_OUTPUT)) or numbered["completion"]

    def _system(self) -> list[dict[str, Any]]:
        parts = _decoded(self.attributes.get("gen_ai.system_instructions"))
        return _messages([{"role": "system", "parts": parts}]) if parts else []

    def text(self, *names: str) -> str | None:
        """Return the first of these attributes that is text."""
        return next((v for n in names if isinstance(v := self.attributes.get(n), str) and v), None)

    def results(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the results that it knows, by the id of their call."""
        for message in self.input:
            if message["role"] == "tool" and message.get("tool_call_id"):
                yield message["tool_call_id"], message
        call_id, result = self.text("gen_ai.tool.call.id"), self.attributes.get("gen_ai.tool.call.result")
        if call_id and result is not None:
            value = {"role": "tool", "content": _as_text(result), "tool_call_id": call_id}
            yield call_id, {**value, "is_error": self.failed}

    @property
    def failed(self) -> bool:
        """Whether the span says that what it traces failed."""
        return self.status.get("code") in _FAILED

    def labels(self) -> dict[str, Any]:
        """Return how it ended, where that is not well, and the scores of evaluations."""
        said = {
            "status": "error" if self.failed else None,
            "status_message": self.status.get("message"),
            "error_type": self.text("error.type"),
            "scores": self.scores,
        }
        return {name: value for name, value in said.items() if value}

    def finish_reason(self) -> str | None:
        """Return why the first answer ended, where the span and not the answer says it."""
        reasons = _decoded(self.attributes.get("gen_ai.response.finish_reasons"))
        first = next(iter(reasons), None) if isinstance(reasons, list) else reasons
        return first if isinstance(first, str) else None

    @property
    def conversation(self) -> str:
        """What tells its session from others."""
        return self.text("gen_ai.conversation.id", "session.id") or self.trace


def _sessions(spans: list[_Span], source: Source, options: Options) -> Iterator[Item]:
    spans.sort(key=lambda span: span.started)
    results = {call_id: message for span in spans for call_id, message in span.results()}
    by_session: dict[str, list[_Span]] = {}
    for span in spans:
        if span.output:
            by_session.setdefault(span.conversation, []).append(span)
            others = len(span.output) - 1
            if others:
                sentence = f"the span holds {others} further answers to the same prompt; they were left out."
                yield Loss("repaired", "other_choices", sentence, source.shown, span.place.line)
        elif span.text("gen_ai.operation.name") in ("chat", "text_completion", "generate_content"):
            sentence = "the span holds no messages; content was not captured when it was recorded."
            yield Seen(1)
            yield Loss("dropped", "no_content", sentence, source.shown, span.place.line, records=1)
    for name, own in by_session.items():
        parts = []
        for index, span in enumerate(own):
            heard = list(_dialogue(span, results))
            given = sum(one.given for one in heard)
            parts.append((heard, _frame(span, name, index - given, options)))
        yield from session_items(name, parts, source.shown)


def _dialogue(span: _Span, results: Mapping[str, dict[str, Any]]) -> Iterator[Heard]:
    """Yield the prompt, the first answer, and the results of its calls that other spans know."""
    for message in span.input:
        one = heard_message(message, span.place)
        yield replace(one, given=one.spoken.message.role == "assistant")
    answer = {**span.output[0], "role": "assistant"}
    answer["finish_reason"] = answer.get("finish_reason") or span.finish_reason()
    yield heard_message(answer, span.place)
    for call in _objects(answer.get("tool_calls")):
        if isinstance(call.get("id"), str) and call["id"] in results:
            yield heard_message(results[call["id"]], span.place)


def _frame(span: _Span, session: str, first: int, options: Options) -> Frame:
    given = _decoded(span.attributes.get("gen_ai.tool.definitions"))
    tools = [spec for entry in _objects(given) if (spec := tool_spec(entry)) is not None]
    return Frame(
        session=session_key(OpenTelemetryReader.name, session),
        source=span.place,
        first_index=first,
        tools=tuple(tools),
        tier=options.tier if options.tier is not None else span.text("gen_ai.agent.name") or "",
        origin=options.origin,
        model=span.text("gen_ai.response.model", "gen_ai.request.model"),
        provider=span.text("gen_ai.provider.name", "gen_ai.system"),
        timestamp=_time(span.started),
        labels=span.labels(),
    )


def _score(event: Mapping[str, Any]) -> tuple[str, Any]:
    """Return the name and the value, else the label, of one evaluation."""
    value = event.get("gen_ai.evaluation.score.value")
    return str(event[_SCORE_NAME]), event.get("gen_ai.evaluation.score.label") if value is None else value


def _time(nanoseconds: int) -> str | None:
    if not 0 < nanoseconds < _MAX_NANOSECONDS:
        return None
    return datetime.fromtimestamp(nanoseconds / 1e9, UTC).isoformat()


def _messages(given: Any) -> list[dict[str, Any]]:
    """Return messages of parts in the shape of chat messages; each result is a message of its own."""
    found = []
    for message in _objects(_decoded(given)):
        parts = _objects(message.get("parts"))
        results = [part for part in parts if part.get("type") == "tool_call_response"]
        found += [_result(part) for part in results]
        if not results or len(parts) > len(results):
            found.append(_message(message, parts))
    return found


def _message(message: Mapping[str, Any], parts: list[dict[str, Any]]) -> dict[str, Any]:
    texts, thoughts, calls = [], [], []
    for part in parts:
        kind = part.get("type")
        if kind == "text":
            texts.append(_as_text(part.get("content")))
        elif kind == "reasoning":
            thoughts.append(_as_text(part.get("content")))
        elif kind == "tool_call":
            calls.append(heard_call(part.get("name"), part.get("arguments"), part.get("id")))
        elif kind != "tool_call_response":
            texts.append(json_text(part))
    found = {"role": str(message.get("role") or "user"), "content": "".join(texts), "tool_calls": calls}
    return {
        **found,
        "reasoning_content": "\n".join(thoughts) or None,
        "finish_reason": message.get("finish_reason"),
    }


def _result(part: Mapping[str, Any]) -> dict[str, Any]:
    value = part.get("response", part.get("result"))
    return {"role": "tool", "content": _as_text(value), "tool_call_id": part.get("id")}


def _numbered(attributes: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Collect the messages of the older attributes, one attribute per field."""
    found: dict[str, dict[int, dict[str, Any]]] = {"prompt": {}, "completion": {}}
    for name, value in attributes.items():
        match = _NUMBERED.fullmatch(name)
        if not match:
            continue
        message = found[match[1]].setdefault(int(match[2]), {"role": "assistant", "calls": {}})
        call = _NUMBERED_CALL.fullmatch(match[3])
        if call:
            message["calls"].setdefault(int(call[1]), {})[call[2]] = value
        elif match[3] in ("role", "content", "finish_reason", "tool_call_id"):
            message[match[3]] = value
    return {kind: [_from_fields(messages[n]) for n in sorted(messages)] for kind, messages in found.items()}


def _from_fields(fields: dict[str, Any]) -> dict[str, Any]:
    calls = [fields["calls"][number] for number in sorted(fields["calls"])]
    message = {name: value for name, value in fields.items() if name != "calls"}
    message["tool_calls"] = [heard_call(c.get("name"), c.get("arguments"), c.get("id")) for c in calls]
    return message


def _attributes(owner: Mapping[str, Any]) -> dict[str, Any]:
    return {str(entry.get("key")): _value(entry.get("value")) for entry in _objects(owner.get("attributes"))}


def _value(given: Any) -> Any:
    """Return a typed value of OTLP as plain data."""
    if not isinstance(given, dict):
        return given
    for kind in _SCALARS:
        if kind in given:
            return given[kind]
    if isinstance(given.get("arrayValue"), dict):
        values = given["arrayValue"].get("values")
        return [_value(entry) for entry in values] if isinstance(values, list) else []
    if isinstance(given.get("kvlistValue"), dict):
        return _attributes({"attributes": given["kvlistValue"].get("values")})
    return None


def _decoded(value: Any) -> Any:
    return decode(value.encode("utf-8", "replace")) if isinstance(value, str) else value


def _objects(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json_text(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int) or (isinstance(value, str) and value.isdecimal())
