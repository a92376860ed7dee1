"""Operations on turns."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Annotated

from pydantic import Field

from jupyter_agent.api.errors import invalid
from jupyter_agent.api.models import Page
from jupyter_agent.api.router import MB, Call, EventStream, Router, ServerEvent
from jupyter_agent.turns.models import (
    ActiveTurns,
    Guidance,
    GuidanceAccepted,
    Interrupt,
    Resend,
    Retry,
    Run,
    RunResult,
    TaskList,
    Turn,
    TurnStart,
)

router = Router("turns")

TURN_BODY = 50 * MB

Limit = Annotated[int, Field(ge=1, le=500)]
Offset = Annotated[int, Field(ge=0, le=2**31 - 1)]
After = Annotated[int, Field(ge=-1, le=2**31 - 1)]


def _mark(call: Call, replayed: bool) -> None:
    if replayed:
        call.response_headers["Idempotent-Replay"] = "true"


@router.post(
    "/sessions/{session_id}/turns",
    scope="turns:execute",
    status=202,
    also=[200],
    max_body=TURN_BODY,
    errors=[409],
    idempotent=True,
    covers=[
        "muyue POST /api/chat",
        "sage POST /api/chat",
        "sage POST /api/stream",
        "sage POST /api/web-stream",
        "roboticus POST /api/agent/message",
        "roboticus POST /api/agent/message/stream",
    ],
)
async def start_turn(call: Call, session_id: str, body: TurnStart, *, wait: bool = False) -> Turn | EventStream:
    """Starts a turn.

    Answers 202 with the turn at once; with `wait=true` 200 when it has ended; with `Accept: text/event-stream` its
    events as they come. The turn goes on whether or not anybody listens. An `Idempotency-Key` header makes a repeated
    request give the first one's turn. 409 while another turn runs in the session."""
    turns = call.services.turns
    turn, replayed = await turns.begin(call.user, session_id, body, idempotency_key=call.idempotency_key)
    _mark(call, replayed)
    if call.accepts_sse:
        return EventStream(turns.follow_started(turn), headers=dict(call.response_headers))
    if wait:
        call.response_status = 200
        return await turns.wait(call.user, turn.id)
    return turn


@router.get(
    "/sessions/{session_id}/turns",
    scope="turns:read",
    covers=["roboticus GET /api/sessions/:id/turns"],
)
async def list_turns(call: Call, session_id: str, *, limit: Limit = 50, offset: Offset = 0) -> Page[Turn]:
    """The turns of a session, oldest first."""
    return await call.services.turns.page(call.user, session_id, limit, offset)


@router.get(
    "/turns/active",
    scope="turns:read",
    covers=["sage GET /api/stream/active_sessions"],
)
async def stream_active_turns(call: Call) -> ActiveTurns | EventStream:
    """The caller's running turns.

    With `Accept: text/event-stream` an endless stream: `snapshot` first, then `turn_started`, `turn_updated` and
    `turn_finished`."""
    services = call.services
    if not call.accepts_sse:
        return ActiveTurns(items=await services.turns.active(call.user))

    async def events() -> AsyncIterator[ServerEvent | bytes]:
        subscription = services.bus.subscribe(call.user)
        subscription.topics.add("turns")
        try:
            snapshot = ActiveTurns(items=await services.turns.active(call.user))
            yield ServerEvent(snapshot.model_dump_json(), event="snapshot")
            while not subscription.overflowed.is_set():
                _, event = await subscription.queue.get()
                if "turn" in event:  # and not its checkpoint
                    yield ServerEvent(json.dumps(event["turn"], separators=(",", ":")), event=event["type"])
        finally:
            subscription.close()

    return EventStream(events())


@router.get(
    "/turns/{turn_id}",
    scope="turns:read",
    covers=["roboticus GET /api/turns/:id"],
)
async def get_turn(call: Call, turn_id: str) -> Turn:
    """One turn: its state, why it ended, what it used, its answer."""
    return await call.services.turns.get(call.user, turn_id)


@router.get(
    "/turns/{turn_id}/events",
    scope="turns:read",
    covers=["sage GET /api/stream/resume/{session_id}"],
)
async def stream_turn_events(call: Call, turn_id: str, *, after: After | None = None) -> EventStream:
    """The events of a turn, from the first one or from behind an index; goes on live and ends with `turn_finished`.

    `Last-Event-ID`, or `after`, is the index of the last event that was seen. docs/events.md tells the events."""
    # A client that connects again to the same address says in the header where it has come to.
    if call.last_event_id is not None:
        try:
            after = int(call.last_event_id)
        except ValueError:
            after = -2
        if not -1 <= after < 2**31:
            raise invalid("header.Last-Event-ID", "must be the index of an event")
    return EventStream(await call.services.turns.follow(call.user, turn_id, -1 if after is None else after))


@router.post(
    "/turns/{turn_id}/interrupt",
    scope="turns:execute",
    errors=[409],
    covers=["sage POST /api/sessions/{session_id}/interrupt"],
)
async def interrupt_turn(call: Call, turn_id: str, body: Interrupt = Interrupt()) -> Turn:
    """Stops a running turn; what it has said stays. 409 where it has ended."""
    message = body.message if body is not None else None
    return await call.services.turns.interrupt(call.user, turn_id, message)


@router.post("/turns/{turn_id}/guidance", scope="turns:execute", status=202, errors=[409])
async def guide_turn(call: Call, turn_id: str, body: Guidance) -> GuidanceAccepted:
    """Says something to a running turn: the model reads it before its next step. 409 where it has made its last."""
    return await call.services.turns.guide(call.user, turn_id, body.message)


@router.post(
    "/turns/{turn_id}/retry",
    scope="turns:execute",
    status=202,
    max_body=TURN_BODY,
    errors=[409],
    idempotent=True,
)
async def retry_turn(call: Call, turn_id: str, body: Retry = Retry()) -> Turn:
    """The same input again, changed or not, in a new version of the conversation that ends before the turn.

    As `resend_message` does for the turn's message. Errors: 409 while the turn runs, or where its messages were
    cleared."""
    turn, replayed = await call.services.turns.retry(
        call.user, turn_id, body if body is not None else Retry(), call.idempotency_key
    )
    _mark(call, replayed)
    return turn


@router.post(
    "/sessions/{session_id}/messages/{message_id}/resend",
    scope="turns:execute",
    status=202,
    max_body=TURN_BODY,
    errors=[409],
    idempotent=True,
)
async def resend_message(call: Call, session_id: str, message_id: str, body: Resend = Resend()) -> Turn:
    """What the user said again, changed or not, in a new version of the conversation that ends before it.

    The turn's `session_id` is the new version; the message's `versions` name all of them. Works for every message of
    the user's, also one that a branch copied. What the body leaves out stays as it was: text, pictures and context,
    provider and model, and how the first turn was started. Errors: 409 for a message that is not the user's, or while
    its turn runs."""
    turn, replayed = await call.services.turns.resend(
        call.user, session_id, message_id, body if body is not None else Resend(), call.idempotency_key
    )
    _mark(call, replayed)
    return turn


@router.get(
    "/sessions/{session_id}/tasks",
    scope="turns:read",
    covers=["sage POST /api/sessions/{session_id}/tasks_status"],
)
async def get_tasks(call: Call, session_id: str) -> TaskList:
    """The agent's to-do list in this session, and how far it is."""
    return await call.services.turns.tasks(call.user, session_id)


@router.post(
    "/run",
    scope="turns:execute",
    max_body=TURN_BODY,
    errors=[404, 409],
    idempotent=True,
    covers=["pixcode POST /api/agent"],
)
async def run_once(call: Call, body: Run) -> RunResult | EventStream:
    """One shot: a session (a new one, or one to resume), a turn, its answer when it has ended.

    With `stream` the turn's events as they come."""
    turns = call.services.turns
    turn, replayed = await turns.run(call.user, body, call.idempotency_key)
    _mark(call, replayed)
    if body.stream or call.accepts_sse:
        return EventStream(turns.follow_started(turn), headers=dict(call.response_headers))
    turn = await turns.wait(call.user, turn.id)
    return RunResult(session_id=turn.session_id, turn=turn, text=turn.answer or "")
