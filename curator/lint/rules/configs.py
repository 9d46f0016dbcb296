"""Rules about files beside the data: training configurations and stated numbers of rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from curator.lint.configs import Config, effective, requested
from curator.lint.model import DataSet, LintFinding, Place
from curator.lint.registry import Context, defect, many, rule

_COUNT_KEYS = {
    "train": ("train", "train_examples", "train_rows", "train_count", "num_train"),
    "valid": ("valid", "val", "valid_examples", "val_examples", "valid_rows", "valid_count", "num_valid"),
    "test": ("test", "test_examples", "test_rows", "test_count", "num_test"),
}


@rule(
    "config_mismatch",
    "The adapter was not trained as asked",
    "Find out whether the trainer read the file at all (`config` in adapter_config.json), and train again; "
    "what was measured belongs to the settings in adapter_config.json.",
)
def config_mismatch(data: DataSet, context: Context) -> Iterable[LintFinding]:
    """Settings in lora_config.yaml (or .json, .toml) that adapter_config.json beside the data does not have.

    Compares rank, alpha, dropout, scale, layers, modules, learning rate, batch size, iterations and
    length where the request names them; -1 layers are all. Counts the settings that differ or that the
    adapter does not know. Looks into the folder of the data and one below. Source: TARX
    (rank 32 asked, 8 trained), Punie (the rank never reached the command line).
    """
    for asked in requested(data.folder) if data.is_first else ():
        for made in effective(data.folder):
            yield from _compared(data, asked, made)


def _compared(data: DataSet, asked: Config, made: Config) -> Iterator[LintFinding]:
    wrong = [
        {"setting": name, "requested": value, "effective": made.settings.get(name)}
        for name, value in asked.settings.items()
        if _differs(value, made.settings.get(name))
    ]
    if not wrong:
        return
    listed = ", ".join(_in_words(one) for one in wrong)
    unread = "; `config` is null, so the file was not read" if _is_null(made, "config") else ""
    files = [str(_shown(data, config.path)) for config in (asked, made)]
    yield defect(
        "config_mismatch",
        "error",
        f"{asked.path.name} and {made.path.name} differ: {listed}{unread}.",
        [Place(file, 1) for file in files],
        count=len(wrong),
        unit="settings",
        details=wrong,
        dataset=str(Path(files[0]).parent),
    )


def _is_null(config: Config, key: str) -> bool:
    return key in config.keys and config.keys[key] is None


def _differs(asked: Any, made: Any) -> bool:
    if isinstance(asked, list) and isinstance(made, list):
        return sorted(map(str, asked)) != sorted(map(str, made))
    return bool(asked != made)


def _in_words(one: dict[str, Any]) -> str:
    if one["effective"] is None:
        return f"{one['setting']} {one['requested']} asked, unknown to the adapter"
    all_layers = " (all)" if one["setting"] == "layers" and one["effective"] == -1 else ""
    return f"{one['setting']} {one['requested']} asked, {one['effective']}{all_layers} trained"


def _shown(data: DataSet, path: Path) -> Path:
    """Return the path of a file beside the data as the user would write it."""
    first = data.splits[0]
    depth = len(first.path.relative_to(data.folder).parts)
    folder = Path(first.shown)
    for _ in range(depth):
        folder = folder.parent
    return folder / path.relative_to(data.folder)


@rule(
    "metadata_mismatch",
    "The stated numbers of rows are not those of the files",
    "Write metadata.json again, or find the rows that were lost; nobody can tell which data a result is of.",
)
def metadata_mismatch(data: DataSet, context: Context) -> Iterable[LintFinding]:
    """Numbers of rows in metadata.json that are not those of the splits beside it.

    Counts the splits. Source: Punie ("don't record where data came from").
    """
    path = data.folder / "metadata.json"
    stated = _stated(path) if data.is_divided else {}
    wrong = [
        {"split": split.name, "stated": number, "rows": split.size}
        for split in data.splits
        if (number := stated.get(split.name)) is not None and number != split.size
    ]
    if wrong:
        listed = ", ".join(f"{one['split']} {one['stated']} stated, {one['rows']} there" for one in wrong)
        place = Place(str(_shown(data, path)), 1)
        message = f"metadata.json is wrong about {many(len(wrong), 'split')}: {listed}."
        yield defect(
            "metadata_mismatch", "warning", message, [place], count=len(wrong), unit="splits", details=wrong
        )


def _stated(path: Path) -> dict[str, int]:
    try:
        value = msgspec.json.decode(path.read_bytes())
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    if not isinstance(value, dict):
        return {}
    splits = value.get("splits")
    fields = {**value, **(splits if isinstance(splits, dict) else {})}
    return {
        split: number
        for split, keys in _COUNT_KEYS.items()
        for key in keys
        if isinstance(number := fields.get(key), int) and not isinstance(number, bool)
    }
