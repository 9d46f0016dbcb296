"""Writes a commented profile from the answers to a short interview."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, get_args

from curator.errors import ProfileError
from curator.profiles.faults import dotted, near, quoted
from curator.profiles.model import Policy

Answers = Mapping[str, Any]
"""Key of a question → the value read from its answer."""


class Question(NamedTuple):
    """One question. ``read`` turns an answer into a value, or raises ProfileError with what is wanted."""

    key: str
    ask: str
    default: str
    read: Callable[[str], Any]


def questions(name: str) -> tuple[Question, ...]:
    """Return the interview for a profile called ``name``; all answers may be left at their defaults."""
    return (
        Question("name", "Name", name, _some_text),
        Question("title", "Title, a few words", name, str.strip),
        Question("tiers", "Tiers or roles that get rows of their own, with commas", "", _words),
        Question("thinking", "Thinking in rows: required, optional or forbidden", "optional", _policy),
        Question("preferences", "Preference pairs: required, optional or forbidden", "optional", _policy),
        Question("syntax", "Call syntax that the agent's parser reads", "hermes", _syntax),
        Question("base", "Base model, a folder or GGUF file (empty: the demo's small one)", "", str.strip),
        Question(
            "rows", "SFT rows before training may start, in each tier if there are any", "500", _whole(1)
        ),
        Question("none", "Rows without a call, in percent from-to (empty: any)", "", _band),
        Question("one", "Rows with one call, in percent from-to (empty: any)", "", _band),
        Question("several", "Rows with several calls, in percent from-to (empty: any)", "", _band),
        Question("max_tokens", "Longest row in tokens", "2048", _whole(1)),
        Question("rank", "LoRA rank", "16", _whole(1)),
        Question("epochs", "Epochs", "2", _positive),
        Question("learning_rate", "Learning rate", "2e-4", _positive),
        Question("suite", "Held-out suite, a .jsonl file (empty: none yet)", "", str.strip),
    )


def defaults(name: str) -> dict[str, Any]:
    """Return the values of the interview when nothing is answered."""
    return {question.key: question.read(question.default) for question in questions(name)}


def profile_toml(answers: Answers) -> str:
    """Return the text of a profile with these answers, which says what may be changed and why."""
    parts = (_head, _tiers, _bands, _lengths, _gates, _preset, _evaluation)
    return "\n".join(filter(None, (part(answers) for part in parts)))


def _head(answers: Answers) -> str:
    return f"""\
# What this project demands of its data. docs/profiles.md explains every key; `curator profiles check`
# reads this file and says what is wrong with it.
name = {quoted(answers["name"])}
title = {quoted(answers["title"])}

# required: rows must think. forbidden: rows are written without it.
thinking = {quoted(answers["thinking"])}
# forbidden: no pairs are made of corrections.
preferences = {quoted(answers["preferences"])}
# How calls are written into rows of text logs.
syntax = {quoted(answers["syntax"])}
# A Hugging Face folder or a GGUF file, relative to the workspace; empty means the small model of the demo.
base = {quoted(answers["base"])}
# What reviewers are told beside the turn.
guidelines = ""
"""


def _tiers(answers: Answers) -> str:
    tables = [
        f'[{dotted(("tiers", tier))}]\ntitle = {quoted(tier)}\nfocus = ""\ntarget_rows = {answers["rows"]}\n'
        for tier in answers["tiers"]
    ]
    comment = "# What each tier is for, what it should learn, and how many rows it wants.\n"
    return comment + "\n".join(tables) if tables else ""


def _bands(answers: Answers) -> str:
    kinds = [kind for kind in ("none", "one", "several") if answers[kind]]
    if not kinds:
        return ""
    lines = [f"{kind} = [{answers[kind][0]:g}, {answers[kind][1]:g}]\n" for kind in kinds]
    return "# Shares of the SFT rows with no, one and several calls.\n[bands]\n" + "".join(lines)


def _lengths(answers: Answers) -> str:
    return f"""\
# In tokens of the base: tools, prompt and answer together.
[lengths]
max_tokens = {answers["max_tokens"]}

[split]
shares = [0.8, 0.1, 0.1]
# What must not be torn apart: session, prompt or template.
group_by = "session"
"""


def _gates(answers: Answers) -> str:
    has_bands = any(answers[kind] for kind in ("none", "one", "several"))
    lines = [
        f"min_sft_rows = {answers['rows']}",
        *(["min_pairs = 1"] if answers["preferences"] == "required" else []),
        *(["bands = true"] if has_bands else []),
        *(["tier_targets = true"] if answers["tiers"] else []),
        *(["thinking = true"] if answers["thinking"] != "optional" else []),
        "lengths = true",
        "no_duplicates = true",
        "no_secrets = true",
    ]
    comment = "# Training does not start while one of these is open, unless it is waived with a reason."
    return "\n".join([comment, "[gates]", *lines, ""])


def _preset(answers: Answers) -> str:
    return f"""\
[presets.default]
title = {quoted(f"LoRA, rank {answers['rank']}")}
rank = {answers["rank"]}
alpha = {answers["rank"] * 2}
epochs = {answers["epochs"]:g}
learning_rate = {answers["learning_rate"]!r}
batch_size = 4
max_length = {answers["max_tokens"]}
"""


def _evaluation(answers: Answers) -> str:
    return f"""\
[evaluation]
# Cases that no row comes from. Empty: the adapter is not measured.
suite = {quoted(answers["suite"])}
"""


def _some_text(answer: str) -> str:
    if not answer.strip():
        raise ProfileError("It needs a name.")
    return answer.strip()


def _words(answer: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.strip() for word in answer.split(",") if word.strip()))


def _policy(answer: str) -> str:
    if answer.strip() not in get_args(Policy):
        raise ProfileError("Answer required, optional or forbidden.")
    return answer.strip()


def _syntax(answer: str) -> str:
    from curator.parsing import syntaxes

    known = [one.id for one in syntaxes()]
    if answer.strip() not in known:
        raise ProfileError(f"There is no call syntax {answer.strip()!r}{near(answer.strip(), known)}")
    return answer.strip()


def _whole(least: int) -> Callable[[str], int]:
    def read(answer: str) -> int:
        if not re.fullmatch(r"\s*\d{1,9}\s*", answer) or int(answer) < least:
            raise ProfileError(f"Answer a whole number from {least}.")
        return int(answer)

    return read


def _positive(answer: str) -> float:
    try:
        value = float(answer)
    except ValueError:
        value = 0.0
    if not 0 < value < 1e6:
        raise ProfileError("Answer a number above 0.")
    return value


def _band(answer: str) -> tuple[float, float] | None:
    if not answer.strip():
        return None
    match = re.fullmatch(r"\s*(\d{1,3})\s*%?\s*[-–]\s*(\d{1,3})\s*%?\s*", answer)
    if match is None or not int(match[1]) <= int(match[2]) <= 100:
        raise ProfileError("Answer two percentages such as 50-70, or nothing.")
    return int(match[1]) / 100, int(match[2]) / 100
