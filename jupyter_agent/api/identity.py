"""Who calls, in the words of Jupyter's identity provider."""

from __future__ import annotations

import getpass
import logging
import os
from functools import cache
from typing import TYPE_CHECKING, cast

from jupyter_server.auth.identity import IdentityProvider

from jupyter_agent.api.errors import ApiError
from jupyter_agent.storage.ids import new_id

if TYPE_CHECKING:
    from jupyter_server.base.handlers import JupyterHandler

    from jupyter_agent.app import AgentApp, Services

log = logging.getLogger(__name__)


@cache
def system_user() -> str:
    """The name of whoever runs the server."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container whose user is in no password file
        return f"uid-{os.getuid()}"


def _knows_users(provider: IdentityProvider) -> bool:
    # Jupyter's own providers make up a new anonymous name for every browser that has the token or the password: all of
    # them are the one person who runs the server.
    return type(provider).get_user is not IdentityProvider.get_user


def owner_of(handler: JupyterHandler) -> str:
    """The id of the caller, who owns what they make; empty where nobody is known."""
    user = handler.current_user
    if user is None:
        return ""
    return cast("str", user.username) if _knows_users(handler.identity_provider) else system_user()


def display_name_of(handler: JupyterHandler) -> str:
    user = handler.current_user
    if user is None:
        return ""
    return (user.display_name or user.username) if _knows_users(handler.identity_provider) else system_user()


async def services_of(handler: JupyterHandler) -> Services:
    """The services of the extension that mounted this handler; made on the first request.

    Raises ApiError 503 where they cannot be made: the database cannot be opened."""
    app = cast("AgentApp", handler.settings["jupyter_agent_app"])
    try:
        return await app.services()
    except Exception as error:
        error_id = new_id("err")
        log.exception("%s the extension could not start", error_id, extra={"error_id": error_id})
        raise ApiError(
            503,
            "unavailable",
            "The storage cannot be opened; the server's log tells why under this id.",
            details={"error_id": error_id},
        ) from error
