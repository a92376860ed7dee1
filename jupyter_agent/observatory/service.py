"""What the `observatory` room does: one attribute a capability."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_agent.observatory.advice import Advice
from jupyter_agent.observatory.budgets import BudgetService
from jupyter_agent.observatory.capacity import Capacity
from jupyter_agent.observatory.efficiency import Efficiency
from jupyter_agent.observatory.exports import Exports
from jupyter_agent.observatory.feedback import FeedbackService
from jupyter_agent.observatory.selections import Selections
from jupyter_agent.observatory.snapshots import Snapshots
from jupyter_agent.observatory.statistics import Statistics
from jupyter_agent.observatory.traces import Traces

if TYPE_CHECKING:
    from jupyter_agent.app import Services


class ObservatoryService:
    """The doors of the room; each is documented where it is."""

    def __init__(self, services: Services) -> None:
        self.snapshots = Snapshots(services)
        self.selections = Selections(services)
        self.traces = Traces(services)
        self.advice = Advice(services)
        self.feedback = FeedbackService(services)
        self.statistics = Statistics(services)
        self.efficiency = Efficiency(services)
        self.capacity = Capacity(services)
        self.exports = Exports(services)
        self.budgets = BudgetService(services)

    async def close(self) -> None:
        """Sends what is still to be exported. Called once, at the server's end."""
        await self.traces.close()
