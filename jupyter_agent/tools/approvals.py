"""Calls that wait for a person: asked, shown, answered once, by whoever is first, from whichever process."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from jupyter_agent.api.errors import ApiError, conflict, invalid, not_found
from jupyter_agent.storage.ids import new_id
from jupyter_agent.storage.search import clean
from jupyter_agent.tools import policy
from jupyter_agent.tools.models import Approval, ApprovalAnswer, Change
from jupyter_agent.tools.tool import BadArguments

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.app import Services
    from jupyter_agent.storage.tables import ApprovalRow, ToolCallRow
    from jupyter_agent.tools.gate import Decided

INVISIBLE = frozenset("\u115f\u1160\u2800\u3164\uffa0\u034f\u17b4\u17b5")
"""Letters and marks that are drawn as nothing."""


def visible(text: str) -> str:
    """The text with what does not show, or turns the direction of what does, written out: `⟨U+202E⟩`."""
    if text.isascii() and text.isprintable():
        return text

    def shown(character: str) -> str:
        if character in "\n\t":
            return character
        hidden = unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
        return f"⟨U+{ord(character):04X}⟩" if hidden or character in INVISIBLE else character

    # Lines that end as on Windows are lines.
    return "".join(shown(character) for character in text.replace("\r\n", "\n"))


def shown_call(tool: str, arguments: Mapping[str, Any]) -> str:
    """A call as text for people, within a fence that nothing in it can close."""
    lines = [visible(tool)]
    for name, value in arguments.items():
        text = visible(value if isinstance(value, str) else policy.as_json(value))
        lines.append(f"{visible(name)}:\n{_indented(text)}" if "\n" in text else f"{visible(name)}: {text}")
    body = "\n".join(lines)
    fence = "`" * max(3, _longest_run(body) + 1)
    return f"{fence}\n{body}\n{fence}"


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.split("\n"))


def _longest_run(text: str) -> int:
    longest = run = 0
    for character in text:
        run = run + 1 if character == "`" else 0
        longest = max(longest, run)
    return longest


def shown_change(change: Change) -> Change:
    """A planned change as it is shown to people."""
    texts = {name: getattr(change, name) for name in ("path", "title", "before", "after")}
    return change.model_copy(update={name: visible(text) for name, text in texts.items() if text is not None})


def approval_of(row: ApprovalRow, title: str = "") -> Approval:
    """A row as it goes over the wire."""
    return Approval.model_validate(
        {
            "id": row.id,
            "session_id": row.session_id,
            "turn_id": row.turn_id,
            "tool_call_id": row.tool_call_id,
            "tool": row.tool,
            "arguments": row.arguments,
            "shown": row.shown,
            "reason": row.reason,
            "asked_by": row.asked_by,
            "capabilities": row.capabilities,
            "changes": row.changes,
            "status": row.status,
            "remember": row.remember,
            "edited_arguments": row.edited_arguments,
            "message": row.message,
            "stop": row.stop,
            "decided_by": row.decided_by,
            "session_title": title,
            "created_at": row.created_at,
            "decided_at": row.decided_at,
            "expires_at": row.expires_at,
        }
    )


class Approvals:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._waiters: dict[str, asyncio.Future[Approval]] = {}
        services.bus.snapshot("approvals", self._snapshot)

    async def _snapshot(self, owner: str) -> dict[str, Any]:
        return {"items": [one.model_dump(mode="json") for one in await self.listed(owner, status="pending")]}

    # The turn's side

    def make(self, row: ToolCallRow, decided: Decided, changes: Sequence[Change]) -> ApprovalRow:
        """The row of a question that is to be put."""
        from jupyter_agent.storage.tables import ApprovalRow, utcnow

        now = utcnow()
        seconds = self._services.settings.tools.approval_seconds
        shown = [shown_change(change) for change in changes]
        return ApprovalRow(
            id=new_id("appr"),
            owner=row.owner,
            session_id=row.session_id,
            turn_id=row.turn_id,
            call_id=row.id,
            tool_call_id=row.tool_call_id,
            tool=row.name,
            arguments=row.arguments,
            shown=shown_call(row.name, row.arguments),
            reason=decided.answer.reason,
            asked_by=decided.answer.asked_by or "tool",
            capabilities=list(decided.answer.capabilities),
            changes=[clean(change.model_dump(mode="json")) for change in shown],
            status="pending",
            remember="once",
            stop=False,
            created_at=now,
            expires_at=now + timedelta(seconds=seconds) if seconds else None,
        )

    @staticmethod
    def requested_event(row: ApprovalRow) -> dict[str, Any]:
        wire = approval_of(row).model_dump(mode="json")
        names = ("tool_call_id", "shown", "reason", "asked_by", "capabilities", "changes", "expires_at")
        return {
            "approval_id": row.id,
            "name": row.tool,
            "args": row.arguments,
            **{name: wire[name] for name in names},
        }

    @staticmethod
    def decided_event(approval: Approval) -> dict[str, Any]:
        return {
            "approval_id": approval.id,
            "tool_call_id": approval.tool_call_id,
            "status": approval.status,
            "remember": approval.remember,
            "message": approval.message,
            "stop": approval.stop,
            "args": approval.edited_arguments,
            "decided_by": approval.decided_by,
        }

    def expect(self, id: str) -> asyncio.Future[Approval]:
        """What gives the answer once it is there."""
        return self._waiters.setdefault(id, asyncio.get_running_loop().create_future())

    def forget(self, id: str) -> None:
        self._waiters.pop(id, None)

    def _resolve(self, approval: Approval) -> bool:
        """Wakes the call that waits for it here."""
        waiter = self._waiters.get(approval.id)
        if waiter is None or waiter.done():
            return False
        waiter.set_result(approval)
        return True

    async def requested(self, owner: str, id: str) -> None:
        """Tells everybody that there is a question."""
        approval = await self.get(owner, id)
        self._publish(owner, "approval_requested", approval)

    def _publish(self, owner: str, type: str, approval: Approval) -> None:
        self._services.bus.publish("approvals", owner, {"type": type, "approval": approval.model_dump(mode="json")})

    @property
    def waiting(self) -> bool:
        return bool(self._waiters)

    async def poll(self, ids: Iterable[str] | None = None) -> None:
        """Looks for answers that other processes have written."""
        from sqlalchemy import select

        from jupyter_agent.storage.tables import ApprovalRow

        wanted = list(self._waiters if ids is None else ids)
        if not wanted:
            return
        where = (ApprovalRow.id.in_(wanted), ApprovalRow.status != "pending")

        def read(orm: Orm) -> list[tuple[str, Approval]]:
            return [(row.owner, approval_of(row)) for row in orm.scalars(select(ApprovalRow).where(*where))]

        for owner, approval in await self._services.db.read(read):
            if self._resolve(approval):
                self._publish(owner, "approval_decided", approval)

    # The people's side

    async def listed(self, owner: str, *, status: str | None = None, session_id: str | None = None) -> list[Approval]:
        """The owner's approvals, oldest first; the newest 500 of them."""
        from sqlalchemy import select

        from jupyter_agent.storage.tables import ApprovalRow, SessionRow

        where = [ApprovalRow.owner == owner]
        if status is not None:
            where.append(ApprovalRow.status == status)
        if session_id is not None:
            where.append(ApprovalRow.session_id == session_id)

        def read(orm: Orm) -> list[Approval]:
            rows = orm.execute(
                select(ApprovalRow, SessionRow.title, SessionRow.preview)
                .join(SessionRow, SessionRow.id == ApprovalRow.session_id)
                .where(*where)
                .order_by(ApprovalRow.id.desc())
                .limit(500)
            ).all()
            return [approval_of(row, title or preview) for row, title, preview in reversed(rows)]

        return await self._services.db.read(read)

    async def answers(self, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """How these stand, by id: see Approval.answer."""
        from sqlalchemy import select

        from jupyter_agent.storage.tables import ApprovalRow

        if not ids:
            return {}
        rows = select(ApprovalRow).where(ApprovalRow.id.in_(ids))
        return await self._services.db.read(
            lambda orm: {row.id: approval_of(row).answer() for row in orm.scalars(rows)}
        )

    async def get(self, owner: str, id: str) -> Approval:
        """Raises ApiError 404."""

        def read(orm: Orm) -> Approval:
            from jupyter_agent.storage.tables import SessionRow

            row = self._row(orm, owner, id)
            session = orm.get(SessionRow, row.session_id)
            return approval_of(row, (session.title or session.preview) if session is not None else "")

        return await self._services.db.read(read)

    @staticmethod
    def _row(orm: Orm, owner: str, id: str, *, lock: bool = False) -> ApprovalRow:
        from jupyter_agent.storage.tables import ApprovalRow

        row = None if "\x00" in id else orm.get(ApprovalRow, id, with_for_update=lock or None)
        if row is None or row.owner != owner:
            raise not_found("approval", id)
        return row

    async def answer(self, owner: str, by: str, answers: Sequence[ApprovalAnswer]) -> list[Approval]:
        """Answers all of them, or none.

        Raises ApiError: 404; 409 where one has been answered, or its turn has ended; 422 for arguments that do not
        fit, or that the policy denies, and for `remember` where an administrator's rule asks."""
        if len({one.id for one in answers}) < len(answers):
            raise invalid("body.answers", "one approval is there twice")
        checked = [await self._check(owner, one) for one in answers]

        def write(orm: Orm) -> list[Approval]:
            from jupyter_agent.storage.tables import utcnow

            now = utcnow()
            # In one order, so that two who answer the same ones do not wait for each other.
            for index in sorted(range(len(answers)), key=lambda place: answers[place].id):
                one, (edited, rules) = answers[index], checked[index]
                row = self._row(orm, owner, one.id, lock=True)
                if row.status == "pending" and row.expires_at is not None and row.expires_at <= now:
                    raise conflict("It was not answered in time.", approval_id=row.id, status="expired")
                if row.status != "pending":
                    decided = approval_of(row).model_dump(mode="json")
                    raise conflict(
                        f"It has been answered already: {row.status}.",
                        approval_id=row.id,
                        status=row.status,
                        decided_by=row.decided_by,
                        decided_at=decided["decided_at"],
                    )
                row.status = "approved" if one.approve else "denied"
                row.remember = one.remember if one.approve else "once"
                row.edited_arguments = edited
                row.message = clean(one.message) if one.message else None
                row.stop = one.stop
                row.decided_by, row.decided_at = by, now
                for rule in rules:
                    self._services.tools.policy.add_in(orm, owner, rule)
            orm.flush()
            return [approval_of(self._row(orm, owner, one.id)) for one in answers]

        decided = await self._services.db.write(write)
        for approval in decided:
            self._resolve(approval)
            self._publish(owner, "approval_decided", approval)
        await self._services.tools.answered(owner, decided)
        return decided

    async def _check(self, owner: str, answer: ApprovalAnswer) -> tuple[dict[str, Any] | None, list[Any]]:
        """The edited arguments and the rules to remember. Raises ApiError."""
        approval = await self.get(owner, answer.id)
        if answer.approve and answer.stop:
            raise invalid("body.stop", "only a no ends the turn")
        if not answer.approve:
            if answer.arguments is not None or answer.remember != "once":
                raise invalid("body", "a no takes neither arguments nor `remember`")
            return None, []
        edited = clean(answer.arguments) if answer.arguments is not None else None
        arguments = edited if edited is not None else approval.arguments
        if approval.status != "pending" or (edited is None and answer.remember == "once"):
            return edited, []
        services = self._services
        tool, mode, notebook = await services.tools.of_turn(owner, approval.turn_id, approval.tool)
        if tool is None:
            raise conflict(f"The tool {approval.tool} is not there any more.", approval_id=approval.id)
        try:
            decided = await services.tools.gate.decide(
                owner, tool, arguments, session_id=approval.session_id, mode=mode, notebook=notebook
            )
        except BadArguments as error:
            raise invalid("body.arguments", str(error)) from error
        answered = decided.answer
        if answered.decision == "deny":
            raise ApiError(
                422,
                "denied",
                f"The policy denies the call with these arguments: {answered.reason}.",
                details=answered.model_dump(mode="json"),
            )
        if answer.remember == "once":
            return edited, []
        if answered.rule is not None and answered.rule.source == "admin":
            raise invalid("body.remember", "a rule of the administrator's asks each time; it cannot be remembered")
        session_id = approval.session_id if answer.remember == "session" else None
        return edited, policy.remembered(tool, decided.facts, answered.mode, session_id)

    # Time

    async def expire(self) -> int:
        """Denies what nobody answered in time; gives how many."""
        from sqlalchemy import select

        from jupyter_agent.storage.tables import ApprovalRow, utcnow

        now = utcnow()
        late = (ApprovalRow.status == "pending", ApprovalRow.expires_at <= now)
        if not await self._services.db.read(lambda orm: orm.scalar(select(ApprovalRow.id).where(*late).limit(1))):
            return 0

        def write(orm: Orm) -> list[tuple[str, Approval]]:
            rows = list(orm.scalars(select(ApprovalRow).where(*late).order_by(ApprovalRow.id).with_for_update()))
            for row in rows:
                row.status, row.decided_at = "expired", now
            orm.flush()
            return [(row.owner, approval_of(row)) for row in rows]

        expired = await self._services.db.write(write)
        for owner, approval in expired:
            self._resolve(approval)
            self._publish(owner, "approval_decided", approval)
        return len(expired)

    def cancel_in(self, orm: Orm, turn_id: str) -> list[Approval]:
        """Cancels what still waits in a turn that ends."""
        from sqlalchemy import select

        from jupyter_agent.storage.tables import ApprovalRow, utcnow

        rows = list(
            orm.scalars(select(ApprovalRow).where(ApprovalRow.turn_id == turn_id, ApprovalRow.status == "pending"))
        )
        for row in rows:
            row.status, row.decided_at = "cancelled", utcnow()
        return [approval_of(row) for row in rows]

    def cancelled(self, owner: str, approvals: Sequence[Approval]) -> None:
        """Tells of them, once that is written."""
        for approval in approvals:
            self._publish(owner, "approval_decided", approval)
