"""The sixth section: the frozen data sets; each has a card, and any two can be compared."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import events, on, work
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static

from curator.tui.blocks import styled
from curator.tui.commands.base import key_of
from curator.tui.problems import explain
from curator.tui.widgets.entry_list import Entry, EntryList
from curator.tui.widgets.frozen_lines import card_content, set_line
from curator.tui.widgets.section import Section

if TYPE_CHECKING:
    from curator.datasets.frozen import Manifest

FREEZE = "dataset.freeze-rows"


class FrozenList(Section):
    """Reads the manifests in a thread, again whenever it is shown."""

    TITLE = "frozen"
    HINTS = {"open": "card", "compare": "compare", "again": "look again"}

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self.sets: Sequence[Manifest] = ()
        self._wanted = ""

    def compose(self) -> ComposeResult:
        """The list, and the card of the set at the cursor."""
        yield Static(Content.styled("reading …", "$muted"), id="frozen-about", markup=False)
        yield EntryList("sets")
        with VerticalScroll(id="frozen-card", can_focus=False):
            yield Static(id="frozen-text", markup=False)

    def shown(self) -> None:
        """Read the manifests."""
        self._read()

    def moved(self) -> None:
        """Decisions change no frozen set."""

    def choose(self, id: str) -> None:
        """Go to a set once it is listed."""
        self._wanted = f"set:{id}"

    def on_resize(self, event: events.Resize) -> None:
        """Fill the lines for the new width."""
        if self.display and self.sets:
            self._paint()

    @property
    def chosen(self) -> Manifest | None:
        """The set at the cursor."""
        id = self.query_one("#sets", EntryList).chosen.removeprefix("set:")
        return next((one for one in self.sets if one.id == id), None)

    @work(group="frozen", exclusive=True, exit_on_error=False)
    async def _read(self) -> None:
        from curator.datasets.frozen import all_datasets

        read = asyncio.to_thread(all_datasets, self.app.workspace)
        [sets] = await asyncio.gather(read, return_exceptions=True)
        if isinstance(sets, BaseException):
            self.query_one("#frozen-about", Static).update(styled(explain(sets).text, "$error"))
            return
        self.sets = sets
        self._paint()

    def _paint(self) -> None:
        about = self.query_one("#frozen-about", Static)
        about.display = not self.sets
        about.update(Content.assemble(
            ("No frozen data set yet.\n\n", "bold"), (key_of(FREEZE), "bold $accent"),
            ("  freezes the rows that stand, with their splits, under a name and a number.", "$muted"),
        ))  # fmt: skip
        self.query_one("#sets").display = self.query_one("#frozen-card").display = bool(self.sets)
        # What was hidden has no width before it is laid out.
        self.call_after_refresh(self._fill)

    def _fill(self) -> None:
        entries = self.query_one("#sets", EntryList)
        width = entries.scrollable_content_region.width - 1
        entries.show([Entry(f"set:{one.id}", set_line(one, width)) for one in self.sets])
        if self._wanted.removeprefix("set:") in {one.id for one in self.sets}:
            entries.choose(self._wanted)
            self._wanted = ""
        entries.show_first()
        if self.display and self.sets:
            entries.focus()
        self._paint_card()

    @on(OptionList.OptionHighlighted, "#sets")
    def _paint_card(self) -> None:
        chosen, card = self.chosen, self.query_one("#frozen-card")
        if chosen is not None:
            width = max(40, card.scrollable_content_region.width)
            self.query_one("#frozen-text", Static).update(card_content(chosen, width))

    # What the user does

    def do(self, what: str) -> None:
        """Show the card of the set at the cursor, compare it, or read the list anew."""
        chosen = self.chosen
        if what == "again":
            self._read()
        elif chosen is None:
            self.say(Content.styled(f"There is no frozen set; {key_of(FREEZE)} makes one.", "$muted"))
        elif what == "open":
            from curator.tui.screens.frozen_set import SetScreen

            self.app.push_screen(SetScreen(chosen, self.sets))
        else:
            from curator.tui.screens.frozen_set import ask_other

            ask_other(self.app, chosen, self.sets)
