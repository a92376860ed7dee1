"""Wire models shared by every room: pages, errors, usage. Imports pydantic only, so that a kernel can use them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer

T = TypeVar("T")


class WireModel(BaseModel):
    """Base of everything that goes over the wire: unknown fields in a request are an error, never ignored."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True, protected_namespaces=())


def _as_utc(value: datetime) -> datetime:
    # SQLite hands back naive datetimes; everything stored is UTC.
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _iso(value: datetime) -> str:
    return _as_utc(value).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Timestamp = Annotated[
    datetime,
    AfterValidator(_as_utc),
    PlainSerializer(_iso, return_type=str, when_used="json"),
]
"""A moment, ISO 8601 in UTC with milliseconds on the wire."""

Money = Annotated[str, Field(pattern=r"^\d{1,12}(\.\d{1,12})?$", examples=["0.0042"])]
"""An amount of US dollars as a decimal string."""


class Page(WireModel, Generic[T]):
    """One page of a list."""

    items: list[T]
    """The rows of this page, in the order asked for."""
    total: int
    """How many rows match, over all pages."""
    limit: int
    """The most rows a page holds."""
    offset: int
    """How many rows stand before this page."""


class ErrorDetail(WireModel):
    """What went wrong, for a program (`code`) and for a person (`message`)."""

    code: str
    """A stable name: bad_request, unauthorized, forbidden, not_found, conflict, too_large, invalid, rate_limited,
    internal_error or one that the operation documents."""
    message: str
    details: dict[str, Any] = Field(default_factory=dict)


class ErrorEnvelope(WireModel):
    """The body of every answer that is not a success."""

    error: ErrorDetail


class Usage(WireModel):
    """Tokens and money of one or more model requests."""

    input: int = 0
    """Tokens sent, those read from a cache included."""
    output: int = 0
    """Tokens received, those of thinking included."""
    cache_read: int = 0
    cache_write: int = 0
    requests: int = 0
    """Model requests made."""
    cost: Money | None = None
    """US dollars; null where no price is known."""
