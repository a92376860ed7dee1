"""Kernels of notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

    from jupyter_agent.documents.service import DocumentService


class Kernels:
    """The kernels that run for notebooks."""

    def __init__(self, documents: DocumentService, server: ServerApp) -> None:
        self._documents = documents
        self._server = server

    async def running(self, path: str) -> str | None:
        """The id of the kernel that runs for this notebook; None where there is none."""
        for session in await self._server.session_manager.list_sessions():
            if session["path"].rpartition(":")[2] == path and session.get("kernel"):
                return str(session["kernel"]["id"])
        return None

    def of(self, owner: str, path: str) -> Any:
        raise NotImplementedError

    async def close(self) -> None:
        return None
