"""Small workspaces for the screens, written through the store; every value is fixed."""

from __future__ import annotations

from pathlib import Path

from curator.model import (
    Evidence,
    Finding,
    Message,
    Outcome,
    Output,
    Problem,
    SourceRef,
    ToolCall,
    ToolSpec,
    Turn,
)
from curator.store import SessionInfo
from curator.workspace import Workspace

SYSTEM = "You are the agent of a small house. " + "Use a tool when the request needs one. " * 60

TOOLS = (
    ToolSpec(
        "light.set",
        "Switch a light, or set its brightness in percent.",
        {
            "type": "object",
            "properties": {
                "room": {"type": "string", "enum": ["kitchen", "bedroom", "hall"]},
                "state": {"type": "string", "enum": ["on", "off"]},
                "brightness": {"type": "integer", "minimum": 0, "maximum": 100},
            },
            "required": ["room", "state"],
            "additionalProperties": False,
        },
    ),
    ToolSpec(
        "heating.set",
        "Set the temperature that a room shall have.",
        {
            "type": "object",
            "properties": {
                "room": {"type": "string"},
                "celsius": {"type": "number", "minimum": 5, "maximum": 30},
            },
            "required": ["room", "celsius"],
            "additionalProperties": False,
        },
    ),
    ToolSpec(
        "timer.start",
        "Start a timer.",
        {
            "type": "object",
            "properties": {"minutes": {"type": "integer"}, "label": {"type": "string"}},
            "required": ["minutes"],
        },
    ),
)

MISNAMED = (
    "The user is cold in the bedroom. I should call heating.set with a higher temperature, then say so."
)


def turn(
    n: int,
    request: str,
    output: Output,
    *,
    outcomes: tuple[Outcome, ...] = (),
    history: tuple[Message, ...] = (),
    raw: str | None = None,
    tools: tuple[ToolSpec, ...] = TOOLS,
) -> Turn:
    """Return turn ``n`` of the one session."""
    return Turn(
        key=f"{n:032x}",
        session="s1",
        index=n,
        prompt=(Message("system", SYSTEM), *history, Message("user", request)),
        raw=raw if raw is not None else (output.thinking or "") + (output.content or ""),
        output=output,
        source=SourceRef("log.jsonl", n * 10, n * 10 + 9, n + 1),
        tools=tools,
        outcomes=outcomes,
        tier="home",
        timestamp=f"2026-03-04T18:{n:02d}:00",
    )


def house() -> list[tuple[Turn, tuple[Finding, ...]]]:
    """Return six turns: a misnamed tool, a chat, two calls, an unusable call, and two plain ones."""
    start = MISNAMED.index("heating.set")
    misnamed = turn(
        0,
        "It is far too cold in the bedroom, please make it 22 degrees in here.",
        Output(MISNAMED, None, (ToolCall("light.set", {"room": "bedroom", "brightness": 220}),)),
        outcomes=(Outcome(0, "error", "brightness 220 is above the maximum of 100", 12.0),),
        history=(
            Message("user", "Good evening! Is the hall light still on?"),
            Message(
                "assistant",
                "",
                "I look at the light.",
                (ToolCall("light.set", {"room": "hall", "state": "off"}),),
            ),
            Message("tool", '{"ok": true, "was": "on"}', name="light.set"),
            Message("assistant", "It was on; I switched it off."),
        ),
    )
    findings = (
        Finding(
            "coherence",
            "error",
            "The thinking names heating.set, but light.set was called.",
            (Evidence("thinking", start, start + len("heating.set")), Evidence("calls", 0, 1)),
            "heating.set",
        ),
        Finding(
            "schema", "error", "state is missing; brightness 220 is above 100.", (Evidence("calls", 0, 1),)
        ),
        Finding("truncation", "warning", "The output ends without an end token."),
    )
    raw = '<tool_call>{"name": "timer.start", "arguments": {"minutes": 5</tool_call>'
    broken = Output(
        "A timer for the tea.",
        None,
        (),
        (Problem("unclosed_json", "The arguments never end.", (0, len(raw))),),
    )
    two = (
        ToolCall("light.set", {"room": "hall", "state": "on"}),
        ToolCall("timer.start", {"minutes": 10, "label": "hall"}),
    )
    return [
        (misnamed, findings),
        (turn(1, "Thank you!", Output("Nothing to do.", "You are welcome.")), ()),
        (turn(2, "Hall light for ten minutes.", Output("Light, then timer.", None, two)), ()),
        (
            turn(3, "Tea, five minutes.", broken, raw=raw),
            (Finding("malformed", "error", "A call cannot be read."),),
        ),
        (
            turn(
                4,
                "Kitchen light on.",
                Output("Simple.", None, (ToolCall("light.set", {"room": "kitchen", "state": "on"}),)),
            ),
            (),
        ),
        (
            turn(
                5,
                "Kitchen light off.",
                Output("Simple.", None, (ToolCall("light.set", {"room": "kitchen", "state": "off"}),)),
            ),
            (),
        ),
    ]


PROFILE = """
name = "demo"
thinking = "required"

[tiers.home]
target_rows = 320

[bands]
none = [0.20, 0.40]
one = [0.45, 0.70]
several = [0.08, 0.25]

[presets.default]
epochs = 2.0

[gates]
min_sft_rows = 250
min_pairs = 100
bands = true
"""


RICH_PROFILE = f"""
guidelines = '''
Does the thinking lead
to the call?

- Look at the room first.
'''
{PROFILE}
coverage = true

[tags]
replay = "General data"
clear_case = "Nothing to argue about"

[coverage.polite]
title = "An answer to thanks"
tag = "polite"
"""


def make_workspace(
    folder: Path,
    turns: list[tuple[Turn, tuple[Finding, ...]]],
    profile: str = "profile.toml",
    rules: str = PROFILE,
) -> Workspace:
    """Write the turns into a new workspace, by default with a profile that no shipped one changes."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "profile.toml").write_text(rules, "utf-8")
    workspace = Workspace.open(folder, profile=profile, create=True)
    source = workspace.store.sources.begin("log.jsonl", "chat", "chat/1", "00", 10, "real")
    session = SessionInfo(
        "s1", "an evening at home", tier="home", started_at="2026-03-04T18:00:00", turns=len(turns)
    )
    workspace.store.turns.add(source, [session], turns)
    return workspace
