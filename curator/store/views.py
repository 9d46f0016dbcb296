"""Saved views: queries that somebody wants to come back to, each with its order."""

from __future__ import annotations

from msgspec import Struct
from sqlalchemy import Engine, delete, insert, select

from curator.errors import CuratorError
from curator.store.tables import SavedViewTable, table_of

_VIEW = table_of(SavedViewTable)


class SavedView(Struct, frozen=True):
    """A query under a name, and the order in which it lists turns."""

    name: str
    query: str
    sort: str
    reviewer: str
    at: str


class SavedViews:
    """Keeps the views of a workspace."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writing = engine.execution_options(writes=True)

    def all(self) -> list[SavedView]:
        """Return every view in the order of the names."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(_VIEW).order_by(_VIEW.c.name)).mappings()
            return [SavedView(**row) for row in rows]

    def save(self, view: SavedView) -> None:
        """Keep a view; one of the same name is replaced.

        Raises:
            CuratorError: It has no name.
        """
        if not view.name.strip():
            raise CuratorError("A view needs a name.")
        with self._writing.begin() as connection:
            connection.execute(delete(_VIEW).where(_VIEW.c.name == view.name))
            values = {name: getattr(view, name) for name in view.__struct_fields__}
            connection.execute(insert(_VIEW).values(values))

    def delete(self, name: str) -> None:
        """Forget a view; an unknown name is none."""
        with self._writing.begin() as connection:
            connection.execute(delete(_VIEW).where(_VIEW.c.name == name))
