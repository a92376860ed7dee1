"""The server extension: traitlets in, services wired, routes mounted. The one composition root."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_core.paths import jupyter_data_dir
from jupyter_server.extension.application import ExtensionApp
from traitlets import Bool, Unicode

from jupyter_agent.config import (
    SECTIONS,
    BudgetSettings,
    CompletionSettings,
    ContextSettings,
    LocalModelSettings,
    LogSettings,
    ProviderSettings,
    RateLimitSettings,
    SelectionSettings,
    SessionSettings,
    ToolSettings,
    TracingSettings,
    TurnSettings,
)

if TYPE_CHECKING:
    from jupyter_agent.api.bus import Bus
    from jupyter_agent.api.ratelimit import RateLimiter
    from jupyter_agent.completions.service import CompletionService
    from jupyter_agent.documents.service import DocumentService
    from jupyter_agent.observatory.service import ObservatoryService
    from jupyter_agent.providers.service import ProviderService
    from jupyter_agent.sessions.service import SessionService
    from jupyter_agent.storage.blobs import Blobs
    from jupyter_agent.storage.database import Database
    from jupyter_agent.storage.search import Search
    from jupyter_agent.system.service import SystemService
    from jupyter_agent.tools.service import ToolService
    from jupyter_agent.turns.service import TurnService

log = logging.getLogger(__name__)


@dataclass
class Settings:
    """The sections of the configuration; each is a traitlets Configurable."""

    sessions: SessionSettings
    turns: TurnSettings
    tools: ToolSettings
    completions: CompletionSettings
    providers: ProviderSettings
    local_model: LocalModelSettings
    context: ContextSettings
    selection: SelectionSettings
    budgets: BudgetSettings
    tracing: TracingSettings
    rate_limits: RateLimitSettings
    logs: LogSettings


@dataclass
class Services:
    """Everything an operation can reach."""

    settings: Settings
    data_dir: Path
    root_dir: Path
    db: Database
    bus: Bus
    blobs: Blobs
    search: Search
    report_activity: Any
    """Tells Jupyter that something happens, so that nobody culls the server under a running turn."""
    system: SystemService = field(init=False)
    documents: DocumentService = field(init=False)
    providers: ProviderService = field(init=False)
    sessions: SessionService = field(init=False)
    tools: ToolService = field(init=False)
    turns: TurnService = field(init=False)
    completions: CompletionService = field(init=False)
    observatory: ObservatoryService = field(init=False)


class AgentApp(ExtensionApp):
    """Agents inside Jupyter."""

    name = "jupyter_agent"
    extension_url = "/agent/v1/docs"
    load_other_extensions = True
    classes = list(SECTIONS)

    database_url = Unicode(
        "",
        help="SQLAlchemy URL of the database: sqlite:///path or postgresql://user:password@host/name. "
        "Empty keeps an SQLite file in the data directory.",
    ).tag(config=True, secret=True)
    directory = Unicode(
        "",
        help="Where the database, keys and model weights are kept. Empty is jupyter_agent in Jupyter's data directory.",
    ).tag(config=True)
    lock_config = Bool(
        False, help="Whether what the administrator's Jupyter configuration sets cannot be changed through the API."
    ).tag(config=True)
    open_panel = Bool(False, help="Whether JupyterLab starts with the chat panel open.").tag(config=True)

    _services: Services | None = None
    _starting: asyncio.Task[Services] | None = None

    @property
    def storage_dir(self) -> Path:
        return Path(self.directory).expanduser() if self.directory else Path(jupyter_data_dir()) / self.name

    @cached_property
    def sections(self) -> Settings:
        """The configuration, as Jupyter's files and command line set it."""
        return Settings(**{section.section: section(parent=self) for section in SECTIONS})  # type: ignore[arg-type]

    @cached_property
    def limiter(self) -> RateLimiter:
        from jupyter_agent.api.ratelimit import RateLimiter

        return RateLimiter(self.sections.rate_limits)

    def initialize_settings(self) -> None:
        self.settings["jupyter_agent_app"] = self
        if self.open_panel:
            self.settings.setdefault("page_config_data", {})["agentPanel"] = "open"

    def initialize_handlers(self) -> None:
        from jupyter_agent.api.handlers import AgentHandler, PublicAgentHandler
        from jupyter_agent.api.table import PUBLIC_PATHS
        from jupyter_agent.api.websocket import AgentWebSocket

        public = "|".join(path.removeprefix("/") for path in PUBLIC_PATHS)
        self.handlers.extend(
            [
                (rf"/agent/v1/({public})", PublicAgentHandler),
                (r"/agent/v1/ws", AgentWebSocket),
                (r"/agent/v1/(.*)", AgentHandler),
            ]
        )

    async def services(self) -> Services:
        """The services; made on the first call, which takes a moment.

        Raises what opening the database raises; the next call tries again."""
        if self._services is not None:
            return self._services
        if self._starting is None or self._starting.done():
            self._starting = asyncio.create_task(self._start_services())
        # A caller that goes away does not stop what others wait for.
        return await asyncio.shield(self._starting)

    async def _start_services(self) -> Services:
        database, search = await asyncio.to_thread(self._open)
        from jupyter_agent.api.bus import Bus
        from jupyter_agent.completions.service import CompletionService
        from jupyter_agent.documents.service import DocumentService
        from jupyter_agent.observatory.service import ObservatoryService
        from jupyter_agent.providers.service import ProviderService
        from jupyter_agent.sessions.service import SessionService
        from jupyter_agent.storage.blobs import Blobs
        from jupyter_agent.system.service import SystemService
        from jupyter_agent.tools.service import ToolService
        from jupyter_agent.turns.service import TurnService

        assert self.serverapp is not None
        services = Services(
            settings=self.sections,
            data_dir=self.storage_dir,
            root_dir=Path(self.serverapp.root_dir),
            db=database,
            bus=Bus(),
            blobs=Blobs(database),
            search=search,
            report_activity=self._report_activity,
        )
        services.system = SystemService(services, app=self, lock_config=self.lock_config, server_log=self.log)
        services.documents = DocumentService(services, self.serverapp)
        try:
            await services.system.start()
            services.providers = ProviderService(services)
            services.completions = CompletionService(services)
            services.sessions = SessionService(services)
            services.tools = ToolService(services)
            services.observatory = ObservatoryService(services)
            services.turns = TurnService(services)
            await services.turns.start()
        except BaseException:
            await services.system.close()
            await database.close()
            raise
        self._services = services
        return services

    def _open(self) -> tuple[Database, Search]:
        """What takes time, in a thread: imports and the database."""
        from importlib import import_module

        from jupyter_agent import heap
        from jupyter_agent.api.table import operations
        from jupyter_agent.storage.search import Search

        operations()
        import_module("jupyter_agent.storage.tables")
        heap.settle("services")
        return self.open_database(), Search()

    def open_database(self) -> Database:
        """The database at the newest schema; takes a moment. Raises OSError, ValueError, and SQLAlchemy's errors."""
        from jupyter_agent.storage.database import Database

        self.storage_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        return Database(self.database_url or f"sqlite:///{self.storage_dir / 'agent.db'}")

    def _report_activity(self) -> None:
        from jupyter_server._tz import utcnow

        self.settings["api_last_activity"] = utcnow()

    def current_activity(self) -> int | None:
        """Running turns: Jupyter does not shut an idle server down while there are any."""
        return self._services.turns.running_count if self._services is not None else 0

    async def stop_extension(self) -> None:
        """Closes what runs, with what it has said, and then the database."""
        if self._starting is not None and not self._starting.done():
            await asyncio.wait({self._starting})
        services, self._services = self._services, None
        if services is not None:
            await services.turns.close()
            await services.observatory.close()
            await services.documents.close()
            await services.providers.close()
            await services.system.close()
            await services.db.close()
