from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from curator.lint import lint
from curator.profiles import load_profile
from tests.lint.sets import chat, codes, divided, found, hermes, mixed, only, plain, sentence, write


def row(*spoken: str, **fields: Any) -> dict[str, Any]:
    return {"messages": chat(*spoken), **fields}


@pytest.mark.parametrize(
    "result", ["[Tool execution completed]", "Mock response", "...", "<insert the file here>"]
)
def test_placeholders_stand_for_results(tmp_path: Path, result: str) -> None:
    told = row("Do it", hermes("set_light", room="attic"), f"Tool result: {result}", "The attic is lit now.")
    assert only(divided(tmp_path, [told]), "placeholder_results").count == 1


@pytest.mark.parametrize(
    "result", ["ok", "Command executed successfully", "done", '{"state": "on"}', "", "42"]
)
def test_short_results_are_no_placeholders(tmp_path: Path, result: str) -> None:
    told = row(
        "Do it", hermes("set_light", room="attic"), f"<tool_response>\n{result}\n</tool_response>", "Lit."
    )
    assert "placeholder_results" not in codes(divided(tmp_path, [told]))


def test_empty_results_count_where_there_are_many(tmp_path: Path) -> None:
    told = [row(f"Do {sentence(n)}", hermes("x", n=n), "Tool result: ", "Lit now.") for n in range(9)]
    assert only(divided(tmp_path, told), "placeholder_results").count == 9


def test_told_calls_and_what_is_made_up_behind_them(tmp_path: Path) -> None:
    rows = [
        row(
            "Is all well?",
            "Looking.\n\n[Calling tarx_health]\n\nAll systems green: inference and memory answer.",
        ),
        row("Make a space", '[Calling tarx_create_space with name="Thesis"]'),
        row("Make one", "Done: tarx_create_space with name='Testing'. Anything else?"),
        row("How?", "Write `[Calling tarx_health]` where you want the check."),
    ]
    folder = divided(tmp_path, rows)
    assert [place.line for place in only(folder, "pseudo_calls").examples] == [61, 62, 63]
    assert [place.line for place in only(folder, "invented_results").examples] == [61]


def test_a_result_within_the_answer_is_invented(tmp_path: Path) -> None:
    call = hermes("lookup", name="x")
    rows = [
        row("Look up", f"{call}\nTool result: it is blue\nSo it is blue."),
        row("Explain", "Observation: the sky is blue because short waves scatter more than long ones do."),
        row("Explain it", "Write it so:\n```\n<tool_response>\nx\n</tool_response>\n```\nand it is read."),
    ]
    one = only(divided(tmp_path, rows), "invented_results")
    assert [place.line for place in one.examples] == [61]
    assert one.severity == "error"


def test_talk_behind_a_call_without_result_is_a_warning(tmp_path: Path) -> None:
    talk = "I have switched the light in the attic on, and it is now shining brightly at full power for you."
    one = only(
        divided(tmp_path, [row("Light", f"{hermes('set_light', room='attic')}\n{talk}")]), "invented_results"
    )
    assert (one.severity, one.count) == ("warning", 1)


def test_open_thinking_and_cut_answers(tmp_path: Path) -> None:
    rows = [row("Why?", "<think>\nLet me see, the user wants"), row("How?", "So:\n```python\nprint(1)\n")]
    folder = divided(tmp_path, rows)
    assert [place.line for place in only(folder, "unclosed_think").examples] == [61]
    cut = only(folder, "truncated_output")
    assert (cut.count, cut.severity) == (2, "warning")


def test_prose_without_full_stops_counts_only_in_numbers(tmp_path: Path) -> None:
    cut = [row(f"Tell {sentence(n)}", " ".join(sentence(n + k, 12) for k in range(5))) for n in range(8)]
    assert "truncated_output" not in codes(divided(tmp_path / "few", cut[:3]))
    one = only(divided(tmp_path / "many", cut), "truncated_output")
    assert (one.count, one.severity) == (8, "error")


def test_thinking_is_as_the_profile_has_it(tmp_path: Path) -> None:
    thinking = row("Why?", f"<think>\nThey ask why.\n</think>\n\nBecause {sentence(3)}.")
    folder = divided(tmp_path, [thinking])
    assert only(folder, "thinking_policy", profile=load_profile("home-assistant")).count == 1


def test_special_tokens_in_content(tmp_path: Path) -> None:
    rows = [
        row("Hello, who are you?", "I am a helper. <|endoftext|>"),
        row("[INST] Who is it? [/INST]", "A helper."),
        row(
            "What ends a message?", "The token `<|im_end|>` does, and ```\n<|im_start|>user\n``` begins one."
        ),
    ]
    one = only(divided(tmp_path, rows), "special_tokens")
    assert [place.line for place in one.examples] == [61, 62]
    assert "<|endoftext|> 1" in one.message


def test_chatml_rows_consist_of_tokens(tmp_path: Path) -> None:
    text = "<|im_start|>user\nAsk {}<|im_end|>\n<|im_start|>assistant\nSay {}.<|im_end|>"
    rows = [{"text": text.format(sentence(n), sentence(n + 300, 11))} for n in range(45)]
    assert codes(write(tmp_path, data=rows)) == []
    rows.append({"text": text.format("what", "This. <|endoftext|>")})
    assert only(write(tmp_path, data=rows), "special_tokens").count == 1


USER, ASSISTANT, TOOL, SYSTEM = (
    {"role": role, "content": f"Something of {role}."} for role in ("user", "assistant", "tool", "system")
)
TOLD = {"role": "user", "content": "<tool_response>\non\n</tool_response>"}
WRAPPED = {"role": "tool", "content": "<tool_response>\non\n</tool_response>"}
CALL = {"role": "assistant", "content": hermes("set_light", room="attic")}


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        ([USER, {"role": "narrator", "content": "x"}, ASSISTANT], "the role 'narrator'"),
        ([USER, ASSISTANT, USER], "ends with user"),
        ([ASSISTANT, USER, ASSISTANT], "begins with assistant"),
        ([USER, ASSISTANT, SYSTEM, USER, ASSISTANT], "a system message after the first"),
        ([USER, USER, ASSISTANT], "two messages of the role user in a row"),
        ([USER, TOOL, ASSISTANT], "a tool result without a call before it"),
        ([USER, CALL, WRAPPED, ASSISTANT], "with a <tool_response> of its own"),
        ([USER], "ends with user"),
        ([{"content": "no role"}, ASSISTANT], "has no role"),
    ],
)
def test_roles(tmp_path: Path, messages: list[dict[str, Any]], words: str) -> None:
    one = only(divided(tmp_path, [{"messages": messages}]), "role_error")
    assert words in one.message
    assert [place.line for place in one.examples] == [61]


@pytest.mark.parametrize(
    "messages",
    [
        [USER, CALL, TOOL, ASSISTANT],
        [USER, CALL, TOOL, TOOL, ASSISTANT],
        [USER, CALL],
        [USER, CALL, TOLD, TOLD, ASSISTANT],
        [USER, CALL, TOLD, USER, ASSISTANT],
    ],
)
def test_roles_that_are_right(tmp_path: Path, messages: list[dict[str, Any]]) -> None:
    assert "role_error" not in codes(divided(tmp_path, [{"messages": messages}]))


def test_results_in_two_forms(tmp_path: Path) -> None:
    told = row("Do it", hermes("set_light", room="attic"), "Tool result: on", "The attic is lit.")
    assert only(divided(tmp_path, [told]), "mixed_result_forms").count == 1


def test_null_messages_are_told_of_though_other_fields_are_read(tmp_path: Path) -> None:
    rows = [{"query": "Who?", "reasoning": "Look", "answer": "He.", "tool_calls": [], "messages": None}] * 3
    assert only(write(tmp_path, data=rows), "null_messages").count == 3


def test_system_prompts_that_drift(tmp_path: Path) -> None:
    other = [
        {"messages": chat(f"Who {sentence(n)}?", f"Me {sentence(n, 10)}.", system="Be brief.")}
        for n in range(4)
    ]
    without = [
        {"messages": chat(f"Why {sentence(n)}?", f"So {sentence(n + 9, 10)}.", system=None)} for n in range(6)
    ]
    folder = divided(tmp_path, [*other, *without])
    prompts, rows = found(lint([folder]), "system_prompt_drift")
    assert (prompts.count, prompts.unit) == (2, "prompts")
    assert (rows.count, rows.unit) == (6, "rows")
    assert "6 of 90 rows" in rows.message


def test_prompts_that_differ_by_data_or_tier_are_the_same(tmp_path: Path) -> None:
    rows = [
        {
            "messages": chat(
                f"Who {sentence(n)}?", f"Me {sentence(n, 10)}.", system=f'Home. STATE {{"lamp": {n}}}'
            )
        }
        for n in range(40)
    ]
    by_tier = [
        {
            "messages": chat(f"Why {sentence(n)}?", f"So {sentence(n + 9, 10)}.", system=f"You are {tier}."),
            "agent": tier,
        }
        for n in range(20)
        for tier in ("coder", "tester")
    ]
    assert "system_prompt_drift" not in codes(write(tmp_path / "data", data=rows))
    assert "system_prompt_drift" not in codes(write(tmp_path / "tier", data=by_tier))


def test_no_system_prompt_at_all_is_no_drift(tmp_path: Path) -> None:
    rows = [
        {"messages": chat(f"Why {sentence(n)}?", f"So {sentence(n + 9, 10)}.", system=None)}
        for n in range(50)
    ]
    assert codes(write(tmp_path, data=rows)) == []


def test_mixed_is_what_it_says() -> None:
    assert sum(len(one["messages"]) == 5 for one in mixed(10)) == 5
    assert plain(3) != plain(4)
