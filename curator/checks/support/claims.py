"""Finds sentences in which a text claims to be, or to come from, a model or maker."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from curator.checks.support.places import code_spans, is_inside
from curator.model import Span

_NAMES = """
Qwen, Tongyi Qianwen, 通义千问, Alibaba, 阿里巴巴, 阿里云, ChatGPT, GPT, OpenAI, Claude, Anthropic
Gemini, Gemma, Google, Llama, Meta AI, Mistral, Mixtral, DeepSeek, 深度求索, Copilot, Microsoft
Grok, xAI, Kimi, Moonshot, 月之暗面, Doubao, 豆包, ByteDance, 字节跳动, ERNIE, 文心一言, Baidu, 百度
GLM, ChatGLM, Zhipu, 智谱, Falcon, TII, Granite, IBM, Cohere, Command R, Nemotron, NVIDIA, SmolLM
Hugging Face, MiniMax, InternLM, Vicuna, Alexa, Siri
"""
NAMES = tuple(name.strip() for line in _NAMES.strip().splitlines() for name in line.split(","))
"""Models and makers; what an answer must not claim where there is no profile to say so."""


def _some(words: str, most: int) -> str:
    """Return a pattern for up to so many of these words in any order."""
    return rf"(?:(?:{'|'.join(words.split())})[ ,]+){{0,{most}}}"


_MADE = r"(?:developed|created|trained|made|built|designed|engineered|released|fine-tuned)"
_ENGLISH = (
    "also actually just really indeed still called named known as an? the your AI LLM artificial"
    " intelligence large language models? assistant chatbot bot agent helpful friendly virtual"
    " digital open-source version member part variant instance of by from and family"
    " series team at trained developed created made built designed fine-tuned"
)
_GERMAN = (
    "ein eine der die das großes großer sprachmodell modell assistent ki ki-assistent ki-modell"
    " ki-sprachmodell namens von entwickelt aus auch nur eigentlich trainiertes entwickeltes"
)
_SPANISH = (
    "una? el la modelos? de lenguaje asistente ia inteligencia artificial virtual llamado grande"
    " creado creada desarrollado entrenado por"
)
_FRENCH = (
    "une? le la grand modèle de langage langue assistant ia intelligence artificielle virtuel nommé"
    " appelé développé créé conçu entraîné par"
)
_CHINESE = (
    r"一个|一款|一种|由|来自|的|大型|大规模|大|语言|模型|人工智能|AI|助手"
    r"|智能|名为|叫做|叫|开发|研发|训练|创建|旗下|通义实验室|\s|，"
)
_PATTERNS = (
    r"\b(?:I am|I['’]m|my name is|I go by|you can call me"
    r"|you(?:['’]re| are) (?:talking|speaking|chatting) (?:to|with))"
    rf"\s+{_some(_ENGLISH, 12)}(?P<en>@)",
    rf"\bas (?:an? )?{_some('AI large language model assistant chatbot by from ' + _MADE, 6)}(?P<as>@)"
    r"(?=,|\s+(?:I|my)\b|\s+model\b,?\s+I\b)",
    r"\bI(?:['’]m| am| was| have been|['’]ve been)(?: (?!(?:it|he|she|they|told|asked|using)\b)"
    rf"[^\s.!?]+){{0,8}}? {_MADE}\b[^.!?\n]{{0,30}}?\b(?:by|at)\s+"
    rf"{_some('the an? researchers engineers people folks team at of company AI', 4)}(?P<by>@)",
    r"\b(?:my|our) (?:creator|developer|maker)s? (?:is|are|at)\s+(?:the\s+)?(?P<maker>@)",
    rf"\b(?:ich bin|ich heiße|ich heisse|mein name ist)\s+{_some(_GERMAN, 8)}(?P<de>@)",
    rf"\bals\s+{_some('ki sprachmodell ki-assistent ki-modell ein eine von', 4)}(?P<als>@)"
    r"(?=,|\s+(?:bin|kann|habe|werde|wurde)\b)",
    r"\bich (?:wurde|bin)\b[^.!?\n]{0,40}?\bvo[nm]\s+"
    rf"{_some('der dem firma unternehmen team', 3)}(?P<von>@)"
    r"[^.!?\n]{0,20}?\b(?:entwickelt|erstellt|trainiert|geschaffen|erschaffen|gebaut|worden)",
    rf"\b(?:soy|me llamo|mi nombre es)\s+{_some(_SPANISH, 12)}(?P<es>@)",
    rf"\bcomo\s+{_some('una? modelo de lenguaje asistente ia', 5)}(?P<como>@)"
    r"(?=,|\s+(?:puedo|no puedo|soy)\b)",
    r"\b(?:fui|he sido)\s+(?:cread|desarrollad|entrenad|diseñad)[oa]\s+por\s+"
    rf"{_some('el la equipo de empresa', 4)}(?P<por>@)",
    rf"\b(?:je suis|je m['’]appelle|mon nom est)\s+{_some(_FRENCH, 12)}(?P<fr>@)",
    rf"\ben tant que\s+{_some('modèle de langage langue assistant ia une?', 5)}(?P<tant>@)(?=,|\s+je\b)",
    r"\bj['’]ai été\s+(?:développ|cré|entraîn|conç)\w*\s+par\s+"
    r"(?:(?:l['’]équipe|la|le|société|entreprise|de|d['’])\s*){0,4}(?P<par>@)",
    rf"(?:我是|我叫|我的名字是|我的名字叫|作为)(?:{_CHINESE}){{0,10}}(?P<zh>@)",
    r"我(?:是)?由(?P<you>@)[^。！？\n]{0,16}(?:开发|研发|训练|创建|打造|推出)",
)
"""A claim in one language each; ``@`` stands for the names."""
_AFTER = (
    r"(?![A-Za-z]|['’]s\b|-(?:compatible|like|style|based)"
    r"| ?(?:API|SDK|user|fan|expert|developer|engineer|specialist|employee)\b)"
)
_NEGATED = re.compile(
    r"\b(?:not|never|neither|nor|nicht|kein\w*|nie|niemals|no|nunca|tampoco|jamais|pas|rather than)\b"
    r"|\binstead of\b|n['’]t\b|不|并非|没有",
    re.IGNORECASE,
)
_NEGATED_BEFORE = re.compile(
    r"(?:\b(?:not|never|cannot|nicht|no|ne|pas|instead of|rather than)\b|n['’]t\b)[^,]*$", re.IGNORECASE
)
_SUPPOSED = re.compile(
    r"(?:\b(?:if|whether|pretend(?:ing)?|claim(?:s|ed|ing)?|say(?:s|ing)?|said|that|think|asked|imagine|when|deny"
    r"|suppose|wonder\w*|ob|wenn|falls|dass|si|que)\s*[,:]?\s*|[\"“'‘«„])$",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[.!?;:\n。！？；]|\b(?:but|aber|pero|mais)\b|但")
_LOOK_BACK = 60
_REACH = 200
"""No claim is longer, from its first word to the name or from the name to its last."""


class Claim(NamedTuple):
    """A name that a text takes on: the code points ``[start, end)`` of the words that do so."""

    name: str
    start: int
    end: int


def claims(text: str, names: tuple[str, ...] = NAMES) -> Iterator[Claim]:
    """Yield where the text says of itself that it is, or comes from, one of ``names``.

    English, German, Spanish, French and Chinese. Denials, suppositions, quotations and code are no
    claims. Names are matched without regard to case and may go on with a version (``Qwen2.5``).
    """
    region = _region(text, names) if text and names else None
    if region is None:
        return
    code: tuple[Span, ...] | None = None
    ends: set[int] = set()
    for match in _compiled(names).finditer(text, *region):
        end = match.end()
        if end in ends or _is_denied(text, match) or text[end : end + 1] in ("?", "？"):
            continue
        code = code_spans(text) if code is None else code
        if not is_inside(match.start(), code):
            ends.add(end)
            yield Claim(match[match.lastgroup or 0], match.start(), end)


def _region(text: str, names: tuple[str, ...]) -> Span | None:
    """Return the part of the text around the names in it; ``None`` where there is none."""
    lowered = text.lower()
    present = [name for name in _lowered(names) if name in lowered]
    if not present or len(lowered) != len(text):
        return (0, len(text)) if present else None
    first = min(lowered.find(name) for name in present)
    last = max(lowered.rfind(name) for name in present)
    return max(0, first - _REACH), last + _REACH


@lru_cache(maxsize=16)
def _lowered(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.lower() for name in names)


@lru_cache(maxsize=16)
def _compiled(names: tuple[str, ...]) -> re.Pattern[str]:
    listed = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    one = rf"(?<![A-Za-z0-9])(?:{listed})(?:[- ]?v?\d[\w.]*\w|[- ]?\d)?{_AFTER}"
    claimed = "|".join(f"(?:{pattern.replace('@', one)})" for pattern in _PATTERNS)
    return re.compile(claimed, re.IGNORECASE)


def _is_denied(text: str, match: re.Match[str]) -> bool:
    """Tell whether the claim, or the clause that leads to it, denies or supposes it."""
    before = text[max(0, match.start() - _LOOK_BACK) : match.start()]
    if _NEGATED.search(match.group()) or _SUPPOSED.search(before):
        return True
    return _NEGATED_BEFORE.search(_CLAUSE.split(before)[-1]) is not None
