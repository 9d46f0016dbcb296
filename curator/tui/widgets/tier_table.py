"""The third section: every tier against its target."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.content import Content

from curator.text import one_line
from curator.tui.blocks import number, styled
from curator.tui.widgets.entry_list import Entry, EntryList
from curator.tui.widgets.meter_lines import bar
from curator.tui.widgets.section import CountedSection

if TYPE_CHECKING:
    from curator.datasets.tiers import TierState

_COLUMNS = (("turns", 10), ("decided", 10), ("SFT rows", 10), ("pairs", 8), ("KTO", 8), ("findings", 10))
_NARROW_COLUMNS = (("turns", 8), ("decid.", 7), ("SFT", 7), ("pairs", 6), ("KTO", 7), ("find.", 7))
_NAME, _NARROW_NAME = 20, 12
_WIDE = 100
_BAR, _LEAST_BAR = 30, 6


class TierTable(CountedSection["tuple[TierState, ...]"]):
    """Counted in a thread, again whenever somebody decides."""

    TITLE = "tiers"
    HINTS = {"open": "undecided turns"}

    def __init__(self, id: str) -> None:
        super().__init__(id)
        self._tiers: Sequence[TierState] | None = None

    def compose(self) -> ComposeResult:
        """One list."""
        yield EntryList("tiers-list")

    def shown(self) -> None:
        """Show what was counted last, and count where something has moved."""
        self._paint()
        self.read_anew()

    def on_resize(self, event: events.Resize) -> None:
        """Fill the lines for the new width."""
        if self.app.flow is not None and self.display:
            self._paint()

    def read(self) -> tuple[TierState, ...]:
        """Count every tier."""
        from curator.datasets.tiers import tier_states

        return tier_states(self.flow.desk.store, self.flow.desk.profile)

    def take(self, found: tuple[TierState, ...]) -> None:
        """Show the counts."""
        self._tiers = found
        if self.display:
            self._paint()

    def _paint(self) -> None:
        entries = self.query_one(EntryList)
        width = entries.scrollable_content_region.width - 1
        if width > 0:
            entries.show(tier_entries(self._tiers, width))
            entries.show_first()

    def do(self, what: str) -> None:
        """List the undecided turns of the tier at the cursor."""
        kind, _, name = self.query_one(EntryList).chosen.partition(":")
        if kind == "tier" and name:
            self.app.call_later(self.app.find_turns, f"tier:{name} verdict:none")


def tier_entries(tiers: Sequence[TierState] | None, width: int) -> list[Entry]:
    """Return a heading, a line a tier, and the sum of all."""
    if tiers is None:
        return [Entry("", Content.styled("counting the tiers …", "$muted"))]
    if not tiers:
        return [
            Entry("", Content.styled("No tier yet: ingest a log, or name tiers in the profile.", "$muted"))
        ]
    wide = width >= _WIDE
    columns, name_room = (_COLUMNS, _NAME) if wide else (_NARROW_COLUMNS, _NARROW_NAME)
    head = "tier".ljust(name_room) + "".join(title.rjust(room) for title, room in columns) + "   target"
    lines = [Entry("", Content.styled(head, "bold $muted"))]
    lines += [Entry(f"tier:{one.counts.tier}", _line(one, width, wide)) for one in tiers]
    if len(tiers) > 1:
        sums = [sum(_figures(one)[at] for one in tiers) for at in range(len(columns))]
        cells = "".join(number(n).rjust(room) for n, (_, room) in zip(sums, columns, strict=True))
        lines += [Entry("", Content.styled("all".ljust(name_room) + cells, "bold"))]
    words = "findings: errors and warnings of turns that nobody has decided on"
    return [*lines, Entry("", Content(" ")), Entry("", Content.styled(one_line(words, width), "$muted"))]


def _figures(one: TierState) -> tuple[int, ...]:
    counts = one.counts
    return (
        counts.turns, counts.decided, counts.sft_rows, counts.pairs, counts.kto_rows, counts.findings,
    )  # fmt: skip


def _line(one: TierState, width: int, wide: bool) -> Content:
    columns, room = (_COLUMNS, _NAME) if wide else (_NARROW_COLUMNS, _NARROW_NAME)
    name = styled(one_line(one.counts.tier or "—", room - 1), "bold")
    cells = zip(_figures(one), columns, strict=True)
    parts = [Content(number(figure).rjust(wanted)) for figure, (_, wanted) in cells]
    line = Content.assemble(name, " " * (room - name.cell_length), *parts, "   ")
    return line + _target(one, width - line.cell_length, wide)


def _target(one: TierState, room: int, wide: bool) -> Content:
    """Say how far a tier is, with a bar where there is room."""
    if not one.target:
        return Content.styled("no target" if wide else "–", "$muted")
    share = min(1.0, one.counts.sft_rows / one.target)
    style = "$warning" if one.missing else "$success"
    words = f"✗ {number(one.missing)} more" if one.missing else "✓ met"
    told = Content.styled(words, f"bold {style}")
    if not wide:
        return told
    told = Content.assemble(f"{share:4.0%} of {number(one.target)}  ", told)
    length = min(_BAR, room - told.cell_length - 1)
    return Content.assemble(bar(share, length, style), " ", told) if length >= _LEAST_BAR else told
