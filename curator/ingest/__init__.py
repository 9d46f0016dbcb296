"""Logs and datasets in, turns out: a reader per format, a registry that sniffs, a pipeline that stores."""

from __future__ import annotations

from curator.ingest.items import Loss, Options, Reader, Source
from curator.ingest.pipeline import ingest
from curator.ingest.registry import reader_named, register
from curator.ingest.report import IngestReport, IngestTotals, LossCount, SourceReport

__all__ = [
    "IngestReport",
    "IngestTotals",
    "Loss",
    "LossCount",
    "Options",
    "Reader",
    "Source",
    "SourceReport",
    "ingest",
    "reader_named",
    "register",
]
