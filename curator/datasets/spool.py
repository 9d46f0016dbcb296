"""Keeps on disk, for as long as a data set is made, what would be too much for memory: its rows and texts."""

from __future__ import annotations

import shutil
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import Self, overload

import msgspec

from curator.datasets.frozen import KINDS, Kind
from curator.exporters.rows import PairRow, SftRow

_encode = msgspec.json.Encoder().encode
_BUFFER = 1 << 20


class Spool:
    """Rows as JSON lines in a folder, a file for each kind; written within ``with``, read after it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._paths: dict[Kind, Path] = {kind: folder / f"{kind}.jsonl" for kind in KINDS}

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True)
        self._files = {kind: path.open("wb", buffering=_BUFFER) for kind, path in self._paths.items()}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files.values():
            file.close()

    def add(self, row: SftRow | PairRow) -> None:
        """Write one row."""
        self._files["sft" if isinstance(row, SftRow) else "pairs"].write(_encode(row) + b"\n")

    def lines(self, kind: Kind) -> Iterator[bytes]:
        """Yield the rows of a kind as they were written."""
        with self._paths[kind].open("rb", buffering=_BUFFER) as file:
            yield from file

    def remove(self) -> None:
        """Take the folder away."""
        shutil.rmtree(self._folder)


class Texts(Sequence[str]):
    """Texts in a file without a name, read one at a time."""

    def __init__(self) -> None:
        self._file = TemporaryFile(buffering=_BUFFER)  # noqa: SIM115 - open as long as the texts are wanted
        self._is_at_end = True
        self._ends = array("q", [0])

    def append(self, text: str) -> None:
        """Write a text behind the others."""
        data = text.encode("utf-8", "surrogatepass")
        if not self._is_at_end:
            self._file.seek(self._ends[-1])
            self._is_at_end = True
        self._file.write(data)
        self._ends.append(self._ends[-1] + len(data))

    def __len__(self) -> int:
        return len(self._ends) - 1

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[str]: ...
    def __getitem__(self, at: int | slice) -> str | Sequence[str]:
        """Read the text at a position."""
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        if not -len(self) <= at < len(self):
            raise IndexError(at)
        at %= len(self)
        self._is_at_end = False
        self._file.seek(self._ends[at])
        data: bytes = self._file.read(self._ends[at + 1] - self._ends[at])
        return data.decode("utf-8", "surrogatepass")

    def __del__(self) -> None:
        self._file.close()
