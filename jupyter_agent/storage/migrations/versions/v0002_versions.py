"""Versions of a conversation: which sessions belong together, which message is a copy or another version of which."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Columns are added in place: a new table for SQLite would take the messages with the old one, by the foreign keys.
    op.add_column("sessions", sa.Column("conversation_id", sa.String(length=64), nullable=False, server_default=""))
    op.execute("UPDATE sessions SET conversation_id = id")
    op.create_index("ix_sessions_owner_conversation", "sessions", ["owner", "conversation_id"], unique=False)
    op.add_column("messages", sa.Column("origin_id", sa.String(length=64), nullable=True))
    op.add_column("messages", sa.Column("version_of", sa.String(length=64), nullable=True))
    op.create_index("ix_messages_version_of", "messages", ["version_of"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_messages_version_of", "messages")
    op.drop_column("messages", "version_of")
    op.drop_column("messages", "origin_id")
    op.drop_index("ix_sessions_owner_conversation", "sessions")
    op.drop_column("sessions", "conversation_id")
