"""Logs that grow, are rewritten, repeat their history, or whose ingest was killed half way."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.errors import CuratorError
from curator.ingest import IngestReport, ingest, parts, pool, work
from curator.ingest.items import Item, Options, Source
from curator.ingest.lineage import Lineage
from curator.ingest.lines import Part, read_lines
from curator.ingest.parts import Prefix
from curator.ingest.readers.chat import ChatReader
from curator.store import Store
from tests.ingest.test_chat import ASK, GOOD, SAY, row, write


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "db" / "curator.db")
    yield opened
    opened.close()


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", 300)
    monkeypatch.setattr(parts, "_BLOCK_BYTES", 100)


def proxy_log(sessions: int, named: bool, seed: int = 3) -> list[str]:
    """Rows as a proxy writes them: every request with its whole history, sessions mixed."""
    rng, lines = random.Random(seed), []
    histories: list[list[dict[str, str]]] = [
        [{"role": "system", "content": f"S{n}"}] for n in range(sessions)
    ]
    for number in range(sessions * 4):
        session = rng.randrange(sessions)
        call = f'<tool_call>{{"name": "look", "arguments": {{"n": {rng.randrange(3)}}}}}</tool_call>'
        histories[session] += [
            {"role": "user", "content": f"u{number}"},
            {"role": "assistant", "content": f"<think>t{number}</think>{call}"},
        ]
        lines.append(row(*histories[session], **({"session_id": f"s{session}"} if named else {})))
    return lines


def contents(store: Store) -> list[tuple[object, ...]]:
    """Everything that is stored, without the ids."""
    turns = [store.turns.get(i) for i in store.turns.ids()]
    return sorted(
        (t.key, t.session, t.index, t.raw, t.source.line, len(t.prompt), len(store.turns.findings(t.id)))
        for t in turns
    )


@pytest.mark.parametrize("named", [True, False])
def test_a_proxy_log_gives_every_answer_once(
    tmp_path: Path, store: Store, small_parts: None, named: bool
) -> None:
    lines = proxy_log(6, named)
    report = ingest(store, [write(tmp_path, *lines)])
    assert report.totals.turns == report.totals.new_turns == len(lines) == store.turns.count()
    assert report.totals.sessions == 6 == len({store.turns.get(i).session for i in store.turns.ids()})
    assert report.totals.history > 0 and report.unexplained == 0
    again = ingest(None, [tmp_path / "c.jsonl"], dry_run=True).totals
    assert (again.turns, again.sessions, again.history) == (len(lines), 6, report.totals.history)


@pytest.mark.parametrize("named", [True, False])
def test_parts_and_processes_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: bool
) -> None:
    log = write(tmp_path, *proxy_log(5, named), GOOD, GOOD, "torn {", GOOD)
    seen: list[tuple[IngestReport, list[tuple[object, ...]]]] = []
    for number, (size, workers, turns) in enumerate(
        [(1 << 20, 0, 1000), (300, 0, 1000), (900, 2, 1000), (900, 0, 2)]
    ):
        monkeypatch.setattr(work, "BATCH_TURNS", turns)
        monkeypatch.setattr(parts, "PART_BYTES", size)
        monkeypatch.setattr(parts, "_BLOCK_BYTES", 100)
        store = Store.open(tmp_path / f"{number}.db")
        report = ingest(store, [log], workers=workers)
        seen.append((report, contents(store)))
        store.close()
    assert all(one == seen[0] for one in seen)
    assert seen[0][0].sources[0].dropped[0].first.startswith(f"{log}:23: the line is not JSON")


@pytest.mark.parametrize("named", [True, False])
def test_a_grown_log_is_read_from_where_it_ended(tmp_path: Path, small_parts: None, named: bool) -> None:
    lines = [*proxy_log(4, named), GOOD, GOOD]
    grown, whole = Store.open(tmp_path / "a.db"), Store.open(tmp_path / "b.db")
    log = write(tmp_path, *lines[:7])
    ingest(grown, [log])
    log = write(tmp_path, *lines)
    report = ingest(grown, [log])
    assert report.totals.new_turns == len(lines) - 7
    expected = ingest(whole, [log])
    assert contents(grown) == contents(whole)
    report.sources[0].new_turns = expected.sources[0].new_turns
    assert report == expected
    (source,) = grown.sources.all()
    assert source.complete and source.size == log.stat().st_size
    assert source.sha256 == whole.sources.all()[0].sha256 == grown.turns.source(1).sha256
    grown.close()
    whole.close()


def test_only_the_tail_of_a_grown_log_is_read(
    tmp_path: Path, store: Store, small_parts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = write(tmp_path, *[row(ASK, {**SAY, "content": str(n)}) for n in range(40)])
    ingest(store, [log])
    size = log.stat().st_size
    with log.open("a") as file:
        file.write(GOOD + "\n")
    read: list[int] = []
    real = parts.Prefix.cuts

    def cuts(self: Prefix, line: int) -> Iterator[parts.Cut]:
        for cut in real(self, line):
            read.append(cut.part.start)
            yield cut

    monkeypatch.setattr(parts.Prefix, "cuts", cuts)
    report = ingest(store, [log])
    assert read == [size] and report.totals.turns == 41 and report.totals.new_turns == 1
    assert store.turns.get(41).source.line == 41 and store.turns.get(41).source.start == size


def test_an_unfinished_last_line_is_read_again(tmp_path: Path, store: Store) -> None:
    log = tmp_path / "c.jsonl"
    later = row(ASK, {**SAY, "content": "later"})
    log.write_text(GOOD + "\n" + later[:20])
    report = ingest(store, [log])
    assert report.totals.turns == 1 and [d.code for d in report.sources[0].dropped] == ["invalid_json"]
    log.write_text(GOOD + "\n" + later)
    report = ingest(store, [log])
    assert (report.totals.turns, report.totals.new_turns, report.totals.dropped) == (2, 1, 0)
    assert ingest(store, [log]).totals.new_turns == 0
    assert len(store.sources.all()) == 1


def test_a_rewritten_log_is_a_new_source(tmp_path: Path, store: Store) -> None:
    log = write(tmp_path, GOOD, row(ASK, {**SAY, "content": "old"}))
    ingest(store, [log])
    write(tmp_path, row(ASK, {**SAY, "content": "new"}), GOOD)
    report = ingest(store, [log])
    assert (report.totals.turns, report.totals.new_turns, store.turns.count()) == (2, 1, 3)
    first, second = store.sources.all()
    assert first.replaced and not second.replaced and first.sha256 != second.sha256
    assert store.turns.source(2).sha256 == first.sha256, "what was read then stood in the file of then"
    assert store.turns.source(3).sha256 == second.sha256


def test_another_version_of_a_reader_reads_again(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from curator.ingest.readers.chat import ChatReader

    log = write(tmp_path, GOOD, GOOD)
    ingest(store, [log])
    monkeypatch.setattr(ChatReader, "version", 99)
    report = ingest(store, [log])
    assert (report.totals.turns, report.totals.new_turns) == (2, 0)
    (source,) = store.sources.all()
    assert source.reader == "chat/99" and len(store.sources.segments(source.id)) == 1


def test_an_ingest_that_is_killed_is_taken_up(tmp_path: Path) -> None:
    lines = [row(ASK, {**SAY, "content": f"{n} " * 200}) for n in range(4000)]
    log = write(tmp_path, *lines)
    program = (
        "import sys; from pathlib import Path; from curator.ingest import ingest, parts; "
        "from curator.store import Store; parts.PART_BYTES = parts._BLOCK_BYTES = 50_000; "
        "ingest(Store.open(sys.argv[1]), [Path(sys.argv[2])], workers=2)"
    )
    database = tmp_path / "killed.db"
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(database), str(log)], start_new_session=True
    )
    while process.poll() is None and rows_in(database) < 300:
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    before = rows_in(database)
    assert 300 <= before < 4000, "it was killed too late to tell anything"
    killed, whole = Store.open(database), Store.open(tmp_path / "whole.db")
    report, expected = ingest(killed, [log]), ingest(whole, [log])
    assert report.totals.new_turns == 4000 - before
    assert contents(killed) == contents(whole)
    report.sources[0].new_turns = expected.sources[0].new_turns
    assert report == expected
    killed.close()
    whole.close()


def rows_in(database: Path) -> int:
    if not database.exists():
        return 0
    try:
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
            return int(connection.execute("select count(*) from turn").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def test_a_worker_that_dies_is_said(tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    command = [sys.executable, "-c", "raise SystemExit(1)"]
    monkeypatch.setattr(pool, "_COMMAND", command)
    with pytest.raises(CuratorError, match=r"c\.jsonl: reading it failed"):
        ingest(store, [write(tmp_path, GOOD)], workers=2)
    assert ingest(store, [tmp_path / "c.jsonl"]).totals.new_turns == 1


@given(
    st.lists(st.sampled_from([b"a\n", b"\n", b"bb\r\n", b"c" * 30 + b"\n", b"d", b" \n"]), max_size=30),
    st.integers(1, 40),
    st.integers(1, 40),
)
def test_parts_cover_a_file(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes], part: int, block: int
) -> None:
    path = tmp_path_factory.mktemp("parts") / "x"
    path.write_bytes(b"".join(pieces))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "PART_BYTES", part)
        patch.setattr(parts, "_BLOCK_BYTES", block)
        prefix = Prefix(path)
        cuts = list(prefix.cuts(1))
        prefix.close()
    ends = [0, *(cut.part.end for cut in cuts)]
    assert [cut.part.start for cut in cuts] == ends[:-1] and ends[-1] == path.stat().st_size
    assert all(cut.is_whole for cut in cuts[:-1])
    lines = [line for cut in cuts for line in read_lines(path, cut.part)]
    assert lines == list(read_lines(path, Part(0, path.stat().st_size, 1)))


def test_a_lineage_goes_on_from_what_was_stored() -> None:
    key, other = "0" * 31 + "1", "0" * 31 + "2"
    first = Lineage()
    assert first.settle(key, (1,)).key == key
    stored = first.take()
    second = Lineage([stored])
    assert second.settle(other, (1, 2)) == (key, 1, False)
    again = second.settle(key, (1,))
    assert again.key not in (key, other) and again.is_first
    assert Lineage([stored, second.take()]).settle(key, (1,)).key not in (key, again.key)


@pytest.mark.parametrize("part", [0, 3])
def test_what_broke_off_is_read_on_next_time(
    tmp_path: Path, store: Store, small_parts: None, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    lines = proxy_log(4, named=True)
    log = write(tmp_path, *lines)
    whole = Store.open(tmp_path / "whole.db")
    ingest(whole, [log])
    pieces = ChatReader.pieces
    read = 0

    def breaking(reader: ChatReader, source: Source, options: Options, one: Part | None) -> Iterator[Item]:
        nonlocal read
        read += 1
        if read > part:
            raise FileNotFoundError(2, "No such file or directory", str(source.path))
        yield from pieces(reader, source, options, one)

    with monkeypatch.context() as patch:
        patch.setattr(ChatReader, "pieces", breaking)
        broken = ingest(store, [log])
    assert [loss.code for loss in broken.sources[0].dropped] == ["unreadable"]
    assert broken.totals.turns < len(lines)
    again = ingest(store, [log])
    assert again.sources[0].dropped == []
    assert contents(store) == contents(whole)
    assert ingest(store, [log]).totals.new_turns == 0
    whole.close()
