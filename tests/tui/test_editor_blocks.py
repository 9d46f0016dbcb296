from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from curator.exporters import trl
from curator.exporters.standing import decided_rows
from curator.model import Correction, Finding, Output, ToolCall
from curator.review import Desk
from curator.review.drafts import call_draft
from curator.review.second_look import second_look
from curator.review.suggestions import Suggestion
from curator.text import display_text
from curator.tui.editor_blocks import difference_blocks, found_lines, row_blocks, view_title
from curator.tui.evidence import Phrase, found_again, phrases
from curator.tui.form_lines import SHOWN_WHOLE, entries, layout
from curator.workspace import Workspace
from tests.review.values import argument_schemas, arguments
from tests.tui.workspaces import TOOLS, house, turn

HOSTILE = "[@click=app.quit]x[/] \x1b]0;owned\x07 \u202eevil\n\ttab"


def test_the_rows_shown_are_the_lines_of_the_export(
    workspace: Workspace, tmp_path_factory: pytest.TempPathFactory
) -> None:
    desk = Desk(workspace.store, workspace.profile, "ann")
    card = desk.card(1)
    call = ToolCall("heating.set", {"room": 'a "chosen": [x]', "celsius": 22})
    correction = Correction('He said "completion":[{}]', "é", (call,))
    shown = row_blocks(desk.preview(card.turn, correction))
    desk.correct(1, correction)
    out = tmp_path_factory.mktemp("out")
    trl.export(decided_rows(workspace.store, workspace.profile), out)
    texts = [block.content.plain for block in shown]
    second = next(n for n, text in enumerate(texts) if text.startswith("dpo.jsonl"))
    assert "".join(texts[1:second]) == (out / "sft.jsonl").read_text("utf-8").rstrip("\n")
    assert "".join(texts[second + 1 :]) == (out / "dpo.jsonl").read_text("utf-8").rstrip("\n")
    assert sum(block.anchor for block in shown) == 1


def test_suggestions_come_before_what_was_found() -> None:
    one = Suggestion("call x", "because", Correction())
    logged = (Finding("a", "error", "because"), Finding("b", "warning", HOSTILE))
    lines = found_lines((one,), logged, None, 80, 5).plain.split("\n")
    assert lines[0].startswith("f5 call x") and lines[1].startswith("logged ! ") and len(lines) == 2
    assert "\x1b" not in lines[1] and "␛" in lines[1]
    assert found_lines((), logged, (), 80, 5).plain == "now ✓ the checks find nothing"
    many = found_lines((one,) * 9, logged, None, 80, 3).plain.split("\n")
    assert len(many) == 3 and many[-1].startswith("… ")


def test_the_title_names_the_views() -> None:
    assert view_title("json", "her[/]mes", True).count("\\[") == 1 or "HER" in view_title("json", "x", False)


def test_a_huge_difference_says_what_it_leaves_out() -> None:
    before = Output(None, "\n".join(map(str, range(5000))))
    blocks = difference_blocks(before, Correction(None, "x"))
    assert "of 5" in blocks[-1].content.plain


@given(
    st.text(max_size=30),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=3),
    st.text(max_size=5),
)
def test_evidence_is_found_again_after_edits(text: str, spans: list[tuple[int, int]], more: str) -> None:
    wanted = phrases(text, spans)
    for start, end in found_again(more + text, wanted):
        assert any(one.words in (more + text)[start:end] for one in wanted)
    assert {w for w, _ in wanted} <= {text[a:b] for a, b in found_again(text, wanted)} | {
        w for w, _ in wanted
    }
    for one in wanted:
        assert any(a <= one.at and b >= one.at + len(one.words) for a, b in found_again(text, wanted))


def test_evidence_that_was_edited_away_is_gone() -> None:
    assert found_again("I call y", [Phrase("call x", 2)]) == []
    assert found_again("x, no: call x, call x", [Phrase("call x", 16)]) == [(15, 21)]


@given(argument_schemas, arguments, st.integers(10, 140))
def test_a_form_of_anything_fits_its_width(
    schema: dict[str, object], given_arguments: dict[str, object], width: int
) -> None:
    tool = replace(TOOLS[0], parameters=schema)
    calls = (call_draft(ToolCall("light.set", given_arguments)),)
    shown = entries(calls, {"light.set": tool}, 0)
    for cursor in range(len(shown)):
        laid = layout(shown, cursor, calls, {"light.set": tool}, {}, width)
        assert laid.lines[laid.field.y].entry == cursor and laid.top <= laid.field.y <= laid.bottom
        for line in laid.lines:
            assert "\n" not in line.content.plain
            assert display_text(line.content.plain) == line.content.plain


def test_many_calls_are_folded() -> None:
    calls = tuple(call_draft(ToolCall("timer.start", {"minutes": n})) for n in range(SHOWN_WHOLE + 1))
    shown = entries(calls, {tool.name: tool for tool in TOOLS}, 3)
    assert [one.call for one in shown if one.row is not None] == [3, 3]


def test_hostile_names_are_shown_harmlessly() -> None:
    calls = (call_draft(ToolCall(HOSTILE, {HOSTILE: HOSTILE, "b": [HOSTILE]})),)
    shown = entries(calls, {}, 0)
    for cursor in range(len(shown)):
        for line in layout(shown, cursor, calls, {}, {(0, (HOSTILE,)): [HOSTILE]}, 60).lines:
            assert not set("\x1b\x07\u202e\n\t") & set(line.content.plain)


def test_the_checks_look_at_the_correction(workspace: Workspace) -> None:
    logged = house()[0][0]
    still = Correction(
        logged.output.thinking, None, (ToolCall("light.set", {"room": "hall", "state": "on"}),)
    )
    assert [one.check for one in second_look(logged, still, workspace.profile)] == ["coherence"]
    mended = replace(still, tool_calls=(ToolCall("heating.set", {"room": "hall", "celsius": 20}),))
    assert second_look(logged, mended, workspace.profile) == ()
    long = replace(still, thinking="I call heating.set. " * 5000)
    assert second_look(turn(0, "x", Output()), long, workspace.profile) == ()
