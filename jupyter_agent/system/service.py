"""Health, status and information of the running server; holds its configuration and its log."""

from __future__ import annotations

import asyncio
import platform
import time
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_agent._version import __version__
from jupyter_agent.system import machine
from jupyter_agent.system.configuration import Configuration
from jupyter_agent.system.logs import LogStore
from jupyter_agent.system.models import Health, Info, Status, SystemInfo, SystemMetrics
from jupyter_agent.system.readiness import readiness, storage_problem

if TYPE_CHECKING:
    import logging

    from sqlalchemy.orm import Session as OrmSession
    from traitlets.config import Configurable

    from jupyter_agent.app import Services

STORAGE_CHECK_SECONDS = 5.0
"""How long a health check's answer about the storage is given again: anybody may ask, without authentication."""


class SystemService:
    """What the system room does. `start` comes before any other service is used, `close` last."""

    def __init__(
        self,
        services: Services,
        *,
        app: Configurable | None = None,
        lock_config: bool = False,
        server_log: logging.Logger | None = None,
    ) -> None:
        self._services = services
        self.configuration = Configuration(services.settings, services.db, app=app, locked=lock_config)
        self.logs = LogStore(services.settings.logs, forward_to=server_log)
        self._storage_checked_at = float("-inf")
        self._storage_ok = True
        self._storage_lock = asyncio.Lock()

    async def start(self) -> None:
        """Listens to the log and makes the stored configuration count."""
        self.logs.install()
        await self.configuration.load()

    async def close(self) -> None:
        self.logs.close()

    async def storage_ok(self) -> bool:
        """Whether the storage can be written, as of the last few seconds."""
        async with self._storage_lock:
            if time.monotonic() - self._storage_checked_at > STORAGE_CHECK_SECONDS:
                self._storage_ok = await storage_problem(self._services.db) is None
                self._storage_checked_at = time.monotonic()
        return self._storage_ok

    async def health(self) -> Health:
        return Health(
            status="ok" if await self.storage_ok() else "degraded",
            version=__version__,
            uptime_seconds=await asyncio.to_thread(machine.uptime_seconds),
        )

    async def status(self, owner: str) -> Status:
        """How the server is and what it does for this owner."""
        items = await readiness(self._services)
        storage_ok = next(item.status for item in items if item.id == "storage") != "error"
        sessions, running = await self._counts(owner) if storage_ok else (0, 0)
        return Status(
            status="ok" if all(item.status != "error" for item in items) else "degraded",
            version=__version__,
            uptime_seconds=await asyncio.to_thread(machine.uptime_seconds),
            running_turns=running,
            sessions=sessions,
            storage="postgresql" if self._services.db.dialect == "postgresql" else "sqlite",
            storage_ok=storage_ok,
            memory_bytes=await asyncio.to_thread(machine.memory_bytes),
            readiness=items,
        )

    async def _counts(self, owner: str) -> tuple[int, int]:
        from sqlalchemy import func, select

        from jupyter_agent.storage.tables import SessionRow, TurnRow

        def read(session: OrmSession) -> tuple[int, int]:
            sessions = select(func.count()).where(SessionRow.owner == owner, SessionRow.terminated_at.is_(None))
            running = select(func.count()).where(TurnRow.owner == owner, TurnRow.status != "finished")
            return session.scalar(sessions) or 0, session.scalar(running) or 0

        return await self._services.db.read(read)

    async def _has_had_a_turn(self, owner: str) -> bool:
        from sqlalchemy import select

        from jupyter_agent.storage.tables import TurnRow

        def read(session: OrmSession) -> bool:
            return session.scalar(select(TurnRow.id).where(TurnRow.owner == owner).limit(1)) is not None

        return await self._services.db.read(read)

    async def info(self, owner: str, display_name: str) -> Info:
        """What a front end needs to start, for this owner."""
        from jupyter_agent.api.table import ROOMS

        default = await self._services.providers.default_provider()
        return Info(
            name="jupyter_agent",
            version=__version__,
            user=owner,
            display_name=display_name,
            server_root_name=Path(self._services.root_dir).name,
            python=platform.python_version(),
            platform=platform.platform(),
            default_provider=default.id if default else None,
            default_model=default.default_model if default else None,
            default_model_ready=default is not None and default.state == "ready",
            first_run=not await self._has_had_a_turn(owner),
            sudo_allowed=machine.is_root(),
            features=[*ROOMS, "websocket"],
        )

    async def system_info(self) -> SystemInfo:
        return await asyncio.to_thread(machine.system_info)

    async def metrics(self) -> SystemMetrics:
        folders = [Path(self._services.data_dir), Path(self._services.root_dir)]
        return await asyncio.to_thread(machine.metrics, folders)
