"""Says again what was said last: on this turn, on the next ones, or on turns with the same defect."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from textual import work
from textual.content import Content

from curator.model import Verdict
from curator.text import one_line
from curator.tui.commands.base import UNDO, key_of
from curator.tui.lines import STATE_MARKS
from curator.tui.marks import TAG_MARK
from curator.tui.problems import explain
from curator.tui.screens.sitting import SittingScreen

if TYPE_CHECKING:
    from curator.review import Card
    from curator.store import Change

_STATE_OF: dict[Verdict, str] = {"correct": "correct", "incorrect": "incorrect", "skip": "skipped"}


class Act(NamedTuple):
    """What can be said again: a verdict with its reason, or a tag."""

    verdict: Verdict | None = None
    reason: str | None = None
    tag: str = ""
    removes: bool = False

    def words(self) -> Content:
        """Write it as the status line does."""
        if self.verdict is None:
            word = f"{TAG_MARK} {'not ' if self.removes else ''}{one_line(self.tag, 30)}"
            return Content.styled(word, "bold $secondary")
        mark, word, style = STATE_MARKS[_STATE_OF[self.verdict]]
        why = f": {self.reason.replace('_', ' ')}" if self.reason else ""
        return Content.styled(f"{mark} {word}{why}", f"bold {style}")


class Many(NamedTuple):
    """One verdict for several turns."""

    turns: tuple[int, ...]
    verdict: Verdict
    reason: str | None = None


class RepeatingScreen(SittingScreen):
    """Remembers the last act of the sitting."""

    def __init__(self) -> None:
        super().__init__()
        self.last: Act | None = None

    def action_decide(self, verdict: Verdict, reason: str | None = None) -> None:
        """Record a verdict on the turn that is shown."""
        raise NotImplementedError

    def _advance(self) -> None:
        """Go on to the next undecided turn."""
        raise NotImplementedError

    def _tag(self, card: Card, tag: str | None) -> None:
        if tag is not None:
            self.last = Act(tag=tag, removes=tag in card.resolution.tags)
        super()._tag(card, tag)

    def action_again(self) -> None:
        """Say the last verdict or tag of this sitting again; with a count, the verdict on so many turns."""
        card, last, count = self.card, self.last, self._take_count() or 1
        if card is None:
            return
        if last is None:
            words = "nothing to say again yet: a verdict or a tag comes first"
            self.say(Content.styled(words, "$muted"))
        elif last.verdict is None:
            self._tag_again(card, last)
        elif count > 1:
            self._decide_many(Many(self._next_undecided(card.turn.id, count), last.verdict, last.reason))
        else:
            self.action_decide(last.verdict, last.reason)

    def _tag_again(self, card: Card, last: Act) -> None:
        if (last.tag in card.resolution.tags) == last.removes:
            super()._tag(card, last.tag)
        else:
            words = "has it already" if not last.removes else "does not have it"
            self.say(Content.assemble(last.words(), (f" · this turn {words}", "$muted")))

    def _next_undecided(self, first: int, count: int) -> tuple[int, ...]:
        """Return this turn and the undecided ones that follow it in the queue."""
        flow = self._flow
        turns = [first]
        for turn in flow.ids[flow.at :]:
            if len(turns) >= count:
                break
            if turn not in flow.queue.settled and turn != first:
                turns.append(turn)
        return tuple(turns)

    # Similar turns

    def action_similar(self) -> None:
        """Show undecided turns with the same defect, and let one verdict hold for the chosen ones."""
        if self.card is None:
            return
        from curator.tui.screens.similar import SimilarScreen

        self.app.push_screen(SimilarScreen(self._flow.desk, self.card, self.last), self._chosen)

    def _chosen(self, many: Many | None) -> None:
        if many is not None:
            self.last = Act(many.verdict, many.reason)
            self._decide_many(many)

    def _decide_many(self, many: Many) -> None:
        """Have one verdict written for several turns as one act; wait first for the one before."""
        if self._must_wait(lambda: self._decide_many(many)):
            return
        self.writing = True
        self.say(Content.styled(f"saving {len(many.turns)} decisions …", "$muted"))
        save = partial(self._flow.desk.decide_all, many.turns, many.verdict, many.reason, self.seconds)
        self._decided_many(self._flow.write(save))

    @work(group="write", exit_on_error=False)
    async def _decided_many(self, future: Future[list[Change]]) -> None:
        [changes] = await asyncio.gather(asyncio.wrap_future(future), return_exceptions=True)
        self.writing = False
        if isinstance(changes, BaseException):
            self.say(Content.assemble(("✗ not saved", "bold $error"), " · the turns are as they were"))
            self.app.say(explain(changes))
        else:
            self._show_many(changes)
        self._run_waiting()

    def _show_many(self, changes: list[Change]) -> None:
        flow = self._flow
        for change in changes:
            flow.apply(change)
            flow.forget(change.turn)
        self._advance()
        if not changes:
            self.say(Content.styled("none of them was undecided any more", "$muted"))
            return
        mark, word, style = STATE_MARKS[changes[0].after.state]
        said = (f"{mark} {len(changes)} turns {word}", f"bold {style}")
        self.say(Content.assemble(said, (f" · one act · {key_of(UNDO)} undoes all of them", "$muted")))
