"""How a kernel or script finds the Jupyter server whose agent it talks to."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from jupyter_agent.kernel.errors import ServerNotFound
from jupyter_agent.kernel.secret import Secret

if TYPE_CHECKING:
    import ssl

API_PATH = "agent/v1"
CONNECT_SECONDS = 2.0
PROBE_SECONDS = 15.0
"""The first request makes the server load the agent, which takes a moment on a busy machine."""
WILDCARD_HOSTS = ("", "0.0.0.0", "::", "*")  # noqa: S104 (compared with, never bound)


@dataclass(frozen=True)
class Server:
    """A Jupyter server and how to speak to it."""

    url: str
    """Base URL with a trailing slash, without the API's own path."""
    token: Secret = field(default_factory=lambda: Secret(""))
    source: str = "arguments"
    """Where it was found, for people."""
    socket: str | None = None
    """Path of the unix socket it listens on; `url` then only gives the path."""
    root_dir: str | None = None
    """The server's root folder, where it is known."""

    @property
    def api_url(self) -> str:
        return self.url + API_PATH

    @property
    def is_local(self) -> bool:
        """Whether the way to it never leaves this machine (and so never needs a proxy)."""
        return self.socket is not None or (urlsplit(self.url).hostname or "") in ("localhost", "127.0.0.1", "::1")


def with_slash(url: str) -> str:
    return url if url.endswith("/") else url + "/"


def from_arguments(base_url: str, token: Secret | None, source: str) -> Server:
    """The server at an address as people write it: with or without `?token=`, `/lab` or the API's path.

    Raises ServerNotFound where it is not an http address."""
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ServerNotFound(
            f"{source}: {base_url.split('?')[0]!r} is not the address of a Jupyter server. It looks like http://localhost:8888/."
        )
    if token is None:
        for pair in parts.query.split("&"):
            name, _, value = pair.partition("=")
            if name == "token":
                token = Secret(value)
    path = parts.path
    for tail in (API_PATH, "agent", "lab", "tree"):
        if path.rstrip("/").endswith("/" + tail):
            path = path.rstrip("/")[: -len(tail)]
            break
    return Server(with_slash(urlunsplit((parts.scheme, parts.netloc, path, "", ""))), token or Secret(""), source)


def runtime_dir() -> Path:
    """The folder where running servers leave a file about themselves."""
    from jupyter_core.paths import jupyter_runtime_dir

    return Path(jupyter_runtime_dir())


def pid_is_alive(pid: int) -> bool:
    if sys.platform == "win32":
        import psutil

        return bool(psutil.pid_exists(pid))
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@dataclass(frozen=True)
class RuntimeFile:
    """What a running server says about itself in `jpserver-<pid>.json`."""

    path: Path
    info: dict[str, Any] = field(repr=False)
    modified: float

    @property
    def pid(self) -> int:
        return int(self.info["pid"])

    def servers(self) -> list[Server]:
        """The addresses to try, best first."""
        token = Secret(str(self.info.get("token") or ""))
        if not token and os.environ.get("JUPYTERHUB_API_TOKEN") and os.environ.get("JUPYTERHUB_SERVICE_PREFIX"):
            # A single-user server knows no token of its own; the Hub gave it one that opens it.
            token = Secret(os.environ["JUPYTERHUB_API_TOKEN"])
        options: dict[str, Any] = {
            "token": token,
            "source": f"runtime file {self.path.name}",
            "root_dir": self.info.get("root_dir"),
        }
        base_path = with_slash(str(self.info.get("base_url") or "/"))
        if self.info.get("sock"):
            return [Server("http://localhost" + base_path, socket=str(self.info["sock"]), **options)]
        scheme = "https" if self.info.get("secure") else "http"
        port = self.info.get("port")
        urls = []
        if str(self.info.get("hostname", "")) in WILDCARD_HOSTS:
            # Listens everywhere: its URL names this machine, by a name that does not always resolve.
            urls.append(f"{scheme}://127.0.0.1:{port}{base_path}")
        url = str(self.info.get("url") or "")
        if urlsplit(url).scheme in ("http", "https"):
            urls.append(with_slash(url))
        return [Server(url, **options) for url in dict.fromkeys(urls)]


def runtime_files(folder: Path) -> Iterator[RuntimeFile]:
    """The files of servers that are still alive, newest first. Files that cannot be read are left out."""
    found = []
    for path in folder.glob("jpserver-*.json"):
        try:
            info = json.loads(path.read_text(encoding="utf-8"))
            entry = RuntimeFile(path, info, path.stat().st_mtime)
            alive = pid_is_alive(entry.pid)
        except (OSError, ValueError, KeyError, TypeError):
            # Just being written, or just gone.
            continue
        if alive:
            found.append(entry)
    yield from sorted(found, key=lambda entry: entry.modified, reverse=True)


def parent_pids() -> list[int]:
    """The processes that may be the server that started this kernel."""
    pids = []
    if os.environ.get("JPY_PARENT_PID", "").isdigit():
        pids.append(int(os.environ["JPY_PARENT_PID"]))
    if os.environ.get("JPY_SESSION_NAME") or pids:
        pids.append(os.getppid())
    return [pid for pid in dict.fromkeys(pids) if pid > 1]


def from_hub() -> Server | None:
    """The single-user server of a Hub that this process runs in, by its environment."""
    token = os.environ.get("JUPYTERHUB_API_TOKEN")
    url = os.environ.get("JUPYTERHUB_SERVICE_URL")
    prefix = os.environ.get("JUPYTERHUB_SERVICE_PREFIX")
    if not (token and url and prefix):
        return None
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host in WILDCARD_HOSTS:
        host = "127.0.0.1"
    netloc = f"[{host}]" if ":" in host else host
    if parts.port:
        netloc += f":{parts.port}"
    return Server(
        with_slash(urlunsplit((parts.scheme, netloc, prefix, "", ""))), Secret(token), "JupyterHub environment"
    )


def httpx_options(server: Server, verify: bool | str | ssl.SSLContext) -> dict[str, Any]:
    """How httpx must be set up for this server, but for the transport of a unix socket."""
    # A proxy that the environment names has no business between a kernel and its own machine.
    return {"verify": verify, "trust_env": not server.is_local}


def probe(server: Server, verify: bool | str | ssl.SSLContext) -> str | None:
    """Asks for the agent's health, without the token. Gives None where it answers, else what is wrong."""
    import httpx

    transport = httpx.HTTPTransport(uds=server.socket) if server.socket is not None else None
    timeout = httpx.Timeout(PROBE_SECONDS, connect=CONNECT_SECONDS)
    try:
        with httpx.Client(transport=transport, timeout=timeout, **httpx_options(server, verify)) as client:
            response = client.get(server.api_url + "/health")
    except httpx.ConnectError as error:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            return "its certificate is not trusted here; pass Client(verify='/path/to/ca.pem'), or verify=False"
        return f"does not answer ({error})"
    except (httpx.HTTPError, OSError) as error:
        return f"does not answer ({error or type(error).__name__})"
    if response.status_code == 404:
        return "runs without the agent; enable it with: jupyter server extension enable jupyter_agent"
    if response.status_code != 200:
        return f"answers with HTTP {response.status_code} to {server.api_url}/health"
    try:
        answered = "status" in response.json()
    except ValueError:
        answered = False
    return None if answered else f"something else answers at {server.api_url}/health"


def find_server(
    base_url: str | None = None, token: Secret | None = None, *, verify: bool | str | ssl.SSLContext = True
) -> Server:
    """The server to talk to: the arguments, JUPYTER_AGENT_URL and JUPYTER_AGENT_TOKEN, the server that started this
    kernel, the Hub's single-user server this runs in, or the newest live server of this user that has the agent.

    What the arguments or JUPYTER_AGENT_URL name is taken as it is; everything else must answer first.
    Raises ServerNotFound, which says what was tried and what to do."""
    if token is None and os.environ.get("JUPYTER_AGENT_TOKEN"):
        token = Secret(os.environ["JUPYTER_AGENT_TOKEN"])
    if base_url is not None:
        return from_arguments(base_url, token, "base_url")
    if os.environ.get("JUPYTER_AGENT_URL"):
        return from_arguments(os.environ["JUPYTER_AGENT_URL"], token, "JUPYTER_AGENT_URL")

    tried = ["JUPYTER_AGENT_URL is not set"]
    folder = runtime_dir()
    files = list(runtime_files(folder))
    parents = parent_pids()

    def candidates() -> Iterator[Server]:
        own = [entry for entry in files if entry.pid in parents]
        if parents and not own:
            tried.append(f"no file of this kernel's server (process {parents[0]}) in {folder}")
        for entry in own:
            yield from entry.servers()
        hub = from_hub()
        if hub is not None:
            yield hub
        for entry in files:
            if entry not in own:
                yield from entry.servers()
        if not files:
            tried.append(f"no running server in {folder}")

    for server in candidates():
        wrong = probe(server, verify)
        if wrong is None:
            return server if token is None else replace(server, token=token)
        tried.append(f"{server.source}: {server.socket or server.url} {wrong}")
    raise ServerNotFound(
        "No Jupyter server with the agent was found. Tried:\n"
        + "\n".join(f"  - {line}" for line in tried)
        + "\nStart one with `jupyter agent lab`, or say where it is: Client('http://localhost:8888/', token='...')"
        " or the environment variables JUPYTER_AGENT_URL and JUPYTER_AGENT_TOKEN."
    )
