"""Reads requests to a model with their responses, as proxies of the OpenAI and Anthropic APIs log them.

The shapes are those of OpenAI's Chat Completions (``choices``) and Anthropic's Messages (``content`` blocks).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import replace

from curator.ingest.dialogue import Spoken
from curator.ingest.lines import BadRow, decode
from curator.ingest.messages import BadMessage, spoken_message
from curator.ingest.places import given_tools, system_message
from curator.ingest.registry import register
from curator.ingest.rows import Branch, Dialogue, Fields, RowReader, read_messages

_REQUESTS = ("request", "request_body", "body", "kwargs")
_RESPONSES = ("response", "response_body")
_PARTS = {*_REQUESTS, *_RESPONSES}
_ANSWERED = (b'"choices"', b'"content"', b'"error"')


class _Choice(Struct):
    message: Raw
    finish_reason: str | None = None


class _Choices(Struct):
    choices: list[_Choice]


class _Blocks(Struct):
    content: Raw
    stop_reason: str | None = None


@register
class ExchangeReader(RowReader):
    """Rows of one request and its response; only the response is a turn, several choices are candidates.

    Earlier answers in the request have rows of their own. A response without an answer is dropped,
    with its error.
    """

    name = "exchange"
    title = "requests and responses of a chat API (`request` or `messages`, `response`)"

    def recognises(self, row: Mapping[str, bytes]) -> float:
        """Look for messages that were sent and an answer of an API."""
        plain = {name: text.replace(b"\\", b"") for name, text in row.items() if name in _PARTS}
        sent = "messages" in row or any(b'"messages"' in plain.get(name, b"") for name in _REQUESTS)
        answers = b" ".join(plain.get(name, b"") for name in _RESPONSES)
        return 0.93 if sent and any(mark in answers for mark in _ANSWERED) else 0.0

    def dialogue(self, fields: Fields) -> Dialogue | BadRow:
        """Put the response behind the messages of the request."""
        request = _request(fields)
        if "messages" not in request:
            return BadRow("no_messages", "the row has no request with `messages`.")
        given = request.exact("messages")
        prompt = read_messages(given, "messages")
        if isinstance(prompt, BadRow):
            return prompt
        prompt = system_message(request.get("system"), prompt)
        if not prompt:
            return BadRow("no_prompt", "the request has no message.")
        response = next((_object(fields, name) for name in _RESPONSES if name in fields), {})
        answers = _answers(response)
        if isinstance(answers, BadRow):
            return answers
        return Dialogue(
            tuple(Branch((*prompt, answer)) for answer in answers),
            context=len(prompt),
            tools=given_tools(request, prompt, given),
            model=Fields(response).text("model") or request.text("model"),
        )


def _request(fields: Fields) -> Fields:
    """Return the fields of the request: an object of the row, perhaps one in that, or the row itself."""
    if "messages" in fields:
        return fields
    for name in _REQUESTS:
        found = _object(fields, name)
        if found:
            return _request(Fields(found))
    return fields


def _object(fields: Fields, name: str) -> dict[str, Raw]:
    """Return the fields of an object that stands in a field as such or as text, none for anything else."""
    text = fields.get(name) if fields.exact(name).startswith(b'"') else None
    try:
        exact = text.encode("utf-8", "replace") if isinstance(text, str) else fields.exact(name)
        found = msgspec.json.decode(exact, type=dict[str, Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    inner = found.get("body")
    return _object(Fields(found), "body") or found if inner is not None else found


def _answers(response: Mapping[str, Raw]) -> list[Spoken] | BadRow:
    exact = msgspec.json.encode(response)
    try:
        if "choices" in response:
            choices = msgspec.json.decode(exact, type=_Choices).choices
            found = [(choice.message, choice.finish_reason) for choice in choices]
        else:
            blocks = msgspec.json.decode(exact, type=_Blocks)
            message = b'{"role":"assistant","content":%b}' % bytes(blocks.content)
            found = [(Raw(message), blocks.stop_reason)]
    except msgspec.DecodeError:
        return BadRow("no_response", f"the response has no answer{_error(response)}.")
    answers = [_answer(message, reason) for message, reason in found]
    return [one for one in answers if one] or BadRow("no_response", "the response has no answer.")


def _answer(message: Raw, reason: str | None) -> Spoken | None:
    spoken = spoken_message(message)
    if isinstance(spoken, BadMessage) or spoken.message.role != "assistant":
        return None
    return replace(spoken, finish_reason=reason or spoken.finish_reason)


def _error(response: Mapping[str, Raw]) -> str:
    given: Any = decode(response["error"]) if "error" in response else None
    text = given.get("message") if isinstance(given, dict) else given
    return f": {text[:160].rstrip('.')}" if isinstance(text, str) and text else ""
