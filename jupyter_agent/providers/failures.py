"""Whatever went wrong at a provider, as a `TurnError`: what happened, whether trying again can help, and when."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from jupyter_agent.api.errors import ApiError
from jupyter_agent.api.redaction import redact
from jupyter_agent.turns.models import TurnError

LONGEST = 1000

_TOO_LONG = re.compile(
    r"context[ _-]?(?:length|window|size)|prompt is too long|too many (?:input )?tokens|maximum context|"
    r"input token count|reduce the length|exceeds? the (?:maximum|available) .{0,40}(?:tokens|context)",
    re.IGNORECASE,
)
_UNCALLABLE = re.compile(r"Tool '([^']{1,128})' exceeded max retries")
"""What pydantic-ai says of a tool that the model never called with arguments that it takes."""
_NO_MODEL = re.compile(
    r"model.{0,80}(?:not found|does not exist|not exist|unknown|not supported)", re.IGNORECASE | re.DOTALL
)


class ModelFailed(Exception):
    """A failure of our own making that already knows its code: the embedded model's, a list of models'."""

    def __init__(self, code: str, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.retryable = retryable


def not_configured(message: str, **details: Any) -> ApiError:
    """A provider that cannot work as it stands. 409, code `not_configured`."""
    return ApiError(409, "not_configured", message, details=details)


def explain(error: BaseException) -> TurnError:
    """Never raises. The provider's own words are kept, without secrets, 1000 characters at the most.

    Exceptions are told by the names of their classes, so that nothing needs importing: those of pydantic-ai, of the
    SDKs, of httpx and of httpx2, which share them."""
    if isinstance(error, BaseExceptionGroup):
        return explain(error.exceptions[0])
    code, retryable = _classify(error)
    text = _words(error)
    if code == "timeout" and " " not in text:
        # httpx gives no words, and the name of its class is nobody's.
        text = "The provider sent nothing for too long."
    return TurnError(
        code=code,
        message=redact(text)[:LONGEST],
        retryable=retryable,
        retry_after_seconds=_retry_after(error) if retryable else None,
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__


def _names(error: BaseException) -> set[str]:
    return {kind.__name__ for kind in type(error).__mro__}


def _classify(error: BaseException) -> tuple[str, bool]:
    if isinstance(error, ModelFailed):
        return error.code, error.retryable
    if isinstance(error, ApiError):
        if error.code == "not_found":
            return "not_configured", False
        return (error.code, False) if error.code in ("not_configured", "model_not_found") else ("internal_error", False)
    if isinstance(error, ImportError):
        return "not_configured", False
    status = _status(error)
    names = _names(error)
    text = _words(error)
    if "ModelContextWindowExceededError" in names or (status in (400, 413, 422) and _TOO_LONG.search(text)):
        return "context_too_long", False
    if "ModelQuotaExceededError" in names or status == 402:
        # Waiting does not bring money.
        return "rate_limited", False
    if status is not None:
        return _by_status(status, text)
    by_category = {
        "ModelAuthenticationError": ("unauthorized", False),
        "ModelRateLimitError": ("rate_limited", True),
        "ModelUnavailableError": ("overloaded", True),
        "ModelNotFoundError": ("model_not_found", False),
        "ModelServerError": ("bad_response", True),
        "ModelRequestTimeout": ("timeout", True),
    }
    for name, found in by_category.items():
        if name in names:
            return found
    return _by_transport(error)


def _by_status(status: int, text: str) -> tuple[str, bool]:
    if status in (401, 403):
        return "unauthorized", False
    if status == 404 or (status == 400 and _NO_MODEL.search(text)):
        return "model_not_found", False
    if status == 429:
        return "rate_limited", True
    if status in (503, 529) or (status >= 500 and "overloaded" in text.lower()):
        return "overloaded", True
    if status in (408, 504):
        return "timeout", True
    return "bad_response", status >= 500 or status == 409


def _by_transport(error: BaseException) -> tuple[str, bool]:
    for cause in _chain(error):
        names = _names(cause)
        if names & {"ConnectError", "ConnectTimeout", "PoolTimeout", "ConnectionRefusedError", "gaierror"}:
            return "unreachable", True
        if "ModelConnectionError" in names and getattr(cause, "phase", None) in ("connect", "pool"):
            return "unreachable", True
        if names & {"InvalidURL", "UnsupportedProtocol", "LocalProtocolError"}:
            return "not_configured", False
    for cause in _chain(error):
        if _names(cause) & {"TimeoutException", "ModelTimeoutError", "APITimeoutError", "TimeoutError"}:
            return "timeout", True
    for cause in _chain(error):
        names = _names(cause)
        if names & {
            "RemoteProtocolError",
            "ReadError",
            "WriteError",
            "CloseError",
            "IncompleteRead",
            "ConnectionError",
        }:
            return "cut", True
        if "DecodingError" in names or isinstance(cause, (json.JSONDecodeError, UnicodeDecodeError)):
            return "bad_response", True
    names = _names(error)
    if names & {"ModelConnectionError", "APIConnectionError", "NetworkError", "TransportError"}:
        return "unreachable", True
    if "ContentFilterError" in names:
        return "bad_response", False
    if "ModelAPIError" in names:
        text = _words(error)
        if _TOO_LONG.search(text):
            return "context_too_long", False
        return "bad_response", True
    if names & {"UnexpectedModelBehavior", "APIResponseValidationError"}:
        return "bad_response", True
    if "UserError" in names:
        return "not_configured", False
    return "internal_error", False


def _status(error: BaseException) -> int | None:
    for cause in _chain(error):
        names = _names(cause)
        # Not any attribute called status_code: an error inside a stream comes with the stream's own 200.
        if names & {"ModelHTTPError", "APIStatusError", "HTTPStatusError", "APIError", "ClientError", "ServerError"}:
            status = getattr(cause, "status_code", None)
            if status is None:
                status = getattr(getattr(cause, "response", None), "status_code", None)
            if status is None:
                status = getattr(cause, "code", None)
            if isinstance(status, int) and 400 <= status < 600:
                return status
    return None


def _said(body: object) -> str | None:
    """The message in a provider's error body, in the forms that they have."""
    if isinstance(body, (bytes, bytearray)):
        body = body.decode("utf-8", "replace")
    if isinstance(body, str):
        try:
            return _said(json.loads(body)) or body.strip() or None
        except ValueError:
            return body.strip() or None
    if isinstance(body, list) and body:
        return _said(body[0])
    if isinstance(body, Mapping):
        for name in ("error", "message", "detail", "msg"):
            value = body.get(name)
            if isinstance(value, str) and value.strip():
                return value.strip()
            if isinstance(value, Mapping) and (found := _said(value)):
                return found
    return None


def _words(error: BaseException) -> str:
    if isinstance(error, ApiError):
        return error.message
    said = _said(getattr(error, "body", None))
    if said is None and (response := getattr(error, "response", None)) is not None:
        try:
            said = _said(response.content)
        except RuntimeError:  # ResponseNotRead, of httpx or httpx2: a stream whose body nobody took
            said = None
    text = said or str(getattr(error, "message", "") or error).strip()
    if "UnexpectedModelBehavior" in _names(error) and (tool := _UNCALLABLE.match(text)) is not None:
        wrong = any("ValidationError" in _names(cause) for cause in _chain(error))
        why = "its arguments were wrong each time" if wrong else "its calls failed each time"
        return f"The model could not call the tool {tool[1]}: {why}."
    if not text or text == "Connection error.":
        # The SDKs say just this; what happened is in the cause.
        causes = [str(cause).strip() or type(cause).__name__ for cause in _chain(error)]
        text = next((cause for cause in causes if cause and cause != "Connection error."), type(error).__name__)
    return text


def _retry_after(error: BaseException) -> float | None:
    for cause in _chain(error):
        seconds = getattr(cause, "retry_after", None)
        if isinstance(seconds, (int, float)) and not isinstance(seconds, bool):
            return max(float(seconds), 0.0)
        headers = getattr(cause, "headers", None) or getattr(getattr(cause, "response", None), "headers", None)
        if headers and (seconds := _header_seconds(headers)) is not None:
            return seconds
    return None


def _header_seconds(headers: Mapping[str, str]) -> float | None:
    from datetime import UTC, datetime
    from email.utils import parsedate_to_datetime

    lowered = {str(name).lower(): str(value).strip() for name, value in headers.items()}
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        value = lowered.get(name)
        if value is None:
            continue
        try:
            seconds = float(value) / unit
        except ValueError:
            try:
                moment = parsedate_to_datetime(value)
            except (TypeError, ValueError):
                continue
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=UTC)
            seconds = (moment - datetime.now(UTC)).total_seconds()
        if seconds < float("inf") and seconds == seconds:
            return max(seconds, 0.0)
    return None
