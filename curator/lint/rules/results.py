"""Rules about tool results: placeholders, results that the model invents, calls that are only told."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from curator.lint.model import DataSet, LintFinding, Row
from curator.lint.registry import Context, defect, many, per_split, rule
from curator.lint.results import INSIDE, INSIDE_WITH_CALL, results
from curator.model import Turn
from curator.parsing.prose import PSEUDO_CALL

_PLACEHOLDER = re.compile(
    r"(?ix)[\[(<{*]*\s*(?:"
    r"(?:the\s+)?(?:tool|function|code)\s+(?:execution|call|output|result|response)s?"
    r"(?:\s+(?:was\s+)?(?:completed?|done|finished|successful(?:ly)?|executed|goes?|will|here|appears?)\b.*)?"
    r"|(?:mock|mocked|dummy|fake|stub|placeholder)\s+(?:response|result|output|answer|data|content)\b.*"
    r"|placeholder|lorem\s+ipsum.*|todo|tbd|fixme|\.\.\.|…|(?:insert|add|your)\s+.{1,40}\shere"
    r"|(?:result|output|response|answer)s?\s+(?:goes\s+)?here"
    r")\s*[\])>}*]*\s*[.!]?\s*"
)
_MOCK_ANSWER = re.compile(
    r"(?i)\s*[\[(<]?(?:mock|mocked|dummy|stub|placeholder)\s+(?:response|answer|output)\b"
)
_LONGEST_PLACEHOLDER = 200
_EMPTY_SHARE = 0.10
_FENCED = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_CLAIM_LENGTH = 20
_TALK_LENGTH = 80
_TOLD = re.compile(r"(?<![\w.`/])([a-z]+(?:_[a-z0-9]+)+) with [a-z_]+=[\"'\w]")


@rule(
    "placeholder_results",
    "Placeholders instead of results",
    "Put the real tool results (or answers) in, or drop the rows; placeholders teach the model that a call "
    "brings nothing, and it calls again without end.",
)
def placeholder_results(data: DataSet, context: Context) -> Iterable[LintFinding]:
    """Tool results, or whole answers, that stand for text that was never filled in.

    Counts rows. Results without any text count only where they are over 10 % of all results, for some
    tools have nothing to say. Source: Punie (``[Tool execution completed]`` led to infinite
    loops; at most 10 % empty), unified-intelligence-cli (the mock row).
    """
    texts = [result.text.strip() for row in data.rows for result in results(row.messages)]
    empty_share = sum(not text for text in texts) / len(texts) if texts else 0.0
    bad = [row for row in data.rows if _is_placeholder(row, counts_empty=empty_share > _EMPTY_SHARE)]
    if bad:
        seen = Counter(text for row in bad for text in _placeholders(row))
        shown = ", ".join(f"{text[:60]!r} ({count} ×)" for text, count in seen.most_common(3))
        message = f"{many(len(bad), 'row')} with a placeholder: {shown} ({per_split(data, bad)})."
        yield defect("placeholder_results", "error", message, bad)


def _is_placeholder(row: Row, *, counts_empty: bool) -> bool:
    if counts_empty and any(not result.text.strip() for result in results(row.messages)):
        return True
    return bool(_placeholders(row))


def _placeholders(row: Row) -> list[str]:
    told = [result.text for result in results(row.messages) if _matches(result.text)]
    return told + [t.raw.strip() for t in row.turns if len(t.raw) < 200 and _MOCK_ANSWER.match(t.raw)]


def _matches(text: str) -> bool:
    return len(text) <= _LONGEST_PLACEHOLDER and bool(_PLACEHOLDER.fullmatch(text))


@rule(
    "pseudo_calls",
    "Calls that are only told",
    "Replace them by real calls in the model's syntax, followed by the tool's real result; the model learns "
    "to talk about tools instead of using them.",
)
def pseudo_calls(data: DataSet, context: Context) -> Iterable[LintFinding]:
    """Answers that tell of a call in prose: ``[Calling NAME with k="v"]``, ``tool_name with k='v'``.

    Counts rows. Source: TARX (2 of 20 in tool use after training).
    """
    bad = [row for row in data.rows if any(_tells(turn) for turn in row.turns)]
    if bad:
        message = f"{many(len(bad), 'row')} with a call that is only told in prose ({per_split(data, bad)})."
        yield defect("pseudo_calls", "error", message, bad)


def _tells(turn: Turn) -> bool:
    if any(problem.code == PSEUDO_CALL for problem in turn.output.problems):
        return True
    return not turn.output.tool_calls and bool(_TOLD.search(turn.raw))


@rule(
    "invented_results",
    "Results that the model invents",
    "End the answer at the call and put the tool's real result into a message of its own; otherwise the "
    "model learns to make results up.",
)
def invented_results(data: DataSet, context: Context) -> Iterable[LintFinding]:
    """A result inside the answer that made the call: nobody but the model wrote it.

    Counts rows: with a result's mark in the answer, or at least 20 characters behind a call that is
    only told (errors); with at least 80 characters behind a real call that no result follows in the
    row (warning). Source: TARX, glaive's transcripts in one answer.
    """
    kinds = {id(row): kind for row in data.rows if (kind := _invention(row))}
    bad = [row for row in data.rows if id(row) in kinds]
    if not bad:
        return
    counted = Counter(kinds.values())
    listed = ", ".join(f"{count} {kind}" for kind, count in counted.most_common())
    is_sure = set(counted) != {_TALK}
    message = f"{many(len(bad), 'row')} with a result that no tool gave: {listed} ({per_split(data, bad)})."
    yield defect("invented_results", "error" if is_sure else "warning", message, bad)


_TALK = "with text behind a call whose result is missing"


def _invention(row: Row) -> str:
    if "response_in_message" in row.repaired or any(map(_holds_result, row.turns)):
        return "with the result inside the answer"
    if any(_claims(turn) for turn in row.turns):
        return "with a result behind a call that is only told"
    last = row.turns[-1] if row.turns else None
    return _TALK if last and _talks_on(last) else ""


def _holds_result(turn: Turn) -> bool:
    text = _FENCED.sub("", turn.output.content or "")
    acts = bool(turn.output.tool_calls) or "\nAction:" in f"\n{text}"
    return bool(INSIDE.search(text)) or (acts and bool(INSIDE_WITH_CALL.search(text)))


def _claims(turn: Turn) -> bool:
    ends = [p.span[1] for p in turn.output.problems if p.code == PSEUDO_CALL and p.span]
    return bool(ends) and len(turn.raw[max(ends) :].strip()) >= _CLAIM_LENGTH


def _talks_on(turn: Turn) -> bool:
    spans = [call.span for call in turn.output.tool_calls if call.span]
    return bool(spans) and len(turn.raw[max(end for _, end in spans) :].strip()) >= _TALK_LENGTH
