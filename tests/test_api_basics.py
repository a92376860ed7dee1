"""What holds for every operation: who may call it, how it refuses, how often it answers, how it is described."""

from __future__ import annotations

import asyncio
import gc
import json
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from jupyter_server.auth import Authorizer
from jupyter_server.auth.identity import User

from jupyter_agent.api.coverage import covering
from jupyter_agent.api.router import Operation
from jupyter_agent.api.table import PUBLIC_PATHS, operations

from .conftest import Answer, Api

AsUser = Callable[[str], Api]


def filled(operation: Operation) -> str:
    """The operation's path with ids that are not there."""
    return re.sub(r"{\w+}", "nothing_here", operation.path)


def refused(answer: Answer, status: int, code: str) -> dict[str, Any]:
    """The error of an answer, which is in the standard envelope and nothing else."""
    assert answer.status == status, answer
    assert answer.headers["Content-Type"].startswith("application/json")
    assert set(answer.json) == {"error"}
    error: dict[str, Any] = answer.json["error"]
    assert set(error) == {"code", "message", "details"}
    assert error["code"] == code
    assert error["message"]
    return error


# Who may


async def test_what_was_imported_is_not_collected_again_and_again(api: Api) -> None:
    await api.ok("GET", "/status")
    # The schemas alone are more; none of it is ever garbage.
    assert gc.get_freeze_count() > 100_000


async def test_only_the_public_operations_answer_without_authentication(anonymous: Api) -> None:
    public = {operation.path for operation in operations() if operation.public}
    assert public == set(PUBLIC_PATHS)
    for operation in operations():
        answer = await anonymous(operation.method, filled(operation), follow_redirects=False)
        if operation.public:
            assert answer.status == 200, operation
        else:
            refused(answer, 401, "unauthorized")


@pytest.mark.parametrize("path", ["/openapi.json", "/docs", "/no/such/operation"])
async def test_what_is_no_operation_wants_authentication_too(anonymous: Api, path: str) -> None:
    assert (await anonymous("GET", path, follow_redirects=False)).status == 401


async def test_a_wrong_token_is_refused(make_api: Callable[[dict[str, str]], Api]) -> None:
    refused(await make_api({"Authorization": "token wrong"})("GET", "/sessions"), 401, "unauthorized")


class ReadOnly(Authorizer):
    """Lets everybody read and nobody write; keeps what it was asked."""

    asked: list[tuple[str, str]] = []

    def is_authorized(self, handler: Any, user: User, action: str, resource: str) -> bool:
        self.asked.append((action, resource))
        return action == "read"


@pytest.mark.settings(ServerApp={"authorizer_class": ReadOnly})
async def test_jupyters_authorizer_decides_by_scope(api: Api) -> None:
    ReadOnly.asked.clear()
    await api.ok("GET", "/sessions")
    refused(await api("POST", "/sessions", json={}), 403, "forbidden")
    refused(await api("PUT", "/providers/local", json={"kind": "local", "name": "Local"}), 403, "forbidden")
    actions = {action for action, _ in ReadOnly.asked}
    assert actions == {"read", "write"}
    assert ("write", "sessions") in {(action, resource.rpartition(":")[2]) for action, resource in ReadOnly.asked}
    assert (await api.ok("GET", "/sessions"))["total"] == 0


async def test_a_user_sees_nothing_of_another_user(as_user: AsUser) -> None:
    alice, bob = as_user("alice"), as_user("bob")
    session = await alice.session(title="Secret plans")
    await alice.ok("POST", f"/sessions/{session}/messages", json={"role": "user", "text": "the password is xyzzy"})
    assert (await alice.ok("GET", "/info"))["user"] == "alice"
    assert (await bob.ok("GET", "/sessions"))["total"] == 0
    assert (await bob.ok("GET", "/search", params={"q": "xyzzy"}))["total"] == 0
    assert (await alice.ok("GET", "/search", params={"q": "xyzzy"}))["total"] == 1
    for method, path, body in [
        ("GET", f"/sessions/{session}", None),
        ("PATCH", f"/sessions/{session}", {"title": "Mine"}),
        ("DELETE", f"/sessions/{session}", None),
        ("GET", f"/sessions/{session}/messages", None),
        ("POST", f"/sessions/{session}/messages", {"role": "user", "text": "hi"}),
        ("GET", f"/sessions/{session}/turns", None),
        ("POST", f"/sessions/{session}/turns", {"message": "hi"}),
        ("GET", f"/sessions/{session}/tasks", None),
        ("GET", f"/sessions/{session}/export", None),
        ("POST", f"/sessions/{session}/clear", None),
        ("POST", f"/sessions/{session}/branch", {}),
        ("POST", f"/sessions/{session}/summarize", {}),
        ("POST", f"/sessions/{session}/share", None),
    ]:
        refused(await bob(method, path, **({"json": body} if body is not None else {})), 404, "not_found")
    seen = await alice.ok("GET", f"/sessions/{session}")
    assert (seen["title"], seen["message_count"], seen["status"]) == ("Secret plans", 1, "active")


# Cross-site requests


@pytest.mark.settings(ServerApp={"allow_origin": "https://friend.example"})
async def test_an_origin_that_jupyter_allows_is_allowed(api: Api) -> None:
    answer = await api("GET", "/sessions", headers={"Origin": "https://friend.example"})
    assert answer.status == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "https://friend.example"


async def log_in(browser: httpx.AsyncClient, token: str) -> None:
    """As a browser does: the login page for its _xsrf cookie, then the token for the session's."""
    await browser.get("login")
    await browser.post("login", data={"password": token, "_xsrf": browser.cookies["_xsrf"]})


async def test_another_sites_page_gets_no_leave_to_read(
    jp_serverapp: Any, http_server_client: Any, jp_base_url: str
) -> None:
    async with httpx.AsyncClient(base_url=http_server_client.get_url(jp_base_url)) as browser:
        await log_in(browser, jp_serverapp.identity_provider.token)
        for path in ("sessions", "openapi.json", "health", "no/such/operation"):
            for method in ("GET", "OPTIONS"):
                answer = await browser.request(method, f"agent/v1/{path}", headers={"Origin": "https://evil.example"})
                assert "Access-Control-Allow-Origin" not in answer.headers, (method, path)


async def test_a_write_with_a_cookie_needs_the_xsrf_token(
    jp_serverapp: Any, http_server_client: Any, jp_base_url: str
) -> None:
    token = jp_serverapp.identity_provider.token
    async with httpx.AsyncClient(base_url=http_server_client.get_url(jp_base_url)) as browser:
        await log_in(browser, token)
        assert (await browser.get("agent/v1/sessions")).status_code == 200
        without = await browser.post("agent/v1/sessions", json={})
        assert without.status_code == 403
        assert without.json()["error"]["code"] == "forbidden"
        assert (await browser.get("agent/v1/sessions")).json()["total"] == 0
        with_token = await browser.post("agent/v1/sessions", json={}, headers={"X-XSRFToken": browser.cookies["_xsrf"]})
        assert with_token.is_success


# Bad requests


async def test_an_unknown_path_is_404_in_the_envelope(api: Api) -> None:
    refused(await api("GET", "/no/such/operation"), 404, "not_found")


async def test_a_wrong_method_is_405_and_says_which_are_right(api: Api) -> None:
    answer = await api("PUT", "/sessions", json={})
    refused(answer, 405, "method_not_allowed")
    assert {"GET", "POST"} <= {method.strip() for method in answer.headers["Allow"].split(",")}


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"", b"[" * 100_000, b'{"title": "\\ud800"}'])
async def test_a_body_that_is_no_json_is_400(api: Api, content: bytes) -> None:
    answer = await api("POST", "/sessions", content=content, headers={"Content-Type": "application/json"})
    refused(answer, 400, "bad_request")


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"title": 5}, "body.title"),
        ({"title": "x" * 201}, "body.title"),
        ({"no_such_field": 1}, "body.no_such_field"),
        ({"channel": "NOT A CHANNEL"}, "body.channel"),
        ([], "body"),
        (None, "body"),
    ],
)
async def test_a_wrong_field_is_422_with_its_path(api: Api, body: Any, path: str) -> None:
    answer = await api("POST", "/sessions", content=json.dumps(body), headers={"Content-Type": "application/json"})
    error = refused(answer, 422, "invalid")
    assert path in [one["path"] for one in error["details"]["errors"]]
    assert (await api.ok("GET", "/sessions"))["total"] == 0


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1e999", '"\\u0000"', "{" * 300 + '"a":1' + "}" * 300])
async def test_what_a_database_cannot_keep_is_refused_or_kept(api: Api, value: str) -> None:
    value = value.replace("{", '{"a":') if value.startswith("{") else value
    value = value.replace('{"a":"a":1', '{"a":1')
    answer = await api(
        "POST", "/sessions", content=f'{{"metadata": {{"x": {value}}}}}', headers={"Content-Type": "application/json"}
    )
    if answer.status == 201:
        kept = await api.ok("GET", f"/sessions/{answer.json['id']}")
        assert kept["metadata"] == {"x": json.loads(value)}
    else:
        assert answer.status in (400, 422)


@pytest.mark.parametrize("number", [2**63, -(2**70), 10**300])
async def test_large_numbers_in_metadata_are_kept_exactly(api: Api, number: int) -> None:
    session = await api.session(metadata={"x": number})
    assert (await api.ok("GET", f"/sessions/{session}"))["metadata"] == {"x": number}


@pytest.mark.parametrize(
    ("params", "path"),
    [({"limit": "many"}, "query.limit"), ({"limit": -1}, "query.limit"), ({"wrong": 1}, "query.wrong")],
)
async def test_a_wrong_parameter_is_422_with_its_path(api: Api, params: dict[str, Any], path: str) -> None:
    error = refused(await api("GET", "/sessions", params=params), 422, "invalid")
    assert path in [one["path"] for one in error["details"]["errors"]]


async def test_a_body_that_is_not_json_by_its_type_is_415(api: Api) -> None:
    answer = await api("POST", "/sessions", content=b"{}", headers={"Content-Type": "text/plain"})
    refused(answer, 415, "unsupported_media_type")


async def test_a_body_over_a_megabyte_is_413_and_changes_nothing(api: Api) -> None:
    answer = await api("POST", "/sessions", json={"metadata": {"big": "x" * (1024 * 1024)}})
    refused(answer, 413, "too_large")
    assert (await api.ok("GET", "/sessions"))["total"] == 0
    await api.ok("POST", "/sessions", json={"metadata": {"big": "x" * (1000 * 1024)}})


async def test_a_body_of_unknown_length_is_measured_while_it_comes(api: Api) -> None:
    async def chunks() -> Any:
        for _ in range(40):
            yield b" " * 64 * 1024

    answer = await api("POST", "/sessions", content=chunks(), headers={"Content-Type": "application/json"})
    refused(answer, 413, "too_large")


async def test_an_internal_error_gives_an_id_and_no_traceback(
    api: Api, jp_serverapp: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await api.ok("GET", "/sessions")
    from jupyter_agent.sessions.service import SessionService

    async def broken(*args: Any, **options: Any) -> Any:
        raise RuntimeError("the disk of /home/somebody is on fire")

    for name in [name for name in vars(SessionService) if name.startswith("list")]:
        monkeypatch.setattr(SessionService, name, broken)
    answer = await api("GET", "/sessions")
    error = refused(answer, 500, "internal_error")
    assert "fire" not in answer.content.decode()
    assert "Traceback" not in answer.content.decode()
    error_id = error["details"]["error_id"]
    assert error_id in caplog.text
    assert "on fire" in caplog.text
    assert await api.ok("GET", "/health")


# Rate limits


async def test_every_answer_says_how_many_requests_are_left(api: Api, anonymous: Api) -> None:
    for answer in [
        await api("GET", "/sessions"),
        await api("GET", "/sessions/nothing_here"),
        await api("POST", "/sessions", json={"title": 5}),
        await api("GET", "/no/such/operation"),
        await anonymous("GET", "/health"),
        await anonymous("GET", "/sessions"),
    ]:
        for name in ("Limit", "Remaining", "Reset"):
            assert int(answer.headers[f"X-RateLimit-{name}"]) >= 0, (answer, name)


LIMITS = {"enabled": True, "session_writes": 3, "session_reads": 5, "config_writes": 2, "default": 4}


@pytest.mark.settings(RateLimitSettings=LIMITS)
@pytest.mark.parametrize(
    ("group", "method", "path", "body"),
    [
        ("session_writes", "POST", "/sessions", {}),
        ("session_reads", "GET", "/sessions", None),
        ("config_writes", "POST", "/config/reset", {}),
        ("default", "GET", "/info", None),
    ],
)
async def test_each_group_has_its_own_limit(api: Api, group: str, method: str, path: str, body: Any) -> None:
    options = {"json": body} if body is not None else {}
    await api.ok("GET", "/health")  # Loads what is loaded on the first request, so that the rest is fast.
    await asyncio.sleep(1.1)
    answers = [await api(method, path, **options) for _ in range(LIMITS[group] + 1)]
    assert [answer.status for answer in answers[:-1]] == [answers[0].status] * LIMITS[group]
    assert answers[0].headers["X-RateLimit-Limit"] == str(LIMITS[group])
    remaining = [int(answer.headers["X-RateLimit-Remaining"]) for answer in answers]
    assert remaining[:-1] == list(reversed(range(LIMITS[group])))
    refused(answers[-1], 429, "rate_limited")
    wait = int(answers[-1].headers["Retry-After"])
    assert 1 <= wait <= 2
    await asyncio.sleep(wait)
    assert (await api(method, path, **options)).status == answers[0].status


@pytest.mark.settings(RateLimitSettings=LIMITS)
async def test_one_user_does_not_use_up_anothers_limit(as_user: AsUser) -> None:
    alice, bob = as_user("alice"), as_user("bob")
    statuses = [(await alice("POST", "/sessions", json={})).status for _ in range(LIMITS["session_writes"] + 1)]
    assert statuses[-1] == 429
    assert (await bob("POST", "/sessions", json={})).status == statuses[0]


# The description


async def test_the_openapi_document_is_valid(api: Api) -> None:
    from openapi_spec_validator import OpenAPIV31SpecValidator

    document = await api.ok("GET", "/openapi.json")
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()


async def test_the_openapi_document_holds_every_operation(api: Api) -> None:
    document = await api.ok("GET", "/openapi.json")
    described = {
        (operation["operationId"], method.upper(), path): operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if isinstance(operation, dict) and "operationId" in operation
    }
    shown = [operation for operation in operations() if not operation.hidden]
    assert set(described) == {(operation.id, operation.method, operation.path) for operation in shown}
    for operation in shown:
        entry = described[(operation.id, operation.method, operation.path)]
        assert entry["summary"], operation
        assert tuple(entry.get("x-covers", ())) == operation.covers
        for status in operation.error_statuses:
            content = entry["responses"][str(status)]
            content = (
                document["components"]["responses"][content["$ref"].rpartition("/")[2]]
                if "$ref" in content
                else content
            )
            assert "ErrorEnvelope" in json.dumps(content), (operation, status)


def test_what_is_covered_are_rows_of_the_reference() -> None:
    found = covering(operations())
    assert sum(map(bool, found.values())) >= 50


async def test_the_api_page_needs_nothing_from_elsewhere(api: Api) -> None:
    answer = await api("GET", "/docs")
    assert answer.status == 200
    page = answer.content.decode()
    assert answer.headers["Content-Type"].startswith("text/html")
    assert not re.findall(r"""(?:src|href)=["'](?:https?:)?//""", page)
    for source in re.findall(r"""(?:src|href)=["']([^"':]+)["']""", page):
        assert (await api("GET", f"/{source}")).status == 200, source
