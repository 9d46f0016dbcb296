from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.datasets.freezing import freeze, gather
from curator.datasets.frozen import (
    MANIFEST,
    all_datasets,
    compare,
    datasets_dir,
    find_dataset,
    frozen_rows,
    row_pairs,
)
from curator.datasets.lineage import RunTrace, TurnTrace, trace
from curator.datasets.runs import prepare_run
from curator.datasets.splits import Member, Members, divide
from curator.datasets.spool import Texts
from curator.errors import CuratorError, GateError, StoppedError
from curator.exporters import decided_rows, export_format, standing
from curator.jobs import QuietProgress
from curator.model import Correction, Message, Redaction
from curator.review import Desk
from curator.store import SessionInfo
from curator.workspace import Workspace
from tests.factories import LOCK, OFF, make_turn
from tests.shared import ROOT

PROFILE = """
name = "small"
preferences = "required"
[split]
shares = [0.5, 0.25, 0.25]
names = ["train", "valid", "test"]
group_by = "session"
[gates]
min_sft_rows = 10
"""


def request(n: int) -> str:
    """Twelve words that no other request has."""
    return " ".join(f"w{n}x{k}" for k in range(12))


@pytest.fixture
def home(tmp_path: Path) -> Workspace:
    """Twelve turns of six sessions, ten of them decided on."""
    (tmp_path / "small.toml").write_text(PROFILE, encoding="utf-8")
    workspace = Workspace.open(tmp_path, profile="small.toml", create=True)
    turns = [make_turn(n, session=f"s{n // 2}", prompt=(Message("user", request(n)),)) for n in range(12)]
    store = workspace.store
    source = store.sources.begin("log.jsonl", "chat", "chat/1", "00", 10, "real")
    store.turns.add(source, [SessionInfo(f"s{n}") for n in range(6)], [(turn, ()) for turn in turns])
    desk = Desk(store, workspace.profile, "ann")
    for n in range(1, 9):
        desk.verdict(n, "correct")
    desk.correct(9, Correction("I lock it", None, (LOCK,)))
    desk.correct(10, Correction("I switch it off", None, (OFF,)))
    return workspace


def files(workspace: Workspace, id: str) -> dict[str, bytes]:
    folder = datasets_dir(workspace) / id
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*.jsonl")}


def test_every_row_is_frozen_once_with_its_origin(home: Workspace) -> None:
    frozen = freeze(home, "first", reviewer="ann")
    assert frozen.is_new and frozen.manifest.id == "first-v1"
    rows = list(frozen_rows(home, frozen.manifest))
    assert frozen.manifest.rows("sft") == 10 and frozen.manifest.rows("pairs") == 2
    assert {row.origin.turn for _, row in rows} == {f"{n:032x}" for n in range(10)}
    assert all(row.origin.reviewer == "ann" and row.origin.source == "log.jsonl" for _, row in rows)
    sessions: dict[str, set[str]] = {}
    for split, row in rows:
        sessions.setdefault(row.origin.session, set()).add(split)
    assert all(len(splits) == 1 for splits in sessions.values())
    assert set(frozen.manifest.splits) == {"train", "valid", "test"}


def test_the_manifest_fits_its_schema_and_its_hashes(home: Workspace) -> None:
    from jsonschema import Draft202012Validator

    manifest = freeze(home, "first").manifest
    folder = datasets_dir(home) / manifest.id
    schema = json.loads((ROOT / "schemas" / "dataset.schema.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(json.loads((folder / MANIFEST).read_bytes()))
    assert schema["properties"].keys() == set(manifest.__struct_fields__)
    for file in manifest.files:
        data = (folder / file.path).read_bytes()
        assert sha256(data).hexdigest() == file.sha256 and data.count(b"\n") == file.rows


def test_the_same_rows_are_frozen_once(home: Workspace) -> None:
    first = freeze(home, "first")
    again = freeze(home, "first")
    assert not again.is_new and again.manifest == first.manifest
    other = freeze(home, "other")
    assert other.is_new and other.manifest.sha256 == first.manifest.sha256
    assert [one.id for one in all_datasets(home)] == ["other-v1", "first-v1"]
    before = files(home, "first-v1")
    Desk(home.store, home.profile, "ben").verdict(11, "correct")
    second = freeze(home, "first")
    assert second.manifest.id == "first-v2" and files(home, "first-v1") == before
    assert find_dataset(home, "first") == second.manifest


def test_an_open_gate_refuses_and_a_reason_travels(home: Workspace) -> None:
    desk = Desk(home.store, home.profile, "ann")
    desk.undo()
    with pytest.raises(GateError, match="1 more SFT row"):
        freeze(home, "first")
    assert all_datasets(home) == []
    manifest = freeze(home, "first", anyway="a pilot").manifest
    assert manifest.anyway == "a pilot" and "open" in {gate.state for gate in manifest.gates}
    home.store.waivers.give("sft_rows", "only to see", "ann")
    waived = freeze(home, "second").manifest
    assert any("only to see" in gate.reason for gate in waived.gates)


def test_a_query_and_a_broken_name(home: Workspace) -> None:
    assert freeze(home, "part", query="verdict:corrected").manifest.rows("sft") == 2
    with pytest.raises(CuratorError, match="no name"):
        freeze(home, "../out")
    with pytest.raises(CuratorError, match="no row"):
        freeze(home, "none", query="verdict:skip")
    assert not [p for p in datasets_dir(home).iterdir() if p.name.startswith(".")]


def test_differences_name_what_came_went_and_changed(home: Workspace) -> None:
    first = freeze(home, "first").manifest
    desk = Desk(home.store, home.profile, "ben")
    desk.verdict(11, "correct")
    desk.verdict(1, "skip")
    desk.correct(2, Correction("I lock it", None, (LOCK,)))
    second = freeze(home, "first").manifest
    found = compare(home, first, second)
    assert {row.origin.turn for row in found.added} == {f"{10:032x}", f"{1:032x}"}
    assert [row.origin.turn for row in found.removed] == [f"{0:032x}"]
    assert [(a.origin.reviewer, b.origin.reviewer) for a, b in found.changed] == [("ann", "ben")]


def test_rows_and_runs_are_traced(home: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    manifest = freeze(home, "first").manifest
    _, row = next(frozen_rows(home, manifest, "train"))
    found = trace(home, row.id)
    assert isinstance(found, TurnTrace) and found.key == row.origin.turn
    assert found.source.line == int(found.key, 16) + 1 and found.decisions[0].reviewer == "ann"
    base = tmp_path / "base.gguf"
    base.write_bytes(b"GGUF")
    home.save(msgspec.structs.replace(home.config, base="base.gguf"))
    run_dir = prepare_run(home, frozen=manifest)
    assert trace(home, found.key).rows[-1].place == run_dir.name  # type: ignore[union-attr]
    of_run = trace(home, run_dir.name)
    assert isinstance(of_run, RunTrace) and of_run.rows == manifest.rows("sft", "train")
    assert of_run.dataset == f"first-v1 {manifest.sha256}"
    with pytest.raises(CuratorError, match="is no turn"):
        trace(home, "nothing")


def test_a_torn_file_is_named(home: Workspace) -> None:
    manifest = freeze(home, "first").manifest
    path = datasets_dir(home) / manifest.id / "train" / "sft.jsonl"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(CuratorError, match=r"sft\.jsonl, line \d+"):
        list(frozen_rows(home, manifest))


def test_gathering_writes_nothing(home: Workspace) -> None:
    ready = gather(home)
    assert len(ready.sft) == 10 and sum(ready.classes.values()) == 10 and not ready.missing
    assert not datasets_dir(home).exists()


class Stopping(QuietProgress):
    """Is cancelled when a phase begins, or when it has counted so many units of it."""

    def __init__(self, label: str, units: int) -> None:
        super().__init__()
        self._label, self._units = label, units
        self.phases: dict[str, tuple[int, int | None]] = {}

    def begin(self, label: str, total: int | None = None) -> None:
        super().begin(label, total)
        self.advance(0)

    def advance(self, n: int = 1) -> None:
        super().advance(n)
        self.phases[self.label] = self.done, self.total
        self.cancelled = self.cancelled or (self.label == self._label and self.done >= self._units)


@pytest.mark.parametrize(("label", "units"), [("rows", 0), ("rows", 4), ("files", 0), ("files", 7)])
def test_a_stop_leaves_nothing(
    home: Workspace, monkeypatch: pytest.MonkeyPatch, label: str, units: int
) -> None:
    monkeypatch.setattr(standing, "_READ_AT_ONCE", 2)
    with pytest.raises(StoppedError) as stopped:
        freeze(home, "first", progress=Stopping(label, units))
    assert stopped.value.exit_code == 130
    assert list(datasets_dir(home).iterdir()) == []
    assert freeze(home, "first").manifest.rows("sft") == 10


def test_progress_counts_every_row(home: Workspace) -> None:
    progress = Stopping("none", 0)
    freeze(home, "first", progress=progress)
    assert progress.phases == {"rows": (10, 10), "splits": (0, None), "files": (12, 12)}


def test_a_stopped_export_leaves_the_old_files(home: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing, "_READ_AT_ONCE", 2)
    out, trl, store = home.folder / "out", export_format("trl"), home.store
    before = trl.export(decided_rows(store, home.profile), out)
    manifest = freeze(home, "first").manifest
    Desk(store, home.profile, "ben").verdict(11, "correct")
    with pytest.raises(StoppedError):
        trl.export(decided_rows(store, home.profile, progress=Stopping("", 4)), out)
    with pytest.raises(StoppedError):
        trl.export(row_pairs(home, manifest, progress=Stopping("", 4)), out)
    assert sorted(path.name for path in out.iterdir()) == ["dpo.jsonl", "sft.jsonl"]
    for file in before:
        assert sha256(Path(file.path).read_bytes()).hexdigest() == file.sha256


def test_rows_do_not_depend_on_how_many_are_read_at_once(
    home: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(home.store, home.profile, "ann")
    desk.redact(3, (Redaction("w2x3", "[name]"),))
    desk.redact(9, (Redaction("w8x0", "[one]"), Redaction("w8x1", "[two]")))
    desk.redact(9, (Redaction("w8x2", "[three]"),))
    desk.verdict(5, "incorrect")
    desk.undo()
    once = list(decided_rows(home.store, home.profile))
    monkeypatch.setattr(standing, "_READ_AT_ONCE", 1)
    assert list(decided_rows(home.store, home.profile)) == once and len(once) == 10
    text = msgspec.json.encode(once).decode()
    assert "w2x3" not in text and "w8x2" not in text and "w8x1" in text


@given(st.lists(st.text(st.characters(), max_size=6), max_size=8), st.data())
def test_texts_on_disk_are_those_that_were_given(given: list[str], data: st.DataObject) -> None:
    texts = Texts()
    for number, text in enumerate(given, 1):
        texts.append(text)
        at = data.draw(st.integers(-number, number - 1))
        assert texts[at] == given[:number][at]
    assert list(texts) == given and texts[1:3] == given[1:3] and len(texts) == len(given)


MEMBERS = st.lists(
    st.builds(
        Member,
        st.sampled_from([f"g{n}" for n in range(12)]),
        st.sampled_from(["turn on the light in the hall now please", "lock it", "what is the time"]),
        st.sampled_from(["a", "b"]),
    ),
    max_size=30,
)


@given(MEMBERS, st.integers(0, 3))
def test_groups_stay_together_in_any_order(members: list[Member], seed: int) -> None:
    parts = divide(Members(members), (0.8, 0.1, 0.1), seed)
    by_group: dict[str, set[int]] = {}
    for one, part in zip(members, parts, strict=True):
        by_group.setdefault(one.group, set()).add(part)
    assert all(len(found) == 1 for found in by_group.values())
    shuffled = sorted(range(len(members)), key=lambda at: (members[at].text, at))
    again = divide(Members(members[at] for at in shuffled), (0.8, 0.1, 0.1), seed)
    assert sorted(zip(members, parts, strict=True)) == sorted(
        zip([members[at] for at in shuffled], again, strict=True)
    )


def test_shares_hold_for_many_groups_and_a_row_keeps_its_part() -> None:
    members = [Member(f"session {n}", f"text number {n * 7919} alone {n}", "") for n in range(2000)]
    parts = divide(Members(members), (0.8, 0.1, 0.1))
    assert [round(parts.count(n) / 2000, 1) for n in (0, 1, 2)] == [0.8, 0.1, 0.1]
    assert divide(Members(members[:500]), (0.8, 0.1, 0.1)) == parts[:500]
