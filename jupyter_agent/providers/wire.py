"""What the `providers` room knows of breakers, limits and prices, as it goes over the wire and into choices."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from jupyter_agent.api.models import Usage
from jupyter_agent.providers import limits, pricing
from jupyter_agent.providers.breakers import Breaker as Live
from jupyter_agent.providers.breakers import State
from jupyter_agent.providers.models import Breaker, BreakerConfig, Breakers, ProviderQuota, QuotaUse, RateLimit
from jupyter_agent.providers.selection import LEVEL_TOKENS, Offered

if TYPE_CHECKING:
    from jupyter_agent.config import SelectionSettings
    from jupyter_agent.providers.catalogue import ProviderConfig
    from jupyter_agent.providers.registry import View


def breaker(config: ProviderConfig, live: Live, pressed: bool) -> Breaker:
    """How a provider's breaker stands."""
    state = live.state(pressed)
    reason = None
    if live.held is not None:
        reason = live.held.reason or ("no credit or quota left" if live.held.by == "credit" else "opened by hand")
    elif state != "closed":
        reason = live.last_error if live.opened_at is not None else "its limits are nearly used up"
    return Breaker(
        provider=config.id,
        name=config.name,
        state=state,
        failures=live.failures,
        held_by=live.held.by if live.held is not None else None,
        reason=reason,
        opened_at=live.opened_at,
        retry_at=live.retry_at,
        cooldown_seconds=live.cooldown,
        last_error=live.last_error,
        last_failure_at=live.moment(live.last_failure),
    )


def breakers(settings: SelectionSettings, all_of_them: list[Breaker]) -> Breakers:
    return Breakers(
        providers={one.provider: one for one in all_of_them},
        config=BreakerConfig(
            failures=settings.breaker_failures,
            window_seconds=settings.breaker_window_seconds,
            cooldown_seconds=settings.breaker_cooldown_seconds,
            max_cooldown_seconds=settings.breaker_max_cooldown_seconds,
        ),
    )


def quota(
    config: ProviderConfig,
    load: limits.Load,
    heard: Mapping[limits.Kind, limits.Limit],
    state: State,
    today: Usage | None,
    now: datetime,
) -> ProviderQuota:
    """What a provider allows, and what was used of it."""
    found = [
        RateLimit(
            kind=one.kind,
            limit=one.limit,
            remaining=one.remaining if one.fresh(now) else None,
            window_seconds=round(one.window, 3) if one.window is not None else None,
            resets_at=one.resets_at,
            source="provider",
            seen_at=one.seen_at,
        )
        for one in heard.values()
    ]
    configured: dict[limits.Kind, int | None] = {"tokens": config.options.tpm, "requests": config.options.rpm}
    found += [
        RateLimit(kind=kind, limit=limit, window_seconds=limits.MINUTE, source="settings")
        for kind, limit in configured.items()
        if limit is not None and kind not in heard
    ]
    return ProviderQuota(
        provider=config.id,
        name=config.name,
        limits=found,
        last_minute=QuotaUse(requests=load.use.requests[0], tokens=load.use.tokens[0]),
        headroom=load.headroom,
        state=state,
        today=today or Usage(),
    )


def offered(view: View, model: str) -> Offered:
    """A model as one to choose from. In a thread: the price list loads on first use."""
    config = view.config
    return Offered(
        provider=config.id,
        provider_name=config.name,
        model=model,
        embedded=config.kind == "local",
        here=config.kind == "local" or _is_here(view.url),
        ready=view.state == "ready",
        next_action=view.next_action,
        costs={
            level: pricing.price(config, view.url, model, Usage(input=given, output=made))[0]
            for level, (given, made) in LEVEL_TOKENS.items()
        },
    )


def _is_here(url: str | None) -> bool:
    host = urlsplit(url).hostname if url else None
    if host is None:
        return False
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
