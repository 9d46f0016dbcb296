"""The review screen: one turn, one decision, the next turn in the same frame."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING

from textual import work
from textual.content import Content
from textual.worker import Worker, WorkerState

from curator.model import Verdict
from curator.text import display_text
from curator.tui import notices
from curator.tui.commands import bindings
from curator.tui.commands.base import BACK, REDO, UNDO, key_of
from curator.tui.flow import Flow, Helped, act_words
from curator.tui.lines import STATE_MARKS
from curator.tui.problems import Problem, explain
from curator.tui.screens.editing import EditingScreen
from curator.tui.screens.repeating import Act, RepeatingScreen
from curator.tui.watching import heard_words

if TYPE_CHECKING:
    from curator.review import Card
    from curator.store import Change, Heard
    from curator.tui.screens.missing import Found


class ReviewScreen(RepeatingScreen, EditingScreen):
    """Decides turn by turn: foresees what a key does, paints it, has it written."""

    AREA = "Review"
    BINDINGS = bindings("Review") + bindings("Search in a turn")

    def on_mount(self) -> None:
        """Wait for the workspace."""
        if not self.app.is_opening and self.app.flow is None:
            self._notice(notices.nothing_ingested())
        self.watch(self.app, "flow", self._opened)
        self.watch(self.app, "problem", self._failed)
        self.watch(self.app, "heard", self._hear, init=False)
        self.watch(self.app, "training", self._paint_status, init=False)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say what a worker died of; nothing of it may pass in silence."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self.app.say(explain(event.worker.error))

    # What is shown

    def _opened(self, flow: Flow | None) -> None:
        if flow is None:
            return
        if flow.turn_id is None:
            self._finish()
        else:
            self._go(flow.at)
            if self.app.tour.hint is None:
                self.say(notices.first_hint(self.app.demo))
        self._paint_lines()

    def _hear(self, heard: tuple[Heard, ...]) -> None:
        """Show what others decided: the meters, and the turn anew where it is this one."""
        self._paint_lines()
        if not heard:
            return
        shown = self.card.turn.id if self.card else None
        if shown is not None and any(one.turn == shown for one in heard):
            self._fetch(shown)
        self.say(heard_words(heard, shown))

    def _failed(self, problem: Problem | None) -> None:
        if problem is not None:
            self._notice(notices.failed(problem))

    def _finish(self) -> None:
        flow = self.app.flow
        if flow is not None:
            self._notice(notices.at_the_end(flow))

    def _go(self, at: int) -> None:
        """Show the turn at a position of the queue, at once when it was fetched ahead."""
        flow = self._flow
        flow.at, flow.beside = at, None
        card = flow.cached(flow.ids[at])
        if card is None:
            self.card = None
            self._fetch(flow.ids[at])
        else:
            self._show(card)
        # Threads that compete for the interpreter start once the new turn is painted.
        self.call_after_refresh(self._fetch_ahead)

    def look_at(self, turn_id: int) -> None:
        """Show a turn that was chosen elsewhere; escape goes back to the queue."""
        if self.app.flow is not None:
            self._look(turn_id)

    def _look(self, turn_id: int) -> None:
        """Show a turn of the session beside the queue; the place in the queue is kept."""
        flow = self._flow
        flow.beside = None if flow.ids and flow.ids[flow.at] == turn_id else turn_id
        card = flow.cached(turn_id)
        if card is None:
            self._fetch(turn_id)
        else:
            self._show(card)
        self.call_after_refresh(self._fetch_ahead)

    # Fetching

    @work(group="fetch", exit_on_error=False)
    async def _fetch(self, turn_id: int) -> None:
        [card] = await asyncio.gather(asyncio.to_thread(self._flow.fetch, turn_id), return_exceptions=True)
        if isinstance(card, BaseException):
            self._notice(notices.failed(explain(card)))
        elif self._flow.turn_id == turn_id:
            self._show(card)
            self._fetch_ahead()

    @work(group="ahead", exclusive=True, exit_on_error=False)
    async def _fetch_ahead(self) -> None:
        for turn_id in self._flow.ahead():
            await asyncio.gather(asyncio.to_thread(self._flow.fetch, turn_id), return_exceptions=True)
        following = self._flow.following
        if following is not None:
            self._prepare(following)

    # Deciding

    def action_decide(self, verdict: Verdict, reason: str | None = None) -> None:
        """Record a verdict on the turn that is shown."""
        if self.card is None:
            return
        desk = self._flow.desk
        self.last = Act(verdict, reason)
        decide = partial(desk.verdict, self.card.turn.id, verdict, reason, self.seconds)
        self._decide(self.card, desk.foresee(self.card, verdict, reason), decide)

    def action_reject(self) -> None:
        """Ask why, then record the verdict."""
        if self.card is None:
            return
        from curator.review import REASONS
        from curator.tui.screens.reasons import reason_question

        self.ask(reason_question(REASONS), self._rejected)

    def _rejected(self, reason: str | None) -> None:
        if reason is not None:
            self.action_decide("incorrect", reason)

    def _decide(self, card: Card, change: Change, save: Callable[[], Change]) -> None:
        """Take the decision into the meters, go on, and write it; wait first for the one before."""
        if self._must_wait(lambda: self._decide(card, change, save)):
            return
        flow = self._flow
        self.writing = True
        future = flow.write(save)
        flow.apply(change)
        self.say(_decided(change, " · writing"))
        self._advance()
        self._confirm(future, change, self._said)

    def _advance(self) -> None:
        flow = self._flow
        at = flow.next_undecided(flow.at + (flow.beside is None))
        if at is None:
            self._finish()
        else:
            self._go(at)

    # Without a description Textual writes the arguments out for one, and changes are long.
    @work(group="write", exit_on_error=False, description="the decision is written")
    async def _confirm(self, future: Future[Change], change: Change, said: Content) -> None:
        [result] = await asyncio.gather(asyncio.wrap_future(future), return_exceptions=True)
        self.writing = False
        flow = self._flow
        flow.forget(change.turn)
        if isinstance(result, BaseException):
            self._not_saved(change, explain(result))
            return
        flow.settle(result.after)
        # The way back is shown once there is something on disk to go back from.
        if self._said is said:
            self.say(_decided(change, f" · {key_of(UNDO)} undoes"))
        self._run_waiting()

    def _not_saved(self, change: Change, problem: Problem) -> None:
        """Take the foreseen change back and return to its turn."""
        self._waiting = None
        flow = self._flow
        flow.take_back(change)
        flow.jump(change.turn)
        self._go(flow.at)
        self.say(Content.assemble(("✗ not saved", "bold $error"), " · the turn is as it was"))
        self.app.say(problem)

    # Undo

    def action_undo(self) -> None:
        """Take back the last decision."""
        self._take_back("undo")

    def action_redo(self) -> None:
        """Bring back what was undone last."""
        self._take_back("redo")

    def _take_back(self, what: str) -> None:
        if self.app.flow is None or self._must_wait(lambda: self._take_back(what)):
            return
        desk = self._flow.desk
        self.writing = True
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
            self._show_taken_back(what, changes)
        self._run_waiting()

    def _show_taken_back(self, what: str, changes: list[Change]) -> None:
        flow = self._flow
        for change in changes:
            flow.apply(change)
            flow.forget(change.turn)
        flow.jump(changes[0].turn)
        self._go(flow.at)
        word = display_text(act_words(changes, what == "undo"), keep_newlines=False)
        mark = "↶ undone" if what == "undo" else "↷ redone"
        where = f": {word} · #{changes[0].turn}" + (f" · {key_of(REDO)} redoes" if what == "undo" else "")
        self.say(Content.assemble((mark, "bold $accent"), (where, "$muted")))

    # What would help

    def action_missing(self) -> None:
        """Show what is missing; from the turns that would help, go back to the whole queue."""
        flow = self.app.flow
        if flow is None:
            return
        if flow.queue.helps is not None:
            self.action_whole_queue()
            return
        from curator.tui.screens.missing import MissingScreen

        self.app.push_screen(MissingScreen(flow), self._help)

    def _help(self, found: Found | None) -> None:
        if found is not None:
            self.help_with(found.turns, found.helps)

    def help_with(self, turns: Sequence[int], helps: Helped) -> None:
        """Go through turns that would help; esc goes back to the whole queue."""
        flow = self._flow
        flow.help(turns, helps)
        self._go(0)
        self.say(
            Content.assemble(
                ("turns that would help", "bold $accent"), (f" · {key_of(BACK)} goes back", "$muted")
            )
        )

    def action_back(self) -> None:
        """End the search, clear the count, leave the session or go back to the whole queue: one of them."""
        if not (self._clear_count() or self.end_search() or self._back_to_queue() or self._end_tour()):
            self.action_whole_queue()

    def action_whole_queue(self) -> None:
        """Go back to the whole queue, at the place left."""
        flow = self.app.flow
        if flow is None or flow.queue.helps is None:
            return
        flow.whole_again()
        at = flow.next_undecided(flow.at)
        if at is None:
            self._finish()
        else:
            self._go(at)
        self.say(Content.styled("the whole queue again, at the place left", "$muted"))

    # Looking

    def action_step(self, by: int) -> None:
        """Look at a neighbour in the queue."""
        flow = self.app.flow
        if flow is None or not flow.ids:
            return
        finished = self.card is None and self.has_class("-notice")
        count = self._take_count()
        at = len(flow.ids) - 1 if finished and by < 0 else flow.at + by * (count or 1)
        if count is not None:
            at = max(0, min(len(flow.ids) - 1, at))
        if 0 <= at < len(flow.ids):
            self._go(at)
        else:
            self.say(Content.styled("the queue ends here" if by > 0 else "the queue starts here", "$muted"))

    def action_first_undecided(self) -> None:
        """Go to the first undecided turn, or to the place in the queue that was typed before."""
        count = self._take_count()
        if count is not None and self._flow.ids:
            self._go(min(count, len(self._flow.ids)) - 1)
            return
        at = self._flow.next_undecided(0) if self.app.flow else None
        if at is None:
            self._finish()
        else:
            self._go(at)


def _decided(change: Change, then: str) -> Content:
    mark, word, style = STATE_MARKS[change.after.state]
    return Content.assemble((f"{mark} {word}", f"bold {style}"), (f" · #{change.turn}{then}", "$muted"))
