"""The list of turns: a query, what it could be narrowed by, the turns, and the one under the cursor."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import events, on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input, OptionList, Static
from textual.worker import get_current_worker

from curator.errors import CuratorError
from curator.tui import notices
from curator.tui.blocks import number, styled
from curator.tui.commands import bindings
from curator.tui.commands.base import key_of
from curator.tui.lines import key_line, spread
from curator.tui.preview import preview_blocks
from curator.tui.problems import Problem, explain
from curator.tui.query_words import toggled, words
from curator.tui.screens.listing import ORDERS, ListingScreen
from curator.tui.watching import heard_words
from curator.tui.widgets.facets import FacetList, word_of
from curator.tui.widgets.pane import Pane
from curator.tui.widgets.query_input import QueryInput
from curator.tui.widgets.turn_list import TurnList

if TYPE_CHECKING:
    from curator.store import Facet, FacetName, Filter, Heard, ListRow, Order
    from curator.tui.flow import Flow

_FACETS: tuple[FacetName, ...] = (
    "verdict",
    "tier",
    "check",
    "tool",
    "source",
    "model",
    "reviewer",
    "origin",
)
FRONT = 512
"""So many turns are listed at once; the others follow when they are counted."""
_SEARCH_S = 0.2
_PREVIEW_S = 0.05
_WIDE = 110


class BrowseScreen(ListingScreen):
    """Finds turns, looks at them, and decides on many at once."""

    AREA = "Browse"
    CSS_PATH = "browse.tcss"
    BINDINGS = bindings("Browse")
    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (_WIDE, "-wide")]

    def __init__(self) -> None:
        super().__init__(classes="-empty")
        self._typing: Timer | None = None
        self._looking: Timer | None = None

    def compose(self) -> ComposeResult:
        """Query, facets, list, preview."""
        yield Static(id="header", markup=False)
        yield QueryInput("query")
        with Horizontal(id="body"):
            yield FacetList("facets")
            with Vertical(id="lists"):
                yield Static(Content.styled("opening the workspace …", "$muted"), id="notice", markup=False)
                yield TurnList(self._rows, "turns")
                yield Pane("", "preview")
        yield Static(id="status", markup=False)
        yield Static(id="keys", markup=False)

    def on_mount(self) -> None:
        """Wait for the workspace."""
        self.query_one("#facets").border_title = "NARROW BY"
        if not self.app.is_opening and self.app.flow is None:
            self._show_notice(notices.nothing_ingested())
        self.watch(self.app, "flow", self._opened)
        self.watch(self.app, "problem", self._failed)
        self.watch(self.app, "heard", self._hear, init=False)

    def on_screen_resume(self) -> None:
        """Show what was decided elsewhere."""
        if self.app.flow is not None:
            self.query_one(TurnList).renew()
            self._count_facets()

    def on_resize(self, event: events.Resize) -> None:
        """Fill the lines for the new width."""
        self._paint()

    def _hear(self, heard: tuple[Heard, ...]) -> None:
        """Show what others decided."""
        if heard and self.app.screen is self:
            turns = self.query_one(TurnList)
            turns.renew([one.turn for one in heard])
            self._renew_facets()
            self.say(heard_words(heard, turns.turn_id))

    def _failed(self, problem: Problem | None) -> None:
        if problem is not None:
            self._notice(problem.text, "$error")

    def _opened(self, flow: Flow | None) -> None:
        if flow is not None:
            self._search(self.query_one("#query", QueryInput).value)

    # Finding

    @on(Input.Changed, "#query")
    def _typed(self) -> None:
        if self._typing is not None:
            self._typing.stop()
        self._typing = self.set_timer(_SEARCH_S, self._search_typed)

    @on(Input.Submitted, "#query")
    def _entered(self) -> None:
        self._search_typed()
        self.query_one(TurnList).focus()

    def _search_typed(self) -> None:
        if self._typing is not None:
            self._typing.stop()
        query = self.query_one("#query", QueryInput).value
        if query != self._read:
            self._search(query)

    def _search(self, query: str) -> None:
        """Read a query; one that cannot be read leaves the list, and what is still counted for it, alone."""
        from curator.store import Filter

        line = self.query_one("#query", QueryInput)
        try:
            wanted = Filter.parse(query)
        except CuratorError as error:
            line.border_subtitle = f"✗ {styled(str(error)).plain}".replace("[", "\\[")
            return
        line.border_subtitle = ""
        self._fill(query, wanted)

    @work(group="search", exclusive=True, exit_on_error=False)
    async def _fill(self, query: str, wanted: Filter) -> None:
        """List the turns of a query, and count what it could be narrowed by."""
        front = await self._found(wanted, FRONT)
        if front is None:
            return
        self._read, self.is_whole = query, len(front) < FRONT
        self._list(front)
        if not self.is_whole:
            ids = await self._found(wanted, None)
            if ids is not None:
                self._list_whole(ids)
        self._count_facets()

    async def _found(self, wanted: Filter, most: int | None) -> array[int] | None:
        """Return the ids of a query; ``None`` where another query has come, or reading failed."""
        find = asyncio.to_thread(self._find, wanted, self.order, most)
        [ids] = await asyncio.gather(find, return_exceptions=True)
        if get_current_worker().is_cancelled:
            return None
        if isinstance(ids, BaseException):
            self._notice(explain(ids).text, "$error")
            return None
        return ids

    def _find(self, wanted: Filter, order: Order, most: int | None) -> array[int]:
        store = self._flow.desk.store
        if wanted.needs_text_index and store.texts.waiting():
            self.app.call_from_thread(self.say, Content.styled("making the search index …", "$accent"))
            store.texts.catch_up()
        return store.turns.ids(wanted, order, most)

    def _list(self, ids: array[int]) -> None:
        turns = self.query_one(TurnList)
        self.set_class(not ids, "-empty")
        if not ids:
            self._show_empty()
        turns.show(ids, turns.turn_id)
        if self.is_whole:
            self._keep_chosen()
        if self.focused is None:
            turns.focus()
        self._paint()

    def _list_whole(self, ids: array[int]) -> None:
        """List the turns behind the front too; the cursor and what is read stay."""
        self.query_one(TurnList).lengthen(ids)
        self.is_whole = True
        self._keep_chosen()
        self._paint()

    def _keep_chosen(self) -> None:
        turns = self.query_one(TurnList)
        if turns.chosen:
            turns.choose(list(turns.chosen.intersection(turns.ids)))

    def _rows(self, ids: Sequence[int]) -> list[ListRow]:
        return self._flow.desk.store.listing.page(ids)

    def _renew_facets(self) -> None:
        self._count_facets()

    @work(group="facets", exclusive=True, exit_on_error=False)
    async def _count_facets(self) -> None:
        """Count by every key; the first time, each is shown as soon as it is counted."""
        from curator.store import Filter

        listing, wanted = self._flow.desk.store.listing, Filter.parse(self._read)
        groups: list[list[Facet]] = []
        column = self.query_one(FacetList)
        is_first = not column.facets
        for key in _FACETS:
            [found] = await asyncio.gather(
                asyncio.to_thread(listing.facets, wanted, key), return_exceptions=True
            )
            if get_current_worker().is_cancelled:
                return
            if isinstance(found, BaseException):
                self.app.say(explain(found))
                return
            groups.append(found)
            if is_first or key == _FACETS[-1]:
                column.show(groups, words(self._read))
        known: dict[str, Sequence[str]] = {
            group[0].key: [word_of(one).partition(":")[2] for one in group] for group in groups if group
        }
        self.query_one("#query", QueryInput).knows(known)

    @on(OptionList.OptionSelected, "#facets")
    def _narrow(self, event: OptionList.OptionSelected) -> None:
        facet = self.query_one(FacetList).chosen(event.option)
        self.ask(toggled(self._read, word_of(facet)))

    def ask(self, query: str) -> None:
        """Write a query into the line and read it."""
        line = self.query_one("#query", QueryInput)
        with self.prevent(Input.Changed):
            line.value = query
        self._search(query)

    # Looking

    @on(TurnList.Moved)
    def _moved(self) -> None:
        self._paint()
        if self._looking is not None:
            self._looking.stop()
        self._looking = self.set_timer(_PREVIEW_S, self._look)

    def _look(self) -> None:
        turn = self.query_one(TurnList).turn_id
        if turn is not None and self.query_one("#preview").display:
            self._preview(turn)

    @work(group="preview", exclusive=True, exit_on_error=False)
    async def _preview(self, turn_id: int) -> None:
        [card] = await asyncio.gather(asyncio.to_thread(self._flow.fetch, turn_id), return_exceptions=True)
        if isinstance(card, BaseException):
            self.app.say(explain(card))
        elif turn_id == self.query_one(TurnList).turn_id:
            pane = self.query_one("#preview", Pane)
            pane.border_title = f"#{turn_id}"
            pane.show(preview_blocks(card, self._read))

    def action_open(self) -> None:
        """Open the turn in the review screen."""
        turn = self.query_one(TurnList).turn_id
        if turn is not None:
            self.app.call_later(self.app.look_at, turn)

    # Moving about

    def action_filter(self) -> None:
        """Go to the query."""
        self.query_one("#query").focus()

    def action_part(self) -> None:
        """Go from the list to the facets, and back."""
        facets = self.query_one(FacetList)
        if facets.has_focus or self.has_class("-facets"):
            self.remove_class("-facets")
            self.query_one(TurnList).focus()
        else:
            self.add_class("-facets")
            self.call_after_refresh(facets.focus)

    def action_back(self) -> None:
        """Go back to the list; from there, clear what is chosen, then the query."""
        turns = self.query_one(TurnList)
        if not turns.has_focus and turns.display:
            self.remove_class("-facets")
            turns.focus()
        elif turns.chosen:
            turns.choose(())
            self._paint()
        elif self._read or self.query_one("#query", QueryInput).value:
            self.ask("")

    # Lines

    def _show_empty(self) -> None:
        """Say why the list is empty: nothing is ingested, or nothing fits."""
        if self._flow.meters.turns:
            self._notice(f"No turn fits this query. {key_of('browse.leave-filter')} clears it.", "$muted")
        else:
            self._show_notice(notices.nothing_ingested())

    def _notice(self, words: str, style: str) -> None:
        self._show_notice(styled(words, style))

    def _show_notice(self, content: Content) -> None:
        self.add_class("-empty")
        self.query_one("#notice", Static).update(content)
        self._paint()

    def _paint(self) -> None:
        width, turns = self.size.width, self.query_one(TurnList)
        count = number(len(turns.ids)) if self.is_whole else "…"
        place = f"{number(turns.cursor + 1)} of {count}" if turns.ids else "0 turns"
        left = Content.assemble((" Browse", "bold $primary"), (" ─ ", "$faint"), (place, "bold"))
        if turns.chosen:
            left = Content.assemble(
                left, (" ─ ", "$faint"), (f"● {number(len(turns.chosen))} chosen", "bold $accent")
            )
        right = Content.styled(ORDERS[self.order], "$muted")
        self.query_one("#header", Static).update(spread(left, right, width))
        has_any = self.app.flow is not None and self.app.flow.meters.turns > 0
        areas = ("Browse", "Everywhere") if has_any else ("Everywhere",)
        self.query_one("#keys", Static).update(key_line(areas, width, bool(turns.ids)))
        self._paint_status()
