"""Turns, decisions and small workspaces for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from curator.model import (
    Candidate,
    Correction,
    Decision,
    Finding,
    Message,
    Output,
    Preference,
    SourceRef,
    ToolCall,
    ToolSpec,
    Turn,
    Weighed,
)
from curator.parsing import parse
from curator.store import SessionInfo, Store, candidate_hash, new_act, now, said

LIGHT = ToolSpec(
    "set_light",
    "Switch a light.",
    {
        "type": "object",
        "properties": {
            "room": {"type": "string", "enum": ["kitchen", "bedroom"]},
            "state": {"type": "string", "enum": ["on", "off"]},
            "brightness": {"type": "integer", "minimum": 0, "maximum": 100},
        },
        "required": ["room", "state"],
        "additionalProperties": False,
    },
)
DOOR = ToolSpec(
    "lock_door",
    "Lock a door.",
    {"type": "object", "properties": {"door": {"type": "string"}}, "required": ["door"]},
)
ON = ToolCall("set_light", {"room": "kitchen", "state": "on"})
OFF = ToolCall("set_light", {"room": "bedroom", "state": "off"})
LOCK = ToolCall("lock_door", {"door": "front"})


def make_turn(n: int, raw: str | None = None, **changes: Any) -> Turn:
    """A turn of session ``s1``; ``raw`` is parsed as a log's would be."""
    tools = (LIGHT, DOOR)
    if raw is None:
        raw = (
            "<think>\nI should call set_light.\n</think>\n\n"
            '<tool_call>\n{"name": "set_light", "arguments": {"room": "kitchen", "state": "on"}}\n'
            "</tool_call>"
        )
    fields: dict[str, Any] = {
        "key": f"{n:032x}",
        "session": "s1",
        "index": n,
        "prompt": (Message("system", "You run a home."), Message("user", f"request {n}")),
        "raw": raw,
        "output": parse(raw, tools=tools),
        "source": SourceRef("log.jsonl", n * 10, n * 10 + 9, n + 1),
        "tools": tools,
        "tier": "home",
        "labels": {"passed": True},
    }
    return Turn(**(fields | changes))


def bare_turn(
    n: int, *, calls: int = 1, tier: str = "home", prompt: tuple[Message, ...] | None = None
) -> Turn:
    """A turn whose output was not parsed from text."""
    tool_calls = tuple(ToolCall("set_light", {"room": f"r{i}"}) for i in range(calls))
    output = Output(thinking="I use set_light", tool_calls=tool_calls)
    changes: dict[str, Any] = {"output": output, "tier": tier}
    if prompt is not None:
        changes["prompt"] = prompt
    return make_turn(n, f"raw {n}", **changes)


def fill(store: Store, turns: list[Turn], findings: tuple[Finding, ...] = ()) -> int:
    """Write turns of session ``s1``; return the id of their source."""
    source = store.sources.begin("log.jsonl", "chat", "chat/1", "00", 10, "real")
    store.turns.add(source, [SessionInfo("s1", "first")], [(turn, findings) for turn in turns])
    return source


def decide(
    turn: int, verdict: str | None = None, correction: Correction | None = None, who: str = "ann"
) -> Decision:
    """A decision as the review screen would make it."""
    kind: Any = "correction" if correction else "verdict"
    given: Any = verdict
    return Decision(turn, kind, who, now(), new_act(), verdict=given, correction=correction)


def weighed(output: Output, raw: str = "") -> Weighed:
    """A candidate as a preference names it."""
    return Weighed(candidate_hash(Candidate(output, raw)), said(output, raw), "generated")


def prefer(turn: int, one: Output, other: Output, better: str, who: str = "ann") -> Decision:
    """A preference between two answers to the prompt of a turn."""
    given: Any = better
    preference = Preference(weighed(one), weighed(other), given)
    return Decision(turn, "preference", who, now(), new_act(), preference=preference)


def open_store(folder: Path) -> Store:
    """A fresh store."""
    return Store.open(folder / ".curator" / "curator.db")
