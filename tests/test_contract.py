"""Contract fuzzing: whatever is sent to whichever operation, the answer is one that the OpenAPI document describes.

Schemathesis makes the requests, good and bad, from the document that a real server serves.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator
from typing import Any

import httpx
import hypothesis
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    ignored_auth,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from jupyter_agent.api.openapi import document
from jupyter_agent.api.table import operations

from .scripted_provider import ScriptedProvider, png
from .servers import JupyterServer
from .sse import read

NOT_STREAMS = {"list_turns"}
"""Operations at the path of one that streams."""
ENDLESS = {"/turns/active", "/logs/stream"}
"""Streams that go on until the client leaves: they are looked at one by one below."""
FINITE = {"/turns/{turn_id}/events", "/sessions/{session_id}/turns", "/run"}
"""Streams that end with the turn."""
EXAMPLES = 15


def no_crash(context: Any, response: Any, case: Any) -> bool | None:
    """As Schemathesis has it, but a provider that does not know a made up model is no fault of the server's; whether
    the operation documents the 503 is another check."""
    if response.status_code == 503 and response.json()["error"]["code"] == "provider_error":
        return None
    return not_a_server_error(context, response, case)


CHECKS = [
    no_crash,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
    allow_header_conformance,
    ignored_auth,
]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(provider: ScriptedProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    # The embedded model would say much and slowly to what is made up here.
    with JupyterServer(
        tmp_path_factory.mktemp("contract"), config={"LocalModelSettings": {"enabled": False}}
    ) as running:
        running.use(provider)
        yield running


@pytest.fixture(scope="module", autouse=True)
def known(server: JupyterServer) -> None:
    """Things that are there, by the name of the path parameter that names them."""
    session = server.api("POST", "/sessions", json={"title": "Fuzzed"})
    picture = {"type": "image", "media_type": "image/png", "data": base64.b64encode(png((255, 0, 0))).decode()}
    turn = server.api(
        "POST",
        f"/sessions/{session['id']}/turns",
        params={"wait": "true"},
        json={"message": "What a day", "parts": [picture]},
    )
    messages = server.api("GET", f"/sessions/{session['id']}/messages")["items"]
    KNOWN.update(
        session_id=session["id"],
        turn_id=turn["id"],
        token=server.api("POST", f"/sessions/{session['id']}/share")["token"],
        provider_id="scripted",
        blob_id=next(part["blob_id"] for part in messages[0]["parts"] if part["type"] == "image"),
    )


KNOWN: dict[str, str] = {}
schema = schemathesis.openapi.from_dict(document())


@schema.hook
def map_path_parameters(context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    # Ids that were made up are never there, and all that stands behind the 404 would not be reached.
    return {
        name: KNOWN[name] if name in KNOWN and zlib.crc32(str(value).encode("utf-8", "replace")) % 4 else value
        for name, value in (path_parameters or {}).items()
    }


@schema.exclude(path=sorted(ENDLESS)).parametrize()
@hypothesis.settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)
def test_every_answer_is_documented(case: Any, server: JupyterServer) -> None:
    case.call_and_validate(
        base_url=f"{server.url}agent/v1",
        headers={"Authorization": f"token {server.token}"},
        checks=CHECKS,
        timeout=20,
    )


def streaming() -> set[str]:
    return {operation.path for operation in operations() if operation.streams}


def test_what_is_served_is_what_was_tested(server: JupyterServer) -> None:
    assert server.api("GET", "/openapi.json") == document()


def test_every_stream_is_known_to_end_or_not() -> None:
    assert streaming() == ENDLESS | FINITE
    for path in streaming():
        for operation in document()["paths"][path].values():
            types = {type for response in operation["responses"].values() for type in response.get("content", {})}
            assert "text/event-stream" in types or operation["operationId"] in NOT_STREAMS, path


@pytest.mark.parametrize("path", sorted(ENDLESS))
def test_an_endless_stream_answers_as_documented(server: JupyterServer, path: str) -> None:
    documented = document()["paths"][path]["get"]["responses"]
    headers = {"Authorization": f"token {server.token}", "Accept": "text/event-stream"}
    url = f"{server.url}agent/v1{path}"
    with httpx.stream("GET", url, headers=headers, timeout=20) as response:
        assert response.status_code == 200
        media_type = response.headers["Content-Type"].partition(";")[0]
        assert media_type in documented["200"]["content"]
        assert media_type == "text/event-stream"
        # The log may be silent for a while; a snapshot comes at once.
        assert path == "/logs/stream" or next(read(response)).type == "snapshot"
    assert httpx.get(url).status_code == 401
    assert httpx.get(url, headers=headers, params={"no_such_parameter": "1"}).status_code == 422


def test_the_server_came_through_without_an_error(server: JupyterServer) -> None:
    assert server.api("GET", "/health")["status"] == "ok"
    assert "Traceback" not in server.log()
