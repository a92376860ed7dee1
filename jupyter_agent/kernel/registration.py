"""Tells the server which functions this kernel offers, so that a chat in the lab can call them while it is idle; and
answers such calls.

The server is told in a thread of its own, a moment after the last change: defining a function waits for nothing. Where
no server runs this kernel nobody is told, and nothing is said."""

from __future__ import annotations

import json
import logging
import os
import re
import secrets
import threading
import time
from typing import Any

from jupyter_agent.kernel.functions import FunctionTool, registered
from jupyter_agent.kernel.results import failure

log = logging.getLogger(__name__)

ANNOUNCE_SECONDS = 0.1
"""Definitions of this time are one message."""
KEY = secrets.token_hex(8)
"""Another one in each process: a call that was meant for the kernel before its restart is not answered."""

_KERNEL_FILE = re.compile(r"kernel-(.+)\.json")

_lock = threading.Lock()
_timer: threading.Timer | None = None
_client: Any = None


def kernel_id() -> str | None:
    """The id of the kernel that this process is, as the server knows it; None where it is none."""
    if not os.environ.get("JPY_SESSION_NAME"):
        return None
    try:
        from ipykernel.connect import get_connection_file

        found = _KERNEL_FILE.search(get_connection_file())
    except (ImportError, RuntimeError):
        return None
    return found[1] if found else None


def announce() -> None:
    """Tells the server, soon, which functions there are now."""
    if kernel_id() is None:
        return
    global _timer
    with _lock:
        if _timer is not None:
            _timer.cancel()
        _timer = threading.Timer(ANNOUNCE_SECONDS, _tell)
        _timer.daemon = True
        _timer.start()


def _tell() -> None:
    from jupyter_agent.kernel.client import Client, notebook_path
    from jupyter_agent.kernel.errors import AgentError

    global _client
    own = kernel_id()
    functions = list(registered.values())
    try:
        with _lock:
            _client = _client or Client()
        _client.tools.register_functions(
            kernel_id=own,
            notebook=notebook_path(_client.server),
            key=KEY,
            functions=[one.offer() for one in functions],
            awaited=[one.name for one in functions if one.is_async],
        )
    except AgentError as error:
        # Nobody called this, so there is nobody to tell: questions that are asked from here offer the functions anyway.
        log.debug("the server was not told of the functions: %s", error)


# Calls from the server, by an execute request -------------------------------------------------------------------------

_answers: dict[str, str] = {}


def answer(call: str) -> None:
    """Calls a function for the server; `call` is JSON, and `taken` gives the answer."""
    wanted = json.loads(call)
    id, found = wanted["tool_call_id"], _found(wanted["key"], wanted["name"], wanted["expires_at"])
    result = failure(id, found) if isinstance(found, str) else found.call(id, wanted["arguments"])
    _answers[id] = result.model_dump_json()


async def answer_async(call: str) -> None:
    """The same in the kernel's own event loop."""
    wanted = json.loads(call)
    id, found = wanted["tool_call_id"], _found(wanted["key"], wanted["name"], wanted["expires_at"])
    result = failure(id, found) if isinstance(found, str) else await found.call_async(id, wanted["arguments"])
    _answers[id] = result.model_dump_json()


def taken(tool_call_id: str) -> str:
    """The answer of a call as JSON, once."""
    return _answers.pop(tool_call_id)


def _found(key: str, name: str, expires_at: float) -> FunctionTool | str:
    """The function, or why it is not called."""
    if key != KEY:
        return "The kernel was restarted since the function was defined; run its cell again."
    if time.time() > expires_at:
        return "The kernel was busy for too long; the function was not called."
    return registered.get(name) or f"There is no function {name} any more; run the cell that defines it."
