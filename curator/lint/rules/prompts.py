"""Rules about system prompts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from curator.lint.model import DataSet, LintFinding
from curator.lint.registry import Context, defect, many, per_split, rule

_DATA_START = re.compile(r"[\[{]\s*[\[{\"]")
_NUMBER = re.compile(r"\d+")
_MANY = 10
_MANY_SHARE = 0.2


@rule(
    "system_prompt_drift",
    "System prompts that differ",
    "Give all rows (of a tier) the system prompt that the agent has at run time, word for word.",
)
def system_prompt_drift(data: DataSet, context: Context) -> Iterable[LintFinding]:
    """More than one system prompt within a tier, or rows without any beside rows with one.

    Counts the prompts, and in a finding of its own the rows without. Tool lists, other JSON and
    numbers (dates) in the prompt do not make it another; more than 10 prompts over a fifth of the rows
    are personas, which is only information. Source: Punie (exactly one; 4 in phase33,
    480 rows without in phase26_contrastive_merged).
    """
    tiers: dict[str, Counter[str]] = {}
    for row in data.rows:
        if row.system is not None:
            tiers.setdefault(row.tier, Counter())[essence(row.system)] += 1
    drifting = {tier: prompts for tier, prompts in tiers.items() if len(prompts) > 1}
    if drifting:
        yield _drift(data, drifting)
    without = [row for row in data.rows if row.system is None]
    if without and tiers:
        message = (
            f"{len(without)} of {many(len(data.rows), 'row')} have no system message, the others have one "
            f"({per_split(data, without)})."
        )
        yield defect("system_prompt_drift", "warning", message, without)


def _drift(data: DataSet, drifting: dict[str, Counter[str]]) -> LintFinding:
    prompts = sum((counts for counts in drifting.values()), Counter[str]())
    (main, _), *_ = prompts.most_common()
    stray = [row for row in data.rows if row.system is not None and essence(row.system) != main]
    total = sum(prompts.values())
    are_personas = len(prompts) > _MANY and len(prompts) > _MANY_SHARE * total
    shown = "; ".join(f"{count} × {' '.join(text.split())[:60]!r}" for text, count in prompts.most_common(4))
    where = f" in tier {', '.join(sorted(drifting))}" if any(drifting) else ""
    return defect(
        "system_prompt_drift",
        "info" if are_personas else "warning",
        f"{len(prompts)} different system prompts{where}: {shown}.",
        stray,
        count=len(prompts),
        unit="prompts",
        details=[{"prompt": text[:200], "rows": count} for text, count in prompts.most_common(20)],
    )


def essence(prompt: str) -> str:
    """Return a system prompt without the data in it: tool lists, states, dates, numbers."""
    start = _DATA_START.search(prompt)
    end = max(prompt.rfind("}"), prompt.rfind("]")) + 1
    if start and end > start.start():
        prompt = f"{prompt[: start.start()]}{{}}{prompt[end:]}"
    return " ".join(_NUMBER.sub("0", prompt).split())
