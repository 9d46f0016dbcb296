"""One line of the conversation: where this turn is among the turns of its session. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from curator.text import one_line
from curator.tui.commands.base import BACK, key_of
from curator.tui.lines import STATE_MARKS, check_word, spread

if TYPE_CHECKING:
    from curator.model import Finding, TurnState
    from curator.review import Card
    from curator.store import TurnRow

_MOST_CALLS = 9
_LEAST = 3
_CELL = 4
_EDGES = 15


def strip_line(card: Card, states: dict[int, TurnState], why: str, width: int, is_beside: bool) -> Content:
    """The turns of the session as marks, this one in brackets; at the right, why it is shown."""
    words = f"beside the queue · {key_of(BACK)} goes back" if is_beside else why
    right = Content.styled(one_line(words, width // 2), "$accent")
    rows = card.session_turns
    at = next((place for place, row in enumerate(rows) if row.id == card.turn.id), 0)
    total = max(card.session.turns, len(rows))
    title = Content.styled(" session ", "$muted")
    most = max(_LEAST, (width - title.cell_length - right.cell_length - _EDGES) // _CELL)
    first = max(0, min(at - most // 2, len(rows) - most))
    shown = rows[first : first + most]
    # The rows are a window on the session: what lies outside of it counts too.
    before = min(total - 1, card.turn.index) - (at - first) if total > len(rows) else first
    after = max(0, total - before - len(shown))
    parts = [Content.styled(f"‹{before} ", "$muted")] if before > 0 else []
    parts += [_mark(row, states.get(row.id, row.state), row.id == card.turn.id) for row in shown]
    parts += [Content.styled(f" {after}›", "$muted")] if after else []
    hint = Content.styled("  ↑↓", "$faint") if total > 1 else Content()
    return spread(Content.assemble(title, *parts, hint), right, width)


def why_words(findings: Sequence[Finding], reason: str) -> str:
    """Say why a turn stands where it does: what the order says, or else the gravest finding."""
    if reason:
        return f"why here: {reason}"
    grave = [f for severity in ("error", "warning") for f in findings if f.severity == severity]
    if not grave:
        return "why here: nothing found, in log order"
    return f"why here: {grave[0].severity} · {check_word(grave[0].check)}"


def _mark(row: TurnRow, state: TurnState, is_current: bool) -> Content:
    """The state of a turn and its number of calls; a trouble that checks found has a mark of its own."""
    mark, _, style = STATE_MARKS[state]
    calls = str(row.calls) if row.calls <= _MOST_CALLS else "+"
    if state == "undecided" and (row.errors or row.warnings):
        mark, style = "!", "$error" if row.errors else "$warning"
    inside = Content.assemble((mark, f"bold {style}"), (calls if row.calls else "-", "$muted"))
    if is_current:
        return Content.assemble(("[", "bold $primary"), inside, ("]", "bold $primary"))
    return Content.assemble(" ", inside, " ")
