"""Claims to be another model are found in five languages; denials and facts about models are not claims."""

from __future__ import annotations

from time import perf_counter

import pytest
from msgspec.structs import replace

from curator.checks import Context, run_checks
from curator.checks.support.claims import claims
from curator.model import Output, Turn
from curator.profiles import Profile
from tests.checks.turns import turn_of

CLAIMS = [
    ("I am Qwen, a large language model.", "Qwen"),
    ("Hello! I'm Qwen2.5, created by Alibaba Cloud.", "Qwen2.5"),
    ("I’m an AI assistant named Claude.", "Claude"),
    ("I am a large language model trained by OpenAI.", "OpenAI"),
    ("I was developed by Alibaba Cloud.", "Alibaba"),
    ("I am a model that was created by the team at Anthropic.", "Anthropic"),
    ("As ChatGPT, I cannot browse the web.", "ChatGPT"),
    ("As an AI language model developed by OpenAI, I have no opinions.", "OpenAI"),
    ("My name is Gemini. How can I help?", "Gemini"),
    ("You are talking to GPT-4.", "GPT-4"),
    ("my creators are Anthropic", "Anthropic"),
    ("I'm not human, but I am Qwen.", "Qwen"),
    ("Ich bin Qwen, ein großes Sprachmodell.", "Qwen"),
    ("Ich bin ein KI-Assistent, entwickelt von OpenAI.", "OpenAI"),
    ("Als ChatGPT kann ich das nicht.", "ChatGPT"),
    ("Ich wurde von Alibaba Cloud entwickelt.", "Alibaba"),
    ("Soy ChatGPT, un modelo de lenguaje.", "ChatGPT"),
    ("Fui creado por OpenAI.", "OpenAI"),
    ("Je suis un assistant IA créé par Anthropic.", "Anthropic"),
    ("En tant que ChatGPT, je ne peux pas.", "ChatGPT"),
    ("J'ai été développé par l'équipe de Google.", "Google"),
    ("我是Qwen，由阿里云开发的大型语言模型。", "Qwen"),
    ("我是通义千问。", "通义千问"),
    ("我是由阿里巴巴开发的语言模型", "阿里巴巴"),
]
FINE = [
    "I am not Qwen. I am TARX.",
    "I'm built on a fine-tuned Qwen base model, but I have my own identity.",
    "I'm TARX, not ChatGPT.",
    "No, I wasn't developed by Alibaba.",
    "I am neither Claude nor Gemini.",
    "I would never say that I am Qwen.",
    "Do not answer I am Qwen.",
    "If I were asked, I would not say I am Claude.",
    'The old row said "I am Qwen".',
    "The test expects `I am Qwen`.",
    "```python\nprint('I am Qwen')\n```",
    "Qwen2.5 is a model developed by Alibaba.",
    "I am using Qwen for this.",
    "I am going to install the Claude SDK.",
    "I'm an OpenAI API expert.",
    "I am Qwen's successor.",
    "As Google says, it is free.",
    "As an alternative to OpenAI, use llama.cpp.",
    "I was told it is built by Google.",
    "Ich bin nicht Qwen.",
    "Ich bin kein Modell von OpenAI.",
    "No soy ChatGPT.",
    "Je ne suis pas ChatGPT.",
    "我不是Qwen。",
    "Am I Qwen?",
    "Claude walked in. I am tired.",
    "I am Claudette and I like gptools.",
    "",
]


def turn_saying(content: str | None = None, thinking: str | None = None) -> Turn:
    return replace(turn_of(""), output=Output(thinking=thinking, content=content))


@pytest.mark.parametrize(("text", "name"), CLAIMS)
def test_claims_are_found_with_the_words_that_make_them(text: str, name: str) -> None:
    first, *_ = claims(text)
    assert first.name == name
    assert text[first.start : first.end].endswith(name) or name in text[first.start : first.end]


@pytest.mark.parametrize("text", FINE)
def test_denials_facts_and_quotations_are_fine(text: str) -> None:
    assert list(claims(text)) == []


def test_the_profile_says_which_names_are_leaks() -> None:
    turn = turn_saying("I am Qwen.")
    own = Context(profile=Profile("p", identity=("ChatGPT",)))
    other = Context(profile=Profile("p", identity=("qwen",)))
    assert run_checks(turn, own, only=["identity_leak"]) == ()
    assert run_checks(turn, Context(profile=Profile("p")), only=["identity_leak"]) == ()
    (finding,) = run_checks(turn, other, only=["identity_leak"])
    assert finding.message == "the answer claims to be, or to come from, Qwen"


def test_thinking_is_looked_at_too_and_evidence_points_there() -> None:
    turn = turn_saying("Hi.", "Well. As ChatGPT, I should be polite.")
    (finding,) = run_checks(turn, Context(), only=["identity_leak"])
    (evidence,) = finding.evidence
    assert evidence.field == "thinking"
    assert (turn.output.thinking or "")[evidence.start : evidence.end] == "As ChatGPT"


def test_a_long_text_takes_no_long_time() -> None:
    text = "Qwen. " + "I am a large language model that was developed " * 3_000 + "by Google"
    began = perf_counter()
    assert [claim.name for claim in claims(text)] == ["Google"]
    assert perf_counter() - began < 5
