"""Tools that are not the server's own: clients offer them, and run them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_agent.tools.live import Live, LiveError, LiveGone

if TYPE_CHECKING:
    from jupyter_agent.app import Services

__all__ = ["Live", "LiveError", "LiveGone", "Offers"]


class Offers:
    """What clients offer."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self.live = Live()
