"""The observatory: what models were sent and why they were chosen, feedback, analyses, budgets, sums of the ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

COUNTS = (
    "requests, errors, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cache_hits, counted, cost, "
    "saved, unpriced, duration_ms, first_token_ms, first_tokens"
)
KEYS = {
    "owner": sa.String(length=255),
    "provider": sa.String(length=128),
    "model": sa.String(length=256),
    "purpose": sa.String(length=32),
    "session_id": sa.String(length=64),
}
SUMS = {
    "usage_buckets": ("owner", "bucket", "provider", "model", "purpose", "session_id"),
    "usage_quarters": ("owner", "bucket", "provider", "model", "purpose"),
    "usage_hours": ("owner", "hour", "provider", "model", "purpose"),
    "usage_days": ("owner", "session_id", "day", "provider", "model", "purpose"),
}


def upgrade() -> None:
    op.create_table(
        "budgets",
        sa.Column("owner", sa.String(length=255), nullable=False),
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("session_id", sa.String(length=64), nullable=False),
        sa.Column("soft", sa.Numeric(precision=24, scale=0), nullable=True),
        sa.Column("hard", sa.Numeric(precision=24, scale=0), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("owner", "scope", "session_id"),
    )
    for table, keys in SUMS.items():
        op.create_table(
            table,
            *(sa.Column(name, KEYS.get(name) or sa.BigInteger(), nullable=False) for name in keys),
            *(
                sa.Column(name, sa.Numeric(24, 0) if name in ("cost", "saved") else sa.BigInteger(), nullable=False)
                for name in COUNTS.split(", ")
            ),
            sa.PrimaryKeyConstraint(*keys),
            sqlite_with_rowid=False,
        )
    op.create_index("ix_usage_days_cost", "usage_days", ["owner", "day", "session_id", "cost"], unique=False)
    op.create_index("ix_usage_buckets_session", "usage_buckets", ["owner", "session_id", "bucket"], unique=False)
    op.create_table(
        "context_contents",
        sa.Column("session_id", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("session_id", "sha256"),
    )
    op.create_table(
        "analyses",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("owner", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("session_id", sa.String(length=64), nullable=True),
        sa.Column("turn_id", sa.String(length=64), nullable=True),
        sa.Column("period", sa.String(length=16), nullable=True),
        sa.Column("tips", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("provider", sa.String(length=128), nullable=False),
        sa.Column("model", sa.String(length=256), nullable=False),
        sa.Column("usage", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["turn_id"], ["turns.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_analyses_owner_kind", "analyses", ["owner", "kind"], unique=False)
    op.create_index("ix_analyses_session_id", "analyses", ["session_id"], unique=False)
    op.create_index("ix_analyses_turn_id", "analyses", ["turn_id"], unique=False)
    op.create_table(
        "context_snapshots",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("owner", sa.String(length=255), nullable=False),
        sa.Column("session_id", sa.String(length=64), nullable=False),
        sa.Column("turn_id", sa.String(length=64), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("provider", sa.String(length=128), nullable=False),
        sa.Column("model", sa.String(length=256), nullable=False),
        sa.Column("complexity", sa.String(length=4), nullable=False),
        sa.Column("budget", sa.Integer(), nullable=True),
        sa.Column("context_window", sa.Integer(), nullable=True),
        sa.Column("tokens", sa.JSON(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("tokenizer", sa.String(length=64), nullable=False),
        sa.Column("history_depth", sa.Integer(), nullable=False),
        sa.Column("history_total", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.JSON(), nullable=False),
        sa.Column("retrieved", sa.JSON(), nullable=False),
        sa.Column("compaction", sa.JSON(), nullable=True),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["turn_id"], ["turns.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_context_snapshots_owner_created", "context_snapshots", ["owner", "created_at"], unique=False)
    op.create_index("ix_context_snapshots_session_id", "context_snapshots", ["session_id"], unique=False)
    op.create_index("ix_context_snapshots_turn_id", "context_snapshots", ["turn_id"], unique=False)
    op.create_table(
        "feedback",
        sa.Column("turn_id", sa.String(length=64), nullable=False),
        sa.Column("owner", sa.String(length=255), nullable=False),
        sa.Column("session_id", sa.String(length=64), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["turn_id"], ["turns.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("turn_id"),
    )
    op.create_index("ix_feedback_owner", "feedback", ["owner"], unique=False)
    op.create_index("ix_feedback_session_id", "feedback", ["session_id"], unique=False)
    op.create_table(
        "model_selections",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("owner", sa.String(length=255), nullable=False),
        sa.Column("session_id", sa.String(length=64), nullable=True),
        sa.Column("turn_id", sa.String(length=64), nullable=True),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("provider", sa.String(length=128), nullable=False),
        sa.Column("model", sa.String(length=256), nullable=False),
        sa.Column("strategy", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("complexity", sa.String(length=4), nullable=True),
        sa.Column("primary_model", sa.JSON(), nullable=True),
        sa.Column("override", sa.JSON(), nullable=True),
        sa.Column("fallback_from", sa.JSON(), nullable=True),
        sa.Column("candidates", sa.JSON(), nullable=False),
        sa.Column("excerpt", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["turn_id"], ["turns.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_model_selections_owner_created", "model_selections", ["owner", "created_at"], unique=False)
    op.create_index("ix_model_selections_session_id", "model_selections", ["session_id"], unique=False)
    op.create_index("ix_model_selections_turn_id", "model_selections", ["turn_id"], unique=False)
    op.add_column("model_requests", sa.Column("step", sa.Integer(), nullable=True))
    op.add_column("model_requests", sa.Column("saved", sa.Numeric(precision=24, scale=0), nullable=True))
    op.add_column(
        "approvals", sa.Column("asked_by", sa.String(length=16), nullable=False, server_default=sa.text("'mode'"))
    )
    op.execute("UPDATE approvals SET asked_by = 'rule' WHERE reason NOT LIKE 'the mode %'")
    op.create_index("ix_turns_owner_created", "turns", ["owner", "created_at"], unique=False)
    op.drop_index("ix_model_requests_owner_created", table_name="model_requests")
    op.create_index("ix_model_requests_owner_created", "model_requests", ["owner", "created_at", "id"], unique=False)
    for statement in sums(op.get_bind().dialect.name):
        op.execute(statement)


def sums(dialect: str) -> list[str]:
    """SQL that sums up a ledger that has no sums yet."""
    if dialect == "postgresql":
        bucket = "CAST(floor(extract(epoch from created_at) / 900) AS BIGINT)"
    else:
        # Without its fraction, which SQLite rounds up to the next second.
        bucket = "CAST(strftime('%s', substr(created_at, 1, 19)) AS INTEGER) / 900"
    statements = [
        f"INSERT INTO usage_buckets (owner, bucket, provider, model, purpose, session_id, {COUNTS}) "
        f"SELECT owner, {bucket} AS quarter, provider, model, purpose, coalesce(session_id, '') AS session, count(*), "
        "sum(CASE WHEN error_code IS NULL THEN 0 ELSE 1 END), sum(input_tokens), sum(output_tokens), "
        "sum(cache_read_tokens), sum(cache_write_tokens), sum(CASE WHEN cache_read_tokens > 0 THEN 1 ELSE 0 END), "
        "sum(CASE WHEN input_tokens > 0 OR output_tokens > 0 THEN 1 ELSE 0 END), "
        "coalesce(sum(cost), 0), coalesce(sum(saved), 0), "
        "sum(CASE WHEN cost IS NULL AND (input_tokens > 0 OR output_tokens > 0) THEN 1 ELSE 0 END), "
        "coalesce(sum(duration_ms), 0), coalesce(sum(first_token_ms), 0), count(first_token_ms) "
        "FROM model_requests GROUP BY owner, quarter, provider, model, purpose, session"
    ]
    added = ", ".join(f"sum({name})" for name in COUNTS.split(", "))
    spans = {"hour": "bucket / 4", "day": "bucket / 96"}
    for table, keys in list(SUMS.items())[1:]:
        numbers = ", ".join(str(1 + at) for at in range(len(keys)))
        statements.append(
            f"INSERT INTO {table} ({', '.join(keys)}, {COUNTS}) "
            f"SELECT {', '.join(spans.get(key, key) for key in keys)}, {added} FROM usage_buckets GROUP BY {numbers}"
        )
    return statements


def downgrade() -> None:
    op.drop_index("ix_model_requests_owner_created", table_name="model_requests")
    op.create_index("ix_model_requests_owner_created", "model_requests", ["owner", "created_at"], unique=False)
    op.drop_index("ix_turns_owner_created", table_name="turns")
    op.drop_column("model_requests", "saved")
    op.drop_column("model_requests", "step")
    op.drop_index("ix_model_selections_turn_id", table_name="model_selections")
    op.drop_index("ix_model_selections_session_id", table_name="model_selections")
    op.drop_index("ix_model_selections_owner_created", table_name="model_selections")
    op.drop_table("model_selections")
    op.drop_index("ix_feedback_session_id", table_name="feedback")
    op.drop_index("ix_feedback_owner", table_name="feedback")
    op.drop_table("feedback")
    op.drop_index("ix_context_snapshots_turn_id", table_name="context_snapshots")
    op.drop_index("ix_context_snapshots_session_id", table_name="context_snapshots")
    op.drop_index("ix_context_snapshots_owner_created", table_name="context_snapshots")
    op.drop_table("context_snapshots")
    op.drop_index("ix_analyses_turn_id", table_name="analyses")
    op.drop_index("ix_analyses_session_id", table_name="analyses")
    op.drop_index("ix_analyses_owner_kind", table_name="analyses")
    op.drop_table("analyses")
    op.drop_table("context_contents")
    op.drop_index("ix_usage_buckets_session", table_name="usage_buckets")
    for table in SUMS:
        op.drop_table(table)
    op.drop_table("budgets")
