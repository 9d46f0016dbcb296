"""The one door through which text of other people reaches a screen.

It makes control, bidi and invisible characters visible and never interprets markup.
"""

from __future__ import annotations

import re
from unicodedata import combining, east_asian_width

REPLACEMENT = "\ufffd"
INVISIBLE_MARK = "\u00b7"
ELLIPSIS = "…"

_JOINERS = "\u00ad\u180e\u200b-\u200d\u2060-\u2064\ufeff"
_FORMAT = (
    "\x80-\x9f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u200e\u200f\u2028-\u202e\u2065-\u206f"
    "\ufff9-\ufffb\ud800-\udfff\U000110bd\U000110cd\U00013430-\U0001345f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e007f"
)
_C0_KEEPING_LINES = "\x00-\x08\x0b-\x1f\x7f"
_C0 = "\x00-\x1f\x7f"
_KB = 1000
_UNSAFE = re.compile(f"[{_C0}{_JOINERS}{_FORMAT}]")
_UNSAFE_KEEPING_LINES = re.compile(f"[{_C0_KEEPING_LINES}{_JOINERS}{_FORMAT}]")
_JOINER = re.compile(f"[{_JOINERS}]")
_COMBINING = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_MOST_MARKS = 6
"""No script puts more of them on one letter; a heap of hundreds covers the lines around it."""
_HEAP = re.compile(f"(?<=[{_COMBINING}]{{{_MOST_MARKS}}})[{_COMBINING}]")


def display_text(text: str, *, keep_newlines: bool = True) -> str:
    """Return ``text`` made safe to draw, with exactly as many code points as it had.

    C0 controls become control pictures (U+2400 and following, DEL U+2421), invisible joiners a
    middle dot, and C1 controls, bidi controls, line separators, other format characters and lone
    surrogates U+FFFD. Of marks heaped on one letter the first few stay, the others become middle dots.
    Every character stands for one character, so the spans of findings, calls and searches stay valid
    on the result. Newlines and tabs stay unless ``keep_newlines`` is off.
    The result is still plain text: draw it as ``Content`` or ``Text``, never as markup.
    """
    unsafe = _UNSAFE_KEEPING_LINES if keep_newlines else _UNSAFE
    safe = unsafe.sub(_visible, text)
    return safe if safe.isascii() else _HEAP.sub(INVISIBLE_MARK, safe)


def one_line(text: str, width: int) -> str:
    """Return the start of ``text`` as one safe line of at most ``width`` cells.

    Runs of white space become one space, so offsets into ``text`` do not hold on the result.
    """
    start = text.lstrip()[: 8 * width + 64]
    return clip(display_text(" ".join(start.split()), keep_newlines=False), width)


def clip(text: str, width: int) -> str:
    """Cut safe text to ``width`` terminal cells, ending in an ellipsis where something was cut."""
    if text.isascii():
        return text if len(text) <= width else text[: max(width - 1, 0)] + ELLIPSIS[: max(width, 0)]
    used, kept = 0, 0
    for position, character in enumerate(text):
        used += cells(character)
        if used <= width - 1:
            kept = position + 1
        if used > width:
            return text[:kept] + ELLIPSIS if width > 0 else ""
    return text


def size_words(size: int) -> str:
    """Write a number of bytes as people read it."""
    value, unit = float(size), "bytes"
    for unit in ("bytes", "kB", "MB", "GB"):
        if value < _KB or unit == "GB":
            break
        value /= _KB
    return f"{size} bytes" if unit == "bytes" else f"{value:.3g} {unit}"


def cells(character: str) -> int:
    """Return how many terminal cells one character takes: 0, 1 or 2."""
    if combining(character) or "\ufe00" <= character <= "\ufe0f":
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def _visible(match: re.Match[str]) -> str:
    character = match.group()
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    return INVISIBLE_MARK if _JOINER.match(character) else REPLACEMENT
