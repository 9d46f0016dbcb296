"""Rules about repetition within the training data: copies, near copies, rows from one template."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from curator.checks.registry import call_key
from curator.lint.model import DataSet, LintFinding, Row
from curator.lint.registry import Context, defect, many, percent, rule
from curator.lint.rules.leakage import NEAR
from curator.model import Severity
from curator.similar import near_duplicates, template

_GRAVE_SHARE = 0.05
_PER_TEMPLATE = 3
_TEMPLATE_ROWS = 10
_TEMPLATE_SHARE = 0.25
_TEMPLATE_GRAVE = 0.5


def _training(data: DataSet) -> list[Row]:
    """Return the rows that are trained on, or else all there are."""
    return data.train or data.rows


@rule(
    "duplicate_rows",
    "Rows that stand there twice",
    "Keep one of each, then look at the balance again: copies are rarely spread evenly over the kinds.",
)
def duplicate_rows(data: DataSet, context: Context) -> Iterable[LintFinding]:
    """Training rows that repeat an earlier one word for word (all messages equal).

    Counts the rows beyond the first of each; copies within a held-out split are told but counted only
    where train has none. An error from 5 % on, else a warning. Source: Punie
    (phase26_balanced 108, phase27_merged 111).
    """
    copies = {split.shown: _copies(split.rows) for split in data.splits}
    trained = [row for split in data.splits if split.name in ("train", "all") for row in copies[split.shown]]
    held = [row for split in data.held_out() for row in copies[split.shown]]
    bad = trained or held
    if not bad:
        return
    base = _training(data) if trained else [row for split in data.held_out() for row in split.rows]
    most = max(Counter(row.identity for row in bad).values()) + 1
    share = percent(len(bad), len(base))
    more = f"; {len(held)} more in the held-out splits" if trained and held else ""
    message = (
        f"{len(bad)} of {many(len(base), 'row')} ({share}) repeat another word for word; "
        f"one stands there {most} ×{more}."
    )
    severity: Severity = "error" if len(bad) >= _GRAVE_SHARE * len(base) else "warning"
    yield defect("duplicate_rows", severity, message, bad)


def _copies(rows: list[Row]) -> list[Row]:
    seen: set[tuple[object, ...]] = set()
    copies = []
    for row in rows:
        if row.identity in seen:
            copies.append(row)
        seen.add(row.identity)
    return copies


@rule(
    "near_duplicates",
    "Rows that are nearly the same",
    "Keep the best of each group; many variants of one row weigh like one row trained for many epochs.",
)
def near_duplicates_rule(data: DataSet, context: Context) -> Iterable[LintFinding]:
    """Training rows that are nearly an earlier one: similarity 0.85 of their word pairs, same calls.

    The same prompt with another call (or other arguments) is no near duplicate, and copies word for
    word are those of ``duplicate_rows``. Counts the rows beyond the first of each group; a warning from
    5 % of the rows on, else information. Source: unified-intelligence-cli, "no near-identical examples".
    """
    rows = list({row.identity: row for row in reversed(_training(data))}.values())[::-1]
    groups = near_duplicates([row.text for row in rows], NEAR, [_structure(row) for row in rows])
    bad = [rows[position] for group in groups for position in group[1:]]
    if bad:
        share = percent(len(bad), len(rows))
        largest = max(map(len, groups))
        message = (
            f"{len(bad)} of {many(len(rows), 'different row')} ({share}) nearly like another: "
            f"{many(len(groups), 'group')}, the largest of {largest}."
        )
        severity: Severity = "warning" if len(bad) >= _GRAVE_SHARE * len(rows) and len(bad) > 1 else "info"
        yield defect("near_duplicates", severity, message, bad)


def _structure(row: Row) -> str:
    return "\n".join([row.state, *("\t".join(call_key(call)) for call in row.calls)])


@rule(
    "template_spam",
    "Many rows from few templates",
    "Keep a few rows of each template and collect other prompts; volume from templates teaches the template.",
)
def template_spam(data: DataSet, context: Context) -> Iterable[LintFinding]:
    """Training rows whose first user message is another's with other numbers, names or quoted values.

    Counts the rows of templates with at least 3 different rows each, where these are at least 10 rows
    and 25 % of all; an error from 50 % on. Copies word for word are not counted twice. Source: Punie
    (diverse-python-5k: 25 templates × 160 rows; the score on code fell from 100 to 29 %).
    """
    rows = list({row.identity: row for row in reversed(_training(data))}.values())[::-1]
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.prompt:
            groups[template(row.prompt) + row.state].append(row)
    spam = {text: own for text, own in groups.items() if len(own) >= _PER_TEMPLATE}
    bad = [row for own in spam.values() for row in own]
    if len(bad) < _TEMPLATE_ROWS or len(bad) < _TEMPLATE_SHARE * len(rows):
        return
    most = sorted(spam.items(), key=lambda pair: -len(pair[1]))
    shown = "; ".join(f"{len(own)} × {text[:70]!r}" for text, own in most[:3])
    message = (
        f"{len(bad)} of {many(len(rows), 'different row')} ({percent(len(bad), len(rows))}) from "
        f"{many(len(spam), 'template')}: {shown}."
    )
    severity: Severity = "error" if len(bad) >= _TEMPLATE_GRAVE * len(rows) else "warning"
    details = [{"template": text[:200], "rows": len(own)} for text, own in most[:20]]
    yield defect("template_spam", severity, message, bad, details=details)
