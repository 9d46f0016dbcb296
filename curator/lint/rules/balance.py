"""Rules about balance: the share of rows with calls, the bands of a profile, chains of tools, size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from curator.lint.model import DataSet, LintFinding, Row
from curator.lint.registry import Context, defect, many, rule
from curator.profiles.model import Profile

LEAST_SHARE, MOST_SHARE = 0.10, 0.80
_BALANCE_ROWS = 20
_CHAIN_ROWS = 50
_CHAIN_TOOLS = 3
_CHAIN_SHARE = 0.05
LEAST_ROWS = 40
LEAST_HELD_OUT = 5


@rule(
    "imbalance",
    "Too many or too few rows with calls",
    "Add rows of the kind that is short (direct answers, or calls) rather than copies of what is there.",
)
def imbalance(data: DataSet, context: Context) -> Iterable[LintFinding]:
    """The share of training rows with calls is outside of 10–80 %, or a band of the profile is missed.

    Counts the rows beyond the bound. Sets without any call attempt, and under 20 rows, are not judged
    unless a profile has bands. Source: Punie (10–80 %; with 97.5 % it calls tools for
    everything; mended with 33 % direct answers).
    """
    rows = data.train or data.rows
    profile = context.profile
    if profile and (profile.bands or profile.gates.share_with_calls != (0.0, 1.0)):
        yield from _bands(rows, profile)
        return
    calling = [row for row in rows if row.attempts]
    if not calling or len(rows) < _BALANCE_ROWS:
        return
    share = len(calling) / len(rows)
    if share > MOST_SHARE:
        yield _outside(rows, calling, f"over {MOST_SHARE:.0%}", round(len(calling) - MOST_SHARE * len(rows)))
    elif share < LEAST_SHARE:
        direct = [row for row in rows if not row.attempts]
        beyond = round(LEAST_SHARE * len(rows) - len(calling))
        yield _outside(direct, calling, f"under {LEAST_SHARE:.0%}", max(beyond, 1), len(rows))


def _outside(bad: list[Row], calling: list[Row], bound: str, beyond: int, total: int = 0) -> LintFinding:
    total = total or len(bad)
    share = f"{100 * len(calling) / total:.1f} %"
    what = (
        "it learns to call tools for everything"
        if bound.startswith("over")
        else "it learns that tools are for show"
    )
    bound_shown = bound.replace("%", " %")
    message = f"{len(calling)} of {many(total, 'training row')} ({share}) with calls, {bound_shown}: {what}."
    return defect(
        "imbalance", "warning", message, calling if bound.startswith("over") else bad, count=max(beyond, 1)
    )


def _bands(rows: list[Row], profile: Profile) -> Iterator[LintFinding]:
    counts = Counter(row.call_class for row in rows)
    wrong = []
    for name, (low, high) in profile.bands.items():
        share = counts[name] / len(rows) if rows else 0.0
        if not low <= share <= high:
            wrong.append(f"{name} {share:.0%} (band {low:.0%} to {high:.0%})")
    low, high = profile.gates.share_with_calls
    calling = (len(rows) - counts["none"]) / len(rows) if rows else 0.0
    if not low <= calling <= high:
        wrong.append(f"with calls {calling:.0%} (wanted {low:.0%} to {high:.0%})")
    if wrong:
        message = f"Outside of the bands of {profile.name}: {'; '.join(wrong)}.".replace("%", " %")
        details = [{"class": name, "rows": count} for name, count in counts.items()]
        yield defect(
            "imbalance",
            "error",
            message,
            rows[:0],
            count=len(wrong),
            unit="bands",
            files=_files(rows),
            details=details,
        )


def _files(rows: list[Row]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.place.file for row in rows))


@rule(
    "cross_tool_rows",
    "Hardly any row uses two tools together",
    "Add rows that go from one tool to another (find, then read, then edit).",
)
def cross_tool_rows(data: DataSet, context: Context) -> Iterable[LintFinding]:
    """Under 5 % of the training rows with calls use two different tools.

    Only for sets with at least 3 tools and 50 rows with calls; Python handed to an interpreter counts
    by the tools in it. Counts the rows that are missing to 5 %. Source: Punie (12 of 1 104
    rows: 0 of 5 on tasks that need two tools).
    """
    calling = [row for row in data.train or data.rows if row.tool_names]
    tools = {name for row in calling for name in row.tool_names}
    crossing = [row for row in calling if len(row.tool_names) > 1]
    if (
        len(calling) < _CHAIN_ROWS
        or len(tools) < _CHAIN_TOOLS
        or len(crossing) >= _CHAIN_SHARE * len(calling)
    ):
        return
    missing = max(1, round(_CHAIN_SHARE * len(calling)) - len(crossing))
    message = (
        f"{len(crossing)} of {many(len(calling), 'row')} with calls "
        f"({100 * len(crossing) / len(calling):.1f} %) use two of the {len(tools)} tools together; "
        f"{missing} more would make 5 %."
    )
    yield defect("cross_tool_rows", "warning", message, crossing, count=missing, files=_files(calling))


@rule(
    "too_small",
    "Too few rows",
    "Collect more rows before training; a held-out split needs enough rows to tell a difference.",
)
def too_small(data: DataSet, context: Context) -> Iterable[LintFinding]:
    """Fewer than 40 training rows (or than the profile's gate), or a held-out split of 1 to 4 rows.

    Counts the training rows, or those of the held-out split. Source: Punie ("minimum ~40 rows").
    """
    rows = data.train
    least = max(LEAST_ROWS, context.profile.gates.min_sft_rows if context.profile else 0)
    if rows and len(rows) < least:
        wanted = f"{context.profile.name} wants {least}" if context.profile else f"{least} are the least"
        message = f"{many(len(rows), 'training row')}; {wanted}."
        yield defect("too_small", "warning", message, rows[:1], count=len(rows), files=_files(rows))
    elif rows:
        small = [split for split in data.held_out() if 0 < len(split.rows) < LEAST_HELD_OUT]
        for split in small:
            message = f"{split.path.name} has {many(len(split.rows), 'row')}; one row more or less decides."
            yield defect("too_small", "warning", message, split.rows[:1], count=len(split.rows))
