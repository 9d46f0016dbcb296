from __future__ import annotations

import json
from pathlib import Path

import pytest

from curator.errors import InputError
from curator.lint import lint
from curator.lint.configs import read_yaml
from tests.lint.sets import codes, divided, found, hermes, only, row

YAML = """
# what was asked for
lora_parameters:
  rank: 32        # strong
  alpha: 64
  dropout: 0.05
lora_layers: 16
target_modules:
- q_proj
- "v_proj"
learning_rate: 1e-5
model: 'Qwen/Qwen3-8B'
resume: null
keys: [q_proj, v_proj]
"""


def test_plain_yaml() -> None:
    assert read_yaml(YAML) == {
        "lora_parameters": {"rank": 32, "alpha": 64, "dropout": 0.05},
        "lora_layers": 16,
        "target_modules": ["q_proj", "v_proj"],
        "learning_rate": 1e-5,
        "model": "Qwen/Qwen3-8B",
        "resume": None,
        "keys": ["q_proj", "v_proj"],
    }


@pytest.mark.parametrize(
    "text", ["", ": : :", "- - -", "a:\n\t- b", "{", "a: &x [\n", "\x00", "a:\n    b:\n  c: 1"]
)
def test_odd_yaml_is_read_as_far_as_it_goes(text: str) -> None:
    assert isinstance(read_yaml(text), dict)


def test_settings_that_never_reached_the_trainer(tmp_path: Path) -> None:
    folder = divided(tmp_path)
    (folder / "lora_config.yaml").write_text(YAML)
    made = {
        "config": None,
        "lora_parameters": {"rank": 8, "dropout": 0.05},
        "num_layers": -1,
        "learning_rate": 1e-5,
        "target_modules": ["v_proj", "q_proj"],
    }
    (folder / "adapter_config.json").write_text(json.dumps(made))
    one = only(folder, "config_mismatch")
    assert (one.count, one.severity, one.unit) == (3, "error", "settings")
    assert {entry["setting"] for entry in one.details} == {"rank", "alpha", "layers"}
    assert "so the file was not read" in one.message


def test_settings_that_agree(tmp_path: Path) -> None:
    folder = divided(tmp_path)
    (folder / "lora_config.yaml").write_text("rank: 16\nlora_alpha: 32\n")
    (folder / "adapter_config.json").write_text(json.dumps({"r": 16, "lora_alpha": 32, "lora_dropout": 0.0}))
    assert codes(folder) == []


def test_a_folder_of_several_sets_is_compared_once(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.jsonl").write_text(json.dumps(row("Ask", "Say it.")) + "\n")
    (tmp_path / "lora_config.yaml").write_text("rank: 16\n")
    (tmp_path / "adapter_config.json").write_text('{"r": 8}')
    assert only(tmp_path, "config_mismatch").dataset == str(tmp_path)


def test_broken_configurations_are_passed_over(tmp_path: Path) -> None:
    folder = divided(tmp_path)
    (folder / "lora_config.json").write_text("{")
    (folder / "adapter_config.json").write_bytes(b"\xff\xfe")
    assert codes(folder) == []


def _base(folder: Path, *tokens: str) -> Path:
    tokenizers = pytest.importorskip("tokenizers")
    models, pre = tokenizers.models, tokenizers.pre_tokenizers
    tokenizer = tokenizers.Tokenizer(models.WordLevel({"[UNK]": 0, "x": 1}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre.Split("", "isolated") if not tokens else pre.Whitespace()
    tokenizer.add_special_tokens(list(tokens))
    folder.mkdir()
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def test_delimiters_of_another_base(tmp_path: Path) -> None:
    data = divided(
        tmp_path / "data",
        [row("Do", hermes("set_light", room="attic"), "<tool_response>\non\n</tool_response>", "On.")],
    )
    whole = _base(tmp_path / "whole", "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>")
    assert "split_delimiters" not in codes(data, base=whole)
    part = _base(tmp_path / "part", "<tool_call>", "</tool_call>")
    one = only(data, "split_delimiters", base=part / "tokenizer.json")
    assert (one.count, one.severity) == (1, "error")
    assert {entry["tag"] for entry in one.details} == {"<tool_response>", "</tool_response>"}
    assert all(entry["tokens"] > 1 for entry in one.details)


def test_without_a_base_the_report_says_what_was_not_checked(tmp_path: Path) -> None:
    (note,) = [note for note in lint([divided(tmp_path)]).notes if "--base" in note]
    assert "<tool_call>" in note


def test_a_list_of_added_tokens_knows_some_delimiters(tmp_path: Path) -> None:
    data = divided(tmp_path / "data", [row("Do", "<think>\nHm.\n</think>\n\nDone.")])
    base = tmp_path / "base"
    base.mkdir()
    added = {
        "added_tokens_decoder": {
            str(n): {"content": tag} for n, tag in enumerate(("<tool_call>", "</tool_call>"))
        }
    }
    (base / "tokenizer_config.json").write_text(json.dumps(added))
    report = lint([data], base=base)
    assert found(report, "split_delimiters") == []
    assert any("does not list <think>" in note for note in report.notes)


def test_a_base_without_tokenizer(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    with pytest.raises(InputError, match=r"no tokenizer\.json"):
        lint([divided(tmp_path / "data")], base=tmp_path / "base")
    (tmp_path / "base" / "tokenizer_config.json").write_text("{}")
    with pytest.raises(InputError, match="no list of added tokens"):
        lint([divided(tmp_path / "data")], base=tmp_path / "base")
