"""Recognizes a tool by what the reasoning sets out to do: "I'll send an e-mail" for ``send_email``."""

from __future__ import annotations

import re
from itertools import islice

from curator.checks.support.vocabulary import Name, Vocabulary, name_words, stem, word_set

_SETS_OUT = re.compile(
    r"\b(?:i['’]?ll|we['’]?ll|i will|we will|let me|let['’]s|i(?: now| first)? (?:need to|should|"
    r"must|have to)|"
    r"we (?:need to|should|must|have to)|i['’]m going to|i am going to)\s+(?:now |first |then |"
    r"just |simply |quickly |also |start by |"
    r"begin by |go ahead and |use that to )*"
)
_DOUBT = re.compile(r"\b(?:not|never|if|unless|could|might|maybe|perhaps|whether)\b|n['’]t\b|\?")
_CLAUSE = re.compile(r"[,;:]|\bbut\b|\bso\b")
_WORD = re.compile(r"[a-z][a-z-]*")
_SAME = {
    "look": "get",
    "check": "get",
    "fetch": "get",
    "retriev": "get",
    "find": "get",
    "lookup": "get",
    "chang": "updat",
    "modify": "updat",
    "erase": "delet",
    "eras": "delet",
    "remov": "delet",
    "mail": "email",
    "e-mail": "email",
}
_GENERAL = word_set(
    "bash shell exec execut run command cmd terminal python code script handoff delegat todo plan think "
    "agent task"
)
_FEW = 7
_CUES = 20
_REACH = 120


def deeds(lower: str, start: int, end: int, words: Vocabulary) -> Name | None:
    """Return the one tool whose verb and object a sentence sets out to do, or ``None``."""
    for cue in islice(_SETS_OUT.finditer(lower, start, end), _CUES):
        limit = min(end, cue.end() + _REACH)
        clause_end = min(
            [limit, *(at for mark in ",;:." if (at := lower.find(mark + " ", cue.end(), limit)) >= 0)]
        )
        before = _CLAUSE.split(lower[max(start, cue.start() - _REACH) : cue.start()])[-1]
        if _DOUBT.search(before + lower[cue.start() : clause_end]):
            continue
        said = [match[0] for match in _WORD.finditer(lower, cue.end(), clause_end)][:_FEW]
        if len(said) < 2:
            continue
        stems = [_same(stem(word)) for word in said]
        fitting = [tool for tool, own in _needed(words).items() if own <= set(stems) and stems[0] in own]
        longest = max((len(_needed(words)[tool]) for tool in fitting), default=0)
        best = [tool for tool in fitting if len(_needed(words)[tool]) == longest]
        if len(best) == 1:
            return Name(cue.end(), clause_end, frozenset(best), sure=False, deed=True)
    return None


def _same(word: str) -> str:
    return _SAME.get(word, word)


def _needed(words: Vocabulary) -> dict[str, frozenset[str]]:
    """Return the stems that a sentence must have, for every tool named by a verb and an object."""
    if not words.deeds:
        for tool, _ in words.specs:
            own = frozenset(_same(stem(word)) for word in name_words(re.split(r"[./:]|__", tool)[-1]))
            if len(own) > 1:
                words.deeds[tool] = own
    return words.deeds


def may_stand_for(called: str, due: Name, lower: str) -> bool:
    """Tell whether a call may be what the words of a deed meant: a shell, or a tool with the same verb."""
    stems = {stem(word) for word in name_words(called)}
    verb = _WORD.search(lower, due.start, due.end)
    return bool(stems & _GENERAL or (verb and _same(stem(verb[0])) in stems))
