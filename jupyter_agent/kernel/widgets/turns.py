"""`TurnInspector` and `TraceView`: a turn in a cell's output, also while it runs."""

# ipywidgets' functions have no types.
# mypy: disallow-untyped-calls=False, disallow-untyped-decorators=False

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import traitlets

from jupyter_agent.kernel import readable
from jupyter_agent.kernel.errors import AgentError, ConnectionLost, ServerError
from jupyter_agent.kernel.inspection import Looked, look_async, turn_id_of
from jupyter_agent.kernel.widgets.link import Link
from jupyter_agent.kernel.widgets.loop import background_loop, submit
from jupyter_agent.kernel.widgets.observed import AGAIN_SECONDS, STATIC, ObservedWidget, Watch
from jupyter_agent.kernel.widgets.wire import text_field
from jupyter_agent.observatory.models import Trace

QUIET = frozenset({"content", "thinking", "tool_progress"})
"""Events after which nothing new is recorded."""


class TurnWatch(Watch):
    """Follows one turn: each of its events, but words, is another look."""

    screen: TurnInspector | TraceView

    def __init__(self, link: Link, screen: TurnInspector | TraceView) -> None:
        super().__init__(link, screen)
        self.turn_id = ""
        self._follower: asyncio.Task[Any] | None = None

    def open(self, turn_id: str) -> None:
        """Shows another turn."""
        self.turn_id = turn_id
        self.ready.clear()
        if self._follower is not None:
            self._follower.cancel()
            self._follower = None
        self._look_now()

    async def read(self) -> None:
        turn_id = self.turn_id
        if not turn_id:
            return
        client = await self.link.client()
        running = await self.screen.read_turn(client, turn_id)
        if running and turn_id == self.turn_id and (self._follower is None or self._follower.done()):
            self._follower = self.background(self._follow(turn_id))

    async def _follow(self, turn_id: str) -> None:
        last: int | None = None
        while turn_id == self.turn_id:
            try:
                client = await self.link.client()
                async for event in client.turns.stream_turn_events(turn_id, after=last):
                    last = event.index
                    if event.type not in QUIET:
                        self.look_soon()
                    if event.type == "turn_finished":
                        return
                return
            except (ConnectionLost, ServerError):
                await asyncio.sleep(AGAIN_SECONDS)
            except AgentError as error:
                self.screen.show(error=error.message)
                return

    def topic_event(self, topic: str, event: dict[str, Any]) -> None:
        # Also a grade that was given elsewhere.
        about = event.get("turn_id") or event.get("turn", {}).get("id")
        if about and about == self.turn_id:
            self.look_soon()


class _OfTurn(ObservedWidget):
    _watch: TurnWatch
    _esm = STATIC / "turns.js"

    turn_id = traitlets.Unicode("", help="The turn; set it to look at another one.").tag(sync=True)
    running = traitlets.Bool(False, help="Whether it goes on.").tag(sync=True)
    trace = traitlets.Dict(help="What happened when, as the API has it.").tag(sync=True)

    async def _make_watch(self) -> TurnWatch:
        return TurnWatch(self._link, self)

    def __init__(self, turn: Any = None, **options: Any) -> None:
        turn_id = turn_id_of(turn) if turn is not None else ""
        super().__init__(**options)
        self.turn_id = turn_id

    def look_at(self, turn: Any) -> None:
        """Shows another turn: an answer, a Turn, its id, or a stream."""
        self.turn_id = turn_id_of(turn)

    @traitlets.observe("turn_id")
    def _turn_id_changed(self, change: Any) -> None:
        if not self._closed:
            background_loop().call_soon_threadsafe(self._watch.open, change["new"])

    def _command(self, message: dict[str, Any]) -> Coroutine[Any, Any, str]:
        if message.get("type") == "refresh":
            return self._refresh_from_view()
        raise ValueError(f"no command is called {message.get('type')!r}")


class TurnInspector(_OfTurn):
    """A turn on one page: what the model saw by parts, why it was asked, what happened when, tips, and a grade.

        inspector = TurnInspector(answer)
        inspector                          # a click on a part shows what was sent
        inspector.look_at(other)           # another turn

    `turn`: an answer, a Turn, its id, or a stream that still runs: then it follows. `base_url`, `token` and `verify`
    are found as `Client` finds them. What was sent is read when it is asked for, and never kept in the notebook."""

    turn = traitlets.Dict(help="The turn, as the API has it.").tag(sync=True)
    context: traitlets.List[dict[str, Any]] = traitlets.List(
        help="What the model saw, one snapshot a request, without what was sent."
    ).tag(sync=True)
    tips: traitlets.List[dict[str, Any]] = traitlets.List(help="What the rules say.").tag(sync=True)
    selection: traitlets.List[dict[str, Any]] = traitlets.List(help="Why this model was asked.").tag(sync=True)
    grade = traitlets.Int(0, help="1 to 5; 0 where it has none.").tag(sync=True)

    _comment = traitlets.Unicode("").tag(sync=True)

    def __init__(self, turn: Any = None, **options: Any) -> None:
        self._looked: Looked | None = None
        super().__init__(turn, _view_kind="inspector", **options)

    def feedback(self, grade: int, comment: str = "") -> None:
        """Grades the turn, 1 (useless) to 5 (just right). Raises AgentError."""
        self._require_open()
        self._wait(submit(self._give(grade, comment)))

    async def read_turn(self, client: Any, turn_id: str) -> bool:
        """Reads and shows it; whether it runs. In the background loop. Raises AgentError."""
        looked = await look_async(client, turn_id)
        if turn_id == self.turn_id:
            bundle = looked.bundle()
            self._looked = looked
            self.show(
                turn=bundle["turn"],
                context=bundle["context"],
                tips=bundle["tips"],
                selection=bundle["selections"],
                trace=bundle["trace"],
                grade=looked.given.grade if looked.given is not None else 0,
                _comment=looked.given.comment if looked.given is not None else "",
                running=looked.turn.status != "finished",
            )
            self.refresh_saved()
        return looked.turn.status != "finished"

    def _command(self, message: dict[str, Any]) -> Coroutine[Any, Any, str]:
        kind = message.get("type")
        if kind == "contents":
            return self._contents(text_field(message, "request_id", longest=200))
        if kind == "grade":
            grade = message.get("grade")
            if not isinstance(grade, int) or not 1 <= grade <= 5:
                raise ValueError("grade: 1 to 5")
            return self._give(grade, text_field(message, "comment", longest=5000))
        return super()._command(message)

    async def _contents(self, request_id: str) -> str:
        client = await self._link.client()
        snapshot = await client.observatory.context_snapshot(self.turn_id, request_id)
        items = [item.model_dump(mode="json") for item in snapshot.items]
        self.post({"type": "contents", "request_id": request_id, "items": items})
        return ""

    async def _give(self, grade: int, comment: str) -> str:
        client = await self._link.client()
        await client.observatory.give_feedback(self.turn_id, grade=grade, comment=comment, source="notebook")
        await self._watch.read_in_turn()
        return f"Graded {grade} of 5."

    def _texts(self) -> tuple[str, str]:
        if self._looked is None:
            said = self._problem() or ("Loading ..." if self.turn_id else "No turn was chosen.")
            return said, readable.note_html("Turn", said)
        return self._looked.text(), self._looked.html()

    def __repr__(self) -> str:
        return f"TurnInspector({self.turn_id!r}, running={self.running})"


class TraceView(_OfTurn):
    """What happened when in a turn: requests, tools, approvals and waits, to scale; live while it runs.

        TraceView(client.stream("..."))

    Takes what `TurnInspector` takes."""

    def __init__(self, turn: Any = None, **options: Any) -> None:
        self._trace: Trace | None = None
        super().__init__(turn, _view_kind="trace", **options)

    async def read_turn(self, client: Any, turn_id: str) -> bool:
        """As `TurnInspector.read_turn`."""
        trace = await client.observatory.turn_trace(turn_id)
        running = trace.stop_reason is None
        if turn_id == self.turn_id:
            self._trace = trace
            self.show(trace=trace.model_dump(mode="json"), running=running)
            self.refresh_saved()
        return running

    def _texts(self) -> tuple[str, str]:
        if self._trace is None:
            said = self._problem() or ("Loading ..." if self.turn_id else "No turn was chosen.")
            return said, readable.note_html("Trace", said)
        return readable.trace_text(self._trace), readable.trace_html(self._trace)

    def __repr__(self) -> str:
        return f"TraceView({self.turn_id!r}, running={self.running})"
