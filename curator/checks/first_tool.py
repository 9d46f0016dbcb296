"""Holds the first call after a request against what the profile expects there."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from curator.checks.registry import Context, call_evidence, check
from curator.checks.support.requests import calls_in, is_result, steps
from curator.model import Finding, Turn
from curator.profiles.model import Expectation


@check("first_tool", "error", "Wrong first tool")
def first_tool(turn: Turn, context: Context) -> Iterable[Finding]:
    """Compare the first call since the user's last message with the expectations for the tier.

    Silent where something was called since, where nothing is called, and where no tool that is offered fits.
    """
    expectations = context.profile.expectations if context.profile else ()
    calls = turn.output.tool_calls
    rules = [one for one in expectations if calls and fnmatchcase(turn.tier, one.tier)]
    broken = [one for one in rules if not fnmatchcase(calls[0].name, one.first_call)]
    if not broken or _has_called(turn):
        return
    for rule in broken:
        meant = [tool.name for tool in turn.tools if fnmatchcase(tool.name, rule.first_call)]
        if meant or not turn.tools:
            suggestion = meant[0] if meant else rule.first_call.lstrip("*.") or None
            yield Finding("first_tool", rule.severity, _sentence(turn, rule), call_evidence(0), suggestion)


def _sentence(turn: Turn, rule: Expectation) -> str:
    tier = f" in tier {turn.tier}" if turn.tier else ""
    title = f" ({rule.title})" if rule.title else ""
    return f"{turn.output.tool_calls[0].name} is called first{tier}, where {rule.first_call} has to be{title}"


def _has_called(turn: Turn) -> bool:
    since = steps(turn.prompt)
    return any(map(is_result, since)) or bool(calls_in(since, turn.tools))
