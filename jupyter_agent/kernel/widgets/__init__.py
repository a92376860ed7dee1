"""Widgets for a cell's output: a chat, and the list of conversations. Loaded when one is first asked for."""

from __future__ import annotations

from pathlib import Path

if not (Path(__file__).parent / "static" / "chat.js").exists():
    raise ImportError("The widgets' front end is not built: run `npm install && npm run build` in labextension/.")

from jupyter_agent.kernel.widgets.chat import ChatWidget
from jupyter_agent.kernel.widgets.sessions import SessionsWidget

__all__ = ["ChatWidget", "SessionsWidget"]
