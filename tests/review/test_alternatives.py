from __future__ import annotations

import json
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from curator.errors import CuratorError, DecisionError, MissingExtraError, RunError
from curator.exporters.standing import decided_rows
from curator.jobs import QuietProgress
from curator.model import Correction, Taken, ToolCall
from curator.profiles import load_profile
from curator.review import Desk
from curator.review import alternatives as subject
from curator.review.alternatives import Asking, Model, alternatives_of, draw
from curator.review.drafts import draft_of
from curator.store import Answer
from tests.factories import LOCK, fill, make_turn, open_store

MODEL = Model("small + run-01", Path("base.gguf"), Path("runs/run-01/adapter"))
LOCKS = (
    "<think>\nI should call lock_door.\n</think>\n\n"
    '<tool_call>\n{"name": "lock_door", "arguments": {"door": "front"}}\n</tool_call>'
)
BROKEN = '<tool_call>\n{"name": "lock_door", "arguments": {"dor": 1}}\n</tool_call>'
UNKNOWN = '<tool_call>\n{"name": "open_door", "arguments": {"door": "front"}}\n</tool_call>'


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr("curator.trainer_process.find_spec", lambda name: name)
    store = open_store(tmp_path)
    same = make_turn(0).prompt
    fill(
        store,
        [
            make_turn(0),
            make_turn(1, LOCKS, prompt=same, model="other-7b"),
            make_turn(2, prompt=same),
            make_turn(3),
        ],
    )
    yield Desk(store, load_profile("demo"), "ann")
    store.close()


class FakeTrainer:
    """Stands for the trainer's process: writes lines as it does, and keeps what it was asked."""

    def __init__(self, raws: list[str], problem: Exception | None = None) -> None:
        self.raws, self.problem = raws, problem
        self.asked: dict[str, str] = {}
        self.prompt: dict[str, Any] = {}

    def __call__(self, arguments: list[str], events: Path, progress: Any, label: str, on_poll: Any) -> str:
        assert arguments[0] == "sample"
        self.asked = dict(zip(arguments[1::2], arguments[2::2], strict=True))
        self.prompt = json.loads(Path(self.asked["--prompts"]).read_text(encoding="utf-8"))
        progress.begin(f"{label} answers", len(self.raws))
        for number, raw in enumerate(self.raws):
            with Path(self.asked["--out"]).open("a", encoding="utf-8") as file:
                file.write(json.dumps(self.line(number, raw)) + "\n")
            on_poll()
            progress.advance()
        with Path(self.asked["--out"]).open("a", encoding="utf-8") as file:
            file.write('{"raw": "cut')
        if self.problem is not None:
            raise self.problem
        return ""

    def line(self, number: int, raw: str) -> dict[str, Any]:
        settings = {
            "engine": self.asked["--engine"],
            "temperature": float(self.asked["--temperature"]),
            "top_p": float(self.asked["--top-p"]),
            "seed": int(self.asked["--seed"]) + number,
            "max_new_tokens": int(self.asked["--max-new-tokens"]),
        }
        model = {"base": "base.gguf", "sha256": "ab", "adapter": None}
        return {"model": model, "settings": settings, "raw": raw, "finish_reason": "stop"}


@pytest.fixture
def trainer(monkeypatch: pytest.MonkeyPatch) -> FakeTrainer:
    fake = FakeTrainer([LOCKS, BROKEN, UNKNOWN, LOCKS, make_turn(0).raw])
    monkeypatch.setattr(subject, "run_trainer", fake)
    return fake


def test_the_log_has_other_answers_to_the_same_prompt(desk: Desk) -> None:
    found = alternatives_of(desk, 1)
    assert [(one.id, one.taken.words()) for one in found.shown] == [("t2", "logged in #2 · other-7b")]
    assert found.as_logged == 1
    assert found.shown[0].correction.tool_calls == (LOCK,)
    assert alternatives_of(desk, 4).shown == ()


def test_the_model_is_asked_what_the_turn_was_asked(desk: Desk, trainer: FakeTrainer) -> None:
    draw(desk, 4, MODEL, Asking(n=5, temperature=0.5, top_p=0.9, seed=3, max_tokens=99, engine="llama"))
    assert trainer.prompt["prompt"] == [
        {"role": "system", "content": "You run a home."},
        {"role": "user", "content": "request 3"},
    ]
    assert [tool["function"]["name"] for tool in trainer.prompt["tools"]] == ["set_light", "lock_door"]
    expected = {"--base": "base.gguf", "--adapter": "runs/run-01/adapter", "--engine": "llama", "--n": "5"}
    expected |= {"--temperature": "0.5", "--top-p": "0.9", "--seed": "3", "--max-new-tokens": "99"}
    assert expected.items() <= trainer.asked.items()


def test_answers_are_kept_once_and_listed_with_what_is_wrong_with_them(
    desk: Desk, trainer: FakeTrainer
) -> None:
    drawn = draw(desk, 4, MODEL)
    assert (len(drawn.new), drawn.copies, drawn.stopped) == (4, 1, False)
    found = alternatives_of(desk, 4)
    assert found.as_logged == 1
    assert [call.name for one in found.shown for call in one.turn.output.tool_calls] == [
        "lock_door",
        "lock_door",
        "open_door",
    ]
    good, broken, unknown = found.shown
    assert (good.faults[0], good.violations) == (0, ())
    assert any("door" in wrong for wrong in broken.violations)
    assert any(finding.check == "unknown_tool" for finding in unknown.findings)
    assert good.taken == Taken(answer=1, model="small + run-01", seed=0)
    assert good.settings["temperature"] == 0.8
    assert good.settings["finish_reason"] == "stop"


def test_asking_again_goes_on_with_seeds_not_used_yet(desk: Desk, trainer: FakeTrainer) -> None:
    draw(desk, 4, MODEL)
    draw(desk, 4, MODEL)
    assert trainer.asked["--seed"] == "5"
    draw(desk, 4, MODEL, Asking(seed=0))
    assert trainer.asked["--seed"] == "0"


def test_what_was_finished_stays_when_the_work_fails_or_is_stopped(desk: Desk, trainer: FakeTrainer) -> None:
    trainer.problem = RunError("no memory")
    with pytest.raises(RunError, match="no memory"):
        draw(desk, 4, MODEL)
    assert len(desk.store.answers.of(4)) == 4
    trainer.raws, trainer.problem = ["something else"], RunError("Stopped by SIGTERM.")
    progress = QuietProgress()
    progress.cancelled = True
    drawn = draw(desk, 4, MODEL, progress=progress)
    assert (drawn.stopped, [one.raw for one in drawn.new]) == (True, ["something else"])


def test_a_correction_tells_which_answer_it_was(desk: Desk, trainer: FakeTrainer) -> None:
    draw(desk, 4, MODEL)
    chosen = alternatives_of(desk, 4).find("g1")
    desk.correct(4, chosen.correction)
    card = desk.card(4)
    assert card.correction is not None
    assert card.correction.taken == Taken(answer=1, model="small + run-01", seed=0)
    [(row, pair)] = decided_rows(desk.store, desk.profile)
    assert row is not None and pair is not None
    assert row.origin.taken == pair.origin.taken == "generated · small + run-01 · seed 0"
    desk.undo()
    assert desk.card(4).correction is None
    assert desk.card(4).resolution.state == "undecided"
    desk.redo()
    assert desk.card(4).correction == card.correction


def test_what_a_person_changed_in_it_is_told(desk: Desk, trainer: FakeTrainer) -> None:
    draw(desk, 4, MODEL)
    draft = draft_of(alternatives_of(desk, 4).find("g1").correction)
    assert draft.correction().taken is not None
    desk.correct(4, replace(draft, thinking="The door is open, so I call lock_door.").correction())
    correction = desk.card(4).correction
    assert correction is not None and correction.taken is not None
    assert correction.taken.words() == "generated · small + run-01 · seed 0 · then edited"
    assert draft_of(correction).taken == correction.taken


def test_what_is_told_of_an_answer_is_true(desk: Desk, trainer: FakeTrainer) -> None:
    draw(desk, 4, MODEL)
    claimed = Correction("I call lock_door.", None, (LOCK,), taken=Taken(answer=1, model="gpt-9", seed=77))
    desk.correct(4, claimed)
    correction = desk.card(4).correction
    assert correction is not None
    assert correction.taken == Taken(answer=1, model="small + run-01", seed=0, edited=True)
    with pytest.raises(CuratorError, match="no generated answer 99"):
        desk.correct(4, replace(claimed, taken=Taken(answer=99)))
    with pytest.raises(DecisionError, match="prompt of turn 4"):
        desk.correct(1, claimed)
    with pytest.raises(DecisionError, match="another prompt"):
        desk.correct(4, replace(claimed, taken=Taken(turn=1)))
    desk.correct(1, replace(claimed, taken=Taken(turn=2)))
    taken = desk.card(1).correction
    assert taken is not None and taken.taken == Taken(turn=2, model="other-7b", edited=True)


def test_an_answer_that_cannot_be_read_is_no_correction_as_it_stands(desk: Desk) -> None:
    desk.store.answers.add([Answer(4, '<tool_call>\n{"name": "lock_door", "argum', "m")])
    [one] = alternatives_of(desk, 4).shown
    assert "a part of it cannot be read as a call" in one.violations
    assert one.faults[0] > 0
    with pytest.raises(CuratorError, match="no alternative 'g9'; it has g1"):
        alternatives_of(desk, 4).find("g9")


def test_calls_are_taken_without_what_the_parser_noted(desk: Desk) -> None:
    desk.store.answers.add([Answer(4, LOCKS, "m")])
    [one] = alternatives_of(desk, 4).shown
    assert one.correction.tool_calls == (ToolCall("lock_door", {"door": "front"}),)


def test_without_the_extra_the_command_that_installs_it_is_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("curator.trainer_process.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'curator-workbench\[train\]'"):
        draw(desk, 4, MODEL)


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program in the place of Python, so that a real process is started, and soon over."""
    path = tmp_path / "python"
    monkeypatch.setattr(sys, "executable", str(path))
    return path


def write(path: Path, lines: str) -> None:
    path.write_text(f"#!/bin/sh\n{lines}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def test_the_reason_of_a_failure_is_told(desk: Desk, script: Path) -> None:
    write(script, "echo 'Sampling problem: The prompt has 9 tokens.' >&2; exit 2")
    with pytest.raises(RunError, match="The prompt has 9 tokens"):
        draw(desk, 4, MODEL)
    write(script, "echo \"Not installed: The module torch is missing; pip install 'x[train]'\" >&2; exit 2")
    with pytest.raises(MissingExtraError, match=r"^The module torch is missing"):
        draw(desk, 4, MODEL)
    write(script, "kill -ILL $$")
    with pytest.raises(RunError, match="built for another processor"):
        draw(desk, 4, MODEL)
    write(script, "kill -KILL $$")
    with pytest.raises(RunError, match="ran out of memory"):
        draw(desk, 4, MODEL)


def test_a_process_that_is_cancelled_is_asked_to_stop(desk: Desk, script: Path) -> None:
    write(script, "trap 'exit 130' TERM; while true; do sleep 0.05; done")
    progress = QuietProgress()
    progress.cancelled = True
    assert draw(desk, 4, MODEL, progress=progress).stopped
