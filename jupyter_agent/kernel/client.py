"""The client: `Client` for notebooks and scripts, `AsyncClient` for asyncio.

The attributes `sessions`, `turns`, `providers` and `system` hold a method for every operation of the API; `ask` and
`stream` are the short way to an answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from jupyter_agent.api.models import Usage
from jupyter_agent.kernel.discovery import Server, find_server
from jupyter_agent.kernel.errors import AgentError, Conflict, TurnFailed
from jupyter_agent.kernel.operations import AsyncRooms, Rooms
from jupyter_agent.kernel.secret import Secret
from jupyter_agent.kernel.transport import AsyncTransport, Transport
from jupyter_agent.kernel.variables import variable_parts
from jupyter_agent.providers.models import Provider
from jupyter_agent.sessions.models import Session
from jupyter_agent.turns.models import InputPart, Turn, TurnEvent, TurnStart

FAILED = frozenset({"provider_error", "server_restart", "refused"})
"""Stop reasons after which there is no answer to use."""

Variables = Mapping[str, Any] | Sequence[str]


class Answer(str):
    """What the agent said: a string that also knows its turn, and that a notebook shows as Markdown."""

    turn: Turn
    """How it came about: stop reason, model, usage, times."""

    @classmethod
    def of(cls, turn: Turn, text: str) -> Answer:
        answer = cls(text)
        answer.turn = turn
        return answer

    @property
    def text(self) -> str:
        return str.__str__(self)

    @property
    def session_id(self) -> str:
        return self.turn.session_id

    @property
    def usage(self) -> Usage:
        return self.turn.usage

    @property
    def stop_reason(self) -> str | None:
        """`completed`, or why it is not a whole answer."""
        return self.turn.stop_reason

    def _repr_markdown_(self) -> str:
        return self.text


def usage_line(turn: Turn) -> str:
    """One line of what a turn took: model, tokens, money, and why it stopped where it did not complete."""
    parts = ["/".join(part for part in (turn.provider, turn.model) if part)]
    parts.append(f"{turn.usage.input:,} tokens in, {turn.usage.output:,} out")
    if turn.usage.cost is not None:
        parts.append(f"${turn.usage.cost}")
    if turn.started_at and turn.finished_at:
        parts.append(f"{(turn.finished_at - turn.started_at).total_seconds():.1f} s")
    if turn.stop_reason not in (None, "completed"):
        parts.append(f"stopped: {turn.stop_reason}")
    return " · ".join(part for part in parts if part)


def _finish(turn: Turn, streamed: str) -> Answer:
    """Raises TurnFailed where the turn has no answer to use."""
    answer = Answer.of(turn, turn.answer if turn.answer is not None else streamed)
    if turn.stop_reason in FAILED:
        reason = turn.error.message if turn.error else f"The turn stopped: {turn.stop_reason}."
        code = turn.error.code if turn.error else turn.stop_reason
        raise TurnFailed(reason, turn=turn, answer=answer, code=code)
    return answer


def _session_id(session: str | Session | Answer) -> str:
    if isinstance(session, Answer):
        return session.session_id
    return session.id if isinstance(session, Session) else session


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


class _Common:
    """What both clients do alike."""

    def new_session_fields(self) -> dict[str, Any]:
        """What a session that is begun from here says about where it comes from."""
        return {"channel": "notebook" if in_notebook() else "api", "notebook": notebook_path(self.server)}

    @property
    def server(self) -> Server:
        raise NotImplementedError

    @property
    def base_url(self) -> str:
        """The Jupyter server's address."""
        return self.server.url

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.server.socket or self.server.url} ({self.server.source})>"


def _turn_start(
    message: str,
    provider: str | None,
    model: str | None,
    variables: Variables | None,
    parts: Sequence[InputPart] | None,
    options: Mapping[str, Any],
) -> dict[str, Any]:
    unknown = set(options) - set(TurnStart.model_fields)
    if unknown:
        raise TypeError(f"unknown option {', '.join(sorted(unknown))}; a turn has {', '.join(TurnStart.model_fields)}")
    fields: dict[str, Any] = {"message": message, **options}
    if provider is not None:
        fields["provider"] = provider
    if model is not None:
        fields["model"] = model
    whole = [*(parts or []), *variable_parts(variables)]
    if whole:
        fields["parts"] = whole
    return fields


class Client(_Common, Rooms):
    """A client of the agent in a Jupyter server, for notebooks and scripts. Also works inside a running event loop.

        client = Client()
        answer = client.ask("What is a p-value?")
        for delta in client.stream("And a confidence interval?", session=answer):
            print(delta, end="")

    `base_url` and `token` are found where they are not given: in JUPYTER_AGENT_URL and JUPYTER_AGENT_TOKEN, through the
    server that runs this kernel, the Hub, or the running servers of this user. `timeout`: seconds an answer may take;
    `reconnect_seconds`: how long a lost stream is tried again; `verify`: as in httpx.

    Raises ServerNotFound where there is no server."""

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
        self._transport = Transport(server, timeout=timeout, reconnect_seconds=reconnect_seconds, verify=verify)
        super().__init__(self._transport)

    @property
    def server(self) -> Server:
        return self._transport.server

    def close(self) -> None:
        """Closes its connections."""
        self._transport.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def ask(
        self,
        message: str,
        *,
        session: str | Session | Answer | None = None,
        provider: str | None = None,
        model: str | None = None,
        variables: Variables | None = None,
        parts: Sequence[InputPart] | None = None,
        **options: Any,
    ) -> Answer:
        """The agent's answer. Interrupting the cell interrupts the turn.

        `session`: the conversation to go on with, as a Session, an id or an earlier Answer; None begins a new one.
        `variables`: by name and value, or in a notebook by name alone; a summary of each is sent along. `parts`:
        pictures and other context. `options`: the other fields of `TurnStart`.

        Raises TurnFailed where the model gave no usable answer, AgentError for everything else."""
        stream = self.stream(
            message, session=session, provider=provider, model=model, variables=variables, parts=parts, **options
        )
        for _ in stream:
            pass
        return stream.answer

    def stream(
        self,
        message: str,
        *,
        session: str | Session | Answer | None = None,
        provider: str | None = None,
        model: str | None = None,
        variables: Variables | None = None,
        parts: Sequence[InputPart] | None = None,
        **options: Any,
    ) -> AnswerStream:
        """The answer as it is written: iterate for pieces of text. Takes what `ask` takes."""
        fields = _turn_start(message, provider, model, variables, parts, options)
        if session is None:
            session = self.sessions.create_session(**self.new_session_fields())
        turn = self.turns.start_turn(_session_id(session), **fields)
        return AnswerStream(self, turn)

    def choose_model(self, name: str) -> tuple[str, str | None]:
        """The ids of provider and model for `provider/model`, a provider, or a model alone.

        Raises AgentError where there is no such model, or several have it."""
        providers = list(self.providers.iter_providers())
        if name.partition("/")[0] in {provider.id for provider in providers}:
            return split_model(name, providers, [])
        models = self.providers.list_models().items
        return split_model(name, providers, [(item.provider, item.id) for item in models])


class AnswerStream:
    """A turn that is being answered. Iterate for its text, or over `events()` for everything.

    `break` leaves the turn running in the server; an interrupt of the cell, or `interrupt()`, stops it."""

    def __init__(self, client: Client, turn: Turn) -> None:
        self._client = client
        self._last_index: int | None = None
        self._finished = False
        self.turn = turn
        self.text = ""
        """What has come so far."""

    @property
    def session_id(self) -> str:
        return self.turn.session_id

    def events(self) -> Iterator[TurnEvent]:
        """The turn's events from where the stream stands, up to `turn_finished`."""
        try:
            # A stream that broke off for good is taken up anew, after what was already seen.
            for event in self._client.turns.stream_turn_events(self.turn.id, after=self._last_index):
                self._last_index = event.index
                if event.type == "content":
                    self.text += event.data["delta"]
                self._finished = event.type == "turn_finished"
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
        return _finish(self.turn, self.text)

    def __enter__(self) -> AnswerStream:
        return self

    def __exit__(self, kind: type[BaseException] | None, *exc: object) -> None:
        if kind is not None and issubclass(kind, KeyboardInterrupt):
            self.interrupt()

    def __repr__(self) -> str:
        return f"<AnswerStream {self.turn.id}: {len(self.text)} characters>"


class AsyncClient(_Common, AsyncRooms):
    """As `Client`, for asyncio: the same methods, awaited.

        async with AsyncClient() as client:
            answer = await client.ask("What is a p-value?")
            async for delta in client.stream("And a confidence interval?", session=answer):
                print(delta, end="")

    Finding the server takes a moment and blocks; inside a busy event loop use `await AsyncClient.connect()`."""

    def __init__(
        self,
        base_url: str | None = None,
        token: str | Secret | None = None,
        *,
        timeout: float = 300.0,
        reconnect_seconds: float = 60.0,
        verify: bool | str | ssl.SSLContext = True,
    ) -> None:
        token = Secret(token) if token is not None else None
        server = find_server(base_url, token, verify=verify)
        self._transport = AsyncTransport(server, timeout=timeout, reconnect_seconds=reconnect_seconds, verify=verify)
        super().__init__(self._transport)

    @classmethod
    async def connect(cls, *arguments: Any, **options: Any) -> AsyncClient:
        """A client, made without blocking the event loop. Takes what the class takes."""
        return await asyncio.to_thread(cls, *arguments, **options)

    @property
    def server(self) -> Server:
        return self._transport.server

    async def close(self) -> None:
        """Closes its connections."""
        await self._transport.close()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def ask(
        self,
        message: str,
        *,
        session: str | Session | Answer | None = None,
        provider: str | None = None,
        model: str | None = None,
        variables: Variables | None = None,
        parts: Sequence[InputPart] | None = None,
        **options: Any,
    ) -> Answer:
        """As `Client.ask`. Cancelling it interrupts the turn."""
        stream = self.stream(
            message, session=session, provider=provider, model=model, variables=variables, parts=parts, **options
        )
        return await stream.answer()

    def stream(
        self,
        message: str,
        *,
        session: str | Session | Answer | None = None,
        provider: str | None = None,
        model: str | None = None,
        variables: Variables | None = None,
        parts: Sequence[InputPart] | None = None,
        **options: Any,
    ) -> AsyncAnswerStream:
        """As `Client.stream`; the turn starts with the first step of the iteration."""
        fields = _turn_start(message, provider, model, variables, parts, options)
        return AsyncAnswerStream(self, None if session is None else _session_id(session), fields)

    async def choose_model(self, name: str) -> tuple[str, str | None]:
        """As `Client.choose_model`."""
        providers = [provider async for provider in self.providers.iter_providers()]
        if name.partition("/")[0] in {provider.id for provider in providers}:
            return split_model(name, providers, [])
        models = (await self.providers.list_models()).items
        return split_model(name, providers, [(item.provider, item.id) for item in models])


class AsyncAnswerStream:
    """As `AnswerStream`, for asyncio. Cancelling the iteration interrupts the turn."""

    def __init__(self, client: AsyncClient, session_id: str | None, fields: Mapping[str, Any]) -> None:
        self._client = client
        self._fields = fields
        self._last_index: int | None = None
        self._finished = False
        self.session_id = session_id
        self.turn: Turn | None = None
        """None until it was started."""
        self.text = ""

    async def start(self) -> Turn:
        """Starts the turn where it is not started yet."""
        if self.turn is None:
            if self.session_id is None:
                self.session_id = (await self._client.sessions.create_session(**self._client.new_session_fields())).id
            self.turn = await self._client.turns.start_turn(self.session_id, **self._fields)
        return self.turn

    async def events(self) -> AsyncIterator[TurnEvent]:
        """The turn's events from where the stream stands, up to `turn_finished`."""
        turn = await self.start()
        try:
            async for event in self._client.turns.stream_turn_events(turn.id, after=self._last_index):
                self._last_index = event.index
                if event.type == "content":
                    self.text += event.data["delta"]
                self._finished = event.type == "turn_finished"
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
        return _finish(turn, self.text)

    def __repr__(self) -> str:
        return f"<AsyncAnswerStream {self.turn.id if self.turn else 'not started'}: {len(self.text)} characters>"
