"""The tally of the store counts texts; it must be what counting the facts themselves gives."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from curator.datasets.tally import tally_of
from curator.model import Decision
from curator.store import Facts, RowRules, Store, new_act, now
from tests.tui.workspaces import house, make_workspace

AWKWARD = st.text(st.sampled_from('"\\[],{} a\n\x00é'), max_size=8)
FACTS = st.lists(st.tuples(AWKWARD, AWKWARD), max_size=4).map(lambda found: tuple(sorted(set(found))))


def decide(store: Store, turn: int, facts: Facts, rules: str) -> None:
    """Append a verdict that gives a row."""
    decision = Decision(turn=turn, kind="verdict", reviewer="ann", at=now(), act=new_act(), verdict="correct")
    store.journal.append([decision], RowRules(rules, [facts]))


@settings(max_examples=40, deadline=None)
@given(st.lists(FACTS, min_size=1, max_size=4), st.integers(0, 4), st.booleans())
def test_counting_texts_is_counting_facts(rows: list[Facts], stale: int, is_tagged: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        workspace = make_workspace(Path(folder), house())
        store = workspace.store
        turns = store.turns.ids()
        for at, facts in enumerate(rows):
            decide(store, turns[at], facts, "old" if at == stale else "new")
        if is_tagged:
            tag = Decision(turn=turns[0], kind="tag", reviewer="ann", at=now(), act=new_act(), tag="replay")
            store.journal.append([tag])
        plain = store.facts.tally("new")
        rest = [row.facts for row in store.facts.standing(besides="new")]
        every = [row.facts for row in store.facts.standing()]
        assert tally_of(rest, plain) == tally_of(every)
        assert sum(row.rules == "new" and not row.tags for row in store.facts.standing()) + len(rest) == len(
            every
        )
        workspace.close()
