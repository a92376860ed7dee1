"""One class a room, one method an operation of the API.

Written by `python -m jupyter_agent.kernel.generate`: do not edit.

Path parameters are positional, query parameters keywords; a body is given whole (a model or a dict) or by its fields.
Methods raise `jupyter_agent.AgentError`. What gives events goes on by itself after a cut.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote

from jupyter_agent.api.models import Page
from jupyter_agent.completions.models import CodeEdit, Completion, CompletionRequest, EditedCode
from jupyter_agent.kernel.transport import UNSET, AsyncTransport, Request, Transport, Unset, json_body, new_key
from jupyter_agent.observatory.models import (
    Analysis,
    AnalyzeRequest,
    BudgetLimit,
    Budgets,
    BudgetsPut,
    CacheStatistics,
    CapacityReport,
    Consumption,
    ContextSnapshot,
    CostReport,
    CostRow,
    EfficiencyReport,
    Feedback,
    FeedbackGiven,
    ModelSelection,
    Recommendations,
    SessionInsights,
    TimeSeries,
    Trace,
    TraceSummary,
    TracingStatus,
    Transaction,
    TurnContext,
    TurnModelSelection,
    TurnTips,
    UsageSummary,
)
from jupyter_agent.providers.models import (
    Breaker,
    BreakerOpening,
    Breakers,
    CacheCleared,
    Credential,
    DefaultModel,
    Deleted,
    ModelList,
    ModelPrice,
    Provider,
    ProviderCreate,
    ProviderKey,
    ProviderOptions,
    ProviderQuota,
    ProviderQuotas,
    ProviderWrite,
    Verify,
    VerifyResult,
    VerifyUnsaved,
)
from jupyter_agent.sessions.models import (
    BlobInfo,
    BlobUpload,
    Branch,
    Cleared,
    ExportedBlob,
    ExportedMessage,
    ExportedSession,
    Message,
    MessageAppend,
    SearchHit,
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
from jupyter_agent.system.models import (
    Config,
    ConfigCapabilities,
    ConfigPatch,
    ConfigReset,
    ConfigSchema,
    ConfigStatus,
    Health,
    Info,
    LogGap,
    LogRecord,
    Status,
    SystemInfo,
    SystemMetrics,
)
from jupyter_agent.tools.models import (
    Approval,
    ApprovalAnswer,
    ApprovalAnswers,
    ApprovalList,
    Approve,
    Checkpoint,
    CheckpointList,
    ClientTool,
    ClientToolResult,
    ClientToolResults,
    Deny,
    FunctionsList,
    FunctionsOffer,
    FunctionsOffered,
    Policy,
    PolicyAnswer,
    PolicyQuestion,
    PolicyRule,
    PolicyUpdate,
    ToolCall,
    ToolCallResult,
    ToolList,
    TurnPolicy,
    TurnTools,
    Undo,
)
from jupyter_agent.turns.models import (
    ActiveTurns,
    ContextPart,
    Guidance,
    GuidanceAccepted,
    ImagePart,
    Interrupt,
    ModelSettings,
    Resend,
    Retry,
    Run,
    RunResult,
    TaskList,
    TextPart,
    Turn,
    TurnEvent,
    TurnStart,
)


class Sessions:
    """The operations of the room `sessions`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create_session(
        self,
        body: SessionCreate | Mapping[str, Any] | None = None,
        *,
        title: str | Unset | None = UNSET,
        channel: str | Unset = UNSET,
        agent: str | Unset | None = UNSET,
        project: str | Unset | None = UNSET,
        notebook: str | Unset | None = UNSET,
        provider: str | Unset | None = UNSET,
        model: str | Unset | None = UNSET,
        mode: Literal["read_only", "ask", "auto_edit", "auto"] | Unset | None = UNSET,
        metadata: dict[str, Any] | Unset = UNSET,
    ) -> Session:
        """A new session of the caller's.

        `POST /sessions`
        """
        request = Request(
            "POST",
            "/sessions",
            body=json_body(
                SessionCreate,
                body,
                {
                    "title": title,
                    "channel": channel,
                    "agent": agent,
                    "project": project,
                    "notebook": notebook,
                    "provider": provider,
                    "model": model,
                    "mode": mode,
                    "metadata": metadata,
                },
            ),
        )
        return self._transport.json(Session, request)

    def list_sessions(
        self,
        *,
        status: list[str] | None = None,
        channel: str | None = None,
        agent: str | None = None,
        project: str | None = None,
        notebook: str | None = None,
        q: str | None = None,
        latest: bool = False,
        sort: Literal[
            "last_activity_at",
            "-last_activity_at",
            "created_at",
            "-created_at",
            "title",
            "-title",
            "message_count",
            "-message_count",
            "cost",
            "-cost",
        ] = "-last_activity_at",
        limit: int = 50,
        offset: int = 0,
    ) -> Page[Session]:
        """The caller's sessions.

        `status`: active, idle, archived, terminated; several repeated or with commas between. Without it archived
        and
        terminated sessions are left out. `q` looks through titles and content. With `latest` each conversation is
        there
        once: of its versions that match, the one with the newest activity. `sort`: a field, with `-` before it for
        descending; unknown costs stand last.

        `GET /sessions`
        """
        request = Request(
            "GET",
            "/sessions",
            query={
                "status": status,
                "channel": channel,
                "agent": agent,
                "project": project,
                "notebook": notebook,
                "q": q,
                "latest": latest,
                "sort": sort,
                "limit": limit,
                "offset": offset,
            },
        )
        return self._transport.json(Page[Session], request)

    def iter_sessions(
        self,
        *,
        status: list[str] | None = None,
        channel: str | None = None,
        agent: str | None = None,
        project: str | None = None,
        notebook: str | None = None,
        q: str | None = None,
        latest: bool = False,
        sort: Literal[
            "last_activity_at",
            "-last_activity_at",
            "created_at",
            "-created_at",
            "title",
            "-title",
            "message_count",
            "-message_count",
            "cost",
            "-cost",
        ] = "-last_activity_at",
    ) -> Iterator[Session]:
        """The caller's sessions.

        Gives one after another, over all pages.

        `status`: active, idle, archived, terminated; several repeated or with commas between. Without it archived
        and
        terminated sessions are left out. `q` looks through titles and content. With `latest` each conversation is
        there
        once: of its versions that match, the one with the newest activity. `sort`: a field, with `-` before it for
        descending; unknown costs stand last.

        `GET /sessions`
        """
        offset = 0
        while True:
            page = self.list_sessions(
                status=status,
                channel=channel,
                agent=agent,
                project=project,
                notebook=notebook,
                q=q,
                latest=latest,
                sort=sort,
                limit=100,
                offset=offset,
            )
            yield from page.items
            offset += len(page.items)
            if not page.items or offset >= page.total:
                return

    def title_sessions(
        self,
        body: Titles | Mapping[str, Any] | None = None,
        *,
        session_ids: list[str] | Unset | None = UNSET,
        limit: int | Unset = UNSET,
    ) -> TitlesResult:
        """Titles by the model, for the sessions named or all that have none.

        A session that fails is listed with its reason and stops no other. A title that a person gave is never
        replaced.

        `POST /sessions/titles`
        """
        request = Request(
            "POST", "/sessions/titles", body=json_body(Titles, body, {"session_ids": session_ids, "limit": limit})
        )
        return self._transport.json(TitlesResult, request)

    def import_session(
        self,
        body: SessionExport | Mapping[str, Any] | None = None,
        *,
        format: Literal["jupyter-agent-session"] | Unset = UNSET,
        version: Literal[1] | Unset = UNSET,
        session: ExportedSession | Unset = UNSET,
        messages: list[ExportedMessage] | Unset = UNSET,
        blobs: dict[str, ExportedBlob] | Unset = UNSET,
    ) -> Session:
        """A new session from a file that `GET /sessions/{session_id}/export` gave.

        Ids in the file name things within the file only; owner, costs and shares are never taken over.

        `POST /sessions/import`
        """
        request = Request(
            "POST",
            "/sessions/import",
            body=json_body(
                SessionExport,
                body,
                {"format": format, "version": version, "session": session, "messages": messages, "blobs": blobs},
            ),
        )
        return self._transport.json(Session, request)

    def get_session(self, session_id: str) -> Session:
        """One session. Errors: 404, also for somebody else's.

        `GET /sessions/{session_id}`
        """
        request = Request("GET", f"/sessions/{quote(session_id, safe='')}")
        return self._transport.json(Session, request)

    def update_session(
        self,
        session_id: str,
        body: SessionPatch | Mapping[str, Any] | None = None,
        *,
        title: str | Unset | None = UNSET,
        archived: bool | Unset | None = UNSET,
        project: str | Unset | None = UNSET,
        notebook: str | Unset | None = UNSET,
        provider: str | Unset | None = UNSET,
        model: str | Unset | None = UNSET,
        mode: Literal["read_only", "ask", "auto_edit", "auto"] | Unset | None = UNSET,
        metadata: dict[str, Any] | Unset | None = UNSET,
    ) -> Session:
        """Changes the fields that are sent: title, archived, project, notebook, provider, model, metadata.

        `title` and `archived` change for all versions of the conversation, the others for this session alone.
        Errors: 409 for a terminated session.

        `PATCH /sessions/{session_id}`
        """
        request = Request(
            "PATCH",
            f"/sessions/{quote(session_id, safe='')}",
            body=json_body(
                SessionPatch,
                body,
                {
                    "title": title,
                    "archived": archived,
                    "project": project,
                    "notebook": notebook,
                    "provider": provider,
                    "model": model,
                    "mode": mode,
                    "metadata": metadata,
                },
            ),
        )
        return self._transport.json(Session, request)

    def delete_session(self, session_id: str, *, purge: bool = False, versions: bool = False) -> Terminated:
        """Terminates the session: it can still be read, nothing can be added. With `purge` it is forgotten.

        With `versions` so it goes for all versions of the conversation. A running turn is interrupted first. What
        the
        session cost stays in the ledger. Errors: 409 for a session that is terminated already.

        `DELETE /sessions/{session_id}`
        """
        request = Request(
            "DELETE", f"/sessions/{quote(session_id, safe='')}", query={"purge": purge, "versions": versions}
        )
        return self._transport.json(Terminated, request)

    def list_messages(
        self,
        session_id: str,
        *,
        order: Literal["asc", "desc"] = "asc",
        after_seq: int | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> Page[Message]:
        """The session's messages with the tokens each used, oldest first; `after_seq` gives those after that place.

        `GET /sessions/{session_id}/messages`
        """
        request = Request(
            "GET",
            f"/sessions/{quote(session_id, safe='')}/messages",
            query={"order": order, "after_seq": after_seq, "limit": limit, "offset": offset},
        )
        return self._transport.json(Page[Message], request)

    def iter_messages(
        self, session_id: str, *, order: Literal["asc", "desc"] = "asc", after_seq: int | None = None
    ) -> Iterator[Message]:
        """The session's messages with the tokens each used, oldest first; `after_seq` gives those after that place.

        Gives one after another, over all pages.

        `GET /sessions/{session_id}/messages`
        """
        offset = 0
        while True:
            page = self.list_messages(session_id, order=order, after_seq=after_seq, limit=100, offset=offset)
            yield from page.items
            offset += len(page.items)
            if not page.items or offset >= page.total:
                return

    def append_message(
        self,
        session_id: str,
        body: MessageAppend | Mapping[str, Any] | None = None,
        *,
        role: Literal["user", "assistant", "system"] | Unset = UNSET,
        text: str | Unset = UNSET,
        parts: list[TextPart | ImagePart | ContextPart] | Unset = UNSET,
    ) -> Message:
        """Puts a message into the history without running the agent.

        Pictures: 3 at the most, 10 MB each. Errors: 409 for a terminated session.

        `POST /sessions/{session_id}/messages`
        """
        request = Request(
            "POST",
            f"/sessions/{quote(session_id, safe='')}/messages",
            body=json_body(MessageAppend, body, {"role": role, "text": text, "parts": parts}),
        )
        return self._transport.json(Message, request)

    def clear_session(self, session_id: str) -> Cleared:
        """Deletes the session's messages, attachments and what its turns' logs hold; the session and its costs stay.

        Other versions of the conversation keep theirs: what is emptied is the version that is named.
        Errors: 409 while a turn runs.

        `POST /sessions/{session_id}/clear`
        """
        request = Request("POST", f"/sessions/{quote(session_id, safe='')}/clear")
        return self._transport.json(Cleared, request)

    def summarize_session(
        self,
        session_id: str,
        body: Summarize | Mapping[str, Any] | None = None,
        *,
        keep_last: int | Unset = UNSET,
        instructions: str | Unset | None = UNSET,
        provider: str | Unset | None = UNSET,
        model: str | Unset | None = UNSET,
    ) -> Summary:
        """Lets a summary by the model stand for the older messages in what the model reads; the history keeps them.

        Errors: 409 while a turn runs, or where there is nothing to summarize.

        `POST /sessions/{session_id}/summarize`
        """
        request = Request(
            "POST",
            f"/sessions/{quote(session_id, safe='')}/summarize",
            body=json_body(
                Summarize,
                body,
                {"keep_last": keep_last, "instructions": instructions, "provider": provider, "model": model},
            ),
        )
        return self._transport.json(Summary, request)

    def branch_session(
        self,
        session_id: str,
        body: Branch | Mapping[str, Any] | None = None,
        *,
        turn_id: str | Unset | None = UNSET,
        message_id: str | Unset | None = UNSET,
        title: str | Unset | None = UNSET,
    ) -> Session:
        """A new conversation that begins with copies of this one's messages, up to a turn or a message.

        The copies belong to no turn. Errors: 409 where the turn still runs.

        `POST /sessions/{session_id}/branch`
        """
        request = Request(
            "POST",
            f"/sessions/{quote(session_id, safe='')}/branch",
            body=json_body(Branch, body, {"turn_id": turn_id, "message_id": message_id, "title": title}),
        )
        return self._transport.json(Session, request)

    def share_session(self, session_id: str) -> Share:
        """Lets everybody who is let into the server and knows the token read the session. Asked again, the same share.

        `POST /sessions/{session_id}/share`
        """
        request = Request("POST", f"/sessions/{quote(session_id, safe='')}/share")
        return self._transport.json(Share, request)

    def unshare_session(self, session_id: str) -> None:
        """Takes the share back; its token opens nothing any more. Errors: 404 where nothing is shared.

        `DELETE /sessions/{session_id}/share`
        """
        request = Request("DELETE", f"/sessions/{quote(session_id, safe='')}/share")
        self._transport.send(request)

    def export_session(self, session_id: str, *, format: Literal["json", "md", "ipynb"] = "json") -> bytes:
        """The session as a file: `json` to import again, `md` to read, `ipynb` with its Python blocks as cells.

        `GET /sessions/{session_id}/export`
        """
        request = Request("GET", f"/sessions/{quote(session_id, safe='')}/export", query={"format": format})
        return self._transport.download(request)

    def get_shared_session(self, token: str, *, limit: int = 100, offset: int = 0) -> SharedSession:
        """A shared session, read-only, for whoever is let into the server; its messages oldest first.

        `GET /shared/{token}`
        """
        request = Request("GET", f"/shared/{quote(token, safe='')}", query={"limit": limit, "offset": offset})
        return self._transport.json(SharedSession, request)

    def get_shared_blob(self, token: str, blob_id: str) -> bytes:
        """A picture of a shared session.

        `GET /shared/{token}/blobs/{blob_id}`
        """
        request = Request("GET", f"/shared/{quote(token, safe='')}/blobs/{quote(blob_id, safe='')}")
        return self._transport.download(request)

    def search_sessions(
        self,
        *,
        q: str | None = None,
        session_id: str | None = None,
        kind: Literal["title", "message", "tool_result"] | None = None,
        limit: int = 20,
        offset: int = 0,
    ) -> SearchPage:
        """Full-text search over titles, messages and tool results of the caller's sessions, terminated ones left out.

        All words must be there, the last one may be the beginning of a word, "words in quotes" must stand together;
        case
        and diacritics do not matter. Errors: 400 without `q`.

        `GET /search`
        """
        request = Request(
            "GET", "/search", query={"q": q, "session_id": session_id, "kind": kind, "limit": limit, "offset": offset}
        )
        return self._transport.json(SearchPage, request)

    def iter_search_sessions(
        self,
        *,
        q: str | None = None,
        session_id: str | None = None,
        kind: Literal["title", "message", "tool_result"] | None = None,
    ) -> Iterator[SearchHit]:
        """Full-text search over titles, messages and tool results of the caller's sessions, terminated ones left out.

        Gives one after another, over all pages.

        All words must be there, the last one may be the beginning of a word, "words in quotes" must stand together;
        case
        and diacritics do not matter. Errors: 400 without `q`.

        `GET /search`
        """
        offset = 0
        while True:
            page = self.search_sessions(q=q, session_id=session_id, kind=kind, limit=100, offset=offset)
            yield from page.items
            offset += len(page.items)
            if not page.items or offset >= page.total:
                return

    def upload_blob(
        self,
        body: BlobUpload | Mapping[str, Any] | None = None,
        *,
        media_type: Literal["image/png", "image/jpeg", "image/gif", "image/webp"] | Unset = UNSET,
        data: str | Unset = UNSET,
        name: str | Unset | None = UNSET,
    ) -> BlobInfo:
        """Keeps a picture before its message is written: the message's image part names it by `blob_id`.

        10 MB at the most; the bytes must be what `media_type` says. One that no message takes within a day is
        removed.
        Errors: 413, 422.

        `POST /blobs`
        """
        request = Request(
            "POST", "/blobs", body=json_body(BlobUpload, body, {"media_type": media_type, "data": data, "name": name})
        )
        return self._transport.json(BlobInfo, request)

    def get_blob(self, blob_id: str) -> bytes:
        """An attached picture or file. Pictures may be shown; everything else is a download.

        `GET /blobs/{blob_id}`
        """
        request = Request("GET", f"/blobs/{quote(blob_id, safe='')}")
        return self._transport.download(request)


class Turns:
    """The operations of the room `turns`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def start_turn(
        self,
        session_id: str,
        body: TurnStart | Mapping[str, Any] | None = None,
        *,
        wait: bool = False,
        message: str | Unset = UNSET,
        parts: list[TextPart | ImagePart | ContextPart] | Unset = UNSET,
        agent: str | Unset | None = UNSET,
        provider: str | Unset | None = UNSET,
        model: str | Unset | None = UNSET,
        tools: list[str] | Unset | None = UNSET,
        mode: Literal["read_only", "ask", "auto_edit", "auto"] | Unset | None = UNSET,
        client_tools: list[ClientTool] | Unset = UNSET,
        notebook: str | Unset | None = UNSET,
        waiting_kernel: str | Unset | None = UNSET,
        system_prefix: str | Unset | None = UNSET,
        max_steps: int | Unset | None = UNSET,
        thinking: Literal["minimal", "low", "medium", "high", "off"] | Unset | None = UNSET,
        reflection: bool | Unset = UNSET,
        context_budget: int | Unset | None = UNSET,
        budget: str | Unset | None = UNSET,
        timeout_seconds: float | Unset | None = UNSET,
        settings: ModelSettings | Unset | None = UNSET,
        metadata: dict[str, Any] | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> Turn:
        """Starts a turn.

        Answers 202 with the turn at once; with `wait=true` 200 when it has ended; with `Accept: text/event-stream`
        its
        events as they come. The turn goes on whether or not anybody listens. An `Idempotency-Key` header makes a
        repeated
        request give the first one's turn. 409 while another turn runs in the session.

        `POST /sessions/{session_id}/turns`
        """
        request = Request(
            "POST",
            f"/sessions/{quote(session_id, safe='')}/turns",
            query={"wait": wait},
            body=json_body(
                TurnStart,
                body,
                {
                    "message": message,
                    "parts": parts,
                    "agent": agent,
                    "provider": provider,
                    "model": model,
                    "tools": tools,
                    "mode": mode,
                    "client_tools": client_tools,
                    "notebook": notebook,
                    "waiting_kernel": waiting_kernel,
                    "system_prefix": system_prefix,
                    "max_steps": max_steps,
                    "thinking": thinking,
                    "reflection": reflection,
                    "context_budget": context_budget,
                    "budget": budget,
                    "timeout_seconds": timeout_seconds,
                    "settings": settings,
                    "metadata": metadata,
                },
            ),
            idempotency_key=idempotency_key or new_key(),
            unbounded=wait,
        )
        return self._transport.json(Turn, request)

    def start_turn_events(
        self,
        session_id: str,
        body: TurnStart | Mapping[str, Any] | None = None,
        *,
        message: str | Unset = UNSET,
        parts: list[TextPart | ImagePart | ContextPart] | Unset = UNSET,
        agent: str | Unset | None = UNSET,
        provider: str | Unset | None = UNSET,
        model: str | Unset | None = UNSET,
        tools: list[str] | Unset | None = UNSET,
        mode: Literal["read_only", "ask", "auto_edit", "auto"] | Unset | None = UNSET,
        client_tools: list[ClientTool] | Unset = UNSET,
        notebook: str | Unset | None = UNSET,
        waiting_kernel: str | Unset | None = UNSET,
        system_prefix: str | Unset | None = UNSET,
        max_steps: int | Unset | None = UNSET,
        thinking: Literal["minimal", "low", "medium", "high", "off"] | Unset | None = UNSET,
        reflection: bool | Unset = UNSET,
        context_budget: int | Unset | None = UNSET,
        budget: str | Unset | None = UNSET,
        timeout_seconds: float | Unset | None = UNSET,
        settings: ModelSettings | Unset | None = UNSET,
        metadata: dict[str, Any] | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> Iterator[TurnEvent]:
        """Starts a turn.

        Gives its events as they come, and goes on by itself after a cut.

        Answers 202 with the turn at once; with `wait=true` 200 when it has ended; with `Accept: text/event-stream`
        its
        events as they come. The turn goes on whether or not anybody listens. An `Idempotency-Key` header makes a
        repeated
        request give the first one's turn. 409 while another turn runs in the session.

        `POST /sessions/{session_id}/turns`
        """
        request = Request(
            "POST",
            f"/sessions/{quote(session_id, safe='')}/turns",
            body=json_body(
                TurnStart,
                body,
                {
                    "message": message,
                    "parts": parts,
                    "agent": agent,
                    "provider": provider,
                    "model": model,
                    "tools": tools,
                    "mode": mode,
                    "client_tools": client_tools,
                    "notebook": notebook,
                    "waiting_kernel": waiting_kernel,
                    "system_prefix": system_prefix,
                    "max_steps": max_steps,
                    "thinking": thinking,
                    "reflection": reflection,
                    "context_budget": context_budget,
                    "budget": budget,
                    "timeout_seconds": timeout_seconds,
                    "settings": settings,
                    "metadata": metadata,
                },
            ),
            idempotency_key=idempotency_key or new_key(),
        )
        return self._transport.turn_events(request)

    def list_turns(self, session_id: str, *, limit: int = 50, offset: int = 0) -> Page[Turn]:
        """The turns of a session, oldest first.

        `GET /sessions/{session_id}/turns`
        """
        request = Request(
            "GET", f"/sessions/{quote(session_id, safe='')}/turns", query={"limit": limit, "offset": offset}
        )
        return self._transport.json(Page[Turn], request)

    def iter_turns(self, session_id: str) -> Iterator[Turn]:
        """The turns of a session, oldest first.

        Gives one after another, over all pages.

        `GET /sessions/{session_id}/turns`
        """
        offset = 0
        while True:
            page = self.list_turns(session_id, limit=100, offset=offset)
            yield from page.items
            offset += len(page.items)
            if not page.items or offset >= page.total:
                return

    def active_turns(self) -> ActiveTurns:
        """The caller's running turns.

        With `Accept: text/event-stream` an endless stream: `snapshot` first, then `turn_started`, `turn_updated`
        and
        `turn_finished`.

        `GET /turns/active`
        """
        request = Request("GET", "/turns/active")
        return self._transport.json(ActiveTurns, request)

    def stream_active_turns(self) -> Iterator[ActiveTurns | Turn]:
        """The caller's running turns.

        Gives its events as they come, and goes on by itself after a cut.

        With `Accept: text/event-stream` an endless stream: `snapshot` first, then `turn_started`, `turn_updated`
        and
        `turn_finished`.

        `GET /turns/active`
        """
        request = Request("GET", "/turns/active")
        return self._transport.events({"snapshot": ActiveTurns, "turn_started": Turn, "turn_finished": Turn}, request)

    def get_turn(self, turn_id: str) -> Turn:
        """One turn: its state, why it ended, what it used, its answer.

        `GET /turns/{turn_id}`
        """
        request = Request("GET", f"/turns/{quote(turn_id, safe='')}")
        return self._transport.json(Turn, request)

    def stream_turn_events(self, turn_id: str, *, after: int | None = None) -> Iterator[TurnEvent]:
        """The events of a turn, from the first one or from behind an index; goes on live and ends with
        `turn_finished`.

        Gives its events as they come, and goes on by itself after a cut.

        `Last-Event-ID`, or `after`, is the index of the last event that was seen. docs/events.md tells the events.

        `GET /turns/{turn_id}/events`
        """
        request = Request("GET", f"/turns/{quote(turn_id, safe='')}/events", query={"after": after})
        return self._transport.turn_events(request)

    def interrupt_turn(
        self, turn_id: str, body: Interrupt | Mapping[str, Any] | None = None, *, message: str | Unset | None = UNSET
    ) -> Turn:
        """Stops a running turn; what it has said stays. 409 where it has ended.

        `POST /turns/{turn_id}/interrupt`
        """
        request = Request(
            "POST", f"/turns/{quote(turn_id, safe='')}/interrupt", body=json_body(Interrupt, body, {"message": message})
        )
        return self._transport.json(Turn, request)

    def guide_turn(
        self, turn_id: str, body: Guidance | Mapping[str, Any] | None = None, *, message: str | Unset = UNSET
    ) -> GuidanceAccepted:
        """Says something to a running turn: the model reads it before its next step. 409 where it has made its last.

        `POST /turns/{turn_id}/guidance`
        """
        request = Request(
            "POST", f"/turns/{quote(turn_id, safe='')}/guidance", body=json_body(Guidance, body, {"message": message})
        )
        return self._transport.json(GuidanceAccepted, request)

    def retry_turn(
        self,
        turn_id: str,
        body: Retry | Mapping[str, Any] | None = None,
        *,
        message: str | Unset | None = UNSET,
        parts: list[TextPart | ImagePart | ContextPart] | Unset | None = UNSET,
        provider: str | Unset | None = UNSET,
        model: str | Unset | None = UNSET,
        idempotency_key: str | None = None,
    ) -> Turn:
        """The same input again, changed or not, in a new version of the conversation that ends before the turn.

        As `resend_message` does for the turn's message. Errors: 409 while the turn runs, or where its messages were
        cleared.

        `POST /turns/{turn_id}/retry`
        """
        request = Request(
            "POST",
            f"/turns/{quote(turn_id, safe='')}/retry",
            body=json_body(Retry, body, {"message": message, "parts": parts, "provider": provider, "model": model}),
            idempotency_key=idempotency_key or new_key(),
        )
        return self._transport.json(Turn, request)

    def resend_message(
        self,
        session_id: str,
        message_id: str,
        body: Resend | Mapping[str, Any] | None = None,
        *,
        message: str | Unset | None = UNSET,
        parts: list[TextPart | ImagePart | ContextPart] | Unset | None = UNSET,
        provider: str | Unset | None = UNSET,
        model: str | Unset | None = UNSET,
        idempotency_key: str | None = None,
    ) -> Turn:
        """What the user said again, changed or not, in a new version of the conversation that ends before it.

        The turn's `session_id` is the new version; the message's `versions` name all of them. Works for every
        message of
        the user's, also one that a branch copied. What the body leaves out stays as it was: text, pictures and
        context,
        provider and model, and how the first turn was started. Errors: 409 for a message that is not the user's, or
        while
        its turn runs.

        `POST /sessions/{session_id}/messages/{message_id}/resend`
        """
        request = Request(
            "POST",
            f"/sessions/{quote(session_id, safe='')}/messages/{quote(message_id, safe='')}/resend",
            body=json_body(Resend, body, {"message": message, "parts": parts, "provider": provider, "model": model}),
            idempotency_key=idempotency_key or new_key(),
        )
        return self._transport.json(Turn, request)

    def get_tasks(self, session_id: str) -> TaskList:
        """The agent's to-do list in this session, and how far it is.

        `GET /sessions/{session_id}/tasks`
        """
        request = Request("GET", f"/sessions/{quote(session_id, safe='')}/tasks")
        return self._transport.json(TaskList, request)

    def run_once(
        self,
        body: Run | Mapping[str, Any] | None = None,
        *,
        message: str | Unset = UNSET,
        parts: list[TextPart | ImagePart | ContextPart] | Unset = UNSET,
        agent: str | Unset | None = UNSET,
        provider: str | Unset | None = UNSET,
        model: str | Unset | None = UNSET,
        tools: list[str] | Unset | None = UNSET,
        mode: Literal["read_only", "ask", "auto_edit", "auto"] | Unset | None = UNSET,
        client_tools: list[ClientTool] | Unset = UNSET,
        notebook: str | Unset | None = UNSET,
        waiting_kernel: str | Unset | None = UNSET,
        system_prefix: str | Unset | None = UNSET,
        max_steps: int | Unset | None = UNSET,
        thinking: Literal["minimal", "low", "medium", "high", "off"] | Unset | None = UNSET,
        reflection: bool | Unset = UNSET,
        context_budget: int | Unset | None = UNSET,
        budget: str | Unset | None = UNSET,
        timeout_seconds: float | Unset | None = UNSET,
        settings: ModelSettings | Unset | None = UNSET,
        metadata: dict[str, Any] | Unset = UNSET,
        session_id: str | Unset | None = UNSET,
        title: str | Unset | None = UNSET,
        stream: bool | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> RunResult:
        """One shot: a session (a new one, or one to resume), a turn, its answer when it has ended.

        With `stream` the turn's events as they come.

        `POST /run`
        """
        request = Request(
            "POST",
            "/run",
            body=json_body(
                Run,
                body,
                {
                    "message": message,
                    "parts": parts,
                    "agent": agent,
                    "provider": provider,
                    "model": model,
                    "tools": tools,
                    "mode": mode,
                    "client_tools": client_tools,
                    "notebook": notebook,
                    "waiting_kernel": waiting_kernel,
                    "system_prefix": system_prefix,
                    "max_steps": max_steps,
                    "thinking": thinking,
                    "reflection": reflection,
                    "context_budget": context_budget,
                    "budget": budget,
                    "timeout_seconds": timeout_seconds,
                    "settings": settings,
                    "metadata": metadata,
                    "session_id": session_id,
                    "title": title,
                    "stream": stream,
                },
            ),
            idempotency_key=idempotency_key or new_key(),
            unbounded=True,
        )
        return self._transport.json(RunResult, request)

    def run_once_events(
        self,
        body: Run | Mapping[str, Any] | None = None,
        *,
        message: str | Unset = UNSET,
        parts: list[TextPart | ImagePart | ContextPart] | Unset = UNSET,
        agent: str | Unset | None = UNSET,
        provider: str | Unset | None = UNSET,
        model: str | Unset | None = UNSET,
        tools: list[str] | Unset | None = UNSET,
        mode: Literal["read_only", "ask", "auto_edit", "auto"] | Unset | None = UNSET,
        client_tools: list[ClientTool] | Unset = UNSET,
        notebook: str | Unset | None = UNSET,
        waiting_kernel: str | Unset | None = UNSET,
        system_prefix: str | Unset | None = UNSET,
        max_steps: int | Unset | None = UNSET,
        thinking: Literal["minimal", "low", "medium", "high", "off"] | Unset | None = UNSET,
        reflection: bool | Unset = UNSET,
        context_budget: int | Unset | None = UNSET,
        budget: str | Unset | None = UNSET,
        timeout_seconds: float | Unset | None = UNSET,
        settings: ModelSettings | Unset | None = UNSET,
        metadata: dict[str, Any] | Unset = UNSET,
        session_id: str | Unset | None = UNSET,
        title: str | Unset | None = UNSET,
        idempotency_key: str | None = None,
    ) -> Iterator[TurnEvent]:
        """One shot: a session (a new one, or one to resume), a turn, its answer when it has ended.

        Gives its events as they come, and goes on by itself after a cut.

        With `stream` the turn's events as they come.

        `POST /run`
        """
        request = Request(
            "POST",
            "/run",
            body=json_body(
                Run,
                body,
                {
                    "message": message,
                    "parts": parts,
                    "agent": agent,
                    "provider": provider,
                    "model": model,
                    "tools": tools,
                    "mode": mode,
                    "client_tools": client_tools,
                    "notebook": notebook,
                    "waiting_kernel": waiting_kernel,
                    "system_prefix": system_prefix,
                    "max_steps": max_steps,
                    "thinking": thinking,
                    "reflection": reflection,
                    "context_budget": context_budget,
                    "budget": budget,
                    "timeout_seconds": timeout_seconds,
                    "settings": settings,
                    "metadata": metadata,
                    "session_id": session_id,
                    "title": title,
                },
                stream=True,
            ),
            idempotency_key=idempotency_key or new_key(),
        )
        return self._transport.turn_events(request)


class Tools:
    """The operations of the room `tools`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_tools(self, *, session_id: str | None = None) -> ToolList:
        """The tools that turns are given: the server's, and with `session_id` also those that clients offer there.

        `GET /tools`
        """
        request = Request("GET", "/tools", query={"session_id": session_id})
        return self._transport.json(ToolList, request)

    def call_tool(
        self,
        name: str,
        body: ToolCall | Mapping[str, Any] | None = None,
        *,
        arguments: dict[str, Any] | Unset = UNSET,
        session_id: str | Unset | None = UNSET,
        approved: bool | Unset = UNSET,
    ) -> ToolCallResult:
        """Uses a tool without a model, under the same policy.

        403 `denied` where the policy denies it; 409 `approval_required` where it asks and `approved` is not sent.
        What the
        tool itself could not do is a result with `is_error`. Nothing of it can be undone with a turn.

        `POST /tools/{name}/call`
        """
        request = Request(
            "POST",
            f"/tools/{quote(name, safe='')}/call",
            body=json_body(ToolCall, body, {"arguments": arguments, "session_id": session_id, "approved": approved}),
        )
        return self._transport.json(ToolCallResult, request)

    def list_approvals(
        self,
        *,
        status: Literal["pending", "approved", "denied", "expired", "cancelled"] | None = None,
        session_id: str | None = None,
    ) -> ApprovalList:
        """The caller's approvals, oldest first; with `status=pending` what waits for an answer. The newest 500.

        `GET /approvals`
        """
        request = Request("GET", "/approvals", query={"status": status, "session_id": session_id})
        return self._transport.json(ApprovalList, request)

    def get_approval(self, approval_id: str) -> Approval:
        """One approval.

        `GET /approvals/{approval_id}`
        """
        request = Request("GET", f"/approvals/{quote(approval_id, safe='')}")
        return self._transport.json(Approval, request)

    def approve(
        self,
        approval_id: str,
        body: Approve | Mapping[str, Any] | None = None,
        *,
        arguments: dict[str, Any] | Unset | None = UNSET,
        remember: Literal["once", "session", "always"] | Unset = UNSET,
    ) -> Approval:
        """Says yes: the same turn goes on with the call, with other `arguments` where they are sent.

        `remember` makes a rule, so that the like is not asked again. 409 where it was answered already, or in vain;
        422
        for arguments that do not fit or that the policy denies, and nothing is answered then.

        `POST /approvals/{approval_id}/approve`
        """
        request = Request(
            "POST",
            f"/approvals/{quote(approval_id, safe='')}/approve",
            body=json_body(Approve, body, {"arguments": arguments, "remember": remember}),
        )
        return self._transport.json(Approval, request)

    def deny(
        self,
        approval_id: str,
        body: Deny | Mapping[str, Any] | None = None,
        *,
        message: str | Unset | None = UNSET,
        stop: bool | Unset = UNSET,
    ) -> Approval:
        """Says no: the model reads so, and the message; the turn goes on, or ends where `stop` is sent.

        409 where it was answered already.

        `POST /approvals/{approval_id}/deny`
        """
        request = Request(
            "POST",
            f"/approvals/{quote(approval_id, safe='')}/deny",
            body=json_body(Deny, body, {"message": message, "stop": stop}),
        )
        return self._transport.json(Approval, request)

    def answer_approvals(
        self, body: ApprovalAnswers | Mapping[str, Any] | None = None, *, answers: list[ApprovalAnswer] | Unset = UNSET
    ) -> ApprovalList:
        """Answers several approvals: all of them or, where one cannot be answered, none.

        `POST /approvals/answers`
        """
        request = Request("POST", "/approvals/answers", body=json_body(ApprovalAnswers, body, {"answers": answers}))
        return self._transport.json(ApprovalList, request)

    def get_policy(self) -> Policy:
        """The caller's mode and rules, and the administrator's rules.

        `GET /policy`
        """
        request = Request("GET", "/policy")
        return self._transport.json(Policy, request)

    def put_policy(
        self,
        body: PolicyUpdate | Mapping[str, Any] | None = None,
        *,
        mode: Literal["read_only", "ask", "auto_edit", "auto"] | Unset | None = UNSET,
        rules: list[PolicyRule] | Unset | None = UNSET,
    ) -> Policy:
        """Sets the caller's mode, or replaces the caller's rules. What is null stays.

        `PUT /policy`
        """
        request = Request("PUT", "/policy", body=json_body(PolicyUpdate, body, {"mode": mode, "rules": rules}))
        return self._transport.json(Policy, request)

    def evaluate_policy(
        self,
        body: PolicyQuestion | Mapping[str, Any] | None = None,
        *,
        tool: str | Unset = UNSET,
        arguments: dict[str, Any] | Unset = UNSET,
        session_id: str | Unset | None = UNSET,
        mode: Literal["read_only", "ask", "auto_edit", "auto"] | Unset | None = UNSET,
    ) -> PolicyAnswer:
        """What would happen to a call, and which rule or mode says so. Nothing is done.

        `POST /policy/evaluate`
        """
        request = Request(
            "POST",
            "/policy/evaluate",
            body=json_body(
                PolicyQuestion, body, {"tool": tool, "arguments": arguments, "session_id": session_id, "mode": mode}
            ),
        )
        return self._transport.json(PolicyAnswer, request)

    def get_turn_tools(self, turn_id: str) -> TurnTools:
        """The calls of a turn: arguments, result, duration, who approved.

        `GET /turns/{turn_id}/tools`
        """
        request = Request("GET", f"/turns/{quote(turn_id, safe='')}/tools")
        return self._transport.json(TurnTools, request)

    def get_turn_policy(self, turn_id: str) -> TurnPolicy:
        """What the policy said to each call of a turn, and which rule or mode said so.

        `GET /turns/{turn_id}/policy`
        """
        request = Request("GET", f"/turns/{quote(turn_id, safe='')}/policy")
        return self._transport.json(TurnPolicy, request)

    def submit_tool_results(
        self,
        turn_id: str,
        body: ClientToolResults | Mapping[str, Any] | None = None,
        *,
        results: list[ClientToolResult] | Unset = UNSET,
    ) -> None:
        """Answers of the client to calls of the tools that it offers; all of them are taken, or none.

        409 for a call that does not wait for an answer (any more): it was answered, or its time is over.

        `POST /turns/{turn_id}/tool-results`
        """
        request = Request(
            "POST",
            f"/turns/{quote(turn_id, safe='')}/tool-results",
            body=json_body(ClientToolResults, body, {"results": results}),
        )
        self._transport.send(request)

    def list_functions(self) -> FunctionsList:
        """The functions that the kernels of this server offer to chats about their notebooks.

        `GET /tools/functions`
        """
        request = Request("GET", "/tools/functions")
        return self._transport.json(FunctionsList, request)

    def register_functions(
        self,
        body: FunctionsOffer | Mapping[str, Any] | None = None,
        *,
        kernel_id: str | Unset = UNSET,
        notebook: str | Unset | None = UNSET,
        key: str | Unset = UNSET,
        functions: list[ClientTool] | Unset = UNSET,
        awaited: list[str] | Unset = UNSET,
    ) -> FunctionsOffered:
        """The functions of a notebook that its kernel offers, in place of those it offered before.

        They are given to turns about that notebook and run in the kernel, when it is idle. They are gone when the
        kernel
        is restarted or shut down.

        `POST /tools/functions`
        """
        request = Request(
            "POST",
            "/tools/functions",
            body=json_body(
                FunctionsOffer,
                body,
                {"kernel_id": kernel_id, "notebook": notebook, "key": key, "functions": functions, "awaited": awaited},
            ),
        )
        return self._transport.json(FunctionsOffered, request)

    def drop_functions(self, kernel_id: str) -> None:
        """Takes all functions of a kernel back.

        `DELETE /tools/functions/{kernel_id}`
        """
        request = Request("DELETE", f"/tools/functions/{quote(kernel_id, safe='')}")
        self._transport.send(request)

    def list_checkpoints(self, session_id: str, *, limit: int = 20, offset: int = 0) -> Page[Checkpoint]:
        """What the turns of a session changed in notebooks and files, newest first.

        They stay when the conversation is cleared, and go when the session is purged. Of a large text its beginning
        is
        shown; all of it is kept.

        `GET /sessions/{session_id}/checkpoints`
        """
        request = Request(
            "GET", f"/sessions/{quote(session_id, safe='')}/checkpoints", query={"limit": limit, "offset": offset}
        )
        return self._transport.json(Page[Checkpoint], request)

    def iter_checkpoints(self, session_id: str) -> Iterator[Checkpoint]:
        """What the turns of a session changed in notebooks and files, newest first.

        Gives one after another, over all pages.

        They stay when the conversation is cleared, and go when the session is purged. Of a large text its beginning
        is
        shown; all of it is kept.

        `GET /sessions/{session_id}/checkpoints`
        """
        offset = 0
        while True:
            page = self.list_checkpoints(session_id, limit=100, offset=offset)
            yield from page.items
            offset += len(page.items)
            if not page.items or offset >= page.total:
                return

    def list_undecided(self, *, path: str) -> CheckpointList:
        """What turns of any session changed in one notebook or file and nobody has accepted or undone yet, newest
        first.

        Of each turn only its edits there. This is what is marked where the document is open.

        `GET /checkpoints`
        """
        request = Request("GET", "/checkpoints", query={"path": path})
        return self._transport.json(CheckpointList, request)

    def get_checkpoint(self, turn_id: str) -> Checkpoint:
        """What one turn changed; no edits where that is nothing.

        `GET /turns/{turn_id}/checkpoint`
        """
        request = Request("GET", f"/turns/{quote(turn_id, safe='')}/checkpoint")
        return self._transport.json(Checkpoint, request)

    def undo_turn(
        self,
        turn_id: str,
        body: Undo | Mapping[str, Any] | None = None,
        *,
        edit_ids: list[str] | Unset | None = UNSET,
        idempotency_key: str | None = None,
    ) -> Checkpoint:
        """Brings back exactly what was before the turn: cells with their place, outputs and metadata, files.

        All of its edits, or those in `edit_ids`; also after they were accepted, after a restart, with the notebook
        open
        or closed. 409 where somebody changed the same cell or file since (`details.conflicts` names each; other
        cells of
        the notebook may have changed), while the turn runs, and where it is undone already: nothing is changed
        then.

        `POST /turns/{turn_id}/undo`
        """
        request = Request(
            "POST",
            f"/turns/{quote(turn_id, safe='')}/undo",
            body=json_body(Undo, body, {"edit_ids": edit_ids}),
            idempotency_key=idempotency_key or new_key(),
        )
        return self._transport.json(Checkpoint, request)

    def redo_turn(
        self, turn_id: str, body: Undo | Mapping[str, Any] | None = None, *, edit_ids: list[str] | Unset | None = UNSET
    ) -> Checkpoint:
        """Does again what was undone, as exactly as `undo_turn` takes it back. 409 as there.

        `POST /turns/{turn_id}/redo`
        """
        request = Request(
            "POST", f"/turns/{quote(turn_id, safe='')}/redo", body=json_body(Undo, body, {"edit_ids": edit_ids})
        )
        return self._transport.json(Checkpoint, request)

    def accept_turn(
        self, turn_id: str, body: Undo | Mapping[str, Any] | None = None, *, edit_ids: list[str] | Unset | None = UNSET
    ) -> Checkpoint:
        """Marks changes as looked at and wanted: they are not marked in the notebook any more, and can be undone
        still.

        409 for what is undone.

        `POST /turns/{turn_id}/accept`
        """
        request = Request(
            "POST", f"/turns/{quote(turn_id, safe='')}/accept", body=json_body(Undo, body, {"edit_ids": edit_ids})
        )
        return self._transport.json(Checkpoint, request)


class Completions:
    """The operations of the room `completions`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def complete_code(
        self,
        body: CompletionRequest | Mapping[str, Any] | None = None,
        *,
        prefix: str | Unset = UNSET,
        suffix: str | Unset = UNSET,
        language: str | Unset = UNSET,
        path: str | Unset | None = UNSET,
        provider: str | Unset | None = UNSET,
        model: str | Unset | None = UNSET,
        max_tokens: int | Unset | None = UNSET,
    ) -> Completion:
        """What to insert at the cursor.

        One model request, in no conversation. It is stopped when the caller goes away. Errors: 409 `not_configured`
        where
        no model is ready, where completions are off, and for the embedded model unless `completions.local_model` is
        set;
        503 `provider_error` where the model fails.

        `POST /completions`
        """
        request = Request(
            "POST",
            "/completions",
            body=json_body(
                CompletionRequest,
                body,
                {
                    "prefix": prefix,
                    "suffix": suffix,
                    "language": language,
                    "path": path,
                    "provider": provider,
                    "model": model,
                    "max_tokens": max_tokens,
                },
            ),
        )
        return self._transport.json(Completion, request)

    def edit_code(
        self,
        body: CodeEdit | Mapping[str, Any] | None = None,
        *,
        instruction: str | Unset = UNSET,
        source: str | Unset = UNSET,
        language: str | Unset = UNSET,
        context: str | Unset = UNSET,
        provider: str | Unset | None = UNSET,
        model: str | Unset | None = UNSET,
    ) -> EditedCode:
        """Code, changed as told; nothing is written.

        One model request, in no conversation. It is stopped when the caller goes away. Errors: 409 `not_configured`
        where
        no model is ready; 503 `provider_error` where it fails, gives no code or is cut off.

        `POST /completions/edit`
        """
        request = Request(
            "POST",
            "/completions/edit",
            body=json_body(
                CodeEdit,
                body,
                {
                    "instruction": instruction,
                    "source": source,
                    "language": language,
                    "context": context,
                    "provider": provider,
                    "model": model,
                },
            ),
        )
        return self._transport.json(EditedCode, request)


class Observatory:
    """The operations of the room `observatory`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def turn_context(self, turn_id: str) -> TurnContext:
        """What the model saw in each request of a turn: tokens by part, what was left out and why, what was retrieved.

        The contents are in `GET /turns/{id}/context/{request_id}`.

        `GET /turns/{turn_id}/context`
        """
        request = Request("GET", f"/turns/{quote(turn_id, safe='')}/context")
        return self._transport.json(TurnContext, request)

    def context_snapshot(self, turn_id: str, request_id: str) -> ContextSnapshot:
        """One model request with the exact messages that were sent, secrets masked.

        `GET /turns/{turn_id}/context/{request_id}`
        """
        request = Request("GET", f"/turns/{quote(turn_id, safe='')}/context/{quote(request_id, safe='')}")
        return self._transport.json(ContextSnapshot, request)

    def turn_model_selection(self, turn_id: str) -> TurnModelSelection:
        """Why a turn's model was asked, and not another: candidates with their scores, override, fallback.

        `GET /turns/{turn_id}/model-selection`
        """
        request = Request("GET", f"/turns/{quote(turn_id, safe='')}/model-selection")
        return self._transport.json(TurnModelSelection, request)

    def list_model_selections(
        self,
        *,
        limit: int = 50,
        offset: int = 0,
        provider: str | None = None,
        model: str | None = None,
        strategy: Literal["asked", "session", "default", "auto", "fallback", "reflection"] | None = None,
    ) -> Page[ModelSelection]:
        """Every choice of a model, newest first.

        `GET /model-selections`
        """
        request = Request(
            "GET",
            "/model-selections",
            query={"limit": limit, "offset": offset, "provider": provider, "model": model, "strategy": strategy},
        )
        return self._transport.json(Page[ModelSelection], request)

    def iter_model_selections(
        self,
        *,
        provider: str | None = None,
        model: str | None = None,
        strategy: Literal["asked", "session", "default", "auto", "fallback", "reflection"] | None = None,
    ) -> Iterator[ModelSelection]:
        """Every choice of a model, newest first.

        Gives one after another, over all pages.

        `GET /model-selections`
        """
        offset = 0
        while True:
            page = self.list_model_selections(
                provider=provider, model=model, strategy=strategy, limit=100, offset=offset
            )
            yield from page.items
            offset += len(page.items)
            if not page.items or offset >= page.total:
                return

    def turn_trace(self, turn_id: str) -> Trace:
        """One timeline of a turn's model requests, tool calls, approvals and waits. Also while it runs.

        `GET /turns/{turn_id}/trace`
        """
        request = Request("GET", f"/turns/{quote(turn_id, safe='')}/trace")
        return self._transport.json(Trace, request)

    def list_traces(
        self,
        *,
        limit: int = 50,
        offset: int = 0,
        session_id: str | None = None,
        status: Literal["ok", "error"] | None = None,
    ) -> Page[TraceSummary]:
        """The traces of all turns, newest first.

        `GET /traces`
        """
        request = Request(
            "GET", "/traces", query={"limit": limit, "offset": offset, "session_id": session_id, "status": status}
        )
        return self._transport.json(Page[TraceSummary], request)

    def iter_traces(
        self, *, session_id: str | None = None, status: Literal["ok", "error"] | None = None
    ) -> Iterator[TraceSummary]:
        """The traces of all turns, newest first.

        Gives one after another, over all pages.

        `GET /traces`
        """
        offset = 0
        while True:
            page = self.list_traces(session_id=session_id, status=status, limit=100, offset=offset)
            yield from page.items
            offset += len(page.items)
            if not page.items or offset >= page.total:
                return

    def tracing_status(self) -> TracingStatus:
        """Whether traces are exported, where to, how many were; and where Jaeger is.

        `GET /traces/exporter`
        """
        request = Request("GET", "/traces/exporter")
        return self._transport.json(TracingStatus, request)

    def get_trace(self, trace_id: str) -> Trace:
        """A trace by the id that it has in OpenTelemetry, too.

        `GET /traces/{trace_id}`
        """
        request = Request("GET", f"/traces/{quote(trace_id, safe='')}")
        return self._transport.json(Trace, request)

    def turn_tips(self, turn_id: str) -> TurnTips:
        """What the rules say about a turn, from what was recorded of it. Costs nothing.

        `GET /turns/{turn_id}/tips`
        """
        request = Request("GET", f"/turns/{quote(turn_id, safe='')}/tips")
        return self._transport.json(TurnTips, request)

    def analyze_turn(
        self,
        turn_id: str,
        body: AnalyzeRequest | Mapping[str, Any] | None = None,
        *,
        provider: str | Unset | None = UNSET,
        model: str | Unset | None = UNSET,
    ) -> Analysis:
        """Asks a model what went well and what to do better. One model request; kept with the turn.

        409 `not_configured` without a model; 503 `provider_error` with what the provider said.

        `POST /turns/{turn_id}/analyze`
        """
        request = Request(
            "POST",
            f"/turns/{quote(turn_id, safe='')}/analyze",
            body=json_body(AnalyzeRequest, body, {"provider": provider, "model": model}),
        )
        return self._transport.json(Analysis, request)

    def session_insights(self, session_id: str) -> SessionInsights:
        """What the rules say about a session as a whole. Costs nothing.

        `GET /sessions/{session_id}/insights`
        """
        request = Request("GET", f"/sessions/{quote(session_id, safe='')}/insights")
        return self._transport.json(SessionInsights, request)

    def analyze_session(
        self,
        session_id: str,
        body: AnalyzeRequest | Mapping[str, Any] | None = None,
        *,
        provider: str | Unset | None = UNSET,
        model: str | Unset | None = UNSET,
    ) -> Analysis:
        """Asks a model about a session as a whole. One model request; kept with the session.

        `POST /sessions/{session_id}/analyze`
        """
        request = Request(
            "POST",
            f"/sessions/{quote(session_id, safe='')}/analyze",
            body=json_body(AnalyzeRequest, body, {"provider": provider, "model": model}),
        )
        return self._transport.json(Analysis, request)

    def get_feedback(self, turn_id: str) -> Feedback:
        """The grade that a turn was given. 404 where it has none.

        `GET /turns/{turn_id}/feedback`
        """
        request = Request("GET", f"/turns/{quote(turn_id, safe='')}/feedback")
        return self._transport.json(Feedback, request)

    def give_feedback(
        self,
        turn_id: str,
        body: FeedbackGiven | Mapping[str, Any] | None = None,
        *,
        grade: int | Unset = UNSET,
        comment: str | Unset = UNSET,
        source: Literal["api", "lab", "notebook"] | Unset = UNSET,
    ) -> Feedback:
        """Grades a turn, 1 (useless) to 5 (just right); one grade a turn, the last one counts.

        `PUT /turns/{turn_id}/feedback`
        """
        request = Request(
            "PUT",
            f"/turns/{quote(turn_id, safe='')}/feedback",
            body=json_body(FeedbackGiven, body, {"grade": grade, "comment": comment, "source": source}),
        )
        return self._transport.json(Feedback, request)

    def delete_feedback(self, turn_id: str) -> None:
        """Takes a grade back. 404 where there is none.

        `DELETE /turns/{turn_id}/feedback`
        """
        request = Request("DELETE", f"/turns/{quote(turn_id, safe='')}/feedback")
        self._transport.send(request)

    def session_feedback(self, session_id: str, *, limit: int = 100, offset: int = 0) -> Page[Feedback]:
        """The grades of a session's turns, in the order of the turns.

        `GET /sessions/{session_id}/feedback`
        """
        request = Request(
            "GET", f"/sessions/{quote(session_id, safe='')}/feedback", query={"limit": limit, "offset": offset}
        )
        return self._transport.json(Page[Feedback], request)

    def iter_session_feedback(self, session_id: str) -> Iterator[Feedback]:
        """The grades of a session's turns, in the order of the turns.

        Gives one after another, over all pages.

        `GET /sessions/{session_id}/feedback`
        """
        offset = 0
        while True:
            page = self.session_feedback(session_id, limit=100, offset=offset)
            yield from page.items
            offset += len(page.items)
            if not page.items or offset >= page.total:
                return

    def list_recommendations(
        self, *, period: Literal["1h", "24h", "7d", "30d", "90d", "1y", "all"] = "30d"
    ) -> Recommendations:
        """What would make the caller's work with agents better or cheaper, from what was recorded. Costs nothing.

        `GET /recommendations`
        """
        request = Request("GET", "/recommendations", query={"period": period})
        return self._transport.json(Recommendations, request)

    def generate_recommendations(
        self,
        body: AnalyzeRequest | Mapping[str, Any] | None = None,
        *,
        period: Literal["1h", "24h", "7d", "30d", "90d", "1y", "all"] = "30d",
        provider: str | Unset | None = UNSET,
        model: str | Unset | None = UNSET,
    ) -> Recommendations:
        """The recommendations, and a model's view of them as `analysis`. One model request; it reads numbers only.

        `POST /recommendations/generate`
        """
        request = Request(
            "POST",
            "/recommendations/generate",
            query={"period": period},
            body=json_body(AnalyzeRequest, body, {"provider": provider, "model": model}),
        )
        return self._transport.json(Recommendations, request)

    def usage_summary(self) -> UsageSummary:
        """Today, this month, and what is left of the budgets.

        `GET /stats/summary`
        """
        request = Request("GET", "/stats/summary")
        return self._transport.json(UsageSummary, request)

    def usage_costs(
        self,
        *,
        period: Literal["1h", "24h", "7d", "30d", "90d", "1y", "all"] = "30d",
        start: datetime | None = None,
        end: datetime | None = None,
        by: str = "day,model",
        provider: str | None = None,
        model: str | None = None,
        session_id: str | None = None,
        purpose: str | None = None,
        timezone: str | None = None,
        limit: int = 1000,
        offset: int = 0,
    ) -> CostReport:
        """Tokens and costs in a period, grouped.

        `by`: one or more of hour, day, week, month, provider, model, session, purpose, user, joined by commas; a
        model
        comes with its provider. `start` and `end` in place of `period` are taken to the quarter of an hour.

        `GET /stats/costs`
        """
        request = Request(
            "GET",
            "/stats/costs",
            query={
                "period": period,
                "start": start,
                "end": end,
                "by": by,
                "provider": provider,
                "model": model,
                "session_id": session_id,
                "purpose": purpose,
                "timezone": timezone,
                "limit": limit,
                "offset": offset,
            },
        )
        return self._transport.json(CostReport, request)

    def iter_usage_costs(
        self,
        *,
        period: Literal["1h", "24h", "7d", "30d", "90d", "1y", "all"] = "30d",
        start: datetime | None = None,
        end: datetime | None = None,
        by: str = "day,model",
        provider: str | None = None,
        model: str | None = None,
        session_id: str | None = None,
        purpose: str | None = None,
        timezone: str | None = None,
    ) -> Iterator[CostRow]:
        """Tokens and costs in a period, grouped.

        Gives one after another, over all pages.

        `by`: one or more of hour, day, week, month, provider, model, session, purpose, user, joined by commas; a
        model
        comes with its provider. `start` and `end` in place of `period` are taken to the quarter of an hour.

        `GET /stats/costs`
        """
        offset = 0
        while True:
            page = self.usage_costs(
                period=period,
                start=start,
                end=end,
                by=by,
                provider=provider,
                model=model,
                session_id=session_id,
                purpose=purpose,
                timezone=timezone,
                limit=100,
                offset=offset,
            )
            yield from page.items
            offset += len(page.items)
            if not page.items or offset >= page.total:
                return

    def list_transactions(
        self,
        *,
        period: Literal["1h", "24h", "7d", "30d", "90d", "1y", "all"] = "30d",
        start: datetime | None = None,
        end: datetime | None = None,
        provider: str | None = None,
        model: str | None = None,
        session_id: str | None = None,
        turn_id: str | None = None,
        purpose: str | None = None,
        failed: bool | None = None,
        sort: Literal["-created_at", "created_at", "-cost", "-input", "-output", "-duration_ms"] = "-created_at",
        limit: int = 100,
        offset: int = 0,
    ) -> Page[Transaction]:
        """The ledger: every model request, and what it cost.

        `GET /stats/transactions`
        """
        request = Request(
            "GET",
            "/stats/transactions",
            query={
                "period": period,
                "start": start,
                "end": end,
                "provider": provider,
                "model": model,
                "session_id": session_id,
                "turn_id": turn_id,
                "purpose": purpose,
                "failed": failed,
                "sort": sort,
                "limit": limit,
                "offset": offset,
            },
        )
        return self._transport.json(Page[Transaction], request)

    def iter_transactions(
        self,
        *,
        period: Literal["1h", "24h", "7d", "30d", "90d", "1y", "all"] = "30d",
        start: datetime | None = None,
        end: datetime | None = None,
        provider: str | None = None,
        model: str | None = None,
        session_id: str | None = None,
        turn_id: str | None = None,
        purpose: str | None = None,
        failed: bool | None = None,
        sort: Literal["-created_at", "created_at", "-cost", "-input", "-output", "-duration_ms"] = "-created_at",
    ) -> Iterator[Transaction]:
        """The ledger: every model request, and what it cost.

        Gives one after another, over all pages.

        `GET /stats/transactions`
        """
        offset = 0
        while True:
            page = self.list_transactions(
                period=period,
                start=start,
                end=end,
                provider=provider,
                model=model,
                session_id=session_id,
                turn_id=turn_id,
                purpose=purpose,
                failed=failed,
                sort=sort,
                limit=100,
                offset=offset,
            )
            yield from page.items
            offset += len(page.items)
            if not page.items or offset >= page.total:
                return

    def usage_consumption(
        self, *, period: Literal["1h", "24h", "7d", "30d", "90d", "1y", "all"] = "30d", timezone: str | None = None
    ) -> Consumption:
        """Tokens and costs by provider and model, session, user and day.

        `GET /stats/consumption`
        """
        request = Request("GET", "/stats/consumption", query={"period": period, "timezone": timezone})
        return self._transport.json(Consumption, request)

    def cache_statistics(
        self, *, period: Literal["1h", "24h", "7d", "30d", "90d", "1y", "all"] = "30d"
    ) -> CacheStatistics:
        """How much of what was sent the providers read from their caches, and what that saved.

        `GET /stats/cache`
        """
        request = Request("GET", "/stats/cache", query={"period": period})
        return self._transport.json(CacheStatistics, request)

    def model_efficiency(
        self,
        *,
        period: Literal["1h", "24h", "7d", "30d", "90d", "1y", "all"] = "30d",
        provider: str | None = None,
        model: str | None = None,
        timezone: str | None = None,
    ) -> EfficiencyReport:
        """What each model gave for what it took: density, use of the context, cache, cost by part, trends, grades.

        `GET /stats/efficiency`
        """
        request = Request(
            "GET",
            "/stats/efficiency",
            query={"period": period, "provider": provider, "model": model, "timezone": timezone},
        )
        return self._transport.json(EfficiencyReport, request)

    def usage_timeseries(self, *, hours: int = 24, timezone: str | None = None) -> TimeSeries:
        """Costs, tokens, requests, sessions, errors and latency of each hour.

        `GET /stats/timeseries`
        """
        request = Request("GET", "/stats/timeseries", query={"hours": hours, "timezone": timezone})
        return self._transport.json(TimeSeries, request)

    def provider_capacity(self) -> CapacityReport:
        """What was used in the last minute against the providers' limits.

        `GET /stats/capacity`
        """
        request = Request("GET", "/stats/capacity")
        return self._transport.json(CapacityReport, request)

    def export_statistics(
        self,
        *,
        table: Literal["costs", "transactions", "turns"] = "costs",
        format: Literal["csv", "parquet", "arrow"] = "csv",
        period: Literal["1h", "24h", "7d", "30d", "90d", "1y", "all"] = "30d",
        start: datetime | None = None,
        end: datetime | None = None,
        by: str = "day,provider,model",
        timezone: str | None = None,
    ) -> bytes:
        """All rows as a file: CSV, Parquet, or a stream of Apache Arrow.

        Money is exact: decimal numbers in Parquet and Arrow. 409 `not_installed` for Parquet and Arrow without
        pyarrow.

        `GET /stats/export`
        """
        request = Request(
            "GET",
            "/stats/export",
            query={
                "table": table,
                "format": format,
                "period": period,
                "start": start,
                "end": end,
                "by": by,
                "timezone": timezone,
            },
        )
        return self._transport.download(request)

    def get_budgets(self, *, session_id: str | None = None) -> Budgets:
        """The caller's limits, the administrator's, and what is spent of each.

        With `session_id` also what that session and its running turn have spent; 404 where it is not the caller's.

        `GET /budgets`
        """
        request = Request("GET", "/budgets", query={"session_id": session_id})
        return self._transport.json(Budgets, request)

    def put_budgets(
        self, body: BudgetsPut | Mapping[str, Any] | None = None, *, items: list[BudgetLimit] | Unset = UNSET
    ) -> Budgets:
        """Sets the caller's own limits: all that are here, and no others. They hold from the next model request on.

        `PUT /budgets`
        """
        request = Request("PUT", "/budgets", body=json_body(BudgetsPut, body, {"items": items}))
        return self._transport.json(Budgets, request)


class Providers:
    """The operations of the room `providers`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_providers(self, *, limit: int = 100, offset: int = 0) -> Page[Provider]:
        """All providers, with their state and what to do about one that is not ready.

        The built-in ones come first, then the users' in the order in which they were made. Keys and the values of
        headers
        are `"***"`.

        `GET /providers`
        """
        request = Request("GET", "/providers", query={"limit": limit, "offset": offset})
        return self._transport.json(Page[Provider], request)

    def iter_providers(self) -> Iterator[Provider]:
        """All providers, with their state and what to do about one that is not ready.

        Gives one after another, over all pages.

        The built-in ones come first, then the users' in the order in which they were made. Keys and the values of
        headers
        are `"***"`.

        `GET /providers`
        """
        offset = 0
        while True:
            page = self.list_providers(limit=100, offset=offset)
            yield from page.items
            offset += len(page.items)
            if not page.items or offset >= page.total:
                return

    def create_provider(
        self,
        body: ProviderCreate | Mapping[str, Any] | None = None,
        *,
        kind: Literal["local", "openai", "openai_compatible", "anthropic", "google", "ollama"] | Unset = UNSET,
        name: str | Unset = UNSET,
        base_url: str | Unset | None = UNSET,
        api_key: str | Unset | None = UNSET,
        headers: dict[str, str] | Unset = UNSET,
        enabled: bool | Unset = UNSET,
        default_model: str | Unset | None = UNSET,
        models: list[str] | Unset = UNSET,
        prices: dict[str, ModelPrice] | Unset = UNSET,
        options: ProviderOptions | Unset = UNSET,
        id: str | Unset | None = UNSET,
    ) -> Provider:
        """A new provider.

        The key goes to the operating system's keyring where there is one, else to a file that only its owner can
        read.
        Errors: 409 where the id is there already.

        `POST /providers`
        """
        request = Request(
            "POST",
            "/providers",
            body=json_body(
                ProviderCreate,
                body,
                {
                    "kind": kind,
                    "name": name,
                    "base_url": base_url,
                    "api_key": api_key,
                    "headers": headers,
                    "enabled": enabled,
                    "default_model": default_model,
                    "models": models,
                    "prices": prices,
                    "options": options,
                    "id": id,
                },
            ),
        )
        return self._transport.json(Provider, request)

    def get_default_model(self) -> DefaultModel:
        """The provider and model of whoever names none.

        Where nobody chose: the first that is ready and has a key (Anthropic, OpenAI, Google, then the users' own),
        else the
        embedded model.

        `GET /providers/default`
        """
        request = Request("GET", "/providers/default")
        return self._transport.json(DefaultModel, request)

    def set_default_model(
        self,
        body: DefaultModel | Mapping[str, Any] | None = None,
        *,
        provider: str | Unset = UNSET,
        model: str | Unset | None = UNSET,
    ) -> DefaultModel:
        """Chooses the provider and model of whoever names none.

        Errors: 422 where there is no such provider.

        `PUT /providers/default`
        """
        request = Request(
            "PUT", "/providers/default", body=json_body(DefaultModel, body, {"provider": provider, "model": model})
        )
        return self._transport.json(DefaultModel, request)

    def list_credentials(self, *, limit: int = 100, offset: int = 0) -> Page[Credential]:
        """Which providers have a key, where it is from and where it is kept. Never the key itself.

        `GET /providers/credentials`
        """
        request = Request("GET", "/providers/credentials", query={"limit": limit, "offset": offset})
        return self._transport.json(Page[Credential], request)

    def iter_credentials(self) -> Iterator[Credential]:
        """Which providers have a key, where it is from and where it is kept. Never the key itself.

        Gives one after another, over all pages.

        `GET /providers/credentials`
        """
        offset = 0
        while True:
            page = self.list_credentials(limit=100, offset=offset)
            yield from page.items
            offset += len(page.items)
            if not page.items or offset >= page.total:
                return

    def verify_unsaved_provider(
        self,
        body: VerifyUnsaved | Mapping[str, Any] | None = None,
        *,
        kind: Literal["local", "openai", "openai_compatible", "anthropic", "google", "ollama"] | Unset = UNSET,
        name: str | Unset = UNSET,
        base_url: str | Unset | None = UNSET,
        api_key: str | Unset | None = UNSET,
        headers: dict[str, str] | Unset = UNSET,
        enabled: bool | Unset = UNSET,
        default_model: str | Unset | None = UNSET,
        models: list[str] | Unset = UNSET,
        prices: dict[str, ModelPrice] | Unset = UNSET,
        options: ProviderOptions | Unset = UNSET,
        provider_id: str | Unset | None = UNSET,
        model: str | Unset | None = UNSET,
        multimodal: bool | Unset = UNSET,
    ) -> VerifyResult:
        """Tries a provider before it is saved, with a real call. Nothing is stored.

        With `provider_id` and `"***"` the stored key is used, at the host that it was given for and no other. What
        goes
        wrong at the provider is in the result, not an error. Errors: 404 where `provider_id` names none.

        `POST /providers/verify`
        """
        request = Request(
            "POST",
            "/providers/verify",
            body=json_body(
                VerifyUnsaved,
                body,
                {
                    "kind": kind,
                    "name": name,
                    "base_url": base_url,
                    "api_key": api_key,
                    "headers": headers,
                    "enabled": enabled,
                    "default_model": default_model,
                    "models": models,
                    "prices": prices,
                    "options": options,
                    "provider_id": provider_id,
                    "model": model,
                    "multimodal": multimodal,
                },
            ),
        )
        return self._transport.json(VerifyResult, request)

    def list_breakers(self) -> Breakers:
        """Which providers are asked, which are left alone after failures and until when, and the settings that count.

        `GET /providers/breakers`
        """
        request = Request("GET", "/providers/breakers")
        return self._transport.json(Breakers, request)

    def list_provider_quotas(self) -> ProviderQuotas:
        """What each provider allows, as the headers of its answers said last or its options say, and what was used.

        `GET /providers/quota`
        """
        request = Request("GET", "/providers/quota")
        return self._transport.json(ProviderQuotas, request)

    def get_provider(self, provider_id: str) -> Provider:
        """One provider. Errors: 404.

        `GET /providers/{provider_id}`
        """
        request = Request("GET", f"/providers/{quote(provider_id, safe='')}")
        return self._transport.json(Provider, request)

    def update_provider(
        self,
        provider_id: str,
        body: ProviderWrite | Mapping[str, Any] | None = None,
        *,
        kind: Literal["local", "openai", "openai_compatible", "anthropic", "google", "ollama"] | Unset = UNSET,
        name: str | Unset = UNSET,
        base_url: str | Unset | None = UNSET,
        api_key: str | Unset | None = UNSET,
        headers: dict[str, str] | Unset = UNSET,
        enabled: bool | Unset = UNSET,
        default_model: str | Unset | None = UNSET,
        models: list[str] | Unset = UNSET,
        prices: dict[str, ModelPrice] | Unset = UNSET,
        options: ProviderOptions | Unset = UNSET,
    ) -> Provider:
        """Replaces a provider's configuration.

        `"***"` as key or as a header's value keeps what is stored, and so does null as key. With another host in
        `base_url`
        they must be given again. Errors: 404.

        `PUT /providers/{provider_id}`
        """
        request = Request(
            "PUT",
            f"/providers/{quote(provider_id, safe='')}",
            body=json_body(
                ProviderWrite,
                body,
                {
                    "kind": kind,
                    "name": name,
                    "base_url": base_url,
                    "api_key": api_key,
                    "headers": headers,
                    "enabled": enabled,
                    "default_model": default_model,
                    "models": models,
                    "prices": prices,
                    "options": options,
                },
            ),
        )
        return self._transport.json(Provider, request)

    def delete_provider(self, provider_id: str) -> Deleted:
        """Forgets a provider and its key. Errors: 404, 409 for a built-in one.

        `DELETE /providers/{provider_id}`
        """
        request = Request("DELETE", f"/providers/{quote(provider_id, safe='')}")
        return self._transport.json(Deleted, request)

    def set_provider_key(
        self, provider_id: str, body: ProviderKey | Mapping[str, Any] | None = None, *, api_key: str | Unset = UNSET
    ) -> Provider:
        """Stores a provider's key in place of the one there is. Errors: 404, 409 where none is needed.

        `PUT /providers/{provider_id}/key`
        """
        request = Request(
            "PUT",
            f"/providers/{quote(provider_id, safe='')}/key",
            body=json_body(ProviderKey, body, {"api_key": api_key}),
        )
        return self._transport.json(Provider, request)

    def remove_provider_key(self, provider_id: str) -> Provider:
        """Forgets a provider's stored key.

        Errors: 404 where there is none, 409 where the key is in an environment variable.

        `DELETE /providers/{provider_id}/key`
        """
        request = Request("DELETE", f"/providers/{quote(provider_id, safe='')}/key")
        return self._transport.json(Provider, request)

    def verify_provider(
        self,
        provider_id: str,
        body: Verify | Mapping[str, Any] | None = None,
        *,
        model: str | Unset | None = UNSET,
        multimodal: bool | Unset = UNSET,
    ) -> VerifyResult:
        """Tries a provider with a real call, and with `multimodal` with a picture as well: the model has to say its
        colour.

        What goes wrong at the provider is in the result, not an error. Errors: 404.

        `POST /providers/{provider_id}/verify`
        """
        request = Request(
            "POST",
            f"/providers/{quote(provider_id, safe='')}/verify",
            body=json_body(Verify, body, {"model": model, "multimodal": multimodal}),
        )
        return self._transport.json(VerifyResult, request)

    def get_provider_quota(self, provider_id: str) -> ProviderQuota:
        """What a provider allows, and what was used of it. Errors: 404.

        `GET /providers/{provider_id}/quota`
        """
        request = Request("GET", f"/providers/{quote(provider_id, safe='')}/quota")
        return self._transport.json(ProviderQuota, request)

    def reset_breaker(self, provider_id: str) -> Breaker:
        """Closes a provider's breaker, whatever opened it, in every server on the database. Errors: 404.

        `POST /providers/{provider_id}/breaker/reset`
        """
        request = Request("POST", f"/providers/{quote(provider_id, safe='')}/breaker/reset")
        return self._transport.json(Breaker, request)

    def open_breaker(
        self, provider_id: str, body: BreakerOpening | Mapping[str, Any] | None = None, *, reason: str | Unset = UNSET
    ) -> Breaker:
        """Opens a provider's breaker: it is not asked until the breaker is reset, also after a restart. Errors: 404.

        `POST /providers/{provider_id}/breaker/open`
        """
        request = Request(
            "POST",
            f"/providers/{quote(provider_id, safe='')}/breaker/open",
            body=json_body(BreakerOpening, body, {"reason": reason}),
        )
        return self._transport.json(Breaker, request)

    def list_models(self, *, q: str | None = None, provider: str | None = None) -> ModelList:
        """The models of all providers that are enabled, or of one.

        `q`: text in the model's or the provider's name. A provider that cannot be asked leaves the models that the
        user
        named, and `error` says why. Errors: 404 where there is no such provider.

        `GET /models`
        """
        request = Request("GET", "/models", query={"q": q, "provider": provider})
        return self._transport.json(ModelList, request)

    def list_provider_models(self, provider_id: str, *, refresh: bool = False) -> ModelList:
        """The models of one provider, from the cache where it is fresh; `refresh` asks anew. Errors: 404.

        `GET /providers/{provider_id}/models`
        """
        request = Request("GET", f"/providers/{quote(provider_id, safe='')}/models", query={"refresh": refresh})
        return self._transport.json(ModelList, request)

    def clear_provider_models(self, provider_id: str) -> CacheCleared:
        """Forgets the cached list of a provider's models. Errors: 404.

        `DELETE /providers/{provider_id}/models/cache`
        """
        request = Request("DELETE", f"/providers/{quote(provider_id, safe='')}/models/cache")
        return self._transport.json(CacheCleared, request)


class System:
    """The operations of the room `system`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get_health(self) -> Health:
        """Whether the server works.

        For load balancers and probes; needs no authentication. `degraded` where the storage cannot be written.

        `GET /health`
        """
        request = Request("GET", "/health")
        return self._transport.json(Health, request)

    def get_status(self) -> Status:
        """How the server is, what runs, and the readiness list.

        Sessions and turns are the caller's own. Nothing here goes over the network.

        `GET /status`
        """
        request = Request("GET", "/status")
        return self._transport.json(Status, request)

    def get_info(self) -> Info:
        """What a front end needs to start.

        `GET /info`
        """
        request = Request("GET", "/info")
        return self._transport.json(Info, request)

    def get_system(self) -> SystemInfo:
        """The machine that the server runs on: system, architecture, Python, shell, rights.

        `GET /system`
        """
        request = Request("GET", "/system")
        return self._transport.json(SystemInfo, request)

    def get_metrics(self) -> SystemMetrics:
        """CPU, memory, disk and network at this moment.

        The CPUs are watched for a tenth of a second.

        `GET /system/metrics`
        """
        request = Request("GET", "/system/metrics")
        return self._transport.json(SystemMetrics, request)

    def get_config(self) -> Config:
        """Every setting: its value, where it comes from, whether it can be changed.

        Secrets read `"***"`.

        `GET /config`
        """
        request = Request("GET", "/config")
        return self._transport.json(Config, request)

    def update_config(
        self,
        body: ConfigPatch | Mapping[str, Any] | None = None,
        *,
        values: dict[str, Any] | Unset = UNSET,
        version: int | Unset | None = UNSET,
    ) -> Config:
        """Changes settings: all of them, or none where one is not valid.

        A live setting counts for the next request; `restart_required` names those that wait for the server's next
        start.
        `"***"` for a secret keeps what is stored. Errors: 422 for an unknown name or a bad value, with its path;
        409 for a
        setting that cannot be changed here, and where `version` is not the current one.

        `PATCH /config`
        """
        request = Request("PATCH", "/config", body=json_body(ConfigPatch, body, {"values": values, "version": version}))
        return self._transport.json(Config, request)

    def reset_config(
        self, body: ConfigReset | Mapping[str, Any] | None = None, *, names: list[str] | Unset | None = UNSET
    ) -> Config:
        """Takes back what was set through this API, for some names or all.

        The settings go back to the administrator's value, or the default. Errors: 422 for an unknown name.

        `POST /config/reset`
        """
        request = Request("POST", "/config/reset", body=json_body(ConfigReset, body, {"names": names}))
        return self._transport.json(Config, request)

    def get_config_schema(self) -> ConfigSchema:
        """JSON Schema of the settings, with help, limits and defaults.

        `GET /config/schema`
        """
        request = Request("GET", "/config/schema")
        return self._transport.json(ConfigSchema, request)

    def get_config_status(self) -> ConfigStatus:
        """What became of the changes: which count, which wait for a restart, which are ignored and why.

        `GET /config/status`
        """
        request = Request("GET", "/config/status")
        return self._transport.json(ConfigStatus, request)

    def get_config_capabilities(self) -> ConfigCapabilities:
        """Which settings and sections can be changed here, and when a change counts.

        `GET /config/capabilities`
        """
        request = Request("GET", "/config/capabilities")
        return self._transport.json(ConfigCapabilities, request)

    def list_logs(
        self,
        *,
        level: Literal["debug", "info", "warning", "error", "critical"] = "debug",
        logger: str | None = None,
        q: str | None = None,
        since: str | None = None,
        session_id: str | None = None,
        turn_id: str | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> Page[LogRecord]:
        """The server's log, newest first, without secrets.

        `level` is the least one; `logger` names a logger and all below it; `q` is text in the message; `since` is a
        moment
        (ISO 8601) or a duration such as `30m`, `1h`, `7d`. Holds the newest `logs.keep_records` records since the
        server
        started.

        `GET /logs`
        """
        request = Request(
            "GET",
            "/logs",
            query={
                "level": level,
                "logger": logger,
                "q": q,
                "since": since,
                "session_id": session_id,
                "turn_id": turn_id,
                "limit": limit,
                "offset": offset,
            },
        )
        return self._transport.json(Page[LogRecord], request)

    def iter_logs(
        self,
        *,
        level: Literal["debug", "info", "warning", "error", "critical"] = "debug",
        logger: str | None = None,
        q: str | None = None,
        since: str | None = None,
        session_id: str | None = None,
        turn_id: str | None = None,
    ) -> Iterator[LogRecord]:
        """The server's log, newest first, without secrets.

        Gives one after another, over all pages.

        `level` is the least one; `logger` names a logger and all below it; `q` is text in the message; `since` is a
        moment
        (ISO 8601) or a duration such as `30m`, `1h`, `7d`. Holds the newest `logs.keep_records` records since the
        server
        started.

        `GET /logs`
        """
        offset = 0
        while True:
            page = self.list_logs(
                level=level,
                logger=logger,
                q=q,
                since=since,
                session_id=session_id,
                turn_id=turn_id,
                limit=100,
                offset=offset,
            )
            yield from page.items
            offset += len(page.items)
            if not page.items or offset >= page.total:
                return

    def stream_logs(
        self,
        *,
        level: Literal["debug", "info", "warning", "error", "critical"] = "debug",
        logger: str | None = None,
        q: str | None = None,
        session_id: str | None = None,
        turn_id: str | None = None,
        after: int | None = None,
    ) -> Iterator[LogRecord | LogGap]:
        """The server's log as it is written: events `log`, each with a record as in `GET /logs` and its id.

        Gives its events as they come, and goes on by itself after a cut.

        With `Last-Event-ID` or `?after=` first the records kept since that id. An event `gap` says how many records
        a
        reader was too slow for.

        `GET /logs/stream`
        """
        request = Request(
            "GET",
            "/logs/stream",
            query={
                "level": level,
                "logger": logger,
                "q": q,
                "session_id": session_id,
                "turn_id": turn_id,
                "after": after,
            },
        )
        return self._transport.events({"log": LogRecord, "gap": LogGap}, request)


class Rooms:
    """Every room of the API, as attributes."""

    def __init__(self, transport: Transport) -> None:
        self.sessions = Sessions(transport)
        self.turns = Turns(transport)
        self.tools = Tools(transport)
        self.completions = Completions(transport)
        self.observatory = Observatory(transport)
        self.providers = Providers(transport)
        self.system = System(transport)


class AsyncSessions:
    """The operations of the room `sessions`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def create_session(
        self,
        body: SessionCreate | Mapping[str, Any] | None = None,
        *,
        title: str | Unset | None = UNSET,
        channel: str | Unset = UNSET,
        agent: str | Unset | None = UNSET,
        project: str | Unset | None = UNSET,
        notebook: str | Unset | None = UNSET,
        provider: str | Unset | None = UNSET,
        model: str | Unset | None = UNSET,
        mode: Literal["read_only", "ask", "auto_edit", "auto"] | Unset | None = UNSET,
        metadata: dict[str, Any] | Unset = UNSET,
    ) -> Session:
        """A new session of the caller's.

        `POST /sessions`
        """
        request = Request(
            "POST",
            "/sessions",
            body=json_body(
                SessionCreate,
                body,
                {
                    "title": title,
                    "channel": channel,
                    "agent": agent,
                    "project": project,
                    "notebook": notebook,
                    "provider": provider,
                    "model": model,
                    "mode": mode,
                    "metadata": metadata,
                },
            ),
        )
        return await self._transport.json(Session, request)

    async def list_sessions(
        self,
        *,
        status: list[str] | None = None,
        channel: str | None = None,
        agent: str | None = None,
        project: str | None = None,
        notebook: str | None = None,
        q: str | None = None,
        latest: bool = False,
        sort: Literal[
            "last_activity_at",
            "-last_activity_at",
            "created_at",
            "-created_at",
            "title",
            "-title",
            "message_count",
            "-message_count",
            "cost",
            "-cost",
        ] = "-last_activity_at",
        limit: int = 50,
        offset: int = 0,
    ) -> Page[Session]:
        """The caller's sessions.

        `status`: active, idle, archived, terminated; several repeated or with commas between. Without it archived
        and
        terminated sessions are left out. `q` looks through titles and content. With `latest` each conversation is
        there
        once: of its versions that match, the one with the newest activity. `sort`: a field, with `-` before it for
        descending; unknown costs stand last.

        `GET /sessions`
        """
        request = Request(
            "GET",
            "/sessions",
            query={
                "status": status,
                "channel": channel,
                "agent": agent,
                "project": project,
                "notebook": notebook,
                "q": q,
                "latest": latest,
                "sort": sort,
                "limit": limit,
                "offset": offset,
            },
        )
        return await self._transport.json(Page[Session], request)

    async def iter_sessions(
        self,
        *,
        status: list[str] | None = None,
        channel: str | None = None,
        agent: str | None = None,
        project: str | None = None,
        notebook: str | None = None,
        q: str | None = None,
        latest: bool = False,
        sort: Literal[
            "last_activity_at",
            "-last_activity_at",
            "created_at",
            "-created_at",
            "title",
            "-title",
            "message_count",
            "-message_count",
            "cost",
            "-cost",
        ] = "-last_activity_at",
    ) -> AsyncIterator[Session]:
        """The caller's sessions.

        Gives one after another, over all pages.

        `status`: active, idle, archived, terminated; several repeated or with commas between. Without it archived
        and
        terminated sessions are left out. `q` looks through titles and content. With `latest` each conversation is
        there
        once: of its versions that match, the one with the newest activity. `sort`: a field, with `-` before it for
        descending; unknown costs stand last.

        `GET /sessions`
        """
        offset = 0
        while True:
            page = await self.list_sessions(
                status=status,
                channel=channel,
                agent=agent,
                project=project,
                notebook=notebook,
                q=q,
                latest=latest,
                sort=sort,
                limit=100,
                offset=offset,
            )
            for item in page.items:
                yield item
            offset += len(page.items)
            if not page.items or offset >= page.total:
                return

    async def title_sessions(
        self,
        body: Titles | Mapping[str, Any] | None = None,
        *,
        session_ids: list[str] | Unset | None = UNSET,
        limit: int | Unset = UNSET,
    ) -> TitlesResult:
        """Titles by the model, for the sessions named or all that have none.

        A session that fails is listed with its reason and stops no other. A title that a person gave is never
        replaced.

        `POST /sessions/titles`
        """
        request = Request(
            "POST", "/sessions/titles", body=json_body(Titles, body, {"session_ids": session_ids, "limit": limit})
        )
        return await self._transport.json(TitlesResult, request)

    async def import_session(
        self,
        body: SessionExport | Mapping[str, Any] | None = None,
        *,
        format: Literal["jupyter-agent-session"] | Unset = UNSET,
        version: Literal[1] | Unset = UNSET,
        session: ExportedSession | Unset = UNSET,
        messages: list[ExportedMessage] | Unset = UNSET,
        blobs: dict[str, ExportedBlob] | Unset = UNSET,
    ) -> Session:
        """A new session from a file that `GET /sessions/{session_id}/export` gave.

        Ids in the file name things within the file only; owner, costs and shares are never taken over.

        `POST /sessions/import`
        """
        request = Request(
            "POST",
            "/sessions/import",
            body=json_body(
                SessionExport,
                body,
                {"format": format, "version": version, "session": session, "messages": messages, "blobs": blobs},
            ),
        )
        return await self._transport.json(Session, request)

    async def get_session(self, session_id: str) -> Session:
        """One session. Errors: 404, also for somebody else's.

        `GET /sessions/{session_id}`
        """
        request = Request("GET", f"/sessions/{quote(session_id, safe='')}")
        return await self._transport.json(Session, request)

    async def update_session(
        self,
        session_id: str,
        body: SessionPatch | Mapping[str, Any] | None = None,
        *,
        title: str | Unset | None = UNSET,
        archived: bool | Unset | None = UNSET,
        project: str | Unset | None = UNSET,
        notebook: str | Unset | None = UNSET,
        provider: str | Unset | None = UNSET,
        model: str | Unset | None = UNSET,
        mode: Literal["read_only", "ask", "auto_edit", "auto"] | Unset | None = UNSET,
        metadata: dict[str, Any] | Unset | None = UNSET,
    ) -> Session:
        """Changes the fields that are sent: title, archived, project, notebook, provider, model, metadata.

        `title` and `archived` change for all versions of the conversation, the others for this session alone.
        Errors: 409 for a terminated session.

        `PATCH /sessions/{session_id}`
        """
        request = Request(
            "PATCH",
            f"/sessions/{quote(session_id, safe='')}",
            body=json_body(
                SessionPatch,
                body,
                {
                    "title": title,
                    "archived": archived,
                    "project": project,
                    "notebook": notebook,
                    "provider": provider,
                    "model": model,
                    "mode": mode,
                    "metadata": metadata,
                },
            ),
        )
        return await self._transport.json(Session, request)

    async def delete_session(self, session_id: str, *, purge: bool = False, versions: bool = False) -> Terminated:
        """Terminates the session: it can still be read, nothing can be added. With `purge` it is forgotten.

        With `versions` so it goes for all versions of the conversation. A running turn is interrupted first. What
        the
        session cost stays in the ledger. Errors: 409 for a session that is terminated already.

        `DELETE /sessions/{session_id}`
        """
        request = Request(
            "DELETE", f"/sessions/{quote(session_id, safe='')}", query={"purge": purge, "versions": versions}
        )
        return await self._transport.json(Terminated, request)

    async def list_messages(
        self,
        session_id: str,
        *,
        order: Literal["asc", "desc"] = "asc",
        after_seq: int | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> Page[Message]:
        """The session's messages with the tokens each used, oldest first; `after_seq` gives those after that place.

        `GET /sessions/{session_id}/messages`
        """
        request = Request(
            "GET",
            f"/sessions/{quote(session_id, safe='')}/messages",
            query={"order": order, "after_seq": after_seq, "limit": limit, "offset": offset},
        )
        return await self._transport.json(Page[Message], request)

    async def iter_messages(
        self, session_id: str, *, order: Literal["asc", "desc"] = "asc", after_seq: int | None = None
    ) -> AsyncIterator[Message]:
        """The session's messages with the tokens each used, oldest first; `after_seq` gives those after that place.

        Gives one after another, over all pages.

        `GET /sessions/{session_id}/messages`
        """
        offset = 0
        while True:
            page = await self.list_messages(session_id, order=order, after_seq=after_seq, limit=100, offset=offset)
            for item in page.items:
                yield item
            offset += len(page.items)
            if not page.items or offset >= page.total:
                return

    async def append_message(
        self,
        session_id: str,
        body: MessageAppend | Mapping[str, Any] | None = None,
        *,
        role: Literal["user", "assistant", "system"] | Unset = UNSET,
        text: str | Unset = UNSET,
        parts: list[TextPart | ImagePart | ContextPart] | Unset = UNSET,
    ) -> Message:
        """Puts a message into the history without running the agent.

        Pictures: 3 at the most, 10 MB each. Errors: 409 for a terminated session.

        `POST /sessions/{session_id}/messages`
        """
        request = Request(
            "POST",
            f"/sessions/{quote(session_id, safe='')}/messages",
            body=json_body(MessageAppend, body, {"role": role, "text": text, "parts": parts}),
        )
        return await self._transport.json(Message, request)

    async def clear_session(self, session_id: str) -> Cleared:
        """Deletes the session's messages, attachments and what its turns' logs hold; the session and its costs stay.

        Other versions of the conversation keep theirs: what is emptied is the version that is named.
        Errors: 409 while a turn runs.

        `POST /sessions/{session_id}/clear`
        """
        request = Request("POST", f"/sessions/{quote(session_id, safe='')}/clear")
        return await self._transport.json(Cleared, request)

    async def summarize_session(
        self,
        session_id: str,
        body: Summarize | Mapping[str, Any] | None = None,
        *,
        keep_last: int | Unset = UNSET,
        instructions: str | Unset | None = UNSET,
        provider: str | Unset | None = UNSET,
        model: str | Unset | None = UNSET,
    ) -> Summary:
        """Lets a summary by the model stand for the older messages in what the model reads; the history keeps them.

        Errors: 409 while a turn runs, or where there is nothing to summarize.

        `POST /sessions/{session_id}/summarize`
        """
        request = Request(
            "POST",
            f"/sessions/{quote(session_id, safe='')}/summarize",
            body=json_body(
                Summarize,
                body,
                {"keep_last": keep_last, "instructions": instructions, "provider": provider, "model": model},
            ),
        )
        return await self._transport.json(Summary, request)

    async def branch_session(
        self,
        session_id: str,
        body: Branch | Mapping[str, Any] | None = None,
        *,
        turn_id: str | Unset | None = UNSET,
        message_id: str | Unset | None = UNSET,
        title: str | Unset | None = UNSET,
    ) -> Session:
        """A new conversation that begins with copies of this one's messages, up to a turn or a message.

        The copies belong to no turn. Errors: 409 where the turn still runs.

        `POST /sessions/{session_id}/branch`
        """
        request = Request(
            "POST",
            f"/sessions/{quote(session_id, safe='')}/branch",
            body=json_body(Branch, body, {"turn_id": turn_id, "message_id": message_id, "title": title}),
        )
        return await self._transport.json(Session, request)

    async def share_session(self, session_id: str) -> Share:
        """Lets everybody who is let into the server and knows the token read the session. Asked again, the same share.

        `POST /sessions/{session_id}/share`
        """
        request = Request("POST", f"/sessions/{quote(session_id, safe='')}/share")
        return await self._transport.json(Share, request)

    async def unshare_session(self, session_id: str) -> None:
        """Takes the share back; its token opens nothing any more. Errors: 404 where nothing is shared.

        `DELETE /sessions/{session_id}/share`
        """
        request = Request("DELETE", f"/sessions/{quote(session_id, safe='')}/share")
        await self._transport.send(request)

    async def export_session(self, session_id: str, *, format: Literal["json", "md", "ipynb"] = "json") -> bytes:
        """The session as a file: `json` to import again, `md` to read, `ipynb` with its Python blocks as cells.

        `GET /sessions/{session_id}/export`
        """
        request = Request("GET", f"/sessions/{quote(session_id, safe='')}/export", query={"format": format})
        return await self._transport.download(request)

    async def get_shared_session(self, token: str, *, limit: int = 100, offset: int = 0) -> SharedSession:
        """A shared session, read-only, for whoever is let into the server; its messages oldest first.

        `GET /shared/{token}`
        """
        request = Request("GET", f"/shared/{quote(token, safe='')}", query={"limit": limit, "offset": offset})
        return await self._transport.json(SharedSession, request)

    async def get_shared_blob(self, token: str, blob_id: str) -> bytes:
        """A picture of a shared session.

        `GET /shared/{token}/blobs/{blob_id}`
        """
        request = Request("GET", f"/shared/{quote(token, safe='')}/blobs/{quote(blob_id, safe='')}")
        return await self._transport.download(request)

    async def search_sessions(
        self,
        *,
        q: str | None = None,
        session_id: str | None = None,
        kind: Literal["title", "message", "tool_result"] | None = None,
        limit: int = 20,
        offset: int = 0,
    ) -> SearchPage:
        """Full-text search over titles, messages and tool results of the caller's sessions, terminated ones left out.

        All words must be there, the last one may be the beginning of a word, "words in quotes" must stand together;
        case
        and diacritics do not matter. Errors: 400 without `q`.

        `GET /search`
        """
        request = Request(
            "GET", "/search", query={"q": q, "session_id": session_id, "kind": kind, "limit": limit, "offset": offset}
        )
        return await self._transport.json(SearchPage, request)

    async def iter_search_sessions(
        self,
        *,
        q: str | None = None,
        session_id: str | None = None,
        kind: Literal["title", "message", "tool_result"] | None = None,
    ) -> AsyncIterator[SearchHit]:
        """Full-text search over titles, messages and tool results of the caller's sessions, terminated ones left out.

        Gives one after another, over all pages.

        All words must be there, the last one may be the beginning of a word, "words in quotes" must stand together;
        case
        and diacritics do not matter. Errors: 400 without `q`.

        `GET /search`
        """
        offset = 0
        while True:
            page = await self.search_sessions(q=q, session_id=session_id, kind=kind, limit=100, offset=offset)
            for item in page.items:
                yield item
            offset += len(page.items)
            if not page.items or offset >= page.total:
                return

    async def upload_blob(
        self,
        body: BlobUpload | Mapping[str, Any] | None = None,
        *,
        media_type: Literal["image/png", "image/jpeg", "image/gif", "image/webp"] | Unset = UNSET,
        data: str | Unset = UNSET,
        name: str | Unset | None = UNSET,
    ) -> BlobInfo:
        """Keeps a picture before its message is written: the message's image part names it by `blob_id`.

        10 MB at the most; the bytes must be what `media_type` says. One that no message takes within a day is
        removed.
        Errors: 413, 422.

        `POST /blobs`
        """
        request = Request(
            "POST", "/blobs", body=json_body(BlobUpload, body, {"media_type": media_type, "data": data, "name": name})
        )
        return await self._transport.json(BlobInfo, request)

    async def get_blob(self, blob_id: str) -> bytes:
        """An attached picture or file. Pictures may be shown; everything else is a download.

        `GET /blobs/{blob_id}`
        """
        request = Request("GET", f"/blobs/{quote(blob_id, safe='')}")
        return await self._transport.download(request)


class AsyncTurns:
    """The operations of the room `turns`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def start_turn(
        self,
        session_id: str,
        body: TurnStart | Mapping[str, Any] | None = None,
        *,
        wait: bool = False,
        message: str | Unset = UNSET,
        parts: list[TextPart | ImagePart | ContextPart] | Unset = UNSET,
        agent: str | Unset | None = UNSET,
        provider: str | Unset | None = UNSET,
        model: str | Unset | None = UNSET,
        tools: list[str] | Unset | None = UNSET,
        mode: Literal["read_only", "ask", "auto_edit", "auto"] | Unset | None = UNSET,
        client_tools: list[ClientTool] | Unset = UNSET,
        notebook: str | Unset | None = UNSET,
        waiting_kernel: str | Unset | None = UNSET,
        system_prefix: str | Unset | None = UNSET,
        max_steps: int | Unset | None = UNSET,
        thinking: Literal["minimal", "low", "medium", "high", "off"] | Unset | None = UNSET,
        reflection: bool | Unset = UNSET,
        context_budget: int | Unset | None = UNSET,
        budget: str | Unset | None = UNSET,
        timeout_seconds: float | Unset | None = UNSET,
        settings: ModelSettings | Unset | None = UNSET,
        metadata: dict[str, Any] | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> Turn:
        """Starts a turn.

        Answers 202 with the turn at once; with `wait=true` 200 when it has ended; with `Accept: text/event-stream`
        its
        events as they come. The turn goes on whether or not anybody listens. An `Idempotency-Key` header makes a
        repeated
        request give the first one's turn. 409 while another turn runs in the session.

        `POST /sessions/{session_id}/turns`
        """
        request = Request(
            "POST",
            f"/sessions/{quote(session_id, safe='')}/turns",
            query={"wait": wait},
            body=json_body(
                TurnStart,
                body,
                {
                    "message": message,
                    "parts": parts,
                    "agent": agent,
                    "provider": provider,
                    "model": model,
                    "tools": tools,
                    "mode": mode,
                    "client_tools": client_tools,
                    "notebook": notebook,
                    "waiting_kernel": waiting_kernel,
                    "system_prefix": system_prefix,
                    "max_steps": max_steps,
                    "thinking": thinking,
                    "reflection": reflection,
                    "context_budget": context_budget,
                    "budget": budget,
                    "timeout_seconds": timeout_seconds,
                    "settings": settings,
                    "metadata": metadata,
                },
            ),
            idempotency_key=idempotency_key or new_key(),
            unbounded=wait,
        )
        return await self._transport.json(Turn, request)

    def start_turn_events(
        self,
        session_id: str,
        body: TurnStart | Mapping[str, Any] | None = None,
        *,
        message: str | Unset = UNSET,
        parts: list[TextPart | ImagePart | ContextPart] | Unset = UNSET,
        agent: str | Unset | None = UNSET,
        provider: str | Unset | None = UNSET,
        model: str | Unset | None = UNSET,
        tools: list[str] | Unset | None = UNSET,
        mode: Literal["read_only", "ask", "auto_edit", "auto"] | Unset | None = UNSET,
        client_tools: list[ClientTool] | Unset = UNSET,
        notebook: str | Unset | None = UNSET,
        waiting_kernel: str | Unset | None = UNSET,
        system_prefix: str | Unset | None = UNSET,
        max_steps: int | Unset | None = UNSET,
        thinking: Literal["minimal", "low", "medium", "high", "off"] | Unset | None = UNSET,
        reflection: bool | Unset = UNSET,
        context_budget: int | Unset | None = UNSET,
        budget: str | Unset | None = UNSET,
        timeout_seconds: float | Unset | None = UNSET,
        settings: ModelSettings | Unset | None = UNSET,
        metadata: dict[str, Any] | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> AsyncIterator[TurnEvent]:
        """Starts a turn.

        Gives its events as they come, and goes on by itself after a cut.

        Answers 202 with the turn at once; with `wait=true` 200 when it has ended; with `Accept: text/event-stream`
        its
        events as they come. The turn goes on whether or not anybody listens. An `Idempotency-Key` header makes a
        repeated
        request give the first one's turn. 409 while another turn runs in the session.

        `POST /sessions/{session_id}/turns`
        """
        request = Request(
            "POST",
            f"/sessions/{quote(session_id, safe='')}/turns",
            body=json_body(
                TurnStart,
                body,
                {
                    "message": message,
                    "parts": parts,
                    "agent": agent,
                    "provider": provider,
                    "model": model,
                    "tools": tools,
                    "mode": mode,
                    "client_tools": client_tools,
                    "notebook": notebook,
                    "waiting_kernel": waiting_kernel,
                    "system_prefix": system_prefix,
                    "max_steps": max_steps,
                    "thinking": thinking,
                    "reflection": reflection,
                    "context_budget": context_budget,
                    "budget": budget,
                    "timeout_seconds": timeout_seconds,
                    "settings": settings,
                    "metadata": metadata,
                },
            ),
            idempotency_key=idempotency_key or new_key(),
        )
        return self._transport.turn_events(request)

    async def list_turns(self, session_id: str, *, limit: int = 50, offset: int = 0) -> Page[Turn]:
        """The turns of a session, oldest first.

        `GET /sessions/{session_id}/turns`
        """
        request = Request(
            "GET", f"/sessions/{quote(session_id, safe='')}/turns", query={"limit": limit, "offset": offset}
        )
        return await self._transport.json(Page[Turn], request)

    async def iter_turns(self, session_id: str) -> AsyncIterator[Turn]:
        """The turns of a session, oldest first.

        Gives one after another, over all pages.

        `GET /sessions/{session_id}/turns`
        """
        offset = 0
        while True:
            page = await self.list_turns(session_id, limit=100, offset=offset)
            for item in page.items:
                yield item
            offset += len(page.items)
            if not page.items or offset >= page.total:
                return

    async def active_turns(self) -> ActiveTurns:
        """The caller's running turns.

        With `Accept: text/event-stream` an endless stream: `snapshot` first, then `turn_started`, `turn_updated`
        and
        `turn_finished`.

        `GET /turns/active`
        """
        request = Request("GET", "/turns/active")
        return await self._transport.json(ActiveTurns, request)

    def stream_active_turns(self) -> AsyncIterator[ActiveTurns | Turn]:
        """The caller's running turns.

        Gives its events as they come, and goes on by itself after a cut.

        With `Accept: text/event-stream` an endless stream: `snapshot` first, then `turn_started`, `turn_updated`
        and
        `turn_finished`.

        `GET /turns/active`
        """
        request = Request("GET", "/turns/active")
        return self._transport.events({"snapshot": ActiveTurns, "turn_started": Turn, "turn_finished": Turn}, request)

    async def get_turn(self, turn_id: str) -> Turn:
        """One turn: its state, why it ended, what it used, its answer.

        `GET /turns/{turn_id}`
        """
        request = Request("GET", f"/turns/{quote(turn_id, safe='')}")
        return await self._transport.json(Turn, request)

    def stream_turn_events(self, turn_id: str, *, after: int | None = None) -> AsyncIterator[TurnEvent]:
        """The events of a turn, from the first one or from behind an index; goes on live and ends with
        `turn_finished`.

        Gives its events as they come, and goes on by itself after a cut.

        `Last-Event-ID`, or `after`, is the index of the last event that was seen. docs/events.md tells the events.

        `GET /turns/{turn_id}/events`
        """
        request = Request("GET", f"/turns/{quote(turn_id, safe='')}/events", query={"after": after})
        return self._transport.turn_events(request)

    async def interrupt_turn(
        self, turn_id: str, body: Interrupt | Mapping[str, Any] | None = None, *, message: str | Unset | None = UNSET
    ) -> Turn:
        """Stops a running turn; what it has said stays. 409 where it has ended.

        `POST /turns/{turn_id}/interrupt`
        """
        request = Request(
            "POST", f"/turns/{quote(turn_id, safe='')}/interrupt", body=json_body(Interrupt, body, {"message": message})
        )
        return await self._transport.json(Turn, request)

    async def guide_turn(
        self, turn_id: str, body: Guidance | Mapping[str, Any] | None = None, *, message: str | Unset = UNSET
    ) -> GuidanceAccepted:
        """Says something to a running turn: the model reads it before its next step. 409 where it has made its last.

        `POST /turns/{turn_id}/guidance`
        """
        request = Request(
            "POST", f"/turns/{quote(turn_id, safe='')}/guidance", body=json_body(Guidance, body, {"message": message})
        )
        return await self._transport.json(GuidanceAccepted, request)

    async def retry_turn(
        self,
        turn_id: str,
        body: Retry | Mapping[str, Any] | None = None,
        *,
        message: str | Unset | None = UNSET,
        parts: list[TextPart | ImagePart | ContextPart] | Unset | None = UNSET,
        provider: str | Unset | None = UNSET,
        model: str | Unset | None = UNSET,
        idempotency_key: str | None = None,
    ) -> Turn:
        """The same input again, changed or not, in a new version of the conversation that ends before the turn.

        As `resend_message` does for the turn's message. Errors: 409 while the turn runs, or where its messages were
        cleared.

        `POST /turns/{turn_id}/retry`
        """
        request = Request(
            "POST",
            f"/turns/{quote(turn_id, safe='')}/retry",
            body=json_body(Retry, body, {"message": message, "parts": parts, "provider": provider, "model": model}),
            idempotency_key=idempotency_key or new_key(),
        )
        return await self._transport.json(Turn, request)

    async def resend_message(
        self,
        session_id: str,
        message_id: str,
        body: Resend | Mapping[str, Any] | None = None,
        *,
        message: str | Unset | None = UNSET,
        parts: list[TextPart | ImagePart | ContextPart] | Unset | None = UNSET,
        provider: str | Unset | None = UNSET,
        model: str | Unset | None = UNSET,
        idempotency_key: str | None = None,
    ) -> Turn:
        """What the user said again, changed or not, in a new version of the conversation that ends before it.

        The turn's `session_id` is the new version; the message's `versions` name all of them. Works for every
        message of
        the user's, also one that a branch copied. What the body leaves out stays as it was: text, pictures and
        context,
        provider and model, and how the first turn was started. Errors: 409 for a message that is not the user's, or
        while
        its turn runs.

        `POST /sessions/{session_id}/messages/{message_id}/resend`
        """
        request = Request(
            "POST",
            f"/sessions/{quote(session_id, safe='')}/messages/{quote(message_id, safe='')}/resend",
            body=json_body(Resend, body, {"message": message, "parts": parts, "provider": provider, "model": model}),
            idempotency_key=idempotency_key or new_key(),
        )
        return await self._transport.json(Turn, request)

    async def get_tasks(self, session_id: str) -> TaskList:
        """The agent's to-do list in this session, and how far it is.

        `GET /sessions/{session_id}/tasks`
        """
        request = Request("GET", f"/sessions/{quote(session_id, safe='')}/tasks")
        return await self._transport.json(TaskList, request)

    async def run_once(
        self,
        body: Run | Mapping[str, Any] | None = None,
        *,
        message: str | Unset = UNSET,
        parts: list[TextPart | ImagePart | ContextPart] | Unset = UNSET,
        agent: str | Unset | None = UNSET,
        provider: str | Unset | None = UNSET,
        model: str | Unset | None = UNSET,
        tools: list[str] | Unset | None = UNSET,
        mode: Literal["read_only", "ask", "auto_edit", "auto"] | Unset | None = UNSET,
        client_tools: list[ClientTool] | Unset = UNSET,
        notebook: str | Unset | None = UNSET,
        waiting_kernel: str | Unset | None = UNSET,
        system_prefix: str | Unset | None = UNSET,
        max_steps: int | Unset | None = UNSET,
        thinking: Literal["minimal", "low", "medium", "high", "off"] | Unset | None = UNSET,
        reflection: bool | Unset = UNSET,
        context_budget: int | Unset | None = UNSET,
        budget: str | Unset | None = UNSET,
        timeout_seconds: float | Unset | None = UNSET,
        settings: ModelSettings | Unset | None = UNSET,
        metadata: dict[str, Any] | Unset = UNSET,
        session_id: str | Unset | None = UNSET,
        title: str | Unset | None = UNSET,
        stream: bool | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> RunResult:
        """One shot: a session (a new one, or one to resume), a turn, its answer when it has ended.

        With `stream` the turn's events as they come.

        `POST /run`
        """
        request = Request(
            "POST",
            "/run",
            body=json_body(
                Run,
                body,
                {
                    "message": message,
                    "parts": parts,
                    "agent": agent,
                    "provider": provider,
                    "model": model,
                    "tools": tools,
                    "mode": mode,
                    "client_tools": client_tools,
                    "notebook": notebook,
                    "waiting_kernel": waiting_kernel,
                    "system_prefix": system_prefix,
                    "max_steps": max_steps,
                    "thinking": thinking,
                    "reflection": reflection,
                    "context_budget": context_budget,
                    "budget": budget,
                    "timeout_seconds": timeout_seconds,
                    "settings": settings,
                    "metadata": metadata,
                    "session_id": session_id,
                    "title": title,
                    "stream": stream,
                },
            ),
            idempotency_key=idempotency_key or new_key(),
            unbounded=True,
        )
        return await self._transport.json(RunResult, request)

    def run_once_events(
        self,
        body: Run | Mapping[str, Any] | None = None,
        *,
        message: str | Unset = UNSET,
        parts: list[TextPart | ImagePart | ContextPart] | Unset = UNSET,
        agent: str | Unset | None = UNSET,
        provider: str | Unset | None = UNSET,
        model: str | Unset | None = UNSET,
        tools: list[str] | Unset | None = UNSET,
        mode: Literal["read_only", "ask", "auto_edit", "auto"] | Unset | None = UNSET,
        client_tools: list[ClientTool] | Unset = UNSET,
        notebook: str | Unset | None = UNSET,
        waiting_kernel: str | Unset | None = UNSET,
        system_prefix: str | Unset | None = UNSET,
        max_steps: int | Unset | None = UNSET,
        thinking: Literal["minimal", "low", "medium", "high", "off"] | Unset | None = UNSET,
        reflection: bool | Unset = UNSET,
        context_budget: int | Unset | None = UNSET,
        budget: str | Unset | None = UNSET,
        timeout_seconds: float | Unset | None = UNSET,
        settings: ModelSettings | Unset | None = UNSET,
        metadata: dict[str, Any] | Unset = UNSET,
        session_id: str | Unset | None = UNSET,
        title: str | Unset | None = UNSET,
        idempotency_key: str | None = None,
    ) -> AsyncIterator[TurnEvent]:
        """One shot: a session (a new one, or one to resume), a turn, its answer when it has ended.

        Gives its events as they come, and goes on by itself after a cut.

        With `stream` the turn's events as they come.

        `POST /run`
        """
        request = Request(
            "POST",
            "/run",
            body=json_body(
                Run,
                body,
                {
                    "message": message,
                    "parts": parts,
                    "agent": agent,
                    "provider": provider,
                    "model": model,
                    "tools": tools,
                    "mode": mode,
                    "client_tools": client_tools,
                    "notebook": notebook,
                    "waiting_kernel": waiting_kernel,
                    "system_prefix": system_prefix,
                    "max_steps": max_steps,
                    "thinking": thinking,
                    "reflection": reflection,
                    "context_budget": context_budget,
                    "budget": budget,
                    "timeout_seconds": timeout_seconds,
                    "settings": settings,
                    "metadata": metadata,
                    "session_id": session_id,
                    "title": title,
                },
                stream=True,
            ),
            idempotency_key=idempotency_key or new_key(),
        )
        return self._transport.turn_events(request)


class AsyncTools:
    """The operations of the room `tools`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def list_tools(self, *, session_id: str | None = None) -> ToolList:
        """The tools that turns are given: the server's, and with `session_id` also those that clients offer there.

        `GET /tools`
        """
        request = Request("GET", "/tools", query={"session_id": session_id})
        return await self._transport.json(ToolList, request)

    async def call_tool(
        self,
        name: str,
        body: ToolCall | Mapping[str, Any] | None = None,
        *,
        arguments: dict[str, Any] | Unset = UNSET,
        session_id: str | Unset | None = UNSET,
        approved: bool | Unset = UNSET,
    ) -> ToolCallResult:
        """Uses a tool without a model, under the same policy.

        403 `denied` where the policy denies it; 409 `approval_required` where it asks and `approved` is not sent.
        What the
        tool itself could not do is a result with `is_error`. Nothing of it can be undone with a turn.

        `POST /tools/{name}/call`
        """
        request = Request(
            "POST",
            f"/tools/{quote(name, safe='')}/call",
            body=json_body(ToolCall, body, {"arguments": arguments, "session_id": session_id, "approved": approved}),
        )
        return await self._transport.json(ToolCallResult, request)

    async def list_approvals(
        self,
        *,
        status: Literal["pending", "approved", "denied", "expired", "cancelled"] | None = None,
        session_id: str | None = None,
    ) -> ApprovalList:
        """The caller's approvals, oldest first; with `status=pending` what waits for an answer. The newest 500.

        `GET /approvals`
        """
        request = Request("GET", "/approvals", query={"status": status, "session_id": session_id})
        return await self._transport.json(ApprovalList, request)

    async def get_approval(self, approval_id: str) -> Approval:
        """One approval.

        `GET /approvals/{approval_id}`
        """
        request = Request("GET", f"/approvals/{quote(approval_id, safe='')}")
        return await self._transport.json(Approval, request)

    async def approve(
        self,
        approval_id: str,
        body: Approve | Mapping[str, Any] | None = None,
        *,
        arguments: dict[str, Any] | Unset | None = UNSET,
        remember: Literal["once", "session", "always"] | Unset = UNSET,
    ) -> Approval:
        """Says yes: the same turn goes on with the call, with other `arguments` where they are sent.

        `remember` makes a rule, so that the like is not asked again. 409 where it was answered already, or in vain;
        422
        for arguments that do not fit or that the policy denies, and nothing is answered then.

        `POST /approvals/{approval_id}/approve`
        """
        request = Request(
            "POST",
            f"/approvals/{quote(approval_id, safe='')}/approve",
            body=json_body(Approve, body, {"arguments": arguments, "remember": remember}),
        )
        return await self._transport.json(Approval, request)

    async def deny(
        self,
        approval_id: str,
        body: Deny | Mapping[str, Any] | None = None,
        *,
        message: str | Unset | None = UNSET,
        stop: bool | Unset = UNSET,
    ) -> Approval:
        """Says no: the model reads so, and the message; the turn goes on, or ends where `stop` is sent.

        409 where it was answered already.

        `POST /approvals/{approval_id}/deny`
        """
        request = Request(
            "POST",
            f"/approvals/{quote(approval_id, safe='')}/deny",
            body=json_body(Deny, body, {"message": message, "stop": stop}),
        )
        return await self._transport.json(Approval, request)

    async def answer_approvals(
        self, body: ApprovalAnswers | Mapping[str, Any] | None = None, *, answers: list[ApprovalAnswer] | Unset = UNSET
    ) -> ApprovalList:
        """Answers several approvals: all of them or, where one cannot be answered, none.

        `POST /approvals/answers`
        """
        request = Request("POST", "/approvals/answers", body=json_body(ApprovalAnswers, body, {"answers": answers}))
        return await self._transport.json(ApprovalList, request)

    async def get_policy(self) -> Policy:
        """The caller's mode and rules, and the administrator's rules.

        `GET /policy`
        """
        request = Request("GET", "/policy")
        return await self._transport.json(Policy, request)

    async def put_policy(
        self,
        body: PolicyUpdate | Mapping[str, Any] | None = None,
        *,
        mode: Literal["read_only", "ask", "auto_edit", "auto"] | Unset | None = UNSET,
        rules: list[PolicyRule] | Unset | None = UNSET,
    ) -> Policy:
        """Sets the caller's mode, or replaces the caller's rules. What is null stays.

        `PUT /policy`
        """
        request = Request("PUT", "/policy", body=json_body(PolicyUpdate, body, {"mode": mode, "rules": rules}))
        return await self._transport.json(Policy, request)

    async def evaluate_policy(
        self,
        body: PolicyQuestion | Mapping[str, Any] | None = None,
        *,
        tool: str | Unset = UNSET,
        arguments: dict[str, Any] | Unset = UNSET,
        session_id: str | Unset | None = UNSET,
        mode: Literal["read_only", "ask", "auto_edit", "auto"] | Unset | None = UNSET,
    ) -> PolicyAnswer:
        """What would happen to a call, and which rule or mode says so. Nothing is done.

        `POST /policy/evaluate`
        """
        request = Request(
            "POST",
            "/policy/evaluate",
            body=json_body(
                PolicyQuestion, body, {"tool": tool, "arguments": arguments, "session_id": session_id, "mode": mode}
            ),
        )
        return await self._transport.json(PolicyAnswer, request)

    async def get_turn_tools(self, turn_id: str) -> TurnTools:
        """The calls of a turn: arguments, result, duration, who approved.

        `GET /turns/{turn_id}/tools`
        """
        request = Request("GET", f"/turns/{quote(turn_id, safe='')}/tools")
        return await self._transport.json(TurnTools, request)

    async def get_turn_policy(self, turn_id: str) -> TurnPolicy:
        """What the policy said to each call of a turn, and which rule or mode said so.

        `GET /turns/{turn_id}/policy`
        """
        request = Request("GET", f"/turns/{quote(turn_id, safe='')}/policy")
        return await self._transport.json(TurnPolicy, request)

    async def submit_tool_results(
        self,
        turn_id: str,
        body: ClientToolResults | Mapping[str, Any] | None = None,
        *,
        results: list[ClientToolResult] | Unset = UNSET,
    ) -> None:
        """Answers of the client to calls of the tools that it offers; all of them are taken, or none.

        409 for a call that does not wait for an answer (any more): it was answered, or its time is over.

        `POST /turns/{turn_id}/tool-results`
        """
        request = Request(
            "POST",
            f"/turns/{quote(turn_id, safe='')}/tool-results",
            body=json_body(ClientToolResults, body, {"results": results}),
        )
        await self._transport.send(request)

    async def list_functions(self) -> FunctionsList:
        """The functions that the kernels of this server offer to chats about their notebooks.

        `GET /tools/functions`
        """
        request = Request("GET", "/tools/functions")
        return await self._transport.json(FunctionsList, request)

    async def register_functions(
        self,
        body: FunctionsOffer | Mapping[str, Any] | None = None,
        *,
        kernel_id: str | Unset = UNSET,
        notebook: str | Unset | None = UNSET,
        key: str | Unset = UNSET,
        functions: list[ClientTool] | Unset = UNSET,
        awaited: list[str] | Unset = UNSET,
    ) -> FunctionsOffered:
        """The functions of a notebook that its kernel offers, in place of those it offered before.

        They are given to turns about that notebook and run in the kernel, when it is idle. They are gone when the
        kernel
        is restarted or shut down.

        `POST /tools/functions`
        """
        request = Request(
            "POST",
            "/tools/functions",
            body=json_body(
                FunctionsOffer,
                body,
                {"kernel_id": kernel_id, "notebook": notebook, "key": key, "functions": functions, "awaited": awaited},
            ),
        )
        return await self._transport.json(FunctionsOffered, request)

    async def drop_functions(self, kernel_id: str) -> None:
        """Takes all functions of a kernel back.

        `DELETE /tools/functions/{kernel_id}`
        """
        request = Request("DELETE", f"/tools/functions/{quote(kernel_id, safe='')}")
        await self._transport.send(request)

    async def list_checkpoints(self, session_id: str, *, limit: int = 20, offset: int = 0) -> Page[Checkpoint]:
        """What the turns of a session changed in notebooks and files, newest first.

        They stay when the conversation is cleared, and go when the session is purged. Of a large text its beginning
        is
        shown; all of it is kept.

        `GET /sessions/{session_id}/checkpoints`
        """
        request = Request(
            "GET", f"/sessions/{quote(session_id, safe='')}/checkpoints", query={"limit": limit, "offset": offset}
        )
        return await self._transport.json(Page[Checkpoint], request)

    async def iter_checkpoints(self, session_id: str) -> AsyncIterator[Checkpoint]:
        """What the turns of a session changed in notebooks and files, newest first.

        Gives one after another, over all pages.

        They stay when the conversation is cleared, and go when the session is purged. Of a large text its beginning
        is
        shown; all of it is kept.

        `GET /sessions/{session_id}/checkpoints`
        """
        offset = 0
        while True:
            page = await self.list_checkpoints(session_id, limit=100, offset=offset)
            for item in page.items:
                yield item
            offset += len(page.items)
            if not page.items or offset >= page.total:
                return

    async def list_undecided(self, *, path: str) -> CheckpointList:
        """What turns of any session changed in one notebook or file and nobody has accepted or undone yet, newest
        first.

        Of each turn only its edits there. This is what is marked where the document is open.

        `GET /checkpoints`
        """
        request = Request("GET", "/checkpoints", query={"path": path})
        return await self._transport.json(CheckpointList, request)

    async def get_checkpoint(self, turn_id: str) -> Checkpoint:
        """What one turn changed; no edits where that is nothing.

        `GET /turns/{turn_id}/checkpoint`
        """
        request = Request("GET", f"/turns/{quote(turn_id, safe='')}/checkpoint")
        return await self._transport.json(Checkpoint, request)

    async def undo_turn(
        self,
        turn_id: str,
        body: Undo | Mapping[str, Any] | None = None,
        *,
        edit_ids: list[str] | Unset | None = UNSET,
        idempotency_key: str | None = None,
    ) -> Checkpoint:
        """Brings back exactly what was before the turn: cells with their place, outputs and metadata, files.

        All of its edits, or those in `edit_ids`; also after they were accepted, after a restart, with the notebook
        open
        or closed. 409 where somebody changed the same cell or file since (`details.conflicts` names each; other
        cells of
        the notebook may have changed), while the turn runs, and where it is undone already: nothing is changed
        then.

        `POST /turns/{turn_id}/undo`
        """
        request = Request(
            "POST",
            f"/turns/{quote(turn_id, safe='')}/undo",
            body=json_body(Undo, body, {"edit_ids": edit_ids}),
            idempotency_key=idempotency_key or new_key(),
        )
        return await self._transport.json(Checkpoint, request)

    async def redo_turn(
        self, turn_id: str, body: Undo | Mapping[str, Any] | None = None, *, edit_ids: list[str] | Unset | None = UNSET
    ) -> Checkpoint:
        """Does again what was undone, as exactly as `undo_turn` takes it back. 409 as there.

        `POST /turns/{turn_id}/redo`
        """
        request = Request(
            "POST", f"/turns/{quote(turn_id, safe='')}/redo", body=json_body(Undo, body, {"edit_ids": edit_ids})
        )
        return await self._transport.json(Checkpoint, request)

    async def accept_turn(
        self, turn_id: str, body: Undo | Mapping[str, Any] | None = None, *, edit_ids: list[str] | Unset | None = UNSET
    ) -> Checkpoint:
        """Marks changes as looked at and wanted: they are not marked in the notebook any more, and can be undone
        still.

        409 for what is undone.

        `POST /turns/{turn_id}/accept`
        """
        request = Request(
            "POST", f"/turns/{quote(turn_id, safe='')}/accept", body=json_body(Undo, body, {"edit_ids": edit_ids})
        )
        return await self._transport.json(Checkpoint, request)


class AsyncCompletions:
    """The operations of the room `completions`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def complete_code(
        self,
        body: CompletionRequest | Mapping[str, Any] | None = None,
        *,
        prefix: str | Unset = UNSET,
        suffix: str | Unset = UNSET,
        language: str | Unset = UNSET,
        path: str | Unset | None = UNSET,
        provider: str | Unset | None = UNSET,
        model: str | Unset | None = UNSET,
        max_tokens: int | Unset | None = UNSET,
    ) -> Completion:
        """What to insert at the cursor.

        One model request, in no conversation. It is stopped when the caller goes away. Errors: 409 `not_configured`
        where
        no model is ready, where completions are off, and for the embedded model unless `completions.local_model` is
        set;
        503 `provider_error` where the model fails.

        `POST /completions`
        """
        request = Request(
            "POST",
            "/completions",
            body=json_body(
                CompletionRequest,
                body,
                {
                    "prefix": prefix,
                    "suffix": suffix,
                    "language": language,
                    "path": path,
                    "provider": provider,
                    "model": model,
                    "max_tokens": max_tokens,
                },
            ),
        )
        return await self._transport.json(Completion, request)

    async def edit_code(
        self,
        body: CodeEdit | Mapping[str, Any] | None = None,
        *,
        instruction: str | Unset = UNSET,
        source: str | Unset = UNSET,
        language: str | Unset = UNSET,
        context: str | Unset = UNSET,
        provider: str | Unset | None = UNSET,
        model: str | Unset | None = UNSET,
    ) -> EditedCode:
        """Code, changed as told; nothing is written.

        One model request, in no conversation. It is stopped when the caller goes away. Errors: 409 `not_configured`
        where
        no model is ready; 503 `provider_error` where it fails, gives no code or is cut off.

        `POST /completions/edit`
        """
        request = Request(
            "POST",
            "/completions/edit",
            body=json_body(
                CodeEdit,
                body,
                {
                    "instruction": instruction,
                    "source": source,
                    "language": language,
                    "context": context,
                    "provider": provider,
                    "model": model,
                },
            ),
        )
        return await self._transport.json(EditedCode, request)


class AsyncObservatory:
    """The operations of the room `observatory`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def turn_context(self, turn_id: str) -> TurnContext:
        """What the model saw in each request of a turn: tokens by part, what was left out and why, what was retrieved.

        The contents are in `GET /turns/{id}/context/{request_id}`.

        `GET /turns/{turn_id}/context`
        """
        request = Request("GET", f"/turns/{quote(turn_id, safe='')}/context")
        return await self._transport.json(TurnContext, request)

    async def context_snapshot(self, turn_id: str, request_id: str) -> ContextSnapshot:
        """One model request with the exact messages that were sent, secrets masked.

        `GET /turns/{turn_id}/context/{request_id}`
        """
        request = Request("GET", f"/turns/{quote(turn_id, safe='')}/context/{quote(request_id, safe='')}")
        return await self._transport.json(ContextSnapshot, request)

    async def turn_model_selection(self, turn_id: str) -> TurnModelSelection:
        """Why a turn's model was asked, and not another: candidates with their scores, override, fallback.

        `GET /turns/{turn_id}/model-selection`
        """
        request = Request("GET", f"/turns/{quote(turn_id, safe='')}/model-selection")
        return await self._transport.json(TurnModelSelection, request)

    async def list_model_selections(
        self,
        *,
        limit: int = 50,
        offset: int = 0,
        provider: str | None = None,
        model: str | None = None,
        strategy: Literal["asked", "session", "default", "auto", "fallback", "reflection"] | None = None,
    ) -> Page[ModelSelection]:
        """Every choice of a model, newest first.

        `GET /model-selections`
        """
        request = Request(
            "GET",
            "/model-selections",
            query={"limit": limit, "offset": offset, "provider": provider, "model": model, "strategy": strategy},
        )
        return await self._transport.json(Page[ModelSelection], request)

    async def iter_model_selections(
        self,
        *,
        provider: str | None = None,
        model: str | None = None,
        strategy: Literal["asked", "session", "default", "auto", "fallback", "reflection"] | None = None,
    ) -> AsyncIterator[ModelSelection]:
        """Every choice of a model, newest first.

        Gives one after another, over all pages.

        `GET /model-selections`
        """
        offset = 0
        while True:
            page = await self.list_model_selections(
                provider=provider, model=model, strategy=strategy, limit=100, offset=offset
            )
            for item in page.items:
                yield item
            offset += len(page.items)
            if not page.items or offset >= page.total:
                return

    async def turn_trace(self, turn_id: str) -> Trace:
        """One timeline of a turn's model requests, tool calls, approvals and waits. Also while it runs.

        `GET /turns/{turn_id}/trace`
        """
        request = Request("GET", f"/turns/{quote(turn_id, safe='')}/trace")
        return await self._transport.json(Trace, request)

    async def list_traces(
        self,
        *,
        limit: int = 50,
        offset: int = 0,
        session_id: str | None = None,
        status: Literal["ok", "error"] | None = None,
    ) -> Page[TraceSummary]:
        """The traces of all turns, newest first.

        `GET /traces`
        """
        request = Request(
            "GET", "/traces", query={"limit": limit, "offset": offset, "session_id": session_id, "status": status}
        )
        return await self._transport.json(Page[TraceSummary], request)

    async def iter_traces(
        self, *, session_id: str | None = None, status: Literal["ok", "error"] | None = None
    ) -> AsyncIterator[TraceSummary]:
        """The traces of all turns, newest first.

        Gives one after another, over all pages.

        `GET /traces`
        """
        offset = 0
        while True:
            page = await self.list_traces(session_id=session_id, status=status, limit=100, offset=offset)
            for item in page.items:
                yield item
            offset += len(page.items)
            if not page.items or offset >= page.total:
                return

    async def tracing_status(self) -> TracingStatus:
        """Whether traces are exported, where to, how many were; and where Jaeger is.

        `GET /traces/exporter`
        """
        request = Request("GET", "/traces/exporter")
        return await self._transport.json(TracingStatus, request)

    async def get_trace(self, trace_id: str) -> Trace:
        """A trace by the id that it has in OpenTelemetry, too.

        `GET /traces/{trace_id}`
        """
        request = Request("GET", f"/traces/{quote(trace_id, safe='')}")
        return await self._transport.json(Trace, request)

    async def turn_tips(self, turn_id: str) -> TurnTips:
        """What the rules say about a turn, from what was recorded of it. Costs nothing.

        `GET /turns/{turn_id}/tips`
        """
        request = Request("GET", f"/turns/{quote(turn_id, safe='')}/tips")
        return await self._transport.json(TurnTips, request)

    async def analyze_turn(
        self,
        turn_id: str,
        body: AnalyzeRequest | Mapping[str, Any] | None = None,
        *,
        provider: str | Unset | None = UNSET,
        model: str | Unset | None = UNSET,
    ) -> Analysis:
        """Asks a model what went well and what to do better. One model request; kept with the turn.

        409 `not_configured` without a model; 503 `provider_error` with what the provider said.

        `POST /turns/{turn_id}/analyze`
        """
        request = Request(
            "POST",
            f"/turns/{quote(turn_id, safe='')}/analyze",
            body=json_body(AnalyzeRequest, body, {"provider": provider, "model": model}),
        )
        return await self._transport.json(Analysis, request)

    async def session_insights(self, session_id: str) -> SessionInsights:
        """What the rules say about a session as a whole. Costs nothing.

        `GET /sessions/{session_id}/insights`
        """
        request = Request("GET", f"/sessions/{quote(session_id, safe='')}/insights")
        return await self._transport.json(SessionInsights, request)

    async def analyze_session(
        self,
        session_id: str,
        body: AnalyzeRequest | Mapping[str, Any] | None = None,
        *,
        provider: str | Unset | None = UNSET,
        model: str | Unset | None = UNSET,
    ) -> Analysis:
        """Asks a model about a session as a whole. One model request; kept with the session.

        `POST /sessions/{session_id}/analyze`
        """
        request = Request(
            "POST",
            f"/sessions/{quote(session_id, safe='')}/analyze",
            body=json_body(AnalyzeRequest, body, {"provider": provider, "model": model}),
        )
        return await self._transport.json(Analysis, request)

    async def get_feedback(self, turn_id: str) -> Feedback:
        """The grade that a turn was given. 404 where it has none.

        `GET /turns/{turn_id}/feedback`
        """
        request = Request("GET", f"/turns/{quote(turn_id, safe='')}/feedback")
        return await self._transport.json(Feedback, request)

    async def give_feedback(
        self,
        turn_id: str,
        body: FeedbackGiven | Mapping[str, Any] | None = None,
        *,
        grade: int | Unset = UNSET,
        comment: str | Unset = UNSET,
        source: Literal["api", "lab", "notebook"] | Unset = UNSET,
    ) -> Feedback:
        """Grades a turn, 1 (useless) to 5 (just right); one grade a turn, the last one counts.

        `PUT /turns/{turn_id}/feedback`
        """
        request = Request(
            "PUT",
            f"/turns/{quote(turn_id, safe='')}/feedback",
            body=json_body(FeedbackGiven, body, {"grade": grade, "comment": comment, "source": source}),
        )
        return await self._transport.json(Feedback, request)

    async def delete_feedback(self, turn_id: str) -> None:
        """Takes a grade back. 404 where there is none.

        `DELETE /turns/{turn_id}/feedback`
        """
        request = Request("DELETE", f"/turns/{quote(turn_id, safe='')}/feedback")
        await self._transport.send(request)

    async def session_feedback(self, session_id: str, *, limit: int = 100, offset: int = 0) -> Page[Feedback]:
        """The grades of a session's turns, in the order of the turns.

        `GET /sessions/{session_id}/feedback`
        """
        request = Request(
            "GET", f"/sessions/{quote(session_id, safe='')}/feedback", query={"limit": limit, "offset": offset}
        )
        return await self._transport.json(Page[Feedback], request)

    async def iter_session_feedback(self, session_id: str) -> AsyncIterator[Feedback]:
        """The grades of a session's turns, in the order of the turns.

        Gives one after another, over all pages.

        `GET /sessions/{session_id}/feedback`
        """
        offset = 0
        while True:
            page = await self.session_feedback(session_id, limit=100, offset=offset)
            for item in page.items:
                yield item
            offset += len(page.items)
            if not page.items or offset >= page.total:
                return

    async def list_recommendations(
        self, *, period: Literal["1h", "24h", "7d", "30d", "90d", "1y", "all"] = "30d"
    ) -> Recommendations:
        """What would make the caller's work with agents better or cheaper, from what was recorded. Costs nothing.

        `GET /recommendations`
        """
        request = Request("GET", "/recommendations", query={"period": period})
        return await self._transport.json(Recommendations, request)

    async def generate_recommendations(
        self,
        body: AnalyzeRequest | Mapping[str, Any] | None = None,
        *,
        period: Literal["1h", "24h", "7d", "30d", "90d", "1y", "all"] = "30d",
        provider: str | Unset | None = UNSET,
        model: str | Unset | None = UNSET,
    ) -> Recommendations:
        """The recommendations, and a model's view of them as `analysis`. One model request; it reads numbers only.

        `POST /recommendations/generate`
        """
        request = Request(
            "POST",
            "/recommendations/generate",
            query={"period": period},
            body=json_body(AnalyzeRequest, body, {"provider": provider, "model": model}),
        )
        return await self._transport.json(Recommendations, request)

    async def usage_summary(self) -> UsageSummary:
        """Today, this month, and what is left of the budgets.

        `GET /stats/summary`
        """
        request = Request("GET", "/stats/summary")
        return await self._transport.json(UsageSummary, request)

    async def usage_costs(
        self,
        *,
        period: Literal["1h", "24h", "7d", "30d", "90d", "1y", "all"] = "30d",
        start: datetime | None = None,
        end: datetime | None = None,
        by: str = "day,model",
        provider: str | None = None,
        model: str | None = None,
        session_id: str | None = None,
        purpose: str | None = None,
        timezone: str | None = None,
        limit: int = 1000,
        offset: int = 0,
    ) -> CostReport:
        """Tokens and costs in a period, grouped.

        `by`: one or more of hour, day, week, month, provider, model, session, purpose, user, joined by commas; a
        model
        comes with its provider. `start` and `end` in place of `period` are taken to the quarter of an hour.

        `GET /stats/costs`
        """
        request = Request(
            "GET",
            "/stats/costs",
            query={
                "period": period,
                "start": start,
                "end": end,
                "by": by,
                "provider": provider,
                "model": model,
                "session_id": session_id,
                "purpose": purpose,
                "timezone": timezone,
                "limit": limit,
                "offset": offset,
            },
        )
        return await self._transport.json(CostReport, request)

    async def iter_usage_costs(
        self,
        *,
        period: Literal["1h", "24h", "7d", "30d", "90d", "1y", "all"] = "30d",
        start: datetime | None = None,
        end: datetime | None = None,
        by: str = "day,model",
        provider: str | None = None,
        model: str | None = None,
        session_id: str | None = None,
        purpose: str | None = None,
        timezone: str | None = None,
    ) -> AsyncIterator[CostRow]:
        """Tokens and costs in a period, grouped.

        Gives one after another, over all pages.

        `by`: one or more of hour, day, week, month, provider, model, session, purpose, user, joined by commas; a
        model
        comes with its provider. `start` and `end` in place of `period` are taken to the quarter of an hour.

        `GET /stats/costs`
        """
        offset = 0
        while True:
            page = await self.usage_costs(
                period=period,
                start=start,
                end=end,
                by=by,
                provider=provider,
                model=model,
                session_id=session_id,
                purpose=purpose,
                timezone=timezone,
                limit=100,
                offset=offset,
            )
            for item in page.items:
                yield item
            offset += len(page.items)
            if not page.items or offset >= page.total:
                return

    async def list_transactions(
        self,
        *,
        period: Literal["1h", "24h", "7d", "30d", "90d", "1y", "all"] = "30d",
        start: datetime | None = None,
        end: datetime | None = None,
        provider: str | None = None,
        model: str | None = None,
        session_id: str | None = None,
        turn_id: str | None = None,
        purpose: str | None = None,
        failed: bool | None = None,
        sort: Literal["-created_at", "created_at", "-cost", "-input", "-output", "-duration_ms"] = "-created_at",
        limit: int = 100,
        offset: int = 0,
    ) -> Page[Transaction]:
        """The ledger: every model request, and what it cost.

        `GET /stats/transactions`
        """
        request = Request(
            "GET",
            "/stats/transactions",
            query={
                "period": period,
                "start": start,
                "end": end,
                "provider": provider,
                "model": model,
                "session_id": session_id,
                "turn_id": turn_id,
                "purpose": purpose,
                "failed": failed,
                "sort": sort,
                "limit": limit,
                "offset": offset,
            },
        )
        return await self._transport.json(Page[Transaction], request)

    async def iter_transactions(
        self,
        *,
        period: Literal["1h", "24h", "7d", "30d", "90d", "1y", "all"] = "30d",
        start: datetime | None = None,
        end: datetime | None = None,
        provider: str | None = None,
        model: str | None = None,
        session_id: str | None = None,
        turn_id: str | None = None,
        purpose: str | None = None,
        failed: bool | None = None,
        sort: Literal["-created_at", "created_at", "-cost", "-input", "-output", "-duration_ms"] = "-created_at",
    ) -> AsyncIterator[Transaction]:
        """The ledger: every model request, and what it cost.

        Gives one after another, over all pages.

        `GET /stats/transactions`
        """
        offset = 0
        while True:
            page = await self.list_transactions(
                period=period,
                start=start,
                end=end,
                provider=provider,
                model=model,
                session_id=session_id,
                turn_id=turn_id,
                purpose=purpose,
                failed=failed,
                sort=sort,
                limit=100,
                offset=offset,
            )
            for item in page.items:
                yield item
            offset += len(page.items)
            if not page.items or offset >= page.total:
                return

    async def usage_consumption(
        self, *, period: Literal["1h", "24h", "7d", "30d", "90d", "1y", "all"] = "30d", timezone: str | None = None
    ) -> Consumption:
        """Tokens and costs by provider and model, session, user and day.

        `GET /stats/consumption`
        """
        request = Request("GET", "/stats/consumption", query={"period": period, "timezone": timezone})
        return await self._transport.json(Consumption, request)

    async def cache_statistics(
        self, *, period: Literal["1h", "24h", "7d", "30d", "90d", "1y", "all"] = "30d"
    ) -> CacheStatistics:
        """How much of what was sent the providers read from their caches, and what that saved.

        `GET /stats/cache`
        """
        request = Request("GET", "/stats/cache", query={"period": period})
        return await self._transport.json(CacheStatistics, request)

    async def model_efficiency(
        self,
        *,
        period: Literal["1h", "24h", "7d", "30d", "90d", "1y", "all"] = "30d",
        provider: str | None = None,
        model: str | None = None,
        timezone: str | None = None,
    ) -> EfficiencyReport:
        """What each model gave for what it took: density, use of the context, cache, cost by part, trends, grades.

        `GET /stats/efficiency`
        """
        request = Request(
            "GET",
            "/stats/efficiency",
            query={"period": period, "provider": provider, "model": model, "timezone": timezone},
        )
        return await self._transport.json(EfficiencyReport, request)

    async def usage_timeseries(self, *, hours: int = 24, timezone: str | None = None) -> TimeSeries:
        """Costs, tokens, requests, sessions, errors and latency of each hour.

        `GET /stats/timeseries`
        """
        request = Request("GET", "/stats/timeseries", query={"hours": hours, "timezone": timezone})
        return await self._transport.json(TimeSeries, request)

    async def provider_capacity(self) -> CapacityReport:
        """What was used in the last minute against the providers' limits.

        `GET /stats/capacity`
        """
        request = Request("GET", "/stats/capacity")
        return await self._transport.json(CapacityReport, request)

    async def export_statistics(
        self,
        *,
        table: Literal["costs", "transactions", "turns"] = "costs",
        format: Literal["csv", "parquet", "arrow"] = "csv",
        period: Literal["1h", "24h", "7d", "30d", "90d", "1y", "all"] = "30d",
        start: datetime | None = None,
        end: datetime | None = None,
        by: str = "day,provider,model",
        timezone: str | None = None,
    ) -> bytes:
        """All rows as a file: CSV, Parquet, or a stream of Apache Arrow.

        Money is exact: decimal numbers in Parquet and Arrow. 409 `not_installed` for Parquet and Arrow without
        pyarrow.

        `GET /stats/export`
        """
        request = Request(
            "GET",
            "/stats/export",
            query={
                "table": table,
                "format": format,
                "period": period,
                "start": start,
                "end": end,
                "by": by,
                "timezone": timezone,
            },
        )
        return await self._transport.download(request)

    async def get_budgets(self, *, session_id: str | None = None) -> Budgets:
        """The caller's limits, the administrator's, and what is spent of each.

        With `session_id` also what that session and its running turn have spent; 404 where it is not the caller's.

        `GET /budgets`
        """
        request = Request("GET", "/budgets", query={"session_id": session_id})
        return await self._transport.json(Budgets, request)

    async def put_budgets(
        self, body: BudgetsPut | Mapping[str, Any] | None = None, *, items: list[BudgetLimit] | Unset = UNSET
    ) -> Budgets:
        """Sets the caller's own limits: all that are here, and no others. They hold from the next model request on.

        `PUT /budgets`
        """
        request = Request("PUT", "/budgets", body=json_body(BudgetsPut, body, {"items": items}))
        return await self._transport.json(Budgets, request)


class AsyncProviders:
    """The operations of the room `providers`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def list_providers(self, *, limit: int = 100, offset: int = 0) -> Page[Provider]:
        """All providers, with their state and what to do about one that is not ready.

        The built-in ones come first, then the users' in the order in which they were made. Keys and the values of
        headers
        are `"***"`.

        `GET /providers`
        """
        request = Request("GET", "/providers", query={"limit": limit, "offset": offset})
        return await self._transport.json(Page[Provider], request)

    async def iter_providers(self) -> AsyncIterator[Provider]:
        """All providers, with their state and what to do about one that is not ready.

        Gives one after another, over all pages.

        The built-in ones come first, then the users' in the order in which they were made. Keys and the values of
        headers
        are `"***"`.

        `GET /providers`
        """
        offset = 0
        while True:
            page = await self.list_providers(limit=100, offset=offset)
            for item in page.items:
                yield item
            offset += len(page.items)
            if not page.items or offset >= page.total:
                return

    async def create_provider(
        self,
        body: ProviderCreate | Mapping[str, Any] | None = None,
        *,
        kind: Literal["local", "openai", "openai_compatible", "anthropic", "google", "ollama"] | Unset = UNSET,
        name: str | Unset = UNSET,
        base_url: str | Unset | None = UNSET,
        api_key: str | Unset | None = UNSET,
        headers: dict[str, str] | Unset = UNSET,
        enabled: bool | Unset = UNSET,
        default_model: str | Unset | None = UNSET,
        models: list[str] | Unset = UNSET,
        prices: dict[str, ModelPrice] | Unset = UNSET,
        options: ProviderOptions | Unset = UNSET,
        id: str | Unset | None = UNSET,
    ) -> Provider:
        """A new provider.

        The key goes to the operating system's keyring where there is one, else to a file that only its owner can
        read.
        Errors: 409 where the id is there already.

        `POST /providers`
        """
        request = Request(
            "POST",
            "/providers",
            body=json_body(
                ProviderCreate,
                body,
                {
                    "kind": kind,
                    "name": name,
                    "base_url": base_url,
                    "api_key": api_key,
                    "headers": headers,
                    "enabled": enabled,
                    "default_model": default_model,
                    "models": models,
                    "prices": prices,
                    "options": options,
                    "id": id,
                },
            ),
        )
        return await self._transport.json(Provider, request)

    async def get_default_model(self) -> DefaultModel:
        """The provider and model of whoever names none.

        Where nobody chose: the first that is ready and has a key (Anthropic, OpenAI, Google, then the users' own),
        else the
        embedded model.

        `GET /providers/default`
        """
        request = Request("GET", "/providers/default")
        return await self._transport.json(DefaultModel, request)

    async def set_default_model(
        self,
        body: DefaultModel | Mapping[str, Any] | None = None,
        *,
        provider: str | Unset = UNSET,
        model: str | Unset | None = UNSET,
    ) -> DefaultModel:
        """Chooses the provider and model of whoever names none.

        Errors: 422 where there is no such provider.

        `PUT /providers/default`
        """
        request = Request(
            "PUT", "/providers/default", body=json_body(DefaultModel, body, {"provider": provider, "model": model})
        )
        return await self._transport.json(DefaultModel, request)

    async def list_credentials(self, *, limit: int = 100, offset: int = 0) -> Page[Credential]:
        """Which providers have a key, where it is from and where it is kept. Never the key itself.

        `GET /providers/credentials`
        """
        request = Request("GET", "/providers/credentials", query={"limit": limit, "offset": offset})
        return await self._transport.json(Page[Credential], request)

    async def iter_credentials(self) -> AsyncIterator[Credential]:
        """Which providers have a key, where it is from and where it is kept. Never the key itself.

        Gives one after another, over all pages.

        `GET /providers/credentials`
        """
        offset = 0
        while True:
            page = await self.list_credentials(limit=100, offset=offset)
            for item in page.items:
                yield item
            offset += len(page.items)
            if not page.items or offset >= page.total:
                return

    async def verify_unsaved_provider(
        self,
        body: VerifyUnsaved | Mapping[str, Any] | None = None,
        *,
        kind: Literal["local", "openai", "openai_compatible", "anthropic", "google", "ollama"] | Unset = UNSET,
        name: str | Unset = UNSET,
        base_url: str | Unset | None = UNSET,
        api_key: str | Unset | None = UNSET,
        headers: dict[str, str] | Unset = UNSET,
        enabled: bool | Unset = UNSET,
        default_model: str | Unset | None = UNSET,
        models: list[str] | Unset = UNSET,
        prices: dict[str, ModelPrice] | Unset = UNSET,
        options: ProviderOptions | Unset = UNSET,
        provider_id: str | Unset | None = UNSET,
        model: str | Unset | None = UNSET,
        multimodal: bool | Unset = UNSET,
    ) -> VerifyResult:
        """Tries a provider before it is saved, with a real call. Nothing is stored.

        With `provider_id` and `"***"` the stored key is used, at the host that it was given for and no other. What
        goes
        wrong at the provider is in the result, not an error. Errors: 404 where `provider_id` names none.

        `POST /providers/verify`
        """
        request = Request(
            "POST",
            "/providers/verify",
            body=json_body(
                VerifyUnsaved,
                body,
                {
                    "kind": kind,
                    "name": name,
                    "base_url": base_url,
                    "api_key": api_key,
                    "headers": headers,
                    "enabled": enabled,
                    "default_model": default_model,
                    "models": models,
                    "prices": prices,
                    "options": options,
                    "provider_id": provider_id,
                    "model": model,
                    "multimodal": multimodal,
                },
            ),
        )
        return await self._transport.json(VerifyResult, request)

    async def list_breakers(self) -> Breakers:
        """Which providers are asked, which are left alone after failures and until when, and the settings that count.

        `GET /providers/breakers`
        """
        request = Request("GET", "/providers/breakers")
        return await self._transport.json(Breakers, request)

    async def list_provider_quotas(self) -> ProviderQuotas:
        """What each provider allows, as the headers of its answers said last or its options say, and what was used.

        `GET /providers/quota`
        """
        request = Request("GET", "/providers/quota")
        return await self._transport.json(ProviderQuotas, request)

    async def get_provider(self, provider_id: str) -> Provider:
        """One provider. Errors: 404.

        `GET /providers/{provider_id}`
        """
        request = Request("GET", f"/providers/{quote(provider_id, safe='')}")
        return await self._transport.json(Provider, request)

    async def update_provider(
        self,
        provider_id: str,
        body: ProviderWrite | Mapping[str, Any] | None = None,
        *,
        kind: Literal["local", "openai", "openai_compatible", "anthropic", "google", "ollama"] | Unset = UNSET,
        name: str | Unset = UNSET,
        base_url: str | Unset | None = UNSET,
        api_key: str | Unset | None = UNSET,
        headers: dict[str, str] | Unset = UNSET,
        enabled: bool | Unset = UNSET,
        default_model: str | Unset | None = UNSET,
        models: list[str] | Unset = UNSET,
        prices: dict[str, ModelPrice] | Unset = UNSET,
        options: ProviderOptions | Unset = UNSET,
    ) -> Provider:
        """Replaces a provider's configuration.

        `"***"` as key or as a header's value keeps what is stored, and so does null as key. With another host in
        `base_url`
        they must be given again. Errors: 404.

        `PUT /providers/{provider_id}`
        """
        request = Request(
            "PUT",
            f"/providers/{quote(provider_id, safe='')}",
            body=json_body(
                ProviderWrite,
                body,
                {
                    "kind": kind,
                    "name": name,
                    "base_url": base_url,
                    "api_key": api_key,
                    "headers": headers,
                    "enabled": enabled,
                    "default_model": default_model,
                    "models": models,
                    "prices": prices,
                    "options": options,
                },
            ),
        )
        return await self._transport.json(Provider, request)

    async def delete_provider(self, provider_id: str) -> Deleted:
        """Forgets a provider and its key. Errors: 404, 409 for a built-in one.

        `DELETE /providers/{provider_id}`
        """
        request = Request("DELETE", f"/providers/{quote(provider_id, safe='')}")
        return await self._transport.json(Deleted, request)

    async def set_provider_key(
        self, provider_id: str, body: ProviderKey | Mapping[str, Any] | None = None, *, api_key: str | Unset = UNSET
    ) -> Provider:
        """Stores a provider's key in place of the one there is. Errors: 404, 409 where none is needed.

        `PUT /providers/{provider_id}/key`
        """
        request = Request(
            "PUT",
            f"/providers/{quote(provider_id, safe='')}/key",
            body=json_body(ProviderKey, body, {"api_key": api_key}),
        )
        return await self._transport.json(Provider, request)

    async def remove_provider_key(self, provider_id: str) -> Provider:
        """Forgets a provider's stored key.

        Errors: 404 where there is none, 409 where the key is in an environment variable.

        `DELETE /providers/{provider_id}/key`
        """
        request = Request("DELETE", f"/providers/{quote(provider_id, safe='')}/key")
        return await self._transport.json(Provider, request)

    async def verify_provider(
        self,
        provider_id: str,
        body: Verify | Mapping[str, Any] | None = None,
        *,
        model: str | Unset | None = UNSET,
        multimodal: bool | Unset = UNSET,
    ) -> VerifyResult:
        """Tries a provider with a real call, and with `multimodal` with a picture as well: the model has to say its
        colour.

        What goes wrong at the provider is in the result, not an error. Errors: 404.

        `POST /providers/{provider_id}/verify`
        """
        request = Request(
            "POST",
            f"/providers/{quote(provider_id, safe='')}/verify",
            body=json_body(Verify, body, {"model": model, "multimodal": multimodal}),
        )
        return await self._transport.json(VerifyResult, request)

    async def get_provider_quota(self, provider_id: str) -> ProviderQuota:
        """What a provider allows, and what was used of it. Errors: 404.

        `GET /providers/{provider_id}/quota`
        """
        request = Request("GET", f"/providers/{quote(provider_id, safe='')}/quota")
        return await self._transport.json(ProviderQuota, request)

    async def reset_breaker(self, provider_id: str) -> Breaker:
        """Closes a provider's breaker, whatever opened it, in every server on the database. Errors: 404.

        `POST /providers/{provider_id}/breaker/reset`
        """
        request = Request("POST", f"/providers/{quote(provider_id, safe='')}/breaker/reset")
        return await self._transport.json(Breaker, request)

    async def open_breaker(
        self, provider_id: str, body: BreakerOpening | Mapping[str, Any] | None = None, *, reason: str | Unset = UNSET
    ) -> Breaker:
        """Opens a provider's breaker: it is not asked until the breaker is reset, also after a restart. Errors: 404.

        `POST /providers/{provider_id}/breaker/open`
        """
        request = Request(
            "POST",
            f"/providers/{quote(provider_id, safe='')}/breaker/open",
            body=json_body(BreakerOpening, body, {"reason": reason}),
        )
        return await self._transport.json(Breaker, request)

    async def list_models(self, *, q: str | None = None, provider: str | None = None) -> ModelList:
        """The models of all providers that are enabled, or of one.

        `q`: text in the model's or the provider's name. A provider that cannot be asked leaves the models that the
        user
        named, and `error` says why. Errors: 404 where there is no such provider.

        `GET /models`
        """
        request = Request("GET", "/models", query={"q": q, "provider": provider})
        return await self._transport.json(ModelList, request)

    async def list_provider_models(self, provider_id: str, *, refresh: bool = False) -> ModelList:
        """The models of one provider, from the cache where it is fresh; `refresh` asks anew. Errors: 404.

        `GET /providers/{provider_id}/models`
        """
        request = Request("GET", f"/providers/{quote(provider_id, safe='')}/models", query={"refresh": refresh})
        return await self._transport.json(ModelList, request)

    async def clear_provider_models(self, provider_id: str) -> CacheCleared:
        """Forgets the cached list of a provider's models. Errors: 404.

        `DELETE /providers/{provider_id}/models/cache`
        """
        request = Request("DELETE", f"/providers/{quote(provider_id, safe='')}/models/cache")
        return await self._transport.json(CacheCleared, request)


class AsyncSystem:
    """The operations of the room `system`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def get_health(self) -> Health:
        """Whether the server works.

        For load balancers and probes; needs no authentication. `degraded` where the storage cannot be written.

        `GET /health`
        """
        request = Request("GET", "/health")
        return await self._transport.json(Health, request)

    async def get_status(self) -> Status:
        """How the server is, what runs, and the readiness list.

        Sessions and turns are the caller's own. Nothing here goes over the network.

        `GET /status`
        """
        request = Request("GET", "/status")
        return await self._transport.json(Status, request)

    async def get_info(self) -> Info:
        """What a front end needs to start.

        `GET /info`
        """
        request = Request("GET", "/info")
        return await self._transport.json(Info, request)

    async def get_system(self) -> SystemInfo:
        """The machine that the server runs on: system, architecture, Python, shell, rights.

        `GET /system`
        """
        request = Request("GET", "/system")
        return await self._transport.json(SystemInfo, request)

    async def get_metrics(self) -> SystemMetrics:
        """CPU, memory, disk and network at this moment.

        The CPUs are watched for a tenth of a second.

        `GET /system/metrics`
        """
        request = Request("GET", "/system/metrics")
        return await self._transport.json(SystemMetrics, request)

    async def get_config(self) -> Config:
        """Every setting: its value, where it comes from, whether it can be changed.

        Secrets read `"***"`.

        `GET /config`
        """
        request = Request("GET", "/config")
        return await self._transport.json(Config, request)

    async def update_config(
        self,
        body: ConfigPatch | Mapping[str, Any] | None = None,
        *,
        values: dict[str, Any] | Unset = UNSET,
        version: int | Unset | None = UNSET,
    ) -> Config:
        """Changes settings: all of them, or none where one is not valid.

        A live setting counts for the next request; `restart_required` names those that wait for the server's next
        start.
        `"***"` for a secret keeps what is stored. Errors: 422 for an unknown name or a bad value, with its path;
        409 for a
        setting that cannot be changed here, and where `version` is not the current one.

        `PATCH /config`
        """
        request = Request("PATCH", "/config", body=json_body(ConfigPatch, body, {"values": values, "version": version}))
        return await self._transport.json(Config, request)

    async def reset_config(
        self, body: ConfigReset | Mapping[str, Any] | None = None, *, names: list[str] | Unset | None = UNSET
    ) -> Config:
        """Takes back what was set through this API, for some names or all.

        The settings go back to the administrator's value, or the default. Errors: 422 for an unknown name.

        `POST /config/reset`
        """
        request = Request("POST", "/config/reset", body=json_body(ConfigReset, body, {"names": names}))
        return await self._transport.json(Config, request)

    async def get_config_schema(self) -> ConfigSchema:
        """JSON Schema of the settings, with help, limits and defaults.

        `GET /config/schema`
        """
        request = Request("GET", "/config/schema")
        return await self._transport.json(ConfigSchema, request)

    async def get_config_status(self) -> ConfigStatus:
        """What became of the changes: which count, which wait for a restart, which are ignored and why.

        `GET /config/status`
        """
        request = Request("GET", "/config/status")
        return await self._transport.json(ConfigStatus, request)

    async def get_config_capabilities(self) -> ConfigCapabilities:
        """Which settings and sections can be changed here, and when a change counts.

        `GET /config/capabilities`
        """
        request = Request("GET", "/config/capabilities")
        return await self._transport.json(ConfigCapabilities, request)

    async def list_logs(
        self,
        *,
        level: Literal["debug", "info", "warning", "error", "critical"] = "debug",
        logger: str | None = None,
        q: str | None = None,
        since: str | None = None,
        session_id: str | None = None,
        turn_id: str | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> Page[LogRecord]:
        """The server's log, newest first, without secrets.

        `level` is the least one; `logger` names a logger and all below it; `q` is text in the message; `since` is a
        moment
        (ISO 8601) or a duration such as `30m`, `1h`, `7d`. Holds the newest `logs.keep_records` records since the
        server
        started.

        `GET /logs`
        """
        request = Request(
            "GET",
            "/logs",
            query={
                "level": level,
                "logger": logger,
                "q": q,
                "since": since,
                "session_id": session_id,
                "turn_id": turn_id,
                "limit": limit,
                "offset": offset,
            },
        )
        return await self._transport.json(Page[LogRecord], request)

    async def iter_logs(
        self,
        *,
        level: Literal["debug", "info", "warning", "error", "critical"] = "debug",
        logger: str | None = None,
        q: str | None = None,
        since: str | None = None,
        session_id: str | None = None,
        turn_id: str | None = None,
    ) -> AsyncIterator[LogRecord]:
        """The server's log, newest first, without secrets.

        Gives one after another, over all pages.

        `level` is the least one; `logger` names a logger and all below it; `q` is text in the message; `since` is a
        moment
        (ISO 8601) or a duration such as `30m`, `1h`, `7d`. Holds the newest `logs.keep_records` records since the
        server
        started.

        `GET /logs`
        """
        offset = 0
        while True:
            page = await self.list_logs(
                level=level,
                logger=logger,
                q=q,
                since=since,
                session_id=session_id,
                turn_id=turn_id,
                limit=100,
                offset=offset,
            )
            for item in page.items:
                yield item
            offset += len(page.items)
            if not page.items or offset >= page.total:
                return

    def stream_logs(
        self,
        *,
        level: Literal["debug", "info", "warning", "error", "critical"] = "debug",
        logger: str | None = None,
        q: str | None = None,
        session_id: str | None = None,
        turn_id: str | None = None,
        after: int | None = None,
    ) -> AsyncIterator[LogRecord | LogGap]:
        """The server's log as it is written: events `log`, each with a record as in `GET /logs` and its id.

        Gives its events as they come, and goes on by itself after a cut.

        With `Last-Event-ID` or `?after=` first the records kept since that id. An event `gap` says how many records
        a
        reader was too slow for.

        `GET /logs/stream`
        """
        request = Request(
            "GET",
            "/logs/stream",
            query={
                "level": level,
                "logger": logger,
                "q": q,
                "session_id": session_id,
                "turn_id": turn_id,
                "after": after,
            },
        )
        return self._transport.events({"log": LogRecord, "gap": LogGap}, request)


class AsyncRooms:
    """Every room of the API, as attributes."""

    def __init__(self, transport: AsyncTransport) -> None:
        self.sessions = AsyncSessions(transport)
        self.turns = AsyncTurns(transport)
        self.tools = AsyncTools(transport)
        self.completions = AsyncCompletions(transport)
        self.observatory = AsyncObservatory(transport)
        self.providers = AsyncProviders(transport)
        self.system = AsyncSystem(transport)
