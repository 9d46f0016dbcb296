"""Hears what other people and other processes decide in the same workspace, within half a second."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from curator.text import one_line
from curator.tui.blocks import styled
from curator.tui.lines import STATE_MARKS
from curator.tui.marks import TAG_MARK

if TYPE_CHECKING:
    from textual.worker import WorkType

    from curator.model import Decision
    from curator.store import Heard
    from curator.tui.app import CuratorApp

_EVERY_S = 0.4


class Watch:
    """Asks the journal again and again, in the thread that writes: its own decisions come first."""

    def __init__(self, app: CuratorApp) -> None:
        self._app = app
        self._asking = False

    def start(self) -> None:
        """Begin to listen."""
        self._app.set_interval(_EVERY_S, self._ask)

    def _ask(self) -> None:
        if not self._asking and self._app.flow is not None:
            self._asking = True
            hear: WorkType[None] = self._hear
            self._app.run_worker(hear, group="hearing", exit_on_error=False)

    async def _hear(self) -> None:
        flow = self._app.flow
        if flow is None:
            return
        asked = asyncio.wrap_future(flow.write(flow.news))
        [news] = await asyncio.gather(asked, return_exceptions=True)
        self._asking = False
        # A database that is busy or being moved is asked again the next time.
        if isinstance(news, BaseException):
            return
        before = flow.meters, flow.waivers
        others = flow.hear(news)
        if others or (flow.meters, flow.waivers) != before:
            self._app.heard = tuple(others)


def heard_words(heard: Sequence[Heard], shown: int | None) -> Content:
    """Say who decided what; the turn that is shown comes first."""
    one = next((one for one in heard if one.turn == shown), heard[-1])
    last = one.decisions[-1]
    mark, style = _act(last, one)
    where = "this turn" if one.turn == shown else f"#{one.turn}"
    more = f" · {len(heard) - 1} more" if len(heard) > 1 else ""
    who = styled(one_line(last.reviewer, 30), "bold $secondary")
    return Content.assemble(who, ": ", (mark, f"bold {style}"), (f" on {where}{more}", "$muted"))


def _act(decision: Decision, heard: Heard) -> tuple[str, str]:
    if decision.kind in ("verdict", "correction"):
        mark, word, style = STATE_MARKS[heard.now.state]
        return f"{mark} {word}", style
    if decision.kind == "undo":
        return "↶ undone", "$accent"
    if decision.kind == "tag":
        return (
            f"{TAG_MARK} {'not ' if decision.removes else ''}{one_line(decision.tag or '', 30)}",
            "$secondary",
        )
    return {"note": "a note", "redaction": "hiding", "preference": "a preference"}.get(
        decision.kind, decision.kind
    ), "$accent"
