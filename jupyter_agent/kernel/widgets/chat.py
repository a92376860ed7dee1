"""`ChatWidget`: the agent in a cell's output."""

# IPython's and ipywidgets' functions have no types.
# mypy: disallow-untyped-calls=False, disallow-untyped-decorators=False

from __future__ import annotations

import contextlib
import queue
import ssl
import uuid
from collections.abc import Callable, Coroutine, Iterable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from pathlib import Path
from typing import Any, TypeVar

import anywidget
import traitlets

from jupyter_agent.kernel.answers import Answer, Variables, finish, session_id_of, turn_start
from jupyter_agent.kernel.approvals import OnApproval
from jupyter_agent.kernel.errors import AgentError
from jupyter_agent.kernel.functions import AnyTool
from jupyter_agent.kernel.secret import Secret
from jupyter_agent.kernel.waiting import Attendance, Attendant, attend
from jupyter_agent.kernel.widgets.conversation import Conversation
from jupyter_agent.kernel.widgets.link import Link, link_for
from jupyter_agent.kernel.widgets.loop import background_loop, submit
from jupyter_agent.kernel.widgets.plain import conversation_html, conversation_text
from jupyter_agent.kernel.widgets.views import obey
from jupyter_agent.kernel.widgets.wire import FromKernel, MessageDict, text_field
from jupyter_agent.sessions.models import Session
from jupyter_agent.turns.models import InputPart, Turn, TurnEvent

STATIC = Path(__file__).parent / "static"
PRIVATE = {"live": "_live", "earlier": "_earlier", "connection_reason": "_connection_reason"}
"""Traits that are for the views alone."""

T = TypeVar("T")


class ChatWidget(anywidget.AnyWidget):
    """A chat below a cell, in JupyterLab, Notebook 7 and VS Code. It shares its session with the chat panel.

        chat = ChatWidget()
        chat                                   # type in it
        chat.send("What is a p-value?")        # or ask from Python
        chat.messages[-1]["text"]

    `session`: the conversation to show, as a Session, an id or an Answer; None begins a new one with the first
    message. `model`: provider/model, a provider, or a model alone, for what is asked here. `history`: how many
    messages are kept at the most, the newest. `height`: of the conversation, as CSS says it. `base_url`, `token` and
    `verify` are found as `Client` finds them.

    Making one waits for nothing: where no server answers, the widget says so and goes on trying. Traits change while a
    cell runs too; functions given to `observe` are called in the widgets' own thread."""

    _esm = STATIC / "chat.js"
    _css = STATIC / "chat.css"

    messages: traitlets.List[MessageDict] = traitlets.List(help="What was said, as plain dicts.").tag(sync=True)
    running = traitlets.Bool(False, help="Whether a turn is being answered.").tag(sync=True)
    cost = traitlets.Float(
        None,
        allow_none=True,
        help="US dollars that the conversation took, for sums and plots; exactly, as text, in usage['cost']. "
        "None where no price is known.",
    ).tag(sync=True)
    usage = traitlets.Dict(help="Tokens and money of the conversation, as in Session.usage.").tag(sync=True)
    session_id = traitlets.Unicode("", help="The conversation; set it to open another one. Empty: a new one.").tag(
        sync=True
    )
    title = traitlets.Unicode("", help="Of the conversation.").tag(sync=True)
    model = traitlets.Unicode("", help="What answers the next message; empty for the session's own.").tag(sync=True)
    error = traitlets.Unicode("", help="What went wrong last; empty where nothing did.").tag(sync=True)
    connection = traitlets.Enum(
        ["connecting", "online", "offline"], "connecting", help="Whether the server answers."
    ).tag(sync=True)

    _connection_reason = traitlets.Unicode("").tag(sync=True)
    _earlier = traitlets.Int(0, help="Messages before the first one here.").tag(sync=True)
    _live = traitlets.Dict(None, allow_none=True).tag(sync=True)
    _height = traitlets.Unicode("360px").tag(sync=True)
    _uid = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self,
        session: str | Session | Answer | None = None,
        *,
        model: str = "",
        history: int = 200,
        height: str = "360px",
        base_url: str | None = None,
        token: str | Secret | None = None,
        verify: bool | str | ssl.SSLContext = True,
        **options: Any,
    ) -> None:
        # First of all, so that no verbose traceback shows it.
        token = Secret(token) if token is not None else None
        if not 1 <= history <= 500:
            raise ValueError("history: 1 to 500 messages")
        self._closed = False
        self._shown: dict[str, str] | None = None
        self._link: Link = link_for(base_url, token, verify)
        self._conversation: Conversation = submit(self._make_conversation(history)).result()
        super().__init__(model=model, _height=height, _uid=uuid.uuid4().hex, **options)
        self.on_msg(self._take)
        session_id = session_id_of(session) if session is not None else None
        background_loop().call_soon_threadsafe(self._conversation.start, session_id)

    async def _make_conversation(self, history: int) -> Conversation:
        return Conversation(self._link, self, history)

    # -- what one does with it

    def send(
        self,
        text: str,
        *,
        wait: bool = False,
        model: str | None = None,
        variables: Variables | None = None,
        parts: Sequence[InputPart] | None = None,
        tools: Iterable[AnyTool] | AnyTool | None = None,
        on_approval: OnApproval | None = None,
        **options: Any,
    ) -> Answer | None:
        """Asks, and returns at once; the answer streams into the widget. While a turn runs, the text guides it.

        `wait` waits for the answer and gives it; interrupting the cell then interrupts the turn. The cell runs the
        functions that are tools, and answers approvals, as with `Client.ask`; without `wait` the functions that
        `@agent.tool` made are called when the kernel is idle, and approvals are answered in the widget. `variables`,
        `parts`, `tools`, `on_approval` and `options` are those of `Client.ask`.

        Raises AgentError where it could not be sent; with `wait`, TurnFailed where there is no usable answer."""
        self._require_open()
        if not text.strip() and not parts:
            raise ValueError("a message needs text or parts")
        if tools is not None:
            tools = [tools] if isinstance(tools, str) or callable(tools) else list(tools)
        if not wait and (on_approval is not None or any(callable(one) for one in tools or ())):
            raise ValueError("functions are called and approvals answered by a cell that waits: wait=True")
        offered, attendance = attend(tools, on_approval) if wait else ({} if tools is None else {"tools": tools}, None)
        # Read here: which variables there are is only known in the thread of the cell.
        fields = turn_start(text, variables=variables, parts=parts, options={**options, **offered})
        fields.pop("message")
        turn_id, guided = self._wait(submit(self._ask(text, fields, model or self.model)))
        if attendance is None:
            return None
        try:
            turn = self._attended(turn_id, Attendance() if guided else attendance)
        except KeyboardInterrupt:
            self.stop()
            raise KeyboardInterrupt("the turn was interrupted") from None
        return finish(turn, "")

    def _attended(self, turn_id: str, attendance: Attendance) -> Turn:
        """The turn when it has ended; what it asks of whoever waits is done here, in this thread."""
        events: queue.SimpleQueue[TurnEvent] = queue.SimpleQueue()
        future = submit(self._conversation.answered(turn_id, events.put))
        attendant = Attendant(self._wait(submit(self._link.client())).blocking, turn_id, attendance)
        while not future.done():
            # In steps, since Windows cannot interrupt a wait without an end.
            with contextlib.suppress(queue.Empty):
                attendant.attend(events.get(timeout=0.2))
        return future.result()

    def stop(self) -> None:
        """Stops the turn that runs; does nothing where none does. Raises AgentError."""
        self._require_open()
        self._wait(submit(self._conversation.stop()))

    def new(self) -> None:
        """Begins a new conversation; it is made with its first message. A turn that runs goes on in the server."""
        self.session_id = ""

    def open(self, session: str | Session | Answer | None = None) -> None:
        """Shows another conversation. (Without an argument it is what ipywidgets calls when the widget is made.)"""
        if session is None:
            super().open()
            return
        self.session_id = session_id_of(session)

    @property
    def text(self) -> str:
        """What the turn that runs has said so far; empty where none runs."""
        return self._conversation.text

    def close(self) -> None:
        """Takes the widget away. The conversation stays, and so does a turn that runs."""
        if not getattr(self, "_closed", True):
            self._closed = True
            with contextlib.suppress(RuntimeError):  # the loop is gone with the interpreter
                background_loop().call_soon_threadsafe(self._conversation.close)
        super().close()

    # -- the background thread shows things here (`wire.Screen`)

    def show(self, **traits: Any) -> None:
        """Sets traits, in this order."""
        if self._closed:
            return
        for name, value in traits.items():
            self.set_trait(PRIVATE.get(name, name), value)
        if not traits.keys().isdisjoint(("messages", "live")):
            self._refresh_saved()

    def post(self, message: FromKernel) -> None:
        """Sends a custom message to every view."""
        if not self._closed:
            self.send_message(message)

    def send_message(self, message: FromKernel) -> None:
        # `send` asks the agent; what ipywidgets calls so is this.
        super().send(message)

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:
        state: dict[str, Any] = super().get_state(key, drop_defaults)
        if state.get("_live") is not None:
            # As far as it has come by now: deltas are never written into the trait.
            state["_live"] = self._conversation.snapshot()
        return state

    # -- what views ask for

    def _take(self, _: Any, message: Any, buffers: Any) -> None:
        if not self._closed:
            obey(message, self._command, self.post)

    def _command(self, message: dict[str, Any]) -> Coroutine[Any, Any, str]:
        """Raises ValueError for what no view of ours says."""
        kind = message.get("type")
        if kind == "send":
            text = text_field(message, "text")
            if not text.strip():
                raise ValueError("a message needs text")
            return self._send_from_view(text)
        if kind == "decide":
            return self._decide_from_view(
                text_field(message, "approval_id", longest=200), message.get("approve") is True
            )
        commands: dict[Any, Callable[[], Coroutine[Any, Any, str]]] = {
            "stop": self._stop_from_view,
            "new": self._new_from_view,
            "retry": self._retry_from_view,
            "sync": self._sync,
        }
        if kind not in commands:
            raise ValueError(f"no command is called {kind!r}")
        return commands[kind]()

    async def _send_from_view(self, text: str) -> str:
        _, guided = await self._ask(text, {}, self.model)
        return "The running turn reads this before its next step." if guided else ""

    async def _decide_from_view(self, approval_id: str, approve: bool) -> str:
        await self._conversation.decide(approval_id, approve)
        return ""

    async def _stop_from_view(self) -> str:
        return "" if await self._conversation.stop() else "Nothing is running."

    async def _new_from_view(self) -> str:
        self._conversation.open(None)
        return ""

    async def _retry_from_view(self) -> str:
        await self._conversation.retry(await self._choice(self.model))
        return ""

    async def _sync(self) -> str:
        self.send_state([key for key in self.keys if key not in ("_esm", "_css")])
        return ""

    # -- inside

    async def _choice(self, model: str) -> dict[str, Any]:
        """The fields of a turn for a model's name. Raises AgentError where there is no such model."""
        if not model:
            return {}
        client = await self._link.client()
        provider, name = await client.choose_model(model)
        return {"provider": provider, **({"model": name} if name is not None else {})}

    async def _ask(self, text: str, fields: dict[str, Any], model: str) -> tuple[str, bool]:
        return await self._conversation.send(text, {**fields, **await self._choice(model)})

    @traitlets.observe("session_id")
    def _session_id_changed(self, change: Any) -> None:
        if self.comm is None or change["new"] == (self._conversation.session_id or ""):
            return  # it is being made, or shows what is open already
        self._require_open()
        submit(self._open(change["new"] or None))

    async def _open(self, session_id: str | None) -> None:
        self._conversation.open(session_id)

    def _require_open(self) -> None:
        if self._closed:
            raise AgentError("This widget was closed. Make a new one: ChatWidget(session).")

    def _wait(self, future: Future[T]) -> T:
        """Its result; an interrupt of the cell ends the waiting. Raises what it raised."""
        while True:
            try:
                # In steps, since Windows cannot interrupt a wait without an end.
                return future.result(timeout=0.5)
            except FutureTimeout:
                if future.done():
                    raise

    # -- shown for whoever has no widgets

    def _texts(self) -> tuple[str, str]:
        live = self._conversation.snapshot()
        arguments = (self.title, self.messages, live, self._conversation.text)
        return conversation_text(*arguments), conversation_html(*arguments)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """The view, and the conversation so far as text and HTML."""
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
        """Two outputs: the view, and beside it the conversation as HTML, which is kept up to date as the conversation
        goes on. Updating the view's own output would tear the view down while somebody types in it."""
        from IPython.display import publish_display_data

        bundle = super()._repr_mimebundle_()
        if bundle is None:
            return
        data, metadata = bundle
        publish_display_data({**data, "text/plain": repr(self)}, metadata)
        self._shown = self._saved()
        publish_display_data(self._shown, transient={"display_id": self._uid})

    def _refresh_saved(self) -> None:
        if self._shown is None:
            return
        saved = self._saved()
        if saved != self._shown:
            from IPython.display import publish_display_data

            self._shown = saved
            publish_display_data(saved, transient={"display_id": self._uid}, update=True)

    def __repr__(self) -> str:
        return f"ChatWidget(session_id={self.session_id!r}, messages={len(self.messages)}, running={self.running})"
