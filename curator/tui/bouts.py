"""The comparisons of one sitting: what is shown, what was shown before, what comes next. No widget."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from curator.model import Better
from curator.tui.paragraphs import Block

if TYPE_CHECKING:
    from curator.review import Desk
    from curator.review.candidates import Contender, Duel, Sheet
    from curator.store import Change


class Creates(NamedTuple):
    """How many pairs more there will be after each answer."""

    left: int
    right: int
    none: int


class Bout:
    """One comparison as a screen shows it; everything that takes time was done when it was made."""

    def __init__(self, desk: Desk, duel: Duel) -> None:
        from curator.review.preferring import better_of
        from curator.tui.pair_blocks import side_blocks

        self.duel = duel
        left, right = self.sides
        self.left_blocks: list[Block] = side_blocks(left.candidate, right.candidate)
        self.right_blocks: list[Block] = side_blocks(right.candidate, left.candidate)
        self.creates = Creates(
            _gives(desk, duel, better_of(duel, "left")),
            _gives(desk, duel, better_of(duel, "right")),
            _gives(desk, duel, "tie"),
        )
        self.better: Better | None = None
        """What stands, once it was decided; where the candidates come from may then be shown."""
        self.after: dict[Better, Bout | None] = {}
        """What comes next after each answer, as far as it was looked for."""

    @property
    def sides(self) -> tuple[Contender, Contender]:
        """The candidates at the left and at the right."""
        one, other = self.duel.first, self.duel.second
        return (one, other) if self.duel.left == "first" else (other, one)

    @property
    def prompt(self) -> int:
        """The first turn with its prompt."""
        return self.duel.sheet.turns[0]

    def decided(self, better: Better, change: Change) -> None:
        """Take a decision in: what follows of the same turn knows of it."""
        self.better = better
        self.duel = replace(self.duel, resolution=change.after)
        following = self.after.get(better)
        if following is not None and following.duel.turn.id == change.turn:
            following.duel = replace(following.duel, resolution=change.after)


def _gives(desk: Desk, duel: Duel, better: Better) -> int:
    """Return how many pairs more there will be after a decision."""
    from curator.review.preferring import foresee, gives_row

    if better in ("first", "second") and not gives_row(desk, duel, better):
        return 0
    return foresee(desk, duel, better).after.pairs - duel.resolution.pairs


class Bouts:
    """A walk through the prompts with comparisons left."""

    def __init__(self, desk: Desk, turn_id: int | None = None) -> None:
        self._desk = desk
        self._wanted = turn_id
        self._prompts: list[int] = []
        self.trail: list[Bout] = []
        """What was shown, in order."""
        self._found: dict[int, Bout] = {}
        """The first comparison of prompts that were looked at ahead."""
        self.at = -1
        """The place in the trail that is shown; -1 for nothing."""
        self.left: dict[int, int] = {}
        """Comparisons left by prompt, as far as they were counted."""
        self.is_counted = False
        self.answers = 0
        """Differing answers to the prompt of the turn that was asked for."""

    @property
    def has_answers(self) -> bool:
        """Whether a prompt may have several answers."""
        return bool(self._prompts) and (self.answers != 1 or len(self._prompts) > 1)

    @property
    def current(self) -> Bout | None:
        """The comparison that is shown."""
        return self.trail[self.at] if 0 <= self.at < len(self.trail) else None

    def show(self, bout: Bout) -> None:
        """Put a comparison behind those that were shown, and go there."""
        self.trail.append(bout)
        self.at = len(self.trail) - 1
        self._found.pop(bout.prompt, None)

    def step(self, by: int) -> bool:
        """Go along what was shown; False at its ends."""
        if not 0 <= self.at + by < len(self.trail):
            return False
        self.at += by
        return True

    def take(self, bout: Bout, better: Better, change: Change) -> None:
        """Count a decision before it is written."""
        if bout.better is None and self.left.get(bout.prompt):
            self.left[bout.prompt] -= 1
        bout.decided(better, change)

    def take_back(self, bout: Bout, change: Change) -> None:
        """Uncount a decision that was not written."""
        self.left[bout.prompt] = self.left.get(bout.prompt, 0) + 1
        bout.better = None
        bout.duel = replace(bout.duel, resolution=change.before)

    def put(self, renewed: dict[int, Bout]) -> None:
        """Take comparisons in as the journal has them now, by their places in the trail."""
        for at, bout in renewed.items():
            self.trail[at] = bout

    # What takes time: for a worker thread

    def begin(self) -> Bout | None:
        """Find the first comparison: of the turn that was asked for where it has one."""
        from curator.review.candidates import waiting

        prompts = waiting(self._desk.store)
        if self._wanted is not None:
            sheet = self._sheet(self._wanted)
            self.answers = len(sheet.contenders)
            prompts = [sheet.turns[0], *(one for one in prompts if one != sheet.turns[0])]
        self._prompts = prompts
        return self._first_of(prompts)

    def successor(self, bout: Bout, better: Better | None) -> Bout | None:
        """Find what comes after an answer, or after none: of the same prompt, else of the next one."""
        if better is not None:
            from curator.review.preferring import decision_of

            decision = decision_of(self._desk, bout.duel, better, shown=True)
            following = self._bout(bout.duel.sheet.with_decision(decision))
            if following is not None:
                history = (*bout.duel.history, decision)
                if following.duel.turn.id == bout.duel.turn.id:
                    following.duel = replace(following.duel, history=history)
                return following
        at = self._prompts.index(bout.prompt) if bout.prompt in self._prompts else -1
        seen = {one.prompt for one in self.trail if one.better is None}
        rest = [*self._prompts[at + 1 :], *self._prompts[: max(at, 0)]]
        return self._first_of([one for one in rest if one not in seen])

    def renew_turn(self, turn_id: int) -> dict[int, Bout]:
        """Return what was shown of a turn's prompt, by place, as the journal has it now."""
        return {
            at: self.renew(bout) for at, bout in enumerate(self.trail) if turn_id in bout.duel.sheet.turns
        }

    def renew(self, bout: Bout) -> Bout:
        """Return the same comparison with what the journal has of it now."""
        from curator.review.candidates import duel

        desk, old = self._desk, bout.duel
        sheet = self._sheet(old.turn.id)
        fresh = Bout(desk, duel(desk.store, sheet, old.first, old.second, desk.profile, desk.reviewer))
        preference = sheet.standing(old.first, old.second)
        if preference is not None:
            is_same = preference.first.said == old.first.weighed.said
            turned: dict[Better, Better] = {"first": "second", "second": "first"}
            fresh.better = preference.better if is_same else turned.get(preference.better, preference.better)
        return fresh

    def count(self, is_cancelled: Callable[[], bool]) -> None:
        """Count the comparisons that are left, prompt by prompt."""
        for turn_id in self._prompts:
            if is_cancelled():
                return
            if turn_id not in self.left:
                self.left[turn_id] = self._sheet(turn_id).left
        self.is_counted = True

    def _first_of(self, prompts: list[int]) -> Bout | None:
        for turn_id in prompts:
            if self.left.get(turn_id) == 0:
                continue
            bout = self._found.get(turn_id) or self._bout(self._sheet(turn_id))
            if bout is not None:
                self._found[turn_id] = bout
                return bout
        return None

    def forget(self, turn_ids: Iterable[int]) -> None:
        """Drop what was looked at ahead of prompts on which somebody decided."""
        gone = set(turn_ids)
        for prompt, bout in list(self._found.items()):
            if gone & set(bout.duel.sheet.turns):
                del self._found[prompt]
                self.left.pop(prompt, None)

    def _sheet(self, turn_id: int) -> Sheet:
        from curator.review.candidates import sheet_of

        sheet = sheet_of(self._desk.store, turn_id, self._desk.profile)
        self.left[sheet.turns[0]] = sheet.left
        return sheet

    def _bout(self, sheet: Sheet) -> Bout | None:
        from curator.review.candidates import next_duel

        desk = self._desk
        found = next_duel(desk.store, sheet, desk.profile, desk.reviewer)
        return Bout(desk, found) if found is not None else None
