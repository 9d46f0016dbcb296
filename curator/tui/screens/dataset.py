"""The Dataset screen: what the decisions amount to, in sections; here they are switched and written for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.screen import Screen
from textual.widgets import OptionList, Static

from curator.text import display_text
from curator.tui import notices
from curator.tui.blocks import number, styled
from curator.tui.commands import Command, bindings, commands
from curator.tui.commands.base import REDO, UNDO, key_of
from curator.tui.flow import act_words
from curator.tui.lines import spread, tab_line
from curator.tui.problems import Problem, explain
from curator.tui.watching import heard_words
from curator.tui.widgets.copies import Copies
from curator.tui.widgets.frozen_list import FrozenList
from curator.tui.widgets.meter_board import MeterBoard
from curator.tui.widgets.plots import Plots
from curator.tui.widgets.private import Private
from curator.tui.widgets.section import Section
from curator.tui.widgets.tier_table import TierTable

if TYPE_CHECKING:
    from curator.datasets.freezing import Frozen
    from curator.store import Change, Heard
    from curator.tui.app import CuratorApp
    from curator.tui.flow import Flow

_WIDE = 110
_OPENING = "opening the workspace …"


class DatasetScreen(Screen[None]):
    """Meters, plots, tiers, copies, secrets, frozen sets. It computes nothing itself."""

    AREA = "Dataset"
    CSS_PATH = "dataset.tcss"
    BINDINGS = bindings("Dataset")
    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-narrow"), (_WIDE, "-wide")]

    app: CuratorApp

    def __init__(self) -> None:
        super().__init__()
        self.sections: tuple[Section, ...] = (
            MeterBoard("meters"),
            Plots("plots"),
            TierTable("tiers"),
            Copies("copies"),
            Private("private"),
            FrozenList("frozen"),
        )
        self._at = 0
        self._said = Content()
        self._writing = False

    def compose(self) -> ComposeResult:
        """Header, tabs, the sections of which one is shown, status, keys."""
        yield Static(id="header", markup=False)
        yield Static(id="tabs", markup=False)
        with Container(id="body"):
            yield Static(Content.styled(_OPENING, "$muted"), id="notice", markup=False)
            yield from self.sections
        yield Static(id="status", markup=False)
        yield Static(id="keys", markup=False)

    def on_mount(self) -> None:
        """Wait for the workspace."""
        for section in self.sections:
            section.display = False
        self._paint()
        self.watch(self.app, "flow", self._opened)
        self.watch(self.app, "problem", self._failed)
        self.watch(self.app, "heard", self._hear, init=False)

    def on_screen_resume(self) -> None:
        """Show what was decided elsewhere."""
        if self.app.flow is not None and self.section.display:
            self.section.shown()
            self._paint()

    def on_resize(self) -> None:
        """Fill the lines for the new width."""
        self._paint()

    @property
    def section(self) -> Section:
        """The section that is shown."""
        return self.sections[self._at]

    def _opened(self, flow: Flow | None) -> None:
        if not (self.app.is_opening or self.app.problem) and (flow is None or not flow.meters.turns):
            self.query_one("#notice", Static).update(notices.nothing_ingested())
        elif flow is not None:
            self.query_one("#notice").display = False
            self.action_section(self._at)

    def _failed(self, problem: Problem | None) -> None:
        if problem is not None:
            words = styled(f"✗ {problem.title}: {problem.text}", "$error")
            self.query_one("#notice", Static).update(words)

    def _hear(self, heard: tuple[Heard, ...]) -> None:
        """Show what others decided, and what has moved otherwise."""
        if self.app.flow is None or self.app.screen is not self:
            return
        if heard:
            self.say(heard_words(heard, None))
        self.section.moved()
        self._paint()

    # Sections

    def action_section(self, at: int) -> None:
        """Show a section."""
        if self.app.flow is None or not self.app.flow.meters.turns:
            return
        self._at = at
        for section in self.sections:
            section.display = section is self.section
        self.section.focus_first()
        self.call_after_refresh(self._show_section)

    def action_section_by(self, by: int) -> None:
        """Show the next section, or the one before."""
        self.action_section((self._at + by) % len(self.sections))

    def _show_section(self) -> None:
        self.say(Content())
        self.section.shown()
        self._paint()

    def action_back(self) -> None:
        """Cancel what goes on in the section; else go back to the review."""
        if self.app.flow is None or not self.section.stop():
            self.app.call_later(self.app.action_go, "review")

    def action_do(self, what: str) -> None:
        """Do something in the section that is shown, or say where it can be done."""
        if self.app.flow is None:
            return
        if what in self.section.HINTS:
            self.section.do(what)
            return
        places = [section.TITLE for section in self.sections if what in section.HINTS]
        self.say(Content.styled(f"That key is for: {', '.join(places)}.", "$muted"))

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_do("open")

    # Freezing

    def action_freeze(self) -> None:
        """Ask for a name, show what will be frozen, and freeze it."""
        if self.app.flow is None:
            return
        from curator.tui.screens.freezing import FreezeScreen

        name = self.app.workspace.profile.name
        self.app.push_screen(FreezeScreen(self.app.flow, name), self._frozen)

    def _frozen(self, frozen: Frozen | None) -> None:
        if frozen is None:
            return
        listed = next(section for section in self.sections if isinstance(section, FrozenList))
        listed.choose(frozen.manifest.id)
        self.action_section(self.sections.index(listed))
        word = "✓ frozen: " if frozen.is_new else "the same rows were frozen before: "
        said = Content.assemble((word, "bold $success"), styled(frozen.manifest.id, "bold"))
        self.call_after_refresh(self.say, said)

    # Writing

    def action_take_back(self, what: str) -> None:
        """Take back the last act, or bring it back."""
        if self.app.flow is not None:
            desk = self.app.flow.desk
            mark = "↶ undone" if what == "undo" else "↷ redone"
            save = desk.undo if what == "undo" else desk.redo
            self._write(save, Content.styled(mark, "bold $accent"), what == "undo")

    @on(Section.Wrote)
    def _save(self, event: Section.Wrote) -> None:
        self._write(event.save, event.word)

    def _write(self, save: Callable[[], Sequence[Change]], word: Content, undone: bool = False) -> None:
        if self._writing:
            self.say(Content.styled("the act before is still being written …", "$warning"))
            return
        self._writing = True
        self._written(save, word, undone)

    @work(group="write", exit_on_error=False)
    async def _written(self, save: Callable[[], Sequence[Change]], word: Content, undone: bool) -> None:
        flow = self.section.flow
        self.say(Content.assemble(word, (" · writing …", "$muted")))
        [result] = await asyncio.gather(asyncio.wrap_future(flow.write(save)), return_exceptions=True)
        self._writing = False
        if isinstance(result, BaseException):
            self.say(Content.assemble(("✗ not saved", "bold $error"), " · everything is as it was"))
            self.app.say(explain(result))
            return
        for change in result:
            flow.apply(change)
            flow.forget(change.turn)
        self.section.moved()
        self._paint()
        self.say(Content.assemble(word, (_outcome(result, undone), "$muted")))

    @on(Section.Said)
    def _tell(self, event: Section.Said) -> None:
        self.say(event.content)

    # Lines

    def say(self, content: Content) -> None:
        """Say in the status line what the last key did."""
        self._said = content
        right = styled(self.app.reviewer, "$muted")
        self.query_one("#status", Static).update(spread(self._said, right, self.size.width - 2))

    def _paint(self) -> None:
        width = self.size.width
        workspace, flow = self.app.workspace, self.app.flow
        title = workspace.config.title or workspace.profile.title or workspace.profile.name
        left = Content.assemble((" dataset", "bold $primary"), (" ─ ", "$faint"), styled(title, "bold"))
        right = Content() if flow is None else _amounts(flow)
        self.query_one("#header", Static).update(spread(left, right, width))
        titles = [f"{at} {section.TITLE}" for at, section in enumerate(self.sections, 1)]
        self.query_one("#tabs", Static).update(tab_line(titles, self._at, ""))
        self.query_one("#keys", Static).update(self._key_line(width))
        self.say(self._said)

    def _key_line(self, width: int) -> Content:
        """The keys that mean something in this section, as many as fit; the one for all keys always does."""
        line = Content(" ")
        *parts, end = self._keys()
        for part in parts:
            if line.cell_length + part.cell_length + end.cell_length + 3 > width:
                break
            line = Content.assemble(line, part, "  ")
        return line + end

    def _keys(self) -> Iterator[Content]:
        own = [c for c in commands("Dataset") if c.hint and self._applies(c)]
        others = [c for c in commands("Everywhere") if c.hint and c.hint != "data"]
        last = [c for c in others if c.hint == "keys"]
        shown = sorted([*own, *(c for c in others if c not in last)], key=lambda c: c.rank)
        for command in [*shown, *last]:
            hint = self.section.HINTS.get(_what(command), command.hint)
            yield Content.assemble((command.shown_key(), "bold $accent"), " ", hint)

    def _applies(self, command: type[Command]) -> bool:
        if self.app.flow is None or not self.app.flow.meters.turns:
            return command.action == "back"
        what = _what(command)
        return not what or what in self.section.HINTS


def _what(command: type[Command]) -> str:
    """Return what a command of a section asks for; empty for those of the screen."""
    return command.action[4:-2] if command.action.startswith("do('") else ""


def _amounts(flow: Flow) -> Content:
    from curator.datasets import check_gates

    meters = flow.meters
    gates = check_gates(meters, flow.desk.profile, flow.waivers)
    count = sum(gate.state == "open" for gate in gates)
    still = f"✗ {count} gate{'s' * (count != 1)} open"
    word = (still, "$warning") if count else ("✓ every gate passed", "$success")
    return Content.assemble(
        (number(meters.sft_rows), "bold"), (" SFT · ", "$muted"),
        (number(meters.pairs), "bold"), (" pairs · ", "$muted"), word,
    )  # fmt: skip


def _outcome(changes: Sequence[Change], undone: bool) -> str:
    if not changes:
        return " · there was nothing to do"
    where = f" · #{changes[0].turn}" if len(changes) == 1 else f" · {number(len(changes))} turns"
    what = f" · {act_words(changes, undone)}" if len(changes) == 1 else ""
    then = f" · {key_of(REDO)} redoes" if undone else f" · {key_of(UNDO)} undoes"
    return f"{display_text(what, keep_newlines=False)}{where}{then}"
