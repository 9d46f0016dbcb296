"""Finds the defects of data sets that exist already, without a workspace."""

from __future__ import annotations

from curator.lint.linting import lint
from curator.lint.model import Composition, FileSummary, LintFinding, LintReport, Place
from curator.lint.registry import Rule, known_rules

__all__ = [
    "Composition",
    "FileSummary",
    "LintFinding",
    "LintReport",
    "Place",
    "Rule",
    "known_rules",
    "lint",
]
