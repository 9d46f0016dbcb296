from __future__ import annotations

import re
import sqlite3
import tomllib
from pathlib import Path

import pytest

from curator.errors import InputError
from curator.ingest import Options, Source, ingest, reader_named
from curator.ingest.mapping import Mapping, load_mapping
from curator.model import Turn
from tests.shared import ROOT

GUIDE = (ROOT / "docs" / "databases.md").read_text()
SCHEMA, MAP = (re.search(rf"```{kind}\n(.*?)```", GUIDE, re.DOTALL) for kind in ("sql", "toml"))
assert SCHEMA and MAP

ROWS = """
INSERT INTO chat VALUES (1, 'Lights', 'm', '2026-01-01'), (2, 'Nothing', 'm', '2026-01-02');
INSERT INTO entry VALUES (1, 1, 'user', 'Light on', NULL, '2026-01-01'),
  (2, 1, 'assistant', NULL, 'Call.', NULL),
  (3, 1, 'assistant', 'It failed.', NULL, NULL), (4, 2, 'user', 'Hello?', NULL, NULL);
INSERT INTO tool_call VALUES (7, 2, 'light', '{"room": "hall"}'), (8, 2, 'light', '{"room": ');
INSERT INTO tool_result VALUES (7, 'no such room', 0);
"""


def database(tmp_path: Path) -> Path:
    path = tmp_path / "log.db"
    made = sqlite3.connect(path)
    assert SCHEMA
    made.executescript(SCHEMA[1] + ROWS)
    made.close()
    return path


def mapping(tmp_path: Path, text: str) -> Mapping:
    path = tmp_path / "map.toml"
    path.write_text(text)
    return load_mapping(path)


def test_the_example_of_the_documentation(tmp_path: Path) -> None:
    assert MAP
    path = database(tmp_path)
    before = path.read_bytes()
    report = ingest(None, [path], dry_run=True, mapping=mapping(tmp_path, MAP[1]))
    (source,) = report.sources
    assert (source.format, source.sessions, source.turns, source.tool_calls) == ("sqlite", 1, 2, 1)
    assert [d.code for d in source.dropped] == ["no_assistant"] and report.unexplained == 0
    assert [r.code for r in source.repaired] == ["call_invalid_json"] and path.read_bytes() == before


def test_turns_with_calls_and_results(tmp_path: Path) -> None:
    assert MAP
    options = Options(mapping=mapping(tmp_path, MAP[1]))
    items = list(reader_named("sqlite").read(Source(database(tmp_path), "log.db"), options))
    first, second = (item for item in items if isinstance(item, Turn))
    assert first.output.thinking == "Call." and first.output.tool_calls[0].arguments == {"room": "hall"}
    assert [(o.status, o.text) for o in first.outcomes] == [("error", "no such room")]
    assert [m.role for m in second.prompt] == ["user", "assistant", "tool"] and second.model == "m"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT 1 AS session", "gives no column content, role"),
        ("SELECT * FROM nowhere", "no such table"),
        ("DELETE FROM chat", "readonly"),
        (
            "SELECT n AS session, 'user' AS role, '' AS content"
            " FROM (SELECT 1 AS n UNION ALL SELECT 2 UNION ALL SELECT 1)",
            "ordered",
        ),
    ],
)
def test_queries_that_do_not_do(tmp_path: Path, query: str, said: str) -> None:
    given = mapping(tmp_path, f'[messages]\nquery = "{query}"')
    report = ingest(None, [database(tmp_path)], dry_run=True, mapping=given)
    losses = [loss for loss in report.sources[0].dropped if loss.code == "bad_query"]
    assert len(losses) == 1 and said in losses[0].first and report.unexplained == 0


def test_a_database_without_a_mapping_says_how(tmp_path: Path) -> None:
    report = ingest(None, [database(tmp_path)], dry_run=True)
    assert "--map" in report.sources[0].dropped[0].first and report.nothing_read


@pytest.mark.parametrize("text", ["[messages", "[messages]\nsql = 'x'", "[calls]\nquery = 'x'"])
def test_a_bad_mapping_file_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match=r"map\.toml"):
        mapping(tmp_path, text)


def test_the_example_has_every_query() -> None:
    assert MAP and tomllib.loads(MAP[1]).keys() == set(Mapping.__struct_fields__) - {"columns"}
