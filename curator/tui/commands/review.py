"""What can be done while turns are reviewed."""

from __future__ import annotations

from curator.tui.commands.base import Command


class MarkCorrect(Command):
    """The output is right as it stands; it becomes a training row. Goes on to the next turn."""

    keys = ("y",)
    action = "decide('correct')"
    hint = "correct"


class MarkIncorrect(Command):
    """The output is wrong; one more key says why. Goes on to the next turn."""

    keys = ("n",)
    action = "reject"
    hint = "incorrect"


class CorrectTurn(Command):
    """Open the correction editor: write what the output should have been."""

    keys = ("e",)
    action = "edit"
    hint = "correct it"


class SkipTurn(Command):
    """Leave this turn out of the data. Goes on to the next turn."""

    keys = ("x",)
    action = "decide('skip')"
    hint = "skip"


class UndoDecision(Command):
    """Take back your last decision and go to its turn. Endless, also across restarts."""

    keys = ("u",)
    action = "undo"
    hint = "undo"


class RedoDecision(Command):
    """Bring back the decision that you undid last."""

    keys = ("U", "ctrl+r")
    action = "redo"


class WhatIsMissing(Command):
    """Show what is missing before training, and go through the turns that would help. Again: back to all."""

    keys = ("w",)
    action = "missing"
    hint = "missing"


class WholeQueue(Command):
    """Go from the turns that would help back to the whole queue, at the place left."""

    keys = ("escape",)
    action = "whole_queue"


class TagTurn(Command):
    """Give the turn a tag of the profile, or take it away; one more key says which."""

    keys = ("t",)
    action = "tag"
    hint = "tag"
    rank = 2


class HideTexts(Command):
    """Choose secrets and personal data that no row of this turn may hold; the log keeps them."""

    keys = ("h",)
    action = "hide"
    hint = "hide"
    rank = 2


class WriteNote(Command):
    """Write a note on the turn, and rate it from 1 to 5."""

    keys = ("N",)
    action = "note"
    hint = "note"
    rank = 3


class ReadGuidelines(Command):
    """Show what the profile tells reviewers, beside the turn."""

    keys = ("G",)
    action = "guidelines"
    hint = "guidelines"
    rank = 3


class PreviousTurn(Command):
    """Look at the turn before this one in the queue without deciding."""

    keys = ("left", "k")
    action = "step(-1)"


class NextTurn(Command):
    """Look at the next turn of the queue without deciding."""

    keys = ("right", "j")
    action = "step(1)"
    hint = "look"
    rank = 1
    shown = "← →"


class FirstUndecided(Command):
    """Go to the first turn of the queue that nobody has decided on."""

    keys = ("g",)
    action = "first_undecided"


class ExpandContext(Command):
    """Show the whole context, with the system prompt and long results, or fold it again."""

    keys = ("space",)
    action = "expand"


class NextColumn(Command):
    """Go to the next column, or to the next tab in a narrow terminal."""

    keys = ("tab",)
    action = "column(1)"


class PreviousColumn(Command):
    """Go to the column or tab before."""

    keys = ("shift+tab",)
    action = "column(-1)"


class ScrollDown(Command):
    """Scroll the column that has the focus; page down scrolls by pages, end goes to the last line."""

    keys = ("down",)
    action = "scroll(1)"


class ScrollUp(Command):
    """Scroll the column that has the focus; page up scrolls by pages, home goes to the first line."""

    keys = ("up",)
    action = "scroll(-1)"
