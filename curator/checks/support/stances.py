"""Says of every tool that reasoning names whether it is settled on, rejected, only considered, or past."""

from __future__ import annotations

import re
from typing import Literal

from msgspec import Struct

from curator.checks.support.cues import Cues
from curator.checks.support.sentences import Sentence
from curator.checks.support.vocabulary import Name

Stance = Literal["commit", "reject", "consider", "past", "neutral"]

_MARKERS = re.compile(
    r"^\s*(?:[-*•]\s*)?(?:step\s*)?\(?(\d{1,2})(?:\s*\([^)]{1,40}\))?[.):]\s|"
    r"\((\d)\)\s*$|\bstep (\d)\s*[:.,]?\s"
)
_NUMBERED = re.compile(
    r"^\s*(?:[-*•]\s*)?(?:step\s*\d{1,2}(?:\s*\([^)]{1,40}\))?|\(?\d{1,2}[.):])[\s:.)`*]*$"
)
_NAMELY = re.compile(
    r"\b(?:tool|function|command) for (?:that|this|it|exactly (?:this|that))\s*[:—–-]\s*[`\"'*]*$"
)
_ENUMERATED = re.compile(r"(?:^|[\s,;])\(?\d[.)]\s*[`\"'*]*$")
_EXAMPLE = re.compile(
    r"\b(?:literal|for example|for instance|e\.g\.|zum beispiel|par exemple|por ejemplo|"
    r"por exemplo)|例如|比如|たとえば|например"
)
_AN_EXAMPLE = re.compile(r"\b(?:only|just) an example\b|\bas an example\b")
_IMPERATIVE = re.compile(
    r"^\W*(?:(?:so|then|next|now|first|and|ok(?:ay)?)\W+)*(?:check|get|find|look|insert|fetch|"
    r"list|open|verify|compute|convert|search|send|create|see|"
    r"do|query|read|set|update|delete|look up|save|store|ask|turn|switch|write|inspect|"
    r"confirm)(?:ing)?\b.*\b(?:with|via|through|by)(?: the| a)?\s*[`\"'*]*$"
)
_LEAD = re.compile(
    r"^\W*(?:(?:so|then|now|next|first|finally|ok(?:ay)?|alright|therefore|thus|hence|step|\d+|"
    r"tool|call|action|plan|goal|"
    r"next step|function|decision|fine|sure|great|clear|simple|easy|well|and|also|only|just|doing|"
    r"answer|yes|right|good|in that case|option \w|cmd|the|an?|new|another|fresh|"
    r"primero|entonces|luego|después|prima|poi|dunque|quindi|zuerst|dann|jetzt|also|"
    r"d['’]abord|ensuite|puis|donc|сначала|потом|затем)\b\W*)*$"
)
_VERB_BEHIND = re.compile(
    r"^[`\"'*)\s]*(?:tool|function)?\s*(?:is|are|was|were|has|have|would|could|can|might|may|will|does|did|"
    r"(?!pass|always|this|the |status|address|access|process|class|is\b)"
    r"[a-z]{3,}s(?!\s+(?:in|of|for|from|on|at|by)\b)|vs\.?)\b(?!\s*=)"
)
_AUXILIARY_BEHIND = re.compile(
    r"^[`\"'*)\s]*(?:tool|function)?\s*(?:is|are|was|were|has|have|would|could|can|might|may|will|does|did)\b"
)
_LED = re.compile(r"\b(?:first|then|next|call|use|run|invoke)\s*[`\"'*(]*$")
"""Words right before a name after which a word in -s is its argument and no verb."""
_MAYBE_BEHIND = re.compile(
    r"^[`\"'*)\s]*(?:tool|function)?\s*,?\s*(?:could|might|may|would)\b|^[`\"'*)\s]*\?"
)
_BEFORE = re.compile(
    r"\bbefore\b(?![^,;.:]*\b(?:should|must|will|need to|have to|let me|let us)\b|[^,;.:]*['’]ll\b)[^,;.:]*$"
)
_AFTER = re.compile(
    r"\b(?:after|(?<!at )once(?! more| again| per| for| a ))\b"
    r"(?![^,;.:]*\b(?:can|could|would|should|must|will|need to|have to|let me|let us)\b|"
    r"[^,;.:]*['’]ll\b)[^,;.:]*$"
)
_LATER_UNTIL = re.compile(
    r"^[^,.;]{0,60}\b(?:(?<!at )once(?! more| again| per| for| a )|when|as soon as|"
    r"after(?! (?:it|that|this|them)\b))\b|"
    r"^.{0,60}?\bbut (?:first|before)\b"
)
_SO = re.compile(r"\b(?:so|therefore|hence|thus)\b(?! that)|所以|因此")
_PART = re.compile(r"\b(?:and|then|before|but)\b|[,;]")
_STRONG = re.compile(
    r"\b(?:i['’]?ll|we['’]?ll|will|shall|should|must|need|have to|going to|let me|let['’]s|better|is to)\b"
)
_DONE = re.compile(r"^\W*(?:already )?(?:done|finished|completed)\s*:")
_LATER_UNKNOWN = re.compile(
    r"\b(?:(?<!at )once(?! more| again| per| for| a )|when|as soon as|only then|after)\b"
)
_NECESSARY = re.compile(
    r"without|unless|until|except|forget|choice|option|way|other than|hesitate|reason|but$"
)
_OWN_RULE = re.compile(
    r"\b(?:i|we)\s+(?:should|must|have to|need to|am to|are to)\b|\b(?:should|must|needs? to|"
    r"has to|shall) be\b"
)
_ONLY_CAN = re.compile(r"\bcan\b")
_AFTER_NOT = re.compile(r"^\W*(?:but|sondern|而是|sino|mas|mais|а|\bно\b)\b|而是")
_JOINING = re.compile(
    r"^[`\"'*)\s]*(?:\([^)]*\))?\s*(?:[,/&+]|\b(?:and|or|nor|plus|und|oder|et|ou|y|o|e)\b|[和与或及、と]|и\s)"
)
_JOINED = re.compile(r"(?:\b(?:and|or|then|und|et|y|и)|和|,)\s*[`\"'*]*$")
_REACH = 240
_RUNS = re.compile(r"([\s`\"'*)(,;:.?!-])\1+")


class Mark(Struct, frozen=True):
    """One naming of a tool and what the reasoning makes of it."""

    name: Name
    sentence: int
    stance: Stance
    first: bool = False
    later: bool = False
    """For a step after another one."""
    waits: bool = False
    """Later, and only once something is known or done."""
    after: bool = False
    """Named as what comes before something else ("after X, …")."""
    either: bool = False
    """Named as another choice beside the one before it."""


class Around(Struct, frozen=True):
    """The words around one name, in lower case."""

    left: str
    """Since the start of the sentence or the name before."""
    whole: str
    """Since the start of the sentence."""
    right: str
    """Up to the next name or the end of the sentence."""
    asks: bool
    previous: Mark | None


def around(lower: str, names: list[Name], at: int, sentence: Sentence, previous: Mark | None) -> Around:
    """Return the words around ``names[at]`` in its sentence; of a very long one those that are near."""
    name = names[at]
    start = max(sentence.start, name.start - _REACH)
    left = max(start, names[at - 1].end) if at else start
    end = min(sentence.end, name.end + _REACH)
    right = min(end, names[at + 1].start) if at + 1 < len(names) else end
    whole = lower[start : name.start]
    return Around(
        _plain(lower[left : name.start]),
        _plain(whole),
        _plain(lower[name.end : right]),
        sentence.asks,
        previous,
    )


def _plain(text: str) -> str:
    """Return text without runs of blanks or quotation marks, over which patterns would take long."""
    return _RUNS.sub(r"\1", text)


def mark(name: Name, sentence: int, words: Around, cues: Cues) -> Mark:
    """Return what a sentence makes of a tool that it names."""
    stance = _stance(words, cues)
    if stance in ("reject", "past"):
        return Mark(name, sentence, stance)
    number = next((int(n) for m in _MARKERS.finditer(words.whole) for n in m.groups() if n), 0)
    before, after = bool(_BEFORE.search(words.left)), bool(_AFTER.search(words.left))
    later = number > 1 or before or _is_later(words, cues, after=after)
    first = number == 1 or (not later and not before and _is_first(words, cues))
    waits = later and (
        stance == "consider" or bool(_LATER_UNKNOWN.search(words.left) or _LATER_UNTIL.search(words.right))
    )
    if (
        stance == "neutral"
        and (after or before)
        and words.previous is None
        and not cues["past_right"].search(words.right)
    ):
        stance = "commit"
    either = bool(words.previous and cues["alternative"].search(words.left))
    return Mark(name, sentence, stance, first, later, waits, after, either)


def _is_later(words: Around, cues: Cues, *, after: bool) -> bool:
    if cues["later_right"].search(_PART.split(words.right)[0]) or _LATER_UNTIL.search(words.right):
        return True
    if after:
        return False
    previous = words.previous
    if previous and previous.after and "," in words.left:
        return True
    return bool(cues["later_left"].search(_SO.split(words.left)[-1]))


def _is_first(words: Around, cues: Cues) -> bool:
    return bool(cues["first_left"].search(words.left) or cues["first_right"].search(words.right))


def _stance(words: Around, cues: Cues) -> Stance:
    segment = _tail(words.left, cues["reset"])
    clause = _tail(words.left, cues["break"])
    if _EXAMPLE.search(words.whole) or _AN_EXAMPLE.search(words.right):
        return "neutral"
    rejected = cues["reject_right"].search(words.right)
    if words.asks or (
        not rejected and _MAYBE_BEHIND.search(words.right) and not cues["intent_right"].search(words.right)
    ):
        return "consider"
    necessary = False
    if known := cues["no_negation"].search(segment):
        necessary = bool(_NECESSARY.search(known[0]))
        clause = clause.replace(known[0], " ")
    elif cues["negation"].search(clause):
        return "reject"
    if _DONE.search(words.whole) or (cues["past_left"].search(clause) and not cues["doubt"].search(clause)):
        return "past"
    if rejected:
        return "reject"
    if cues["past_right"].search(words.right) and not words.right.lstrip().startswith("("):
        return "past"
    if _conditional(words, cues):
        return "consider"
    if _doubtful(segment, clause, cues):
        return "consider"
    return _settled(words, segment, clause, cues, necessary=necessary)


def _conditional(words: Around, cues: Cues) -> bool:
    since = re.split(r"\b(?:but|so|therefore|hence|thus|however|instead|то)\b|所以|因此|;", words.whole)[-1]
    return bool(cues["condition"].search(since) or cues["condition_right"].search(words.right))


def _doubtful(segment: str, clause: str, cues: Cues) -> bool:
    if cues["no_doubt"].search(segment):
        return False
    if cues["doubt"].search(clause):
        return True
    settled = cues["intent"] if not segment.isascii() else _STRONG
    return not settled.search(clause) and bool(cues["doubt"].search(segment))


def _settled(words: Around, segment: str, clause: str, cues: Cues, *, necessary: bool) -> Stance:
    """Return the stance of a name that nothing rules out."""
    if cues["relayed"].search(words.left) and not _OWN_RULE.search(words.left):
        return "neutral"
    if cues["other_subject"].search(clause):
        return "neutral"
    if necessary or cues["intent_right"].search(words.right):
        return "commit"
    if _NAMELY.search(words.left):
        return "commit"
    if cues["description_left"].search(words.left) and not cues["intent"].search(clause):
        return "neutral"
    if cues["intent"].search(segment):
        return "commit"
    if _NUMBERED.match(words.whole):
        return "commit"
    if cues["description_right"].search(words.right):
        return "neutral"
    previous = words.previous
    if previous and previous.stance == "reject" and _AFTER_NOT.search(words.left):
        return "commit"
    if previous and previous.stance == "commit" and _ENUMERATED.search(words.left):
        return "commit"
    if (
        previous
        and len(words.left) < 90
        and (
            _JOINING.search(words.left) or _JOINED.search(words.left) or cues["later_left"].search(words.left)
        )
    ):
        return "neutral" if previous.stance == "past" else previous.stance
    return _terse(words, segment)


def _terse(words: Around, segment: str) -> Stance:
    """Return the stance of a bare name, as in notes: ``read_file. then write_file``."""
    behind = words.right.lstrip(" `\"'*)")[:1]
    verb = _AUXILIARY_BEHIND if _LED.search(words.left) else _VERB_BEHIND
    if (
        verb.search(words.right)
        or words.right.startswith((": ", "? "))
        or (not behind.isascii() and behind.isalpha())
    ):
        return "neutral"
    if _IMPERATIVE.search(words.left):
        return "commit"
    left = words.left.rstrip(" `\"'*(")
    is_lead = left.endswith((":", "：", "->", "→")) or _LEAD.match(re.split(r"[:：]", segment)[-1])
    return "commit" if is_lead else "neutral"


def _tail(text: str, cut: re.Pattern[str]) -> str:
    start = 0
    for match in cut.finditer(text):
        start = match.end()
    return text[start:]
