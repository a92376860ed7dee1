"""One conversation, followed in the background: what is asked here and elsewhere, without gaps and without doubles."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

from jupyter_agent.api.models import Page
from jupyter_agent.kernel.client import AsyncClient
from jupyter_agent.kernel.errors import AgentError, Conflict, ConnectionLost, NotFound, ServerError
from jupyter_agent.kernel.widgets.link import Connection, Link
from jupyter_agent.kernel.widgets.live import Live
from jupyter_agent.kernel.widgets.plain import plain_messages, slashed
from jupyter_agent.kernel.widgets.wire import Screen
from jupyter_agent.sessions.models import Message, Session
from jupyter_agent.turns.models import Turn, TurnEvent

log = logging.getLogger(__name__)

FLUSH_SECONDS = 0.05
"""Deltas of this time are one message to the views."""
AGAIN_SECONDS = 1.0


class Conversation:
    """Follows a session and shows it on a screen. All but `snapshot` and `text` belongs to the background loop."""

    def __init__(self, link: Link, screen: Screen, history: int) -> None:
        self._link = link
        self._screen = screen
        self._history = history
        self._session: Session | None = None
        self.session_id: str | None = None
        """None for a new one, which is made with its first message."""
        self._live: Live | None = None
        self._follower: asyncio.Task[None] | None = None
        self._flush: asyncio.TimerHandle | None = None
        self._flushed_at = 0.0
        self._visit = object()
        """Another one when another session is opened: what still comes of the one before is dropped."""
        self._load: asyncio.Task[None] | None = None
        self._load_again = False
        self._sending = asyncio.Lock()
        self._reading = asyncio.Lock()
        """What was read first is shown first."""
        self._closed = False

    # -- looked at from other threads

    def snapshot(self) -> Any:
        """The turn that runs, as far as it has come, or None."""
        live = self._live
        return live.snapshot() if live is not None else None

    @property
    def text(self) -> str:
        live = self._live
        return live.text if live is not None else ""

    # -- commands

    def start(self, session_id: str | None) -> None:
        """Begins to follow; waits for nothing."""
        self._link.join(self)
        self.open(session_id)

    def close(self) -> None:
        """Follows nothing any more. Turns that run go on in the server."""
        self._closed = True
        self._link.leave(self)
        self._leave()

    def open(self, session_id: str | None) -> None:
        """Shows another session, or with None a new one."""
        self._leave()
        self.session_id = session_id
        self._screen.show(
            session_id=session_id or "",
            title="",
            messages=[],
            earlier=0,
            usage={},
            cost=None,
            error="",
            live=None,
            running=False,
        )
        if session_id is not None:
            self._reload()

    async def send(self, text: str, fields: Mapping[str, Any]) -> tuple[str, bool]:
        """The id of the turn that answers, and whether the text became guidance of one that runs already.

        Raises AgentError where it could not be sent."""
        self._screen.show(error="")
        client = await self._client()
        # Two messages at once must not make two sessions.
        async with self._sending:
            live = self._live
            if live is not None:
                try:
                    await client.turns.guide_turn(live.turn_id, message=text)
                    return live.turn_id, True
                except Conflict:
                    # It has just ended: then this is the next message.
                    if self._follower is not None:
                        await asyncio.wait([self._follower])
            visit, session_id = self._visit, self.session_id
            if session_id is None:
                choice = {name: fields[name] for name in ("provider", "model") if fields.get(name)}
                session = await client.sessions.create_session(**client.new_session_fields(), **choice)
                session_id = session.id
                if visit is self._visit:
                    self.session_id = session_id
                    self._show_session(session)
            turn = await client.turns.start_turn(session_id, message=text, **fields)
            if visit is self._visit:
                self._begin(turn)
            return turn.id, False

    async def retry(self, choice: Mapping[str, Any]) -> None:
        """Asks the last question again. The server keeps both versions; the new one is shown.

        Raises AgentError."""
        client = await self._client()
        session_id, visit = self._require_session(), self._visit
        count = (await client.sessions.get_session(session_id)).turn_count
        page = await client.turns.list_turns(session_id, limit=1, offset=max(0, count - 1))
        if not page.items:
            raise AgentError("There is no turn to try again.")
        turn = await client.turns.retry_turn(page.items[-1].id, **choice)
        if visit is self._visit:
            self.open(turn.session_id)
            self._begin(turn)

    async def stop(self) -> bool:
        """Stops the turn that runs; False where none does. Raises AgentError."""
        live = self._live
        if live is None:
            return False
        client = await self._client()
        try:
            await client.turns.interrupt_turn(live.turn_id)
        except Conflict:
            return False
        return True

    async def decide(self, approval_id: str, approve: bool) -> None:
        """Says yes or no to a call that waits. Raises AgentError, a Conflict where it was answered already."""
        client = await self._client()
        if approve:
            await client.tools.approve(approval_id)
        else:
            await client.tools.deny(approval_id)

    async def answered(self, turn_id: str, seen: Callable[[TurnEvent], None] = lambda event: None) -> Turn:
        """Waits until a turn has ended, and until the screen shows it where it is one of this conversation. `seen` is
        called with each event, once."""
        last: int | None = None
        while True:
            client = await self._client()
            try:
                async for event in client.turns.stream_turn_events(turn_id, after=last):
                    last = event.index
                    seen(event)
                turn = await client.turns.get_turn(turn_id)
                break
            except (ConnectionLost, ServerError):
                await asyncio.sleep(AGAIN_SECONDS)
        if self._follower is not None and self._follows(turn_id):
            await asyncio.wait([self._follower])
        return turn

    # -- what happens elsewhere (`link.Listener`)

    def connection_changed(self, connection: Connection, reason: str) -> None:
        self._screen.show(connection=connection, connection_reason=reason)

    def topic_snapshot(self, topic: str, data: dict[str, Any]) -> None:
        # Something may have happened while nobody listened.
        if topic == "turns":
            self._reload()

    def topic_event(self, topic: str, event: dict[str, Any]) -> None:
        if self.session_id is None:
            return
        if topic == "turns" and event.get("type") == "turn_started":
            turn = event["turn"]
            if turn["session_id"] == self.session_id and not self._follows(turn["id"]):
                self._reload()
        elif topic == "sessions" and event.get("session", {}).get("id") == self.session_id:
            session = event["session"]
            known = self._session
            if event.get("type") == "session_deleted":
                self._leave()
                self._screen.show(live=None, running=False, error="This conversation was deleted.")
            elif known is None or any(
                session.get(name) != getattr(known, name) for name in ("title", "message_count", "turn_count")
            ):
                self._reload()

    # -- following

    async def _client(self) -> AsyncClient:
        return await self._link.client()

    def _require_session(self) -> str:
        if self.session_id is None:
            raise AgentError("Nothing has been said yet.")
        return self.session_id

    def _follows(self, turn_id: str) -> bool:
        return self._live is not None and self._live.turn_id == turn_id

    def _leave(self) -> None:
        self._visit = object()
        self._session = None
        self._live = None
        for task in (self._follower, self._load):
            if task is not None:
                task.cancel()
        self._follower = self._load = None
        self._load_again = False
        if self._flush is not None:
            self._flush.cancel()
            self._flush = None

    def _reload(self) -> None:
        """Looks at the session again, soon; many reasons at once are one look."""
        if self.session_id is None or self._closed:
            return
        if self._load is not None and not self._load.done():
            self._load_again = True
            return
        self._load = asyncio.ensure_future(self._look())

    async def _look(self) -> None:
        visit = self._visit
        self._load_again = True
        while self._load_again:
            self._load_again = False
            try:
                await self._read(visit)
            except (ConnectionLost, ServerError):
                await asyncio.sleep(AGAIN_SECONDS)
                self._load_again = True
            except AgentError as error:
                self._screen.show(error=error.message)

    async def _stored(self, session_id: str) -> tuple[Session, Page[Message], list[Turn]]:
        """The session, its newest messages (newest first) and its newest turns. Raises AgentError."""
        client = await self._client()
        session = await client.sessions.get_session(session_id)
        page, turns = await asyncio.gather(
            client.sessions.list_messages(session_id, order="desc", limit=self._history),
            client.turns.list_turns(session_id, offset=max(0, session.turn_count - self._history), limit=self._history),
        )
        return session, page, turns.items

    async def _read(self, visit: object) -> None:
        """Shows the session as it is stored, and follows the turn that runs."""
        async with self._reading:
            session, page, turns = await self._stored(self._require_session())
            if visit is not self._visit:
                return
            running = next((turn for turn in reversed(turns) if turn.status != "finished"), None)
            if running is not None and not self._follows(running.id):
                self._begin(running, read=False)
            live = self._live
            messages = plain_messages(reversed(page.items), turns)
            if live is not None:
                # What the running turn has said is in its events; all of it, and without doubles.
                messages = [item for item in messages if item["turn_id"] != live.turn_id or item["role"] != "assistant"]
            self._screen.show(messages=messages, earlier=max(0, page.total - len(page.items)), error="")
            self._show_session(session)

    def _show_session(self, session: Session) -> None:
        self._session = session
        cost = session.usage.cost
        self._screen.show(
            session_id=session.id,
            title=session.title,
            usage=session.usage.model_dump(mode="json"),
            cost=float(cost) if cost is not None else None,
        )

    def _begin(self, turn: Turn, *, read: bool = True) -> None:
        """Follows a turn from its first event."""
        if self._follows(turn.id):
            return
        if self._follower is not None:
            self._follower.cancel()
        self._live = Live(turn.id, slashed(turn.provider, turn.model))
        self._screen.show(live=self._live.snapshot(), running=True, error="")
        self._follower = asyncio.ensure_future(self._follow(self._live, self._visit))
        if read:
            # The question is stored already.
            self._reload()

    async def _follow(self, live: Live, visit: object) -> None:
        error = ""
        last: int | None = None
        finished = False
        while not finished:
            try:
                client = await self._client()
                async for event in client.turns.stream_turn_events(live.turn_id, after=last):
                    last = event.index
                    live.apply(event)
                    self._flush_soon(live)
                    finished = event.type == "turn_finished"
            except (ConnectionLost, ServerError):
                await asyncio.sleep(AGAIN_SECONDS)
            except AgentError as problem:
                error, finished = problem.message, True
        self._flush_now(live)
        while visit is self._visit:
            try:
                await self._settle(live, visit, error)
                return
            except (ConnectionLost, ServerError):
                await asyncio.sleep(AGAIN_SECONDS)
            except NotFound as problem:
                self._live = None
                self._screen.show(live=None, error=problem.message, running=False)
                return

    async def _settle(self, live: Live, visit: object, error: str) -> None:
        """Shows the turn as it is stored, in place of its events. Waiting for `running` is waiting for all of it."""
        async with self._reading:
            session, page, turns = await self._stored(self._require_session())
            if visit is not self._visit or self._live is not live:
                return
            self._live = None
            self._screen.show(
                messages=plain_messages(reversed(page.items), turns), earlier=max(0, page.total - len(page.items))
            )
            self._show_session(session)
            self._screen.show(error=error, live=None, running=False)

    def _flush_soon(self, live: Live) -> None:
        loop = asyncio.get_running_loop()
        if self._flush is None:
            wait = max(0.0, self._flushed_at + FLUSH_SECONDS - loop.time())
            self._flush = loop.call_later(wait, self._flush_now, live)

    def _flush_now(self, live: Live) -> None:
        if self._flush is not None:
            self._flush.cancel()
            self._flush = None
        if live is not self._live:
            return
        self._flushed_at = asyncio.get_running_loop().time()
        changes = live.take_changes()
        if changes:
            self._screen.post({"type": "delta", "turn_id": live.turn_id, "model": live.model, "changes": changes})
