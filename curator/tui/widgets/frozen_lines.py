"""Frozen data sets in words: their line in the list, their card, what will be frozen, and a difference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from curator.text import one_line
from curator.tui.blocks import number, styled
from curator.tui.widgets.meter_lines import GATE_MARKS
from curator.tui.widgets.plot_lines import bars
from curator.tui.widgets.train_layout import LABEL, labelled, wrapped

if TYPE_CHECKING:
    from curator.datasets import GateState, Meters
    from curator.datasets.freezing import Ready
    from curator.datasets.frozen import Difference, Manifest
    from curator.exporters import PairRow, SftRow
    from curator.profiles import Profile

_ID, _WHEN, _COUNT, _GATES, _BY = 28, 18, 9, 14, 14
_NARROW_ID = 22
_WIDE = 100
_MOST_ROWS = 400


def set_line(one: Manifest, width: int) -> Content:
    """One line of the list."""
    word, style = gate_word(one.gates)
    room = _ID if width >= _WIDE else _NARROW_ID
    name = styled(one_line(one.id, room - 1), "bold $primary")
    cells = Content.assemble(
        name, " " * (room - name.cell_length),
        (one.created[:16].replace("T", " ").ljust(_WHEN), "$muted"),
        number(one.rows("sft")).rjust(_COUNT - 4), (" SFT ", "$muted"),
        number(one.rows("pairs")).rjust(_COUNT - 4), (" pairs  ", "$muted"),
        (word.ljust(_GATES), style),
    )  # fmt: skip
    if width < _WIDE:
        return cells.truncate(width) if cells.cell_length > width else cells
    by = styled(one_line(one.created_by, _BY - 1)).pad_right(1)
    return Content.assemble(cells, by, " " * max(1, _BY - by.cell_length), (one.sha256[:12], "$muted"))


def gate_word(gates: Sequence[GateState]) -> tuple[str, str]:
    """Say how the gates stood, and in which colour."""
    states = [gate.state for gate in gates]
    if "open" in states:
        return f"✗ {states.count('open')} open", "$warning"
    if "waived" in states:
        return f"~ {states.count('waived')} waived", "$muted"
    return "✓ gates met", "$success"


def card_content(one: Manifest, width: int) -> Content:
    """Everything that the manifest says."""
    inner = max(20, width - LABEL)
    splits = [
        Content.assemble(
            styled(one_line(split, 16).ljust(17), "bold"),
            number(one.rows("sft", split)).rjust(7),
            (" SFT rows", "$muted"),
            number(one.rows("pairs", split)).rjust(7),
            (" pairs", "$muted"),
        )
        for split in one.splits
    ]
    made = f"{one.created[:19].replace('T', ' ')} UTC by {one.created_by or '—'}, with Curator {one.curator}"
    parted = f"by {one.group_by}, seed {one.seed}"
    rows = f"{number(one.rows('sft'))} SFT rows, {number(one.rows('pairs'))} preference pairs"
    lines = [
        *labelled("frozen", wrapped(styled(made), inner)),
        *labelled("rows", wrapped(Content.styled(rows, "bold"), inner)),
        *labelled("splits", [*splits, Content.styled(parted, "$muted")]),
        *labelled("calls", bars(_titled(one.classes), inner, 3)),
        *labelled("tiers", _counts(one.tiers, inner)),
        *labelled("origins", _counts(one.origins, inner)),
        *labelled("of", wrapped(styled(_chosen(one)), inner)),
        *labelled("profile", wrapped(styled(f"{one.profile}  {one.profile_sha256[:16]}"), inner)),
        *labelled("gates", gate_lines(one.gates, inner)),
        *(labelled("anyway", wrapped(styled(one.anyway, "$warning"), inner)) if one.anyway else ()),
        *labelled("sha256", wrapped(styled(one.sha256, "$muted"), inner)),
        *labelled("files", (_file(path, rows, inner) for path, rows in _files(one))),
    ]
    return Content("\n").join(lines)


def gate_lines(gates: Sequence[GateState], width: int) -> Iterator[Content]:
    """The gates that were not met, each in a line; the others by their number."""
    for gate in gates:
        mark, word, style = GATE_MARKS[gate.state]
        if gate.state != "met":
            said = gate.reason if gate.state == "waived" else gate.missing
            text = one_line(f"{word}: {gate.title}: {said}", width - 2)
            yield Content.assemble((f"{mark} ", f"bold {style}"), (text, style))
    met = sum(gate.state == "met" for gate in gates)
    yield Content.styled(f"✓ {met} met" if gates else "no gate", "$success")


def ahead_content(
    meters: Meters, profile: Profile, gates: Sequence[GateState], ready: Ready | None, width: int
) -> Content:
    """What will be frozen: by the meters at once, and to the row once the rows are gathered."""
    sft = meters.sft_rows if ready is None else len(ready.sft)
    pairs = meters.pairs if ready is None else len(ready.pairs)
    about = "" if ready is not None else "about "
    rows = f"{about}{number(sft)} SFT rows, {number(pairs)} preference pairs"
    inner = max(20, width - LABEL)
    lines = [
        *labelled("rows", wrapped(Content.styled(rows, "bold"), inner)),
        *labelled("splits", wrapped(styled(_parts(profile, ready)), inner)),
        *labelled("gates", gate_lines(gates, inner)),
    ]
    return Content("\n").join(lines)


def _parts(profile: Profile, ready: Ready | None) -> str:
    split = profile.split
    named = zip(split.names, split.shares, strict=False)
    if ready is None:
        shares = ", ".join(f"{name} {share / sum(split.shares):.0%}" for name, share in named)
        return f"{shares} by {split.group_by}"
    counts = [sum(ready.parts[row.turn] == at for row in ready.sft) for at in range(len(split.names))]
    parts = ", ".join(f"{name} {number(n)}" for name, n in zip(split.names, counts, strict=True))
    return f"SFT rows: {parts}; by {split.group_by}"


def difference_content(before: str, after: str, found: Difference, width: int) -> Content:
    """How many rows came, went, changed or moved, and which."""
    counts = [
        ("+", len(found.added), "added", "$success"),
        ("−", len(found.removed), "removed", "$error"),
        ("~", len(found.changed), "changed", "$accent"),
        ("→", len(found.moved), "in another split", "$secondary"),
    ]
    head = Content("   ").join(
        Content.assemble((f"{mark} {number(n)} ", f"bold {style}"), word) for mark, n, word, style in counts
    )
    lines = [*_difference_lines(found, width)]
    if not lines:
        lines = [Content.styled("Both hold the same rows in the same splits.", "$success")]
    shown = lines[:_MOST_ROWS]
    rest = len(lines) - len(shown)
    more = [styled(f"… {number(rest)} more; curator diff {before} {after} --json has all", "$muted")]
    return Content("\n").join([head, Content(), *shown, *(more if rest else [])])


def _difference_lines(found: Difference, width: int) -> Iterator[Content]:
    for mark, style, rows in (("+", "$success", found.added), ("−", "$error", found.removed)):
        for row in rows:
            yield _row(mark, style, row, width)
    for _, row in found.changed:
        yield _row("~", "$accent", row, width)
    for id, old, new in found.moved:
        yield Content.assemble(("→ ", "bold $secondary"), styled(f"{id}  {old} → {new}"))


def _row(mark: str, style: str, row: SftRow | PairRow, width: int) -> Content:
    kind = "pair" if "chosen" in row.__struct_fields__ else "SFT "
    origin = row.origin
    request = next((m["content"] for m in reversed(row.prompt) if m.get("role") == "user"), "")
    where = f"{kind} {origin.source}:{origin.line}  {origin.state} by {origin.reviewer}   {request}"
    return Content.assemble((f"{mark} ", f"bold {style}"), styled(one_line(where, max(8, width - 2))))


def _titled(classes: dict[str, int]) -> dict[str, int]:
    from curator.datasets.meters import CLASS_TITLES

    return {title: classes.get(name, 0) for name, title in CLASS_TITLES.items()}


def _counts(counts: dict[str, int], width: int) -> Iterable[Content]:
    words = ", ".join(f"{name or '—'} {number(n)}" for name, n in counts.items()) or "none"
    return wrapped(styled(words), width)


def _chosen(one: Manifest) -> str:
    tier = f" of tier {one.tier}" if one.tier else ""
    return f"rows{tier} of the turns that {one.query!r} takes" if one.query else f"all rows{tier} that stood"


def _files(one: Manifest) -> Iterator[tuple[str, int]]:
    return ((file.path, file.rows) for file in one.files)


def _file(path: str, rows: int, width: int) -> Content:
    return Content.assemble(styled(one_line(path, width - 16)), (f"   {number(rows)} rows", "$muted"))
