"""Errors as they go over the wire: `{"error": {"code", "message", "details"}}`."""

from __future__ import annotations

from typing import Any

STATUS_CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
    429: "rate_limited",
    500: "internal_error",
    503: "unavailable",
}


class ApiError(Exception):
    """An answer that is not a success. Raised by services and routes alike; holds nothing of Tornado."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = details or {}
        self.headers = headers or {}

    def envelope(self) -> dict[str, Any]:
        return {"error": {"code": self.code, "message": self.message, "details": self.details}}


def not_found(what: str, id: str) -> ApiError:
    return ApiError(404, "not_found", f"There is no {what} {id[:128]!r}.")


def conflict(message: str, **details: Any) -> ApiError:
    return ApiError(409, "conflict", message, details=details)


def invalid(path: str, message: str) -> ApiError:
    return ApiError(422, "invalid", f"{path}: {message}", details={"errors": [{"path": path, "message": message}]})


def bad_request(message: str, **details: Any) -> ApiError:
    return ApiError(400, "bad_request", message, details=details)
