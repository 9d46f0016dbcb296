"""What can be done while answers to one prompt are compared."""

from __future__ import annotations

from curator.tui.commands.base import Command


class LeftIsBetter(Command):
    """The answer at the left is better; with the other one it gives a preference pair. Goes on."""

    keys = ("left",)
    action = "prefer('left')"
    hint = "better"
    area = "Pairs"
    shown = "← →"
    needs_turn = True


class RightIsBetter(Command):
    """The answer at the right is better; with the other one it gives a preference pair. Goes on."""

    keys = ("right",)
    action = "prefer('right')"
    area = "Pairs"
    needs_turn = True


class EquallyGood(Command):
    """Both answers are equally good; they give no pair and do not meet again. Goes on."""

    keys = ("equals_sign",)
    action = "prefer('tie')"
    hint = "equal"
    area = "Pairs"
    needs_turn = True


class NeitherIsGood(Command):
    """Neither answer is good; they give no pair and do not meet again. Goes on."""

    keys = ("x",)
    action = "prefer('neither')"
    hint = "neither"
    area = "Pairs"
    needs_turn = True


class UndoInPairs(Command):
    """Take back your last act and go to its pair, where it was one of these."""

    keys = ("u",)
    action = "take_back('undo')"
    hint = "undo"
    area = "Pairs"


class RedoInPairs(Command):
    """Bring back what you undid last."""

    keys = ("U", "ctrl+r")
    action = "take_back('redo')"
    area = "Pairs"


class NextPair(Command):
    """Look at the next pair without deciding; behind the last one that was shown, at the next prompt's."""

    keys = ("right_square_bracket",)
    action = "step(1)"
    hint = "look"
    area = "Pairs"
    rank = 1
    shown = "[ ]"


class PreviousPair(Command):
    """Look at the pair that was shown before; deciding on it again replaces what was decided."""

    keys = ("left_square_bracket",)
    action = "step(-1)"
    area = "Pairs"


class ShowPrompt(Command):
    """Show the whole prompt, or fold it again."""

    keys = ("space",)
    action = "prompt"
    hint = "prompt"
    area = "Pairs"
    rank = 1
    needs_turn = True


class ScrollAnswersDown(Command):
    """Scroll both answers, or the prompt where it is unfolded; page down scrolls by pages."""

    keys = ("down", "j", "J")
    action = "scroll(1)"
    area = "Pairs"


class ScrollAnswersUp(Command):
    """Scroll both answers back, or the prompt where it is unfolded; page up scrolls by pages."""

    keys = ("up", "k", "K")
    action = "scroll(-1)"
    area = "Pairs"


class PageDownAnswers(Command):
    """Scroll both answers, or the unfolded prompt, by a page."""

    keys = ("pagedown", "ctrl+d")
    action = "page(1)"
    area = "Pairs"


class PageUpAnswers(Command):
    """Scroll both answers, or the unfolded prompt, back by a page."""

    keys = ("pageup", "ctrl+u")
    action = "page(-1)"
    area = "Pairs"


class LeavePairs(Command):
    """Fold the prompt; else go back to where you came from."""

    keys = ("escape",)
    action = "back"
    hint = "back"
    area = "Pairs"
    rank = 2
