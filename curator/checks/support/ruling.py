"""Finds where reasoning rules out calls: "no tool is needed", "I can answer directly"."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection
from typing import NamedTuple

from curator.checks.support.cues import Cues
from curator.checks.support.sentences import Sentence
from curator.checks.support.stances import Mark
from curator.checks.support.vocabulary import word_set

_CALL_WORDS = word_set(
    "tool function call nothing anything query queries action lookup search none werkzeug aufruf funktion "
    "outil fonction appel herramient funci llama ferrament chama strument 工具 函数 调用 查询 搜索 ツール "
    "関数 何も инструмент функци вызыва вызов"
)
_ANSWER_WORDS = (
    word_set(
        "answer respon repl ask tell inform clarif confirm declin refus simply knowledge memory enough greet "
        "everything directly explain permission verify antwort frag direkt allgemein répon réponse demand "
        "simplement preguntar contest conocim diret perguntar conhecim rispond chieder "
        "回答 回复 解释 问 常识 答 直接 確認 返 説明 尋 聞 質問 常識 ответ спро уточн скаж"
    )
    | {
        "just ",
        "only ",
        "have all",
        "stop here",
        "turn this",
        "turn it",
        "turn that",
        "pass it",
        "pass this",
        "wish",
        "leave it",
        "rather give",
        "get back",
        "wait ",
        "hold off",
        "check with",
    }
    | {"t need to", "t have to", "no need to"}
)
_CALL_ASCII = tuple(word for word in _CALL_WORDS if word.isascii())
_ANSWER_ASCII = tuple(word for word in _ANSWER_WORDS if word.isascii())
_TURNS = re.compile(r"\b(?:but|so|therefore|hence|thus|however)\b|[;:]")
_NEAR = 60


class Ruling(NamedTuple):
    """The words ``[start, end)`` that rule out a call; ``strong`` where they speak of calls or tools."""

    start: int
    end: int
    strong: bool


def candidates(lower: str, parts: tuple[Sentence, ...]) -> tuple[frozenset[int], frozenset[int]]:
    """Return the sentences that may rule out a call, and those that may only answer; few do either."""
    ascii_only = lower.isascii()
    return (
        _holding(lower, parts, _CALL_ASCII if ascii_only else _CALL_WORDS),
        _holding(lower, parts, _ANSWER_ASCII if ascii_only else _ANSWER_WORDS),
    )


def _holding(lower: str, parts: tuple[Sentence, ...], words: Collection[str]) -> frozenset[int]:
    present = [word for word in words if word in lower]
    if not present:
        return frozenset()
    starts = [part.start for part in parts]
    found: set[int] = set()
    for word in present:
        at = lower.find(word)
        while at >= 0:
            index = max(0, bisect_right(starts, at) - 1)
            found.add(index)
            at = lower.find(word, max(at + 1, parts[index].end))
    return frozenset(found)


def no_call(lower: str, part: Sentence, cues: Cues, own: list[Mark]) -> Ruling | None:
    """Return where a sentence says that no tool is called; ``own`` are the tools that it names."""
    text = lower[part.start : part.end]
    if part.asks or (not cues.languages and not cues["negative"].search(text)):
        return None
    for found in cues["nocall"].finditer(text):
        if not _is_conditional(text, found.start(), cues) and not _is_needed(
            text, found, own, part.start, cues
        ):
            return Ruling(part.start + found.start(), part.start + found.end(), True)
    return None


def answers(lower: str, part: Sentence, cues: Cues) -> Ruling | None:
    """Return where a sentence settles on answering or asking at once."""
    text = lower[part.start : part.end]
    if part.asks:
        return None
    for found in cues["answer"].finditer(text):
        clause = cues["clause"].split(text[max(0, found.start() - _NEAR) : found.start()])[-1]
        if not _is_conditional(text, found.start(), cues) and not cues["not_so"].search(clause):
            return Ruling(part.start + found.start(), part.start + found.end(), False)
    return None


def _is_conditional(text: str, at: int, cues: Cues) -> bool:
    if cues["option"].search(text[:at]):
        return True
    before = _TURNS.split(text[:at])[-1]
    return bool(cues["condition"].search(before) or cues["other_subject"].search(before[-40:]))


def _is_needed(text: str, found: re.Match[str], own: list[Mark], start: int, cues: Cues) -> bool:
    """Tell whether "no tool" means "not without a tool", or only speaks of a tool that is named."""
    known = cues["no_negation"].search(text)
    if known and known.start() <= found.end() and "without" in known[0]:
        return True
    return any(start + found.start() <= one.name.start < start + found.end() + 2 for one in own)
