"""The lines of the first section of the Dataset screen: bands, rows, coverage and gates. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from textual.content import Content

from curator.text import one_line
from curator.tui.blocks import number, styled
from curator.tui.widgets.entry_list import Entry

if TYPE_CHECKING:
    from curator.datasets import BandState, CoverageState, GateState, Meters
    from curator.datasets.advice import Advice
    from curator.profiles import Profile

GATE_MARKS = {
    "open": ("✗", "open", "$warning"),
    "waived": ("~", "waived", "$muted"),
    "met": ("✓", "met", "$success"),
}
_BAND_WORDS = {
    "ok": ("✓ ok", "$success"),
    "low": ("▼ too few", "$warning"),
    "high": ("▲ too many", "$warning"),
    "empty": ("· empty", "$muted"),
}
_TITLE, _COUNT, _LIMITS, _WORD = 10, 12, 18, 11
_LEAST_BAR, _LONGEST_BAR = 8, 90
_GATE_TITLE = 44
_WIDE = 100


class Board(NamedTuple):
    """What the section shows."""

    meters: Meters
    profile: Profile
    gates: Sequence[GateState]
    bands: Sequence[BandState]
    covered: Sequence[CoverageState]
    advice: Mapping[str, Advice] | None
    """What would bring a band back, by its class; ``None`` while it is searched."""


def board_entries(board: Board, width: int) -> list[Entry]:
    """Return the whole board in lines of at most ``width`` cells."""
    return [
        *_composition(board, width),
        *_rows(board, width),
        *_coverage(board, width),
        *_gates(board, width),
    ]


def bar(share: float, width: int, style: str, inside: tuple[float, float] | None = None) -> Content:
    """A bar of a share; what of the wanted range is empty is grey, what lies beyond it is hatched."""
    filled = min(width, round(share * width) or int(share > 0))
    cells = []
    for at in range(width):
        place = (at + 0.5) / width
        if at < filled:
            cells.append(("▓" if inside is not None and place > inside[1] else "█", style))
        else:
            wanted = inside is not None and inside[0] <= place <= inside[1]
            cells.append(("▒", "$foreground 40%") if wanted else ("·", "$faint"))
    return Content.assemble(*cells)


def _heading(text: str, rest: str = "") -> Entry:
    return Entry("", Content.assemble((text, "bold $primary"), (f"   {rest}" if rest else "", "$muted")))


def _blank() -> Entry:
    return Entry("", Content(" "))


def _composition(board: Board, width: int) -> Iterator[Entry]:
    total = board.meters.sft_rows
    yield _heading("COMPOSITION", f"of {number(total)} SFT row{'s' * (total != 1)}")
    wide = width >= _WIDE
    for band in board.bands:
        wanted = band.id in board.profile.bands
        word, style = _BAND_WORDS[band.state] if wanted else ("", "$primary")
        room = width - _TITLE - 6 - _COUNT - (_LIMITS if wide else 0) - _WORD
        length = max(_LEAST_BAR, min(_LONGEST_BAR, room))
        limits = f"wanted {band.low:.0%}–{band.high:.0%}" if wanted else "no band"
        line = Content.assemble(
            (band.title.ljust(_TITLE), "bold"),
            bar(band.share, length, style, (band.low, band.high) if wanted else None),
            (f" {band.share:4.0%} ", "bold"),
            (f"n {number(band.count)}".rjust(_COUNT - 1) + " ", "$muted"),
            (limits.ljust(_LIMITS) if wide else "", "$muted"),
            (word, f"bold {style}"),
        )
        told = _what_to_do(board, band)
        lines = [line] + [Content(" " * _TITLE) + part for part in told.wrap(max(8, width - _TITLE))] * bool(
            told
        )
        yield Entry(f"band:{band.id}", Content("\n").join(lines))


def _what_to_do(board: Board, band: BandState) -> Content:
    """Say what would bring a band back; nothing where it is well."""
    if band.id not in board.profile.bands or band.state == "ok":
        return Content()
    if board.advice is not None and band.id in board.advice:
        return styled(board.advice[band.id].sentence, "$foreground")
    gate = next((one for one in board.gates if one.id == f"band_{band.id}"), None)
    limits = f"the profile wants {band.low:.0%}–{band.high:.0%}"
    return styled(gate.missing if gate and gate.missing else limits, "$foreground")


def _rows(board: Board, width: int) -> Iterator[Entry]:
    meters, gates = board.meters, board.profile.gates
    yield _blank()
    yield _heading("ROWS", f"{number(meters.decided)} of {number(meters.turns)} turns decided")
    wanted = sum(tier.target_rows for tier in board.profile.tiers.values())
    counts = [
        ("rows", "SFT rows", meters.sft_rows, gates.min_sft_rows or wanted),
        ("pairs", "pairs", meters.pairs, gates.min_pairs),
        ("kto", "KTO rows", meters.kto_rows, 0),
    ]
    for name, tier in board.profile.tiers.items():
        if tier.target_rows:
            have = sum(meters.classes_of(name).values())
            counts.append((f"tier:{name}", f"tier {name}", have, tier.target_rows))
    room = max(_TITLE, *(len(title) + 1 for _, title, _, _ in counts))
    for key, title, have, target in counts:
        yield Entry(f"target:{key}", _target(title, min(room, 24), have, target, width))


def _target(title: str, room: int, have: int, target: int, width: int) -> Content:
    name = styled(one_line(title, room - 1).ljust(room), "bold")
    if not target:
        return Content.assemble(name, (number(have), "bold"), ("   no number is wanted", "$muted"))
    met = have >= target
    style = "$success" if met else "$warning"
    length = max(_LEAST_BAR, min(_LONGEST_BAR, width - room - 44))
    short = "✓ met" if met else f"✗ {number(target - have)} more"
    return Content.assemble(
        name,
        bar(min(1.0, have / target), length, style),
        (f" {min(1.0, have / target):4.0%} ", "bold"),
        (f" {number(have)} of {number(target)}".ljust(20), ""),
        (short, f"bold {style}"),
    )


def _coverage(board: Board, width: int) -> Iterator[Entry]:
    if not board.covered:
        return
    met = sum(item.state == "met" for item in board.covered)
    yield _blank()
    yield _heading("COVERAGE", f"{met} of {len(board.covered)} items")
    for item in board.covered:
        mark, word, style = GATE_MARKS[item.state]
        count = f"{number(item.rows)} of {number(item.wanted)} row{'s' * (item.wanted != 1)}"
        line = Content.assemble(
            (f"{mark} ", f"bold {style}"),
            (count.ljust(16), ""),
            (f"{word:<7}", style),
            styled(one_line(item.title, max(10, width - 26))),
        )
        yield Entry(f"item:{item.id}", line)


def _gates(board: Board, width: int) -> Iterator[Entry]:
    order = sorted(board.gates, key=lambda gate: list(GATE_MARKS).index(gate.state))
    count = sum(gate.state == "open" for gate in order)
    yield _blank()
    yield _heading("GATES", f"{count} of {len(order)} open" if count else "every gate passed")
    for gate in order:
        yield Entry(f"gate:{gate.id}", _gate(gate, width))


def _gate(gate: GateState, width: int) -> Content:
    mark, word, style = GATE_MARKS[gate.state]
    lead = Content.assemble((f"{mark} ", f"bold {style}"), (f"{word:<7}", f"bold {style}"))
    said = {"met": "", "open": gate.missing, "waived": gate.reason}[gate.state]
    room = width - lead.cell_length
    if width < _WIDE:
        text = said if gate.state == "open" else f"{gate.title}{': ' * bool(said)}{said}"
        return lead + styled(one_line(text, room))
    title = styled(one_line(gate.title, _GATE_TITLE - 1)).pad_right(0)
    gap = " " * max(1, _GATE_TITLE - title.cell_length)
    return Content.assemble(lead, title, gap, styled(one_line(said, max(8, room - _GATE_TITLE)), style))
