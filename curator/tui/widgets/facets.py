"""The column of what a filter could be narrowed by: keys, values, and how many turns have them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from curator.text import one_line
from curator.tui.blocks import number, styled

if TYPE_CHECKING:
    from curator.store import Facet

_TITLES = {
    "verdict": "VERDICT",
    "tier": "TIER",
    "check": "CHECK",
    "tool": "TOOL",
    "source": "SOURCE",
    "model": "MODEL",
    "reviewer": "REVIEWER",
    "origin": "ORIGIN",
}


class FacetList(OptionList):
    """Choosing a value narrows the filter by it; choosing it again takes that back."""

    BINDINGS = [Binding("j", "cursor_down", show=False), Binding("k", "cursor_up", show=False)]

    def __init__(self, id: str) -> None:
        super().__init__(id=id, markup=False)
        self.facets: list[Facet] = []
        self._shown: tuple[Sequence[Sequence[Facet]], Sequence[str]] = ((), ())

    def on_resize(self) -> None:
        """Fill the lines for the new width: they may have been counted while the column was hidden."""
        self.show(*self._shown)

    def show(self, groups: Sequence[Sequence[Facet]], words: Sequence[str]) -> None:
        """List the values of every key; those that stand in the query are marked."""
        self._shown, before = (groups, words), self.standing
        self.facets, options = [], []
        width = max(12, self.size.width - 2)
        for group in groups:
            if not group:
                continue
            options.append(Option(Content.styled(_TITLES[group[0].key], "bold $muted"), disabled=True))
            for facet in group:
                options.append(Option(_line(facet, words, width), id=f"facet-{len(self.facets)}"))
                self.facets.append(facet)
        self.set_options(options)
        stands = (f"facet-{at}" for at, one in enumerate(self.facets) if (one.key, one.value) == before)
        self.highlighted = next((self.get_option_index(id) for id in stands), None)

    @property
    def standing(self) -> tuple[str, str] | None:
        """Key and value under the cursor."""
        if self.highlighted is None:
            return None
        facet = self.chosen(self.get_option_at_index(self.highlighted))
        return facet.key, facet.value

    def chosen(self, option: Option) -> Facet:
        """Return the facet that an option stands for."""
        return self.facets[int((option.id or "").rpartition("-")[2])]


def word_of(facet: Facet) -> str:
    """Return the word of a query that takes the turns of a facet."""
    from curator.store.filters import quoted

    return f"{facet.key}:{quoted(facet.value)}"


def _line(facet: Facet, words: Sequence[str], width: int) -> Content:
    stands = word_of(facet) in words
    mark = ("✓ ", "bold $success") if stands else ("  ", "")
    count = number(facet.turns)
    # The end of a path tells more than its beginning.
    value = facet.value if facet.key != "source" else facet.value.rpartition("/")[2]
    room = max(4, width - len(count) - 4)
    said = styled(one_line(value, room), "bold" if stands else "")
    gap = " " * max(1, width - 2 - said.cell_length - len(count))
    return Content.assemble(mark, said, gap, (count, "$muted"))
