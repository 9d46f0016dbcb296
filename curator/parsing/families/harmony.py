"""Harmony, the message format of gpt-oss: a header with channel and recipient before each message.

``analysis`` is thinking, ``final`` and ``commentary`` are content, a recipient makes a call. Logs
whose special tokens were stripped (``analysis…assistantcommentary to=functions.f json{…}``) are
read too. See ``docs/format.md`` of openai/harmony.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from curator.model import Problem, Span, ToolCall
from curator.parsing.json_calls import REPAIRED, status_of
from curator.parsing.json_values import Invalid, load, value_end
from curator.parsing.registry import Delimiters, Read, Syntax, Thinking, Whole, marker_pattern, register
from curator.parsing.scan import Scan

ID = "harmony"
MODELS = ("gpt-oss", "gpt-oss-20b", "gpt-oss-120b")
START, CHANNEL, END = "<|start|>assistant", "<|channel|>", "<|end|>"
ANALYSIS = Delimiters(f"{CHANNEL}analysis<|message|>", END)
NAMESPACE = "functions."
MAX_LONG_VALUES = 8
"""How many values that never end are followed past the next header; keeps the time linear."""

_CHANNEL = (
    r"<\|channel\|>\s*+(?P<channel>\w{0,20})"
    r"(?P<tail>[^<\n]{0,200}(?:<\|constrain\|>[^<\n]{0,60})?)<\|message\|>"
)
_ENDED = r"<\|(?:end|call|return)\|>\s*"
_STARTED = rf"(?:{_ENDED})?<\|start\|>(?P<role>[\w.:-]{{1,100}})(?P<head>[^<\n]{{0,200}})"
_HEADER = re.compile(rf"(?:{_STARTED}|{_ENDED}){_CHANNEL}")
_FIRST = (
    re.compile(rf"\s*(?:{_STARTED})?{_CHANNEL}"),
    re.compile(rf"\s*(?P<head>to=[^<\s]{{1,200}}\s*){_CHANNEL}"),
)
_ANY = re.compile(_CHANNEL)
_TORN = re.compile(rf"{_ENDED}<\|(?:start|channel)\|>|<\|start\|>assistant[^<\n]{{0,200}}\Z")
_FIRST_TORN = re.compile(r"\s*(?:<\|start\|>[^<\n]{0,200})?<\|channel\|>[^<\n]{0,200}\Z")
_PREFILLED = re.compile(r"<\|channel\|>\s*(\w+)[^<]*<\|message\|>[^<]*\Z")
_HEADER_WORDS = re.compile(r"to=[^\s<]+|<\|constrain\|>|\b(?:json|code|text)\b")
_RECIPIENT = re.compile(r"\bto=([^\s<]+)")
_END_TOKENS = re.compile(r"<\|(?:end|call|return)\|>")

_BARE = (
    r"(?: to=(?P<head>[\w.-]{1,100}?))?(?P<channel>analysis|commentary|final)"
    r"(?: to=(?P<tail>[\w.-]{1,100}?)(?: ?(?:json|code))?(?=\s*\{)| ?(?:json|code)(?=\s*\{))?"
)
_STRIPPED = re.compile(rf"assistant{_BARE}")
_STRIPPED_FIRST = re.compile(rf"\s*(?:assistant)?{_BARE}")


class Message(NamedTuple):
    """One message: where its header starts, and the bounds of its body."""

    start: int
    body: int
    end: int
    channel: str
    recipient: str | None = None
    role: str = "assistant"
    value_end: int = -1
    """Where the JSON of a call ends."""
    is_odd: bool = False
    """True when the header says something that no header means."""


@dataclass
class Draft:
    """What was read so far of an output."""

    start: int
    thinking: Thinking | None = None
    calls: list[ToolCall] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    pieces: list[Span] = field(default_factory=list)

    def fail(self, code: str, text: str, span: Span) -> None:
        """Add a problem."""
        self.problems.append(Problem(code, text, span))


def read(scan: Scan, marker: str, at: int) -> Read | None:
    """Claim no marker: only whole outputs are in this format."""
    return None


def read_whole(scan: Scan, start: int, prefill: str) -> Whole | None:
    """Read an output that is messages with headers, or ``None`` for any other."""
    messages = _tokens(scan, start, prefill) if CHANNEL in scan.text or CHANNEL in prefill else None
    messages = messages or _stripped(scan, start)
    if messages is None:
        return None
    draft = Draft(start)
    for message in messages:
        _add(scan, draft, message)
    thinking = draft.thinking or Thinking(start, start)
    return Whole(thinking, tuple(draft.calls), tuple(draft.problems), tuple(draft.pieces))


def render(calls: Sequence[ToolCall]) -> str:
    """Return one message a call; the first header goes on where the prompt ends."""
    return START.join(_written(call) for call in calls)


def render_turn(thinking: str, content: str, calls: Sequence[ToolCall]) -> str:
    """Return the messages of a turn: analysis, then a preamble and calls, or the final answer."""
    channel, end = ("commentary", END) if calls else ("final", "<|return|>")
    parts = [f"{ANALYSIS.open}{thinking}{END}"] if thinking else []
    parts += [f"{CHANNEL}{channel}<|message|>{content}{end}"] if content or not calls else []
    return START.join([*parts, *map(_written, calls)])


def _written(call: ToolCall) -> str:
    arguments = json.dumps(call.arguments, ensure_ascii=False)
    return f"{CHANNEL}commentary to={NAMESPACE}{call.name} <|constrain|>json<|message|>{arguments}<|call|>"


def _tokens(scan: Scan, start: int, prefill: str) -> Iterator[Message] | None:
    """Return the messages of an output that has its special tokens."""
    text = scan.text
    first = next((found for one in _FIRST if (found := one.match(text, start))), None)
    if first:
        return _messages(scan, _HEADER, first)
    if _FIRST_TORN.match(text, start):
        return iter((Message(start, len(text), len(text), ""),))
    opened = _PREFILLED.search(prefill[-2000:])
    if not opened and text.startswith((CHANNEL, START), scan.skip_space(start)):
        return _after_torn(scan, start)
    header = _HEADER.search(text, start)
    if header and not opened:
        is_quoted = scan.is_quoted(*header.span()) or marker_pattern().search(text, start, header.start())
        header = None if is_quoted else header
    if not header and not opened:
        return None
    return _continued(scan, start, opened.group(1) if opened else "analysis", header)


def _after_torn(scan: Scan, start: int) -> Iterator[Message] | None:
    """Return the messages after a first header that says nothing, or ``None`` without any."""
    header = _ANY.search(scan.text, start)
    if header is None:
        return None
    torn = Message(start, header.start(), header.start(), "", is_odd=True)
    return chain([torn], _messages(scan, _HEADER, header))


def _continued(scan: Scan, start: int, channel: str, header: re.Match[str] | None) -> Iterator[Message]:
    """Yield a message whose header the prompt holds, then the others."""
    yield Message(start, start, header.start() if header else len(scan.text), channel)
    if header:
        yield from _messages(scan, _HEADER, header)


def _stripped(scan: Scan, start: int) -> Iterator[Message] | None:
    """Return the messages of an output that lost its special tokens."""
    first = _STRIPPED_FIRST.match(scan.text, start)
    if first is None or first.end() == len(scan.text):
        return None
    is_call = first.group("tail") or first.group("head")
    is_glued = first.group("channel") != "final" and not scan.text[first.end()].isspace()
    is_family = scan.family in (ID, *MODELS)
    if is_call or (is_glued and (is_family or _STRIPPED.search(scan.text, first.end()))):
        return _messages(scan, _STRIPPED, first)
    return None


def _messages(scan: Scan, pattern: re.Pattern[str], first: re.Match[str]) -> Iterator[Message]:
    """Yield message after message; a header within the JSON of a call is none."""
    header: re.Match[str] | None = first
    while header:
        parts = header.groupdict()
        recipient = _recipient(parts, stripped=pattern is _STRIPPED)
        following = pattern.search(scan.text, header.end())
        limit = following.start() if following else len(scan.text)
        stop = _value_end(scan, header.end(), limit) if recipient else -1
        if stop > limit:
            following = pattern.search(scan.text, stop)
            limit = following.start() if following else len(scan.text)
        role = parts.get("role") or "assistant"
        odd = _is_odd(parts, stripped=pattern is _STRIPPED)
        yield Message(header.start(), header.end(), limit, parts["channel"], recipient, role, stop, odd)
        header = following


def _is_odd(parts: dict[str, str | None], *, stripped: bool) -> bool:
    if parts["channel"] not in ("", "analysis", "commentary", "final"):
        return True
    words = f"{parts.get('head') or ''} {parts.get('tail') or ''}"
    return not stripped and bool(_HEADER_WORDS.sub("", words).strip())


def _recipient(parts: dict[str, str | None], *, stripped: bool) -> str | None:
    head, tail = parts.get("head") or "", parts.get("tail") or ""
    if stripped:
        return tail or head or None
    found = _RECIPIENT.search(tail) or _RECIPIENT.search(head)
    return found.group(1) if found and found.group(1) not in ("user", "all") else None


def _value_end(scan: Scan, at: int, limit: int) -> int:
    """Return where the object at ``at`` ends, beyond ``limit`` if a header stands in a string; or -1."""
    at = scan.skip_space(at)
    if not scan.text.startswith("{", at):
        return -1
    end = value_end(scan.text[at:limit], 0)
    if end != -1:
        return at + end
    tries = scan.memo.get(ID, 0)
    end = value_end(scan.text, at) if tries < MAX_LONG_VALUES and limit < len(scan.text) else -1
    if end == -1:
        scan.memo[ID] = tries + 1
    return end


def _add(scan: Scan, draft: Draft, message: Message) -> None:
    """Sort a message into thinking, content, calls or problems."""
    end = _before_torn(scan, draft, message)
    span = (message.start, end)
    if message.is_odd and message.role == "assistant":
        draft.fail("malformed", "a header that cannot be read in full", (message.start, message.body))
    if message.role != "assistant":
        draft.fail("malformed", f"a message of {message.role}", span)
    elif message.recipient:
        _add_call(scan, draft, message, span)
    elif message.channel == "analysis":
        _add_thinking(scan, draft, message, end)
    elif message.channel or message.body < end:
        draft.pieces.append((message.body, end))
    elif not message.is_odd:
        draft.fail("unclosed", "the output ends before the message", span)


def _before_torn(scan: Scan, draft: Draft, message: Message) -> int:
    """Return where the last message ends: before a header that was cut, which is a problem."""
    if message.end < len(scan.text):
        return message.end
    torn = _TORN.search(scan.text, max(message.body, message.value_end))
    if torn is None:
        return message.end
    draft.fail("unclosed", "the output ends within a header", (torn.start(), message.end))
    return torn.start()


def _add_thinking(scan: Scan, draft: Draft, message: Message, end: int) -> None:
    body = scan.text[message.body : end]
    first = message.body + len(body) - len(body.lstrip())
    words = (min(first, end), max(message.body + len(body.rstrip()), min(first, end)))
    if draft.thinking and draft.thinking.span and draft.thinking.span[0] < draft.thinking.span[1]:
        draft.fail("malformed", "a further message of thinking", (message.start, end))
        return
    problems: tuple[Problem, ...] = ()
    if end == len(scan.text):
        problems = (Problem("unclosed_think", "the output ends with its thinking", (message.start, end)),)
    draft.thinking = Thinking(message.start, end, words, problems)


def _add_call(scan: Scan, draft: Draft, message: Message, span: Span) -> None:
    """Add the call of a message; text that is no JSON is the code of a call of ``python``."""
    name = (message.recipient or "").removeprefix(NAMESPACE)
    stop = message.value_end if message.value_end != -1 else span[1]
    body, rest = scan.text[message.body : stop].strip(), scan.text[stop : span[1]]
    notes: list[str] = []
    if message.value_end == -1 and span[1] == len(scan.text) and (not body or body.startswith("{")):
        draft.fail("unclosed", f"the output ends within the call of {name}", span)
        return
    try:
        arguments = load(body, notes)
    except Invalid as problem:
        if name != "python" or body.startswith("{"):
            draft.fail("invalid_json", f"{name}: no JSON: {problem}", span)
            return
        arguments, notes = {"code": body}, ["the code stands as text"]
    if not isinstance(arguments, dict):
        draft.fail("malformed", f"{name}: arguments are no object", span)
        return
    if _END_TOKENS.sub("", rest).strip():
        notes.append("text after the JSON")
    draft.calls.append(ToolCall(name, arguments, ID, status_of(name, scan, notes), span))
    if notes:
        draft.fail(REPAIRED, "; ".join(notes), span)


register(
    Syntax(
        ID,
        (),
        read,
        render,
        families=MODELS,
        rank=20,
        thinking=ANALYSIS,
        read_whole=read_whole,
        render_turn=render_turn,
    )
)
