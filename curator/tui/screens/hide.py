"""Chooses what no row of a turn may hold: the secrets and personal data that were found in it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from curator.datasets.privacy import Hideable, hideable
from curator.model import Redaction
from curator.text import clip, display_text, one_line
from curator.tui.blocks import number, styled
from curator.tui.problems import explain
from curator.tui.screens.patient import PatientScreen

if TYPE_CHECKING:
    from curator.review import Card
    from curator.tui.app import CuratorApp

_TEXT_WIDTH = 44
_KIND_WIDTH = 18
_NOTHING = "No secret and no personal data was found in this turn."
_ABOUT = "What is chosen reaches no row; the log and this workspace keep it."


class HideScreen(PatientScreen[tuple[Redaction, ...] | None]):
    """Space chooses, enter saves; all that was found is chosen where nobody has looked before."""

    CSS_PATH = "hide.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,h", "dismiss", "back", show=False),
        Binding("enter", "save", show=False, priority=True),
        Binding("space", "choose", show=False, priority=True),
        Binding("n", "nothing", show=False),
        Binding("j", "move(1)", show=False),
        Binding("k", "move(-1)", show=False),
    ]

    app: CuratorApp

    def __init__(self, card: Card) -> None:
        super().__init__()
        self._card = card
        self._found: list[Hideable] = []
        self._chosen: set[int] = set()
        self._is_looking = True

    def compose(self) -> ComposeResult:
        """What it is about above the list."""
        with Vertical(id="hide-box"):
            yield Static(
                Content.styled("looking through the turn …", "$muted"), id="hide-about", markup=False
            )
            yield OptionList(id="hide-list", markup=False)

    def on_mount(self) -> None:
        """Look through the turn."""
        self._title()
        self._look()

    @work(group="hide", exit_on_error=False)
    async def _look(self) -> None:
        standing = standing_redactions(self._card)
        look = asyncio.to_thread(hideable, self._card.turn, standing or ())
        [found] = await asyncio.gather(look, return_exceptions=True)
        if isinstance(found, BaseException):
            self.app.say(explain(found))
            self.close()
            return
        self._is_looking = False
        self._found = found
        hidden = {one.text for one in standing} if standing is not None else {one.text for one in found}
        self._chosen = {at for at, one in enumerate(found) if one.text in hidden}
        options = self.query_one(OptionList)
        options.set_options([Option(self._line(at)) for at in range(len(found))])
        options.highlighted = 0 if found else None
        options.display = bool(found)
        self.query_one("#hide-about", Static).update(Content.styled(_ABOUT if found else _NOTHING, "$muted"))
        self._title()
        options.focus()

    def action_move(self, by: int) -> None:
        """Move the highlight."""
        options = self.query_one(OptionList)
        (options.action_cursor_down if by > 0 else options.action_cursor_up)()

    def action_choose(self) -> None:
        """Choose the highlighted text, or do not."""
        options = self.query_one(OptionList)
        at = options.highlighted
        if at is not None:
            self._chosen ^= {at}
            options.replace_option_prompt_at_index(at, self._line(at))
            self._title()

    def action_save(self) -> None:
        """Hide what is chosen."""
        if not self._is_looking:
            self.dismiss(tuple(one.redaction for at, one in enumerate(self._found) if at in self._chosen))

    def action_nothing(self) -> None:
        """Say that nothing has to be hidden."""
        if not self._is_looking:
            self.dismiss(())

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Choose the text that was clicked."""
        self.action_choose()

    def _title(self) -> None:
        box = self.query_one("#hide-box")
        found = f" · {number(len(self._found))} found" if self._found else ""
        box.border_title = f"HIDE FROM ROWS{found}"
        keys = ["space  chooses"] if self._found else []
        keys += (
            [f"⏎  hides {len(self._chosen)}", "n  nothing to hide"]
            if self._chosen
            else ["⏎  nothing to hide"]
        )
        box.border_subtitle = "   ".join([*keys, "esc  back"])

    def _line(self, at: int) -> Content:
        """The text with its kind and places, and below it how a row would say it."""
        one, is_chosen = self._found[at], at in self._chosen
        text = one_line(one.text, _TEXT_WIDTH)
        places = f"{one.times}×  " * (one.times > 1) + ", ".join(one.places)
        box = ("[▒] ", "bold $secondary") if is_chosen else ("[ ] ", "$muted")
        first = Content.assemble(
            box, (one.kind.ljust(_KIND_WIDTH), "$muted"), (text, "bold" if is_chosen else ""),
            "  ", styled(places, "$muted"),
        )  # fmt: skip
        if not (one.before or one.after):
            return first
        shown = f"[{one.kind}]" if is_chosen else clip(_flat(one.text), _TEXT_WIDTH)
        around = Content.assemble(
            " " * (4 + _KIND_WIDTH),
            (f"…{_flat(one.before)}", "$muted"),
            (shown, "$secondary"),
            (f"{_flat(one.after)}…", "$muted"),
        )
        return Content("\n").join([first, around])


def standing_redactions(card: Card) -> tuple[Redaction, ...] | None:
    """Return what is hidden in the rows of a turn, or None while nobody has looked for anything."""
    from curator.store import active

    acts = [decision for decision in active(card.history) if decision.kind == "redaction"]
    return acts[-1].redactions if acts else None


def _flat(text: str) -> str:
    return display_text(" ".join(text.split("\n")), keep_newlines=False)
