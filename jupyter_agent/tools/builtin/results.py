"""The rest of results that were too long to be read at once."""

from __future__ import annotations

import asyncio

from jupyter_agent.tools.tool import ToolContext, ToolError, ToolOutput, Toolset

toolset = Toolset("results")


@toolset.tool("read")
async def read_result(context: ToolContext, id: str, offset: int = 0) -> ToolOutput:
    """Read on in a result that was cut."""
    blob = await context.services.blobs.get(id, context.owner)
    # Another session's results are not this one's business, and what a person has attached is no result.
    if blob is None or blob.session_id != context.session_id or not blob.media_type.startswith("text/plain"):
        raise ToolError(f"There is no result {id[:80]!r} in this conversation.")
    if offset < 0:
        raise ToolError("offset is a number of characters from 0.")
    # Room for the line that says how to read on: what is given is not cut once more.
    count = context.services.settings.tools.result_characters - 200
    piece, length = await asyncio.to_thread(_piece, blob.data, offset, count)
    if offset >= length:
        raise ToolError(f"The result has {length:,} characters: there is nothing at {offset:,}.")
    end = offset + len(piece)
    more = f"; offset={end} reads on" if end < length else "; this is its end"
    return ToolOutput(f"{piece}\n[characters {offset:,}-{end:,} of {length:,}{more}]")


def _piece(data: bytes, offset: int, count: int) -> tuple[str, int]:
    """Part of a text, and how long the whole is. Offsets are characters: all of it has to be read."""
    text = data.decode("utf-8", "replace")
    return text[offset : offset + count], len(text)
