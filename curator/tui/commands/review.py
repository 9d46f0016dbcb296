"""What can be done while turns are reviewed."""

from __future__ import annotations

from curator.tui.commands.base import Command


class MarkCorrect(Command):
    """The output is right as it stands; it becomes a training row. Goes on to the next turn."""

    keys = ("y",)
    action = "decide('correct')"
    hint = "correct"
    needs_turn = True


class MarkIncorrect(Command):
    """The output is wrong; one more key says why. Goes on to the next turn."""

    keys = ("n",)
    action = "reject"
    hint = "incorrect"
    needs_turn = True


class CorrectTurn(Command):
    """Open the correction editor: write what the output should have been."""

    keys = ("e",)
    action = "edit"
    hint = "correct it"
    needs_turn = True


class SkipTurn(Command):
    """Leave this turn out of the data. Goes on to the next turn."""

    keys = ("x",)
    action = "decide('skip')"
    hint = "skip"
    needs_turn = True


class UndoDecision(Command):
    """Take back your last decision and go to its turn. Endless, also across restarts."""

    keys = ("u",)
    action = "undo"
    hint = "undo"


class RedoDecision(Command):
    """Bring back the decision that you undid last."""

    keys = ("U", "ctrl+r")
    action = "redo"


class SayAgain(Command):
    """Say the last verdict, with its reason, or the last tag again; after a number, on so many turns."""

    keys = ("full_stop",)
    action = "again"
    hint = "again"
    rank = 2
    needs_turn = True


class SimilarTurns(Command):
    """Show undecided turns with the same defect; one verdict for the chosen ones is one act."""

    keys = ("z",)
    action = "similar"
    hint = "similar"
    rank = 2
    needs_turn = True


class ShowAlternatives(Command):
    """Show other answers to this prompt, from the log and from a model, and take one as the correction."""

    keys = ("a",)
    action = "alternatives"
    hint = "alternatives"
    needs_turn = True
    rank = 2


class NextFinding(Command):
    """Go to the next finding: its evidence in view, its sentence in the status line."""

    keys = ("right_square_bracket",)
    action = "finding(1)"
    hint = "finding"
    rank = 1
    shown = "]"
    needs_turn = True


class PreviousFinding(Command):
    """Go to the finding before."""

    keys = ("left_square_bracket",)
    action = "finding(-1)"
    shown = "["
    needs_turn = True


class FindInTurn(Command):
    """Find a text in this turn, also in what is folded: context, thinking, calls."""

    keys = ("slash",)
    action = "find"
    hint = "find"
    rank = 3
    shown = "/"
    needs_turn = True


class NextMatch(Command):
    """While a text is searched for: go to the next place where it stands."""

    keys = ("n",)
    action = "match(1)"
    area = "Search in a turn"


class PreviousMatch(Command):
    """While a text is searched for: go to the place before."""

    keys = ("N",)
    action = "match(-1)"
    area = "Search in a turn"


class OrderQueue(Command):
    """Choose which turns come first; the order is kept for your next start."""

    keys = ("o",)
    action = "order"
    hint = "order"
    rank = 3


class CountFirst(Command):
    """A number before a motion repeats it: 5→ goes on by five, 20g to place 20, 3. decides three turns."""

    keys = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "0")
    action = "count"


class WhatIsMissing(Command):
    """Show what is missing before training, and go through the turns that would help. Again: back to all."""

    keys = ("w",)
    action = "missing"
    hint = "missing"


class GoBack(Command):
    """End a search or a count; go back from the session, or from turns that would help, to the queue."""

    keys = ("escape",)
    action = "back"


class TagTurn(Command):
    """Give the turn a tag of the profile, or take it away; one more key says which."""

    keys = ("t",)
    action = "tag"
    hint = "tag"
    rank = 2
    needs_turn = True


class HideTexts(Command):
    """Choose secrets and personal data that no row of this turn may hold; the log keeps them."""

    keys = ("h",)
    action = "hide"
    hint = "hide"
    rank = 2
    needs_turn = True


class WriteNote(Command):
    """Write a note on the turn, and rate it from 1 to 5."""

    keys = ("N",)
    action = "note"
    hint = "note"
    rank = 3
    needs_turn = True


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
    """Go to the first turn of the queue that nobody has decided on; after a number, to that place."""

    keys = ("g",)
    action = "first_undecided"


class LaterInSession(Command):
    """Look at the next turn of this session, decided or not; escape goes back to the queue."""

    keys = ("down",)
    action = "session(1)"
    hint = "session"
    rank = 2
    shown = "↑ ↓"
    needs_turn = True


class EarlierInSession(Command):
    """Look at the turn before in this session; escape goes back to the queue."""

    keys = ("up",)
    action = "session(-1)"
    needs_turn = True


class ExpandContext(Command):
    """Show the whole context, with the system prompt and long results, or fold it again."""

    keys = ("space",)
    action = "expand"
    needs_turn = True


class NextColumn(Command):
    """Go to the next column, or to the next tab in a narrow terminal."""

    keys = ("tab",)
    action = "column(1)"
    needs_turn = True


class PreviousColumn(Command):
    """Go to the column or tab before."""

    keys = ("shift+tab",)
    action = "column(-1)"


class ScrollDown(Command):
    """Scroll the column that has the focus; page down scrolls by pages, end goes to the last line."""

    keys = ("J",)
    action = "scroll(1)"


class ScrollUp(Command):
    """Scroll the column that has the focus; page up scrolls by pages, home goes to the first line."""

    keys = ("K",)
    action = "scroll(-1)"


class ScrollHalfDown(Command):
    """Scroll the column that has the focus by half its height."""

    keys = ("ctrl+d",)
    action = "scroll_half(1)"


class ScrollHalfUp(Command):
    """Scroll the column that has the focus back by half its height."""

    keys = ("ctrl+u",)
    action = "scroll_half(-1)"
