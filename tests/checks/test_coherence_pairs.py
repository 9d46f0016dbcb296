"""Precision and recall of the coherence verdicts on the labelled pairs, with Wilson intervals."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest

from curator.checks.support.verdicts import Kind, Verdict, verdict
from curator.evaluation.statistics import Rate, rate
from curator.model import ToolCall
from curator.parsing import tool_spec

PAIRS = Path(__file__).parent / "coherence"
KINDS: tuple[Kind, ...] = (
    "coherent",
    "names_another_tool",
    "planned_not_called",
    "called_not_planned",
    "other_order",
    "other_argument",
)
HARD = {
    "negation",
    "rejected",
    "steps",
    "alias",
    "contained",
    "quoted",
    "question",
    "nonenglish",
    "turn",
    "past",
    "conditional",
    "parallel",
    "typo",
}


class Pair(msgspec.Struct):
    """One labelled turn."""

    id: str
    author: str
    half: str
    hard: list[str]
    tools: list[Any]
    thinking: str
    content: str
    tool_calls: list[dict[str, Any]]
    verdict: Kind
    due: list[str]


def pairs(name: str = "pairs.jsonl") -> list[Pair]:
    return msgspec.json.Decoder(list[Pair]).decode(
        b"[" + b",".join((PAIRS / name).read_bytes().splitlines()) + b"]"
    )


def judged(pair: Pair) -> Verdict:
    calls = [ToolCall(call["name"], call["arguments"]) for call in pair.tool_calls]
    tools = [spec for tool in pair.tools if (spec := tool_spec(tool))]
    return verdict(pair.thinking, pair.content, calls, tools)


def measured(rows: list[Pair]) -> dict[Kind, tuple[Rate, Rate]]:
    """Return precision and recall of every verdict."""
    seen = Counter((row.verdict, judged(row).verdict) for row in rows)
    found: dict[Kind, tuple[Rate, Rate]] = {}
    for kind in KINDS:
        right = seen[kind, kind]
        given = sum(count for (_, got), count in seen.items() if got == kind)
        wanted = sum(count for (want, _), count in seen.items() if want == kind)
        found[kind] = rate(right, given), rate(right, wanted)
    return found


def table(title: str, found: dict[Kind, tuple[Rate, Rate]]) -> str:
    lines = [f"\n{title:20}  precision               recall"]
    for kind, both in found.items():
        cells = [f"{one.k:3}/{one.n:<3} {one.low:.2f}–{one.high:.2f}" for one in both]
        lines.append(f"{kind:20}  " + "         ".join(cells))
    return "\n".join(lines)


def test_the_set_is_large_hard_and_split_by_author() -> None:
    rows = pairs()
    assert len(rows) >= 300
    assert len({row.id for row in rows}) == len(rows)
    assert sum(bool(row.hard) for row in rows) / len(rows) >= 0.4
    halves = {half: {row.author for row in rows if row.half == half} for half in ("tune", "test")}
    assert not halves["tune"] & halves["test"]
    assert len(halves["tune"]) >= 3
    assert len(halves["test"]) >= 3
    assert {kind for row in rows for kind in row.hard} <= HARD
    for row in rows:
        names = {tool if isinstance(tool, str) else tool["name"] for tool in row.tools}
        assert set(row.due) <= names, row.id
        assert {call["name"] for call in row.tool_calls} <= names, row.id


AT_LEAST: dict[str, tuple[float, float]] = {"tune": (0.98, 0.98), "test": (0.95, 0.95)}
"""Precision and recall that no verdict may fall below."""


@pytest.mark.parametrize("half", ["tune", "test"])
def test_precision_and_recall(half: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = measured([row for row in pairs() if row.half == half])
    with capsys.disabled():
        print(table(half, found))
    for kind, (precision, recall) in found.items():
        low_precision, low_recall = AT_LEAST[half]
        assert precision.value is not None
        assert recall.value is not None
        assert precision.value >= low_precision, (half, kind)
        assert recall.value >= low_recall, (half, kind)


@pytest.mark.parametrize("name", ["fresh", "blind"])
def test_a_set_of_others_stays_where_it_was(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    rows = pairs(f"{name}.jsonl")
    right = rate(sum(judged(row).verdict == row.verdict for row in rows), len(rows))
    with capsys.disabled():
        print(table(name, measured(rows)), f"\nright: {right.k}/{right.n} {right.low:.2f}–{right.high:.2f}")
    assert len(rows) >= 60
    assert right.k >= RIGHT[name]


RIGHT = {"fresh": 117, "blind": 122}


def test_evidence_of_every_verdict_points_into_the_thinking() -> None:
    for row in pairs():
        found = judged(row)
        for one in found.evidence:
            limit = len(row.thinking) if one.field == "thinking" else len(row.tool_calls)
            assert 0 <= one.start < one.end <= limit, row.id
        if found.verdict != "coherent":
            assert found.message, row.id
            assert any(one.field == "thinking" for one in found.evidence), row.id


def test_the_tools_that_are_due_are_named() -> None:
    wrong = [
        row.id
        for row in pairs()
        if row.verdict in ("names_another_tool", "planned_not_called")
        and judged(row).verdict == row.verdict
        and set(judged(row).due) != set(row.due)
    ]
    assert len(wrong) <= 12, wrong
