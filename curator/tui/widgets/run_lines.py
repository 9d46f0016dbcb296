"""What the Train screen shows of one run, during and after it. Pure functions that return content."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from textual.content import Content

from curator.text import clip, display_text
from curator.tui.blocks import number, styled
from curator.tui.commands.base import key_of
from curator.tui.lines import spread
from curator.tui.widgets import run_words as words
from curator.tui.widgets.run_result import base_content, result_content
from curator.tui.widgets.run_watch import RunView
from curator.tui.widgets.train_layout import figure, flowed, keys, labelled
from trainer.launch import RunStatus

_RESUME = "train.resume-training"

_SHOWN_WARNINGS = 3


def head(view: RunView, now: float, width: int) -> Content:
    """What stands above the curve: state or phase, progress, and the result where there is one."""
    if view.status.state == "running":
        return _running(view, now, width)
    lines = [_ended(view, now, width), *_end_words(view)]
    if view.report is not None:
        lines += [Content(), result_content(view.report, width)]
    elif view.report_problem:
        lines.append(Content.assemble(("✗ ", "bold $error"), styled(view.report_problem, "$error")))
    elif view.status.state == "finished":
        lines.append(Content.styled("It was trained without a suite, so nothing was measured.", "$muted"))
    return Content("\n").join(lines)


def foot(view: RunView, folder: Path, width: int) -> Content:
    """What stands below the curve: figures, warnings, the base's result, paths."""
    lines = [*_figures(view, width), *_warnings(view.status)]
    if view.status.state == "running" and view.report is not None:
        lines += [Content(), base_content(view.report, width)]
    if view.status.state == "finished":
        lines += _adapter(view.status, folder)
    return Content("\n").join(lines)


def output_content(lines: Sequence[str], width: int) -> Content:
    """The last lines that the trainer printed, each on one line, safe to draw."""
    if not any(line.strip() for line in lines):
        return Content.styled("The trainer has printed nothing.", "$muted")
    safe = (display_text(line.expandtabs(4), keep_newlines=False) for line in lines)
    return Content("\n").join(Content(clip(line, width)) for line in safe)


def _running(view: RunView, now: float, width: int) -> Content:
    status = view.status
    doing = words.phase_words(status)
    title = Content.styled(doing[:1].upper() + doing[1:], "bold $primary")
    if view.stopping:
        title += Content.styled("   ■ stopping at its next step", "bold $warning")
    first = spread(title, _times(status, now), width)
    return Content("\n").join([first, _bar(status, width), _stations(status)])


def _times(status: RunStatus, now: float) -> Content:
    left = words.time_left(status)
    gone = Content.assemble((words.clock(words.seconds_taken(status, now)), "bold"), (" so far", "$muted"))
    if left is None:
        return gone
    of = f" left of {words.activity(status)} · "
    return Content.assemble((words.clock(left), "bold $accent"), (of, "$muted"), gone)


def _bar(status: RunStatus, width: int) -> Content:
    done, total = words.progress(status)
    room = max(10, width - 7)
    share = min(1.0, done / total) if total else 0.0
    filled = round(share * room)
    percent = f"{share:.0%}".rjust(5) if total else "    …"
    return Content.assemble(("━" * filled, "$primary"), ("─" * (room - filled), "$faint"), (percent, "bold"))


def _stations(status: RunStatus) -> Content:
    names = list(words.PHASES)
    at = names.index(status.phase) if status.phase in names else -1
    parts = []
    for position, (_, word) in enumerate(words.PHASES.values()):
        if position < at:
            parts.append(Content.assemble(("✓ ", "$success"), (word, "$muted")))
        elif position == at:
            parts.append(Content.styled(f"▶ {word}", "bold $primary"))
        else:
            parts.append(Content.styled(f"· {word}", "$muted"))
    return Content("   ").join(parts)


def _ended(view: RunView, now: float, width: int) -> Content:
    status = view.status
    state = words.state_word(status)
    taken = words.seconds_taken(status, now) if status.ended else None
    where = f" at step {status.step} of {status.steps}" if status.steps and status.state != "finished" else ""
    in_time = f" in {words.clock(taken)}" if taken and status.state == "finished" else ""
    title = Content.styled(f"{state.mark} {state.word.capitalize()}{where}{in_time}", f"bold {state.style}")
    return spread(title, _peak(status), width)


def _peak(status: RunStatus) -> Content:
    if not status.peak_memory_mb:
        return Content()
    return Content.assemble(("peak memory ", "$muted"), (words.memory(status.peak_memory_mb), "bold"))


def _end_words(view: RunView) -> Iterator[Content]:
    status = view.status
    if status.error:
        yield styled(status.error, "$error")
    if status.state in ("failed", "died", "stopped"):
        yield _way_on(status)
    if status.state == "created":
        yield keys((key_of(_RESUME), "starts it"))


def _way_on(status: RunStatus) -> Content:
    step = words.checkpoint_step(status)
    always = ((key_of("train.show-output"), "shows its output"), (key_of("train.launch-training"), "new run"))
    if step is not None:
        return keys((key_of(_RESUME), f"resumes from the checkpoint of step {step}"), *always)
    return Content.assemble(keys(*always), ("   It left no checkpoint.", "$muted"))


def _figures(view: RunView, width: int) -> Iterator[Content]:
    status = view.status
    if not status.losses:
        return
    first, best = status.losses[0][1], min(loss for _, loss in status.losses)
    values = [
        ("loss", f"{status.loss:.3f}" if status.loss is not None else "–"),
        ("from", f"{first:.3f}"),
        ("lowest", f"{best:.3f}"),
        ("s/step", f"{status.s_per_step:.2f}" if status.s_per_step else "–"),
        ("tokens", number(status.tokens) if status.tokens else "–"),
    ]
    if status.state == "running":
        values += [
            ("learning rate", words.rate(status.learning_rate)),
            ("memory", words.memory(status.peak_memory_mb)),
        ]
    yield from flowed((figure(label, value) for label, value in values), width)


def _warnings(status: RunStatus) -> Iterator[Content]:
    for warning in status.warnings[-_SHOWN_WARNINGS:]:
        yield Content.assemble(("! ", "bold $warning"), styled(warning, "$warning"))
    more = len(status.warnings) - _SHOWN_WARNINGS
    if more > 0:
        yield Content.styled(f"  {more} earlier warnings", "$muted")


def _adapter(status: RunStatus, folder: Path) -> Iterator[Content]:
    if status.adapter:
        path = Path(status.adapter)
        home = folder.resolve()
        shown = str(path.relative_to(home) if path.is_relative_to(home) else path)
        yield from labelled("adapter", [styled(shown)])
        command = styled(f"curator deploy {status.id}", "bold $accent")
        yield from labelled("deploy", [Content.assemble(command, ("   in a shell", "$muted"))])
