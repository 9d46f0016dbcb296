"""Has a model answer a suite in the trainer's process: predictions to a file, progress from its events."""

from __future__ import annotations

import tempfile
from pathlib import Path

from curator.jobs import Progress
from curator.trainer_process import EngineName, Model, run_trainer


def predict(
    *,
    model: Model,
    suite: Path,
    out: Path,
    engine: EngineName,
    max_new_tokens: int,
    progress: Progress,
) -> None:
    """Write one greedy prediction per case of ``suite`` into ``out``.

    Raises:
        MissingExtraError: The engine is not installed; the message has the command that installs it.
        RunError: The model cannot be loaded or the work was cancelled.
    """
    with tempfile.TemporaryDirectory() as folder:
        events = Path(folder) / "events.jsonl"
        arguments = [*model.arguments(), "--suite", str(suite), "--out", str(out), "--engine", engine]
        arguments += ["--max-new-tokens", str(max_new_tokens), "--events", str(events)]
        run_trainer(["predict", *arguments], events, progress, model.name)
