"""What every folder of real logs and datasets gives, against the counts that are known of it.

``python -m tests.ingest.test_counts`` prints the table as it is measured, with the notes below it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from curator.ingest.items import Item, Loss, Options, Seen
from curator.ingest.walk import Found, find_sources
from curator.model import Turn
from curator.store.rows import SessionInfo
from tests.shared import SHARED, needs_shared

# section: where the page on formats beside the data states the counts. rows: dialogues per split
# (train/valid/test), with those
# that were dropped. mended: calls read after a repair. unusable: attempts of calls that are none.
# forms: rows by the syntax of their first call; "unusable" where a row has nothing but such attempts.
TABLE = """
source                                  | section | rows       | turns | calls | mended | unusable | dropped | forms
entropic/logs                           | 1.2     | 29         |    36 |     6 |      0 |        0 |       0 | hermes 2, none 27
entropic/synthetic                      | 7       | 6          |    17 |    13 |      0 |        0 |       1 | hermes 3, none 2, qwen3-xml 1
punie/benchmark                         | 2.2     | 5/5/5      |    15 |     0 |      0 |        0 |       0 | none 15
punie/domain_examples.jsonl             | 2.2     | 66         |    82 |    16 |      0 |        0 |       0 | fence-json 16, none 50
punie/training_examples_poc.jsonl       | 2.2     | 5          |     9 |     4 |      0 |        0 |       0 | none 1, openai 4
punie/downloaded/diverse-python-5k      | 2.2     | 400        |   400 |     0 |      0 |        0 |       0 | none 400
punie/downloaded/glaive-function-calling| 2.2     | 58/7/8     |    73 |     3 |      0 |        0 |       0 | glaive 3, none 70
punie/hand-authored/tool-calling        | 2.2, 7  | 28/1/1     |    67 |    37 |      4 |        0 |       0 | fence-json 30
punie/mlx_format                        | 2.2, 7  | 219/25/7   |   623 |   114 |      3 |      100 |       0 | fence-json 100, none 87, unusable 64
punie/phase24_merged                    | 2.2     | 685/85/87  |  1369 |   647 |    112 |        0 |       0 | bare-python 80, fence-json 8, none 243, qwen3-xml 526
punie/phase26_lsp_final                 | 2.2     | 920/103    |  1524 |   792 |     68 |        0 |       0 | bare-python 60, fence-json 8, none 240, qwen3-xml 715
punie/phase26_lsp_navigation            | 2.2, 7  | 70         |    70 |    66 |     66 |        0 |       0 | bare-python 60, none 10
punie/phase27_tool_responses            | 2.2     | 60         |   120 |    60 |      0 |        0 |       0 | qwen3-xml 60
punie/pytest_training                   | 2.2     | 50         |    50 |    60 |     60 |        0 |       0 | bare-python 40, none 10
punie/qwen-tool-calling                 | 2.2, 7  | 8/1/1      |    10 |     9 |      0 |        1 |       0 | hermes 9, unusable 1
punie/realistic-training                | 2.2     | 68/8/9     |    85 |     0 |      0 |        0 |       0 | none 85
punie/synthetic/tool-calling            | 2.2, 2.3| 85/11/11   |   107 |   107 |      0 |        0 |       0 | openai-in-prose 107
punie-artifacts/validation-json         | 2.5     | 75         |    75 |    66 |      0 |        0 |       0 | none 9, qwen3-xml 66
tarx                                    | 4       | 17         |    17 |     0 |      0 |        7 |       0 | none 10, unusable 7
unified-intelligence-cli/data           | 3.1     | 200        |   197 |     0 |      0 |        0 |       3 | none 197
unified-intelligence-cli/training/data  | 3.2     | 238/29/31/5|   303 |     0 |      0 |        0 |       0 | none 303
"""  # noqa: E501

NOTES = {
    "entropic/logs": "29 of the 75 distinct sessions are here: 2 empty, 22 of one turn, 3 of two user "
    "messages, and 2 of the 3 with calls (2 and 4 calls in 3 and 5 turns).",
    "entropic/synthetic": "the dropped record is the turn that its log breaks off in; one call was executed "
    "out of the thinking.",
    "punie/training_examples_poc.jsonl": "a row with calls is two turns, the calls and the answer.",
    "punie/downloaded/diverse-python-5k": "the first 400 of 4000 rows are here.",
    "punie/hand-authored/tool-calling": "the 4 mended calls are the 4 of invalid JSON (3 train, 1 valid).",
    "punie/mlx_format": "fence-json has 164 rows, as known: in 64 of them every call has arguments whose "
    "text breaks off inside a string, and nothing is left to mend. The 3 mended are those of invalid JSON.",
    "punie/phase24_merged": "110 of the mended calls are Python code, whose arguments without names are "
    "numbered; 2 have an invalid escape. Rows may hold several calls.",
    "punie/phase26_lsp_final": "66 of the mended calls are Python code, 2 have an invalid escape; there is "
    "no test split.",
    "punie/phase26_lsp_navigation": "arguments of Python code that have no names are numbered, which "
    "counts as mending.",
    "punie/qwen-tool-calling": "the unusable call is the row with a literal \\n between its values.",
    "punie-artifacts/validation-json": "three sheets of the same 25 queries.",
    "tarx": "the unusable calls are prose ([Calling x with …]); excerpts of two files are here.",
    "unified-intelligence-cli/data": "the first 200 of 302 rows are here, with 3 of the 4 failures; a "
    "failure has no output, so nothing to review.",
    "unified-intelligence-cli/training/data": "the last 5 rows are test_small.jsonl, a part of the test "
    "split.",
}
"""Why a row of the table is not what its section says at first sight."""

UNREAD = {
    "MANIFEST.md": "prose",
    "punie/training_examples_1k.jsonl": "empty",
    "punie/phase26_lsp_final/metadata.json": "counts of the dataset beside it",
    "punie-artifacts/adapter-config": "configuration",
    "punie-artifacts/eval-html": "reports without the outputs themselves",
    "punie-artifacts/train-logs": "training logs",
    "tarx/glyph_smoke-build_calls.jsonl": "timings of calls, without their texts",
    "tarx/glyph_smoke-eval-email_dataset.excerpt.jsonl": "made dialogues of another schema",
    "tarx/lora_config.yaml": "configuration",
    "tarx/tarx-adapters.adapter_config.json": "configuration",
    "unified-intelligence-cli/benchmarks": "questions without answers",
    "unified-intelligence-cli/results": "figures",
    "unified-intelligence-cli/training/data/metadata.json": "counts of the dataset beside it",
    "vectors": "test vectors of parsers",
}
"""What no reader takes, and what it is."""

_OWN_PROBLEMS = {"repaired", "unclosed_think", "executed_in_thinking"}
_SPLITS = ("train", "valid", "test", "")


class Counts(NamedTuple):
    """One row of the table, without its place."""

    rows: str
    turns: int
    calls: int
    mended: int
    unusable: int
    dropped: int
    forms: str


class Tally:
    """Counts what readers yield for the sources of one row."""

    def __init__(self) -> None:
        self._splits: Counter[str] = Counter()
        self._forms: dict[str, str] = {}
        self._counts: Counter[str] = Counter()

    def source(self, found: Found) -> None:
        """Add everything that one source holds."""
        assert found.reader
        forms: dict[str, str] = {}
        splits: dict[str, str] = {}
        for item in found.reader.read(found.source, Options()):
            self._item(item, forms, splits)
        self._splits.update(splits.values())
        self._forms |= {f"{found.source.path} {session}": form for session, form in forms.items()}

    def _item(self, item: Item, forms: dict[str, str], splits: dict[str, str]) -> None:
        if isinstance(item, SessionInfo):
            forms.setdefault(item.key, "none" if item.turns else "empty")
            splits.setdefault(item.key, "")
        elif isinstance(item, Turn):
            splits[item.session] = str(item.labels.get("split", ""))
            forms[item.session] = self._turn(item, forms[item.session])
        elif isinstance(item, Seen):
            self._counts["seen"] += item.records
        elif isinstance(item, Loss):
            self._counts["dropped"] += item.records

    def _turn(self, turn: Turn, form: str) -> str:
        calls = turn.output.tool_calls
        unusable = sum(problem.code not in _OWN_PROBLEMS for problem in turn.output.problems)
        self._counts["turns"] += 1
        self._counts["calls"] += len(calls)
        self._counts["mended"] += sum(call.status == "repaired" for call in calls)
        self._counts["unusable"] += unusable
        if form not in ("none", "unusable"):
            return form
        return calls[0].syntax if calls else "unusable" if unusable else form

    @property
    def unexplained(self) -> int:
        """Generations that are neither turns nor dropped."""
        return self._counts["seen"] - self._counts["turns"] - self._counts["dropped"]

    def counts(self, rows_dropped: bool) -> Counts:
        """Return the row; dropped records are rows of their own where rows are single answers."""
        if rows_dropped:
            self._splits[""] += self._counts["dropped"]
        forms = Counter("none" if form == "empty" else form for form in self._forms.values())
        return Counts(
            rows="/".join(str(self._splits[split]) for split in _SPLITS if self._splits[split]),
            turns=self._counts["turns"],
            calls=self._counts["calls"],
            mended=self._counts["mended"],
            unusable=self._counts["unusable"],
            dropped=self._counts["dropped"],
            forms=", ".join(f"{form} {count}" for form, count in sorted(forms.items())),
        )


def expected() -> dict[str, Counts]:
    """Return the rows of the table by their source."""
    lines = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()[1:]]
    return {
        source: Counts(rows, int(turns), int(calls), int(mended), int(unusable), int(dropped), forms)
        for source, _, rows, turns, calls, mended, unusable, dropped, forms in lines
    }


def sources(place: str) -> Iterator[Found]:
    """Yield what readers take below a place of the shared folder."""
    return (found for found in find_sources([SHARED / place]) if found.reader)


def measured(place: str) -> Counts:
    """Read everything below a place."""
    tally = Tally()
    for found in sources(place):
        tally.source(found)
    assert tally.unexplained == 0
    return tally.counts(rows_dropped=not place.startswith("entropic"))


@needs_shared
@pytest.mark.parametrize("place", expected())
def test_counts(place: str) -> None:
    if not (SHARED / place).exists():
        pytest.skip(f"{place} is not here")
    assert measured(place) == expected()[place]


@needs_shared
def test_every_file_is_in_the_table_or_known_to_be_something_else() -> None:
    known = {SHARED / place for place in expected()}
    for found in find_sources([SHARED]):
        path = found.source.path
        places = {path, *path.parents}
        if found.reader:
            assert places & known, path
        else:
            assert places & {SHARED / place for place in UNREAD}, path


def test_notes_are_about_rows_of_the_table() -> None:
    assert set(NOTES) <= set(expected())


def print_table(root: Path = SHARED) -> None:
    """Print what is measured now, a line per source, then the notes."""
    heads, *lines = ([cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines())
    rows = [
        [place, section, *map(str, measured(place))]
        for place, section, *_ in lines
        if (root / place).exists()
    ]
    widths = [max(len(row[i]) for row in [heads, *rows]) for i in range(len(heads))]
    for row in [heads, *rows]:
        print(" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    for place, note in NOTES.items():
        print(f"{place}: {note}")


if __name__ == "__main__":
    print_table()
