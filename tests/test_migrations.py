"""The schema: what the migrations make is what the tables say, on both databases, from several processes at once."""

from __future__ import annotations

import logging
import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.orm import Session, make_transient

from jupyter_agent.providers import ledger
from jupyter_agent.storage import migrations
from jupyter_agent.storage.tables import (
    Base,
    MessageRow,
    ModelRequestRow,
    SearchDocumentRow,
    SessionRow,
    TurnEventRow,
    TurnRow,
    UsageBucketRow,
    UsageDayRow,
    UsageHourRow,
    UsageQuarterRow,
)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'agent.db'}"
    found: str = request.getfixturevalue("postgres_url")
    return found


@pytest.fixture
def engine(url: str) -> Iterator[sa.Engine]:
    engine = sa.create_engine(url)
    yield engine
    engine.dispose()


def version(engine: sa.Engine) -> str | None:
    with engine.connect() as connection:
        found: str | None = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
        return found


def test_migrated_schema_is_the_tables(engine: sa.Engine) -> None:
    migrations.upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"target_metadata": Base.metadata, "include_name": migrations.include_name, "compare_type": True},
        )
        assert compare_metadata(context, Base.metadata) == []
        Base.metadata.tables["sessions"].append_column(sa.Column("new", sa.Text), replace_existing=True)
        try:
            # The comparison does see a difference where there is one.
            assert len(compare_metadata(context, Base.metadata)) == 1
        finally:
            Base.metadata.tables["sessions"]._columns.remove(Base.metadata.tables["sessions"].c.new)


def test_head_is_the_newest_version() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_heads() == [migrations.HEAD]


def test_second_upgrade_is_one_query(engine: sa.Engine) -> None:
    migrations.upgrade(engine)
    seen: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    migrations.upgrade(engine)
    assert seen == ["SELECT version_num FROM alembic_version"]


def test_no_alembic_at_head(engine: sa.Engine, url: str) -> None:
    migrations.upgrade(engine)
    code = (
        "import sys, sqlalchemy; from jupyter_agent.storage.migrations import upgrade\n"
        f"upgrade(sqlalchemy.create_engine({url!r}))\n"
        "sys.exit(any(name.partition('.')[0] == 'alembic' for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_processes_at_once(engine: sa.Engine, url: str) -> None:
    code = (
        "import sqlalchemy; from jupyter_agent.storage.migrations import upgrade\n"
        f"upgrade(sqlalchemy.create_engine({url!r}))"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True, start_new_session=True)
        for _ in range(4)
    ]
    errors = [process.communicate(timeout=60)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0, 0], "\n".join(errors)
    assert version(engine) == migrations.HEAD


def test_newer_database_is_refused_and_left_alone(engine: sa.Engine) -> None:
    migrations.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(migrations.NewerDatabase, match="9999"):
        migrations.upgrade(engine)
    assert version(engine) == "9999"


def test_failed_migration_leaves_nothing(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **kwargs: Any) -> str:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patched:
        # Called after the step's own statements.
        patched.setattr("alembic.runtime.migration.HeadMaintainer.update_to_step", fail)
        with pytest.raises(RuntimeError):
            migrations.upgrade(engine)
    assert sa.inspect(engine).get_table_names() == []
    migrations.upgrade(engine)
    assert version(engine) == migrations.HEAD


def test_logging_stays_as_it_is(engine: sa.Engine) -> None:
    before = (logging.getLogger().level, list(logging.getLogger().handlers), logging.getLogger("alembic").level)
    migrations.upgrade(engine)
    after = (logging.getLogger().level, list(logging.getLogger().handlers), logging.getLogger("alembic").level)
    assert after == before


def test_engine_that_begins_for_itself(tmp_path: Path) -> None:
    """An engine may begin every SQLite transaction by hand, as SQLAlchemy's documentation shows."""
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'agent.db'}")
    sa.event.listen(engine, "connect", lambda dbapi, _: setattr(dbapi, "isolation_level", None))
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    migrations.upgrade(engine)
    assert version(engine) == migrations.HEAD
    engine.dispose()


def test_a_ledger_of_the_third_version_is_summed_up(engine: sa.Engine) -> None:
    """As it would have been, had there been sums when it was written."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    chance = random.Random(4)
    first = datetime(2026, 3, 28, 23, 59, 59, 999_999, tzinfo=UTC)
    rows = [
        {
            "id": f"req_{number}",
            "owner": chance.choice(["me", "you"]),
            "session_id": chance.choice([None, "sess_1", "sess_2"]),
            "purpose": chance.choice(["turn", "title"]),
            "provider": "p",
            "model": chance.choice(["m", "n"]),
            "input_tokens": chance.choice([0, 100, 2**31 - 1]),
            "output_tokens": chance.choice([0, 10]),
            "cache_read_tokens": chance.choice([0, 50]),
            "cache_write_tokens": chance.choice([0, 5]),
            "cost": chance.choice([None, 0, 1, 10**15]),
            "duration_ms": chance.choice([None, 1234]),
            "first_token_ms": chance.choice([None, 12]),
            "error_code": chance.choice([None, "timeout"]),
            "created_at": first + timedelta(seconds=chance.choice([0, 1, 899, 900, 901, 86_400])),
        }
        for number in range(200)
    ]
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        old = sa.MetaData()
        old.reflect(connection, only=["model_requests"])
        assert "saved" not in old.tables["model_requests"].columns
        connection.execute(old.tables["model_requests"].insert(), rows)
    migrations.upgrade(engine)

    def sums(orm: Session) -> dict[str, set[tuple[Any, ...]]]:
        tables = (UsageBucketRow, UsageQuarterRow, UsageHourRow, UsageDayRow)
        return {
            table.__tablename__: {tuple(row) for row in orm.execute(sa.select(*table.__table__.columns))}
            for table in tables
        }

    with Session(engine) as orm:
        migrated = sums(orm)
        kept = orm.scalars(sa.select(ModelRequestRow)).all()
        assert len(kept) == len(rows)
        orm.expunge_all()
        for table in migrated:
            orm.execute(sa.text(f"DELETE FROM {table}"))
        orm.execute(sa.delete(ModelRequestRow))
        for row in kept:
            make_transient(row)
            ledger.add_in(orm, row)
        assert sums(orm) == migrated
        assert len(migrated["usage_buckets"]) > len(migrated["usage_quarters"]) >= len(migrated["usage_hours"]) > 4


def test_a_database_of_the_first_version_goes_over(engine: sa.Engine) -> None:
    """With what is in it, and with foreign keys that are kept, as a server has them."""
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", lambda dbapi, _: dbapi.execute("PRAGMA foreign_keys = ON"))
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    now = sa.func.current_timestamp()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        old = sa.MetaData()
        old.reflect(connection, only=["sessions", "messages", "turns", "search_documents"])
        tables = old.tables
        assert "conversation_id" not in tables["sessions"].columns
        for number in (1, 2):
            session = {"id": f"sess_{number}", "owner": "me", "title": f"Session {number}", "title_source": "user"}
            counts = dict.fromkeys(
                ("turn_count", "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "requests"),
                0,
            )
            session |= {"channel": "api", "tasks": [], "metadata": {}, "message_count": 2, "preview": "hello", **counts}
            moments = dict.fromkeys(("created_at", "updated_at", "last_activity_at"), now)
            connection.execute(tables["sessions"].insert().values(**session, **moments))
            for seq, role in enumerate(("user", "assistant")):
                message = {"id": f"msg_{number}{seq}", "session_id": f"sess_{number}", "seq": seq, "role": role}
                message |= {"parts": [{"type": "text", "text": "hello"}], "text": "hello", "in_context": True}
                connection.execute(tables["messages"].insert().values(**message, created_at=now))
            document = {"owner": "me", "session_id": f"sess_{number}", "kind": "message", "text": "hello"}
            connection.execute(tables["search_documents"].insert().values(**document, created_at=now))
    migrations.upgrade(engine)
    assert version(engine) == migrations.HEAD
    with Session(engine) as orm:
        sessions = orm.scalars(sa.select(SessionRow).order_by(SessionRow.id)).all()
        assert [(row.conversation_id, row.title) for row in sessions] == [
            ("sess_1", "Session 1"),
            ("sess_2", "Session 2"),
        ]
        messages = orm.scalars(sa.select(MessageRow).order_by(MessageRow.id)).all()
        assert [(row.id, row.text, row.origin_id, row.version_of) for row in messages] == [
            (f"msg_{number}{seq}", "hello", None, None) for number in (1, 2) for seq in (0, 1)
        ]
        # The index still follows its documents.
        orm.execute(sa.delete(SessionRow).where(SessionRow.id == "sess_1"))
        orm.commit()
        assert orm.scalars(sa.select(MessageRow.session_id).distinct()).all() == ["sess_2"]
        assert orm.scalar(sa.select(sa.func.count()).select_from(SearchDocumentRow)) == 1


def test_index_follows_cascades(engine: sa.Engine) -> None:
    """What the database deletes by itself leaves the full-text index too."""
    migrations.upgrade(engine)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", lambda dbapi, _: dbapi.execute("PRAGMA foreign_keys = ON"))
        engine.dispose()
    with Session(engine) as orm:
        orm.add(SessionRow(id="sess_1", owner="me"))
        orm.flush()
        orm.add(TurnRow(id="turn_1", session_id="sess_1", owner="me", seq=0))
        orm.add(SearchDocumentRow(owner="me", session_id="sess_1", kind="message", text="a zebra"))
        orm.flush()
        orm.add(TurnEventRow(turn_id="turn_1", index=0, type="turn_started", data="{}"))
        orm.commit()
        orm.execute(sa.delete(SessionRow))
        orm.commit()
        assert orm.scalar(sa.select(sa.func.count()).select_from(SearchDocumentRow)) == 0
        assert orm.scalar(sa.select(sa.func.count()).select_from(TurnEventRow)) == 0
        if engine.dialect.name == "sqlite":
            matches = orm.execute(
                sa.text("SELECT count(*) FROM search_index WHERE search_index MATCH 'zebra'")
            ).scalar()
            assert matches == 0
            orm.execute(sa.text("INSERT INTO search_index(search_index) VALUES ('integrity-check')"))
