"""A group of turns that are alike, two of them side by side: the one that stays, and another one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from curator.tui.blocks import BLANK, Block
from curator.tui.likeness import differences
from curator.tui.lines import STATE_MARKS
from curator.tui.paragraphs import styled
from curator.tui.problems import explain
from curator.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from curator.datasets.dedupe import Standing
    from curator.review import Card
    from curator.tui.app import CuratorApp
    from curator.tui.flow import Flow

_WIDE = 100
_SAME = "Requests, thinking and calls are the same."


class GroupScreen(ModalScreen[int | None]):
    """Arrows go through the copies, space lets the shown one stay, x leaves the others out."""

    CSS_PATH = "group.tcss"
    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-narrow"), (_WIDE, "-wide")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "back", show=False),
        Binding("right,l,n", "step(1)", show=False, priority=True),
        Binding("left,h,p", "step(-1)", show=False, priority=True),
        Binding("space", "keep", show=False, priority=True),
        Binding("x", "leave", show=False),
        Binding("enter", "look", show=False, priority=True),
        Binding("j", "scroll_both(1)", show=False),
        Binding("k", "scroll_both(-1)", show=False),
        Binding("down", "scroll_both(1)", show=False, priority=True),
        Binding("up", "scroll_both(-1)", show=False, priority=True),
        Binding("pagedown", "scroll_both(10)", show=False, priority=True),
        Binding("pageup", "scroll_both(-10)", show=False, priority=True),
    ]

    app: CuratorApp

    def __init__(self, flow: Flow, standing: Standing) -> None:
        super().__init__()
        self._flow, self._standing = flow, standing
        self.keeps = standing.keeps
        self._cards: dict[int, Card] = {}
        self._at = 0

    def compose(self) -> ComposeResult:
        """The line on what differs above the two turns."""
        with Vertical(id="group-box"):
            yield Static(id="group-about", markup=False)
            with Horizontal():
                yield Pane("", "stays")
                yield Pane("", "other")

    def on_mount(self) -> None:
        """Fetch the turns."""
        self._paint()
        self._fetch()

    @property
    def others(self) -> list[int]:
        """The turns of the group besides the one that stays."""
        return [turn for turn in self._standing.group.turns if turn != self.keeps]

    @property
    def other(self) -> int:
        """The turn that stands beside the one that stays."""
        return self.others[self._at % len(self.others)]

    @work(group="group", exclusive=True, exit_on_error=False)
    async def _fetch(self) -> None:
        for turn in (self.keeps, self.other):
            if turn not in self._cards:
                fetch = asyncio.to_thread(self._flow.desk.card, turn)
                [card] = await asyncio.gather(fetch, return_exceptions=True)
                if isinstance(card, BaseException):
                    self.app.say(explain(card))
                    return
                self._cards[turn] = card
        self._paint()

    def action_step(self, by: int) -> None:
        """Put another copy beside the turn that stays."""
        self._at = (self._at + by) % len(self.others)
        self._paint()
        self._fetch()

    def action_keep(self) -> None:
        """Let the turn at the right stay instead."""
        if self._standing.states[self.other] == "skipped":
            about = Content.styled(
                "That turn is left out already; it cannot be the one that stays.", "$warning"
            )
            self.query_one("#group-about", Static).update(about)
            return
        before = self.keeps
        self.keeps = self.other
        self._at = self.others.index(before)
        self._paint()

    def action_leave(self) -> None:
        """Leave all but the turn at the left out of the data."""
        self.dismiss(self.keeps)

    def action_look(self) -> None:
        """Open the turn at the right in the review screen."""
        turn = self.other
        self.dismiss(None)
        self.app.call_later(self.app.look_at, turn)

    def action_scroll_both(self, by: int) -> None:
        """Scroll both turns."""
        for pane in self.query(Pane):
            pane.scroll_relative(y=by, animate=False)

    def _paint(self) -> None:
        turns = self._standing.group.turns
        box = self.query_one("#group-box")
        word = "equal" if self._standing.group.is_exact else "alike"
        box.border_title = f"{len(turns)} TURNS THAT ARE {word.upper()}"
        box.border_subtitle = (
            "← →  another   space  this one stays   x  leaves the others out   ⏎  review   esc  back"
        )
        stays, other = self._cards.get(self.keeps), self._cards.get(self.other)
        self._title("#stays", self.keeps, "stays")
        self._title("#other", self.other, f"{self._at % len(self.others) + 1} of {len(self.others)}")
        if stays is None or other is None:
            return
        left, right, count = differences(_text(stays), _text(other))
        about = (
            f"{count} difference{'s' * (count != 1)}, marked"
            if count
            else "Requests, thinking and calls are the same."
        )
        self.query_one("#group-about", Static).update(Content.styled(about, "$muted"))
        self.query_one("#stays", Pane).show(_blocks(stays, left))
        self.query_one("#other", Pane).show(_blocks(other, right))

    def _title(self, selector: str, turn: int, what: str) -> None:
        mark, word, _ = STATE_MARKS[self._standing.states[turn]]
        self.query_one(selector, Pane).border_title = f"#{turn} · {mark} {word} · {what}"


def _text(card: Card) -> str:
    """Return what is compared of a turn: the last request, and what its row teaches, or what was logged."""
    import json

    output = card.correction or card.turn.output
    request = next((m.content for m in reversed(card.turn.prompt) if m.role == "user"), "")
    calls = [
        f"{call.name}\n{json.dumps(call.arguments, ensure_ascii=False, indent=1)}"
        for call in output.tool_calls
    ]
    parts = [
        ("REQUEST", request),
        ("THINK", output.thinking or ""),
        ("CONTENT", output.content or ""),
    ]
    parts.append(("CALLS", "\n".join(calls)))
    return "\n\n".join(f"{title}\n{text.strip()}" for title, text in parts if text.strip())


def _blocks(card: Card, content: Content) -> list[Block]:
    where = f"{card.session.name or card.session.key} · turn {card.turn.index + 1} · {card.turn.tier}"
    return [Block(styled(where, "$muted")), BLANK, Block(content)]
