"""The one way to a tool, for a turn's calls and for direct ones: decide, ask, run, keep what is too long, write down.

What a call did is written in the same transaction as the event that tells of it, so that after a crash both are there
or neither."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from jupyter_agent.api.errors import ApiError
from jupyter_agent.storage.ids import new_id
from jupyter_agent.storage.search import clean, clean_text
from jupyter_agent.tools import policy
from jupyter_agent.tools.models import Approval, Change, Mode, PolicyAnswer, ToolImage
from jupyter_agent.tools.tool import BadArguments, Picture, Tool, ToolContext, ToolError, ToolOutput

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.app import Services
    from jupyter_agent.storage.tables import ToolCallRow

log = logging.getLogger(__name__)

T = TypeVar("T")

PROGRESS_SECONDS = 0.1
PROGRESS_CHARACTERS = 64 * 1024
"""Of one call's progress that are told; its result has the rest."""
KEPT_BYTES = 50 * 1024 * 1024
"""Of a result, whatever its length."""
RESTARTED = "The server was restarted while this ran; it is not known whether it was done. Look before doing it again."


class Telling(Protocol):
    """Where a turn's calls tell what happens."""

    def emit(self, type: str, **data: Any) -> None:
        """Appends an event; stored and published a moment later."""

    async def write(self, type: str | None, data: dict[str, Any], write: Callable[[Orm], T]) -> T:
        """Stores what was told so far, and an event where there is a type, in one transaction with `write`."""

    async def waits(self, approval_id: str, data: dict[str, Any], write: Callable[[Orm], None]) -> None:
        """As `write` for `approval_requested`, with all that the turn needs to go on in another process."""

    def waits_again(self, approval_id: str) -> None:
        """Tells that an answer is waited for to what another process has asked."""

    def answered(self, approval_id: str, *, stop: bool) -> None:
        """Tells that it is there; with `stop` the turn ends before its next step."""


@dataclass(frozen=True)
class Given:
    """What a call gave, as the model gets it."""

    text: str
    status: Literal["done", "error", "denied"]
    images: Sequence[ToolImage] = ()


@dataclass(frozen=True)
class Decided:
    """A call whose arguments fit, and what the policy says to it."""

    tool: Tool
    arguments: dict[str, Any]
    """As `run` takes them."""
    facts: policy.Facts
    answer: PolicyAnswer


@dataclass
class Kept:
    """A result as it is written down."""

    content: str
    is_error: bool = False
    images: list[ToolImage] = field(default_factory=list)
    blob_id: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)

    def event(self) -> dict[str, Any]:
        return {
            "content": self.content,
            "is_error": self.is_error,
            "images": [image.model_dump() for image in self.images],
            "blob_id": self.blob_id,
            "metadata": self.metadata,
        }

    def put(self, row: ToolCallRow, status: str, duration_ms: int | None) -> None:
        from jupyter_agent.storage.tables import utcnow

        row.status, row.content, row.is_error = status, self.content, self.is_error
        row.images = [image.model_dump() for image in self.images]
        row.blob_id, row.meta = self.blob_id, self.metadata
        row.duration_ms, row.finished_at = duration_ms, utcnow()


class Gate:
    """What the calls of turns and direct ones have in common."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._root = os.path.realpath(services.root_dir)

    async def decide(
        self,
        owner: str,
        tool: Tool,
        arguments: Mapping[str, Any],
        *,
        session_id: str | None,
        mode: Mode | None,
        notebook: str | None,
    ) -> Decided:
        """What the policy says. Raises BadArguments."""
        validated = tool.validate(arguments)
        facts = await self.facts(tool, arguments, notebook)
        rules = await self._services.tools.policy.rules(owner, session_id, mode)
        return Decided(tool, validated, facts, policy.evaluate(facts, rules))

    async def facts(self, tool: Tool, arguments: Mapping[str, Any], notebook: str | None) -> policy.Facts:
        named = policy.paths_of(tool, arguments, notebook)
        paths = tuple(await asyncio.to_thread(self._resolved, named)) if named else ()
        if tool.needs is None:
            needed = policy.capabilities_of(tool, arguments, paths)
        else:
            # It may have a long command to read.
            needed = await asyncio.to_thread(policy.capabilities_of, tool, arguments, paths)
        return policy.Facts(tool.name, arguments, needed, paths)

    def _resolved(self, paths: Sequence[str]) -> list[tuple[str, ...]]:
        """Each path as it was named and, where links lead elsewhere, as what it is."""
        found: list[tuple[str, ...]] = []
        for path in paths:
            try:
                real = os.path.realpath(os.path.join(self._root, *path.split("/")))
                leads = policy.tidy(os.path.relpath(real, self._root).replace(os.sep, "/"))
            except ValueError:  # a NUL, or another drive
                leads = ".."
            found.append((path,) if leads == path else (path, leads))
        return found

    async def run(self, decided: Decided, context: ToolContext) -> ToolOutput:
        """Calls the tool. Raises nothing but CancelledError: what goes wrong is its output."""
        try:
            output = await decided.tool.run(context, **decided.arguments)
        except ToolError as error:
            return ToolOutput(error.message, is_error=True, metadata=error.metadata)
        except ApiError as error:
            return ToolOutput(error.message, is_error=True, metadata={"code": error.code})
        except Exception as error:
            log.exception("a tool failed", extra={"tool": decided.tool.name, "turn_id": context.turn_id})
            return ToolOutput(
                f"The tool failed through a fault of its own ({type(error).__name__}); the server's log tells more.",
                is_error=True,
            )
        return ToolOutput(output) if isinstance(output, str) else output

    async def keep(self, owner: str, session_id: str | None, output: ToolOutput) -> Kept:
        """The output as it is written down: what is too long and the pictures as blobs."""
        from pydantic_core import to_jsonable_python

        text = clean_text(output.text)
        blob_id = None
        limit = self._services.settings.tools.result_characters
        if len(text) > limit:
            whole = await asyncio.to_thread(_first_bytes, text)
            blob_id = await self._services.blobs.put(
                owner, session_id, "text/plain; charset=utf-8", whole, "result.txt", limit=KEPT_BYTES
            )
            kept = "" if len(whole) < KEPT_BYTES else f" Only the first {KEPT_BYTES // 1024 // 1024} MB are kept."
            note = (
                f"\n[cut: {limit} of {len(text)} characters are shown.{kept} "
                f'read_result(id="{blob_id}", offset={limit}) reads on.]'
            )
            text = text[:limit] + note
        images = []
        for picture in output.pictures:
            try:
                id = await self._services.blobs.put(owner, session_id, picture.media_type, picture.data)
                images.append(ToolImage(media_type=picture.media_type, blob_id=id))
            except ApiError as error:
                text += f"\n[a picture is left out: {error.message}]"
        metadata = clean(to_jsonable_python(output.metadata, fallback=str))
        return Kept(text, output.is_error, images, blob_id, metadata)


def _first_bytes(text: str) -> bytes:
    return text.encode()[:KEPT_BYTES]


class Progress:
    """Joins what a tool tells of its progress, and stops telling where it is too much."""

    def __init__(self, tell: Telling, tool_call_id: str) -> None:
        self._tell = tell
        self._id = tool_call_id
        self._texts: list[str] = []
        self._fraction: float | None = None
        self._left = PROGRESS_CHARACTERS
        self._timer: asyncio.TimerHandle | None = None

    def __call__(self, delta: str | None = None, fraction: float | None = None) -> None:
        if delta and self._left > 0:
            self._texts.append(delta[: self._left])
            self._left -= len(delta)
        if fraction is not None:
            self._fraction = min(1.0, max(0.0, fraction))
        if self._timer is None and (self._texts or self._fraction is not None):
            self._timer = asyncio.get_running_loop().call_later(PROGRESS_SECONDS, self.flush)

    def flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        data: dict[str, Any] = {}
        if self._texts:
            data["delta"] = "".join(self._texts)
            self._texts = []
        if self._fraction is not None:
            data["fraction"] = self._fraction
            self._fraction = None
        if data:
            self._tell.emit("tool_progress", tool_call_id=self._id, **data)


def call_row(
    owner: str,
    session_id: str,
    turn_id: str,
    step: int,
    tool_call_id: str,
    *,
    name: str,
    arguments: dict[str, Any],
) -> ToolCallRow:
    """A turn's call of which nothing is known yet but what it asks for."""
    from jupyter_agent.storage.tables import ToolCallRow, utcnow

    return ToolCallRow(
        id=new_id("call"),
        owner=owner,
        session_id=session_id,
        turn_id=turn_id,
        step=step,
        tool_call_id=clean_text(tool_call_id)[:255],
        name=name,
        arguments=arguments,
        status="waiting",
        decision="allow",
        audit=False,
        reason="",
        content="",
        is_error=False,
        images=[],
        meta={},
        created_at=utcnow(),
    )


class TurnCalls:
    """The calls of one turn, step by step."""

    def __init__(
        self,
        services: Services,
        telling: Telling,
        *,
        owner: str,
        session_id: str,
        turn_id: str,
        mode: Mode | None,
        notebook: str | None,
        tools: Mapping[str, Tool],
    ) -> None:
        self._services = services
        self._gate = services.tools.gate
        self._telling = telling
        self._owner = owner
        self._session_id = session_id
        self._turn_id = turn_id
        self._mode = mode
        self._notebook = notebook
        self.tools = tools
        self._step = -1
        self._order: list[str] = []
        self._asked: dict[str, asyncio.Event] = {}
        """Set where a call needs no question, or has put it, or cannot put it yet."""
        self._ended: dict[str, asyncio.Event] = {}
        self._changing: set[str] = set()
        self._recorded: dict[str, ToolCallRow] = {}

    async def load(self, step: int) -> None:
        """What another process has written of this step's calls."""
        from sqlalchemy import select

        from jupyter_agent.storage.tables import ToolCallRow

        where = (ToolCallRow.turn_id == self._turn_id, ToolCallRow.step == step)
        rows = await self._services.db.read(lambda orm: list(orm.scalars(select(ToolCallRow).where(*where))))
        self._recorded = {row.tool_call_id: row for row in rows}

    def _begin(self, step: int, calls: Sequence[tuple[str, str]]) -> None:
        """Learns the order of a step's calls, as ids and names."""
        if step == self._step:
            return
        if self._step >= 0:
            self._recorded = {}
        self._step = step
        self._order = [id for id, name in calls if name in self.tools]
        self._asked = {id: asyncio.Event() for id in self._order}
        self._ended = {id: asyncio.Event() for id in self._order}
        self._changing = {id for id, name in calls if name in self.tools and self.tools[name].changes}

    async def call(
        self, step: int, calls: Sequence[tuple[str, str]], tool_call_id: str, name: str, arguments: dict[str, Any] | str
    ) -> Given:
        """One call of a step, of which `calls` are all; text in place of arguments is what could not be read as any."""
        self._begin(step, calls)
        try:
            return await self._call(tool_call_id, self.tools[name], arguments)
        finally:
            self._asked[tool_call_id].set()
            self._ended[tool_call_id].set()

    async def _call(self, tool_call_id: str, tool: Tool, given: dict[str, Any] | str) -> Given:
        recorded = self._recorded.get(tool_call_id)
        if recorded is not None and recorded.status in ("done", "error", "denied"):
            return Given(
                recorded.content, _status(recorded.status), [ToolImage.model_validate(one) for one in recorded.images]
            )
        if recorded is not None and recorded.status == "running" and tool.changes:
            said = None
            if recorded.approval_id is not None:
                said = await self._services.tools.approvals.get(self._owner, recorded.approval_id)
            return await self._end(recorded, Kept(RESTARTED, is_error=True), "error", None, said)
        arguments: dict[str, Any] = clean(given) if isinstance(given, dict) else {}
        if recorded is not None:
            arguments = recorded.arguments
        row = recorded if recorded is not None else self._row(tool_call_id, tool.name, arguments)
        try:
            if not isinstance(given, dict):
                raise BadArguments(given)
            decided = await self._decide(tool, arguments)
        except BadArguments as error:
            row.decision, row.reason = "deny", "the arguments do not fit"
            return await self._end(row, Kept(f"The arguments do not fit: {error}", is_error=True), "error", None)
        approval: Approval | None = None
        if recorded is not None and recorded.approval_id is not None:
            approval = await self._answered(tool_call_id, recorded.approval_id)
        else:
            self._note(row, decided.answer)
            if decided.answer.decision == "ask":
                try:
                    changes = await self._preview(decided, tool_call_id)
                except ToolError as error:
                    kept = Kept(clean_text(error.message), is_error=True, metadata=clean(error.metadata))
                    return await self._end(row, kept, "error", None)
                approval = await self._ask(tool_call_id, row, decided, changes)
        if approval is not None:
            row.approved_by = approval.decided_by
            if approval.status != "approved":
                kept = Kept(_refusal(approval), is_error=True, metadata={"denied": approval.status})
                return await self._end(row, kept, "denied", None, approval)
            if approval.edited_arguments is not None:
                arguments = row.arguments = approval.edited_arguments
            # What a rule that came meanwhile denies stays denied.
            decided = await self._decide(tool, arguments)
        if decided.answer.decision == "deny":
            self._note(row, decided.answer)
            text = f"Denied: {decided.answer.reason}. Do not try to get around it."
            kept = Kept(text, is_error=True, metadata={"denied": "policy"})
            return await self._end(row, kept, "denied", None, approval)
        self._asked[tool_call_id].set()
        await self._my_turn(tool_call_id, changes=tool.changes)
        return await self._run(row, decided, approval)

    def _row(self, tool_call_id: str, name: str, arguments: dict[str, Any]) -> ToolCallRow:
        return call_row(
            self._owner, self._session_id, self._turn_id, self._step, tool_call_id, name=name, arguments=arguments
        )

    @staticmethod
    def _note(row: ToolCallRow, answer: PolicyAnswer) -> None:
        row.decision, row.audit, row.reason = answer.decision, answer.audit, answer.reason
        row.rule = answer.rule.model_dump(mode="json") if answer.rule is not None else None

    async def _decide(self, tool: Tool, arguments: dict[str, Any]) -> Decided:
        return await self._gate.decide(
            self._owner, tool, arguments, session_id=self._session_id, mode=self._mode, notebook=self._notebook
        )

    def _context(self, tool_call_id: str, progress: Any) -> ToolContext:
        return ToolContext(
            services=self._services,
            owner=self._owner,
            tool_call_id=tool_call_id,
            session_id=self._session_id,
            turn_id=self._turn_id,
            notebook=self._notebook,
            progress=progress,
            emit=self._telling.emit,
        )

    # Asking

    async def _preview(self, decided: Decided, tool_call_id: str) -> list[Change]:
        """What the call would change. Raises ToolError where it cannot work."""
        preview = decided.tool.preview
        if preview is None:
            return []

        async def look() -> list[Change]:
            context = self._context(tool_call_id, lambda delta=None, fraction=None: None)
            try:
                return await preview(context, **decided.arguments)
            except ApiError as error:
                raise ToolError(error.message) from error
            except ToolError:
                raise
            except Exception as error:
                log.exception("a tool's preview failed", extra={"tool": decided.tool.name, "turn_id": self._turn_id})
                raise ToolError(
                    f"What it would change could not be found out ({type(error).__name__}); nobody was asked."
                ) from error

        try:
            return await look()
        except ToolError:
            if not self._before(tool_call_id, changing=True):
                raise
        # It may build on what a call before it in the same step is still to do.
        self._asked[tool_call_id].set()
        await self._my_turn(tool_call_id, changes=True)
        return await look()

    async def _ask(self, tool_call_id: str, row: ToolCallRow, decided: Decided, changes: list[Change]) -> Approval:
        # Questions come in the order of the calls, however long it took to find out what each would change.
        for id in self._order[: self._order.index(tool_call_id)]:
            await self._asked[id].wait()
        approvals = self._services.tools.approvals
        asked = approvals.make(row, decided, changes)
        waiter = approvals.expect(asked.id)
        row.approval_id, row.status = asked.id, "waiting"

        def write(orm: Orm) -> None:
            orm.add(row)
            orm.flush()
            orm.add(asked)

        try:
            await self._telling.waits(asked.id, approvals.requested_event(asked), write)
            self._asked[tool_call_id].set()
            await approvals.requested(self._owner, asked.id)
            return await self._wait(asked.id, waiter)
        finally:
            approvals.forget(asked.id)

    async def _answered(self, tool_call_id: str, approval_id: str) -> Approval:
        """The answer to an approval that was asked for by another process."""
        approvals = self._services.tools.approvals
        waiter = approvals.expect(approval_id)
        self._telling.waits_again(approval_id)
        self._asked[tool_call_id].set()
        try:
            await approvals.poll([approval_id])
            return await self._wait(approval_id, waiter)
        finally:
            approvals.forget(approval_id)

    async def _wait(self, approval_id: str, waiter: asyncio.Future[Approval]) -> Approval:
        approval = await waiter
        self._telling.answered(approval_id, stop=approval.stop)
        self._telling.emit("approval_decided", **self._services.tools.approvals.decided_event(approval))
        return approval

    # Running

    def _before(self, tool_call_id: str, *, changing: bool) -> list[asyncio.Event]:
        """The calls before this one that have not ended: all, or those that change something."""
        earlier = self._order[: self._order.index(tool_call_id)]
        wanted = (id for id in earlier if not changing or id in self._changing)
        return [self._ended[id] for id in wanted if not self._ended[id].is_set()]

    async def _my_turn(self, tool_call_id: str, *, changes: bool) -> None:
        """Waits for what has to be done before: reading waits for changes, a change for everything."""
        for event in self._before(tool_call_id, changing=not changes):
            await event.wait()

    async def _run(self, row: ToolCallRow, decided: Decided, approval: Approval | None) -> Given:
        from jupyter_agent.storage.tables import utcnow

        row.status, row.started_at = "running", utcnow()
        if decided.tool.changes:
            # Looking can be done once more after a crash: there is nothing to know of it before it has a result.
            await self._write(row, None, {})
        progress = Progress(self._telling, row.tool_call_id)
        started = time.monotonic()
        output = await self._gate.run(decided, self._context(row.tool_call_id, progress))
        progress.flush()
        duration = int((time.monotonic() - started) * 1000)
        kept = await self._gate.keep(self._owner, self._session_id, output)
        return await self._end(row, kept, "error" if kept.is_error else "done", duration, approval)

    async def _end(
        self, row: ToolCallRow, kept: Kept, status: str, duration_ms: int | None, approval: Approval | None = None
    ) -> Given:
        if approval is not None:
            kept.metadata["approval"] = approval.answer()
        kept.put(row, status, duration_ms)
        event = {"tool_call_id": row.tool_call_id, "name": row.name, **kept.event(), "duration_ms": duration_ms or 0}
        await self._write(row, "tool_result", event)
        return Given(kept.content, _status(status), kept.images)

    async def _write(self, row: ToolCallRow, event: str | None, data: dict[str, Any]) -> None:
        from sqlalchemy import inspect

        def write(orm: Orm) -> None:
            if inspect(row).key is None:  # not written yet: no need to look for it
                orm.add(row)
            else:
                orm.merge(row)

        await self._telling.write(event, data, write)


def _status(status: str) -> Literal["done", "error", "denied"]:
    return "denied" if status == "denied" else "error" if status == "error" else "done"


def _refusal(approval: Approval) -> str:
    """What the model reads of a no."""
    if approval.status == "expired":
        return "Denied: nobody answered in time. Go on without it, or end and say what is needed."
    said = f" They say: {approval.message}" if approval.message else ""
    return f"Denied by the user.{said} Do not try to get around it."


def load_pictures(found: Sequence[tuple[str, bytes]]) -> list[Picture]:
    """Pictures as models take them: at most 1024 pixels a side. Takes time: call it in a thread."""
    return [smaller(Picture(media_type, data)) for media_type, data in found]


LONGEST_SIDE = 1024
MOST_PIXELS = 50_000_000


def smaller(picture: Picture) -> Picture:
    """The picture with at most 1024 pixels a side; as it is where it is small, or nothing that can be read."""
    import io

    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(picture.data)) as image:
            if max(image.size) <= LONGEST_SIDE or image.width * image.height > MOST_PIXELS:
                return picture
            image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            made = io.BytesIO()
            plain = image if image.mode in ("RGB", "RGBA", "L", "LA", "P") else image.convert("RGB")
            plain.save(made, "PNG")
            return Picture("image/png", made.getvalue())
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return picture
