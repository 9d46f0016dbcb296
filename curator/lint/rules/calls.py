"""Rules about calls: whether they can be read, in one syntax, with valid arguments of known tools."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable

from curator.checks.schema import violations
from curator.lint.model import UNREADABLE, DataSet, LintFinding, Row
from curator.lint.registry import Context, defect, many, per_split, percent, rule
from curator.model import Span, Turn

FOREIGN = ("openai-in-prose", "bare-python", "glaive")
"""Syntaxes that no chat template writes and no server or agent parses."""
STRUCTURED = "openai"
"""Calls that are fields of a message, which every template writes its own way."""

_JSON_BODY = re.compile(r"(?:\s|\\n|<[^<>\n]{1,40}>|```\w*|\[TOOL_CALLS\])*(?=\{)")
_STRAY_SYNTAX_ROWS = 3
_STRAY_SYNTAX_SHARE = 0.02


@rule(
    "unparsable_calls",
    "Calls that nothing can read",
    "Rewrite the calls in the syntax that the base model's chat template writes, and drop rows whose call "
    "cannot be mended; the model learns to write what its agent will not execute.",
)
def unparsable_calls(data: DataSet, context: Context) -> Iterable[LintFinding]:
    """Rows with a call that gives no usable call, or in a syntax that nothing reads at run time.

    Counts rows. With a profile, every syntax other than its own and those it accepts is unreadable;
    without one, JSON in prose (``Tool call: {…}``), Python in a call tag and ``<functioncall>`` are.
    Source: Punie, where the loss on such rows fell by 95 % and the agent gained
    nothing.
    """
    allowed = (context.profile.syntax, *context.profile.accepts, STRUCTURED) if context.profile else None
    foreign: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    bad: list[Row] = []
    for row in data.rows:
        wrong = {s for s in row.syntaxes if (s not in allowed if allowed else s in FOREIGN)}
        broken = [p.message for _, p in row.problems if p.code in UNREADABLE]
        foreign.update(wrong)
        reasons.update({_reason(message) for message in broken})
        if wrong or broken:
            bad.append(row)
    if not bad:
        return
    total = sum(row.attempts for row in data.rows)
    parts = [f"{count} in {name}, {_why(name, context)}" for name, count in foreign.most_common()]
    parts += [f"{count} × {reason}" for reason, count in reasons.most_common(3)]
    message = f"{len(bad)} of {many(total, 'row')} with calls, not to be read: {'; '.join(parts)}."
    details = [{"syntax": name, "rows": count} for name, count in foreign.most_common()]
    details += [{"reason": reason, "rows": count} for reason, count in reasons.most_common()]
    yield defect("unparsable_calls", "error", message, bad, details=details)


def _why(name: str, context: Context) -> str:
    if context.profile and name not in FOREIGN:
        return f"which the profile {context.profile.name} does not accept"
    return "a syntax that no chat template writes"


def _reason(message: str) -> str:
    """Return the kind of a problem: without the tool's name and what stood there."""
    kind = message.partition(": ")[2] if re.match(r"[\w.:-]+: ", message) else message
    return re.sub(r"\s*\(.*\)|\s*: .*", "", kind)


@rule(
    "mixed_call_syntax",
    "Calls in several syntaxes",
    "Bring all calls into one syntax, that of the base model; a mix splits what the rows teach.",
)
def mixed_call_syntax(data: DataSet, context: Context) -> Iterable[LintFinding]:
    """More than one call syntax in one data set.

    Counts the rows that are not in the most frequent syntax. A warning below 3 rows or 2 % of the rows
    with calls, else an error. Source: Punie (field access 92 %, not 88, after one syntax).
    """
    rows = Counter(syntax for row in data.rows for syntax in row.syntaxes)
    if len(rows) < 2:
        return
    (main, _), *_ = rows.most_common()
    stray = [row for row in data.rows if row.syntaxes - {main}]
    share = len(stray) / sum(bool(row.syntaxes) for row in data.rows)
    is_grave = len(stray) >= _STRAY_SYNTAX_ROWS and share >= _STRAY_SYNTAX_SHARE
    listed = ", ".join(f"{name} {count}" for name, count in rows.most_common())
    message = f"{len(rows)} call syntaxes, in rows: {listed}. Other than {main}: {per_split(data, stray)}."
    yield defect(
        "mixed_call_syntax",
        "error" if is_grave else "warning",
        message,
        stray,
        details=[{"syntax": name, "rows": count} for name, count in rows.most_common()],
    )


@rule(
    "invalid_arguments",
    "Calls that are not valid JSON",
    "Write the arguments with a JSON encoder (double quotes, escaped backslashes and line breaks).",
)
def invalid_arguments(data: DataSet, context: Context) -> Iterable[LintFinding]:
    """Calls in a JSON syntax whose text is not valid JSON as it stands, even where it can be mended.

    Counts calls. Arguments that are a text of their own (``"arguments": "{…"``) and no JSON inside
    count among the unparsable calls; given as fields of a message they count here. Source: Punie
    (``repr`` in a template).
    """
    bad = [row for row in data.rows for turn in row.turns for _ in range(_invalid(turn))]
    if bad:
        message = (
            f"{many(len(bad), 'call')} in {many(len(set(map(id, bad))), 'row')} not valid JSON as written"
        )
        where = per_split(data, {id(row): row for row in bad}.values())
        yield defect("invalid_arguments", "error", f"{message} ({where}).", bad, unit="calls")


def _invalid(turn: Turn) -> int:
    """Count the calls of a turn whose JSON is not valid."""
    if turn.structured:
        return sum(problem.code == "invalid_json" for problem in turn.output.problems)
    spans = {p.span for p in turn.output.problems if p.span} | {
        c.span for c in turn.output.tool_calls if c.span and c.status != "ok"
    }
    return sum(_breaks_json(turn.raw, span) for span in spans)


def _breaks_json(raw: str, span: Span) -> bool:
    body = _JSON_BODY.match(raw, *span)
    if body is None or '"' not in raw[body.end() : span[1]]:
        return False
    try:
        json.JSONDecoder().raw_decode(raw, body.end())
    except (ValueError, RecursionError):
        return True
    return False


@rule(
    "schema_violations",
    "Arguments that break the tool's schema",
    "Correct the arguments, or the schema that the row offers; the agent would refuse these calls.",
)
def schema_violations(data: DataSet, context: Context) -> Iterable[LintFinding]:
    """Calls of offered tools whose arguments break the JSON Schema that the row itself states.

    Counts rows. Rows that state no schema are not judged. Source: the Home Assistant plan, "All
    tool calls validate against v0 schemas".
    """
    wrong = {id(row): found for row in data.rows if (found := _violations(row))}
    bad = [row for row in data.rows if id(row) in wrong]
    if bad:
        kinds = Counter(sentence for found in wrong.values() for sentence in found)
        first = "; ".join(f"{sentence} ({count} ×)" for sentence, count in kinds.most_common(3))
        yield defect(
            "schema_violations", "error", f"{many(len(bad), 'row')} with wrong arguments: {first}.", bad
        )


def _violations(row: Row) -> list[str]:
    specs = {tool.name: tool for tool in row.tools}
    return [
        f"{call.name}: {wrong}"
        for call in row.calls
        if (spec := specs.get(call.name))
        for wrong in violations(call, (spec,))
        if not wrong.startswith("the schema of")
    ]


@rule(
    "unknown_tools",
    "Calls of tools that are not offered",
    "Offer the tool in the row, or correct its name; as it is, the rows teach to invent tools.",
)
def unknown_tools(data: DataSet, context: Context) -> Iterable[LintFinding]:
    """Rows that offer tools and call another one.

    Counts rows. Source: the Home Assistant plan, "No hallucinated IDs".
    """
    names = Counter(name for row in data.rows for name in _unknown(row))
    bad = [row for row in data.rows if _unknown(row)]
    if bad:
        listed = ", ".join(f"{name} ({count} ×)" for name, count in names.most_common(5))
        share = percent(len(bad), sum(bool(row.calls) for row in data.rows))
        message = f"{many(len(bad), 'row')} ({share} of those with calls) with tools not offered: {listed}."
        yield defect("unknown_tools", "error", message, bad)


def _unknown(row: Row) -> set[str]:
    offered = {tool.name for tool in row.tools}
    return {call.name for call in row.calls if call.name not in offered} if offered else set()
