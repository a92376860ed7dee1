"""The rest of results that were too long to be read at once."""

from __future__ import annotations

from jupyter_agent.tools.tool import ToolContext, ToolError, ToolOutput, Toolset

toolset = Toolset("results")


@toolset.tool("read")
async def read_result(context: ToolContext, id: str, offset: int = 0) -> ToolOutput:
    """Read on in a result that was cut."""
    blob = await context.services.blobs.get(id, context.owner)
    # Another session's results are not this one's business, and what a person has attached is no result.
    if blob is None or blob.session_id != context.session_id or not blob.media_type.startswith("text/plain"):
        raise ToolError(f"There is no result {id[:80]!r} in this conversation.")
    text = blob.data.decode("utf-8", "replace")
    if offset < 0:
        raise ToolError("offset is a number of characters from 0.")
    if offset >= len(text):
        raise ToolError(f"The result has {len(text):,} characters: there is nothing at {offset:,}.")
    # Room for the line that says how to read on: what is given is not cut once more.
    piece = text[offset : offset + context.services.settings.tools.result_characters - 200]
    end = offset + len(piece)
    more = f"; offset={end} reads on" if end < len(text) else "; this is its end"
    return ToolOutput(f"{piece}\n[characters {offset:,}-{end:,} of {len(text):,}{more}]")
