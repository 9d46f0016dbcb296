"""Writes the files of an export: all of a file, or none of it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import msgspec

from curator.errors import CuratorError
from curator.exporters.registry import Exported

_BUFFER = 1 << 20


class LineFile:
    """A file with one JSON object a line, made within ``with``: at its end it is there whole, or not at all.

    Raises:
        CuratorError: The file cannot be written; whatever stood there before is untouched.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._temporary = path.with_name(f".{path.name}.{os.getpid()}")
        self._encode, self._hasher, self._count = msgspec.json.Encoder().encode, sha256(), 0
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._temporary.open("wb", buffering=_BUFFER)
        except OSError as error:
            raise self._failed(error) from error
        return self

    def add(self, line: Any) -> None:
        """Write one object."""
        self.add_bytes(self._encode(line) + b"\n")

    def add_bytes(self, data: bytes) -> None:
        """Write one object that is encoded already, with the end of its line."""
        assert self._file
        self._file.write(data)
        self._hasher.update(data)
        self._count += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._close(is_whole=error is None)
        except OSError as own:
            raise self._failed(own) from own
        if isinstance(error, OSError):
            raise self._failed(error) from error

    @property
    def written(self) -> Exported:
        """What is in it."""
        return Exported(path=str(self.path), rows=self._count, sha256=self._hasher.hexdigest())

    def _close(self, *, is_whole: bool) -> None:
        assert self._file
        try:
            if is_whole:
                self._file.flush()
                os.fsync(self._file.fileno())
            self._file.close()
            if is_whole:
                self._temporary.replace(self.path)
        finally:
            self._temporary.unlink(missing_ok=True)

    def _failed(self, error: OSError) -> CuratorError:
        return CuratorError(f"{self.path} cannot be written: {error.strerror}.", title="Export failed")


def write_lines(path: Path, lines: Iterable[Any]) -> Exported:
    """Write one JSON object a line, atomically, and return what was written.

    Raises:
        CuratorError: The file cannot be written; whatever stood there before is untouched.
    """
    with LineFile(path) as file:
        for line in lines:
            file.add(line)
    return file.written
