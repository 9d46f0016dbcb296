"""A workspace for the Dataset screen: copies, a secret, coverage, and a tier with a target."""

from __future__ import annotations

from pathlib import Path

from curator.model import Finding, Output, ToolCall, Turn
from curator.review import Desk
from curator.workspace import Workspace
from tests.tui.workspaces import RICH_PROFILE, house, make_workspace, turn

Logged = list[tuple[Turn, tuple[Finding, ...]]]

RULES = (
    RICH_PROFILE.replace("target_rows = 320", "target_rows = 16")
    .replace("min_sft_rows = 250", "min_sft_rows = 4")
    .replace("min_pairs = 100", "min_pairs = 0")
)
LOOSE = "\n".join(line for line in RULES.splitlines() if line not in ("bands = true", "coverage = true"))
"""The same rules with gates that are met."""
SWITCH = "Please switch the light in the hall off now, it is far too bright in here for me"
STORY = "Please tell me a story about the old house on the hill, and do not make it sad"
MAIL = "jane.roe@nordwind-kontor.de"


def copied() -> Logged:
    """Return the house, then turns 7–10 that are equal, 11–13 that are alike, and 14 with a secret."""
    turns = house()
    off = ToolCall("light.set", {"room": "hall", "state": "off"})
    turns += [(turn(6 + n, SWITCH, Output("Simple.", None, (off,))), ()) for n in range(4)]
    told = Output("A story, then.", "Once there was a house on a hill, and nobody in it was sad at all.")
    turns += [(turn(10 + n, STORY + "." * n, told), ()) for n in range(3)]
    wrote = Output(f"I write to {MAIL}.", f"I sent it to {MAIL}.")
    finding = Finding("secret", "error", "a token in a user message")
    request = f"Write to {MAIL} that my key is AKIAIOSFODNN7EXAMPLQ."
    turns.append((turn(13, request, wrote), (finding,)))
    return turns


def copied_workspace(folder: Path, rules: str = RULES, decided: range = range(2, 14)) -> Workspace:
    """Return a workspace of these turns, some of them decided correct by ann."""
    workspace = make_workspace(folder, copied(), rules=rules)
    desk = Desk(workspace.store, workspace.profile, "ann")
    for turn_id in decided:
        desk.verdict(turn_id, "correct")
    return workspace
