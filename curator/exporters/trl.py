"""TRL's conversational files: ``sft.jsonl`` (prompt, completion, tools) and ``dpo.jsonl`` (prompt, chosen,
rejected, tools), one JSON object a line.

``tools`` is JSON text, as TRL accepts it, because a table of tool schemas would otherwise be merged into one
schema with nulls. Source: TRL documentation, "Dataset formats and types".
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from curator.exporters.files import LineFile
from curator.exporters.registry import Exported, register
from curator.exporters.rows import PairRow, SftRow


@register("trl", "TRL conversational: sft.jsonl and dpo.jsonl")
def export(rows: Iterable[tuple[SftRow | None, PairRow | None]], out: Path) -> list[Exported]:
    """Write both files into ``out``; a file without rows is written empty."""
    with LineFile(out / "sft.jsonl") as sft, LineFile(out / "dpo.jsonl") as dpo:
        for row, pair in rows:
            if row is not None:
                sft.add(sft_line(row))
            if pair is not None:
                dpo.add(dpo_line(pair))
    return [sft.written, dpo.written]


def sft_line(row: SftRow) -> dict[str, Any]:
    """Return the JSON object of an SFT row."""
    return {
        "prompt": row.prompt,
        "completion": row.completion,
        "tools": row.tools,
        "id": row.id,
        "turn": row.origin.turn,
        "source": f"{row.origin.source}:{row.origin.line}",
        "reviewer": row.origin.reviewer,
        "marks": list(row.origin.violations),
    }


def dpo_line(row: PairRow) -> dict[str, Any]:
    """Return the JSON object of a preference pair."""
    return {
        "prompt": row.prompt,
        "chosen": row.chosen,
        "rejected": row.rejected,
        "tools": row.tools,
        "id": row.id,
        "turn": row.origin.turn,
        "source": f"{row.origin.source}:{row.origin.line}",
        "reviewer": row.origin.reviewer,
        "marks": list(row.origin.violations),
    }
