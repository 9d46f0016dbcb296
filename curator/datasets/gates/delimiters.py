"""Whether the marks around calls are single tokens of the base: one in pieces is hardly ever learned."""

from __future__ import annotations

import re
from collections.abc import Iterator

from curator.datasets.gates.registry import GateState, gate, rule
from curator.datasets.meters import Meters
from curator.model import ToolCall
from curator.parsing import render
from curator.profiles import Profile
from curator.tokens import load_tokenizer

_MARK = re.compile(r"<[^<>\s]+>|\[[A-Z_/]+\]")
_SAMPLE = (ToolCall("tool", {"key": "value"}),)


@rule(88)
def single_tokens(_meters: Meters, profile: Profile) -> Iterator[GateState]:
    """Wants every mark that the target syntax writes to be one token of the base model."""
    if not profile.gates.single_token_delimiters:
        return
    marks = list(dict.fromkeys(_MARK.findall(render(_SAMPLE, profile.syntax))))
    title = f"marks of {profile.syntax} are single tokens of the base"
    tokenizer = load_tokenizer(profile.base)
    if not tokenizer.is_exact:
        missing = "the tokenizer of the base is not on this machine; set `base` in the profile to check it"
        yield gate("single_token_delimiters", title, missing)
        return
    torn = [f"{mark} is {n} tokens" for mark in marks if (n := tokenizer.count(mark)) > 1]
    yield gate("single_token_delimiters", title, ", ".join(torn))
