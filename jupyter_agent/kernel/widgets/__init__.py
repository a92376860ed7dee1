"""Widgets for a cell's output: chats, turns, costs and budgets. Loaded when one is first asked for."""

from __future__ import annotations

from pathlib import Path

if not all((Path(__file__).parent / "static" / f"{name}.js").exists() for name in ("chat", "turns", "costs")):
    raise ImportError("The widgets' front end is not built: run `npm install && npm run build` in labextension/.")

from jupyter_agent.kernel.widgets.chat import ChatWidget
from jupyter_agent.kernel.widgets.costs import BudgetWidget, CostDashboard
from jupyter_agent.kernel.widgets.sessions import SessionsWidget
from jupyter_agent.kernel.widgets.turns import TraceView, TurnInspector

__all__ = ["BudgetWidget", "ChatWidget", "CostDashboard", "SessionsWidget", "TraceView", "TurnInspector"]
