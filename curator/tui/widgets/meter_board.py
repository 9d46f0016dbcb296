"""The first section: the meters large. Enter goes to the turns that would help; W waives a gate."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from textual import events, work
from textual.app import ComposeResult
from textual.content import Content

from curator.tui.blocks import styled
from curator.tui.flow import Helped
from curator.tui.problems import explain
from curator.tui.widgets.entry_list import EntryList
from curator.tui.widgets.meter_lines import Board, board_entries
from curator.tui.widgets.section import CountedSection

if TYPE_CHECKING:
    from curator.datasets import GateState
    from curator.datasets.advice import Advice


class MeterBoard(CountedSection["tuple[Advice, ...]"]):
    """Drawn from the accounts that stand; only the advice asks the store."""

    TITLE = "meters"
    HINTS = {"open": "turns that help", "waive": "waive gate"}

    def __init__(self, id: str) -> None:
        super().__init__(id)
        self._advice: Mapping[str, Advice] | None = None

    def compose(self) -> ComposeResult:
        """One list."""
        yield EntryList("board")

    @property
    def gates(self) -> tuple[GateState, ...]:
        """How every gate stands now."""
        from curator.datasets import check_gates

        return check_gates(self.flow.meters, self.flow.desk.profile, self.flow.waivers)

    def shown(self) -> None:
        """Paint at once, then search for advice where the meters have moved."""
        self._paint()
        self.read_anew()

    def on_resize(self, event: events.Resize) -> None:
        """Fill the lines for the new width."""
        if self.app.flow is not None and self.display:
            self._paint()

    def _paint(self) -> None:
        from curator.datasets import bands, coverage

        meters, profile = self.flow.meters, self.flow.desk.profile
        board = Board(
            meters, profile, self.gates, bands(meters, profile), coverage(meters, profile), self._advice
        )
        entries = self.query_one(EntryList)
        width = entries.scrollable_content_region.width - 1
        if width > 0:
            entries.show(board_entries(board, width))
            entries.show_first()

    def read(self) -> tuple[Advice, ...]:
        """Search the turns that would bring each band back."""
        from curator.datasets.advice import ratio_advice

        desk = self.flow.desk
        return ratio_advice(desk.store, self.flow.meters, desk.profile)

    def take(self, found: tuple[Advice, ...]) -> None:
        """Show the advice."""
        self._advice = {one.id: one for one in found}
        if self.display:
            self._paint()

    # What the user does

    def do(self, what: str) -> None:
        """Go to the turns that would help, or waive the gate at the cursor."""
        if what == "open":
            self._open()
        else:
            self._waive()

    def _open(self) -> None:
        kind, _, name = self.query_one(EntryList).chosen.partition(":")
        if kind == "band":
            self._open_band(name)
        elif kind == "target":
            tier = name.partition(":")[2]
            self._browse(f"tier:{tier} verdict:none" if tier else "verdict:none")
        elif kind == "item":
            self._help(self._item_gate(name))
        elif kind == "gate":
            self._help(next(gate for gate in self.gates if gate.id == name))

    def _open_band(self, name: str) -> None:
        from curator.datasets.gates.composition import CALLS

        gate = next((one for one in self.gates if one.id == f"band_{name}" and one.query), None)
        self._browse(gate.query if gate else f"{CALLS[name]} verdict:none")

    def _item_gate(self, name: str) -> GateState:
        from curator.datasets import GateState

        known = next((gate for gate in self.gates if gate.detector == name), None)
        item = self.flow.desk.profile.coverage[name]
        return known or GateState(name, item.title or name, "open", item.title or name, detector=name)

    def _help(self, gate: GateState) -> None:
        if gate.query:
            self._browse(gate.query)
        elif gate.detector and gate.missing:
            self._search(gate)
        else:
            words = "met already" if gate.state == "met" else "no turn of the logs helps with that"
            self.say(Content.assemble(styled(f"{gate.title}: ", ""), (words, "$muted")))

    def _browse(self, query: str) -> None:
        self.app.call_later(self.app.find_turns, query)

    @work(group="helping", exclusive=True, exit_on_error=False)
    async def _search(self, gate: GateState) -> None:
        from curator.datasets.advice import helping

        self.say(Content.styled("searching for turns that would help …", "$accent"))
        desk = self.flow.desk
        search = asyncio.to_thread(helping, desk.store, desk.profile, gate)
        [turns] = await asyncio.gather(search, return_exceptions=True)
        if isinstance(turns, BaseException):
            self.app.say(explain(turns))
        elif turns:
            self.say(Content())
            self.app.call_later(self.app.help_with, turns, Helped(gate.id, gate.missing))
        else:
            words = (
                f"No turn of this workspace is known to help: {gate.missing}. Ingest more logs, or waive it."
            )
            self.say(styled(words, "$warning"))

    def _waive(self) -> None:
        kind, _, name = self.query_one(EntryList).chosen.partition(":")
        gate = next((one for one in self.gates if kind == "gate" and one.id == name), None)
        if gate is None or gate.state == "met":
            self.say(Content.styled("Go to a gate that is open, then press the key again.", "$muted"))
        elif gate.state == "waived":
            self._write_waiver(gate, None)
        else:
            from curator.tui.screens.naming import Field, NamingScreen

            def take(given: tuple[str, ...] | None) -> None:
                if given is not None:
                    self._write_waiver(gate, given[0])

            about = styled(f"{gate.title}: {gate.missing}", "$warning")
            field = Field("why it may pass all the same; the reason travels with the data set", needed=True)
            self.app.push_screen(NamingScreen("WAIVE A GATE", about, [field], "waives it"), take)

    @work(group="waive", exit_on_error=False)
    async def _write_waiver(self, gate: GateState, reason: str | None) -> None:
        flow, waivers = self.flow, self.flow.desk.store.waivers
        save: Callable[[], object] = partial(waivers.withdraw, gate.id, self.app.reviewer)
        if reason is not None:
            save = partial(waivers.give, gate.id, reason, self.app.reviewer)
        [result] = await asyncio.gather(asyncio.wrap_future(flow.write(save)), return_exceptions=True)
        if isinstance(result, BaseException):
            self.app.say(explain(result))
            return
        news = await asyncio.wrap_future(flow.write(flow.news))
        flow.hear(news)
        self.app.heard = ()
        word = "held again" if reason is None else "waived"
        key = f" · the key again {'waives it' if reason is None else 'holds it again'}"
        self.say(Content.assemble((f"~ {word}: ", "bold"), styled(gate.title), (key, "$muted")))
