"""The one router to notebooks, text files and their kernels: a live tab, a collaboration room, the contents manager."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from weakref import WeakValueDictionary

from jupyter_agent.documents import live, rooms
from jupyter_agent.documents.contents import Contents
from jupyter_agent.documents.errors import DocumentError, NotFound, TextConflict
from jupyter_agent.documents.kernels import Kernels
from jupyter_agent.documents.notebooks import Notebook, Skims, require_notebook

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

    from jupyter_agent.app import Services
    from jupyter_agent.documents.files import Skimmed
    from jupyter_agent.documents.rooms import Room
    from jupyter_agent.tools.live import Live


@dataclass(frozen=True)
class TextView:
    """A text file's text."""

    path: str
    text: str
    via: Literal["live", "file"]
    dirty: bool = False
    """Whether an editor holds changes that are not saved."""


@dataclass(frozen=True)
class TextWritten:
    """What a text file was and is."""

    path: str
    before: str | None
    """None where there was no file."""
    after: str
    via: Literal["live", "file"]


class DocumentService:
    """Notebooks, text files and kernels. Paths are the contents manager's: from the server's root, with slashes."""

    def __init__(self, services: Services, server: ServerApp) -> None:
        self._services = services
        self.server = server
        self.contents = Contents(server.contents_manager)
        self.kernels = Kernels(self, server)
        self._skims = Skims()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @property
    def live(self) -> Live | None:
        """Tabs that are connected; None where there are no client tools at all."""
        tools = getattr(self._services, "tools", None)
        return tools.offers.live if tools is not None else None

    async def room(self, path: str) -> Room | None:
        """The collaboration room in which a notebook is open; None where it is in none."""
        return await rooms.find(self.server, path)

    def lock(self, path: str) -> asyncio.Lock:
        """Held while a document is edited."""
        lock = self._locks.get(path)
        if lock is None:
            lock = self._locks[path] = asyncio.Lock()
        return lock

    async def close(self) -> None:
        await self.kernels.close()

    # Notebooks -------------------------------------------------------------------------------------------------------

    def notebook(self, owner: str, path: str) -> Notebook:
        """The way to a notebook; whether it is there shows when it is used."""
        return Notebook(self, owner, path)

    async def check_notebook(self, path: str) -> str:
        """The path in its one form. Raises OutsideRoot, NotFound and, for what is no notebook, DocumentError."""
        path = await self.contents.check(path)
        require_notebook(path)
        return path

    async def skim(self, path: str) -> Skimmed:
        """A notebook file without its outputs."""
        return await self._skims.get(self, path)

    async def empty_notebook(self, path: str, kernel_name: str | None = None) -> dict[str, Any]:
        """What an empty notebook there would hold, in nbformat. Raises Exists, NotFound (no such directory) and
        DocumentError."""
        from jupyter_core.utils import ensure_async

        path = await self._free(path)
        parent = path.rpartition("/")[0]
        if parent and await self.contents.stat(parent) is None:
            raise NotFound(f"There is no directory {parent!r}.")
        specs: Any = self.server.kernel_spec_manager
        name = kernel_name or self.server.kernel_manager.default_kernel_name
        known = await ensure_async(specs.get_all_specs())
        if name not in known:
            raise DocumentError(f"There is no kernel {name!r}. Kernels: {', '.join(sorted(known))}.")
        spec = known[name]["spec"]
        metadata = {
            "kernelspec": {
                "name": name,
                "display_name": spec.get("display_name", name),
                "language": spec.get("language", ""),
            }
        }
        return {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": []}

    async def create_notebook(self, path: str, content: dict[str, Any]) -> None:
        """A new notebook with this content. Raises Exists and DocumentError."""
        async with self.lock(path):
            path = await self._free(path)
            await self.contents.save(path, {"type": "notebook", "format": "json", "content": content})

    async def _free(self, path: str) -> str:
        from jupyter_agent.documents.errors import Exists

        path = await self.check_notebook(path)
        if await self.contents.stat(path) is not None:
            raise Exists(f"There is something at {path!r} already.")
        return path

    # Text files ------------------------------------------------------------------------------------------------------

    async def read_text(self, owner: str, path: str, *, max_bytes: int | None = None) -> TextView:
        """A text file, as the editor holds it that has it open. Raises NotFound, NotText, TooLarge, OutsideRoot."""
        path = await self.contents.check(path)
        held = await live.read_text(self.live, owner, path)
        if held is not None:
            return TextView(path, held[0], "live", held[1])
        text, _ = await self.contents.text(path, max_bytes=max_bytes)
        return TextView(path, text, "file")

    async def write_text(
        self, owner: str, path: str, text: str, expect: str | None = None, *, create: bool | None = None
    ) -> TextWritten:
        """Writes a text file; what stood there before comes back.

        `expect` is the whole text that has to be there. `create=True` only makes a new file, `create=False` only
        changes one that is there, None does either. Raises TextConflict, Exists, NotFound, NotText, ReadOnly,
        OutsideRoot."""
        from jupyter_agent.documents.errors import Exists

        path = await self.contents.check(path)
        async with self.lock(path):
            if create is not True:
                before = await live.write_text(self.live, owner, path, text, expect)
                if before is not None:
                    return TextWritten(path, before, text, "live")
            model = await self.contents.stat(path)
            if model is not None and model["type"] == "directory":
                raise DocumentError(f"{path!r} is a directory.")
            if model is None:
                if expect is not None:
                    raise TextConflict(path, None)
                if create is False:
                    raise NotFound(f"There is no file {path!r}.")
                await self.contents.save_text(path, text)
                return TextWritten(path, None, text, "file")
            if create is True:
                raise Exists(f"There is a file {path!r} already.")
            current, _ = await self.contents.text(path)
            if expect is not None and current != expect:
                raise TextConflict(path, current)
            await self.contents.save_text(path, text)
            return TextWritten(path, current, text, "file")

    # Kernels ---------------------------------------------------------------------------------------------------------

    def kernel(self, owner: str, path: str) -> Any:
        """The way to a notebook's kernel."""
        return self.kernels.of(owner, path)
