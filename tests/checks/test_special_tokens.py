"""Special tokens in content and thinking are found; those quoted, in code or spoken of are not."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from curator.checks import Context, run_checks
from curator.model import Finding, Output
from tests.checks.turns import turn_of

LEAKS = [
    ("Done.<|endoftext|> And more", ["<|endoftext|>"]),
    ("a<|im_end|>\n<|im_start|>user\nb", ["<|im_end|>", "<|im_start|>"]),
    ("<s> Hello", ["<s>"]),
    ("Hello</s> again", ["</s>"]),
    ("[INST] Do it [/INST] ok", ["[INST]", "[/INST]"]),
    ("<<SYS>> be nice", ["<<SYS>>"]),
    (
        "yes<|eot_id|><|start_header_id|>user<|end_header_id|>",
        ["<|eot_id|>", "<|start_header_id|>", "<|end_header_id|>"],
    ),
    ("fine▁<end_of_turn> x", ["<end_of_turn>"]),
    ("<start_of_turn>model", ["<start_of_turn>"]),
    ("好的<｜end▁of▁sentence｜>再见", ["<｜end▁of▁sentence｜>"]),
    ("x <｜User｜>y", ["<｜User｜>"]),
    ("a<|fim_middle|>b<pad><unk>", ["<|fim_middle|>", "<pad>", "<unk>"]),
    ("x<|channel|>final", ["<|channel|>"]),
]
FINE = [
    "The `<|im_end|>` ends a message.",
    "```\n<|im_start|>user\n```",
    "~~~\n[INST] x [/INST]\n~~~",
    'It ends with "<|im_end|>".',
    "Add '<s>' first.",
    "the token <|endoftext|> is special",
    "Use <|eot_id|> as the stop token.",
    "a <|> b and f <| x |> g",
    "<strong>bold</strong> <span>x</span> [INSTALL] [1]",
    "some <s>old</s> text",
    "if a <b and c| d> e",
    "list[Inst] and <user>",
    "",
]


def found_in(content: str | None = None, thinking: str | None = None) -> tuple[Finding, ...]:
    turn = replace(turn_of(""), output=Output(thinking=thinking, content=content))
    return run_checks(turn, Context(), only=["special_tokens"])


@pytest.mark.parametrize(("text", "tokens"), LEAKS)
def test_tokens_are_found_where_they_stand(text: str, tokens: list[str]) -> None:
    (finding,) = found_in(text)
    assert [text[one.start : one.end] for one in finding.evidence] == tokens
    assert finding.severity == "error"
    assert tokens[0] in finding.message


@pytest.mark.parametrize("text", FINE)
def test_tokens_that_are_quoted_or_spoken_of_are_fine(text: str) -> None:
    assert found_in(text) == ()


def test_thinking_has_a_finding_of_its_own() -> None:
    one, other = found_in("a<|im_end|>b", "c<|eot_id|>d")
    assert {one.evidence[0].field, other.evidence[0].field} == {"thinking", "content"}


def test_many_tokens_are_counted_not_listed() -> None:
    (finding,) = found_in("".join(f"a<|t{number}|>" for number in range(9)))
    assert finding.message.endswith("<|t3|> and 5 more")
    assert len(finding.evidence) == 9


@pytest.mark.parametrize("end", ["<|im_end|>", "<|endoftext|>", "</s>"])
def test_the_stop_token_at_the_end_of_an_output_is_the_servers(end: str) -> None:
    assert run_checks(turn_of(f"Done.{end}"), Context(), only=["special_tokens"]) == ()
    assert run_checks(turn_of(f"Done.{end}Done."), Context(), only=["special_tokens"])
