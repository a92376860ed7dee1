"""What has to be kept of a file or folder before it is deleted, so that an undo brings it back."""

from __future__ import annotations

import asyncio
import base64
import os
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_agent.tools.edits import EditIntent, bytes_state
from jupyter_agent.tools.tool import ToolError

if TYPE_CHECKING:
    from jupyter_agent.documents.contents import Contents

MOST_BYTES = 50 * 1024 * 1024
MOST_FILES = 1_000


async def removal(contents: Contents, path: str, *, max_bytes: int = MOST_BYTES) -> list[EditIntent]:
    """The edits that a deletion of `path` is: one a file, what a folder holds before the folder itself.

    Raises ToolError where it could not all be brought back: too large, too many files, hidden files, links."""
    path = await contents.check(path)
    intents: list[EditIntent] = []
    await _collect(contents, path, intents, [max_bytes], max_bytes)
    return intents


async def _collect(contents: Contents, path: str, intents: list[EditIntent], left: list[int], limit: int) -> None:
    stat = await contents.stat(path)
    if stat is None:
        raise ToolError(f"There is nothing at {path!r}.")
    name = path.rpartition("/")[2]
    if len(intents) >= MOST_FILES:
        raise ToolError(
            f"It holds more than {MOST_FILES:,} files: its deletion could not be undone. Nothing was deleted."
        )
    if stat["type"] == "directory":
        listed = await contents.get(path, type="directory")
        entries = [str(entry["path"]).strip("/") for entry in listed["content"]]
        hidden = await asyncio.to_thread(unseen, contents, path, {entry.rpartition("/")[2] for entry in entries})
        if hidden:
            raise ToolError(
                f"{path!r} holds hidden files or links ({', '.join(hidden[:5])}): its deletion could not be undone. "
                "Nothing was deleted."
            )
        for entry in entries:
            await _collect(contents, entry, intents, left, limit)
        intents.append(EditIntent("file", "delete", path, title=name, before={"directory": True}))
        return
    size = int(stat.get("size") or 0)
    left[0] -= size
    if left[0] < 0:
        raise ToolError(
            f"Its deletion could not be undone: at most {limit // 2**20} MB are kept. Nothing was deleted. "
            "The user can delete it by hand."
        )
    model = await contents.get(path, type="file", format="base64")
    data = base64.b64decode(model["content"])
    intents.append(EditIntent("file", "delete", path, title=name, before=bytes_state(data)))


def unseen(contents: Contents, path: str, listed: set[str]) -> list[str]:
    """What a folder holds that the contents manager does not tell, and links, which it follows."""
    os_path = getattr(contents.manager, "_get_os_path", None)
    if os_path is None:
        return []
    folder = Path(os_path(path))
    if folder.is_symlink():
        return [folder.name]
    with os.scandir(folder) as entries:
        return sorted(
            entry.name
            for entry in entries
            if (entry.name not in listed and entry.name != ".ipynb_checkpoints") or entry.is_symlink()
        )
