"""`SessionsWidget`: the conversations there are, in a cell's output."""

# IPython's and ipywidgets' functions have no types.
# mypy: disallow-untyped-calls=False, disallow-untyped-decorators=False

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from jupyter_agent.kernel.answers import Answer, session_id_of
from jupyter_agent.kernel.errors import AgentError, ConnectionLost, NotFound, ServerError
from jupyter_agent.kernel.secret import Secret
from jupyter_agent.kernel.widgets.chat import ChatWidget
from jupyter_agent.kernel.widgets.link import Connection, Link, link_for
from jupyter_agent.kernel.widgets.loop import background_loop, submit
from jupyter_agent.kernel.widgets.plain import plain_session, sessions_html, sessions_text
from jupyter_agent.kernel.widgets.views import obey
from jupyter_agent.kernel.widgets.wire import FromKernel, SessionDict, text_field
from jupyter_agent.sessions.models import Session

log = logging.getLogger(__name__)

STATIC = Path(__file__).parent / "static"
PAGE = 50
UNDO_SECONDS = 6.0
"""As long as a deleted conversation can be brought back."""
LOOK_SECONDS = 0.3
"""Changes of this time are one look at the list."""


class SessionsWidget(anywidget.AnyWidget):
    """The conversations there are: search, open, rename, archive, delete (with undo), new.

        chat = ChatWidget()
        SessionsWidget(chat)     # opening one shows it in `chat`

    `chat`: the widget that shows what is opened. Without one observe `value`, or link it:
    `traitlets.link((sessions, "value"), (chat, "session_id"))`. `base_url`, `token` and `verify` are found as `Client`
    finds them; with `chat`, its own are taken."""

    _esm = STATIC / "sessions.js"
    _css = STATIC / "sessions.css"

    value = traitlets.Unicode("", help="The conversation that is open; empty for none, or a new one.").tag(sync=True)
    sessions: traitlets.List[SessionDict] = traitlets.List(help="The list as plain dicts, newest first.").tag(sync=True)
    total = traitlets.Int(0, help="How many there are in all.").tag(sync=True)
    query = traitlets.Unicode("", help="What is searched for: words of the title or the content.").tag(sync=True)
    archived = traitlets.Bool(False, help="Whether the archive is shown in place of the others.").tag(sync=True)
    error = traitlets.Unicode("", help="What went wrong last; empty where nothing did.").tag(sync=True)
    connection = traitlets.Enum(
        ["connecting", "online", "offline"], "connecting", help="Whether the server answers."
    ).tag(sync=True)

    _connection_reason = traitlets.Unicode("").tag(sync=True)
    _undo = traitlets.Unicode("", help="What can be undone, in words.").tag(sync=True)
    _height = traitlets.Unicode("320px").tag(sync=True)

    def __init__(
        self,
        chat: ChatWidget | None = None,
        *,
        query: str = "",
        height: str = "320px",
        base_url: str | None = None,
        token: str | Secret | None = None,
        verify: bool | str | ssl.SSLContext = True,
        **options: Any,
    ) -> None:
        token = Secret(token) if token is not None else None
        self._closed = False
        self._chat = chat
        self._link: Link = chat._link if chat is not None else link_for(base_url, token, verify)
        self._list: SessionList = submit(self._make_list()).result()
        value = chat.session_id if chat is not None else ""
        super().__init__(query=query, value=value, _height=height, **options)
        if chat is not None:
            self._bond = traitlets.link((self, "value"), (chat, "session_id"))
        self.on_msg(self._take)
        background_loop().call_soon_threadsafe(self._list.start)

    async def _make_list(self) -> SessionList:
        return SessionList(self._link, self)

    # -- what one does with it

    def open(self, session: str | Session | Answer | None = None) -> None:
        """Opens a conversation. (Without an argument it is what ipywidgets calls when the widget is made.)"""
        if session is None:
            super().open()
            return
        self.value = session_id_of(session)

    def new(self) -> None:
        """Begins a new conversation; it is made with its first message."""
        self.value = ""

    def refresh(self) -> None:
        """Reads the list again and waits for it. Raises AgentError."""
        submit(self._list.read()).result()

    def close(self) -> None:
        """Takes the widget away. What was just deleted is then gone for good."""
        if not getattr(self, "_closed", True):
            self._closed = True
            if self._chat is not None:
                self._bond.unlink()
            with contextlib.suppress(RuntimeError):  # the loop is gone with the interpreter
                background_loop().call_soon_threadsafe(self._list.close)
        super().close()

    # -- the background thread shows things here (`wire.Screen`)

    def show(self, **traits: Any) -> None:
        """Sets traits, in this order."""
        if self._closed:
            return
        for name, value in traits.items():
            self.set_trait(name, value)

    def post(self, message: FromKernel) -> None:
        """Sends a custom message to every view."""
        if not self._closed:
            self.send(message)

    # -- what views ask for

    def _take(self, _: Any, message: Any, buffers: Any) -> None:
        if not self._closed:
            obey(message, self._command, self.post)

    def _command(self, message: dict[str, Any]) -> Coroutine[Any, Any, str]:
        """Raises ValueError for what no view of ours says."""
        kind = message.get("type")
        if kind == "search":
            return self._search(text_field(message, "query", longest=1000), bool(message.get("archived")))
        if kind == "more":
            return self._list.more()
        if kind == "undo":
            return self._list.undo()
        if kind == "new":
            return self._choose("")
        if kind not in ("open", "delete", "rename", "archive"):
            raise ValueError(f"no command is called {kind!r}")
        session_id = text_field(message, "session_id", longest=200)
        if kind == "open":
            return self._choose(session_id)
        if kind == "delete":
            return self._list.delete(session_id)
        if kind == "rename":
            return self._list.rename(session_id, text_field(message, "title", longest=200))
        return self._list.archive(session_id, bool(message.get("archived")))

    async def _choose(self, session_id: str) -> str:
        self.value = session_id
        return ""

    async def _search(self, query: str, archived: bool) -> str:
        self.show(query=query, archived=archived)
        await self._list.read()
        return f"{self.total} conversations" if self.total != 1 else "1 conversation"

    @traitlets.observe("query", "archived")
    def _asked(self, change: Any) -> None:
        if self.comm is not None:
            background_loop().call_soon_threadsafe(self._list.moved)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """The view, and the list so far as text and HTML."""
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return None
        data, metadata = bundle
        return {**data, "text/plain": sessions_text(self.sessions), "text/html": sessions_html(self.sessions)}, metadata

    def __repr__(self) -> str:
        return f"SessionsWidget(value={self.value!r}, sessions={len(self.sessions)} of {self.total})"


class SessionList:
    """Keeps a list of sessions as the server has it. Belongs to the background loop."""

    def __init__(self, link: Link, screen: SessionsWidget) -> None:
        self._link = link
        self._screen = screen
        self._limit = PAGE
        self._reading = asyncio.Lock()
        self._look: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._deleted: Session | None = None
        """Deleted here, and not yet in the server."""
        self._archived: Session | None = None
        self._settle: asyncio.TimerHandle | None = None

    def start(self) -> None:
        self._link.join(self)

    def close(self) -> None:
        self._link.leave(self)
        if self._look is not None:
            self._look.cancel()
        self._time_is_up()

    # -- what happens elsewhere (`link.Listener`)

    def connection_changed(self, connection: Connection, reason: str) -> None:
        self._screen.show(connection=connection, _connection_reason=reason)

    def topic_snapshot(self, topic: str, data: dict[str, Any]) -> None:
        if topic == "sessions":
            self.moved()

    def topic_event(self, topic: str, event: dict[str, Any]) -> None:
        if topic == "sessions":
            self.moved()

    def moved(self) -> None:
        """The list is read again, soon; many changes at once are one look."""
        if self._look is None:
            self._look = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look_now)

    def _look_now(self) -> None:
        self._look = None
        self._background(self._read_quietly())

    async def _read_quietly(self) -> None:
        try:
            await self.read()
        except (ConnectionLost, ServerError) as error:
            # After the next connect there is a snapshot, and another look.
            log.debug("the list of sessions was not read: %s", error)
        except AgentError as error:
            self._screen.show(error=error.message)

    def _background(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # -- commands

    async def read(self) -> None:
        """Shows the list as the server has it. Raises AgentError."""
        async with self._reading:
            if self._look is not None:
                self._look.cancel()
                self._look = None
            client = await self._link.client()
            # Of a conversation with several versions the newest one.
            page = await client.sessions.list_sessions(
                latest=True,
                q=self._screen.query or None,
                status=["archived"] if self._screen.archived else None,
                limit=self._limit,
            )
            hidden = self._deleted.conversation_id if self._deleted is not None else None
            shown = [plain_session(session) for session in page.items if session.conversation_id != hidden]
            self._screen.show(sessions=shown, total=page.total - (len(page.items) - len(shown)), error="")

    async def more(self) -> str:
        self._limit = min(500, self._limit + PAGE)
        await self.read()
        return ""

    async def rename(self, session_id: str, title: str) -> str:
        if not title.strip():
            raise AgentError("A title needs at least one letter.")
        client = await self._link.client()
        await client.sessions.update_session(session_id, title=title.strip())
        await self.read()
        return "Renamed."

    async def archive(self, session_id: str, archived: bool) -> str:
        client = await self._link.client()
        session = await client.sessions.update_session(session_id, archived=archived)
        if archived:
            self._offer(f"Archived “{_name(session)}”.", archived=session)
        await self.read()
        return "" if archived else "Back from the archive."

    async def delete(self, session_id: str) -> str:
        """Deletes it for good, a few seconds from now: until then it can be undone."""
        client = await self._link.client()
        session = await client.sessions.get_session(session_id)
        self._offer(f"Deleted “{_name(session)}”.", deleted=session)
        if self._screen.value == session_id:
            self._screen.value = ""
        await self.read()
        return ""

    async def undo(self) -> str:
        deleted, archived = self._deleted, self._archived
        self._forget()
        if archived is not None:
            client = await self._link.client()
            await client.sessions.update_session(archived.id, archived=False)
        await self.read()
        return "Undone." if deleted or archived else "It is too late to undo this."

    # -- undo

    def _offer(self, words: str, *, deleted: Session | None = None, archived: Session | None = None) -> None:
        self._time_is_up()
        self._deleted, self._archived = deleted, archived
        self._settle = asyncio.get_running_loop().call_later(UNDO_SECONDS, self._time_is_up)
        self._screen.show(_undo=words)

    def _forget(self) -> None:
        if self._settle is not None:
            self._settle.cancel()
        self._settle = self._deleted = self._archived = None
        self._screen.show(_undo="")

    def _time_is_up(self) -> None:
        deleted = self._deleted
        self._forget()
        if deleted is not None:
            self._background(self._purge(deleted))

    async def _purge(self, session: Session) -> None:
        try:
            client = await self._link.client()
            await client.sessions.delete_session(session.id, purge=True, versions=True)
        except NotFound:
            return
        except AgentError as error:
            self._screen.show(error=f"“{_name(session)}” was not deleted: {error.message}")
            self.moved()


def _name(session: Session) -> str:
    return session.title or session.preview[:40] or "New conversation"
