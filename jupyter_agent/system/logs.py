"""The platform's log: what the `jupyter_agent` loggers say, without secrets, the newest of it kept in memory.

One handler on the logger `jupyter_agent` does three things with each record, from whatever thread it comes: it takes
the secrets out (so that every handler after it, Jupyter's own included, sees the clean record), keeps it in a ring,
and hands it to Jupyter's log. Tracebacks are not kept: an exception becomes an `error_id`, under which Jupyter's log
has the traceback, at level debug."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import secrets
import threading
import time
import traceback
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from jupyter_agent.api.redaction import MASK, is_secret_name, redact
from jupyter_agent.config import LogSettings
from jupyter_agent.system.models import LogRecord

ROOT_LOGGER = "jupyter_agent"
LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
}
Level = Literal["debug", "info", "warning", "error", "critical"]

MESSAGE_CHARACTERS = 10_000
FIELD_CHARACTERS = 1_000
FIELDS = 32

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


def _level_name(number: int) -> Level:
    if number >= logging.CRITICAL:
        return "critical"
    if number >= logging.ERROR:
        return "error"
    if number >= logging.WARNING:
        return "warning"
    return "info" if number >= logging.INFO else "debug"


def _clean(name: str, value: Any) -> Any:
    if is_secret_name(name):
        return MASK
    if value is None or isinstance(value, (bool, int)) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return redact(str(value))[:FIELD_CHARACTERS]


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What a reader of the log wants. Every field that is set must match."""

    level: Level = "debug"
    logger: str | None = None
    """A logger and all below it."""
    q: str | None = None
    """Text in the message, in any case."""
    since: datetime | None = None
    session_id: str | None = None
    turn_id: str | None = None

    def matches(self, record: LogRecord) -> bool:
        return (
            LEVELS[record.level] >= LEVELS[self.level]
            and (self.logger is None or record.logger == self.logger or record.logger.startswith(self.logger + "."))
            and (self.since is None or record.time >= self.since)
            and (self.session_id is None or record.fields.get("session_id") == self.session_id)
            and (self.turn_id is None or record.fields.get("turn_id") == self.turn_id)
            and (self.q is None or self.q in record.message.lower())
        )

    def normalized(self) -> LogFilter:
        return replace(self, q=self.q.lower() if self.q else None)


@dataclass(frozen=True, slots=True)
class Gap:
    """A reader was slower than the ring: this many records are lost to it."""

    missed: int


class LogStore(logging.Handler):
    """The newest `settings.keep_records` records of at least `settings.level`.

    Ids grow, also over restarts of the server, so an id from an earlier run resumes at the oldest record kept."""

    def __init__(self, settings: LogSettings, forward_to: logging.Logger | None = None) -> None:
        super().__init__()
        self._settings = settings
        self._forward_to = forward_to
        self._records: deque[LogRecord] = deque(maxlen=settings.keep_records)
        self._first_id = self._next_id = time.time_ns() // 1_000
        self._guard = threading.Lock()
        self._closed_for_readers = False
        self._waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()
        self._loggers: list[tuple[logging.Logger, int]] = []

    # Being a handler -------------------------------------------------------------------------------------------------

    def install(self, *more: logging.Logger) -> None:
        """Listens to the logger `jupyter_agent` and to `more`. `close` undoes it."""
        for logger in (logging.getLogger(ROOT_LOGGER), *more):
            if self not in logger.handlers:
                self._loggers.append((logger, logger.level))
                # First in line, so that no other handler sees a record before the secrets are out of it.
                logger.handlers.insert(0, self)
        self._settings.observe(self._level_changed, "level")
        self._set_levels()

    def close(self) -> None:
        if self._loggers:
            self._settings.unobserve(self._level_changed, "level")
        for logger, level in self._loggers:
            logger.removeHandler(self)
            logger.setLevel(level)
        self._loggers.clear()
        self._closed_for_readers = True
        self._wake()
        super().close()

    def _level_changed(self, _change: Any) -> None:
        self._set_levels()

    def _set_levels(self) -> None:
        level = LEVELS[self._settings.level.lower()]
        if self._forward_to is not None:
            level = min(level, self._forward_to.getEffectiveLevel())
        for logger, _ in self._loggers:
            logger.setLevel(level)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            details = self._sanitize(record)
            if record.levelno >= LEVELS[self._settings.level.lower()]:
                self._keep(record)
            self._forward(record, details)
        except Exception:
            self.handleError(record)

    def _sanitize(self, record: logging.LogRecord) -> str | None:
        """Takes the secrets out of the record, in place; returns the traceback of its exception."""
        try:
            message = record.getMessage()
        except (TypeError, ValueError, KeyError):
            message = f"{record.msg} {record.args}"  # a wrong call of the logger; its text is still worth having
        record.msg = redact(message)
        record.args = ()
        for name in vars(record).keys() - _STANDARD:
            setattr(record, name, _clean(name, getattr(record, name)))
        details = None
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            details = redact("".join(traceback.format_exception(error)))
            record.error_id = getattr(record, "error_id", None) or f"err_{secrets.token_hex(8)}"
            record.error_type = type(error).__name__
            record.error = _clean("error", str(error))
        record.exc_info = None
        record.exc_text = None
        record.stack_info = None
        return details

    def _keep(self, record: logging.LogRecord) -> None:
        names = [name for name in vars(record) if name not in _STANDARD][:FIELDS]
        fields = {name: getattr(record, name) for name in names}
        with self._guard:
            self._records.append(
                LogRecord(
                    id=self._next_id,
                    time=datetime.fromtimestamp(record.created, UTC),
                    level=_level_name(record.levelno),
                    logger=record.name,
                    message=str(record.msg)[:MESSAGE_CHARACTERS],
                    fields=fields,
                )
            )
            self._next_id += 1
        self._wake()

    def _forward(self, record: logging.LogRecord, details: str | None) -> None:
        target = self._forward_to
        if target is None or not f"{record.name}.".startswith(f"{ROOT_LOGGER}."):
            return  # the other loggers have Jupyter's handlers themselves
        if target.isEnabledFor(record.levelno):
            target.handle(record)
        if details is not None:
            target.debug("%s %s\n%s", getattr(record, "error_id", ""), record.msg, details)

    def _wake(self) -> None:
        with self._guard:
            waiting = list(self._waiting)
        for loop, event in waiting:
            # The loop of a reader whose server is stopping may be closed already; then nobody waits.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(event.set)

    # Being read ------------------------------------------------------------------------------------------------------

    def query(self, wanted: LogFilter, limit: int, offset: int) -> tuple[list[LogRecord], int]:
        """One page, newest first, and how many match. Goes through all records: call it in a thread."""
        wanted = wanted.normalized()
        with self._guard:
            records = list(self._records)
        found = [record for record in reversed(records) if wanted.matches(record)]
        return found[offset : offset + limit], len(found)

    def tail(self, wanted: LogFilter, after: int | None = None) -> AsyncIterator[LogRecord | Gap]:
        """Records as they come from this moment on, oldest first, without end; with `after`, first those kept since
        that id. A Gap says how many records the ring had already dropped."""
        with self._guard:
            newest = self._next_id - 1
        last = newest if after is None else min(max(after, self._first_id - 1), newest)
        return self._tail(wanted.normalized(), last)

    async def _tail(self, wanted: LogFilter, last: int) -> AsyncIterator[LogRecord | Gap]:
        event = asyncio.Event()
        key = (asyncio.get_running_loop(), event)
        with self._guard:
            self._waiting.add(key)
        try:
            while not self._closed_for_readers:
                event.clear()
                records, missed = self._after(last)
                if missed:
                    yield Gap(missed)
                for record in records:
                    last = record.id
                    if wanted.matches(record):
                        yield record
                await event.wait()
        finally:
            with self._guard:
                self._waiting.discard(key)

    def _after(self, last: int) -> tuple[list[LogRecord], int]:
        """The records kept after this id, and how many there were that are not kept any more."""
        with self._guard:
            if not self._records or self._records[-1].id <= last:
                return [], 0
            # Ids have no gaps, so the distance is the number of records.
            fresh = min(self._records[-1].id - last, len(self._records))
            records = [self._records[index] for index in range(len(self._records) - fresh, len(self._records))]
            return records, records[0].id - last - 1
