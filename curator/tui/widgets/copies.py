"""The fourth section: groups of turns that are alike; all but one of a group can be left out."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from textual import events, work
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from curator.errors import StoppedError
from curator.jobs import QuietProgress
from curator.text import one_line
from curator.tui.blocks import number, styled
from curator.tui.commands.base import key_of
from curator.tui.lines import STATE_MARKS
from curator.tui.problems import explain
from curator.tui.widgets.entry_list import Entry, EntryList
from curator.tui.widgets.job_line import JobLine
from curator.tui.widgets.section import CountedSection

if TYPE_CHECKING:
    from curator.datasets.dedupe import Group, Likeness, Standing
    from curator.datasets.meters import BandState
    from curator.review import Desk
    from curator.store import Change, Store

_AT_ONCE = 20_000
"""Of so many turns the copies are looked for without being asked."""
_MOST = 2_000
"""So many groups are listed; leaving those out brings the others."""
_STATES, _LEFT, _KEEPS, _WIDE = 12, 17, 16, 100
AGAIN = "dataset.look-again"
FURTHER = "dataset.look-further"


class Stands(NamedTuple):
    """How the listed groups stand, and the composition without the copies."""

    groups: Sequence[Standing]
    left: Sequence[BandState]


class Copies(CountedSection["Stands"]):
    """Looks for copies in a thread, when it is first shown or on demand."""

    TITLE = "copies"
    HINTS = {
        "open": "side by side",
        "leave": "leave copies out",
        "leave_all": "of all groups",
        "scope": "rows only, or all",
        "again": "look again",
    }

    def __init__(self, id: str) -> None:
        super().__init__(id)
        self.rows_only = True
        self.found: Likeness | None = None
        self.groups: Sequence[Standing] = ()
        self._left: Sequence[BandState] = ()

    def compose(self) -> ComposeResult:
        """What was found, what goes on, the groups."""
        yield Static(id="copies-about", markup=False)
        yield JobLine("copies-job")
        yield EntryList("groups")

    def shown(self) -> None:
        """Look for copies, the first time; else show how the groups stand now."""
        if self._job.is_busy:
            return
        if self.found is None:
            self._look(is_asked=False)
        else:
            self.read_anew(is_asked=True)

    def on_resize(self, event: events.Resize) -> None:
        """Fill the lines for the new width."""
        if self.app.flow is not None and self.display:
            self._paint()

    def stop(self) -> bool:
        """Stop looking."""
        return self._job.cancel()

    @property
    def _job(self) -> JobLine:
        return self.query_one(JobLine)

    # Looking

    @work(group="copies", exit_on_error=False)
    async def _look(self, is_asked: bool = True) -> None:
        flow, progress = self.flow, self._job.follow()
        self._about(Content())
        most = None if is_asked else _AT_ONCE
        look = asyncio.to_thread(_found, flow.desk.store, self.rows_only, most, progress)
        [found] = await asyncio.gather(look, return_exceptions=True)
        self._job.end()
        if isinstance(found, StoppedError):
            self._about(Content.styled(f"Stopped. {key_of(AGAIN)} looks again.", "$warning"))
        elif isinstance(found, BaseException):
            self.app.say(explain(found))
        elif isinstance(found, int):
            words = f"{number(found)} turns are not compared yet: {key_of(AGAIN)} looks for copies."
            self._about(Content.styled(words, "$warning"))
        else:
            self.found = found
            flow.forget_all()
            self.read_anew(is_asked=True)

    def read(self) -> Stands:
        """Read how the groups stand."""
        from curator.datasets.dedupe import standing, without_copies

        found, desk = self.found, self.flow.desk
        if found is None:
            return Stands((), ())
        groups = sorted(found.groups, key=lambda group: (-len(group.turns), group.turns))[:_MOST]
        left = without_copies(desk.store, self.flow.meters, found, desk.profile) if self.rows_only else ()
        return Stands(standing(desk.store, groups), left)

    def take(self, found: Stands) -> None:
        """Show the groups."""
        self.groups, self._left = found
        self._paint()

    # Drawing

    def _paint(self) -> None:
        entries = self.query_one(EntryList)
        width = entries.scrollable_content_region.width - 1
        if width <= 0 or self.found is None:
            return
        self._about(self._words(self.found))
        entries.show([Entry(f"group:{at}", group_line(one, width)) for at, one in enumerate(self.groups)])
        entries.show_first()

    def _words(self, found: Likeness) -> Content:
        what = "turns that give a row" if self.rows_only else "turns that are not left out"
        where = f"{number(found.looked_at)} {what}"
        further = f" · {key_of(FURTHER)} looks among all turns" if self.rows_only else ""
        if not found.groups:
            rest = (f" among {where}{further}", "$muted")
            return Content.assemble(("✓ no two are alike", "$success"), rest)
        extra = sum(one.extra for one in self.groups)
        more = f" · the {number(_MOST)} largest are listed" if len(found.groups) > _MOST else ""
        count = f"{number(len(found.groups))} group{'s' * (len(found.groups) != 1)}"
        told = ("✓ one of each is left", "$success")
        if extra:
            told = (f"{number(extra)} more than needed", "$warning")
        line = Content.assemble(
            (count, "bold"), (f" among {where}{more} · ", "$muted"), told, (further, "$muted")
        )
        return Content("\n").join(part for part in (line, self._composition(extra)) if part)

    def _composition(self, extra: int) -> Content:
        if not extra or not self._left:
            return Content()
        shares = "   ".join(f"{band.title} {band.share:.0%}" for band in self._left)
        return Content.styled(f"without the copies: {shares}", "$muted")

    def _about(self, content: Content) -> None:
        about = self.query_one("#copies-about", Static)
        about.update(content)
        about.display = bool(content)

    # What the user does

    def do(self, what: str) -> None:
        """Open a group, leave copies out, or look again."""
        if what in ("again", "scope"):
            self._restart(what == "scope")
        elif what == "leave_all":
            self._leave([one for one in self.groups if one.extra])
        else:
            kind, _, at = self.query_one(EntryList).chosen.partition(":")
            if kind == "group" and what == "leave":
                self._leave([self.groups[int(at)]])
            elif kind == "group":
                self._open(self.groups[int(at)])

    def _restart(self, changes_scope: bool) -> None:
        if self._job.is_busy:
            self.say(Content.styled("Copies are being looked for; esc cancels that.", "$warning"))
            return
        self.rows_only ^= changes_scope
        self.found, self.groups = None, ()
        self.query_one(EntryList).show([])
        self._look()

    def _open(self, one: Standing) -> None:
        from curator.tui.screens.group import GroupScreen

        def take(keeps: int | None) -> None:
            if keeps is not None:
                self._leave([one], {one.group.turns[0]: keeps})

        self.app.push_screen(GroupScreen(self.flow, one), take)

    def _leave(self, standing: Sequence[Standing], keep: dict[int, int] | None = None) -> None:
        if not standing:
            self.say(Content.styled("No copy is left in the data.", "$muted"))
            return
        save = partial(_leave_out, self.flow.desk, [one.group for one in standing], keep or {})
        self.post_message(self.Wrote(save, Content.styled("– copies left out", "bold $accent")))


def _found(store: Store, rows_only: bool, most: int | None, progress: QuietProgress) -> Likeness | int:
    """Look for copies, and mark them; where there are more than ``most`` turns, only count those."""
    from curator.datasets.dedupe import NOT_LEFT_OUT, ROWS, alike, mark

    ids = store.turns.ids(ROWS if rows_only else NOT_LEFT_OUT)
    if most is not None and len(ids) > most:
        return len(ids)
    found = alike(store, ids, progress=progress)
    progress.begin("marking copies")
    mark(store, found)
    return found


def _leave_out(desk: Desk, groups: Sequence[Group], keep: dict[int, int]) -> list[Change]:
    """Skip all but one of each group, as they stand by now. Runs in the thread that writes."""
    from curator.datasets.dedupe import copies

    return desk.leave_out(copies(desk.store, groups, keep))


def group_line(one: Standing, width: int) -> Content:
    """Say how many turns are alike, how they stand, which stays, and what was asked."""
    size = f"{len(one.group.turns):>4} "
    word = "equal" if one.group.is_exact else "alike"
    states = list(one.states.values())
    marks = [
        (f"{mark}{states.count(state)} ", f"bold {style}")
        for state, (mark, _, style) in STATE_MARKS.items()
        if state in states
    ]
    stands = Content.assemble(*marks).pad_right(0)
    left = f"{one.extra} to leave out" if one.extra else "✓ one is left"
    keeps = f"keeps #{one.keeps} "
    lead = Content.assemble(
        (size, "bold"), (f"{word}  ", "$muted"), stands, " " * max(0, _STATES - stands.cell_length),
        (left.ljust(_LEFT), "$warning" if one.extra else "$success"),
        (keeps.ljust(_KEEPS) if width >= _WIDE else "", "$muted"),
    )  # fmt: skip
    room = max(8, width - lead.cell_length)
    return lead + styled(one_line(one.request, room) or "(no request)")
