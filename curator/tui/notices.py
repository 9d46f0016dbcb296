"""What stands in the middle of a screen that has no turn to show: opening, empty, finished, failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from curator.text import one_line
from curator.tui.blocks import number, styled
from curator.tui.commands.base import UNDO, key_of
from curator.tui.lines import STATE_MARKS

if TYPE_CHECKING:
    from curator.datasets import Meters
    from curator.tui.flow import Flow, Helped
    from curator.tui.problems import Problem

_BACK = "review.previous-turn"
_QUIT = "everywhere.quit-curator"
_INGEST = "everywhere.ingest-logs"
_KEYS = "everywhere.show-keys"


def opening() -> Content:
    """The workspace is being opened."""
    return Content.styled("opening the workspace …", "$muted")


def first_hint(demo: bool) -> Content:
    """What a newcomer does on the first turn."""
    question = "Demo: is this output right?  " if demo else "Is this output right?  "
    return Content.assemble(
        (question, "bold"),
        *_choices(
            ("review.mark-correct", "yes"),
            ("review.mark-incorrect", "no, and why"),
            ("review.correct-turn", "correct it"),
        ),
    )


def nothing_ingested() -> Content:
    """There is no turn yet."""
    return Content.assemble(
        ("Nothing ingested yet.\n\n", "bold"),
        *_choices((_INGEST, "reads the logs of your agent"), (_KEYS, "keys"), (_QUIT, "quit")),
    )


def at_the_end(flow: Flow) -> Content:
    """Nothing is left to decide in the queue that is gone through."""
    if not flow.meters.turns:
        return nothing_ingested()
    if flow.queue.awaited:
        rest = Content.styled("\n\nthe rest of the queue is still being read", "$muted")
        return Content.assemble(*_choices(("review.first-undecided", "goes on"), (_BACK, "look back")), rest)
    return finished(flow.meters) if flow.queue.helps is None else helped(flow.queue.helps)


def helped(helps: Helped) -> Content:
    """Every turn that would help is decided."""
    return Content.assemble(
        ("✓ Every turn that was found to help is decided.\n\n", "bold $success"),
        styled(f"It was about: {one_line(helps.missing, 200)}\n\n", "$muted"),
        *_choices(
            ("review.go-back", "the whole queue"), (UNDO, "undo the last decision"), (_BACK, "look back")
        ),
    )


def finished(meters: Meters) -> Content:
    """Every turn is decided."""
    parts: list[Content | str | tuple[str, str]] = [
        ("✓ Every turn of this queue is decided.\n\n", "bold $success")
    ]
    for state, (mark, word, style) in STATE_MARKS.items():
        count = next((n for s, n in meters.states.items() if s == state), 0)
        if count:
            parts.append((f"{mark} {number(count)} {word}    ", style))
    parts.append(f"\n\n{number(meters.sft_rows)} SFT rows · {number(meters.pairs)} preference pairs\n\n")
    keys = _choices(
        ("everywhere.open-train", "train"),
        ("review.order-queue", "another order"),
        (UNDO, "undo the last decision"),
        (_BACK, "look back"),
    )
    return Content.assemble(*parts, *keys)


def failed(problem: Problem) -> Content:
    """Something that the screen needs cannot be had."""
    return Content.assemble(
        (f"✗ {problem.title}\n\n", "bold $error"),
        f"{problem.text}\n\n",
        (key_of(_QUIT), "bold $accent"),
        (" quits; nothing that was decided is lost.", "$muted"),
    )


def _choices(*keys: tuple[str, str]) -> list[Content]:
    """Commands by their ids, each with a word of its own."""
    return [
        Content.assemble((f"{key_of(id)} ", "bold $accent"), (f"{what}   ", "$muted")) for id, what in keys
    ]
