"""Reads object rows: a query, the reasoning, the calls with their results, and the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Raw

from curator.ingest.dialogue import Spoken
from curator.ingest.lines import BadRow
from curator.ingest.messages import BadMessage, spoken_message
from curator.ingest.registry import register
from curator.ingest.rows import Dialogue, Fields, RowReader, one_dialogue, say


@register
class ObjectReader(RowReader):
    """Rows of one query each. With calls there are two turns: thinking and calls, then the answer.

    The raw output of the first is an OpenAI message made of the row's own values; calls are
    numbered, so that a result that is missing shifts no other.
    """

    name = "objects"
    title = "object rows (`query`, `reasoning`, `tool_calls`, `answer`)"

    def recognises(self, row: Mapping[str, bytes]) -> float:
        """Look for the fields by name."""
        return (
            0.95 if "query" in row and "answer" in row and {"reasoning", "tool_calls"} & row.keys() else 0.0
        )

    def dialogue(self, fields: Fields) -> Dialogue | BadRow:
        """Put the fields in the order in which they came about."""
        query, answer = fields.get("query"), fields.get("answer")
        if not isinstance(query, str) or not query:
            return BadRow("no_query", "the row has no query.")
        calls, thinking = fields.get("tool_calls") or [], fields.get("reasoning")
        if not isinstance(calls, list) or not all(isinstance(call, dict) for call in calls):
            return BadRow("bad_calls", "`tool_calls` is no list of objects.")
        reasoning = {"reasoning_content": thinking} if isinstance(thinking, str) and thinking else {}
        spoken = [say("user", query)]
        if calls:
            spoken += [_message(reasoning | {"tool_calls": _openai(calls)}), *_results(calls)]
            reasoning = {}
        if isinstance(answer, str):
            final = _message(reasoning | {"content": answer}) if reasoning else say("assistant", answer)
            spoken.append(final)
        return one_dialogue(spoken, labels=_labels(fields.get("metadata")))


def _message(fields: dict[str, Any]) -> Spoken:
    message = {"role": "assistant", "content": None, **fields}
    spoken = spoken_message(Raw(msgspec.json.encode(message)))
    assert not isinstance(spoken, BadMessage)
    return spoken


def _openai(calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "id": f"call_{number}",
            "type": "function",
            "function": {"name": _name(call), "arguments": _given(call)},
        }
        for number, call in enumerate(calls, 1)
    ]


def _name(call: dict[str, Any]) -> Any:
    return call.get("tool", call.get("name"))


def _given(call: dict[str, Any]) -> Any:
    return call.get("args", call.get("arguments"))


def _results(calls: list[dict[str, Any]]) -> list[Spoken]:
    found = []
    for number, call in enumerate(calls, 1):
        if call.get("result") is not None:
            content, call_id = _result_text(call["result"]), f"call_{number}"
            message = {"role": "tool", "tool_call_id": call_id, "name": _name(call), "content": content}
            spoken = spoken_message(Raw(msgspec.json.encode(message)))
            assert not isinstance(spoken, BadMessage)
            found.append(spoken)
    return found


def _result_text(result: Any) -> str:
    return result if isinstance(result, str) else msgspec.json.encode(result).decode()


def _labels(metadata: Any) -> dict[str, Any]:
    """Return what the metadata says in one word or number, such as the category."""
    values = metadata if isinstance(metadata, dict) else {}
    return {name: value for name, value in values.items() if isinstance(value, str | int | float)}
