"""The database and the threads that use it: SQLAlchemy never runs on the event loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

log = logging.getLogger(__name__)

T = TypeVar("T")

READERS = 4
POSTGRES_WRITERS = 4
BUSY_SECONDS = 30
NETWORK_FILE_SYSTEMS = frozenset(
    [
        *("nfs", "nfs3", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "9p", "afs", "afpfs", "webdav", "davfs"),
        *("lustre", "gpfs", "beegfs", "ceph", "cephfs", "glusterfs", "pvfs2", "orangefs"),
        *("fuse.sshfs", "fuse.glusterfs", "fuse.cephfs", "fuse.ceph", "fuse.s3fs", "fuse.rclone", "fuse.mfs"),
    ]
)


def on_network_file_system(path: Path) -> bool:
    """Whether a folder is on a network file system, where SQLite's write-ahead log is unsafe: it needs memory shared
    by all who have the database open (https://sqlite.org/wal.html)."""
    import psutil

    resolved = path.resolve()
    kind, longest = "", -1
    for partition in psutil.disk_partitions(all=True):
        mount = Path(partition.mountpoint)
        if len(mount.parts) > longest and (resolved == mount or mount in resolved.parents):
            kind, longest = partition.fstype.lower(), len(mount.parts)
    return kind in NETWORK_FILE_SYSTEMS


class Database:
    """An open database, at the newest schema."""

    def __init__(self, url: str) -> None:
        """Opens it and migrates it where that is needed; call this in a thread.

        Raises ValueError for a URL of another kind than SQLite and PostgreSQL, and SQLAlchemy's errors."""
        from sqlalchemy import make_url
        from sqlalchemy.orm import sessionmaker

        from jupyter_agent.storage.migrations import upgrade

        address = make_url(url)
        backend = address.get_backend_name()
        if backend not in ("sqlite", "postgresql"):
            raise ValueError(f"AgentApp.database_url: {backend} is not supported; use sqlite or postgresql")
        self.dialect: Literal["sqlite", "postgresql"] = "sqlite" if backend == "sqlite" else "postgresql"
        if self.dialect == "sqlite":
            if not address.database or address.database == ":memory:":
                raise ValueError("AgentApp.database_url: SQLite needs a file")
            folder = Path(address.database).parent
            folder.mkdir(parents=True, exist_ok=True)
            self.journal = "DELETE" if on_network_file_system(folder) else "WAL"
            self._writer = self._sqlite(address, "BEGIN IMMEDIATE", 1)
            self._reader = self._sqlite(address, "BEGIN", READERS)
            writers = 1
        else:
            from sqlalchemy import create_engine

            if address.drivername == "postgresql":
                address = address.set(drivername="postgresql+psycopg")
            self._writer = self._reader = create_engine(
                address, pool_size=READERS + POSTGRES_WRITERS, max_overflow=0, pool_pre_ping=True
            )
            writers = POSTGRES_WRITERS
        upgrade(self._writer)
        self._writing = sessionmaker(self._writer, expire_on_commit=False)
        self._reading = sessionmaker(self._reader, expire_on_commit=False)
        self._write_threads = ThreadPoolExecutor(writers, thread_name_prefix="agent-write")
        self._read_threads = ThreadPoolExecutor(READERS, thread_name_prefix="agent-read")

    def _sqlite(self, address: Any, begin: str, size: int) -> Engine:
        from sqlalchemy import create_engine, event

        engine = create_engine(
            address,
            connect_args={"check_same_thread": False, "timeout": BUSY_SECONDS},
            pool_size=size,
            max_overflow=0,
        )

        # SQLAlchemy's own recipe for transactions that are the database's and not the driver's:
        # https://docs.sqlalchemy.org/en/21/dialects/sqlite.html#pysqlite-serializable
        @event.listens_for(engine, "connect")
        def connect(connection: Any, record: Any) -> None:
            connection.isolation_level = None
            cursor = connection.cursor()
            cursor.execute(f"PRAGMA journal_mode = {self.journal}")
            cursor.execute(f"PRAGMA synchronous = {'NORMAL' if self.journal == 'WAL' else 'FULL'}")
            cursor.execute("PRAGMA foreign_keys = ON")
            cursor.execute("PRAGMA temp_store = MEMORY")
            cursor.execute("PRAGMA cache_size = -16000")
            cursor.close()

        @event.listens_for(engine, "begin")
        def do_begin(connection: Any) -> None:
            connection.exec_driver_sql(begin)

        return engine

    async def read(self, function: Callable[[Session], T]) -> T:
        """What `function` gives, called in a thread with a session that is not committed."""

        def run() -> T:
            with self._reading() as session:
                return function(session)

        return await asyncio.get_running_loop().run_in_executor(self._read_threads, run)

    async def write(self, function: Callable[[Session], T]) -> T:
        """What `function` gives, called in a thread in a transaction: committed when this returns, undone where it
        raises. A caller that is cancelled does not undo it."""

        def run() -> T:
            with self._writing.begin() as session:
                return function(session)

        return await asyncio.get_running_loop().run_in_executor(self._write_threads, run)

    async def close(self) -> None:
        """Waits for what is being written."""

        def stop() -> None:
            self._write_threads.shutdown()
            self._read_threads.shutdown()
            self._writer.dispose()
            self._reader.dispose()

        await asyncio.to_thread(stop)
