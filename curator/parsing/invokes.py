"""Reads ``invoke`` and ``parameter`` elements, as DeepSeek's DSML and MiniMax M2 write them.

Values are raw text, so a value ends only at a close tag that a known tag follows.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from curator.parsing.coerce import parameter_schema, typed_value
from curator.parsing.json_values import Invalid, load
from curator.parsing.registry import Read
from curator.parsing.scan import Scan
from curator.parsing.token_calls import Section

_MOST_NESTED = 400
"""Tags that are looked at for calls quoted within a value."""
_MOST_FAILURES = 64
"""Such looks in vain after which no more are made in one output."""
_ATTRIBUTE = re.compile(r'([\w-]+)\s*=\s*(?:"([^"]*)"|\'([^\']*)\')')
_KINDS = {"int": "integer", "integer": "integer", "bool": "boolean", "boolean": "boolean", "float": "number"}


@dataclass(frozen=True)
class Tag:
    """One tag: ``word`` is invoke, parameter or the name of the wrapper around the invokes."""

    start: int
    end: int
    word: str
    is_close: bool
    is_empty: bool
    attributes: dict[str, str]


@dataclass(frozen=True)
class Grammar:
    """How the tags are spelled: groups ``close``, ``word``, ``attributes``, ``empty``."""

    id: str
    pattern: re.Pattern[str]
    strips: Callable[[str], str] = str
    """Takes the line breaks off a value that the syntax puts around it."""


@dataclass
class Draft:
    """An invoke under reading."""

    name: str
    start: int
    schema: dict[str, Any] | None
    arguments: dict[str, Any] = field(default_factory=dict)
    typed: bool = True
    notes: list[str] = field(default_factory=list)


class Reader:
    """The tags of one output in one grammar."""

    def __init__(self, scan: Scan, grammar: Grammar) -> None:
        self.scan = scan
        self.grammar = grammar
        self.tags = [_tag(match) for match in grammar.pattern.finditer(scan.text)]
        self.starts = [tag.start for tag in self.tags]
        self.next_end = self._next_ends()
        self.failures = 0
        """Searches for the end of a quoted call that were in vain."""

    def read(self, at: int, syntax: str) -> Read | None:
        """Read the wrapper or the invoke at ``at``; the calls get ``syntax`` as theirs."""
        index = self._index(at)
        if index == -1 or self.tags[index].is_close or self.tags[index].word == "parameter":
            return None
        section = Section(at, syntax)
        wrapper = self.tags[index] if self.tags[index].word != "invoke" else None
        end = wrapper.end if wrapper else at
        while (index := self._index(self.scan.skip_space(end))) != -1:
            tag = self.tags[index]
            if tag.word == "invoke" and not tag.is_close:
                end, whole = self._invoke(section, index)
                if not whole:
                    return section.read(end)
            elif wrapper and tag.is_close and tag.word == wrapper.word:
                if not section.calls:
                    section.fail("malformed", "a call tag without a call in it", (at, tag.end))
                return section.read(tag.end)
            else:
                break
        return self._unfinished(section, wrapper, end)

    def _unfinished(self, section: Section, wrapper: Tag | None, end: int) -> Read | None:
        if wrapper and (section.calls or section.problems):
            section.fail("repaired", "the outer tag is not closed", (section.start, end))
        elif wrapper and self.scan.skip_space(end) == len(self.scan.text):
            section.fail("unclosed", "the output ends within the call", (section.start, end))
        return section.read(end) if section.calls or section.problems else None

    def _index(self, at: int) -> int:
        index = bisect_left(self.starts, at)
        return index if index < len(self.tags) and self.starts[index] == at else -1

    def _invoke(self, section: Section, index: int) -> tuple[int, bool]:
        """Read the invoke at ``index``; return where it ends, and whether it was not cut."""
        tag = self.tags[index]
        name = tag.attributes.get("name", "").strip()
        known = self.scan.tools.get(name)
        draft = Draft(name, tag.start, known.parameters if known else None)
        end, whole = (tag.end, True) if tag.is_empty else self._parameters(index, draft)
        if not whole:
            end = self._next_wrapper(end)
            section.fail("unclosed", f"the output ends within the call of {name}", (tag.start, end))
        else:
            section.add(self.scan, name, draft.arguments, (tag.start, end), draft.notes, draft.typed)
        return end, whole

    def _next_wrapper(self, at: int) -> int:
        for index in range(bisect_left(self.starts, at), len(self.tags)):
            tag = self.tags[index]
            if not tag.is_close and tag.word != "parameter":
                return tag.start
        return len(self.scan.text)

    def _parameters(self, index: int, draft: Draft) -> tuple[int, bool]:
        """Read the values of the invoke at ``index``; return where it ends, and whether it was whole."""
        end = self.tags[index].end
        while (index := self._index(self.scan.skip_space(end))) != -1:
            tag = self.tags[index]
            if tag.is_close:
                if tag.word == "invoke":
                    return tag.end, True
                draft.notes.append("the invoke is not closed")
                return tag.start, True
            if tag.word != "parameter":
                draft.notes.append("the invoke is not closed")
                return tag.start, True
            if tag.is_empty:
                self._add_attribute(tag, draft)
                end = tag.end
                continue
            stop = self._value_end(index + 1)
            if stop == -1:
                return end, False
            self._add_value(tag, self.tags[stop], draft)
            end = self.tags[stop].end
        return end, False

    def _value_end(self, index: int) -> int:
        """Return the tag that ends a value, calls quoted within the value left out, or -1."""
        first, depth = self.next_end[index], 0
        if first == -1:
            return -1
        if self.failures >= _MOST_FAILURES:
            return first
        for at in range(index, min(index + _MOST_NESTED, len(self.tags))):
            tag = self.tags[at]
            if tag.word == "invoke" and not tag.is_empty:
                depth = max(0, depth - 1) if tag.is_close else depth + 1
            elif not depth and self.next_end[at] == at:
                return at
        self.failures += 1
        return first

    def _next_ends(self) -> list[int]:
        """Return for each tag the next one from it on that may end a value, or -1."""
        following, ends = -1, [-1] * (len(self.tags) + 1)
        for index in range(len(self.tags) - 1, -1, -1):
            tag = self.tags[index]
            if tag.word == "parameter" and tag.is_close and self._ends_value(tag):
                following = index
            ends[index] = following
        return ends

    def _ends_value(self, tag: Tag) -> bool:
        """Tell whether a value may end with this close tag, from what follows it."""
        following = self.scan.skip_space(tag.end)
        index = self._index(following)
        if index == -1:
            return following == len(self.scan.text)
        return self.tags[index].is_close or self.tags[index].word in ("parameter", "invoke")

    def _add_attribute(self, tag: Tag, draft: Draft) -> None:
        """Store the value of an empty element, whose second attribute says its type."""
        kind, text = next(
            ((key, one) for key, one in tag.attributes.items() if key != "name"), ("string", "")
        )
        wanted = {"type": _KINDS[kind]} if kind in _KINDS else None
        if wanted is None and kind != "string":
            wanted = parameter_schema(draft.schema, tag.attributes.get("name", ""))
        value, typed = typed_value(text, wanted, draft.schema, draft.notes)
        self._store(tag, value, typed or kind == "string", draft)

    def _add_value(self, tag: Tag, closer: Tag, draft: Draft) -> None:
        text = self.grammar.strips(self.scan.text[tag.end : closer.start])
        declared = tag.attributes.get("string")
        if declared == "true":
            self._store(tag, text, True, draft)
            return
        wanted = parameter_schema(draft.schema, tag.attributes.get("name", ""))
        if declared == "false":
            self._store(tag, _json(text, wanted, draft), True, draft)
            return
        self._store(tag, *typed_value(text, wanted, draft.schema, draft.notes), draft)

    def _store(self, tag: Tag, value: Any, typed: bool, draft: Draft) -> None:
        draft.arguments[tag.attributes.get("name", "")] = value
        draft.typed = draft.typed and typed


def _tag(match: re.Match[str]) -> Tag:
    attributes = {
        one.group(1): one.group(2) if one.group(2) is not None else one.group(3)
        for one in _ATTRIBUTE.finditer(match.group("attributes") or "")
    }
    return Tag(
        *match.span(), match.group("word"), bool(match.group("close")), bool(match.group("empty")), attributes
    )


def _json(text: str, wanted: Any, draft: Draft) -> Any:
    """Return the value of text that is declared as JSON; text that is none stays text."""
    try:
        return load(text, draft.notes)
    except Invalid:
        value, typed = typed_value(text, wanted, draft.schema, draft.notes)
        if not typed:
            draft.notes.append("a value that is declared as JSON and is none was kept as text")
        return value
