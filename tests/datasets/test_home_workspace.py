"""A Home Assistant workspace is brought from closed gates to open ones, and back, by decisions alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from curator.datasets import bands, check_gates, count, coverage, require_open
from curator.datasets.advice import helping, ratio_advice
from curator.errors import GateError
from curator.ingest import ingest
from curator.model import Correction, ToolCall
from curator.profiles import load_profile
from curator.review import Desk
from curator.store import Store
from tests.checks.homes import home_rows

PROFILE = load_profile("home-assistant")
KINDS = ("action", "action", "text", "satisfied", "alias", "sibling", "absent", "fetch", "text", "satisfied")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    log = tmp_path / "rows.jsonl"
    rows = [{**row.fields, "id": f"{n}:{row.kind}"} for n, row in enumerate(home_rows(40))]
    log.write_text("".join(json.dumps(row) + "\n" for row in rows))
    store = Store.open(tmp_path / "curator.db")
    report = ingest(store, [log], profile=PROFILE)
    assert (report.sources[0].format, report.totals.turns) == ("home-assistant", 40)
    yield Desk(store, PROFILE, "ann")
    store.close()


def kind_of(desk: Desk, turn: int) -> str:
    return desk.store.turns.session(turn).name.partition(":")[2]


def by_kind(desk: Desk) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for turn in desk.store.turns.ids():
        found.setdefault(kind_of(desk, turn), []).append(turn)
    return found


def shown(desk: Desk) -> str:
    """The meters as one line: bands, coverage, what is open."""
    meters = count(desk.store, profile=PROFILE)
    shares = " ".join(f"{band.id} {band.share:.0%} {band.state}" for band in bands(meters, PROFILE))
    covered = sum(item.state == "met" for item in coverage(meters, PROFILE))
    missing = [gate.missing for gate in check_gates(meters, PROFILE) if gate.state == "open"]
    return (
        f"{meters.sft_rows} rows | {shares} | coverage {covered}/5 | {'; '.join(missing) or 'open to train'}"
    )


def test_from_closed_to_open_and_back(desk: Desk) -> None:
    kinds, steps = by_kind(desk), [shown(desk)]
    meters = count(desk.store, profile=PROFILE)
    accepted: dict[str, int] = {}
    for kind in ("action", "sibling", "alias", "fetch", "absent", "text", "text", "text", "satisfied"):
        accepted[kind] = kinds[kind].pop(0)
        meters = meters.moved(desk.verdict(accepted[kind], "correct"))
        steps.append(f"{kind}: {shown(desk)}")
    print("\n".join(steps))
    assert meters == count(desk.store, profile=PROFILE)
    assert "coverage 0/5" in steps[0] and "open to train" not in steps[-3]
    assert steps[-1].endswith("coverage 5/5 | open to train")
    require_open(meters, PROFILE)

    desk.verdict(accepted["satisfied"], "incorrect")
    assert "coverage 5/5" in shown(desk), "the sibling shows a state that already holds too"
    desk.verdict(accepted["sibling"], "incorrect")
    closed = count(desk.store, profile=PROFILE)
    missing = {gate.id: gate for gate in check_gates(closed, PROFILE) if gate.state == "open"}
    assert missing["coverage_already_satisfied"].missing.startswith(
        "no row yet: Where the state already holds"
    )
    with pytest.raises(GateError, match="no row yet: Where the state already holds"):
        require_open(closed, PROFILE)
    turns = helping(desk.store, PROFILE, missing["coverage_already_satisfied"])
    assert {kind_of(desk, turn) for turn in turns} == {"satisfied", "sibling"}
    desk.undo()
    require_open(count(desk.store, profile=PROFILE), PROFILE)


def test_too_many_calls_close_a_band_and_advice_brings_it_back(desk: Desk) -> None:
    kinds = by_kind(desk)
    for turn in kinds["action"]:
        desk.verdict(turn, "correct")
    meters = count(desk.store, profile=PROFILE)
    gates = {gate.id: gate for gate in check_gates(meters, PROFILE)}
    assert gates["band_one"].state == gates["band_none"].state == "open"
    (advice,) = ratio_advice(desk.store, meters, PROFILE)
    assert advice.id == "none" and len(advice.turns) == len(kinds["action"])
    for turn in advice.turns:
        desk.verdict(turn, "correct")
    gates = {gate.id: gate for gate in check_gates(count(desk.store, profile=PROFILE), PROFILE)}
    assert gates["band_none"].state == "met"


def test_rows_that_break_the_rules_keep_the_gate_closed(desk: Desk) -> None:
    turn = by_kind(desk)["satisfied"][0]
    card = desk.card(turn)
    assert {tool.name for tool in card.turn.tools} >= {"get_entity_state", "turn_on"}
    desk.correct(turn, Correction(tool_calls=(ToolCall("turn_on", {"entity_id": "light.nowhere"}),)))
    gates = {gate.id: gate for gate in check_gates(count(desk.store, profile=PROFILE), PROFILE)}
    assert gates["no_unknown_entity"].missing == "1 row with unknown entity"
