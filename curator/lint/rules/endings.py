"""Rules about thinking and endings: think blocks left open, answers cut off, what a profile asks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from curator.checks import Context as TurnContext
from curator.checks.truncation import truncation
from curator.lint.model import DataSet, LintFinding, Row
from curator.lint.registry import Context, defect, many, per_split, percent, rule
from curator.model import Severity

_MID_SENTENCE_ROWS = 5
_MID_SENTENCE_SHARE = 0.05
_LIST_ITEM = re.compile(r"\s*(?:[-*+•|]|\d+[.)])")
_NO_CONTEXT = TurnContext()


@rule(
    "unclosed_think",
    "Thinking that never ends",
    "Drop these rows or generate them again with more tokens: they teach to think without ever answering.",
)
def unclosed_think(data: DataSet, context: Context) -> Iterable[LintFinding]:
    """Answers whose think block is opened and never closed, so that all of it is thinking.

    Counts rows. Source: unified-intelligence-cli (64 of 86 outputs cut at 500 tokens, still a "success").
    """
    bad = [row for row in data.rows if any(p.code == "unclosed_think" for _, p in row.problems)]
    if bad:
        message = f"{many(len(bad), 'row')} with a think block that is never closed ({per_split(data, bad)})."
        yield defect("unclosed_think", "error", message, bad)


@rule(
    "truncated_output",
    "Answers that were cut off",
    "Drop these rows or generate them again with a higher limit; check what the generator's max_tokens was.",
)
def truncated_output(data: DataSet, context: Context) -> Iterable[LintFinding]:
    """Answers that end with something open: a code fence, a call, thinking, or a finish reason of length.

    Counts rows. Prose that ends in the middle of a sentence (200 characters or more, no list) counts
    only where at least 5 rows and 5 % of all do so: then a limit cut them, not a writer without full
    stops. An error from 5 % of the rows on, else a warning. Source: unified-intelligence-cli, TARX.
    """
    kinds = {id(row): kind for row in data.rows if (kind := _cut(row))}
    loose = [row for row in data.rows if kinds.get(id(row)) == _MID_SENTENCE]
    few = len(loose) < _MID_SENTENCE_ROWS or len(loose) < _MID_SENTENCE_SHARE * len(data.rows)
    bad = [row for row in data.rows if id(row) in kinds and not (few and kinds[id(row)] == _MID_SENTENCE)]
    if not bad:
        return
    counted = Counter(kinds[id(row)] for row in bad)
    listed = ", ".join(f"{count} {kind}" for kind, count in counted.most_common())
    severity: Severity = (
        "error" if len(bad) >= _MID_SENTENCE_SHARE * len(data.rows) and len(bad) > 1 else "warning"
    )
    message = f"{many(len(bad), 'row')} without a proper end: {listed} ({per_split(data, bad)})."
    details = [{"kind": kind, "rows": count} for kind, count in counted.items()]
    yield defect("truncated_output", severity, message, bad, details=details)


_MID_SENTENCE = "in the middle of a sentence"


def _cut(row: Row) -> str:
    """Return how the worst turn of a row is cut off, nothing where all of them end."""
    worst = ""
    for turn in row.turns:
        for finding in truncation(turn, _NO_CONTEXT):
            if finding.severity != "info":
                return "open at the end" if "open" in finding.message else finding.message
            content = (turn.output.content or "").rstrip()
            if not _LIST_ITEM.match(content.rpartition("\n")[2]):
                worst = _MID_SENTENCE
    return worst


@rule(
    "thinking_policy",
    "Thinking against the profile",
    "Generate or strip the thinking of these rows, as the profile demands.",
)
def thinking_policy(data: DataSet, context: Context) -> Iterable[LintFinding]:
    """Rows without thinking where the profile requires it, or with thinking where it forbids it.

    Counts rows; only with ``--profile``. Source: the profile.
    """
    policy = context.profile.thinking if context.profile else "optional"
    if policy == "optional":
        return
    bad = [row for row in data.rows if row.turns and _thinks(row) != (policy == "required")]
    if bad:
        share = percent(len(bad), len(data.rows))
        word = (
            "without the thinking that is required"
            if policy == "required"
            else "with thinking, which is forbidden"
        )
        yield defect("thinking_policy", "error", f"{many(len(bad), 'row')} ({share}) {word}.", bad)


def _thinks(row: Row) -> bool:
    return any(turn.output.thinking for turn in row.turns)
