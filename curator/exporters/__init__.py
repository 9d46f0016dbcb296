"""From decisions to files: rows, and one module per target format."""

from __future__ import annotations

from curator.exporters.registry import Exported, ExportFormat, export_format, export_formats
from curator.exporters.rows import PairRow, SftRow, pair_row, sft_row
from curator.exporters.standing import decided_rows, preference_row, standing_rows

__all__ = [
    "ExportFormat",
    "Exported",
    "PairRow",
    "SftRow",
    "decided_rows",
    "export_format",
    "export_formats",
    "pair_row",
    "preference_row",
    "sft_row",
    "standing_rows",
]
