"""Rules about the files themselves: empty, unreadable, wrongly named, missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from curator.ingest.files import log_name, log_suffix
from curator.lint.model import DataSet, LintFinding, Place
from curator.lint.registry import Context, defect, many, rule
from curator.lint.splits import is_plain

_MLX_NAMES = {"train": "train", "valid": "valid", "test": "test"}
_OF_OTHER_RULES = ("unknown_format", "bad_message", "bad_messages", "no_assistant")


@rule(
    "empty_file",
    "Files without rows",
    "Fill the file or take it away; mlx_lm stops at an empty valid.jsonl (or test.jsonl with --test).",
)
def empty_file(data: DataSet, context: Context) -> Iterable[LintFinding]:
    """Files of 0 bytes, of blank lines, or of tables without rows.

    Counts files. Source: mlx_lm ("Test set not found or empty"), Punie (training_examples_1k).
    """
    empty = [split for split in data.splits if not split.size and not split.failures]
    if empty:
        names = ", ".join(split.path.name for split in empty)
        places = [Place(split.shown, 1) for split in empty]
        message = f"{many(len(empty), 'file')} without rows: {names}."
        yield defect("empty_file", "error", message, places, unit="files")


@rule(
    "unknown_format",
    "Files that cannot be read",
    "Convert it to chat rows (`messages`), or say what is where with a mapping: curator ingest --map FILE.",
)
def unknown_format(data: DataSet, context: Context) -> Iterable[LintFinding]:
    """Data files (JSON lines, CSV, Parquet) in no format that Curator knows; nothing else is checked in them.

    Counts files. Source: unified-intelligence-cli (benchmarks without answers).
    """
    failed = [f for split in data.splits for f in split.failures if f.code == "unknown_format"]
    if failed:
        places = [Place(failure.place.file, 1) for failure in failed]
        message = f"{many(len(failed), 'file')} not read: {failed[0].message}"
        yield defect("unknown_format", "info", message, places, unit="files")


@rule(
    "unreadable_rows",
    "Rows that cannot be read",
    "Correct these lines or delete them; a trainer stops there, or passes over them without a word.",
)
def unreadable_rows(data: DataSet, context: Context) -> Iterable[LintFinding]:
    """Lines that are no JSON object, or lack what the format of their file needs.

    Counts rows. Source: Punie (its reader dies on a bad line).
    """
    failed = [f for split in data.splits for f in split.failures if f.code not in _OF_OTHER_RULES]
    if failed:
        counted = Counter(failure.message.rstrip(".") for failure in failed)
        listed = "; ".join(f"{count} × {message}" for message, count in counted.most_common(3))
        message = f"{many(len(failed), 'row')} not readable: {listed}."
        yield defect("unreadable_rows", "error", message, [failure.place for failure in failed])


@rule(
    "split_names",
    "Files that the trainer will not find",
    "Rename the files: mlx_lm reads train.jsonl, valid.jsonl and test.jsonl and nothing else.",
)
def split_names(data: DataSet, context: Context) -> Iterable[LintFinding]:
    """Splits whose files are called otherwise than the trainer (or the profile) has it.

    Without a profile: ``val``, ``dev`` or ``eval`` for ``valid`` beside train. With one: its own three
    names. Only for JSON lines that are called after their split alone. Counts files. Source:
    unified-intelligence-cli (val.jsonl), mlx_lm.
    """
    wanted = _MLX_NAMES
    if context.profile:
        wanted = dict(zip(wanted, context.profile.split.names, strict=True))
    wrong = [
        (split, wanted[split.name])
        for split in data.splits
        if split.name != "all"
        and is_plain(split.path)
        and log_suffix(split.path) == ".jsonl"
        and _stem(split.path) not in (wanted[split.name], *_shards(split.path))
    ]
    if wrong and len(data.splits) > 1:
        listed = ", ".join(f"{split.path.name} should be {name}" for split, name in wrong)
        message = f"{many(len(wrong), 'split')} under another name: {listed}{wrong[0][0].path.suffix}."
        places = [Place(split.shown, 1) for split, _ in wrong]
        yield defect("split_names", "warning", message, places, unit="files")


def _stem(path: Path) -> str:
    return Path(log_name(path)).stem


def _shards(path: Path) -> tuple[str, ...]:
    """Return the name of a file that is one of several, which no trainer takes for a split by itself."""
    return (_stem(path),) if "-of-" in path.name else ()


@rule(
    "missing_split",
    "Training data without a held-out split",
    "Hold some rows out, grouped by session, prompt or template; else nothing tells memory from skill.",
)
def missing_split(data: DataSet, context: Context) -> Iterable[LintFinding]:
    """A train file with neither valid nor test beside it.

    Counts files. Source: mlx_lm needs a valid split that is not empty.
    """
    names = {split.name for split in data.splits}
    folder = data.splits[0].path.parent
    beside = any(is_plain(path) and path != data.splits[0].path for path in folder.glob("*.*"))
    if names == {"train"} and not beside:
        place = Place(data.splits[0].shown, 1)
        message = "There is training data but neither a valid nor a test file beside it."
        yield defect("missing_split", "warning", message, [place], unit="files")
