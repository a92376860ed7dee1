"""Circuit breakers: a provider that keeps failing is left alone for a while, and then tried by one request.

    closed     -> open       so many requests failed within the window (`selection.breaker_failures`)
    open       -> half_open  the cooldown is over: the next request tries, all others are answered at once
    half_open  -> closed     the try worked
    half_open  -> open       it did not; the cooldown is twice as long, up to its maximum

A request that is given up after its retries is one failure. What the request itself is to blame for (a key, a name, a
text that is too long) is none. Two kinds of open stay so until somebody resets them, also after a restart and in every
server on the database: exhausted credit, and a person's own doing. A provider whose limits are nearly used up is taken
as half open before anything fails: where there is another model to ask, one request at a time goes to it.

Nothing here waits, reads or writes: `service.ProviderService` keeps what is to last."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from jupyter_agent.providers.failures import ModelFailed

if TYPE_CHECKING:
    from jupyter_agent.config import SelectionSettings
    from jupyter_agent.turns.models import TurnError

State = Literal["closed", "open", "half_open"]
HeldBy = Literal["operator", "credit"]

SOON = 1.0
"""Seconds after which to look again at a provider that another request is trying."""
FAILURES = frozenset({"rate_limited", "overloaded", "unreachable", "timeout", "cut", "bad_response"})
"""Codes that say something about the provider, where trying again could help."""


def is_failure(error: TurnError) -> bool:
    """Whether the provider is to blame for it."""
    return error.retryable and error.code in FAILURES


def is_exhausted(error: TurnError) -> bool:
    """Whether there is no credit or quota left: `failures` calls that rate limited, and not worth another try."""
    return error.code == "rate_limited" and not error.retryable


class BreakerOpen(ModelFailed):
    """A provider is not asked now."""

    def __init__(self, message: str, retry_after: float | None, *, pressure: bool = False) -> None:
        super().__init__("breaker_open", message, retryable=retry_after is not None)
        self.retry_after = retry_after
        """Seconds until it is tried again; None where somebody has to reset it."""
        self.pressure = pressure
        """Whether it is only spared, and could be asked."""


@dataclass(frozen=True)
class Held:
    """Why a breaker stays open; as it is stored."""

    by: HeldBy
    reason: str
    since: datetime


@dataclass(eq=False)
class Ticket:
    """One request's leave to ask; told once how that went."""

    breaker: Breaker
    probe: bool
    """Whether it is the one try of a half-open breaker."""
    told: bool = False

    def succeeded(self) -> None:
        """The first token came."""
        if not self.told:
            self.told = True
            self.breaker.succeeded(self)

    def failed(self, error: TurnError) -> None:
        """The request was given up; also after its first token."""
        self.told = True
        self.breaker.failed(self, error)

    def released(self) -> None:
        """Nobody knows: it was not made, or interrupted."""
        if not self.told:
            self.told = True
            self.breaker.released(self)


@dataclass(eq=False)
class Breaker:
    """One provider's."""

    provider: str
    settings: SelectionSettings
    clock: Callable[[], float] = time.monotonic
    held: Held | None = None
    cooldown: float | None = None
    """Seconds; None while it is closed."""
    last_error: str | None = None
    last_failure: float | None = None
    _failures: deque[float] = field(default_factory=deque)
    _opened: float | None = None
    _trying: Ticket | None = None

    def state(self, pressed: bool = False) -> State:
        """How it stands. `pressed`: whether the provider's limits are nearly used up."""
        if self.held is not None:
            return "open"
        if self._opened is not None:
            return "half_open" if self.wait == 0 else "open"
        return "half_open" if pressed else "closed"

    @property
    def wait(self) -> float | None:
        """Seconds until it is tried again; None where that is not a matter of time."""
        if self.held is not None or self._opened is None or self.cooldown is None:
            return None
        return max(0.0, self._opened + self.cooldown - self.clock())

    @property
    def failures(self) -> int:
        """Within the window."""
        self._prune()
        return len(self._failures)

    def moment(self, at: float | None) -> datetime | None:
        """When a time of the clock was, or will be."""
        return None if at is None else datetime.now(UTC) + timedelta(seconds=at - self.clock())

    @property
    def opened_at(self) -> datetime | None:
        return self.held.since if self.held is not None else self.moment(self._opened)

    @property
    def retry_at(self) -> datetime | None:
        if self.held is not None or self._opened is None or self.cooldown is None:
            return None
        return self.moment(self._opened + self.cooldown)

    def admit(self, name: str, *, pressed: bool = False, insist: bool = False) -> Ticket:
        """Leave for one request. `insist`: there is no other model, so a provider that is only spared is asked.

        Raises BreakerOpen."""
        state = self.state(pressed)
        if self.held is not None:
            raise BreakerOpen(self._why_held(name, self.held), None)
        if state == "open":
            wait = self.wait or 0.0
            raise BreakerOpen(
                f"{name} is left alone after {_times(len(self._failures))}"
                f"{f' ({self.last_error})' if self.last_error else ''}; it is tried again in {_seconds(wait)}.",
                wait,
            )
        if state == "closed":
            return Ticket(self, probe=False)
        if self._trying is not None:
            if self._opened is not None:
                raise BreakerOpen(f"{name} had failed and is just being tried by another request.", SOON)
            if not insist:
                raise BreakerOpen(f"The limits of {name} are nearly used up.", SOON, pressure=True)
            return Ticket(self, probe=False)
        ticket = self._trying = Ticket(self, probe=True)
        return ticket

    def _why_held(self, name: str, held: Held) -> str:
        if held.by == "credit":
            why = f"{name} has no credit or quota left"
        else:
            why = f"Requests to {name} were stopped by hand"
        said = f" ({held.reason.rstrip('.')})" if held.reason else ""
        return f"{why}{said}. It is not asked again until its breaker is reset."

    def succeeded(self, ticket: Ticket) -> None:
        if self._trying is ticket:
            self._trying = None
            if self.held is None and self._opened is not None:
                self.close()

    def failed(self, ticket: Ticket, error: TurnError) -> None:
        if is_exhausted(error):
            self._trying = None if self._trying is ticket else self._trying
            self._remember(error)
            if self.held is None:
                self.held = Held("credit", error.message[:300], datetime.now(UTC))
            return
        if not is_failure(error):
            self.released(ticket)
            return
        tried = self._trying is ticket
        if tried:
            self._trying = None
        self._remember(error)
        now = self.clock()
        self._failures.append(now)
        self._prune()
        longest = self.settings.breaker_max_cooldown_seconds
        if tried:
            # It was half open: one failure is enough.
            before = self.cooldown if self._opened is not None else None
            after = self.settings.breaker_cooldown_seconds if before is None else before * 2
            self.cooldown, self._opened = min(after, longest), now
        elif self._opened is None and len(self._failures) >= self.settings.breaker_failures:
            self.cooldown, self._opened = min(self.settings.breaker_cooldown_seconds, longest), now

    def released(self, ticket: Ticket) -> None:
        if self._trying is ticket:
            self._trying = None

    def close(self) -> None:
        """As if nothing had been. What is asked now tells what it finds."""
        self.held = None
        self.cooldown = self._opened = None
        self._trying = None
        self._failures.clear()

    def _remember(self, error: TurnError) -> None:
        self.last_error, self.last_failure = error.code, self.clock()

    def _prune(self) -> None:
        oldest = self.clock() - self.settings.breaker_window_seconds
        # Those that it was opened for are what is told of it until it closes.
        while self._failures and self._failures[0] < oldest and self._opened is None:
            self._failures.popleft()


def _times(count: int) -> str:
    return "a failure" if count <= 1 else f"{count} failures"


def _seconds(seconds: float) -> str:
    whole = max(1, round(seconds))
    return "1 second" if whole == 1 else f"{whole} seconds"


class Breakers:
    """Those of all providers. `resets` are told of by the database: another server may have reset one."""

    def __init__(self, settings: SelectionSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._breakers: dict[str, Breaker] = {}
        self._resets: dict[str, datetime] = {}

    def of(self, provider_id: str) -> Breaker:
        """The provider's; made at its first request."""
        breaker = self._breakers.get(provider_id)
        if breaker is None:
            breaker = self._breakers[provider_id] = Breaker(provider_id, self._settings, self._clock)
        return breaker

    def forget(self, provider_id: str) -> None:
        """Another configuration is another chance; what is held stays."""
        breaker = self._breakers.get(provider_id)
        if breaker is not None and breaker.held is None:
            breaker.close()

    def apply(self, stored: dict[str, dict[str, Any]]) -> None:
        """Takes over what the database says: who is held, and who was reset."""
        for provider_id, value in stored.items():
            since = datetime.fromisoformat(value["since"])
            if value["by"] in ("operator", "credit"):
                self.of(provider_id).held = Held(value["by"], value.get("reason", ""), since)
            elif self._resets.get(provider_id) != since:
                self._resets[provider_id] = since
                breaker = self.of(provider_id)
                opened = breaker.opened_at
                if opened is not None and opened < since:
                    breaker.close()
        for provider_id, breaker in self._breakers.items():
            if breaker.held is not None and provider_id not in stored:
                breaker.held = None
