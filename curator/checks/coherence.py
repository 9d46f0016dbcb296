"""Compares what the thinking settles on with what was called.

A first, cautious layer: it speaks only where the reasoning names a tool outright.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from curator.checks.registry import Context, check
from curator.checks.support.plans import Intent, Plan, is_rejected, read_plan
from curator.checks.support.vocabulary import Vocabulary, name_words, vocabulary
from curator.model import Evidence, Finding, Turn

_REACH = 1_200
"""A plan further than this from the end of the thinking may have been overtaken."""
_LAST_WORDS = 300
_CERTAIN = frozenset(("repaired", "calls_differ"))
"""Problems that leave no doubt about what was thought and what was called."""
_DOTTED = re.compile(r"(?<![\w./])[a-z]\w*\.[a-z]+(?:_[a-z]+)+(?![\w(/])")
"""Names like those called, for logs that do not say which tools were offered."""


@check("coherence", "error", "Thinking names another tool than the one called")
def coherence(turn: Turn, context: Context) -> Iterable[Finding]:
    """Find turns whose thinking settles on one tool while another, or none, is called.

    Errors: another tool was called in its place. Warnings: nothing was called. Infos: a tool is
    planned for a later step.
    """
    thinking = turn.output.thinking
    if not thinking or any(problem.code not in _CERTAIN for problem in turn.output.problems):
        return
    words = _words(turn, context)
    called = {call.name for call in turn.output.tool_calls}
    plan = read_plan(thinking, words, called)
    if wrong := _names_another(thinking, plan, called, words):
        yield _another_tool(wrong, called)
    elif missing := _not_called(turn, thinking, plan):
        message = f"the thinking settles on {_label(missing)}, but nothing is called"
        yield Finding("coherence", "warning", message, _evidence(missing), _suggestion(missing))
    if not turn.output.tool_calls:
        return
    for intent in plan.later:
        if not intent.name.tools & called:
            message = f"the thinking plans {_label(intent)} for later; this turn does not call it"
            yield Finding("coherence", "info", message, _evidence(intent))


def _words(turn: Turn, context: Context) -> Vocabulary:
    names = {tool.name for tool in turn.tools} or {name for name, _ in context.seen}
    names.update(call.name for call in turn.output.tool_calls)
    if not turn.tools and any("." in name for name in names):
        names.update(_DOTTED.findall(turn.output.thinking or ""))
    return vocabulary(tuple(sorted(names)), tuple(sorted(context.aliases.items())))


def _names_another(thinking: str, plan: Plan, called: set[str], words: Vocabulary) -> Intent | None:
    """Return the intent that was not followed, or ``None`` where anything may explain the call."""
    if not called or not plan.due or any(one.name.tools & called for one in (*plan.due, *plan.later)):
        return None
    first = plan.due[0]
    if len(thinking) - plan.due[-1].end > _REACH or _is_mentioned(thinking, first, called, words):
        return None
    return first


def _is_mentioned(thinking: str, intent: Intent, called: set[str], words: Vocabulary) -> bool:
    """Tell whether the reasoning speaks of a called tool, by name or by its words, from the intent on."""
    rest: list[str] = []
    at = intent.start
    for name in words.names_in(thinking, intent.start):
        if name.tools & called and not is_rejected(thinking, name):
            return True
        rest.append(thinking[at : name.start])
        at = name.end
    due = {word for tool in intent.name.tools for word in name_words(tool)}
    own = {word for tool in called for word in name_words(tool) if len(word) > 3} - due
    said = set(name_words("".join([*rest, thinking[at:]])))
    return any(one.startswith(word) for word in own for one in said)


def _not_called(turn: Turn, thinking: str, plan: Plan) -> Intent | None:
    """Return the intent that the thinking ends with when the turn only talks."""
    content = turn.output.content
    if turn.output.tool_calls or not plan.due or not content or turn.finish_reason not in (None, "stop"):
        return None
    last = plan.due[-1]
    asks = content.rstrip().endswith("?")
    return None if asks or len(thinking) - last.end > _LAST_WORDS else last


def _another_tool(intent: Intent, called: set[str]) -> Finding:
    message = f"the thinking settles on {_label(intent)}, but {', '.join(sorted(called))} is called"
    evidence = (*_evidence(intent), Evidence("calls", 0, 1))
    return Finding("coherence", "error", message, evidence, _suggestion(intent))


def _evidence(intent: Intent) -> tuple[Evidence, ...]:
    return (Evidence("thinking", intent.name.start, intent.name.end),)


def _label(intent: Intent) -> str:
    return " or ".join(sorted(intent.name.tools))


def _suggestion(intent: Intent) -> str | None:
    return next(iter(intent.name.tools)) if len(intent.name.tools) == 1 else None
