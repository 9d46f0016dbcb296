"""What is said of a path before it is read, and how typed paths are understood."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.ingest import ingest
from curator.ingest.looking import look
from curator.ingest.typed_paths import Entry, path_entries, shared_start, typed_path
from curator.text import size_words
from tests.shared import ROOT

ROW = json.dumps({"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "ho"}]})


@given(st.text(st.characters(exclude_characters="\0\n\r", exclude_categories=("Cs",)), min_size=1))
def test_a_path_that_a_shell_would_quote_is_understood(name: str) -> None:
    assert str(typed_path(shlex.quote(f"/x/{name}"))) == str(Path(f"/x/{name}"))


@pytest.mark.parametrize(
    "text", ["/x/a b.log", "'/x/a b.log'", '"/x/a b.log"', "/x/a\\ b.log", "file:///x/a%20b.log"]
)
def test_pasted_and_dropped_paths(text: str) -> None:
    assert typed_path(f" {text} ") == Path("/x/a b.log")


def test_home_and_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ann")
    monkeypatch.setenv("LOGS", "/srv/logs")
    assert typed_path("~/logs") == Path("/home/ann/logs")
    assert typed_path("$LOGS/a") == Path("/srv/logs/a")


def test_entries_of_a_folder(tmp_path: Path) -> None:
    for name in ("beta.jsonl", "bees.jsonl", "alpha.jsonl", ".hidden"):
        (tmp_path / name).write_text("")
    (tmp_path / "box").mkdir()
    found = path_entries(f"{tmp_path}/b")
    assert found == [
        Entry(f"{tmp_path}/box/", True),
        Entry(f"{tmp_path}/bees.jsonl", False),
        Entry(f"{tmp_path}/beta.jsonl", False),
    ]
    assert shared_start([entry.text for entry in found[1:]]) == f"{tmp_path}/be"
    assert [entry.text for entry in path_entries(f"{tmp_path}/.")] == [f"{tmp_path}/.hidden"]
    assert path_entries(f"{tmp_path}/nowhere/x") == []
    assert path_entries("a\0b/") == []


def test_look_counts_what_an_ingest_reads(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(ROW + "\n")
    (tmp_path / "b.jsonl").write_text(ROW + "\n" + ROW + "\n")
    (tmp_path / "notes.bin").write_bytes(b"\x00\x01")
    seen = look(tmp_path)
    report = ingest(None, [tmp_path], dry_run=True)
    assert seen.sources == sum(source.sessions > 0 for source in report.sources) == 2
    assert seen.refused == len(report.sources) - 2 == 1
    assert seen.describe().startswith("2 × chat rows (`messages`), ")
    assert seen.describe().endswith("1 other file, left out")


def test_look_ends_where_it_is_told_to(tmp_path: Path) -> None:
    for n in range(5):
        (tmp_path / f"{n}.jsonl").write_text(ROW + "\n")
    assert look(tmp_path, most=3).sources == 3
    assert look(tmp_path, most=3).describe().endswith("and more")
    assert not look(tmp_path, is_cancelled=lambda: True).is_whole


def test_look_says_why_nothing_can_be_read(tmp_path: Path) -> None:
    assert "no such file" in look(tmp_path / "x").describe()
    assert "empty" in look(tmp_path).describe()
    (tmp_path / "a.bin").write_bytes(b"\x00")
    assert "no format" in look(tmp_path / "a.bin").describe()


def test_the_demo_log_is_known() -> None:
    assert look(ROOT / "data" / "demo" / "log.jsonl").sources == 1


@pytest.mark.parametrize(
    ("size", "words"), [(0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (2.5e9, "2.5 GB")]
)
def test_sizes(size: int, words: str) -> None:
    assert size_words(size) == words
