"""Finds keys, tokens and passwords: by their prefixes, and by the words that stand before them."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Iterator
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Literal

from curator.checks.support.placeholders import entropy, is_placeholder
from curator.model import Span

if TYPE_CHECKING:
    from detect_secrets.plugins.base import RegexBasedDetector

KeyKind = Literal["key", "private key", "token", "password", "connection string"]
Found = tuple[KeyKind, Span]

_PLUGINS: dict[str, tuple[str, str]] = {
    "AKIA": ("aws", "AWSKeyDetector"),
    "ASIA": ("aws", "AWSKeyDetector"),
    "AccountKey=": ("azure_storage_key", "AzureStorageKeyDetector"),
    "glpat-": ("gitlab_token", "GitLabTokenDetector"),
    "glrt-": ("gitlab_token", "GitLabTokenDetector"),
    "gldt-": ("gitlab_token", "GitLabTokenDetector"),
    "eyJ": ("jwt", "JwtTokenDetector"),
    "T3BlbkFJ": ("openai", "OpenAIDetector"),
    "pypi-AgE": ("pypi_token", "PypiTokenDetector"),
    "SG.": ("sendgrid", "SendGridDetector"),
    "hooks.slack.com": ("slack", "SlackDetector"),
    "xox": ("slack", "SlackDetector"),
    "sq0csp-": ("square_oauth", "SquareOAuthDetector"),
}
"""Mark of a key → module and class of the detect-secrets plugin that knows its shape."""
_UNDERSCORED: dict[str, tuple[str, str]] = {
    **dict.fromkeys(("gho_", "ghp_", "ghr_", "ghs_", "ghu_"), ("github_token", "GitHubTokenDetector")),
    "_authToken": ("npm", "NpmDetector"),
    "k_live_": ("stripe", "StripeDetector"),
}
_SHAPES: dict[str, re.Pattern[str]] = {
    "sk-": re.compile(r"(?<![\w-])sk-(?:proj-|svcacct-|admin-|ant-|or-)?[A-Za-z0-9_-]{20,}"),
    "AIza": re.compile(r"(?<!\w)AIza[\w-]{35}(?![\w-])"),
    "ya29.": re.compile(r"(?<!\w)ya29\.[\w-]{30,}"),
    "xapp-": re.compile(r"(?<!\w)xapp-\d-[A-Z0-9]+-\d+-[0-9a-f]{32,}"),
    "SharedAccessKey=": re.compile(r"(?<=SharedAccessKey=)[A-Za-z0-9+/]{40,}={0,2}"),
}
_UNDERSCORED_SHAPES: dict[str, re.Pattern[str]] = {
    "hf_": re.compile(r"(?<!\w)hf_[A-Za-z0-9]{30,}(?!\w)"),
    "npm_": re.compile(r"(?<!\w)npm_[A-Za-z0-9]{36}(?!\w)"),
    "github_pat_": re.compile(r"(?<!\w)github_pat_\w{40,}"),
    "dop_v1_": re.compile(r"(?<!\w)dop_v1_[0-9a-f]{64}(?!\w)"),
    "gsk_": re.compile(r"(?<!\w)gsk_[A-Za-z0-9]{40,}(?!\w)"),
    "r8_": re.compile(r"(?<!\w)r8_[A-Za-z0-9]{37}(?!\w)"),
    "whsec_": re.compile(r"(?<!\w)whsec_[A-Za-z0-9+/]{32,}"),
}
_TOKEN_REST = re.compile(r"[\w.-]{0,4096}={0,2}")
_WINDOW = 2_048
_BEFORE = 80
_PRIVATE_KEY = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?:\\[nr]|\s)*"
    r"(?P<body>[A-Za-z0-9+/=:, \\\s-]{40,}?)(?:-----END [A-Z0-9 ]+-----|\Z)"
)
_CONNECTION = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]{1,20}://(?P<user>[^\s:/@\"'<>]*):(?P<password>[^\s/@\"'<>]+)@(?P<host>[^\s/\"':,;)]+)"
)
_MADE_UP_PASSWORDS = frozenset(("pass", "pw", "pwd", "tiger", "root", "admin", "guest", "postgres"))
_MADE_UP_HOST = re.compile(r"(?:my|some|your)?-?_?(?:host(?:name)?|server|dsn)\b|<|.*example", re.IGNORECASE)
_BEARER = re.compile(r"bearer[ \t]+(?P<value>[A-Za-z0-9._~+/-]{20,}={0,2})", re.IGNORECASE)
_BASIC = re.compile(r"basic[ \t]+(?P<value>[A-Za-z0-9+/]{8,}={0,2})", re.IGNORECASE)
_KEY_WORDS: dict[str, dict[str, KeyKind]] = {
    "pass": {"passw": "password", "passphrase": "password", "_pass": "password"},
    "pwd": {"pwd": "password"},
    "secret": {"secret": "key"},
    "token": {"token": "token"},
    "credential": {"credential": "password"},
    "key": {
        **dict.fromkeys(("api_key", "apikey", "api-key", "access_key", "accesskey", "auth_key"), "key"),
        **dict.fromkeys(("private_key", "account_key", "encryption_key", "signing_key"), "key"),
    },
}
"""Part of a word → words before a value, and what the value then is."""
_ASSIGNED = re.compile(
    r"(?P<rest>[\w-]{0,24})(?:\\?[\"'\]]){0,2}\s{0,3}(?::=|=>|==?|:)\s{0,3}"
    r"(?:[fbru]?\\?(?P<quote>[\"'`])(?P<quoted>[^\s\"'`\\]{6,200})\\?(?P=quote)"
    r"|(?P<bare>[^\s\"'`,;<>(){}\[\]\\]{7,199}[^\s\"'`,;<>(){}\[\]\\.])(?=\.?(?:[\s,;\"'`\\]|$)))"
)
_OPTION = re.compile(
    r"--[\w-]*(?:passw|secret|token|api-key)(?P<rest>[\w-]*)[ =](?P<quoted>(?!))?"
    r"(?P<bare>[^\s\"'`,;<>(){}\[\]\\]{8,200})",
    re.IGNORECASE,
)
_OTHER_FIELDS = re.compile(
    r"id|hash|count|limit|len|max|min|type|name|file|path|ur[li]|izer|usage|cache|rate|expir|version|model|class"
)
"""Endings of names that hold no secret: ``token_count``, ``password_hash``, ``tokenizer``."""
_STRUCTURAL = "_-./:"
_MIN_ENTROPY: dict[KeyKind, float] = {"password": 2.3, "key": 3.0, "token": 3.0}
_MIN_LENGTH: dict[KeyKind, int] = {"password": 6, "key": 16, "token": 16}


def keys(text: str) -> Iterator[Found]:
    """Yield the kind and the span of every secret in a text; the spans may overlap."""
    for mark, shape in _SHAPES.items():
        if mark in text:
            yield from _shaped(text, shape)
    for mark, plugin in _PLUGINS.items():
        if mark in text:
            yield from _plugged(text, mark, *plugin)
    if "_" in text:
        for mark, plugin in _UNDERSCORED.items():
            if mark in text:
                yield from _plugged(text, mark, *plugin)
        for mark, shape in _UNDERSCORED_SHAPES.items():
            if mark in text:
                yield from _shaped(text, shape)
    if "PRIVATE KEY" in text:
        yield from _blocks(text)
    if "://" in text and "@" in text:
        yield from _connections(text)
    yield from _named(text)


def _shaped(text: str, shape: re.Pattern[str]) -> Iterator[Found]:
    for match in shape.finditer(text):
        if _is_random(match.group()):
            yield "token", match.span()


def _is_random(token: str) -> bool:
    """Tell whether the token has digits and letters in no order, as no word of a program has."""
    return any(one.isdigit() for one in token) and entropy(token) > 3 and not is_placeholder(token)


@cache
def _plugin(module: str, name: str) -> RegexBasedDetector:
    from importlib import import_module

    kind: Callable[[], RegexBasedDetector] = getattr(import_module(f"detect_secrets.plugins.{module}"), name)
    return kind()


def _plugged(text: str, mark: str, module: str, name: str) -> Iterator[Found]:
    """Yield what the patterns of a plugin match around its mark.

    Its ``analyze_string`` says neither where a secret stands nor, for some kinds, all of it.
    """
    plugin = _plugin(module, name)
    is_valid = getattr(plugin, "is_formally_valid", None)
    for pattern in plugin.denylist:
        done = 0
        for match in chain.from_iterable(pattern.finditer(text, *part) for part in _windows(text, mark)):
            start, end = _widest(match)
            if start < done:
                continue
            rest = _TOKEN_REST.match(text, end)
            done = rest.end() if rest else end
            shown = text[start:done].rstrip(".-")
            is_inside = text[start - 1 : start].isalnum() and text[start - 2 : start - 1] != "\\"
            if not is_inside and not is_placeholder(shown) and (is_valid is None or is_valid(shown)):
                yield "token", (start, start + len(shown))


def _windows(text: str, mark: str) -> Iterator[Span]:
    """Yield parts of the text around a mark, so short that no pattern takes long in one."""
    at = text.find(mark)
    while at >= 0:
        end = at + _WINDOW
        yield max(0, at - _BEFORE), end
        at = text.find(mark, end - _BEFORE)


def _widest(match: re.Match[str]) -> Span:
    """Return the group that holds a long secret, or the whole match."""
    spans = [match.span(number) for number in range(1, (match.lastindex or 0) + 1)]
    return next((span for span in spans if span[1] - span[0] >= 20), match.span())


def _blocks(text: str) -> Iterator[Found]:
    for match in _PRIVATE_KEY.finditer(text):
        body = match["body"]
        if entropy(body) > 3.5 and not is_placeholder(body):
            yield "private key", match.span()


def _connections(text: str) -> Iterator[Found]:
    for match in _CONNECTION.finditer(text):
        user, password, host = match.group("user", "password", "host")
        is_made_up = password == user or is_placeholder(password) or password.lower() in _MADE_UP_PASSWORDS
        if not is_made_up and not _MADE_UP_HOST.match(host):
            yield "connection string", match.span()


def _named(text: str) -> Iterator[Found]:
    """Yield values that stand behind a word such as ``password=``, and those of authorization headers."""
    lowered = text.lower()
    for part, words in _KEY_WORDS.items():
        if part in lowered:
            yield from _assigned(text, lowered, words)
    if "--" in text:
        for match in _OPTION.finditer(text):
            yield from _value(match, "password")
    if "bearer " in lowered:
        for match in _BEARER.finditer(text):
            if _is_random(match["value"]):
                yield "token", match.span("value")
    if "basic " in lowered:
        for match in _BASIC.finditer(text):
            if _is_credential(match["value"]):
                yield "password", match.span("value")


def _assigned(text: str, lowered: str, words: dict[str, KeyKind]) -> Iterator[Found]:
    for word, kind in words.items():
        at = lowered.find(word)
        while at >= 0:
            if match := _ASSIGNED.match(text, at + len(word)):
                yield from _value(match, kind)
            at = lowered.find(word, at + len(word))


def _value(match: re.Match[str], kind: KeyKind) -> Iterator[Found]:
    """Yield what was assigned, unless it is code, a path, a number or a stand-in."""
    is_quoted = match["quoted"] is not None
    value = match["quoted"] if is_quoted else match["bare"]
    if len(value) < _MIN_LENGTH[kind] or _OTHER_FIELDS.search(match["rest"].lower()):
        return
    is_mixed = _mixes(value) if kind != "password" else _has_symbols(value) or _has_three_classes(value)
    if not (is_mixed or (is_quoted and kind == "password" and _has_digits_and_letters(value))):
        return
    if entropy(value) >= _MIN_ENTROPY[kind] and not is_placeholder(value) and "://" not in value:
        yield kind, match.span("quoted" if is_quoted else "bare")


def _has_symbols(value: str) -> bool:
    return any(not one.isalnum() and one not in _STRUCTURAL for one in value) and any(map(str.isalnum, value))


def _has_digits_and_letters(value: str) -> bool:
    return any(map(str.isdigit, value)) and any(map(str.isalpha, value))


def _has_three_classes(value: str) -> bool:
    return _has_digits_and_letters(value) and any(map(str.isupper, value)) and any(map(str.islower, value))


def _mixes(value: str) -> bool:
    """Tell whether digits stand among the letters, as in a random string and in no identifier."""
    return sum(map(str.isdigit, value)) >= 3 and re.search(r"\d[A-Za-z]+\d", value) is not None


def _is_credential(value: str) -> bool:
    try:
        user, colon, password = b64decode(value, validate=True).decode().partition(":")
    except (Base64Error, UnicodeDecodeError, ValueError):
        return False
    return bool(user and colon and password) and not is_placeholder(password) and password != user
