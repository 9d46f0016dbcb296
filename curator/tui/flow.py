"""Where a reviewer is in the queue, what is fetched ahead, and the one thread that writes decisions."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from msgspec.structs import replace

from curator.model import Resolution, TurnState

if TYPE_CHECKING:
    from curator.datasets import Meters
    from curator.profiles import Profile
    from curator.review import Arranged, Card, Desk, Wanted
    from curator.store import Change, Heard, Store, Waiver
    from curator.workspace import Workspace

T = TypeVar("T")

_KEPT_CARDS = 24
_AHEAD = 2


class Opened(NamedTuple):
    """An open workspace: what every screen works on."""

    store: Store
    profile: Profile
    desk: Desk
    meters: Meters
    queue: array[int]
    first: Card | None
    waivers: dict[str, Waiver] = {}
    arranged: Arranged | None = None
    """How the queue is ordered, and why each turn stands where it does."""
    counted_to: int = 0
    """The last decision that the meters have counted."""


def open_workspace(workspace: Workspace, reviewer: str) -> Opened:
    """Open the database and fetch the front of the queue. Slow (imports, migrations): for a worker thread.

    Raises:
        CuratorError: The workspace, its profile or its database cannot be used.
    """
    from curator.review import Desk, arrange, remembered_plan

    desk = Desk(workspace.store, workspace.profile, reviewer)
    counted_to, meters = _counted(workspace)
    plan = remembered_plan(workspace, reviewer)
    arranged = arrange(workspace.store, plan, _wanted(desk, meters), front_only=True)
    queue = arranged.ids
    first = desk.card(queue[0]) if queue else None
    standing = workspace.store.waivers.standing()
    return Opened(
        workspace.store, workspace.profile, desk, meters, queue, first, standing, arranged, counted_to
    )


def _counted(workspace: Workspace) -> tuple[int, Meters]:
    """Count, and return the last decision that was counted; again where somebody decided meanwhile."""
    from curator.datasets import count

    journal = workspace.store.journal
    while True:
        before = journal.last_id()
        meters = count(workspace.store, profile=workspace.profile)
        if journal.last_id() == before:
            return before, meters


def rest_of_queue(opened: Opened) -> array[int]:
    """Return the turns behind the front that was opened with. Takes its time: for a worker thread."""
    from curator.review import arrange

    front, arranged = opened.queue, opened.arranged
    if arranged is None or arranged.is_whole:
        return array("q")
    whole = arrange(opened.store, arranged.plan, _wanted(opened.desk, opened.meters)).ids
    if whole[: len(front)] == front:
        return whole[len(front) :]
    known = set(front)
    return array("q", (turn for turn in whole if turn not in known))


def _wanted(desk: Desk, meters: Meters) -> Wanted:
    from curator.datasets.shortage import lacking
    from curator.review import Wanted

    return Wanted(desk.reviewer, lacking(meters, desk.profile), desk.profile.quality)


class Helped(NamedTuple):
    """What a queue of turns is to help with."""

    gate: str
    """Id of the gate; empty for advice on a band."""
    missing: str
    """What was missing when the turns were looked for."""


class Queue:
    """Turns to go through, and where the reviewer is among them."""

    def __init__(self, ids: Sequence[int], helps: Helped | None = None) -> None:
        self.ids = array("q", ids)
        self.at = 0
        self.settled: dict[int, TurnState] = {}
        """States of the turns that are no longer undecided since this queue was made."""
        self.helps = helps
        self.awaited = 0
        """So many turns follow that are still being read."""


class News(NamedTuple):
    """What the journal has since the last time."""

    newest: int
    heard: list[Heard]
    waivers: dict[str, Waiver]


class Flow:
    """A position in the queue of one sitting. Not a screen: it never touches a widget."""

    def __init__(self, opened: Opened) -> None:
        from curator.datasets.accounts import Accounts

        self.desk = opened.desk
        self._accounts = Accounts(opened.meters)
        self._counted_to = self._seen = opened.counted_to
        self.waivers = opened.waivers
        self.queue = self._whole = Queue(opened.queue)
        if opened.arranged is not None and not opened.arranged.is_whole:
            self._whole.awaited = opened.meters.states.get("undecided", 0) - len(opened.queue)
        self.arranged = opened.arranged
        self.states: dict[int, TurnState] = {}
        """States of the turns that this sitting changed."""
        self.beside: int | None = None
        """A turn of the session that is looked at beside the queue; its place there is kept."""
        self._cards: dict[int, Card] = {}
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="curator-writer")
        if opened.first is not None:
            self.keep(opened.first)

    @property
    def meters(self) -> Meters:
        """The meters with every change that is known."""
        return self._accounts.meters

    @property
    def ids(self) -> array[int]:
        """The turns of the queue that is gone through."""
        return self.queue.ids

    @property
    def total(self) -> int:
        """Number of turns of that queue, with those that are still being read."""
        return len(self.ids) + self.queue.awaited

    @property
    def at(self) -> int:
        """Position in that queue."""
        return self.queue.at

    @at.setter
    def at(self, at: int) -> None:
        self.queue.at = at

    @property
    def turn_id(self) -> int | None:
        """Id of the turn that is looked at; ``None`` for an empty queue."""
        if self.beside is not None:
            return self.beside
        return self.ids[self.at] if self.ids else None

    @property
    def why(self) -> dict[int, str]:
        """Why turns stand where they do, as far as the order of the whole queue put them there."""
        return self.arranged.why if self.arranged and self.queue is self._whole else {}

    def take_rest(self, turns: array[int]) -> None:
        """Put the rest of the queue behind its front; dropped where another order was chosen since."""
        if self._whole.awaited:
            self._whole.ids.extend(turns)
            self._whole.awaited = 0

    def reorder(self, arranged: Arranged) -> None:
        """Take another order of the whole queue and begin at its front."""
        self.arranged = arranged
        self.queue = self._whole = Queue(arranged.ids)
        self.beside = None

    def help(self, ids: Sequence[int], helps: Helped) -> None:
        """Go through the turns that would help; the place in the whole queue is kept."""
        self.queue = Queue(ids, helps)

    def whole_again(self) -> None:
        """Go back to the whole queue, at the place left."""
        self.queue = self._whole

    def cached(self, turn_id: int) -> Card | None:
        """Return the card of a turn if it was fetched."""
        return self._cards.get(turn_id)

    def fetch(self, turn_id: int) -> Card:
        """Return the card of a turn, from the store where need be. For a worker thread."""
        card = self._cards.get(turn_id)
        if card is None:
            card = self.desk.card(turn_id)
            if card.resolution.state == "undecided":
                self.desk.prepare(card)
            self.keep(card)
        return card

    def keep(self, card: Card) -> None:
        """Keep a card; the oldest ones are forgotten."""
        self._cards.pop(card.turn.id, None)
        self._cards[card.turn.id] = card
        while len(self._cards) > _KEPT_CARDS:
            self._cards.pop(next(iter(self._cards)), None)

    def forget(self, turn_id: int) -> None:
        """Drop a card that is no longer true."""
        self._cards.pop(turn_id, None)

    def forget_all(self) -> None:
        """Drop every card: what checks say of many turns has changed."""
        self._cards.clear()

    def settle(self, resolution: Resolution) -> None:
        """Note the state of a turn, in the queue and on its card."""
        self.states[resolution.turn] = resolution.state
        for queue in {self.queue, self._whole}:
            if resolution.state == "undecided":
                queue.settled.pop(resolution.turn, None)
            else:
                queue.settled[resolution.turn] = resolution.state
        card = self._cards.get(resolution.turn)
        if card is not None:
            self._cards[resolution.turn] = replace(card, resolution=resolution)

    def apply(self, change: Change) -> None:
        """Take a change into the meters and the state of its turn."""
        self._accounts.take(change)
        self.settle(change.after)

    def take_back(self, change: Change) -> None:
        """Undo a foreseen change that was not written."""
        self._accounts.take_back(change)
        self.settle(change.before)

    def news(self) -> News:
        """Ask what anybody decided since the last time. For the writer thread, behind what it writes."""
        store = self.desk.store
        return News(*store.journal.since(self._seen, self._counted_to), store.waivers.standing())

    def hear(self, news: News) -> list[Heard]:
        """Take news into meters, waivers, queue and cards; return the turns that others decided on."""
        self._seen, self.waivers = max(self._seen, news.newest), news.waivers
        for one in news.heard:
            self._accounts.hear(one)
        others = [one for one in news.heard if any(act.act not in self.desk.acts for act in one.decisions)]
        for one in others:
            self.settle(one.now)
            self.forget(one.turn)
        return others

    def next_undecided(self, start: int) -> int | None:
        """Return the first undecided position from ``start`` on, wrapping round; ``None`` if none is left."""
        ids, settled = self.ids, self.queue.settled
        for at in chain(range(start, len(ids)), range(min(start, len(ids)))):
            if ids[at] not in settled:
                return at
        return None

    def ahead(self) -> list[int]:
        """Return the ids that are not fetched and soon wanted: the next undecided ones, the neighbours."""
        wanted: list[int] = []
        start = self.at + 1
        for _ in range(_AHEAD):
            at = self.next_undecided(start % len(self.ids)) if self.ids else None
            if at is None:
                break
            wanted.append(self.ids[at])
            start = at + 1
        neighbours = [self.ids[at] for at in (self.at + 1, self.at - 1) if 0 <= at < len(self.ids)]
        card = self._cards.get(self.beside) if self.beside is not None else None
        rows = card.session_turns if card else ()
        places = [at for at, row in enumerate(rows) if row.id == self.beside]
        near = [rows[at + by].id for at in places for by in (1, -1) if 0 <= at + by < len(rows)]
        every = dict.fromkeys(near + wanted + neighbours)
        return [turn_id for turn_id in every if turn_id not in self._cards]

    @property
    def following(self) -> Card | None:
        """The card that the next decision leads to, where it was fetched."""
        at = self.next_undecided(self.at + 1) if self.ids else None
        return None if at is None else self._cards.get(self.ids[at])

    def jump(self, turn_id: int) -> None:
        """Go to a turn; one that is not in this queue is put in before the current one."""
        try:
            self.at = self.ids.index(turn_id)
        except ValueError:
            self.ids.insert(self.at, turn_id)

    def write(self, act: Callable[..., T], *arguments: object) -> Future[T]:
        """Run an act of the desk in the writer thread; the future is done once it is on disk."""
        return self._writer.submit(act, *arguments)

    def close(self) -> None:
        """Wait for what is being written."""
        self._writer.shutdown(wait=True)


def act_words(changes: Sequence[Change], undone: bool) -> str:
    """Say in a few words what an act did: its state, tag, hiding or note; for an undo, what is gone."""
    if len(changes) > 1:
        return f"{len(changes)} turns"
    [change] = changes
    act, rest = (change.before, change.after) if undone else (change.after, change.before)
    if (act.state, act.decision) != (rest.state, rest.decision):
        return act.state
    if act.tags != rest.tags:
        return f"tag {', '.join(sorted(set(act.tags) ^ set(rest.tags)))}"
    if (act.preferences, act.pairs) != (rest.preferences, rest.pairs):
        return "preference"
    return "hiding" if act.redactions != rest.redactions else "note"
