"""Draws two answers that face each other, their prompt, and the lines around them. Decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from curator.stopwatch import Stopwatch
from curator.tui import pair_lines
from curator.tui.blocks import context_blocks, request_blocks, styled
from curator.tui.bouts import Bout, Bouts
from curator.tui.commands.base import key_of
from curator.tui.flow import Flow
from curator.tui.lines import key_line, spread
from curator.tui.pair_blocks import mark_line
from curator.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from curator.tui.app import CuratorApp

_WIDE = 100


class FacingScreen(Screen[None]):
    """Two columns, or one above the other in a narrow terminal; or a notice in their place."""

    app: CuratorApp
    CSS_PATH = "pairs.tcss"
    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (_WIDE, "-wide")]

    def __init__(self) -> None:
        super().__init__(classes="-notice")
        self.bouts: Bouts | None = None
        """The walk through the pairs; ``None`` until the screen was opened on a workspace."""
        self.stopwatch = Stopwatch()
        self._said = Content()
        self._drawn: dict[str, Content] = {}

    def compose(self) -> ComposeResult:
        """Header, prompt, the two answers, status, meters, keys."""
        yield Static(id="header", markup=False)
        yield Pane("PROMPT", "prompt", f"{key_of('pairs.show-prompt')} unfolds")
        yield Static(id="mark", markup=False)
        with Horizontal(id="answers"):
            yield Pane("← LEFT", "left")
            yield Pane("RIGHT →", "right")
        yield Static(pair_lines.looking(), id="notice", markup=False)
        yield Static(id="status", markup=False)
        yield Static(id="meters", markup=False)
        yield Static(id="keys", markup=False)

    def on_resize(self, event: events.Resize) -> None:
        """Fill the lines for the new width."""
        self._paint_lines()

    def on_key(self) -> None:
        """Note that somebody is here."""
        self.stopwatch.touch()

    def on_screen_suspend(self) -> None:
        """Stop the time while something hides the pair."""
        self.stopwatch.pause()

    def on_screen_resume(self) -> None:
        """Go on with the time."""
        self.stopwatch.resume()

    @property
    def _walk(self) -> Bouts:
        assert self.bouts is not None
        return self.bouts

    @property
    def _current(self) -> Bout | None:
        return self.bouts.current if self.bouts is not None else None

    @property
    def _flow(self) -> Flow:
        flow = self.app.flow
        assert flow is not None
        return flow

    def _show(self, bout: Bout) -> None:
        self.remove_class("-notice", "-unfolded")
        self.stopwatch.start()
        mark = mark_line(bout)
        self.set_class(bool(mark.plain.strip()), "-marked")
        self._line("mark", mark)
        self.query_one("#left", Pane).show(bout.left_blocks)
        self.query_one("#right", Pane).show(bout.right_blocks)
        self._paint_prompt()
        self._paint_lines()
        # Threads that compete for the interpreter start once the new pair is painted.
        self.call_after_refresh(self._look_soon, bout)

    def _paint_prompt(self) -> None:
        bout = self._current
        if bout is not None:
            is_unfolded = self.has_class("-unfolded")
            turn = bout.duel.turn
            blocks = context_blocks(turn, True) if is_unfolded else request_blocks(turn)
            self.query_one("#prompt", Pane).show(blocks or context_blocks(turn, False))

    def _look_soon(self, bout: Bout) -> None:
        """Find what follows, once the pair is painted."""
        raise NotImplementedError

    def _notice(self, content: Content) -> None:
        self.add_class("-notice")
        self.query_one("#notice", Static).update(content)
        self._paint_lines()

    def say(self, content: Content) -> None:
        """Say in the status line what the last key did."""
        self._said = content
        self._paint_status()

    def _paint_status(self) -> None:
        right = styled(self.app.reviewer, "$muted")
        self._line("status", spread(self._said, right, self.size.width - 2))

    def _paint_lines(self) -> None:
        width, flow = self.size.width, self.app.flow
        has_any = flow is not None and flow.meters.turns > 0
        areas = ("Pairs", "Everywhere") if has_any else ("Everywhere",)
        self._line("keys", key_line(areas, width, not self.has_class("-notice")))
        self._paint_status()
        if flow is not None and self.bouts is not None:
            profile = flow.desk.profile
            shown = None if self.has_class("-notice") else self._current
            self._line("header", pair_lines.header(profile, self.bouts, shown, width))
            self._line("meters", pair_lines.meters(flow.meters, profile, self.bouts, shown, width))

    def _line(self, id: str, content: Content) -> None:
        before = self._drawn.get(id)
        if before is None or not before.is_same(content):
            self._drawn[id] = content
            self.query_one(f"#{id}", Static).update(content, layout=False)

    # Looking

    def action_prompt(self) -> None:
        """Unfold or fold the prompt."""
        if not self.has_class("-notice"):
            self.toggle_class("-unfolded")
            self.call_after_refresh(self._paint_prompt)

    def _scrolled(self) -> list[Pane]:
        names = ("prompt",) if self.has_class("-unfolded") else ("left", "right")
        return [self.query_one(f"#{name}", Pane) for name in names]

    def action_scroll(self, by: int) -> None:
        """Scroll by lines."""
        for pane in self._scrolled():
            pane.scroll_relative(y=by, animate=False)

    def action_page(self, by: int) -> None:
        """Scroll by pages."""
        for pane in self._scrolled():
            pane.scroll_relative(y=by * max(1, pane.size.height - 1), animate=False)
