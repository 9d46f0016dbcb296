"""The list of turns: queries, facets, choosing, bulk acts, views, and the way to the review screen."""

from __future__ import annotations

import threading
from array import array
from pathlib import Path
from typing import Any

import pytest
from textual.app import App, ComposeResult

from curator.datasets import count
from curator.review import Desk
from curator.store import ListRow
from curator.store.turns import Turns
from curator.tui.app import CuratorApp
from curator.tui.query_words import completed, toggled, words
from curator.tui.screens.browse import BrowseScreen
from curator.tui.widgets.facets import FacetList, word_of
from curator.tui.widgets.query_input import QueryInput
from curator.tui.widgets.turn_list import TurnList
from curator.workspace import Workspace
from tests.tui.conftest import Drive, press, settle, text
from tests.tui.workspaces import RICH_PROFILE, house, make_workspace


@pytest.fixture
def rich(tmp_path: Path) -> Workspace:
    """Return six turns under a profile with tags."""
    return make_workspace(tmp_path / "rich", house(), rules=RICH_PROFILE)


def turns(app: CuratorApp) -> TurnList:
    return app.screen.query_one(TurnList)


async def ask(app: CuratorApp, pilot: Any, query: str) -> None:
    """Write a query and read it."""
    await press(app, pilot, "slash")
    app.screen.query_one("#query", QueryInput).value = query
    await press(app, pilot, "enter")


async def test_a_query_lists_its_turns_and_escape_clears_it(rich: Workspace, drive: Drive) -> None:
    async with drive(rich) as (app, pilot):
        await press(app, pilot, "B")
        assert isinstance(app.screen, BrowseScreen) and "1 of 6" in text(app, "header")
        await ask(app, pilot, "calls:0")
        assert len(turns(app).ids) == len(rich.store.turns.ids(None)) - 4
        await ask(app, pilot, "bedroom")
        assert list(turns(app).ids) == [1]
        await ask(app, pilot, "tier:")
        assert "has no value" in app.screen.query_one("#query").border_subtitle
        await press(app, pilot, "escape")
        assert len(turns(app).ids) == 6 and app.screen.query_one("#query", QueryInput).value == ""
        await ask(app, pilot, "tier:nowhere")
        assert "No turn fits" in text(app, "notice")


async def test_a_facet_narrows_and_widens_again(rich: Workspace, drive: Drive) -> None:
    async with drive(rich) as (app, pilot):
        await press(app, pilot, "B", "tab")
        facets = app.screen.query_one(FacetList)
        at = next(n for n, facet in enumerate(facets.facets) if facet.key == "tool")
        facets.highlighted = next(n for n, o in enumerate(facets.options) if o.id == f"facet-{at}")
        wanted = facets.facets[at].turns
        await press(app, pilot, "enter")
        query = app.screen.query_one("#query", QueryInput).value
        assert query.startswith("tool:") and len(turns(app).ids) == wanted < 6
        assert facets.standing == ("tool", query.partition(":")[2])
        await press(app, pilot, "tab", "tab")
        app.screen.action_part()
        app.screen.ask("")
        await settle(app, pilot)
        assert len(turns(app).ids) == 6


async def test_only_what_stands_in_the_query_is_ticked(rich: Workspace, drive: Drive) -> None:
    async with drive(rich) as (app, pilot):
        await press(app, pilot, "B")
        facets = app.screen.query_one(FacetList)

        def ticked() -> list[str]:
            lines = [str(option.prompt) for option in facets.options if not option.disabled]
            return [word_of(facet) for facet, line in zip(facets.facets, lines, strict=True) if "✓" in line]

        await ask(app, pilot, "verdict:none -tool:nothing")
        assert ticked() == ["verdict:none"]
        await ask(app, pilot, "-verdict:correct")
        assert turns(app).ids and ticked() == []


async def test_the_choice_shrinks_with_the_query(rich: Workspace, drive: Drive) -> None:
    async with drive(rich) as (app, pilot):
        await press(app, pilot, "B", "asterisk")
        await ask(app, pilot, "-id:1 -id:2")
        assert turns(app).chosen == {3, 4, 5, 6}


async def test_the_front_is_listed_before_the_rest(
    rich: Workspace, drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("curator.tui.screens.browse.FRONT", 2)
    gate, read = threading.Event(), Turns.ids

    def slow(self: Turns, wanted: Any = None, order: Any = "log", limit: int | None = None) -> Any:
        if limit is None:
            gate.wait(10)
        return read(self, wanted, order, limit)

    async with drive(rich) as (app, pilot):
        monkeypatch.setattr(Turns, "ids", slow)
        await pilot.press("B")
        while not isinstance(app.screen, BrowseScreen) or not turns(app).ids:
            await pilot.pause(0.01)
        assert len(turns(app).ids) == 2 and "1 of …" in text(app, "header")
        await pilot.press("down", "asterisk")
        assert not turns(app).chosen and "still being counted" in text(app, "status")
        app.screen.ask("teir:x")
        assert "Did you mean tier" in str(app.screen.query_one("#query").border_subtitle)
        gate.set()
        await settle(app, pilot)
        assert list(turns(app).ids) == list(rich.store.turns.ids(None, "queue"))
        assert turns(app).cursor == 1 and "2 of 6" in text(app, "header")
        await press(app, pilot, "asterisk")
        assert len(turns(app).chosen) == 6


async def test_bulk_acts_are_one_act_and_meters_follow(rich: Workspace, drive: Drive) -> None:
    async with drive(rich) as (app, pilot):
        await press(app, pilot, "y", "B", "asterisk")
        assert "6 chosen" in text(app, "header")
        await press(app, pilot, "x")
        assert "5 turns · 1 was decided already · u undoes" in text(app, "status")
        assert app.flow.meters == count(rich.store, profile=rich.profile)
        await press(app, pilot, "u")
        assert app.flow.meters == count(rich.store, profile=rich.profile)
        assert [row.state for row in rich.store.turns.rows(range(1, 7))].count("undecided") == 5
        await press(app, pilot, "U", "asterisk", "t", "r")
        assert len({one.act for one in rich.store.journal.all()}) == 5
        tags = {rich.store.journal.resolution(turn).tags for turn in range(1, 7)}
        assert len(tags) == 1 and tags != {()}
        assert app.flow.meters == count(rich.store, profile=rich.profile)


async def test_without_a_choice_acts_are_for_the_turn_under_the_cursor(rich: Workspace, drive: Drive) -> None:
    async with drive(rich) as (app, pilot):
        await press(app, pilot, "B", "y", "n", "w")
        listed = turns(app).ids
        states = {row.id: row.state for row in rich.store.turns.rows(listed)}
        assert [states[turn] for turn in listed[:3]] == ["correct", "incorrect", "undecided"]
        assert turns(app).cursor == 2
        await press(app, pilot, "k", "y")
        assert rich.store.journal.resolution(listed[1]).state == "correct"


async def test_enter_opens_the_turn_beside_the_queue(rich: Workspace, drive: Drive) -> None:
    async with drive(rich) as (app, pilot):
        place = app.flow.at
        await press(app, pilot, "B", "G")
        turn = turns(app).turn_id
        await press(app, pilot, "enter")
        assert app.current_mode == "review" and app.screen.card.turn.id == turn
        assert app.flow.at == place
        await press(app, pilot, "x", "B")
        assert rich.store.journal.resolution(turn).state == "skipped"


async def test_views_keep_query_and_order(rich: Workspace, drive: Drive) -> None:
    async with drive(rich) as (app, pilot):
        await press(app, pilot, "B", "s", "down", "enter")
        assert app.screen.order == "log" and list(turns(app).ids) == [1, 2, 3, 4, 5, 6]
        await ask(app, pilot, "calls:1")
        await press(app, pilot, "v", *"mine", "enter")
        [view] = rich.store.views.all()
        assert (view.name, view.query, view.sort) == ("mine", "calls:1", "log")
        await press(app, pilot, "escape", "v", "enter")
        assert app.screen.query_one("#query", QueryInput).value == "calls:1"
        await press(app, pilot, "v", "delete")
        assert rich.store.views.all() == []


async def test_a_session_is_taken_into_the_query(rich: Workspace, drive: Drive) -> None:
    async with drive(rich) as (app, pilot):
        await press(app, pilot, "B", "S", "enter")
        assert "session:s1" in app.screen.query_one("#query", QueryInput).value
        assert len(turns(app).ids) == 6


class Lists(App[None]):
    """A list of a million turns whose pages are counted."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[int] = []

    def compose(self) -> ComposeResult:
        """Only the list."""
        yield TurnList(self.page, "turns")

    def page(self, ids: Any) -> list[ListRow]:
        self.read += ids
        return [ListRow(n, "", "s", 0, "t", "", "undecided", 0, (), (), f"[red]request[/] {n}") for n in ids]


async def test_only_what_is_seen_is_read() -> None:
    app = Lists()
    async with app.run_test(size=(120, 24)) as pilot:
        listed = app.query_one(TurnList)
        listed.show(array("q", range(1, 1_000_001)))
        await settle(app, pilot)  # type: ignore[arg-type]
        await pilot.press("end")
        await settle(app, pilot)  # type: ignore[arg-type]
        assert listed.turn_id == 1_000_000 and len(app.read) < 1000
        assert "[red]request[/] 1000000" in listed.render_line(listed.size.height - 1).text


def test_words_of_a_query() -> None:
    query = 'tier:code -tag:"so odd" "no such fi'
    assert words(query) == ["tier:code", '-tag:"so odd"', '"no such fi']
    assert toggled(query, "tier:code") == '-tag:"so odd" "no such fi'
    assert toggled("", "tool:x") == "tool:x" and toggled("tool:x", "tool:x") == ""
    known = {"verdict": ("none", "correct")}
    assert completed("tier:code -ver", ["tier", "verdict"], known) == "tier:code -verdict:"
    assert completed("-verdict:co", ["verdict"], known) == "-verdict:correct"
    assert completed("verdict:none", ["verdict"], known) is None
    assert completed("tier:code ", ["tier"], known) is None


def test_a_desk_of_a_reviewer(rich: Workspace) -> None:
    desk = Desk(rich.store, rich.profile, "ben")
    assert desk.decide_all([], "skip") == []
