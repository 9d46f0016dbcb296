"""What a correction most probably is, from what the checks found: each one key away in the editor.

Pure: a turn, its findings and the correction as it stands in; corrections to choose from out. A suggestion
is made only while what it mends still stands in the correction.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from curator.checks.schema import nearest
from curator.checks.support.home import House, house_of, is_fetch, targets
from curator.model import Correction, Finding, ToolCall, ToolSpec, Turn
from curator.profiles import Profile
from curator.review.drafts import fitting
from curator.review.forms import read
from curator.review.mending import mended_arguments, mended_calls
from curator.review.schemas import plain, types
from curator.review.target import calls_in_text

MOST = 9
"""As many as there are digits to choose them by."""

_TOLD = frozenset(("pseudo_call", "json_like_text"))
_TO_DROP = {
    "redundant_action": "drop the action that changes nothing",
    "absent_entity_called": "drop the action on what is not there",
    "repeated_call": "drop the repeated call",
}
_ARGUMENT = re.compile(r"says .* for (\S+) of \S+, the call has ")
_TEXT_AND_CALLS = "text stands beside"
_UNREAD = ("repaired", "pseudo_call", "unclosed_think", "executed_in_thinking")


class Suggestion(Struct, frozen=True):
    """One way to correct the turn."""

    title: str
    """What it does."""
    why: str
    """What was found."""
    result: Correction


class _Case(Struct, frozen=True):
    turn: Turn
    profile: Profile
    now: Correction

    def tool(self, name: str | None) -> ToolSpec | None:
        """Return an offered tool."""
        return next((tool for tool in self.turn.tools if tool.name == name), None)

    def place(self, finding: Finding) -> int | None:
        """Return where the logged call that a finding is about stands in the correction, if it still does."""
        logged = self.turn.output.tool_calls
        at = next((one.start for one in finding.evidence if one.field == "calls"), -1)
        if not 0 <= at < len(logged):
            return None
        same = [n for n, call in enumerate(self.now.tool_calls) if _is_same(call, logged[at])]
        earlier = sum(_is_same(call, logged[at]) for call in logged[:at])
        return same[min(earlier, len(same) - 1)] if same else None

    def with_calls(self, *calls: ToolCall) -> Correction:
        """Return the correction with other calls."""
        return replace(self.now, tool_calls=calls)


_Maker = Callable[[_Case, Finding], Iterator[Suggestion]]


def suggestions(
    turn: Turn, findings: Sequence[Finding], profile: Profile, now: Correction
) -> tuple[Suggestion, ...]:
    """Return what may be done next to ``now``, the likeliest first, each result once; at most ``MOST``."""
    case = _Case(turn, profile, now)
    found: dict[str, Suggestion] = {}
    for one in _all(case, findings):
        if one.result != now:
            found.setdefault(repr(one.result), one)
        if len(found) == MOST:
            break
    return tuple(found.values())


def _all(case: _Case, findings: Sequence[Finding]) -> Iterator[Suggestion]:
    for maker in (_fetched, _named, _said_value, _in_order):
        for finding in findings:
            yield from maker(case, finding)
    yield from _mended(case)
    yield from _renamed(case)
    for finding in findings:
        yield from _other_entity(case, finding)
    yield from _typed(case)
    for maker in (_dropped, _without_text, _read_in_text, _out_of_thinking):
        for finding in findings:
            yield from maker(case, finding)
    yield from _without_thinking(case)


def _named(case: _Case, finding: Finding) -> Iterator[Suggestion]:
    """The tool that the thinking named, or that the profile wants first."""
    tool = case.tool(finding.suggestion) if finding.check in ("coherence", "first_tool") else None
    if tool is None or any(call.name == tool.name for call in case.now.tool_calls):
        return
    at = case.place(finding)
    calls = case.now.tool_calls
    if finding.check == "coherence" and at is not None:
        old = calls[at]
        new = ToolCall(tool.name, fitting(tool, old.arguments))
        result = case.with_calls(*calls[:at], new, *calls[at + 1 :])
        yield Suggestion(f"call {tool.name} instead of {old.name}", finding.message, result)
    elif finding.check == "coherence" and not case.turn.output.tool_calls:
        result = case.with_calls(*calls, ToolCall(tool.name, fitting(tool, {})))
        yield Suggestion(f"call {tool.name}", finding.message, result)
    else:
        result = case.with_calls(ToolCall(tool.name, fitting(tool, {})), *calls)
        yield Suggestion(f"call {tool.name} first", finding.message, result)


def _said_value(case: _Case, finding: Finding) -> Iterator[Suggestion]:
    """The value that the thinking gives an argument."""
    said = _ARGUMENT.search(finding.message) if finding.check == "coherence" else None
    at = case.place(finding)
    if said is None or at is None or finding.suggestion is None:
        return
    call, name = case.now.tool_calls[at], said[1]
    spec = case.tool(call.name)
    root = (spec.parameters if spec else None) or {}
    properties = root.get("properties")
    schema = plain(properties.get(name) if isinstance(properties, dict) else None, root)
    value = read(finding.suggestion, types(schema, root))
    if name in call.arguments:
        result = _changed(case, at, replace(call, arguments={**call.arguments, name: value}))
        yield Suggestion(f"{name}: {finding.suggestion}", finding.message, result)


def _in_order(case: _Case, finding: Finding) -> Iterator[Suggestion]:
    """The order that the thinking wants."""
    calls = case.now.tool_calls
    if finding.check != "coherence" or "the other way round" not in finding.message:
        return
    first = next((call for call in calls if call.name == finding.suggestion), None)
    if first is not None and calls[0] is not first:
        rest = [call for call in calls if call is not first]
        yield Suggestion(f"call {first.name} first", finding.message, case.with_calls(first, *rest))


def _mended(case: _Case) -> Iterator[Suggestion]:
    """Calls that could not be read, mended."""
    for problem in case.turn.output.problems:
        if problem.span is None or problem.code in _UNREAD:
            continue
        calls = mended_calls(case.turn, case.turn.raw[slice(*problem.span)])
        missing = [call for call in calls if not any(_is_same(call, one) for one in case.now.tool_calls)]
        if missing:
            before = sum(1 for call in case.turn.output.tool_calls if call.span and call.span < problem.span)
            have = case.now.tool_calls
            result = case.with_calls(*have[:before], *missing, *have[before:])
            names = ", ".join(call.name for call in missing)
            yield Suggestion(f"mend the call of {names}", problem.message, result)


def _renamed(case: _Case) -> Iterator[Suggestion]:
    """The offered tool that a call nearly names."""
    offered = [tool.name for tool in case.turn.tools]
    for at, call in enumerate(case.now.tool_calls):
        near = nearest(call.name, offered) if offered and call.name not in offered else None
        if near:
            result = _changed(case, at, replace(call, name=near))
            yield Suggestion(f"call {near} instead of {call.name}", f"{call.name} was not offered", result)


def _typed(case: _Case) -> Iterator[Suggestion]:
    """Arguments of the types and names that the schema has."""
    for at, call in enumerate(case.now.tool_calls[:20]):
        mended, words = mended_arguments(call, case.turn.tools)
        if words:
            yield Suggestion(
                ", ".join(words[:3]) + (" …" if len(words) > 3 else ""),
                f"{call.name} breaks its schema",
                _changed(case, at, mended),
            )


def _fetched(case: _Case, finding: Finding) -> Iterator[Suggestion]:
    """The look at the state that has to come first; the actions follow in the next turn."""
    house = house_of(case.turn.prompt)
    if finding.check != "state_not_fetched" or house is None:
        return
    tool = case.tool(finding.suggestion)
    known = house.state or {}
    acting = [call for call in case.now.tool_calls if not is_fetch(call)]
    wanted = [one for call in acting for one in targets(call, house) if _is_unknown(house, one, known)]
    if wanted:
        call = ToolCall(
            finding.suggestion or "get_entity_state", _asking_for(tool, list(dict.fromkeys(wanted)))
        )
        result = replace(case.now, tool_calls=(call,), content=None)
        yield Suggestion(f"fetch the state first: {call.name}", finding.message, result)


def _other_entity(case: _Case, finding: Finding) -> Iterator[Suggestion]:
    """The entity of the house that is most like the one that was made up."""
    house, at, near = house_of(case.turn.prompt), case.place(finding), finding.suggestion
    if finding.check != "unknown_entity" or house is None or at is None or near is None:
        return
    call = case.now.tool_calls[at]
    made_up = [
        one for one in targets(call, house) if one not in house.entities and f"'{one}'" in finding.message
    ]
    for one in made_up[:1]:
        arguments = _swapped(call.arguments, one, near)
        yield Suggestion(
            f"{one} → {near}", finding.message, _changed(case, at, replace(call, arguments=arguments))
        )


def _dropped(case: _Case, finding: Finding) -> Iterator[Suggestion]:
    """The turn without a call that should not be there."""
    title = _TO_DROP.get(finding.check)
    if finding.check == "coherence" and ("rules out" in finding.message or "alone, but" in finding.message):
        title = "drop the call that the thinking rules out"
    elif finding.check == "coherence" and "decides against" in finding.message:
        title = "drop the call that the thinking decides against"
    at = case.place(finding) if title else None
    if title and at is not None:
        calls = case.now.tool_calls
        result = case.with_calls(*calls[:at], *calls[at + 1 :])
        yield Suggestion(f"{title}: {calls[at].name}", finding.message, result)


def _without_text(case: _Case, finding: Finding) -> Iterator[Suggestion]:
    """The calls without the commentary beside them."""
    beside = finding.check == "commentary" or (
        finding.check == "mixed_output" and _TEXT_AND_CALLS in finding.message
    )
    if beside and case.now.content and case.now.tool_calls:
        yield Suggestion(
            "leave out the text beside the calls", finding.message, replace(case.now, content=None)
        )


def _read_in_text(case: _Case, finding: Finding) -> Iterator[Suggestion]:
    """The call that stands in the text as words, as a call."""
    text = case.now.content
    if finding.check not in _TOLD or not text:
        return
    found = calls_in_text(text, case.turn.tools, case.profile.syntax)
    if found.calls:
        calls = (*case.now.tool_calls, *found.calls)
        names = ", ".join(call.name for call in found.calls)
        result = replace(case.now, tool_calls=calls, content=found.rest or None)
        yield Suggestion(f"make the text a call of {names}", finding.message, result)


def _out_of_thinking(case: _Case, finding: Finding) -> Iterator[Suggestion]:
    """The call that stands in the thinking, as a call of the answer."""
    span = next((one for one in finding.evidence if one.field == "thinking"), None)
    if finding.check != "call_in_thinking" or span is None:
        return
    text = (case.turn.output.thinking or "")[span.start : span.end]
    found = calls_in_text(text, case.turn.tools, case.profile.syntax)
    if found.calls and case.now.thinking and text in case.now.thinking:
        have = case.now.tool_calls
        new = [call for call in found.calls if not any(_is_same(call, one) for one in have)]
        thinking = case.now.thinking.replace(text, "", 1).strip()
        result = replace(case.now, thinking=thinking or None, tool_calls=(*have, *new))
        yield Suggestion(
            f"take the call of {found.calls[0].name} out of the thinking", finding.message, result
        )


def _without_thinking(case: _Case) -> Iterator[Suggestion]:
    if case.profile.thinking == "forbidden" and case.now.thinking:
        result = replace(case.now, thinking=None)
        yield Suggestion("leave out the thinking", "the profile forbids thinking", result)


def _changed(case: _Case, at: int, call: ToolCall) -> Correction:
    calls = case.now.tool_calls
    return case.with_calls(*calls[:at], call, *calls[at + 1 :])


def _is_unknown(house: House, entity: str, known: dict[str, Any]) -> bool:
    return house.needs_state(entity) and entity not in known and not house.is_absent(entity)


def _asking_for(tool: ToolSpec | None, entities: list[str]) -> dict[str, Any]:
    """Return the arguments by which a tool that fetches states is asked for these entities."""
    properties = (tool.parameters or {}).get("properties") if tool else None
    names = list(properties) if isinstance(properties, dict) and properties else ["entity_ids"]
    name = next((one for one in names if "entit" in one or one == "id"), names[0])
    schema = properties.get(name) if isinstance(properties, dict) else None
    single = isinstance(schema, dict) and schema.get("type") == "string"
    return {name: entities[0] if single else entities}


def _swapped(value: Any, old: str, new: str) -> Any:
    if isinstance(value, dict):
        return {key: _swapped(one, old, new) for key, one in value.items()}
    if isinstance(value, list):
        return [_swapped(one, old, new) for one in value]
    return new if value == old else value


def _is_same(one: ToolCall, other: ToolCall) -> bool:
    return one.name == other.name and repr(one.arguments) == repr(other.arguments)
