"""Operations of the `system` room."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from jupyter_agent.api.errors import invalid
from jupyter_agent.api.models import Page
from jupyter_agent.api.router import Call, EventStream, Router, ServerEvent
from jupyter_agent.system.logs import Gap, Level, LogFilter
from jupyter_agent.system.models import (
    Config,
    ConfigCapabilities,
    ConfigPatch,
    ConfigReset,
    ConfigSchema,
    ConfigStatus,
    Health,
    Info,
    LogGap,
    LogRecord,
    Status,
    SystemInfo,
    SystemMetrics,
)

router = Router("system")

_DURATION = re.compile(r"(\d{1,5})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_MOMENT = TypeAdapter(datetime)


@router.get(
    "/health",
    public=True,
    covers=[
        "pixcode GET /health",
        "sage GET /api/health",
        "prx GET /api/v1/status/health",
        "roboticus GET /api/health",
    ],
)
async def get_health(call: Call) -> Health:
    """Whether the server works.

    For load balancers and probes; needs no authentication. `degraded` where the storage cannot be written."""
    return await call.services.system.health()


@router.get("/status", scope="system:read", covers=["prx GET /api/v1/status"])
async def get_status(call: Call) -> Status:
    """How the server is, what runs, and the readiness list.

    Sessions and turns are the caller's own. Nothing here goes over the network."""
    return await call.services.system.status(call.user)


@router.get("/info", scope="system:read", covers=["muyue GET /api/info", "sage GET /api/system/info"])
async def get_info(call: Call) -> Info:
    """What a front end needs to start."""
    return await call.services.system.info(call.user, call.display_name)


@router.get("/system", scope="system:read", covers=["muyue GET /api/system"])
async def get_system(call: Call) -> SystemInfo:
    """The machine that the server runs on: system, architecture, Python, shell, rights."""
    return await call.services.system.system_info()


@router.get("/system/metrics", scope="system:read", covers=["muyue GET /api/system/metrics"])
async def get_metrics(call: Call) -> SystemMetrics:
    """CPU, memory, disk and network at this moment.

    The CPUs are watched for a tenth of a second."""
    return await call.services.system.metrics()


@router.get(
    "/config",
    scope="config:read",
    covers=["muyue GET /api/config", "prx GET /api/v1/config", "roboticus GET /api/config"],
)
async def get_config(call: Call) -> Config:
    """Every setting: its value, where it comes from, whether it can be changed.

    Secrets read `"***"`."""
    return await call.services.system.configuration.read()


@router.patch(
    "/config",
    scope="config:write",
    errors=[409],
    covers=["prx PATCH /api/v1/config", "roboticus PUT /api/config", "sage POST /api/system/update_settings"],
)
async def update_config(call: Call, body: ConfigPatch) -> Config:
    """Changes settings: all of them, or none where one is not valid.

    A live setting counts for the next request; `restart_required` names those that wait for the server's next start.
    `"***"` for a secret keeps what is stored. Errors: 422 for an unknown name or a bad value, with its path; 409 for a
    setting that cannot be changed here, and where `version` is not the current one."""
    return await call.services.system.configuration.patch(body.values, body.version)


@router.post("/config/reset", scope="config:write", errors=[409], covers=["muyue POST /api/config/reset"])
async def reset_config(call: Call, body: ConfigReset | None = None) -> Config:
    """Takes back what was set through this API, for some names or all.

    The settings go back to the administrator's value, or the default. Errors: 422 for an unknown name."""
    return await call.services.system.configuration.reset(body.names if body is not None else None)


@router.get("/config/schema", scope="config:read")
async def get_config_schema(call: Call) -> ConfigSchema:
    """JSON Schema of the settings, with help, limits and defaults."""
    return call.services.system.configuration.schema()


@router.get("/config/status", scope="config:read", covers=["roboticus GET /api/config/status"])
async def get_config_status(call: Call) -> ConfigStatus:
    """What became of the changes: which count, which wait for a restart, which are ignored and why."""
    return await call.services.system.configuration.status()


@router.get("/config/capabilities", scope="config:read", covers=["roboticus GET /api/config/capabilities"])
async def get_config_capabilities(call: Call) -> ConfigCapabilities:
    """Which settings and sections can be changed here, and when a change counts."""
    return call.services.system.configuration.capabilities()


def _since(text: str | None) -> datetime | None:
    if text is None:
        return None
    if match := _DURATION.fullmatch(text.strip()):
        return datetime.now(UTC) - timedelta(**{_UNITS[match[2]]: int(match[1])})
    try:
        moment = _MOMENT.validate_python(text)
    except ValidationError:
        raise invalid("query.since", "a moment (2026-11-22T08:30:00Z) or a duration (30m, 1h, 7d)") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


Name = Annotated[str, Field(min_length=1, max_length=256)]


@router.get("/logs", scope="logs:read", covers=["prx GET /api/v1/logs", "roboticus GET /api/logs"])
async def list_logs(
    call: Call,
    level: Level = "debug",
    logger: Name | None = None,
    q: Name | None = None,
    since: Name | None = None,
    session_id: Name | None = None,
    turn_id: Name | None = None,
    limit: Annotated[int, Field(ge=1, le=1000)] = 100,
    offset: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0,
) -> Page[LogRecord]:
    """The server's log, newest first, without secrets.

    `level` is the least one; `logger` names a logger and all below it; `q` is text in the message; `since` is a moment
    (ISO 8601) or a duration such as `30m`, `1h`, `7d`. Holds the newest `logs.keep_records` records since the server
    started."""
    wanted = LogFilter(level, logger, q, _since(since), session_id, turn_id)
    items, total = await asyncio.to_thread(call.services.system.logs.query, wanted, limit, offset)
    return Page[LogRecord](items=items, total=total, limit=limit, offset=offset)


@router.get("/logs/stream", scope="logs:read", covers=["prx GET /api/v1/logs/stream"])
async def stream_logs(
    call: Call,
    level: Level = "debug",
    logger: Name | None = None,
    q: Name | None = None,
    session_id: Name | None = None,
    turn_id: Name | None = None,
    after: Annotated[int, Field(ge=0, le=2**63 - 1)] | None = None,
) -> EventStream:
    """The server's log as it is written: events `log`, each with a record as in `GET /logs` and its id.

    With `Last-Event-ID` or `?after=` first the records kept since that id. An event `gap` says how many records a
    reader was too slow for."""
    if call.last_event_id is not None:
        if not re.fullmatch(r"\d{1,19}", call.last_event_id.strip()):
            raise invalid("header.Last-Event-ID", "the id of a log record")
        after = int(call.last_event_id)
    wanted = LogFilter(level=level, logger=logger, q=q, session_id=session_id, turn_id=turn_id)
    return EventStream(_log_events(call.services.system.logs.tail(wanted, after)))


async def _log_events(records: AsyncIterator[LogRecord | Gap]) -> AsyncIterator[ServerEvent]:
    async for record in records:
        if isinstance(record, Gap):
            yield ServerEvent(LogGap(missed=record.missed).model_dump_json(), event="gap")
        else:
            yield ServerEvent(record.model_dump_json(), event="log", id=str(record.id))
