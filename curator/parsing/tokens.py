"""Special tokens that servers leave at the ends of an output."""

from __future__ import annotations

import re

from curator.model import Span

STOP_TOKENS = (
    "<|im_end|>",
    "<|endoftext|>",
    "<|eot_id|>",
    "<|eom_id|>",
    "<|end_of_text|>",
    "<|end|>",
    "<|return|>",
    "<|call|>",
    "<|observation|>",
    "<|user|>",
    "<|end_of_turn|>",
    "<end_of_turn>",
    "<turn|>",
    "<|role_end|>",
    "<|tool_response>",
    "<start_function_response>",
    "</s>",
    "<eos>",
    "<｜end▁of▁sentence｜>",
    "<｜User｜>",
    "[e~[",
)

_LEAD = re.compile(r"\s*(?:<\|im_start\|>\s*assistant(?![\w|])\s*)?")


def trim_tokens(raw: str) -> Span:
    """Return the part of ``raw`` between a leading role header and trailing stop tokens."""
    lead = _LEAD.match(raw)
    start = lead.end() if lead else 0
    end = len(raw)
    while True:
        stripped = _without_space(raw, start, end)
        token = next((one for one in STOP_TOKENS if raw.endswith(one, start, stripped)), None)
        if token is None:
            return start, end
        end = stripped - len(token)


def _without_space(raw: str, start: int, end: int) -> int:
    while end > start and raw[end - 1].isspace():
        end -= 1
    return end
