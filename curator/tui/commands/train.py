"""What can be done on the train screen."""

from __future__ import annotations

from curator.tui.commands.base import Command


class LaunchTraining(Command):
    """Train with the chosen preset, once every gate of the profile is met. From a run, go to the presets."""

    keys = ("enter",)
    action = "launch"
    hint = "train"
    area = "Train"


class StopTraining(Command):
    """Ask the run to save a checkpoint and end at its next step."""

    keys = ("s",)
    action = "stop"
    hint = "stop"
    area = "Train"


class ResumeTraining(Command):
    """Go on from the newest checkpoint of a run that was stopped, failed or died."""

    keys = ("r",)
    action = "resume"
    hint = "resume"
    area = "Train"


class ShowOutput(Command):
    """Show what the trainer printed last, or the figures again."""

    keys = ("l",)
    action = "log"
    hint = "log"
    area = "Train"


class EntryAbove(Command):
    """Look at the preset or run above."""

    keys = ("up", "k")
    action = "choose(-1)"
    area = "Train"


class EntryBelow(Command):
    """Look at the preset or run below."""

    keys = ("down", "j")
    action = "choose(1)"
    hint = "presets, runs"
    shown = "↑↓"
    area = "Train"


class ScrollRun(Command):
    """Scroll the run by a page; page up scrolls back."""

    keys = ("pagedown", "space")
    action = "scroll_run(1)"
    area = "Train"


class ScrollRunBack(Command):
    """Scroll the run back by a page."""

    keys = ("pageup",)
    action = "scroll_run(-1)"
    area = "Train"


class LeaveTraining(Command):
    """Go back to the review; a run goes on without a screen."""

    keys = ("escape",)
    action = "app.go('review')"
    hint = "review"
    area = "Train"
