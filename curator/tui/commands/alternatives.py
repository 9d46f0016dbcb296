"""What can be done with other answers to the prompt of a turn."""

from __future__ import annotations

from curator.tui.commands.base import Command


class TakeAnswer(Command):
    """Save the selected answer as the correction of the turn; it says which model gave it. Goes on."""

    keys = ("enter",)
    action = "take"
    hint = "takes it"
    area = "Alternatives"
    priority = True


class EditAnswer(Command):
    """Open the correction editor, filled with the selected answer."""

    keys = ("e",)
    action = "edit"
    hint = "edit it"
    area = "Alternatives"


class DrawAnswers(Command):
    """Have the newest adapter, or the base where there is none, answer the prompt four times more."""

    keys = ("g",)
    action = "draw"
    hint = "draw 4 more"
    area = "Alternatives"


class StopOrLeave(Command):
    """Stop the drawing of answers; what was finished is kept. Without one, go back to the turn."""

    keys = ("escape", "a")
    action = "leave"
    hint = "back"
    area = "Alternatives"
