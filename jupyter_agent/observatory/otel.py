"""Traces for an OpenTelemetry collector: sent when a turn has ended, in the background, with the API's own ids.

Spans are made of what was recorded, so that a turn whose server died is exported by the one that closes it. Nothing of
OpenTelemetry is imported before there is something to send."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import logging
import os
import threading
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit, urlunsplit

from jupyter_agent._version import __version__
from jupyter_agent.api.errors import ApiError
from jupyter_agent.api.redaction import redact, register
from jupyter_agent.observatory.models import Span, Trace, TracingStatus

if TYPE_CHECKING:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import ReadableSpan

    from jupyter_agent.app import Services
    from jupyter_agent.observatory.traces import Recorded

log = logging.getLogger(__name__)

SERVICE_NAME = "jupyter-agent"
PACKAGES = ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")
INSTALL = "The packages for it are not installed: pip install 'jupyterlab-agent[tracing]'."
NOT_CONFIGURED = (
    "No collector is configured: an administrator sets tracing.otlp_endpoint, or OTEL_EXPORTER_OTLP_ENDPOINT."
)
MOST_WAITING = 1_000
"""Turns that wait to be sent; more are given up, because a collector that is away must cost nothing."""
EXPORT_SECONDS = 10.0
CLOSE_SECONDS = 3.0
"""How long the end of the server waits for what is still to be sent."""
LOG_SECONDS = 300.0
"""Failures are logged this often at the most."""
THREAD = "agent-traces"
MOST_CONTENT = 32_000
"""Characters of a text that are exported."""


class ExportFailed(Exception):
    """What a collector, or the way to it, said."""


class _Heard(logging.Filter):
    """Keeps what the exporter says of its failures in this thread, in place of a line in the log for each."""

    def __init__(self, thread: str) -> None:
        super().__init__()
        self._thread = thread
        self.last = ""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.threadName != self._thread:
            return True
        self.last = record.getMessage()
        return False


class Exporter:
    """Sends traces, one after the other. Works without a collector and without OpenTelemetry's packages."""

    def __init__(self, services: Services, load: Callable[[str, str], Awaitable[tuple[Trace, Recorded]]]) -> None:
        """`load` gives the trace of an owner's turn and what it was made of. Raises ApiError."""
        self._services = services
        self._load = load
        self._waiting: asyncio.Queue[tuple[str, str]] = asyncio.Queue(MOST_WAITING)
        self._task: asyncio.Task[None] | None = None
        self._made: tuple[tuple[Any, ...], OTLPSpanExporter] | None = None
        self._heard = _Heard(THREAD)
        self._exported = self._failed = 0
        self._last_error: str | None = None
        self._last_exported: datetime | None = None
        self._logged_at: float | None = None
        self._installed: bool | None = None
        given = ",".join(os.environ.get(f"OTEL_EXPORTER_OTLP_{name}HEADERS", "") for name in ("", "TRACES_"))
        of_environment = (unquote(pair.partition("=")[2]) for pair in given.split(","))
        for value in (*services.settings.tracing.otlp_headers.values(), *of_environment):
            register(str(value))

    # Where to

    def endpoint(self) -> str | None:
        """The whole address that traces are posted to; None where none is configured, or all of it is off."""
        if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
            return None
        base = self._services.settings.tracing.otlp_endpoint.strip()
        if not base:
            if os.environ.get("OTEL_TRACES_EXPORTER", "").strip().lower() == "none":
                return None
            if own := os.environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "").strip():
                return own  # the standard says: as it is
            base = os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT", "").strip()
        if not base:
            return None
        return base if base.rstrip("/").endswith("/v1/traces") else f"{base.rstrip('/')}/v1/traces"

    def _is_installed(self) -> bool:
        if self._installed is None:
            try:
                self._installed = all(importlib.util.find_spec(name) is not None for name in PACKAGES)
            except ModuleNotFoundError:  # not even the first part of the name
                self._installed = False
        return self._installed

    def status(self, jaeger_url: str | None) -> TracingStatus:
        """How things stand, without secrets."""
        endpoint = self.endpoint()
        reason = None
        if endpoint is None:
            reason = NOT_CONFIGURED
        elif not self._is_installed():
            reason = INSTALL
        return TracingStatus(
            exporter="otlp" if reason is None else "none",
            endpoint=_without_password(endpoint) if endpoint is not None else None,
            jaeger_url=jaeger_url,
            content=self._services.settings.tracing.content,
            exported=self._exported,
            failed=self._failed,
            last_error=self._last_error,
            last_exported_at=self._last_exported,
            reason=reason,
        )

    # Sending

    def put(self, owner: str, turn_id: str) -> None:
        """Has a turn's trace sent; returns at once. Where nothing is configured nothing happens."""
        endpoint = self.endpoint()
        if endpoint is None:
            return
        if not self._is_installed():
            self._fail(INSTALL)
            return
        try:
            self._waiting.put_nowait((owner, turn_id))
        except asyncio.QueueFull:
            self._fail(f"{MOST_WAITING} traces wait to be sent; this one is given up.")
            return
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while True:
            owner, turn_id = await self._waiting.get()
            try:
                await self._send(owner, turn_id)
                self._exported += 1
                self._last_exported = datetime.now(UTC)
            except ApiError:
                log.debug("a turn was purged before its trace was exported", extra={"turn_id": turn_id})
            except Exception as error:
                self._fail(
                    redact(str(error)) or type(error).__name__, None if isinstance(error, ExportFailed) else error
                )
            finally:
                self._waiting.task_done()

    def _fail(self, message: str, error: Exception | None = None) -> None:
        self._failed += 1
        self._last_error = message
        now = time.monotonic()
        if self._logged_at is None or now - self._logged_at >= LOG_SECONDS:
            self._logged_at = now
            log.warning("a trace could not be exported (%s so far): %s", self._failed, message, exc_info=error)

    async def _send(self, owner: str, turn_id: str) -> None:
        endpoint = self.endpoint()
        if endpoint is None:
            raise ExportFailed(NOT_CONFIGURED)
        trace, recorded = await self._load(owner, turn_id)
        content: dict[str, dict[str, str]] = {}
        if self._services.settings.tracing.content:
            content = await self._services.db.read(lambda orm: _contents(orm, recorded))
        headers = {str(name): str(value) for name, value in self._services.settings.tracing.otlp_headers.items()}
        await _in_daemon(lambda: self._export(endpoint, headers, trace, content))

    def _export(self, endpoint: str, headers: dict[str, str], trace: Trace, content: dict[str, dict[str, str]]) -> None:
        """In the exporter's own thread. Raises ExportFailed."""
        from opentelemetry.sdk.trace.export import SpanExportResult

        key = (endpoint, tuple(sorted(headers.items())))
        if self._made is None or self._made[0] != key:
            if self._made is not None:
                _shut(self._made[1])
            self._made = key, self._make(endpoint, headers)
        self._heard.last = ""
        result = self._made[1].export(readable(trace, content))
        if result is not SpanExportResult.SUCCESS:
            raise ExportFailed(self._heard.last or "The collector did not take it.")

    def _make(self, endpoint: str, headers: dict[str, str]) -> OTLPSpanExporter:
        from opentelemetry.exporter.otlp.proto.http import trace_exporter

        heard = logging.getLogger(trace_exporter.__name__)
        if self._heard not in heard.filters:
            heard.addFilter(self._heard)
        timeout = None if _seconds_configured() else EXPORT_SECONDS
        # Headers of the environment are the exporter's own business.
        return trace_exporter.OTLPSpanExporter(endpoint=endpoint, headers=headers or None, timeout=timeout)

    async def close(self) -> None:
        """Sends what waits, for CLOSE_SECONDS at the most."""
        if self._task is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._waiting.join(), CLOSE_SECONDS)
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        made, self._made = self._made, None
        if made is not None:
            # Also ends the pauses between its tries, so that its thread comes to an end.
            await asyncio.to_thread(_shut, made[1])
            heard = logging.getLogger("opentelemetry.exporter.otlp.proto.http.trace_exporter")
            heard.removeFilter(self._heard)


def _shut(exporter: OTLPSpanExporter) -> None:
    exporter.shutdown()  # type: ignore[no-untyped-call]


async def _in_daemon(work: Callable[[], None]) -> None:
    """`work` in a thread that nobody waits for at the process's end: a collector that hangs must not keep it."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def tell(error: BaseException | None) -> None:
        if done.cancelled():
            return
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    def run() -> None:
        error: BaseException | None = None
        try:
            work()
        except Exception as raised:
            error = raised
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(tell, error)

    threading.Thread(target=run, name=THREAD, daemon=True).start()
    await done


def _seconds_configured() -> bool:
    return any(name in os.environ for name in ("OTEL_EXPORTER_OTLP_TIMEOUT", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT"))


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    if "@" not in parts.netloc:
        return redact(url)
    return redact(urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])))


# Spans ---------------------------------------------------------------------------------------------------------------


def readable(trace: Trace, content: dict[str, dict[str, str]]) -> list[ReadableSpan]:
    """A trace as OpenTelemetry's spans, with our ids and times. Spans that are still open end now.

    `content` has more attributes by the id of the span."""
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope
    from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

    number, sampled = int(trace.id, 16), TraceFlags(TraceFlags.SAMPLED)
    codes = {"ok": StatusCode.OK, "error": StatusCode.ERROR, "unset": StatusCode.UNSET}

    def context(id: str) -> SpanContext:
        return SpanContext(number, int(id, 16), is_remote=False, trace_flags=sampled)

    def made(span: Span) -> ReadableSpan:
        error = span.status == "error"
        return ReadableSpan(
            span.name,
            context=context(span.id),
            parent=context(span.parent_id) if span.parent_id is not None else None,
            resource=resource,
            attributes={**span.attributes, **content.get(span.id, {}), "jupyter_agent.span.kind": span.kind},
            kind=SpanKind.CLIENT if span.kind == "request" else SpanKind.INTERNAL,
            status=Status(codes[span.status], span.message or None) if error else Status(codes[span.status]),
            start_time=_nanoseconds(span.started_at),
            end_time=_nanoseconds(span.finished_at or datetime.now(UTC)),
            instrumentation_scope=InstrumentationScope("jupyter_agent", __version__),
        )

    resource = _resource()
    return [made(span) for span in trace.spans]


def _resource() -> Resource:
    """OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES count, as with every service."""
    from opentelemetry.sdk.resources import Resource

    own = {"service.version": __version__}
    given = os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
    if not os.environ.get("OTEL_SERVICE_NAME") and "service.name=" not in given:
        own["service.name"] = SERVICE_NAME
    return Resource.create(own)


def _nanoseconds(moment: datetime) -> int:
    # Not through a float: that has no nanoseconds to give.
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000_000 + since.microseconds * 1_000


# What was said -------------------------------------------------------------------------------------------------------


def _text(value: Any) -> str:
    import json

    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return redact(text)[:MOST_CONTENT]


def _message(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": redact(text)[:MOST_CONTENT]}]}


def _contents(orm: Any, recorded: Recorded) -> dict[str, dict[str, str]]:
    """Messages, arguments and results by the spans they belong to, secrets masked."""
    import json

    from sqlalchemy import select

    from jupyter_agent.observatory.traces import span_id
    from jupyter_agent.storage.tables import ContextContentRow, ContextSnapshotRow, MessageRow

    turn = recorded.turn
    found: dict[str, dict[str, str]] = {
        span_id(call.id): {
            "gen_ai.tool.call.arguments": _text(call.arguments),
            "gen_ai.tool.call.result": _text(call.content),
        }
        for call in recorded.calls
    }
    said = orm.execute(
        select(MessageRow.role, MessageRow.text).where(MessageRow.turn_id == turn.id).order_by(MessageRow.seq)
    ).all()
    sides = {
        "input": [one for one in said if one.role == "user"],
        "output": [one for one in said if one.role != "user"],
    }
    found[span_id(turn.id)] = {
        f"gen_ai.{side}.messages": json.dumps([_message(one.role, one.text) for one in messages], ensure_ascii=False)
        for side, messages in sides.items()
        if messages
    }
    for row in orm.scalars(select(ContextSnapshotRow).where(ContextSnapshotRow.turn_id == turn.id)):
        contents = select(ContextContentRow.sha256, ContextContentRow.data).where(
            ContextContentRow.session_id == row.session_id,
            ContextContentRow.sha256.in_({item.get("sha256") for item in row.items}),
        )
        kept = {one.sha256: one.data for one in orm.execute(contents)}
        sent = [
            _message(item.get("role", "user"), kept[item["sha256"]])
            for item in row.items
            if item.get("sha256") in kept and item.get("part") != "tools"
        ]
        if sent:
            # A whole context may be long; each message has its own limit.
            found[span_id(row.id)] = {"gen_ai.input.messages": json.dumps(sent, ensure_ascii=False)}
    return found
