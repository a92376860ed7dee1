"""What the widgets of the observatory have in common: a connection, a view, and beside it what a notebook keeps."""

# ipywidgets' functions have no types.
# mypy: disallow-untyped-calls=False

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
import uuid
from abc import abstractmethod
from collections.abc import Coroutine
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from pathlib import Path
from typing import Any, TypeVar

import anywidget
import traitlets

from jupyter_agent.kernel.errors import AgentError, ConnectionLost, ServerError
from jupyter_agent.kernel.secret import Secret
from jupyter_agent.kernel.widgets.link import Connection, Link, link_for
from jupyter_agent.kernel.widgets.loop import background_loop, submit
from jupyter_agent.kernel.widgets.views import obey
from jupyter_agent.kernel.widgets.wire import FromKernel

log = logging.getLogger(__name__)

STATIC = Path(__file__).parent / "static"
AGAIN_SECONDS = 1.0
LOOK_SECONDS = 0.3
"""Changes of this time are one look."""
SHOW_SECONDS = 5.0
"""How long a display waits for its numbers: they are in the saved notebook then from the beginning."""
TEXT_SECONDS = 30.0

T = TypeVar("T")


class Watch:
    """Keeps a widget as the server has it. Belongs to the background loop."""

    def __init__(self, link: Link, screen: ObservedWidget) -> None:
        self.link = link
        self.screen = screen
        self.ready = asyncio.Event()
        """Something was read, or it is said why not."""
        self._reading = asyncio.Lock()
        self._look: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False

    async def read(self) -> None:
        """Shows how things stand. Raises AgentError."""
        raise NotImplementedError

    def start(self) -> None:
        self.link.join(self)

    def close(self) -> None:
        self._closed = True
        self.link.leave(self)
        if self._look is not None:
            self._look.cancel()
        for task in self._tasks:
            task.cancel()

    # -- what happens elsewhere (`link.Listener`)

    def connection_changed(self, connection: Connection, reason: str) -> None:
        self.screen.show(connection=connection, _connection_reason=reason)
        if connection == "offline":
            self.ready.set()

    def topic_snapshot(self, topic: str, data: dict[str, Any]) -> None:
        # Something may have happened while nobody listened.
        if topic == "turns":
            self.look_soon()

    def topic_event(self, topic: str, event: dict[str, Any]) -> None:
        """Something happened to a turn or a session."""

    # -- reading

    def look_soon(self, seconds: float = LOOK_SECONDS) -> None:
        """Reads again, soon; many reasons at once are one look."""
        if self._look is None and not self._closed:
            self._look = asyncio.get_running_loop().call_later(seconds, self._look_now)

    def _look_now(self) -> None:
        self._look = None
        self.background(self.read_quietly())

    async def read_quietly(self) -> None:
        """Reads; what goes wrong is shown. A server that is gone has a snapshot, and another look, when it is back."""
        try:
            await self.read_in_turn()
        except (ConnectionLost, ServerError) as error:
            log.debug("not read: %s", error)
            self.screen.show(error="" if isinstance(error, ConnectionLost) else error.message)
        except AgentError as error:
            self.screen.show(error=error.message)
        finally:
            self.ready.set()

    async def read_in_turn(self) -> None:
        """What was asked for first is shown first."""
        async with self._reading:
            await self.read()
            self.screen.show(error="")
            self.ready.set()

    def background(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


class ObservedWidget(anywidget.AnyWidget):
    """Base of the widgets that show what was recorded. Making one waits for nothing."""

    _css = STATIC / "chat.css"

    error = traitlets.Unicode("", help="What went wrong last; empty where nothing did.").tag(sync=True)
    connection = traitlets.Enum(
        ["connecting", "online", "offline"], "connecting", help="Whether the server answers."
    ).tag(sync=True)

    _connection_reason = traitlets.Unicode("").tag(sync=True)
    _view_kind = traitlets.Unicode("").tag(sync=True)
    _height = traitlets.Unicode("").tag(sync=True)
    _uid = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self,
        *,
        base_url: str | None = None,
        token: str | Secret | None = None,
        verify: bool | str | ssl.SSLContext = True,
        **options: Any,
    ) -> None:
        # First of all, so that no verbose traceback shows it.
        token = Secret(token) if token is not None else None
        self._closed = False
        self._shown: dict[str, str] | None = None
        self._link: Link = link_for(base_url, token, verify)
        self._watch: Watch = submit(self._make_watch()).result()
        super().__init__(_uid=uuid.uuid4().hex, **options)
        self.on_msg(self._take)
        background_loop().call_soon_threadsafe(self._watch.start)

    @abstractmethod
    async def _make_watch(self) -> Watch: ...

    @abstractmethod
    def _texts(self) -> tuple[str, str]:
        """What is shown, as plain text and as HTML."""

    @abstractmethod
    def _command(self, message: dict[str, Any]) -> Coroutine[Any, Any, str]:
        """What a view asks for. Raises ValueError for what no view of ours says."""

    def refresh(self) -> None:
        """Reads it again and waits for it. Raises AgentError."""
        self._require_open()
        self._wait(submit(self._watch.read_in_turn()))

    def close(self) -> None:
        """Takes the widget away."""
        if not getattr(self, "_closed", True):
            self._closed = True
            with contextlib.suppress(RuntimeError):  # the loop is gone with the interpreter
                background_loop().call_soon_threadsafe(self._watch.close)
        super().close()

    # -- the background thread shows things here

    def show(self, **traits: Any) -> None:
        """Sets traits."""
        if self._closed:
            return
        # One message to the views: what belongs together is never seen apart.
        with self.hold_sync():
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

    async def _refresh_from_view(self) -> str:
        await self._watch.read_in_turn()
        return ""

    # -- inside

    def _require_open(self) -> None:
        if self._closed:
            raise AgentError("This widget was closed. Make a new one.")

    def _wait(self, future: Future[T]) -> T:
        """Its result; an interrupt of the cell ends the waiting. Raises what it raised."""
        while True:
            try:
                # In steps, since Windows cannot interrupt a wait without an end.
                return future.result(timeout=0.5)
            except FutureTimeout:
                if future.done():
                    raise

    def _wait_ready(self, seconds: float) -> None:
        """Waits until there is something to show, or it is said why there is not."""
        if not self._closed:
            with contextlib.suppress(TimeoutError):
                self._wait(submit(asyncio.wait_for(self._watch.ready.wait(), seconds)))

    def _problem(self) -> str:
        if self.connection == "offline":
            return f"The server does not answer. {self._connection_reason}".strip()
        return str(self.error)

    # -- shown for whoever has no widgets

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """The view, and what it shows as text and HTML."""
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return None
        data, metadata = bundle
        plain, html = self._texts()
        return {**data, "text/plain": plain, "text/html": html}, metadata

    def _saved(self) -> dict[str, str]:
        plain, html = self._texts()
        # A living view hides it by this class.
        return {"text/html": f'<div class="jp-agent-saved-{self._uid}">{html}</div>', "text/plain": plain}

    def _ipython_display_(self) -> None:
        """Two outputs: the view, and beside it the same as HTML, which is kept up to date; see `ChatWidget`."""
        from IPython.display import publish_display_data

        self._wait_ready(SHOW_SECONDS)
        bundle = super()._repr_mimebundle_()
        if bundle is None:
            return
        data, metadata = bundle
        publish_display_data({**data, "text/plain": repr(self)}, metadata)
        self._shown = self._saved()
        publish_display_data(self._shown, transient={"display_id": self._uid})

    def refresh_saved(self) -> None:
        if self._shown is None or self._closed:
            return
        saved = self._saved()
        if saved != self._shown:
            from IPython.display import publish_display_data

            self._shown = saved
            publish_display_data(saved, transient={"display_id": self._uid}, update=True)

    def __str__(self) -> str:
        """What it shows, as text: for scripts."""
        self._wait_ready(TEXT_SECONDS)
        return self._texts()[0]
