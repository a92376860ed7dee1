"""The chat panel in a real Chromium, beside jupyter-ai's chat in an environment of its own, by turns.

First token: from pressing Enter to the end of the frame that shows the first token; the model says its first word
20 ms after it was asked. What the server takes by itself, over plain HTTP to the same server with the same model, is
measured by turns with it. Medians.

Frames: a conversation of 60 messages and 200 KB is open, and an answer streams into it, 100 tokens a second for five
seconds. Dropped are the frames of a screen of 60 Hz that were not drawn in time, from the first token to the last; the
note has the same page at rest, which is what the machine does by itself.

JavaScript: what the page has loaded of our extension, and of those that come with jupyter-ai, unpacked; before
anything was opened, and with the chat open. Needs playwright and a Chromium; without pip's index no jupyter-ai, and
then its rows are left out and the notes say so."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, cast

from tests.browser.conftest import BUILT, find_chromium, make_lab
from tests.browser.panel import Panel
from tests.browser.states import long_session, open_session
from tests.scripted_provider import ScriptedProvider
from tests.servers import JupyterServer

from . import panel_peer
from .panel_page import BEFORE, Measured, dropped, late, median
from .provider import ProviderProcess
from .table import Row
from .through import client_of, events, said, turn

ROUNDS = 9
FIRST = (30, 20)
STREAM = (500, 10)
MESSAGES, SIZE = 60, 6600
ANSWERS = ".jp-agent-Agent .jp-agent-Markdown"
BOX = ".jp-agent-Composer-input"


def model(count: int, period: int) -> str:
    return f"stamped-{count}x{period}"


def new_page(browser: Any) -> Any:
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.add_init_script(BEFORE)
    return page


def goto(page: Any, server: JupyterServer, path: str) -> None:
    page.goto(f"{server.url}{path}{'&' if '?' in path else '?'}token={server.token}&reset")
    page.wait_for_function("window.jupyterapp !== undefined", timeout=90_000)
    page.evaluate("window.jupyterapp.restored.then(() => null)")
    page.wait_for_timeout(2000)


async def server_alone(server: JupyterServer) -> float:
    """Milliseconds until a client of the API has the first token: two requests, as the panel makes them."""
    async with client_of(server) as client:
        begun = time.monotonic()
        session = (await client.post("sessions", json={})).json()["id"]
        pieces = [piece async for piece in turn(client, session, model(*FIRST))]
        return (said(events(pieces))[0][0] - begun) * 1000


class Ours:
    """Our panel, with a short and a long conversation."""

    def __init__(self, browser: Any, server: JupyterServer) -> None:
        self.server = server
        page = new_page(browser)
        goto(page, server, "lab")
        self.measured = Measured(page, answers=ANSWERS, box=BOX)
        self.start_kb = self.measured.scripts(["jupyterlab-agent"])
        goto(page, server, "lab?agent-panel=open")
        self.panel = Panel(page, server)
        self.panel.wait_ready()
        page.wait_for_timeout(2000)
        self.open_kb = self.measured.scripts(["jupyterlab-agent"])

    def first(self) -> float:
        self.panel.new_chat()
        self.measured.page.wait_for_timeout(300)
        return self.measured.first_token("Tell me", FIRST[0] - 1)

    def stream(self) -> tuple[list[float], list[float]]:
        open_session(self.panel, "Long")
        self.panel.pick_model(model(*STREAM))
        self.panel.wait_drawn()
        self.measured.page.wait_for_timeout(2000)
        rest = self.measured.frames_at_rest(3)
        return self.measured.frames_while_streaming("Tell me", STREAM[0] - 1), rest


class Theirs:
    """jupyter-ai's chat, its short and its long file."""

    def __init__(self, browser: Any, server: JupyterServer, extensions: list[str]) -> None:
        self.server = server
        self.browser = browser
        page = new_page(browser)
        goto(page, server, "lab")
        self.start_kb = Measured(page, answers=panel_peer.ANSWERS, box=panel_peer.BOX).scripts(extensions)
        page.context.close()
        self.measured = self._open("short")
        self.open_kb = self.measured.scripts(extensions)

    def _open(self, name: str) -> Measured:
        page = new_page(self.browser)
        goto(page, self.server, f"lab/tree/{name}.chat")
        measured = Measured(page, answers=panel_peer.ANSWERS, box=panel_peer.BOX)
        measured.box.wait_for(timeout=60_000)
        page.wait_for_timeout(3000)
        return measured

    def first(self) -> float:
        return self.measured.first_token(f"{FIRST[0]} {FIRST[1]}", FIRST[0] - 1)

    def stream(self) -> tuple[list[float], list[float]]:
        self.measured.page.context.close()
        measured = self._open("long")
        rest = measured.frames_at_rest(3)
        return measured.frames_while_streaming(f"{STREAM[0]} {STREAM[1]}", STREAM[0] - 1), rest


@contextmanager
def our_lab(folder: Path, provider: ProviderProcess) -> Iterator[JupyterServer]:
    with make_lab(folder) as server:
        server.use(cast("ScriptedProvider", provider), model=model(*FIRST))
        body = {
            "kind": "openai_compatible", "name": "Scripted", "base_url": provider.openai_url, "api_key": "***",
            "default_model": model(*FIRST), "models": [model(*FIRST), model(*STREAM)],
        }  # fmt: skip
        server.api("PUT", "/providers/scripted", json=body)
        yield server


def is_development() -> bool:
    """Whether the built extension is one for development, which is larger."""
    entry: str = json.loads((BUILT / "package.json").read_text())["jupyterlab"]["_build"]["load"]
    return (BUILT / f"{entry}.map").exists()


def peer_python() -> Path | None:
    try:
        return panel_peer.environment()
    except (subprocess.CalledProcessError, OSError) as error:
        print(f"panel: no jupyter-ai to compare with: {error}", file=sys.stderr)
        return None


def run() -> list[Row]:
    from playwright.sync_api import sync_playwright

    python = peer_python()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        provider = stack.enter_context(ProviderProcess())
        server = stack.enter_context(our_lab(folder / "ours", provider))
        long_session(server, messages=MESSAGES, size=SIZE, title="Long")
        peer = None
        if python is not None:
            peer = stack.enter_context(panel_peer.running(folder / "theirs", messages=MESSAGES, size=SIZE))
        # Playwright's loop runs in this thread.
        thread = stack.enter_context(ThreadPoolExecutor(1))
        playwright = stack.enter_context(sync_playwright())
        path = find_chromium(playwright)
        if path is None:
            raise RuntimeError("no Chromium found (install chromium, or set CHROMIUM to its path)")
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-background-networking"]
        )
        stack.callback(browser.close)
        ours = Ours(browser, server)
        theirs = Theirs(browser, peer, panel_peer.extensions(cast("Path", python))) if peer is not None else None
        firsts: list[float] = []
        alone: list[float] = []
        their_firsts: list[float] = []
        for _ in range(ROUNDS + 1):
            firsts.append(ours.first())
            alone.append(thread.submit(asyncio.run, server_alone(server)).result())
            if theirs is not None:
                their_firsts.append(theirs.first())
        frames, rest = ours.stream()
        their_frames, their_rest = theirs.stream() if theirs is not None else ([], [])
    return rows(ours, theirs, firsts[1:], their_firsts[1:], alone[1:], (frames, rest), (their_frames, their_rest))


def rows(
    ours: Ours,
    theirs: Theirs | None,
    firsts: list[float],
    their_firsts: list[float],
    alone: list[float],
    frames: tuple[list[float], list[float]],
    their_frames: tuple[list[float], list[float]],
) -> list[Row]:
    build = "; OURS IS A DEVELOPMENT BUILD, which is larger (npm run build:prod)" if is_development() else ""
    against = f"jupyter-ai {panel_peer.VERSION}" if theirs is not None else "limit"
    share, longest = late(frames[0])
    note = f"{share:.1f} % of the gaps over 33 ms, the longest {longest:.0f} ms"
    note += f"; at rest {dropped(frames[1]):.1f} % dropped"
    if theirs is not None:
        share, longest = late(their_frames[0])
        note += (
            f"; jupyter-ai: {share:.1f} % over 33 ms, the longest {longest:.0f} ms,"
            f" at rest {dropped(their_frames[1]):.1f} % dropped"
        )
    first = f"median of {ROUNDS}; the model says its first word 20 ms after it was asked"
    return [
        Row(
            "key press to painted first token", median(firsts), "ms", against,
            median(their_firsts) if their_firsts else None, "ratio" if their_firsts else "value",
            1 if their_firsts else 200, note=first + "; jupyter-ai's comes from inside its server, without HTTP",
        ),
        Row(
            "the same, beyond the server's own", median(firsts), "ms", "HTTP client", median(alone), "difference", 50,
            note="until a client of the API on the same server has the first token",
        ),
        Row(
            "frames dropped, 100 tokens/s into 200 KB", dropped(frames[0]), "%", against,
            dropped(their_frames[0]) if theirs is not None else None, "value", 5, note=note,
        ),
        Row(
            "JavaScript at the start of the page", ours.start_kb, "KB", against,
            theirs.start_kb if theirs is not None else None, "value", 1000, note=f"unpacked, nothing opened{build}",
        ),
        Row(
            "JavaScript with the chat open", ours.open_kb, "KB", against,
            theirs.open_kb if theirs is not None else None, "value", 1000, note=f"unpacked{build}",
        ),
    ]  # fmt: skip
