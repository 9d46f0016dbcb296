"""What training would do, before it does it: gates, data, base, suite, steps. For worker threads."""

from __future__ import annotations

import math
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from curator.datasets import BandState, GateState, Meters, bands, check_gates, count
from curator.datasets.runs import resolve_base
from curator.errors import MissingExtraError, RunError
from curator.profiles import Preset

if TYPE_CHECKING:
    from curator.workspace import Workspace

LIBRARIES = ("torch", "transformers", "trl", "peft", "datasets", "accelerate")


class Plan(NamedTuple):
    """The state of a workspace that decides whether, and on what, training can start."""

    meters: Meters
    gates: tuple[GateState, ...]
    bands: tuple[BandState, ...]
    base: str
    """File or folder name of the base model; empty when it is not there."""
    cases: int
    """Held-out cases of the suite; 0 without a suite."""
    problems: tuple[str, ...] = ()
    """Sentences on what else keeps training from starting."""

    @property
    def missing(self) -> tuple[str, ...]:
        """What each open gate still wants, in words."""
        return tuple(gate.missing for gate in self.gates if gate.state == "open")

    @property
    def ready(self) -> bool:
        """Whether Enter may launch."""
        return not self.missing and not self.problems


def gather_plan(workspace: Workspace) -> Plan:
    """Count everything afresh. Opens the database: for a worker thread.

    Raises:
        CuratorError: The workspace or its database cannot be used.
    """
    meters = count(workspace.store, profile=workspace.profile)
    problems = []
    base = ""
    try:
        base = Path(resolve_base(workspace).path).name
    except RunError as error:
        problems.append(str(error))
    try:
        require_extra()
    except MissingExtraError as error:
        problems.append(str(error))
    gates = check_gates(meters, workspace.profile, workspace.store.waivers.standing())
    composition = bands(meters, workspace.profile)
    return Plan(meters, gates, composition, base, _cases(workspace.suite_path), tuple(problems))


def require_extra() -> None:
    """Look for the libraries of the trainer without importing them.

    Raises:
        MissingExtraError: One is not installed.
    """
    for name in LIBRARIES:
        if find_spec(name) is None:
            install = "pip install 'curator-workbench[train]'"
            raise MissingExtraError(f"Training needs the module {name}, which is not installed: {install}")


def steps_of(preset: Preset, rows: int) -> int:
    """Return the optimiser steps that a preset takes over so many rows."""
    if preset.max_steps:
        return preset.max_steps
    batches = math.ceil(rows / preset.batch_size)
    return math.ceil(math.ceil(batches / preset.gradient_accumulation) * preset.epochs)


def _cases(suite: Path | None) -> int:
    if suite is None or not suite.is_file():
        return 0
    with suite.open("rb") as file:
        return sum(bool(line.strip()) for line in file)
