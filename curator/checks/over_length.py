"""Finds turns whose rows are longer than the profile's budget of tokens."""

from __future__ import annotations

from collections.abc import Iterable

from curator.checks.registry import Context, check
from curator.model import Evidence, Finding, Turn
from curator.tokens import row_tokens, upper_bound


@check("over_length", "error", "Longer than the budget of tokens")
def over_length(turn: Turn, context: Context) -> Iterable[Finding]:
    """Count the tokens of tools, prompt and answer; an estimate says "about"."""
    lengths = context.profile.lengths if context.profile else None
    if lengths is None or not (lengths.max_tokens or lengths.prompt_tokens):
        return
    smallest = min(budget for budget in (lengths.max_tokens, lengths.prompt_tokens) if budget)
    if upper_bound(turn) <= smallest:
        return
    row = row_tokens(turn, tokenizer=context.tokenizer)
    about = "" if context.tokenizer.is_exact else "about "
    if 0 < lengths.max_tokens < row.total:
        parts = f"{row.tools:,} of tools, {row.prompt:,} of prompt, {row.answer:,} of answer"
        message = f"the row has {about}{row.total:,} tokens ({parts}); the budget is {lengths.max_tokens:,}"
        yield Finding("over_length", "error", message, (Evidence("raw", 0, len(turn.raw)),))
    if 0 < lengths.prompt_tokens < row.prompt:
        message = (
            f"the prompt has {about}{row.prompt:,} tokens beside its tools; "
            f"the budget is {lengths.prompt_tokens:,}"
        )
        yield Finding("over_length", "error", message)
