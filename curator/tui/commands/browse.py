"""What can be done in the list of turns."""

from __future__ import annotations

from curator.tui.commands.base import Command


class FilterTurns(Command):
    """Write a query: key:value, words and "phrases" to look for, each with - before it to exclude."""

    keys = ("slash",)
    action = "filter"
    hint = "filter"
    area = "Browse"


class OpenTurn(Command):
    """Open the turn under the cursor in the review screen; the queue keeps its place."""

    keys = ("enter",)
    action = "open"
    hint = "open"
    area = "Browse"
    needs_turn = True


class ChooseTurn(Command):
    """Choose the turn under the cursor, or do not; acts are for all that are chosen."""

    keys = ("space",)
    action = "choose"
    hint = "choose"
    area = "Browse"
    needs_turn = True


class ChooseAll(Command):
    """Choose every turn of the list; again: none."""

    keys = ("asterisk",)
    action = "choose_all"
    hint = "all"
    area = "Browse"
    needs_turn = True


class MarkChosenCorrect(Command):
    """Say that the chosen turns are correct, those of them that nobody has decided on; one act."""

    keys = ("y",)
    action = "decide('correct')"
    hint = "correct"
    area = "Browse"
    needs_turn = True


class MarkChosenIncorrect(Command):
    """Say that the chosen turns are incorrect; one more key says why; one act."""

    keys = ("n",)
    action = "reject"
    hint = "incorrect"
    area = "Browse"
    needs_turn = True


class SkipChosen(Command):
    """Leave the chosen turns out of the data; one act."""

    keys = ("x",)
    action = "decide('skip')"
    hint = "skip"
    area = "Browse"
    needs_turn = True


class TagChosen(Command):
    """Give the chosen turns a tag; where all have it, take it away; one act."""

    keys = ("t",)
    action = "tag"
    hint = "tag"
    area = "Browse"
    rank = 1
    needs_turn = True


class UndoInBrowse(Command):
    """Take back your last act, whatever it was."""

    keys = ("u",)
    action = "take_back('undo')"
    hint = "undo"
    area = "Browse"


class RedoInBrowse(Command):
    """Bring back what you undid last."""

    keys = ("U", "ctrl+r")
    action = "take_back('redo')"
    area = "Browse"


class SortTurns(Command):
    """Change the order: as logged, most suspicious, surest, newest, most calls."""

    keys = ("s",)
    action = "sort"
    hint = "order"
    area = "Browse"
    rank = 1
    needs_turn = True


class ShowViews(Command):
    """Open, keep or delete a saved view: a query with its order."""

    keys = ("v",)
    action = "views"
    hint = "views"
    area = "Browse"
    rank = 2


class ShowSessions(Command):
    """List the sessions of these turns, those with the most errors first; enter takes one."""

    keys = ("S",)
    action = "sessions"
    hint = "sessions"
    area = "Browse"
    rank = 2
    needs_turn = True


class NextPart(Command):
    """Go from the list to what it could be narrowed by, and back."""

    keys = ("tab",)
    action = "part"
    hint = "facets"
    area = "Browse"
    rank = 3


class LeaveFilter(Command):
    """Go back to the list; from there, clear what is chosen, then the query."""

    keys = ("escape",)
    action = "back"
    area = "Browse"
