"""Runs one command of the trainer in a process of its own to its end; the two meet at files."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, NamedTuple

from curator.errors import CuratorError, MissingExtraError, RunError
from curator.jobs import Progress
from trainer.events import Event, read_events

EngineName = Literal["transformers", "llama"]

_POLL_S = 0.2
_PATIENCE_S = 10.0
"""A process that was asked to stop ends between two steps; loading a model is one long step."""


_NEEDED: dict[EngineName, tuple[tuple[str, str], ...]] = {
    "transformers": (("torch", "train"), ("transformers", "train")),
    "llama": (("torch", "train"), ("llama_cpp", "llama")),
}
"""Modules of an engine, and the extra that brings each."""


class Model(NamedTuple):
    """A model that can be asked: where it lies, and what people call it."""

    name: str
    base: Path
    adapter: Path | None = None

    def arguments(self) -> list[str]:
        """Return the options that name it to the trainer."""
        adapter = [] if self.adapter is None else ["--adapter", str(self.adapter)]
        return ["--base", str(self.base), *adapter]


def require_engine(engine: EngineName) -> None:
    """Look whether an engine is installed, without importing it.

    Raises:
        MissingExtraError: It is not; the message has the command that installs it.
    """
    for module, extra in _NEEDED[engine]:
        if find_spec(module) is None:
            raise MissingExtraError(
                f"no model can be asked: the module {module} is missing. "
                f"pip install 'curator-workbench[{extra}]' brings it."
            )


def run_trainer(
    arguments: list[str],
    events: Path | None,
    progress: Progress,
    label: str,
    on_poll: Callable[[], None] = lambda: None,
) -> str:
    """Run ``python -m trainer`` with these arguments to its end and return what it printed.

    ``on_poll`` is called a few times a second while it works.

    Raises:
        MissingExtraError, RunError: As the trainer's last sentence says.
    """
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "OMP_WAIT_POLICY": "passive"}
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "trainer", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=said,
            start_new_session=True,
            env=environment,
        )
        progress.begin(f"loading {label}")
        _follow(process, _Followed(events, progress, label), on_poll)
        printed.seek(0)
        said.seek(0)
        if process.returncode:
            raise _failure(said.read().decode("utf-8", "replace"), process.returncode)
        return printed.read().decode("utf-8", "replace")


class _Followed:
    """Tells the progress what the events of a process say."""

    def __init__(self, path: Path | None, progress: Progress, label: str) -> None:
        self.progress = progress
        self._path, self._label = path, label
        self._offset = self._done = 0

    def read(self, on_poll: Callable[[], None]) -> None:
        """Tell what is new; ``on_poll`` before that, so that what is counted is there already."""
        fresh: list[Event] = []
        if self._path is not None:
            fresh, self._offset = read_events(self._path, self._offset)
        on_poll()
        for event in fresh:
            self._tell(event)

    def _tell(self, event: Event) -> None:
        if event["kind"] == "phase" and event.get("total"):
            self.progress.begin(f"{self._label} answers", event["total"])
        elif event["kind"] == "eval":
            done = int(event.get("done", 0))
            self.progress.advance(done - self._done)
            self._done = done


def _follow(process: subprocess.Popen[bytes], followed: _Followed, on_poll: Callable[[], None]) -> None:
    asked_at: float | None = None
    try:
        while process.poll() is None:
            if followed.progress.cancelled and asked_at is None:
                asked_at = time.monotonic()
                process.terminate()
            elif asked_at is not None and time.monotonic() - asked_at > _PATIENCE_S:
                process.kill()
            time.sleep(_POLL_S)
            followed.read(on_poll)
        followed.read(on_poll)
    except BaseException:
        process.terminate()
        process.wait()
        raise


def _failure(said: str, code: int) -> CuratorError:
    if code < 0:
        return RunError(_killed(-code))
    lines = [line for line in said.splitlines() if line.strip()]
    last = lines[-1] if lines else f"it ended with exit code {code}"
    sentence = last.partition(": ")[2] if last.startswith(MissingExtraError.title) else last
    if last.startswith(MissingExtraError.title):
        return MissingExtraError(sentence)
    return RunError(sentence)


def _killed(number: int) -> str:
    if number == signal.SIGILL:
        return (
            "The model's engine was built for another processor and ended with an illegal instruction; "
            "build it here: pip install --force-reinstall --no-cache-dir --no-binary :all: --no-deps "
            "llama-cpp-python"
        )
    if number == signal.SIGKILL:
        return "The trainer was killed; most often the machine ran out of memory."
    return f"The trainer was ended by {signal.Signals(number).name}."
