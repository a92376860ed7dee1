"""What the `system` room sends and accepts."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from jupyter_agent.api.models import Timestamp, WireModel


class Health(WireModel):
    status: Literal["ok", "degraded"]
    version: str
    uptime_seconds: float


class ReadinessItem(WireModel):
    """One line of the readiness list, with what to do about it."""

    id: str
    title: str
    status: Literal["ok", "warning", "error"]
    detail: str
    next_action: str | None = None


class Status(WireModel):
    status: Literal["ok", "degraded"]
    version: str
    uptime_seconds: float
    running_turns: int
    sessions: int
    storage: Literal["sqlite", "postgresql"]
    storage_ok: bool
    memory_bytes: int
    """Resident memory of the server process."""
    readiness: list[ReadinessItem]


class Info(WireModel):
    """What a front end needs to start."""

    name: str
    version: str
    api_version: Literal["v1"] = "v1"
    user: str
    """Who the caller is: the owner of what they make."""
    display_name: str
    server_root_name: str
    """Last part of the server's root folder."""
    python: str
    platform: str
    default_provider: str | None
    default_model: str | None
    default_model_ready: bool
    first_run: bool
    """True until the caller has had a turn."""
    sudo_allowed: bool
    features: list[str]


class ConfigSetting(WireModel):
    name: str
    """Dotted name, such as `turns.max_steps`."""
    value: Any
    default: Any
    source: Literal["default", "server", "user"]
    """`server`: set by the administrator's Jupyter configuration; `user`: through this API."""
    mutable: bool
    restart_required: bool = False
    help: str


class Config(WireModel):
    values: dict[str, Any]
    settings: list[ConfigSetting]
    version: int
    """Grows with every change; send it back to notice a change in between."""


class ConfigPatch(WireModel):
    values: dict[str, Any] = Field(min_length=1)
    """Dotted names to new values; all are taken or none."""
    version: int | None = None
    """Refuse with 409 where the configuration is no longer this version."""


class ConfigReset(WireModel):
    names: list[str] | None = None
    """Null for all that were set through this API."""


class ConfigSchema(WireModel):
    json_schema: dict[str, Any]
    """JSON Schema 2020-12 of `values`."""


class LogRecord(WireModel):
    id: int
    time: Timestamp
    level: Literal["debug", "info", "warning", "error", "critical"]
    logger: str
    message: str
    fields: dict[str, Any] = Field(default_factory=dict)
    """session_id, turn_id, provider, error_id ..., where they are known."""
