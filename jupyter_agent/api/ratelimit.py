"""Requests a user may make in a second, by group. A moving window, in memory."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_agent.config import RateLimitSettings

UNLIMITED = 1_000_000
"""What the headers say where limits are off."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left after a request."""

    allowed: bool
    limit: int
    remaining: int
    reset_seconds: int
    """Whole seconds until the whole limit is there again."""

    @property
    def headers(self) -> dict[str, str]:
        headers = {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.reset_seconds),
        }
        if not self.allowed:
            headers["Retry-After"] = str(max(1, self.reset_seconds))
        return headers


class RateLimiter:
    def __init__(self, settings: RateLimitSettings) -> None:
        from limits.storage import MemoryStorage
        from limits.strategies import MovingWindowRateLimiter

        self._settings = settings
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def hit(self, group: str, who: str) -> Allowance:
        """Counts a request of somebody; `group` is a trait of RateLimitSettings."""
        from limits import RateLimitItemPerSecond

        limit: int = getattr(self._settings, group)
        if not self._settings.enabled:
            return Allowance(True, UNLIMITED, UNLIMITED, 0)
        item = RateLimitItemPerSecond(limit, namespace=group)
        allowed = self._limiter.hit(item, who)
        reset_time, remaining = self._limiter.get_window_stats(item, who)
        return Allowance(allowed, limit, remaining, max(0, math.ceil(reset_time - time.time())))
