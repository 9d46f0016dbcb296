"""Leads the eye through one turn: from finding to finding, and to every place where a text stands."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input

from curator.text import one_line
from curator.tui.blocks import MARKS, STYLES, number, styled
from curator.tui.paragraphs import SHOWN_CHARS, Block
from curator.tui.screens.turn import COLUMNS, TABS, TurnScreen
from curator.tui.search import Match, highlighted, matches

if TYPE_CHECKING:
    from curator.model import Finding
    from curator.review import Card

_DEBOUNCE_S = 0.04
_SENTENCE_WIDTH = 400
_TAB_OF = {"thinking": "think", "prompt": "context"}


class ReadingScreen(TurnScreen):
    """Jumps to findings and searches within the turn; both highlight what they lead to."""

    def __init__(self) -> None:
        super().__init__()
        self._query = ""
        self._matches: Sequence[Match] = ()
        self._match = 0
        self._was_expanded = False
        self._typing: Timer | None = None

    def _show(self, card: Card) -> None:
        if self._query or self.has_class("-searching"):
            self._forget_search()
        super()._show(card)

    def _blocks(self, card: Card, column: str) -> Sequence[Block]:
        blocks = super()._blocks(card, column)
        if not self._matches:
            return blocks
        return highlighted(blocks, column, self._matches, self._matches[self._match])

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Let n and N lead through the matches while there is a search, and do what they do else."""
        if action == "match":
            return bool(self._query)
        if action in ("reject", "note"):
            return not self._query
        return super().check_action(action, parameters)

    # Findings

    def action_finding(self, by: int) -> None:
        """Go to the next finding, or to the one before: its evidence in view, its sentence below."""
        if self.card is None:
            return
        findings = sorted(self.card.findings, key=lambda finding: list(MARKS).index(finding.severity))
        if not findings:
            self.say(Content.styled("the checks found nothing in this turn", "$muted"))
            return
        at = next((at for at, one in enumerate(findings) if one is self.finding), -1 if by > 0 else 0)
        at = (at + by) % len(findings)
        self.finding = findings[at]
        self._lead_to(_column_of(self.finding, self.card))
        self.say(_finding_words(self.finding, at, len(findings)))

    def _lead_to(self, column: str) -> None:
        """Bring a column to the front where only one is seen, and scroll to what is current."""
        if self.has_class("-narrow") and TABS[self._tab] != column:
            self._change_tab(TABS.index(column))
        self._paint_columns(seek=True)

    # Search

    def action_find(self) -> None:
        """Open the line where the text to look for is written."""
        if self.card is None:
            return
        if not self._query:
            self._was_expanded = self._expanded
        self.add_class("-searching")
        line = self.query_one("#search", Input)
        line.value = ""
        line.focus()
        self.say(Content.styled("what shall be found in context, thinking and calls?", "$muted"))

    @on(Input.Changed, "#search")
    def _typed_more(self, event: Input.Changed) -> None:
        if self._typing is not None:
            self._typing.stop()
        if self.has_class("-searching"):
            self._typing = self.set_timer(_DEBOUNCE_S, partial(self._search, event.value))

    @on(Input.Submitted, "#search")
    def _typed_all(self, event: Input.Submitted) -> None:
        if self._typing is not None:
            self._typing.stop()
        self._search(event.value)
        self._close_line()
        if not self._query:
            self.end_search()
        elif self._matches:
            self.say(self._match_words())

    def _search(self, text: str) -> None:
        """Look for a text, also where it is folded, and lead to the first match."""
        if self.card is None:
            return
        self._query = text
        self._expanded = bool(self._query) or self._was_expanded
        columns = {column: super(ReadingScreen, self)._blocks(self.card, column) for column in COLUMNS}
        self._matches, self._match = matches(self._query, columns), 0
        self._lead_to_match()

    def action_match(self, by: int) -> None:
        """Go to the next match, or to the one before."""
        if self._matches:
            self._match = (self._match + by) % len(self._matches)
        self._lead_to_match()

    def _lead_to_match(self) -> None:
        if not self._matches:
            self._paint_columns()
            words = f"nothing here says “{one_line(self._query, 40)}”" if self._query else ""
            self.say(Content.styled(words, "$warning"))
            return
        is_typing = self.has_class("-searching")
        self._lead_to(self._matches[self._match].column)
        if is_typing:
            self.query_one("#search", Input).focus()
        self.say(self._match_words())

    def _match_words(self) -> Content:
        place = f"{number(self._match + 1)} of {number(len(self._matches))}"
        keys = " · ⏎ then n N go on · esc ends" if self.has_class("-searching") else " · n N go on · esc ends"
        turn = self.card.turn if self.card else None
        texts = (turn.output.thinking, turn.output.content, *(m.content for m in turn.prompt)) if turn else ()
        is_cut = any(len(text or "") > SHOWN_CHARS for text in texts)
        cut = f" · of long texts the first {number(SHOWN_CHARS)} characters" if is_cut else ""
        return Content.assemble(("match ", "$muted"), (place, "bold $accent"), (keys + cut, "$muted"))

    def end_search(self) -> bool:
        """End the search and fold the turn again; say whether there was one."""
        if not (self._query or self.has_class("-searching")):
            return False
        self._forget_search()
        self._expanded = self._was_expanded
        self._paint_columns()
        self.say(Content())
        return True

    def _forget_search(self) -> None:
        self._query, self._matches, self._match = "", (), 0
        self._close_line()

    def _close_line(self) -> None:
        if self.has_class("-searching"):
            self.remove_class("-searching")
            self.set_focus(None)
            self._focus_column()


def _column_of(finding: Finding, card: Card) -> str:
    """Return the column in which the evidence of a finding stands."""
    fields = [evidence.field for evidence in finding.evidence]
    if not fields or "calls" in fields[:1]:
        return "calls"
    if fields[0] == "content":
        return "think" if card.turn.output.tool_calls else "calls"
    if fields[0] == "raw":
        thinking, evidence = card.turn.output.thinking_span, finding.evidence[0]
        inside = thinking is not None and thinking[0] <= evidence.start < thinking[1]
        return "think" if inside else "calls"
    return _TAB_OF[fields[0]]


def _finding_words(finding: Finding, at: int, total: int) -> Content:
    style = STYLES[finding.severity]
    return Content.assemble(
        (f"finding {at + 1} of {total} ", "$muted"),
        (f"{MARKS[finding.severity]} ", f"bold {style}"),
        styled(one_line(finding.message, _SENTENCE_WIDTH), style),
    )
