"""Detectors that fit any project: how much a row calls, what it says, and what came before it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

from curator.checks.registry import call_key
from curator.checks.support.requests import called_in, calls_in, is_denial, is_failure, is_result, steps
from curator.coverage.registry import Row, detector
from curator.model import Message, call_class
from curator.profiles.model import CoverageItem

_CANNOT = re.compile(
    r"\b(?:can't|can’t|cannot|can not|couldn't|could not|unable to|not able to|won't|won’t|will not"
    r"|don't have|don’t have|do not have|isn't available|is not available|not available|no longer"
    r"|there is no|there's no|there are no|doesn't exist|does not exist|not present|not allowed"
    r"|not permitted|refuse|sorry)\b",
    re.IGNORECASE,
)
_AFTER_QUESTION = " \t\r\n\"'”’)*_`»"


@detector("no_call")
def no_call(row: Row, _item: CoverageItem) -> bool:
    """The row calls nothing."""
    return call_class(row.output.tool_calls) == "none"


@detector("one_call")
def one_call(row: Row, _item: CoverageItem) -> bool:
    """The row makes exactly one call."""
    return call_class(row.output.tool_calls) == "one"


@detector("several_calls")
def several_calls(row: Row, _item: CoverageItem) -> bool:
    """The row makes two calls or more."""
    return call_class(row.output.tool_calls) == "several"


@detector("refusal")
def refusal(row: Row, _item: CoverageItem) -> bool:
    """The row calls nothing and says that it cannot or will not; understood in English."""
    return not row.output.tool_calls and _CANNOT.search(row.output.content or "") is not None


@detector("asks_back")
def asks_back(row: Row, _item: CoverageItem) -> bool:
    """The row calls nothing and ends with a question."""
    words = (row.output.content or "").rstrip(_AFTER_QUESTION)
    return not row.output.tool_calls and words.endswith(("?", "？", "؟"))


@detector("after_error")
def after_error(row: Row, _item: CoverageItem) -> bool:
    """A tool failed right before the row, and the row goes on without making the same call again."""
    return any(map(is_failure, _last_results(row))) and _goes_on(row)


@detector("after_denial")
def after_denial(row: Row, _item: CoverageItem) -> bool:
    """The user denied a call right before the row, and the row respects it."""
    return any(map(is_denial, _last_results(row))) and _goes_on(row)


@detector("several_steps")
def several_steps(row: Row, _item: CoverageItem) -> bool:
    """The row goes on after a tool result of the same request."""
    return any(map(is_result, steps(row.turn.prompt)))


@detector("uses_tool")
def uses_tool(row: Row, item: CoverageItem) -> bool:
    """The row calls one of the item's tools."""
    return any(fnmatchcase(call.name, one) for call in row.output.tool_calls for one in item.calls)


@detector("chain")
def chain(row: Row, item: CoverageItem) -> bool:
    """The row completes the item's calls: made in this order for one request, the last of them in the row."""
    own = [call.name for call in row.output.tool_calls]
    if not item.calls or not any(fnmatchcase(name, item.calls[-1]) for name in own):
        return False
    names = iter((*calls_in(steps(row.turn.prompt), row.turn.tools), *own))
    return all(any(fnmatchcase(name, wanted) for name in names) for wanted in item.calls)


def _last_results(row: Row) -> Sequence[Message]:
    """Return the results that came in since the assistant's last message."""
    since = steps(row.turn.prompt)
    spoken = max((at for at, one in enumerate(since) if one.role == "assistant"), default=-1)
    return since[spoken + 1 :]


def _goes_on(row: Row) -> bool:
    """Tell whether the row does or says something, and no call of it was made for this request before."""
    made = {call_key(call) for call in called_in(steps(row.turn.prompt), row.turn.tools)}
    calls = [call_key(call) for call in row.output.tool_calls]
    return bool(calls or row.output.content) and not made.intersection(calls)
