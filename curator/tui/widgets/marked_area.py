"""A text field that shows the evidence of findings inside the text while it is edited."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from rich.style import Style
from rich.text import Text
from textual.widgets import TextArea

from curator.tui.evidence import Phrase, found_again


class MarkedArea(TextArea):
    """Underlines phrases wherever they stand now."""

    def __init__(self, id: str) -> None:
        super().__init__("", id=id, soft_wrap=True, tab_behavior="focus", show_line_numbers=False)
        # Its style would hide that of the evidence.
        self.highlight_cursor_line = False
        self._phrases: Sequence[Phrase] = ()
        self._marked: tuple[str, dict[int, list[tuple[int, int]]]] = ("", {})

    def mark(self, phrases: Sequence[Phrase]) -> None:
        """Underline other phrases, in the text that is loaded next."""
        self._phrases = phrases
        self._marked = ("", {})
        with self.prevent(TextArea.Changed):
            self.load_text("")

    def get_line(self, line_index: int) -> Text:
        """Return a line with its evidence underlined."""
        line = super().get_line(line_index)
        for start, end in self._spans().get(line_index, ()):
            line.stylize(self._style(), start, end)
        return line

    def _style(self) -> Style:
        return Style(color=self.app.theme_variables.get("warning"), bold=True, underline=True)

    def _spans(self) -> dict[int, list[tuple[int, int]]]:
        """Return the spans by line; looked for once after an edit."""
        if not self._phrases:
            return {}
        text = self.text
        if self._marked[0] != text:
            self._marked = (text, _by_line(text, found_again(text, self._phrases)))
        return self._marked[1]


def _by_line(text: str, spans: Sequence[tuple[int, int]]) -> dict[int, list[tuple[int, int]]]:
    lines = text.split("\n")
    starts = [0, *accumulate(len(line) + 1 for line in lines)]
    found: dict[int, list[tuple[int, int]]] = {}
    for start, end in spans:
        for at in range(bisect_right(starts, start) - 1, len(lines)):
            if starts[at] >= end:
                break
            begin, stop = max(0, start - starts[at]), min(len(lines[at]), end - starts[at])
            found.setdefault(at, []).append((begin, stop))
    return found
