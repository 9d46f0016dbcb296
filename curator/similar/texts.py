"""Texts without what does not matter: case and white space, or everything that varies within a template."""

from __future__ import annotations

import re
from hashlib import blake2b
from unicodedata import normalize

_URL = r"\b[a-z][a-z0-9+.-]{1,9}://[^\s\"'`<>)\]}]+"
_MAIL = r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+"
_UUID = r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"
_PATH = (
    r"(?<![\w/<.@+-])(?:~|\.{1,2})?(?:/[\w.@+-]+){2,}/?"
    r"|(?<![\w/<.@+-])(?:~|\.{1,2})/[\w.@+-]+"
    r"|\b[A-Za-z]:\\[\w.@+\\ -]*[\w\\]"
    r"|(?<![\w/<.@+-])(?:[\w.@+-]+/)+[\w@+-]+\.\w{1,8}\b"
    r"|(?<![\w./@+-])[\w-]+(?:\.[\w-]+)*\.(?:py|js|ts|tsx|jsx|json|jsonl|md|txt|toml|ya?ml|rs|go|java|c|h|cpp|hpp|cs|rb|sh|sql|html|css|csv|log|cfg|ini|xml)\b"
)
_HEX = r"\b(?:0[xX][0-9a-fA-F]+|(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{7,})\b"
_MARKER = (
    r"\s*[(\[](?:example|sample|case|variant|version|item|nr|no|run|task|test|instance|v|#)[ .:#-]*\d+[)\]]"
)
_QUOTED = (
    r"\"[^\"\n]{1,200}\"|“[^”\n]{1,200}”|«[^»\n]{1,200}»|„[^“”\n]{1,200}[“”]|`[^`\n]{1,200}`"
    r"|(?<!\w)'[^'\n]{1,200}'(?!\w)|‘[^’\n]{1,200}’(?!\w)"
)
_NUMBER = r"[+-]?\d(?:[\d,._:]*\d)?%?"
_NAME = r"[A-ZÀ-ÖØ-Þ](?<=[a-z0-9,;:)»”\"'>] .)[^\W\d_]+(?:[- ][A-ZÀ-ÖØ-Þ][^\W\d_]+)*"
_VARYING: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (re.compile(_MARKER, re.IGNORECASE), "", "(["),
    (re.compile(_URL), "<url>", ":"),
    (re.compile(_MAIL), "<mail>", "@"),
    (re.compile(_QUOTED), "<text>", "\"'`“«„‘"),
    (re.compile(_UUID), "<hex>", "-"),
    (re.compile(_PATH), "<path>", "/\\."),
    (re.compile(_HEX), "<hex>", "0123456789"),
    (re.compile(_NAME), "<name>", " "),
    (re.compile(_NUMBER), "<n>", "0123456789"),
)
"""What varies in the order it is looked for, its mark, and characters of which a text must have one."""


def normalise(text: str) -> str:
    """Return the text in Unicode form NFKC, case folded, with single spaces between its words."""
    folded = text.lower() if text.isascii() else normalize("NFKC", text).casefold()
    return " ".join(folded.split())


def fingerprint(text: str) -> int:
    """Return a 64-bit hash of the normalised text, signed so that a database column holds it.

    Texts that differ in case, white space or Unicode form alone have the same fingerprint; it is
    the same on every machine (BLAKE2b, 8 bytes, big endian).
    """
    digest = blake2b(normalise(text).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def template(text: str) -> str:
    """Return what a text shares with others made from the same template.

    Numbers, quoted strings, paths, addresses, hexadecimal ids and capitalised words inside a
    sentence become marks such as ``<n>``; counters such as "(example 123)" go. The rest is normalised.
    """
    plain = text if text.isascii() else normalize("NFKC", text)
    present = set(plain)
    for pattern, mark, needed in _VARYING:
        if not present.isdisjoint(needed):
            plain = pattern.sub(mark, plain)
    return normalise(plain)
