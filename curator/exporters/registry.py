"""The register of export formats. A format is one module here with one function marked ``@register``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from msgspec import Struct

from curator.discovery import load_modules
from curator.errors import CuratorError
from curator.exporters.rows import PairRow, SftRow

Rows = Iterable[tuple[SftRow | None, PairRow | None]]


class Exported(Struct, frozen=True):
    """A file that an export wrote."""

    path: str
    rows: int
    sha256: str


class ExportFormat(Struct, frozen=True):
    """A format: its id, one line about it, and the function that writes it."""

    id: str
    title: str
    export: Callable[[Rows, Path], list[Exported]]


_FORMATS: dict[str, ExportFormat] = {}


def register(
    id: str, title: str
) -> Callable[[Callable[[Rows, Path], list[Exported]]], Callable[[Rows, Path], list[Exported]]]:
    """Mark a function as the writer of a format."""

    def keep(export: Callable[[Rows, Path], list[Exported]]) -> Callable[[Rows, Path], list[Exported]]:
        _FORMATS[id] = ExportFormat(id, title, export)
        return export

    return keep


def export_formats() -> dict[str, ExportFormat]:
    """Return all formats by id."""
    load_modules("curator.exporters")
    return dict(sorted(_FORMATS.items()))


def export_format(id: str) -> ExportFormat:
    """Return one format.

    Raises:
        CuratorError: There is none with this id.
    """
    formats = export_formats()
    if id not in formats:
        raise CuratorError(f"There is no export format {id!r}; known: {', '.join(formats)}.")
    return formats[id]
