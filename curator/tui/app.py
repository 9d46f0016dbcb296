"""The application: modes, themes and what is open. The work is done by the screens."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar
from weakref import WeakKeyDictionary

from textual import events
from textual.app import App, SystemCommand
from textual.command import Provider
from textual.reactive import reactive
from textual.screen import Screen

from curator.tui.commands import bindings, keymap
from curator.tui.flow import Flow, Helped, Opened, open_workspace, rest_of_queue
from curator.tui.problems import Problem, explain
from curator.tui.themes import DEFAULT_THEME, THEMES
from curator.tui.tour import Tour
from curator.tui.watching import Watch
from curator.tui.widgets.too_small import TooSmall, is_too_small

if TYPE_CHECKING:
    from textual.worker import WorkType

    from curator.jobs import Progress
    from curator.review.ordering import OrderName
    from curator.store import Heard
    from curator.tui.widgets.run_watch import RunWatch
    from curator.workspace import Workspace


_TRAINING_POLL_S = 2.0


def _lazily(module: str, name: str) -> Callable[[], Screen[None]]:
    """Return a maker of a screen whose module is imported on first use."""

    def make() -> Screen[None]:
        screen: Screen[None] = getattr(import_module(module), name)()
        return screen

    return make


def _palette() -> type[Provider]:
    from curator.tui.palette import CuratorCommands

    return CuratorCommands


class CuratorApp(App[None]):
    """Curator's terminal application on one workspace, for one reviewer."""

    TITLE = "Curator"
    CSS_PATH = "app.tcss"
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {_palette}
    BINDINGS = bindings("Everywhere")
    MODES: ClassVar[dict[str, str | Callable[[], Screen[None]]]] = {
        "review": _lazily("curator.tui.screens.review", "ReviewScreen"),
        "browse": _lazily("curator.tui.screens.browse", "BrowseScreen"),
        "dataset": _lazily("curator.tui.screens.dataset", "DatasetScreen"),
        "pairs": _lazily("curator.tui.screens.pairs", "PairsScreen"),
        "train": _lazily("curator.tui.screens.train", "TrainScreen"),
        "ingest": _lazily("curator.tui.screens.ingest", "IngestScreen"),
    }

    flow: reactive[Flow | None] = reactive(None)
    """The sitting: queue, meters, desk; ``None`` until the workspace is open."""
    problem: reactive[Problem | None] = reactive(None)
    """Why the workspace could not be opened."""
    heard: reactive[tuple[Heard, ...]] = reactive((), always_update=True)
    """Turns that others have just decided on; empty where only meters or waivers moved."""
    training: reactive[str] = reactive("")
    """How far the training is, for screens that show something else; empty when none goes on."""

    def __init__(
        self,
        workspace: Workspace,
        reviewer: str,
        demo: bool = False,
        theme: str = DEFAULT_THEME,
        chosen_keys: keymap.Keymap | None = None,
        tour: Tour | None = None,
        make_demo: Callable[[Progress], Workspace] | None = None,
    ) -> None:
        super().__init__()
        self.make_demo = make_demo
        """Opens the demo workspace, which may have to be made; ``None`` where there is none."""
        self.is_opening = workspace.is_made
        """Whether the workspace is being opened now; where there is none, nothing is."""
        self._keeping_theme = asyncio.Lock()
        self._is_settled = False
        self._covers: WeakKeyDictionary[Screen[object], TooSmall] = WeakKeyDictionary()
        """What covers a screen while the terminal is too small."""
        self._runs: RunWatch | None = None
        self.workspace = workspace
        self.reviewer = reviewer
        self.demo = demo
        self.tour = tour or Tour.ended()
        self.set_keymap(keymap.use(chosen_keys or {}))
        for known in THEMES:
            self.register_theme(known)
        self.theme = theme if theme in self.available_themes else DEFAULT_THEME

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Give themes from elsewhere the colours that only Curator's have."""
        return {"muted": "#888888", "faint": "#555555"}

    async def on_mount(self) -> None:
        """Paint the review screen, then open the workspace behind it; where there is none, ask for logs."""
        await self.switch_mode("review" if self.workspace.is_made else "ingest")
        self.call_after_refresh(self._start if self.workspace.is_made else self._settle)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Name every command with the key that it has now, those of this screen first."""
        from curator.tui.palette import command_entries

        for entry in command_entries(self, screen):
            yield SystemCommand(f"{entry.title}  ({entry.key})", entry.about, entry.run)

    async def action_go(self, mode: str) -> None:
        """Change to another mode."""
        await self.switch_mode(mode)

    async def list_turns(self, query: str | None, order: str = "") -> None:
        """Show the turns of a query, or the listed ones in another order."""
        from curator.tui.screens.browse import BrowseScreen

        await self.switch_mode("browse")
        if isinstance(self.screen, BrowseScreen) and self.flow is not None:
            if query is None:
                self.screen.show_order(order)
            else:
                self.screen.show_query(query, order)

    async def order_queue(self, order: OrderName) -> None:
        """Put the queue into another order and review from its front."""
        from curator.tui.screens.review import ReviewScreen

        await self.switch_mode("review")
        if isinstance(self.screen, ReviewScreen) and self.flow is not None:
            self.screen.order_by(order)

    async def look_at(self, turn_id: int) -> None:
        """Show a turn in the review screen, beside the queue, which keeps its place."""
        from curator.tui.screens.review import ReviewScreen

        await self.switch_mode("review")
        if isinstance(self.screen, ReviewScreen):
            self.screen.look_at(turn_id)

    async def find_turns(self, query: str) -> None:
        """List the turns of a query."""
        from curator.tui.screens.browse import BrowseScreen

        await self.switch_mode("browse")
        if isinstance(self.screen, BrowseScreen):
            self.screen.ask(query)

    async def help_with(self, turns: Sequence[int], helps: Helped) -> None:
        """Go through turns that would help, in the review screen."""
        from curator.tui.screens.review import ReviewScreen

        await self.switch_mode("review")
        if isinstance(self.screen, ReviewScreen):
            self.screen.help_with(turns, helps)

    async def show_run(self, run: str) -> None:
        """Watch a training run."""
        from curator.tui.screens.train import TrainScreen

        await self.switch_mode("train")
        if isinstance(self.screen, TrainScreen):
            self.screen.show_run(run)

    async def action_pairs(self) -> None:
        """Compare answers: of the turn in review, or of every prompt that has several."""
        from curator.tui.screens.pairs import PairsScreen
        from curator.tui.screens.turn import TurnScreen

        before, came_from = self.screen, self.current_mode
        if isinstance(before, PairsScreen):
            return
        card = before.card if isinstance(before, TurnScreen) else None
        await self.switch_mode("pairs")
        if isinstance(self.screen, PairsScreen):
            self.screen.open(card.turn.id if card is not None else None, came_from)

    async def action_keys(self) -> None:
        """Show every key."""
        from curator.tui.screens.keys import KeysScreen

        if not isinstance(self.screen, KeysScreen):
            await self.push_screen(KeysScreen(getattr(self.screen, "AREA", "")))

    def action_next_theme(self) -> None:
        """Change to the next of Curator's themes."""
        names = [theme.name for theme in THEMES]
        at = names.index(self.theme) if self.theme in names else -1
        self.choose_theme(names[(at + 1) % len(names)])

    def choose_theme(self, name: str) -> None:
        """Use a theme, also at the next start."""
        self.theme = name
        self.run_worker(self._keep_theme(), group="theme", exit_on_error=False)

    async def action_tour(self) -> None:
        """Show the hints for newcomers from the first one on."""
        from curator.tui.screens.turn import TurnScreen

        self.tour.restart()
        await self.switch_mode("review")
        if isinstance(self.screen, TurnScreen):
            self.screen.paint_tour()
        self.screen.refresh_bindings()

    async def _keep_theme(self) -> None:
        """Remember the theme for the next start; of many changes in a row the last one stays."""
        from curator.settings import save_setting

        async with self._keeping_theme:
            saving = asyncio.to_thread(save_setting, "theme", self.theme)
            [failed] = await asyncio.gather(saving, return_exceptions=True)
        if isinstance(failed, BaseException):
            self.say(explain(failed))

    def say(self, problem: Problem) -> None:
        """Show an error in a line of its own below the screen."""
        self.notify(f"✗ {problem.title}: {problem.text}", severity="error", timeout=12, markup=False)

    async def on_event(self, event: events.Event) -> None:
        """Let nobody type into what cannot be seen."""
        if isinstance(event, events.InputEvent | events.Paste) and is_too_small(self.size):
            if isinstance(event, events.Key) and event.key in ("ctrl+q", "ctrl+c"):
                await super().on_event(event)
            return
        await super().on_event(event)

    def post_display_hook(self) -> None:
        """Cover the screen while the terminal is too small, whichever screen it is."""
        if not self.screen_stack or not self.is_running:
            return
        cover = self._covers.get(self.screen)
        if is_too_small(self.size):
            if cover is not None:
                cover.say(self.size)
            elif self.screen.is_mounted:
                self._covers[self.screen] = cover = TooSmall()
                self.screen.mount(cover)
        elif cover is not None:
            del self._covers[self.screen]
            cover.remove()

    def on_unmount(self) -> None:
        """Wait for the decision that is being written."""
        if self.flow is not None:
            self.flow.close()

    async def reopen(self) -> None:
        """Read the workspace anew after something was ingested; the queue begins at its front."""
        await self._open()

    async def change_workspace(self, workspace: Workspace, demo: bool) -> None:
        """Leave this workspace for another one and review there."""
        before, self.workspace, self.demo = self.workspace, workspace, demo
        self._runs = None
        for mode in [name for name in self.MODES if name not in ("review", "ingest")]:
            await self.remove_mode(mode)
            self.add_mode(mode, self.MODES[mode])
        await self._open()
        before.close()
        await self.switch_mode("review")

    def _start(self) -> None:
        self.run_worker(self._open(), group="open", exit_on_error=False)

    async def _open(self) -> None:
        self.is_opening = True
        opening = asyncio.to_thread(open_workspace, self.workspace, self.reviewer)
        [opened] = await asyncio.gather(opening, return_exceptions=True)
        self.is_opening = False
        if isinstance(opened, BaseException):
            gc.enable()
            self.problem = explain(opened)
            return
        await self._opened(opened)

    async def _opened(self, opened: Opened) -> None:
        before, flow = self.flow, Flow(opened)
        self.problem, self.flow = None, flow
        if before is not None:
            before.close()
        # Somebody who looks at something else already is not taken away from it.
        if not opened.meters.turns and self.screen is self.screen_stack[0] and self.current_mode == "review":
            await self.switch_mode("ingest")
        self.call_after_refresh(self._settle)
        if flow.queue.awaited:
            self.run_worker(self._read_rest(flow, opened), group="rest", exit_on_error=False)

    async def _read_rest(self, flow: Flow, opened: Opened) -> None:
        reading = asyncio.to_thread(rest_of_queue, opened)
        [rest] = await asyncio.gather(reading, return_exceptions=True)
        if isinstance(rest, BaseException):
            self.say(explain(rest))
        else:
            flow.take_rest(rest)

    async def _settle(self) -> None:
        if self._is_settled:
            return
        self._is_settled = True
        # The editor is wanted soon and costs 150 ms to import; what lives now lives to the end.
        for module in ("curator.tui.screens.editor", "curator.checks.support.schema_words"):
            await asyncio.to_thread(import_module, module)
        gc.collect()
        gc.freeze()
        gc.enable()
        self.set_interval(_TRAINING_POLL_S, self._follow_runs)
        Watch(self).start()

    def _follow_runs(self) -> None:
        looking: WorkType[None] = self._look_at_runs
        self.run_worker(looking, group="training", exclusive=True, exit_on_error=False)

    async def _look_at_runs(self) -> None:
        from curator.tui.widgets.run_watch import RunWatch

        if self._runs is None:
            self._runs = RunWatch(self.workspace.runs_dir, self.workspace.profile)
        [words] = await asyncio.gather(asyncio.to_thread(self._runs.words), return_exceptions=True)
        # A run folder that is being made or cleared away is looked at again the next time.
        self.training = words if isinstance(words, str) else ""
