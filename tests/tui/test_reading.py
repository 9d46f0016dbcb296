"""Findings, search, the session and counts: what leads through turns and decides nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from curator.model import Evidence, Finding, Message, Output, ToolCall
from curator.tui.arguments import argument_blocks
from curator.tui.paragraphs import CURRENT, Block, styled
from curator.tui.search import matches
from curator.tui.strip import strip_line, why_words
from curator.workspace import Workspace
from tests.tui.conftest import Drive, press, review, settle, text
from tests.tui.test_review import HOSTILE
from tests.tui.workspaces import house, make_workspace, turn


def current(app, id: str) -> list[str]:
    """Return the texts in a column that are highlighted as what was jumped to."""
    lines = app.screen.query_one(f"#{id}")._lines
    spans = [(line.content, span) for line in lines for span in line.content.spans if span.style == CURRENT]
    return [content.plain[span.start : span.end] for content, span in spans]


async def test_brackets_go_round_the_findings_the_gravest_first(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "right_square_bracket")
        assert "finding 1 of 3 ✗ The thinking names heating.set" in text(app, "status")
        assert current(app, "think") == ["heating.set"]
        assert current(app, "calls")[0] == "light.set"
        await press(app, pilot, "right_square_bracket", "right_square_bracket")
        assert "finding 3 of 3 ! The output ends" in text(app, "status")
        assert current(app, "think") == [] and current(app, "calls") == [
            "The output ends without an end token."
        ]
        await press(app, pilot, "left_square_bracket")
        assert "finding 2 of 3" in text(app, "status")
        await press(app, pilot, "right_square_bracket", "right_square_bracket")
        assert "finding 1 of 3" in text(app, "status")
        await press(app, pilot, "right")
        assert review(app).finding is None


async def test_evidence_far_down_is_scrolled_into_view(tmp_path: Path, drive: Drive) -> None:
    thinking = "I think on and on.\n" * 300 + "I shall call heating.set now."
    start = thinking.index("heating.set")
    evidence = (Evidence("thinking", start, start + 11),)
    far = turn(0, "hi", Output(thinking, None, (ToolCall("light.set", {}),)))
    workspace = make_workspace(tmp_path / "ws", [(far, (Finding("coherence", "error", "Far.", evidence),))])
    async with drive(workspace) as (app, pilot):
        pane = app.screen.query_one("#think")
        await press(app, pilot, "right_square_bracket")
        assert pane.scroll_offset.y > 200
        assert current(app, "think") == ["heating.set"]


async def test_brackets_change_the_tab_where_there_are_tabs(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace, size=(80, 24)) as (app, pilot):
        await press(app, pilot, "right_square_bracket")
        assert "[THINK]" in text(app, "tabs") and current(app, "think") == ["heating.set"]
        await press(app, pilot, "right_square_bracket")
        assert "[CALLS]" in text(app, "tabs") and "light.set" in current(app, "calls")


async def test_evidence_in_the_prompt_unfolds_its_message(tmp_path: Path, drive: Drive) -> None:
    one = turn(0, "My key is AKIA12.", Output("t", "ok"))
    at = len(one.prompt[0].content) + 1 + one.prompt[1].content.index("AKIA12")
    finding = Finding("secret", "error", "A key.", (Evidence("prompt", at, at + 6),))
    workspace = make_workspace(tmp_path / "ws", [(one, (finding,))])
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "right_square_bracket")
        assert current(app, "context") == ["AKIA12"]


async def test_without_a_finding_the_status_says_so(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "x", "x", "right_square_bracket")
        assert "the checks found nothing" in text(app, "status")


async def test_search_unfolds_and_walks_through_every_column(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "slash", *"LIGHT")
        await pilot.pause(0.1)
        await settle(app, pilot)
        assert "match 1 of" in text(app, "status") and "You are the agent" in text(app, "context")
        await press(app, pilot, "enter")
        total = int(text(app, "status").split(" of ")[1].split()[0])
        assert total >= 5
        await press(app, pilot, *["n"] * (total - 1))
        assert f"match {total} of {total}" in text(app, "status") and current(app, "calls") == ["light"]
        await press(app, pilot, "n", "N")
        assert f"match {total} of {total}" in text(app, "status")
        assert list(workspace.store.journal.all()) == []
        await press(app, pilot, "escape")
        assert "You are the agent" not in text(app, "context") and current(app, "calls") == []
        await press(app, pilot, "n", "w")
        [decision] = workspace.store.journal.all()
        assert decision.reason == "wrong_tool"


async def test_digits_and_letters_in_the_search_line_are_text(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "slash", *"220y")
        await pilot.pause(0.1)
        assert "nothing here says “220y”" in text(app, "status")
        await press(app, pilot, "backspace", "enter")
        assert current(app, "calls") == ["220"]
        await press(app, pilot, "right")
        assert app.flow.at == 1 and not review(app).has_class("-searching")
        assert list(workspace.store.journal.all()) == []


def test_matches_end_at_a_bound_and_need_a_text() -> None:
    columns = {"think": [Block(styled("a" * 9000))]}
    assert len(matches("a", columns)) == 5000
    assert matches("", columns) == []


async def test_arrows_walk_through_the_session_and_escape_returns(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        assert "session [!1] ·- ·2 !- ·1 ·1" in " ".join(text(app, "strip").split())
        assert "why here: error · think ≠ call" in text(app, "strip")
        await press(app, pilot, "y", "up", "up")
        assert app.flow.turn_id == 2 and "turn 2 of 6" in text(app, "header")
        assert "beside the queue" in text(app, "strip")
        await press(app, pilot, "up")
        assert "turn 1 of 6" in text(app, "header") and "[✓1]" in text(app, "strip")
        await press(app, pilot, "up")
        assert "the session starts here" in text(app, "status")
        await press(app, pilot, "escape")
        assert app.flow.beside is None and "turn 4 of 6" in text(app, "header")


async def test_a_decision_beside_the_queue_goes_back_to_the_place_left(
    workspace: Workspace, drive: Drive
) -> None:
    async with drive(workspace) as (app, pilot):
        place = app.flow.turn_id
        await press(app, pilot, "4", "down", "x")
        assert workspace.store.journal.resolution(5).state == "skipped"
        assert app.flow.turn_id == place and "decided 1 of 6" in text(app, "meters")
        await press(app, pilot, "u")
        assert app.flow.turn_id == 5 and workspace.store.journal.resolution(5).state == "undecided"


async def test_a_long_session_is_a_window(tmp_path: Path, drive: Drive) -> None:
    turns = [(replace(turn(n, f"step {n}", Output("t", "ok")), timestamp=None), ()) for n in range(300)]
    workspace = make_workspace(tmp_path / "ws", turns)
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "1", "5", "0", "g")
        strip = text(app, "strip")
        assert "‹" in strip and "›" in strip and len(app.screen.card.session_turns) == 121
        before, after = int(strip.split("‹")[1].split()[0]), int(strip.split("›")[0].split()[-1])
        assert before + after + strip.count("·-") == 300
        await press(app, pilot, "9", "9", "down", "9", "9", "down")
        assert app.flow.turn_id == 150 + 60 + 60


async def test_counts_come_before_motions(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "3")
        assert "3…" in text(app, "status")
        await press(app, pilot, "right")
        assert app.flow.at == 3 and "3…" not in text(app, "status")
        await press(app, pilot, "2", "k")
        assert app.flow.at == 1
        await press(app, pilot, "5", "g")
        assert app.flow.at == 4
        await press(app, pilot, "9", "9", "j", "4", "escape", "left")
        assert app.flow.at == 4
        await press(app, pilot, "g")
        assert app.flow.at == 0


async def test_scrolling_keys_move_the_column_with_the_focus(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace, size=(120, 24)) as (app, pilot):
        pane = app.screen.query_one("#context")
        pane.focus()
        await press(app, pilot, "space", "home")
        top = pane.scroll_offset.y
        await press(app, pilot, "ctrl+d")
        assert pane.scroll_offset.y > top + 2
        await press(app, pilot, "ctrl+u")
        assert pane.scroll_offset.y == top


def test_arguments_are_a_typed_tree() -> None:
    patch = "--- a\n+++ b\n" + "x\n" * 40
    arguments = {"n": 3, "deep": {"list": ["a", None, {}], "on": True}, "patch": patch, "long": "z" * 900}
    blocks = list(argument_blocks(arguments, expanded=False))
    lines = [f"{block.lead.plain}{block.content.plain}" for block in blocks]
    assert lines[:6] == [
        "  n      3",
        "  deep  {2}",
        "    list  [3]",
        '      0  "a"',
        "      1  null",
        "      2  {}",
    ]
    assert lines[6] == "    on  true"
    assert lines[7] == "  patch  43 lines · 92 chars"
    assert lines[8].startswith("  │ --- a\n+++ b") and "more chars" in lines[9]
    assert "… 602 more of 902 chars" in lines[10]
    whole = [block.content.plain for block in argument_blocks(arguments, expanded=True)]
    assert patch in whole and f'"{"z" * 900}"' in whole


def test_a_tree_without_end_is_cut() -> None:
    wide = {"rows": [{"id": n} for n in range(500)]}
    assert sum("more · space" in block.content.plain for block in argument_blocks(wide, expanded=False)) == 1
    deep: dict = {}
    for _ in range(300):
        deep = {"a": deep}
    assert len(list(argument_blocks(deep, expanded=True))) < 20


async def test_images_are_told_and_their_bytes_not_shown(tmp_path: Path, drive: Drive) -> None:
    part = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "QUJD" * 4000}}
    seen = turn(3, f"What is this?{json.dumps(part)}", Output("t", "A cat."))
    workspace = make_workspace(tmp_path / "ws", [(seen, ())])
    async with drive(workspace) as (app, pilot):
        flat = " ".join(text(app, "context").replace("▌", "").split())
        assert "▣ image · png · 12 kB · turn read at line 4 of log.jsonl" in flat
        await press(app, pilot, "space")
        assert "QUJDQUJD" not in text(app, "context") and "What is this?" in text(app, "context")


async def test_the_system_prompt_is_told_to_be_the_same_or_changed(tmp_path: Path, drive: Drive) -> None:
    turns = house()
    changed = turns[2][0]
    prompt = (Message("system", "Other rules."), *changed.prompt[1:])
    turns[2] = (replace(changed, prompt=prompt), turns[2][1])
    workspace = make_workspace(tmp_path / "ws", turns)
    async with drive(workspace) as (app, pilot):
        assert "same as before" not in text(app, "context")
        await press(app, pilot, "down")
        assert "same as before" in text(app, "context")
        await press(app, pilot, "down")
        assert "changed since the turn before" in " ".join(text(app, "context").split())


def test_why_a_turn_is_here_in_words() -> None:
    assert why_words((), "") == "why here: nothing found, in log order"
    assert why_words((), "turn of tier code") == "why here: turn of tier code"
    found = (Finding("truncation", "warning", "x"), Finding("coherence", "error", "x"))
    assert why_words(found, "") == "why here: error · think ≠ call"


@pytest.mark.parametrize("width", [60, 80, 110, 250])
async def test_the_strip_fits_its_width(width: int, workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, _):
        card = app.screen.card
        line = strip_line(card, {}, "why here: " + "long " * 9, width, False)
        assert line.cell_length <= width and "[!1]" in line.plain


async def test_hostile_text_is_harmless_on_every_way_through_a_turn(tmp_path: Path, drive: Drive) -> None:
    image = json.dumps({"type": "image", "source": {"media_type": HOSTILE, "url": HOSTILE}})
    call = ToolCall(HOSTILE, {HOSTILE: {HOSTILE: [HOSTILE, f"{HOSTILE}\n{HOSTILE}"]}}, status="unknown_tool")
    finding = Finding("coherence", "error", HOSTILE, (Evidence("calls", 0, 1),), HOSTILE)
    turns = [
        (replace(turn(n, HOSTILE + image, Output(HOSTILE, None, (call,))), tier=HOSTILE), (finding,))
        for n in range(2)
    ]
    workspace = make_workspace(tmp_path / "ws", turns)
    async with drive(workspace) as (app, pilot):
        frames = []
        for keys in (
            ["right_square_bracket"],
            ["slash", "r", "e", "d", "enter"],
            ["escape", "z"],
            ["escape", "o", "t"],
        ):
            await press(app, pilot, *keys)
            frames.append(app.export_screenshot())
        assert "why here: turn of tier [/]" in text(app, "strip")
        assert not any(c in frame for frame in frames for c in "\x1b\x07\x9b\u202e\u200b")
        assert app.is_running and list(workspace.store.journal.all()) == []
