"""Decides whether two answers are worth comparing, and where they differ. Pure.

Every rule errs towards "they differ": what might be content is never taken for a mark.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from rapidfuzz.distance import Indel

from curator.canonical import canonical_json
from curator.model import Candidate, ToolCall

Likeness = Literal["equal", "only_format", "only_length", "differ"]
Words = tuple[str, ...]
Span = tuple[int, int]

LIKENESS_WORDS: dict[Likeness, str] = {
    "equal": "equal",
    "only_format": "differ only in format",
    "only_length": "differ only in length",
    "differ": "",
}

_FENCE = re.compile(r"^[ ]{0,3}(`{3,}|~{3,})[^\n]*$", re.MULTILINE)
_INLINE = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_INDENTED = re.compile(r"(?: {4}|\t)\s*(?![-*+•]\s|\d+[.)]\s)\S")
_SPACE = re.compile(r"\s+")
_PARAGRAPH = re.compile(r"\n[ \t]*\n")
_LINE_MARK = re.compile(r"^[ \t]*(?:#{1,6}[ \t]+|[-*+•][ \t]+(?!\d)|>[ \t]?(?![\d\s=]))+", re.MULTILINE)
_BOLD = re.compile(r"(?<![\w*\\])(\*{1,3})(?=[^\s*])([^*\n]*?[^\s*])\1(?![\w*])")
_UNDERLINED = re.compile(r"(?<![\w\\])(_{1,3})(?=[^\s_])([^_\n]*\s[^_\n]*?[^\s_])\1(?!\w)")
_STRUCK = re.compile(r"~~(?=\S)([^~\n]*?\S)~~")
_SENTENCE_END = ".,;:!?…。、！？"
_TOKEN = re.compile(r"\S+")
_SHOWN = 20_000
"""Differences are looked for in so many characters, as many as a screen shows."""


class Piece(NamedTuple):
    """A stretch of a text: prose, or code in which white space counts."""

    text: str
    is_code: bool
    fence: str = ""
    """The line that opens the block; empty for lines that are indented."""


def compare(one: Candidate, other: Candidate) -> Likeness:
    """Say how two answers differ."""
    if meaning(one) == meaning(other):
        return "equal"
    if _acts(one) != _acts(other):
        return "differ"
    mine, theirs = _parts(one), _parts(other)
    if mine == theirs:
        return "only_format"
    return "only_length" if _longer(mine, theirs, one) or _longer(theirs, mine, other) else "differ"


def meaning(candidate: Candidate) -> bytes:
    """Return what is the same for two answers that need no comparison.

    Order of keys, spelling of numbers and white space of prose are no part of it; white space in code and
    in arguments is, and the marks that format a text are.
    """
    output = candidate.output
    texts = [_prose(output.thinking), _prose(output.content)]
    return canonical_json([_acts(candidate).decode(), texts])


def same_call(one: ToolCall, other: ToolCall) -> bool:
    """Say whether two calls mean the same."""
    return _call(one) == _call(other)


def same_value(one: object, other: object) -> bool:
    """Say whether two JSON values mean the same: 1 and 1.0 do, 1 and true or "1" do not."""
    return canonical_json(one) == canonical_json(other)


def differences(one: str, other: str) -> tuple[list[Span], list[Span]]:
    """Return where two texts differ, word by word, as spans of either; neighbouring words are joined."""
    mine, theirs = _tokens(one[:_SHOWN]), _tokens(other[:_SHOWN])
    left: list[Span] = []
    right: list[Span] = []
    for step in Indel.opcodes([t for _, _, t in mine], [t for _, _, t in theirs]):
        if step.tag == "equal":
            continue
        if step.src_end > step.src_start:
            left.append((mine[step.src_start][0], mine[step.src_end - 1][1]))
        if step.dest_end > step.dest_start:
            right.append((theirs[step.dest_start][0], theirs[step.dest_end - 1][1]))
    return left, right


def words(text: str | None) -> Words:
    """Return the words of a text without the marks that format it; the end of a sentence is a word too."""
    return tuple(word for piece in pieces((text or "").strip()) for word in _piece_words(piece))


def pieces(text: str) -> list[Piece]:
    """Cut a text into prose and code blocks; a block that is not closed goes on to the end."""
    found: list[Piece] = []
    at = 0
    while (opening := _FENCE.search(text, at)) is not None:
        found += _indented(text[at : opening.start()])
        start = min(len(text), opening.end() + 1)
        closing = _closing(opening[1]).search(text, start)
        found.append(
            Piece(
                text[start : closing.start() if closing else len(text)].rstrip("\n"), True, opening[0].strip()
            )
        )
        at = closing.end() if closing else len(text)
    return found + _indented(text[at:])


def _closing(fence: str) -> re.Pattern[str]:
    return re.compile(rf"^[ ]{{0,3}}{re.escape(fence[0])}{{{len(fence)},}}[ \t]*$", re.MULTILINE)


def _indented(text: str) -> list[Piece]:
    """Cut indented lines out of prose; those of a list are prose."""
    found: list[Piece] = []
    for line in text.splitlines(keepends=True):
        is_code = _INDENTED.match(line) is not None
        if found and found[-1].is_code == is_code:
            found[-1] = Piece(found[-1].text + line, is_code)
        else:
            found.append(Piece(line, is_code))
    return [Piece(one.text.rstrip("\n"), True) if one.is_code else one for one in found if one.text.strip()]


def _prose(text: str | None) -> list[str]:
    """Return a text in which only the white space that counts is left."""
    return [
        f"{one.fence}\n{one.text}" if one.is_code else _spaced(one.text)
        for one in pieces((text or "").strip())
    ]


def _spaced(text: str) -> str:
    """Join the lines of a paragraph and runs of spaces; inline code and paragraphs stay as they are."""
    kept: list[str] = []
    at = 0
    for code in _INLINE.finditer(text):
        kept += [_narrow(text[at : code.start()]), code[0]]
        at = code.end()
    return "".join([*kept, _narrow(text[at:])]).strip()


def _narrow(text: str) -> str:
    return _SPACE.sub(lambda gap: "\n\n" if _PARAGRAPH.search(gap[0]) else " ", text)


def _piece_words(piece: Piece) -> list[str]:
    if piece.is_code:
        return [f"\n{piece.text}"]
    found: list[str] = []
    at = 0
    for code in _INLINE.finditer(piece.text):
        found += _unmarked(piece.text[at : code.start()]) + _code_words(code[2])
        at = code.end()
    return found + _unmarked(piece.text[at:])


def _code_words(code: str) -> list[str]:
    """Return inline code as words; as one where its white space is more than single spaces."""
    plain = code.split(" ")
    return [f"\n{code}"] if any(not word or word.split() != [word] for word in plain) else plain


def _unmarked(text: str) -> list[str]:
    text = _LINE_MARK.sub("", text)
    for pattern, kept in ((_BOLD, r"\2"), (_UNDERLINED, r"\2"), (_STRUCK, r"\1")):
        text = pattern.sub(kept, text)
    return [word for _, _, word in _tokens(text)]


def _tokens(text: str) -> list[tuple[int, int, str]]:
    """Return the words of a text with their places; what ends a sentence stands apart from its word."""
    found: list[tuple[int, int, str]] = []
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        body = start + len(match[0].rstrip(_SENTENCE_END))
        if start < body:
            found.append((start, body, text[start:body]))
        if body < end:
            found.append((body, end, text[body:end]))
    return found


def _parts(candidate: Candidate) -> tuple[Words, Words]:
    return words(candidate.output.thinking), words(candidate.output.content)


def _longer(mine: tuple[Words, Words], theirs: tuple[Words, Words], one: Candidate) -> bool:
    """Say whether these parts are the others with more prose behind them."""
    (thinking, content), (their_thinking, their_content) = mine, theirs
    return (
        _goes_on(thinking, their_thinking)
        and _goes_on(content, their_content, may_begin=bool(one.output.tool_calls))
        and mine != theirs
    )


def _goes_on(mine: Words, theirs: Words, may_begin: bool = False) -> bool:
    """Say whether mine are theirs and more prose; ``may_begin`` allows theirs to be nothing at all."""
    if mine == theirs:
        return True
    rest = mine[len(theirs) :]
    has_begun = bool(theirs) or may_begin
    return has_begun and mine[: len(theirs)] == theirs and not any(word[0] == "\n" for word in rest)


def _acts(candidate: Candidate) -> bytes:
    """Return the calls, and the text of those that cannot be used."""
    output, raw = candidate.output, candidate.raw
    broken = [raw[slice(*one.span)].strip() if one.span else one.code for one in output.problems]
    return canonical_json([[_pair(call) for call in output.tool_calls], broken])


def _pair(call: ToolCall) -> Sequence[object]:
    return [call.name, call.arguments]


def _call(call: ToolCall) -> bytes:
    return canonical_json(_pair(call))
