"""Opens the database: connection settings, transactions, and the schema at its newest version."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, OperationalError

from curator.errors import WorkspaceError

SCHEMA_VERSION = "0006"
"""The newest migration; opening a database at this version costs one query."""

_MIGRATIONS = Path(__file__).with_name("migrations")


def open_engine(url: str) -> Engine:
    """Connect to ``url`` and bring its schema to ``SCHEMA_VERSION``.

    Raises:
        WorkspaceError: The database cannot be opened, is not Curator's, or is newer than this program.
    """
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    try:
        _migrate(engine, url)
    except (DatabaseError, OperationalError) as error:
        engine.dispose()
        shown = make_url(url).render_as_string(hide_password=True)
        raise WorkspaceError(f"{shown} cannot be opened: {error.orig}.") from error
    return engine


def _configure_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    with closing(connection.cursor()) as cursor:
        cursor.execute("PRAGMA busy_timeout = 15000")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA cache_size = -131072")
        cursor.execute("PRAGMA temp_store = MEMORY")
        # Keys are random, so an ingest writes the same index pages again and again: gather them longer.
        cursor.execute("PRAGMA wal_autocheckpoint = 16384")


def _begin_sqlite(connection: Any) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _migrate(engine: Engine, url: str) -> None:
    with engine.connect() as connection:
        version = None
        if inspect(connection).has_table("alembic_version"):
            version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if version == SCHEMA_VERSION:
        return
    if version is not None and version > SCHEMA_VERSION:
        raise WorkspaceError(
            f"The database has schema {version}, this program knows {SCHEMA_VERSION}. Upgrade Curator."
        )
    _upgrade(engine)


def _upgrade(engine: Engine) -> None:
    # Alembic takes 0.1 s to import and is needed only when the schema changes.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    with engine.execution_options(writes=True).connect() as connection:
        if engine.dialect.name == "sqlite":
            # A table that is rebuilt is dropped for a moment; ids stay what they are.
            _driver(connection).execute("PRAGMA foreign_keys = OFF")
        with connection.begin():
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        if engine.dialect.name == "sqlite":
            _driver(connection).execute("PRAGMA foreign_keys = ON")


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection
