"""Jupyter's contents manager, with its rules: nothing outside the root, nothing hidden, errors that say
what is wrong."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, cast

from jupyter_core.utils import ensure_async
from tornado.web import HTTPError

from jupyter_agent.documents.errors import (
    DocumentError,
    Exists,
    NotFound,
    NotText,
    OutsideRoot,
    ReadOnly,
    TooLarge,
)

Model = dict[str, Any]
"""A model of the contents API: name, path, type, size, last_modified, content, format, writable ..."""


class Contents:
    """Files by their path from the server's root, through whatever contents manager the server has."""

    def __init__(self, manager: Any) -> None:
        self.manager = manager

    def normal(self, path: str) -> str:
        """The path in its one form: no slash at either end, no `.`. Raises OutsideRoot for `..` and NotFound for what
        cannot be a path."""
        if "\0" in path:
            raise NotFound("A path holds no NUL character.")
        parts = [part for part in path.replace(os.sep, "/").split("/") if part not in ("", ".")]
        if ".." in parts:
            raise OutsideRoot(f"{path!r}: a path starts at the server's root and holds no '..'.")
        return "/".join(parts)

    async def check(self, path: str) -> str:
        """The path in its one form, once it is sure that it may be used.

        Raises OutsideRoot where it leads out of the root, also over a symbolic link, NotFound where it is hidden."""
        path = self.normal(path)
        get_os_path = getattr(self.manager, "_get_os_path", None)
        if get_os_path is not None:
            root_dir = self.manager.root_dir
            with _explained(path):
                target = get_os_path(path)
                root, real = await asyncio.to_thread(lambda: [os.path.realpath(one) for one in (root_dir, target)])
            if os.path.commonpath([root, real]) != root:
                raise OutsideRoot(f"{path!r} leads out of the server's root.")
        if path and not getattr(self.manager, "allow_hidden", False):
            with _explained(path):
                if await ensure_async(self.manager.is_hidden(path)):
                    raise NotFound(f"{path!r} is hidden, or lies in a hidden directory: it cannot be used.")
        return path

    async def get(
        self, path: str, *, content: bool = True, type: str | None = None, format: str | None = None
    ) -> Model:
        """The model at this path. Raises NotFound, OutsideRoot, NotText (`format="text"`) and DocumentError."""
        path = await self.check(path)
        with _explained(path):
            return cast("Model", await ensure_async(self.manager.get(path, content=content, type=type, format=format)))

    async def stat(self, path: str) -> Model | None:
        """The model without content; None where there is nothing."""
        path = await self.check(path)
        with _explained(path):
            if not await ensure_async(self.manager.exists(path)):
                return None
            # As a file: a notebook is not looked into.
            kind = "directory" if await ensure_async(self.manager.dir_exists(path)) else "file"
            return cast("Model", await ensure_async(self.manager.get(path, content=False, type=kind)))

    async def text(self, path: str, *, max_bytes: int | None = None) -> tuple[str, datetime]:
        """A file's text, and when it was last changed. Raises TooLarge, NotText, NotFound."""
        model = await self.stat(path)
        if model is None:
            raise NotFound(f"There is no file {path!r}.")
        if model["type"] == "directory":
            raise DocumentError(f"{path!r} is a directory.")
        if max_bytes is not None and (model.get("size") or 0) > max_bytes:
            raise TooLarge(f"{path!r} has {model['size']:,} bytes; at most {max_bytes:,} are read at once.")
        model = await self.get(path, type="file", format="text")
        return cast("str", model["content"]), cast("datetime", model["last_modified"])

    async def save(self, path: str, model: Model) -> Model:
        """Saves a model (`type`, `format`, `content`) and gives the new one, without content."""
        path = await self.check(path)
        with _explained(path):
            return cast("Model", await ensure_async(self.manager.save(model, path)))

    async def save_text(self, path: str, text: str) -> Model:
        """Raises NotFound where the directory does not exist."""
        path = await self.check(path)
        parent = path.rpartition("/")[0]
        with _explained(path):
            if parent and not await ensure_async(self.manager.dir_exists(parent)):
                raise NotFound(f"There is no directory {parent!r}.")
        return await self.save(path, {"type": "file", "format": "text", "content": text})

    async def make_directory(self, path: str) -> Model:
        """Raises Exists where there is something already."""
        if await self.stat(path) is not None:
            raise Exists(f"There is something at {path!r} already.")
        return await self.save(path, {"type": "directory"})

    async def rename(self, old: str, new: str) -> None:
        """Raises NotFound and Exists."""
        old, new = await self.check(old), await self.check(new)
        if await self.stat(old) is None:
            raise NotFound(f"There is nothing at {old!r}.")
        if await self.stat(new) is not None:
            raise Exists(f"There is something at {new!r} already.")
        with _explained(old):
            await ensure_async(self.manager.rename(old, new))

    async def delete(self, path: str) -> None:
        """To the trash, where the server is so configured. Raises NotFound; a directory that holds something stays
        where the contents manager says so."""
        path = await self.check(path)
        if not path:
            raise DocumentError("The server's root cannot be deleted.")
        with _explained(path):
            await ensure_async(self.manager.delete(path))


@contextmanager
def _explained(path: str) -> Iterator[None]:
    """Turns what a contents manager raises into what a person can read; file system paths are not told."""
    try:
        yield
    except HTTPError as error:
        message = error.log_message or error.reason or "it cannot be used"
        if error.status_code == 404:
            raise NotFound(f"There is nothing at {path!r}, or it cannot be seen.") from error
        if error.status_code == 409:
            raise Exists(f"There is something at {path!r} already.") from error
        if error.status_code == 403:
            raise ReadOnly(f"{path!r}: the server has no permission.") from error
        if "UTF-8" in message or "bad format" in str(error.reason):
            raise NotText(f"{path!r} is not UTF-8 text.") from error
        raise DocumentError(f"{path!r}: {_without_root(message, path)}") from error
    except PermissionError as error:
        raise ReadOnly(f"{path!r}: the server has no permission.") from error
    except OSError as error:
        raise DocumentError(f"{path!r}: {error.strerror or type(error).__name__}") from error


def _without_root(message: str, path: str) -> str:
    return " ".join(os.path.basename(word) if word.strip("'\"").startswith("/") else word for word in message.split())
