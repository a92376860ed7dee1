"""What the views of a widget ask for, answered."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any

from jupyter_agent.kernel.errors import AgentError
from jupyter_agent.kernel.widgets.loop import submit
from jupyter_agent.kernel.widgets.wire import FromKernel

log = logging.getLogger(__name__)


def obey(
    message: Any, command: Callable[[dict[str, Any]], Coroutine[Any, Any, str]], post: Callable[[FromKernel], None]
) -> None:
    """Answers a view's message at once, in the thread that brought it; the work is done in the background, and its end
    posted. What no view says is passed over; what `command` raises ValueError for is posted as failed."""
    if not isinstance(message, dict) or not isinstance(message.get("id"), str):
        return
    id: str = message["id"]
    post({"type": "ack", "id": id})
    try:
        work = command(message)
    except ValueError as error:
        post({"type": "failed", "id": id, "message": str(error)})
        return

    def answer(future: Future[str]) -> None:
        problem = future.exception()
        if problem is None:
            post({"type": "done", "id": id, "note": future.result()})
        elif isinstance(problem, AgentError):
            post({"type": "failed", "id": id, "message": problem.message})
        else:
            log.error("a widget's command failed", exc_info=problem)
            post({"type": "failed", "id": id, "message": f"{type(problem).__name__}: {problem}"})

    submit(work).add_done_callback(answer)
