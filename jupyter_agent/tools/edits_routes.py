"""Operations on checkpoints: what turns changed, and taking it back."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from jupyter_agent.api.models import Page
from jupyter_agent.api.router import Call, Router
from jupyter_agent.tools.models import Checkpoint, CheckpointList, Undo

router = Router("tools")


@router.get("/sessions/{session_id}/checkpoints", scope="sessions:read")
async def list_checkpoints(
    call: Call,
    session_id: str,
    *,
    limit: Annotated[int, Field(ge=1, le=100)] = 20,
    offset: Annotated[int, Field(ge=0)] = 0,
) -> Page[Checkpoint]:
    """What the turns of a session changed in notebooks and files, newest first.

    They stay when the conversation is cleared, and go when the session is purged. Of a large text its beginning is
    shown; all of it is kept."""
    return await call.services.tools.undoing.checkpoints(call.user, session_id, limit=limit, offset=offset)


@router.get("/checkpoints", scope="sessions:read")
async def list_undecided(call: Call, *, path: Annotated[str, Field(min_length=1, max_length=1024)]) -> CheckpointList:
    """What turns of any session changed in one notebook or file and nobody has accepted or undone yet, newest first.

    Of each turn only its edits there. This is what is marked where the document is open."""
    return await call.services.tools.undoing.undecided(call.user, path)


@router.get("/turns/{turn_id}/checkpoint", scope="turns:read")
async def get_checkpoint(call: Call, turn_id: str) -> Checkpoint:
    """What one turn changed; no edits where that is nothing."""
    return await call.services.tools.undoing.checkpoint(call.user, turn_id)


@router.post("/turns/{turn_id}/undo", scope="turns:execute", errors=[409], idempotent=True)
async def undo_turn(call: Call, turn_id: str, body: Undo = Undo()) -> Checkpoint:
    """Brings back exactly what was before the turn: cells with their place, outputs and metadata, files.

    All of its edits, or those in `edit_ids`; also after they were accepted, after a restart, with the notebook open
    or closed. 409 where somebody changed the same cell or file since (`details.conflicts` names each; other cells of
    the notebook may have changed), while the turn runs, and where it is undone already: nothing is changed then."""
    checkpoint, replayed = await call.services.tools.undoing.undo(
        call.user, turn_id, body or Undo(), call.idempotency_key
    )
    if replayed:
        call.response_headers["Idempotent-Replay"] = "true"
    return checkpoint


@router.post("/turns/{turn_id}/redo", scope="turns:execute", errors=[409])
async def redo_turn(call: Call, turn_id: str, body: Undo = Undo()) -> Checkpoint:
    """Does again what was undone, as exactly as `undo_turn` takes it back. 409 as there."""
    return await call.services.tools.undoing.redo(call.user, turn_id, body or Undo())


@router.post("/turns/{turn_id}/accept", scope="turns:write", errors=[409])
async def accept_turn(call: Call, turn_id: str, body: Undo = Undo()) -> Checkpoint:
    """Marks changes as looked at and wanted: they are not marked in the notebook any more, and can be undone still.

    409 for what is undone."""
    return await call.services.tools.undoing.accept(call.user, turn_id, body or Undo())
