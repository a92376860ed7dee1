"""Real Jupyter servers in processes of their own: what a crash does to them can be seen, and a browser can open them.

with JupyterServer(directory) as server:
    server.client.get("agent/v1/health")
    server.kill()  # as kill -9 does
    server.start()  # on the same data, the same port and the same token
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from . import sse
from .scripted_provider import KEY, ScriptedProvider

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

MODULES = {"server": "jupyter_server", "lab": "jupyterlab", "notebook": "notebook"}
"""What `python -m` starts, by the name of the application."""


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


class JupyterServer:
    """`jupyter server`, `lab` or `notebook` with its own home, data, configuration and runtime directories."""

    def __init__(
        self,
        directory: Path,
        *,
        app: str = "server",
        config: Mapping[str, Mapping[str, Any]] | None = None,
        env: Mapping[str, str] | None = None,
        args: tuple[str, ...] = (),
        base_url: str = "/",
        extension: bool = True,
        python: str = sys.executable,
    ) -> None:
        self.directory = directory
        self.python = python
        self.root = directory / "root"
        self.data = directory / "data"
        self.runtime = directory / "runtime"
        self.config_dir = directory / "config"
        self.home = directory / "home"
        for path in (self.root, self.data, self.runtime, self.config_dir, self.home):
            path.mkdir(parents=True, exist_ok=True)
        self.app = app
        self.args = args
        self.port = free_port()
        self.token = secrets.token_hex(16)
        self.base_url = base_url
        self.log_path = directory / "server.log"
        self.process: subprocess.Popen[bytes] | None = None
        self._client: httpx.Client | None = None
        settings: dict[str, dict[str, Any]] = {
            "ServerApp": {
                "ip": "127.0.0.1",
                "port": self.port,
                "port_retries": 0,
                "open_browser": False,
                "allow_root": True,
                "allow_unauthenticated_access": False,
                "root_dir": str(self.root),
                "base_url": base_url,
                "jpserver_extensions": {"jupyter_agent": extension},
            },
            "IdentityProvider": {"token": self.token},
            "RateLimitSettings": {"enabled": False},
            "ProviderSettings": {"keyring": False, "use_environment_keys": False},
            "SessionSettings": {"auto_title": False},
        }
        for name, values in (config or {}).items():
            settings.setdefault(name, {}).update(values)
        (self.config_dir / "jupyter_server_config.json").write_text(json.dumps(settings))
        # Nothing of the person who runs the tests: neither their settings nor their keys.
        kept = {"PATH", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH"}
        self.env = {
            **{name: value for name, value in os.environ.items() if name in kept},
            "HOME": str(self.home),
            "JUPYTER_CONFIG_DIR": str(self.config_dir),
            "JUPYTER_DATA_DIR": str(self.data),
            "JUPYTER_RUNTIME_DIR": str(self.runtime),
            "IPYTHONDIR": str(self.home / "ipython"),
            **(env or {}),
        }

    @property
    def url(self) -> str:
        """Where it listens, with a slash at the end."""
        return f"http://127.0.0.1:{self.port}{self.base_url}"

    @property
    def client(self) -> httpx.Client:
        """Authenticated, at the server's base URL."""
        if self._client is None:
            self._client = httpx.Client(
                base_url=self.url, headers={"Authorization": f"token {self.token}"}, timeout=httpx.Timeout(30)
            )
        return self._client

    def __enter__(self) -> JupyterServer:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def spawn(self) -> None:
        """Starts the process without waiting for it to answer."""
        if self.process is not None:
            raise RuntimeError("the server runs already")
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [self.python, "-m", MODULES[self.app], *self.args],
                cwd=self.root,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # A group of its own, so that a Ctrl-C on the tests reaches the fixtures that stop it.
                start_new_session=True,
            )

    def start(self, timeout: float = 60) -> None:
        """Starts it and waits until it answers. Raises RuntimeError with the end of its log where it does not."""
        self.spawn()
        assert self.process is not None
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            with contextlib.suppress(httpx.TransportError):
                if self.client.get("api").status_code == 200:
                    return
            time.sleep(0.05)
        code = self.process.poll()
        self.kill()
        raise RuntimeError(f"the server did not start (exit code {code}):\n{self.log()[-6000:]}")

    def _gone(self) -> None:
        self.process = None
        if self._client is not None:
            self._client.close()
            self._client = None

    def kill_process(self) -> None:
        """kill -9, and nothing else: whoever reads from it still holds the connection."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(30)
            self.process = None

    def kill(self) -> None:
        """kill -9: it gets no chance to put anything in order."""
        self.kill_process()
        self._gone()

    def stop(self, timeout: float = 30) -> int | None:
        """SIGTERM, as systemd and Hubs do; its exit code, None where it was not running. Killed after the timeout."""
        if self.process is None:
            return None
        self.process.send_signal(signal.SIGTERM)
        try:
            code: int | None = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait(30)
        self._gone()
        return code

    def log(self) -> str:
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def api(self, method: str, path: str, *, expect: int | None = None, **options: Any) -> Any:
        """The JSON of an operation below `agent/v1`; None without a body. Raises AssertionError on another status."""
        response = self.client.request(method, f"agent/v1{path}", **options)
        told = f"{method} {path}: {response.status_code} {response.text}"
        if response.status_code == 500:
            told += "\n" + self.client.get("agent/v1/logs", params={"level": "ERROR", "limit": 3}).text
        assert response.is_success if expect is None else response.status_code == expect, told
        return response.json() if response.content else None

    @contextlib.contextmanager
    def events(self, path: str, *, last_event_id: int | None = None) -> Iterator[Iterator[sse.SseEvent]]:
        """The events of a stream below `agent/v1`."""
        headers = {"Accept": "text/event-stream"}
        if last_event_id is not None:
            headers["Last-Event-ID"] = str(last_event_id)
        with self.client.stream("GET", f"agent/v1{path}", headers=headers) as response:
            if response.status_code != 200:
                response.read()
                raise AssertionError(f"GET {path}: {response.status_code} {response.text}")
            yield sse.read(response)

    def in_database(self, write: Callable[[Orm], Any]) -> None:
        """Writes into its database from here, in one transaction: the quick way to a large set-up."""
        from sqlalchemy import create_engine
        from sqlalchemy.orm import Session

        path = self.data / "jupyter_agent" / "agent.db"
        engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 30})
        with Session(engine) as orm, orm.begin():
            write(orm)
        engine.dispose()

    def use(self, provider: ScriptedProvider, *, model: str = "echo", models: Sequence[str] = ()) -> None:
        """Makes the scripted provider this server's default one. `models` are the names that it then has to choose."""
        for body in provider_writes(provider, model, models):
            self.api("POST", "/providers", json=body)
        self.api("PUT", "/providers/default", json={"provider": "scripted", "model": model})


def put_weights(server: JupyterServer, file: Path) -> None:
    """Puts the embedded model's weights where `jupyter agent lab` puts them."""
    from jupyter_agent.providers import weights

    target = weights.downloaded(server.data / "jupyter_agent")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.symlink_to(file)


def provider_writes(
    provider: ScriptedProvider, model: str = "echo", models: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """What registers the scripted provider, once for each wire format: OpenAI's two and Anthropic's.

    `models` is the first one's list; without it, it is what the provider names.
    """
    return [
        {
            "id": "scripted",
            "kind": "openai_compatible",
            "name": "Scripted",
            "base_url": provider.openai_url,
            "api_key": KEY,
            "default_model": model,
            "models": list(models),
        },
        {
            "id": "scripted-responses",
            "kind": "openai_compatible",
            "name": "Scripted (Responses)",
            "base_url": provider.openai_url,
            "api_key": KEY,
            "default_model": model,
            "options": {"api": "responses"},
        },
        {
            "id": "scripted-anthropic",
            "kind": "anthropic",
            "name": "Scripted (Anthropic)",
            "base_url": provider.anthropic_url,
            "api_key": KEY,
            "default_model": model,
        },
    ]
