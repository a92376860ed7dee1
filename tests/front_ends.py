"""A kernel of one's own and a front end for its widgets: what a notebook's page does, without a page.

with LocalKernel(server) as kernel:
    kernel.run("chat = ChatWidget()")
    view = kernel.widget("chat")
    view.command("send", text="hello")
"""

from __future__ import annotations

import json
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from jupyter_client.manager import KernelManager

from .servers import JupyterServer

SECONDS = 30.0


@dataclass
class Model:
    """A widget's model as a page has it."""

    state: dict[str, Any]
    custom: list[dict[str, Any]] = field(default_factory=list)
    """Messages of the widget's own, oldest first."""
    updates: list[dict[str, Any]] = field(default_factory=list)
    closed: bool = False


class LocalKernel:
    """A kernel that no server started, and that therefore outlives them. It finds `server` through its environment."""

    def __init__(self, server: JupyterServer, **env: str) -> None:
        names = {"PATH", "LANG", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH"}
        self.env = {
            **{name: value for name, value in os.environ.items() if name in names},
            "HOME": str(server.home),
            "JUPYTER_DATA_DIR": str(server.data),
            "JUPYTER_RUNTIME_DIR": str(server.runtime),
            "IPYTHONDIR": str(server.home / "ipython"),
            "JUPYTER_AGENT_URL": server.url,
            "JUPYTER_AGENT_TOKEN": server.token,
            **env,
        }
        self.models: dict[str, Model] = {}
        self.sent: list[str] = []
        """Everything that the kernel published, as text."""
        self.displays: dict[str, dict[str, Any]] = {}
        """The last data of every display with an id."""
        self._outputs: dict[str, list[dict[str, Any]]] = {}
        self._idle: set[str] = set()
        self._news = threading.Condition()
        self._over = threading.Event()

    def __enter__(self) -> LocalKernel:
        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel(env=self.env, extra_arguments=["--colors=NoColor"])
        self.client = self.manager.blocking_client()
        self.client.start_channels(stdin=False, hb=False)
        self.client.wait_for_ready(timeout=60)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._over.set()
        self._reader.join()
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_resources()

    # -- cells

    def start(self, code: str) -> str:
        """Runs a cell without waiting for it; the id of its request."""
        return str(self.client.execute(code, allow_stdin=False))

    def finish(self, request: str, timeout: float = 60) -> str:
        """Waits for a cell; what it printed. Raises AssertionError where it failed."""
        self.until(lambda: request in self._idle, timeout)
        outputs = self._outputs.get(request, [])
        failed = [output for output in outputs if "ename" in output]
        assert not failed, "\n".join(failed[0]["traceback"])
        return "".join(output["text"] for output in outputs if "text" in output)

    def run(self, code: str, timeout: float = 60) -> str:
        """Runs a cell; what it printed. Raises AssertionError where it failed."""
        return self.finish(self.start(code), timeout)

    def value(self, code: str) -> Any:
        """An expression's value, through JSON."""
        return json.loads(self.run(f"import json as _json; print(_json.dumps({code}))"))

    def outputs(self, code: str) -> list[dict[str, Any]]:
        """The data of what a cell displays."""
        request = self.start(code)
        self.finish(request)
        return [output["data"] for output in self._outputs[request] if "data" in output]

    # -- widgets

    def widget(self, name: str) -> View:
        """The model of the widget that a variable holds."""
        return View(self, self.run(f"print({name}.model_id, end='')"))

    def until(self, true: Callable[[], Any], timeout: float = SECONDS) -> Any:
        """Waits until it holds; what it gave. Raises AssertionError where it does not come to that."""
        deadline = time.monotonic() + timeout
        with self._news:
            while not (value := true()):
                assert self._news.wait(deadline - time.monotonic()), "it did not happen"
        return value

    def _read(self) -> None:
        # The socket itself: the client's blocking methods would leave an event loop in this thread.
        socket, session = self.client.iopub_channel.socket, self.client.session
        while not self._over.is_set():
            if not socket.poll(200):
                continue
            _, frames = session.feed_identities(socket.recv_multipart())
            message = session.deserialize(frames)
            with self._news:
                self._take(message)
                self._news.notify_all()

    def _take(self, message: dict[str, Any]) -> None:
        kind, content = message["header"]["msg_type"], message["content"]
        parent = message["parent_header"].get("msg_id", "")
        self.sent.append(json.dumps([content, message["metadata"]], default=str, ensure_ascii=False))
        if kind == "status" and content["execution_state"] == "idle":
            self._idle.add(parent)
        elif kind in ("stream", "error", "display_data", "execute_result", "update_display_data"):
            display_id = content.get("transient", {}).get("display_id")
            if display_id is not None:
                self.displays[display_id] = content["data"]
            if kind != "update_display_data":
                self._outputs.setdefault(parent, []).append(content)
        elif kind == "comm_open":
            self.models[content["comm_id"]] = Model(content["data"]["state"])
        elif kind == "comm_close" and content["comm_id"] in self.models:
            self.models[content["comm_id"]].closed = True
        elif kind == "comm_msg" and content["comm_id"] in self.models:
            model, data = self.models[content["comm_id"]], content["data"]
            if data["method"] == "update":
                model.updates.append(data["state"])
                model.state = {**model.state, **data["state"]}
            elif data["method"] == "custom":
                model.custom.append(data["content"])


class View:
    """One widget's model, and the way back to the kernel."""

    def __init__(self, kernel: LocalKernel, comm_id: str) -> None:
        self.kernel = kernel
        self.comm_id = comm_id

    @property
    def model(self) -> Model:
        return self.kernel.models[self.comm_id]

    @property
    def state(self) -> dict[str, Any]:
        return self.model.state

    def until(self, true: Callable[[dict[str, Any]], Any], timeout: float = SECONDS) -> Any:
        """Waits until it holds of the state; what it gave."""
        return self.kernel.until(lambda: true(self.state), timeout)

    def send(self, content: dict[str, Any]) -> None:
        """A custom message from a page."""
        self.raw({"method": "custom", "content": content})

    def raw(self, data: dict[str, Any]) -> None:
        channel = self.kernel.client.shell_channel
        content = {"comm_id": self.comm_id, "data": data}
        channel.send(self.kernel.client.session.msg("comm_msg", content))

    def command(self, type: str, **fields: Any) -> str:
        """The id of a command that was sent."""
        id = uuid.uuid4().hex
        self.send({"type": type, "id": id, **fields})
        return id

    def answer(self, id: str, timeout: float = SECONDS) -> dict[str, Any]:
        """What became of a command: `done` or `failed`."""

        def found() -> dict[str, Any] | None:
            return next(
                (item for item in self.model.custom if item.get("id") == id and item["type"] in ("done", "failed")),
                None,
            )

        answer: dict[str, Any] = self.kernel.until(found, timeout)
        return answer

    def acknowledged(self, id: str) -> bool:
        return any(item["type"] == "ack" and item["id"] == id for item in self.model.custom)

    def do(self, type: str, **fields: Any) -> dict[str, Any]:
        return self.answer(self.command(type, **fields))

    @contextmanager
    def new_deltas(self) -> Iterator[list[dict[str, Any]]]:
        """The deltas that come meanwhile."""
        before = len(self.model.custom)
        deltas: list[dict[str, Any]] = []
        yield deltas
        deltas += [item for item in self.model.custom[before:] if item["type"] == "delta"]


def text_of(deltas: list[dict[str, Any]]) -> str:
    """The text that these deltas tell, each piece exactly where it says. Raises AssertionError at a gap or a double."""
    blocks: list[str] = []
    for delta in deltas:
        for change in delta["changes"]:
            if "block" in change:
                assert change["at"] == len(blocks)
                blocks.append(change["block"]["text"])
            else:
                assert change["start"] == len(blocks[change["at"]].encode("utf-16-le")) // 2
                blocks[change["at"]] += change["text"]
    return "".join(blocks)
