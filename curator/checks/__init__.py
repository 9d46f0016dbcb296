"""What may be wrong with a turn: one file per check, each registered under its id."""

from __future__ import annotations

from curator.checks.registry import Check, Context, checks, run_checks, with_tools
from curator.checks.schema import Fault, faults, violations

__all__ = ["Check", "Context", "Fault", "checks", "faults", "run_checks", "violations", "with_tools"]
