"""The reviewer's desk: turns come in the order of the queue, decisions go into the journal."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from curator.checks import violations, with_tools
from curator.coverage.facts import row_facts, rules_of
from curator.errors import DecisionError
from curator.exporters.rows import pair_row, sft_row
from curator.exporters.trl import dpo_line, sft_line
from curator.jobs import Progress, QuietProgress
from curator.model import Candidate, Correction, Decision, Finding, Redaction, Resolution, Turn, Verdict
from curator.profiles import Profile
from curator.review.answering import traced
from curator.review.reasons import reason as known_reason
from curator.store import (
    Change,
    Facts,
    Filter,
    RowRules,
    SessionInfo,
    Store,
    TurnRow,
    new_act,
    now,
    resolve,
)

SystemPrompt = Literal["first", "same", "changed"]
UNDECIDED = Filter(states=frozenset({"undecided"}))
NEIGHBOURS = 60
"""So many turns of a session are fetched before and after the one that is shown."""


class Card(Struct, frozen=True):
    """Everything that a screen shows of one turn."""

    turn: Turn
    findings: tuple[Finding, ...]
    resolution: Resolution
    session: SessionInfo
    session_turns: tuple[TurnRow, ...]
    """The turn and its neighbours in the session; all of them where they are few."""
    system: SystemPrompt = "first"
    """How the first message of the prompt stands to that of the turn before in the session."""
    correction: Correction | None = None
    """The standing correction, where there is one."""
    reason: str | None = None
    """The standing error class of an ``incorrect`` verdict."""
    history: tuple[Decision, ...] = ()
    """Everything ever decided on it, oldest first."""
    facts: Facts = ()
    """What its row shows, where it gives one."""


_KNOWN = 32
"""So many turns are prepared at most."""


class Preview(Struct, frozen=True):
    """What saving a correction would create."""

    sft: dict[str, Any] | None
    pair: dict[str, Any] | None
    violations: tuple[str, ...]
    changed: bool


class Desk:
    """One reviewer at work on one store under one profile."""

    def __init__(self, store: Store, profile: Profile, reviewer: str) -> None:
        self.store = store
        self.profile = profile
        self.reviewer = reviewer
        self._rules = rules_of(profile)
        self.acts: set[str] = set()
        """The acts of this process, to be told from those of others."""
        self._foreseen: dict[int, tuple[Decision, Facts]] = {}
        """What rows would show, as it was just told to a screen: not to be found twice for one key."""
        self._known: dict[int, tuple[Turn, Facts]] = {}
        """What the rows of turns would show as they are, found ahead of the key."""

    def queue(self, filter: Filter | None = None) -> array[int]:
        """Return the undecided turns that the filter takes: most suspicious first, then log order."""
        return self.store.turns.ids(UNDECIDED & (filter or Filter()), order="queue")

    def card(self, turn_id: int) -> Card:
        """Fetch everything that is shown of a turn."""
        turns, journal = self.store.turns, self.store.journal
        resolution = journal.resolution(turn_id)
        standing = journal.decision(resolution.decision) if resolution.decision else None
        turn, session = turns.get(turn_id), turns.session(turn_id)
        neighbours = self._neighbours(turn_id, session)
        return Card(
            turn=with_tools(turn, self.profile),
            findings=turns.findings(turn_id),
            resolution=resolution,
            session=session,
            session_turns=neighbours,
            system=self._system(turn, neighbours),
            correction=standing.correction if standing else None,
            reason=standing.reason if standing else None,
            history=tuple(journal.history(turn_id)),
            facts=self.store.facts.of(resolution.decision),
        )

    def _neighbours(self, turn_id: int, session: SessionInfo) -> tuple[TurnRow, ...]:
        if session.turns <= 2 * NEIGHBOURS:
            return tuple(self.store.turns.session_turns(turn_id))
        return self.store.outlines.session_around(turn_id, NEIGHBOURS)

    def _system(self, turn: Turn, neighbours: tuple[TurnRow, ...]) -> SystemPrompt:
        at = next(position for position, row in enumerate(neighbours) if row.id == turn.id)
        if not at or not turn.prompt or turn.prompt[0].role != "system":
            return "first"
        return "same" if self.store.outlines.begin_alike(turn.id, neighbours[at - 1].id) else "changed"

    def prepare(self, card: Card) -> None:
        """Find ahead what the row of a turn would show if it were correct. Slow for a long turn."""
        as_it_is = self._decision(card.turn.id, "correct")
        self._known[card.turn.id] = card.turn, row_facts(card.turn, as_it_is, self.profile)
        while len(self._known) > _KNOWN:
            self._known.pop(next(iter(self._known)), None)

    def foresee(
        self,
        card: Card,
        verdict: Verdict | None = None,
        reason: str | None = None,
        correction: Correction | None = None,
    ) -> Change:
        """Say what a decision will change, without touching the store."""
        decision = self._decision(card.turn.id, verdict, reason, correction)
        turn = card.turn
        after = resolve(turn.id, turn.tier, turn.output, [*card.history, decision], turn.raw)
        known, facts = self._known.get(turn.id, (None, ()))
        if known is not turn or decision.verdict != "correct":
            facts = row_facts(turn, decision, self.profile)
        self._foreseen = {turn.id: (decision, facts)}
        return Change(turn.id, card.resolution, after, decision.act, decision.kind, card.facts, facts)

    def verdict(
        self, turn_id: int, verdict: Verdict, reason: str | None = None, seconds: float | None = None
    ) -> Change:
        """Record a verdict; it is on disk on return.

        Raises:
            DecisionError: The turn is not there, or the reason is not one of ``REASONS``.
        """
        if reason is not None:
            known_reason(reason)
        return self._append(replace(self._decision(turn_id, verdict, reason), seconds=seconds))

    def correct(
        self,
        turn_id: int,
        correction: Correction,
        allow_violations: bool = False,
        seconds: float | None = None,
    ) -> Change:
        """Record what the turn should have been; it is on disk on return.

        Raises:
            DecisionError: It breaks a tool's schema and ``allow_violations`` is false, or the profile forbids
                or requires thinking and it does not comply, or it is empty.
            CuratorError: It claims to be made of an answer that is not there.
        """
        turn = with_tools(self.store.turns.get(turn_id), self.profile)
        broken = self.violations(turn, correction)
        if broken and not allow_violations:
            raise DecisionError("; ".join(broken) + ".")
        marked = replace(traced(self.store, self.profile, turn, correction), violations=broken)
        return self._append(replace(self._decision(turn_id, correction=marked), seconds=seconds))

    def tag(self, turn_id: int, tag: str, *, remove: bool = False) -> Change:
        """Give a turn a tag, or take it away.

        Raises:
            DecisionError: The turn is not there, or the tag is empty.
        """
        if not tag.strip():
            raise DecisionError("A tag needs a name.")
        return self._append(replace(self._decision(turn_id), kind="tag", tag=tag.strip(), removes=remove))

    def note(self, turn_id: int, text: str, rating: int | None = None) -> Change:
        """Write a note on a turn, with a rating from 1 (bad) to 5 (good) or without.

        Raises:
            DecisionError: The turn is not there, or the rating is out of its range.
        """
        if rating is not None and not 1 <= rating <= 5:
            raise DecisionError(f"A rating is a number from 1 to 5, not {rating}.")
        return self._append(replace(self._decision(turn_id), kind="note", note=text, rating=rating))

    def redact(self, turn_id: int, redactions: tuple[Redaction, ...]) -> Change:
        """Say which texts no row of this turn may hold; an empty tuple says that nothing has to be hidden.

        Raises:
            DecisionError: The turn is not there, or a text to hide is empty.
        """
        if any(not one.text for one in redactions):
            raise DecisionError("An empty text cannot be hidden.")
        return self._append(replace(self._decision(turn_id), kind="redaction", redactions=redactions))

    def violations(self, turn: Turn, correction: Correction) -> tuple[str, ...]:
        """Say in plain words what is wrong with a correction; empty when nothing is."""
        found = [v for call in correction.tool_calls for v in violations(call, turn.tools)]
        if not correction.tool_calls and not (correction.content or "").strip():
            found.append("there is neither a call nor a text")
        thinks = bool((correction.thinking or "").strip())
        if self.profile.thinking == "required" and not thinks:
            found.append("the profile requires thinking")
        if self.profile.thinking == "forbidden" and thinks:
            found.append("the profile forbids thinking")
        return tuple(found)

    def decide_all(
        self,
        turn_ids: Iterable[int],
        verdict: Verdict,
        reason: str | None = None,
        seconds: float | None = None,
        progress: Progress | None = None,
    ) -> list[Change]:
        """Record one verdict on those of the turns that are undecided, in one act that ``undo`` takes back.

        Raises:
            DecisionError: A turn is not there, or the reason is not one of ``REASONS``.
                Nothing is recorded then.
        """
        if reason is not None:
            known_reason(reason)
        journal, progress = self.store.journal, progress or QuietProgress()
        states = journal.resolutions(list(turn_ids))
        decision = replace(self._decision(0, verdict, reason), seconds=seconds)
        decisions = [replace(decision, turn=turn) for turn, one in states.items() if one.state == "undecided"]
        progress.begin("rows", len(decisions))
        # Only a row that is trained on shows anything.
        facts: list[Facts] = (
            [()] * len(decisions) if verdict != "correct" else self._all_facts(decisions, progress)
        )
        return self._own(journal.append(decisions, RowRules(self._rules, facts)))

    def leave_out(self, turn_ids: Iterable[int], progress: Progress | None = None) -> list[Change]:
        """Skip turns whatever was decided on them, in one act; those that are skipped already are left alone.

        Raises:
            DecisionError: A turn is not there. Nothing is recorded then.
        """
        progress = progress or QuietProgress()
        states = self.store.journal.resolutions(list(turn_ids))
        decision = self._decision(0, "skip")
        decisions = [replace(decision, turn=turn) for turn, one in states.items() if one.state != "skipped"]
        progress.begin("decisions", len(decisions))
        nothing: list[Facts] = [() for _ in decisions]
        return self._own(self.store.journal.append(decisions, RowRules(self._rules, nothing)))

    def tag_all(self, turn_ids: Iterable[int], tag: str, *, remove: bool = False) -> list[Change]:
        """Give turns a tag, or take it away, in one act; those that have it already are left alone.

        Raises:
            DecisionError: A turn is not there, or the tag is empty.
        """
        if not tag.strip():
            raise DecisionError("A tag needs a name.")
        decision = replace(self._decision(0), kind="tag", tag=tag.strip(), removes=remove)
        states = self.store.journal.resolutions(list(turn_ids))
        wanted = [turn for turn, one in states.items() if (tag.strip() in one.tags) is remove]
        return self._own(self.store.journal.append([replace(decision, turn=turn) for turn in wanted]))

    def undo(self) -> list[Change]:
        """Take back this reviewer's last act; an empty list when nothing is left."""
        return self._own(self.store.journal.undo(self.reviewer))

    def redo(self) -> list[Change]:
        """Bring back what was undone last; an empty list when there is nothing."""
        return self._own(self.store.journal.redo(self.reviewer))

    def preview(self, turn: Turn, correction: Correction, hidden: tuple[Redaction, ...] = ()) -> Preview:
        """Say what saving this correction would create; its rows do not hold the hidden texts."""
        decision = self._decision(turn.id, correction=correction)
        sft = sft_row(turn, decision, self.profile, hidden)
        pair = pair_row(turn, decision, self.profile, hidden)
        return Preview(
            sft=sft_line(sft) if sft else None,
            pair=dpo_line(pair) if pair else None,
            violations=self.violations(turn, correction),
            changed=pair is not None,
        )

    def record(self, decision: Decision, candidates: Sequence[Candidate] = ()) -> Change:
        """Write a decision that gives no SFT row, with the candidates that it compares.

        Raises:
            DecisionError: The turn is not there.
        """
        return self._own(self.store.journal.append([decision], candidates=candidates))[0]

    def _append(self, decision: Decision) -> Change:
        """Write one decision with what its row shows; it is on disk on return."""
        facts: Facts = ()
        if decision.kind in ("verdict", "correction"):
            facts = self._facts(decision)
        return self._own(self.store.journal.append([decision], RowRules(self._rules, [facts])))[0]

    def _own(self, changes: list[Change]) -> list[Change]:
        self.acts.update(change.act for change in changes)
        return changes

    def _facts(self, decision: Decision) -> Facts:
        foreseen, facts = self._foreseen.get(decision.turn, (None, ()))
        if foreseen and foreseen.verdict == decision.verdict and _same(foreseen, decision):
            return facts
        return row_facts(self.store.turns.get(decision.turn), decision, self.profile)

    def _all_facts(self, decisions: Sequence[Decision], progress: Progress) -> list[Facts]:
        asked = {one.turn: one for one in decisions}
        found: dict[int, Facts] = {}
        # In the order of the log neighbours share their history, and much is found once.
        for turn in self.store.turns.each(sorted(asked)):
            found[turn.id] = row_facts(turn, asked[turn.id], self.profile)
            progress.advance()
        return [found[one.turn] for one in decisions]

    def _decision(
        self,
        turn_id: int,
        verdict: Verdict | None = None,
        reason: str | None = None,
        correction: Correction | None = None,
    ) -> Decision:
        return Decision(
            turn=turn_id,
            kind="verdict" if correction is None else "correction",
            reviewer=self.reviewer,
            at=now(),
            act=new_act(),
            verdict=verdict,
            reason=reason,
            correction=correction,
        )


def _same(foreseen: Decision, decision: Decision) -> bool:
    """Return whether two decisions give the same row; violations and origin are no part of it."""
    mine, given = foreseen.correction, decision.correction
    if mine is None or given is None:
        return mine is given
    return replace(mine, violations=(), taken=None) == replace(given, violations=(), taken=None)
