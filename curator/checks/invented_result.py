"""Finds answers that state the result of a call before any tool could have given it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from curator.checks.registry import Context, check
from curator.checks.support.places import content_at, found_outside_code
from curator.checks.support.requests import is_result, request, steps
from curator.model import Evidence, Finding, Severity, Span, Turn

_MARK = re.compile(
    r"FUNCTION RESPONSE:|<tool_response>|<function_results?>|\[TOOL RESULT\b|Tool result:"
    r"|Tool `[^`\n]+` returned:"
)
_SENTENCE = re.compile(r"[^\s\[](?:[^\n.!?]|[.!?](?=\S))*[.!?]*")
_TOLD = re.compile(r"\[Calling[^\]\n]*\]")
_PENDING = re.compile(
    r"\?\s*\Z|…\s*\Z"
    r"|\b(?:i'll|i will|i'm going|i am going|i can|i need|let me|let's|let us|once|waiting|wait for"
    r"|will be|would|please|going to|to be able|as soon as|if you|if the|if it|next,|then i|now i|when it"
    r"|after that|should|will|whether|which (?:\w+ )?tests)\b",
    re.IGNORECASE,
)
"""A sentence about what is still to come, or a question."""
_REPORTED = re.compile(
    r"\A(?:done|stored|saved|created|deleted|removed|updated|added|fixed|applied|installed|completed|sent|scheduled"
    r"|found and deleted|found \d+|turned (?:on|off)|success)\b(?! by| in order|:?\s*\Z)"
    r"|\A(?:done|success)[.!]*\Z"
    r"|\ball (?:\w+ ){0,4}(?:pass|passed|passes|passing|green|healthy|running|succeeded|good)\b"
    r"|\b(?:has|have) been (?:successfully )?(?:\w+ed|sent|set|run|written|built)\b"
    r"|\bsuccessfully\b"
    r"|\A(?:the )?(?:results?|outputs?|response|tests?)"
    r" (?:is|are|was|were|shows?|says?|returned|passed|pass)\b"
    r"|\b\d+ (?:\w+ )?(?:results?|matches|files?|tests?|memories|errors?|rows?|items?)"
    r" (?:found|passed|failed|match)",
    re.IGNORECASE,
)
"""A sentence that reports what a call has done."""
_CLAIM = re.compile(
    r"\b(?:tests?|the build|the suite|checks) (?:are |is |now |all |have |has )*"
    r"(?:pass(?:es|ed|ing)?|green|succeed(?:s|ed)?)\b"
    r"|\bI(?:'ve| have)? (?:ran|run|executed) (?:the|all|your|it)\b"
    r"|\bapplied (?:all|the|both|your) (?:\w+ )?(?:patch|change|fix|edit)",
    re.IGNORECASE,
)
"""Words that claim an action which only a tool can do."""
_ACTS = (
    "pass",
    "green",
    "ucce",
    " run ",
    " ran ",
    "xecuted",
    "pplied",
    "one.",
    "tored",
    "aved",
    "reated",
    "eleted",
)
"""One of these stands in every text that claims or reports something; they are quick to look for."""
_PROMISE = re.compile(
    r"\b(?:let me|i'll|i will|i'm going to|i am going to) (?:now |just |quickly )?"
    r"(?:run|check|execute|call|test|search|query|fetch|verify|save|store|delete|turn|use)\b"
    r"|^(?:running|checking|executing|calling|searching|fetching|querying)\b[^.\n]*[.:…]",
    re.IGNORECASE | re.MULTILINE,
)
_SHOWN = 80


class _Sentence(NamedTuple):
    start: int
    text: str

    @property
    def is_report(self) -> bool:
        """Whether it says what a call has done, and not what is still to come."""
        return bool(_REPORTED.search(self.text)) and not self.is_pending

    @property
    def is_pending(self) -> bool:
        """Whether it is about what is still to come, or asks."""
        return bool(_PENDING.search(self.text))


@check("invented_result", "error", "Result that no tool gave")
def invented_result(turn: Turn, _context: Context) -> Iterable[Finding]:
    """Look for the result of a call in the very output that makes, tells or promises the call.

    Errors: the marks of a result, or a statement after a call that is only told. Warnings: a report
    after a call, or after a promise without a call. Infos: a claim of work without any call.
    """
    content, output = turn.output.content, turn.output
    if not content:
        return
    made = next((call.span for call in output.tool_calls if call.status != "in_code_fence"), None)
    after = content_at(output, made[1]) if made else len(content)
    told = any(problem.code == "pseudo_call" for problem in output.problems)
    if spans := list(_marked(content, after)):
        evidence = tuple(Evidence("content", *span) for span in spans)
        message = f"the answer writes the result of a tool itself: {_quoted(content[slice(*spans[0])])}"
        yield Finding("invented_result", "error", message, evidence)
    elif told and (place := _TOLD.search(content)):
        if stated := next((one for one in _sentences(content, place.end()) if not one.is_pending), None):
            yield _finding("error", "after a call that is only told, the answer states", stated)
    elif made:
        if stated := next((one for one in _sentences(content, after) if one.is_report), None):
            yield _finding("warning", "after the call, the same output already reports", stated)
    elif not output.tool_calls and any(act in content for act in _ACTS):
        yield from _without_call(turn, content)


def _without_call(turn: Turn, content: str) -> Iterator[Finding]:
    """Report what is said to be done though nothing was called since the request."""
    promise = _PROMISE.search(content)
    reports = list(_sentences(content, promise.end() if promise else 0))
    claim = next((one for one in reports if _CLAIM.search(one.text) and not one.is_pending), None)
    if promise:
        claim = claim or next((one for one in reports if one.is_report), None)
    if claim is None or any(map(is_result, steps(turn.prompt))) or _CLAIM.search(request(turn.prompt)):
        return
    if promise:
        yield _finding("warning", "the answer promises an action, calls nothing, and reports", claim)
    else:
        yield _finding("info", "nothing was called, yet the answer says", claim)


def _marked(content: str, after: int) -> Iterator[Span]:
    """Yield the lines of results that stand outside code at the start of a line, or after a call."""
    for match in found_outside_code(_MARK, content):
        start = match.start()
        if start >= after or not content[content.rfind("\n", 0, start) + 1 : start].strip():
            end = content.find("\n", match.end() + 1)
            yield (start, end if end != -1 else len(content))


def _sentences(content: str, start: int) -> Iterator[_Sentence]:
    for match in found_outside_code(_SENTENCE, content, start):
        if not _TOLD.match(content, max(match.start() - 1, 0)):
            yield _Sentence(match.start(), match.group())


def _finding(severity: Severity, what: str, sentence: _Sentence) -> Finding:
    evidence = (Evidence("content", sentence.start, sentence.start + len(sentence.text)),)
    return Finding("invented_result", severity, f"{what} {_quoted(sentence.text)}", evidence)


def _quoted(text: str) -> str:
    words = " ".join(text.split())
    return f"“{words[:_SHOWN]}…”" if len(words) > _SHOWN else f"“{words}”"
