"""The route table: one typed function an operation. Everything else is derived from it."""

from __future__ import annotations

import inspect
import re
import types
import typing
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Union

from pydantic import BaseModel, ConfigDict, TypeAdapter, create_model

from jupyter_agent.api.errors import invalid

if TYPE_CHECKING:
    from jupyter_agent.app import Services

KB = 1024
MB = 1024 * KB
DEFAULT_MAX_BODY = MB
IDEMPOTENCY_KEY = r"^[!-~]{1,255}$"
"""What an Idempotency-Key may be."""

Function = Callable[..., Awaitable[Any]]


@dataclass(slots=True)
class ServerEvent:
    """One server-sent event. `data` is JSON text of one line."""

    data: str
    event: str | None = None
    id: str | None = None

    def encode(self) -> bytes:
        lines = []
        if self.id is not None:
            lines.append(f"id: {self.id}\n")
        if self.event is not None:
            lines.append(f"event: {self.event}\n")
        lines.append(f"data: {self.data}\n\n")
        return "".join(lines).encode()


@dataclass(slots=True)
class EventStream:
    """An answer of server-sent events; encoded bytes of whole events are sent as they are."""

    events: AsyncIterator[ServerEvent | bytes]
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Download:
    """An answer that is a file: whole, or in pieces that are made while it is sent."""

    data: bytes | AsyncIterator[bytes]
    media_type: str
    filename: str | None = None
    inline: bool = False
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Redirect:
    """An answer that sends a browser on, to an address that an administrator has configured."""

    url: str


class Call:
    """What an operation knows of its caller."""

    def __init__(
        self,
        *,
        user: str,
        display_name: str,
        services: Services,
        headers: typing.Mapping[str, str],
        base_url: str,
        remote_ip: str = "",
        idempotent: bool = False,
    ) -> None:
        self.user = user
        self.display_name = display_name
        self.services = services
        self.headers = headers
        self.base_url = base_url
        self.remote_ip = remote_ip
        self._idempotent = idempotent
        self.response_headers: dict[str, str] = {}
        """Headers to send with the answer."""
        self.response_status: int | None = None
        """Set it to answer with another success status than the operation's own."""

    def header(self, name: str) -> str | None:
        return self.headers.get(name)

    @property
    def last_event_id(self) -> str | None:
        return self.header("Last-Event-ID")

    @property
    def idempotency_key(self) -> str | None:
        """What makes a repeated request give the first one's answer. Raises 422 for one that cannot be a key.

        Only for operations with `idempotent=True`: of others no client could know that they honour one."""
        if not self._idempotent:
            raise RuntimeError("an operation that reads the Idempotency-Key is declared with idempotent=True")
        key = self.header("Idempotency-Key")
        if key is not None and not re.fullmatch(IDEMPOTENCY_KEY, key):
            raise invalid("header.Idempotency-Key", "must have 1 to 255 visible ASCII characters")
        return key

    @property
    def accepts_sse(self) -> bool:
        return "text/event-stream" in (self.header("Accept") or "")


@dataclass(frozen=True)
class Operation:
    """One row of the table."""

    room: str
    method: str
    path: str
    function: Function
    scope: str | None
    status: int
    covers: tuple[str, ...]
    max_body: int
    errors: tuple[int, ...]
    public: bool
    hidden: bool
    media_types: tuple[str, ...]
    also: tuple[int, ...]
    """Other success statuses, with the same body."""
    idempotent: bool
    """Whether it honours an Idempotency-Key."""
    abandonable: bool
    """Whether it is cancelled when its caller goes away."""

    @property
    def id(self) -> str:
        return self.function.__name__

    @property
    def summary(self) -> str:
        return (inspect.getdoc(self.function) or self.id).strip().split("\n", 1)[0]

    @property
    def description(self) -> str:
        return (inspect.getdoc(self.function) or "").strip()

    @property
    def action(self) -> str:
        """read, write or execute: what Jupyter's Authorizer is asked."""
        return self.scope.rsplit(":", 1)[1] if self.scope else "read"

    @property
    def resource(self) -> str:
        """What Jupyter's Authorizer is asked about."""
        return self.scope.rsplit(":", 1)[0] if self.scope else self.room

    @property
    def rate_group(self) -> str:
        write = self.method != "GET"
        if self.resource in ("sessions", "turns"):
            return "session_writes" if write else "session_reads"
        if self.resource in ("config", "providers") and write:
            return "config_writes"
        return "default"

    @cached_property
    def path_names(self) -> tuple[str, ...]:
        return tuple(re.findall(r"{(\w+)}", self.path))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile("^" + re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", self.path) + "$")

    @cached_property
    def _hints(self) -> dict[str, Any]:
        return typing.get_type_hints(self.function, include_extras=True)

    @cached_property
    def body_type(self) -> Any | None:
        return self._hints.get("body")

    @cached_property
    def body_required(self) -> bool:
        parameter = inspect.signature(self.function).parameters.get("body")
        return parameter is not None and parameter.default is inspect.Parameter.empty

    @cached_property
    def body_adapter(self) -> TypeAdapter[Any] | None:
        return TypeAdapter(self.body_type) if self.body_type is not None else None

    def _model_of(self, names: Sequence[str], label: str) -> type[BaseModel]:
        parameters = inspect.signature(self.function).parameters
        fields: dict[str, Any] = {}
        for name in names:
            default = parameters[name].default
            fields[name] = (self._hints[name], ... if default is inspect.Parameter.empty else default)
        return create_model(f"{self.id}_{label}", __config__=ConfigDict(extra="forbid"), **fields)

    @cached_property
    def query_names(self) -> tuple[str, ...]:
        taken = {"call", "body", *self.path_names}
        return tuple(name for name in inspect.signature(self.function).parameters if name not in taken)

    @cached_property
    def query_model(self) -> type[BaseModel]:
        return self._model_of(self.query_names, "query")

    @cached_property
    def path_model(self) -> type[BaseModel]:
        return self._model_of(self.path_names, "path")

    @cached_property
    def query_lists(self) -> frozenset[str]:
        """Query parameters that may be repeated."""
        return frozenset(name for name in self.query_names if _has_list(self._hints[name]))

    @cached_property
    def returns(self) -> tuple[Any, ...]:
        """The alternatives of the return annotation."""
        annotation = self._hints.get("return")
        if typing.get_origin(annotation) in (Union, types.UnionType):
            return typing.get_args(annotation)
        return (annotation,)

    @property
    def json_returns(self) -> tuple[Any, ...]:
        return tuple(kind for kind in self.returns if kind not in (EventStream, Download, type(None)))

    @property
    def streams(self) -> bool:
        return EventStream in self.returns

    @property
    def downloads(self) -> bool:
        return Download in self.returns

    @cached_property
    def response_adapter(self) -> TypeAdapter[Any] | None:
        if not self.json_returns:
            return None
        return TypeAdapter(Union[self.json_returns])  # type: ignore[arg-type]  # noqa: UP007 - a tuple, known at run time

    @property
    def error_statuses(self) -> tuple[int, ...]:
        """Every status but success that this operation can answer with."""
        statuses = {429, 500, 503, *self.errors}
        if not self.public:
            statuses |= {401, 403}
        if self.path_names or self.query_names or self.body_type is not None:
            statuses |= {422}
        if self.path_names:
            statuses |= {404}
        if self.body_type is not None:
            statuses |= {400, 413, 415}
        return tuple(sorted(statuses))


def _has_list(hint: Any) -> bool:
    origin = typing.get_origin(hint)
    if origin is list:
        return True
    return any(_has_list(argument) for argument in typing.get_args(hint)) if origin is not None else False


class Router:
    """The operations of one room."""

    def __init__(self, room: str) -> None:
        self.room = room
        self.operations: list[Operation] = []

    def _add(self, method: str, path: str, **options: Any) -> Callable[[Function], Function]:
        def register(function: Function) -> Function:
            self.operations.append(
                Operation(
                    room=self.room,
                    method=method,
                    path=path,
                    function=function,
                    scope=options.get("scope"),
                    status=options.get("status", 200),
                    covers=tuple(options.get("covers", ())),
                    max_body=options.get("max_body", DEFAULT_MAX_BODY),
                    errors=tuple(options.get("errors", ())),
                    public=options.get("public", False),
                    hidden=options.get("hidden", False),
                    media_types=tuple(options.get("media_types", ())),
                    also=tuple(options.get("also", ())),
                    idempotent=options.get("idempotent", False),
                    abandonable=options.get("abandonable", False),
                )
            )
            return function

        return register

    def get(
        self,
        path: str,
        *,
        scope: str | None = None,
        status: int = 200,
        covers: Sequence[str] = (),
        errors: Sequence[int] = (),
        public: bool = False,
        hidden: bool = False,
        media_types: Sequence[str] = (),
    ) -> Callable[[Function], Function]:
        """`media_types`: what a Download of this operation can be."""
        return self._add(
            "GET",
            path,
            scope=scope,
            status=status,
            covers=covers,
            errors=errors,
            public=public,
            hidden=hidden,
            media_types=media_types,
        )

    def post(self, path: str, **options: Any) -> Callable[[Function], Function]:
        """`idempotent`: the operation honours an Idempotency-Key; it then reads `call.idempotency_key`.

        `abandonable`: it is cancelled when its caller goes away."""
        return self._add("POST", path, **options)

    def put(self, path: str, **options: Any) -> Callable[[Function], Function]:
        return self._add("PUT", path, **options)

    def patch(self, path: str, **options: Any) -> Callable[[Function], Function]:
        return self._add("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> Callable[[Function], Function]:
        return self._add("DELETE", path, **options)
