"""Lines of the Dataset screen: no wider than asked, whatever stands in names; differences lose no text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from curator.datasets import GateState, Meters, bands, coverage
from curator.datasets.frozen import Difference, FrozenFile, Manifest
from curator.datasets.lengths import Lengths, lengths
from curator.datasets.shares import Shares
from curator.datasets.tiers import TierState
from curator.jobs import QuietProgress
from curator.profiles import CoverageItem, Profile, Tier
from curator.store import TierCounts
from curator.tui.likeness import differences
from curator.tui.widgets.frozen_lines import card_content, difference_content, set_line
from curator.tui.widgets.job_line import job_words
from curator.tui.widgets.meter_lines import Board, bar, board_entries
from curator.tui.widgets.plot_lines import bars, histogram, most_bins, plot_content
from curator.tui.widgets.tier_table import tier_entries

HOSTILE = "[/][red]x\x1b[31m\u202e" + "名" * 40
WIDTHS = (76, 90, 118, 156, 246)


def lines(text: str) -> list[str]:
    return text.split("\n")


def test_the_board_fits_and_shows_hostile_names() -> None:
    profile = Profile(
        name=HOSTILE,
        tiers={HOSTILE: Tier(target_rows=900_000)},
        bands={"none": (0.2, 0.4), "one": (0.1, 0.2)},
        coverage={"a": CoverageItem(title=HOSTILE, tag="t")},
    )
    meters = Meters(turns=2_000_000, sft_rows=30_000, classes={"none": 10_000, "one": 20_000})
    gates = (
        GateState("g", HOSTILE, "open", HOSTILE),
        GateState("w", HOSTILE, "waived", reason=HOSTILE),
        GateState("m", "met", "met"),
    )
    board = Board(meters, profile, gates, bands(meters, profile), coverage(meters, profile), {})
    for width in WIDTHS:
        entries = board_entries(board, width)
        shown = "\n".join(entry.content.plain for entry in entries)
        assert "\x1b" not in shown and "\u202e" not in shown and "[/][red]x␛" in shown
        for entry in entries:
            assert all(line.cell_length <= width for line in entry.content.split("\n")), (width, entry)
        assert [entry.key for entry in entries if entry.key][:3] == ["band:none", "band:one", "band:several"]
        assert "▲ too many" in shown and "✓ ok" in shown and "~ waived" in shown


def test_a_bar_shows_what_is_wanted_and_what_is_too_much() -> None:
    assert bar(0.25, 8, "$primary", (0.5, 0.75)).plain == "██··▒▒··"
    assert bar(1.0, 8, "$primary", (0.0, 0.5)).plain == "████▓▓▓▓"
    assert bar(0.001, 8, "$primary").plain == "█·······" and bar(0.0, 4, "$primary").plain == "····"


COUNTS = st.dictionaries(st.text(max_size=40), st.integers(0, 10**7), min_size=1, max_size=20)


@given(COUNTS, st.integers(40, 120))
def test_bars_fit_and_the_rest_is_counted(counts: dict[str, int], width: int) -> None:
    drawn = list(bars(counts, width, 5))
    assert all(line.cell_length <= width for line in drawn)
    assert len(drawn) == min(5, len(counts)) + (len(counts) > 5)
    if len(counts) > 5:
        assert f"{len(counts) - 5} more" in drawn[-1].plain


@given(
    st.dictionaries(st.integers(0, 200), st.integers(1, 10_000), min_size=1),
    st.integers(0, 9000),
    st.sampled_from(WIDTHS),
)
def test_a_histogram_fits_and_shows_every_row(counts: dict[int, int], budget: int, width: int) -> None:
    meters = Meters(tally={"tokens": {str(32 * n): rows for n, rows in counts.items()}})
    found = lengths(meters, Profile(name="p"), most_bins(width))
    found = Lengths(**{name: getattr(found, name) for name in found.__struct_fields__} | {"budget": budget})
    each = (width - 3) // 2 if width >= 100 else width
    drawn = list(histogram(found, each, 8))
    assert all(line.cell_length <= each for line in drawn[:-1])
    gutter = drawn[7].plain.index("┤") + 1
    wide = max(1, (each - gutter) // len(found.bins))
    for at, rows in enumerate(found.bins):
        assert (drawn[7].plain.ljust(each)[gutter + at * wide] != " ") == bool(rows)
    assert f"{budget:,}".replace(",", "\u202f") in drawn[-1].plain or not budget


def test_plots_fit_with_hostile_names() -> None:
    shares = Shares(
        tools={HOSTILE: 3, "other": 0},
        classes={"none": 1, "one": 2, "several": 0},
        origins={"real": 3},
        sources={f"/logs/{HOSTILE}/{n}.jsonl": n for n in range(20)},
    )
    found = Lengths(rows=3, bins=(1, 0, 2), longest=90, median=64, p95=90, budget=64, over=2)
    for width in WIDTHS:
        content = plot_content(shares, found, width, tall=False)
        assert all(line.cell_length <= width for line in content.split("\n")), width
        assert "\x1b" not in content.plain and "2 rows over it" in content.plain


def test_tiers_fit() -> None:
    tiers = [
        TierState(TierCounts(HOSTILE, 1_000_000, 900_000, 1_000_000, 800_000, 1_000, 900_000), 900_000),
        TierState(TierCounts("small"), 0),
    ]
    for width in WIDTHS:
        shown = tier_entries(tiers, width)
        assert all(entry.content.cell_length <= width for entry in shown), width
        assert shown[1].key == f"tier:{HOSTILE}" and "100\u202f000 more" in shown[1].content.plain
        assert shown[3].content.plain.startswith("all")
    assert "counting" in tier_entries(None, 80)[0].content.plain
    assert "No tier yet" in tier_entries([], 80)[0].content.plain


def test_a_card_says_everything() -> None:
    manifest = Manifest(
        name="first",
        number=3,
        sha256="ab" * 32,
        created="2026-03-04T18:00:00.000000+00:00",
        created_by=HOSTILE,
        curator="1",
        profile=HOSTILE,
        profile_sha256="cd" * 32,
        query="tier:code",
        files=(FrozenFile("train/sft.jsonl", "sft", "train", 1200, ""),),
        classes={"none": 3},
        tiers={HOSTILE: 3},
        gates=(GateState("g", "a gate", "waived", reason="a pilot (ann)"),),
        anyway="only to see",
    )
    for width in WIDTHS:
        content = card_content(manifest, width)
        assert all(line.cell_length <= width for line in content.split("\n")), width
        for said in (
            "train",
            "1\u202f200",
            "tier:code",
            "a pilot (ann)",
            "only to see",
            "2026-03-04 18:00:00",
        ):
            assert said in content.plain, said
        assert set_line(manifest, width).cell_length <= width and "\x1b" not in content.plain
    assert "same rows" in difference_content("a", "b", Difference((), (), (), ()), 80).plain


WORDS = st.lists(st.sampled_from(["the", "hall", "light", " ", "\n", "▌", "off", "\x1b", "名"]), max_size=30)


@given(WORDS, WORDS)
def test_differences_are_all_that_differs(one: list[str], other: list[str]) -> None:
    left, right, count = differences("".join(one), "".join(other))
    assert (count == 0) == ("".join(one) == "".join(other))
    same = []
    for content in (left, right):
        kept, inside = [], False
        for at, sign in enumerate(content.plain):
            styles = {str(span.style) for span in content.spans if span.start <= at < span.end}
            inside = bool(styles)
            if not inside:
                kept.append(sign)
        same.append("".join(kept))
    assert same[0] == same[1]


def test_a_job_says_how_far_it_is() -> None:
    progress = QuietProgress()
    assert job_words(progress, 0).plain == "beginning …   esc cancels"
    progress.begin("reading turns", 1000)
    progress.advance(250)
    assert "250 of 1\u202f000 · 125/s · 0:06 left" in job_words(progress, 2.0).plain
    progress.cancelled = True
    assert "stopping" in job_words(progress, 2.0).plain
