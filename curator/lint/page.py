"""Writes what lint found as one page of HTML that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from curator.lint.model import Composition, LintFinding, LintReport
from curator.text import display_text

_MOST_BARS = 12
_CLASS_NAMES = {"none": "no call", "one": "one call", "several": "several calls"}


class Bar(NamedTuple):
    """A bar of a chart: its name, its rows, and these in per cent of all rows of the split."""

    name: str
    rows: int
    share: float


class Chart(NamedTuple):
    """Bars of one kind for one split."""

    title: str
    bars: list[Bar]
    hidden: int


class SplitCard(NamedTuple):
    """A split as the page shows it."""

    composition: Composition
    charts: list[Chart]


class DataSetPart(NamedTuple):
    """A data set as the page shows it."""

    name: str
    findings: list[LintFinding]
    splits: list[SplitCard]


def page(report: LintReport) -> str:
    """Return the page; every text from the data is escaped and shown with its control characters visible."""
    environment = Environment(
        loader=PackageLoader("curator.lint", "."),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    counts = {name: sum(f.severity == name for f in report.findings) for name in ("error", "warning", "info")}
    return environment.get_template("page.html.j2").render(
        parts=_parts(report), counts=counts, rows=sum(one.rows for one in report.files), report=report
    )


def _shown(value: Any) -> Any:
    """Make control and bidi characters visible in whatever the template prints."""
    return display_text(value) if type(value) is str else value


def _parts(report: LintReport) -> list[DataSetPart]:
    names = dict.fromkeys([one.dataset for one in report.files] + [one.dataset for one in report.findings])
    splits: dict[str, list[Composition]] = {}
    for one in report.composition:
        splits.setdefault(one.dataset, []).append(one)
    return [
        DataSetPart(
            name,
            [finding for finding in report.findings if finding.dataset == name],
            [_card(one) for one in splits.get(name, ())],
        )
        for name in names
    ]


def _card(one: Composition) -> SplitCard:
    classes = {_CLASS_NAMES[name]: one.classes[name] for name in _CLASS_NAMES if name in one.classes}
    charts = [_chart("calls", classes, one.rows)]
    if one.syntaxes:
        charts.append(_chart("call syntax", one.syntaxes, one.rows))
    if one.tools:
        charts.append(_chart("tool", one.tools, one.rows))
    return SplitCard(one, charts)


def _chart(title: str, counts: Mapping[str, int], rows: int) -> Chart:
    shown = list(counts.items())[:_MOST_BARS]
    bars = [Bar(name, count, 100 * count / rows) for name, count in shown]
    return Chart(title, bars, len(counts) - len(shown))
