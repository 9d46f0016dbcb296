"""Finds personal data: home folders, mail addresses, telephone and account numbers, public IP addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv4Address
from typing import Literal

from curator.checks.support.placeholders import is_sequence, words
from curator.model import Span

Kind = Literal["path", "mail", "phone number", "IP address", "IBAN", "card number"]
Found = tuple[Kind, Span]

_HOME = re.compile(
    r"(?:(?<![\w.])/home/|(?<![\w.])/Users/|(?<![A-Za-z])[A-Za-z]:(?:\\{1,2}|/)Users(?:\\{1,2}|/))"
    r"(?P<name>[^\W\d][\w.-]*)"
)
_NOBODY = words("""
    file files user users username you me yourname your-name your_name name runner ubuntu debian root admin
    administrator test tester testuser dev developer app node vscode ec2-user shared public default
    defaultuser all vagrant git www jovyan circleci travis codespace linuxbrew sandbox workspace
    agent alice bob foo bar johndoe john_doe john.doe janedoe jdoe guest nobody index dashboard page
    profile settings about login feed pi project projects container docker build ci jenkins builder
    coder someuser xxx example home work data
""")
_MAIL = re.compile(
    r"(?<![\w\\.+/%-])(?P<local>[A-Za-z0-9_][\w.+-]{0,63})@(?P<domain>(?:[A-Za-z0-9][\w-]{0,62}\.){1,4}(?P<top>[A-Za-z]{2,24}))\b"
    r"(?![\w@(])"
)
_TOPS = words("""
    com org net edu gov mil int io dev ai app co me info biz name cloud tech xyz online site email
""")
_NOT_COUNTRIES = frozenset(("py", "js", "ts", "rb", "kt", "vb", "hs", "cs", "md"))
_MADE_UP_DOMAINS = re.compile(
    r"(?:^|\.)(?:examples?|tests?|domain|company|acme|email|your-?\w*|my-?\w*|foo|bar|baz|localhost|invalid"
    r"|sample|demo|fake|host|server|corp|site|website|contoso|fabrikam|organization|business|abc|xyz)(?:\.\w+){1,2}$"
    r"|\.(?:example|test|local|invalid|localhost|internal)$|^users\.noreply\."
)
_ROLES = words("""
    git hg svn noreply no-reply donotreply user username name you your.name your-name someone test
    example support info admin postmaster webmaster abuse security contact help hello sales
    notifications
""")
_IP = re.compile(r"(?<![\w.@/-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)")
_DOTTED = re.compile(r"\d\.\d{1,3}\.\d")
_WELL_KNOWN = frozenset(("8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9", "208.67.222.222"))
_VERSION_BEFORE = re.compile(
    r"(?:versions?|release|ver\.?|v|[=~<>^]=?|[a-z]-|build)[\s:\"'=]{0,3}$", re.IGNORECASE
)
_VERSION_OCTET = 32
"""Four numbers that are all below this are a version, or a made-up address such as 1.2.3.4."""
_DIGITS = re.compile(r"\d(?:[ ./()-]{0,2}\d){6}")
_INTERNATIONAL = re.compile(
    r"(?<![\w.\-/*^+])\+[1-9]\d{0,2}(?:[ .-]?\(\d{1,4}\))?(?:[ ./-]?\d){6,12}(?![\w.]?\d|\w| ?[*/=])"
)
_NORTH_AMERICAN = re.compile(
    r"(?<![\w+.-])(?:1[-. ])?(?:\([2-9]\d\d\) ?|[2-9]\d\d(?P<mark>[-. ]))[2-9]\d\d[-. ]\d{4}(?![\w-]|\.\d)"
)
_NATIONAL = re.compile(r"(?<![\w+.-])\(?0[1-9]\d{1,4}\)?[ /-]{0,2}\d{2,4}(?:[ -]?\d{2,5}){1,3}(?![\w-]|\.\d)")
_TELEPHONE = re.compile(
    r"phone|\btel\b|telef|mobil|\bcell|\bfax\b|\b(?:call|ring) me\b|whatsapp|\bsms\b|handy|t[ée]l[ée]phone",
    re.IGNORECASE,
)
_FICTIONAL = re.compile(r"^1?[2-9]\d\d55501\d\d$|^1?5555\d{6}$|^1?[2-9]\d\d5551234$|^1555")
_CARD = re.compile(
    r"(?<![\w.+-])(?:\d{4}[ -]){3}\d{1,7}(?![\w-]|\.\d)|(?<![\w.+-])3[47]\d\d[ -]\d{6}[ -]\d{5}(?!\w)"
    r"|(?<![\w.+-])\d{13,19}(?![\w-]|\.\d)"
)
_ISSUERS = re.compile(r"4\d{12}(?:\d{3})?|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|6(?:011|5\d\d)\d{12}")
_TEST_CARDS = words("""
    4111111111111111 4242424242424242 4012888888881881 5555555555554444 5105105105105100
    378282246310005 371449635398431 6011111111111117 6011000990139424 4000056655665556
    5200828282828210 2223003122003222 4222222222222 4000000000000002 4532015112830366
    4539578763621486
""")
_IBAN = re.compile(r"(?<![\w-])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![\w-])")
_TEST_IBANS = words("""
    DE89370400440532013000 GB82WEST12345698765432 GB29NWBK60161331926819 FR1420041010050500013M02606
    NL91ABNA0417164300 ES9121000418450200051332 CH9300762011623852957 AT611904300234573201
    IT60X0542811101000000123456 BE68539007547034 DE75512108001245126199
""")
_BEFORE = 40
"""So many characters before a number may say that it is a telephone number."""


def personal(text: str) -> Iterator[Found]:
    """Yield the kind and the span of all personal data in a text; the spans may overlap."""
    if "/home/" in text or "Users" in text:
        yield from _homes(text)
    if "@" in text:
        yield from _mails(text)
    if _DOTTED.search(text):
        yield from _addresses(text)
    if _DIGITS.search(text):
        yield from _telephones(text)
        yield from _cards(text)
        yield from _accounts(text)


def _homes(text: str) -> Iterator[Found]:
    for match in _HOME.finditer(text):
        name = match["name"].rstrip(".-").lower().removesuffix(".txt")
        if name not in _NOBODY and not name.startswith(("your", "example", "test", "<")):
            yield "path", (match.start(), match.start("name") + len(match["name"].rstrip(".-")))


def _mails(text: str) -> Iterator[Found]:
    for match in _MAIL.finditer(text):
        local, domain, top = (part.lower() for part in match.group("local", "domain", "top"))
        is_country = len(top) == 2 and top not in _NOT_COUNTRIES
        if not is_country and top not in _TOPS:
            continue
        is_letter = len(domain.partition(".")[0]) == 1
        if local not in _ROLES and not is_letter and not _MADE_UP_DOMAINS.search(domain):
            yield "mail", match.span()


def _addresses(text: str) -> Iterator[Found]:
    for match in _IP.finditer(text):
        octets = [int(one) for one in match.group().split(".")]
        if max(octets) > 255 or max(octets) < _VERSION_OCTET or match.group() in _WELL_KNOWN:
            continue
        if any(len(one) > 1 and one[0] == "0" for one in match.group().split(".")):
            continue
        is_version = _VERSION_BEFORE.search(text, max(0, match.start() - 12), match.start())
        if not is_version and IPv4Address(match.group()).is_global:
            yield "IP address", match.span()


def _telephones(text: str) -> Iterator[Found]:
    if "+" in text:
        for match in _INTERNATIONAL.finditer(text):
            if _is_number(match.group()) and not _follows_a_term(text, match.start()):
                yield "phone number", match.span()
    for match in _NORTH_AMERICAN.finditer(text):
        is_clear = match["mark"] in (None, "-")
        if _is_number(match.group()) and (is_clear or _is_introduced(text, match.start())):
            yield "phone number", match.span()
    for match in _NATIONAL.finditer(text):
        if _is_number(match.group()) and _is_introduced(text, match.start()):
            yield "phone number", match.span()


def _is_number(shown: str) -> bool:
    digits = "".join(filter(str.isdecimal, shown))
    if not 8 <= len(digits) <= 15 or len(set(digits)) < 4 or _FICTIONAL.match(digits):
        return False
    return not is_sequence(digits) and not is_sequence(digits[1:])


def _follows_a_term(text: str, start: int) -> bool:
    """Tell whether the plus sign adds to what stands before it."""
    before = text[max(0, start - 3) : start].rstrip(" ")
    return before[-1:].isdigit() or before.endswith((")", "]", "="))


def _is_introduced(text: str, start: int) -> bool:
    return _TELEPHONE.search(text, max(0, start - _BEFORE), start) is not None


def _cards(text: str) -> Iterator[Found]:
    for match in _CARD.finditer(text):
        digits = "".join(filter(str.isdecimal, match.group()))
        if _ISSUERS.fullmatch(digits) and digits not in _TEST_CARDS and _passes_luhn(digits):
            yield "card number", match.span()


def _passes_luhn(digits: str) -> bool:
    doubled = [int(one) * 2 for one in digits[-2::-2]]
    total = sum(map(int, digits[::-2])) + sum(one - 9 if one > 9 else one for one in doubled)
    return total % 10 == 0 and len(set(digits)) > 3


def _accounts(text: str) -> Iterator[Found]:
    for match in _IBAN.finditer(text):
        compact = match.group().replace(" ", "")
        if 15 <= len(compact) <= 34 and compact not in _TEST_IBANS and _is_iban(compact):
            yield "IBAN", match.span()


def _is_iban(compact: str) -> bool:
    turned = compact[4:] + compact[:4]
    return int("".join(str(int(one, 36)) for one in turned)) % 97 == 1
