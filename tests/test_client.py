"""The client: what it finds, what it types, what it does when things break. Against real servers on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import jupyter_agent
from jupyter_agent import AsyncClient, Client
from jupyter_agent.api.table import operations
from jupyter_agent.kernel import client as client_module
from jupyter_agent.kernel import discovery, generate, transport
from jupyter_agent.kernel import operations as generated
from jupyter_agent.kernel.secret import Secret
from jupyter_agent.kernel.variables import describe
from jupyter_agent.turns.models import TextPart, TurnStart

from .scripted_provider import ScriptedProvider
from .servers import JupyterServer, free_port

DOCS = Path(__file__).parents[1] / "docs" / "client.md"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    with JupyterServer(tmp_path_factory.mktemp("server")) as running, ScriptedProvider() as provider:
        running.use(provider)
        running.provider = provider  # type: ignore[attr-defined]
        yield running


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith(("JUPYTER_AGENT_", "JUPYTERHUB_", "JPY_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    (tmp_path / "runtime").mkdir()


@pytest.fixture
def client(server: JupyterServer) -> Iterator[Client]:
    with Client(server.url, server.token) as made:
        yield made


def run_python(code: str, **env: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        env={**os.environ, **env},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


class TestImport:
    def test_costs_next_to_nothing_and_loads_nothing_of_the_server(self) -> None:
        seconds = min(
            float(
                run_python(
                    """
                    import time
                    started = time.perf_counter()
                    import jupyter_agent
                    print(time.perf_counter() - started)
                    import sys
                    heavy = {"httpx", "pydantic", "tornado", "sqlalchemy", "pydantic_ai", "jupyter_server", "IPython"}
                    assert not heavy & set(sys.modules), heavy & set(sys.modules)
                    """
                )
            )
            for _ in range(3)
        )
        assert seconds < 0.3

    def test_of_the_client_loads_nothing_of_the_server(self) -> None:
        out = run_python(
            """
            import sys
            from jupyter_agent import AsyncClient, Client, TurnFailed
            heavy = {"tornado", "sqlalchemy", "pydantic_ai", "jupyter_server", "traitlets", "openai"}
            print(sorted(heavy & set(sys.modules)))
            """
        )
        assert out.strip() == "[]"

    def test_gives_every_name_it_promises(self) -> None:
        for name in jupyter_agent.__all__:
            assert getattr(jupyter_agent, name) is not None
        assert set(jupyter_agent.__all__) <= set(dir(jupyter_agent))
        with pytest.raises(AttributeError, match="nonsense"):
            jupyter_agent.nonsense  # noqa: B018

    def test_names_the_extensions(self) -> None:
        [point] = jupyter_agent._jupyter_server_extension_points()
        assert point["module"] == "jupyter_agent"
        assert point["app"].name == "jupyter_agent"
        assert jupyter_agent._jupyter_labextension_paths() == [{"src": "labextension", "dest": "jupyterlab-agent"}]


class TestGenerated:
    def test_is_up_to_date(self) -> None:
        assert generate.main(["--check"]) == 0

    def test_check_fails_where_it_is_not(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        stale = tmp_path / "operations.py"
        stale.write_text(generate.TARGET.read_text().replace("def get_health", "def get_wealth"))
        assert generate.main(["--check", str(stale)]) == 1
        assert "python -m jupyter_agent.kernel.generate" in capsys.readouterr().err
        assert generate.main([str(stale)]) == 0
        assert stale.read_text() == generate.TARGET.read_text()

    @pytest.mark.parametrize("operation", [item for item in operations() if not item.hidden], ids=lambda item: item.id)
    def test_has_every_operation(self, operation: Any) -> None:
        for prefix in ("", "Async"):
            room = getattr(generated, prefix + operation.room.title())
            answer, events = generate.method_names(operation)
            for name in {answer, events} if operation.streams else {answer}:
                method = getattr(room, name)
                parameters = inspect.signature(method).parameters
                assert set(operation.path_names) <= set(parameters)
                wanted = set(operation.query_names) - ({"wait"} if name == events else set())
                assert wanted <= set(parameters)
                assert ("body" in parameters) == (operation.body_type is not None)
                assert operation.path in (method.__doc__ or "")

    def test_sends_only_what_was_set(self) -> None:
        body = json.loads(transport.json_body(TurnStart, None, {"message": "hi", "parts": [TextPart(text="x")]}))
        assert body == {"message": "hi", "parts": [{"type": "text", "text": "x"}]}

    def test_refuses_a_wrong_field_before_anything_is_sent(self, client: Client) -> None:
        with pytest.raises(jupyter_agent.Invalid) as raised:
            client.turns.start_turn("sess_x", message="hi", max_steps=0)
        assert raised.value.errors[0]["path"] == "body.max_steps"

    def test_takes_a_body_whole_or_by_fields_not_both(self, client: Client) -> None:
        with pytest.raises(TypeError, match="not both"):
            client.turns.start_turn("sess_x", TurnStart(message="hi"), message="hi")


class TestDiscovery:
    def test_address_as_people_write_it(self) -> None:
        for address in (
            "http://host:1/base",
            "http://host:1/base/lab?token=s3",
            "http://host:1/base/agent/v1?a=b&token=s3",
        ):
            found = discovery.find_server(address)
            assert found.url == "http://host:1/base/"
            assert found.token == Secret("s3" if "token" in address else "")
        assert discovery.find_server("http://host:1/lab?token=s3", Secret("other")).token == Secret("other")

    def test_refuses_what_is_no_address(self) -> None:
        for address in ("localhost:8888", "ftp://host/", "http://"):
            with pytest.raises(jupyter_agent.ServerNotFound, match="not the address"):
                discovery.find_server(address)

    def test_environment(self, server: JupyterServer, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("JUPYTER_AGENT_URL", server.url)
        monkeypatch.setenv("JUPYTER_AGENT_TOKEN", server.token)
        with Client() as client:
            assert client.system.get_info().api_version == "v1"
            assert client.server.source == "JUPYTER_AGENT_URL"

    def test_runtime_file_of_the_newest_live_server(
        self, server: JupyterServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        runtime = tmp_path / "runtime"
        [real] = server.runtime.glob("jpserver-*.json")
        (runtime / real.name).write_text(real.read_text())
        dead = subprocess.Popen([sys.executable, "-c", "pass"])
        dead.wait()
        write_runtime(runtime, dead.pid, "http://127.0.0.1:1/")
        write_runtime(runtime, os.getpid(), f"http://127.0.0.1:{free_port()}/")  # alive, but no server
        (runtime / "jpserver-7.json").write_text("{")
        with Client() as client:
            assert client.server.source == f"runtime file {real.name}"
            assert client.server.root_dir == str(server.root)
            assert client.system.get_info().api_version == "v1"

    def test_server_that_started_the_kernel_comes_first(
        self, server: JupyterServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        [real] = server.runtime.glob("jpserver-*.json")
        own = tmp_path / "runtime" / real.name
        own.write_text(real.read_text())
        os.utime(own, (1, 1))
        with Health() as other:
            write_runtime(tmp_path / "runtime", os.getpid(), other.url)
            assert discovery.find_server().url == other.url
            assert server.process is not None
            monkeypatch.setenv("JPY_PARENT_PID", str(server.process.pid))
            assert discovery.find_server().url == server.url

    def test_hub(self, server: JupyterServer, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("JUPYTERHUB_SERVICE_URL", f"http://0.0.0.0:{server.port}/")
        monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/")
        monkeypatch.setenv("JUPYTERHUB_API_TOKEN", server.token)
        with Client() as client:
            assert client.server.source == "JupyterHub environment"
            assert client.system.get_info().api_version == "v1"

    def test_hub_gives_the_token_that_the_runtime_file_lacks(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/ada/")
        monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "hub-token")
        with Health("/user/ada/") as hub:
            write_runtime(tmp_path / "runtime", os.getpid(), hub.url, token="")
            assert discovery.find_server().token == Secret("hub-token")

    def test_server_that_listens_everywhere_is_reached_on_loopback(self, tmp_path: Path) -> None:
        with Health() as health:
            write_runtime(
                tmp_path / "runtime",
                os.getpid(),
                "http://no.such.host.invalid:1/",
                hostname="0.0.0.0",
                port=health.port,
            )
            assert discovery.find_server().url == health.url

    def test_unix_socket(self, tmp_path: Path) -> None:
        path = str(tmp_path / "s.sock")
        with Health(unix=path):
            write_runtime(tmp_path / "runtime", os.getpid(), "http+unix://x/", sock=path, base_url="/base/")
            with Client() as client:
                assert client.server.socket == path
                assert client.system.get_health().version == "0"

    def test_says_what_was_tried_and_what_to_do(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("JPY_PARENT_PID", "999999")
        with pytest.raises(jupyter_agent.ServerNotFound) as raised:
            Client()
        assert "JUPYTER_AGENT_URL is not set" in str(raised.value)
        assert "process 999999" in str(raised.value)
        assert f"no running server in {tmp_path / 'runtime'}" in str(raised.value)
        assert "jupyter agent lab" in str(raised.value)

    def test_says_where_the_extension_is_missing(self, tmp_path: Path) -> None:
        with Health(status=404) as bare:
            write_runtime(tmp_path / "runtime", os.getpid(), bare.url)
            with pytest.raises(jupyter_agent.ServerNotFound, match="jupyter server extension enable jupyter_agent"):
                Client()

    def test_probing_never_sends_the_token(self, tmp_path: Path) -> None:
        with Health() as health:
            write_runtime(tmp_path / "runtime", os.getpid(), health.url, token="s3cret")
            discovery.find_server()
            assert health.seen
            assert "s3cret" not in repr(health.seen)

    def test_token_is_never_shown(self, server: JupyterServer, tmp_path: Path) -> None:
        with Client(server.url, server.token) as client:
            shown = repr([client, client.server, vars(client), client._transport, vars(client._transport)["server"]])
            assert server.token not in shown
            assert server.url in shown
        (tmp_path / "token").write_text("s3cret-token")
        code = (
            "%xmode Verbose\nfrom jupyter_agent import Client\n"
            f"Client('http://127.0.0.1:{free_port()}/', open('token').read()).system.get_info()"
        )
        out = subprocess.run(
            [sys.executable, "-m", "IPython", "--no-banner", "-c", code],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            check=False,
        )
        assert "ConnectionLost" in out.stdout + out.stderr
        assert "s3cret-token" not in out.stdout + out.stderr


def write_runtime(folder: Path, pid: int, url: str, *, token: str = "t", **more: Any) -> None:
    info = {
        "pid": pid,
        "url": url,
        "hostname": "localhost",
        "token": token,
        "sock": "",
        "secure": False,
        "port": 1,
        **more,
    }
    (folder / f"jpserver-{pid}.json").write_text(json.dumps({"base_url": "/", **info}))


class Health:
    """Answers every request like the agent's health does."""

    def __init__(self, base: str = "/", *, status: int = 200, unix: str | None = None) -> None:
        self.base = base
        self.seen: list[dict[str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.seen.append(dict(self.headers))
                body = b'{"status": "ok", "version": "0", "uptime_seconds": 1, "newer_field": true}'
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def address_string(self) -> str:
                return "test"

            def log_message(self, *arguments: object) -> None:
                pass

        if unix is None:
            self._http: Any = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
            self.port = self._http.server_address[1]
            self.url = f"http://127.0.0.1:{self.port}{base}"
        else:
            from socketserver import ThreadingUnixStreamServer

            self._http = ThreadingUnixStreamServer(unix, Handler)

    def __enter__(self) -> Health:
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._http.shutdown()
        self._http.server_close()


class Scripted:
    """A server that answers one request after another as it was told: `(status, headers, body)`, or None to hang up."""

    def __init__(self, *answers: tuple[int, dict[str, str], Any] | None) -> None:
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        left = list(answers)
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                outer.seen.append((self.command, self.path, dict(self.headers)))
                answer = left.pop(0)
                if answer is None:
                    self.close_connection = True
                    return
                status, headers, body = answer
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_DELETE = answer  # noqa: N815

            def log_message(self, *arguments: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.client = Client(f"http://127.0.0.1:{self._http.server_address[1]}/", "t")

    def __enter__(self) -> Scripted:
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.client.close()
        self._http.shutdown()
        self._http.server_close()


HEALTHY = (200, {}, {"status": "ok", "version": "0", "uptime_seconds": 1.0})


def envelope(code: str, message: str, **details: Any) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "details": details}}


class TestErrors:
    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            (400, jupyter_agent.BadRequest),
            (401, jupyter_agent.Unauthorized),
            (403, jupyter_agent.Forbidden),
            (404, jupyter_agent.NotFound),
            (409, jupyter_agent.Conflict),
            (413, jupyter_agent.TooLarge),
            (422, jupyter_agent.Invalid),
            (500, jupyter_agent.ServerError),
            (418, jupyter_agent.AgentError),
        ],
    )
    def test_are_typed_from_the_envelope(self, status: int, kind: type[jupyter_agent.AgentError]) -> None:
        with (
            Scripted((status, {}, envelope("some_code", "It was so.", errors=[{"path": "p"}]))) as scripted,
            pytest.raises(kind, match="It was so") as raised,
        ):
            scripted.client.system.get_health()
        assert type(raised.value) is kind
        assert (raised.value.status, raised.value.code) == (status, "some_code")
        assert raised.value.details == {"errors": [{"path": "p"}]}

    def test_without_an_envelope(self) -> None:
        with (
            Scripted((502, {}, b"<html>Bad gateway</html>")) as scripted,
            pytest.raises(jupyter_agent.ServerError, match=r"^HTTP 502$"),
        ):
            scripted.client.system.get_health()

    def test_rate_limit_is_waited_for(self) -> None:
        limited = (429, {"Retry-After": "0.1"}, envelope("rate_limited", "Slower."))
        with Scripted(limited, limited, HEALTHY) as scripted:
            started = time.monotonic()
            assert scripted.client.system.get_health().status == "ok"
            assert time.monotonic() - started >= 0.2

    def test_rate_limit_is_not_waited_for_without_end(self) -> None:
        limited = (429, {"Retry-After": "0"}, envelope("rate_limited", "Slower."))
        with Scripted(*[limited] * (transport.RETRIES + 1)) as scripted:
            with pytest.raises(jupyter_agent.RateLimited) as raised:
                scripted.client.system.get_health()
            assert len(scripted.seen) == transport.RETRIES + 1
        assert raised.value.retry_after == 0

    def test_rate_limit_of_an_hour_is_not_waited_for(self) -> None:
        with (
            Scripted((429, {"Retry-After": "3600"}, envelope("rate_limited", "Slower."))) as scripted,
            pytest.raises(jupyter_agent.RateLimited) as raised,
        ):
            scripted.client.system.get_health()
        assert raised.value.retry_after == 3600

    def test_reads_are_made_again_after_a_lost_connection_and_writes_are_not(self) -> None:
        with Scripted(None, HEALTHY) as scripted:
            assert scripted.client.system.get_health().status == "ok"
        with Scripted(None, HEALTHY) as scripted:
            with pytest.raises(jupyter_agent.ConnectionLost):
                scripted.client.sessions.create_session()
            assert len(scripted.seen) == 1

    def test_a_turn_is_started_again_with_the_same_key(self) -> None:
        with Scripted(None, (409, {}, envelope("conflict", "Seen."))) as scripted:
            with pytest.raises(jupyter_agent.Conflict):
                scripted.client.turns.start_turn("sess_1", message="hi")
            keys = [headers["Idempotency-Key"] for _, _, headers in scripted.seen]
        assert len(keys) == 2
        assert keys[0] == keys[1]

    def test_nobody_there(self) -> None:
        with (
            Client(f"http://127.0.0.1:{free_port()}/", "t") as client,
            pytest.raises(jupyter_agent.ConnectionLost, match="jupyter server list"),
        ):
            client.system.get_health()

    def test_closed_client(self) -> None:
        client = Client(f"http://127.0.0.1:{free_port()}/", "t")
        client.close()
        with pytest.raises(jupyter_agent.ConnectionLost, match="closed"):
            client.system.get_health()

    def test_an_answer_that_makes_no_sense(self) -> None:
        with (
            Scripted((200, {}, {"status": "ok"})) as scripted,
            pytest.raises(jupyter_agent.ServerError, match="uptime_seconds"),
        ):
            scripted.client.system.get_health()

    def test_wrong_token(self, server: JupyterServer) -> None:
        with (
            Client(server.url, "wrong") as client,
            pytest.raises((jupyter_agent.Unauthorized, jupyter_agent.Forbidden)) as raised,
        ):
            client.sessions.list_sessions()
        assert raised.value.status in (401, 403)

    def test_no_token(self, server: JupyterServer) -> None:
        with (
            Client(server.url) as client,
            pytest.raises((jupyter_agent.Unauthorized, jupyter_agent.Forbidden), match="JUPYTER_AGENT_TOKEN"),
        ):
            client.sessions.list_sessions()

    def test_of_the_real_server(self, client: Client) -> None:
        with pytest.raises(jupyter_agent.NotFound, match="sess_unknown"):
            client.sessions.get_session("sess_unknown")
        session = client.sessions.create_session()
        client.sessions.delete_session(session.id)
        with pytest.raises(jupyter_agent.Conflict):
            client.sessions.delete_session(session.id)
        with pytest.raises(jupyter_agent.Invalid) as raised:
            client.sessions.list_sessions(limit=-1)
        assert raised.value.errors[0]["path"] == "query.limit"


def test_server_without_authentication(tmp_path: Path) -> None:
    config = {"IdentityProvider": {"token": ""}, "ServerApp": {"password": ""}}
    with JupyterServer(tmp_path, config=config) as server, Client(server.url) as client:
        assert client.sessions.create_session(title="open").title == "open"


class TestAsking:
    def test_ask(self, client: Client) -> None:
        answer = client.ask("hello there")
        assert "hello there" in answer
        assert answer.text == str(answer) == answer._repr_markdown_()
        assert answer.stop_reason == "completed"
        assert answer.usage.requests == 1
        assert client.sessions.get_session(answer.session_id).turn_count == 1

    def test_goes_on_with_a_session(self, client: Client) -> None:
        first = client.ask("one", model="remember")
        second = client.ask("two", session=first, model="remember")
        assert second.session_id == first.session_id
        assert "one" in second
        third = client.ask("three", session=client.sessions.get_session(first.session_id), model="remember")
        assert client.ask("four", session=third.session_id, model="remember").session_id == first.session_id

    def test_stream(self, client: Client) -> None:
        stream = client.stream("x", model="slow-20x20")
        deltas = list(stream)
        assert len(deltas) > 1
        assert "".join(deltas) == stream.answer == stream.text

    def test_stream_left_early_goes_on(self, client: Client) -> None:
        stream = client.stream("x", model="words-50")
        for _ in stream:
            break
        whole = stream.answer
        assert whole == client.ask("x", model="words-50")

    def test_events_have_no_gaps(self, client: Client) -> None:
        events = list(client.stream("x", model="words-20").events())
        assert [event.index for event in events] == list(range(len(events)))
        assert (events[0].type, events[-1].type) == ("turn_started", "turn_finished")

    def test_variables_reach_the_model(self, client: Client, server: Any) -> None:
        client.ask("look", variables={"prices": {"apple": 1.25}})
        assert "'apple': 1.25" in json.dumps(server.provider.last.body, ensure_ascii=False)

    def test_unknown_option(self, client: Client) -> None:
        with pytest.raises(TypeError, match="colour"):
            client.ask("x", colour="red")

    def test_failed_turn(self, client: Client) -> None:
        with pytest.raises(jupyter_agent.TurnFailed) as raised:
            client.ask("x", model="unauthorized")
        assert raised.value.code == "unauthorized"
        assert raised.value.turn.stop_reason == "provider_error"

    def test_refused_turn_says_what_the_provider_said(self, client: Client) -> None:
        with pytest.raises(jupyter_agent.TurnFailed, match="refused: I cannot help with that") as raised:
            client.ask("x", model="refuse-said")
        assert (raised.value.code, raised.value.answer) == ("refused", "I cannot help with that.")

    def test_failed_turn_keeps_what_was_said(self, client: Client) -> None:
        stream = client.stream("x", model="malformed")
        said = "".join(stream)
        with pytest.raises(jupyter_agent.TurnFailed) as raised:
            stream.answer  # noqa: B018
        assert said
        assert raised.value.answer == said

    def test_choose_model(self, client: Client) -> None:
        assert client.choose_model("scripted/words-20") == ("scripted", "words-20")
        assert client.choose_model("scripted") == ("scripted", None)
        assert client.choose_model("remember") == ("scripted", "remember")  # the default provider has it too
        others = [provider for provider in client.providers.iter_providers() if not provider.is_default]
        having = [(provider.id, "m") for provider in others[:2]]
        with pytest.raises(jupyter_agent.AgentError, match=rf"Several providers.*{others[1].id}/m"):
            client_module.split_model("m", others, having)
        assert client_module.split_model("org/m", others, [(others[0].id, "org/m")]) == (others[0].id, "org/m")
        with pytest.raises(jupyter_agent.AgentError, match="no model 'nonsense'"):
            client.choose_model("nonsense")

    def test_iterates_over_pages(self, client: Client) -> None:
        project = "pages"
        made = [client.sessions.create_session(project=project).id for _ in range(103)]
        assert sorted(item.id for item in client.sessions.iter_sessions(project=project)) == sorted(made)

    def test_inside_a_running_event_loop(self, client: Client) -> None:
        async def main() -> str:
            return client.ask("in a loop")

        assert "in a loop" in asyncio.run(main())

    def test_download(self, client: Client) -> None:
        answer = client.ask("export me")
        assert b"export me" in client.sessions.export_session(answer.session_id, format="md")

    def test_where_it_comes_from(self, client: Client, monkeypatch: pytest.MonkeyPatch, server: JupyterServer) -> None:
        assert client.sessions.get_session(client.ask("x").session_id).channel == "api"
        monkeypatch.setenv("JPY_SESSION_NAME", str(server.root / "sub" / "n.ipynb"))
        with Client(server.url, server.token) as made:
            found = discovery.Server(server.url, root_dir=str(server.root))
            assert client_module.notebook_path(found) == "sub/n.ipynb"
            assert client.sessions.get_session(made.ask("x").session_id).channel == "notebook"

    def test_streaming_answer_of_a_post(self, client: Client) -> None:
        session = client.sessions.create_session()
        events = list(client.turns.start_turn_events(session.id, message="hi"))
        assert events[-1].type == "turn_finished"


class TestAsync:
    def test_ask_and_stream(self, server: JupyterServer) -> None:
        async def main() -> None:
            async with await AsyncClient.connect(server.url, server.token) as client:
                one, two = await asyncio.gather(client.ask("one"), client.ask("two"))
                assert "one" in one
                assert "two" in two
                stream = client.stream("x", model="words-50", session=one)
                deltas = [delta async for delta in stream]
                assert "".join(deltas) == await stream.answer()
                assert stream.session_id == one.session_id
                assert one.session_id in [item.id async for item in client.sessions.iter_sessions()]
                assert await client.choose_model("scripted/echo") == ("scripted", "echo")
                with pytest.raises(jupyter_agent.NotFound):
                    await client.sessions.get_session("sess_unknown")
                with pytest.raises(jupyter_agent.TurnFailed):
                    await client.ask("x", model="unauthorized")

        asyncio.run(main())

    def test_cancelling_interrupts_the_turn(self, server: JupyterServer) -> None:
        async def main() -> str | None:
            async with AsyncClient(server.url, server.token) as client:
                stream = client.stream("x", model="slow-500x20")

                begun = asyncio.Event()

                async def read() -> None:
                    async for _ in stream:
                        begun.set()

                task = asyncio.create_task(read())
                await begun.wait()
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                assert stream.turn is not None
                return await stop_reason_async(client, stream.turn.id)

        assert asyncio.run(main()) == "interrupted"

    def test_cancelling_while_it_starts_interrupts_the_turn_too(
        self, server: JupyterServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        start = generated.AsyncTurns.start_turn
        begun: list[Any] = []

        async def lost(self: Any, *arguments: Any, **options: Any) -> Any:
            begun.append(await start(self, *arguments, **options))
            # The server has the turn; the answer that says so has not come.
            if len(begun) == 1:
                raise asyncio.CancelledError
            return begun[-1]

        async def main() -> str | None:
            async with AsyncClient(server.url, server.token) as client:
                with pytest.raises(asyncio.CancelledError):
                    await client.ask("x", model="slow-500x20")
                return await stop_reason_async(client, begun[0].id)

        monkeypatch.setattr(generated.AsyncTurns, "start_turn", lost)
        assert asyncio.run(main()) == "interrupted"
        assert [turn.id for turn in begun] == [begun[0].id] * 2


async def stop_reason_async(client: AsyncClient, turn_id: str) -> str | None:
    for _ in range(200):
        turn = await client.turns.get_turn(turn_id)
        if turn.status == "finished":
            return turn.stop_reason
        await asyncio.sleep(0.05)
    raise AssertionError("the turn goes on")


class Proxy:
    """A TCP proxy on loopback that can cut what goes through it."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self.connections = 0
        self.cuts = 0
        self.cut_after: int | None = None
        """Cuts each connection once this many bytes have come back."""
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Proxy:
        return self

    def __exit__(self, *exc: object) -> None:
        with contextlib.suppress(OSError):
            # close() alone would leave it listening while a thread waits in accept().
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def cut(self) -> None:
        """Resets every connection."""
        pairs, self._pairs = self._pairs, []
        for pair in pairs:
            self._reset(pair)

    def _reset(self, pair: tuple[socket.socket, socket.socket]) -> None:
        for sock in pair:
            with contextlib.suppress(OSError):
                # Linger 0: a reset in place of an orderly end.
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            pair = (client, socket.create_connection(("127.0.0.1", self._target)))
            self._pairs.append(pair)
            threading.Thread(target=self._pump, args=(pair[0], pair[1], pair, False), daemon=True).start()
            threading.Thread(target=self._pump, args=(pair[1], pair[0], pair, True), daemon=True).start()

    def _pump(
        self, source: socket.socket, target: socket.socket, pair: tuple[socket.socket, socket.socket], back: bool
    ) -> None:
        passed = 0
        while True:
            try:
                data = source.recv(512)
                if not data:
                    target.shutdown(socket.SHUT_WR)
                    return
                target.sendall(data)
            except OSError:
                return
            passed += len(data)
            if back and self.cut_after is not None and passed > self.cut_after:
                self.cuts += 1
                self._reset(pair)
                return


class TestCuts:
    def test_stream_goes_on_after_each_cut(self, server: JupyterServer, client: Client) -> None:
        whole = client.ask("x", model="words-400")
        with Proxy(server.port) as proxy, Client(f"http://127.0.0.1:{proxy.port}/", server.token) as cut:
            stream = cut.stream("x", model="slow-60x20")
            proxy.cut_after = 1600
            events = list(stream.events())
            assert proxy.cuts >= 2
            assert [event.index for event in events] == list(range(len(events)))
            proxy.cut_after = None
            assert stream.text == stream.answer
            assert len(stream.text) > 100
        assert whole

    def test_a_post_that_streams_goes_on_too(self, server: JupyterServer, client: Client) -> None:
        session = client.sessions.create_session()
        with Proxy(server.port) as proxy, Client(f"http://127.0.0.1:{proxy.port}/", server.token) as cut:
            proxy.cut_after = 1600
            events = list(cut.turns.start_turn_events(session.id, message="x", model="slow-60x20"))
            assert proxy.cuts >= 1
        assert [event.index for event in events] == list(range(len(events)))
        assert client.sessions.get_session(session.id).turn_count == 1

    def test_async_stream_goes_on_after_each_cut(self, server: JupyterServer) -> None:
        async def main(proxy: Proxy) -> list[int]:
            async with AsyncClient(f"http://127.0.0.1:{proxy.port}/", server.token) as client:
                stream = client.stream("x", model="slow-60x20")
                await stream.start()
                proxy.cut_after = 1600
                return [event.index async for event in stream.events()]

        with Proxy(server.port) as proxy:
            indexes = asyncio.run(main(proxy))
            assert proxy.cuts >= 2
        assert indexes == list(range(len(indexes)))

    def test_stream_goes_on_after_the_server_was_killed(self, tmp_path: Path) -> None:
        with JupyterServer(tmp_path) as server, ScriptedProvider() as provider:
            server.use(provider)
            with Client(server.url, server.token) as client:
                stream = client.stream("x", model="slow-500x20")
                iterator = stream.events()
                while not stream.text:
                    next(iterator)
                server.kill()
                threading.Timer(1, server.start).start()
                events = list(iterator)
                assert events[-1].type == "turn_finished"
                with pytest.raises(jupyter_agent.TurnFailed) as raised:
                    stream.answer  # noqa: B018
                assert raised.value.turn.stop_reason == "server_restart"
                assert raised.value.answer

    def test_gives_up_after_its_patience(self, server: JupyterServer) -> None:
        with Proxy(server.port) as proxy:
            client = Client(f"http://127.0.0.1:{proxy.port}/", server.token, reconnect_seconds=0.5)
            stream = client.stream("x", model="slow-500x20")
            iterator = iter(stream)
            next(iterator)
            proxy.__exit__()
            with pytest.raises(jupyter_agent.ConnectionLost, match=r"0\.5 s"):
                list(iterator)
            client.close()
        with Client(server.url, server.token) as again:
            again.turns.interrupt_turn(stream.turn.id)


def test_keyboard_interrupt_stops_the_turn(server: JupyterServer, client: Client) -> None:
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import signal\nfrom jupyter_agent import Client\n"
            # What was started in the background does not hear it otherwise.
            "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
            "with Client().stream('x', model='slow-500x20') as stream:\n"
            "    print(stream.turn.id, flush=True)\n"
            "    for delta in stream: print('.', flush=True)",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "JUPYTER_AGENT_URL": server.url, "JUPYTER_AGENT_TOKEN": server.token},
    )
    assert process.stdout is not None
    turn_id = process.stdout.readline().strip()
    assert process.stdout.readline().strip() == "."
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert "KeyboardInterrupt" in errors
    assert wait_for(lambda: client.turns.get_turn(turn_id).stop_reason) == "interrupted"


def wait_for(read: Callable[[], Any], seconds: float = 10) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = read()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


class TestDecoder:
    def test_takes_bytes_as_they_come(self) -> None:
        text = 'id: 0\nevent: content\ndata: {"delta": "a\u2028ü"}\n\n: ping\n\nid: 1\r\ndata: {}\r\n\r\n'
        decoder = transport.Decoder()
        events = [event for byte in text.encode() for event in decoder.feed(bytes([byte]))]
        assert events == [
            transport.StreamEvent("0", "content", {"delta": "a\u2028ü"}),
            transport.StreamEvent("1", "message", {}),
        ]

    def test_refuses_what_is_no_json(self) -> None:
        with pytest.raises(jupyter_agent.ServerError, match="no JSON"):
            list(transport.Decoder().feed(b"data: {\n\n"))


class TestVariables:
    def test_table(self) -> None:
        class Frame:
            shape = (1000, 2)
            columns = ("name", "price")
            dtypes = ("str", "f8")

            def head(self, rows: int) -> str:
                return f"<{rows} rows>"

        text = describe("df", Frame())
        assert text.startswith("df: ")
        for part in ("shape: (1000, 2)", "name: str", "price: f8", "<5 rows>"):
            assert part in text

    def test_pandas(self) -> None:
        pandas = pytest.importorskip("pandas")
        text = describe("df", pandas.DataFrame({"a": range(10_000), "b": ["x"] * 10_000}))
        assert "shape: (10000, 2)" in text
        assert "a: int64" in text
        assert len(text) < 1000

    def test_is_cut(self) -> None:
        text = describe("s", "x" * 1_000_000)
        assert len(text) < 5_000
        assert "length: 1000000" in text
        assert "more characters" in text
        assert len(describe("d", dict.fromkeys(range(100_000), "y" * 1000))) < 5_000

    def test_that_cannot_be_shown(self) -> None:
        class Broken:
            def __repr__(self) -> str:
                raise RuntimeError("boom")

        assert "cannot be shown: RuntimeError: boom" in describe("b", Broken())


def test_documentation(
    server: JupyterServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    # What they write is not left in the repository.
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JUPYTER_AGENT_URL", server.url)
    monkeypatch.setenv("JUPYTER_AGENT_TOKEN", server.token)
    blocks = re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL)
    assert len(blocks) >= 8
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, str(DOCS), "exec"), names)
    names["client"].close()
    names["agent"].forget()
    assert names["frame"]["requests"].sum() > 0
    out = capsys.readouterr().out
    assert "What is a p-value?" in out  # the scripted model says back what it is asked
    assert "turn_finished" in out
    assert "sess_unknown" in out
    assert "hard $5.00" in out
