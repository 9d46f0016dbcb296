"""The words that may name a tool in reasoning: names, their parts, spellings, aliases and descriptions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from msgspec import Struct

from curator.checks.support.sentences import lowered

Tools = frozenset[str]


def word_set(text: str) -> frozenset[str]:
    """Return the words of ``text`` as a set: word lists read best as text."""
    return frozenset(text.split())


Spec = tuple[str, str]
"""A tool's name and its description."""

_PARTS = re.compile(r"[./:]|__")
_WORDS = re.compile(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])")
_SEPARATED = re.compile(r"[._:/-]|[a-z][A-Z]")
_AS_TOOL = re.compile(
    r"[`\"'*]*\s+(?:tools?|functions?|commands?|actions?|api|endpoint|calls?|aufrufen|nutzen|verwenden|工具|函数)\b|`|\(|\s*(?:を(?:使|呼)|ツール|工具|函数)"
)
_TOOL_BEHIND = re.compile(r"\s+(?:tool|function|command|action)\b")
_AFTER_VERB = re.compile(
    r"(?:\b(?:call|calling|called|use|using|used|invok\w+|run|running|need|needs|via|execut\w+|"
    r"apply|applying|"
    r"try|trying|go(?:ing)? (?:with|for)|with(?= the| my)|through(?= the| my)|utiliz\w+|"
    r"start with|begin with|choos\w+|pick|opt for)\s+"
    r"(?:the\s+|a\s+|my\s+|our\s+)?|(?:->|→|=>|[`*])\s*|"
    r"(?:调用|使用|用|呼叫|вызвать|использовать|aufrufen|usar|utiliser|appeler|appelle|"
    r"utilise|llamar a|llamar|llamo a|chamar|uso|rufe|nutze|verwende|benutze|вызову|использую)\s*)$"
)
_LEAD = re.compile(r"(?:^|[.!?:;\n]|\b(?:so|then|not|just)\b)\s*$")
_BARE_END = re.compile(r"\s*(?:[.!\n]|$)")
_NO_TOOL_BEHIND = re.compile(r"\s+(?:results?|output|terms?|query|engine|history|bar|history|data|pages?)\b")
_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[_.][A-Za-z0-9]+)+|[a-z]+[A-Z][A-Za-z]+")
_INNER = re.compile(r"[_.](?=[A-Za-z0-9])")
_INNER_CAMEL = re.compile(r"[_.](?=[A-Za-z0-9])|[A-Z](?<=[a-z][A-Z])")
_DESCRIBED = re.compile(
    r"\b(?:the|a|an|my|our|this|that)\s+((?:[a-z][\w-]*\s+){1,4}?)(?:tool|function|command|api|"
    r"action|endpoint|helper)\b"
)
_IDLE = word_set(
    "right best same first next correct appropriate only proper other available actual relevant given own "
    "dedicated special specific provided suitable another new single one two any more built in plain simple "
    "general for of to and or the a an"
)
_SHELLS = frozenset(("bash", "shell", "terminal", "cmd", "command", "execute", "exec"))
_SHELL_WORDS = ("shell", "bash", "terminal", "command line")
_ALIKE = 88
_LONGEST = 100
_MAX_FORMS = 4_000


class Name(Struct, frozen=True):
    """A place in a text that names a tool (or, where the words leave it open, one of several)."""

    start: int
    end: int
    tools: Tools
    sure: bool = True
    """False where the words only describe what the tool does."""
    deed: bool = False
    """True where the words set out to do what the tool is named for, and name no tool."""


@dataclass
class Vocabulary:
    """Finds the names of the given tools in text."""

    specs: tuple[Spec, ...]
    surely: dict[str, set[str]] = field(default_factory=dict)
    """Forms that only a tool can have, such as ``todo_write``."""
    perhaps: dict[str, set[str]] = field(default_factory=dict)
    """Forms that are also plain words; they count only where the text calls them a tool."""
    misspelt: dict[str, Tools] = field(default_factory=dict)
    deeds: dict[str, frozenset[str]] = field(default_factory=dict)
    """Stems of the verb and the object that tools are named by."""

    def __post_init__(self) -> None:
        """Collect the forms of every tool."""
        for tool, _ in self.specs:
            self._add_tool(tool)
        self.has_camel = any(re.search(r"[a-z][A-Z]", tool) for tool, _ in self.specs)
        self.stems = {tool: frozenset(map(stem, name_words(tool))) for tool, _ in self.specs}
        self.said = {tool: frozenset(map(stem, name_words(text))) for tool, text in self.specs}

    def add(self, form: str, tool: str, *, sure: bool) -> None:
        """Let ``form`` name ``tool``."""
        if form and len(self.surely) + len(self.perhaps) < _MAX_FORMS:
            (self.surely if sure else self.perhaps).setdefault(lowered(form), set()).add(tool)

    def names(self, text: str, lower: str) -> list[Name]:
        """Return every tool that is named, in order; of names within names the longest."""
        found = [*self._exact(lower), *self._typos(text)]
        if "tool" in lower or "function" in lower or "command" in lower:
            found += self._described(lower)
        found.sort(key=lambda name: (name.start, -name.end))
        kept: list[Name] = []
        for name in found:
            if not kept or name.start >= kept[-1].end:
                kept.append(name)
            elif (
                name.sure == kept[-1].sure and name.end - name.start > kept[-1].end - kept[-1].start
            ) or name.sure > kept[-1].sure:
                kept[-1] = name
        return kept

    def _add_tool(self, tool: str) -> None:
        parts = [part for part in _PARTS.split(tool) if part] or [tool]
        words = name_words(parts[-1])
        self.add(tool, tool, sure=bool(_SEPARATED.search(tool)))
        self.add(parts[-1], tool, sure=bool(_SEPARATED.search(parts[-1])))
        if len(words) > 1:
            self.add("".join(words), tool, sure=True)
            self.add("_".join(words), tool, sure=True)
            self.add(" ".join(words), tool, sure=False)
            self.add("-".join(words), tool, sure=False)
        if len(parts) > 1:
            self.add(parts[0], tool, sure=False)
            self.add(" ".join(name_words(tool)), tool, sure=False)
            self.add("_".join(name_words(tool)), tool, sure=True)
        if _SHELLS & set(name_words(tool)):
            for word in _SHELL_WORDS:
                self.add(word, tool, sure=False)

    def _exact(self, lower: str) -> Iterator[Name]:
        for form, tools in self.surely.items():
            if form in lower:
                for at in _places(lower, form):
                    yield Name(_with_space(lower, at), at + len(form), frozenset(tools))
        for form, tools in self.perhaps.items():
            if form in lower:
                for at in _places(lower, form):
                    if _is_called_a_tool(lower, at, at + len(form)):
                        called = _TOOL_BEHIND.match(lower, at + len(form))
                        end = called.end() if called else at + len(form)
                        yield Name(_with_space(lower, at), end, frozenset(tools))

    def _typos(self, text: str) -> Iterator[Name]:
        end = 0
        for inner in (_INNER_CAMEL if self.has_camel else _INNER).finditer(text):
            if inner.start() < end:
                continue
            start = inner.start()
            while (
                inner.start() - start < _LONGEST
                and start
                and (_is_letter(text[start - 1]) or text[start - 1] == ".")
            ):
                start -= 1
            token = _IDENTIFIER.match(text, start)
            end = token.end() if token else inner.end()
            if (
                token
                and len(token[0]) <= _LONGEST
                and token[0].lower() not in self.surely
                and (tools := self._misspelt(token[0].lower()))
            ):
                yield Name(*token.span(), tools)

    def _misspelt(self, word: str) -> Tools:
        tools = self.misspelt.get(word)
        if tools is None:
            tools = self.misspelt[word] = self._alike(word)
        return tools

    def _alike(self, word: str) -> Tools:
        from rapidfuzz import fuzz, process

        if len(self.misspelt) > _MAX_FORMS:
            self.misspelt.clear()
        found = process.extractOne(word, list(self.surely), scorer=fuzz.ratio, score_cutoff=_ALIKE)
        return frozenset(self.surely[found[0]]) if found else frozenset()

    def _described(self, lower: str) -> Iterator[Name]:
        for phrase in _DESCRIBED.finditer(lower):
            words = {stem(word) for word in re.split(r"[\s-]+", phrase[1].strip()) if word not in _IDLE}
            if not words:
                continue
            for known in (self.stems, {tool: self.said[tool] | self.stems[tool] for tool in self.said}):
                tools = [tool for tool, own in known.items() if words <= own]
                if len(tools) == 1:
                    yield Name(phrase.start(1), phrase.end(), frozenset(tools), sure=False)
                if tools:
                    break


def _places(lower: str, form: str) -> Iterator[int]:
    """Yield where ``form`` stands as a word of its own, not within an identifier, a path or a file name."""
    at = lower.find(form)
    while at >= 0:
        end = at + len(form)
        before, behind = lower[at - 1 : at], lower[end : end + 2]
        inside = before and (_is_letter(before) or before == "-")
        outside = behind and (_is_letter(behind[0]) or (behind[0] in ".-" and _is_letter(behind[1:])))
        if not inside and not outside and (before != "." or _with_space(lower, at) < at):
            yield at
        at = lower.find(form, end)


def _is_letter(character: str) -> bool:
    return bool(character) and character.isascii() and (character.isalnum() or character == "_")


def _with_space(lower: str, at: int) -> int:
    """Return where a name with a foreign name space in front begins (``functions.read_file``)."""
    start = at
    while start and lower[start - 1] == "." and start > 1 and _is_letter(lower[start - 2]):
        start -= 1
        while start and _is_letter(lower[start - 1]):
            start -= 1
    return start


def _is_called_a_tool(lower: str, start: int, end: int) -> bool:
    if _AS_TOOL.match(lower, end):
        return True
    if _NO_TOOL_BEHIND.match(lower, end):
        return False
    before = lower[max(0, start - 40) : start]
    if before.endswith("functions.") or _AFTER_VERB.search(before):
        return True
    return bool(_BARE_END.match(lower, end) and _LEAD.search(before))


def stem(word: str) -> str:
    """Return a rough stem, so that "reading", "reads" and "read" are one word."""
    word = word.lower()
    for ending in ("ations", "ation", "ings", "ing", "ers", "er", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] else word


def name_words(name: str) -> list[str]:
    """Return the words a name is made of, in lower case: ``todo_write`` → todo, write."""
    return [word.lower() for word in _WORDS.split(name) if word]


@lru_cache(maxsize=256)
def vocabulary(tools: tuple[Spec, ...], aliases: tuple[tuple[str, str], ...] = ()) -> Vocabulary:
    """Return the vocabulary of these tools; turns of a log share a few of them."""
    words = Vocabulary(tools)
    for alias, tool in aliases:
        words.add(alias, tool, sure=bool(_SEPARATED.search(alias)) or not alias.isascii())
    return words


def specs_of(tools: Iterable[tuple[str, str]], called: Iterable[str]) -> tuple[Spec, ...]:
    """Return the tools that were offered and those that were only called, in a fixed order."""
    known = dict(tools)
    return tuple(sorted({**dict.fromkeys(called, ""), **known}.items()))
