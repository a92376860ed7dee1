"""Kernels that a real Jupyter server starts, driven as a front end drives them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient

from .servers import JupyterServer


@dataclass
class Result:
    """What a cell left behind."""

    status: str
    outputs: list[dict[str, Any]] = field(default_factory=list)
    """As nbformat keeps them, updates of displays applied."""
    updates: int = 0
    """How many displays were updated."""

    @property
    def markdown(self) -> list[str]:
        return [output["data"]["text/markdown"] for output in self.outputs if "text/markdown" in output.get("data", {})]

    @property
    def text(self) -> str:
        """Streams, errors and results as plain text."""
        parts = []
        for output in self.outputs:
            if output["output_type"] == "stream":
                parts.append(output["text"])
            elif output["output_type"] == "error":
                parts.append("\n".join(output["traceback"]))
            else:
                parts.append(output["data"].get("text/plain", ""))
        return "\n".join(parts)


class Kernel:
    """A notebook's kernel, started by the server through its REST API, as a front end would."""

    def __init__(self, server: JupyterServer, notebook: str = "notebook.ipynb") -> None:
        self.server = server
        model = {
            "path": notebook,
            "name": notebook.rsplit("/", 1)[-1],
            "type": "notebook",
            "kernel": {"name": "python3"},
        }
        response = server.client.post("api/sessions", json=model)
        response.raise_for_status()
        self.session = response.json()
        self.id = self.session["kernel"]["id"]
        self.client = BlockingKernelClient()
        connection = server.runtime / f"kernel-{self.id}.json"
        deadline = time.monotonic() + 30
        while not connection.exists():
            assert time.monotonic() < deadline, "the kernel did not start"
            time.sleep(0.05)
        self.client.load_connection_info(json.loads(connection.read_text()))
        self.client.start_channels(hb=False)
        self.client.wait_for_ready(timeout=60)

    def __enter__(self) -> Kernel:
        return self

    def __exit__(self, *exc: object) -> None:
        self.client.stop_channels()
        self.server.client.delete(f"api/sessions/{self.session['id']}")

    def interrupt(self) -> None:
        self.server.client.post(f"api/kernels/{self.id}/interrupt").raise_for_status()

    def run(
        self,
        code: str,
        *,
        timeout: float = 120,
        on_output: Callable[[Result], None] | None = None,
        on_input: Callable[[str], str | None] | None = None,
    ) -> Result:
        """Runs a cell; `on_output` is called after each output. `on_input` answers what the cell asks by its prompt, or
        leaves it unanswered with None; without it nobody can be asked."""
        result = Result("")
        displays: dict[str, list[dict[str, Any]]] = {}

        def take(message: dict[str, Any]) -> None:
            kind, content = message["header"]["msg_type"], message["content"]
            display_id = content.get("transient", {}).get("display_id") if isinstance(content, dict) else None
            if kind == "update_display_data":
                result.updates += 1
                for output in displays.get(display_id, []):
                    output["data"] = content["data"]
            elif kind == "stream":
                result.outputs.append({"output_type": kind, "name": content["name"], "text": content["text"]})
            elif kind in ("display_data", "execute_result"):
                result.outputs.append({"output_type": kind, "data": content["data"]})
                if display_id is not None:
                    displays.setdefault(display_id, []).append(result.outputs[-1])
            elif kind == "error":
                result.outputs.append(
                    {"output_type": kind, "ename": content["ename"], "traceback": content["traceback"]}
                )
            else:
                return
            if on_output is not None:
                on_output(result)

        def asked(message: dict[str, Any]) -> None:
            assert on_input is not None
            said = on_input(message["content"]["prompt"])
            if said is not None:
                self.client.input(said)

        reply = self.client.execute_interactive(
            code,
            timeout=timeout,
            output_hook=take,
            allow_stdin=on_input is not None,
            stdin_hook=asked if on_input is not None else None,
        )
        result.status = reply["content"]["status"]
        return result
