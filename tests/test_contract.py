"""Contract fuzzing: whatever is sent to whichever operation, the answer is one that the OpenAPI document describes.

Schemathesis makes the requests, good and bad, from the document that a real server serves.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import hypothesis
import pytest
import schemathesis
import schemathesis.pytest
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

from .scripted_provider import ScriptedProvider
from .servers import JupyterServer
from .sse import read

ENDLESS = {"/turns/active", "/logs/stream"}
"""Streams that go on until the client leaves: they are looked at one by one below."""
FINITE = {"/turns/{turn_id}/events", "/sessions/{session_id}/turns", "/run"}
"""Streams that end with the turn."""
EXAMPLES = 15
CHECKS = [
    not_a_server_error,
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
def provider() -> Iterator[ScriptedProvider]:
    with ScriptedProvider() as running:
        yield running


@pytest.fixture(scope="module")
def server(provider: ScriptedProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    with JupyterServer(tmp_path_factory.mktemp("contract")) as running:
        running.use(provider)
        yield running


@pytest.fixture(scope="module")
def known(server: JupyterServer) -> dict[str, str]:
    """Things that are there, by the name of the path parameter that names them."""
    session = server.api("POST", "/sessions", json={"title": "Fuzzed"})
    turn = server.api(
        "POST", f"/sessions/{session['id']}/turns", params={"wait": "true"}, json={"message": "What a day"}
    )
    share = server.api("POST", f"/sessions/{session['id']}/share")
    return {"session_id": session["id"], "turn_id": turn["id"], "token": share["token"], "provider_id": "scripted"}


@pytest.fixture(scope="module")
def document(server: JupyterServer) -> Any:
    return server.api("GET", "/openapi.json")


def streaming(document: Any) -> set[str]:
    return {
        path
        for path, item in document["paths"].items()
        for operation in item.values()
        if isinstance(operation, dict)
        for response in operation.get("responses", {}).values()
        if "text/event-stream" in response.get("content", {})
    }


@pytest.fixture
def api_schema(server: JupyterServer, known: dict[str, str], document: Any) -> Any:
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(
        base_url=f"{server.url}agent/v1", headers={"Authorization": f"token {server.token}"}, request_timeout=20
    )

    @schema.hook
    def map_path_parameters(context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
        # Ids that were made up are never there, and all that stands behind the 404 would not be reached.
        for name, value in (path_parameters or {}).items():
            if name in known and zlib.crc32(str(value).encode("utf-8", "replace")) % 4:
                path_parameters = {**(path_parameters or {}), name: known[name]}
        return path_parameters

    return schema


schema = schemathesis.pytest.from_fixture("api_schema")


@schema.exclude(path=sorted(ENDLESS)).parametrize()
@hypothesis.settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)
def test_every_answer_is_documented(case: Any) -> None:
    case.call_and_validate(checks=CHECKS)


def test_every_stream_is_known_to_end_or_not(document: Any) -> None:
    assert streaming(document) == ENDLESS | FINITE


@pytest.mark.parametrize("path", sorted(ENDLESS))
def test_an_endless_stream_answers_as_documented(server: JupyterServer, document: Any, path: str) -> None:
    documented = document["paths"][path]["get"]["responses"]
    headers = {"Authorization": f"token {server.token}", "Accept": "text/event-stream"}
    with httpx.Client(base_url=server.url, timeout=10) as client:
        with client.stream("GET", f"agent/v1{path}", headers=headers) as response:
            assert str(response.status_code) in documented
            assert response.headers["Content-Type"].partition(";")[0] == "text/event-stream"
            assert next(read(response)).data is not None
        assert client.get(f"agent/v1{path}").status_code == 401
        refused = client.get(f"agent/v1{path}", headers=headers, params={"no_such_parameter": "1"})
        assert refused.status_code == 422


def test_the_server_came_through_without_an_error(server: JupyterServer) -> None:
    assert server.api("GET", "/health")["status"] == "ok"
    assert "Traceback" not in Path(server.log_path).read_text(errors="replace")
