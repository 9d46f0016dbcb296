"""What can be done on every screen."""

from __future__ import annotations

from curator.tui.commands.base import Command


class OpenTrain(Command):
    """Open the training screen."""

    keys = ("T",)
    action = "app.go('train')"
    hint = "train"
    area = "Everywhere"


class OpenBrowse(Command):
    """Open the list of turns: find, look, decide on many at once."""

    keys = ("B",)
    action = "app.go('browse')"
    hint = "browse"
    area = "Everywhere"


class OpenDataset(Command):
    """Open the data set: meters, plots, tiers, copies, secrets, and freezing."""

    keys = ("D",)
    action = "app.go('dataset')"
    hint = "data"
    area = "Everywhere"
    rank = 1


class OpenPairs(Command):
    """Compare answers to one prompt: of the turn in review, from elsewhere of all prompts with several."""

    keys = ("p",)
    action = "app.pairs"
    hint = "pairs"
    area = "Everywhere"
    rank = 3


class OpenReview(Command):
    """Open the review screen."""

    keys = ("R",)
    action = "app.go('review')"
    area = "Everywhere"


class IngestLogs(Command):
    """Read more logs into the workspace: a path, what it looks like, and a report of what came in."""

    keys = ("I",)
    action = "app.go('ingest')"
    hint = "ingest"
    area = "Everywhere"
    rank = 3


class ShowKeys(Command):
    """Show every key."""

    keys = ("question_mark", "f1")
    action = "app.keys"
    hint = "keys"
    area = "Everywhere"


class ChangeColours(Command):
    """Change the theme: dark, light, high contrast, the terminal's own sixteen colours."""

    keys = ("f2",)
    action = "app.next_theme"
    area = "Everywhere"


class TakeTour(Command):
    """Show the five hints for newcomers again, one at a time, in the review screen."""

    keys = ("f3",)
    action = "app.tour"
    area = "Everywhere"


class QuitCurator(Command):
    """Leave Curator. Every decision is on disk already; a training run goes on."""

    keys = ("q",)
    action = "app.quit"
    hint = "quit"
    area = "Everywhere"
