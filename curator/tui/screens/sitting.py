"""Where a reviewer moves: along the session, by counts, in another order; and how long a turn takes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import events, work
from textual.content import Content

from curator.stopwatch import Stopwatch
from curator.text import one_line
from curator.tui.commands.base import BACK, key_of
from curator.tui.problems import explain
from curator.tui.screens.marking import MarkingScreen

if TYPE_CHECKING:
    from curator.review import Arranged, Card
    from curator.review.ordering import OrderName

_MOST_DIGITS = 7
_TICK_S = 5.0
_SHOWN_FROM_S = 10
_MINUTE = 60


class SittingScreen(MarkingScreen):
    """Counts, session, order and time of a sitting; none of them decides anything."""

    def __init__(self) -> None:
        super().__init__()
        self.stopwatch = Stopwatch()
        self._timed: int | None = None
        """The turn whose time is taken."""
        self._typed = ""
        """Digits typed so far."""
        self._counted = 1
        self._has_count = False

    def on_mount(self) -> None:
        """Show the time that passes."""
        self.set_interval(_TICK_S, self._paint_status)

    def _show(self, card: Card) -> None:
        if card.turn.id != self._timed:
            self._timed = card.turn.id
            self.stopwatch.start()
            self._paint_status()
        super()._show(card)

    def _go(self, at: int) -> None:
        """Show the turn at a position of the queue."""
        raise NotImplementedError

    def _look(self, turn_id: int) -> None:
        """Show a turn beside the queue."""
        raise NotImplementedError

    # Time

    @property
    def seconds(self) -> float:
        """Seconds that this turn took so far."""
        return round(self.stopwatch.seconds, 1)

    def on_screen_suspend(self) -> None:
        """Stop the time while something hides the turn."""
        self.stopwatch.pause()

    def on_screen_resume(self) -> None:
        """Go on with the time."""
        self.paint_tour()
        self.stopwatch.resume()

    def _at_right(self) -> Content:
        count = Content.styled(f"{self._typed}…   ", "bold $accent") if self._typed else Content()
        seconds = int(self.stopwatch.seconds // _TICK_S * _TICK_S)
        if self.card is None or seconds < _SHOWN_FROM_S:
            return count
        taken = f"{seconds} s" if seconds < _MINUTE else f"{seconds // _MINUTE} min {seconds % _MINUTE} s"
        paused = "" if self.stopwatch.is_running else " paused"
        return Content.assemble(count, (f"{taken}{paused}   ", "$muted"))

    # Counts

    def on_key(self, event: events.Key) -> None:
        """Note that somebody is here; a key that is no digit takes the count that was typed."""
        self.stopwatch.touch()
        if self.answered(event):
            return
        if self.app.tour.pressed(event.key):
            self.paint_tour()
        if (event.character or "").isdecimal() and (self._typed or event.character != "0"):
            self._typed = (self._typed + str(event.character))[:_MOST_DIGITS]
        elif event.key != "escape":
            self._has_count = bool(self._typed)
            self._counted, self._typed = int(self._typed or 1), ""
        if self._has_count or self._typed:
            self._paint_status()

    def action_count(self) -> None:
        """Say what the digits are for; they were noted when the key came."""
        again, goes, clears = map(key_of, ("review.say-again", "review.first-undecided", BACK))
        words = f"a count goes before ← → ↑ ↓ and {again} · 20{goes} goes to place 20 · {clears} clears"
        self.say(Content.styled(words, "$muted"))

    def _take_count(self) -> int | None:
        """Return the count that was typed before this key, once; ``None`` where none was."""
        count = self._counted if self._has_count else None
        self._has_count = False
        return count

    def _end_tour(self) -> bool:
        """End the hints for newcomers for good; False where none was shown."""
        if self.app.tour.hint is None:
            return False
        self.app.tour.end()
        self.paint_tour()
        self.say(
            Content.styled(f"no more hints · {key_of('everywhere.take-tour')} shows them again", "$muted")
        )
        return True

    def _clear_count(self) -> bool:
        had, self._typed = bool(self._typed), ""
        if had:
            self.say(Content())
        return had

    # Session

    def action_session(self, by: int) -> None:
        """Look at a neighbour of this turn in its session, decided or not."""
        if self.card is None:
            return
        rows, own = self.card.session_turns, self.card.turn.id
        at = next(place for place, row in enumerate(rows) if row.id == own)
        to = max(0, min(len(rows) - 1, at + by * (self._take_count() or 1)))
        if to == at:
            words = "the session ends here" if by > 0 else "the session starts here"
            self.say(Content.styled(words, "$muted"))
            return
        self._look(rows[to].id)

    def _back_to_queue(self) -> bool:
        """Go back from a turn of the session to the place in the queue; say whether there was one."""
        flow = self.app.flow
        if flow is None or flow.beside is None:
            return False
        self._go(flow.at)
        self.say(Content.styled("back at the place in the queue", "$muted"))
        return True

    # Order

    def action_order(self) -> None:
        """Ask which turns shall come first."""
        flow = self.app.flow
        if flow is None or flow.arranged is None:
            return
        from curator.review import ORDERINGS
        from curator.tui.screens.orders import order_question

        self.ask(order_question(ORDERINGS, flow.arranged), self._ordered)

    def _ordered(self, answer: str | None) -> None:
        if answer is not None:
            from curator.review.ordering import order_name

            self.order_by(order_name(answer))

    def order_by(self, order: OrderName) -> None:
        """Put the queue into another order; the order is kept."""
        self.say(Content.styled("putting the queue in order …", "$muted"))
        self._reorder(order)

    @work(group="order", exclusive=True, exit_on_error=False)
    async def _reorder(self, order: OrderName) -> None:
        arranging = asyncio.to_thread(self._arrange, order)
        [arranged] = await asyncio.gather(arranging, return_exceptions=True)
        if isinstance(arranged, BaseException):
            self.app.say(explain(arranged))
            return
        flow = self._flow
        flow.reorder(arranged)
        self.action_first_undecided()
        self.say(Content.styled(one_line(arranged.sentence, 300), "$accent"))

    def _arrange(self, order: OrderName) -> Arranged:
        """Put the queue in order and remember that, in a worker thread."""
        from curator.datasets.shortage import lacking
        from curator.review import Plan, Wanted, arrange, remember_plan

        flow, desk = self._flow, self._flow.desk
        before = flow.arranged.plan if flow.arranged else Plan()
        # Asked for once more, a sample is drawn anew.
        seed = before.seed + (order == "audit" == before.order)
        wanted = Wanted(desk.reviewer, lacking(flow.meters, desk.profile), desk.profile.quality)
        arranged = arrange(desk.store, Plan(order, seed), wanted)
        remember_plan(self.app.workspace, desk.reviewer, arranged.plan)
        return arranged

    def action_first_undecided(self) -> None:
        """Go to the first undecided turn."""
        raise NotImplementedError
