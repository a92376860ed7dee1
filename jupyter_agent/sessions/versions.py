"""Versions of a conversation: what a message was sent again in, and what came of it.

A message that was written is its own origin; a copy names its origin, through however many branches. Another version of
a message names the first version's origin, and so does every copy: one column says what belongs together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from jupyter_agent.sessions.models import MessageVersion

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.storage.tables import MessageRow, SessionRow


def group_of(row: MessageRow) -> str:
    """What a message and its other versions have in common."""
    return row.version_of or row.id


def origin_of(row: MessageRow) -> str:
    """What a message and its copies have in common."""
    return row.origin_id or row.id


def versions_of(
    orm: Orm, session: SessionRow, messages: Sequence[MessageRow]
) -> dict[str, tuple[list[MessageVersion], int]]:
    """The versions of the user's messages among these, which are all of this session, and the place of each among its
    own; by message id, only of those that have another version. One query for all.

    A version stands in the session that it was written in. Where that one is gone, or belongs to a conversation that
    this one branched from, the oldest copy stands for it."""
    from sqlalchemy import or_, select

    from jupyter_agent.storage.tables import MessageRow, SessionRow

    asked = [message for message in messages if message.role == "user"]
    if not asked:
        return {}
    groups = {group_of(message) for message in asked}
    rows = orm.execute(
        select(MessageRow.id, MessageRow.session_id, MessageRow.origin_id, MessageRow.version_of, MessageRow.created_at)
        .join(SessionRow, SessionRow.id == MessageRow.session_id)
        .where(
            or_(MessageRow.id.in_(groups), MessageRow.version_of.in_(groups)),
            MessageRow.role == "user",
            SessionRow.owner == session.owner,
            SessionRow.conversation_id == session.conversation_id,
            or_(SessionRow.terminated_at.is_(None), SessionRow.id == session.id),
        )
        .order_by(MessageRow.created_at, MessageRow.id)
    )
    found: dict[str, dict[str, MessageVersion]] = {}
    for row in rows:
        versions = found.setdefault(row.version_of or row.id, {})
        origin = row.origin_id or row.id
        if origin not in versions or origin == row.id:
            versions[origin] = MessageVersion(message_id=row.id, session_id=row.session_id, created_at=row.created_at)
    answer = {}
    for message in asked:
        versions = found.get(group_of(message), {})
        if len(versions) > 1:
            answer[message.id] = (list(versions.values()), list(versions).index(origin_of(message)))
    return answer


def version_counts(orm: Orm, owner: str, conversation_ids: Sequence[str]) -> dict[str, int]:
    """How many sessions of each conversation are not terminated; a conversation without one is left out."""
    from sqlalchemy import func, select

    from jupyter_agent.storage.tables import SessionRow

    rows = orm.execute(
        select(SessionRow.conversation_id, func.count())
        .where(
            SessionRow.owner == owner,
            SessionRow.conversation_id.in_(set(conversation_ids)),
            SessionRow.terminated_at.is_(None),
        )
        .group_by(SessionRow.conversation_id)
    )
    return {row[0]: row[1] for row in rows}


def branches_among(orm: Orm, owner: str, conversation_ids: Sequence[str]) -> set[str]:
    """Which of these conversations are branches of others: the first session says so for all versions."""
    from sqlalchemy import select

    from jupyter_agent.storage.tables import SessionRow

    return set(
        orm.scalars(
            select(SessionRow.id).where(
                SessionRow.owner == owner,
                SessionRow.id.in_(set(conversation_ids)),
                SessionRow.parent_id.is_not(None),
            )
        )
    )


def versions_in(orm: Orm, row: SessionRow, *, terminated: bool = False) -> list[SessionRow]:
    """The sessions of a conversation, locked, the oldest first; terminated ones only where they are asked for."""
    from sqlalchemy import select

    from jupyter_agent.storage.tables import SessionRow

    # Always locked in the same order, so that two who do it never wait for each other.
    statement = (
        select(SessionRow)
        .where(SessionRow.owner == row.owner, SessionRow.conversation_id == row.conversation_id)
        .order_by(SessionRow.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if not terminated:
        statement = statement.where(SessionRow.terminated_at.is_(None))
    return list(orm.scalars(statement))
