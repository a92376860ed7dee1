"""How a request reaches the server: authentication, retries, typed answers, event streams that go on after a cut."""

from __future__ import annotations

import asyncio
import json
import secrets
import ssl
import time
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Generic, TypeVar, cast, overload

import httpx
from pydantic import BaseModel, TypeAdapter, ValidationError

from jupyter_agent._version import __version__
from jupyter_agent.kernel.discovery import Server, httpx_options
from jupyter_agent.kernel.errors import AgentError, ConnectionLost, Invalid, ServerError, from_response
from jupyter_agent.turns.models import TurnEvent

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")

CONNECT_SECONDS = 10.0
PING_SECONDS = 45.0
"""Silence on an event stream after which it is taken for dead; the server says something every 15 s."""
RETRIES = 5
"""How often a request is made again, at the most."""
REFUSED_RETRIES = 3
"""The same where nobody listens: a server that is gone should not take long to notice."""
LONGEST_RETRY_AFTER = 30.0
"""Seconds that a Retry-After is waited for; what asks for more is given back as RateLimited."""
GATEWAY_STATUSES = (502, 503, 504)


class Unset:
    """The type of `UNSET`: an argument that was not given (None can be a value)."""

    def __repr__(self) -> str:
        return "UNSET"


UNSET = Unset()


@dataclass(frozen=True)
class StreamEvent:
    """An event of a stream that has no type of its own."""

    id: str | None
    type: str
    data: Any


E = TypeVar("E", bound=BaseModel)


@dataclass(frozen=True)
class Request:
    """One call of an operation."""

    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    body: str | None = None
    """JSON."""
    idempotency_key: str | None = None
    """Makes a POST one that can be made again."""
    unbounded: bool = False
    """Whether the answer may take as long as it likes."""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def repeatable(self) -> bool:
        return self.method in ("GET", "PUT") or self.idempotency_key is not None

    def send_headers(self, accept: str) -> dict[str, str]:
        headers = {"Accept": accept, **self.headers}
        if self.body is not None:
            headers["Content-Type"] = "application/json"
        if self.idempotency_key is not None:
            headers["Idempotency-Key"] = self.idempotency_key
        return headers

    def send_query(self) -> dict[str, Any]:
        return {name: _query_value(value) for name, value in self.query.items() if value is not None}


def _query_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [_query_value(item) for item in value]
    return value


def new_key() -> str:
    """An Idempotency-Key nobody has used."""
    return uuid.uuid4().hex


def json_body(
    model: type[BaseModel], body: BaseModel | Mapping[str, Any] | None, fields: Mapping[str, Any], **fixed: Any
) -> str:
    """The JSON of a body that was given whole, as a model or a dict, or by its fields; only what was set is in it, and
    what is `fixed`.

    Raises Invalid where a field has a wrong value, TypeError where both ways were taken at once."""
    given = {name: value for name, value in fields.items() if not isinstance(value, Unset)}
    if body is not None and given:
        raise TypeError(f"give a {model.__name__} or its fields ({', '.join(given)}), not both")
    if not isinstance(body, BaseModel):
        try:
            body = model.model_validate(given if body is None else body)
        except ValidationError as error:
            raise _invalid(error) from None
    # Not exclude_unset: it would also take the `type` of each part away.
    dumped = body.model_dump(mode="json")
    said = {name: dumped[name] for name in dumped if name in body.model_fields_set}
    return json.dumps({**said, **fixed}, ensure_ascii=False)


def _invalid(error: ValidationError) -> Invalid:
    errors = [
        {"path": ".".join(["body", *map(str, item["loc"])]), "message": item["msg"]}
        for item in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    return Invalid("; ".join(f"{item['path']}: {item['message']}" for item in errors), details={"errors": errors})


def seconds(value: str | None) -> float | None:
    """A Retry-After of seconds; None for anything else."""
    try:
        return max(0.0, float(value)) if value is not None else None
    except ValueError:
        return None


class Decoder:
    """Bytes in, server-sent events out. Lines end at CR and LF only: httpx's own also end at U+2028 and the like."""

    def __init__(self) -> None:
        self._rest = b""
        self._id: str | None = None
        self._type = "message"
        self._data: list[str] = []

    def feed(self, chunk: bytes) -> Iterator[StreamEvent]:
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for raw in lines:
            line = raw.removesuffix(b"\r").decode("utf-8", "replace")
            if not line:
                if self._data:
                    text = "\n".join(self._data)
                    try:
                        yield StreamEvent(self._id, self._type, json.loads(text))
                    except ValueError as error:
                        raise ServerError(f"the server sent an event that is no JSON: {text[:200]!r}") from error
                self._id, self._type, self._data = None, "message", []
                continue
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "data":
                self._data.append(value)
            elif name == "id":
                self._id = value
            elif name == "event":
                self._type = value


class Resume(Generic[E]):
    """What has to be known of an event stream to go on with it after a cut."""

    def __init__(self, request: Request, kinds: Mapping[str, type[E]] | None, patience: float) -> None:
        self.request = request
        self.kinds = kinds
        """Event name to model; None for the events of a turn."""
        self.patience = patience
        self.finished = False
        self._last_id: str | None = None
        self._failures = 0
        self._silent_since: float | None = None
        self.decoder = Decoder()

    @property
    def is_turn(self) -> bool:
        return self.kinds is None

    def connect(self) -> Request:
        """The request that goes on where the stream stopped."""
        self.decoder = Decoder()
        if self._last_id is None:
            return self.request
        # What `after` said has long been seen.
        query = {name: value for name, value in self.request.query.items() if name != "after"}
        return replace(self.request, query=query, headers={**self.request.headers, "Last-Event-ID": self._last_id})

    def events(self, chunk: bytes) -> Iterator[E]:
        """The typed events of some bytes that arrived."""
        for event in self.decoder.feed(chunk):
            self._failures, self._silent_since = 0, None
            if self.kinds is None:
                index = int(event.id or 0)
                if self._last_id is not None and index <= int(self._last_id):
                    continue
                if self.request.method != "GET" and "turn_id" in event.data:
                    # From now on the turn exists and has a log of its own.
                    self.request = Request("GET", f"/turns/{event.data['turn_id']}/events")
                self._last_id = event.id
                self.finished = event.type == "turn_finished"
                # Not validated: a newer server may have types of events that are not known here.
                yield cast("E", TurnEvent.model_construct(index=index, type=cast("Any", event.type), data=event.data))
                if self.finished:
                    return
            else:
                self._last_id = event.id if event.id is not None else self._last_id
                kind = self.kinds.get(event.type)
                if kind is not None:
                    yield kind.model_validate(event.data, extra="ignore")

    def wait_after(self, reason: str) -> float:
        """Seconds to wait before the next try. Raises ConnectionLost where there was nothing for too long."""
        now = time.monotonic()
        if not self.request.repeatable:
            raise ConnectionLost(f"The connection to the server was lost: {reason}.")
        if self._silent_since is None:
            self._silent_since = now
        self._failures += 1
        wait: float = min(0.1 * 2 ** (self._failures - 1), 5.0)
        if now + wait - self._silent_since > self.patience:
            message = f"The connection to the server was lost and did not come back in {self.patience:g} s: {reason}."
            if self.is_turn:
                message += " The turn goes on in the server; its events can be read when the server answers again."
            raise ConnectionLost(message)
        return wait


class Tries:
    """Whether and when a request is made again."""

    def __init__(self, request: Request, server: Server) -> None:
        self.request = request
        self.server = server
        self.made = 0

    def wait_after_error(self, error: httpx.TransportError) -> float:
        """Raises ConnectionLost where it is not made again."""
        self.made += 1
        never_sent = isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout))
        untrusted = "CERTIFICATE_VERIFY_FAILED" in str(error)
        if (
            self.made > (REFUSED_RETRIES if never_sent else RETRIES)
            or untrusted
            or not (never_sent or self.request.repeatable)
        ):
            raise ConnectionLost(explain(error, self.server)) from None
        return float(min(0.1 * 2**self.made, 2.0))

    def wait_after_response(self, status: int, retry_after: float | None) -> float | None:
        """None where the answer stands."""
        again = status == 429 or (status == 503 and retry_after is not None)
        self.made += 1
        if not again or self.made > RETRIES or (retry_after or 0) > LONGEST_RETRY_AFTER:
            return None
        return retry_after if retry_after is not None else float(min(0.25 * 2**self.made, 5.0))


def explain(error: Exception, server: Server) -> str:
    """A sentence about a connection that failed, with what to do."""
    where = server.socket or server.url
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return (
            f"The certificate of {where} is not trusted here. Pass Client(verify='/path/to/ca.pem'), or verify=False "
            "for a server of your own."
        )
    if isinstance(error, httpx.ConnectError):
        return f"No server answers at {where} ({error}). Is it running? `jupyter server list` shows those that are."
    return f"The connection to {where} was lost ({error or type(error).__name__})."


class _Base:
    def __init__(
        self, server: Server, *, timeout: float, reconnect_seconds: float, verify: bool | str | ssl.SSLContext
    ) -> None:
        self.server = server
        self.reconnect_seconds = reconnect_seconds
        self._given: dict[str, Any] = {"timeout": timeout, "reconnect_seconds": reconnect_seconds, "verify": verify}
        self._timeout = httpx.Timeout(timeout, connect=CONNECT_SECONDS)
        self._unbounded = httpx.Timeout(None, connect=CONNECT_SECONDS, write=timeout)
        self._stream_timeout = httpx.Timeout(PING_SECONDS, connect=CONNECT_SECONDS)
        headers = {"User-Agent": f"jupyter-agent/{__version__} httpx/{httpx.__version__}"}
        if server.token:
            headers["Authorization"] = f"token {server.token.value}"
        else:
            # A server without authentication still wants its double-submit cookie.
            xsrf = secrets.token_hex(16)
            headers |= {"X-XSRFToken": xsrf, "Cookie": f"_xsrf={xsrf}"}
        self._options: dict[str, Any] = {"headers": headers, **httpx_options(server, verify)}

    def _arguments(self, request: Request, accept: str) -> dict[str, Any]:
        return {
            "method": request.method,
            "url": self.server.api_url + request.path,
            "params": request.send_query(),
            "content": request.body,
            "headers": request.send_headers(accept),
        }

    def _require_open(self, closed: bool) -> None:
        if closed:
            raise ConnectionLost("This client was closed. Make a new one: Client().")

    def _request_timeout(self, request: Request) -> httpx.Timeout:
        return self._unbounded if request.unbounded else self._timeout

    def _error(self, response: httpx.Response) -> AgentError:
        retry_after = seconds(response.headers.get("Retry-After"))
        return from_response(response.status_code, response.content, retry_after, has_token=bool(self.server.token))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.server.socket or self.server.url}>"


@overload
def parse(kind: type[M], content: bytes) -> M: ...
@overload
def parse(kind: TypeAdapter[T], content: bytes) -> T: ...
def parse(kind: Any, content: bytes) -> Any:
    """The typed answer. Fields that a newer server added are left out, not refused."""
    try:
        if isinstance(kind, TypeAdapter):
            return kind.validate_json(content, extra="ignore")
        return kind.model_validate_json(content, extra="ignore")
    except ValidationError as error:
        lines = "; ".join(
            f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors(include_input=False)
        )
        raise ServerError(
            f"The server's answer is not what version {__version__} of the client knows: {lines}"
        ) from None


class Transport(_Base):
    """The blocking way; usable from several threads, also inside a running event loop."""

    def __init__(self, server: Server, **options: Any) -> None:
        super().__init__(server, **options)
        unix = httpx.HTTPTransport(uds=server.socket) if server.socket else None
        self._http = httpx.Client(transport=unix, **self._options)

    def close(self) -> None:
        self._http.close()

    def send(self, request: Request, accept: str = "application/json") -> httpx.Response:
        """The answer of a success. Raises AgentError for every other."""
        tries = Tries(request, self.server)
        while True:
            self._require_open(self._http.is_closed)
            try:
                response = self._http.request(
                    **self._arguments(request, accept), timeout=self._request_timeout(request)
                )
            except httpx.TransportError as error:
                wait: float | None = tries.wait_after_error(error)
            else:
                if response.is_success:
                    return response
                wait = tries.wait_after_response(response.status_code, seconds(response.headers.get("Retry-After")))
                if wait is None:
                    raise self._error(response)
            time.sleep(wait or 0)

    @overload
    def json(self, kind: type[M], request: Request) -> M: ...
    @overload
    def json(self, kind: TypeAdapter[T], request: Request) -> T: ...
    def json(self, kind: Any, request: Request) -> Any:
        return parse(kind, self.send(request).content)

    def download(self, request: Request) -> bytes:
        return self.send(request, "*/*").content

    def turn_events(self, request: Request) -> Iterator[TurnEvent]:
        """The events of a turn, up to `turn_finished`; see `events`."""
        return self._events(None, request)

    def events(self, kinds: Mapping[str, type[E]], request: Request) -> Iterator[E]:
        """The events of an endless stream, by their names, going on by itself after a cut.

        Raises ConnectionLost where the server stays away longer than `reconnect_seconds`."""
        return self._events(kinds, request)

    def _events(self, kinds: Mapping[str, type[E]] | None, request: Request) -> Iterator[E]:
        resume: Resume[E] = Resume(request, kinds, self.reconnect_seconds)
        tries = Tries(request, self.server)
        while True:
            self._require_open(self._http.is_closed)
            try:
                with self._http.stream(
                    **self._arguments(resume.connect(), "text/event-stream"), timeout=self._stream_timeout
                ) as response:
                    if response.status_code in GATEWAY_STATUSES:
                        wait = resume.wait_after(f"HTTP {response.status_code}")
                    elif not response.is_success:
                        response.read()
                        again = tries.wait_after_response(
                            response.status_code, seconds(response.headers.get("Retry-After"))
                        )
                        if again is None:
                            raise self._error(response)
                        wait = again
                    else:
                        for chunk in response.iter_bytes():
                            yield from resume.events(chunk)
                            if resume.finished:
                                return
                        wait = resume.wait_after("the server ended the stream")
            except httpx.TransportError as error:
                reason = str(error) or type(error).__name__
                wait = resume.wait_after(reason)
            time.sleep(wait)


class AsyncTransport(_Base):
    """The same for asyncio."""

    def __init__(self, server: Server, **options: Any) -> None:
        super().__init__(server, **options)
        unix = httpx.AsyncHTTPTransport(uds=server.socket) if server.socket else None
        self._http = httpx.AsyncClient(transport=unix, **self._options)

    async def close(self) -> None:
        await self._http.aclose()

    def blocking(self) -> Transport:
        """The blocking way to the same server."""
        return Transport(self.server, **self._given)

    async def send(self, request: Request, accept: str = "application/json") -> httpx.Response:
        """The answer of a success. Raises AgentError for every other."""
        tries = Tries(request, self.server)
        while True:
            self._require_open(self._http.is_closed)
            try:
                response = await self._http.request(
                    **self._arguments(request, accept), timeout=self._request_timeout(request)
                )
            except httpx.TransportError as error:
                wait: float | None = tries.wait_after_error(error)
            else:
                if response.is_success:
                    return response
                wait = tries.wait_after_response(response.status_code, seconds(response.headers.get("Retry-After")))
                if wait is None:
                    raise self._error(response)
            await asyncio.sleep(wait or 0)

    @overload
    async def json(self, kind: type[M], request: Request) -> M: ...
    @overload
    async def json(self, kind: TypeAdapter[T], request: Request) -> T: ...
    async def json(self, kind: Any, request: Request) -> Any:
        return parse(kind, (await self.send(request)).content)

    async def download(self, request: Request) -> bytes:
        return (await self.send(request, "*/*")).content

    def turn_events(self, request: Request) -> AsyncIterator[TurnEvent]:
        """The events of a turn, up to `turn_finished`; see `events`."""
        return self._events(None, request)

    def events(self, kinds: Mapping[str, type[E]], request: Request) -> AsyncIterator[E]:
        """The events of an endless stream, by their names, going on by itself after a cut.

        Raises ConnectionLost where the server stays away longer than `reconnect_seconds`."""
        return self._events(kinds, request)

    async def _events(self, kinds: Mapping[str, type[E]] | None, request: Request) -> AsyncIterator[E]:
        resume: Resume[E] = Resume(request, kinds, self.reconnect_seconds)
        tries = Tries(request, self.server)
        while True:
            self._require_open(self._http.is_closed)
            try:
                async with self._http.stream(
                    **self._arguments(resume.connect(), "text/event-stream"), timeout=self._stream_timeout
                ) as response:
                    if response.status_code in GATEWAY_STATUSES:
                        wait = resume.wait_after(f"HTTP {response.status_code}")
                    elif not response.is_success:
                        await response.aread()
                        again = tries.wait_after_response(
                            response.status_code, seconds(response.headers.get("Retry-After"))
                        )
                        if again is None:
                            raise self._error(response)
                        wait = again
                    else:
                        async for chunk in response.aiter_bytes():
                            for event in resume.events(chunk):
                                yield event
                            if resume.finished:
                                return
                        wait = resume.wait_after("the server ended the stream")
            except httpx.TransportError as error:
                reason = str(error) or type(error).__name__
                wait = resume.wait_after(reason)
            await asyncio.sleep(wait)
