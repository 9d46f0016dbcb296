"""Finds special tokens of chat templates that a server left in the texts of a turn."""

from __future__ import annotations

import re
from collections.abc import Iterable

from curator.checks.registry import Context, check
from curator.checks.support.places import found_outside_code
from curator.model import Evidence, Field, Finding, Turn
from curator.parsing.tokens import STOP_TOKENS

_NAMED = "|".join(re.escape(token) for token in STOP_TOKENS if token != "</s>")
_TOKEN = re.compile(
    rf"(?:{_NAMED}|<\|[A-Za-z][\w▁/:-]{{0,40}}\|>|<｜[^｜<>\n]{{1,40}}｜>|<(?:start|end)_of_(?:turn|image)>"
    r"|<(?:bos|eos|pad|unk)>|<\|?/?(?:begin|end)_of_(?:text|sentence)\|?>|\[/?INST\]|<</?SYS>>)"
    r"|\A\s*<s>|</s>"
)
_WORD_FOR_IT = r"(?:token|marker|delimiter|tag|string|sequence|separator)s?\b"
_SPOKEN_OF = re.compile(
    r"[\"'“”‘’)\]]|\s*(?:(?:and|or|as|is|are|means|marks)\s+)?(?:(?:an?|the)\s+)?"
    rf"(?:\w+\s+){{0,2}}{_WORD_FOR_IT}"
)
_NAMED_BEFORE = re.compile(rf"(?:{_WORD_FOR_IT}:?\s+|[\"'“”‘’(\[])$", re.IGNORECASE)
_BEFORE = 16
_SHOWN = 4
"""So many different tokens the message names."""


@check("special_tokens", "error", "Special tokens left in the text")
def special_tokens(turn: Turn, _context: Context) -> Iterable[Finding]:
    """Look for end marks and role headers in content and thinking; those quoted or in code do not count.

    Stop tokens at the very end of a raw output are the server's and belong to no text.
    """
    texts: dict[Field, str | None] = {"thinking": turn.output.thinking, "content": turn.output.content}
    for field, text in texts.items():
        if not text or not ("<" in text or "[" in text):
            continue
        found = [match for match in found_outside_code(_TOKEN, text) if _is_left(text, match)]
        if found:
            names = list(dict.fromkeys(match.group().strip() for match in found))
            more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
            message = f"special tokens in the {field}: {', '.join(names[:_SHOWN])}{more}"
            evidence = tuple(Evidence(field, *_span(match)) for match in found)
            yield Finding("special_tokens", "error", message, evidence)


def _is_left(text: str, match: re.Match[str]) -> bool:
    """Tell whether the token stands for itself, and is neither quoted, spoken of nor HTML."""
    if match.group() == "</s>" and "<s>" in text[: match.start()].lstrip()[1:]:
        return False
    before = _NAMED_BEFORE.search(text, max(0, match.start() - _BEFORE), match.start())
    return not before and not _SPOKEN_OF.match(text, match.end())


def _span(match: re.Match[str]) -> tuple[int, int]:
    """Return where the token stands, without the white space before it."""
    return match.end() - len(match.group().lstrip()), match.end()
