"""What is used of the providers' limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_agent.observatory.models import CapacityReport, ProviderCapacity

if TYPE_CHECKING:
    from jupyter_agent.app import Services


class Capacity:
    """What is used of the providers' limits. They belong to the providers' keys, which all users share: so do the
    numbers, which name nobody."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def report(self, owner: str) -> CapacityReport:
        """Each provider that is enabled, by its id."""
        providers = self._services.providers
        return CapacityReport(
            providers={
                id_: ProviderCapacity(
                    provider=id_,
                    name=config.name,
                    tokens_used=load.use.tokens[0],
                    requests_used=load.use.requests[0],
                    tpm_limit=load.tpm,
                    rpm_limit=load.rpm,
                    limit_source=load.source,
                    token_utilization=load.token_utilization,
                    request_utilization=load.request_utilization,
                    headroom=load.headroom,
                    near_capacity=load.near_capacity,
                    sustained_hot=load.sustained_hot,
                    resets_at=load.resets_at,
                    state=providers.breaker_state(id_),
                )
                for id_, (config, load) in (await providers.loads()).items()
                if config.enabled
            }
        )
