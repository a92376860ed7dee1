"""How a turn that waited for a person goes on in another process than the one that began it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from jupyter_agent.api.models import Usage
from jupyter_agent.turns.events import Stored
from jupyter_agent.turns.models import TurnStart
from jupyter_agent.turns.rows import usage_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm


@dataclass
class Resumption:
    """All that the database knows of a turn that waits."""

    turn_id: str
    session_id: str
    owner: str
    start: TurnStart
    provider: str
    model: str
    started_at: datetime
    steps: int
    usage: Usage
    cost: Decimal | None
    messages: str
    state: dict[str, Any]
    events: list[Stored]
    guides: list[tuple[str, str]]
    """What the user said meanwhile: ids and words."""

    def told(self) -> tuple[set[str], set[str], set[str]]:
        """The calls of the last step that are in the log, those whose results are, and the approvals whose answers
        are."""
        calls: set[str] = set()
        results: set[str] = set()
        decided: set[str] = set()
        for event in self.events:
            if event.type == "usage":  # a step's calls come after it
                calls, results = set(), set()
            elif event.type == "tool_call":
                calls.add(json.loads(event.data)["tool_call_id"])
            elif event.type == "tool_result":
                results.add(json.loads(event.data)["tool_call_id"])
            elif event.type == "approval_decided":
                decided.add(json.loads(event.data)["approval_id"])
        return calls, results, decided


def claim(orm: Orm, turn_id: str, left_by: str | None, server_id: str) -> Resumption | None:
    """Takes a waiting turn over from the process that has left it; None where another one was faster."""
    from sqlalchemy import select

    from jupyter_agent.storage.tables import GuidanceRow, TurnEventRow, TurnRow, TurnStateRow, utcnow

    row = orm.get(TurnRow, turn_id, with_for_update=True)
    if row is None or row.status != "waiting" or row.server_id != left_by:
        return None
    state = orm.get(TurnStateRow, turn_id)
    if state is None:
        return None
    row.server_id = server_id
    events = orm.execute(
        select(TurnEventRow.index, TurnEventRow.type, TurnEventRow.data)
        .where(TurnEventRow.turn_id == turn_id)
        .order_by(TurnEventRow.index)
    ).all()
    guides = orm.execute(
        select(GuidanceRow.id, GuidanceRow.message)
        .where(GuidanceRow.turn_id == turn_id, GuidanceRow.delivered_at.is_(None))
        .order_by(GuidanceRow.id)
    ).all()
    return Resumption(
        turn_id=row.id,
        session_id=row.session_id,
        owner=row.owner,
        start=TurnStart.model_validate({"message": row.message or "-", **row.request}),
        provider=row.provider or "",
        model=row.model or "",
        started_at=row.started_at or utcnow(),
        steps=row.steps,
        usage=usage_of(row),
        cost=row.cost,
        messages=state.messages,
        state=state.state,
        events=[Stored(*event) for event in events],
        guides=[(guide.id, guide.message) for guide in guides],
    )
