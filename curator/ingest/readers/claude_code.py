"""Reads session logs of Claude Code (``~/.claude/projects/*/*.jsonl``).

There is no official description. The fields are those of the JSON Schemas for 2.0.76 to 2.1.144 in
oneryalcin/agent-schemas, which its authors checked against the lines of hundreds of sessions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from curator.ingest.arrays import outlines
from curator.ingest.dialogue import Frame
from curator.ingest.heard import Heard, heard_call, heard_message, session_items, text_or_none
from curator.ingest.identity import session_key
from curator.ingest.items import Item, Loss, Options, Reader, Seen, Source
from curator.ingest.lines import BadRow, Line, decode, decode_row, json_text, read_lines
from curator.ingest.registry import register
from curator.model import SourceRef

_SPOKEN = {"user", "assistant"}
_NOT_A_MODEL = "<synthetic>"


@register
class ClaudeCodeReader(Reader):
    """A session per file and sidechain; lines of one streamed message are put together again."""

    name = "claude-code"
    title = "a session of Claude Code"
    suffixes = (".jsonl",)

    def sniff(self, path: Path, head: bytes) -> float:
        """Look for lines that are linked and have a message."""
        rows = outlines(head)
        return 0.95 if any(_is_linked(row) for row in rows) else 0.0

    def read(self, source: Source, options: Options) -> Iterator[Item]:
        """Yield the main conversation first, then each sidechain."""
        log = _Log(source)
        yield from log.read()
        sentence = (
            "the log holds neither the system prompt nor the tools; prompts begin with the first request."
        )
        if log.answers:
            yield Loss("repaired", "no_system_prompt", sentence, source.shown)
        for key, roots in log.sessions().items():
            yield from _session(log, key, roots, options)


def _is_linked(row: Mapping[str, bytes]) -> bool:
    return "parentUuid" in row and "sessionId" in row and "uuid" in row


class _Node:
    """A line, or the lines of one streamed message, with a link to what came before."""

    def __init__(self, fields: dict[str, Any], line: Line) -> None:
        self.fields, self.line = fields, line
        self.blocks: list[Any] = []
        self.end = line.end
        self.exact = ""
        self.parent: _Node | None = None
        self.answers: _Node | None = None
        """The answer that stands nearest before this node."""

    @property
    def is_answer(self) -> bool:
        """True for what a model said."""
        return self.fields.get("type") == "assistant" and not self.is_notice

    @property
    def is_notice(self) -> bool:
        """True for an answer that Claude Code wrote itself, after an error for instance."""
        message = self.fields.get("message")
        failed = self.fields.get("isApiErrorMessage") is True
        return failed or (isinstance(message, dict) and message.get("model") == _NOT_A_MODEL)


class _Log:
    """The lines of a file, put together and linked."""

    def __init__(self, source: Source) -> None:
        self._source, self.shown = source, source.shown
        self._path = str(source.path)
        self._nodes: dict[str, _Node] = {}
        self._messages: dict[str, _Node] = {}
        self._results: dict[str, Heard] = {}
        self.answers: list[_Node] = []
        self.title = ""

    def read(self) -> Iterator[Item]:
        """Read all lines; yield what is wrong with some of them."""
        for line in read_lines(self._source.path):
            row = decode_row(line)
            if isinstance(row, BadRow):
                yield Seen(1)
                yield Loss("dropped", row.code, row.message, self.shown, line.number, records=1)
                continue
            for code, sentence in row.repaired:
                yield Loss("repaired", code, sentence, self.shown, line.number)
            yield from self._line({name: decode(text) for name, text in row.fields.items()}, line)

    def _line(self, fields: dict[str, Any], line: Line) -> Iterator[Item]:
        uuid = fields.get("uuid")
        if fields.get("type") == "summary" and isinstance(fields.get("summary"), str):
            self.title = fields["summary"]
        if not isinstance(uuid, str) or uuid in self._nodes:
            return
        message = fields.get("message")
        if _kind(fields) in _SPOKEN and not isinstance(message, dict):
            yield Seen(1)
            yield Loss("dropped", "no_message", "the line has no message.", self.shown, line.number, 1)
            return
        node = self._streamed(fields, line) or self._new(fields, line)
        self._nodes[uuid] = node
        if node.is_notice:
            sentence = "Claude Code itself wrote this message, no model; it is no turn."
            yield Loss("repaired", "not_generated", sentence, self.shown, line.number)

    def _streamed(self, fields: dict[str, Any], line: Line) -> _Node | None:
        """Add a further line of a message to the lines of it that came before."""
        message = fields.get("message")
        known = self._messages.get(str(message.get("id"))) if isinstance(message, dict) else None
        if fields.get("type") != "assistant" or known is None or not isinstance(message, dict):
            return None
        known.blocks += _blocks(message)
        known.end = line.end
        first = known.fields["message"]
        known.fields = {**known.fields, "message": {**first, "stop_reason": message.get("stop_reason")}}
        return known

    def _new(self, fields: dict[str, Any], line: Line) -> _Node:
        node = _Node(fields, line)
        node.parent = self._nodes.get(str(fields.get("parentUuid") or ""))
        parent = node.parent
        node.answers = (parent if parent.is_answer else parent.answers) if parent else None
        message = fields.get("message")
        if not isinstance(message, dict):
            return node
        node.blocks = _blocks(message)
        if node.is_answer:
            self.answers.append(node)
            if isinstance(message.get("id"), str):
                self._messages[message["id"]] = node
        for block in node.blocks if fields.get("type") == "user" else ():
            if _kind(block) == "tool_result":
                self._results.setdefault(str(block.get("tool_use_id")), self._result(node, block))
        return node

    def _result(self, node: _Node, block: dict[str, Any]) -> Heard:
        value = {
            "role": "tool",
            "content": block.get("content"),
            "tool_call_id": block.get("tool_use_id"),
            "is_error": block.get("is_error"),
        }
        return heard_message(value, self.place(node))

    def sessions(self) -> dict[str, list[_Node]]:
        """Return the last answers of every branch, by the key of the session they belong to."""
        continued = {id(node.answers) for node in self.answers}
        found: dict[str, list[_Node]] = {}
        for node in self.answers:
            if id(node) not in continued:
                found.setdefault(_session_of(node), []).append(node)
        return found

    def path(self, last: _Node) -> list[_Node]:
        """Return the nodes from the first one to ``last``."""
        nodes, seen = [last], {id(last)}
        while (parent := nodes[-1].parent) is not None and id(parent) not in seen:
            nodes.append(parent)
            seen.add(id(parent))
        return nodes[::-1]

    def heard(self, node: _Node, given: bool) -> Iterator[Heard]:
        """Yield what a node says: an answer with the results of its calls, or what the user wrote."""
        if node.fields.get("type") == "user":
            said = [block for block in node.blocks if _kind(block) != "tool_result"]
            if said:
                yield heard_message({"role": "user", "content": said}, self.place(node))
            return
        if not node.is_answer:
            return
        yield replace(self._answer(node), given=given)
        for block in node.blocks:
            if _kind(block) == "tool_use" and (result := self._results.get(str(block.get("id")))):
                yield result

    def _answer(self, node: _Node) -> Heard:
        message = node.fields["message"]
        calls = [
            heard_call(b.get("name"), b.get("input"), b.get("id"))
            for b in node.blocks
            if _kind(b) == "tool_use"
        ]
        thoughts = [str(b["thinking"]) for b in node.blocks if _kind(b) == "thinking" and b.get("thinking")]
        value = {
            "role": "assistant",
            "content": [
                b for b in node.blocks if _kind(b) not in ("tool_use", "thinking", "redacted_thinking")
            ],
            "reasoning_content": "\n\n".join(thoughts) or None,
            "tool_calls": calls,
            "model": message.get("model"),
            "finish_reason": message.get("stop_reason"),
            "timestamp": node.fields.get("timestamp"),
        }
        exact = json_text({"role": "assistant", "content": node.blocks})
        return heard_message(value, self.place(node), exact)

    def place(self, node: _Node) -> SourceRef:
        return SourceRef(self._path, node.line.start, node.end, node.line.number)


def _session(log: _Log, key: str, tips: list[_Node], options: Options) -> Iterator[Item]:
    done: set[int] = set()
    first_of: dict[int, int] = {}
    parts = []
    for tip in tips:
        path = log.path(tip)
        root = id(path[0])
        first = first_of.setdefault(root, len(done))
        heard = [one for node in path for one in log.heard(node, id(node) in done)]
        done.update(id(node) for node in path if node.is_answer)
        parts.append((heard, _frame(key, path[-1], log, first, options)))
    name = str(tips[0].fields.get("sessionId") or "")
    yield from session_items(name, parts, log.shown, title=log.title)


def _frame(key: str, node: _Node, log: _Log, first: int, options: Options) -> Frame:
    return Frame(
        session=key,
        source=log.place(node),
        first_index=first,
        tier=options.tier or "",
        origin=options.origin,
        provider="anthropic",
        labels=_labels(node),
    )


def _labels(node: _Node) -> dict[str, Any]:
    version = text_or_none(node.fields.get("version"))
    labels: dict[str, Any] = {"cli_version": version} if version else {}
    return labels | {"sidechain": True} if node.fields.get("isSidechain") is True else labels


def _session_of(node: _Node) -> str:
    """The main conversation is one session, whatever its roots; a sidechain is one of its own."""
    session = str(node.fields.get("sessionId") or "")
    if node.fields.get("isSidechain") is not True:
        return session_key(ClaudeCodeReader.name, session)
    root = node
    seen = {id(root)}
    while root.parent is not None and id(root.parent) not in seen:
        root = root.parent
        seen.add(id(root))
    return session_key(
        ClaudeCodeReader.name, session, str(root.fields.get("agentId") or root.fields.get("uuid"))
    )


def _blocks(message: Mapping[str, Any]) -> list[Any]:
    content = message.get("content")
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return list(content) if isinstance(content, list) else []


def _kind(block: Any) -> str:
    return str(block.get("type")) if isinstance(block, dict) else ""
