from __future__ import annotations

import json
from pathlib import Path

from tests.cli.test_cli import curator, home  # noqa: F401


def test_the_queue_is_listed_explained_and_kept(home: Path) -> None:  # noqa: F811
    curator(home, "ingest", "log.jsonl")
    shown = curator(home, "queue").stdout
    assert "most suspicious turns first" in shown and "3 of 3 turns." in shown
    curator(home, "queue", "--order", "audit", "--seed", "4", "--keep")
    kept = json.loads(curator(home, "queue", "--json").stdout)
    assert (kept["order"], kept["seed"], kept["total"]) == ("audit", 4, 1)
    assert kept["turns"][0]["why"] == "audit sample 1 of 1"
    again = json.loads(curator(home, "queue", "--json").stdout)
    assert again == kept
    narrow = json.loads(curator(home, "queue", "tier:none", "--order", "ratio", "--json").stdout)
    assert narrow["total"] == 0
    assert "orders are" in curator(home, "queue", "--order", "newest", code=2).stderr


def test_stats_tell_the_pace_of_timed_decisions(home: Path) -> None:  # noqa: F811
    curator(home, "ingest", "log.jsonl")
    curator(home, "decide", "1", "--skip")
    assert json.loads(curator(home, "stats", "--json").stdout)["pace"] == []
