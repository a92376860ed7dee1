"""All tables. What each holds, and which room writes it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


def utcnow() -> datetime:
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware datetimes in, aware UTC datetimes out, on databases with and without time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Money(TypeDecorator[Decimal]):
    """US dollars, exact. SQLite has no decimal type, so whole nano-dollars are stored; sums stay exact."""

    impl = Numeric(24, 0)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        return None if value is None else int((value * 1_000_000_000).to_integral_value())

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(int(value)) / 1_000_000_000


class Base(DeclarativeBase):
    type_annotation_map = {datetime: UtcDateTime, dict[str, Any]: JSON, list[Any]: JSON}


def _own_id(context: Any) -> str:
    own: str = context.get_current_parameters()["id"]
    return own


class SessionRow(Base):
    """A conversation (room: sessions). Totals are kept up by the turns room when a turn ends."""

    __tablename__ = "sessions"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner: Mapped[str] = mapped_column(String(255))
    title: Mapped[str] = mapped_column(String(200), default="")
    title_source: Mapped[str] = mapped_column(String(16), default="none")
    channel: Mapped[str] = mapped_column(String(64), default="api")
    agent: Mapped[str | None] = mapped_column(String(128))
    project: Mapped[str | None] = mapped_column(String(256))
    notebook: Mapped[str | None] = mapped_column(String(1024))
    provider: Mapped[str | None] = mapped_column(String(128))
    model: Mapped[str | None] = mapped_column(String(256))
    parent_id: Mapped[str | None] = mapped_column(String(64))
    branched_from_turn_id: Mapped[str | None] = mapped_column(String(64))
    conversation_id: Mapped[str] = mapped_column(String(64), default=_own_id, server_default="")
    """Sessions that are versions of one conversation share it: the id of the first."""
    share_token: Mapped[str | None] = mapped_column(String(64), unique=True)
    shared_at: Mapped[datetime | None]
    mode: Mapped[str | None] = mapped_column(String(16))
    """How much its agent may do without asking; null for the owner's own."""
    tasks: Mapped[list[Any]] = mapped_column(default=list)
    tasks_turn_id: Mapped[str | None] = mapped_column(String(64))
    message_count: Mapped[int] = mapped_column(Integer, default=0)
    turn_count: Mapped[int] = mapped_column(Integer, default=0)
    preview: Mapped[str] = mapped_column(String(200), default="")
    input_tokens: Mapped[int] = mapped_column(Integer, default=0)
    output_tokens: Mapped[int] = mapped_column(Integer, default=0)
    cache_read_tokens: Mapped[int] = mapped_column(Integer, default=0)
    cache_write_tokens: Mapped[int] = mapped_column(Integer, default=0)
    requests: Mapped[int] = mapped_column(Integer, default=0)
    cost: Mapped[Decimal | None] = mapped_column(Money)
    meta: Mapped[dict[str, Any]] = mapped_column("metadata", default=dict)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)
    last_activity_at: Mapped[datetime] = mapped_column(default=utcnow)
    archived_at: Mapped[datetime | None]
    terminated_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_sessions_owner_activity", "owner", "last_activity_at"),
        Index("ix_sessions_owner_conversation", "owner", "conversation_id"),
        Index("ix_sessions_owner_notebook", "owner", "notebook"),
        Index("ix_sessions_owner_project", "owner", "project"),
    )


class MessageRow(Base):
    """One message (room: sessions; the turns room appends through the sessions service)."""

    __tablename__ = "messages"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    turn_id: Mapped[str | None] = mapped_column(String(64), index=True)
    seq: Mapped[int] = mapped_column(Integer)
    role: Mapped[str] = mapped_column(String(16))
    parts: Mapped[list[Any]] = mapped_column(default=list)
    text: Mapped[str] = mapped_column(Text, default="")
    provider: Mapped[str | None] = mapped_column(String(128))
    model: Mapped[str | None] = mapped_column(String(256))
    usage: Mapped[dict[str, Any] | None]
    stop_reason: Mapped[str | None] = mapped_column(String(32))
    duration_ms: Mapped[int | None] = mapped_column(Integer)
    in_context: Mapped[bool] = mapped_column(Boolean, default=True)
    origin_id: Mapped[str | None] = mapped_column(String(64))
    """Of a copy: the message that was written, through however many branches; null for that message itself."""
    version_of: Mapped[str | None] = mapped_column(String(64), index=True)
    """Of another version, and of every copy: the `origin_id` of the first version; null for that message itself."""
    created_at: Mapped[datetime] = mapped_column(default=utcnow)

    __table_args__ = (UniqueConstraint("session_id", "seq"),)


class TurnRow(Base):
    """One turn (room: turns). Written before its first event; closed exactly once."""

    __tablename__ = "turns"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    owner: Mapped[str] = mapped_column(String(255))
    seq: Mapped[int] = mapped_column(Integer)
    status: Mapped[str] = mapped_column(String(16), default="queued")
    stop_reason: Mapped[str | None] = mapped_column(String(32))
    error: Mapped[dict[str, Any] | None]
    request: Mapped[dict[str, Any]] = mapped_column(default=dict)
    agent: Mapped[str | None] = mapped_column(String(128))
    provider: Mapped[str | None] = mapped_column(String(128))
    model: Mapped[str | None] = mapped_column(String(256))
    message: Mapped[str] = mapped_column(String(500), default="")
    steps: Mapped[int] = mapped_column(Integer, default=0)
    input_tokens: Mapped[int] = mapped_column(Integer, default=0)
    output_tokens: Mapped[int] = mapped_column(Integer, default=0)
    cache_read_tokens: Mapped[int] = mapped_column(Integer, default=0)
    cache_write_tokens: Mapped[int] = mapped_column(Integer, default=0)
    requests: Mapped[int] = mapped_column(Integer, default=0)
    cost: Mapped[Decimal | None] = mapped_column(Money)
    retry_of: Mapped[str | None] = mapped_column(String(64))
    idempotency_key: Mapped[str | None] = mapped_column(String(255))
    idempotency_hash: Mapped[str | None] = mapped_column(String(64))
    server_id: Mapped[str | None] = mapped_column(String(64), index=True)
    interrupt_message: Mapped[str | None] = mapped_column(Text)
    interrupt_requested_at: Mapped[datetime | None]
    event_count: Mapped[int] = mapped_column(Integer, default=0)
    meta: Mapped[dict[str, Any]] = mapped_column("metadata", default=dict)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("session_id", "seq"),
        UniqueConstraint("owner", "idempotency_key"),
        Index("ix_turns_owner_status", "owner", "status"),
        Index("ix_turns_owner_created", "owner", "created_at"),
    )


class TurnEventRow(Base):
    """A turn's append-only log (room: turns). `data` is the JSON text as it goes over the wire."""

    __tablename__ = "turn_events"
    turn_id: Mapped[str] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True)
    index: Mapped[int] = mapped_column("idx", Integer, primary_key=True)
    type: Mapped[str] = mapped_column(String(32))
    data: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class GuidanceRow(Base):
    """What the user said to a running turn (room: turns)."""

    __tablename__ = "guidance"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    turn_id: Mapped[str] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"), index=True)
    message: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    delivered_at: Mapped[datetime | None]


class TurnStateRow(Base):
    """What a turn that waits needs to go on in another process: its messages so far, as pydantic-ai writes them, and
    what the loop knows besides (room: turns). Gone when it has ended."""

    __tablename__ = "turn_states"
    turn_id: Mapped[str] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True)
    messages: Mapped[str] = mapped_column(Text)
    state: Mapped[dict[str, Any]] = mapped_column(default=dict)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)


class ToolCallRow(Base):
    """One call of a tool: what was asked, what the policy said, who approved, what came of it (room: tools). Written
    before the call is made; what has a result is never made again."""

    __tablename__ = "tool_calls"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner: Mapped[str] = mapped_column(String(255), index=True)
    session_id: Mapped[str | None] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), index=True)
    turn_id: Mapped[str | None] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"))
    step: Mapped[int] = mapped_column(Integer, default=0)
    """The model request that asked for it: ids of calls are unique within one only."""
    tool_call_id: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(128))
    arguments: Mapped[dict[str, Any]] = mapped_column(default=dict)
    status: Mapped[str] = mapped_column(String(16))
    decision: Mapped[str] = mapped_column(String(16))
    audit: Mapped[bool] = mapped_column(Boolean, default=False)
    rule: Mapped[dict[str, Any] | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    approval_id: Mapped[str | None] = mapped_column(String(64))
    approved_by: Mapped[str | None] = mapped_column(String(255))
    content: Mapped[str] = mapped_column(Text, default="")
    is_error: Mapped[bool] = mapped_column(Boolean, default=False)
    images: Mapped[list[Any]] = mapped_column(default=list)
    blob_id: Mapped[str | None] = mapped_column(String(64))
    meta: Mapped[dict[str, Any]] = mapped_column("metadata", default=dict)
    duration_ms: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("turn_id", "step", "tool_call_id"),)


class ApprovalRow(Base):
    """A call that waits for a person (room: tools)."""

    __tablename__ = "approvals"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner: Mapped[str] = mapped_column(String(255))
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), index=True)
    turn_id: Mapped[str] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"), index=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("tool_calls.id", ondelete="CASCADE"), index=True)
    tool_call_id: Mapped[str] = mapped_column(String(255))
    tool: Mapped[str] = mapped_column(String(128))
    arguments: Mapped[dict[str, Any]] = mapped_column(default=dict)
    shown: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text, default="")
    asked_by: Mapped[str] = mapped_column(String(16), default="mode", server_default="mode")
    capabilities: Mapped[list[Any]] = mapped_column(default=list)
    changes: Mapped[list[Any]] = mapped_column(default=list)
    status: Mapped[str] = mapped_column(String(16), default="pending")
    remember: Mapped[str] = mapped_column(String(16), default="once")
    edited_arguments: Mapped[dict[str, Any] | None]
    message: Mapped[str | None] = mapped_column(Text)
    stop: Mapped[bool] = mapped_column(Boolean, default=False)
    """Whether a no ends the turn."""
    decided_by: Mapped[str | None] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    decided_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_approvals_owner_status", "owner", "status"),
        Index("ix_approvals_status_expires", "status", "expires_at"),
    )


class PolicyRow(Base):
    """A user's own mode (room: tools)."""

    __tablename__ = "policies"
    owner: Mapped[str] = mapped_column(String(255), primary_key=True)
    mode: Mapped[str] = mapped_column(String(16))
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)


class PolicyRuleRow(Base):
    """A rule of a user's (room: tools); an administrator's are in the configuration."""

    __tablename__ = "policy_rules"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner: Mapped[str] = mapped_column(String(255), index=True)
    session_id: Mapped[str | None] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(Integer, default=0)
    effect: Mapped[str] = mapped_column(String(16))
    tool: Mapped[str] = mapped_column(String(200), default="*")
    arguments: Mapped[dict[str, Any]] = mapped_column(default=dict)
    path: Mapped[str | None] = mapped_column(String(1024))
    capability: Mapped[str | None] = mapped_column(String(32))
    comment: Mapped[str] = mapped_column(String(500), default="")
    source: Mapped[str] = mapped_column(String(16), default="user")
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class EditRow(Base):
    """A change that a turn made to a cell or file, with what was there before (room: tools). Written before the change
    is made, so that a crash in between leaves nothing that cannot be undone."""

    __tablename__ = "edits"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner: Mapped[str] = mapped_column(String(255))
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), index=True)
    turn_id: Mapped[str] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"))
    tool_call_id: Mapped[str | None] = mapped_column(String(255))
    seq: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(16))
    action: Mapped[str] = mapped_column(String(16))
    path: Mapped[str] = mapped_column(String(1024))
    cell_id: Mapped[str | None] = mapped_column(String(64))
    before: Mapped[str | None] = mapped_column(Text)
    """JSON: the cell, the file or the place, as it was; null where there was nothing. Only its beginning where it is
    large."""
    after: Mapped[str | None] = mapped_column(Text)
    before_data: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    """The whole of it, compressed, where it is large: outputs, a file. Not a blob, because those go when a conversation
    is cleared."""
    after_data: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    title: Mapped[str] = mapped_column(String(255), default="")
    language: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16), default="intended")
    undo_key: Mapped[str | None] = mapped_column(String(255))
    """The Idempotency-Key of what undid it last."""
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    changed_at: Mapped[datetime] = mapped_column(default=utcnow)

    __table_args__ = (UniqueConstraint("turn_id", "seq"), Index("ix_edits_owner_path", "owner", "path"))


class ModelRequestRow(Base):
    """The ledger: one row a model request, whoever made it (turn, title, summary, verification). Never deleted with
    its session, so that sums stay true."""

    __tablename__ = "model_requests"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner: Mapped[str] = mapped_column(String(255))
    session_id: Mapped[str | None] = mapped_column(String(64), index=True)
    turn_id: Mapped[str | None] = mapped_column(String(64), index=True)
    purpose: Mapped[str] = mapped_column(String(32), default="turn")
    provider: Mapped[str] = mapped_column(String(128))
    model: Mapped[str] = mapped_column(String(256))
    input_tokens: Mapped[int] = mapped_column(Integer, default=0)
    output_tokens: Mapped[int] = mapped_column(Integer, default=0)
    cache_read_tokens: Mapped[int] = mapped_column(Integer, default=0)
    cache_write_tokens: Mapped[int] = mapped_column(Integer, default=0)
    cost: Mapped[Decimal | None] = mapped_column(Money)
    price_source: Mapped[str | None] = mapped_column(String(32))
    first_token_ms: Mapped[int | None] = mapped_column(Integer)
    duration_ms: Mapped[int | None] = mapped_column(Integer)
    error_code: Mapped[str | None] = mapped_column(String(32))
    step: Mapped[int | None] = mapped_column(Integer)
    """Of a turn's request: how many the turn had made before."""
    saved: Mapped[Decimal | None] = mapped_column(Money)
    """What the tokens read from the provider's cache would have cost more without it."""
    created_at: Mapped[datetime] = mapped_column(default=utcnow)

    __table_args__ = (Index("ix_model_requests_owner_created", "owner", "created_at", "id"),)


class Sums:
    """What is added up of model requests."""

    requests: Mapped[int] = mapped_column(BigInteger, default=0)
    errors: Mapped[int] = mapped_column(BigInteger, default=0)
    input_tokens: Mapped[int] = mapped_column(BigInteger, default=0)
    output_tokens: Mapped[int] = mapped_column(BigInteger, default=0)
    cache_read_tokens: Mapped[int] = mapped_column(BigInteger, default=0)
    cache_write_tokens: Mapped[int] = mapped_column(BigInteger, default=0)
    cache_hits: Mapped[int] = mapped_column(BigInteger, default=0)
    """Requests of which some tokens were read from the provider's cache."""
    counted: Mapped[int] = mapped_column(BigInteger, default=0)
    """Requests of which the provider said how many tokens they used."""
    cost: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))
    saved: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))
    unpriced: Mapped[int] = mapped_column(BigInteger, default=0)
    """Requests that used tokens and whose price nobody knows."""
    duration_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    first_token_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    first_tokens: Mapped[int] = mapped_column(BigInteger, default=0)
    """Requests that `first_token_ms` is the sum of."""


class UsageBucketRow(Sums, Base):
    """Sums of the ledger by session and quarter of an hour, the largest span that ends with the hour in every time zone
    (room: providers, in the transaction that writes the ledger). What they are read for: one session, and the rest of
    what the two coarser tables below do not hold."""

    __tablename__ = "usage_buckets"
    owner: Mapped[str] = mapped_column(String(255), primary_key=True)
    bucket: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """Seconds since 1970 in UTC, divided by 900."""
    provider: Mapped[str] = mapped_column(String(128), primary_key=True)
    model: Mapped[str] = mapped_column(String(256), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(32), primary_key=True)
    session_id: Mapped[str] = mapped_column(String(64), primary_key=True, default="")
    """Empty for requests of no session."""

    __table_args__ = (
        Index("ix_usage_buckets_session", "owner", "session_id", "bucket"),
        {"sqlite_with_rowid": False},
    )


class UsageQuarterRow(Sums, Base):
    """The same sums over all sessions: for zones that are a part of an hour away from UTC, and beginnings and ends of
    spans that are within an hour."""

    __tablename__ = "usage_quarters"
    owner: Mapped[str] = mapped_column(String(255), primary_key=True)
    bucket: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    provider: Mapped[str] = mapped_column(String(128), primary_key=True)
    model: Mapped[str] = mapped_column(String(256), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(32), primary_key=True)

    __table_args__ = ({"sqlite_with_rowid": False},)


class UsageHourRow(Sums, Base):
    """The same sums over all sessions by the hour of UTC: a year has few rows, whatever was asked in it."""

    __tablename__ = "usage_hours"
    owner: Mapped[str] = mapped_column(String(255), primary_key=True)
    hour: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """Hours since 1970 in UTC: 4 buckets."""
    provider: Mapped[str] = mapped_column(String(128), primary_key=True)
    model: Mapped[str] = mapped_column(String(256), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(32), primary_key=True)

    __table_args__ = ({"sqlite_with_rowid": False},)


class UsageDayRow(Sums, Base):
    """The same sums by session and day of UTC: for lists of sessions over days and years."""

    __tablename__ = "usage_days"
    owner: Mapped[str] = mapped_column(String(255), primary_key=True)
    session_id: Mapped[str] = mapped_column(String(64), primary_key=True, default="")
    day: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """Days since 1970 in UTC: 96 buckets."""
    provider: Mapped[str] = mapped_column(String(128), primary_key=True)
    model: Mapped[str] = mapped_column(String(256), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(32), primary_key=True)

    __table_args__ = (Index("ix_usage_days_cost", "owner", "day", "session_id", "cost"), {"sqlite_with_rowid": False})


class ContextSnapshotRow(Base):
    """What a model was sent in one request of a turn (room: observatory). The id is the request's in the ledger."""

    __tablename__ = "context_snapshots"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner: Mapped[str] = mapped_column(String(255))
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), index=True)
    turn_id: Mapped[str] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"), index=True)
    step: Mapped[int] = mapped_column(Integer, default=0)
    purpose: Mapped[str] = mapped_column(String(32), default="turn")
    provider: Mapped[str] = mapped_column(String(128))
    model: Mapped[str] = mapped_column(String(256))
    complexity: Mapped[str] = mapped_column(String(4))
    budget: Mapped[int | None] = mapped_column(Integer)
    context_window: Mapped[int | None] = mapped_column(Integer)
    tokens: Mapped[dict[str, Any]] = mapped_column(default=dict)
    total: Mapped[int] = mapped_column(Integer, default=0)
    source: Mapped[str] = mapped_column(String(16))
    tokenizer: Mapped[str] = mapped_column(String(64))
    history_depth: Mapped[int] = mapped_column(Integer, default=0)
    history_total: Mapped[int] = mapped_column(Integer, default=0)
    left_out: Mapped[list[Any]] = mapped_column(default=list)
    retrieved: Mapped[list[Any]] = mapped_column(default=list)
    compaction: Mapped[dict[str, Any] | None]
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    items: Mapped[list[Any]] = mapped_column(default=list)
    """Part, role, title, tokens, and the `sha256` of the content, in the order sent."""
    created_at: Mapped[datetime] = mapped_column(default=utcnow)

    __table_args__ = (Index("ix_context_snapshots_owner_created", "owner", "created_at"),)


class ContextContentRow(Base):
    """A message or schema as it was sent, secrets masked (room: observatory). Kept once in a session, however many
    requests sent it again."""

    __tablename__ = "context_contents"
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    data: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class ModelSelectionRow(Base):
    """Why a model was asked, and not another (room: observatory)."""

    __tablename__ = "model_selections"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner: Mapped[str] = mapped_column(String(255))
    session_id: Mapped[str | None] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), index=True)
    turn_id: Mapped[str | None] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"), index=True)
    step: Mapped[int] = mapped_column(Integer, default=0)
    purpose: Mapped[str] = mapped_column(String(32), default="turn")
    provider: Mapped[str] = mapped_column(String(128))
    model: Mapped[str] = mapped_column(String(256))
    strategy: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text, default="")
    complexity: Mapped[str | None] = mapped_column(String(4))
    primary_model: Mapped[dict[str, Any] | None]
    override: Mapped[dict[str, Any] | None]
    fallback_from: Mapped[dict[str, Any] | None]
    candidates: Mapped[list[Any]] = mapped_column(default=list)
    excerpt: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(default=utcnow)

    __table_args__ = (Index("ix_model_selections_owner_created", "owner", "created_at"),)


class FeedbackRow(Base):
    """How good a turn was, said by its owner (room: observatory)."""

    __tablename__ = "feedback"
    turn_id: Mapped[str] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True)
    owner: Mapped[str] = mapped_column(String(255), index=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), index=True)
    grade: Mapped[int] = mapped_column(Integer)
    comment: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[str] = mapped_column(String(32), default="api")
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)


class AnalysisRow(Base):
    """What a model said about a turn, a session, or what the owner could do better (room: observatory)."""

    __tablename__ = "analyses"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(16))
    session_id: Mapped[str | None] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), index=True)
    turn_id: Mapped[str | None] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"), index=True)
    period: Mapped[str | None] = mapped_column(String(16))
    tips: Mapped[list[Any]] = mapped_column(default=list)
    """What the rules said, as the model read it."""
    text: Mapped[str] = mapped_column(Text)
    provider: Mapped[str] = mapped_column(String(128))
    model: Mapped[str] = mapped_column(String(256))
    usage: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)

    __table_args__ = (Index("ix_analyses_owner_kind", "owner", "kind"),)


class BudgetRow(Base):
    """A limit of a user's own (room: observatory); an administrator's are in the configuration."""

    __tablename__ = "budgets"
    owner: Mapped[str] = mapped_column(String(255), primary_key=True)
    scope: Mapped[str] = mapped_column(String(16), primary_key=True)
    session_id: Mapped[str] = mapped_column(String(64), primary_key=True, default="")
    """Empty for every session; else the one that it counts for."""
    soft: Mapped[Decimal | None] = mapped_column(Money)
    hard: Mapped[Decimal | None] = mapped_column(Money)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)


class BlobRow(Base):
    """An attached picture or file, or a spilled tool result (storage)."""

    __tablename__ = "blobs"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner: Mapped[str] = mapped_column(String(255))
    session_id: Mapped[str | None] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), index=True)
    media_type: Mapped[str] = mapped_column(String(128))
    name: Mapped[str | None] = mapped_column(String(255))
    size: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(String(64))
    data: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class ProviderRow(Base):
    """A provider, without its secrets: those are in the key store (room: providers)."""

    __tablename__ = "providers"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(100))
    base_url: Mapped[str | None] = mapped_column(String(2048))
    header_names: Mapped[list[Any]] = mapped_column(default=list)
    enabled: Mapped[bool] = mapped_column(Boolean, default=True)
    default_model: Mapped[str | None] = mapped_column(String(256))
    models: Mapped[list[Any]] = mapped_column(default=list)
    prices: Mapped[dict[str, Any]] = mapped_column(default=dict)
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    verified_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)


class SettingRow(Base):
    """Settings made through the API: configuration overrides, the default model (rooms: system, providers)."""

    __tablename__ = "settings"
    name: Mapped[str] = mapped_column(String(128), primary_key=True)
    value: Mapped[dict[str, Any]] = mapped_column(default=dict)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)


class ServerRow(Base):
    """A server process that has this database open; how a turn left behind by a dead one is told (room: turns)."""

    __tablename__ = "servers"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    host: Mapped[str] = mapped_column(String(255))
    pid: Mapped[int] = mapped_column(Integer)
    process_started: Mapped[str] = mapped_column(String(64))
    started_at: Mapped[datetime] = mapped_column(default=utcnow)
    heartbeat_at: Mapped[datetime] = mapped_column(default=utcnow)


class SearchDocumentRow(Base):
    """What full-text search looks through (room: storage/search). The index itself is FTS5 or a tsvector column, made
    in the migrations because SQLAlchemy has no word for it."""

    __tablename__ = "search_documents"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    owner: Mapped[str] = mapped_column(String(255), index=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), index=True)
    turn_id: Mapped[str | None] = mapped_column(String(64))
    message_id: Mapped[str | None] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    role: Mapped[str | None] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
