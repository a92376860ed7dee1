"""Spans of time: when days begin where somebody lives, and what a period such as `30d` is."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from jupyter_agent.api.errors import invalid
from jupyter_agent.providers.ledger import BUCKET_SECONDS, BUCKETS_A_DAY

if TYPE_CHECKING:
    from jupyter_agent.app import Settings

DAYS = {"7d": 7, "30d": 30, "90d": 90, "1y": 365}
HOURS = {"1h": 1, "24h": 24}
YEARS = range(1970, 2201)


@dataclass(frozen=True)
class Span:
    """From `start` (None: since ever) to before `end`, both on a quarter of an hour."""

    start: datetime | None
    end: datetime

    @property
    def first(self) -> int | None:
        """The first bucket of it."""
        return None if self.start is None else bucket_of(self.start)

    @property
    def last(self) -> int:
        """The first bucket after it."""
        return bucket_of(self.end)


def bucket_of(moment: datetime) -> int:
    """The quarter of an hour, counted since 1970, that a moment is in."""
    return int(moment.timestamp() // BUCKET_SECONDS)


def moment_of(bucket: int) -> datetime:
    """When a bucket begins."""
    return datetime.fromtimestamp(bucket * BUCKET_SECONDS, UTC)


def named(name: str, where: str = "query.timezone") -> ZoneInfo:
    """The time zone of this name. Raises ApiError 422 where there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # KeyError: unknown; ValueError: a path, or another file; OSError: a folder of zones, such as "Europe".
        raise invalid(where, f"there is no time zone {name!r}; names are like Europe/Berlin or UTC") from None


def zone(settings: Settings, name: str | None = None) -> tzinfo:
    """The zone of this name, else the one that is configured, else the server's own. Raises ApiError 422."""
    if name:
        return named(name)
    configured = settings.budgets.timezone
    return named(configured, "budgets.timezone") if configured else _own(os.environ.get("TZ"))


@functools.lru_cache(maxsize=4)
def _own(variable: str | None) -> tzinfo:
    """The machine's zone, by its name where it says one: days in summer are then right in winter, too."""
    if variable is not None:
        name = variable.lstrip(":") or "UTC"
    else:
        name = os.path.realpath("/etc/localtime").partition("zoneinfo/")[2]
    # Without a name the C library knows what the machine means: a rule such as CET-1CEST, a file, Windows.
    with contextlib.suppress(KeyError, ValueError, OSError):
        return ZoneInfo(name)
    from dateutil.tz import tzlocal

    own: tzinfo = tzlocal()
    return own


def zone_name(where: tzinfo) -> str:
    """What the zone is called on the wire."""
    return where.key if isinstance(where, ZoneInfo) else f"UTC{datetime.now(where).isoformat()[-6:]}"


def midnight(day: date, where: tzinfo) -> datetime:
    """The first moment of a day, in UTC: where the clocks skip midnight, the moment they do."""
    return datetime(day.year, day.month, day.day, tzinfo=where).astimezone(UTC)


def day_start(now: datetime, where: tzinfo) -> datetime:
    """When the day that `now` is in began, in UTC."""
    return midnight(now.astimezone(where).date(), where)


def day_end(now: datetime, where: tzinfo) -> datetime:
    """When the next day begins, in UTC."""
    return midnight(now.astimezone(where).date() + timedelta(days=1), where)


def hour_start(now: datetime, where: tzinfo) -> datetime:
    """When the hour that `now` is in began on the clocks there, in UTC."""
    bucket = bucket_of(now)
    return moment_of(bucket - (bucket + _offset(bucket, where) // BUCKET_SECONDS) % 4)


def month_start(now: datetime, where: tzinfo) -> datetime:
    """When the month that `now` is in began, in UTC."""
    return midnight(now.astimezone(where).date().replace(day=1), where)


def month_end(now: datetime, where: tzinfo) -> datetime:
    """When the next month begins, in UTC."""
    first = now.astimezone(where).date().replace(day=1)
    return midnight((first + timedelta(days=32)).replace(day=1), where)


def span(
    period: str,
    where: tzinfo,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    now: datetime | None = None,
) -> Span:
    """What is asked for. `1h` and `24h` are the last hours, back to the quarter in which they began; `7d` to `1y` so
    many calendar days, today among them; `all` has no start. `start` and `end` take the place of it: the start goes
    back to its quarter of an hour, the end on to the next one; one alone is from then until now, or all before.

    Raises ApiError 422."""
    now = now or datetime.now(UTC)
    if start is not None or end is not None:
        for name, moment in (("start", start), ("end", end)):
            if moment is not None and moment.year not in YEARS:
                raise invalid(f"query.{name}", f"is not between {YEARS[0]} and {YEARS[-1]}")
        last = _next_quarter(end if end is not None else now)
        first = None if start is None else moment_of(bucket_of(start))
        if (start is not None and end is not None and start >= end) or (first is not None and first >= last):
            raise invalid("query.start", "is not before the end" if end is not None else "is in the future")
        return Span(first, last)
    last = _next_quarter(now)
    if period in HOURS:
        return Span(moment_of(bucket_of(now)) - timedelta(hours=HOURS[period]), last)
    if period in DAYS:
        today = now.astimezone(where).date()
        return Span(midnight(today - timedelta(days=DAYS[period] - 1), where), last)
    return Span(None, last)


def _next_quarter(moment: datetime) -> datetime:
    """Where the quarter of an hour ends that a moment is in; one between two quarters ends nothing."""
    floor = moment_of(bucket_of(moment))
    return floor if floor == moment else floor + timedelta(seconds=BUCKET_SECONDS)


def _offset(bucket: int, where: tzinfo) -> int:
    offset = moment_of(bucket).astimezone(where).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


def offsets(where: tzinfo, first: int, last: int) -> list[tuple[int, int]]:
    """The zone's offsets from UTC in seconds between two buckets, each with the bucket from which on it holds; the
    newest first. That is what turns a bucket into a local time within SQL."""
    found = [(first, _offset(first, where))]
    for before, after in _weeks(first, last):
        if _offset(after, where) != _offset(before, where):
            low, high = before, after
            while high - low > 1:
                middle = (low + high) // 2
                if _offset(middle, where) == found[-1][1]:
                    low = middle
                else:
                    high = middle
            found.append((high, _offset(high, where)))
    return found[::-1]


def _weeks(first: int, last: int) -> Iterator[tuple[int, int]]:
    # No zone changes its clocks twice within a week.
    week = 7 * BUCKETS_A_DAY
    for at in range(first, last, week):
        yield at, min(at + week, last)
