"""Tornado's side of the API: two handlers for everything, which look operations up in the route table.

The server imports this when it starts, so the table, pydantic and the services load on the first request."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import math
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from jupyter_core.utils import ensure_async
from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import APIHandler
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError, authenticated

from jupyter_agent.api.errors import STATUS_CODES, ApiError, bad_request
from jupyter_agent.api.identity import display_name_of, owner_of, services_of
from jupyter_agent.storage.ids import new_id

if TYPE_CHECKING:
    from pydantic import ValidationError

    from jupyter_agent.api.ratelimit import Allowance
    from jupyter_agent.api.router import Download, EventStream, Operation, ServerEvent

log = logging.getLogger(__name__)

PING_SECONDS = 15.0
BATCH_BYTES = 64 * 1024


class AgentHandler(APIHandler):
    """Every operation that wants to know its caller."""

    auth_resource = "agent"
    public = False
    _allowance: Allowance | None = None

    async def prepare(self, **options: Any) -> None:
        try:
            await super().prepare(**options)
        except HTTPError as error:
            # Jupyter says 403 for "I do not know you", too.
            if error.status_code == 403 and self.current_user is None and self.check_host():
                raise HTTPError(401) from error
            raise
        if not self.public and self.current_user is None and self.request.method != "OPTIONS":
            raise HTTPError(401)

    @authenticated
    async def get(self, path: str) -> None:
        await self._answer(path)

    @authenticated
    async def post(self, path: str) -> None:
        await self._answer(path)

    @authenticated
    async def put(self, path: str) -> None:
        await self._answer(path)

    @authenticated
    async def patch(self, path: str) -> None:
        await self._answer(path)

    @authenticated
    async def delete(self, path: str) -> None:
        await self._answer(path)

    # Answering -------------------------------------------------------------------------------------------------------

    async def _answer(self, path: str) -> None:
        services = await services_of(self)
        from jupyter_agent.api.router import Call, Download, EventStream, Redirect
        from jupyter_agent.api.table import match

        if self.request.method == "GET" and await self._description(path):
            return
        # The path as it was sent, so that a quoted slash in a parameter stays in that parameter.
        raw = self.request.path.split("/agent/v1", 1)[1]
        found, values = match(raw)
        operation = next((one for one in found if one.method == self.request.method), None)
        if operation is None:
            self._count("default")
            if not found:
                raise ApiError(404, "not_found", "There is no such operation.")
            allowed = ", ".join(sorted(one.method for one in found))
            raise ApiError(405, "method_not_allowed", f"Here one can {allowed}.", headers={"Allow": allowed})
        self._count(operation.rate_group)
        if operation.public is not self.public:
            raise HTTPError(401)
        if operation.scope is not None:
            await self._authorize(operation)
        arguments = self._arguments(operation, {name: unquote(value) for name, value in values.items()})
        call = Call(
            user=owner_of(self),
            display_name=display_name_of(self),
            services=services,
            headers=self.request.headers,
            base_url=self.base_url,
            remote_ip=self.request.remote_ip or "",
            idempotent=operation.idempotent,
        )
        try:
            # Before the stream, too: `on_connection_close` cancels what is here.
            self._streaming = asyncio.current_task() if operation.abandonable else None
            answer = await operation.function(call, **arguments)
        except asyncio.CancelledError:
            if not self.request.connection.stream.closed():  # type: ignore[union-attr]
                raise
            return  # the client went away
        finally:
            self._streaming = None
        for name, value in call.response_headers.items():
            self.set_header(name, value)
        if isinstance(answer, EventStream):
            await self._stream(answer)
        elif isinstance(answer, Download):
            await self._download(answer)
        elif isinstance(answer, Redirect):
            self.redirect(answer.url)
        elif answer is None:
            self.set_status(204)
            self.finish(set_content_type="application/json")
        else:
            adapter = operation.response_adapter
            assert adapter is not None, f"{operation.id} has no return annotation"
            self.set_status(call.response_status or operation.status)
            self.finish(adapter.dump_json(answer))

    async def _description(self, path: str) -> bool:
        """OpenAPI and its page: about the table, so not in it."""
        if self.public or not (path == "openapi.json" or path == "docs" or path.startswith("docs/")):
            return False
        self._count("default")
        if path == "openapi.json":
            from jupyter_agent.api.openapi import document_json

            self.finish(await asyncio.to_thread(document_json))
            return True
        from jupyter_agent.api.docs_page import CONTENT_SECURITY_POLICY, docs_file

        file = docs_file(path.removeprefix("docs").removeprefix("/"))
        if file is None:
            raise ApiError(404, "not_found", "There is no such file.")
        _ = self.xsrf_token  # sets the cookie that the page's requests need
        self.set_status(file.status)
        self.set_header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        self.finish(file.data, set_content_type=file.media_type)
        return True

    def _count(self, group: str) -> None:
        app = self.settings["jupyter_agent_app"]
        who = owner_of(self) or f"ip:{self.request.remote_ip}"
        allowance = app.limiter.hit(group, who)
        self._allowance = allowance
        if not allowance.allowed:
            raise ApiError(429, "rate_limited", "Too many requests; try again in a moment.", details={"group": group})

    async def _authorize(self, operation: Operation) -> None:
        allowed = await ensure_async(
            self.authorizer.is_authorized(self, self.current_user, operation.action, f"agent:{operation.resource}")
        )
        if not allowed:
            raise ApiError(403, "forbidden", f"You may not {operation.action} {operation.resource}.")

    def _arguments(self, operation: Operation, values: dict[str, str]) -> dict[str, Any]:
        from pydantic import ValidationError

        arguments: dict[str, Any] = {}
        query: dict[str, Any] = {}
        for name, raw in self.request.query_arguments.items():
            if name in ("token", "_xsrf") or (name.isdigit() and raw == [b""]):
                continue  # Jupyter's own; JupyterLab's way round a browser's cache
            try:
                texts = [one.decode() for one in raw]
            except UnicodeDecodeError:
                raise bad_request("The query is not UTF-8.") from None
            query[name] = texts if name in operation.query_lists else texts[-1]
        for label, model, given in (
            ("path", operation.path_model, values),
            ("query", operation.query_model, query),
        ):
            _refuse_unstorable(label, given)
            try:
                validated = model.model_validate(given)
            except ValidationError as error:
                raise validation_failed(label, error) from None
            arguments.update({name: getattr(validated, name) for name in type(validated).model_fields})
        if operation.body_adapter is not None:
            arguments["body"] = self._body(operation)
        return arguments

    def _body(self, operation: Operation) -> Any:
        from pydantic import ValidationError

        body = self.request.body
        if len(body) > operation.max_body:
            raise ApiError(
                413,
                "too_large",
                f"The body holds {operation.max_body} bytes at the most.",
                details={"limit_bytes": operation.max_body},
            )
        media_type = self.request.headers.get("Content-Type", "").split(";")[0].strip().lower()
        if not body and not operation.body_required:
            return None
        if media_type != "application/json" and not media_type.endswith("+json") and (media_type or body):
            raise ApiError(415, "unsupported_media_type", "The body's Content-Type must be application/json.")
        assert operation.body_adapter is not None
        # What is no JSON is told below.
        with contextlib.suppress(ValueError, RecursionError):
            _refuse_unstorable("body", json.loads(body))
        try:
            # JSON has types: a 0 is no false and a number is no moment, as the OpenAPI document says.
            return operation.body_adapter.validate_json(body, strict=True)
        except ValidationError as error:
            if any(one["type"] == "json_invalid" for one in error.errors(include_url=False, include_input=False)):
                raise bad_request("The body is not JSON.") from None
            raise validation_failed("body", error) from None

    # Streams and files -----------------------------------------------------------------------------------------------

    def on_connection_close(self) -> None:
        # The operation is told by cancelling it; what it watches goes on.
        if (task := getattr(self, "_streaming", None)) is not None:
            task.cancel()
        super().on_connection_close()

    async def _stream(self, answer: EventStream) -> None:
        self.set_header("Content-Type", "text/event-stream; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Accel-Buffering", "no")
        for name, value in answer.headers.items():
            self.set_header(name, value)
        self._streaming = asyncio.current_task()
        try:
            await self.flush()
            await self._pump(answer.events)
        except (StreamClosedError, asyncio.CancelledError):
            if not self.request.connection.stream.closed():  # type: ignore[union-attr]
                raise
            return  # the client went away
        finally:
            self._streaming = None
            close = getattr(answer.events, "aclose", None)
            if close is not None:
                await close()
        self.finish(set_content_type="text/event-stream; charset=utf-8")

    async def _pump(self, events: AsyncIterator[ServerEvent | bytes]) -> None:
        """Sends events as they come, and a comment where none comes for a while."""
        loop = asyncio.get_running_loop()
        said = loop.time()
        writing = False
        timer: asyncio.TimerHandle

        def ping() -> None:
            nonlocal timer, said
            # Tornado knows one write at a time: while a slow client takes an event there is no need of a comment.
            if not writing and loop.time() - said >= PING_SECONDS:
                self.write(b": ping\n\n")
                self.flush().add_done_callback(asyncio.Future.exception)  # of a client that went away
                said = loop.time()
            timer = loop.call_later(PING_SECONDS - (loop.time() - said) if not writing else PING_SECONDS, ping)

        timer = loop.call_later(PING_SECONDS, ping)
        try:
            async for event in events:
                self.write(event if isinstance(event, bytes) else event.encode())
                writing = True
                await self.flush()
                writing = False
                said = loop.time()
        finally:
            timer.cancel()

    async def _download(self, answer: Download) -> None:
        self.set_header("X-Content-Type-Options", "nosniff")
        if answer.filename is not None:
            kind = "inline" if answer.inline else "attachment"
            plain = answer.filename.encode("ascii", "ignore").decode().replace('"', "").replace("\\", "") or "file"
            self.set_header(
                "Content-Disposition",
                f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(answer.filename, safe='')}",
            )
        for name, value in answer.headers.items():
            self.set_header(name, value)
        if isinstance(answer.data, bytes):
            self.finish(answer.data, set_content_type=answer.media_type)
            return
        self.set_header("Content-Type", answer.media_type)
        try:
            async for piece in answer.data:
                self.write(piece)
                await self.flush()
        except StreamClosedError:
            return  # the client went away
        except BaseException:
            if self._headers_written:
                # A file that ends here must not look as if it were whole.
                self.request.connection.stream.close()  # type: ignore[union-attr]
            raise
        finally:
            close = getattr(answer.data, "aclose", None)
            if close is not None:
                await close()
        self.finish(set_content_type=answer.media_type)

    # Errors ----------------------------------------------------------------------------------------------------------

    def finish(self, *args: Any, **kwargs: Any) -> Any:
        if self._allowance is None and "X-RateLimit-Limit" not in self._headers:
            limiter = self.settings["jupyter_agent_app"].limiter
            # A request that Tornado refuses by itself ends before anybody has asked who it is from.
            owner = owner_of(self) if hasattr(self, "_jupyter_current_user") else ""
            self._allowance = limiter.hit("default", owner or f"ip:{self.request.remote_ip}")
        self._rate_headers()
        return super().finish(*args, **kwargs)

    def flush(self, include_footers: bool = False) -> asyncio.Future[None]:
        # Not a coroutine: finish() calls it without awaiting it.
        if not self._headers_written:
            self._rate_headers()
        return super().flush(include_footers)

    def _rate_headers(self) -> None:
        if self._allowance is not None and not self._headers_written:
            for name, value in self._allowance.headers.items():
                self.set_header(name, value)

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        if isinstance(value, ApiError) or (isinstance(value, HTTPError) and value.status_code < 500):
            return
        if isinstance(value, HTTPError):
            super().log_exception(typ, value, tb)
        # Anything else is logged, with its id, where the answer is written.

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = (kwargs.get("exc_info") or (None, None, None))[1]
        if not isinstance(error, ApiError):
            error = self._as_api_error(status_code, error)
        self.set_status(error.status)
        for name, value in error.headers.items():
            self.set_header(name, value)
        self.finish(json.dumps(error.envelope()))

    def _as_api_error(self, status: int, error: BaseException | None) -> ApiError:
        if isinstance(error, HTTPError) or error is None:
            code = STATUS_CODES.get(status, "error" if status < 500 else "internal_error")
            message = {401: "Authentication is needed.", 403: "This is not allowed."}.get(status)
            reason = error.log_message if isinstance(error, HTTPError) and status not in (401,) else None
            # Of methods that no operation has; one that others have is told by the table.
            headers = {"Allow": "DELETE, GET, OPTIONS, PATCH, POST, PUT"} if status == 405 else {}
            return ApiError(status, code, reason or message or f"HTTP status {status}", headers=headers)
        error_id = new_id("err")
        log.error(
            "%s in %s %s",
            error_id,
            self.request.method,
            self.request.path,
            exc_info=error,
            extra={"error_id": error_id},
        )
        return ApiError(
            500,
            "internal_error",
            "Something went wrong in the server; its log tells more under this id.",
            details={"error_id": error_id},
        )


class PublicAgentHandler(AgentHandler):
    """The operations that answer everybody."""

    public = True

    @allow_unauthenticated
    async def get(self, path: str) -> None:
        await self._answer(path)

    @allow_unauthenticated
    async def post(self, path: str) -> None:
        await self._answer(path)

    @allow_unauthenticated
    async def put(self, path: str) -> None:
        await self._answer(path)

    @allow_unauthenticated
    async def patch(self, path: str) -> None:
        await self._answer(path)

    @allow_unauthenticated
    async def delete(self, path: str) -> None:
        await self._answer(path)


def validation_failed(label: str, error: ValidationError) -> ApiError:
    """422 with the path of each wrong field; never the wrong value, which may be a secret."""
    problems = error.errors(include_url=False, include_input=False, include_context=False)
    errors = [
        {"path": ".".join([label, *(str(part) for part in problem["loc"])]), "message": problem["msg"]}
        for problem in problems[:50]
    ]
    return ApiError(422, "invalid", f"{errors[0]['path']}: {errors[0]['message']}", details={"errors": errors})


def _refuse_unstorable(path: str, value: Any) -> None:
    """Raises 422 for what PostgreSQL takes neither in text nor in JSON, and nobody means."""
    if isinstance(value, str) and "\x00" in value:
        problem = "text holds no NUL characters"
    elif isinstance(value, float) and not math.isfinite(value):
        problem = "a number must be finite"
    else:
        if isinstance(value, dict):
            for name, one in value.items():
                _refuse_unstorable(path, name)
                _refuse_unstorable(f"{path}.{name}", one)
        elif isinstance(value, list):
            for index, one in enumerate(value):
                _refuse_unstorable(f"{path}.{index}", one)
        return
    raise ApiError(422, "invalid", f"{path}: {problem}", details={"errors": [{"path": path, "message": problem}]})
