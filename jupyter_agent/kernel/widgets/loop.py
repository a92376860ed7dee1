"""One thread of the kernel with an event loop: there the widgets talk with the server while cells run."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None


def background_loop() -> asyncio.AbstractEventLoop:
    """The loop, started when it is first asked for. Its thread ends with the process."""
    global _loop
    with _lock:
        if _loop is None:
            started = threading.Event()
            # Tornado's client needs add_reader, which Windows' default loop does not have.
            loop = asyncio.SelectorEventLoop()

            def run() -> None:
                asyncio.set_event_loop(loop)
                loop.call_soon(started.set)
                loop.run_forever()

            threading.Thread(target=run, name="jupyter-agent-widgets", daemon=True).start()
            started.wait()
            _loop = loop
        return _loop


def submit(work: Coroutine[Any, Any, T]) -> Future[T]:
    """Starts it in the background loop, from any thread."""
    return asyncio.run_coroutine_threadsafe(work, background_loop())
