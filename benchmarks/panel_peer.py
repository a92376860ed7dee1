"""jupyter-ai's chat in an environment of its own, with a persona that says what the scripted model says.

The environment is made once with pip and kept in the user's cache folder (or where `JUPYTER_AGENT_BENCHMARK_CACHE`
says); it is made anew when `VERSION` here changes. The agents that jupyter-ai knows are programs of their own, so its
model here is a persona of its own kind, a file in `.jupyter/personas/`: it runs inside the Jupyter server, with no
HTTP between it and the chat, which makes its way shorter than ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.browser.states import long_texts
from tests.servers import JupyterServer

VERSION = "3.2.0"
ANSWERS = ".jp-chat-message .jp-chat-rendered-message"
BOX = ".jp-chat-input-container textarea:not([readonly])"

PERSONA = '''
import asyncio, re, time
from jupyter_ai_persona_manager import BasePersona, PersonaDefaults


class ScriptedPersona(BasePersona):
    """`N M`: says N words, one every M milliseconds by the clock, as `stamped-NxM` does."""

    @property
    def defaults(self):
        return PersonaDefaults(name="Scripted", description="For benchmarks", avatar_path="", system_prompt="")

    async def process_message(self, message):
        found = re.search(r"(\\d+) (\\d+)", message.body)
        count, period = (int(found[1]), int(found[2]) / 1000) if found else (1, 0.02)

        async def words():
            start = time.monotonic()
            for number in range(count):
                await asyncio.sleep(max(0.0, start + (number + 1) * period - time.monotonic()))
                yield f"{number}@{time.monotonic():.6f} "

        await self.stream_message(words())
'''


def environment() -> Path:
    """The interpreter of the environment; makes it where it is not there. Raises CalledProcessError."""
    cache = Path(os.environ.get("JUPYTER_AGENT_BENCHMARK_CACHE") or Path.home() / ".cache" / "jupyter-agent-benchmarks")
    folder = cache / f"jupyter-ai-{VERSION}"
    python = folder / "bin" / "python"
    done = folder / "installed"
    if not done.exists():
        print(f"panel: installing jupyter-ai {VERSION} into {folder}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        packages = [f"jupyter-ai=={VERSION}", "jupyterlab>=4.4,<5", "ipykernel"]
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *packages], check=True)
        done.touch()
    return python


def extensions(python: Path) -> list[str]:
    """Names of the lab extensions that came with it: what a lab without it does not load."""
    folder = python.parent.parent / "share" / "jupyter" / "labextensions"
    found = [path.parent.relative_to(folder).as_posix() for path in folder.glob("**/package.json")]
    return [name for name in found if name != "jupyterlab_pygments" and "/static" not in name]


@contextmanager
def running(directory: Path, *, messages: int, size: int) -> Iterator[JupyterServer]:
    """Its lab, with an empty chat `short.chat` and a long one, `long.chat`."""
    server = JupyterServer(
        directory,
        app="lab",
        python=str(environment()),
        config={
            "ServerApp": {"jpserver_extensions": {}},
            "LabApp": {"expose_app_in_browser": True},
            "PersonaManager": {"default_persona_id": "jupyter-ai-personas::scripted_persona::ScriptedPersona"},
        },
    )
    personas = server.root / ".jupyter" / "personas"
    personas.mkdir(parents=True)
    (personas / "scripted_persona.py").write_text(PERSONA)
    sender = "jupyter-ai-personas::scripted_persona::ScriptedPersona"
    users = {"me": {"username": "me", "name": "Me", "display_name": "Me"}}
    told: list[dict[str, Any]] = [
        {"type": "msg", "id": f"m{seq}", "body": text, "time": time.time() - 1000 + seq, "raw_time": False,
         "sender": ("me", sender)[seq % 2], "mentions": []}
        for seq, text in enumerate(long_texts(messages, size))
    ]  # fmt: skip
    for name, said in (("short", []), ("long", told)):
        chat = {"messages": said, "users": users, "attachments": {}, "metadata": {"id": f"{name}-chat"}}
        (server.root / f"{name}.chat").write_text(json.dumps(chat))
    with server:
        yield server
