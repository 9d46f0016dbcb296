"""From the journal of one turn to its current state. Pure functions, the only place with these rules."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from curator.canonical import digest
from curator.model import Correction, Decision, Output, Resolution, call_class

SETTLING = ("verdict", "correction")
"""Kinds of decisions that settle a turn."""


def active(decisions: Sequence[Decision]) -> list[Decision]:
    """Return the decisions that no active undo takes back, oldest first, undos left out.

    ``decisions`` is the journal of one turn (or of one reviewer) in the order it was written.
    An undo can itself be undone, which brings the act back.
    """
    taken_back: set[str] = set()
    kept: list[Decision] = []
    for decision in reversed(decisions):
        if decision.act in taken_back:
            continue
        if decision.kind == "undo":
            taken_back.add(decision.undoes or "")
        else:
            kept.append(decision)
    return kept[::-1]


def same_output(output: Output, correction: Correction) -> bool:
    """True when the correction says what the model said: no preference pair can come of it."""
    return not output.problems and said(output) == said(correction)


def said(answer: Output | Correction, raw: str = "") -> str:
    """Return a digest of what an answer says: thinking, text, calls, and the broken calls in ``raw``."""
    problems = answer.problems if isinstance(answer, Output) else ()
    broken = [raw[slice(*one.span)] if one.span else one.code for one in problems]
    calls = [(call.name, call.arguments) for call in answer.tool_calls]
    return digest([(answer.thinking or "").strip(), (answer.content or "").strip(), calls, broken])


def pair_decisions(output: Output, raw: str, standing: Sequence[Decision]) -> list[Decision]:
    """Return the decisions that give a preference pair, of those that stand on a turn, oldest first."""
    return _giving(comparisons(output, raw, standing))


def _giving(latest: Sequence[Decision]) -> list[Decision]:
    return [one for one in latest if one.preference is None or one.preference.chosen is not None]


def comparisons(output: Output, raw: str, standing: Sequence[Decision]) -> list[Decision]:
    """Return the preferences that stand on a turn, and its correction, which is one over the logged output.

    Of all that was said about the same two texts the latest counts, so that no pair comes twice, nor the
    other way round.
    """
    last = next((one for one in reversed(standing) if one.kind in SETTLING), None)
    latest: dict[frozenset[str], Decision] = {}
    for one in standing:
        if one.preference is not None:
            key = frozenset((one.preference.first.said, one.preference.second.said))
        elif one is last and one.correction is not None and not same_output(output, one.correction):
            key = frozenset((said(output, raw), said(one.correction)))
        else:
            continue
        latest.pop(key, None)
        latest[key] = one
    return list(latest.values())


def resolve(turn: int, tier: str, output: Output, decisions: Sequence[Decision], raw: str = "") -> Resolution:
    """Compute the state of a turn from its whole journal.

    The latest active verdict or correction settles it. A correction gives an SFT row and, when it
    differs from what was logged, a preference pair; ``correct`` gives the logged output as an SFT row;
    ``correct``, ``incorrect`` and a correction each label the logged output for KTO. A preference settles
    nothing and gives a pair.
    """
    standing = active(decisions)
    latest = comparisons(output, raw, standing)
    tags, hidden = _tags(standing), [d for d in standing if d.kind == "redaction"]
    open_turn = Resolution(
        turn=turn,
        tier=tier,
        tags=tags,
        redactions=len(hidden[-1].redactions) if hidden else None,
        pairs=len(_giving(latest)),
        preferences=sum(one.preference is not None for one in latest),
    )
    settling = [d for d in standing if d.kind in SETTLING]
    if not settling:
        return open_turn
    last = settling[-1]
    by_reviewer = {d.reviewer: _meaning(d) for d in settling if d.verdict != "skip"}
    settled = replace(
        open_turn,
        decision=last.id or None,
        reviewer=last.reviewer,
        reviewers=len(by_reviewer),
        agreed=len(set(by_reviewer.values())) < 2,
    )
    if last.correction is not None:
        return replace(
            settled,
            state="corrected",
            call_class=call_class(last.correction.tool_calls),
            sft_rows=1,
            kto_rows=1,
            marked=bool(last.correction.violations),
        )
    if last.verdict == "correct":
        logged = call_class(output.tool_calls)
        return replace(settled, state="correct", call_class=logged, sft_rows=1, kto_rows=1)
    if last.verdict == "incorrect":
        return replace(settled, state="incorrect", kto_rows=1)
    return replace(settled, state="skipped")


def _tags(decisions: Sequence[Decision]) -> tuple[str, ...]:
    """Return the tags that stand, in alphabetical order."""
    tags: set[str] = set()
    for decision in decisions:
        if decision.kind == "tag" and decision.tag:
            (tags.discard if decision.removes else tags.add)(decision.tag)
    return tuple(sorted(tags))


def _meaning(decision: Decision) -> bytes:
    """Return what two people must have in common to agree: the verdict, or the calls and the text."""
    if decision.correction is None:
        return (decision.verdict or "").encode()
    calls = [(call.name, call.arguments) for call in decision.correction.tool_calls]
    return msgspec.json.encode([calls, decision.correction.content or ""], order="deterministic")
