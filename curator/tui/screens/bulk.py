"""Decides on the chosen turns of a list, or on the one under the cursor: each time one act."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from textual import work
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from curator.jobs import QuietProgress
from curator.model import Verdict
from curator.text import display_text, one_line
from curator.tui.blocks import number, styled
from curator.tui.commands import commands
from curator.tui.commands.base import REDO, UNDO, key_of
from curator.tui.flow import Flow, act_words
from curator.tui.lines import spread
from curator.tui.problems import explain
from curator.tui.widgets.turn_list import TurnList

if TYPE_CHECKING:
    from curator.store import Change
    from curator.tui.app import CuratorApp

_TELL_S = 0.2
_WORDS: dict[Verdict, tuple[str, str]] = {
    "correct": ("✓ correct", "$success"),
    "incorrect": ("✗ incorrect", "$error"),
    "skip": ("– skipped", "$muted"),
}

_NEED_WORKSPACE = {command.action.partition("(")[0] for command in commands("Browse")} - {
    "filter",
    "part",
    "back",
}


class BulkScreen(Screen[None]):
    """Writes one act at a time, in the thread that writes every decision."""

    app: CuratorApp

    def __init__(self, classes: str = "") -> None:
        super().__init__(classes=classes)
        self.writing = False
        self.is_whole = True
        """Whether the list has every turn of the query yet; acts on the chosen ones wait for that."""
        self._said = Content()

    @property
    def _flow(self) -> Flow:
        flow = self.app.flow
        assert flow is not None
        return flow

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Let nothing happen that needs the workspace before it is open."""
        return self.app.flow is not None or action not in _NEED_WORKSPACE

    def say(self, content: Content) -> None:
        """Say in the status line what the last key did."""
        self._said = content
        self._paint_status()

    def _paint_status(self) -> None:
        right = styled(self.app.reviewer, "$muted")
        self.query_one("#status", Static).update(spread(self._said, right, self.size.width - 2))

    def _paint(self) -> None:
        """Draw the lines around the list."""
        raise NotImplementedError

    def _renew_facets(self) -> None:
        """Count anew what the list could be narrowed by."""
        raise NotImplementedError

    def _turns(self) -> list[int]:
        turns = self.query_one(TurnList)
        if turns.chosen and not self.is_whole:
            self.say(Content.styled("the turns are still being counted …", "$warning"))
            return []
        if turns.chosen:
            return [turn for turn in turns.ids if turn in turns.chosen]
        return [] if turns.turn_id is None else [turns.turn_id]

    # Choosing

    def action_choose(self) -> None:
        """Choose the turn under the cursor, or do not; go on to the next."""
        turns = self.query_one(TurnList)
        if turns.turn_id is not None:
            turns.choose([*(turns.chosen ^ {turns.turn_id})])
            turns.action_move(1)
            self._paint()

    def action_choose_all(self) -> None:
        """Choose every turn of the list, or none."""
        turns = self.query_one(TurnList)
        if not self.is_whole:
            self.say(Content.styled("the turns are still being counted …", "$warning"))
            return
        turns.choose([] if len(turns.chosen) == len(turns.ids) else turns.ids)
        self._paint()

    # Deciding

    def action_decide(self, verdict: Verdict, reason: str | None = None) -> None:
        """Record one verdict on the chosen turns."""
        desk, turns = self._flow.desk, self._turns()
        progress = QuietProgress()
        if not turns:
            return
        if self.query_one(TurnList).chosen:
            save = partial(desk.decide_all, turns, verdict, reason, progress=progress)
        else:
            save = partial(_singly, partial(desk.verdict, turns[0], verdict, reason))
        word, style = _WORDS[verdict]
        why = f": {reason.replace('_', ' ')}" if reason else ""
        self._write(save, Content.styled(f"{word}{why}", f"bold {style}"), len(turns), progress)

    def action_reject(self) -> None:
        """Ask why, then record the verdict."""
        from curator.review import REASONS
        from curator.tui.screens.question import QuestionScreen
        from curator.tui.screens.reasons import reason_question

        if self._turns():
            self.app.push_screen(QuestionScreen(reason_question(REASONS)), self._rejected)

    def _rejected(self, reason: str | None) -> None:
        if reason is not None:
            self.action_decide("incorrect", reason)

    def action_tag(self) -> None:
        """Ask which tag, then give it to the chosen turns."""
        from curator.tui.screens.question import QuestionScreen
        from curator.tui.screens.tags import choices, tag_question

        turns = self._turns()
        tags = choices(self._flow.desk.profile, ())
        if turns and tags:
            self.app.push_screen(QuestionScreen(tag_question(tags)), partial(self._tag, turns))
        elif turns:
            words = "the profile names no tags · a [tags] table in profile.toml gives them keys"
            self.say(Content.styled(words, "$muted"))

    def _tag(self, turns: list[int], tag: str | None) -> None:
        if tag is None:
            return

        def save() -> list[Change]:
            desk = self._flow.desk
            return desk.tag_all(turns, tag) or desk.tag_all(turns, tag, remove=True)

        self._write(save, Content.styled(f"tag {one_line(tag, 40)}", "bold $secondary"), len(turns))

    def action_take_back(self, what: str) -> None:
        """Take back the last act, or bring it back."""
        desk = self._flow.desk
        mark = "↶ undone" if what == "undo" else "↷ redone"
        save = desk.undo if what == "undo" else desk.redo
        self._write(save, Content.styled(mark, "bold $accent"), 0)

    # Writing

    def _write(
        self,
        save: Callable[[], list[Change]],
        word: Content,
        wanted: int,
        progress: QuietProgress | None = None,
    ) -> None:
        if self.app.flow is None:
            return
        if self.writing:
            self.say(Content.styled("the act before is still being written …", "$warning"))
            return
        self.writing = True
        self._written(save, word, wanted, progress or QuietProgress())

    @work(group="write", exit_on_error=False)
    async def _written(
        self, save: Callable[[], list[Change]], word: Content, wanted: int, progress: QuietProgress
    ) -> None:
        flow, told = self._flow, self.set_interval(_TELL_S, partial(self._tell, word, progress))
        future = flow.write(save)
        [result] = await asyncio.gather(asyncio.wrap_future(future), return_exceptions=True)
        told.stop()
        self.writing = False
        if isinstance(result, BaseException):
            self.say(Content.assemble(("✗ not saved", "bold $error"), " · the turns are as they were"))
            self.app.say(explain(result))
            return
        for change in result:
            flow.apply(change)
            flow.forget(change.turn)
        self._show_written(result, word, wanted)

    def _tell(self, word: Content, progress: QuietProgress) -> None:
        done = f" {number(progress.done)} of {number(progress.total)}" if progress.total else ""
        self.say(Content.assemble(word, (f" · writing{done} …", "$muted")))

    def _show_written(self, changes: list[Change], word: Content, wanted: int) -> None:
        turns = self.query_one(TurnList)
        turns.renew([change.turn for change in changes])
        if wanted and not turns.chosen:
            turns.action_move(1)
        turns.choose(())
        self._paint()
        self._renew_facets()
        self.say(Content.assemble(word, (_outcome(changes, wanted, "undone" in word.plain), "$muted")))


def _singly(save: Callable[[], Change]) -> list[Change]:
    return [save()]


def _outcome(changes: list[Change], wanted: int, undone: bool) -> str:
    if not changes:
        return " · nothing to do" if wanted else " · there was nothing"
    left = wanted - len(changes)
    where = f" · #{changes[0].turn}" if len(changes) == 1 else f" · {number(len(changes))} turns"
    rest = f" · {number(left)} {'was' if left == 1 else 'were'} decided already" if left > 0 else ""
    what = "" if wanted else f": {display_text(act_words(changes, undone), keep_newlines=False)}"
    then = f" · {key_of(REDO)} redoes" if undone else f" · {key_of(UNDO)} undoes"
    return f"{what if len(changes) == 1 else ''}{where}{rest}{then}"
