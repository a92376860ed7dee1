"""A real PostgreSQL for the tests: a cluster in a temporary directory, on a Unix socket, nothing on the network."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import uuid
from pathlib import Path
from typing import Any


def programs() -> Path | None:
    """The directory of `initdb` and `pg_ctl`; None where PostgreSQL is not installed."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    versions = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").exists()]
    return max(versions, key=lambda path: int(path.parent.name), default=None)


class Cluster:
    """Use as a context manager; `create()` gives the URL of a new empty database."""

    def __init__(self) -> None:
        found = programs()
        if found is None:
            raise FileNotFoundError("PostgreSQL's programs (initdb, pg_ctl) are not installed")
        self.bin = found
        self._used: list[str] = []
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            # PostgreSQL refuses to run as root.
            import pwd

            user = next(name for name in ("postgres", "nobody") if name in {entry.pw_name for entry in pwd.getpwall()})
            entry = pwd.getpwnam(user)
            self._as = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}

    def _run(self, program: str, *args: str) -> None:
        done = subprocess.run(
            [str(self.bin / program), *args],
            cwd=self.dir,
            env={"PATH": os.environ["PATH"], "HOME": str(self.dir), "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=120,
            **self._as,
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed:\n{Path(self.output.name).read_text()[-4000:]}")

    def __enter__(self) -> Cluster:
        # Short: the path of a Unix socket has 107 characters at the most.
        self.dir = Path(tempfile.mkdtemp(prefix="ja-pg-"))
        if self._as:
            os.chown(self.dir, self._as["user"], self._as["group"])
        self.output = (self.dir / "programs.log").open("wb")
        self._run("initdb", "-D", "data", "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-sync")
        # Durability of a database that is thrown away is worth nothing: -F is fsync off.
        options = f"-F -c listen_addresses='' -k {self.dir} -c max_connections=200 -c full_page_writes=off"
        self._run("pg_ctl", "-D", "data", "-w", "-t", "60", "-l", str(self.dir / "server.log"), "-o", options, "start")
        return self

    def __exit__(self, *exc: object) -> None:
        try:
            self._run("pg_ctl", "-D", "data", "-w", "-t", "60", "-m", "immediate", "stop")
        finally:
            self.output.close()
            shutil.rmtree(self.dir, ignore_errors=True)

    def url(self, database: str) -> str:
        """For SQLAlchemy with psycopg 3."""
        return f"postgresql+psycopg://tester@/{database}?host={self.dir}"

    def _sql(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(host=str(self.dir), user="tester", dbname="postgres", autocommit=True) as connection:
            connection.execute(statement.encode())

    def create(self, template: str = "template0") -> str:
        """The name of a new database."""
        name = f"test_{uuid.uuid4().hex}"
        self._sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        self._used.append(name)
        return name

    def drop_used(self) -> None:
        """Drops every database that was created so far."""
        while self._used:
            self._sql(f'DROP DATABASE IF EXISTS "{self._used.pop()}" WITH (FORCE)')
