"""The line in which a query is written; what the last word may become stands behind the cursor."""

from __future__ import annotations

from collections.abc import Sequence

from textual.suggester import Suggester
from textual.widgets import Input

from curator.store.queries import QUERY_KEYS, QUERY_VALUES
from curator.tui.query_words import completed


class QueryInput(Input):
    """Completes keys, and the values that the workspace has, with →."""

    def __init__(self, id: str) -> None:
        self._suggests = _Words()
        super().__init__(
            id=id, suggester=self._suggests, placeholder='tier:… tool:… check:… verdict:none "some words"'
        )
        self.border_title = "FILTER"

    def knows(self, values: dict[str, Sequence[str]]) -> None:
        """Take the values that words may be completed with, by their keys."""
        self._suggests.values = {**QUERY_VALUES, **values}


class _Words(Suggester):
    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self.values: dict[str, Sequence[str]] = dict(QUERY_VALUES)

    async def get_suggestion(self, value: str) -> str | None:
        """Return the whole query with its last word completed."""
        return completed(value, QUERY_KEYS, self.values)
