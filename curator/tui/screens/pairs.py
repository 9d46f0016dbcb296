"""Two answers to one prompt, side by side and without their sources: which is better?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Literal, NamedTuple

from textual import work
from textual.content import Content
from textual.worker import Worker, WorkerState, get_current_worker

from curator.model import Better
from curator.text import display_text
from curator.tui import notices, pair_lines
from curator.tui.bouts import Bout, Bouts
from curator.tui.commands import bindings
from curator.tui.commands.base import REDO_PAIRS, UNDO_PAIRS, key_of
from curator.tui.flow import Flow, act_words
from curator.tui.problems import Problem, explain
from curator.tui.screens.facing import FacingScreen
from curator.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from curator.store import Change, Heard

Answer = Literal["left", "right", "tie", "neither"]


class _Waiting(NamedTuple):
    """A key that was pressed while the act before it was still being written."""

    bout: Bout | None
    run: Callable[[], None]


class PairsScreen(FacingScreen):
    """Shows what differs, takes a key, has the decision written, goes on."""

    AREA = "Pairs"
    BINDINGS = bindings("Pairs")

    def __init__(self) -> None:
        super().__init__()
        self.writing = False
        self._came_from = "review"
        self._wanted: int | None = None
        self._finding = False
        """Whether the next pair is being looked for; the one before is still shown, and decided."""
        self._waiting: _Waiting | None = None

    def on_mount(self) -> None:
        """Wait for the workspace, and hear what others decide."""
        for pane in self.query(Pane):
            pane.can_focus = False
        if not self.app.is_opening and self.app.flow is None:
            self._notice(notices.nothing_ingested())
        self.watch(self.app, "flow", self._opened)
        self.watch(self.app, "problem", self._failed)
        self.watch(self.app, "heard", self._hear, init=False)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say what a worker died of; nothing of it may pass in silence."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self.app.say(explain(event.worker.error))

    # Opening

    def open(self, turn_id: int | None, came_from: str) -> None:
        """Begin with the pairs of a turn, or of every prompt; escape leads back to where it came from."""
        self._wanted, self._came_from = turn_id, came_from
        self.bouts, self._finding = None, False
        self._opened(self.app.flow)

    def _opened(self, flow: Flow | None) -> None:
        if flow is not None and self.bouts is None:
            self.bouts = Bouts(flow.desk, self._wanted)
            self.say(Content())
            self._notice(pair_lines.looking())
            self._begin(self.bouts)

    def _failed(self, problem: Problem | None) -> None:
        if problem is not None:
            self._notice(pair_lines.failed(problem))

    @work(group="next", exclusive=True, exit_on_error=False)
    async def _begin(self, bouts: Bouts) -> None:
        [bout] = await asyncio.gather(asyncio.to_thread(bouts.begin), return_exceptions=True)
        if bouts is not self.bouts:
            return
        if isinstance(bout, BaseException):
            self._notice(pair_lines.failed(explain(bout)))
            return
        if self._wanted is not None and (bout is None or self._wanted not in bout.duel.sheet.turns):
            self.say(pair_lines.nothing_here(self._wanted, bouts.answers))
        self._show_next(bout)
        self._count(bouts)

    @work(group="count", exclusive=True, thread=True, exit_on_error=False)
    def _count(self, bouts: Bouts) -> None:
        worker = get_current_worker()
        bouts.count(lambda: worker.is_cancelled or bouts is not self.bouts)
        if not worker.is_cancelled:
            self.app.call_from_thread(self._paint_lines)

    def _hear(self, heard: tuple[Heard, ...]) -> None:
        """Show what others decided: the meters, and the pair anew where it is about this prompt."""
        self._paint_lines()
        bout = self._current
        if self.bouts is not None:
            self.bouts.forget(one.turn for one in heard)
        if bout is not None and any(one.turn in bout.duel.sheet.turns for one in heard):
            self._renew(bout)

    @work(group="renew", exclusive=True, exit_on_error=False)
    async def _renew(self, bout: Bout) -> None:
        bouts = self._walk
        [fresh] = await asyncio.gather(asyncio.to_thread(bouts.renew, bout), return_exceptions=True)
        if isinstance(fresh, BaseException):
            self.app.say(explain(fresh))
        elif bout in bouts.trail:
            bouts.put({bouts.trail.index(bout): fresh})
            if bouts.current is fresh:
                self._show(fresh)

    # Showing

    def _show_next(self, bout: Bout | None) -> None:
        """Show a comparison behind those that were shown, or that there is none."""
        if bout is not None:
            self._walk.show(bout)
            self._show(bout)
        else:
            self._walk.at = len(self._walk.trail)
            self._notice(pair_lines.at_the_end(self._walk))

    def _look_soon(self, bout: Bout) -> None:
        self._look_ahead(bout)

    @work(group="ahead", exclusive=True, exit_on_error=False)
    async def _look_ahead(self, bout: Bout) -> None:
        """Find what follows each answer, so that a key need not wait for it."""
        answers: tuple[Better, ...] = ("first", "second", "tie")
        for better in answers:
            if better not in bout.after:
                look = asyncio.to_thread(self._walk.successor, bout, better)
                [found] = await asyncio.gather(look, return_exceptions=True)
                if isinstance(found, BaseException):
                    return
                bout.after[better] = found
        following = bout.after["first"]
        if following is not None and bout is self._current:
            self.query_one("#left", Pane).prepare(following.left_blocks)
            self.query_one("#right", Pane).prepare(following.right_blocks)

    # Deciding

    def action_prefer(self, answer: Answer) -> None:
        """Record which answer is better, and go on."""
        bout = self._current
        if bout is None or self.has_class("-notice") or self._must_wait(partial(self.action_prefer, answer)):
            return
        from curator.review.preferring import better_of, foresee, prefer

        flow, desk = self._flow, self._flow.desk
        answers: dict[Answer, Better] = {
            "left": better_of(bout.duel, "left"),
            "right": better_of(bout.duel, "right"),
            "tie": "tie",
            "neither": "neither",
        }
        better = answers[answer]
        change = foresee(desk, bout.duel, better)
        self.writing = True
        seconds = round(self.stopwatch.seconds, 1)
        future = flow.write(partial(prefer, desk, bout.duel, better, shown=True, seconds=seconds))
        flow.apply(change)
        self._walk.take(bout, better, change)
        said = pair_lines.decided(self._walk, bout, " · writing")
        self.say(said)
        self._advance(bout, "tie" if better == "neither" else better)
        self._confirm(future, self._walk, bout, change, said)

    def _must_wait(self, run: Callable[[], None]) -> bool:
        """Hold one key back while the act before it is being written; none is for a pair not shown yet."""
        if self._finding:
            self.say(Content.styled("looking for the next pair …", "$warning"))
        elif self.writing and self._waiting is None:
            self._waiting = _Waiting(self._current, run)
            self.say(Content.styled("saving the decision before …", "$warning"))
        return self._finding or self.writing

    def _run_waiting(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None and waiting.bout is self._current:
            waiting.run()

    def _advance(self, bout: Bout, better: Better | None) -> None:
        """Go to the pair that follows, at once where it was found ahead."""
        if self._walk.step(1):
            self._show(self._walk.trail[self._walk.at])
        elif better is not None and better in bout.after and self._is_fresh(bout.after[better]):
            self._show_next(bout.after[better])
        else:
            self._finding = True
            self._find_next(bout, better)

    def _is_fresh(self, bout: Bout | None) -> bool:
        return bout is not None and bout not in self._walk.trail

    @work(group="next", exclusive=True, exit_on_error=False)
    async def _find_next(self, bout: Bout, better: Better | None) -> None:
        bouts = self._walk
        look = asyncio.to_thread(bouts.successor, bout, better)
        [found] = await asyncio.gather(look, return_exceptions=True)
        self._finding = False
        if isinstance(found, BaseException):
            self.app.say(explain(found))
        elif bouts is self.bouts:
            self._show_next(found)

    # Without a description Textual writes the arguments out for one, and changes are long.
    @work(group="write", exit_on_error=False, description="the preference is written")
    async def _confirm(
        self, future: Future[Change], bouts: Bouts, bout: Bout, change: Change, said: Content
    ) -> None:
        [result] = await asyncio.gather(asyncio.wrap_future(future), return_exceptions=True)
        flow = self._flow
        flow.forget(change.turn)
        if isinstance(result, BaseException):
            self.writing = False
            self._not_saved(bouts, bout, change, explain(result))
            return
        flow.settle(result.after)
        [fresh] = await asyncio.gather(asyncio.to_thread(bouts.renew, bout), return_exceptions=True)
        self.writing = False
        if isinstance(fresh, Bout) and bout in bouts.trail:
            bouts.put({bouts.trail.index(bout): fresh})
        if self._said is said:
            self.say(pair_lines.decided(bouts, bout, f" · {key_of(UNDO_PAIRS)} undoes"))
        self._run_waiting()

    def _not_saved(self, bouts: Bouts, bout: Bout, change: Change, problem: Problem) -> None:
        """Take the foreseen change back and return to its pair."""
        self._waiting, self._finding = None, False
        self.workers.cancel_group(self, "next")
        self._flow.take_back(change)
        bouts.take_back(bout, change)
        if bouts is self.bouts:
            bouts.at = bouts.trail.index(bout)
            self._show(bout)
        self.say(Content.assemble(("✗ not saved", "bold $error"), " · the pair is as it was"))
        self.app.say(problem)

    # Undo

    def action_take_back(self, what: str) -> None:
        """Take back the last act, or bring it back."""
        if self.app.flow is None or self.bouts is None:
            return
        if self._must_wait(partial(self.action_take_back, what)):
            return
        self.writing = True
        desk = self._flow.desk
        self._taken_back(what, self._flow.write(desk.undo if what == "undo" else desk.redo))

    @work(group="write", exit_on_error=False)
    async def _taken_back(self, what: str, future: Future[list[Change]]) -> None:
        [changes] = await asyncio.gather(asyncio.wrap_future(future), return_exceptions=True)
        self.writing = False
        if isinstance(changes, BaseException):
            self.app.say(explain(changes))
        elif not changes:
            self.say(Content.styled(f"nothing to {what}", "$muted"))
        else:
            for change in changes:
                self._flow.apply(change)
                self._flow.forget(change.turn)
            await self._show_taken_back(what, changes)
        self._run_waiting()

    async def _show_taken_back(self, what: str, changes: list[Change]) -> None:
        bouts = self._walk
        renew = asyncio.to_thread(bouts.renew_turn, changes[0].turn)
        [renewed] = await asyncio.gather(renew, return_exceptions=True)
        if isinstance(renewed, BaseException):
            self.app.say(explain(renewed))
            return
        moved = [at for at, bout in renewed.items() if bout.better != bouts.trail[at].better]
        bouts.put(renewed)
        if moved:
            bouts.at = moved[-1]
        if (bout := bouts.current) is not None and (moved or not self.has_class("-notice")):
            self._show(bout)
        self._paint_lines()
        word = display_text(act_words(changes, what == "undo"), keep_newlines=False)
        mark = "↶ undone" if what == "undo" else "↷ redone"
        redo = f" · {key_of(REDO_PAIRS)} redoes" if what == "undo" else ""
        where = f": {word} · #{changes[0].turn}{redo}"
        self.say(Content.assemble((mark, "bold $accent"), (where, "$muted")))

    # Looking

    def action_step(self, by: int) -> None:
        """Go along the pairs that were shown, or on to the next prompt."""
        if self.bouts is None:
            return
        bouts, bout = self.bouts, self._current
        if bouts.step(by):
            self._show(bouts.trail[bouts.at])
        elif by > 0 and bout is not None and not self._finding:
            self._finding = True
            self._find_next(bout, None)
        else:
            self.say(Content.styled("no pair there", "$muted"))

    def action_back(self) -> None:
        """Fold the prompt, or go back to where this was opened."""
        if self.has_class("-unfolded"):
            self.action_prompt()
        else:
            self.app.call_later(self.app.action_go, self._came_from)
