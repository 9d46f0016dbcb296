from __future__ import annotations

import tomllib

import pytest

from curator.profiles import shipped_profiles
from curator.profiles.lines import key_lines, line_of
from curator.settings import shipped

TEXT = '''\
name = "x" # name = "y"
notes = """
[gates]
rank = 3
"""
quoted = "a # b = c"
list = [
  "x = 1",
  "y",
]
"a key" = 1
one.two = 3

[tiers."a b"]  # a comment
focus = "f"

[[expectations]]
tier = "t"

[[expectations]]
first_call = \'\'\'a\'\'\'
# rank = """
rank = 4
'''


def test_lines_of_tables_keys_and_lists() -> None:
    lines = key_lines(TEXT)
    assert lines == {
        ("name",): 1,
        ("notes",): 2,
        ("quoted",): 6,
        ("list",): 7,
        ("a key",): 11,
        ("one", "two"): 12,
        ("tiers", "a b"): 14,
        ("tiers", "a b", "focus"): 15,
        ("expectations", 0): 17,
        ("expectations", 0, "tier"): 18,
        ("expectations", 1): 20,
        ("expectations", 1, "first_call"): 21,
        ("expectations", 1, "rank"): 23,
    }
    assert line_of(("list", 1), lines) == 7
    assert line_of(("expectations", 1, "missing"), lines) == 20
    assert line_of(("nothing",), lines) is None


@pytest.mark.parametrize("name", shipped_profiles())
def test_every_value_of_a_shipped_profile_is_found_on_its_line(name: str) -> None:
    text = shipped("profiles", f"{name}.toml").read_text("utf-8")
    written = text.splitlines()
    for place, line in key_lines(text).items():
        value = tomllib.loads(text)
        for part in place:
            value = value[part]
        key = next(part for part in reversed(place) if isinstance(part, str))
        assert key in written[line - 1]
