"""The readiness list: what a first turn needs, whether it is there, and what to do where it is not.

Looks at this machine only; nothing here goes over the network."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_agent.api.redaction import redact
from jupyter_agent.system.models import ReadinessAction, ReadinessItem

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as OrmSession

    from jupyter_agent.app import AgentApp, Services
    from jupyter_agent.storage.database import Database

LAB_EXTENSION = "jupyterlab-agent"
LITTLE_DISK = 1024**3
NO_DISK = 100 * 1024**2
STORAGE_SECONDS = 5.0
"""After this long without an answer the storage counts as out of order."""


ACTIONS: dict[str, ReadinessAction] = {"needs_key": "add_key", "needs_model": "fetch_model"}
"""By the state of a provider that is not ready."""


def _nearest_existing(path: Path) -> Path:
    while not path.exists() and path != path.parent:
        path = path.parent
    return path


async def _storage(services: Services) -> ReadinessItem:
    problem = await storage_problem(services.db)
    kind = "PostgreSQL" if services.db.dialect == "postgresql" else "SQLite"
    if problem is None:
        where = "" if kind == "PostgreSQL" else f" in {services.data_dir}"
        return ReadinessItem(id="storage", title="Storage", status="ok", detail=f"{kind}{where} can be written.")
    return ReadinessItem(
        id="storage",
        title="Storage",
        status="error",
        detail=f"{kind} cannot be written: {problem}",
        next_action=(
            "Check that the database of AgentApp.database_url runs and that its user may write."
            if kind == "PostgreSQL"
            else f"Make {services.data_dir} writable, or set AgentApp.directory to a folder that is."
        ),
    )


async def storage_problem(db: Database) -> str | None:
    """Why the database cannot be written, in one line without secrets; None where it can."""
    from sqlalchemy import delete
    from sqlalchemy.exc import SQLAlchemyError

    from jupyter_agent.storage.tables import SettingRow

    def write_nothing(session: OrmSession) -> None:
        # No row has this name, but the database takes its lock to write as it would for a real one.
        session.execute(delete(SettingRow).where(SettingRow.name == ""))

    try:
        await asyncio.wait_for(db.write(write_nothing), STORAGE_SECONDS)
    except (SQLAlchemyError, OSError, ValueError) as error:
        cause = getattr(error, "orig", None) or error
        return redact(str(cause).strip().split("\n", 1)[0])
    except TimeoutError:
        return f"no answer for {STORAGE_SECONDS:.0f} s"
    return None


def _embedded_model(services: Services) -> ReadinessItem | None:
    from jupyter_agent.providers import weights

    item: dict[str, Any] = {"id": "embedded_model", "title": "Embedded model"}
    settings = services.settings.local_model
    if not settings.enabled:
        # Whoever switched it off misses nothing, and nothing of it works.
        return None
    if importlib.util.find_spec("xllamacpp") is None:
        return ReadinessItem(
            **item,
            status="warning",
            detail="Its runtime, the package xllamacpp, is not installed.",
            next_action="Run: pip install 'jupyterlab-agent[local]'",
        )
    path = weights.locate(settings, services.data_dir)
    if path is None:
        missing = f"{settings.model_path} is not there." if settings.model_path else "Its weights are not here yet."
        return ReadinessItem(
            **item,
            status="warning",
            detail=missing,
            next_action=(
                "Correct LocalModelSettings.model_path." if settings.model_path else "Run: jupyter agent model"
            ),
            action="open_settings" if settings.model_path else "fetch_model",
        )
    return ReadinessItem(**item, status="ok", detail=f"Ready, from {path}.")


async def _default_provider(services: Services) -> ReadinessItem:
    from sqlalchemy.exc import SQLAlchemyError

    item: dict[str, Any] = {"id": "default_provider", "title": "Model provider"}
    try:
        provider = await services.providers.default_provider()
    except (SQLAlchemyError, OSError, ValueError):
        return ReadinessItem(
            **item,
            status="error",
            detail="Not known, because the storage does not work.",
            next_action="Mend the storage first.",
        )
    if provider is None:
        return ReadinessItem(
            **item,
            status="error",
            detail="None is ready, so no turn can run.",
            next_action=(
                "Run: jupyter agent model. Or give a provider its key in the chat panel."
                if services.settings.local_model.enabled
                else "Give a provider its key in the chat panel."
            ),
            action="add_key",
        )
    if provider.state != "ready":
        return ReadinessItem(
            **item,
            status="error",
            detail=f"{provider.name} is the default one, and it is not ready.",
            next_action=provider.next_action or "Choose another default provider.",
            action=ACTIONS.get(provider.state, "choose_provider"),
        )
    model = f", with {provider.default_model}" if provider.default_model else ""
    return ReadinessItem(**item, status="ok", detail=f"{provider.name} is ready{model}.")


def _kernel(_: Services) -> ReadinessItem:
    from jupyter_client.kernelspec import KernelSpecManager

    item: dict[str, Any] = {"id": "kernel", "title": "Python kernel"}
    specs = KernelSpecManager().get_all_specs()
    python = sorted(name for name, spec in specs.items() if spec["spec"].get("language") == "python")
    if not python:
        return ReadinessItem(
            **item,
            status="warning",
            detail="There is no Python kernel, so notebooks cannot use the agent.",
            next_action="Run: pip install ipykernel",
        )
    return ReadinessItem(**item, status="ok", detail=f"Found: {', '.join(python)}.")


def _lab_extension(_: Services) -> ReadinessItem:
    from jupyter_core.paths import jupyter_path

    item: dict[str, Any] = {"id": "lab_extension", "title": "JupyterLab extension"}
    if importlib.util.find_spec("jupyterlab") is None:
        return ReadinessItem(
            **item,
            status="warning",
            detail="JupyterLab is not installed; the API works without it.",
            next_action="Run: pip install jupyterlab",
        )
    for folder in jupyter_path("labextensions"):
        package = Path(folder, LAB_EXTENSION, "package.json")
        if package.is_file():
            try:
                version = json.loads(package.read_text("utf-8")).get("version", "?")
            except (OSError, ValueError) as error:
                return ReadinessItem(
                    **item,
                    status="error",
                    detail=f"{package} cannot be read: {error}",
                    next_action="Run: pip install --force-reinstall jupyterlab-agent",
                )
            return ReadinessItem(**item, status="ok", detail=f"Version {version}, in {package.parent}.")
    return ReadinessItem(
        **item,
        status="warning",
        detail="It is not installed, so JupyterLab shows no chat panel.",
        next_action="Run: pip install --force-reinstall jupyterlab-agent",
    )


def _disk(services: Services) -> ReadinessItem:
    folder = _nearest_existing(Path(services.data_dir))
    free = shutil.disk_usage(folder).free
    detail = f"{free / 1024**3:.1f} GB free at {folder}."
    if free >= LITTLE_DISK and os.access(folder, os.W_OK):
        return ReadinessItem(id="disk", title="Disk space", status="ok", detail=detail)
    if not os.access(folder, os.W_OK):
        return ReadinessItem(
            id="disk",
            title="Disk space",
            status="error",
            detail=f"{folder} cannot be written.",
            next_action=f"Make {folder} writable for the server's user.",
        )
    return ReadinessItem(
        id="disk",
        title="Disk space",
        status="error" if free < NO_DISK else "warning",
        detail=detail,
        next_action="Free some space: conversations are kept there.",
    )


CHECKS: tuple[Callable[[Any], ReadinessItem | None] | Callable[[Any], Awaitable[ReadinessItem]], ...] = (
    _default_provider,
    _embedded_model,
    _kernel,
    _storage,
    _disk,
    _lab_extension,
)
"""In the order in which they matter to who wants an answer."""


class UnopenedDatabase:
    """Stands where a database could not be opened: whoever uses it gets the reason."""

    def __init__(self, url: str, error: Exception) -> None:
        self.dialect = "postgresql" if url.startswith("postgres") else "sqlite"
        self._error = error

    async def read(self, function: Callable[[OrmSession], Any]) -> Any:
        raise self._error

    async def write(self, function: Callable[[OrmSession], Any]) -> Any:
        raise self._error

    async def close(self) -> None:
        """There is nothing to close."""


async def examine(app: AgentApp) -> list[ReadinessItem]:
    """The list without a running server: opens the database, if it can, looks, and closes it."""
    from sqlalchemy.exc import SQLAlchemyError

    from jupyter_agent.api.bus import Bus
    from jupyter_agent.app import Services
    from jupyter_agent.providers.service import ProviderService
    from jupyter_agent.storage.blobs import Blobs
    from jupyter_agent.storage.search import Search
    from jupyter_agent.system.configuration import Configuration

    db: Any
    try:
        db = await asyncio.to_thread(app.open_database)
    except (SQLAlchemyError, OSError, ValueError) as error:
        db = UnopenedDatabase(app.database_url, error)
    services = Services(
        settings=app.sections,
        data_dir=app.storage_dir,
        root_dir=Path.cwd(),
        db=db,
        bus=Bus(),
        blobs=Blobs(db),
        search=Search(),
        report_activity=lambda: None,
    )
    services.providers = ProviderService(services)
    try:
        if not isinstance(db, UnopenedDatabase):
            await Configuration(app.sections, db, app=app, locked=app.lock_config).load()
        return await readiness(services)
    finally:
        await services.providers.close()
        await db.close()


async def readiness(services: Services) -> list[ReadinessItem]:
    """The list, in the order in which its items matter. Raises nothing for what is missing: that is what it tells."""

    async def run(check: Callable[[Any], Any]) -> ReadinessItem | None:
        if asyncio.iscoroutinefunction(check):
            item: ReadinessItem = await check(services)
            return item
        return await asyncio.to_thread(check, services)

    items = await asyncio.gather(*(run(check) for check in CHECKS))
    return [item for item in items if item is not None]
