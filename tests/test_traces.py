"""Timelines of turns, and what an OpenTelemetry collector gets of them."""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from jupyter_agent.observatory.models import Span
from jupyter_agent.observatory.traces import Recorded, Timeline, busy_ms
from jupyter_agent.storage.tables import ModelRequestRow, ToolCallRow, TurnRow

from .conftest import Api
from .scripted_provider import ScriptedProvider
from .scripted_wire import CACHE_READ_TOKENS, INPUT_TOKENS, OUTPUT_TOKENS
from .servers import JupyterServer
from .tool_turns import begin, eventually, finished, make_calls, pending, plan

SECRET = "collector-password-0123456789"


def span_id(of: str) -> str:
    return hashlib.sha256(of.encode()).hexdigest()[:16]


def of_kind(trace: Any, kind: str) -> list[Any]:
    return [span for span in trace["spans"] if span["kind"] == kind]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def assert_sound(trace: Any) -> None:
    """One root, first; every parent is there; nothing sticks out of its turn; numbers agree with the times."""
    root, *rest = trace["spans"]
    assert root["kind"] == "turn"
    assert root["parent_id"] is None
    ids = [span["id"] for span in trace["spans"]]
    assert len(set(ids)) == len(ids)
    assert all(span["parent_id"] in ids for span in rest)
    starts = [span["started_at"] for span in trace["spans"]]
    assert starts == sorted(starts)
    for span in trace["spans"]:
        assert len(span["id"]) == 16
        if span["finished_at"] is None:
            assert span["duration_ms"] is None
            assert span["status"] == "unset"
            continue
        took = (moment(span["finished_at"]) - moment(span["started_at"])) / timedelta(milliseconds=1)
        assert abs(span["duration_ms"] - took) <= 1
        if root["finished_at"] is not None:
            assert span["finished_at"] <= root["finished_at"]


def test_time_in_which_something_was_open_is_counted_once() -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)

    def span(kind: str, start: int, end: int | None) -> Span:
        return Span.model_validate(
            {
                "id": "0" * 16,
                "kind": kind,
                "name": kind,
                "started_at": at + timedelta(milliseconds=start),
                "finished_at": at + timedelta(milliseconds=end) if end is not None else None,
            }
        )

    spans = [
        span("turn", 0, None),
        *(
            span("tool", 10, 50),
            span("tool", 40, 60),
            span("tool", 45, 46),
            span("tool", 100, 130),
            span("tool", 130, 140),
        ),
        *(span("request", 0, 10), span("request", 900, None)),
    ]
    assert busy_ms(spans, at + timedelta(seconds=1)) == {"turn": 1000, "tool": 90, "request": 110}


AT = datetime(2026, 3, 1, tzinfo=UTC)


def after(milliseconds: int) -> datetime:
    return AT + timedelta(milliseconds=milliseconds)


def recorded(*events: tuple[str, dict[str, Any], int], saying: bool = False, **fields: Any) -> Recorded:
    """A turn of one second that is not finished where `fields` say nothing else."""
    row: dict[str, Any] = {"status": "running", "created_at": AT, "started_at": AT, "message": "", **fields}
    numbers = dict.fromkeys(("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "requests"), 0)
    turn = TurnRow(id="turn_" + "1" * 32, session_id="sess_1", owner="me", model="m", steps=1, **numbers, **row)
    return Recorded(turn, events=[(type, data, after(at)) for type, data, at in events], saying=saying)


def asked(id: str, end: int, took: int, **fields: Any) -> ModelRequestRow:
    numbers = dict.fromkeys(("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens"), 0)
    row: dict[str, Any] = {"purpose": "turn", "duration_ms": took, "created_at": after(end), **numbers, **fields}
    return ModelRequestRow(id=id, session_id="sess_1", provider="p", model="m", **row)


def called(id: str, tool_call_id: str, start: int, end: int | None, step: int) -> ToolCallRow:
    finished = {"finished_at": after(end), "status": "done"} if end is not None else {"status": "running"}
    return ToolCallRow(
        id=id,
        session_id="sess_1",
        step=step,
        tool_call_id=tool_call_id,
        name="look",
        decision="allow",
        created_at=after(start),
        **finished,
    )


def drawn(found: Recorded, now: int = 1000) -> list[tuple[str, str | None, float, float | None, str]]:
    """Kind, kind of the parent, begin and end in milliseconds, status."""
    spans = Timeline(found, after(now)).spans()
    kinds = {span.id: span.kind for span in spans}

    def ms(moment: datetime | None) -> float | None:
        return None if moment is None else (moment - AT) / timedelta(milliseconds=1)

    return [
        (span.kind, kinds.get(span.parent_id or ""), ms(span.started_at) or 0, ms(span.finished_at), span.status)
        for span in spans
    ]


def test_a_compaction_has_the_requests_that_were_made_for_it() -> None:
    made = ("compaction", {"strategy": "summarize"}, 401)
    found = recorded(("turn_started", {}, 0), ("usage", {}, 400), made, ("usage", {}, 900))
    found.requests = [asked("req_1", 400, 300, purpose="compaction"), asked("req_2", 900, 490)]
    found.turn.status, found.turn.stop_reason, found.turn.finished_at = "finished", "completed", after(950)
    assert drawn(found) == [
        ("turn", None, 0, 950, "ok"),
        ("compaction", "turn", 100, 401, "ok"),
        ("request", "compaction", 100, 400, "ok"),
        ("request", "turn", 410, 900, "ok"),
    ]


def test_calls_of_the_same_id_in_two_steps() -> None:
    """The second one only looks, and is written down when it has ended: until then its event tells of it."""
    first = [("turn_started", {}, 0), ("usage", {}, 100), ("tool_call", {"tool_call_id": "a", "name": "look"}, 101)]
    done = ("tool_result", {"tool_call_id": "a", "name": "look"}, 200)
    second = [("usage", {}, 300), ("tool_call", {"tool_call_id": "a", "name": "look"}, 301)]
    found = recorded(*first, done, *second)
    found.requests = [asked("req_1", 100, 100), asked("req_2", 300, 90)]
    found.calls = [called("call_1", "a", 101, 200, 1)]
    assert drawn(found)[1:] == [
        ("request", "turn", 0, 100, "ok"),
        ("tool", "turn", 101, 200, "ok"),
        ("request", "turn", 210, 300, "ok"),
        ("tool", "turn", 301, None, "unset"),
    ]
    # The server dies: nobody knows how the call ended, and no request was under way.
    found.turn.status, found.turn.stop_reason, found.turn.finished_at = "finished", "server_restart", after(700)
    assert drawn(found)[-1] == ("tool", "turn", 301, 700, "error")
    assert [kind for kind, *_ in drawn(found)].count("request") == 2


def test_the_request_that_is_being_made() -> None:
    found = recorded(("turn_started", {}, 5))
    assert drawn(found)[1:] == [("queue", "turn", 0, 5, "ok"), ("request", "turn", 5, None, "unset")]
    assert busy_ms(Timeline(found, after(105)).spans(), after(105)) == {"turn": 105, "queue": 5, "request": 100}
    # It has given its last answer and is about to end.
    found = recorded(("turn_started", {}, 0), ("usage", {}, 300))
    found.requests = [asked("req_1", 300, 300)]
    assert [kind for kind, *_ in drawn(found)] == ["turn", "request"]
    # A second one speaks; of the first the ledger knows.
    found = recorded(("turn_started", {}, 0), ("usage", {}, 300), saying=True)
    found.requests = [asked("req_1", 300, 300)]
    assert drawn(found)[-1] == ("request", "turn", 300, None, "unset")


async def test_a_turn_with_tools(api: Api, scripted: ScriptedProvider) -> None:
    make_calls(scripted)
    session = await api.session()
    steps: list[list[tuple[str, dict[str, Any]]]] = [
        [("list_files", {"path": ""}), ("read_file", {"path": "not-there.txt"})],
    ]
    started = await begin(api, *steps, session=session)
    turn = await finished(api, started["id"])
    trace = await api.ok("GET", f"/turns/{turn['id']}/trace")
    assert_sound(trace)
    assert trace["id"] == turn["id"].removeprefix("turn_")
    assert (trace["status"], trace["stop_reason"]) == ("ok", "completed")
    root = trace["spans"][0]
    assert root["name"] == "invoke_agent default"
    assert root["id"] == span_id(turn["id"])
    assert root["attributes"] == {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": "default",
        "gen_ai.provider.name": "scripted",
        "gen_ai.request.model": "calls",
        "gen_ai.conversation.id": session,
        "gen_ai.usage.input_tokens": 2 * INPUT_TOKENS,
        "gen_ai.usage.output_tokens": 2 * OUTPUT_TOKENS,
        "gen_ai.usage.cache_read.input_tokens": 2 * CACHE_READ_TOKENS,
        "gen_ai.usage.cache_creation.input_tokens": turn["usage"]["cache_write"],
        "jupyter_agent.turn.id": turn["id"],
        "jupyter_agent.turn.stop_reason": "completed",
    }
    requests = of_kind(trace, "request")
    rows = await api.ok("GET", "/stats/transactions", params={"turn_id": turn["id"], "sort": "created_at"})
    assert [one["ref"] for one in requests] == [row["id"] for row in rows["items"]]
    assert [one["id"] for one in requests] == [span_id(row["id"]) for row in rows["items"]]
    for request in requests:
        assert request["name"] == "chat calls"
        assert request["parent_id"] == root["id"]
        assert request["status"] == "ok"
        has = request["attributes"]
        assert has["gen_ai.operation.name"] == "chat"
        assert has["gen_ai.usage.input_tokens"] == INPUT_TOKENS
        assert has["gen_ai.usage.cache_read.input_tokens"] == CACHE_READ_TOKENS
        assert 0 <= has["gen_ai.response.time_to_first_chunk"] * 1000 <= request["duration_ms"] + 1
    listed, missing = of_kind(trace, "tool")
    if listed["name"] != "execute_tool list_files":
        listed, missing = missing, listed
    assert (listed["name"], listed["status"]) == ("execute_tool list_files", "ok")
    assert listed["attributes"]["gen_ai.tool.name"] == "list_files"
    assert listed["attributes"]["gen_ai.operation.name"] == "execute_tool"
    assert (missing["status"], missing["attributes"]["error.type"]) == ("error", "tool_error")
    # Between the two requests, not beside them.
    assert requests[0]["finished_at"] <= listed["started_at"]
    assert listed["finished_at"] <= requests[1]["started_at"]
    assert trace["busy_ms"]["request"] == pytest.approx(sum(one["duration_ms"] for one in requests), abs=2)

    assert await api.ok("GET", f"/traces/{trace['id']}") == trace


async def test_waits_are_shown_while_they_last(api: Api, scripted: ScriptedProvider) -> None:
    make_calls(scripted)
    started = await begin(api, [("write_file", {"path": "new.txt", "text": "x"})], mode="ask")
    (asked,) = await pending(api)
    trace = await api.ok("GET", f"/turns/{started['id']}/trace")
    assert_sound(trace)
    assert trace["status"] == "unset"
    assert trace["duration_ms"] is None
    (tool,), (approval,) = of_kind(trace, "tool"), of_kind(trace, "approval")
    assert tool["finished_at"] is None
    assert approval["finished_at"] is None
    assert approval["parent_id"] == tool["id"]
    assert approval["id"] == span_id(asked["id"])
    assert len(of_kind(trace, "request")) == 1  # none is made while it waits
    await asyncio.sleep(0.3)
    await api.ok("POST", f"/approvals/{asked['id']}/approve", json={})
    await finished(api, started["id"])
    trace = await api.ok("GET", f"/turns/{started['id']}/trace")
    assert_sound(trace)
    (tool,), (approval,) = of_kind(trace, "tool"), of_kind(trace, "approval")
    assert approval["attributes"]["jupyter_agent.approval.status"] == "approved"
    assert tool["duration_ms"] >= approval["duration_ms"] >= 300
    assert trace["busy_ms"]["approval"] == pytest.approx(approval["duration_ms"], abs=1)


async def test_a_clients_tool_and_an_answer_that_never_comes(api: Api, scripted: ScriptedProvider) -> None:
    make_calls(scripted)
    offered = [{"name": "ask_page", "description": "Asks.", "input_schema": {"type": "object"}}]
    started = await begin(api, [("ask_page", {})], client_tools=offered, mode="auto")
    async with api.stream(f"/turns/{started['id']}/events") as stream:
        async for event in stream:
            if event.type == "client_tool_call":
                break
        trace = await api.ok("GET", f"/turns/{started['id']}/trace")
        (client,) = of_kind(trace, "client")
        assert client["finished_at"] is None
        (tool,) = of_kind(trace, "tool")
        assert client["parent_id"] == tool["id"] or client["parent_id"] == trace["spans"][0]["id"]
        answer = {"results": [{"tool_call_id": event.data["tool_call_id"], "content": "here"}]}
        await api.ok("POST", f"/turns/{started['id']}/tool-results", json=answer)
    await finished(api, started["id"])
    trace = await api.ok("GET", f"/turns/{started['id']}/trace")
    assert_sound(trace)
    (client,), (tool,) = of_kind(trace, "client"), of_kind(trace, "tool")
    assert client["name"] == "client ask_page"
    assert client["parent_id"] == tool["id"]
    assert client["status"] == "ok"


async def test_what_failed_and_what_was_tried_again(api: Api, scripted: ScriptedProvider) -> None:
    turn = await api.turn("rate-limited-once")
    trace = await api.ok("GET", f"/turns/{turn['id']}/trace")
    assert_sound(trace)
    first, second = of_kind(trace, "request")
    assert (first["status"], first["attributes"]["error.type"]) == ("error", "rate_limited")
    assert second["status"] == "ok"
    assert moment(second["started_at"]) - moment(first["finished_at"]) >= timedelta(milliseconds=900)  # Retry-After: 1
    assert trace["status"] == "ok"

    turn = await api.turn("unauthorized")
    trace = await api.ok("GET", f"/turns/{turn['id']}/trace")
    assert (trace["status"], trace["spans"][0]["attributes"]["error.type"]) == ("error", "unauthorized")
    assert trace["spans"][0]["message"] == turn["error"]["message"]


async def test_lists_and_ids(api: Api, scripted: ScriptedProvider) -> None:
    session = await api.session()
    good = [await api.turn("echo", f"number {number}", session_id=session) for number in range(3)]
    bad = await api.turn("unauthorized")
    page = await api.ok("GET", "/traces", params={"limit": 2})
    assert [one["turn_id"] for one in page["items"]] == [bad["id"], good[2]["id"]]
    assert page["total"] == 4
    assert page["items"][1]["name"] == "number 2"
    second = await api.ok("GET", "/traces", params={"limit": 2, "offset": 2})
    assert [one["turn_id"] for one in second["items"]] == [good[1]["id"], good[0]["id"]]
    failed = await api.ok("GET", "/traces", params={"status": "error"})
    assert [one["turn_id"] for one in failed["items"]] == [bad["id"]]
    fine = await api.ok("GET", "/traces", params={"status": "ok", "session_id": session})
    assert (fine["total"], len(fine["items"])) == (3, 3)
    for wrong in ("0" * 32, "no-id", bad["id"], "A" * 32):
        answer = await api("GET", f"/traces/{wrong}")
        assert (answer.status, answer.json["error"]["code"]) == (404, "not_found")


async def test_nobody_sees_others(as_user: Callable[[str], Api], scripted: ScriptedProvider) -> None:
    turn = await as_user("alice").turn("echo")
    id = turn["id"].removeprefix("turn_")
    assert (await as_user("alice")("GET", f"/traces/{id}")).status == 200
    for path in (f"/traces/{id}", f"/turns/{turn['id']}/trace", f"/traces/{id}/jaeger"):
        assert (await as_user("bob")("GET", path)).status == 404
    assert (await as_user("bob").ok("GET", "/traces"))["total"] == 0


async def test_a_cleared_conversation_keeps_its_times(api: Api, scripted: ScriptedProvider) -> None:
    turn = await api.turn("echo", "something private")
    await api.ok("POST", f"/sessions/{turn['session_id']}/clear", json={})
    trace = await api.ok("GET", f"/turns/{turn['id']}/trace")
    assert_sound(trace)
    assert "private" not in json.dumps(trace)
    assert len(of_kind(trace, "request")) == 1


# A collector ---------------------------------------------------------------------------------------------------------


class Collector:
    """Takes OTLP over HTTP on loopback, and parses it."""

    def __init__(self) -> None:
        self.spans: list[Any] = []
        self.resources: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.status = 200
        self.seconds = 0.0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

                body = self.rfile.read(int(self.headers["Content-Length"]))
                time.sleep(outer.seconds)
                if outer.status == 200:
                    request = ExportTraceServiceRequest.FromString(body)
                    for of_resource in request.resource_spans:
                        outer.resources.append(attributes(of_resource.resource))
                        for scope in of_resource.scope_spans:
                            outer.spans.extend(scope.spans)
                outer.headers.append(dict(self.headers))
                outer.paths.append(self.path)
                self.send_response(outer.status)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def trace(self, turn_id: str) -> list[Any]:
        """What has come of a turn."""
        return [span for span in self.spans if span.trace_id.hex() == turn_id.removeprefix("turn_")]


def attributes(of: Any) -> dict[str, Any]:
    """The attributes of a span or resource."""
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in of.attributes}


@pytest.fixture
def collector() -> Iterator[Collector]:
    running = Collector()
    yield running
    running.close()


@pytest.fixture
def tracing(api: Api, scripted: ScriptedProvider, jp_serverapp: Any, collector: Collector) -> Any:
    """The settings of a server that exports to the collector."""
    settings = jp_serverapp.web_app.settings["jupyter_agent_app"].sections.tracing
    settings.otlp_endpoint = collector.url
    settings.otlp_headers = {"x-collector-key": SECRET}
    settings.jaeger_url = "http://jaeger.invalid:16686/"
    return settings


async def exported(api: Api, count: int = 1) -> Any:
    async def look() -> Any:
        status = await api.ok("GET", "/traces/exporter")
        return status if status["exported"] + status["failed"] >= count else None

    return await eventually(look, 20)


async def test_a_collector_gets_what_the_api_shows(
    api: Api, scripted: ScriptedProvider, tracing: Any, collector: Collector
) -> None:
    make_calls(scripted)
    started = await begin(api, [("list_files", {"path": "."})])
    turn = await finished(api, started["id"])
    status = await exported(api)
    assert (status["exporter"], status["exported"], status["failed"]) == ("otlp", 1, 0)
    assert status["endpoint"] == f"{collector.url}/v1/traces"
    assert SECRET not in json.dumps(status)
    trace = await api.ok("GET", f"/turns/{turn['id']}/trace")
    got = collector.trace(turn["id"])
    assert [span.span_id.hex() for span in got] == [span["id"] for span in trace["spans"]]
    assert [span.parent_span_id.hex() for span in got] == [span["parent_id"] or "" for span in trace["spans"]]
    assert [span.name for span in got] == [span["name"] for span in trace["spans"]]
    for span, shown in zip(got, trace["spans"], strict=True):
        assert {**attributes(span)} == {**shown["attributes"], "jupyter_agent.span.kind": shown["kind"]}
        for nanoseconds, text in ((span.start_time_unix_nano, "started_at"), (span.end_time_unix_nano, "finished_at")):
            assert abs(nanoseconds / 1e6 - moment(shown[text]).timestamp() * 1000) <= 1
        assert span.kind == (3 if shown["kind"] == "request" else 1)  # client, internal
        assert span.status.code == 1
    assert collector.resources[0]["service.name"] == "jupyter-agent"
    assert collector.headers[0]["x-collector-key"] == SECRET
    assert trace["url"] == f"http://jaeger.invalid:16686/trace/{trace['id']}"
    for path, url in (
        ("/traces/jaeger", "http://jaeger.invalid:16686"),
        (f"/traces/{trace['id']}/jaeger", trace["url"]),
    ):
        answer = await api("GET", path)
        assert (answer.status, answer.headers["Location"]) == (302, url)


async def test_what_was_said_is_exported_only_where_that_is_wanted(
    api: Api, scripted: ScriptedProvider, tracing: Any, collector: Collector
) -> None:
    make_calls(scripted)
    message = plan([("list_files", {"path": ".", "comment": "sk-live-0123456789abcdef"})])
    quiet = await api.turn("calls", message)
    await exported(api)
    said = json.dumps([attributes(span) for span in collector.trace(quiet["id"])])
    assert "comment" not in said
    assert "I am done" not in said
    tracing.content = True
    open_ = await api.turn("calls", message)
    status = await exported(api, 2)
    assert (status["content"], status["failed"], status["last_error"]) == (True, 0, None)
    spans = {span.name: attributes(span) for span in collector.trace(open_["id"])}
    root, tool = spans["invoke_agent default"], spans["execute_tool list_files"]
    (asked,) = json.loads(root["gen_ai.input.messages"])
    assert asked["role"] == "user"
    assert "list_files" in asked["parts"][0]["content"]
    assert "I am done" in json.loads(root["gen_ai.output.messages"])[-1]["parts"][0]["content"]
    assert json.loads(tool["gen_ai.tool.call.arguments"])["path"] == "."
    assert "gen_ai.tool.call.result" in tool
    assert "sk-live" not in json.dumps(spans)


async def test_a_collector_that_fails_disturbs_nobody(
    api: Api, scripted: ScriptedProvider, tracing: Any, collector: Collector, caplog: pytest.LogCaptureFixture
) -> None:
    collector.status = 401
    for number in range(3):
        assert (await api.turn("echo"))["stop_reason"] == "completed"
        status = await exported(api, number + 1)
    assert (status["exported"], status["failed"]) == (0, 3)
    assert "401" in status["last_error"]
    told = [record for record in caplog.records if record.levelname in ("WARNING", "ERROR")]
    # Once in a while, and no line each time. (Two handlers may hear the same record.)
    assert {record.getMessage() for record in told if "trace" in record.getMessage()} == {
        "a trace could not be exported (1 so far): Failed to export spans batch code: 401, reason: Unauthorized"
    }
    assert not [record for record in told if record.name.startswith("opentelemetry")]
    collector.status = 200
    turn = await api.turn("echo")
    status = await exported(api, 4)
    assert (status["exported"], status["failed"]) == (1, 3)
    assert collector.trace(turn["id"])

    tracing.otlp_endpoint = "http://127.0.0.1:9"  # nobody listens
    began = time.monotonic()
    assert (await api.turn("echo"))["stop_reason"] == "completed"
    assert time.monotonic() - began < 5


async def test_without_collector_packages_or_jaeger(
    api: Api, scripted: ScriptedProvider, jp_serverapp: Any, monkeypatch: pytest.MonkeyPatch, collector: Collector
) -> None:
    turn = await api.turn("echo")
    status = await api.ok("GET", "/traces/exporter")
    assert (status["exporter"], status["endpoint"], status["failed"]) == ("none", None, 0)
    assert "otlp_endpoint" in status["reason"]
    trace = await api.ok("GET", f"/turns/{turn['id']}/trace")
    assert trace["url"] is None
    for path in ("/traces/jaeger", f"/traces/{trace['id']}/jaeger"):
        answer = await api("GET", path)
        assert (answer.status, answer.json["error"]["code"]) == (409, "not_configured")

    # As every service: where nothing is set here, the environment says where to.
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-from=the%20environment")
    turn = await api.turn("echo")
    await exported(api)
    assert collector.trace(turn["id"])
    assert collector.headers[0]["x-from"] == "the environment"
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    assert (await api.ok("GET", "/traces/exporter"))["exporter"] == "none"
    monkeypatch.delenv("OTEL_SDK_DISABLED")

    from jupyter_agent.observatory import otel

    exporter = jp_serverapp.web_app.settings["jupyter_agent_app"]._services.observatory.traces._exporter
    monkeypatch.setattr(otel, "PACKAGES", ("opentelemetry.there_is_no_such_package",))
    exporter._installed = None
    status = await api.ok("GET", "/traces/exporter")
    assert (status["exporter"], "jupyterlab-agent[tracing]" in status["reason"]) == ("none", True)
    assert (await api.turn("echo"))["stop_reason"] == "completed"


def test_a_turn_whose_server_dies(tmp_path: Path, scripted_server: ScriptedProvider, collector: Collector) -> None:
    scripted_server.reset()
    config = {"TracingSettings": {"otlp_endpoint": collector.url}}
    with JupyterServer(tmp_path, config=config) as server:
        server.use(scripted_server)
        session = server.api("POST", "/sessions", json={})["id"]
        turn = server.api("POST", f"/sessions/{session}/turns", json={"message": "go", "model": "slow-200x50"})
        deadline = time.monotonic() + 20
        while server.api("GET", f"/turns/{turn['id']}/trace")["spans"][-1]["kind"] != "request":
            assert time.monotonic() < deadline
            time.sleep(0.05)
        running = server.api("GET", f"/turns/{turn['id']}/trace")
        assert_sound(running)
        assert running["spans"][-1]["finished_at"] is None
        time.sleep(0.5)
        server.kill()
        server.start()
        deadline = time.monotonic() + 30
        while server.api("GET", f"/turns/{turn['id']}")["status"] != "finished":
            assert time.monotonic() < deadline
            time.sleep(0.1)
        trace = server.api("GET", f"/turns/{turn['id']}/trace")
        assert_sound(trace)
        assert (trace["status"], trace["stop_reason"]) == ("error", "server_restart")
        (request,) = of_kind(trace, "request")
        assert request["status"] == "error"
        assert request["attributes"]["error.type"] == "server_restart"
        assert request["finished_at"] == trace["spans"][0]["finished_at"]
        # Whoever closes the turn exports it.
        deadline = time.monotonic() + 20
        while not collector.trace(turn["id"]):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert [span.span_id.hex() for span in collector.trace(turn["id"])] == [span["id"] for span in trace["spans"]]
        # What waits is sent at the server's end.
        collector.seconds = 0.2
        last = server.api("POST", f"/sessions/{session}/turns", params={"wait": "true"}, json={"message": "x"})
        server.stop()
        assert collector.trace(last["id"])
