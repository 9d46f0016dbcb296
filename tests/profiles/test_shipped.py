"""Every shipped profile holds the numbers that its system's document gives."""

from __future__ import annotations

from functools import reduce
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from curator.checks import violations
from curator.model import ToolCall
from curator.parsing import parse, syntax
from curator.profiles import Profile, load_profile, profile_path, profile_tools

SEVEN = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
FIVE_ITEMS = [
    "alias_resolution",
    "same_command_other_state",
    "absent_entity",
    "already_satisfied",
    "missing_state",
]
NEEDS: dict[str, dict[str, Any]] = {
    "entropic": {
        "thinking": "required",
        "preferences": "required",
        "syntax": "hermes",
        "accepts": ["qwen3-xml"],
        "gates.tier_targets": True,
        "gates.thinking": True,
        "presets.default.rank": 16,
        "presets.rank-64.rank": 64,
        "deployment.form": "adapter",
        **{f"tiers.{tier}.target_rows": 1000 for tier in ("thinking", "normal", "code", "simple")},
        **{f"tiers.{tier}.target_rows": 1000 for tier in ("lead", "eng", "arch", "qa", "ux", "ui")},
        **{f"tiers.{tier}.target_rows": 1000 for tier in ("analyst", "devops")},
        "tiers.thinking.focus": "todo-first investigation, multi-tool batching, structured analysis",
        "tiers.normal.focus": "balanced tool use, conversation + action",
        "tiers.code.focus": "file operations, bash commands, edit workflows",
        "tiers.simple.focus": "minimal tool use, direct responses",
        "expectations.0.tier": "thinking",
        "expectations.0.first_call": "*.todo_write",
    },
    "home-assistant": {
        "thinking": "forbidden",
        "preferences": "forbidden",
        "syntax": "wrapped-json-line",
        "bases": ["Qwen/Qwen3-1.7B", "Qwen/Qwen3-4B"],
        "bands": {"none": [0.5, 0.7], "one": [0.2, 0.4], "several": [0.0, 0.1]},
        "gates.bands": True,
        "gates.coverage": True,
        "gates.valid_calls": True,
        "gates.thinking": True,
        "tools": {"path": "home_assistant/v0", "version": "v0"},
        "lengths.max_tokens": 2048,
        **{f"coverage.{item}.detector": item for item in FIVE_ITEMS},
        **{f"coverage.{item}.required": True for item in FIVE_ITEMS},
        **{
            f"presets.{preset}.{key}": value
            for preset in ("default", "two-epochs")
            for key, value in {
                "targets": SEVEN,
                "learning_rate": 2e-4,
                "batch_size": 1,
                "gradient_accumulation": 8,
                "max_length": 2048,
            }.items()
        },
        "presets.default.epochs": 1.0,
        "presets.two-epochs.epochs": 2.0,
    },
    "unified-cli": {
        "quality.sample_share": 0.1,
        "quality.sample_max": 100,
        "quality.correctness": 0.95,
        "quality.consistency": 0.9,
        "quality.task_coverage": 0.8,
        "quality.narrow_rows": 100,
        "quality.good_rows": 1000,
        "quality.excellent_rows": 10000,
        "gates.quality": True,
        "gates.min_sft_rows": 500,
        "gates.replay": [0.1, 0.2],
        "gates.no_secrets": True,
        "gates.no_duplicates": True,
        "split.shares": [0.8, 0.1, 0.1],
        "split.names": ["train", "val", "test"],
        "lengths.max_tokens": 2048,
        "presets.default.rank": 8,
        "presets.default.alpha": 32,
        "presets.default.dropout": 0.1,
        "presets.default.targets": ["q_proj", "v_proj"],
        "presets.default.epochs": 3.0,
        "presets.default.batch_size": 4,
        "presets.default.gradient_accumulation": 4,
        "presets.default.learning_rate": 2e-4,
        "presets.default.weight_decay": 0.01,
        "presets.default.max_grad_norm": 1.0,
        "presets.default.max_length": 2048,
        "presets.pilot.max_steps": 10,
        "deployment.form": "merged",
        "deployment.rules.0": {"gain": 0.1, "speedup": 0.0, "significant": False},
        "deployment.rules.1": {"gain": 0.05, "speedup": 1.5, "significant": False},
        "deployment.rules.2": {"gain": 0.05, "speedup": 0.0, "significant": True},
    },
    "punie": {
        "syntax": "hermes",
        "accepts": [],
        "tools": {"path": "punie/v1", "version": "v1"},
        "gates.min_sft_rows": 40,
        "gates.several_steps": 0.1,
        "gates.share_with_calls": [0.1, 0.8],
        "gates.one_system_prompt": True,
        "gates.single_token_delimiters": True,
        "gates.no_duplicates": True,
        "split.shares": [0.8, 0.1, 0.1],
        "split.names": ["train", "valid", "test"],
        "presets.default.rank": 16,
        "presets.default.max_steps": 100,
        "presets.default.learning_rate": 1e-5,
        "presets.default.batch_size": 4,
        "presets.escalated.rank": 32,
        "presets.escalated.max_steps": 200,
        "presets.escalated.learning_rate": 2e-5,
        "deployment.port": 8766,
    },
    "tarx": {
        "lengths": {"max_tokens": 32768, "prompt_tokens": 25000},
        "gates.lengths": True,
        "gates.coverage": True,
        "coverage.identity.min_rows": 330,
        "evaluation.base_below": {"multi_step_chains": 0.85},
        "evaluation.criteria.0.at_least": 0.85,
        "deployment.form": "merged",
        "deployment.quantization": "Q4_K_M",
        "deployment.port": 11435,
    },
}
CRITERIA = {
    "entropic": {
        "tool_accuracy",
        "thinking_action_coherence",
        "per_tier_scores",
        "task_completion",
        "general_quality",
    },
    "home-assistant": {
        "tool_decision_accuracy",
        "action_minimality",
        "state_sensitivity",
        "schema_compliance",
        "no_hallucinated_ids",
    },
    "punie": {"overall": 0.929, "tool_calling": 0.95, "code": 1.0, "reasoning": 1.0},
}
CHAIN = ("tarx_recall", "tarx_remember", "tarx_save_conversation")
PUNIE_TOOLS = {
    "read_file",
    "write_file",
    "run_command",
    "get_terminal_output",
    "release_terminal",
    "wait_for_terminal_exit",
    "kill_terminal",
}


def value(profile: Profile, key: str) -> Any:
    """The value of a dotted key, as in the TOML file."""

    def step(values: Any, part: str) -> Any:
        return values[int(part)] if isinstance(values, list | tuple) else values[part]

    found = reduce(step, key.split("."), msgspec.to_builtins(profile))
    return msgspec.to_builtins(found, builtin_types=()) if isinstance(found, dict) else found


@pytest.mark.parametrize(("name", "key"), [(name, key) for name, keys in NEEDS.items() for key in keys])
def test_the_numbers_of_the_documents(name: str, key: str) -> None:
    found = value(load_profile(name), key)
    assert msgspec.convert(found, type=Any) is not None
    assert msgspec.json.decode(msgspec.json.encode(found)) == NEEDS[name][key]


@pytest.mark.parametrize("name", CRITERIA)
def test_the_criteria(name: str) -> None:
    criteria = load_profile(name).evaluation.criteria
    wanted = CRITERIA[name]
    assert {one.metric for one in criteria} == set(wanted)
    if isinstance(wanted, dict):
        assert {one.metric: one.at_least for one in criteria} == wanted


def test_roles_and_names() -> None:
    assert set(load_profile("unified-cli").tiers) == {
        "coder",
        "tester",
        "reviewer",
        "researcher",
        "coordinator",
    }
    assert {"Qwen", "OpenAI", "Claude"} <= set(load_profile("tarx").identity)
    assert load_profile("tarx").coverage["whole_chain"].calls == CHAIN
    assert load_profile("tarx").gates.real_share >= 0.5


def test_every_tool_of_punie_must_be_called() -> None:
    coverage = load_profile("punie").coverage
    assert {tool for item in coverage.values() for tool in item.calls} == PUNIE_TOOLS
    assert all(item.min_rows == 3 and item.is_required for item in coverage.values())


def test_the_snippet_of_entropic_can_be_filled_in() -> None:
    snippet = load_profile("entropic").deployment.config.format(adapter="a.gguf", tier="code", base="b.gguf")
    assert "  code:\n    adapter_path: a.gguf\n    adapter_scale: 1.0\n" in snippet


def test_the_syntaxes_read_what_the_agents_write() -> None:
    written = {
        "home-assistant": '{"tool_call":{"name":"turn_on","arguments":{"entity_id":"light.hall"}}}',
        "punie": '<tool_call>\n{"name": "turn_on", "arguments": {"entity_id": "light.hall"}}\n</tool_call>',
        "entropic": '<tool_call>{"name": "turn_on", "arguments": {"entity_id": "light.hall"}}</tool_call>',
    }
    for name, raw in written.items():
        [call] = parse(raw).tool_calls
        assert (call.syntax, call.name) == (load_profile(name).syntax, "turn_on")
        assert syntax(call.syntax) is not None


def test_shares_with_calls_fit_the_bands_in_every_profile() -> None:
    for name in NEEDS:
        for tier in (None, *load_profile(name).tiers):
            lows = sum(low for low, _ in load_profile(name).bands_of(tier).values())
            assert lows <= 1


@pytest.mark.parametrize(
    ("name", "tools"), [("punie", PUNIE_TOOLS), ("home-assistant", {"get_entity_state", "plex_play"})]
)
def test_tools_of_a_profile(name: str, tools: set[str]) -> None:
    specs = profile_tools(load_profile(name), profile_path(name))
    assert tools <= {spec.name for spec in specs}
    for spec in specs:
        assert spec.description
        assert spec.parameters is not None
        assert "$schema" not in spec.parameters
        assert spec.parameters["additionalProperties"] is False
        Draft202012Validator.check_schema(spec.parameters)


@pytest.mark.parametrize(
    ("call", "right"),
    [
        (ToolCall("get_entity_state", {"entity_ids": ["light.hall", "lock.front"]}), True),
        (ToolCall("get_entity_state", {"entity_ids": []}), False),
        (ToolCall("get_entity_state", {"entity_id": "light.hall"}), False),
        (ToolCall("turn_on", {"entity_id": "light.hall"}), True),
        (ToolCall("turn_on", {"entity_id": "hall"}), False),
        (ToolCall("turn_on", {"entity_id": "light.hall", "brightness": 3}), False),
        (ToolCall("set_brightness", {"entity_id": "light.hall", "brightness_pct": 101}), False),
        (ToolCall("plex_play", {"title": "Alien"}), True),
        (ToolCall("plex_play", {"title": "Alien", "entity_id": "media_player.tv"}), False),
        (ToolCall("open_garage", {}), False),
    ],
)
def test_calls_against_v0(call: ToolCall, right: bool) -> None:
    tools = profile_tools(load_profile("home-assistant"), profile_path("home-assistant"))
    assert (violations(call, tools) == ()) is right


def test_the_files_say_which_draft_they_follow() -> None:
    for name in ("punie", "home-assistant"):
        tools = load_profile(name).tools
        assert tools is not None
        folder = Path(__file__).parents[2] / "schemas" / tools.path
        for path in folder.glob("*.json"):
            schema = msgspec.json.decode(path.read_bytes())
            assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
            assert schema["title"] == path.stem
