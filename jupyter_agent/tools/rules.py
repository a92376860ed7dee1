"""The policy as it is kept: the administrator's rules in the configuration, users' modes and rules in the database."""

from __future__ import annotations

import logging
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from pydantic import ValidationError

from jupyter_agent.api.errors import invalid
from jupyter_agent.storage.ids import new_id
from jupyter_agent.storage.search import clean
from jupyter_agent.tools.models import Mode, Policy, PolicyRule, PolicyUpdate
from jupyter_agent.tools.policy import Rules

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.app import Services
    from jupyter_agent.storage.tables import PolicyRuleRow

log = logging.getLogger(__name__)

MOST_RULES = 500
"""Of one user."""


class StoredPolicy:
    def __init__(self, services: Services) -> None:
        self._services = services

    @cached_property
    def admin(self) -> list[PolicyRule]:
        """The administrator's rules. In the place of one that is none stands one that denies everything and says why:
        nothing is allowed by mistake."""
        rules = []
        for index, rule in enumerate(self._services.settings.tools.rules):
            made: dict[str, Any] = {"source": "admin", "id": f"admin-{index}"}
            try:
                rules.append(PolicyRule.model_validate({**rule, **made}))
            except ValidationError as error:
                said = error.errors(include_url=False, include_input=False)[0]
                problem = f"ToolSettings.rules[{index}] is no rule: {'.'.join(map(str, said['loc']))}: {said['msg']}"
                log.error("%s. Every call is denied until it is mended.", problem)
                rules.append(PolicyRule(effect="deny", comment=problem[:500], **made))
        return rules

    async def rules(self, owner: str, session_id: str | None, mode: Mode | None = None) -> Rules:
        """What counts for a call of this owner's; `mode` in place of the session's and the owner's."""
        return await self._services.db.read(lambda orm: self.rules_in(orm, owner, session_id, mode))

    def rules_in(self, orm: Orm, owner: str, session_id: str | None, mode: Mode | None = None) -> Rules:
        from jupyter_agent.storage.tables import SessionRow

        if mode is None and session_id is not None:
            session = orm.get(SessionRow, session_id)
            mode = cast("Mode | None", session.mode) if session is not None else None
        own = [rule for rule in self._own(orm, owner) if rule.session_id in (None, session_id)]
        return Rules(mode or self._mode(orm, owner), self.admin, own)

    def _mode(self, orm: Orm, owner: str) -> Mode:
        from jupyter_agent.storage.tables import PolicyRow

        row = orm.get(PolicyRow, owner)
        return cast("Mode", row.mode if row is not None else self._services.settings.tools.mode)

    @staticmethod
    def _own(orm: Orm, owner: str) -> list[PolicyRule]:
        from sqlalchemy import select

        from jupyter_agent.storage.tables import PolicyRuleRow

        rows = orm.scalars(
            select(PolicyRuleRow).where(PolicyRuleRow.owner == owner).order_by(PolicyRuleRow.position, PolicyRuleRow.id)
        )
        return [_rule(row) for row in rows]

    async def get(self, owner: str) -> Policy:
        """The owner's mode and rules, and the administrator's."""

        def read(orm: Orm) -> Policy:
            return Policy(mode=self._mode(orm, owner), rules=self._own(orm, owner), admin_rules=self.admin)

        return await self._services.db.read(read)

    async def put(self, owner: str, update: PolicyUpdate) -> Policy:
        """Replaces what is given. Raises ApiError 422."""
        for index, rule in enumerate(update.rules or []):
            if rule.source == "admin":
                raise invalid(f"body.rules.{index}.source", "an administrator's rules are in the configuration")

        def write(orm: Orm) -> None:
            from sqlalchemy import delete

            from jupyter_agent.storage.tables import PolicyRow, PolicyRuleRow, SessionRow, utcnow

            if update.mode is not None:
                orm.merge(PolicyRow(owner=owner, mode=update.mode, updated_at=utcnow()))
            if update.rules is None:
                return
            before = {rule.id: rule for rule in self._own(orm, owner)}
            orm.execute(
                delete(PolicyRuleRow).where(PolicyRuleRow.owner == owner),
                execution_options={"synchronize_session": False},
            )
            seen: set[str] = set()
            for position, rule in enumerate(update.rules):
                if rule.session_id is not None:
                    session = None if "\x00" in rule.session_id else orm.get(SessionRow, rule.session_id)
                    if session is None or session.owner != owner:
                        raise invalid(f"body.rules.{position}.session_id", "there is no such session")
                known = before.get(rule.id)
                id = rule.id if known is not None and rule.id is not None and rule.id not in seen else new_id("rule")
                seen.add(id)
                # Whoever calls something an approval's that was none would put it before the user's `ask`.
                source = known.source if known is not None and _same(known, rule) else "user"
                orm.add(_row(owner, rule, id, position, source))
                orm.flush()

        await self._services.db.write(write)
        return await self.get(owner)

    def add_in(self, orm: Orm, owner: str, rule: PolicyRule) -> None:
        """Adds a rule behind the others, where it is not there already."""
        own = self._own(orm, owner)
        if any(_same(one, rule) and one.source == rule.source for one in own):
            return
        if len(own) >= MOST_RULES:
            raise invalid("body.remember", f"there are {MOST_RULES} rules already; take some out first")
        orm.add(_row(owner, rule, new_id("rule"), len(own), rule.source))
        orm.flush()


def _same(one: PolicyRule, other: PolicyRule) -> bool:
    names = ("effect", "tool", "arguments", "path", "capability", "session_id")
    return all(getattr(one, name) == getattr(other, name) for name in names)


def _rule(row: PolicyRuleRow) -> PolicyRule:
    return PolicyRule.model_validate(
        {
            "id": row.id,
            "effect": row.effect,
            "tool": row.tool,
            "arguments": row.arguments,
            "path": row.path,
            "capability": row.capability,
            "session_id": row.session_id,
            "comment": row.comment,
            "source": row.source,
            "created_at": row.created_at,
        }
    )


def _row(owner: str, rule: PolicyRule, id: str, position: int, source: Any) -> PolicyRuleRow:
    from jupyter_agent.storage.tables import PolicyRuleRow, utcnow

    values = clean(rule.model_dump(exclude={"id", "source", "created_at"}))
    return PolicyRuleRow(
        id=id,
        owner=owner,
        position=position,
        source=source,
        created_at=rule.created_at or utcnow(),
        **values,
    )
