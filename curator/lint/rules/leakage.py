"""Rules about the division into splits: what stands in two of them, and what stands in one alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import NamedTuple

from curator.lint.model import DataSet, LintFinding, Row, Split
from curator.lint.registry import Context, defect, many, percent, rule
from curator.lint.results import is_result
from curator.model import Severity
from curator.similar import near_between

NEAR = 0.85
"""Jaccard similarity of two rows (without system prompt) that counts as near."""
_GRAVE_SHARE = 0.05
_GREETING = re.compile(
    r"(?i)(?:hi|hello|hey|good (?:morning|evening)|thanks|thank you|ok|okay|yes|no|continue|go on|test)"
    r"(?: there)?\W*"
)
_CLASS_ROWS = 3
_CLASS_SHARE = 0.05
_EXPECTED = 5.0


@rule(
    "leakage_exact",
    "Held-out rows that are trained on",
    "Take these rows out of the training data, and split by prompt; the held-out loss measures memory.",
)
def leakage_exact(data: DataSet, context: Context) -> Iterable[LintFinding]:
    """Rows of valid or test that stand in train word for word (all messages equal).

    Counts held-out rows. Where none is in train, rows of test that stand in valid. Source: Punie
    (benchmark 100 %, phase27_merged 13).
    """
    yield from _leaks(data, "leakage_exact", lambda row: row.identity, "that {} has word for word", "error")


@rule(
    "leakage_prompt",
    "Held-out prompts that are trained on",
    "Split by prompt, so that no question stands on both sides.",
)
def leakage_prompt(data: DataSet, context: Context) -> Iterable[LintFinding]:
    """Rows of valid or test whose question is also asked in train, whatever the answer.

    The question is the first user message; of a bare greeting ("hello") all user messages that are no
    tool results. The system prompt is not part of it, unless it holds the state that the answer depends
    on (``ONTOLOGY:``, ``STATE:``). Counts held-out rows, those of ``leakage_exact`` among them; an error
    from 5 % of a split on. Source: Punie (phase27_merged 35 of 111), glaive (6 of 7, 8 of 8).
    """
    yield from _leaks(data, "leakage_prompt", question, "with a question that {} asks too", None)


@rule(
    "leakage_near",
    "Held-out rows nearly like training rows",
    "Split by template (`group_by` of a profile), so that variants of one row stay on one side.",
)
def leakage_near(data: DataSet, context: Context) -> Iterable[LintFinding]:
    """Rows of valid or test that are nearly a training row: similarity 0.85 of their word pairs.

    Compares everything but the system prompt; rows with a question that train asks too are those of
    ``leakage_prompt`` and not counted again. Counts held-out rows. Source: the usual practice of
    splitting by group.
    """
    if not data.is_divided:
        return
    asked, states = {question(row) for row in data.train}, {row.state for row in data.train}
    rest = [row for split in data.held_out() for row in split.rows if question(row) not in asked]
    rest = [row for row in rest if not row.state or row.state in states]
    near = near_between([row.text for row in rest], [row.text for row in data.train], NEAR) if rest else []
    found = {id(rest[at]) for at, other in near if rest[at].state == data.train[other].state}
    leaks = [_Leak(split, [row for row in split.rows if id(row) in found]) for split in data.held_out()]
    yield from _leakage("leakage_near", data, leaks, "nearly like a row of {}", "train", "warning")


def question(row: Row) -> Hashable:
    """Return what a row asks, for comparison between splits."""
    if not _GREETING.fullmatch(row.prompt):
        return (row.prompt, row.state)
    return (*(m.content.strip() for m in row.messages if m.role == "user" and not is_result(m)), row.state)


class _Leak(NamedTuple):
    split: Split
    rows: list[Row]


def _leaks(
    data: DataSet, code: str, key: Callable[[Row], Hashable], words: str, severity: Severity | None
) -> Iterator[LintFinding]:
    held = list(data.held_out())
    known = {key(row) for row in data.train}
    leaks = [_Leak(split, [row for row in split.rows if key(row) in known]) for split in held]
    source = "train"
    if not any(leak.rows for leak in leaks):
        valid = {key(row) for split in held if split.name == "valid" for row in split.rows}
        leaks = [_Leak(s, [row for row in s.rows if key(row) in valid]) for s in held if s.name == "test"]
        source = "valid"
    yield from _leakage(code, data, leaks, words, source, severity)


def _leakage(
    code: str, data: DataSet, leaks: list[_Leak], words: str, source: str, severity: Severity | None
) -> Iterator[LintFinding]:
    bad = [row for leak in leaks for row in leak.rows]
    if not bad:
        return
    shares = [len(leak.rows) / len(leak.split.rows) for leak in leaks if leak.rows]
    listed = ", ".join(
        f"{len(leak.rows)} of {len(leak.split.rows)} in {leak.split.path.name} "
        f"({percent(len(leak.rows), len(leak.split.rows))})"
        for leak in leaks
        if leak.rows
    )
    sources = [split.shown for split in data.splits if split.name in (source, "all")]
    yield defect(
        code,
        severity or ("error" if max(shares) >= _GRAVE_SHARE else "warning"),
        f"{many(len(bad), 'held-out row')} {words.format(source)}: {listed}.",
        bad,
        files=(*sources, *(leak.split.shown for leak in leaks if leak.rows)),
        details=[
            {"split": leak.split.name, "rows": len(leak.rows), "of": len(leak.split.rows)} for leak in leaks
        ],
    )


class _Class(NamedTuple):
    """A kind of rows that only one split has."""

    kind: str
    name: str
    split: Split
    rows: list[Row]


@rule(
    "class_only_in_one_split",
    "Kinds of rows that only one split has",
    "Shuffle before splitting (or split within each kind), so that what is measured is also trained.",
)
def class_only_in_one_split(data: DataSet, context: Context) -> Iterable[LintFinding]:
    """A tool, a call syntax, or rows with or without a system message, that one split alone has.

    A kind that valid or test has and train has not: from 3 rows and 5 % of that split on, an error.
    A kind that train has and a held-out split has not: a warning where at least 5 rows of it were to
    be expected there. A row has a tool where it calls it, or names it by a word that is no common one.
    Counts the rows of all such kinds, each once. Source: Punie (phase26_lsp_final: 70
    rows, the loss on valid stayed at 1.64).
    """
    if not data.is_divided:
        return
    kinds = _kinds(data.rows)
    unseen = [found for split in data.held_out() for found in _only_held_out(data, split, kinds)]
    if unseen:
        yield _one_sided(unseen, "error", "train has none of them")
    for split in data.held_out():
        if missing := list(_only_trained(data, split, kinds)):
            yield _one_sided(missing, "warning", f"{split.path.name} has none of them")


def _one_sided(classes: list[_Class], severity: Severity, words: str) -> LintFinding:
    rows = list({id(row): row for one in classes for row in one.rows}.values())
    kinds = Counter(one.kind for one in classes)
    parts = []
    for kind in kinds:
        own = [one for one in classes if one.kind == kind]
        count = len({id(row) for one in own for row in one.rows})
        names = ", ".join(dict.fromkeys(one.name for one in own))
        parts.append(f"{many(count, 'row')} {kind} {names}".rstrip())
    where = ", ".join(dict.fromkeys(one.split.path.name for one in classes))
    size = sum({one.split.shown: len(one.split.rows) for one in classes}.values())
    message = f"{len(rows)} of {many(size, 'row')} of {where} are of kinds that stand there alone, {words}: "
    details = [
        {"kind": one.kind, "class": one.name, "split": one.split.name, "rows": len(one.rows)}
        for one in classes
    ]
    return defect(
        "class_only_in_one_split", severity, message + "; ".join(parts) + ".", rows, details=details
    )


_Kinds = dict[tuple[str, str], set[int]]
_SYSTEM, _NO_SYSTEM = ("with a system message", ""), ("without a system message", "")


def _kinds(rows: list[Row]) -> _Kinds:
    """Return kind → ids of the rows that are of it."""
    found: _Kinds = {}
    tools = {name for row in rows for name in row.tool_names if not name.isalpha()}
    for row in rows:
        own = {("in the syntax", syntax) for syntax in row.syntaxes}
        own |= {("with the tools", name) for name in {*row.tool_names, *(tools & _words(row.answers))}}
        own.add(_NO_SYSTEM if row.system is None else _SYSTEM)
        for kind in own:
            found.setdefault(kind, set()).add(id(row))
    return found


_SEPARATORS = str.maketrans(dict.fromkeys("()[]{}<>\"'`,;:=!?*#|/\\\n\t.", " "))


def _words(text: str) -> set[str]:
    return set(text.translate(_SEPARATORS).split())


def _only_held_out(data: DataSet, split: Split, kinds: _Kinds) -> Iterator[_Class]:
    trained = {id(row) for row in data.train}
    least = max(_CLASS_ROWS, _CLASS_SHARE * len(split.rows))
    for (kind, name), members in sorted(kinds.items()):
        own = [row for row in split.rows if id(row) in members]
        if len(own) >= least and not members & trained:
            yield _Class(kind, name, split, own)


def _only_trained(data: DataSet, split: Split, kinds: _Kinds) -> Iterator[_Class]:
    held = {id(row) for row in split.rows}
    (source, *_) = (one for one in data.splits if one.name in ("train", "all"))
    for (kind, name), members in sorted(kinds.items()):
        if (kind, name) == _SYSTEM:
            continue
        own = [row for row in data.train if id(row) in members]
        expected = len(own) / len(data.train) * len(split.rows)
        if expected >= _EXPECTED and not members & held:
            yield _Class(kind, name, source, own)
