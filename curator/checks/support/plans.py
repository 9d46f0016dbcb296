"""Reads from reasoning what it finally settles on doing now, later, or not at all."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from msgspec.structs import replace

from curator.checks.support.cues import Cues, cues_for
from curator.checks.support.deeds import deeds
from curator.checks.support.ruling import Ruling, answers, candidates, no_call
from curator.checks.support.sentences import Sentence, lowered, quotations, sentences
from curator.checks.support.stances import Mark, around, mark
from curator.checks.support.steps import Plan, has
from curator.checks.support.vocabulary import Name, Vocabulary, name_words, stem

_AND = re.compile(r"\W*and\b")
_ONLY_CALL = re.compile(r"\b(?:that|this|it)(?:['’]s| is| will be) the only (?:call|tool|action|step)\b")
_LAST = 6
"""Deeds count only in so many sentences at the end."""
_READ = 24_000
"""Of longer reasoning only so much of the end is read."""
_LONGER = 12
"""A quotation has so many characters besides the name; else the name itself is in quotes."""
_SOON = 4
"""A first step without a name concerns what is named within so many sentences."""


@dataclass
class _Reading:
    """The text while it is read."""

    text: str
    lower: str
    cues: Cues
    parts: tuple[Sentence, ...]
    called: frozenset[str]
    plan: Plan = field(default_factory=Plan)
    last: Mark | None = None
    """The last commitment."""
    asked: int = -9
    """The last sentence that asks whether any tool is needed."""
    unnamed: int = -1
    """The last sentence that settles on a first step without naming a tool."""

    def words(self, index: int) -> str:
        """Return one sentence."""
        return self.lower[self.parts[index].start : self.parts[index].end]

    def turned(self, between: str) -> bool:
        """Tell whether words change the mind of the reasoning."""
        return bool(self.cues["turned"].search(between))


def read_plan(thinking: str, words: Vocabulary, called: Collection[str] = ()) -> Plan:
    """Return what ``thinking`` ends up with, given the names that are ``called``.

    Positions are code points of ``thinking``. Empty where it settles on nothing for sure.
    """
    cut = max(0, len(thinking) - _READ)
    text = thinking[cut:]
    lower = lowered(text)
    names = words.names(text, lower)
    reading = _Reading(text, lower, cues_for(lower), sentences(lower), frozenset(called))
    marks = _marks(reading, names)
    if names or called:
        _read(reading, marks, words)
    else:
        _read_deeds(reading, words, set())
    _settle(reading)
    reading.plan.marks = tuple(marks)
    return reading.plan.moved(cut) if cut else reading.plan


def _marks(reading: _Reading, names: list[Name]) -> list[Mark]:
    """Return what the reasoning makes of every name, quotations apart."""
    quoted = quotations(reading.text) if names else []
    said = [name for name in names if not _is_quoted(name, quoted)]
    marks: list[Mark] = []
    at = 0
    for index, sentence in enumerate(reading.parts):
        end = at
        while end < len(said) and said[end].start < sentence.end:
            end += 1
        inside, at = said[at:end], end
        previous: Mark | None = None
        for position, name in enumerate(inside):
            words = around(reading.lower, inside, position, sentence, previous)
            previous = mark(name, index, words, reading.cues)
            marks.append(previous)
    return _answered(reading, _shared(reading, marks))


def _shared(reading: _Reading, marks: list[Mark]) -> list[Mark]:
    """Let names share what is said of the last of them: "X and Y come afterwards"."""
    for at in range(len(marks) - 2, -1, -1):
        one, behind = marks[at], marks[at + 1]
        joined = one.sentence == behind.sentence and one.stance == "neutral" and behind.later
        if (
            joined
            and behind.stance == "commit"
            and _AND.match(reading.lower[one.name.end : behind.name.start])
        ):
            marks[at] = replace(one, stance="commit", later=True, waits=behind.waits)
    return marks


def _is_quoted(name: Name, quoted: list[tuple[int, int]]) -> bool:
    length = name.end - name.start + _LONGER
    return any(start < name.start and name.end < end and end - start > length for start, end in quoted)


def _answered(reading: _Reading, marks: list[Mark]) -> list[Mark]:
    """Settle questions by the sentence behind them: "X? No." rejects, "X? Yes." settles on it."""
    named = {one.sentence for one in marks}
    for at, one in enumerate(marks):
        behind = one.sentence + 1
        if one.stance != "consider" or not reading.parts[one.sentence].asks or behind >= len(reading.parts):
            continue
        answer = reading.words(behind)
        if reading.cues["no"].search(answer):
            marks[at] = replace(one, stance="reject")
        elif reading.cues["yes"].search(answer) and behind not in named:
            marks[at] = replace(one, stance="commit")
    return marks


def _read(reading: _Reading, marks: list[Mark], words: Vocabulary) -> None:
    """Go through the sentences in order; the last decision wins."""
    by_sentence: dict[int, list[Mark]] = {}
    for one in marks:
        by_sentence.setdefault(one.sentence, []).append(one)
    ruling, answering = candidates(reading.lower, reading.parts)
    seen: Mark | None = None
    for index, part in enumerate(reading.parts):
        own = by_sentence.get(index, [])
        ruled = no_call(reading.lower, part, reading.cues, own) if index in ruling else None
        if ruled is None and index in answering:
            ruled = answers(reading.lower, part, reading.cues)
        _take_all(reading, index, own, ruled)
        seen = own[-1] if own else seen
        if seen and not ruled and (not own or seen.stance == "neutral"):
            _pronoun(reading, index, seen, own)
        if not own:
            _silent(reading, index)
    plan = reading.plan
    if not (plan.due or plan.none or plan.perhaps or plan.rejected or plan.dropped):
        _read_deeds(reading, words, set(by_sentence))


def _take_all(reading: _Reading, index: int, own: list[Mark], ruled: Ruling | None) -> None:
    """Take the decisions of one sentence in order."""
    for one in own:
        if ruled and ruled.start < one.name.start:
            _rule_out(reading, index, ruled)
            ruled = None
        _take(reading, one)
    if ruled:
        _rule_out(reading, index, ruled)


def _read_deeds(reading: _Reading, words: Vocabulary, named: set[int]) -> None:
    """Let the last sentences that set out to do what a tool is named for settle on that tool."""
    for index in range(max(0, len(reading.parts) - _LAST), len(reading.parts)):
        start, end, asks = reading.parts[index]
        if asks or index in named or not (name := deeds(reading.lower, start, end, words)):
            continue
        later = bool(reading.cues["later_left"].search(reading.lower, start, name.start))
        first = not later and bool(reading.cues["first_left"].search(reading.lower, start, name.start))
        _commit(reading, Mark(name, index, "commit", first, later))


def _take(reading: _Reading, one: Mark) -> None:
    plan = reading.plan
    if one.stance == "commit":
        _commit(reading, one)
    elif one.stance == "reject":
        plan.reject(one)
    elif one.stance == "consider":
        if one.later and plan.due and not plan.is_due(one):
            plan.later.append(one)
            plan.order.append((plan.due[0], one))
        else:
            plan.considered.append(one)


def _commit(reading: _Reading, one: Mark) -> None:
    """Add a decision to the plan, or let it replace the decisions before it."""
    plan, last = reading.plan, reading.last
    for tool in one.name.tools:
        plan.rejected.pop(tool, None)
    if plan.none and not one.waits:
        plan.none = None
    if one.after and not one.name.tools & reading.called and not plan.is_due(one):
        return
    between = reading.lower[last.name.end : one.name.start] if last else ""
    if plan.is_due(one):
        if not (one.later and one.waits):
            plan.renew(one, turned=bool(reading.cues["turn"].search(between)) and not one.first)
    elif one.either and plan.due and last and last.sentence == one.sentence:
        plan.perhaps.append(one)
    elif one.later and (plan.due or one.waits):
        plan.add_later(one)
    elif not plan.due:
        _begin(reading, one)
    elif one.first:
        plan.put_first(one, turned=reading.turned(between))
    elif reading.turned(between) and not reading.cues["also"].search(between[-60:]):
        plan.replace_due(one)
    else:
        _add_beside(reading, one, between)
    reading.last = one


def _begin(reading: _Reading, one: Mark) -> None:
    since = one.sentence - reading.unnamed
    if reading.unnamed >= 0 and 0 < since <= _SOON and not one.first and not _is_meant(reading, one):
        reading.plan.perhaps.append(one)
    else:
        reading.plan.begin_with(one)


def _is_meant(reading: _Reading, one: Mark) -> bool:
    """Tell whether a first step without a name speaks of what a tool is named for."""
    said = {stem(word) for word in name_words(reading.words(reading.unnamed))}
    return any(said & {stem(word) for word in name_words(tool)} for tool in one.name.tools)


def _add_beside(reading: _Reading, one: Mark, between: str) -> None:
    """Add a decision of which nothing says when: joined with the one before, or open."""
    plan, last, cues = reading.plan, reading.last, reading.cues
    joined = last is not None and last.sentence == one.sentence
    joined = joined and ("," in between or bool(cues["joint"].search(between)))
    if joined and not cues["dependent"].search(between):
        if last is not None and has(plan.later, last):
            plan.add_later(one)
        else:
            plan.due.append(one)
    elif cues["also"].search(between):
        plan.due.append(one)
    else:
        plan.perhaps.append(one)


def _pronoun(reading: _Reading, index: int, seen: Mark, own: list[Mark]) -> None:
    """Let "I'll use that" settle on the tool that was named last."""
    start, end, asks = reading.parts[index]
    if asks or seen.stance not in ("neutral", "consider") or index - seen.sentence > 1:
        return
    start = seen.name.end if own else start
    found = reading.cues["pronoun"].search(reading.lower, start, end)
    if not found or reading.cues["not_so"].search(reading.lower, max(start, found.start() - 40), found.end()):
        return
    if not (seen.later and reading.plan.due):
        _commit(reading, replace(seen, stance="commit", sentence=index))


def _silent(reading: _Reading, index: int) -> None:
    """Note what a sentence without a name says: doubts, a first step, that no tool is needed after all."""
    start, end, asks = reading.parts[index]
    text, plan, cues = reading.words(index), reading.plan, reading.cues
    if asks:
        if cues["any_tool"].search(text):
            reading.asked = index
        return
    if 0 < index - reading.asked <= 3 and not plan.due and cues["no"].search(text):
        plan.none = (start, end)
    if plan.due and cues["strong_turn"].search(text) and not cues["still"].search(text):
        plan.dropped += plan.due
        plan.due = []
    if plan.none and cues["acts"].search(text) and not cues["answer"].search(text):
        plan.none = None
    if cues["unnamed"].search(text) and cues["physical"].search(text) and cues["intent"].search(text):
        reading.unnamed = reading.unnamed if cues["mental"].search(text) else index


def _rule_out(reading: _Reading, index: int, ruled: Ruling) -> None:
    plan, last = reading.plan, reading.last
    words = (ruled.start, ruled.end)
    since = reading.lower[last.name.end : ruled.start] if last else ""
    near = last is not None and index - last.sentence <= 1 and not reading.turned(since)
    if plan.due and not ruled.strong:
        if not (reading.turned(since) or reading.cues["turn"].search(since)):
            return
    elif plan.due and last:
        further = reading.cues["further"].search(reading.lower, ruled.start, ruled.end)
        if further or near or last.sentence == index:
            plan.only = words
            return
    plan.rule_out(words)


def _settle(reading: _Reading) -> None:
    """Look once more at how the steps hang together: all in this turn, how often, nothing else."""
    plan = reading.plan
    if not plan.due:
        return
    held = {one.sentence for one in plan.steps()}
    near = reading.parts[max(0, min(held) - 1) : max(held) + 3]
    text = " ".join(reading.lower[start:end] for start, end, _ in near)
    if (plan.later or plan.perhaps) and reading.cues["all_now"].search(text):
        sure = [step for step in plan.later if not step.waits and step.stance == "commit"]
        plan.due += [*sure, *(one for one in plan.perhaps if not one.either)]
        plan.later = [step for step in plan.later if step not in sure]
        plan.perhaps = [one for one in plan.perhaps if one.either]
    if len(plan.due) > 1 and reading.cues["ordered"].search(text):
        pairs = [pair for pair in zip(plan.due, plan.due[1:], strict=False) if pair not in plan.order]
        plan.order += [pair for pair in pairs if pair[::-1] not in plan.order]
    if len(plan.due) == 1 and reading.cues["counted"].search(text):
        plan.at_least = 2
    if plan.only is None and (found := _ONLY_CALL.search(reading.lower, near[0].start, near[-1].end)):
        plan.only = found.span()
    for one in plan.due:
        start, end, _ = reading.parts[one.sentence]
        if plan.only is None and (found := reading.cues["only"].search(reading.lower, start, end)):
            plan.only = found.span()
