"""A list of any number of turns: ids in memory, rows by pages from the store, only what is seen is drawn."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual import events, work
from textual.binding import Binding
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from curator.text import one_line
from curator.tui.blocks import MARKS, STYLES, styled
from curator.tui.lines import STATE_MARKS, check_word

if TYPE_CHECKING:
    from curator.store import ListRow

_PAGE = 64
_KEPT_PAGES = 24
_WIDE = 100
_ID, _TIER, _TOOLS, _CHECKS = 9, 12, 24, 18


class TurnList(ScrollView, can_focus=True):
    """Shows turns by their ids; ``fetch`` reads rows of ids and runs in a worker thread."""

    BINDINGS = [
        Binding("down,j", "move(1)", show=False),
        Binding("up,k", "move(-1)", show=False),
        Binding("pagedown,ctrl+d", "page(1)", show=False),
        Binding("pageup,ctrl+u", "page(-1)", show=False),
        Binding("home,g", "to_end(False)", show=False),
        Binding("end,G", "to_end(True)", show=False),
    ]

    cursor: reactive[int] = reactive(0, repaint=False)

    class Moved(Message):
        """The cursor stands on another turn."""

        def can_replace(self, message: Message) -> bool:
            """Only the last place counts."""
            return isinstance(message, TurnList.Moved)

    def __init__(self, fetch: Callable[[Sequence[int]], list[ListRow]], id: str) -> None:
        super().__init__(id=id)
        self._fetch = fetch
        self.ids = array("q")
        self.chosen: set[int] = set()
        self._rows: dict[int, ListRow] = {}
        self._pages: dict[int, None] = {}
        self._asked: set[int] = set()
        self._generation = 0

    @property
    def turn_id(self) -> int | None:
        """The turn under the cursor; ``None`` in an empty list."""
        return self.ids[self.cursor] if self.ids else None

    def show(self, ids: array[int], keep: int | None = None) -> None:
        """List these turns; the cursor stays on the turn ``keep`` where it is among them."""
        self.ids = ids
        self._forget()
        self.virtual_size = Size(self.size.width, len(ids))
        at = ids.index(keep) if keep is not None and keep in ids[:100_000] else 0
        self.set_reactive(TurnList.cursor, at)
        self._bring_into_view()
        self.refresh()
        self.post_message(self.Moved())

    def lengthen(self, ids: array[int]) -> None:
        """List these turns, of which the list has the first ones already."""
        if self.ids != ids[: len(self.ids)]:
            # Something was decided or read in between.
            self.show(ids, self.turn_id)
            return
        self.ids = ids
        self.virtual_size = Size(self.size.width, len(ids))
        self.refresh()

    def renew(self, turns: Sequence[int] | None = None) -> None:
        """Read rows again that are no longer true; all of them where none are named."""
        if turns is None or len(turns) > _PAGE:
            self._forget()
        else:
            for turn in turns:
                self._rows.pop(turn, None)
            self._pages.clear()
        self.refresh()

    def choose(self, turns: Sequence[int]) -> None:
        """Choose exactly these turns."""
        self.chosen = set(turns)
        self.refresh()

    def action_move(self, by: int) -> None:
        """Move the cursor by lines."""
        self._go(self.cursor + by)

    def action_page(self, by: int) -> None:
        """Move the cursor by pages."""
        self._go(self.cursor + by * max(1, self.size.height - 1))

    def action_to_end(self, last: bool) -> None:
        """Move the cursor to the first or the last turn."""
        self._go(len(self.ids) - 1 if last else 0)

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the line that was clicked."""
        self.focus()
        self._go(event.y + self.scroll_offset.y)

    def watch_has_focus(self, focused: bool) -> None:
        """Draw the cursor as it is with and without the focus."""
        super().watch_has_focus(focused)
        self.refresh()

    def _go(self, at: int) -> None:
        at = max(0, min(len(self.ids) - 1, at))
        if not self.ids or at == self.cursor:
            return
        before, self.cursor = self.cursor, at
        top = self.scroll_offset.y
        self._bring_into_view()
        if self.scroll_offset.y == top:
            self.refresh_line(before - top)
            self.refresh_line(at - top)
        self.post_message(self.Moved())

    def _bring_into_view(self) -> None:
        height, top = max(1, self.size.height), self.scroll_offset.y
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, immediate=True, force=True)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False, immediate=True, force=True)

    # Rows

    def _forget(self) -> None:
        self._generation += 1
        self._rows.clear()
        self._pages.clear()
        self._asked.clear()

    def _want(self, at: int) -> None:
        """Have the page of a line fetched, and its neighbours."""
        for page in (at // _PAGE, at // _PAGE + 1, at // _PAGE - 1):
            if 0 <= page * _PAGE < len(self.ids) and page not in self._pages and page not in self._asked:
                self._asked.add(page)
                self.call_later(self._read, page, self._generation)

    @work(group="pages", exit_on_error=False)
    async def _read(self, page: int, generation: int) -> None:
        if not self._is_near(page):
            self._asked.discard(page)
            return
        wanted = self.ids[page * _PAGE : (page + 1) * _PAGE]
        [rows] = await asyncio.gather(asyncio.to_thread(self._fetch, wanted), return_exceptions=True)
        self._asked.discard(page)
        if isinstance(rows, BaseException) or generation != self._generation:
            return
        self._rows.update({row.id: row for row in rows})
        self._pages[page] = None
        while len(self._pages) > _KEPT_PAGES:
            oldest = next(iter(self._pages))
            del self._pages[oldest]
            for turn in self.ids[oldest * _PAGE : (oldest + 1) * _PAGE]:
                self._rows.pop(turn, None)
        self.refresh()

    def _is_near(self, page: int) -> bool:
        """Tell whether a page is still wanted: scrolling may have passed it by."""
        return abs(page - self.scroll_offset.y // _PAGE) <= 1 + self.size.height // _PAGE

    # Drawing

    def render_line(self, y: int) -> Strip:
        """Draw one line of the screen."""
        at, width, style = y + self.scroll_offset.y, self.size.width, self.visual_style
        if at >= len(self.ids) or not width:
            return Strip.blank(width, style.rich_style)
        turn = self.ids[at]
        if at // _PAGE not in self._pages:
            self._want(at)
        row = self._rows.get(turn)
        is_here = at == self.cursor
        line = self._line(row, turn, is_here, width)
        if is_here:
            line = line.stylize("on $panel" if self.has_focus else "on $surface")
        strips = Visual.to_strips(self, line, width, 1, style)
        segments: list[Segment] = list(strips[0]) if strips else []
        ground = "panel" if self.has_focus else "surface"
        rest = self.app.theme_variables.get(ground, "") if is_here else ""
        filler = style.rich_style if not rest else Segment("", style.rich_style).style
        return Strip(segments).adjust_cell_length(width, filler)

    def _line(self, row: ListRow | None, turn: int, is_here: bool, width: int) -> Content:
        pointer = ("▌", "$primary") if is_here else (" ", "")
        chosen = ("●", "bold $accent") if turn in self.chosen else (" ", "")
        if row is None:
            line = Content.assemble(pointer, chosen, (f" · #{turn} …", "$faint"))
        else:
            line = Content.assemble(pointer, chosen, " ", *_cells(row, width - 3))
        return line.pad_right(max(0, width - line.cell_length))


def _cells(row: ListRow, width: int) -> list[Content]:
    """Return the columns of a row, as many as a width has room for."""
    mark, _, style = STATE_MARKS[row.state]
    cells = [Content.styled(f"{mark} ", f"bold {style}"), _fit(f"#{row.id}", _ID, "$muted")]
    wide = width >= _WIDE
    if wide:
        cells.append(_fit(row.tier, _TIER, "$primary"))
    rest = width - sum(cell.cell_length for cell in cells) - _TOOLS - _CHECKS
    cells.append(_fit(row.request or "(no request)", max(8, rest), "" if row.request else "$muted"))
    called = ", ".join(row.tools) or "no call"
    cells.append(_fit(called, _TOOLS, "$accent" if row.tools else "$muted"))
    check = next(iter(row.checks), None)
    if check is None:
        cells.append(_fit("", _CHECKS, ""))
    else:
        name, severity = check
        more = f" +{len(row.checks) - 1}" if len(row.checks) > 1 else ""
        cells.append(_fit(f"{MARKS[severity]} {check_word(name)}{more}", _CHECKS, STYLES[severity]))
    return cells


def _fit(text: str, width: int, style: str) -> Content:
    """Return outside text in exactly so many cells, the last of them blank."""
    content = styled(one_line(text, width * 2), style)
    if content.cell_length > width - 1:
        content = content.truncate(width - 1, ellipsis=True)
    return content.pad_right(max(0, width - content.cell_length))
