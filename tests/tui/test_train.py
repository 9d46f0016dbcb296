from __future__ import annotations

import importlib.util
import math
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from curator.profiles import Preset
from curator.tui.app import CuratorApp
from curator.tui.screens.train import TrainScreen
from curator.tui.widgets import train_plan
from curator.tui.widgets.loss_curve import draw, nice_ceiling, smoothed
from curator.tui.widgets.run_watch import RunWatch
from curator.tui.widgets.run_words import clock, memory, rate
from curator.tui.widgets.train_plan import steps_of
from curator.workspace import Workspace
from tests.tui.conftest import Drive, press, settle, text
from tests.tui.training import (
    GONE_PID,
    START,
    STEPS,
    Recorder,
    finished,
    predict,
    running,
    training_workspace,
)
from trainer import process
from trainer.launch import LaunchError
from trainer.spec import RunSpec


@pytest.fixture
def ready(tmp_path: Path) -> Workspace:
    """Return a workspace whose gates are all met."""
    return training_workspace(tmp_path / "home")


@pytest.fixture(autouse=True)
def fixed_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it be five minutes after the start of every run."""
    monkeypatch.setattr(TrainScreen.__init__, "__defaults__", (lambda: START + 300,))


@pytest.fixture
def launched(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path, bool]]:
    """Stand in for the trainer's process: this one is said to carry the run out."""
    runs: list[tuple[Path, bool]] = []

    def launch(run_dir: Path, python: str = sys.executable, *, resume: bool = False) -> int:
        runs.append((run_dir, resume))
        (run_dir / "pid").unlink(missing_ok=True)
        process.write_identity(run_dir / "pid", os.getpid())
        return os.getpid()

    monkeypatch.setattr("trainer.launch.launch", launch)
    return runs


def train(app: CuratorApp) -> TrainScreen:
    """Return the training screen, which is shown."""
    assert isinstance(app.screen, TrainScreen)
    return app.screen


async def test_open_gates_say_what_is_missing_and_nothing_starts(
    tmp_path: Path, drive: Drive, launched: list[Any]
) -> None:
    workspace = training_workspace(tmp_path / "home", decided=2, rows=250)
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "T")
        head = text(app, "head")
        assert "Not ready · 1 of 4 gates not met" in head
        assert "✗ 250 SFT rows" in head and "248 more SFT rows" in head
        assert "✓ no call 10%–60%" in head
        await press(app, pilot, "enter")
        assert "Not yet: 248 more SFT rows." in text(app, "message")
        assert not launched and not workspace.runs_dir.exists()


async def test_the_plan_names_data_preset_steps_base_and_suite(ready: Workspace, drive: Drive) -> None:
    async with drive(ready) as (app, pilot):
        await press(app, pilot, "T")
        head = text(app, "head")
        assert "✓ Ready to train" in head and "5 SFT rows" in head and "5 of 6 turns decided" in head
        assert "Two epochs in minutes" in head and "learning rate 1e-3 cosine" in head
        assert "rank 16" in head and "max length 768 tokens" in head
        assert "≈ 4  5 rows × 2 ÷ 4" in head
        assert "base.gguf" in head and "12 held-out cases" in head and "target 80% exact calls" in head
        await press(app, pilot, "down")
        assert "≈ 4  5 rows × 4 ÷ 4 ÷ 2" in text(app, "head") and "2e-4 cosine" in text(app, "head")


async def test_enter_launches_the_chosen_preset_and_shows_the_run(
    ready: Workspace, drive: Drive, launched: list[tuple[Path, bool]]
) -> None:
    async with drive(ready) as (app, pilot):
        await press(app, pilot, "T", "down", "enter")
        [(run_dir, resume)] = launched
        spec = RunSpec.load(run_dir)
        assert (spec.preset, spec.reviewer, spec.data.rows, resume) == ("thorough", "ann", 5, False)
        assert "Starting" in text(app, "head") and "● starting" in text(app, "header")
        await press(app, pilot, "enter", "enter")
        assert "is still training" in text(app, "message") and len(launched) == 1


async def test_gates_opened_meanwhile_are_seen_at_once(tmp_path: Path, drive: Drive) -> None:
    workspace = training_workspace(tmp_path / "home", decided=4, rows=5)
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "T")
        assert "1 more SFT row" in text(app, "head")
        await press(app, pilot, "R", "y", "T")
        assert "✓ Ready to train" in text(app, "head")


async def test_a_missing_extra_or_base_comes_with_its_command(
    ready: Workspace, drive: Drive, launched: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(train_plan, "find_spec", lambda name: None if name == "trl" else found(name))
    (ready.folder / "base.gguf").unlink()
    async with drive(ready) as (app, pilot):
        await press(app, pilot, "T", "enter")
        for place in ("head", "message"):
            said = " ".join(text(app, place).split())
            assert "needs the module trl" in said and "'curator-workbench[train]'" in said
            assert "base.gguf is not there" in said
        assert not launched


async def test_a_run_that_cannot_be_started_leaves_the_screen_alive(
    ready: Workspace, drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(run_dir: Path, python: str = "", *, resume: bool = False) -> int:
        raise LaunchError("The trainer cannot be started: no [red]python[/].")

    monkeypatch.setattr("trainer.launch.launch", refuse)
    async with drive(ready) as (app, pilot):
        await press(app, pilot, "T", "enter")
        assert "cannot be started: no [red]python[/]" in text(app, "message")
        assert "○ 20" in text_of_list(app)


async def test_a_running_run_is_shown_straight_away(ready: Workspace, drive: Drive) -> None:
    finished(ready, 1, START - 9000)
    running(ready, 57, 2)
    async with drive(ready) as (app, pilot):
        await press(app, pilot, "T")
        head, foot = text(app, "head"), text(app, "foot")
        assert "Training · step 57 of 156" in head and "37%" in head
        assert "3:59 left of training" in head and "5:00 so far" in head
        assert "✓ base   ▶ train   · save" in head
        assert "learning rate 6.3e-4" in foot and "memory 2.2 GB" in foot and "s/step 2.41" in foot
        assert "base (before)" in foot and "the adapter is not measured yet" in foot
        assert "● training 57/156" in text(app, "header")


async def test_a_run_is_followed_as_its_files_grow(ready: Workspace, drive: Drive) -> None:
    run = Recorder(ready).owned_by(os.getpid()).begin()
    async with drive(ready) as (app, pilot):
        await press(app, pilot, "T")
        assert "Loading the base model" in text(app, "head")
        run.measure("base", 5)
        await look(app, pilot)
        assert "Measuring the base · 5 of 12" in text(app, "head")
        assert "left of measuring" in text(app, "head")
        run.train(3)
        await look(app, pilot)
        assert "step 3 of 156" in text(app, "head")
        assert [step for step, _ in train(app).runs[0].losses] == [1, 2, 3]
        run.train(STEPS, first=4).finish()
        await look(app, pilot)
        assert "✓ Finished" in text(app, "head") and "better" in text(app, "head")


async def test_closing_and_reopening_attaches_again(ready: Workspace, drive: Drive) -> None:
    run = running(ready, 20)
    for step in (20, 40):
        if step > 20:
            run.train(step, first=21)
        async with drive(ready) as (app, pilot):
            await press(app, pilot, "T")
            assert f"step {step} of 156" in text(app, "head")


async def test_s_asks_the_run_to_stop(ready: Workspace, drive: Drive) -> None:
    run = running(ready)
    async with drive(ready) as (app, pilot):
        await press(app, pilot, "T", "s")
        assert (run.run_dir / "control").read_text("utf-8") == "stop\n"
        await look(app, pilot)
        assert "■ stopping at its next step" in text(app, "head")


async def test_a_finished_run_shows_before_and_after(ready: Workspace, drive: Drive) -> None:
    finished(ready)
    async with drive(ready) as (app, pilot):
        await press(app, pilot, "T")
        head, foot = text(app, "head"), text(app, "foot")
        assert "✓ Finished in 4:38" in head and "peak memory 2.3 GB" in head
        assert "▲ Adapter is better than base on exact calls; adapter reaches the target of 80%." in head
        exact = next(line for line in head.splitlines() if line.startswith("exact calls"))
        assert "0/9    0%" in exact and "8/9   89%" in exact and "▲ +89 +45…+98   better" in exact
        plain = next(line for line in head.splitlines() if line.startswith("plain text"))
        assert "◆  ±0" in plain and "unclear" in plain
        assert "adapter   runs/2027-01-15-all-sft-01/adapter" in foot
        assert "curator deploy 2027-01-15-all-sft-01" in foot
        await press(app, pilot, "enter")
        assert "Ready to train" in text(app, "head") and "at the last run's speed" in text(app, "head")


async def test_a_failed_run_says_why_and_shows_its_output_unharmed(ready: Workspace, drive: Drive) -> None:
    run = Recorder(ready).owned_by(GONE_PID).begin()
    with run.writer() as write:
        write.write("failed", message="The disk of [/] is full; make room.", detail="OSError")
    (run.run_dir / "output.log").write_bytes(b"50%|\tsteps\nOSError [red]\x1b[31mfull\xff\n")
    async with drive(ready) as (app, pilot):
        await press(app, pilot, "T")
        head = text(app, "head")
        assert "✗ Failed" in head and "The disk of [/] is full; make room." in head
        assert "It left no checkpoint." in head and "resume" not in text(app, "keys")
        await press(app, pilot, "r")
        assert "left a checkpoint can be resumed" in text(app, "message")
        await press(app, pilot, "l")
        assert text(app, "output").splitlines() == ["50%|    steps", "OSError [red]␛[31mfull\ufffd"]
        assert not app.screen.query_one("#head").display


async def test_a_run_that_died_can_be_resumed_from_its_checkpoint(
    ready: Workspace, drive: Drive, launched: list[tuple[Path, bool]]
) -> None:
    run = Recorder(ready).owned_by(GONE_PID).begin().measure("base", 12).train(80)
    run.checkpoint(80)
    async with drive(ready) as (app, pilot):
        await press(app, pilot, "T")
        head = text(app, "head")
        assert "† Died at step 80 of 156" in head and "it was killed" in head
        assert "r resumes from the checkpoint of step 80" in head
        await press(app, pilot, "r")
        assert launched == [(run.run_dir, True)]
        assert "●" in text(app, "header")


async def test_a_stopped_run_says_how_to_go_on(ready: Workspace, drive: Drive) -> None:
    run = Recorder(ready).owned_by(GONE_PID).begin().train(30)
    checkpoint = run.checkpoint(30)
    with run.writer() as write:
        write.write("stopped", step=30, message="Stopped as asked.", checkpoint=str(checkpoint))
    predict(run.run_dir, "base", 1)
    async with drive(ready, size=(80, 24)) as (app, pilot):
        await press(app, pilot, "T")
        head = text(app, "head")
        assert "■ Stopped at step 30 of 156" in head and "checkpoint of step 30" in head
        assert "base (before)" in head and "1/9" in head and "adapter (after)" not in head
        assert "r resume" in text(app, "keys")


async def test_another_run_is_looked_at_with_the_arrows(ready: Workspace, drive: Drive) -> None:
    finished(ready, 1, START - 9000)
    failed = Recorder(ready, 2).owned_by(GONE_PID).begin()
    with failed.writer() as write:
        write.write("failed", message="No.", detail="Error")
    async with drive(ready) as (app, pilot):
        await press(app, pilot, "T")
        assert "✗ Failed" in text(app, "head")
        await press(app, pilot, "down")
        assert "✓ Finished" in text(app, "head")
        await press(app, pilot, "up", "up")
        assert "Ready to train" in text(app, "head")
        await press(app, pilot, "escape")
        assert not isinstance(app.screen, TrainScreen)


async def test_a_damaged_run_spoils_no_other(ready: Workspace, drive: Drive) -> None:
    finished(ready, 1, START - 9000)
    broken = Recorder(ready, 2)
    (broken.run_dir / "run.json").write_text("{", "utf-8")
    (ready.runs_dir / "stray").mkdir()
    bad = finished(ready, 3)
    (bad.run_dir / "predictions" / "adapter.jsonl").write_text("[/red] no json\n", "utf-8")
    async with drive(ready) as (app, pilot):
        await press(app, pilot, "T")
        assert "3 runs" in text(app, "header")
        assert "adapter.jsonl:1:" in text(app, "head")


async def look(app: CuratorApp, pilot: Pilot[None]) -> None:
    """Poll now instead of in half a second."""
    train(app)._look()
    await settle(app, pilot)


def text_of_list(app: CuratorApp) -> str:
    """Return what the list of presets and runs says."""
    side = app.screen.query_one("#entries")
    return "\n".join(str(option.prompt) for option in side.options)  # type: ignore[attr-defined]


# Without an app


def test_only_new_events_are_read_and_a_dead_process_is_noticed(ready: Workspace) -> None:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        run = Recorder(ready).owned_by(child.pid).begin().train(10)
        watch = RunWatch(ready.runs_dir, ready.profile)
        assert watch.words() == "training 10/156"
        with (run.run_dir / "events.jsonl").open("ab") as file:
            file.write(b'{"t": 1, "kind": "lo')
        assert watch.words() == "training 10/156"
        with (run.run_dir / "events.jsonl").open("ab") as file:
            file.write(b'g", "step": 11, "steps": 156, "loss": 0.5, "lr": 0.1, "eta_s": 9}\n')
        assert watch.words() == "training 11/156"
        assert len(watch.runs()[0].losses) == 11
    finally:
        child.kill()
        child.wait()
    stale = time.monotonic() + 10
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("curator.tui.widgets.run_watch.time.monotonic", lambda: stale)
        [status] = watch.runs()
    assert status.state == "died" and status.error is not None and "step 11 of 156" in status.error
    assert watch.words() == ""


@pytest.mark.parametrize(
    ("preset", "rows", "steps"),
    [
        (Preset(epochs=2, batch_size=4), 312, 156),
        (Preset(epochs=2, batch_size=4), 313, 158),
        (Preset(epochs=1.5, batch_size=4, gradient_accumulation=4), 100, 11),
        (Preset(max_steps=30), 1000, 30),
        (Preset(), 0, 0),
    ],
)
def test_steps_are_counted_as_the_trainer_counts_them(preset: Preset, rows: int, steps: int) -> None:
    assert steps_of(preset, rows) == steps


def test_the_smoothed_course_lies_amid_its_points() -> None:
    points = [(step, 2.0 + (-1) ** step) for step in range(1, 101)]
    course = smoothed(points, 100)
    assert all(abs(loss - 2.0) < 0.4 for _, loss in course[10:-10])
    falling = [(step, 3 * math.exp(-step / 20)) for step in range(1, 101)]
    lag = [abs(s - loss) for (_, s), (_, loss) in zip(smoothed(falling, 100), falling, strict=True)]
    assert max(lag) < 0.15


@pytest.mark.parametrize("size", [(0, 0), (1, 1), (24, 4), (60, 8), (140, 30)])
@pytest.mark.parametrize(
    "points", [[], [(1, 2.0)], [(1, math.nan), (2, 0.0)], [(s, 1 / s) for s in range(1, 900)]]
)
def test_the_curve_fits_any_size(points: list[tuple[int, float]], size: tuple[int, int]) -> None:
    lines = draw(points, 1000, *size).split("\n")
    if size[0] >= 24 and points[1:]:
        assert len(lines) == size[1] and max(line.cell_length for line in lines) <= size[0]


def test_one_spike_does_not_flatten_the_curve() -> None:
    points = [(1, 90.0), *((step, 1.0) for step in range(2, 300))]
    assert draw(points, 300, 60, 9).plain.split()[0] == "1"


@pytest.mark.parametrize(
    ("value", "ceiling"), [(0, 1), (0.93, 1), (2.31, 2.5), (2.5, 2.5), (11, 15), (7e-4, 8e-4)]
)
def test_the_axis_ends_at_a_round_number(value: float, ceiling: float) -> None:
    assert nice_ceiling(value) == pytest.approx(ceiling)


def test_figures_in_words() -> None:
    assert [clock(s) for s in (None, 0, 59.6, 3725)] == ["–", "0:00", "1:00", "1:02:05"]
    assert [memory(m) for m in (None, 512.4, 2345.6)] == ["–", "512 MB", "2.3 GB"]
    assert [rate(r) for r in (None, 1e-3, 8.14e-5)] == ["–", "1e-3", "8.1e-5"]


# Pictures


@pytest.mark.parametrize(
    ("size", "theme", "make"),
    [
        pytest.param((160, 48), "curator-dark", running, id="running-wide"),
        pytest.param((80, 24), "curator-light", finished, id="finished-narrow"),
        pytest.param((120, 36), "curator-contrast", None, id="plan-contrast"),
    ],
)
def test_picture(size: tuple[int, int], theme: str, make: Any, ready: Workspace, snap_compare: Any) -> None:
    if make is not None:
        make(ready)
    app = CuratorApp(ready, "ann", theme=theme)

    async def drive(pilot: Pilot[None]) -> None:
        await settle(app, pilot)
        await press(app, pilot, "T")

    assert snap_compare(app, terminal_size=size, run_before=drive)
