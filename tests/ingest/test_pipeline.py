from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from curator.checks import Context
from curator.errors import InputError
from curator.ingest import IngestReport, Options, Reader, Source, ingest, parts, registry
from curator.ingest.items import Item, Seen
from curator.jobs import QuietProgress
from curator.model import Finding, Turn
from curator.store import Store
from tests.ingest.engine import Engine, call
from tests.ingest.test_chat import ASK, GOOD, SAY, row, write

LIT = {**SAY, "content": "It is lit."}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "db" / "curator.db")
    yield opened
    opened.close()


def session(folder: Path, answer: str = "Hi.") -> Path:
    prompt = Engine().prompt(("system", "S"), ("user", "U")).loop(2)
    return prompt.turn(answer, len(answer)).save(folder)


def logs(tmp_path: Path) -> Path:
    """A folder with one of everything: a session, a chat file, an unknown file, an empty one."""
    root = tmp_path / "logs"
    session(root / "one")
    write(root / "one", row(ASK, {**SAY, "content": "Extra."}), name="extra.jsonl")
    write(root, GOOD, "oops", row(ASK, LIT, ASK, SAY), name="chat.jsonl")
    (root / "notes.md").write_text("hello")
    (root / "empty.jsonl").touch()
    return root


def test_a_folder_is_walked_and_everything_is_accounted_for(tmp_path: Path, store: Store) -> None:
    report = ingest(store, [logs(tmp_path)])
    by_name = {Path(s.path).name: s for s in report.sources}
    assert {name: s.format for name, s in by_name.items()} == {
        "one": "entropic",
        "extra.jsonl": "chat",
        "chat.jsonl": "chat",
        "notes.md": "unknown",
        "empty.jsonl": "unknown",
    }
    chat = by_name["chat.jsonl"]
    assert (chat.sessions, chat.turns, chat.new_turns, chat.records) == (2, 3, 3, 4)
    assert [(d.code, d.count) for d in chat.dropped] == [("invalid_json", 1)]
    assert chat.dropped[0].first.startswith(f"{chat.path}:2: the line is not JSON")
    assert by_name["notes.md"].dropped[0].code == "unknown_format"
    assert by_name["empty.jsonl"].dropped[0].code == "empty_file"
    totals = report.totals
    assert (totals.sessions, totals.turns, totals.new_turns, totals.dropped) == (4, 5, 5, 3)
    assert report.unexplained == 0 and not report.nothing_read


def test_the_report_has_the_agreed_shape(tmp_path: Path, store: Store) -> None:
    plain = json.loads(json.dumps(ingest(store, [logs(tmp_path)]).to_dict()))
    agreed = {"path", "format", "sessions", "turns", "tool_calls", "new_turns", "repaired", "dropped"}
    assert all(agreed <= source.keys() for source in plain["sources"])
    assert agreed - {"path", "format"} <= plain["totals"].keys()
    entry = next(s["dropped"] for s in plain["sources"] if s["dropped"])[0]
    assert entry.keys() == {"code", "count", "first"}


def test_ingesting_again_or_from_elsewhere_adds_nothing(tmp_path: Path, store: Store) -> None:
    root = logs(tmp_path)
    first = ingest(store, [root, root / "chat.jsonl"])
    assert ingest(store, [root]).totals.new_turns == 0
    moved = root.rename(tmp_path / "moved")
    assert ingest(store, [moved]).totals.new_turns == 0
    assert store.turns.count() == first.totals.new_turns == first.totals.turns


def test_a_grown_log_adds_only_what_is_new(tmp_path: Path, store: Store) -> None:
    path = write(tmp_path, GOOD, GOOD)
    assert ingest(store, [path]).totals.new_turns == 2
    with path.open("a") as file:
        file.write(GOOD + "\n" + row(ASK, {**SAY, "content": "New."}) + "\n")
    report = ingest(store, [path])
    assert (report.totals.turns, report.totals.new_turns) == (4, 2)


def test_a_stored_turn_is_the_turn_that_was_read(tmp_path: Path, store: Store) -> None:
    engine = Engine(("git.status",)).prompt(("system", "S"), ("user", "U")).loop(2)
    engine.turn(call("git.status"), 0, ("git.status",)).takes("git.status").result("git.status", "clean")
    folder = engine.loop(4).turn("Done.", 5, number=2).save(tmp_path / "s")
    ingest(store, [folder], origin="synthetic", tier="ops")
    first, second = (store.turns.get(i) for i in store.turns.ids())
    assert first.outcomes[0].text == "clean" and len(second.prompt) == 4
    assert (second.origin, second.tier, second.labels["test_name"]) == ("synthetic", "ops", "made_up")
    assert store.turns.session(first.id).name == "s" and store.turns.session(first.id).turns == 2
    (source,) = store.sources.all()
    assert source.path == str(folder) and source.reader == "entropic/1" and source.report["turns"] == 2


def test_a_dry_run_needs_no_store_and_writes_nothing(tmp_path: Path, store: Store) -> None:
    report = ingest(store, [logs(tmp_path)], dry_run=True)
    assert report.totals.turns == 5 and report.totals.new_turns == 0
    assert store.sources.all() == [] and store.turns.count() == 0
    assert ingest(None, [tmp_path / "logs"], dry_run=True).totals == report.totals


def test_cancelling_keeps_what_was_read(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", 1)
    monkeypatch.setattr(parts, "_BLOCK_BYTES", 2 * len(GOOD) + 2)
    paths = [write(tmp_path, GOOD, GOOD, GOOD, GOOD, GOOD, name=f"{n}.jsonl") for n in range(2)]
    progress = QuietProgress()
    monkeypatch.setattr(progress, "advance", lambda n=1: setattr(progress, "cancelled", n > 0))
    report = ingest(store, paths, progress=progress)
    assert report.cancelled and report.to_dict()["cancelled"] and store.turns.count() == 2
    assert [source.complete for source in store.sources.all()] == [False]
    report = ingest(store, paths)
    assert (report.totals.turns, report.totals.new_turns, store.turns.count()) == (10, 3, 5)
    assert all(source.complete for source in store.sources.all())


def test_checks_see_the_session_so_far(tmp_path: Path, store: Store) -> None:
    seen: list[int] = []

    def check(turn: Turn, context: Context) -> tuple[Finding, ...]:
        seen.append(len(context.seen))
        return (Finding("made_up", "warning", "Found."),)

    asks = {**SAY, "content": '<tool_call>{"name": "a", "arguments": {}}</tool_call>'}
    ingest(store, [write(tmp_path, row(ASK, asks, ASK, SAY), GOOD)], check=check)
    assert seen == [0, 1, 0]
    assert [store.turns.findings(i)[0].check for i in store.turns.ids()] == ["made_up"] * 3
    assert ingest(store, [tmp_path / "c.jsonl"], check=None).totals.new_turns == 0


def test_progress_reaches_the_size_of_the_file(tmp_path: Path, store: Store) -> None:
    path, progress = write(tmp_path, GOOD, GOOD), QuietProgress()
    ingest(store, [path], progress=progress)
    assert progress.done == progress.total == path.stat().st_size


def test_what_is_missing_or_unreadable_is_said(tmp_path: Path) -> None:
    report = ingest(None, [tmp_path / "nowhere.jsonl"], dry_run=True)
    assert report.sources[0].dropped[0].code == "missing" and report.nothing_read
    session(tmp_path / "good")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "session_model.log").mkdir()
    (tmp_path / "dangling.jsonl").symlink_to(tmp_path / "gone.jsonl")
    report = ingest(None, [tmp_path, tmp_path / "bad" / "session_model.log"], dry_run=True)
    assert {d.code for s in report.sources for d in s.dropped} == {"unreadable"}
    assert report.totals.turns == 1 and not report.nothing_read


def test_forcing_a_reader(tmp_path: Path) -> None:
    odd = write(tmp_path, row(ASK, SAY), name="log.txt")
    broken = write(tmp_path, '{"rows": 1}', name="x.jsonl")
    (tmp_path / "y.txt").write_text("y")
    assert ingest(None, [broken], as_format="chat", dry_run=True).sources[0].dropped[0].code == "no_messages"
    report = ingest(None, [tmp_path], as_format="chat", dry_run=True)
    assert {Path(s.path).name: s.format for s in report.sources} == {
        "log.txt": "chat",
        "x.jsonl": "chat",
        "y.txt": "unknown",
    }
    assert ingest(None, [odd], as_format="entropic", dry_run=True).nothing_read
    with pytest.raises(InputError, match=r"alpaca, .*chat, .*entropic"):
        ingest(None, [odd], as_format="nonsense", dry_run=True)


def test_the_log_itself_may_be_named(tmp_path: Path) -> None:
    folder = session(tmp_path / "s")
    report = ingest(None, [folder / "session_model.log", folder], dry_run=True)
    assert [(s.format, s.turns) for s in report.sources] == [("entropic", 1)]


def test_a_reader_is_one_class_that_registers_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_READERS", dict(registry.readers()))
    registry.readers.cache_clear()

    @registry.register
    class Forgetful(Reader):
        """Sees two generations and gives none, as a wrong reader might."""

        name: ClassVar[str] = "forgetful"
        title: ClassVar[str] = "a test"

        def sniff(self, path: Path, head: bytes) -> float:
            return float(head.startswith(b"FORGET"))

        def read(self, source: Source, options: Options) -> Iterator[Item]:
            yield Seen(2)

    try:
        (tmp_path / "a.log").write_text("FORGET me")
        report = ingest(None, [tmp_path], dry_run=True)
    finally:
        registry.readers.cache_clear()
    assert isinstance(report, IngestReport) and report.sources[0].format == "forgetful"
    assert report.unexplained == 2
