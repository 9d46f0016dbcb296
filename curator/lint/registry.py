"""The rules of lint: what they may know besides the data, and how they are found and run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from msgspec.structs import replace

from curator.discovery import load_modules
from curator.lint.model import DataSet, LintFinding, Place, Row
from curator.model import Severity
from curator.profiles.model import Profile
from curator.tokens import Tokenizer

EXAMPLES = 5
"""So many places a finding names at most."""
_ORDER: dict[Severity, int] = {"error": 0, "warning": 1, "info": 2}


@dataclass
class Context:
    """What the user asked for, and what could not be checked."""

    profile: Profile | None = None
    max_length: int = 0
    """Tokens that a row may have; 0 means as the profile or the training configuration says."""
    tokenizer: Tokenizer | None = None
    """That of the base model, where it was given."""
    pieces: Callable[[str], int] | None = None
    """Returns into how many tokens the base cuts a mark, 0 where that is unknown; ``None`` without a base."""
    notes: list[str] = field(default_factory=list)
    unchecked: set[str] = field(default_factory=set)
    """Delimiters that could not be checked for want of a base."""

    def note(self, sentence: str) -> None:
        """Remember, once, something that could not be checked."""
        if sentence not in self.notes:
            self.notes.append(sentence)


Run = Callable[[DataSet, Context], Iterable[LintFinding]]


@dataclass(frozen=True)
class Rule:
    """One rule; ``doc`` says what it finds, how it counts and where it comes from."""

    code: str
    title: str
    advice: str
    doc: str
    run: Run


_registered: dict[str, Rule] = {}


def rule(code: str, title: str, advice: str) -> Callable[[Run], Run]:
    """Register the decorated function as the rule ``code``; its docstring is the rule's."""

    def add(run: Run) -> Run:
        _registered[code] = Rule(code, title, advice, (run.__doc__ or "").strip(), run)
        return run

    return add


@cache
def known_rules() -> tuple[Rule, ...]:
    """Return every rule, by code."""
    load_modules("curator.lint.rules")
    return tuple(sorted(_registered.values(), key=lambda one: one.code))


def run_rules(data: DataSet, context: Context) -> list[LintFinding]:
    """Return what all rules find in one data set, errors first."""
    found = [
        replace(finding, title=one.title, advice=one.advice, dataset=finding.dataset or data.name)
        for one in known_rules()
        for finding in one.run(data, context)
    ]
    return sorted(found, key=lambda finding: (_ORDER[finding.severity], finding.code))


def defect(
    code: str,
    severity: Severity,
    message: str,
    places: Sequence[Place] | Sequence[Row],
    *,
    count: int | None = None,
    unit: str = "rows",
    files: Iterable[str] = (),
    details: Iterable[dict[str, Any]] = (),
    dataset: str = "",
) -> LintFinding:
    """Return a finding about these places; ``count`` is their number unless it is given."""
    rows = {one.place: one for one in places if isinstance(one, Row)}
    spots = [one.place if isinstance(one, Row) else one for one in places]
    examples = [replace(spot, text=rows[spot].excerpt()) if spot in rows else spot for spot in _spread(spots)]
    return LintFinding(
        code=code,
        severity=severity,
        count=len(spots) if count is None else count,
        message=message,
        files=tuple(files) or tuple(dict.fromkeys(spot.file for spot in spots)),
        examples=tuple(examples),
        unit=unit,
        details=tuple(details),
        dataset=dataset,
    )


def _spread(spots: Sequence[Place]) -> list[Place]:
    """Return the first places, from every file at least one as far as there is room."""
    first = list({spot.file: spot for spot in reversed(spots)}.values())[::-1][:EXAMPLES]
    rest = [spot for spot in dict.fromkeys(spots[:100]) if spot not in first][: EXAMPLES - len(first)]
    return sorted((*first, *rest), key=lambda spot: (spot.file, spot.line))


def per_split(data: DataSet, rows: Iterable[Row]) -> str:
    """Say how many of the rows of each split these are: "48 of 238 in train, 6 of 29 in valid"."""
    counts = Counter(data.split_of(row).shown for row in rows)
    return ", ".join(
        f"{counts[split.shown]} of {len(split.rows)} in {split.path.name}"
        for split in data.splits
        if counts[split.shown]
    )


def many(count: int, one: str, several: str = "") -> str:
    """Return "1 row" or "2 rows"; ``several`` is the plural where it is not with an s."""
    return f"{count} {one if count == 1 else several or one + 's'}"


def percent(part: int, whole: int) -> str:
    """Return a share as "12 %"."""
    return f"{100 * part / whole:.0f} %" if whole else "0 %"
