"""Opens log files as they are or unpacked: gzip and zstd are known by their first bytes, not by name."""

from __future__ import annotations

import gzip
import io
import mmap
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfileobj
from typing import BinaryIO, cast

import zstandard

_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_PACKED_SUFFIXES = (".gz", ".gzip", ".zst", ".zstd")
_PIECE_BYTES = 16 * 1024
_ZSTD_PIECE_BYTES = 2 * 1024
"""Small, because a few bytes of zstd can stand for a block of 128 KiB."""


def is_compressed(path: Path) -> bool:
    """Return whether a file begins like gzip or zstd.

    Raises:
        OSError: The file cannot be read.
    """
    with path.open("rb") as file:
        return file.read(4).startswith((_GZIP, _ZSTD))


def log_suffix(path: Path) -> str:
    """Return the ending that says what a file holds: ``.jsonl`` for ``log.jsonl.gz``."""
    return Path(log_name(path)).suffix.lower()


def log_name(path: Path) -> str:
    """Return the name of a file without the ending that says how it is packed."""
    return path.stem if path.suffix.lower() in _PACKED_SUFFIXES else path.name


def open_log(path: Path) -> BinaryIO:
    """Open a file for reading; one that is packed comes out unpacked, a bounded piece at a time.

    A damaged archive is read as far as it goes and ends there; ``tear`` then says what is wrong.
    Offsets in a packed file count in what it holds, not in the archive.

    Raises:
        OSError: The file cannot be read.
    """
    file = path.open("rb")
    head = file.read(4)
    file.seek(0)
    if head.startswith(_GZIP):
        return cast("BinaryIO", _Unpacked(file, _gunzipped(file)))
    if head.startswith(_ZSTD):
        return cast("BinaryIO", _Unpacked(file, _unzstd(file)))
    return file


def tear(file: BinaryIO) -> str | None:
    """Return what is wrong with an archive from ``open_log`` that was read to its end, if anything is."""
    return file.tear if isinstance(file, _Unpacked) else None


@contextmanager
def mapped_log(path: Path) -> Iterator[tuple[mmap.mmap | bytes, str | None]]:
    """Give the whole content of a file without holding it in memory, and what is wrong with the archive.

    A packed file is unpacked to a temporary file that no one else sees.

    Raises:
        OSError: The file cannot be read, or there is no room to unpack it.
    """
    with open_log(path) as file, tempfile.TemporaryFile() as space:
        if isinstance(file, _Unpacked):
            copyfileobj(file, space)
            space.flush()
        source = space if isinstance(file, _Unpacked) else file
        empty = source.seek(0, io.SEEK_END) == 0
        yield b"" if empty else mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ), tear(file)


class _Unpacking(io.RawIOBase):
    """The pieces of an archive as a stream that ends where the archive is damaged."""

    def __init__(self, file: BinaryIO, pieces: Iterator[bytes]) -> None:
        self._file, self._pieces, self._rest = file, pieces, memoryview(b"")
        self.tear: str | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        while not self._rest and self.tear is None:
            try:
                self._rest = memoryview(next(self._pieces))
            except StopIteration:
                return 0
            except (EOFError, gzip.BadGzipFile, zlib.error, zstandard.ZstdError) as error:
                self.tear = f"the archive is damaged or cut off ({error}); what stands before is read."
        count = min(len(buffer), len(self._rest))
        buffer[:count], self._rest = self._rest[:count], self._rest[count:]
        return count

    def close(self) -> None:
        self._file.close()
        super().close()


class _Unpacked(io.BufferedReader):
    def __init__(self, file: BinaryIO, pieces: Iterator[bytes]) -> None:
        self._unpacking = _Unpacking(file, pieces)
        super().__init__(self._unpacking, _PIECE_BYTES)

    @property
    def tear(self) -> str | None:
        return self._unpacking.tear


def _gunzipped(file: BinaryIO) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=file) as archive:
        while piece := archive.read1(_PIECE_BYTES):
            yield piece


def _unzstd(file: BinaryIO) -> Iterator[bytes]:
    """Yield what all frames hold; the stream reader of the library would not tell a cut-off frame."""
    new_frame: Callable[[], zstandard.ZstdDecompressionObj] = zstandard.ZstdDecompressor().decompressobj
    frame, begun = new_frame(), False
    while packed := file.read(_ZSTD_PIECE_BYTES):
        while packed:
            if piece := frame.decompress(packed):
                yield piece
            packed, begun = (frame.unused_data, False) if frame.eof else (b"", True)
            frame = new_frame() if frame.eof else frame
    if begun:
        raise EOFError("the last frame has no end")
