"""Finds arguments of a call that contradict what its reasoning states."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from curator.checks.support.likeness import (
    CLASS_WORDS,
    CLASSES,
    NO_PROPER,
    SMALL,
    STATED,
    agree,
    alike,
    close,
    is_name,
    is_value,
    same_number,
    shape,
)
from curator.checks.support.sentences import Sentence, lowered, sentences
from curator.checks.support.stances import Mark
from curator.checks.support.steps import Plan
from curator.model import Span, ToolCall, ToolSpec


class Contradiction(NamedTuple):
    """What the reasoning says of an argument, where, and what the call has instead."""

    call: int
    key: str
    said: str
    has: str
    span: Span


class Token(NamedTuple):
    """A piece of reasoning that may be a value."""

    text: str
    start: int
    end: int


_TOKEN = re.compile(r"[^\s,;\"'`“”‘’()\[\]{}<>=，。；：、（）「」]+")
_QUOTED = re.compile(r"[\"“`'‘]([^\"“”`'’\n]{1,80})[\"”`'’](?!\w)")
_NUMBER = re.compile(r"(?<![\w.\-/:@])-?\d+(?:[.,]\d+)*(?![\w/@:-]|\.\d)")
_URL = re.compile(r"^https?://")
_WORD_NUMBERS = {
    **{"three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10},
    **{"twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60},
}
_WORD_NUMBER = re.compile(
    rf"\b(?:{'|'.join(_WORD_NUMBERS)})\b(?! (?:calls?|tools?|functions?|of|thing|step|moment|is|that))"
)
_COUNTING = re.compile(r"(?:step|option|turn|phase|line|item|version|case|python|v)\s*$")
_STATED_BEFORE = re.compile(r"\b(?:already|currently|not|is|was|are|n't)\s+(?:\w+\s+)?$")
_NEGATED = re.compile(
    r"(?:\bnot|\bno|n['’]t|\binstead of|\brather than|\bnor|不是|\bnever|\bwithout)\s+(?:\w+ ){0,2}[\"'`]?$"
)
_RULED_OUT = re.compile(
    r"(?:,|^|\band|\bbut)\s*(?:not|nicht|pas|non|не)\s+(?:(?:of|for|in|on|to|the|from|with|at|di|du|de|en|aus|für)\s+){0,2}[\"'`]?$"
)
_SHORTEST = 2
_ADDING = re.compile(r"^\W*(?:the|with|its?|that|arguments?|parameters?|path|set|as|for|and)\b")
_CAPITAL = re.compile(
    r"(?<![.!?\n]\s)(?<!^)(?<![\w.\"])([A-Z][a-zà-ÿ]{2,}(?: [A-Z][a-zà-ÿ]+)*)(?![\w(_]|\.\w)"
)
_PLACED = re.compile(
    r"\b(?:for|in|of|to|at|from|city|location|place|name|with|is|on|and)\b[\s=:\"'`]*(?:set to |"
    r"as |is )?[\"'`]?$",
    re.IGNORECASE,
)
_LABEL = (
    r"(?<![\w.])[\"'`]?(?:KEY)(?!\w)[\"'`]?\s*"
    r"(?:(=|:)\s*|(?:is |to |set to |of |as |should be |must be |will be |= )*)"
    r"([\"'`“]?)([^\s\"'`“”,;(){}]+)"
)
_NO_LETTERS = re.compile(r"[^a-z]+")
_LISTED = re.compile(r"(?:[:,(]|\bwith|\band)\s*$")
_LIST_END = re.compile(r"\s*(?:[.,;)]|\band\b|$)|(?<=[.,;])")
_VALUE_END = ".,:;!?…"
_SHAPED = re.compile(r"[^A-Za-z\s,;\"'`“”‘’()\[\]{}<>=，。；：、（）「」.!?:…][^\s]|[/@:.~*-]\w")
"""What a word must have to be more than a plain one, whatever its shape."""
_LONG = 200


def contradiction(
    thinking: str, plan: Plan, calls: Sequence[ToolCall], tools: Sequence[ToolSpec]
) -> Contradiction | None:
    """Return the first argument of a due call that the reasoning states otherwise, or ``None``.

    Tools that are called several times are left alone: any of the calls may be meant.
    """
    names = [call.name for call in calls]
    schemas = {tool.name: tool.parameters for tool in tools}
    for one in plan.due:
        at = next((i for i, name in enumerate(names) if name in one.name.tools), None)
        if at is None or names.count(names[at]) > 1 or not calls[at].arguments:
            continue
        statement = _Statement(thinking, one, plan)
        for key, value in calls[at].arguments.items():
            if found := statement.against(
                key, value, calls[at].arguments, _enum(schemas.get(names[at]), key)
            ):
                return Contradiction(at, key, found.text, _short(value), (found.start, found.end))
    return None


@lru_cache(maxsize=512)
def _labels(key: str) -> tuple[str, str]:
    return key.lower(), key.lower().replace("_", " ")


@lru_cache(maxsize=512)
def _labelling(key: str) -> re.Pattern[str]:
    return re.compile(_LABEL.replace("KEY", "|".join(map(re.escape, _labels(key)))))


def _enum(schema: dict[str, Any] | None, key: str) -> tuple[str, ...]:
    properties = schema.get("properties") if isinstance(schema, dict) else None
    rule = properties.get(key) if isinstance(properties, dict) else None
    values = rule.get("enum") if isinstance(rule, dict) else None
    return tuple(str(one) for one in values) if isinstance(values, list) else ()


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:59] + "…"


class _Statement:
    """The sentences that speak of one due call, the decisive ones apart from those that only lead to it."""

    def __init__(self, thinking: str, one: Mark, plan: Plan) -> None:
        self.text = thinking
        self.lower = lowered(thinking)
        self.names = [mark.name for mark in plan.marks]
        parts = sentences(self.lower)
        at = next(
            (i for i, part in enumerate(parts) if part.start <= one.name.start < part.end), len(parts) - 1
        )
        self.near = self._sentences(parts, at, one)
        lead = max(0, at - 3)
        self.start = parts[lead].start if parts else 0
        end = self.near[1]
        for part in parts[at + 1 : at + 2]:
            if not any(part.start <= name.start < part.end for name in self.names):
                end = max(end, part.end)
        self.wide = (self.start, end)

    def _sentences(self, parts: tuple[Sentence, ...], at: int, one: Mark) -> Span:
        start, end, _ = parts[at]
        for other in self.names:
            if start <= other.start < end and not other.tools & one.name.tools:
                if other.end <= one.name.start:
                    start = max(start, other.end)
                else:
                    end = min(end, other.start)
        if (
            end == parts[at].end
            and at + 1 < len(parts)
            and _ADDING.search(self.lower[parts[at + 1].start : parts[at + 1].end])
            and not any(parts[at + 1].start <= name.start < parts[at + 1].end for name in self.names)
        ):
            end = parts[at + 1].end
        return start, end

    def against(
        self, key: str, value: object, arguments: dict[str, Any], enum: tuple[str, ...]
    ) -> Token | None:
        """Return what the reasoning says in place of ``value``, where that is beyond doubt."""
        if isinstance(value, bool) or value is None or isinstance(value, list | dict):
            return self._labelled(key, str(value).lower(), arguments) if isinstance(value, bool) else None
        text = str(value).strip()
        if not text or len(text) > _LONG or len(key) > _LONG:
            return None
        if found := self._labelled(key, text, arguments) or self._ruled_out(text.lower()):
            return found
        if isinstance(value, int | float) or re.fullmatch(r"-?\d+(?:\.\d+)?", text):
            return self._number(float(text), arguments)
        if found := self._choice(text, enum, arguments):
            return found
        if kind := shape(text):
            return self._token(text, kind, arguments)
        return self._words(text, arguments)

    def _labelled(self, key: str, text: str, arguments: dict[str, Any]) -> Token | None:
        """Compare with ``key=value``, ``key "value"`` and ``key is VALUE``; the last statement counts."""
        if not any(label in self.lower for label in _labels(key)):
            return None
        found = None
        for match in _labelling(key).finditer(self.lower[self.start : self.wide[1]]):
            said = match[3].rstrip(_VALUE_END + ")]")
            bare = "_" in key or (
                key.lower() not in SMALL and is_value(said, self.text[self.start + match.start(3)])
            )
            bare = bare or said in _WORD_NUMBERS or self._is_listed(match, text)
            if said and said not in SMALL and (match[1] or match[2] or bare):
                found = match, said
        if found is None:
            return None
        match, said = found
        said = str(_WORD_NUMBERS.get(said, said))
        start = self.start + match.start(3)
        if match[2]:
            closing = re.search(r"[\"'`”\n]", self.text[start:])
            said = self.lower[start : start + closing.start()] if closing else said
        if agree(said, text) or (
            (not match[1] and not match[2] and text.lower() in self.lower[self.near[0] : self.near[1]])
            and not is_value(said, self.text[start])
        ):
            return None
        numeric = re.fullmatch(r"-?\d+(?:[.,]\d+)*", text) is not None
        if numeric != (re.fullmatch(r"-?\d+(?:[.,]\d+)*", said) is not None) and not shape(text):
            return None
        if not numeric and " " in text and " " not in said and not match[2]:
            return None
        if len(text) > 40 and " " in text:
            return None
        return Token(self.text[start : start + len(said)], start, start + len(said))

    def _ruled_out(self, low: str) -> Token | None:
        """Return where the very value of the call is ruled out ("worker, not web"), and nowhere stated."""
        if len(low) < _SHORTEST or low.isdigit() or low not in self.lower:
            return None
        word = re.compile(rf"(?<![\w-]){re.escape(low)}(?![\w-])")
        for start, end in (self.near, self.wide):
            places = [match.start() for match in word.finditer(self.lower, start, end)]
            if places:
                ruled = all(_RULED_OUT.search(self.lower[max(0, at - 24) : at]) for at in places)
                at = places[-1]
                return Token(self.text[at : at + len(low)], at, at + len(low)) if ruled else None
        return None

    def _is_listed(self, match: re.Match[str], text: str) -> bool:
        """Tell whether a label and its value stand alone, as in "…: ingredient buttermilk."."""
        low = self.lower[self.start : self.wide[1]]
        alone = _LISTED.search(low[: match.start()]) and _LIST_END.match(low, match.end())
        return bool(alone) and match[3].rstrip(_VALUE_END).isalpha() and text.lower() not in self.lower

    def _number(self, value: float, arguments: dict[str, Any]) -> Token | None:
        others = {
            float(one)
            for key, one in arguments.items()
            if isinstance(one, int | float) and not isinstance(one, bool)
        }
        text = " ".join(str(one) for one in arguments.values())
        everywhere = [number for number, _ in self._numbers(0, len(self.text))]
        if any(same_number(value, one) for one in everywhere):
            return None
        for window in (self.near, self.wide):
            rest = [
                token
                for number, token in self._numbers(*window)
                if number not in others and not re.search(rf"(?<!\d){re.escape(token.text)}(?!\d)", text)
            ]
            if rest:
                return rest[0] if len({one.text for one in rest}) == 1 else None
        return None

    def _numbers(self, start: int, end: int) -> list[tuple[float, Token]]:
        found: list[tuple[float, Token]] = []
        for match in _NUMBER.finditer(self.text, start, end):
            if _COUNTING.search(self.lower[max(0, match.start() - 10) : match.start()]):
                continue
            digits = (
                match[0].replace(",", "")
                if re.fullmatch(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?", match[0])
                else match[0].replace(",", ".")
            )
            try:
                found.append((float(digits), Token(match[0], *match.span())))
            except ValueError:
                continue
        for match in _WORD_NUMBER.finditer(self.lower, start, end):
            token = Token(self.text[match.start() : match.end()], *match.span())
            found.append((float(_WORD_NUMBERS[match[0]]), token))
        return found

    def _choice(self, text: str, enum: tuple[str, ...], arguments: dict[str, Any]) -> Token | None:
        """Compare words that exclude each other: those of an enum, and on/off, rooms, days, units."""
        low = text.lower()
        words = set(_NO_LETTERS.split(low))
        if not enum and low not in ("on", "off") and (len(words) > 6 or not words & CLASS_WORDS):
            return None
        given = {word for one in arguments.values() for word in _NO_LETTERS.split(str(one).lower())}
        rivals = [frozenset(one.lower() for one in enum)] if enum else []
        if low in ("on", "off"):
            rivals = [frozenset(("on", "off"))]
        rivals += [group for group in CLASSES if words & group and len(words) <= 6]
        for group in rivals:
            own = words & group or {low}
            others = group - given - own
            for window in (self.near, self.wide):
                if any(self._stated(one, *window, plain=True) for one in own):
                    break
                found = [token for one in others if (token := self._stated(one, *window))]
                if found:
                    return max(found, key=lambda token: token.start)
        return None

    def _stated(self, word: str, start: int, end: int, *, plain: bool = False) -> Token | None:
        """Return where a word is stated, not negated; ``on`` and ``off`` only as states."""
        pattern = STATED.get(word) or re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])")
        last = None
        for match in pattern.finditer(self.lower, start, end):
            before = self.lower[max(0, match.start() - 24) : match.start()]
            if _NEGATED.search(before) or (word in STATED and not plain and _STATED_BEFORE.search(before)):
                continue
            last = Token(self.text[match.start() : match.end()], *match.span())
        return last

    def _token(self, text: str, kind: str, arguments: dict[str, Any]) -> Token | None:
        """Compare values of one shape: paths with paths, dates with dates."""
        all_values = [str(one) for one in arguments.values()]
        for window in (self.near, self.wide):
            tokens = list(self._tokens(text, kind, *window))
            if any(agree(token.text, text) for token in tokens):
                return None
            rest = [
                token
                for token in tokens
                if not any(agree(token.text, one) or token.text in one for one in all_values)
            ]
            if window is self.wide and text.lower() in self.lower:
                return None
            if rest:
                return rest[-1] if len({one.text for one in rest}) == 1 or window is self.near else None
        return None

    def _tokens(self, value: str, kind: str, start: int, end: int) -> Iterator[Token]:
        """Yield what is stated in the shape of a value, or nearly as it is written."""
        is_written = kind in ("path", "code")
        for match in _TOKEN.finditer(self.text, start, end):
            if match[0].isalpha():  # a plain word has no shape
                continue
            text = match[0].rstrip(_VALUE_END).rstrip("*") if not match[0].endswith(".*") else match[0]
            if not text or not (shape(text) == kind or (is_written and close(text, value))):
                continue
            at = match.start()
            is_name = any(name.start < at + len(text) and at < name.end for name in self.names)
            if not is_name and not _NEGATED.search(self.lower[max(0, at - 20) : at]):
                yield Token(text, at, at + len(text))

    def _words(self, text: str, arguments: dict[str, Any]) -> Token | None:
        """Compare proper names, short quotations and arithmetic."""
        if re.fullmatch(r"[\d\s.,+*/()%^-]+", text):
            return self._expression(text)
        near = self.text[self.near[0] : self.near[1]]
        if text.lower() in self.lower or len(text.split()) > 4:
            return None
        if found := self._quoted(text, arguments):
            return found
        everything = " ".join(str(one) for one in arguments.values()).lower()
        if text[:1].isupper() and is_name(text) and not alike(text, self.text):
            rest = [
                Token(match[1], self.near[0] + match.start(1), self.near[0] + match.end(1))
                for match in _CAPITAL.finditer(near)
                if match[1].split()[0] not in NO_PROPER
                and match[1].lower() not in everything
                and not alike(match[1], everything)
                and _PLACED.search(near[: match.start(1)][-30:])
            ]
            if len(rest) == 1 or (rest and len(text.split()) == 1):
                return rest[-1]
        return None

    def _quoted(self, text: str, arguments: dict[str, Any]) -> Token | None:
        """Compare with the only quotation there is, where the call has but one text."""
        quotes = [
            quote
            for quote in _QUOTED.finditer(self.text, *self.near)
            if not any(name.start < quote.end() and quote.start() < name.end for name in self.names)
        ]
        if len(quotes) != 1 or sum(isinstance(one, str) for one in arguments.values()) != 1:
            return None
        said, has = ({*re.findall(r"\w+", one.lower())} for one in (quotes[0][1], text))
        if len(said) > 4 or said <= has or has <= said or len(said & has) > 1:
            return None
        return Token(quotes[0][1], *quotes[0].span(1))

    def _expression(self, text: str) -> Token | None:
        numbers = sorted(re.findall(r"\d+(?:\.\d+)?", text))
        for match in _QUOTED.finditer(self.text, *self.near):
            said = match[1]
            if (
                re.fullmatch(r"[\d\s.,+*/()%^-]+", said)
                and sorted(re.findall(r"\d+(?:\.\d+)?", said)) != numbers
            ):
                return Token(said, *match.span(1))
        return None
