"""Rules about tokens: rows over the length limit, and delimiters that are no single token of the base."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from curator.lint.configs import effective, requested
from curator.lint.model import DataSet, LintFinding, Row
from curator.lint.registry import Context, defect, many, per_split, percent, rule
from curator.model import Severity
from curator.tokens import ESTIMATE, row_tokens

_TAG = re.compile(
    r"</?(?:tool_call|tool_response|tools|think)>|\[/?TOOL_CALLS\]|\[/?TOOL_RESULTS\]|\[/?THINK\]|<\|[a-z_]{2,40}\|>"
)
_GRAVE_SHARE = 0.05


@rule(
    "over_length",
    "Rows over the length limit",
    "Shorten the prompt or drop the row: a trainer cuts the end off, and the end is the answer.",
)
def over_length(data: DataSet, context: Context) -> Iterable[LintFinding]:
    """Rows over the limit of ``--max-length``, of the profile, or of the training settings beside the data.

    Counts rows: their tokens are those of tools, all messages and 5 of the template for each. Exact
    with ``--base``, else an estimate that is off by 5 % in the median. An error from 5 % of the rows on,
    else a warning. Source: entropic (2 048 tokens cut every example before the assistant's first).
    """
    limit, source = _limit(data, context)
    if not limit:
        context.note("Lengths were not checked: no limit is known. Give --max-length N or --profile P.")
        return
    lengths = {id(row): _length(row, context) for row in data.rows}
    bad = [row for row in data.rows if lengths[id(row)] > limit]
    if bad:
        tokenizer = context.tokenizer
        how = "" if tokenizer and tokenizer.is_exact else " (estimated; --base PATH counts exactly)"
        longest = max(lengths.values())
        message = (
            f"{many(len(bad), 'row')} ({percent(len(bad), len(data.rows))}) over {limit} tokens, limit of "
            f"{source}; the longest has {longest}{how}: {per_split(data, bad)}."
        )
        severity: Severity = "error" if len(bad) >= _GRAVE_SHARE * len(data.rows) else "warning"
        yield defect("over_length", severity, message, bad)


def _limit(data: DataSet, context: Context) -> tuple[int, str]:
    if context.max_length:
        return context.max_length, "--max-length"
    if context.profile and context.profile.lengths.max_tokens:
        return context.profile.lengths.max_tokens, f"the profile {context.profile.name}"
    for config in (*effective(data.folder), *requested(data.folder)):
        if isinstance(limit := config.settings.get("max length"), int) and limit > 0:
            return limit, config.path.name
    return 0, ""


def _length(row: Row, context: Context) -> int:
    return max((row_tokens(turn, None, context.tokenizer or ESTIMATE).total for turn in row.turns), default=0)


@rule(
    "split_delimiters",
    "Delimiters that are several tokens",
    "Use the delimiters of the base model's own template, or a base that has these as tokens.",
)
def split_delimiters(data: DataSet, context: Context) -> Iterable[LintFinding]:
    """Marks around calls, results and thinking that the base cuts into several tokens; needs ``--base``.

    Counts the rows with such a mark. Source: Punie (``<tool_response>`` is one token of
    Qwen3 and five of Qwen2.5: 58 % of the rows, 0 % tool calling).
    """
    found = {id(row): tags for row in data.rows if (tags := _tags(row))}
    counted = Counter(tag for tags in found.values() for tag in tags)
    if not counted:
        return
    if not context.pieces:
        context.unchecked |= counted.keys()
        return
    split = {tag: count for tag in counted if (count := context.pieces(tag)) != 1}
    for tag in [tag for tag, count in split.items() if count == 0]:
        context.note(
            f"tokenizer_config.json does not list {tag}; without tokenizer.json its tokens are unknown."
        )
        del split[tag]
    bad = [row for row in data.rows if found.get(id(row), set()) & split.keys()]
    if bad:
        listed = ", ".join(f"{tag} is {split[tag]} tokens" for tag in sorted(split))
        share = percent(len(bad), len(data.rows))
        message = f"{many(len(bad), 'row')} ({share}) with marks that the base splits: {listed}."
        details = [{"tag": tag, "tokens": split[tag], "rows": counted[tag]} for tag in sorted(split)]
        yield defect("split_delimiters", "error", message, bad, details=details)


def _tags(row: Row) -> set[str]:
    text = "\n".join(
        message.content for message in row.messages if message.role not in ("system", "developer")
    )
    return {tag for tag in _TAG.findall(text) if tag not in row.tokens}
