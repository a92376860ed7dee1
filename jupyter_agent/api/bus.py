"""What happens, told to whoever of the same owner listens. In memory: a listener that was away reads a snapshot."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Literal, get_args

Topic = Literal["sessions", "turns", "approvals", "runs", "jobs", "notifications"]
TOPICS: tuple[Topic, ...] = get_args(Topic)
SnapshotProvider = Callable[[str], Awaitable[dict[str, Any]]]

QUEUE_SIZE = 1000


class Subscription:
    """One listener. `queue` holds `(topic, event)`; `overflowed` says that it was too slow and lost events."""

    def __init__(self, bus: Bus, owner: str) -> None:
        self.owner = owner
        self.topics: set[str] = set()
        self.queue: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue(QUEUE_SIZE)
        self.overflowed = asyncio.Event()
        self._bus = bus

    def close(self) -> None:
        self._bus._subscriptions.discard(self)


class Bus:
    """Publish and subscribe by topic and owner, on one event loop."""

    def __init__(self) -> None:
        self._subscriptions: set[Subscription] = set()
        self._snapshots: dict[str, SnapshotProvider] = {}

    def snapshot(self, topic: Topic, provider: SnapshotProvider) -> None:
        """Registers what a new subscriber of the topic is shown first."""
        self._snapshots[topic] = provider

    async def read_snapshot(self, topic: str, owner: str) -> dict[str, Any]:
        provider = self._snapshots.get(topic)
        return await provider(owner) if provider else {"items": []}

    def subscribe(self, owner: str) -> Subscription:
        subscription = Subscription(self, owner)
        self._subscriptions.add(subscription)
        return subscription

    def publish(self, topic: Topic, owner: str, event: dict[str, Any]) -> None:
        """Gives the event to every listener of this owner and topic. Never waits; call it on the event loop."""
        for subscription in self._subscriptions:
            if subscription.owner == owner and topic in subscription.topics:
                try:
                    subscription.queue.put_nowait((topic, event))
                except asyncio.QueueFull:
                    subscription.overflowed.set()
