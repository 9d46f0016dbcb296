from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.errors import ProfileError
from curator.profiles import examine_text
from curator.profiles.describing import sections
from curator.profiles.writing import defaults, profile_toml, questions

FILE = Path("mine.toml")
GIVEN = {
    "title": 'A "quoted" agent',
    "tiers": "code, chat room ,code",
    "thinking": "required",
    "preferences": "required",
    "syntax": "qwen3-xml",
    "base": "models/Qwen3-1.7B",
    "rows": "250",
    "none": "50-70",
    "one": "20 – 40 %",
    "several": "0-10",
    "max_tokens": "4096",
    "rank": "8",
    "epochs": "1.5",
    "learning_rate": "1e-5",
    "suite": "suite.jsonl",
}


def answers(**given: str) -> dict[str, Any]:
    return {q.key: q.read(given.get(q.key, q.default)) for q in questions("mine")}


def test_defaults_give_a_profile_without_faults() -> None:
    examined = examine_text(profile_toml(defaults("mine")), FILE)
    assert examined.faults == ()
    assert examined.profile is not None
    assert examined.profile.name == "mine"
    assert examined.profile.gates.min_sft_rows == 500


def test_every_answer_arrives() -> None:
    examined = examine_text(profile_toml(answers(**GIVEN)), FILE)
    assert examined.faults == ()
    profile = examined.profile
    assert profile is not None
    assert (profile.title, profile.thinking, profile.preferences) == (
        'A "quoted" agent',
        "required",
        "required",
    )
    assert {name: tier.target_rows for name, tier in profile.tiers.items()} == {"code": 250, "chat room": 250}
    assert profile.bands == {"none": (0.5, 0.7), "one": (0.2, 0.4), "several": (0.0, 0.1)}
    gates = profile.gates
    assert (gates.bands, gates.tier_targets, gates.thinking, gates.min_pairs) == (True, True, True, 1)
    preset = profile.presets["default"]
    assert (preset.rank, preset.alpha, preset.epochs, preset.learning_rate) == (8, 16, 1.5, 1e-5)
    assert (profile.syntax, profile.base, profile.evaluation.suite) == (
        "qwen3-xml",
        "models/Qwen3-1.7B",
        "suite.jsonl",
    )
    assert preset.max_length == profile.lengths.max_tokens == 4096


@given(name=st.text(min_size=1).filter(str.strip), title=st.text(), tier=st.text())
def test_any_text_can_be_answered(name: str, title: str, tier: str) -> None:
    profile = examine_text(profile_toml(answers(name=name, title=title, tiers=tier)), FILE).profile
    assert profile is not None
    assert (profile.name, profile.title) == (name.strip(), title.strip())
    assert set(profile.tiers) == {word.strip() for word in tier.split(",") if word.strip()}


@pytest.mark.parametrize(
    ("key", "answer", "message"),
    [
        ("name", " ", "needs a name"),
        ("thinking", "maybe", "required, optional or forbidden"),
        ("syntax", "hermez", "did you mean 'hermes'"),
        ("rows", "0", "whole number from 1"),
        ("rows", "many", "whole number from 1"),
        ("epochs", "0", "number above 0"),
        ("learning_rate", "nan", "number above 0"),
        ("none", "70-50", "two percentages"),
        ("none", "50", "two percentages"),
        ("several", "0-101", "two percentages"),
    ],
)
def test_a_bad_answer_says_what_is_wanted(key: str, answer: str, message: str) -> None:
    with pytest.raises(ProfileError, match=message):
        answers(**{key: answer})


def test_bands_that_contradict_are_found() -> None:
    text = profile_toml(answers(none="80-90", one="50-60"))
    assert [fault.key for fault in examine_text(text, FILE).faults] == ["bands"]


def test_a_description_has_every_value_that_is_stated() -> None:
    profile = examine_text(profile_toml(answers(**GIVEN)), FILE).profile
    assert profile is not None
    told = {section.heading: section.rows for section in sections(profile)}
    assert ["call syntax", "qwen3-xml"] in told["rows"]
    assert told["shares of rows"] == [["none", "50–70 %"], ["one", "20–40 %"], ["several", "0–10 %"]]
    assert ["chat room", "250 rows", "", ""] in told["tiers"]
    assert ["min sft rows", "250"] in told["gates"]
    assert told["presets"][0][:4] == ["default", "sft, rank 8, alpha 16", "1.5 epochs", "lr 1e-05"]
    assert all(len({len(row) for row in rows}) == 1 for rows in told.values())
    assert msgspec.json.encode(told)
