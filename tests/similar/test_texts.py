"""Fingerprints forget case, white space and Unicode form; templates forget what varies."""

from __future__ import annotations

import subprocess
import sys
from time import perf_counter

import pytest

from curator.similar import fingerprint, normalise, template


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Read the file", " read\tTHE\n\nfile "),
        ("café", "cafe\u0301"),
        ("ﬁle", "file"),
        ("Straße", "STRASSE"),
        ("a\u00a0b", "a b"),
    ],
)
def test_what_does_not_matter_leaves_the_fingerprint_alone(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)
    assert fingerprint(one) == fingerprint(other)


@pytest.mark.parametrize(("one", "other"), [("", "a"), ("ab", "a b"), ("a.", "a"), ("1", "2")])
def test_what_matters_changes_it(one: str, other: str) -> None:
    assert fingerprint(one) != fingerprint(other)


def test_a_fingerprint_is_the_same_everywhere_and_fits_a_database() -> None:
    assert fingerprint("Turn on the light") == 312_145_223_098_720_845
    assert all(-(2**63) <= fingerprint(str(one)) < 2**63 for one in range(200))
    assert fingerprint("\ud800") != fingerprint("")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Concept 14 is about loops (example 123)", "concept <n> is about loops"),
        ("Add 3.5 to -7,000 at 10:30", "add <n> to <n> at <n>"),
        ('Find "foo bar" and `baz`', "find <text> and <text>"),
        ("Don't break it's tests", "don't break it's tests"),
        ("Read src/app/main.py now", "read <path> now"),
        ("Read config.toml, then /etc/hosts/x", "read <path>, then <path>"),
        (r"Open C:\Users\ann\notes.txt", "open <path>"),
        ("See https://a.example/b?c=1 or write to ann@b.example", "see <url> or write to <mail>"),
        ("Commit 3f2a9bc1 and 0xDEAD", "commit <hex> and <hex>"),
        ("Id 123e4567-e89b-12d3-a456-426614174000.", "id <hex>."),
        ("Ask Ann Miller about Paris", "ask <name> about <name>"),
        ("Stop. Then go on", "stop. then go on"),
        ("and/or either way", "and/or either way"),
    ],
)
def test_templates_abstract_what_varies(text: str, expected: str) -> None:
    assert template(text) == expected


def test_rows_of_one_template_share_it_and_others_do_not() -> None:
    rows = [f"Write a function that adds {n} to the list (example {n})" for n in range(50)]
    assert len({template(row) for row in rows}) == 1
    assert template("Write a function that removes 3 from the list (example 3)") != template(rows[3])


def test_fingerprints_need_no_numeric_library() -> None:
    script = (
        "import sys; from curator.similar import template, fingerprint; template('a 1'); fingerprint('a');"
        "sys.exit('numpy' in sys.modules or 'datasketch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


@pytest.mark.parametrize("part", ["a.b-", "a@", "a/", "'x", "abc1", "Ann ", "(example ", "1.1,"])
def test_hostile_texts_take_no_long_time(part: str) -> None:
    began = perf_counter()
    template(part * 10_000)
    assert perf_counter() - began < 5
