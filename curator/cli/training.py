"""Verbs around training runs: train, runs."""

from __future__ import annotations

import dataclasses
import time
from typing import Annotated, Any

import msgspec
import typer

from curator.cli.context import (
    as_json,
    narrate,
    print_json,
    print_lines,
    reviewer,
    say,
    table,
    verb,
    workspace,
)
from curator.cli.progress import TerminalProgress
from curator.datasets.frozen import find_dataset
from curator.datasets.runs import (
    all_runs,
    find_run,
    launch_training,
    prepare_run,
    resume_run,
    run_status,
    stop_run,
)
from curator.errors import CuratorError, RunError
from curator.evaluation import Report, run_report
from curator.evaluation.scoring import METRICS
from trainer.launch import RunStatus

_POLL_S = 0.5


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command("train")(verb(train))
    app.command("runs")(verb(runs))


def train(
    dataset: Annotated[
        str, typer.Argument(metavar="[DATASET]", help="A frozen data set; without it all rows that stand.")
    ] = "",
    tier: Annotated[str | None, typer.Option(metavar="T", help="One tier only.")] = None,
    preset: Annotated[str, typer.Option(metavar="P", help="Preset of the profile.")] = "",
    set: Annotated[
        list[str] | None, typer.Option(metavar="KEY=VALUE", help="Replace a preset's value.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Prepare the run folder, start nothing.")
    ] = False,
    follow: Annotated[bool, typer.Option("--follow", help="Stay until the run has ended.")] = False,
) -> None:
    """Train an adapter on a frozen data set or the decided turns, in a process of its own."""
    home = workspace()
    make = prepare_run if dry_run else launch_training
    frozen = find_dataset(home, dataset) if dataset else None
    if frozen is not None and tier:
        raise CuratorError("A frozen data set is trained on whole: leave out --tier.")
    run_dir = make(
        home, preset=preset, tier=tier, reviewer=reviewer(), settings=_settings(set or []), frozen=frozen
    )
    narrate(f"{run_dir.name}: {'prepared' if dry_run else 'started'}")
    if follow and not dry_run:
        _follow(run_dir.name)
    if as_json():
        print_json(run_json(run_status(run_dir)))
    else:
        say(str(run_dir))


def runs(
    what: Annotated[str, typer.Argument(metavar="[list|show|follow|stop|resume]")] = "list",
    id: Annotated[str, typer.Argument(metavar="[ID]", help="Run id (default: the newest).")] = "",
) -> None:
    """List, show, follow, stop or resume training runs."""
    if what == "list":
        _list()
        return
    run_dir = find_run(workspace(), id)
    if what == "stop":
        stop_run(run_dir)
        narrate(f"{run_dir.name} will save a checkpoint and end at its next step.")
    elif what == "resume":
        resume_run(run_dir)
        narrate(f"{run_dir.name} goes on from its last checkpoint.")
    elif what == "follow":
        _follow(run_dir.name)
    elif what != "show":
        raise CuratorError(f"{what!r} is not one of list, show, follow, stop, resume.")
    if what in ("show", "follow"):
        _show(run_dir.name)


def run_json(status: RunStatus) -> dict[str, Any]:
    """Return one run in the shape that ``runs --json`` prints."""
    values = dataclasses.asdict(status)
    values["run_dir"] = str(status.run_dir)
    return values


def print_report(report: Report) -> None:
    """Print contestants side by side, each share with its count and interval."""
    rows = [["", *(c.model for c in report.contestants)]]
    for metric, title in METRICS.items():
        cells = [c.metrics[metric] for c in report.contestants]
        if cells[0].n:
            rows.append(
                [title, *(f"{r.k}/{r.n} = {r.value or 0:.0%} ({r.low:.0%}–{r.high:.0%})" for r in cells)]
            )
    table(rows)
    say(report.decision)


def _settings(pairs: list[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise CuratorError(f"--set wants KEY=VALUE, not {pair!r}.")
        try:
            values[key] = msgspec.json.decode(value)
        except msgspec.MsgspecError:
            values[key] = value
    return values


def _list() -> None:
    found = all_runs(workspace())
    if as_json():
        print_lines(run_json(run) for run in found)
        return
    if not found:
        say("No runs yet: curator train")
        return
    heading = ["run", "state", "step", "loss", "left", "adapter"]
    table([heading, *(_row(run) for run in found)])


def _row(run: RunStatus) -> list[str]:
    left = f"{run.eta_s / 60:.1f} min" if run.state == "running" and run.eta_s is not None else ""
    loss = f"{run.loss:.3f}" if run.loss is not None else ""
    return [run.id, run.state, f"{run.step}/{run.steps}", loss, left, run.adapter or ""]


def _show(id: str) -> None:
    home = workspace()
    run_dir = find_run(home, id)
    status = run_status(run_dir)
    report = run_report(run_dir, home.profile) if (run_dir / "data" / "suite.jsonl").is_file() else None
    if as_json():
        print_json(run_json(status) | ({"report": msgspec.to_builtins(report)} if report else {}))
        return
    table([["run", "state", "step", "loss", "left", "adapter"], _row(status)])
    if status.error:
        say(status.error)
    if report is not None:
        print_report(report)


def _follow(id: str) -> None:
    run_dir = find_run(workspace(), id)
    progress = TerminalProgress()
    phase, done = "", 0
    while (status := run_status(run_dir)).state in ("running", "created"):
        count, total = (status.step, status.steps) if status.phase == "train" else (status.done, status.total)
        if status.phase != phase:
            phase, done = status.phase, 0
            progress.begin(f"{status.id}  {phase}", total or None)
        progress.advance(count - done)
        done = count
        time.sleep(_POLL_S)
    progress.end()
    if status.state in ("failed", "died"):
        raise RunError(f"{status.id} {status.state}: {status.error}", title="The run ended early")
