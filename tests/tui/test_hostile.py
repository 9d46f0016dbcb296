"""A log that tries to steer the terminal and to take all the time there is, reviewed in a real one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shared import ROOT

SHOWN = ("[@click=app.quit]x[/]", "␛]0;owned␇", "␛[2J", "漢字かな", "␀␁␂")


@pytest.mark.slow
def test_nothing_of_a_hostile_log_reaches_the_terminal_as_a_control(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    from hostile import foreign, make, review
    from hostile_log import Size
    from terminal import Terminal, curator

    workspace = make(tmp_path / "ws", Size())
    turns = workspace.store.turns.count()
    with Terminal(curator(), workspace.folder) as terminal:
        took = list(review(terminal, turns))
        written = bytes(terminal.written)
    states = workspace.store.totals().states
    workspace.close()
    assert foreign(written) == []
    assert len({one.turn for one in took}) == turns
    assert states == {"correct": turns}
    text = written.decode()
    assert [wanted for wanted in SHOWN if wanted not in text] == []
