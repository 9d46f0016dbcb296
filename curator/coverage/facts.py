"""What an SFT row shows, as pairs (kind, value) that meters only have to count.

Facts depend on the row and on the rules of the profile, on nothing else: so they are found once, kept
with the decision, and found again where the rules have changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b

import msgspec
from msgspec.structs import replace

from curator.checks import Context, run_checks
from curator.checks.support.requests import is_result, request, steps
from curator.coverage.registry import Case, Row, detectors
from curator.model import Decision, Output, Turn, call_class
from curator.profiles import Profile
from curator.similar import fingerprint
from curator.store import Facts, Filter
from curator.tokens import ESTIMATE, load_tokenizer, row_tokens

VERSION = 2
"""To be raised when facts are found in another way."""
TOKEN_STEP = 32
"""Lengths are counted in steps of so many tokens."""

_WORD = re.compile(r"[^\W\d_]+")
_HEAD = 200
_FILLERS = frozenset(
    [
        "a",
        "an",
        "and",
        "can",
        "could",
        "do",
        "hello",
        "hey",
        "hi",
        "i",
        "in",
        "is",
        "it",
        "like",
        "me",
        "my",
        "now",
        "ok",
        "okay",
        "please",
        "so",
        "task",
        "the",
        "then",
        "there",
        "this",
        "to",
        "want",
        "we",
        "would",
        "you",
        "your",
        "bitte",
        "ich",
        "kannst",
        "den",
        "die",
        "das",
    ]
)

_encode = msgspec.json.Encoder(order="deterministic").encode


def rules_of(profile: Profile) -> str:
    """Return a fingerprint of everything in a profile that facts depend on."""
    parts = (
        VERSION,
        profile.coverage,
        profile.expectations,
        profile.thinking,
        profile.lengths,
        profile.checks,
        profile.identity,
        profile.aliases,
        profile.syntax,
        profile.base,
        profile.tools,
        profile.general,
    )
    return blake2b(_encode(parts), digest_size=8).hexdigest()


def taught_output(turn: Turn, decision: Decision) -> Output | None:
    """Return what the row of a decision teaches, ``None`` where it gives no row."""
    if decision.correction is not None:
        given = decision.correction
        return Output(thinking=given.thinking, content=given.content, tool_calls=given.tool_calls)
    return turn.output if decision.verdict == "correct" else None


def row_facts(turn: Turn, decision: Decision, profile: Profile) -> Facts:
    """Return the facts of the row that a decision gives; none where it gives no row."""
    output = taught_output(turn, decision)
    if output is None:
        return ()
    if profile.thinking == "forbidden":
        output = replace(output, thinking=None)
    return tuple(sorted(set(_facts(Row(turn, output), profile))))


def _facts(row: Row, profile: Profile) -> Iterator[tuple[str, str]]:
    turn, output = row.turn, row.output
    yield "class", f"{turn.tier}|{call_class(output.tool_calls)}"
    yield "origin", turn.origin
    for call in output.tool_calls:
        yield "tool", call.name
    for tool in turn.tools:
        yield "offered", tool.name
    yield "thinks", "yes" if (output.thinking or "").strip() else "no"
    yield "system", f"{turn.tier}|{_hash_again(_system(turn))}"
    yield "task", task_kind(turn)
    yield "row", _hash("\0".join((*(message.content for message in turn.prompt), _spoken(row))))
    if is_general(turn, profile):
        yield "general", "yes"
    if any(is_result(message) for message in steps(turn.prompt)):
        yield "steps", "several"
    yield from _checked(row, profile)
    yield from _lengths(row, profile)
    yield from _covered(row, profile)


def _checked(row: Row, profile: Profile) -> Iterator[tuple[str, str]]:
    """Yield what the checks find in the row as it will be taught."""
    taught = row.turn
    if row.output is not taught.output:
        taught = replace(taught, output=row.output, raw=_spoken(row), outcomes=())
    found = run_checks(taught, Context(aliases=profile.words, profile=profile))
    for finding in found:
        if finding.severity != "info":
            yield "finding", finding.check
    if (row.output.thinking or "").strip():
        is_off = any(f.check == "coherence" and f.severity != "info" for f in found)
        yield "coherent", "no" if is_off else "yes"


def _lengths(row: Row, profile: Profile) -> Iterator[tuple[str, str]]:
    tokenizer = load_tokenizer(profile.base) if profile.base else ESTIMATE
    tokens = row_tokens(row.turn, row.output, tokenizer)
    yield "tokens", f"{sum(tokens) // TOKEN_STEP * TOKEN_STEP}"
    yield "tokenizer", "exact" if tokenizer.is_exact else "estimate"
    budget = profile.lengths
    if 0 < budget.max_tokens < sum(tokens) or 0 < budget.prompt_tokens < tokens.prompt:
        yield "over", "length"


def _covered(row: Row, profile: Profile) -> Iterator[tuple[str, str]]:
    for name, item in profile.coverage.items():
        known = detectors().get(item.detector)
        found = known.detect(row, item) if known else None
        if isinstance(found, Case):
            yield "case", "\0".join((name, *(_hash(part) for part in found)))
        elif found:
            yield "coverage", name


def task_kind(turn: Turn) -> str:
    """Return the kind of task: the tier, and the first word of the request that says what to do."""
    words = (word.lower() for word in _WORD.findall(request(turn.prompt)[:_HEAD]))
    return f"{turn.tier}|{next((word for word in words if word not in _FILLERS), '')}"


def is_general(turn: Turn, profile: Profile) -> bool:
    """Return whether a turn is general data by the profile's query, which names tiers or an origin."""
    if not profile.general:
        return False
    wanted = _parsed(profile.general)
    return (not wanted.tiers or turn.tier in wanted.tiers) and (
        not wanted.origins or turn.origin in wanted.origins
    )


def _system(turn: Turn) -> str:
    return "\n".join(message.content for message in turn.prompt if message.role == "system")


def _spoken(row: Row) -> str:
    """Return what is taught as one text: thinking, content, calls."""
    calls = [(call.name, call.arguments) for call in row.output.tool_calls]
    return "\n".join((row.output.thinking or "", row.output.content or "", _encode(calls).decode()))


def _hash(text: str) -> str:
    return f"{fingerprint(text) % 2**64:016x}"


_hash_again = lru_cache(maxsize=64)(_hash)
"""For texts that many rows have in common, such as system prompts."""
_parsed = lru_cache(maxsize=8)(Filter.parse)
