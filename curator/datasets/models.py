"""Which models of a workspace can be asked: its base, and the adapters that its runs made."""

from __future__ import annotations

from pathlib import Path

from curator.datasets.runs import all_runs, find_run, resolve_base
from curator.errors import RunError
from curator.trainer_process import Model
from curator.workspace import Workspace
from trainer.spec import RunSpec

BASE = "base"


def find_model(workspace: Workspace, name: str = "") -> Model:
    """Return a model: ``base``, the id of a run, or a path; without a name the newest adapter, else the base.

    A path is that of a PEFT folder (on the base of the workspace), a Hugging Face folder or a GGUF file.

    Raises:
        RunError: There is none, or it has no adapter yet.
    """
    if not name:
        return newest_model(workspace)
    if name == BASE:
        return _base(workspace)
    path = Path(name).expanduser()
    if (path / "adapter_config.json").is_file():
        base = _base(workspace)
        return Model(f"{base.name} + {path.name}", base.base, path.resolve())
    if path.suffix == ".gguf" or (path / "config.json").is_file():
        return Model(path.stem if path.suffix == ".gguf" else path.name, path)
    run_dir = find_run(workspace, name)
    if not has_adapter(run_dir):
        raise RunError(f"{run_dir.name} has no adapter yet; `curator runs show {run_dir.name}` says why.")
    return _adapted(run_dir)


def newest_model(workspace: Workspace) -> Model:
    """Return the newest adapter with its base; where there is none, the base.

    Raises:
        RunError: There is no base model.
    """
    for run in all_runs(workspace):
        if has_adapter(run.run_dir):
            return _adapted(run.run_dir)
    return _base(workspace)


def has_adapter(run_dir: Path) -> bool:
    """Return whether a run has come as far as an adapter."""
    return (run_dir / "adapter" / "adapter_model.safetensors").is_file()


def _base(workspace: Workspace) -> Model:
    path = Path(resolve_base(workspace).path)
    return Model(_name(path), path)


def _adapted(run_dir: Path) -> Model:
    base = Path(RunSpec.load(run_dir).base.path)
    return Model(f"{_name(base)} + {run_dir.name}", base, run_dir / "adapter")


def _name(base: Path) -> str:
    return base.stem if base.suffix == ".gguf" else base.name
