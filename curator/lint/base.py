"""What is known of the base's tokens: from tokenizer.json, or the list in tokenizer_config.json alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from curator.errors import InputError, MissingExtraError
from curator.tokens import Tokenizer, load_tokenizer

_CONFIG = "tokenizer_config.json"


class Base(NamedTuple):
    """The tokenizer of a base, and into how many tokens it cuts a mark (0: unknown)."""

    tokenizer: Tokenizer | None
    pieces: Callable[[str], int]


def load_base(path: Path) -> Base:
    """Return what a folder, or one of its tokenizer files, tells of a base model.

    Raises:
        InputError: There is no tokenizer in it, or a damaged one.
        MissingExtraError: The package ``tokenizers`` is not installed.
    """
    folder = path.parent if path.name in ("tokenizer.json", _CONFIG) else path
    tokenizer = load_tokenizer(str(folder))
    if tokenizer.is_exact:
        return Base(tokenizer, lambda mark: len(tokenizer.pieces(mark)))
    if (folder / "tokenizer.json").is_file():
        raise MissingExtraError("Reading tokenizer.json needs a package: pip install tokenizers")
    config = folder / _CONFIG
    if not config.is_file():
        raise InputError(f"{path}: no tokenizer.json or {_CONFIG} here; give the folder of the base model.")
    known = _added_tokens(config)
    return Base(None, lambda mark: 1 if mark in known else 0)


def _added_tokens(path: Path) -> frozenset[str]:
    try:
        value: Any = msgspec.json.decode(path.read_bytes())
        entries = value["added_tokens_decoder"].values()
        return frozenset(entry["content"] for entry in entries)
    except (OSError, msgspec.DecodeError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path}: no list of added tokens in it ({error}).") from error
