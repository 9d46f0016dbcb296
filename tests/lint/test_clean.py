from __future__ import annotations

from pathlib import Path

import pytest

from curator.lint import known_rules, lint
from tests.lint.sets import codes, divided

CLEAN = Path(__file__).parent / "clean"
EXPECTED_CODES = {
    *(
        "unparsable_calls",
        "mixed_call_syntax",
        "invalid_arguments",
        "class_only_in_one_split",
        "leakage_exact",
    ),
    *("leakage_prompt", "leakage_near", "duplicate_rows", "near_duplicates", "template_spam", "imbalance"),
    *("system_prompt_drift", "placeholder_results", "invented_results", "pseudo_calls", "unclosed_think"),
    *("truncated_output", "special_tokens", "role_error", "null_messages", "empty_file", "too_small"),
    *("over_length", "split_delimiters", "config_mismatch", "split_names"),
}


def test_the_clean_set_has_no_finding() -> None:
    report = lint([CLEAN], max_length=2048)
    assert report.findings == ()
    assert [(file.split, file.rows) for file in report.files] == [("train", 46), ("valid", 7), ("test", 7)]
    assert not report.has_errors


def test_the_made_set_that_other_tests_spoil_is_clean(tmp_path: Path) -> None:
    assert codes(divided(tmp_path)) == []


def test_every_code_has_a_rule_that_says_how_it_counts() -> None:
    rules = {rule.code: rule for rule in known_rules()}
    assert rules.keys() >= EXPECTED_CODES
    for rule in rules.values():
        assert "Counts" in rule.doc or "Counted" in rule.doc, rule.code
        assert "Source:" in rule.doc, rule.code
        assert rule.advice.endswith("."), rule.code


@pytest.mark.parametrize("code", sorted(rule.code for rule in known_rules()))
def test_every_rule_stands_in_the_docs(code: str) -> None:
    docs = (Path(__file__).parents[2] / "docs" / "lint.md").read_text("utf-8")
    assert f"`{code}`" in docs
