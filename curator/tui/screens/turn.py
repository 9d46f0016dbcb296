"""Draws one turn: columns or tabs, and the lines around them. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Static

from curator.tui import notices
from curator.tui.blocks import (
    BLANK,
    Block,
    call_blocks,
    context_blocks,
    heading,
    request_blocks,
    styled,
    think_blocks,
)
from curator.tui.commands.base import EXPAND, key_of
from curator.tui.flow import Flow
from curator.tui.lines import header_line, helping_words, key_line, meter_lines, spread, tab_line
from curator.tui.marks import note_blocks
from curator.tui.screens.asking import AskingScreen
from curator.tui.strip import strip_line, why_words
from curator.tui.tour import tour_line
from curator.tui.widgets.bar import Bar
from curator.tui.widgets.column import Column
from curator.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from curator.datasets import GateState
    from curator.model import Finding
    from curator.review import Card

_WIDE = 110
COLUMNS = ("context", "think", "calls")
TABS = ("all", *COLUMNS)
_LONG_THINKING = 600


class TurnScreen(AskingScreen):
    """Context, thinking and calls of one turn, side by side or in tabs; or a notice in their place."""

    CSS_PATH = "turn.tcss"
    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (_WIDE, "-wide")]

    def __init__(self) -> None:
        super().__init__(classes="-notice")
        self.card: Card | None = None
        """The turn that is shown; ``None`` while there is none, or it is being fetched."""
        self.finding: Finding | None = None
        """The finding that was jumped to."""
        self._expanded = False
        self._tab = 0
        self._ahead: dict[str, tuple[Card, Sequence[Block]]] = {}
        """Paragraphs of the turn that comes next, by column."""
        self._drawn: dict[str, Content] = {}
        self._said = Content()

    def compose(self) -> ComposeResult:
        """Header, columns, status, meters, keys."""
        yield Bar("header")
        yield Bar("strip")
        yield Bar("tabs")
        with Horizontal(id="columns"):
            yield Column("", "all").add_class("-active")
            yield Column("CONTEXT", "context", f"{key_of(EXPAND)} expands")
            yield Column("THINK", "think")
            yield Column("CALLS", "calls")
        yield Static(notices.opening(), id="notice", markup=False)
        yield Bar("tour")
        yield Bar("status")
        yield Input(
            id="search", placeholder="find in this turn · ⏎ keeps the matches · esc ends", compact=True
        )
        yield Bar("meters")
        yield Bar("keys")
        yield self.question_box()

    def on_resize(self, event: events.Resize) -> None:
        """Fill lines and columns for the new width."""
        self._resize_question()
        self._paint_lines()
        self._paint_status()
        self.call_after_refresh(self._fit_columns)

    def _fit_columns(self) -> None:
        self._paint_columns()
        if self.card is not None:
            self._focus_column()

    def _notice(self, content: Content) -> None:
        self.card = None
        self.query_one("#notice", Static).update(content)
        self.add_class("-notice")
        self._paint_lines()

    def _show(self, card: Card) -> None:
        self.card = card
        self._expanded = False
        self.finding = None
        if self.has_class("-notice"):
            self.remove_class("-notice")
            self.call_after_refresh(self._focus_column)
        self._paint_columns()
        self._paint_lines()

    def _paint_columns(self, keep_top: bool = False, seek: bool = False) -> None:
        if self.card is None:
            return
        for column in self._shown_columns:
            self.query_one(f"#{column}", Pane).show(self._blocks(self.card, column), keep_top, seek)

    @property
    def _shown_columns(self) -> Sequence[str]:
        return (TABS[self._tab],) if self.has_class("-narrow") else COLUMNS

    def _prepare(self, card: Card) -> None:
        """Wrap and draw the columns of the turn that comes next, each in a pause between messages."""
        for column in self._shown_columns:
            known = self._ahead.get(column)
            if known is None or known[0] is not card:
                self.call_later(self._prepare_column, card, column)

    def _prepare_column(self, card: Card, column: str) -> None:
        self._ahead[column] = card, self._column_blocks(card, column)
        self.query_one(f"#{column}", Pane).prepare(self._ahead[column][1])

    def _blocks(self, card: Card, column: str) -> Sequence[Block]:
        ahead = self._ahead.get(column)
        if ahead is not None and ahead[0] is card and not self._expanded and self.finding is None:
            return ahead[1]
        return self._column_blocks(card, column, self._expanded, self.finding)

    def _column_blocks(
        self, card: Card, column: str, expanded: bool = False, finding: Finding | None = None
    ) -> Sequence[Block]:
        wants_thinking = self._flow.desk.profile.thinking == "required"
        if column == "context":
            return context_blocks(card.turn, expanded, finding, card.system)
        if column == "think":
            return think_blocks(card, wants_thinking, finding)
        if column == "calls":
            return [*call_blocks(card, expanded, finding), *note_blocks(card)]
        think = [BLANK, heading("THINK"), *think_blocks(card, wants_thinking)]
        calls = [BLANK, heading("CALLS"), *call_blocks(card, expanded), *note_blocks(card)]
        # Where not everything fits, what was done matters more than a long way to it.
        long = len(card.turn.output.thinking or "") > _LONG_THINKING
        return [*request_blocks(card.turn), *(calls + think if long else think + calls)]

    def _paint_lines(self) -> None:
        width = self.size.width
        self.paint_tour()
        self._paint_keys(width)
        hint = "tab changes" if self._tab or self._expanded else f"tab changes · {key_of(EXPAND)} expands"
        self._line("tabs", tab_line([name.upper() for name in TABS], self._tab, hint))
        flow = self.app.flow
        if flow is None:
            self._line("header", styled(f" Curator · {self.app.workspace.folder.name}", "bold $primary"))
            return
        gates = self._paint_meters(flow, width)
        if self.card is not None:
            profile = flow.desk.profile
            helping = helping_words(flow.queue.helps, gates)
            why = why_words(self.card.findings, flow.why.get(self.card.turn.id, ""))
            self._line("strip", strip_line(self.card, flow.states, why, width, flow.beside is not None))
            drafted = self.has_draft(self.card)
            line = header_line(profile, self.card, flow.at, flow.total, width, helping, drafted)
            self._line("header", line)
        elif self.has_class("-notice"):
            self._line("header", styled(f" {flow.desk.profile.name}", "bold $primary"))

    def _paint_keys(self, width: int) -> None:
        """Offer what can be done: without a turn no decision, in an empty workspace no queue."""
        flow = self.app.flow
        is_shown = self.card is not None or not self.has_class("-notice")
        areas = ("Review", "Everywhere") if flow is not None and flow.meters.turns else ("Everywhere",)
        self._line("keys", key_line(areas, width, is_shown))

    def paint_tour(self) -> None:
        """Show the hint that the tour has come to, or nothing."""
        hint = self.app.tour.hint
        self.set_class(hint is not None and self.card is not None, "-tour")
        if hint is not None:
            self._line("tour", tour_line(self.app.tour, self.size.width))

    def _paint_meters(self, flow: Flow, width: int) -> tuple[GateState, ...]:
        from curator.datasets import bands, check_gates, coverage

        profile, meters = flow.desk.profile, flow.meters
        gates = check_gates(meters, profile, flow.waivers)
        states = bands(meters, profile), gates, coverage(meters, profile)
        self._line("meters", meter_lines(meters, *states, profile, width))
        return gates

    def _line(self, id: str, content: Content) -> None:
        before = self._drawn.get(id)
        if before is None or not before.is_same(content):
            self._drawn[id] = content
            self.query_one(f"#{id}", Bar).update(content)

    def has_draft(self, card: Card) -> bool:
        """Whether an unfinished correction of the turn is kept."""
        return False

    def say(self, content: Content) -> None:
        """Say in the status line what the last key did."""
        self._said = content
        self._paint_status()

    def _paint_status(self) -> None:
        right = styled(self.app.reviewer, "$muted")
        if self.app.training:
            right = Content.assemble(
                (f"{self.app.training} · {key_of('everywhere.open-train')}   ", "$accent"), right
            )
        self._line("status", spread(self._said, self._at_right() + right, self.size.width - 2))

    def _at_right(self) -> Content:
        """What a screen shows beside the reviewer's name."""
        return Content()

    @property
    def _flow(self) -> Flow:
        flow = self.app.flow
        assert flow is not None
        return flow

    def action_expand(self) -> None:
        """Unfold or fold what is long."""
        self._expanded = not self._expanded
        self._paint_columns(keep_top=self._expanded)
        self._paint_lines()

    def action_column(self, by: int) -> None:
        """Go to the next column or tab."""
        if self.has_class("-narrow"):
            self._change_tab((self._tab + by) % len(TABS))
            return
        focused = self.focused.id if self.focused else None
        at = COLUMNS.index(focused) if focused in COLUMNS else -by
        self.query_one(f"#{COLUMNS[(at + by) % len(COLUMNS)]}").focus()

    def _change_tab(self, tab: int) -> None:
        self.query_one(f"#{TABS[self._tab]}").remove_class("-active")
        self._tab = tab
        pane = self.query_one(f"#{TABS[tab]}", Pane)
        pane.add_class("-active")
        pane.focus()
        self._paint_columns()
        self._paint_lines()

    def action_scroll(self, by: int) -> None:
        """Scroll the column that has the focus by lines."""
        self._focus_column()
        if isinstance(self.focused, Pane):
            self.focused.scroll_relative(y=by, animate=False)

    def action_scroll_half(self, by: int) -> None:
        """Scroll the column that has the focus by half its height."""
        self._focus_column()
        if isinstance(self.focused, Pane):
            self.focused.scroll_relative(y=by * max(1, self.focused.size.height // 2), animate=False)

    def _focus_column(self) -> None:
        if self.focused is not None and self.focused.display:
            return
        self.query_one(f"#{TABS[self._tab] if self.has_class('-narrow') else 'think'}").focus()
