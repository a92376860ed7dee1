"""Operations of the `sessions` room."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

from pydantic import Field

from jupyter_agent.api.errors import bad_request
from jupyter_agent.api.models import Page
from jupyter_agent.api.router import MB, Call, Download, Router
from jupyter_agent.sessions.listing import Filters, Sort
from jupyter_agent.sessions.models import (
    BlobInfo,
    BlobUpload,
    Branch,
    Cleared,
    Message,
    MessageAppend,
    SearchPage,
    Session,
    SessionCreate,
    SessionExport,
    SessionPatch,
    Share,
    SharedSession,
    Summarize,
    Summary,
    Terminated,
    Titles,
    TitlesResult,
)
from jupyter_agent.storage.blobs import PICTURES, Blob

router = Router("sessions")

Limit = Annotated[int, Field(ge=1, le=500)]
Offset = Annotated[int, Field(ge=0, le=2**31 - 1)]
BLOB_TYPES = (*PICTURES, "application/octet-stream")
Words = Annotated[str | None, Field(max_length=1000)]


@router.post(
    "/sessions",
    scope="sessions:write",
    status=201,
    covers=["prx POST /api/v1/sessions", "roboticus POST /api/sessions"],
)
async def create_session(call: Call, body: SessionCreate) -> Session:
    """A new session of the caller's."""
    return await call.services.sessions.create(call.user, body)


@router.get(
    "/sessions",
    scope="sessions:read",
    covers=[
        "muyue GET /api/conversations",
        "pixcode GET /api/projects/{projectName}/sessions",
        "sage GET /api/conversations",
        "prx GET /api/v1/sessions",
        "roboticus GET /api/sessions",
    ],
)
async def list_sessions(
    call: Call,
    *,
    status: list[str] | None = None,
    channel: str | None = None,
    agent: str | None = None,
    project: str | None = None,
    notebook: str | None = None,
    q: Words = None,
    latest: bool = False,
    sort: Sort = "-last_activity_at",
    limit: Limit = 50,
    offset: Offset = 0,
) -> Page[Session]:
    """The caller's sessions.

    `status`: active, idle, archived, terminated; several repeated or with commas between. Without it archived and
    terminated sessions are left out. `q` looks through titles and content. With `latest` each conversation is there
    once: of its versions that match, the one with the newest activity. `sort`: a field, with `-` before it for
    descending; unknown costs stand last."""
    filters = Filters(
        status=status, channel=channel, agent=agent, project=project, notebook=notebook, q=q, latest=latest
    )
    return await call.services.sessions.list_sessions(call.user, filters, sort=sort, limit=limit, offset=offset)


@router.post(
    "/sessions/titles",
    scope="sessions:write",
    covers=["roboticus POST /api/sessions/backfill-nicknames"],
)
async def title_sessions(call: Call, body: Titles | None = None) -> TitlesResult:
    """Titles by the model, for the sessions named or all that have none.

    A session that fails is listed with its reason and stops no other. A title that a person gave is never replaced."""
    return await call.services.sessions.titles(call.user, body or Titles())


@router.post("/sessions/import", scope="sessions:write", status=201, max_body=50 * MB)
async def import_session(call: Call, body: SessionExport) -> Session:
    """A new session from a file that `GET /sessions/{session_id}/export` gave.

    Ids in the file name things within the file only; owner, costs and shares are never taken over."""
    return await call.services.sessions.import_file(call.user, body)


@router.get(
    "/sessions/{session_id}",
    scope="sessions:read",
    covers=["prx GET /api/v1/sessions/:id", "roboticus GET /api/sessions/:id"],
)
async def get_session(call: Call, session_id: str) -> Session:
    """One session. Errors: 404, also for somebody else's."""
    return await call.services.sessions.require(call.user, session_id)


@router.patch(
    "/sessions/{session_id}",
    scope="sessions:write",
    errors=[409],
    covers=[
        "pixcode PUT /api/sessions/{sessionId}/rename",
        "sage POST /api/conversations/{session_id}/title",
    ],
)
async def update_session(call: Call, session_id: str, body: SessionPatch) -> Session:
    """Changes the fields that are sent: title, archived, project, notebook, provider, model, metadata.

    `title` and `archived` change for all versions of the conversation, the others for this session alone.
    Errors: 409 for a terminated session."""
    return await call.services.sessions.update(call.user, session_id, body)


@router.delete(
    "/sessions/{session_id}",
    scope="sessions:write",
    errors=[409],
    covers=[
        "muyue DELETE /api/conversations/{id}",
        "pixcode DELETE /api/projects/{projectName}/sessions/{sessionId}",
        "sage DELETE /api/conversations/{session_id}",
        "prx DELETE /api/v1/sessions/:id",
    ],
)
async def delete_session(call: Call, session_id: str, *, purge: bool = False, versions: bool = False) -> Terminated:
    """Terminates the session: it can still be read, nothing can be added. With `purge` it is forgotten.

    With `versions` so it goes for all versions of the conversation. A running turn is interrupted first. What the
    session cost stays in the ledger. Errors: 409 for a session that is terminated already."""
    return await call.services.sessions.terminate(call.user, session_id, purge=purge, versions=versions)


@router.get(
    "/sessions/{session_id}/messages",
    scope="sessions:read",
    covers=[
        "muyue GET /api/chat/history",
        "pixcode GET /api/sessions/{sessionId}/messages",
        "sage GET /api/conversations/{session_id}/messages",
        "roboticus GET /api/sessions/:id/messages",
    ],
)
async def list_messages(
    call: Call,
    session_id: str,
    *,
    order: Literal["asc", "desc"] = "asc",
    after_seq: Annotated[int | None, Field(ge=-1, le=2**31 - 1)] = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> Page[Message]:
    """The session's messages with the tokens each used, oldest first; `after_seq` gives those after that place."""
    return await call.services.sessions.messages(
        call.user, session_id, order=order, after_seq=after_seq, limit=limit, offset=offset
    )


@router.post(
    "/sessions/{session_id}/messages",
    scope="sessions:write",
    status=201,
    max_body=50 * MB,
    errors=[409],
    covers=["roboticus POST /api/sessions/:id/messages"],
)
async def append_message(call: Call, session_id: str, body: MessageAppend) -> Message:
    """Puts a message into the history without running the agent.

    Pictures: 3 at the most, 10 MB each. Errors: 409 for a terminated session."""
    return await call.services.sessions.append(call.user, session_id, body)


@router.post(
    "/sessions/{session_id}/clear", scope="sessions:write", errors=[409], covers=["muyue POST /api/chat/clear"]
)
async def clear_session(call: Call, session_id: str) -> Cleared:
    """Deletes the session's messages, attachments and what its turns' logs hold; the session and its costs stay.

    Other versions of the conversation keep theirs: what is emptied is the version that is named.
    Errors: 409 while a turn runs."""
    return await call.services.sessions.clear(call.user, session_id)


@router.post(
    "/sessions/{session_id}/summarize",
    scope="sessions:write",
    errors=[409],
    covers=["muyue POST /api/chat/summarize"],
)
async def summarize_session(call: Call, session_id: str, body: Summarize | None = None) -> Summary:
    """Lets a summary by the model stand for the older messages in what the model reads; the history keeps them.

    Errors: 409 while a turn runs, or where there is nothing to summarize."""
    return await call.services.sessions.summarize(call.user, session_id, body or Summarize())


@router.post("/sessions/{session_id}/branch", scope="sessions:write", status=201, errors=[409])
async def branch_session(call: Call, session_id: str, body: Branch | None = None) -> Session:
    """A new conversation that begins with copies of this one's messages, up to a turn or a message.

    The copies belong to no turn. Errors: 409 where the turn still runs."""
    return await call.services.sessions.branch(call.user, session_id, body or Branch())


@router.post("/sessions/{session_id}/share", scope="sessions:write", errors=[409])
async def share_session(call: Call, session_id: str) -> Share:
    """Lets everybody who is let into the server and knows the token read the session. Asked again, the same share."""
    return await call.services.sessions.share(call.user, session_id)


@router.delete("/sessions/{session_id}/share", scope="sessions:write", status=204)
async def unshare_session(call: Call, session_id: str) -> None:
    """Takes the share back; its token opens nothing any more. Errors: 404 where nothing is shared."""
    await call.services.sessions.unshare(call.user, session_id)


@router.get(
    "/sessions/{session_id}/export",
    scope="sessions:read",
    media_types=["application/json", "text/markdown", "application/x-ipynb+json"],
    covers=["muyue GET /api/conversations/export?id="],
)
async def export_session(call: Call, session_id: str, *, format: Literal["json", "md", "ipynb"] = "json") -> Download:
    """The session as a file: `json` to import again, `md` to read, `ipynb` with its Python blocks as cells."""
    from jupyter_agent.sessions import transfer

    session, messages, blobs = await call.services.sessions.read_all(call.user, session_id)
    data = await asyncio.to_thread(transfer.export, format, session, messages, blobs)
    return Download(data, transfer.MEDIA_TYPES[format], transfer.safe_filename(session.title, format))


@router.get(
    "/shared/{token}",
    scope="sessions:read",
    covers=["sage GET /api/share/conversations/{session_id}/messages"],
)
async def get_shared_session(call: Call, token: str, *, limit: Limit = 100, offset: Offset = 0) -> SharedSession:
    """A shared session, read-only, for whoever is let into the server; its messages oldest first."""
    return await call.services.sessions.shared(token, limit=limit, offset=offset)


@router.get("/shared/{token}/blobs/{blob_id}", scope="sessions:read", media_types=BLOB_TYPES)
async def get_shared_blob(call: Call, token: str, blob_id: str) -> Download:
    """A picture of a shared session."""
    return _download(await call.services.sessions.shared_blob(token, blob_id), shared=True)


@router.get(
    "/search",
    scope="sessions:read",
    errors=[400, 404],
    covers=["muyue GET /api/conversations/search?q=", "pixcode GET /api/search/conversations"],
)
async def search_sessions(
    call: Call,
    *,
    q: Words = None,
    session_id: str | None = None,
    kind: Literal["title", "message", "tool_result"] | None = None,
    limit: Annotated[int, Field(ge=1, le=100)] = 20,
    offset: Offset = 0,
) -> SearchPage:
    """Full-text search over titles, messages and tool results of the caller's sessions, terminated ones left out.

    All words must be there, the last one may be the beginning of a word, "words in quotes" must stand together; case
    and diacritics do not matter. Errors: 400 without `q`."""
    if q is None or not q.strip():
        raise bad_request("A search needs words: ?q=")
    return await call.services.sessions.search(
        call.user, q, session_id=session_id, kind=kind, limit=limit, offset=offset
    )


@router.post("/blobs", scope="sessions:write", status=201, max_body=20 * MB)
async def upload_blob(call: Call, body: BlobUpload) -> BlobInfo:
    """Keeps a picture before its message is written: the message's image part names it by `blob_id`.

    10 MB at the most; the bytes must be what `media_type` says. One that no message takes within a day is removed.
    Errors: 413, 422."""
    return await call.services.sessions.upload(call.user, body)


@router.get(
    "/blobs/{blob_id}",
    scope="sessions:read",
    media_types=BLOB_TYPES,
    covers=["muyue GET /api/images/{id}"],
)
async def get_blob(call: Call, blob_id: str) -> Download:
    """An attached picture or file. Pictures may be shown; everything else is a download."""
    return _download(await call.services.sessions.blob(call.user, blob_id))


def _download(blob: Blob, *, shared: bool = False) -> Download:
    extension = blob.media_type.partition("/")[2] if blob.is_picture else "bin"
    return Download(
        blob.data,
        blob.media_type if blob.is_picture else "application/octet-stream",
        blob.name or f"{blob.id}.{extension}",
        inline=blob.is_picture,
        headers={
            "X-Content-Type-Options": "nosniff",
            # Whatever a file says it is, it runs nothing here.
            "Content-Security-Policy": "default-src 'none'; sandbox",
            # A blob never changes, but a share can end.
            "Cache-Control": "private, no-cache" if shared else "private, max-age=31536000, immutable",
        },
    )
