"""The verdict on one turn: what its reasoning settles on, held against the calls that it emits."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Literal

from msgspec import Struct

from curator.checks.support.deeds import may_stand_for
from curator.checks.support.plans import read_plan
from curator.checks.support.sentences import lowered
from curator.checks.support.stances import Mark
from curator.checks.support.steps import Plan
from curator.checks.support.values import contradiction
from curator.checks.support.vocabulary import Spec, Vocabulary, specs_of, vocabulary
from curator.model import Evidence, ToolCall, ToolSpec

Kind = Literal[
    "coherent",
    "names_another_tool",
    "planned_not_called",
    "called_not_planned",
    "other_order",
    "other_argument",
]

_ATTEMPT = re.compile(
    r"<\|?tool_call|<function=|<\|(?:tool|python)|functools\[|\{\s*\"(?:name|tool_call|function|tool)\"\s*:|<invoke|<functioncall>"
)


class Verdict(Struct, frozen=True):
    """What a turn's reasoning is to its calls."""

    verdict: Kind
    due: tuple[str, ...] = ()
    """Names of the tools that were due in this turn, in order."""
    evidence: tuple[Evidence, ...] = ()
    message: str = ""
    suggestion: str | None = None
    later: tuple[Mark, ...] = ()
    """Steps that the reasoning leaves for later and that are not among the calls."""


def verdict(
    thinking: str | None,
    content: str | None,
    calls: Sequence[ToolCall],
    tools: Sequence[ToolSpec],
    aliases: Mapping[str, str] | None = None,
) -> Verdict:
    """Return how the calls of a turn fit its thinking; ``aliases`` maps other words to tool names.

    Evidence points into ``thinking`` and at the calls. A call that stands broken in ``content``
    counts as attempted.
    """
    if not thinking or not thinking.strip():
        return Verdict("coherent")
    names = [call.name for call in calls]
    words = _vocabulary(tools, names, aliases or {})
    plan = read_plan(thinking, words, set(names))
    found = _judge(thinking, plan, calls, tools)
    if found.verdict == "planned_not_called" and not calls and _attempted(content, found.due):
        return Verdict("coherent", found.due)
    return found


def _vocabulary(tools: Sequence[ToolSpec], names: Sequence[str], aliases: Mapping[str, str]) -> Vocabulary:
    offered = tuple([(tool.name, tool.description) for tool in tools])
    foreign = frozenset(names).difference([name for name, _ in offered])
    return _words_of(offered, foreign, tuple(sorted(aliases.items())) if aliases else ())


@lru_cache(maxsize=256)
def _words_of(
    offered: tuple[Spec, ...], foreign: frozenset[str], aliases: tuple[tuple[str, str], ...]
) -> Vocabulary:
    return vocabulary(specs_of(offered, foreign), aliases)


def _attempted(content: str | None, due: tuple[str, ...]) -> bool:
    return bool(content and _ATTEMPT.search(content) and any(tool in content for tool in due))


def _judge(thinking: str, plan: Plan, calls: Sequence[ToolCall], tools: Sequence[ToolSpec]) -> Verdict:
    names = [call.name for call in calls]
    if not plan.due:
        return _without_plan(plan, names)
    due = tuple(dict.fromkeys(_label(one) for one in plan.due))
    missing = [one for one in plan.due if not one.name.tools & set(names)]
    if missing:
        return _missing(thinking, plan, names, missing, due)
    if extra := _not_wanted(plan, names):
        return extra_call(plan, names, extra, due)
    if wrong := _wrong_order(plan, names):
        before, behind = map(_label, wrong)
        message = f"the thinking wants {before} before {behind}, they are called the other way round"
        return Verdict("other_order", due, _evidence(wrong[0], wrong[1]), message, _label(wrong[0]))
    if plan.at_least > len([name for name in names if name in plan.due[0].name.tools]):
        message = f"the thinking settles on {plan.at_least} calls of {due[0]}, fewer are made"
        return Verdict("planned_not_called", due * 2, _evidence(plan.due[0]), message, due[0])
    if found := contradiction(thinking, plan, calls, tools):
        evidence = (Evidence("thinking", *found.span), Evidence("calls", found.call, found.call + 1))
        message = (
            f"the thinking says {found.said} for {found.key} of {names[found.call]}, the call has {found.has}"
        )
        return Verdict("other_argument", due, evidence, message, found.said)
    later = tuple(one for one in plan.later if one.stance == "commit" and not one.name.tools & set(names))
    return Verdict("coherent", due, later=later)


def _without_plan(plan: Plan, names: list[str]) -> Verdict:
    later = tuple(one for one in plan.later if one.stance == "commit" and not one.name.tools & set(names))
    if not names:
        return Verdict("coherent", later=later)
    allowed = {tool for one in (*plan.perhaps, *plan.later, *plan.considered) for tool in one.name.tools}
    if plan.none and not (plan.perhaps and set(names) & allowed):
        message = f"the thinking rules out a call, but {_listed(names)} is called"
        return Verdict(
            "called_not_planned", (), (Evidence("thinking", *plan.none), Evidence("calls", 0, 1)), message
        )
    if (ruled := [name for name in names if name in plan.rejected]) and len(ruled) == len(names):
        message = f"the thinking decides against {ruled[0]}, but it is called"
        return Verdict(
            "called_not_planned", (), (*_evidence(plan.rejected[ruled[0]]), *_call(names, ruled[0])), message
        )
    return Verdict("coherent", later=later)


def _missing(
    thinking: str, plan: Plan, names: list[str], missing: list[Mark], due: tuple[str, ...]
) -> Verdict:
    """Return the verdict where something that is due is not called."""
    first = missing[0]
    if not names:
        message = f"the thinking settles on {_label(first)}, but nothing is called"
        return Verdict("planned_not_called", due, _evidence(first), message, _suggestion(first))
    called = set(names)
    perhaps = {tool for one in plan.perhaps for tool in one.name.tools}
    if (
        called & perhaps
        or _considered_since(plan, called)
        or (first.name.deed and _may_stand(thinking, first, names))
    ):
        return Verdict("coherent", due)
    planned = {tool for one in (*plan.due, *plan.later) for tool in one.name.tools}
    if called & planned and called <= planned:
        message = f"the thinking settles on {_label(first)} now, but only {_listed(names)} is called"
        return Verdict("planned_not_called", due, _evidence(first), message, _suggestion(first))
    later = {tool for one in plan.later for tool in one.name.tools}
    if called & (later | _aimed_at(plan, first)):
        message = f"the thinking settles on {_label(first)} first, but it is not called"
        return Verdict("planned_not_called", due, _evidence(first), message, _suggestion(first))
    foreign = next(name for name in names if name not in planned)
    message = f"the thinking settles on {_label(first)}, but {_listed(names)} is called"
    return Verdict(
        "names_another_tool", due, (*_evidence(first), *_call(names, foreign)), message, _suggestion(first)
    )


def _aimed_at(plan: Plan, first: Mark) -> set[str]:
    """Return the tools that a first step is taken for: those its sentence speaks of besides."""
    if not first.first:
        return set()
    beside = (one for one in plan.marks if one.sentence == first.sentence and one.stance == "neutral")
    return {tool for one in beside for tool in one.name.tools}


def _may_stand(thinking: str, due: Mark, names: list[str]) -> bool:
    lower = lowered(thinking)
    return any(may_stand_for(name, due.name, lower) for name in names)


def _considered_since(plan: Plan, called: set[str]) -> bool:
    """Tell whether a called tool was thought of favourably after the last decision."""
    at = max(one.name.end for one in plan.due)
    return any(
        one.name.tools & called and one.name.start > at
        for one in plan.considered
        if one.stance == "consider" and not one.later
    )


def _not_wanted(plan: Plan, names: list[str]) -> str | None:
    """Return a call that the reasoning rules out beside what is due."""
    planned = {tool for one in plan.steps() for tool in one.name.tools}
    for name in names:
        if name in plan.rejected or (plan.only and name not in planned):
            return name
    return None


def extra_call(plan: Plan, names: list[str], extra: str, due: tuple[str, ...]) -> Verdict:
    """Return the verdict on a call that was ruled out beside what is due."""
    words = _evidence(plan.rejected[extra]) if extra in plan.rejected else ()
    if not words and plan.only:
        words = (Evidence("thinking", *plan.only),)
    message = f"the thinking settles on {' and '.join(due)} alone, but {extra} is called as well"
    return Verdict("called_not_planned", due, (*words, *_call(names, extra)), message)


def _wrong_order(plan: Plan, names: list[str]) -> tuple[Mark, Mark] | None:
    for before, behind in plan.order:
        earlier = [at for at, name in enumerate(names) if name in before.name.tools]
        later = [at for at, name in enumerate(names) if name in behind.name.tools - before.name.tools]
        if earlier and later and min(earlier) > min(later):
            return before, behind
    return None


def _label(one: Mark) -> str:
    return " or ".join(sorted(one.name.tools))


def _suggestion(one: Mark) -> str | None:
    return next(iter(one.name.tools)) if len(one.name.tools) == 1 else None


def _listed(names: list[str]) -> str:
    return ", ".join(dict.fromkeys(names))


def _evidence(*marks: Mark) -> tuple[Evidence, ...]:
    return tuple(Evidence("thinking", one.name.start, one.name.end) for one in marks)


def _call(names: list[str], name: str) -> tuple[Evidence, ...]:
    at = names.index(name)
    return (Evidence("calls", at, at + 1),)
