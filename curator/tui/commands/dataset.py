"""What can be done on the Dataset screen."""

from __future__ import annotations

from curator.tui.commands.base import Command


class OpenFromDataset(Command):
    """Go to what would help, list a tier's turns, open a group of copies, a turn, or a frozen set."""

    keys = ("enter",)
    action = "do('open')"
    hint = "open"
    area = "Dataset"


class WaiveGate(Command):
    """Let the gate at the cursor pass for a reason that travels with the data set; again: hold it."""

    keys = ("W",)
    action = "do('waive')"
    hint = "waive gate"
    area = "Dataset"


class LeaveCopiesOut(Command):
    """Leave all but one turn of the group at the cursor out of the data, decided or not; one act."""

    keys = ("x",)
    action = "do('leave')"
    hint = "leave copies out"
    area = "Dataset"


class LeaveAllCopiesOut(Command):
    """Leave all but one turn of every group out of the data; one act."""

    keys = ("X",)
    action = "do('leave_all')"
    hint = "of all groups"
    area = "Dataset"


class LookFurther(Command):
    """Look for copies among all turns that are not left out, or among those that give a row only."""

    keys = ("o",)
    action = "do('scope')"
    hint = "rows only, or all"
    area = "Dataset"


class LookAgain(Command):
    """Look for copies, secrets or frozen sets again."""

    keys = ("r",)
    action = "do('again')"
    hint = "look again"
    area = "Dataset"
    rank = 1


class HidePrivate(Command):
    """Choose what of the turn at the cursor no row may hold."""

    keys = ("h",)
    action = "do('hide')"
    hint = "hide"
    area = "Dataset"


class FreezeRows(Command):
    """Freeze the rows that stand into a numbered data set with splits, under a name that you give."""

    keys = ("f",)
    action = "freeze"
    hint = "freeze"
    area = "Dataset"


class CompareSets(Command):
    """Compare the frozen set at the cursor with another one."""

    keys = ("equals_sign", "d")
    action = "do('compare')"
    hint = "compare"
    shown = "="
    area = "Dataset"


class UndoInDataset(Command):
    """Take back your last act, whatever it was."""

    keys = ("u",)
    action = "take_back('undo')"
    hint = "undo"
    area = "Dataset"


class RedoInDataset(Command):
    """Bring back what you undid last."""

    keys = ("U", "ctrl+r")
    action = "take_back('redo')"
    area = "Dataset"


class NextSection(Command):
    """Go to the next section."""

    keys = ("tab",)
    action = "section_by(1)"
    hint = "sections"
    area = "Dataset"
    rank = 2


class SectionBefore(Command):
    """Go to the section before."""

    keys = ("shift+tab",)
    action = "section_by(-1)"
    area = "Dataset"


class ShowMeters(Command):
    """Composition, rows, coverage and gates, with what to do about each."""

    keys = ("1",)
    action = "section(0)"
    area = "Dataset"


class ShowPlots(Command):
    """Lengths, tools, calls, origins and files of the rows."""

    keys = ("2",)
    action = "section(1)"
    area = "Dataset"


class ShowTiers(Command):
    """Every tier: turns, decided, rows, pairs, open findings, against its target."""

    keys = ("3",)
    action = "section(2)"
    area = "Dataset"


class ShowCopies(Command):
    """Groups of turns that are alike."""

    keys = ("4",)
    action = "section(3)"
    area = "Dataset"


class ShowPrivate(Command):
    """Turns with secrets or personal data that nobody has looked through."""

    keys = ("5",)
    action = "section(4)"
    area = "Dataset"


class ShowFrozen(Command):
    """The frozen data sets."""

    keys = ("6",)
    action = "section(5)"
    area = "Dataset"


class LeaveDataset(Command):
    """Cancel what goes on here; else go back to the review."""

    keys = ("escape",)
    action = "back"
    hint = "review"
    area = "Dataset"
    rank = 1
