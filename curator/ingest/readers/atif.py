"""Reads ATIF, the Agent Trajectory Interchange Format (one JSON object per trajectory).

Fields are those of the RFC 0001-trajectory-format of laude-institute/harbor, versions 1.0 to 1.8, as the
package atif 1.8.0 has them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from curator.ingest.dialogue import Frame
from curator.ingest.documents import read_documents
from curator.ingest.heard import Heard, heard_call, heard_message, session_items, text_or_none
from curator.ingest.identity import session_key
from curator.ingest.items import Item, Loss, Options, Reader, Seen, Source
from curator.ingest.lines import BadRow, Line, decode, decode_row, json_text
from curator.ingest.messages import label_fields
from curator.ingest.registry import register
from curator.model import SourceRef
from curator.parsing import tool_spec

_ROLES = {"system": "system", "user": "user", "agent": "assistant"}


@register
class AtifReader(Reader):
    """A session per trajectory, a turn per step of the agent; observations are the results."""

    name = "atif"
    title = "an ATIF trajectory"
    suffixes = (".json", ".jsonl")

    def sniff(self, path: Path, head: bytes) -> float:
        """Know it by its schema version."""
        return 0.95 if b'"schema_version"' in head and b'"ATIF-' in head else 0.0

    def read(self, source: Source, options: Options) -> Iterator[Item]:
        """Yield the trajectories of the file."""
        for line in read_documents(source.path):
            row = decode_row(line)
            if isinstance(row, BadRow):
                yield from _dropped(row, line, source)
                continue
            waiting = [{name: decode(text) for name, text in row.fields.items()}]
            for fields in waiting:
                waiting += _embedded(fields)
                steps = fields.get("steps")
                if isinstance(steps, list):
                    yield from _trajectory(fields, steps, line, source, options)
                else:
                    yield from _dropped(BadRow("no_steps", "the trajectory has no `steps`."), line, source)


def _dropped(bad: BadRow, line: Line, source: Source) -> Iterator[Item]:
    yield Seen(1)
    yield Loss("dropped", bad.code, bad.message, source.shown, line.number, records=1)


def _embedded(fields: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the trajectories of subagents that stand inside another one; they belong to its run."""
    given = fields.get("subagent_trajectories")
    run = fields.get("session_id") or fields.get("trajectory_id")
    for number, child in enumerate(given if isinstance(given, list) else [], 1):
        yield {"session_id": run, "trajectory_id": f"{run or 'subagent'}/{number}"} | _object(child)


def _unnamed(source: Source, line: Line) -> str:
    """Name a trajectory that has no id by where it stands."""
    return source.path.stem if line.number == 1 else f"{source.path.stem}:{line.number}"


def _trajectory(
    fields: dict[str, Any], steps: list[Any], line: Line, source: Source, options: Options
) -> Iterator[Item]:
    place = SourceRef(str(source.path), line.start, line.end, line.number)
    heard: list[Heard] = []
    for number, step in enumerate(steps, 1):
        if not isinstance(step, dict) or str(step.get("source")) not in _ROLES:
            sentence = f"step {number} is of no known source and was left out."
            yield Loss("repaired", "bad_step", sentence, source.shown, line.number)
            continue
        heard += _step(step, place)
        if _is_dispatched(step):
            sentence = f"step {number} was dispatched without a model; it is no turn."
            yield Loss("repaired", "not_generated", sentence, source.shown, line.number)
    session = str(fields.get("session_id") or fields.get("trajectory_id") or _unnamed(source, line))
    frame = _frame(fields, session, place, options)
    if not any(one.spoken.message.role == "assistant" and not one.given for one in heard):
        sentence = "the trajectory has no step that a model generated, so there is nothing to review."
        yield from _dropped(BadRow("no_assistant", sentence), line, source)
    yield from session_items(session, [(heard, frame)], source.shown)


def _frame(fields: dict[str, Any], session: str, place: SourceRef, options: Options) -> Frame:
    """Return what the turns share. Trajectories of one run may share its id, not their own."""
    agent, extra = _object(fields.get("agent")), _object(fields.get("extra"))
    own = text_or_none(fields.get("trajectory_id"))
    tools = agent.get("tool_definitions")
    specs = [tool_spec(entry) for entry in tools] if isinstance(tools, list) else []
    version = text_or_none(agent.get("version"))
    return Frame(
        session=session_key(AtifReader.name, session, *([own] if own and own != session else [])),
        source=place,
        tools=tuple(spec for spec in specs if spec),
        tier=options.tier if options.tier is not None else text_or_none(agent.get("name")) or "",
        origin=options.origin,
        model=text_or_none(agent.get("model_name")),
        labels=label_fields(extra.get) | ({"agent_version": version} if version else {}),
    )


def _step(step: dict[str, Any], place: SourceRef) -> Iterator[Heard]:
    """Yield what a step says, then what came back."""
    given = step.get("tool_calls")
    calls = [c for c in given if isinstance(c, dict)] if isinstance(given, list) else []
    value = {
        "role": _ROLES[step["source"]],
        "content": step.get("message"),
        "reasoning_content": step.get("reasoning_content"),
        "tool_calls": [
            heard_call(c.get("function_name"), c.get("arguments"), c.get("tool_call_id")) for c in calls
        ],
        "model": step.get("model_name"),
        "timestamp": step.get("timestamp"),
        "labels": _labels(step),
    }
    without = {name: v for name, v in step.items() if name not in ("observation", "metrics")}
    given = value["role"] == "assistant" and (step.get("is_copied_context") is True or _is_dispatched(step))
    yield replace(heard_message(value, place, json_text(without)), given=given)
    observation = step.get("observation")
    results = observation.get("results") if isinstance(observation, dict) else None
    for result in results if isinstance(results, list) else ():
        if isinstance(result, dict):
            yield heard_message(_result(result, bool(calls)), place)


def _is_dispatched(step: dict[str, Any]) -> bool:
    """Tell whether the agent acted by itself, without asking a model."""
    return step.get("source") == "agent" and step.get("llm_call_count") == 0


def _labels(step: dict[str, Any]) -> dict[str, Any]:
    """Return what is said of a step, and how many generations it puts together where it is not one."""
    said = {name: step[name] for name in ("reasoning_effort", "llm_call_count") if step.get(name) is not None}
    if said.get("llm_call_count") == 1:
        del said["llm_call_count"]
    return label_fields(_object(step.get("extra")).get) | said


def _result(result: dict[str, Any], called: bool) -> dict[str, Any]:
    """A result without a call is something that the environment told the agent."""
    said = result.get("content")
    content = result.get("subagent_trajectory_ref") if said is None else said
    role = "tool" if called or result.get("source_call_id") else "user"
    return {"role": role, "content": content, "tool_call_id": result.get("source_call_id")}


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
