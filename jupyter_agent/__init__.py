"""Agents inside Jupyter: a server extension, a JupyterLab extension and, for notebooks and scripts, a client.

    from jupyter_agent import Client

    client = Client()              # finds the Jupyter server by itself
    print(client.ask("Hello!"))

Everything is loaded when it is first used: the import itself costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_agent._version import __version__

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from jupyter_agent.kernel.answers import Answer
    from jupyter_agent.kernel.client import AnswerStream, AsyncAnswerStream, AsyncClient, Client
    from jupyter_agent.kernel.errors import (
        AgentError,
        BadRequest,
        Conflict,
        ConnectionLost,
        Forbidden,
        Invalid,
        NotFound,
        RateLimited,
        ServerError,
        ServerNotFound,
        TooLarge,
        TurnFailed,
        Unauthorized,
    )
    from jupyter_agent.kernel.functions import forget, tool
    from jupyter_agent.kernel.widgets import (
        BudgetWidget,
        ChatWidget,
        CostDashboard,
        SessionsWidget,
        TraceView,
        TurnInspector,
    )
    from jupyter_agent.tools.models import Approval, Approve, Deny

__all__ = [
    "AgentError",
    "Answer",
    "AnswerStream",
    "Approval",
    "Approve",
    "AsyncAnswerStream",
    "AsyncClient",
    "BadRequest",
    "BudgetWidget",
    "ChatWidget",
    "Client",
    "Conflict",
    "ConnectionLost",
    "CostDashboard",
    "Deny",
    "Forbidden",
    "Invalid",
    "NotFound",
    "RateLimited",
    "ServerError",
    "ServerNotFound",
    "SessionsWidget",
    "TooLarge",
    "TraceView",
    "TurnFailed",
    "TurnInspector",
    "Unauthorized",
    "__version__",
    "forget",
    "tool",
]

_MODULES = {
    **dict.fromkeys(("Answer", "AnswerStream", "AsyncAnswerStream", "AsyncClient", "Client"), "kernel.client"),
    **dict.fromkeys(("ChatWidget", "SessionsWidget"), "kernel.widgets"),
    **dict.fromkeys(("BudgetWidget", "CostDashboard", "TraceView", "TurnInspector"), "kernel.widgets"),
    **dict.fromkeys(("tool", "forget"), "kernel.functions"),
    **dict.fromkeys(("Approval", "Approve", "Deny"), "tools.models"),
}
"""Where what is no error comes from."""


def __getattr__(name: str) -> Any:
    # httpx and pydantic cost more than all the rest; whoever only loads the server extension needs neither here.
    if name in __all__:
        from importlib import import_module

        module = import_module(f"jupyter_agent.{_MODULES.get(name, 'kernel.errors')}")
        value = getattr(module, name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from jupyter_agent.app import AgentApp

    return [{"module": "jupyter_agent", "app": AgentApp}]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "jupyterlab-agent"}]


def load_ipython_extension(ipython: InteractiveShell) -> None:
    """`%load_ext jupyter_agent`: registers the magics `%agent` and `%%agent`."""
    from jupyter_agent.kernel.magics import load

    load(ipython)


def unload_ipython_extension(ipython: InteractiveShell) -> None:
    """`%unload_ext jupyter_agent`: takes the magics away and closes their connection."""
    from jupyter_agent.kernel.magics import unload

    unload(ipython)
