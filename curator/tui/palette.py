"""Everything that can be chosen by name: the commands of every area, saved views, tiers, orders, themes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from curator.text import one_line
from curator.tui.blocks import styled
from curator.tui.commands import AREAS, Command, commands
from curator.tui.problems import Problem, explain
from curator.tui.themes import THEMES

if TYPE_CHECKING:
    from textual.screen import Screen

    from curator.store import SavedView
    from curator.tui.app import CuratorApp

_SCREEN_OF = {"Search in a turn": "Review"}
"""Areas that have no screen of their own."""
_OPENED_BY = {"Correction editor": "edit", "Alternatives": "alternatives"}
"""Areas over the review screen, and the action that opens them there."""
_PATIENCE_S = 2.0


class Entry(NamedTuple):
    """A line of the palette."""

    group: str
    title: str
    key: str
    about: str
    run: Callable[[], object]

    @property
    def text(self) -> str:
        """What is searched."""
        return f"{self.title} · {self.group}"

    @property
    def line(self) -> Content:
        """What is shown."""
        key = f"  {self.key}" if self.key else ""
        group = styled(f" · {one_line(self.group, 40)}", "$muted")
        return Content.assemble(styled(one_line(self.title, 80)), group, (key, "bold $accent"))


class CuratorCommands(Provider):
    """Gives the palette its lines; those of the screen that is shown come first."""

    @property
    def _app(self) -> CuratorApp:
        app = self.app
        from curator.tui.app import CuratorApp

        assert isinstance(app, CuratorApp)
        return app

    async def startup(self) -> None:
        """Read the saved views, which other people may have kept meanwhile."""
        views: Sequence[SavedView] = ()
        flow = self._app.flow
        if flow is not None:
            reading = asyncio.to_thread(flow.desk.store.views.all)
            [found] = await asyncio.gather(reading, return_exceptions=True)
            if isinstance(found, BaseException):
                self._app.say(explain(found))
            else:
                views = found
        self._entries = [*command_entries(self._app, self.screen), *_others(self._app, views)]

    async def discover(self) -> Hits:
        """List everything, area by area."""
        for entry in self._entries:
            yield DiscoveryHit(entry.line, entry.run, entry.text, entry.about)

    async def search(self, query: str) -> Hits:
        """Find by name first, then by what it does, and by the key itself."""
        matcher = self.matcher(query)
        for entry in self._entries:
            score = max(matcher.match(entry.text), float(query == entry.key))
            if score <= 0 and query.lower() in entry.about.lower():
                score = 0.01
            if score > 0:
                yield Hit(score, entry.line, entry.run, entry.text, entry.about)


def command_entries(app: CuratorApp, screen: Screen[object]) -> Iterator[Entry]:
    """Yield every command with the key that it has now, those of the screen first."""
    here = getattr(screen, "AREA", "")
    for area in sorted(AREAS, key=lambda area: _SCREEN_OF.get(area, area) != here):
        for command in commands(area):
            key = command.shown_key()
            run = partial(_start, app, command)
            yield Entry(area, command.title(), key, command.doc(), run)


async def run_command(app: CuratorApp, command: type[Command]) -> None:
    """Run a command, on the screen that it belongs to."""
    area = _SCREEN_OF.get(command.area, command.area)
    mode = area.lower()
    if area in _OPENED_BY:
        await _run_over_review(app, command)
        return
    if area != "Everywhere" and mode in app.MODES and app.current_mode != mode:
        await app.switch_mode(mode)
        await _until_filled(app)
    if area not in ("Everywhere", getattr(app.screen, "AREA", "")):
        where = getattr(app.screen, "AREA", "") or "what stands over it"
        text = f"{command.title()} belongs to {area.lower()}; leave {where.lower()} first, with escape."
        app.say(Problem("Not here", text))
        return
    await app.screen.run_action(command.action)


def _start(app: CuratorApp, command: type[Command]) -> None:
    app.run_worker(run_command(app, command), group="palette", exit_on_error=False)


async def _until_filled(app: CuratorApp) -> None:
    """Wait a moment for what a screen reads when it is shown, so that a command finds its turns."""
    await asyncio.sleep(0)
    reading = [worker for worker in app.workers if worker.node is app.screen and not worker.is_finished]
    waits = [asyncio.ensure_future(worker.wait()) for worker in reading]
    if waits:
        await asyncio.wait(waits, timeout=_PATIENCE_S)
        await asyncio.sleep(0)


async def _run_over_review(app: CuratorApp, command: type[Command]) -> None:
    """Run a command of a screen over the review; where it is not open, open it, and say the command's key."""
    if getattr(app.screen, "AREA", "") == command.area:
        await app.screen.run_action(command.action)
        return
    if app.current_mode != "review":
        await app.switch_mode("review")
    if getattr(app.screen, "AREA", "") == "Review":
        await app.screen.run_action(_OPENED_BY[command.area])
    app.notify(f"In the {command.area.lower()}, {command.shown_key()} is: {command.title()}", markup=False)


def _others(app: CuratorApp, views: Sequence[SavedView]) -> Iterator[Entry]:
    """Yield what is no command: views, tiers, orders, themes."""
    for view in views:
        run = partial(app.call_later, app.list_turns, view.query, view.sort)
        yield Entry("Saved view", view.name, "", f"Browse: {view.query or 'every turn'}", run)
    if app.flow is not None:
        for tier in app.flow.desk.profile.tiers:
            run = partial(app.call_later, app.list_turns, f'tier:"{tier}"' if " " in tier else f"tier:{tier}")
            yield Entry("Tier", tier, "", f"List the turns of the tier {tier}.", run)
        yield from _orders(app)
    for theme in THEMES:
        run = partial(app.call_later, app.choose_theme, theme.name)
        yield Entry("Theme", theme.name, "", "Use these colours, also at the next start.", run)


def _orders(app: CuratorApp) -> Iterator[Entry]:
    from curator.review import ORDERINGS
    from curator.tui.screens.listing import ORDERS

    for ordering in ORDERINGS:
        run = partial(app.call_later, app.order_queue, ordering.name)
        yield Entry("Order of the queue", ordering.title, "", f"Review {ordering.about}.", run)
    for order, title in ORDERS.items():
        run = partial(app.call_later, app.list_turns, None, order)
        yield Entry("Order of the list", title, "", f"Browse turns {title}.", run)
