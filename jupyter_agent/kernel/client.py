"""The client: `Client` for notebooks and scripts, `AsyncClient` for asyncio.

The attributes `sessions`, `turns`, `tools`, `observatory`, `providers` and `system` hold a method for every operation
of the API; `ask` and `stream` are the short way to an answer, `stats` and `inspect` to what it took.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import ssl
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Coroutine, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Generic, TypeVar

from jupyter_agent.kernel.answers import (
    Answer,
    AnySession,
    Progress,
    Variables,
    finish,
    session_id_of,
    turn_start,
)
from jupyter_agent.kernel.approvals import OnApproval
from jupyter_agent.kernel.discovery import Server, find_server
from jupyter_agent.kernel.errors import AgentError, Conflict
from jupyter_agent.kernel.functions import AnyTool
from jupyter_agent.kernel.inspection import Inspection, look, look_async, turn_id_of
from jupyter_agent.kernel.operations import AsyncRooms, Rooms
from jupyter_agent.kernel.pictures import image_part
from jupyter_agent.kernel.secret import Secret
from jupyter_agent.kernel.stats import AsyncStats, Stats
from jupyter_agent.kernel.transport import AsyncTransport, Transport, new_key
from jupyter_agent.kernel.waiting import AsyncAttendant, Attendance, Attendant, attend
from jupyter_agent.providers.models import Provider
from jupyter_agent.turns.models import ImagePart, InputPart, Turn, TurnEvent

T = TypeVar("T", Transport, AsyncTransport)
S = TypeVar("S")
A = TypeVar("A")


def in_notebook() -> bool:
    """Whether this process is the kernel of a notebook."""
    return bool(os.environ.get("JPY_SESSION_NAME"))


def notebook_path(server: Server) -> str | None:
    """The notebook this kernel runs, as the server names it: relative to its root folder where that is known."""
    name = os.environ.get("JPY_SESSION_NAME")
    if not name:
        return None
    path = Path(name)
    if server.root_dir and path.is_absolute():
        with contextlib.suppress(ValueError):
            return path.resolve().relative_to(Path(server.root_dir).resolve()).as_posix()
    return path.as_posix()


def split_model(name: str, providers: Sequence[Provider], models: Sequence[tuple[str, str]]) -> tuple[str, str | None]:
    """The provider and model that a person means by `provider/model`, a provider alone, or a model alone.

    Of several providers that have the model the default one is meant. Raises AgentError where it is none of them, or
    the model of several others."""
    ids = {provider.id for provider in providers}
    head, _, tail = name.partition("/")
    if head in ids and tail:
        return head, tail
    if name in ids:
        return name, None
    having = [provider for provider, model in models if model == name]
    default = [provider.id for provider in providers if provider.is_default and provider.id in having]
    if len(having) == 1 or default:
        return (default or having)[0], name
    if having:
        choices = ", ".join(f"{provider}/{name}" for provider in having)
        raise AgentError(f"Several providers have the model {name}; say which: {choices}.")
    raise AgentError(f"There is no model {name!r}. Providers: {', '.join(sorted(ids))}; name one as provider/model.")


def needs_models(name: str, providers: Sequence[Provider]) -> bool:
    """Whether one has to look at the models to know what a name means."""
    return name.partition("/")[0] not in {provider.id for provider in providers}


class _Asking(ABC, Generic[T, S, A]):
    """What both clients do alike: they differ in their transport, in the stream they give and in how one waits."""

    _transport_type: type[T]

    def __init__(
        self,
        base_url: str | None = None,
        token: str | Secret | None = None,
        *,
        timeout: float = 300.0,
        reconnect_seconds: float = 60.0,
        verify: bool | str | ssl.SSLContext = True,
    ) -> None:
        # First of all, so that no verbose traceback shows it.
        token = Secret(token) if token is not None else None
        server = find_server(base_url, token, verify=verify)
        self._transport: T = self._transport_type(
            server, timeout=timeout, reconnect_seconds=reconnect_seconds, verify=verify
        )
        super().__init__(self._transport)  # type: ignore[call-arg]  # the rooms come next in both clients

    @abstractmethod
    def _begin(self, session_id: str | None, fields: Mapping[str, Any], attendance: Attendance) -> S:
        """The stream of a question, in a new session where none is given."""

    @abstractmethod
    def _whole(self, stream: S) -> A:
        """The stream's answer."""

    def ask(
        self,
        message: str,
        *,
        session: AnySession | None = None,
        provider: str | None = None,
        model: str | None = None,
        variables: Variables | None = None,
        images: Any = None,
        parts: Sequence[InputPart] | None = None,
        tools: Iterable[AnyTool] | AnyTool | None = None,
        on_approval: OnApproval | None = None,
        **options: Any,
    ) -> A:
        """The agent's answer. Interrupting the cell, or cancelling the task, interrupts the turn.

        `session`: the conversation to go on with, as a Session, an id or an earlier Answer; None begins a new one.
        `variables`: by name and value, or in a notebook by name alone; a summary of each is sent along. `images`:
        pictures, three at the most: paths, bytes, matplotlib figures, PIL images, IPython images. `parts`: other
        context. `options`: the other fields of `TurnStart`, such as `mode`.

        `tools`: functions that the agent may call, beside the server's tools; they run here, in this thread, while it
        waits. Names say which of the server's tools it may use; [] allows none. Without it, it may use all of the
        server's, and the functions that `@agent.tool` made. `on_approval`: answers what the agent asks before it does
        it, with True, False, other arguments, or a text that says why not. Without it somebody is asked in the cell.

        Raises TurnFailed where the model gave no usable answer, TypeError for an option or picture that is none,
        AgentError for everything else."""
        return self._whole(
            self.stream(
                message,
                session=session,
                provider=provider,
                model=model,
                variables=variables,
                images=images,
                parts=parts,
                tools=tools,
                on_approval=on_approval,
                **options,
            )
        )

    def stream(
        self,
        message: str,
        *,
        session: AnySession | None = None,
        provider: str | None = None,
        model: str | None = None,
        variables: Variables | None = None,
        images: Any = None,
        parts: Sequence[InputPart] | None = None,
        tools: Iterable[AnyTool] | AnyTool | None = None,
        on_approval: OnApproval | None = None,
        **options: Any,
    ) -> S:
        """The answer as it is written: iterate for pieces of text. Takes what `ask` takes.

        With `AsyncClient` the turn starts with the first step of the iteration."""
        offered, attendance = attend(tools, on_approval)
        fields = turn_start(
            message,
            provider=provider,
            model=model,
            variables=variables,
            images=images,
            parts=parts,
            options={**options, **offered},
        )
        return self._begin(None if session is None else session_id_of(session), fields, attendance)

    def new_session_fields(self) -> dict[str, Any]:
        """What a session that is begun from here says about where it comes from."""
        return {"channel": "notebook" if in_notebook() else "api", "notebook": notebook_path(self.server)}

    @property
    def server(self) -> Server:
        """Where it was found, and how it is spoken to."""
        return self._transport.server

    @property
    def base_url(self) -> str:
        """The Jupyter server's address."""
        return self.server.url

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.server.socket or self.server.url} ({self.server.source})>"


class Client(_Asking[Transport, "AnswerStream", Answer], Rooms):
    """A client of the agent in a Jupyter server, for notebooks and scripts. Also works inside a running event loop.

        client = Client()
        answer = client.ask("What is a p-value?")
        for delta in client.stream("And a confidence interval?", session=answer):
            print(delta, end="")

    `base_url` and `token` are found where they are not given: in JUPYTER_AGENT_URL and JUPYTER_AGENT_TOKEN, through the
    server that runs this kernel, the Hub, or the running servers of this user. `timeout`: seconds an answer may take;
    `reconnect_seconds`: how long a lost stream is tried again; `verify`: as in httpx.

    Raises ServerNotFound where there is no server."""

    _transport_type = Transport

    @cached_property
    def stats(self) -> Stats:
        """What was used and what it cost, as tables: `client.stats.costs().to_pandas()`."""
        return Stats(self.observatory)

    def inspect(self, turn: Any) -> Inspection:
        """What a turn's model saw, why it was asked, what happened when, and what could be better.

        `turn`: an answer, a Turn, its id, or a stream. Raises AgentError, TypeError for what is no turn."""
        return Inspection(look(self, turn_id_of(turn)), self)

    def close(self) -> None:
        """Closes its connections."""
        self._transport.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _begin(self, session_id: str | None, fields: Mapping[str, Any], attendance: Attendance) -> AnswerStream:
        if session_id is None:
            session_id = self.sessions.create_session(**self.new_session_fields()).id
        key = new_key()
        try:
            turn = self.turns.start_turn(session_id, **fields, idempotency_key=key)
        except KeyboardInterrupt:
            # Nobody knows whether the server has it already: the same key gives the turn that is to be stopped.
            self.follow(self.turns.start_turn(session_id, **fields, idempotency_key=key)).interrupt()
            raise KeyboardInterrupt("the turn was interrupted") from None
        return AnswerStream(self, turn, attendance)

    def _whole(self, stream: AnswerStream) -> Answer:
        return stream.answer

    def upload_image(self, image: Any, *, name: str | None = None) -> ImagePart:
        """Sends a picture ahead of its message and gives what `images` and `parts` take in its place.

        Takes what one of `images` can be. Raises TypeError and AgentError as `ask` does."""
        part = image_part(image)
        if part.data is None:
            return part
        name = name or part.name
        blob = self.sessions.upload_blob(media_type=part.media_type, data=part.data, name=name)
        return ImagePart(media_type=part.media_type, blob_id=blob.id, name=name)

    def follow(self, turn: Turn) -> AnswerStream:
        """The stream of a turn that was started in another way: sent again, retried, or asked elsewhere."""
        return AnswerStream(self, turn)

    def choose_model(self, name: str) -> tuple[str, str | None]:
        """The ids of provider and model for `provider/model`, a provider, or a model alone.

        Raises AgentError where there is no such model, or several have it."""
        providers = list(self.providers.iter_providers())
        models = self.providers.list_models().items if needs_models(name, providers) else []
        return split_model(name, providers, [(item.provider, item.id) for item in models])


class AnswerStream(Progress):
    """A turn that is being answered. Iterate for its text, or over `events()` for everything.

    `break` leaves the turn running in the server; an interrupt of the cell, or `interrupt()`, stops it."""

    def __init__(self, client: Client, turn: Turn, attendance: Attendance | None = None) -> None:
        super().__init__()
        self._client = client
        self._attendant = Attendant(client, turn.id, attendance) if attendance is not None else None
        self.turn = turn

    @property
    def session_id(self) -> str:
        return self.turn.session_id

    def events(self) -> Iterator[TurnEvent]:
        """The turn's events from where the stream stands, up to `turn_finished`.

        Functions that were offered are called, and approvals answered, before their events are given."""
        try:
            # A stream that broke off for good is taken up anew, after what was already seen.
            for event in self._client.turns.stream_turn_events(self.turn.id, after=self._last_index):
                self._take(event)
                if self._attendant is not None:
                    self._attendant.attend(event)
                yield event
        except KeyboardInterrupt:
            self.interrupt()
            # Without the frames of the HTTP library, which hold the request's headers.
            raise KeyboardInterrupt("the turn was interrupted") from None

    def __iter__(self) -> Iterator[str]:
        for event in self.events():
            if event.type == "content":
                yield event.data["delta"]

    def interrupt(self, message: str | None = None) -> None:
        """Stops the turn; does nothing where it has ended already."""
        with contextlib.suppress(Conflict):
            self._client.turns.interrupt_turn(self.turn.id, message=message)

    @property
    def answer(self) -> Answer:
        """The whole answer, waiting for it where it is still coming.

        Raises TurnFailed where the model gave no usable answer."""
        if not self._finished:
            for _ in self.events():
                pass
        if self.turn.status != "finished":
            self.turn = self._client.turns.get_turn(self.turn.id)
        return finish(self.turn, self.text, self._client)

    def __enter__(self) -> AnswerStream:
        return self

    def __exit__(self, kind: type[BaseException] | None, *exc: object) -> None:
        if kind is not None and issubclass(kind, KeyboardInterrupt):
            self.interrupt()

    def __repr__(self) -> str:
        return f"<AnswerStream {self.turn.id}: {len(self.text)} characters>"


class AsyncClient(_Asking[AsyncTransport, "AsyncAnswerStream", Coroutine[Any, Any, Answer]], AsyncRooms):
    """As `Client`, for asyncio: the same methods, awaited.

        async with AsyncClient() as client:
            answer = await client.ask("What is a p-value?")
            async for delta in client.stream("And a confidence interval?", session=answer):
                print(delta, end="")

    Finding the server takes a moment and blocks; inside a busy event loop use `await AsyncClient.connect()`."""

    _transport_type = AsyncTransport

    @classmethod
    async def connect(cls, *arguments: Any, **options: Any) -> AsyncClient:
        """A client, made without blocking the event loop. Takes what the class takes."""
        return await asyncio.to_thread(cls, *arguments, **options)

    @cached_property
    def stats(self) -> AsyncStats:
        """As `Client.stats`, awaited."""
        return AsyncStats(self.observatory)

    async def inspect(self, turn: Any) -> Inspection:
        """As `Client.inspect`."""
        return Inspection(await look_async(self, turn_id_of(turn)), self)

    async def close(self) -> None:
        """Closes its connections."""
        await self._transport.close()

    @property
    def blocking(self) -> Rooms:
        """The same operations of the same server, blocking."""
        return Rooms(self._transport.blocking())

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    def _begin(self, session_id: str | None, fields: Mapping[str, Any], attendance: Attendance) -> AsyncAnswerStream:
        return AsyncAnswerStream(self, session_id, fields, attendance)

    async def _whole(self, stream: AsyncAnswerStream) -> Answer:
        return await stream.answer()

    async def upload_image(self, image: Any, *, name: str | None = None) -> ImagePart:
        """As `Client.upload_image`."""
        part = image_part(image)
        if part.data is None:
            return part
        name = name or part.name
        blob = await self.sessions.upload_blob(media_type=part.media_type, data=part.data, name=name)
        return ImagePart(media_type=part.media_type, blob_id=blob.id, name=name)

    def follow(self, turn: Turn) -> AsyncAnswerStream:
        """As `Client.follow`."""
        stream = AsyncAnswerStream(self, turn.session_id, {})
        stream.turn = turn
        return stream

    async def choose_model(self, name: str) -> tuple[str, str | None]:
        """As `Client.choose_model`."""
        providers = [provider async for provider in self.providers.iter_providers()]
        models = (await self.providers.list_models()).items if needs_models(name, providers) else []
        return split_model(name, providers, [(item.provider, item.id) for item in models])


class AsyncAnswerStream(Progress):
    """As `AnswerStream`, for asyncio. Cancelling the iteration interrupts the turn."""

    def __init__(
        self,
        client: AsyncClient,
        session_id: str | None,
        fields: Mapping[str, Any],
        attendance: Attendance | None = None,
    ) -> None:
        super().__init__()
        self._client = client
        self._fields = fields
        self._attendance = attendance
        self.session_id = session_id
        self.turn: Turn | None = None
        """None until it was started."""

    async def start(self) -> Turn:
        """Starts the turn where it is not started yet."""
        if self.turn is None:
            if self.session_id is None:
                self.session_id = (await self._client.sessions.create_session(**self._client.new_session_fields())).id
            key = new_key()
            try:
                self.turn = await self._client.turns.start_turn(self.session_id, **self._fields, idempotency_key=key)
            except asyncio.CancelledError:
                with contextlib.suppress(AgentError):
                    await asyncio.shield(self._stop_start(self.session_id, key))
                raise
        return self.turn

    async def _stop_start(self, session_id: str, key: str) -> None:
        # Nobody knows whether the server has it already: the same key gives the turn that is to be stopped.
        self.turn = await self._client.turns.start_turn(session_id, **self._fields, idempotency_key=key)
        await self.interrupt()

    async def events(self) -> AsyncIterator[TurnEvent]:
        """The turn's events from where the stream stands, up to `turn_finished`. As `AnswerStream.events`."""
        turn = await self.start()
        attendant = AsyncAttendant(self._client, turn.id, self._attendance) if self._attendance is not None else None
        try:
            async for event in self._client.turns.stream_turn_events(turn.id, after=self._last_index):
                self._take(event)
                if attendant is not None:
                    await attendant.attend(event)
                yield event
        except asyncio.CancelledError:
            with contextlib.suppress(AgentError):
                await asyncio.shield(self.interrupt())
            raise asyncio.CancelledError("the turn was interrupted") from None

    async def __aiter__(self) -> AsyncIterator[str]:
        async for event in self.events():
            if event.type == "content":
                yield event.data["delta"]

    async def interrupt(self, message: str | None = None) -> None:
        """Stops the turn; does nothing where it has ended already, or has not begun."""
        if self.turn is not None:
            with contextlib.suppress(Conflict):
                await self._client.turns.interrupt_turn(self.turn.id, message=message)

    async def answer(self) -> Answer:
        """The whole answer, waiting for it where it is still coming.

        Raises TurnFailed where the model gave no usable answer."""
        if not self._finished:
            async for _ in self.events():
                pass
        turn = await self.start()
        if turn.status != "finished":
            turn = self.turn = await self._client.turns.get_turn(turn.id)
        return finish(turn, self.text, self._client)

    def __repr__(self) -> str:
        return f"<AsyncAnswerStream {self.turn.id if self.turn else 'not started'}: {len(self.text)} characters>"
