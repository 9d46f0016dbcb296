"""Reports calls that are only told in prose; nothing executes them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from curator.checks.registry import Context, check
from curator.checks.schema import nearest
from curator.checks.support.places import raw_evidence
from curator.model import Finding, Turn

_NAME = re.compile(r"a call of (\S+)")


@check("pseudo_call", "error", "Call that is only told in prose")
def pseudo_call(turn: Turn, _context: Context) -> Iterable[Finding]:
    """Report every ``[Calling NAME …]``: it teaches the model to tell of calls instead of making them."""
    for problem in turn.output.problems:
        if problem.code == "pseudo_call":
            named = _NAME.match(problem.message)
            name = named[1] if named else "a tool"
            message = f"the call of {name} is only told in prose, so nothing executes it"
            offered = [tool.name for tool in turn.tools]
            meant = name if name in offered else nearest(name, offered) if offered else None
            yield Finding("pseudo_call", "error", message, raw_evidence(problem.span), meant)
