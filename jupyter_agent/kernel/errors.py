"""What the client raises. Every error says in its message what happened and, where it is known, what to do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_agent.kernel.answers import Answer
    from jupyter_agent.turns.models import Turn


class AgentError(Exception):
    """Base of everything the client raises on its own account."""

    def __init__(
        self, message: str, *, status: int | None = None, code: str | None = None, details: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        """The HTTP status, where the server answered."""
        self.code = code
        """The stable name of the error, as the API documents it."""
        self.details = details or {}


class ServerNotFound(AgentError):
    """No Jupyter server with the agent could be found; the message lists what was tried."""


class ConnectionLost(AgentError):
    """The server could not be reached, or stayed away for too long."""


class BadRequest(AgentError):
    """400: the request could not be read."""


class Unauthorized(AgentError):
    """401: no token, or one that the server does not know."""


class Forbidden(AgentError):
    """403: the caller is known and may not do this, or the server wants a token."""


class NotFound(AgentError):
    """404: there is no such thing, or it is somebody else's."""


class Conflict(AgentError):
    """409: the state of things does not allow it now."""


class TooLarge(AgentError):
    """413: the request is larger than the operation takes."""


class Invalid(AgentError):
    """422: a field has a wrong value; `errors` names each with its path. Also raised before anything is sent."""

    @property
    def errors(self) -> list[dict[str, Any]]:
        """One `{"path", "message"}` a wrong field."""
        found: list[dict[str, Any]] = self.details.get("errors", [])
        return found


class RateLimited(AgentError):
    """429 after every retry: too many requests."""

    def __init__(self, message: str, *, retry_after: float | None = None, **options: Any) -> None:
        super().__init__(message, **options)
        self.retry_after = retry_after
        """Seconds to wait, where the server said."""


class ServerError(AgentError):
    """500 and above: the server failed; `details["error_id"]`, where there is one, is in its log."""


class TurnFailed(AgentError):
    """The turn ended without a usable answer; `answer` holds what there was of one."""

    def __init__(self, message: str, *, turn: Turn, answer: Answer, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.turn = turn
        self.answer = answer


_BY_STATUS: dict[int, type[AgentError]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    413: TooLarge,
    415: BadRequest,
    422: Invalid,
}

_TOKEN_HINT = (
    " Pass the server's token as Client(token=...) or set JUPYTER_AGENT_TOKEN; a server that only has a password needs"
    " a token as well (IdentityProvider.token)."
)


def from_response(status: int, body: bytes, retry_after: float | None, *, has_token: bool) -> AgentError:
    """The error that an answer stands for, read from its envelope where it has one."""
    code: str | None = None
    message = ""
    details: dict[str, Any] = {}
    try:
        error = json.loads(body)["error"]
        code, message, details = str(error["code"]), str(error["message"]), dict(error.get("details") or {})
    except (ValueError, KeyError, TypeError):
        # Not our envelope: a proxy, a login page, or a server without the extension.
        text = body[:2000].decode("utf-8", "replace").strip()
        looks_like_a_page = text[:1] == "<"
        message = f"HTTP {status}" + (f": {text[:300]}" if text and not looks_like_a_page else "")
    if status == 429:
        return RateLimited(message, retry_after=retry_after, status=status, code=code, details=details)
    if status == 401 or (status == 403 and not has_token):
        message += _TOKEN_HINT
    kind = _BY_STATUS.get(status, ServerError if status >= 500 else AgentError)
    return kind(message, status=status, code=code, details=details)
