"""Every turn keeps where it was read, who wrote it, and what was said of it before Curator."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from curator.ingest.items import Options
from curator.ingest.mapping import Mapping, load_mapping
from curator.ingest.walk import find_sources
from curator.model import Turn
from tests.ingest import test_atif as atif
from tests.ingest import test_claude_code as claude
from tests.ingest import test_codex as codex
from tests.ingest import test_entropic_cpp as cpp
from tests.ingest import test_entropic_db as entropic_db
from tests.ingest import test_langfuse as langfuse
from tests.ingest import test_opentelemetry as otel
from tests.ingest import test_unified_cli as unified
from tests.ingest.engine import Engine
from tests.ingest.reading import Read, read, rows
from tests.shared import SHARED, needs_shared

ASK = {"role": "user", "content": "Count"}


def labels(found: Read) -> list[dict[str, Any]]:
    assert found.unexplained == 0
    return [turn.labels for turn in found.turns]


@needs_shared
@pytest.mark.parametrize(
    "place", ["entropic", "punie", "punie-artifacts", "tarx", "unified-intelligence-cli"]
)
def test_the_place_of_every_turn_is_exact(place: str) -> None:
    count = 0
    for found in find_sources([SHARED / place]):
        if not found.reader:
            continue
        texts: dict[str, bytes] = {}
        for turn in found.reader.read(found.source, Options(tier="t", origin="synthetic")):
            if isinstance(turn, Turn):
                count += 1
                data = texts.setdefault(turn.source.path, Path(turn.source.path).read_bytes())
                assert (turn.tier, turn.origin) == ("t", "synthetic")
                assert 0 <= turn.source.start < turn.source.end <= len(data)
                assert turn.source.line == data.count(b"\n", 0, turn.source.start) + 1
    assert count > 15


@needs_shared
def test_what_the_shared_logs_say_of_their_turns() -> None:
    log = read(
        SHARED / "unified-intelligence-cli/data/training/interactions_20251001.first200.jsonl", "unified-cli"
    )
    assert all({"status", "duration_ms"} <= t.labels.keys() and t.provider and t.timestamp for t in log.turns)
    session = SHARED / "entropic/logs/test_code_request_produces_code__2026-02-13T120318"
    stated = json.loads((session / "metadata.json").read_text())
    for turn in read(session, "entropic").turns:
        assert turn.labels == {name: value for name, value in stated.items() if name != "prompt"}
        assert turn.timestamp and turn.model == "Qwen3-8B-Q4_K_M"


def test_entropic_metadata_of_either_engine(tmp_path: Path) -> None:
    folder = Engine().prompt(("user", "Go")).turn("Hello.", 6).save(tmp_path / "s")
    assert labels(read(folder, "entropic")) == [{"test_name": "made_up", "passed": False}]
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "metadata.json").write_text('{"passed": false, "duration_s": 2.5, "prompt": "Go"}')
    found = cpp.cpp(tmp_path / "c", cpp.asked("Done."))
    assert labels(found) == [{"passed": False, "duration_s": 2.5}]
    (tmp_path / "c" / "metadata.json").unlink()
    bare = cpp.cpp(tmp_path / "c", cpp.asked("Done."))
    assert labels(bare) == [{}] and "missing_metadata" not in bare.codes
    assert bare.turns[0].key == found.turns[0].key


def test_entropic_database(tmp_path: Path) -> None:
    path = tmp_path / "entropic.db"
    made = entropic_db.database(path, *entropic_db.TALK)
    made.execute("UPDATE conversations SET metadata = '{\"rating\": 2, \"ui\": {}}' WHERE id = 'c1'")
    made.execute("INSERT INTO tool_executions VALUES ('e', 'm1', 'fs', 'read', '{}', 'a', 41, 'success', '')")
    made.commit()
    made.close()
    found = read(path, "entropic-db")
    assert labels(found) == [{"rating": 2}, {"rating": 2}, {}]
    assert [(o.text, o.elapsed_ms) for o in found.turns[0].outcomes] == [("a", 41)]


def test_errors_of_a_task_that_gave_an_output_all_the_same(tmp_path: Path) -> None:
    details = {"error_type": "ExecutionError"}
    row = unified.nested(status="failure", errors=["slow"], error_details=details)
    flat = {
        **unified.FLAT,
        "human_feedback": None,
        "execution_result": {"status": "failure", "errors": ["x"]},
    }
    first, second = labels(rows(tmp_path, "unified-cli", row, flat))
    assert first == {"status": "failure", "duration_ms": 12, "errors": ["slow"], "error_details": details}
    assert second == {"status": "failure", "errors": ["x"]}


def test_metadata_of_object_rows(tmp_path: Path) -> None:
    metadata = {"category": "count", "quality_score": 0.9, "nested": {"x": 1}}
    row = {"query": "How many?", "reasoning": "", "tool_calls": [], "answer": "2", "metadata": metadata}
    assert labels(rows(tmp_path, "objects", row)) == [{"category": "count", "quality_score": 0.9}]


def test_weights_of_sharegpt_messages(tmp_path: Path) -> None:
    said = [{"from": "human", "value": "Hi", "weight": 1}, {"from": "gpt", "value": "Hello", "weight": 0}]
    assert labels(rows(tmp_path, "sharegpt", {"conversations": said, "rating": 3})) == [
        {"rating": 3, "weight": 0}
    ]


def test_langfuse_scores(tmp_path: Path) -> None:
    one = langfuse.generation(
        1,
        "Hi",
        "Hello.",
        statusMessage="slow",
        promptName="greet",
        promptVersion=3,
        metadata={"ls_provider": "p"},
    )
    scores = [
        {"name": "helpful", "value": 0.5, "observationId": "g1"},
        {"name": "tone", "value": 1, "stringValue": "warm", "observationId": None},
        {"name": "other", "value": 0, "observationId": "g2"},
        "torn",
    ]
    path = tmp_path / "trace.json"
    path.write_text(json.dumps({"id": "t", "tags": ["a"], "scores": scores, "observations": [one]}))
    found = read(path, "langfuse")
    assert labels(found) == [
        {
            "status_message": "slow",
            "prompt_name": "greet",
            "prompt_version": 3,
            "tags": ["a"],
            "scores": {"helpful": 0.5, "tone": "warm"},
        }
    ]
    assert found.turns[0].provider == "p" and found.turns[0].timestamp == "2026-01-01T00:00:01Z"


def test_opentelemetry_status_scores_and_choices(tmp_path: Path) -> None:
    say = {"role": "assistant", "parts": [{"type": "text", "content": "Yes."}]}
    score = {"gen_ai.evaluation.name": "polite", "gen_ai.evaluation.score.value": 0.25}
    label = {"gen_ai.evaluation.name": "fluent", "gen_ai.evaluation.score.label": "good"}
    events = [
        {
            "name": "gen_ai.evaluation.result",
            "attributes": [{"key": key, "value": {"stringValue": value}} for key, value in one.items()],
        }
        for one in (score, label)
    ]
    asked = [{"role": "user", "parts": [{"type": "text", "content": "Ok?"}]}]
    whole = otel.span(
        1, events=events, input__messages=asked, output__messages=[say, say], provider__name="p"
    )
    whole["attributes"].append(
        {
            "key": "gen_ai.response.finish_reasons",
            "value": {"arrayValue": {"values": [{"stringValue": "length"}]}},
        }
    )
    whole["status"] = {"code": 2, "message": "cut"}
    found = otel.otel(tmp_path, otel.traces(whole))
    assert labels(found) == [
        {"status": "error", "status_message": "cut", "scores": {"polite": 0.25, "fluent": "good"}}
    ]
    (turn,) = found.turns
    assert (turn.finish_reason, turn.provider) == ("length", "p") and found.codes == ["other_choices"]


def test_columns_of_any_database(tmp_path: Path) -> None:
    made = sqlite3.connect(tmp_path / "log.db")
    made.executescript(
        "CREATE TABLE m (s, role, content, rating, finish_reason);"
        "INSERT INTO m VALUES (1, 'user', 'Hi', NULL, NULL), (1, 'assistant', 'Hello', 4, 'length');"
    )
    made.close()
    mapping = _mapping(tmp_path)
    (source,) = find_sources([tmp_path / "log.db"])
    assert source.reader and source.reader.name == "sqlite"
    turns = [i for i in source.reader.read(source.source, Options(mapping=mapping)) if isinstance(i, Turn)]
    assert [(turn.labels, turn.finish_reason) for turn in turns] == [({"passed": 1, "rating": 4}, "length")]


def _mapping(folder: Path) -> Mapping:
    path = folder / "map.toml"
    path.write_text(
        '[messages]\nquery = "SELECT s AS session, role, content, rating, finish_reason FROM m"\n'
        '[sessions]\nquery = "SELECT DISTINCT s AS session, 1 AS passed FROM m"\n'
    )
    return load_mapping(path)


class TestAtif:
    def test_tools_version_and_labels(self, tmp_path: Path) -> None:
        tool = {"type": "function", "function": {"name": "search", "parameters": {"type": "object"}}}
        agent = {"name": "finder", "version": "2.1", "model_name": "m1", "tool_definitions": [tool]}
        steps = [
            *atif.STEPS[:3],
            {**atif.STEPS[3], "reasoning_effort": "low", "extra": {"score": 0.5, "x": 1}},
        ]
        found = atif.atif(tmp_path, steps, agent=agent, extra={"passed": True}, schema_version="ATIF-v1.8")
        assert [spec.name for spec in found.turns[0].tools] == ["search"]
        same = {"passed": True, "agent_version": "2.1"}
        assert labels(found) == [same, {**same, "score": 0.5, "reasoning_effort": "low"}]

    def test_steps_that_no_model_generated_here_are_context(self, tmp_path: Path) -> None:
        copied = {**atif.STEPS[2], "is_copied_context": True}
        dispatched = {"source": "agent", "message": "/compact", "llm_call_count": 0}
        several = {**atif.STEPS[3], "llm_call_count": 2}
        found = atif.atif(tmp_path, [*atif.STEPS[:2], copied, dispatched, several])
        (turn,) = found.turns
        assert [m.role for m in turn.prompt] == ["system", "user", "assistant", "tool", "assistant"]
        assert turn.labels["llm_call_count"] == 2 and found.codes == ["not_generated"]
        assert atif.atif(tmp_path, [*atif.STEPS[:2], copied]).codes == ["no_assistant"]

    def test_parts_and_references_of_results(self, tmp_path: Path) -> None:
        parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
        results = [{"source_call_id": "c1", "content": parts}]
        found = atif.atif(tmp_path, [*atif.STEPS[:2], {**atif.STEPS[2], "observation": {"results": results}}])
        assert [o.text for o in found.turns[0].outcomes] == ["ab"]
        results = [{"source_call_id": "c1", "subagent_trajectory_ref": [{"trajectory_id": "k"}]}]
        found = atif.atif(tmp_path, [*atif.STEPS[:2], {**atif.STEPS[2], "observation": {"results": results}}])
        assert "trajectory_id" in found.turns[0].outcomes[0].text

    def test_embedded_subagents_are_sessions(self, tmp_path: Path) -> None:
        inner = {"trajectory_id": "k2", "agent": {"name": "deep", "version": "1"}, "steps": atif.STEPS}
        child = {"trajectory_id": "k", "agent": {"name": "helper", "version": "1"}, "steps": atif.STEPS}
        found = atif.atif(
            tmp_path,
            subagent_trajectories=[{**child, "subagent_trajectories": [inner]}, {"trajectory_id": "torn"}],
        )
        assert [turn.tier for turn in found.turns] == ["finder"] * 2 + ["helper"] * 2 + ["deep"] * 2
        assert len({session.key for session in found.sessions}) == 3 and found.codes == ["no_steps"]
        assert len({turn.key for turn in found.turns}) == 6

    def test_a_deep_nest_of_subagents(self, tmp_path: Path) -> None:
        whole: dict[str, Any] = {"steps": atif.STEPS}
        for _ in range(100):
            whole = {"steps": atif.STEPS, "subagent_trajectories": [whole]}
        found = atif.atif(tmp_path, **whole)
        assert len(found.turns) == 2 * 101


class TestCodex:
    def test_role_version_and_hosted_calls(self, tmp_path: Path) -> None:
        meta = {**codex.META, "cli_version": "0.99.0", "agent_role": "explorer"}
        search = {
            "type": "tool_search_call",
            "call_id": "c9",
            "arguments": {"query": "git"},
            "execution": "client",
        }
        found_tools = {"type": "tool_search_output", "call_id": "c9", "tools": [{"name": "git"}]}
        message = {
            "type": "agent_message",
            "author": "a",
            "content": [{"type": "input_text", "text": "Help"}],
        }
        items: list[dict[str, Any]] = [
            codex.ASK,
            search,
            found_tools,
            message,
            {"type": "ghost_snapshot"},
            {"type": "news"},
            codex.SAY,
        ]
        lines = [*codex.wrapped(meta, kind="session_meta"), *codex.wrapped(*items)]
        found = codex.codex(tmp_path, *lines)
        first, last = found.turns
        assert labels(found) == [{"cli_version": "0.99.0"}] * 2 and first.tier == "explorer"
        assert [(c.name, c.arguments) for c in first.output.tool_calls] == [("tool_search", {"query": "git"})]
        assert "git" in first.outcomes[0].text and last.prompt[-1].content == "Help"
        assert found.codes == ["unknown_item", "no_tools"]


class TestClaudeCode:
    def test_version_and_errors_of_the_service(self, tmp_path: Path) -> None:
        lines = [
            claude.line("user", "u1", None, "Look", version="2.1.144"),
            claude.line("assistant", "a1", "u1", "Done.", version="2.1.144"),
            claude.line("assistant", "a2", "a1", "Limit reached", isApiErrorMessage=True),
        ]
        found = claude.claude(tmp_path, *lines)
        assert labels(found) == [{"cli_version": "2.1.144"}] and "not_generated" in found.codes
