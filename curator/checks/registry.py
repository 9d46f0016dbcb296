"""The checks that Curator knows, what they may look at besides the turn, and how they are run."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from msgspec.structs import replace

from curator.discovery import load_modules
from curator.model import Evidence, Finding, Severity, ToolCall, Turn
from curator.profiles import Profile, offered_tools
from curator.tokens import ESTIMATE, Tokenizer

CallKey = tuple[str, str]

_ORDER: dict[str, int] = {"error": 0, "warning": 1, "info": 2}
_NO_RULES: Mapping[str, str] = {}


@dataclass
class Context:
    """What checks know besides the turn itself."""

    aliases: Mapping[str, str] = field(default_factory=dict)
    """Other words for tools, from the profile: word → tool name."""
    profile: Profile | None = None
    """What the project demands; without one, checks that ask for its rules find nothing."""
    tokenizer: Tokenizer = ESTIMATE
    """Counts tokens; the estimate where the tokenizer of the base would cost too much."""
    seen: dict[CallKey, int] = field(default_factory=dict)
    """Calls of the session so far → index of the first turn that made them."""

    def remember(self, turn: Turn) -> None:
        """Add the calls of ``turn``; call it after checking, in the order of the session."""
        for call in turn.output.tool_calls:
            self.seen.setdefault(call_key(call), turn.index)


Run = Callable[[Turn, Context], Iterable[Finding]]


@dataclass(frozen=True)
class Check:
    """One check: ``severity`` is that of its gravest finding, ``doc`` says what it looks for."""

    id: str
    severity: Severity
    title: str
    doc: str
    run: Run


_registered: dict[str, Check] = {}


def check(name: str, severity: Severity, title: str) -> Callable[[Run], Run]:
    """Register the decorated function as the check ``name``; its docstring is the check's."""

    def add(run: Run) -> Run:
        _registered[name] = Check(name, severity, title, (run.__doc__ or "").strip(), run)
        return run

    return add


@cache
def checks() -> tuple[Check, ...]:
    """Return every check, those that find errors first."""
    load_modules("curator.checks")
    return tuple(sorted(_registered.values(), key=lambda one: (_ORDER[one.severity], one.id)))


def run_checks(turn: Turn, context: Context, only: Collection[str] | None = None) -> tuple[Finding, ...]:
    """Return what the checks (or those whose ids are in ``only``) find, errors first.

    The profile may switch a check off, or give its gravest findings another severity; lesser ones
    are then never graver than that. ``context`` is read, not changed: call its ``remember`` after
    each turn of a session.
    """
    rules = context.profile.checks if context.profile else _NO_RULES
    if context.profile and context.profile.tools:
        turn = with_tools(turn, context.profile)
    findings = [
        _ruled(finding, one, rules) if rules else finding
        for one in checks()
        if (only is None or one.id in only) and rules.get(one.id) != "off"
        for finding in one.run(turn, context)
    ]
    findings.sort(key=_gravity)
    return tuple(findings)


def with_tools(turn: Turn, profile: Profile) -> Turn:
    """Return the turn with the tools of the profile where its log states none."""
    if turn.tools or profile.tools is None:
        return turn
    return replace(turn, tools=offered_tools(profile), tools_in_prompt=True)


def _ruled(finding: Finding, one: Check, rules: Mapping[str, str]) -> Finding:
    """Return the finding with the severity that the profile gives it."""
    rule = rules.get(one.id)
    if rule not in _ORDER or (finding.severity != one.severity and _ORDER[finding.severity] >= _ORDER[rule]):
        return finding
    return replace(finding, severity=rule)


def _gravity(finding: Finding) -> int:
    return _ORDER[finding.severity]


def call_key(call: ToolCall) -> CallKey:
    """Return what two calls share when they are the same: the name and the canonical arguments."""
    return call.name, json.dumps(call.arguments, sort_keys=True) if call.arguments else "{}"


def call_evidence(index: int) -> tuple[Evidence, ...]:
    """Return the evidence that points at one call of a turn."""
    return (Evidence("calls", index, index + 1),)
