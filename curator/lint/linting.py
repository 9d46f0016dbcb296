"""Reads data sets, runs the rules over them and sums up what they are made of."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from curator.lint.base import load_base
from curator.lint.model import Composition, DataSet, FileSummary, LintReport, Split
from curator.lint.reading import read_files
from curator.lint.registry import Context, run_rules
from curator.lint.splits import data_sets
from curator.profiles.model import Profile


def lint(
    paths: list[Path], *, profile: Profile | None = None, base: Path | None = None, max_length: int = 0
) -> LintReport:
    """Return the defects of the data sets below ``paths``; nothing is written and no workspace is needed.

    ``base`` is a folder with tokenizer.json or tokenizer_config.json, ``max_length`` counts tokens.

    Raises:
        InputError: A path does not exist, there is no data, or ``base`` has no tokenizer.
    """
    context = Context(profile=profile, max_length=max_length)
    if base:
        context.tokenizer, context.pieces = load_base(base)
    sets = data_sets(read_files(paths))
    findings = [finding for data in sets for finding in run_rules(data, context)]
    if context.unchecked:
        listed = ", ".join(sorted(context.unchecked))
        context.note(f"Not checked whether {listed} are single tokens of the base: give --base PATH.")
    return LintReport(
        files=tuple(_summary(data, split) for data in sets for split in data.splits),
        findings=tuple(findings),
        notes=tuple(context.notes),
        composition=tuple(_composition(data, split) for data in sets for split in data.splits if split.rows),
    )


def _summary(data: DataSet, split: Split) -> FileSummary:
    failed = sum(1 for failure in split.failures if failure.place.line)
    return FileSummary(split.shown, split.size, split.name, split.format, data.name, failed)


def _composition(data: DataSet, split: Split) -> Composition:
    rows = split.rows
    syntaxes = Counter(name for row in rows for name in row.syntaxes)
    tools = Counter(name for row in rows for name in row.tool_names)
    return Composition(
        dataset=data.name,
        split=split.name,
        path=split.shown,
        rows=len(rows),
        classes=dict(Counter(row.call_class for row in rows)),
        syntaxes=dict(syntaxes.most_common()),
        tools=dict(tools.most_common()),
        system_prompts=len({row.system for row in rows if row.system is not None}),
        without_system=sum(row.system is None for row in rows),
    )
