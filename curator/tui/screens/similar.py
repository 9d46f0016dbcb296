"""Undecided turns with the same defect as one turn: what is chosen gets one verdict, as one act."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from curator.model import Verdict
from curator.text import one_line
from curator.tui.blocks import BLANK, Block, call_blocks, heading, number, request_blocks, think_blocks
from curator.tui.problems import explain
from curator.tui.screens.patient import PatientScreen
from curator.tui.screens.repeating import Act, Many
from curator.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from curator.review import Card, Desk
    from curator.review.similar import Alike
    from curator.tui.app import CuratorApp

_WIDE = 110
_REQUEST_WIDTH = 200
_DEBOUNCE_S = 0.04
_NOTHING = "No undecided turn nearby has the same findings, the same calls and a request like this."


class SimilarScreen(PatientScreen["Many | None"]):
    """Space chooses, a verdict key decides on what is chosen and on this turn; escape decides nothing."""

    CSS_PATH = "similar.tcss"
    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-narrow"), (_WIDE, "-wide")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,z,q", "dismiss", "back", show=False),
        Binding("space", "choose", show=False, priority=True),
        Binding("enter,full_stop", "again", show=False, priority=True),
        Binding("y", "decide('correct')", show=False),
        Binding("x", "decide('skip')", show=False),
        Binding("n", "reject", show=False),
        Binding("a", "choose_all", show=False),
        Binding("j", "move(1)", show=False),
        Binding("k", "move(-1)", show=False),
    ]

    app: CuratorApp

    def __init__(self, desk: Desk, card: Card, last: Act | None) -> None:
        super().__init__()
        self._desk = desk
        self._card = card
        self._last = last if last is not None and last.verdict is not None else None
        self._is_looking = True
        self._alike: list[Alike] = []
        self._kept: set[int] = set()
        self._cards: dict[int, Card] = {}

    def compose(self) -> ComposeResult:
        """What it is about, the list, and the turn under the cursor beside it."""
        with Vertical(id="similar-box"):
            yield Static(Content.styled("looking for similar turns …", "$muted"), id="about", markup=False)
            with Horizontal():
                yield OptionList(id="similar-list", markup=False)
                yield Pane("", "similar-preview")

    def on_mount(self) -> None:
        """Look for them."""
        self._title()
        self._look()

    @work(group="similar", exit_on_error=False)
    async def _look(self) -> None:
        from curator.review.similar import CHOSEN_FROM, similar_turns

        look = asyncio.to_thread(similar_turns, self._desk.store, self._card.turn.id)
        [found] = await asyncio.gather(look, return_exceptions=True)
        if isinstance(found, BaseException):
            self.app.say(explain(found))
            self.close()
            return
        self._is_looking = False
        self._alike = found
        self._kept = {at for at, one in enumerate(found) if one.likeness >= CHOSEN_FROM}
        options = self.query_one(OptionList)
        options.set_options([Option(self._line(at)) for at in range(len(found))])
        options.highlighted = 0 if found else None
        options.focus()
        self.set_class(not found, "-none")
        self._say_about(CHOSEN_FROM)
        self._title()

    def _say_about(self, chosen_from: int) -> None:
        if not self._alike:
            self.query_one("#about", Static).update(Content.styled(_NOTHING, "$muted"))
            return
        checks = {f.check.replace("_", " ") for f in self._card.findings if f.severity != "info"}
        names = [call.name for call in self._card.turn.output.tool_calls]
        words = (
            f"same findings ({', '.join(sorted(checks)) or 'none'}) and calls ({', '.join(names) or 'none'})"
        )
        rest = f" · chosen where requests are {chosen_from} % alike"
        about = Content.assemble((one_line(words, 120), ""), (rest, "$muted"))
        self.query_one("#about", Static).update(about)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show the turn under the cursor, once the cursor stands still."""
        self.set_timer(_DEBOUNCE_S, partial(self._preview_soon, event.option_index))

    def _preview_soon(self, at: int) -> None:
        if at == self.query_one(OptionList).highlighted:
            self._preview(self._alike[at].turn)

    @work(group="preview", exclusive=True, exit_on_error=False)
    async def _preview(self, turn_id: int) -> None:
        if turn_id not in self._cards:
            fetch = asyncio.to_thread(self._desk.card, turn_id)
            [card] = await asyncio.gather(fetch, return_exceptions=True)
            if isinstance(card, BaseException):
                self.app.say(explain(card))
                return
            self._cards[turn_id] = card
        pane = self.query_one(Pane)
        pane.border_title = f"#{turn_id}"
        pane.show(_preview_blocks(self._cards[turn_id]))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Choose the turn that was clicked."""
        self.action_choose()

    # Choosing

    def action_move(self, by: int) -> None:
        """Move the cursor."""
        options = self.query_one(OptionList)
        (options.action_cursor_down if by > 0 else options.action_cursor_up)()

    def action_choose(self) -> None:
        """Choose the turn under the cursor, or do not."""
        at = self.query_one(OptionList).highlighted
        if at is not None:
            self._kept ^= {at}
            self._draw(at)
            self._title()

    def action_choose_all(self) -> None:
        """Choose every turn of the list, or none."""
        every = set(range(len(self._alike)))
        self._kept = set() if self._kept == every else every
        for at in every:
            self._draw(at)
        self._title()

    # Deciding

    def action_decide(self, verdict: Verdict, reason: str | None = None) -> None:
        """Give one verdict to what is chosen and to this turn."""
        turns = self._turns()
        if turns:
            self.dismiss(Many(turns, verdict, reason))

    def action_again(self) -> None:
        """Give the last verdict of this sitting."""
        if self._last is not None and self._last.verdict is not None:
            self.action_decide(self._last.verdict, self._last.reason)

    def action_reject(self) -> None:
        """Ask why, then reject what is chosen."""
        from curator.review import REASONS
        from curator.tui.screens.question import QuestionScreen
        from curator.tui.screens.reasons import reason_question

        if self._turns():
            self.app.push_screen(QuestionScreen(reason_question(REASONS)), self._rejected)

    def _rejected(self, reason: str | None) -> None:
        if reason is not None:
            self.action_decide("incorrect", reason)

    def _turns(self) -> tuple[int, ...]:
        """Return this turn, where nobody has decided on it, and what is chosen; nothing while looking."""
        if self._is_looking:
            return ()
        own = (self._card.turn.id,) if self._card.resolution.state == "undecided" else ()
        return own + tuple(self._alike[at].turn for at in sorted(self._kept))

    # Drawing

    def _draw(self, at: int) -> None:
        self.query_one(OptionList).replace_option_prompt_at_index(at, self._line(at))

    def _title(self) -> None:
        box = self.query_one("#similar-box")
        found = f" · {number(len(self._kept))} of {number(len(self._alike))} chosen" if self._alike else ""
        own = " and this one" if self._card.resolution.state == "undecided" else ""
        box.border_title = f"SIMILAR UNDECIDED TURNS{found}{own if self._alike else ''}"
        last = f"⏎  {self._last.words().plain}   " if self._last else ""
        keys = (
            f"space  chooses   a  all   {last}y  correct   n  incorrect   x  skip   " if self._alike else ""
        )
        box.border_subtitle = f"{keys}esc  back"

    def _line(self, at: int) -> Content:
        one, is_kept = self._alike[at], at in self._kept
        return Content.assemble(
            ("[✓] ", "bold $success") if is_kept else ("[ ] ", "$muted"),
            (f"{one.likeness:3} % ", "$accent"),
            (f"#{one.turn}  ".ljust(9), "$muted"),
            (one_line(one.request, _REQUEST_WIDTH) or "(no request)", "bold" if is_kept else ""),
        )


def _preview_blocks(card: Card) -> list[Block]:
    return [
        *request_blocks(card.turn),
        *(BLANK, heading("CALLS"), *call_blocks(card, False)),
        *(BLANK, heading("THINK"), *think_blocks(card, False)),
    ]
