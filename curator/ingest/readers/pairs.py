"""Reads rows of a prompt and its answer under the names that datasets usually give them."""

from __future__ import annotations

from collections.abc import Mapping

from curator.ingest.columns import columns_dialogue, usual_columns
from curator.ingest.lines import BadRow
from curator.ingest.registry import register
from curator.ingest.rows import Dialogue, Fields, RowReader


@register
class PairReader(RowReader):
    """Rows of prompt and response, question and answer and the like; only the answer is a turn.

    Either may be a text or a list of messages. `thinking` and `tool_calls` belong to the answer.
    """

    name = "pairs"
    title = "rows of a prompt and an answer (`prompt` and `response`, `question` and `answer`, …)"

    def recognises(self, row: Mapping[str, bytes]) -> float:
        """Look for two columns by name; every reader that knows its rows better is surer."""
        return 0.6 if usual_columns(row) else 0.0

    def dialogue(self, fields: Fields) -> Dialogue | BadRow:
        """Put the answer behind the prompt."""
        columns = usual_columns(fields)
        if not columns:
            return BadRow("no_pair", "the row has no prompt with an answer.")
        return columns_dialogue(fields, columns)
