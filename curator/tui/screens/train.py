"""The training screen: what is missing before a run, the run as it goes, what it brought. By files alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import Screen
from textual.widgets import OptionList, Static

from curator.errors import CuratorError
from curator.tui.blocks import styled
from curator.tui.commands import Command, bindings, commands
from curator.tui.lines import spread
from curator.tui.problems import Problem, explain
from curator.tui.widgets import run_lines, train_before
from curator.tui.widgets.detail import Detail
from curator.tui.widgets.loss_curve import LossCurve
from curator.tui.widgets.run_list import RunList, entries, preset_key, run_key
from curator.tui.widgets.run_words import checkpoint_step, run_count, short_words

if TYPE_CHECKING:
    from curator.tui.app import CuratorApp
    from curator.tui.flow import Flow
    from curator.tui.widgets.run_watch import RunView, RunWatch
    from curator.tui.widgets.train_plan import Plan
    from trainer.launch import RunStatus

POLL_S = 0.5
_WIDE = 110
_OVER = ("finished", "failed", "stopped", "died")


class TrainScreen(Screen[None]):
    """Presets and runs at the side; the chosen one beside them."""

    AREA = "Train"
    CSS_PATH = "train.tcss"
    AUTO_FOCUS = "#entries"
    BINDINGS = bindings("Train")
    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-narrow"), (_WIDE, "-wide")]

    app: CuratorApp

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        self.plan: Plan | None = None
        self.runs: list[RunStatus] = []
        self.run_view: RunView | None = None
        self._clock = clock
        self._watch: RunWatch | None = None
        self._looking = False
        self._launching = False
        self._seen_runs = False
        self._shown = ""
        self._wanted = ""

    def compose(self) -> ComposeResult:
        """Header, list and details, message, keys."""
        yield Static(id="header", markup=False)
        with Horizontal(id="body"):
            yield RunList("entries")
            with Detail(id="detail"):
                yield Static(id="head", markup=False)
                yield LossCurve("curve")
                yield Static(id="foot", markup=False)
                yield Static(id="output", markup=False)
        yield Static(id="message", markup=False)
        yield Static(id="keys", markup=False)

    def on_mount(self) -> None:
        """Look at the runs at once; count the data when the workspace is open."""
        self.query_one("#curve").border_subtitle = "dots: each step · line: smoothed"
        self._timer = self.set_interval(POLL_S, self._look)
        self.watch(self.app, "flow", self._opened)
        self.watch(self.app, "problem", self._failed)
        self._look()

    def on_screen_resume(self) -> None:
        """Be up to date at once when the screen is shown again."""
        self._timer.resume()
        self._opened(self.app.flow)
        self._look()

    def on_screen_suspend(self) -> None:
        """Read nothing while nobody looks."""
        self._timer.pause()

    @on(Detail.Measured)
    def _measured(self) -> None:
        self._paint()

    # What is known

    def _opened(self, flow: Flow | None) -> None:
        if flow is not None:
            self._count()

    def _failed(self, problem: Problem | None) -> None:
        if problem is not None:
            self._say(f"{problem.title}: {problem.text}")

    @work(exclusive=True, group="plan", exit_on_error=False)
    async def _count(self) -> None:
        from curator.tui.widgets.train_plan import gather_plan

        try:
            self.plan = await asyncio.to_thread(gather_plan, self.app.workspace)
        except CuratorError as error:
            self._failed(explain(error))
        self._paint()

    def _look(self) -> None:
        """Read the runs' files, unless they are being read."""
        if not self._looking:
            self._looking = True
            self.run_worker(self._read_runs(), group="look", exit_on_error=False)

    async def _read_runs(self) -> None:
        chosen = self._chosen
        lines = max(10, self.size.height - 4) if self.has_class("-log") else 0
        try:
            self.runs, self.run_view = await asyncio.to_thread(self._read, chosen, lines)
        except (CuratorError, OSError) as error:
            self._failed(explain(error))
        finally:
            self._looking = False
        self._seen_runs = True
        self._paint()
        if self._chosen != chosen:
            self._look()

    def _read(self, chosen: str, lines: int) -> tuple[list[RunStatus], RunView | None]:
        """Read every run, and all about the chosen one. Runs in a thread."""
        if self._watch is None:
            from curator.tui.widgets.run_watch import RunWatch

            workspace = self.app.workspace
            self._watch = RunWatch(workspace.runs_dir, workspace.profile)
        runs = self._watch.runs()
        chosen_run = next((run for run in runs if run_key(run.id) == chosen), None)
        return runs, self._watch.view(chosen_run, lines) if chosen_run else None

    @property
    def _chosen(self) -> str:
        return self.query_one(RunList).chosen

    @property
    def _preset(self) -> str | None:
        key = self._chosen
        return key.removeprefix("preset:") if key.startswith("preset:") else None

    @property
    def _going_on(self) -> RunStatus | None:
        return next((run for run in self.runs if run.state == "running"), None)

    # What is shown

    def _paint(self) -> None:
        if not self.is_mounted:
            return
        self._paint_list()
        self._paint_detail()
        self._paint_lines()

    def _paint_list(self) -> None:
        side = self.query_one(RunList)
        presets = self.app.workspace.profile.presets
        width = side.content_size.width or self.size.width
        side.show(entries(presets, self.runs, self._clock(), width, self.has_class("-wide")))
        if self._wanted in {run_key(run.id) for run in self.runs}:
            side.choose(self._wanted)
            self._wanted = ""
        if self._seen_runs and not side.chosen:
            # A run that goes on is what one comes to see; else the newest; without any, a new one.
            first = self._going_on or next(iter(self.runs), None)
            side.choose(run_key(first.id) if first else preset_key(next(iter(presets))))

    def _paint_detail(self) -> None:
        view, preset = self.run_view, self._preset
        if preset is not None:
            self._paint_plan(preset)
        elif view is not None and run_key(view.status.id) == self._chosen:
            self._paint_run(view)

    def _paint_plan(self, name: str) -> None:
        self.remove_class("-run", "-ended", "-measured", "-log")
        profile = self.app.workspace.profile
        self._title(f"new run · {name}")
        content = train_before.counting()
        if self.plan is not None:
            known = next((run for run in self.runs if run.s_per_step), None)
            preset = profile.presets[name]
            content = train_before.plan_content(self.plan, name, preset, profile, known, self._width)
        self._fill("#head", content)
        self._fill("#foot", Content())

    def _paint_run(self, view: RunView) -> None:
        status = view.status
        self.set_class(bool(status.losses) or status.state == "running", "-run")
        self.set_class(status.state in _OVER, "-ended")
        self.set_class(status.state in _OVER and view.report is not None, "-measured")
        self._title(status.id, view.spec.describe() if view.spec else "")
        self._fill("#head", run_lines.head(view, self._clock(), self._width))
        self._fill("#foot", run_lines.foot(view, self.app.workspace.folder, self._width))
        self._fill("#output", run_lines.output_content(view.output, self._width))
        self.query_one(LossCurve).show(status.losses, status.steps)

    def _paint_lines(self) -> None:
        workspace = self.app.workspace
        title = workspace.config.title or workspace.profile.title or workspace.profile.name
        left = Content.assemble((" train", "bold $primary"), (" ─ ", "$faint"), styled(title, "bold"))
        going_on = self._going_on
        right = Content.styled(run_count(len(self.runs)), "$muted")
        if going_on is not None:
            right = Content.styled(f"● {short_words(going_on)}", "bold $accent")
        self._fill("#header", spread(left, right, self.size.width))
        keys = Content("  ").join(self._keys())
        self._fill("#keys", Content.assemble(" ", keys))

    def _keys(self) -> Iterator[Content]:
        shown = [*commands("Train"), *(c for c in commands("Everywhere") if c.hint == "keys")]
        for command in shown:
            if command.hint and self._applies(command):
                hint = self._hint(command)
                yield Content.assemble((command.shown_key(), "bold $accent"), " ", hint)

    def _applies(self, command: type[Command]) -> bool:
        return {
            "stop": self._going_on is not None,
            "resume": self._resumable is not None,
            "log": self._preset is None,
        }.get(command.action, True)

    def _hint(self, command: type[Command]) -> str:
        if command.action == "launch" and self._preset is None:
            return "new run"
        if command.action == "log" and self.has_class("-log"):
            return "figures"
        return command.hint

    def _title(self, title: str, subtitle: str = "") -> None:
        detail = self.query_one("#detail")
        detail.border_title = styled(title)
        detail.border_subtitle = styled(subtitle)

    def _fill(self, selector: str, content: Content) -> None:
        self.query_one(selector, Static).update(content)

    def _say(self, text: str, style: str = "$error") -> None:
        """Write a sentence above the keys; an empty one clears it."""
        message = self.query_one("#message", Static)
        message.update(styled(text, style))
        message.display = bool(text)

    @property
    def _width(self) -> int:
        return max(40, self.query_one("#detail").scrollable_content_region.width)

    # What the user does

    @on(OptionList.OptionHighlighted)
    def _chose(self) -> None:
        if self._chosen == self._shown:
            return
        self._shown = self._chosen
        self._say("")
        self.query_one("#detail").scroll_home(animate=False)
        self._paint_detail()
        self._paint_lines()
        self._look()

    def action_choose(self, by: int) -> None:
        """Go to the entry above or below."""
        side = self.query_one(RunList)
        (side.action_cursor_down if by > 0 else side.action_cursor_up)()

    def action_scroll_run(self, by: int) -> None:
        """Scroll the details by a page."""
        detail = self.query_one("#detail")
        (detail.scroll_page_down if by > 0 else detail.scroll_page_up)(animate=False)

    def show_run(self, run: str) -> None:
        """Go to a run that was started elsewhere."""
        self._wanted = run_key(run)
        self._look()

    def action_log(self) -> None:
        """Show the trainer's output, or the figures again."""
        if self._preset is None:
            self.toggle_class("-log")
            self._look()

    def action_launch(self) -> None:
        """Start a run with the chosen preset; from a run, go to its preset."""
        name = self._preset
        if name is None:
            self._to_presets()
        elif self._going_on is not None:
            self._say(f"{self._going_on.id} is still training; wait for it, or stop it with s.", "$warning")
        elif self.plan is None:
            self._say("The decided turns are still being counted.", "$warning")
        elif not self.plan.ready:
            self._say(train_before.refusal(self.plan), "$warning")
            self._count()
        else:
            self._start(partial(self._launch, name))

    def action_stop(self) -> None:
        """Ask the run that goes on to end."""
        going_on = self._going_on
        if going_on is not None:
            self._stop(going_on.run_dir)

    def action_resume(self) -> None:
        """Go on with the run that is looked at."""
        status = self._resumable
        if status is None:
            self._say("Only a run that has ended early and left a checkpoint can be resumed.", "$warning")
        elif self._going_on is not None:
            self._say(f"{self._going_on.id} is still training; wait for it, or stop it with s.", "$warning")
        else:
            self._start(partial(self._relaunch, status.run_dir))

    @property
    def _resumable(self) -> RunStatus | None:
        """The run that is looked at, if it can be started again."""
        view = self.run_view
        if view is None or run_key(view.status.id) != self._chosen:
            return None
        status = view.status
        early = status.state in ("stopped", "failed", "died") and checkpoint_step(status) is not None
        return status if early or status.state == "created" else None

    def _to_presets(self) -> None:
        spec = self.run_view.spec if self.run_view else None
        presets = self.app.workspace.profile.presets
        name = spec.preset if spec and spec.preset in presets else next(iter(presets))
        self.query_one(RunList).choose(preset_key(name))

    def _start(self, launch: Callable[[], Path]) -> None:
        if not self._launching:
            self._launching = True
            self._say("Starting …", "$accent")
            self.run_worker(self._started(launch), group="launch", exit_on_error=False)

    async def _started(self, launch: Callable[[], Path]) -> None:
        try:
            run_dir = await asyncio.to_thread(launch)
        except (CuratorError, OSError) as error:
            self._failed(explain(error))
            self._look()
            return
        finally:
            self._launching = False
        self._say("")
        self._wanted = run_key(run_dir.name)
        self._look()

    def _launch(self, preset: str) -> Path:
        from curator.datasets.runs import launch_training

        return launch_training(self.app.workspace, preset=preset, reviewer=self.app.reviewer)

    def _relaunch(self, run_dir: Path) -> Path:
        from curator.errors import RunError
        from trainer.launch import launch
        from trainer.spec import TrainerError

        try:
            launch(run_dir, resume=True)
        except TrainerError as error:
            raise RunError(str(error)) from error
        return run_dir

    @work(group="stop", exit_on_error=False)
    async def _stop(self, run_dir: Path) -> None:
        from curator.datasets.runs import stop_run

        try:
            await asyncio.to_thread(stop_run, run_dir)
        except (CuratorError, OSError) as error:
            self._failed(explain(error))
            return
        self._look()
