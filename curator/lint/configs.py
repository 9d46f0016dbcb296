"""Reads what training was asked for and what an adapter says it was trained with, from files beside data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

_REQUESTED = ("*lora*.y*ml", "*train*.y*ml", "*lora*.json", "*lora*.toml", "*train*config*.json")
_EFFECTIVE = ("*adapter_config.json", "*/adapter_config.json")
_MAX_BYTES = 1024 * 1024
_LINE = re.compile(
    r"(?P<indent> *)(?P<dash>- +)?(?:(?P<key>[\w.-]+|\"[^\"]+\"|'[^']+')\s*:(?:\s+|$))?(?P<value>.*)"
)
_COMMENT = re.compile(r"(?:^|\s)#.*$")

ALIASES = {
    "rank": ("rank", "r", "lora_rank", "lora_r"),
    "alpha": ("alpha", "lora_alpha"),
    "dropout": ("dropout", "lora_dropout"),
    "scale": ("scale", "lora_scale"),
    "layers": ("num_layers", "lora_layers", "layers"),
    "modules": ("target_modules", "lora_target_modules", "targets"),
    "learning rate": ("learning_rate", "lr"),
    "batch size": ("batch_size", "per_device_train_batch_size"),
    "iterations": ("iters", "max_steps"),
    "max length": ("max_seq_length", "max_length"),
}
"""Setting → the keys under which trainers (mlx_lm, PEFT, TRL) have it."""


class Config(NamedTuple):
    """One configuration file: its settings by the names of ``ALIASES``, and all keys."""

    path: Path
    settings: dict[str, Any]
    keys: dict[str, Any]


def requested(folder: Path) -> list[Config]:
    """Return the configurations beside the data that say what training was asked for."""
    return [config for path in _matching(folder, _REQUESTED) if (config := _load(path)) and config.settings]


def effective(folder: Path) -> list[Config]:
    """Return the adapter configurations beside the data: what training really did."""
    return [config for path in _matching(folder, _EFFECTIVE) if (config := _load(path))]


def _matching(folder: Path, patterns: tuple[str, ...]) -> list[Path]:
    found = {path for pattern in patterns for path in folder.glob(pattern) if path.is_file()}
    is_request = patterns is _REQUESTED
    return sorted(path for path in found if not (is_request and path.name.endswith("adapter_config.json")))


def _load(path: Path) -> Config | None:
    """Return the settings of a JSON, TOML or YAML file; None where it cannot be read as one."""
    try:
        data = path.read_bytes()[:_MAX_BYTES]
        if path.suffix == ".json":
            value = msgspec.json.decode(data)
        elif path.suffix == ".toml":
            value = msgspec.toml.decode(data)
        else:
            value = read_yaml(data.decode("utf-8", "replace"))
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        return None
    if not isinstance(value, dict):
        return None
    keys = dict(_flat(value))
    settings = {
        name: keys[key]
        for name, aliases in ALIASES.items()
        for key in reversed(aliases)
        if keys.get(key) is not None
    }
    return Config(path, settings, keys)


def _flat(value: dict[str, Any], depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Yield the keys of a configuration, those of nested tables by their own names."""
    for key, inner in value.items():
        if isinstance(inner, dict) and depth < 8:
            yield from _flat(inner, depth + 1)
        else:
            yield key, inner


def read_yaml(text: str) -> dict[str, Any]:
    """Return the tables, lists of scalars and scalars of a plain YAML file.

    Only what training configurations use is understood: nesting by spaces, ``- item`` lists, ``[a, b]``,
    quoted and plain scalars, comments. Anything else is read as text.
    """
    root: dict[str, Any] = {}
    open_tables: list[tuple[int, dict[str, Any], str]] = [(-1, root, "")]
    for line in text.splitlines():
        match = _LINE.fullmatch(_COMMENT.sub("", line).rstrip())
        if match is None or not (match["key"] or match["dash"]):
            continue
        indent = len(match["indent"])
        while len(open_tables) > 1 and (
            indent < open_tables[-1][0] or (indent == open_tables[-1][0] and not match["dash"])
        ):
            open_tables.pop()
        _, table, pending = open_tables[-1]
        if match["dash"]:
            _append(table, pending, _scalar(match["value"]))
            continue
        target = _opened(table, pending)
        key = match["key"].strip("\"'")
        if match["value"]:
            target[key] = _scalar(match["value"])
        else:
            target[key] = None
            open_tables.append((indent, target, key))
    return root


def _opened(table: dict[str, Any], pending: str) -> dict[str, Any]:
    """Return the table that stands under a key; it is made when its first key comes."""
    if not pending:
        return table
    if not isinstance(table.get(pending), dict):
        table[pending] = {}
    inner: dict[str, Any] = table[pending]
    return inner


def _append(table: dict[str, Any], pending: str, value: Any) -> None:
    if not isinstance(table.get(pending), list):
        table[pending] = []
    table[pending].append(value)


def _scalar(text: str) -> Any:
    text = text.strip()
    if text.startswith("[") and text.endswith("]"):
        return [_scalar(item) for item in text[1:-1].split(",") if item.strip()]
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    words = {"true": True, "false": False, "null": None, "~": None}
    if text.lower() in words:
        return words[text.lower()]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
