"""Reads chat rows: ``messages`` in the OpenAI or Anthropic form, tools in the usual places."""

from __future__ import annotations

from collections.abc import Mapping

from curator.ingest.lines import BadRow
from curator.ingest.places import given_tools, system_message
from curator.ingest.registry import register
from curator.ingest.rows import Dialogue, Fields, RowReader, one_dialogue, read_messages


@register
class ChatReader(RowReader):
    """Rows of chat messages, one dialogue each; every assistant message is a turn.

    Calls are fields, content blocks or text. The system prompt may be a field ``system`` of the row.
    """

    name = "chat"
    title = "chat rows (`messages`)"

    def recognises(self, row: Mapping[str, bytes]) -> float:
        """Look for a list of messages."""
        if "messages" not in row:
            return 0.0
        return 0.9 if row["messages"].startswith((b"[", b'"[')) else 0.3

    def dialogue(self, fields: Fields) -> Dialogue | BadRow:
        """Read the messages in order, behind the system prompt."""
        if "messages" not in fields:
            return BadRow("no_messages", "the row has no `messages`.")
        given = fields.exact("messages")
        if given == b"null":
            return BadRow("null_messages", "`messages` is null.")
        spoken = read_messages(_list(fields, given), "messages")
        if isinstance(spoken, BadRow) or not spoken:
            return spoken if isinstance(spoken, BadRow) else one_dialogue([])
        spoken = system_message(fields.get("system"), spoken)
        return one_dialogue(spoken, tools=given_tools(fields, spoken, given))


def _list(fields: Fields, given: bytes) -> bytes:
    """Return the list itself where it stands in the row as text."""
    text = fields.get("messages") if given.startswith(b'"') else None
    return text.encode("utf-8", "replace") if isinstance(text, str) else given
