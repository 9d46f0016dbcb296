from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from curator.errors import InputError
from curator.lint import lint
from curator.profiles import load_profile
from tests.lint.sets import (
    calling,
    chat,
    codes,
    divided,
    found,
    hermes,
    mixed,
    only,
    plain,
    row,
    sentence,
    write,
)


def test_copies_in_two_splits(tmp_path: Path) -> None:
    folder = divided(tmp_path, held=[plain(2), plain(4)])
    exact = only(folder, "leakage_exact")
    assert (exact.count, exact.severity) == (2, "error")
    assert "2 of 12 in valid.jsonl (17 %)" in exact.message
    assert [place.line for place in exact.examples] == [11, 12]
    assert only(folder, "leakage_prompt").count == 2


def test_a_question_that_is_asked_again(tmp_path: Path) -> None:
    again = [row(f"Ask {sentence(2)}?", "Quite another answer to the same question, of some length.")]
    folder = divided(tmp_path, held=again)
    assert only(folder, "leakage_prompt").count == 1
    assert "leakage_exact" not in codes(folder)


def test_greetings_and_states_are_no_leaks(tmp_path: Path) -> None:
    def greet(n: int) -> dict[str, Any]:
        return row("Hello!", "What can I do?", f"Ask {sentence(n)}", f"Say {sentence(n + 60, 12)}.")

    def at_home(n: int) -> dict[str, Any]:
        return plain(7, system=f'ONTOLOGY: {{"lamp": {n}}}')

    assert "leakage_prompt" not in codes(divided(tmp_path / "a", map(greet, range(9)), map(greet, [20, 21])))
    home = write(tmp_path / "b", train=map(at_home, range(60)), valid=map(at_home, range(70, 80)))
    assert {"leakage_prompt", "template_spam", "near_duplicates"}.isdisjoint(codes(home))


def test_rows_that_are_nearly_training_rows(tmp_path: Path) -> None:
    long = sentence(900, 60)
    folder = divided(tmp_path, [row(f"Tell {long}", f"So {long}.")], [row(f"Tell {long} now", f"So {long}.")])
    assert only(folder, "leakage_near").count == 1


def test_test_rows_in_valid_count_where_train_is_clean(tmp_path: Path) -> None:
    folder = write(tmp_path, train=mixed(60), valid=mixed(10, 200), test=[*mixed(10, 400), plain(200)])
    one = only(folder, "leakage_exact")
    assert (one.count, one.message) == (
        1,
        "1 held-out row that valid has word for word: 1 of 11 in test.jsonl (9 %).",
    )


def test_a_class_that_train_never_sees(tmp_path: Path) -> None:
    lsp = [
        row(f"Find {sentence(n)}", hermes("goto_definition", symbol=sentence(n, 2))) for n in range(500, 506)
    ]
    one = only(divided(tmp_path, held=lsp), "class_only_in_one_split")
    assert (one.count, one.severity) == (6, "error")
    assert "6 rows with the tools goto_definition" in one.message
    assert "class_only_in_one_split" not in codes(divided(tmp_path / "trained", lsp[:3], lsp[3:]))
    assert "class_only_in_one_split" not in codes(divided(tmp_path / "two", held=lsp[:2]))


def test_a_class_that_is_never_measured(tmp_path: Path) -> None:
    folder = write(tmp_path, train=mixed(80), valid=[plain(n) for n in range(200, 230)])
    one = only(folder, "class_only_in_one_split")
    assert (one.count, one.severity) == (40, "warning")
    assert "valid.jsonl has none of them" in one.message


def test_copies_within_train(tmp_path: Path) -> None:
    few = only(divided(tmp_path / "few", [plain(2), plain(2)]), "duplicate_rows")
    assert (few.count, few.severity) == (2, "warning")
    assert "one stands there 3 ×" in few.message
    assert only(divided(tmp_path / "many", [plain(2)] * 9), "duplicate_rows").severity == "error"
    assert "1 more" in only(divided(tmp_path / "held", [plain(2)], [plain(200)]), "duplicate_rows").message


def test_near_copies_need_the_same_calls(tmp_path: Path) -> None:
    def long(number: int, room: str) -> dict[str, Any]:
        return row(f"Light up {sentence(5, 50)} {WORDS[number]}", hermes("set_light", room=room))

    same = only(divided(tmp_path / "same", [long(n, "attic") for n in range(3)]), "near_duplicates")
    assert (same.count, same.severity) == (2, "info")
    other = divided(tmp_path / "other", [long(n, room) for n, room in enumerate(["attic", "hall", "cellar"])])
    assert "near_duplicates" not in codes(other)


WORDS = ("now", "soon", "later")


def test_rows_from_one_template(tmp_path: Path) -> None:
    spam = [row(f"Explain it (example {n})", f"It is {sentence(n, 20)}.") for n in range(45)]
    one = only(write(tmp_path / "spam", data=spam), "template_spam")
    assert (one.count, one.severity) == (45, "error")
    assert "from 1 template" in one.message
    assert "template_spam" not in codes(divided(tmp_path / "few", spam[:9]))
    assert only(divided(tmp_path / "some", spam[:25]), "template_spam").severity == "warning"


def test_sizes(tmp_path: Path) -> None:
    assert only(write(tmp_path / "a", train=mixed(39), valid=mixed(9, 90)), "too_small").count == 39
    assert "too_small" not in codes(write(tmp_path / "b", train=mixed(40), valid=mixed(9, 90)))
    assert (
        "test.jsonl has 2 rows"
        in only(write(tmp_path / "c", train=mixed(60), test=mixed(2, 90)), "too_small").message
    )
    wanted = only(divided(tmp_path / "d"), "too_small", profile=load_profile("demo"))
    assert "demo wants 312" in wanted.message


def test_lengths(tmp_path: Path) -> None:
    long = row("Tell me more", " ".join(sentence(n) for n in range(300)) + ".")
    folder = divided(tmp_path, [long])
    one = only(folder, "over_length", max_length=1000)
    assert (one.count, one.severity) == (1, "warning")
    assert "estimated" in one.message and "--max-length" in one.message
    assert "over_length" not in codes(folder, max_length=8000)
    (note,) = [note for note in lint([folder]).notes if "Lengths" in note]
    assert "--max-length N" in note


def test_the_length_of_the_training_settings_beside_the_data_counts(tmp_path: Path) -> None:
    folder = divided(tmp_path)
    (folder / "adapter_config.json").write_text(json.dumps({"max_seq_length": 64}))
    assert "limit of adapter_config.json" in only(folder, "over_length").message


def test_empty_and_missing_splits(tmp_path: Path) -> None:
    folder = write(tmp_path / "a", train=mixed(60), valid=[], test=["", "  "])
    one = only(folder, "empty_file")
    assert (one.count, one.unit, one.severity) == (2, "files", "error")
    assert codes(write(tmp_path / "b", train=mixed(60))) == ["missing_split"]
    beside = write(tmp_path / "c", train=mixed(60), valid=mixed(9, 90))
    assert codes(beside / "train.jsonl") == []


def test_names_of_splits(tmp_path: Path) -> None:
    folder = write(tmp_path, train=mixed(60), val=mixed(9, 90), test=mixed(9, 190))
    one = only(folder, "split_names")
    assert one.message == "1 split under another name: val.jsonl should be valid.jsonl."
    assert [file.split for file in lint([folder]).files] == ["train", "valid", "test"]


def test_split_words_in_longer_names_make_sets(tmp_path: Path) -> None:
    splits = {"coder_train": mixed(60), "coder_val": [*mixed(9, 90), plain(2)], "other": mixed(45, 300)}
    report = lint([write(tmp_path, **splits)])
    sets = {Path(file.dataset).name: file.split for file in report.files}
    assert sets == {"coder": "valid", "other.jsonl": "all"}
    assert [one.code for one in report.findings] == ["leakage_exact", "leakage_prompt"]


def test_archives_and_single_files(tmp_path: Path) -> None:
    text = "".join(json.dumps(one) + "\n" for one in mixed(50))
    file = tmp_path / "rows.jsonl.gz"
    file.write_bytes(gzip.compress(text.encode()))
    report = lint([file])
    assert [one.rows for one in report.files] == [50]
    assert report.findings == ()


def test_bad_lines_are_told_with_their_place(tmp_path: Path) -> None:
    one = only(divided(tmp_path, ['{"messages": [', "[1, 2]"]), "unreadable_rows")
    assert [place.line for place in one.examples] == [61, 62]
    assert one.severity == "error"


def test_files_of_no_known_format(tmp_path: Path) -> None:
    folder = write(tmp_path, cases=[{"task": 1}], config=[{"a": 1}])
    (folder / "README.md").write_text("# Rows")
    report = lint([folder])
    assert [Path(file.path).name for file in report.files] == ["cases.jsonl"]
    assert [(one.code, one.severity) for one in report.findings] == [("unknown_format", "info")]


def test_no_data_is_an_error_of_the_user(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no data set here"):
        lint([tmp_path])
    with pytest.raises(InputError, match="no such file"):
        lint([tmp_path / "nowhere"])


def test_preferences_are_judged_by_what_is_chosen(tmp_path: Path) -> None:
    rows = [
        {
            "prompt": chat(f"Ask {sentence(n)}?"),
            "chosen": [{"role": "assistant", "content": f"Say {sentence(n + 99, 12)}."}],
            "rejected": [{"role": "assistant", "content": f"<think>\n{sentence(n + end, 12)}"}],
        }
        for n in range(45)
        for end in (500, 900)
    ]
    assert codes(write(tmp_path, data=rows)) == []


def test_stated_numbers_of_rows(tmp_path: Path) -> None:
    folder = divided(tmp_path)
    (folder / "metadata.json").write_text(json.dumps({"splits": {"train": 60, "val": 12, "test": 10}}))
    one = only(folder, "metadata_mismatch")
    assert one.message.endswith("valid 12 stated, 10 there.")
    (folder / "metadata.json").write_text(json.dumps({"train_examples": 60}))
    assert found(lint([folder]), "metadata_mismatch") == []


def test_the_same_tool_everywhere_is_no_class(tmp_path: Path) -> None:
    assert "class_only_in_one_split" not in codes(
        write(tmp_path, train=map(calling, range(60)), valid=mixed(30, 90))
    )
