"""Lists what is missing before training, and finds the turns that would help."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from curator.text import one_line
from curator.tui.blocks import styled
from curator.tui.commands.base import MISSING, TRAIN, command_named, key_of
from curator.tui.flow import Flow, Helped
from curator.tui.lines import band_meter, most_useful
from curator.tui.problems import explain
from curator.tui.screens.patient import PatientScreen

if TYPE_CHECKING:
    from curator.datasets import BandState, GateState
    from curator.datasets.advice import Advice
    from curator.tui.app import CuratorApp

_BAR = 14
_BAND_WIDTH = 9
_COUNTING = "counting the turns that would help …"
_SEARCHING = "searching for turns that would help …"
_CHOOSE = "⏎ narrows the queue to the turns that would help."
_OTHERWISE = "Ingest more logs, or let the gate pass: curator waive {gate} --reason …"
_READY = "Nothing is missing: training may start ({key})."


class Found(NamedTuple):
    """Turns that would help, and with what."""

    turns: array[int]
    helps: Helped


class MissingScreen(PatientScreen[Found | None]):
    """Open gates first, then the balance with advice, then what was waived or is met."""

    CSS_PATH = "missing.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "back", show=False),
        Binding("j", "move(1)", show=False),
        Binding("k", "move(-1)", show=False),
    ]

    app: CuratorApp

    def __init__(self, flow: Flow) -> None:
        from curator.datasets import bands, check_gates

        super().__init__()
        desk = flow.desk
        self._store, self._profile, self._meters = desk.store, desk.profile, flow.meters
        self._gates = check_gates(flow.meters, desk.profile, flow.waivers)
        self._bands = bands(flow.meters, desk.profile)
        self._open = {gate.id: gate for gate in most_useful(self._gates)}
        self._advice: Mapping[str, Advice] | None = None
        # The key that opened it closes it.
        for key in command_named(MISSING).current_keys():
            self._bindings.bind(key, "dismiss", show=False)

    def compose(self) -> ComposeResult:
        """What it is about, the list, and what the search found."""
        with Vertical(id="missing-box"):
            ready = _READY.format(key=key_of(TRAIN))
            yield Static(Content.styled(_CHOOSE if self._open else ready, "$muted"), markup=False)
            yield OptionList(id="missing-list", markup=False)
            yield Static(id="missing-said", markup=False)

    def on_mount(self) -> None:
        """List the gates at once; the advice needs the store."""
        box = self.query_one("#missing-box")
        count = f"{len(self._open)} of {len(self._gates)} gates open" if self._open else "every gate passed"
        box.border_title = f"WHAT IS MISSING · {count}"
        box.border_subtitle = "↑ ↓  choose   ⏎  go through them   esc  back"
        self._list()
        self._advise()

    @work(group="advice", exit_on_error=False)
    async def _advise(self) -> None:
        from curator.datasets.advice import ratio_advice

        ask = asyncio.to_thread(ratio_advice, self._store, self._meters, self._profile)
        [advice] = await asyncio.gather(ask, return_exceptions=True)
        if isinstance(advice, BaseException):
            self._say(explain(advice).text, "$error")
            advice = ()
        self._advice = {one.id: one for one in advice}
        self._list()

    def action_move(self, by: int) -> None:
        """Move the highlight."""
        options = self.query_one(OptionList)
        (options.action_cursor_down if by > 0 else options.action_cursor_up)()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Go through the turns of an advice, or search those of a gate."""
        kind, _, name = (event.option.id or "").partition(":")
        if kind == "band" and self._advice and name in self._advice:
            advice = self._advice[name]
            self._take(Found(advice.turns, Helped("", one_line(advice.sentence, 200))))
        elif kind == "gate":
            self._search(self._open[name])

    @work(group="helping", exclusive=True, exit_on_error=False)
    async def _search(self, gate: GateState) -> None:
        from curator.datasets.advice import helping

        self._say(_SEARCHING, "$accent")
        search = asyncio.to_thread(helping, self._store, self._profile, gate)
        [turns] = await asyncio.gather(search, return_exceptions=True)
        if isinstance(turns, BaseException):
            self._say(explain(turns).text, "$error")
        else:
            self._take(Found(turns, Helped(gate.id, gate.missing)))

    def _take(self, found: Found) -> None:
        if found.turns:
            self.close(found)
        else:
            words = f"No turn of this workspace is known to help: {found.helps.missing}. "
            self._say(words + _OTHERWISE.format(gate=found.helps.gate), "$warning")

    def _say(self, words: str, style: str) -> None:
        said = self.query_one("#missing-said", Static)
        said.update(styled(words, style))
        said.display = True

    def _list(self) -> None:
        options = self.query_one(OptionList)
        before = options.highlighted
        options.set_options(list(self._options()))
        enabled = [at for at, option in enumerate(options.options) if not option.disabled]
        options.highlighted = before if before in enabled else next(iter(enabled), None)
        options.focus()

    def _options(self) -> Iterator[Option]:
        for gate in self._open.values():
            yield Option(_open_line(gate), id=f"gate:{gate.id}")
        if self._bands and self._profile.bands:
            yield _title("BALANCE")
            for band in self._bands:
                yield self._band(band)
        waived = [gate for gate in self._gates if gate.state == "waived"]
        if waived:
            yield _title("WAIVED")
            yield from (Option(_waived_line(gate), disabled=True) for gate in waived)
        met = sum(gate.state == "met" for gate in self._gates)
        if met:
            yield Option(Content.styled(f"✓ {met} met", "$success"), disabled=True)

    def _band(self, band: BandState) -> Option:
        meter = band_meter(band, self._profile, _BAR, _BAND_WIDTH)
        short = band.id in self._profile.bands and band.low and band.state in ("low", "empty")
        advice = self._advice.get(band.id) if self._advice is not None else None
        told = styled(advice.sentence, "$foreground") if advice else Content()
        if self._advice is None and short:
            told = Content.styled(_COUNTING, "$muted")
        line = Content("\n    ").join(part for part in (Content("  ") + meter, told) if part)
        return Option(line, id=f"band:{band.id}", disabled=not (advice and advice.turns))


def _title(text: str) -> Option:
    return Option(Content.styled(f"\n{text}", "bold $muted"), disabled=True)


def _open_line(gate: GateState) -> Content:
    missing = styled(one_line(gate.missing, 120), "$warning")
    adds = gate.title.rpartition(": ")[2] not in gate.missing
    wanted = styled(f"   {one_line(gate.title, 80)}" if adds else "", "$muted")
    return Content.assemble(("✗ ", "bold $warning"), missing, wanted)


def _waived_line(gate: GateState) -> Content:
    why = styled(f"   {one_line(gate.reason, 120)}", "$muted")
    return Content.assemble(("~ ", "bold $muted"), styled(one_line(gate.title, 80)), why)
