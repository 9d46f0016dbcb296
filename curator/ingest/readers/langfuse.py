"""Reads generations exported from Langfuse: a JSON array, JSON lines, or an answer of its public API.

Fields are those of ``Observation`` in the OpenAPI description of Langfuse's public API, as the generated
client langfuse-client-base 0.15 has them. What stands in ``input`` and ``output`` is up to the program that
was traced; chat messages are read, any other value is text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from curator.ingest.arrays import outlines, read_rows
from curator.ingest.dialogue import Frame
from curator.ingest.heard import Heard, heard_message, session_items, text_or_none
from curator.ingest.identity import session_key
from curator.ingest.items import Item, Loss, Options, Reader, Seen, Source
from curator.ingest.lines import BadRow, decode, decode_row, json_text
from curator.ingest.registry import register
from curator.model import SourceRef
from curator.parsing import tool_spec

_LISTS = ("data", "observations")
_TRACE = "curator.trace"
"""Where an observation keeps the trace that it was exported with, for its scores and tags."""
_LABELS = {
    "statusMessage": "status_message",
    "environment": "environment",
    "promptName": "prompt_name",
    "promptVersion": "prompt_version",
    "latency": "latency",
}


@register
class LangfuseReader(Reader):
    """A turn per generation with an output, a session per trace."""

    name = "langfuse"
    title = "generations exported from Langfuse"
    suffixes = (".json", ".jsonl")

    def sniff(self, path: Path, head: bytes) -> float:
        """Look for observations, in a list of their own or one by one."""
        if any({"traceId", "type", "startTime"} <= row.keys() for row in outlines(head)):
            return 0.98
        return 0.85 if b'"traceId"' in head and b'"GENERATION"' in head else 0.0

    def read(self, source: Source, options: Options) -> Iterator[Item]:
        """Yield the traces in the order in which they began."""
        found: list[tuple[dict[str, Any], SourceRef]] = []
        for line in read_rows(source.path):
            row = decode_row(line)
            if isinstance(row, BadRow):
                yield Seen(1)
                yield Loss("dropped", row.code, row.message, source.shown, line.number, records=1)
                continue
            place = SourceRef(str(source.path), line.start, line.end, line.number)
            fields = {name: decode(text) for name, text in row.fields.items()}
            found += [(one, place) for one in _observations(fields) if one.get("type") == "GENERATION"]
        found.sort(key=lambda one: str(one[0].get("startTime")))
        yield from _traces(found, source, options)


def _observations(fields: dict[str, Any]) -> list[dict[str, Any]]:
    for name in _LISTS:
        if isinstance(fields.get(name), list):
            found = [one for one in fields[name] if isinstance(one, dict)]
            return [{**one, _TRACE: fields} for one in found] if name == "observations" else found
    return [fields]


def _traces(
    found: list[tuple[dict[str, Any], SourceRef]], source: Source, options: Options
) -> Iterator[Item]:
    traces: dict[str, list[tuple[list[Heard], Frame]]] = {}
    for one, place in found:
        answer = _answer(_value(one.get("output")))
        if answer is None:
            sentence = f"generation {one.get('id')} has no output."
            yield Seen(1)
            yield Loss("dropped", "no_output", sentence, source.shown, place.line, records=1)
            continue
        messages, tools = _prompt(_value(one.get("input")))
        prompt = [heard_message(message, place) for message in messages]
        heard = [replace(h, given=h.spoken.message.role == "assistant") for h in prompt]
        trace = str(one.get("traceId") or one.get("id"))
        parts = traces.setdefault(trace, [])
        first = len(parts) - sum(h.given for h in heard)
        frame = _frame(one, place, trace, first, options, tools)
        parts.append(([*heard, heard_message(answer, place)], frame))
    for trace, parts in traces.items():
        yield from session_items(trace, _answered(parts), source.shown)


def _answered(parts: list[tuple[list[Heard], Frame]]) -> list[tuple[list[Heard], Frame]]:
    """Give each generation the results of its calls, which only later prompts hold."""
    results = {
        h.spoken.message.tool_call_id: h
        for heard, _ in parts
        for h in heard
        if h.spoken.message.role == "tool" and h.spoken.message.tool_call_id
    }
    return [
        ([*heard, *(results[c.id] for c in heard[-1].spoken.message.tool_calls if c.id in results)], frame)
        for heard, frame in parts
    ]


def _prompt(given: Any) -> tuple[list[dict[str, Any]], Any]:
    """Return the messages of an input, and the tools that it offers."""
    tools = given.get("tools") if isinstance(given, dict) else None
    messages = given.get("messages", given) if isinstance(given, dict) else given
    if _is_message(messages):
        return [messages], tools
    if isinstance(messages, list) and messages and all(_is_message(m) for m in messages):
        return messages, tools
    if messages is None:
        return [], tools
    return [
        {"role": "user", "content": messages if isinstance(messages, str) else json_text(messages)}
    ], tools


def _answer(given: Any) -> dict[str, Any] | None:
    """Return the output as a message of the assistant; None when there is none."""
    if isinstance(given, list) and len(given) == 1:
        given = given[0]
    if given is None or given == "":
        return None
    if isinstance(given, dict) and ("content" in given or "tool_calls" in given):
        return {**given, "role": "assistant"}
    return {"role": "assistant", "content": given if isinstance(given, str) else json_text(given)}


def _frame(
    one: Mapping[str, Any], place: SourceRef, trace: str, first: int, options: Options, tools: Any
) -> Frame:
    specs = [tool_spec(entry) for entry in tools] if isinstance(tools, list) else []
    metadata = one.get("metadata")
    stated = metadata.get("ls_provider") if isinstance(metadata, dict) else None
    return Frame(
        session=session_key(LangfuseReader.name, trace),
        source=place,
        first_index=first,
        tools=tuple(spec for spec in specs if spec),
        tier=options.tier if options.tier is not None else "",
        origin=options.origin,
        model=text_or_none(one.get("model")),
        provider=text_or_none(stated),
        timestamp=str(one["startTime"]) if one.get("startTime") else None,
        labels=_labels(one),
    )


def _labels(one: Mapping[str, Any]) -> dict[str, Any]:
    """Return what Langfuse and its users say about a generation, with the scores of its whole trace."""
    trace = one.get(_TRACE, {})
    labels = {own: one[name] for name, own in _LABELS.items() if one.get(name) not in (None, "")}
    level = one.get("level")
    if level not in (None, "DEFAULT"):
        labels["level"] = level
    if trace.get("tags"):
        labels["tags"] = trace["tags"]
    given = [s for owner in (trace, one) for s in _scores(owner.get("scores")) if _concerns(s, one)]
    scores = {str(s.get("name")): s.get("stringValue") or s.get("value") for s in given}
    return {**labels, "scores": scores} if scores else labels


def _scores(given: Any) -> list[Mapping[str, Any]]:
    return [score for score in given if isinstance(score, dict)] if isinstance(given, list) else []


def _concerns(score: Mapping[str, Any], one: Mapping[str, Any]) -> bool:
    return score.get("observationId") in (None, one.get("id"))


def _value(given: Any) -> Any:
    """Exports may hold inputs and outputs as JSON texts."""
    if isinstance(given, str) and given.lstrip()[:1] in ("{", "["):
        value = decode(given.encode("utf-8", "replace"))
        return given if value is None else value
    return given


def _is_message(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("role"), str)
