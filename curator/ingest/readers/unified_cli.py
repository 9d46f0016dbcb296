"""Reads the interaction log of unified-intelligence-cli: one task of one agent per row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from curator.ingest.dialogue import Spoken
from curator.ingest.lines import BadRow
from curator.ingest.registry import register
from curator.ingest.rows import Dialogue, Fields, RowReader, one_dialogue, read_messages, say

_ERRORS = ("errors", "error_details")


@register
class UnifiedCliReader(RowReader):
    """Rows with `execution` as the program writes them, and the flat rows of its plan.

    The role of the agent is the tier; status, feedback, errors and duration are labels. A task that
    failed without output is dropped, with its error.
    """

    name = "unified-cli"
    title = "unified-intelligence-cli interactions (interactions_*.jsonl)"

    def recognises(self, row: Mapping[str, bytes]) -> float:
        """Look for the fields of either schema by name."""
        nested = {"task", "agent", "execution"} <= row.keys() and row["execution"].startswith(b"{")
        flat = {"agent_role", "task_description", "model_output"} <= row.keys()
        return 0.95 if nested or flat else 0.0

    def dialogue(self, fields: Fields) -> Dialogue | BadRow:
        """Put the output behind the messages that asked for it."""
        return _flat(fields) if "model_output" in fields else _nested(fields)


def _nested(fields: Fields) -> Dialogue | BadRow:
    execution, task, agent, llm = (_object(fields.get(n)) for n in ("execution", "task", "agent", "llm"))
    prompt = _prompt(execution.get("input_messages"), _text(task.get("description")))
    if isinstance(prompt, BadRow):
        return prompt
    output = execution.get("output")
    if not isinstance(output, str):
        return _failed(execution.get("errors"))
    return one_dialogue(
        [*prompt, say("assistant", output)],
        tier=_text(agent.get("role")),
        model=_text(llm.get("model")) or None,
        provider=_text(llm.get("provider")) or None,
        labels=_labels(execution, "status", "duration_ms", "rating", *_ERRORS) | _feedback(fields),
    )


def _flat(fields: Fields) -> Dialogue | BadRow:
    result, output = fields.get("execution_result"), fields.get("model_output")
    if not isinstance(output, str):
        return _failed(_object(result).get("errors"))
    prompt = _prompt(None, _text(fields.get("task_description")))
    if isinstance(prompt, BadRow):
        return prompt
    status = (
        {"status": result}
        if isinstance(result, str)
        else _labels(_object(result), "status", "duration_ms", *_ERRORS)
    )
    return one_dialogue(
        [*prompt, say("assistant", output)],
        tier=_text(fields.get("agent_role")),
        labels=status | _feedback(fields),
    )


def _prompt(messages: Any, description: str) -> list[Spoken] | BadRow:
    """Return the messages that the model was given, or the task itself where they are not logged."""
    if not messages and description:
        return [say("user", description)]
    if not messages:
        return BadRow("no_prompt", "the row has neither input messages nor a task.")
    return read_messages(msgspec.json.encode(messages), "input_messages")


def _failed(errors: Any) -> BadRow:
    first = errors[0] if isinstance(errors, list) and errors else ""
    reason = f": {_text(first)[:160].rstrip('.')}" if first else ""
    return BadRow("no_output", f"the task gave no output{reason}.")


def _feedback(fields: Fields) -> dict[str, Any]:
    """Return what a person said about the row; a rating inside it counts as one."""
    given = fields.get("human_feedback")
    if given is None:
        return {}
    rating = given.get("rating") if isinstance(given, dict) else None
    return {"feedback": given} | ({"rating": rating} if rating is not None else {})


def _labels(values: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: values[name] for name in names if values.get(name) not in (None, [], {})}


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
