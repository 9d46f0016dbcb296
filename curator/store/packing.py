"""Packs turns into what the database holds: every message once, prompts as a tree, outputs without repeats.

Packing needs no database, so it runs wherever turns are read; ``writing`` stores packs. What is stored by
the million is a JSON array: no field names, rare fields last, and at its end nothing that is as usual.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from operator import attrgetter
from typing import Any, get_args

import msgspec
from msgspec import Struct

from curator.model import (
    CallStatus,
    Finding,
    Message,
    Origin,
    Outcome,
    Output,
    Problem,
    Role,
    Severity,
    Span,
    ToolCall,
    ToolSpec,
    Turn,
)
from curator.store.rows import SessionInfo

_encode = msgspec.json.Encoder(order="deterministic").encode
_SEVERITY_WEIGHT: dict[Severity, float] = {"error": 3.0, "warning": 1.0, "info": 0.1}
_CHECK_WEIGHT = {"coherence": 3.0}
"""Thinking one thing and calling another is what this program is for: such turns come first."""

NONE = -1
"""Stands for "there is none" where a position in a list is expected."""


class Body(Struct, array_like=True, gc=False):
    """A text that is stored once."""

    hash: bytes
    """Of the deterministic JSON of the value, whatever form is stored."""
    body: bytes


class Node(Struct, array_like=True, gc=False):
    """A prompt: that of ``parent`` and one message more (both positions in the pack)."""

    parent: int
    message: int


class PackedSession(Struct, array_like=True):
    """A session, and what tells later rows that they continue it."""

    info: SessionInfo
    ends: tuple[int, ...] = ()
    """Fingerprints of the dialogue up to each of its answers; empty where the log names the session."""


class PackedTurn(Struct, array_like=True, gc=False):
    """The row of a turn; texts that are stored once are positions in the pack."""

    key: str
    session: int
    index: int
    prompt: int
    toolset: int
    answer: int
    """The message whose content is the raw output; ``NONE`` where ``raw`` has it."""
    raw: str | None
    output: str
    rest: str
    path: str
    start: int
    end: int
    line: int
    tier: str
    origin: Origin
    thinks: bool
    calls: tuple[tuple[str, str], ...]
    """(name, status) of each call."""
    findings: tuple[Finding, ...]


class Pack(Struct, array_like=True):
    """Turns ready to be stored, each list in order of first use."""

    messages: list[Body] = []
    nodes: list[Node] = []
    toolsets: list[Body] = []
    sessions: list[PackedSession] = []
    turns: list[PackedTurn] = []


class Rest(Struct, array_like=True):
    """The parts of a turn that no query asks for, kept as one JSON text."""

    timestamp: str | None = None
    model: str | None = None
    labels: dict[str, Any] = {}
    provider: str | None = None
    finish_reason: str | None = None
    outcomes: tuple[Outcome, ...] = ()
    tools_in_prompt: bool = False
    structured: bool = False


class _StoredCall(Struct, array_like=True):
    name: str = ""
    arguments: dict[str, Any] = {}
    span: Span | None = None
    syntax: str = ""
    status: CallStatus = "ok"
    typed: bool = True
    id: str | None = None


class _StoredMessage(Struct, array_like=True):
    role: int | str = ""
    """A position in ``_ROLES``; another role as it is."""
    content: str = ""
    name: str | None = None
    tool_call_id: str | None = None
    thinking: str | None = None
    tool_calls: tuple[_StoredCall, ...] = ()


class _StoredOutput(Struct, array_like=True):
    """An output next to its raw text."""

    thinking_span: Span | None = None
    content_spans: tuple[Span, ...] = ()
    tool_calls: tuple[_StoredCall, ...] = ()
    problems: tuple[Problem, ...] = ()
    thinking: tuple[str | None] | None = None
    """What it is, where the span cuts something else from the raw text."""
    content: tuple[str | None] | None = None


class _Array:
    """Gives the values of a stored struct's fields, but for those at the end that are as usual."""

    def __init__(self, stored: type[Struct]) -> None:
        self._fields = attrgetter(*stored.__struct_fields__)
        self._usual: tuple[Any, ...] = self._fields(stored())

    def of(self, value: object) -> tuple[Any, ...]:
        """Take the fields from a value that has the same."""
        return self.cut(self._fields(value))

    def cut(self, values: tuple[Any, ...]) -> tuple[Any, ...]:
        """Take all fields in order."""
        end = len(values)
        while end and values[end - 1] == self._usual[end - 1]:
            end -= 1
        return values[:end]


_CALL, _MESSAGE = _Array(_StoredCall), _Array(_StoredMessage)
_OUTPUT, _REST = _Array(_StoredOutput), _Array(Rest)
_ROLES: tuple[str, ...] = get_args(Role)
_ROLE_NUMBERS: dict[str, int] = {role: number for number, role in enumerate(_ROLES)}
_message_decoder = msgspec.json.Decoder(_StoredMessage)
_output_decoder = msgspec.json.Decoder(_StoredOutput)


def digest(*parts: bytes) -> bytes:
    """Return the 16-byte BLAKE2b hash of the parts joined."""
    return blake2b(b"".join(parts), digest_size=16).digest()


def suspicion(findings: Sequence[Finding]) -> float:
    """Order of the queue: errors weigh 3, warnings 1, remarks 0.1; incoherent thinking three times that."""
    return sum(_SEVERITY_WEIGHT[f.severity] * _CHECK_WEIGHT.get(f.check, 1.0) for f in findings)


class Packer:
    """Collects sessions and turns; ``take`` gives them as a pack and starts the next one."""

    def __init__(self) -> None:
        self._clear()

    def __len__(self) -> int:
        return len(self._pack.turns)

    def add_session(self, info: SessionInfo, ends: tuple[int, ...] = ()) -> None:
        """Open a session; its turns follow. Without ``ends`` a session that is open already goes on."""
        if not ends and info.key in self._sessions:
            return
        self._sessions[info.key] = len(self._pack.sessions)
        self._pack.sessions.append(PackedSession(info, ends))

    def add(self, turn: Turn, findings: tuple[Finding, ...] = ()) -> None:
        """Pack one turn."""
        if turn.session not in self._sessions:
            self.add_session(SessionInfo(turn.session))
        plain = None if turn.structured else Message("assistant", turn.raw)
        source = turn.source
        self._pack.turns.append(
            PackedTurn(
                key=turn.key,
                session=self._sessions[turn.session],
                index=turn.index,
                prompt=self._prompt(turn.prompt),
                toolset=self._toolset(turn.tools),
                answer=self._message(plain) if plain else NONE,
                raw=None if plain else turn.raw,
                output=pack_output(turn.output, turn.raw),
                rest=msgspec.json.encode(_REST.of(turn)).decode(),
                path=source.path,
                start=source.start,
                end=source.end,
                line=source.line,
                tier=turn.tier,
                origin=turn.origin,
                thinks=bool((turn.output.thinking or "").strip()),
                calls=tuple((call.name, call.status) for call in turn.output.tool_calls),
                findings=findings,
            )
        )

    def take(self) -> Pack:
        """Return what was added since the last time."""
        pack = self._pack
        self._clear()
        return pack

    def _clear(self) -> None:
        self._pack = Pack([], [], [], [], [])
        self._sessions: dict[str, int] = {}
        self._hashes: dict[bytes, int] = {}
        self._toolset_hashes: dict[bytes, int] = {}
        self._nodes: dict[tuple[int, int], int] = {}
        # Turns of a row share their message objects: each is encoded and hashed once. The object is
        # kept beside its position so that its id stays its own.
        self._known: dict[int, tuple[int, Any]] = {}

    def _prompt(self, prompt: tuple[Message, ...]) -> int:
        at = NONE
        for message in prompt:
            node = (at, self._shared(message))
            if node not in self._nodes:
                self._nodes[node] = len(self._pack.nodes)
                self._pack.nodes.append(Node(*node))
            at = self._nodes[node]
        return at

    def _shared(self, message: Message) -> int:
        known = self._known.get(id(message))
        if known is None:
            known = self._known[id(message)] = (self._message(message), message)
        return known[0]

    def _message(self, message: Message) -> int:
        key = digest(_encode(message))
        at = self._hashes.get(key)
        if at is None:
            at = self._hashes[key] = len(self._pack.messages)
            self._pack.messages.append(Body(key, pack_message(message)))
        return at

    def _toolset(self, tools: tuple[ToolSpec, ...]) -> int:
        if not tools:
            return NONE
        known = self._known.get(id(tools))
        if known is None:
            known = self._known[id(tools)] = (self._new_toolset(_encode(tools)), tools)
        return known[0]

    def _new_toolset(self, body: bytes) -> int:
        key = digest(body)
        at = self._toolset_hashes.get(key)
        if at is None:
            at = self._toolset_hashes[key] = len(self._pack.toolsets)
            self._pack.toolsets.append(Body(key, body))
        return at


def pack_message(message: Message) -> bytes:
    """Return the body under which a message is stored."""
    calls = tuple(map(_CALL.of, message.tool_calls))
    role = _ROLE_NUMBERS.get(message.role, message.role)
    return _encode(
        _MESSAGE.cut((role, message.content, message.name, message.tool_call_id, message.thinking, calls))
    )


def unpack_message(body: str) -> Message:
    """Return the message that ``pack_message`` packed."""
    stored = _message_decoder.decode(body)
    role = stored.role if isinstance(stored.role, str) else _ROLES[stored.role]
    return Message(
        role=role,
        content=stored.content,
        thinking=stored.thinking,
        tool_calls=_calls(stored.tool_calls),
        name=stored.name,
        tool_call_id=stored.tool_call_id,
    )


def _calls(stored: Sequence[_StoredCall]) -> tuple[ToolCall, ...]:
    if not stored:
        return ()
    return tuple(
        ToolCall(
            name=call.name,
            arguments=call.arguments,
            syntax=call.syntax,
            status=call.status,
            span=call.span,
            typed=call.typed,
            id=call.id,
        )
        for call in stored
    )


def raw_text(raw: str | None, answer: str | None) -> str:
    """Return a raw output from its own column, or from the body of the message that has it."""
    if raw is not None or answer is None:
        return raw or ""
    return _message_decoder.decode(answer).content


def pack_output(output: Output, raw: str) -> str:
    """Return the JSON text of an output, without the texts that its spans cut from ``raw``."""
    thinking, content = _cut(raw, output.thinking_span, output.content_spans)
    stored = (
        output.thinking_span,
        output.content_spans,
        tuple(map(_CALL.of, output.tool_calls)),
        output.problems,
        None if output.thinking == thinking else (output.thinking,),
        None if output.content == content else (output.content,),
    )
    return msgspec.json.encode(_OUTPUT.cut(stored)).decode()


def unpack_output(text: str, raw: str) -> Output:
    """Return the output that ``pack_output`` packed."""
    stored = _output_decoder.decode(text)
    thinking, content = _cut(raw, stored.thinking_span, stored.content_spans)
    return Output(
        thinking=stored.thinking[0] if stored.thinking else thinking,
        content=stored.content[0] if stored.content else content,
        tool_calls=_calls(stored.tool_calls),
        problems=stored.problems,
        thinking_span=stored.thinking_span,
        content_spans=stored.content_spans,
    )


def _cut(raw: str, thinking: Span | None, content: tuple[Span, ...]) -> tuple[str | None, str | None]:
    """Return the thinking and the content that spans stand for; nothing is ``None``."""
    return (
        (raw[slice(*thinking)] or None) if thinking else None,
        "".join(raw[start:end] for start, end in content) or None,
    )
