"""Where something stands in the content of an output, whose pieces lie apart in the raw text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from curator.model import Evidence, Output, Span

_FENCE = re.compile(r"^[ \t]{0,3}(`{3,}|~{3,})[^\n]*$", re.MULTILINE)
_INLINE = re.compile(r"`[^`\n]+`")


def content_at(output: Output, raw_at: int) -> int:
    """Return the offset in the content of what stands at, or first after, a place of the raw text."""
    before = 0
    for start, end in output.content_spans:
        if raw_at < end:
            return before + max(raw_at - start, 0)
        before += end - start
    return before


def code_spans(text: str) -> tuple[Span, ...]:
    """Return where code fences, closed or not, and inline code stand in a text."""
    if "`" not in text and "~~~" not in text:
        return ()
    marks = list(_FENCE.finditer(text))
    fences = [
        (opener.start(), marks[at + 1].end() if at + 1 < len(marks) else len(text))
        for at, opener in enumerate(marks)
        if at % 2 == 0
    ]
    return (*fences, *(one.span() for one in _INLINE.finditer(text)))


def is_inside(at: int, spans: tuple[Span, ...]) -> bool:
    """Tell whether a place lies in one of the spans."""
    return any(start <= at < end for start, end in spans)


def found_outside_code(pattern: re.Pattern[str], text: str, start: int = 0) -> Iterator[re.Match[str]]:
    """Yield the matches of a pattern that begin outside code."""
    matches = list(pattern.finditer(text, start))
    spans = code_spans(text) if matches else ()
    return (match for match in matches if not is_inside(match.start(), spans))


def raw_evidence(span: Span | None) -> tuple[Evidence, ...]:
    """Return evidence in the raw text; none where the place is not known."""
    return (Evidence("raw", *span),) if span else ()
