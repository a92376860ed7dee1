"""What the `system` room sends and accepts."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from jupyter_agent.api.models import Timestamp, WireModel


class Health(WireModel):
    status: Literal["ok", "degraded"]
    version: str
    uptime_seconds: float


ReadinessAction = Literal["add_key", "choose_provider", "fetch_model", "open_settings"]
"""What a button beside the next action can do: give a provider its key, choose another one, fetch the embedded model's
weights, open the settings."""


class ReadinessItem(WireModel):
    """One line of the readiness list, with what to do about it."""

    id: str
    title: str
    status: Literal["ok", "warning", "error"]
    detail: str
    next_action: str | None = None
    action: ReadinessAction | None = None
    """Null where no button can do it."""


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


class SystemInfo(WireModel):
    """The machine that the server runs on."""

    os: str
    """Linux, Darwin, Windows ..."""
    os_name: str
    """The distribution's or system's own name and version."""
    os_release: str
    """Version of the kernel."""
    arch: str
    hostname: str
    wsl: bool
    """Whether this Linux is the Windows Subsystem for Linux."""
    container: bool
    """Whether it looks like a container from inside."""
    python: str
    python_path: str
    shell: str | None
    """The shell of the user that the server runs as."""
    user: str
    root: bool
    sudo: bool
    """Whether there is a sudo or doas command; whether agents may use it is `sudo_allowed` in `GET /info`."""
    cpus: int
    """Logical ones that this process may use."""
    memory_bytes: int
    timezone: str


class DiskMetrics(WireModel):
    path: str
    total_bytes: int
    used_bytes: int
    free_bytes: int
    percent: float


class NetworkMetrics(WireModel):
    """Since the machine was started, over all interfaces."""

    sent_bytes: int
    received_bytes: int


class SystemMetrics(WireModel):
    """What the machine and this server's process use at this moment. Percentages are 0 to 100."""

    time: Timestamp
    cpu_percent: float
    cpu_percents: list[float]
    """One for each logical CPU."""
    load_average: list[float]
    """Over 1, 5 and 15 minutes; empty where the system has none."""
    memory_total_bytes: int
    memory_used_bytes: int
    memory_available_bytes: int
    memory_percent: float
    swap_total_bytes: int
    swap_used_bytes: int
    disks: list[DiskMetrics]
    """Those that hold the data directory and the server's root folder."""
    network: NetworkMetrics | None
    """Null where the system does not tell."""
    process_memory_bytes: int
    process_cpu_percent: float
    process_threads: int
    process_uptime_seconds: float


ConfigSource = Literal["default", "server", "user"]


class ConfigSetting(WireModel):
    name: str
    """Dotted name, such as `turns.max_steps`."""
    value: Any
    """What counts now; `"***"` for a secret."""
    default: Any
    source: ConfigSource
    """`server`: set by the administrator's Jupyter configuration; `user`: through this API."""
    mutable: bool
    """Whether this API may change it."""
    restart_required: bool = False
    """Whether a change waits for the server's next start."""
    pending_value: Any = None
    """What counts after the next start, where that differs from `value`."""
    help: str


class Config(WireModel):
    values: dict[str, Any]
    settings: list[ConfigSetting]
    version: int
    """Grows with every change; send it back to notice a change in between."""
    restart_required: list[str]
    """Names whose change waits for the server's next start."""


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


class ConfigChange(WireModel):
    name: str
    value: Any
    """What was set; `"***"` for a secret. After a reset, what the setting goes back to."""
    changed_at: Timestamp | None = None
    """When it was set through this API; null after a reset."""


class ConfigIgnored(WireModel):
    name: str
    reason: str


class ConfigStatus(WireModel):
    """What became of the changes made through this API."""

    status: Literal["applied", "restart_required"]
    version: int
    applied: list[ConfigChange]
    """Changes that count now."""
    pending: list[ConfigChange]
    """Changes that wait for the server's next start."""
    ignored: list[ConfigIgnored]
    """Stored changes that do not count: locked by the administrator, or not valid any more."""


class ConfigCapabilities(WireModel):
    """What can be changed, and when it counts."""

    mutable_sections: list[str]
    immutable_sections: list[str]
    live: list[str]
    """Names whose change counts at once."""
    restart: list[str]
    """Names whose change counts after the server's next start."""
    immutable: list[str]
    """Names that only the administrator's Jupyter configuration sets."""
    locked: bool
    """Whether the administrator keeps what the Jupyter configuration sets (`AgentApp.lock_config`)."""
    notes: list[str]


class LogRecord(WireModel):
    id: int
    time: Timestamp
    level: Literal["debug", "info", "warning", "error", "critical"]
    logger: str
    message: str
    fields: dict[str, Any] = Field(default_factory=dict)
    """session_id, turn_id, provider, error_id ..., where they are known."""


class LogGap(WireModel):
    """In the stream of logs: the reader was too slow, and so many records are lost to it."""

    missed: int
