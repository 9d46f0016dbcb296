"""The defects that are known of real data sets, with their counts."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from curator.lint import LintFinding, LintReport, lint
from tests.lint.sets import found
from tests.shared import SHARED, needs_shared

pytestmark = needs_shared


@cache
def report_of(name: str) -> LintReport:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{name} is not here")
    return lint([path])


def finding(name: str, code: str, at: int = 0) -> LintFinding:
    return found(report_of(name), code)[at]


COUNTS = [
    ("punie/phase26_lsp_final", "class_only_in_one_split", 70),
    ("punie/phase26_lsp_final", "system_prompt_drift", 70),
    ("punie/phase26_lsp_final", "unparsable_calls", 60),
    ("punie/phase26_lsp_final", "mixed_call_syntax", 68),
    ("punie/phase24_merged", "mixed_call_syntax", 88),
    ("punie/phase24_merged", "unparsable_calls", 80),
    ("punie/synthetic/tool-calling", "unparsable_calls", 107),
    ("punie/downloaded/glaive-function-calling", "special_tokens", 73),
    ("punie/downloaded/glaive-function-calling", "leakage_prompt", 14),
    ("punie/downloaded/glaive-function-calling", "invented_results", 3),
    ("punie/benchmark", "leakage_exact", 10),
    ("punie/benchmark", "leakage_prompt", 10),
    ("punie/benchmark", "duplicate_rows", 4),
    ("punie/realistic-training", "template_spam", 68),
    ("punie/downloaded/diverse-python-5k", "template_spam", 400),
    ("punie/hand-authored", "invalid_arguments", 4),
    ("punie/mlx_format", "invalid_arguments", 3),
    ("punie/mlx_format", "unparsable_calls", 68),
    ("punie/qwen-tool-calling", "invalid_arguments", 1),
    ("punie/pytest_training", "unparsable_calls", 40),
    ("punie/phase26_lsp_navigation", "unparsable_calls", 60),
    ("punie/training_examples_poc.jsonl", "null_messages", 5),
    ("punie/training_examples_1k.jsonl", "empty_file", 1),
    ("punie/phase27_tool_responses", "role_error", 60),
    ("punie/phase26_balanced", "duplicate_rows", 108),
    ("punie/phase27_merged", "duplicate_rows", 111),
    ("punie/phase27_merged", "leakage_prompt", 35),
    ("punie/phase27_merged", "leakage_exact", 13),
    ("punie/phase33_merged", "system_prompt_drift", 4),
    ("punie/phase33_merged", "leakage_prompt", 22),
    ("punie/phase26_contrastive_merged", "system_prompt_drift", 480),
    ("unified-intelligence-cli/training/data", "leakage_prompt", 31),
    ("unified-intelligence-cli/training/data", "unclosed_think", 64),
    ("unified-intelligence-cli/training/data", "placeholder_results", 1),
    ("unified-intelligence-cli/training/data", "split_names", 1),
    ("unified-intelligence-cli/data/training", "unclosed_think", 64),
    ("tarx/tool-calling-v2.excerpt.jsonl", "pseudo_calls", 7),
    ("tarx/tool-calling-v2.excerpt.jsonl", "invented_results", 7),
    ("tarx", "config_mismatch", 5),
]


@pytest.mark.parametrize(("name", "code", "count"), COUNTS)
def test_known_defects_come_out_with_their_counts(name: str, code: str, count: int) -> None:
    assert finding(name, code).count == count


MESSAGES = [
    ("punie/phase26_lsp_final", "class_only_in_one_split", "70 rows without a system message"),
    (
        "punie/phase26_lsp_final",
        "class_only_in_one_split",
        "66 rows with the tools find_references, goto_definition",
    ),
    ("punie/phase26_lsp_final", "class_only_in_one_split", "60 rows in the syntax bare-python"),
    ("punie/phase26_lsp_final", "mixed_call_syntax", "qwen3-xml 715, bare-python 60, fence-json 8"),
    ("punie/phase24_merged", "mixed_call_syntax", "qwen3-xml 526, bare-python 80, fence-json 8"),
    ("punie/synthetic/tool-calling", "unparsable_calls", "107 of 107 rows"),
    (
        "punie/synthetic/tool-calling",
        "unparsable_calls",
        "openai-in-prose, a syntax that no chat template writes",
    ),
    ("punie/downloaded/glaive-function-calling", "special_tokens", "58 of 58 in train.jsonl"),
    ("punie/downloaded/glaive-function-calling", "leakage_prompt", "6 of 7 in valid.jsonl"),
    ("punie/downloaded/glaive-function-calling", "leakage_prompt", "8 of 8 in test.jsonl"),
    ("punie/benchmark", "leakage_exact", "100 %"),
    ("punie/downloaded/diverse-python-5k", "template_spam", "100 %"),
    ("punie/hand-authored", "invalid_arguments", "3 of 28 in train.jsonl, 1 of 1 in valid.jsonl"),
    ("unified-intelligence-cli/training/data", "leakage_prompt", "20 of 31 in test.jsonl"),
    ("unified-intelligence-cli/training/data", "leakage_prompt", "11 of 29 in val.jsonl"),
    (
        "unified-intelligence-cli/training/data",
        "unclosed_think",
        "48 of 238 in train.jsonl, 6 of 29 in val.jsonl",
    ),
    ("unified-intelligence-cli/training/data", "unclosed_think", "10 of 31 in test.jsonl"),
    ("tarx", "config_mismatch", "rank 32 asked, 8 trained"),
]


@pytest.mark.parametrize(("name", "code", "words"), MESSAGES)
def test_messages_say_where(name: str, code: str, words: str) -> None:
    assert words in finding(name, code).message


def test_the_lost_class_is_an_error_of_the_valid_split_alone() -> None:
    (one,) = found(report_of("punie/phase26_lsp_final"), "class_only_in_one_split")
    assert one.severity == "error"
    assert [Path(file).name for file in one.files] == ["valid.jsonl"]
    assert {entry["split"] for entry in one.details} == {"valid"}


def test_examples_stand_where_the_finding_says() -> None:
    one = finding("punie/training_examples_poc.jsonl", "null_messages")
    assert [place.line for place in one.examples] == [1, 2, 3, 4, 5]


def test_sets_of_plain_answers_are_no_tool_sets() -> None:
    codes = {one.code for one in report_of("punie/realistic-training").findings}
    assert codes.isdisjoint({"imbalance", "unparsable_calls", "mixed_call_syntax", "pseudo_calls"})


def test_a_good_single_file_has_no_finding() -> None:
    assert report_of("punie/domain_examples.jsonl").findings == ()
