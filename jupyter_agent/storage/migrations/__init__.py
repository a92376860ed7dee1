"""Brings a database to the newest schema. Alembic is imported only where there is something to do."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

HEAD = "0004"
"""The newest version. Written here so that a server's start needs no Alembic; a test holds it true."""

VERSION_TABLE = "alembic_version"
LOCK_KEY = 0x6A7570616765  # "jupage": any number that no other program takes in the same PostgreSQL database
LOCK_SECONDS = 120

SEARCH_INDEX = "search_index"
SEARCH_VECTOR = "vector"
SEARCH_VECTOR_INDEX = "ix_search_documents_vector"


class NewerDatabase(RuntimeError):
    """The database was made by a newer version of this program."""


def upgrade(engine: Engine) -> None:
    """Brings an empty or older database to the newest schema; costs one query where it already is.

    Several processes may call it at once: one does the work, the others wait for it. A step that fails leaves the
    database as it was.

    Raises NewerDatabase where the schema is not one that this version knows, and SQLAlchemy's errors."""
    with engine.connect() as connection:
        if _version(connection) == HEAD:
            return
    with engine.connect() as connection:
        _lock(connection)
        version = _version_of_existing(connection)
        if version != HEAD:
            _run(connection, version)
        connection.commit()


def include_name(name: str | None, kind: str, parents: object = None) -> bool:
    """Whether a name in the database is one that the tables know of; the full-text index is not (see 0001)."""
    name = name or ""
    if kind == "table":
        return name != VERSION_TABLE and name != SEARCH_INDEX and not name.startswith(SEARCH_INDEX + "_")
    return not (kind in ("column", "index") and name in (SEARCH_VECTOR, SEARCH_VECTOR_INDEX))


def _version(connection: Connection) -> str | None:
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    # A database without the table is a new one; whatever else is wrong shows again in the locked path.
    with suppress(DBAPIError):
        version: str | None = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()
        return version
    return None


def _version_of_existing(connection: Connection) -> str | None:
    from sqlalchemy import inspect, text

    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    version: str | None = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()
    return version


def _lock(connection: Connection) -> None:
    """Begins the transaction in which everything happens, as the only one who migrates this database."""
    connection.begin()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK_KEY})")
        return
    cursor = connection.connection.cursor()
    (before,) = cursor.execute("PRAGMA busy_timeout").fetchone()
    cursor.execute(f"PRAGMA busy_timeout = {LOCK_SECONDS * 1000}")
    try:
        # A deferred transaction that began with the connection could not wait for the writer's lock.
        if connection.connection.dbapi_connection.in_transaction:  # type: ignore[union-attr]
            cursor.execute("ROLLBACK")
        cursor.execute("BEGIN IMMEDIATE")
    finally:
        cursor.execute(f"PRAGMA busy_timeout = {before}")
        cursor.close()


def _run(connection: Connection, version: str | None) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    if version is not None:
        known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
        if version not in known:
            raise NewerDatabase(
                f"The database has schema version {version}, which this version does not know (its newest is {HEAD}). "
                "Update jupyterlab-agent, or set another AgentApp.database_url."
            )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
