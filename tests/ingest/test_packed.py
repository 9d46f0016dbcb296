"""Logs in gzip and zstd archives: read like the files in them, and what is damaged is told once."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.ingest.arrays import is_lines, read_rows
from curator.ingest.files import is_compressed, log_name, log_suffix, open_log, tear
from tests.ingest.reading import read, sniffed
from tests.ingest.test_atif import STEPS
from tests.ingest.test_hostile_bytes import accounted

Pack = Callable[[bytes], bytes]
PACKS = pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
NOISE = random.Random(5)


def talk(number: int) -> dict[str, object]:
    said = f"{number} {NOISE.randbytes(3000).hex()}"
    return {"messages": [{"role": "user", "content": "?"}, {"role": "assistant", "content": said}]}


TALKS = [talk(number) for number in range(80)]
LINES = "".join(json.dumps(one) + "\n" for one in TALKS).encode()
ARRAY = json.dumps(TALKS, indent=1).encode()


@PACKS
@pytest.mark.parametrize("data", [LINES, ARRAY])
def test_rows_out_of_an_archive_are_those_of_the_file(tmp_path: Path, pack: Pack, data: bytes) -> None:
    plain, packed = tmp_path / "c.jsonl", tmp_path / "c.log"
    plain.write_bytes(data)
    packed.write_bytes(pack(data))
    assert list(read_rows(packed)) == list(read_rows(plain))
    assert all(data[line.start : line.end].strip() == line.data for line in read_rows(packed))
    assert sniffed(packed) == "chat" and is_compressed(packed) and not is_compressed(plain)
    assert [t.key for t in read(packed, "chat").turns] == [t.key for t in read(plain, "chat").turns]
    assert is_lines(plain) == (data is LINES) and not is_lines(packed)


@PACKS
def test_a_document_out_of_an_archive(tmp_path: Path, pack: Pack) -> None:
    path = tmp_path / "t.json.packed"
    path.write_bytes(pack(json.dumps({"schema_version": "ATIF-v1.4", "steps": STEPS}, indent=2).encode()))
    assert sniffed(path) == "atif" and read(path, "atif").turns


@PACKS
@pytest.mark.parametrize("data", [LINES, ARRAY])
@pytest.mark.parametrize("share", [0.3, 0.8, 0.999])
def test_a_torn_archive_is_read_up_to_the_tear(tmp_path: Path, pack: Pack, data: bytes, share: float) -> None:
    path, packed = tmp_path / "c.gz", pack(data)
    path.write_bytes(packed[: int(len(packed) * share)])
    found = read(path, "chat")
    accounted(found)
    assert found.codes == ["torn_archive"] and "cut off" in found.losses[0].message
    assert len(found.turns) >= 80 * share - 23
    assert [t.raw for t in found.turns] == [
        one["messages"][1]["content"]
        for one in TALKS[: len(found.turns)]  # type: ignore[index]
    ]


def test_a_tear_between_two_lines_loses_no_line(tmp_path: Path) -> None:
    path = tmp_path / "c.gz"
    path.write_bytes(gzip.compress(LINES.rstrip(b"\n")) + b"junk")
    found = read(path, "chat")
    assert len(found.turns) == 80 and found.codes == ["torn_archive"]


@PACKS
def test_a_torn_table_is_read_up_to_the_tear(tmp_path: Path, pack: Pack) -> None:
    path = tmp_path / "c.csv.gz"
    rows = "".join(f'Q{n},"A{n} {NOISE.randbytes(3000).hex()}"\n' for n in range(80))
    packed = pack(f"prompt,response\n{rows}".encode())
    path.write_bytes(packed[: len(packed) * 3 // 4])
    assert sniffed(path) == "table"
    found = read(path, "table")
    accounted(found)
    assert found.codes == ["torn_archive"] and len(found.turns) > 30


@pytest.mark.parametrize("count", [2, 3])
@PACKS
def test_archives_that_were_joined(tmp_path: Path, pack: Pack, count: int) -> None:
    path = tmp_path / "c.jsonl"
    path.write_bytes(pack(LINES) * count)
    with open_log(path) as file:
        assert file.read() == LINES * count and tear(file) is None
    with open_log(path) as file:
        assert b"".join(file) == LINES * count


@PACKS
def test_a_database_in_an_archive_is_in_no_format(tmp_path: Path, pack: Pack) -> None:
    path = tmp_path / "log.db"
    path.write_bytes(pack(b"SQLite format 3\x00" + bytes(100)))
    assert sniffed(path) is None


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([gzip.compress, zstandard.compress]), st.floats(0, 1), st.binary(max_size=20))
def test_any_damage_is_survived(
    tmp_path_factory: pytest.TempPathFactory, pack: Pack, where: float, junk: bytes
) -> None:
    path, packed = tmp_path_factory.mktemp("damaged") / "c.jsonl", pack(LINES[:20_000])
    at = int(where * len(packed))
    path.write_bytes(packed[:at] + junk + packed[at + len(junk) :])
    accounted(read(path, "chat"))


def test_names_without_what_packs_them() -> None:
    names = ("a.jsonl", "a.jsonl.gz", "b.JSON.ZST", "c.gz", "d")
    assert [log_suffix(Path(name)) for name in names] == [".jsonl", ".jsonl", ".json", "", ""]
    assert [log_name(Path(name)) for name in names] == ["a.jsonl", "a.jsonl", "b.JSON", "c", "d"]
