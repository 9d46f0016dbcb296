"""Sittings that are killed with -9 at random moments; the benchmark of the same name does two hundred."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

from curator.model import Output, ToolCall
from tests.shared import ROOT
from tests.tui.workspaces import make_workspace, turn


@pytest.mark.slow
def test_no_confirmed_decision_is_lost_and_none_invented(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    from kill9 import journal, sitting

    folder = tmp_path / "ws"
    call = ToolCall("timer.start", {"minutes": 5})
    turns = [(turn(n, f"Tea {n}.", Output("A timer.", None, (call,))), ()) for n in range(60)]
    make_workspace(folder, turns).close()
    rng = random.Random(4)
    killed = [sitting(folder, rng, [sys.executable, "-m", "curator"]) for _ in range(5)]
    assert [fault for one in killed for fault in one.faults] == []
    assert sum(one.confirmed for one in killed) > 0
    assert sum(len(one.found) for one in killed) == len(journal(folder / ".curator" / "curator.db"))
