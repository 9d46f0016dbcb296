"""The lines around the columns: header, meters, status, keys. Pure functions that return content."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from textual.content import Content

from curator.model import Finding, Resolution
from curator.text import clip, display_text, one_line
from curator.tui.blocks import MARKS, STYLES, number, styled
from curator.tui.commands import Command, commands, show_key
from curator.tui.commands.base import BACK, EDIT, MISSING, TRAIN, command_named, key_of
from curator.tui.marks import hidden_mark, tag_marks

if TYPE_CHECKING:
    from curator.datasets import BandState, CoverageState, GateState, Meters
    from curator.profiles import Profile
    from curator.review import Card
    from curator.tui.flow import Helped

STATE_MARKS = {
    "undecided": ("·", "undecided", "$muted"),
    "correct": ("✓", "correct", "$success"),
    "incorrect": ("✗", "incorrect", "$error"),
    "corrected": ("✎", "corrected", "$accent"),
    "skipped": ("–", "skipped", "$muted"),
}

CHECK_WORDS = {
    "coherence": "think ≠ call",
    "execution": "log ≠ output",
    "schema_violation": "schema",
    "outcome": "tool error",
    "repeated_call": "repeated",
}

_WIDE_BAR = 14
_NARROW_BAR = 5
_WIDE = 110
_ROOMY = 144
_ROOM_FOR_REST = len(" · +99 more · ")
_LEAST = 8
_ANY_TURN = "verdict:none"
_BAND_WORDS = {"ok": ("ok", "$success"), "low": ("low", "$warning"), "high": ("high", "$warning")}


def header_line(
    profile: Profile,
    card: Card,
    at: int,
    total: int,
    width: int,
    helping: str = "",
    drafted: bool = False,
) -> Content:
    """Where this turn stands, at the left; what is known about it, at the right."""
    turn, session = card.turn, card.session
    wide = width >= _WIDE
    right = _known(card, wide, drafted)
    started = (turn.timestamp or session.started_at or "")[:16].replace("T", " ")
    when = display_text(started, keep_newlines=False)
    name = display_text(session.name or session.key, keep_newlines=False)
    title = display_text(" · ".join(word for word in (profile.name, turn.tier) if word), keep_newlines=False)
    turns = max(session.turns, len(card.session_turns), turn.index + 1)
    place = f"turn {turn.index + 1} of {turns}"
    position = f"{number(at + 1)} of {number(total)}"
    room = width - right.cell_length - len(title) - len(position) - len(place) - (20 if wide else 14)
    rule = (" ─ ", "$faint")
    parts = [Content.styled(f" {title}", "bold $primary")]
    if helping:
        parts = parts if wide else []
        words = one_line(f"helping: {helping}", max(24, room if wide else room + len(title)))
        parts.append(
            Content.assemble(
                "" if wide else " ", (words, "bold $accent"), (" · ", "$faint"), (position, "bold")
            )
        )
    else:
        parts.append(Content.styled(position, "bold"))
        said = clip(f"{name} {when[11:] if when[:10] in name else when}".strip(), max(_LEAST, room))
        parts += [Content.styled(said, "$muted")] if wide or room >= _LEAST else []
    parts.append(Content.assemble(place, (f" #{turn.id}" if wide else "", "$muted")))
    left = Content.assemble(rule).join(parts)
    return spread(left, right, width)


def _known(card: Card, wide: bool, drafted: bool) -> Content:
    """What people decided and marked on a turn, and what the checks found."""
    resolution = card.resolution
    parts = [
        Content.styled(f"✎ draft · {key_of(EDIT)}" if wide else "✎", "bold $warning")
        if drafted
        else Content(),
        state_badge(resolution, card.reason),
        tag_marks(resolution.tags, wide),
        hidden_mark(resolution.redactions),
        badges(card.findings, 3 if wide else 1),
    ]
    return Content("  ").join(part for part in parts if part)


def state_badge(resolution: Resolution, reason: str | None) -> Content:
    """Who decided what on this turn; empty while nobody has."""
    if resolution.state == "undecided":
        return Content()
    mark, word, style = STATE_MARKS[resolution.state]
    by = f" by {display_text(resolution.reviewer, keep_newlines=False)}" if resolution.reviewer else ""
    why = f": {reason.replace('_', ' ')}" if reason else ""
    return Content.styled(f"{mark} {word}{by}{display_text(why)}", f"bold {style}")


def badges(findings: Sequence[Finding], most: int) -> Content:
    """The findings in a word each, the gravest first, equal ones once."""
    order = sorted(findings, key=lambda f: list(MARKS).index(f.severity))
    words = list(dict.fromkeys((check_word(f.check), f.severity) for f in order))
    parts = [Content.styled(f"{MARKS[s]} {w}", f"bold {STYLES[s]}") for w, s in words[:most]]
    if len(words) > most:
        parts.append(Content.styled(f"+{len(words) - most}", "$muted"))
    return Content("  ").join(parts)


def check_word(check: str) -> str:
    """Return the short word for a check."""
    return CHECK_WORDS.get(check, display_text(check.replace("_", " "), keep_newlines=False))


def meter_lines(
    meters: Meters,
    bands: Sequence[BandState],
    gates: Sequence[GateState],
    covered: Sequence[CoverageState],
    profile: Profile,
    width: int,
) -> Content:
    """The composition against its bands, the rows so far, and what is missing before training."""
    wide = width >= _WIDE
    bar = _WIDE_BAR if width >= _ROOMY else _NARROW_BAR
    band_line = Content("   " if wide else "  ").join(band_meter(band, profile, bar) for band in bands)
    rows = Content("   " if wide else "  ").join(_rows(meters, covered, profile))
    if not wide:
        rows = Content("  ").join([rows, _decided(meters)])
        lines = (band_line, rows, missing_line(gates, width - 1))
        return Content("\n").join(_fit(Content(" ") + line, width) for line in lines)
    first = spread(Content(" ") + band_line, _decided(meters), width)
    rows = Content(" ") + rows
    missing = missing_line(gates, width - rows.cell_length - 5)
    return Content("\n").join([first, spread(rows, missing, width)])


def missing_line(gates: Sequence[GateState], room: int) -> Content:
    """What is missing before training: what only certain turns can bring comes before what any brings."""
    waived = sum(gate.state == "waived" for gate in gates)
    passed = f" · ~{waived} waived" if waived else ""
    missing = most_useful(gates)
    if not missing:
        return Content.assemble(
            ("✓ ready to train", "bold $success"), (f"{passed} · {key_of(TRAIN)}", "$muted")
        )
    line = Content.assemble(("to train: ", "$muted"), styled(one_line(missing[0].missing, 60), "$warning"))
    shown = 1
    for gate in missing[1:]:
        longer = Content.assemble(line, (" · ", "$faint"), styled(one_line(gate.missing, 60), "$warning"))
        if longer.cell_length + _ROOM_FOR_REST + len(key_of(MISSING)) + len(passed) > room:
            break
        line, shown = longer, shown + 1
    rest = f" · +{len(missing) - shown} more" if shown < len(missing) else ""
    end = Content.assemble(
        (f"{rest}{passed}", "$muted"), (" · ", "$faint"), (key_of(MISSING), "bold $accent")
    )
    return _fit(line, room - end.cell_length) + end


def helping_words(helps: Helped | None, gates: Sequence[GateState]) -> str:
    """Say what a queue of turns still helps with; empty for the whole queue."""
    if helps is None:
        return ""
    gate = next((gate for gate in gates if helps.gate and gate.id == helps.gate), None)
    return helps.missing if gate is None else gate.missing or f"✓ met · {key_of(BACK)} goes back"


def most_useful(gates: Sequence[GateState]) -> list[GateState]:
    """Return the open gates: first those that certain turns help, then any turn, then none that is known."""
    return sorted((gate for gate in gates if gate.state == "open"), key=_helped_by)


def _helped_by(gate: GateState) -> int:
    if gate.query == _ANY_TURN:
        return 1
    return 0 if gate.query or gate.detector else 2


def key_line(areas: tuple[str, ...], width: int, has_turn: bool = True) -> Content:
    """The keys that do something here, as many as fit; the key that shows the others always does.

    Without a turn, commands that need one are left out.
    """
    return _key_line(areas, width, has_turn, tuple(Command.remapped.items()))


@lru_cache(maxsize=16)
def _key_line(
    areas: tuple[str, ...],
    width: int,
    has_turn: bool,
    remapped: tuple[tuple[str, tuple[str, ...]], ...],
) -> Content:
    shown = [
        command
        for area in areas
        for command in commands(area)
        if command.hint and (has_turn or not command.needs_turn)
    ]
    shown.sort(key=lambda command: command.rank)
    last = [command for command in shown if command.hint == "keys"]
    parts = [_key(command) for command in shown if command not in last]
    end = Content("  ").join(_key(command) for command in last)
    line = Content(" ")
    for part in parts:
        if line.cell_length + part.cell_length + end.cell_length + 3 > width:
            break
        line = Content.assemble(line, part, "  ")
    return line + end


def chosen_keys(keys: Sequence[tuple[str, str]], width: int) -> Content:
    """Keys with a word each, as many as fit; the last two always do."""
    parts = [Content.assemble((key, "bold $accent"), " ", word) for key, word in keys]
    end = Content("  ").join(parts[-2:])
    line = Content(" ")
    for part in parts[:-2]:
        if line.cell_length + part.cell_length + end.cell_length + 3 > width:
            break
        line = Content.assemble(line, part, "  ")
    return line + end


def field_key(command_id: str) -> str:
    """Return a key of a command that a text field does not take for a letter; else its first one."""
    from textual.keys import key_to_character

    keys = command_named(command_id).current_keys()
    return show_key(next((key for key in keys if key_to_character(key) is None), keys[0]))


def tab_line(titles: Sequence[str], active: int, hint: str) -> Content:
    """The tabs of a narrow terminal, the active one reversed and in brackets."""
    parts = [
        Content.styled(f"[{title}]", "bold reverse $primary")
        if at == active
        else Content.styled(f" {title} ", "$muted")
        for at, title in enumerate(titles)
    ]
    return Content.assemble(" ", Content(" ").join(parts), (f"   {hint}", "$muted"))


def spread(left: Content, right: Content, width: int) -> Content:
    """Put one text at the left end and one at the right end; the left one yields where room is short."""
    room = width - right.cell_length - 2
    if left.cell_length > room:
        left = left.truncate(max(0, room), ellipsis=True)
    gap = max(1, width - left.cell_length - right.cell_length - 1)
    return Content.assemble(left, " " * gap, right)


def _fit(line: Content, width: int) -> Content:
    return line.truncate(width, ellipsis=True) if line.cell_length > width else line


def _key(command: type[Command]) -> Content:
    return Content.assemble((command.shown_key(), "bold $accent"), " ", (command.hint, ""))


def band_meter(band: BandState, profile: Profile, bar: int, room: int = 0) -> Content:
    """The share of one class as a bar of ``bar`` cells, with a word on how it stands."""
    wanted = band.id in profile.bands
    word, style = _BAND_WORDS.get(band.state, ("", "$muted")) if wanted else ("", "$muted")
    limits = f" {band.low:.0%}–{band.high:.0%}" if wanted and bar >= _WIDE_BAR else ""
    return Content.assemble(
        (f"{band.title.ljust(room)} ", "$muted"),
        _bar(band, wanted, bar),
        f" {band.share:.0%} ",
        (word or ("empty" if wanted else ""), f"bold {style}"),
        (limits, "$muted"),
    )


def _bar(band: BandState, wanted: bool, width: int) -> Content:
    """A bar of the share; the range that the profile wants is the thick part of its ground."""
    filled = round(band.share * width)
    if band.count and not filled:
        filled = 1
    style = _BAND_WORDS.get(band.state, ("", "$primary"))[1] if wanted else "$primary"
    cells = [("━", style)] * filled
    for at in range(filled, width):
        inside = wanted and band.low <= (at + 0.5) / width <= band.high
        cells.append(("╍", "$muted") if inside else ("─", "$faint"))
    return Content.assemble(*cells)


def _rows(meters: Meters, covered: Sequence[CoverageState], profile: Profile) -> list[Content]:
    wanted = sum(tier.target_rows for tier in profile.tiers.values()) or profile.gates.min_sft_rows
    counts = [("SFT", meters.sft_rows, wanted), ("pairs", meters.pairs, profile.gates.min_pairs)]
    if covered:
        counts.append(("coverage", sum(item.state == "met" for item in covered), len(covered)))
    return [*(_count(*count) for count in counts), _count("KTO", meters.kto_rows, 0)]


def _count(title: str, have: int, wanted: int) -> Content:
    style = "bold $success" if wanted and have >= wanted else "bold"
    of = f"/{number(wanted)}" if wanted else ""
    return Content.assemble((f"{title} ", "$muted"), (number(have), style), (of, "$muted"))


def _decided(meters: Meters) -> Content:
    return Content.assemble(
        ("decided ", "$muted"), (number(meters.decided), "bold"), (f" of {number(meters.turns)}", "$muted")
    )
