"""Bars and histograms of what the rows are made of. Pure functions that return lines of content."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from curator.text import one_line
from curator.tui.blocks import number, styled

if TYPE_CHECKING:
    from curator.datasets.lengths import Lengths
    from curator.datasets.shares import Shares

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_HEIGHTS = " ▁▂▃▄▅▆▇█"
_CLASS_TITLES = {"none": "no call", "one": "one call", "several": "several"}
_GAP = 3
_WIDE = 100
_TOOLS, _SOURCES = 12, 8
_LONGEST_NAME, _LONGEST_BAR = 30, 60
_CHART = 8
_MOST_BINS, _GUTTER, _SHARE = 80, 8, 5
COUNTING = "counting …"


def plot_content(shares: Shares, found: Lengths, width: int, tall: bool) -> Content:
    """Return every plot, side by side in two columns where there is room."""
    if not found.rows:
        words = "No row yet: what is decided correct, or corrected, is drawn here."
        return Content.styled(words, "$muted")
    columns = 2 if width >= _WIDE else 1
    each = (width - _GAP * (columns - 1)) // columns
    rows = 2 * _CHART if tall else _CHART
    plots = [
        [*_title("LENGTH", _length_words(found)), *histogram(found, each, rows)],
        [
            *_title("ROWS PER TOOL", f"{len(shares.tools)} tool{'s' * (len(shares.tools) != 1)}"),
            *bars(shares.tools, each, _TOOLS),
        ],
        [*_title("CALLS PER TURN", "rows, and turns as logged"), *_calls(shares, each)],
        [*_title("ORIGIN AND SOURCE", "rows"), *_origins(shares, each)],
    ]
    return Content("\n").join(_arranged(plots, columns, each))


def most_bins(width: int) -> int:
    """Return how many columns a histogram has room for in ``plot_content`` of this width."""
    each = (width - _GAP) // 2 if width >= _WIDE else width
    return max(10, min(_MOST_BINS, each - _GUTTER))


def bars(counts: Mapping[str, int], width: int, most: int, style: str = "$primary") -> Iterator[Content]:
    """Yield a bar a name, its length a share of the largest, with the count and the share of all."""
    total, largest = sum(counts.values()), max(counts.values(), default=0)
    shown = list(counts.items())[:most]
    room = min(_LONGEST_NAME, width // 3, max((len(name) for name, _ in shown), default=0) + 1)
    size = len(number(largest)) + 2
    length = max(4, min(_LONGEST_BAR, width - room - size - _SHARE))
    for name, count in shown:
        title = styled(one_line(name or "—", room - 1))
        yield Content.assemble(
            title,
            " " * (room - title.cell_length),
            (_bar(count / largest if largest else 0.0, length), style),
            (number(count).rjust(size), "bold" if count else "bold $warning"),
            (f" {count / total if total else 0:4.0%}", "$muted"),
        )
    if len(counts) > most:
        rest = list(counts.values())[most:]
        yield Content.styled(f"… {len(rest)} more with {number(sum(rest))}", "$muted")


def histogram(found: Lengths, width: int, rows: int) -> Iterator[Content]:
    """Yield columns of eighths over an axis of tokens; those beyond the budget in another colour."""
    largest = max(found.bins)
    gutter = len(number(largest)) + 2
    each = max(1, (width - gutter) // len(found.bins))
    for row in reversed(range(rows)):
        label = number(largest) if row == rows - 1 else "0" if row == 0 else ""
        cells = [
            (_level(count / largest * rows - row) * each, _bin_style(found, at))
            for at, count in enumerate(found.bins)
        ]
        edge = "┤" if label else "│"
        yield Content.assemble((f"{label.rjust(gutter - 2)} {edge}", "$muted"), *cells)
    yield _axis(found, gutter, each)
    yield from _budget(found, gutter, each)


def _bin_style(found: Lengths, at: int) -> str:
    return "$error" if found.budget and found.start + at * found.step >= found.budget else "$accent"


def _level(share: float) -> str:
    """Return the block for what of a column stands in one cell; anything at all is seen."""
    return _HEIGHTS[0 if share <= 0 else max(1, min(8, round(share * 8)))]


def _axis(found: Lengths, gutter: int, each: int) -> Content:
    end = f" {number(found.start + len(found.bins) * found.step)} tokens"
    start = f" {number(found.start)} "
    rule = "─" * max(0, each * len(found.bins) - len(end) - len(start))
    return Content.styled(f"{' ' * (gutter - 1)}└{start}{rule}{end}", "$muted")


def _budget(found: Lengths, gutter: int, each: int) -> Iterator[Content]:
    if not found.budget:
        yield Content.styled("the profile sets no budget of tokens", "$muted")
        return
    over = f"{number(found.over)} row{'s' * (found.over != 1)} over it" if found.over else "no row over it"
    words = f"budget {number(found.budget)} tokens · {over}"
    style = "$error" if found.over else "$success"
    at = gutter + (found.budget - found.start) * each // found.step
    if found.budget < found.start:
        yield Content.styled(f"← {words}, before this axis", style)
    elif found.budget > found.start + len(found.bins) * found.step:
        yield Content.styled(f"{' ' * gutter}{words}, beyond this axis →", style)
    elif at + len(words) + 2 <= gutter + each * len(found.bins):
        yield Content.styled(f"{' ' * at}▲ {words}", style)
    else:
        yield Content.styled(f"{' ' * max(0, at - len(words) - 1)}{words} ▲", style)


def _length_words(found: Lengths) -> str:
    about = "" if found.is_exact else "about "
    longest = f"longest {number(found.longest)}"
    return f"median {about}{number(found.median)} · 95 % to {number(found.p95)} · {longest}"


def _calls(shares: Shares, width: int) -> Iterator[Content]:
    for title, counts, style in (
        ("rows", shares.classes, "$primary"),
        ("logged", shares.logged, "$secondary"),
    ):
        if not counts:
            yield Content.styled(f"{title}: {COUNTING}", "$muted")
            continue
        yield Content.styled(title, "$muted")
        yield from bars({_CLASS_TITLES[name]: n for name, n in counts.items()}, width, 3, style)


def _origins(shares: Shares, width: int) -> Iterator[Content]:
    yield from bars(shares.origins, width, 2)
    if not shares.sources:
        yield Content.styled(COUNTING, "$muted")
        return
    yield Content.styled(f"{len(shares.sources)} file{'s' * (len(shares.sources) != 1)}", "$muted")
    named = {_short(path): rows for path, rows in shares.sources.items()}
    yield from bars(
        named if len(named) == len(shares.sources) else shares.sources, width, _SOURCES, "$secondary"
    )


def _short(path: str) -> str:
    """Return the end of a path: its last folder and its name."""
    return "/".join(path.rstrip("/").split("/")[-2:])


def _bar(share: float, length: int) -> str:
    eighths = round(share * length * 8)
    if share > 0:
        eighths = max(1, eighths)
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()).ljust(length)


def _title(text: str, rest: str) -> list[Content]:
    return [Content.assemble((text, "bold $primary"), (f"   {rest}", "$muted"))]


def _arranged(plots: Sequence[Sequence[Content]], columns: int, each: int) -> Iterator[Content]:
    """Yield the lines of some plots, so many side by side, a blank line between two rows of them."""
    for start in range(0, len(plots), columns):
        beside = plots[start : start + columns]
        for at in range(max(map(len, beside))):
            cells = [plot[at] if at < len(plot) else Content() for plot in beside]
            padded = [cell.pad_right(max(0, each + _GAP - cell.cell_length)) for cell in cells[:-1]]
            yield Content("").join([*padded, cells[-1]])
        yield Content()
