"""The card of a frozen data set, from which it is trained, and the difference between two."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from curator.text import one_line
from curator.tui.blocks import styled
from curator.tui.problems import explain
from curator.tui.screens.choosing import Choice, ChoiceScreen, Chosen
from curator.tui.widgets.frozen_lines import card_content, difference_content, set_line

if TYPE_CHECKING:
    from curator.datasets.frozen import Difference, Manifest
    from curator.tui.app import CuratorApp

_NO_OTHER = "There is no other frozen set to compare it with."
_LINE = 76


class PageScreen(ModalScreen[None]):
    """A text in a box that scrolls."""

    CSS_PATH = "frozen_set.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "dismiss", "back", show=False),
        Binding("j,down", "scroll(1)", show=False),
        Binding("k,up", "scroll(-1)", show=False),
        Binding("pagedown,space", "scroll(10)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
    ]

    app: CuratorApp

    def compose(self) -> ComposeResult:
        """The text, and a line for what is said about it."""
        with Vertical(id="page-box"):
            with VerticalScroll(id="page-scroll", can_focus=False):
                yield Static(id="page-text", markup=False)
            yield Static(id="page-said", markup=False)

    def action_scroll(self, by: int) -> None:
        """Scroll by lines."""
        self.query_one("#page-scroll").scroll_relative(y=by, animate=False)

    @property
    def width(self) -> int:
        """Cells that a line has."""
        return max(40, self.query_one("#page-scroll").scrollable_content_region.width)

    def say(self, text: str, style: str) -> None:
        """Say a sentence below the text."""
        said = self.query_one("#page-said", Static)
        said.update(styled(text, style))
        said.display = bool(text)


class SetScreen(PageScreen):
    """What the manifest of a set says."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("equals_sign,d", "compare", show=False),
        Binding("T,t", "train", show=False),
    ]

    def __init__(self, manifest: Manifest, sets: Sequence[Manifest]) -> None:
        super().__init__()
        self._manifest, self._sets = manifest, sets

    def on_mount(self) -> None:
        """Name the keys."""
        box = self.query_one("#page-box")
        box.border_title = styled(one_line(self._manifest.id, 60)).markup
        box.border_subtitle = "T  trains it   =  compares   ↑ ↓  scroll   esc  back"

    def on_resize(self) -> None:
        """Fill the lines."""
        self.call_after_refresh(self._paint)

    def _paint(self) -> None:
        self.query_one("#page-text", Static).update(card_content(self._manifest, self.width))

    def action_compare(self) -> None:
        """Ask with which other set to compare it."""
        ask_other(self.app, self._manifest, self._sets)

    def action_train(self) -> None:
        """Start a run on the rows of this set; with several presets, ask for one."""
        presets = self.app.workspace.profile.presets
        if len(presets) == 1:
            self._train(next(iter(presets)))
            return
        choices = [
            Choice(name, Content.assemble(styled(name, "bold"), "   ", styled(preset.title, "$muted")))
            for name, preset in presets.items()
        ]

        def take(chosen: Chosen | None) -> None:
            if chosen is not None:
                self._train(chosen.id)

        self.app.push_screen(ChoiceScreen("TRAIN WITH PRESET", choices, ""), take)

    @work(group="launch", exclusive=True, exit_on_error=False)
    async def _train(self, preset: str) -> None:
        self.say("Starting …", "$accent")
        [run_dir] = await asyncio.gather(asyncio.to_thread(self._launch, preset), return_exceptions=True)
        if isinstance(run_dir, BaseException):
            problem = explain(run_dir)
            self.say(f"✗ {problem.title}: {problem.text}", "$error")
            return
        self.dismiss(None)
        self.app.call_later(self.app.show_run, run_dir.name)

    def _launch(self, preset: str) -> Path:
        """Start the trainer. Runs in a thread.

        Raises:
            CuratorError: A run goes on, or it cannot be started.
        """
        from curator.datasets.runs import all_runs, launch_training
        from curator.errors import RunError
        from curator.tui.widgets.train_plan import require_extra

        going_on = next((run.id for run in all_runs(self.app.workspace) if run.state == "running"), "")
        if going_on:
            raise RunError(f"{going_on} is still training; wait for it, or stop it on the train screen.")
        require_extra()
        reviewer = self.app.reviewer
        return launch_training(self.app.workspace, preset=preset, reviewer=reviewer, frozen=self._manifest)


class DifferenceScreen(PageScreen):
    """Which rows two sets do not share."""

    def __init__(self, before: Manifest, after: Manifest) -> None:
        super().__init__()
        self._before, self._after = before, after
        self._found: Difference | None = None

    def on_mount(self) -> None:
        """Compare them."""
        box = self.query_one("#page-box")
        box.border_title = styled(f"{self._before.id} → {self._after.id}").markup
        box.border_subtitle = "↑ ↓  scroll   esc  back"
        self.query_one("#page-text", Static).update(Content.styled("comparing the rows …", "$muted"))
        self._compare()

    def on_resize(self) -> None:
        """Fill the lines."""
        self.call_after_refresh(self._paint)

    @work(group="compare", exclusive=True, exit_on_error=False)
    async def _compare(self) -> None:
        from curator.datasets.frozen import compare

        look = asyncio.to_thread(compare, self.app.workspace, self._before, self._after)
        [found] = await asyncio.gather(look, return_exceptions=True)
        if isinstance(found, BaseException):
            self.query_one("#page-text", Static).update(styled(explain(found).text, "$error"))
            return
        self._found = found
        self._paint()

    def _paint(self) -> None:
        if self._found is not None:
            content = difference_content(self._before.id, self._after.id, self._found, self.width)
            self.query_one("#page-text", Static).update(content)


def ask_other(app: CuratorApp, one: Manifest, sets: Sequence[Manifest]) -> None:
    """Ask with which set to compare one, then show the difference: the older one comes first."""
    others = [other for other in sets if other.id != one.id]
    # The number before is what one most often wants to know about.
    others.sort(key=lambda other: (other.name != one.name, abs(other.number - one.number)))
    choices = [Choice(other.id, set_line(other, _LINE)) for other in others]

    def take(chosen: Chosen | None) -> None:
        other = next((other for other in others if chosen and other.id == chosen.id), None)
        if other is not None:
            before, after = sorted((one, other), key=lambda each: each.created)
            app.push_screen(DifferenceScreen(before, after))

    app.push_screen(ChoiceScreen("COMPARE WITH", choices, _NO_OTHER), take)
