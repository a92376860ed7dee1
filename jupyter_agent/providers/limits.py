"""What providers allow in a minute, and how much of it is used.

Limits are in the headers of every answer (`x-ratelimit-*`, `anthropic-ratelimit-*`), and are kept in memory: they are
old within a minute. What was used is in the ledger, which all servers on a database share as they share the keys."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from jupyter_agent.api.models import Usage
from jupyter_agent.providers.ledger import BUCKET_SECONDS
from jupyter_agent.providers.pricing import money

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.providers.models import ProviderOptions

Kind = Literal["requests", "tokens", "input_tokens", "output_tokens"]

MINUTE = 60.0
MINUTES = 3
"""For so many in a row a provider has to be busy to be called hot."""
NEAR = 0.1
LONGEST_MINUTE = 120.0
"""A window that seems longer than this is none of a minute: some count requests by the day."""

_X = re.compile(
    r"x-ratelimit-(limit|remaining|reset)(?:-(requests|tokens|input-tokens|output-tokens))?(?:-(minute|hour|day))?"
)
_ANTHROPIC = re.compile(r"anthropic-ratelimit-(requests|tokens|input-tokens|output-tokens)-(limit|remaining|reset)")
_SPAN = re.compile(r"(\d+(?:\.\d+)?)(ms|us|ns|s|m|h|d)")
_UNITS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_WINDOWS = {"minute": 60.0, "hour": 3600.0, "day": 86400.0}


@dataclass(frozen=True)
class Limit:
    """One limit, as the last answer said."""

    kind: Kind
    limit: int | None
    remaining: int | None
    window: float | None
    """Seconds that it is for; None where nobody knows."""
    resets_at: datetime | None
    """When all of it is there again."""
    seen_at: datetime

    def fresh(self, now: datetime) -> bool:
        """Whether `remaining` still says something."""
        return now < (self.resets_at or self.seen_at + timedelta(seconds=self.window or MINUTE))

    @property
    def a_minute(self) -> bool:
        return self.window is None or self.window <= LONGEST_MINUTE

    def left(self, now: datetime) -> float | None:
        """The share of it that is left; None where the provider does not say."""
        if self.limit is None or self.limit <= 0 or self.remaining is None:
            return None
        return min(1.0, max(0.0, self.remaining / self.limit)) if self.fresh(now) else 1.0


def read(headers: Mapping[str, str], now: datetime) -> dict[Kind, Limit]:
    """The limits in an answer's headers. What cannot be read is left out: proxies write what they like."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for raw, value in headers.items():
        name = raw.lower()
        if match := _X.fullmatch(name):
            what, kind, window = match[1], match[2] or "requests", match[3] or ""
        elif match := _ANTHROPIC.fullmatch(name):
            kind, what, window = match[1], match[2], "minute"
        else:
            continue
        found.setdefault((kind.replace("-", "_"), window), {})[what] = value.strip()
    limits: dict[Kind, Limit] = {}
    for (kind, window), said in found.items():
        one = _limit(kind, _WINDOWS.get(window), said, now)  # type: ignore[arg-type]
        # Where a kind has several windows the tightest counts.
        if one is not None and (one.kind not in limits or _share(one, now) < _share(limits[one.kind], now)):
            limits[one.kind] = one
    return limits


def _share(one: Limit, now: datetime) -> float:
    left = one.left(now)
    return 1.0 if left is None else left


def _limit(kind: Kind, window: float | None, said: Mapping[str, str], now: datetime) -> Limit | None:
    limit, remaining = _number(said.get("limit")), _number(said.get("remaining"))
    if limit is None and remaining is None:
        return None
    resets_at = _moment(said.get("reset"), now)
    if window is None and resets_at is not None and limit and remaining is not None and remaining < limit:
        # Limits that fill up steadily: how long that takes for what is gone says how long it takes for all.
        seconds = (resets_at - now).total_seconds() * limit / (limit - remaining)
        window = seconds if seconds > 0 else None
    return Limit(kind, limit, remaining, window, resets_at, now)


def _number(text: str | None) -> int | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return int(value) if 0 <= value < 2**53 else None


def _moment(text: str | None, now: datetime) -> datetime | None:
    """When a limit is whole again: a span such as `6m0s`, seconds, a moment since 1970, or a date."""
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        if (spans := _SPAN.findall(text)) and _SPAN.sub("", text).strip() == "":
            return now + timedelta(seconds=min(sum(float(n) * _UNITS[unit] for n, unit in spans), 366 * 86400.0))
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return None
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    if not 0 <= value < 1e14:
        return None
    if value > 1e11:
        value /= 1000
    return datetime.fromtimestamp(value, UTC) if value > 1e9 else now + timedelta(seconds=min(value, 366 * 86400.0))


class Heard:
    """What the providers said last of their limits."""

    def __init__(self) -> None:
        self._limits: dict[str, dict[Kind, Limit]] = {}

    def hear(self, provider_id: str, headers: Mapping[str, str]) -> None:
        """Takes the headers of an answer."""
        if limits := read(headers, datetime.now(UTC)):
            self._limits.setdefault(provider_id, {}).update(limits)

    def of(self, provider_id: str) -> dict[Kind, Limit]:
        return self._limits.get(provider_id, {})

    def forget(self, provider_id: str) -> None:
        self._limits.pop(provider_id, None)


@dataclass(frozen=True)
class Use:
    """Requests and tokens of a provider in each of the last minutes, the last one first."""

    requests: tuple[int, ...] = (0,) * MINUTES
    tokens: tuple[int, ...] = (0,) * MINUTES


def read_use(orm: Orm, now: datetime) -> dict[str, Use]:
    """What was used of each provider, by everybody on this database."""
    from sqlalchemy import select

    from jupyter_agent.storage.tables import ModelRequestRow

    start = now - timedelta(seconds=MINUTE * MINUTES)
    # By the id, which begins with its time and is indexed; a row is written a moment after it was named.
    first = f"req_{int((start.timestamp() - 3600) * 1000):012x}"
    rows = orm.execute(
        select(
            ModelRequestRow.provider,
            ModelRequestRow.created_at,
            ModelRequestRow.input_tokens,
            ModelRequestRow.output_tokens,
        ).where(ModelRequestRow.id >= first, ModelRequestRow.created_at > start, ModelRequestRow.created_at <= now)
    )
    requests: dict[str, list[int]] = {}
    tokens: dict[str, list[int]] = {}
    for provider, created_at, given, made in rows:
        minute = min(int((now - created_at).total_seconds() // MINUTE), MINUTES - 1)
        requests.setdefault(provider, [0] * MINUTES)[minute] += 1
        tokens.setdefault(provider, [0] * MINUTES)[minute] += (given or 0) + (made or 0)
    return {provider: Use(tuple(counts), tuple(tokens[provider])) for provider, counts in requests.items()}


def used_since(orm: Orm, owner: str, start: datetime) -> dict[str, Usage]:
    """What an owner has used of each provider since a quarter of an hour."""
    from sqlalchemy import func, select

    from jupyter_agent.storage.tables import UsageBucketRow

    row = UsageBucketRow
    names = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "requests", "cost", "unpriced")
    statement = (
        select(row.provider, *(func.sum(getattr(row, name)).label(name) for name in names))
        .where(row.owner == owner, row.bucket >= int(start.timestamp()) // BUCKET_SECONDS)
        .group_by(row.provider)
    )
    return {
        one.provider: Usage(
            input=int(one.input_tokens),
            output=int(one.output_tokens),
            cache_read=int(one.cache_read_tokens),
            cache_write=int(one.cache_write_tokens),
            requests=int(one.requests),
            # Not known at all is not nothing.
            cost=None if one.unpriced and not one.cost else money(one.cost),
        )
        for one in orm.execute(statement)
    }


@dataclass(frozen=True)
class Load:
    """How busy a provider is."""

    use: Use
    tpm: int | None
    rpm: int | None
    source: Literal["provider", "settings"] | None
    token_utilization: float | None
    request_utilization: float | None
    headroom: float | None
    """What is left of the tightest limit, 0 to 1; None where none is known."""
    near_capacity: bool
    sustained_hot: bool
    resets_at: datetime | None


def load(use: Use, heard: Mapping[Kind, Limit], options: ProviderOptions, now: datetime) -> Load:
    """How busy a provider is, from what was used and what it said. What it says counts before what is configured."""

    def said(kind: Kind) -> int | None:
        one = heard.get(kind)
        return one.limit if one is not None and one.a_minute else None

    tpm = said("tokens")
    if tpm is None and (given := said("input_tokens")) is not None and (made := said("output_tokens")) is not None:
        tpm = given + made
    rpm = said("requests")
    source: Literal["provider", "settings"] | None = "provider" if tpm is not None or rpm is not None else None
    if source is None and (options.tpm is not None or options.rpm is not None):
        source = "settings"
    tpm, rpm = tpm if tpm is not None else options.tpm, rpm if rpm is not None else options.rpm

    def busy(minute: int) -> list[float]:
        pairs = ((use.tokens[minute], tpm), (use.requests[minute], rpm))
        return [used / limit for used, limit in pairs if limit]

    left = [share for one in heard.values() if (share := one.left(now)) is not None]
    left += [max(0.0, 1.0 - share) for share in busy(0)]
    headroom = min(left) if left else None
    resets = [one.resets_at for one in heard.values() if one.resets_at is not None and one.resets_at > now]
    return Load(
        use=use,
        tpm=tpm,
        rpm=rpm,
        source=source,
        token_utilization=use.tokens[0] / tpm if tpm else None,
        request_utilization=use.requests[0] / rpm if rpm else None,
        headroom=headroom,
        near_capacity=headroom is not None and headroom < NEAR,
        sustained_hot=all(max(busy(minute), default=0.0) > 1 - NEAR for minute in range(MINUTES)),
        resets_at=max(resets) if resets else None,
    )
