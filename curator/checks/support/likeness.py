"""What values in reasoning look like, and when two of them mean the same; nothing here reads sentences."""

from __future__ import annotations

import re

from curator.checks.support.vocabulary import word_set

_SHAPES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("url", re.compile(r"https?://\S+$")),
    ("mail", re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+$")),
    ("date", re.compile(r"\d{4}-\d{2}-\d{2}$")),
    ("time", re.compile(r"\d{1,2}:\d{2}(?::\d{2})?$")),
    (
        "path",
        re.compile(
            r"(?:[.~]{0,2}/)?(?:[\w.@*-]+/)*[\w@*-]*[\w*]\.[A-Za-z*][A-Za-z0-9]{0,6}$|"
            r"[.~]{0,2}/?(?:[\w.@*-]+/)+[\w.@*-]*$|/[\w.-]+$"
        ),
    ),
    ("code", re.compile(r"(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*$")),
)
_FACTORS = (60, 3600, 1000, 100, 24, 1440, 86400, 7, 2.55, 1024, 12)
CLASSES: tuple[frozenset[str], ...] = tuple(
    word_set(words)
    for words in (
        "kitchen bedroom bathroom hallway garage office basement attic terrace garden nursery cellar balcony",
        "monday tuesday wednesday thursday friday saturday sunday",
        "celsius fahrenheit kelvin",
        "metric imperial",
        "asc desc",
        "ascending descending",
        "low medium high critical urgent",
        "main master develop dev staging production release",
        "lock unlock",
        "open close",
        "enable disable",
        "start stop restart",
        "increase decrease",
        "red green blue yellow white orange purple pink",
        "true false",
        "left right",
        "front back",
        "english german french spanish italian japanese chinese",
        "heat cool",
        "accept reject decline",
        "upstairs downstairs",
        "north south east west",
        "public private",
        "read write",
        "usd eur gbp chf jpy cad aud",
    )
)
"""Words that exclude each other."""
CLASS_WORDS = frozenset().union(*CLASSES)
STATED = {
    "off": re.compile(
        r"\b(?:turn|switch|shut|power)\w*\s+(?:[\w.]+\s+){0,5}?off\b|\b(?:state|to|be|"
        r"=)\W{0,3}\boff\b|[\"'`]off\b|\boff\b(?=\s*[.,\"']|$)"
    ),
    "back": re.compile(r"\b(?:back|rear) (?:door|light|gate|yard|garden|window|porch|entrance|camera|room)"),
    "front": re.compile(r"\bfront (?:door|light|gate|yard|garden|window|porch|entrance|camera|room)"),
    "on": re.compile(
        r"\b(?:turn|switch|power)\w*\s+(?:[\w.]+\s+){0,5}?on\b(?! the)|\b(?:turn|switch|"
        r"power)\w* on\b|\b(?:it|them|lights?|lamps?|fan|tv|heater|"
        r"one)\s+(?:back )?on\b(?=\s*[.,;!]|$| again)|\bstate\W{0,3}(?:to |is |of )?\W?on\b|"
        r"[\"'`=]on\b"
    ),
}
NO_PROPER = word_set(
    "The This That They Then First Next Let Okay Now But And Also Monday Tuesday Wednesday "
    "Thursday Friday Saturday Sunday January February March April May June July August September October "
    "November December User English Call Use Need"
)
SMALL = word_set(
    "to from in on of at by for as is a an the it its that this and or with be should must will was are not "
    "only"
)


def shape(text: str) -> str | None:
    """Return what kind of value a word is: url, mail, date, time, path or code; ``None`` for a plain word."""
    if " " in text or (text.isalpha() and text.isascii() and text.islower()):
        return None
    return next((name for name, pattern in _SHAPES if pattern.match(text)), None)


def is_value(word: str, first: str) -> bool:
    """Tell whether a bare word behind a label is surely its value: "limit 5", "source USD"."""
    return bool(re.search(r"[\d_]", word) or shape(word) or first.isupper()) and len(word) > (
        0 if word.isdigit() else 1
    )


def agree(said: str, has: str) -> bool:
    """Tell whether a stated value and that of a call may mean the same (a path and its end, 5 and 5.0)."""
    one, other = said.lower().strip("./\"'` "), has.lower().strip("./\"'` ")
    if one == other or (one and (other.endswith("/" + one) or one.endswith("/" + other))):
        return True
    if (
        one
        and other
        and (
            one.startswith(other + "/")
            or other.startswith(one + "/")
            or other.split(",")[0] == one
            or other.endswith("." + one)
            or one in other.split()
        )
    ):
        return True
    try:
        return float(one.replace(",", ".")) == float(other.replace(",", "."))
    except ValueError:
        return False


def close(one: str, other: str) -> bool:
    """Tell whether two tokens are of one kind although their shapes differ (``fix/a`` and ``main``)."""
    return one.count("/") == other.count("/") > 0 or (
        one.split(".")[0] == other.split(".")[0] and "." in one and "." in other
    )


def same_number(one: float, other: float) -> bool:
    """Tell whether two numbers are equal, perhaps in other units (2 hours, 120 minutes)."""
    if one == other:
        return True
    low, high = sorted((abs(one), abs(other)))
    return bool(low) and any(abs(high / low - factor) < 1e-6 for factor in _FACTORS)


def is_name(text: str) -> bool:
    """Tell whether every word has a capital and letters only."""
    return all(part[:1].isupper() and part.isalpha() for part in re.split(r"[ ,-]+", text) if part)


def alike(name: str, text: str) -> bool:
    """Tell whether a text has a word much like one of a name (Rome, Roma)."""
    from rapidfuzz import fuzz

    known = {word for word in re.split(r"[^\w]+", text.lower()) if word}
    words = [word.lower() for word in re.split(r"[ ,-]+", name) if len(word) > 2]
    return any(fuzz.ratio(word, one) >= 75 or one.startswith(word[:5]) for word in words for one in known)
