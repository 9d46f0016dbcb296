"""The query language: what it takes, what it says of itself, and that SQL and plain reading agree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.errors import CuratorError
from curator.jobs import QuietProgress
from curator.model import Decision, Finding, Message, Turn
from curator.store import Filter, SessionInfo, Store, new_act, now
from curator.store.queries import QUERY_KEYS
from tests.factories import make_turn, open_store

THOUGHT = "<think>\nI look it up with {tool} in {place}.\n</think>\n\n"
CALL = (
    '<tool_call>\n{{"name": "{tool}", "arguments": {{"path": "{path}", "deep": {{"x": "Ünder"}}}}}}\n'
    "</tool_call>"
)


def raw(n: int) -> str:
    tool, path = ("grep", "src/Main.py") if n % 2 else ("read_file", "docs/a b.md")
    thought = THOUGHT.format(tool=tool, place=f"folder {n}") if n % 3 else ""
    return thought + "\n".join([CALL.format(tool=tool, path=path)] * (n % 4) or ["all done"])


def turns() -> list[tuple[Turn, tuple[Finding, ...]]]:
    found = []
    for n in range(12):
        prompt = (
            Message("system", "the same words for everybody"),
            Message("user", f"an old question {n}"),
            Message("assistant", "an old answer"),
            Message("user", f"please find café number{n}" if n % 2 else "no such file"),
        )
        turn = make_turn(n, raw(n), prompt=prompt, tier=("code", "chat")[n % 2], session=f"s{n % 3}")
        findings = (Finding("outcome", "error", "bad"), Finding("length", "info", "long"))[: n % 3]
        found.append((turn, findings))
    return found


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = open_store(tmp_path_factory.mktemp("queries"))
    sessions = [SessionInfo(f"s{n}", f"run {n}", model=("Qwen3-8B", "gpt-oss", None)[n]) for n in range(3)]
    source = store.sources.begin("logs/Agent one.jsonl", "chat", "chat/1", "00", 10, "real")
    store.turns.add(source, sessions, turns())
    for turn, verdict, reason in ((1, "incorrect", "wrong_tool"), (2, "correct", None), (3, "skip", None)):
        who = "ann" if turn < 3 else "ben"
        decision = Decision(turn, "verdict", who, now(), new_act(), verdict=verdict, reason=reason)  # type: ignore[arg-type]
        store.journal.append([decision, Decision(turn, "tag", who, now(), new_act(), tag='so "odd"')])
    store.texts.catch_up()
    return store


def holds(query: str, n: int) -> bool:
    """Read a single word without SQL; ``n`` is the index of the turn, its id is one more."""
    turn, findings = turns()[n]
    key, _, value = query.partition(":")
    value = value[1:-1].replace('\\"', '"') if value.startswith('"') else value
    if key == "arg":
        name, _, text = value.partition("~")
        return any(
            text.lower() in str(call.arguments.get(name, "")).lower() for call in turn.output.tool_calls
        )
    if not _:
        words = " ".join(re.findall(r"\w+", query.lower().replace("é", "e")))
        asked = turn.prompt[-1].content.lower().replace("é", "e")
        texts = (
            " ".join(re.findall(r"[^\W_]+", text)) for text in (asked, turn.raw.lower().replace("ü", "u"))
        )
        return any(re.search(rf"(?<!\w){words}", text) for text in texts)
    decided = {0: ("incorrect", "ann"), 1: ("correct", "ann"), 2: ("skip", "ben")}.get(n, ("none", ""))
    count = len(turn.output.tool_calls)
    return {
        "tier": turn.tier == value,
        "tool": any(call.name == value for call in turn.output.tool_calls),
        "check": any(one.check == value for one in findings),
        "severity": any(one.severity == value for one in findings),
        "verdict": decided[0] == value,
        "reviewer": decided[1] == value,
        "reason": n == 0 and value == "wrong_tool",
        "tag": n < 3 and value == 'so "odd"',
        "calls": {"0": count == 0, ">1": count > 1, "<=2": count <= 2}.get(value, False),
        "no": not turn.output.thinking,
        "has": bool(turn.output.thinking),
        "origin": turn.origin == value,
        "session": value in (f"s{n % 3}", f"run {n % 3}"),
        "source": value.lower() in "logs/agent one.jsonl",
        "id": str(n + 1) == value,
        "key": turn.key.startswith(value.lower()),
        "model": value.lower() in ("qwen3-8b", "gpt-oss", "")[n % 3],
    }[key]


WORDS = [
    "tier:code", "tier:none", "tool:grep", "check:outcome", "severity:error", "severity:info", "verdict:none",
    "verdict:incorrect", "verdict:skip", "reviewer:ann", "reason:wrong_tool", 'tag:"so \\"odd\\""', "calls:0",
    "calls:>1", "calls:<=2", "arg:path~SRC/", 'arg:path~"', "has:think", "no:think", "origin:real",
    'session:"run 1"', "source:agent", "model:qwen", "cafe", "number1", '"no such file"', "folder", "grep",
    "id:2", "id:12", "key:0000000000000000000000000000000A",
]  # fmt: skip
WORDS.remove('arg:path~"')


@given(st.lists(st.tuples(st.booleans(), st.sampled_from(WORDS)), max_size=4, unique_by=lambda one: one[1]))
def test_sql_takes_what_a_plain_reading_takes(store: Store, picked: list[tuple[bool, str]]) -> None:
    query = " ".join(f"{'-' * without}{word}" for without, word in picked)
    wanted = [n + 1 for n in range(12) if all(holds(word, n) != without for without, word in picked)]
    read = Filter.parse(query)
    assert list(store.turns.ids(read)) == wanted
    if "\0" not in read.describe():
        assert Filter.parse(read.describe()) == read


def test_history_and_system_prompts_are_not_searched(store: Store) -> None:
    assert not store.turns.ids(Filter.parse('"same words"'))
    assert not store.turns.ids(Filter.parse('"old question"'))
    assert len(store.turns.ids(Filter.parse('"all done"'))) == 3


@pytest.mark.parametrize(
    "text", ["'; DROP TABLE turn; --", 'x" OR 1', "NEAR(a b)", "a* ^b", "%", "\x00", "c++"]
)
def test_nothing_in_a_query_is_a_command(store: Store, text: str) -> None:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    store.turns.ids(Filter.parse(f'"{escaped}" arg:path~"{escaped}" source:"{escaped}" tag:"{escaped}"'))
    assert store.turns.count() == 12


def test_a_slip_is_named_with_the_nearest_key() -> None:
    with pytest.raises(CuratorError, match=r"no filter 'teir'. Did you mean tier\?"):
        Filter.parse("teir:code")
    with pytest.raises(CuratorError, match="not closed"):
        Filter.parse('tier:code "half')
    assert set(QUERY_KEYS) >= {"tier", "tool", "check", "verdict", "arg", "has", "calls"}


@pytest.mark.parametrize("query", ["id:x", "id:-1", "key:xyz", f"key:{'a' * 33}", "id:", "key:"])
def test_a_turn_is_named_by_digits(query: str) -> None:
    with pytest.raises(CuratorError, match=r"(id|key)"):
        Filter.parse(query)


def test_both_sides_of_one_question_fit_no_turn(store: Store) -> None:
    both = Filter.parse("has:think") & Filter.parse("no:think")
    assert not store.turns.ids(both) and Filter.parse(both.describe()) == both


def test_the_text_index_goes_on_from_where_it_stands(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    source = store.sources.begin("log.jsonl", "chat", "chat/1", "00", 10, "real")
    store.turns.add(source, [SessionInfo("s0")], turns()[:5])
    assert store.texts.waiting() == 5
    progress = QuietProgress()
    assert store.texts.catch_up(progress) == 5 and (progress.total, progress.done) == (5, 5)
    assert store.texts.catch_up() == store.texts.waiting() == 0
    store.turns.add(source, [SessionInfo("s0")], turns())
    assert store.texts.catch_up() == 7
    cancelled = QuietProgress()
    cancelled.cancelled = True
    assert store.texts.catch_up(cancelled) == 0
    assert len(store.turns.ids(Filter.parse("number11"))) == 1
    store.close()
