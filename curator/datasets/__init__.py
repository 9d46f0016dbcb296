"""Data sets: what the decided turns amount to, whether that may be trained on, and the runs made of it."""

from __future__ import annotations

from curator.datasets.gates import GateState, check_gates, require_open
from curator.datasets.meters import BandState, CoverageState, Meters, bands, count, coverage

__all__ = [
    "BandState",
    "CoverageState",
    "GateState",
    "Meters",
    "bands",
    "check_gates",
    "count",
    "coverage",
    "require_open",
]
