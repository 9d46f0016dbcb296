"""The plan that reasoning ends up with: what is due now, what comes later, what is ruled out."""

from __future__ import annotations

from dataclasses import dataclass, field

from msgspec.structs import replace

from curator.checks.support.stances import Mark
from curator.model import Span


@dataclass
class Plan:
    """What reasoning settles on; ``due`` is what has to be called in this turn."""

    due: list[Mark] = field(default_factory=list)
    later: list[Mark] = field(default_factory=list)
    perhaps: list[Mark] = field(default_factory=list)
    """Settled on as well, but it stays open when, or whether in place of what is due."""
    dropped: list[Mark] = field(default_factory=list)
    """Settled on once, until a turn of mind."""
    rejected: dict[str, Mark] = field(default_factory=dict)
    considered: list[Mark] = field(default_factory=list)
    order: list[tuple[Mark, Mark]] = field(default_factory=list)
    """Pairs of steps whose order is demanded."""
    none: Span | None = None
    """The words that rule out any call."""
    only: Span | None = None
    """The words that rule out any further call."""
    at_least: int = 0
    """How often the tool that is due has to be called, where the reasoning counts."""
    marks: tuple[Mark, ...] = ()
    """Everything that names a tool, in order."""

    def steps(self) -> list[Mark]:
        """Return every step, whether due or later."""
        return [*self.due, *self.later, *self.perhaps]

    def is_due(self, one: Mark) -> bool:
        """Tell whether the tool of a mark is due already."""
        return has(self.due, one)

    def add_later(self, one: Mark) -> None:
        """Add a step after those there are."""
        if has(self.later, one):
            return
        if self.due:
            self.order.append((self.later[-1] if self.later else self.due[-1], one))
        self.later.append(one)

    def begin_with(self, one: Mark) -> None:
        """Let the plan begin with one step, where nothing is due yet."""
        self.due = [one]
        self.later = without(self.later, one)

    def replace_due(self, one: Mark) -> None:
        """Let one step take the place of all that is due: the reasoning has changed its mind."""
        self.dropped += [*self.due, *self.perhaps]
        self.perhaps, self.order = [], []
        self.begin_with(one)

    def renew(self, one: Mark, *, turned: bool) -> None:
        """Take the newest words for a tool that is due; after a turn of mind it alone is due."""
        kept = [step for step in self.due if step.name.tools & one.name.tools]
        if turned and len(self.due) > len(kept):
            self.dropped += [step for step in self.due if step not in kept]
            self.due = kept
        newest = replace(one, later=False)
        self.order = [(newest if a in kept else a, newest if b in kept else b) for a, b in self.order]
        self.due = [newest if step in kept else step for step in self.due]

    def put_first(self, one: Mark, *, turned: bool) -> None:
        """Put a step before those that are due, unless one of them is to be the first."""
        behind = [step for step in self.due if turned or not step.first]
        if not behind:
            self.perhaps.append(one)
            return
        self.order.append((one, behind[0]))
        self.later = [*behind, *without(self.later, one)]
        self.due = [one]

    def reject(self, one: Mark) -> None:
        """Take a tool out of the plan."""
        self.rejected.update(dict.fromkeys(one.name.tools, one))
        for steps in (self.due, self.later, self.perhaps):
            steps[:] = [step for step in steps if not step.name.tools <= one.name.tools]

    def rule_out(self, words: Span) -> None:
        """Drop everything: no call at all is wanted."""
        self.dropped += self.due
        self.due, self.later, self.perhaps, self.order = [], [], [], []
        self.none = words

    def moved(self, by: int) -> Plan:
        """Return the plan of a text whose first ``by`` code points were left out."""

        def move(one: Mark) -> Mark:
            return replace(one, name=replace(one.name, start=one.name.start + by, end=one.name.end + by))

        def span(words: Span | None) -> Span | None:
            return words and (words[0] + by, words[1] + by)

        return Plan(
            list(map(move, self.due)),
            list(map(move, self.later)),
            list(map(move, self.perhaps)),
            list(map(move, self.dropped)),
            {tool: move(one) for tool, one in self.rejected.items()},
            list(map(move, self.considered)),
            [(move(a), move(b)) for a, b in self.order],
            span(self.none),
            span(self.only),
            self.at_least,
            tuple(map(move, self.marks)),
        )


def has(steps: list[Mark], one: Mark) -> bool:
    """Tell whether a tool of ``one`` is among the steps."""
    return any(step.name.tools & one.name.tools for step in steps)


def without(steps: list[Mark], one: Mark) -> list[Mark]:
    """Return the steps but those with a tool of ``one``."""
    return [step for step in steps if not step.name.tools & one.name.tools]
