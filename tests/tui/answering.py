"""A model that answers at once, in the place of the trainer's process."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from curator.errors import RunError
from curator.trainer_process import Model

MODEL = Model("small + 2026-03-04-home-sft-01", Path("base.gguf"), Path("adapter"))


def call(name: str, thinking: str, **arguments: Any) -> str:
    said = json.dumps({"name": name, "arguments": arguments})
    return f"<think>\n{thinking}\n</think>\n\n<tool_call>\n{said}\n</tool_call>"


WARM = call("heating.set", "It is cold, so I should call heating.set.", room="bedroom", celsius=22)
WARMER = call("heating.set", "It is cold, so I should call heating.set.", room="bedroom", celsius=99)
UNKNOWN = call("window.close", "I should call window.close first.", room="bedroom")
TALK = "<think>\nThe user only talks.\n</think>\n\nI am [bold]sorry[/] to hear that it is cold."


class FakeModel:
    """Answers with the given texts; waits before the last one until it may, or is stopped."""

    def __init__(self, *raws: str, problem: Exception | None = None) -> None:
        self.raws, self.problem = raws, problem
        self.may_end = threading.Event()
        self.may_end.set()
        self.asked = 0

    def __call__(self, arguments: list[str], events: Path, progress: Any, label: str, on_poll: Any) -> str:
        given = dict(zip(arguments[1::2], arguments[2::2], strict=True))
        self.asked += 1
        if self.problem is not None:
            raise self.problem
        progress.begin(f"{label} answers", len(self.raws))
        for number, raw in enumerate(self.raws):
            while number == len(self.raws) - 1 and not self.may_end.wait(0.01):
                if progress.cancelled:
                    raise RunError("Stopped by SIGTERM.")
            self._write(Path(given["--out"]), raw, int(given["--seed"]) + number)
            on_poll()
            progress.advance()
        return ""

    def _write(self, out: Path, raw: str, seed: int) -> None:
        settings = {"engine": "transformers-torch.bfloat16", "temperature": 0.8, "top_p": 0.95}
        settings |= {"seed": seed, "max_new_tokens": 256}
        line = {"model": {"sha256": "ab"}, "settings": settings, "raw": raw, "finish_reason": "stop"}
        with out.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> FakeModel:
    """A model that gives four answers of different worth."""
    fake = FakeModel(UNKNOWN, WARMER, TALK, WARM)
    monkeypatch.setattr("curator.review.alternatives.run_trainer", fake)
    monkeypatch.setattr("curator.datasets.models.find_model", lambda workspace: MODEL)
    monkeypatch.setattr("curator.trainer_process.find_spec", lambda name: name)
    return fake
