"""Other answers to the prompt of a turn: those of the log, and those that a model is asked for here."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from curator.jobs import QuietProgress
from curator.text import one_line
from curator.tui.alternative_lines import alternative_blocks, alternative_line
from curator.tui.blocks import styled
from curator.tui.commands import bindings
from curator.tui.commands.base import key_of
from curator.tui.commands.everywhere import OpenPairs
from curator.tui.lines import key_line
from curator.tui.problems import explain
from curator.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from curator.review import Card, Desk
    from curator.review.alternatives import Alternative, Alternatives, Drawn
    from curator.trainer_process import Model
    from curator.tui.app import CuratorApp

_WIDE = 110
_DEBOUNCE_S = 0.04
_TICK_S = 0.25
_AT_ONCE = 4
_REQUEST_WIDTH = 400


class Chosen(NamedTuple):
    """The answer that is taken."""

    alternative: Alternative
    edit: bool
    """Whether the editor opens on it before it is saved."""


class AlternativesScreen(ModalScreen["Chosen | None"]):
    """The list at the left, the selected answer at the right; what a model says is kept at once."""

    AREA = "Alternatives"
    CSS_PATH = "alternatives.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (_WIDE, "-wide")]
    BINDINGS = [
        *bindings("Alternatives"),
        # The app's own key for pairs, which a modal screen hides.
        Binding(",".join(OpenPairs.keys), "compare", show=False, id=OpenPairs.id()),
        Binding("j", "move(1)", show=False),
        Binding("k", "move(-1)", show=False),
        Binding("J", "scroll(1)", show=False),
        Binding("K", "scroll(-1)", show=False),
    ]

    app: CuratorApp

    def __init__(self, desk: Desk, card: Card, has_draft: bool) -> None:
        super().__init__()
        self._desk = desk
        self._card = card
        self._has_draft = has_draft
        self._found: Alternatives | None = None
        self._model: Model | None = None
        self._drawing: QuietProgress | None = None
        self._began = 0.0
        self._said = "", ""
        self._readings = 0
        """Only the newest reading of the list is shown."""
        self._seen = 0
        """Answers of this drawing that the list holds."""

    def compose(self) -> ComposeResult:
        """The request, the list and the selected answer, and what goes on."""
        with Vertical(id="alternatives-box"):
            yield Static(self._request(), id="asked", markup=False)
            with Horizontal():
                yield OptionList(id="alternatives-list", markup=False)
                yield Pane("", "alternative")
            yield Static(id="goes-on", markup=False)
            yield Static(id="alternative-keys", markup=False)

    def on_mount(self) -> None:
        """List what there is; find out which model would be asked."""
        self._title()
        self._say("looking for other answers …", "$muted")
        self._open()
        self.set_interval(_TICK_S, self._tick)

    def on_resize(self) -> None:
        """Fit the line of keys."""
        line = key_line(("Alternatives",), self.size.width - 4)
        self.query_one("#alternative-keys", Static).update(line)

    def on_unmount(self) -> None:
        """End the process of the model; what it has finished is in the store."""
        if self._drawing is not None:
            self._drawing.cancelled = True

    # The list

    @work(group="alternatives", exit_on_error=False)
    async def _open(self) -> None:
        await self._list()
        [model] = await asyncio.gather(asyncio.to_thread(self._find_model), return_exceptions=True)
        if isinstance(model, BaseException):
            self._say_problem(model)
            return
        self._model = model
        self._say_known()

    def _find_model(self) -> Model:
        from curator.datasets.models import find_model
        from curator.trainer_process import require_engine

        model = find_model(self.app.workspace)
        require_engine("transformers")
        return model

    async def _list(self) -> None:
        """Read the alternatives anew; the cursor stays on the answer it is on."""
        from curator.review.alternatives import alternatives_of

        self._readings += 1
        reading = self._readings
        read = asyncio.to_thread(alternatives_of, self._desk, self._card.turn.id)
        [found] = await asyncio.gather(read, return_exceptions=True)
        if reading != self._readings:
            return
        if isinstance(found, BaseException):
            self._say_problem(found)
            return
        before = self._selected
        self._found = found
        options = self.query_one(OptionList)
        options.set_options([Option(alternative_line(one)) for one in found.shown])
        ids = [one.id for one in found.shown]
        at = ids.index(before.id) if before is not None and before.id in ids else 0
        options.highlighted = at if ids else None
        self.set_class(not ids, "-empty")
        if ids:
            options.focus()
        self._title()

    @property
    def _selected(self) -> Alternative | None:
        at = self.query_one(OptionList).highlighted
        return self._found.shown[at] if self._found and at is not None else None

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show the answer under the cursor, once the cursor stands still."""
        self.set_timer(_DEBOUNCE_S, partial(self._show_soon, event.option_index))

    def _show_soon(self, at: int) -> None:
        if at == self.query_one(OptionList).highlighted and (one := self._selected) is not None:
            pane = self.query_one("#alternative", Pane)
            pane.border_title = one.id
            pane.show(alternative_blocks(self._card, one))

    def action_move(self, by: int) -> None:
        """Move the cursor."""
        options = self.query_one(OptionList)
        (options.action_cursor_down if by > 0 else options.action_cursor_up)()

    def action_scroll(self, by: int) -> None:
        """Scroll the answer that is shown."""
        self.query_one("#alternative", Pane).scroll_relative(y=by, animate=False)

    # Taking one

    def action_take(self) -> None:
        """Take the selected answer as the correction."""
        one = self._selected
        if one is None:
            self._say_known()
        elif one.violations:
            edit = key_of("alternatives.edit-answer")
            self._say(
                f"{one.id} cannot be saved as it stands: {one.violations[0]} · {edit} edits it", "$error"
            )
        else:
            self.dismiss(Chosen(one, edit=False))

    def action_edit(self) -> None:
        """Open the editor on the selected answer."""
        one = self._selected
        if one is None:
            self._say_known()
        elif self._has_draft:
            self._has_draft = False
            edit = key_of("alternatives.edit-answer")
            self._say(f"an unfinished correction of this turn is kept · {edit} again replaces it", "$warning")
        else:
            self.dismiss(Chosen(one, edit=True))

    def action_compare(self) -> None:
        """Go on to compare what there is, two at a time."""
        if self._selected is None:
            self._say_known()
            return
        self.dismiss(None)
        self.app.call_later(self.app.action_pairs)

    # Drawing more

    def action_draw(self) -> None:
        """Have the model answer the prompt some times more."""
        if self._drawing is not None:
            self._say_drawing(self._drawing)
        elif self._model is None:
            self._say("looking which model there is …", "$muted")
            self._open()
        else:
            self._drawing, self._began, self._seen = QuietProgress(), time.monotonic(), 0
            self._drawing.begin(f"loading {self._model.name}")
            self._say_drawing(self._drawing)
            self._draw(self._model, self._drawing)

    @work(group="draw", exit_on_error=False)
    async def _draw(self, model: Model, progress: QuietProgress) -> None:
        from curator.review.alternatives import Asking, draw

        most = self._desk.profile.evaluation.max_new_tokens
        asking = Asking(n=_AT_ONCE, max_tokens=most)
        drawing = asyncio.to_thread(draw, self._desk, self._card.turn.id, model, asking, progress)
        [drawn] = await asyncio.gather(drawing, return_exceptions=True)
        self._drawing = None
        await self._list()
        if isinstance(drawn, BaseException):
            self._say_problem(drawn)
        else:
            self._say_drawn(drawn, time.monotonic() - self._began)

    def _tick(self) -> None:
        """Show how far the model is, and each answer that it has finished."""
        progress = self._drawing
        if progress is None:
            return
        self._say_drawing(progress)
        if progress.total and progress.done > self._seen:
            self._seen = progress.done
            self._list_again()

    @work(group="list", exclusive=True, exit_on_error=False)
    async def _list_again(self) -> None:
        await self._list()

    def action_leave(self) -> None:
        """Stop the drawing, or go back to the turn."""
        if self._drawing is None:
            self.dismiss(None)
        elif not self._drawing.cancelled:
            self._drawing.cancelled = True
            self._say_drawing(self._drawing)

    # Saying

    def _say(self, words: str, style: str = "") -> None:
        if (words, style) != self._said:
            self._said = words, style
            self.query_one("#goes-on", Static).update(styled(words, style))

    def _say_problem(self, error: BaseException) -> None:
        problem = explain(error)
        self._say(f"✗ {problem.title}: {problem.text}", "$error")

    def _say_drawing(self, progress: QuietProgress) -> None:
        seconds = f"{time.monotonic() - self._began:.0f} s"
        if progress.cancelled:
            self._say(f"stopping … {seconds}", "$warning")
            return
        leave = key_of("alternatives.stop-or-leave")
        done = f" · {progress.done} of {progress.total}" if progress.total else ""
        self._say(f"{progress.label}{done} · {seconds} · {leave} stops, what is finished is kept", "$accent")

    def _say_drawn(self, drawn: Drawn, seconds: float) -> None:
        new, copies = len(drawn.new), drawn.copies
        words = [f"{'stopped: ' * drawn.stopped}{new} new", f"{seconds:.0f} s"]
        words += [f"{copies} said word for word what others had said"] if copies else []
        words += [self._left_out()] if self._left_out() else []
        self._say(" · ".join(words), "$warning" if drawn.stopped or not new else "$success")

    def _say_known(self) -> None:
        draw = key_of("alternatives.draw-answers")
        found, model = self._found, self._model
        if found is None:
            return
        asks = f"{draw} asks {model.name} for {_AT_ONCE}" if model else f"{draw} asks a model"
        if not found.shown:
            none = "no other answer differs from the logged one" if found.as_logged else "no other answer yet"
            self._say(f"{none} · {asks}{' more' * bool(found.as_logged)}", "$warning")
        else:
            left_out = f" · {self._left_out()}" if self._left_out() else ""
            compares = f" · {key_of(OpenPairs.id())} compares them"
            self._say(f"{asks} more{compares}{left_out}", "$muted")

    def _left_out(self) -> str:
        found = self._found
        if found is None:
            return ""
        parts = [f"{found.as_logged} as logged"] * bool(found.as_logged)
        parts += [f"{found.copies} alike"] * bool(found.copies)
        return f"left out: {', '.join(parts)}" if parts else ""

    def _title(self) -> None:
        box = self.query_one("#alternatives-box")
        shown = len(self._found.shown) if self._found else 0
        box.border_title = f"OTHER ANSWERS TO THE PROMPT OF #{self._card.turn.id}" + (
            f" · {shown} that differ" if shown else ""
        )

    def _request(self) -> Content:
        for message in reversed(self._card.turn.prompt):
            if message.role == "user":
                words = one_line(message.content, _REQUEST_WIDTH)
                return Content.assemble(("asked  ", "$muted"), words)
        return Content.styled("no request in the prompt", "$muted")
