"""Sorts files into data sets and splits, by their names and folders."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from curator.ingest.files import log_name
from curator.lint.model import DataSet, Split, SplitName

_WORDS: dict[str, SplitName] = {
    "train": "train",
    "training": "train",
    "valid": "valid",
    "val": "valid",
    "validation": "valid",
    "dev": "valid",
    "eval": "valid",
    "test": "test",
    "heldout": "test",
}
_ORDER: tuple[SplitName, ...] = ("train", "valid", "test", "all")
_SHARD = re.compile(r"-\d+-of-\d+")
_SEPARATOR = re.compile(r"[-_. ]+")


def data_sets(files: list[Split]) -> list[DataSet]:
    """Return the data sets that these files make up, each with its training data first.

    Files of one folder belong together where they are called train, valid (val, dev, eval) and test,
    or carry such a word beside the same name (``coder_train``, ``coder_val``). A folder may be named
    after its split. Session logs belong together, any other file is a data set of its own.
    """
    groups: dict[tuple[Path, str], list[Split]] = defaultdict(list)
    for file in files:
        folder, base, file.name = _place(file)
        groups[folder, base].append(file)
    sets, folders = [], set()
    for (folder, base), splits in _settled(groups):
        sets.append(_data_set(folder, base, splits))
        sets[-1].is_first = folder not in folders
        folders.add(folder)
    return sets


def is_plain(path: Path) -> bool:
    """Tell whether a file is called after its split alone."""
    return _stem(path).lower() in _WORDS


def _stem(path: Path) -> str:
    return _SHARD.sub("", Path(log_name(path)).stem)


def _place(file: Split) -> tuple[Path, str, SplitName]:
    """Return the folder of the data set, the name that its files share, and the split of a file."""
    path = file.path
    if file.is_session_log:
        return path.parent, file.format, "all"
    stem = _stem(path)
    words = _SEPARATOR.split(stem)
    first, last = words[0].lower(), words[-1].lower()
    if first in _WORDS:
        base = stem[len(words[0]) :].lstrip("-_. ")
        return path.parent, "" if base.startswith("first") else base, _WORDS[first]
    if last in _WORDS:
        return path.parent, stem[: -len(words[-1])].rstrip("-_. "), _WORDS[last]
    if path.parent.name.lower() in _WORDS:
        return path.parent.parent, "", _WORDS[path.parent.name.lower()]
    return path.parent, stem, "all"


_Group = tuple[tuple[Path, str], list[Split]]


def _settled(groups: dict[tuple[Path, str], list[Split]]) -> Iterator[_Group]:
    """Yield the groups: what only looks like training data stands by itself, and a file that shares its
    name with a held-out one is its training data."""
    for (folder, base), splits in groups.items():
        names = {split.name for split in splits}
        if names & {"valid", "test"} and "train" not in names:
            for split in splits:
                split.name = "train" if split.name == "all" else split.name
        if names == {"train"} and not any(is_plain(split.path) for split in splits):
            for split in splits:
                split.name = "all"
                yield (split.path.parent, _stem(split.path)), [split]
        else:
            yield (folder, base), splits


def _data_set(folder: Path, base: str, splits: list[Split]) -> DataSet:
    splits.sort(key=lambda split: (_ORDER.index(split.name), split.shown))
    shown = Path(splits[0].shown)
    if len(splits) == 1 and not is_plain(splits[0].path):
        return DataSet(str(shown), folder, splits)
    up = len(splits[0].path.relative_to(folder).parts)
    above = shown.parents[up - 1] if up <= len(shown.parents) else shown.parent
    return DataSet(str(above / base), folder, splits)
