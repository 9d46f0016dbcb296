"""What can be done in the correction editor."""

from __future__ import annotations

from curator.tui.commands.base import Command


class SaveCorrection(Command):
    """Save the correction, if nothing is wrong with it."""

    keys = ("ctrl+s",)
    action = "save"
    hint = "save"
    area = "Correction editor"
    priority = True


class SaveAnyway(Command):
    """Save a correction that breaks a rule; its row is marked. Never saves arguments that are no JSON."""

    keys = ("ctrl+y",)
    action = "save_anyway"
    area = "Correction editor"
    priority = True


class TakeSuggestion(Command):
    """Take the first suggestion; f6 to f9 take the next ones."""

    keys = ("f5",)
    shown = "f5…f9"
    action = "use_suggestion(1)"
    area = "Correction editor"
    priority = True


class ChooseSuggestion(Command):
    """Take the suggestion; of several, choose one."""

    keys = ("ctrl+o",)
    action = "suggest"
    hint = "suggestion"
    area = "Correction editor"
    priority = True


class NextView(Command):
    """Show the calls as a form, the arguments as JSON, or the whole turn as text in the target syntax."""

    keys = ("ctrl+l",)
    action = "next_view"
    hint = "form/JSON/text"
    area = "Correction editor"
    priority = True


class PickTool(Command):
    """Choose the tool of the selected call from those that the model was offered."""

    keys = ("ctrl+t",)
    action = "pick_tool"
    hint = "tool"
    area = "Correction editor"
    priority = True


class AddCall(Command):
    """Add a call after the selected one."""

    keys = ("ctrl+n",)
    action = "add_call"
    hint = "add"
    area = "Correction editor"
    priority = True


class DuplicateCall(Command):
    """Add the selected call once more after itself."""

    keys = ("ctrl+d",)
    action = "duplicate_call"
    hint = "double"
    area = "Correction editor"
    priority = True
    rank = 2


class RemoveCall(Command):
    """Remove the selected call; without any call the turn is plain text."""

    keys = ("ctrl+r",)
    action = "remove_call"
    hint = "remove"
    area = "Correction editor"
    priority = True


class RemoveArgument(Command):
    """Remove the argument or the item of a list at the cursor; elsewhere, the rest of the line."""

    keys = ("ctrl+k",)
    action = "remove_argument"
    area = "Correction editor"
    priority = True


class MoveUp(Command):
    """Move the item of a list at the cursor up, else the selected call; calls run from top to bottom."""

    keys = ("alt+up",)
    action = "move(-1)"
    area = "Correction editor"
    priority = True


class MoveDown(Command):
    """Move the item of a list at the cursor down, else the selected call."""

    keys = ("alt+down",)
    action = "move(1)"
    area = "Correction editor"
    priority = True


class CompleteValue(Command):
    """List values for the field: those seen in the workspace, and the things that the prompt names."""

    keys = ("ctrl+space", "ctrl+@")
    action = "complete"
    area = "Correction editor"
    priority = True


class CallOrText(Command):
    """Turn the selected call into plain text; in the answer text: make the calls told there calls."""

    keys = ("ctrl+b",)
    action = "call_or_text"
    hint = "call ⇄ text"
    area = "Correction editor"
    priority = True
    rank = 2


class LoggedThinking(Command):
    """Put the logged thinking back."""

    keys = ("f4",)
    action = "logged_thinking"
    area = "Correction editor"
    priority = True


class OpenInEditor(Command):
    """Open what the cursor is in with your own editor: VISUAL or EDITOR."""

    keys = ("ctrl+e",)
    action = "external"
    hint = "$EDITOR"
    area = "Correction editor"
    priority = True
    rank = 1


class TakeBack(Command):
    """Take back the last change of calls or suggestion; from a draft, go back to what was logged."""

    keys = ("ctrl+z",)
    action = "take_back"
    area = "Correction editor"


class ShowSide(Command):
    """Show the rows that saving creates, or the difference; in a narrow terminal also the fields again."""

    keys = ("ctrl+g",)
    action = "side"
    hint = "rows"
    area = "Correction editor"
    priority = True
    rank = 1


class LeaveEditor(Command):
    """Leave without saving; what you wrote is kept as a draft, also when Curator ends."""

    keys = ("escape",)
    action = "leave"
    hint = "leave"
    area = "Correction editor"
    priority = True
