"""What a list of turns can be: in another order, of one session, a saved view."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import work
from textual.content import Content

from curator.tui.blocks import styled
from curator.tui.problems import explain
from curator.tui.query_words import words
from curator.tui.screens.bulk import BulkScreen

if TYPE_CHECKING:
    from curator.store import Order

ORDERS: dict[Order, str] = {
    "queue": "most suspicious first",
    "log": "as logged",
    "newest": "newest first",
    "surest": "least suspicious first",
    "calls": "most calls first",
}


class ListingScreen(BulkScreen):
    """Knows query and order of the list, and changes both."""

    def __init__(self, classes: str = "") -> None:
        super().__init__(classes=classes)
        self.order: Order = "queue"
        self._read = ""
        """The query that the list shows."""

    def _search(self, query: str) -> None:
        """Read a query."""
        raise NotImplementedError

    def ask(self, query: str) -> None:
        """Write a query into the line and read it."""
        raise NotImplementedError

    def show_query(self, query: str, order: str = "") -> None:
        """List the turns of a query that was chosen elsewhere, in an order where one is given."""
        self.order = next((one for one in ORDERS if one == order), self.order)
        self.ask(query)

    def show_order(self, order: str) -> None:
        """List the same turns in another order."""
        self.show_query(self._read, order)

    def action_sort(self) -> None:
        """Ask for the order."""
        from curator.tui.screens.choosing import Choice, ChoiceScreen, Chosen

        def take(chosen: Chosen | None) -> None:
            order = next((one for one in ORDERS if chosen and one == chosen.id), None)
            if order is not None:
                self.order = order
                self._search(self._read)

        lines = [
            Choice(one, Content.assemble(("✓ ", "$success") if one == self.order else "  ", title))
            for one, title in ORDERS.items()
        ]
        self.app.push_screen(ChoiceScreen("ORDER OF THE LIST", lines, ""), take)

    def action_sessions(self) -> None:
        """List the sessions of these turns."""
        self._list_sessions()

    @work(group="sessions", exclusive=True, exit_on_error=False)
    async def _list_sessions(self) -> None:
        from curator.store import Filter
        from curator.tui.screens.session_list import session_choices

        self.say(Content.styled("counting sessions …", "$muted"))
        look = asyncio.to_thread(self._flow.desk.store.listing.sessions, Filter.parse(self._read))
        [rows] = await asyncio.gather(look, return_exceptions=True)
        self.say(Content())
        if isinstance(rows, BaseException):
            self.app.say(explain(rows))
        elif self.app.screen is self:
            self.app.push_screen(session_choices(rows, self.size.width), self._take_session)

    def _take_session(self, chosen: object) -> None:
        from curator.tui.screens.choosing import Chosen

        if isinstance(chosen, Chosen) and chosen.id:
            self.ask(" ".join([*words(self._read), f"session:{chosen.id}"]))

    def action_views(self) -> None:
        """Show the saved views."""
        from curator.tui.screens.views import view_choices

        views = self._flow.desk.store.views.all()
        self.app.push_screen(view_choices(views), self._take_view)

    def _take_view(self, chosen: object) -> None:
        from curator.store import SavedView, now
        from curator.tui.screens.choosing import Chosen

        if not isinstance(chosen, Chosen):
            return
        views = self._flow.desk.store.views
        if chosen.name:
            views.save(SavedView(chosen.name, self._read, self.order, self.app.reviewer, now()))
            self.say(Content.assemble(("view kept: ", "bold $success"), styled(chosen.name)))
        elif chosen.deleted:
            views.delete(chosen.deleted)
            self.say(Content.assemble(("view removed: ", "bold $warning"), styled(chosen.deleted)))
        else:
            view = next(one for one in views.all() if one.name == chosen.id)
            self.show_query(view.query, view.sort)
