"""Everything an administrator sets. Each help text is the documentation. `PATCH /agent/v1/config` can change them too:
`live` traits at once, the others for the server's next start."""

from __future__ import annotations

from typing import Any, ClassVar

from traitlets import Bool, Dict, Enum, Float, Int, List, Unicode, validate
from traitlets.config import LoggingConfigurable


class Section(LoggingConfigurable):
    """A group of settings; `section` is the first part of their dotted names in the API."""

    section: ClassVar[str] = ""


class SessionSettings(Section):
    section = "sessions"
    idle_seconds = Int(
        3600, min=1, help="After this many seconds without anything happening an active session is listed as idle."
    ).tag(config=True, live=True)
    auto_title = Bool(True, help="Whether the model gives a title to a session after its first turn.").tag(
        config=True, live=True
    )


class TurnSettings(Section):
    section = "turns"
    max_steps = Int(50, min=1, max=500, help="Model requests a turn may make before it stops with max_steps.").tag(
        config=True, live=True
    )
    timeout_seconds = Float(
        3600, min=1, help="Seconds a turn may run before it stops with timeout; waiting for a person does not count."
    ).tag(config=True, live=True)
    repetition_limit = Int(4, min=2, help="Identical tool calls in a row before the turn stops with repetition.").tag(
        config=True, live=True
    )
    context_budget = Int(
        0,
        min=0,
        help="Tokens of context a turn may use; 0 takes what the model's context window holds.",
    ).tag(config=True, live=True)
    system_prompt = Unicode(
        "You are a helpful assistant inside JupyterLab. Answer in Markdown. Be concise and correct; put code in fenced "
        "blocks that name their language.",
        help="The default agent's system prompt.",
    ).tag(config=True, live=True)
    flush_seconds = Float(
        0.033,
        min=0.001,
        max=1,
        help="Seconds in which small deltas are collected, then stored and sent as one event.",
    ).tag(config=True, live=True)


class ToolSettings(Section):
    section = "tools"
    mode = Enum(
        ["read_only", "ask", "auto_edit", "auto"],
        "ask",
        help="How much agents may do without asking where neither user nor session says: read_only, ask, auto_edit or "
        "auto.",
    ).tag(config=True, live=True)
    rules = List(
        Dict(),
        help="Policy rules that no user can loosen, such as {'effect': 'deny', 'tool': 'run_command'}; the API cannot "
        "change them. Fields: effect (allow, ask, deny, audit), tool, arguments, path, capability, comment.",
    ).tag(config=True, admin=True)
    approval_seconds = Float(
        3600, min=0, help="Seconds a call waits for a person before it is denied; 0 waits for ever."
    ).tag(config=True, live=True)
    client_tool_seconds = Float(
        300, min=1, help="Seconds a client has to answer a call of a tool that it offers, once it is connected."
    ).tag(config=True, live=True)
    client_gone_seconds = Float(
        30, min=1, help="Seconds a client that offers tools may be gone before its calls fail."
    ).tag(config=True, live=True)
    result_characters = Int(
        20_000,
        min=1_000,
        help="Characters of a tool's result that a model reads at once; the rest is kept, and the model can page on.",
    ).tag(config=True, live=True)
    command_seconds = Float(60, min=1, help="Seconds a command may run where the model says nothing else.").tag(
        config=True, live=True
    )
    command_max_seconds = Float(300, min=1, help="Most seconds a command may run in the foreground.").tag(
        config=True, live=True
    )
    cell_seconds = Float(
        0, min=0, help="Seconds that a cell may run before its call gives a handle to look again; 0 for no limit."
    ).tag(config=True, live=True)
    allow_sudo = Bool(False, help="Whether commands may use sudo and doas.").tag(config=True, admin=True)
    allow_private_addresses = Bool(False, help="Whether pages may be fetched from private and loopback addresses.").tag(
        config=True, admin=True
    )
    search_url = Unicode(
        "",
        help="Address of a SearXNG or Brave compatible web search; empty offers no search unless BRAVE_API_KEY is set.",
    ).tag(config=True, live=True)


class CompletionSettings(Section):
    section = "completions"
    enabled = Bool(True, help="Whether code can be completed at the cursor.").tag(config=True, live=True)
    provider = Unicode("", help="Whose model completes and edits code; empty takes the default one.").tag(
        config=True, live=True
    )
    model = Unicode("", help="Which model completes and edits code; empty takes the provider's default.").tag(
        config=True, live=True
    )
    local_model = Bool(False, help="Whether the embedded model completes code where it is the one chosen.").tag(
        config=True, live=True
    )
    max_tokens = Int(
        256, min=1, max=4096, help="Tokens that a completion may have where the request does not say."
    ).tag(config=True, live=True)
    edit_max_tokens = Int(
        8192, min=16, help="Tokens that the whole changed code may have when code is edited as told."
    ).tag(config=True, live=True)


class ProviderSettings(Section):
    section = "providers"
    use_environment_keys = Bool(
        True, help="Whether keys in environment variables (OPENAI_API_KEY, ANTHROPIC_API_KEY ...) are used."
    ).tag(config=True, live=True)
    models_cache_seconds = Int(3600, min=0, help="How long a provider's list of models is kept.").tag(
        config=True, live=True
    )
    request_timeout_seconds = Float(
        120, min=1, help="Seconds without a byte from a provider before a model request is given up."
    ).tag(config=True, live=True)
    max_retries = Int(
        2, min=0, max=10, help="How often a model request that failed before its first token is made again."
    ).tag(config=True, live=True)
    keyring = Bool(
        True,
        help="Whether keys are kept in the system's keyring where there is one; else a 0600 file is used.",
    ).tag(config=True)


class LocalModelSettings(Section):
    section = "local_model"
    enabled = Bool(True, help="Whether the embedded model is offered.").tag(config=True, live=True)
    model_path = Unicode("", help="A GGUF file to use in place of SmolLM2-135M-Instruct.").tag(config=True)
    system_prompt = Unicode(
        "You are a helpful AI assistant.",
        help="The system prompt of the embedded model; one as small takes longer ones for part of the question.",
    ).tag(config=True, live=True)
    threads = Int(0, min=0, help="Threads for the embedded model; 0 takes the number of cores.").tag(config=True)
    context_tokens = Int(4096, min=512, help="Context of the embedded model, in tokens.").tag(config=True)
    max_output_tokens = Int(
        1024, min=1, help="Tokens an answer of the embedded model may have where the turn sets no limit."
    ).tag(config=True, live=True)
    idle_seconds = Int(600, min=1, help="Seconds without a request before the embedded model leaves memory.").tag(
        config=True, live=True
    )


class ContextSettings(Section):
    section = "context"
    window_share = Float(
        0.75, min=0.1, max=1, help="Share of a model's context window that may be used where no budget is set."
    ).tag(config=True, live=True)
    history_share = Float(
        1.0, min=0, max=1, help="Share of the context budget that the conversation before the question may take."
    ).tag(config=True, live=True)
    attachments_share = Float(
        0.5, min=0.05, max=1, help="Share of the context budget that what is attached to a question may take."
    ).tag(config=True, live=True)
    compaction = Enum(
        ["summarize", "shorten", "drop"],
        "shorten",
        help="What is done with a context over the threshold: shorten cuts what tools gave, oldest first, then leaves "
        "out the oldest messages; summarize has the model sum them up; drop only leaves them out.",
    ).tag(config=True, live=True)
    compaction_threshold = Float(
        0.9, min=0.3, max=1, help="Share of the context budget from which on the context is made shorter."
    ).tag(config=True, live=True)
    level_budgets = Dict(
        help="Tokens of context by the complexity of the question, such as {'L0': 2000, 'L1': 4000, 'L2': 8000, "
        "'L3': 16000}; a level that is not named has the whole budget.",
    ).tag(config=True, live=True)
    keep_content = Bool(
        True, help="Whether the exact messages of each model request are kept, secrets masked; else only their sizes."
    ).tag(config=True, live=True)


class SelectionSettings(Section):
    section = "selection"
    strategy = Enum(
        ["default", "auto"],
        "default",
        help="Which model answers where neither turn nor session names one: the default one, or the best by scores.",
    ).tag(config=True, live=True)
    fallbacks = List(
        Unicode(),
        help="Models that are asked in turn where another one fails or is not available, as provider/model.",
    ).tag(config=True, live=True)
    weights = Dict(
        help="Weights of the scores: efficacy, cost, availability, locality, confidence, speed; 1 each where not named."
    ).tag(config=True, live=True)
    breaker_failures = Int(
        3, min=1, help="Failures within breaker_window_seconds after which a provider is left alone for a while."
    ).tag(config=True, live=True)
    breaker_window_seconds = Float(60, min=1, help="Seconds in which failures are counted.").tag(config=True, live=True)
    breaker_cooldown_seconds = Float(
        60, min=0.1, help="Seconds until one request tries the provider again; doubled each time it fails."
    ).tag(config=True, live=True)
    breaker_max_cooldown_seconds = Float(900, min=1, help="Most seconds between two tries.").tag(config=True, live=True)

    @validate("fallbacks")
    def _are_models(self, proposal: dict[str, list[str]]) -> list[str]:
        from traitlets import TraitError

        for name in proposal["value"]:
            provider, _, model = name.partition("/")
            if not provider or not model:
                raise TraitError(f"a fallback is written as provider/model, such as openai/gpt-5-mini, not {name!r}")
        return proposal["value"]

    @validate("weights")
    def _are_weights(self, proposal: dict[str, dict[Any, Any]]) -> dict[Any, Any]:
        from traitlets import TraitError

        axes = ("efficacy", "cost", "availability", "locality", "confidence", "speed")
        for name, weight in proposal["value"].items():
            if name not in axes:
                raise TraitError(f"there is no score {name!r}; there are {', '.join(axes)}")
            # false for NaN, too
            if isinstance(weight, bool) or not isinstance(weight, (int, float)) or not 0 <= weight <= 1000:
                raise TraitError(f"the weight of {name} is a number from 0 to 1000")
        return proposal["value"]


class BudgetSettings(Section):
    section = "budgets"
    turn_soft = Unicode("", help="US dollars from which on a turn is warned of; empty for no limit.").tag(
        config=True, admin=True
    )
    turn_hard = Unicode("", help="US dollars a turn may cost at the most.").tag(config=True, admin=True)
    session_soft = Unicode("", help="US dollars from which on a session is warned of.").tag(config=True, admin=True)
    session_hard = Unicode("", help="US dollars a session may cost at the most.").tag(config=True, admin=True)
    day_soft = Unicode("", help="US dollars from which on a user's day is warned of.").tag(config=True, admin=True)
    day_hard = Unicode("", help="US dollars a user may spend in a day.").tag(config=True, admin=True)
    month_soft = Unicode("", help="US dollars from which on a user's month is warned of.").tag(config=True, admin=True)
    month_hard = Unicode("", help="US dollars a user may spend in a month.").tag(config=True, admin=True)
    user_soft = Unicode("", help="US dollars from which on a user is warned, over all time.").tag(
        config=True, admin=True
    )
    user_hard = Unicode("", help="US dollars a user may spend in all.").tag(config=True, admin=True)
    timezone = Unicode(
        "", help="Time zone in which days and months begin, such as Europe/Berlin; empty for the server's own."
    ).tag(config=True, admin=True)

    @validate(
        *(f"{scope}_{kind}" for scope in ("turn", "session", "day", "month", "user") for kind in ("soft", "hard"))
    )
    def _is_an_amount(self, proposal: dict[str, Any]) -> str:
        from decimal import Decimal, InvalidOperation

        from traitlets import TraitError

        value: str = proposal["value"].strip()
        try:
            if value and not (Decimal(value).is_finite() and Decimal(value) >= 0):
                raise TraitError(f"{proposal['trait'].name} is an amount of US dollars, such as 0.50")
        except InvalidOperation as error:
            raise TraitError(f"{proposal['trait'].name} is an amount of US dollars, such as 0.50") from error
        return value

    @validate("timezone")
    def _is_a_zone(self, proposal: dict[str, str]) -> str:
        from zoneinfo import ZoneInfo

        from traitlets import TraitError

        try:
            if proposal["value"]:
                ZoneInfo(proposal["value"])
        except (KeyError, OSError, ValueError) as error:
            raise TraitError(f"there is no time zone {proposal['value']!r}") from error
        return proposal["value"]


class TracingSettings(Section):
    section = "tracing"
    otlp_endpoint = Unicode(
        "",
        help="Address of an OpenTelemetry collector (OTLP over HTTP), such as http://localhost:4318; empty takes "
        "OTEL_EXPORTER_OTLP_ENDPOINT, and exports nothing where that is not set.",
    ).tag(config=True, admin=True)
    otlp_headers = Dict(help="Headers that the collector wants, such as {'authorization': '...'}.").tag(
        config=True, admin=True, secret=True
    )
    jaeger_url = Unicode("", help="Address of the Jaeger that shows what the collector gets; empty for none.").tag(
        config=True, admin=True
    )
    content = Bool(False, help="Whether messages, arguments and results are exported, too, secrets masked.").tag(
        config=True, admin=True
    )

    @validate("otlp_endpoint", "jaeger_url")
    def _is_an_address(self, proposal: dict[str, Any]) -> str:
        from urllib.parse import urlsplit

        from traitlets import TraitError

        value: str = proposal["value"].strip()
        try:
            parts = urlsplit(value)
            fits = not value or (parts.scheme in ("http", "https") and bool(parts.hostname))
        except ValueError:
            fits = False
        if not fits:
            raise TraitError(f"{proposal['trait'].name} is an address that begins with http:// or https://")
        return value


class RateLimitSettings(Section):
    section = "rate_limits"
    enabled = Bool(True, help="Whether requests are rate limited.").tag(config=True, live=True)
    session_writes = Int(10, min=1, help="Writes to sessions and turns a user may make in a second.").tag(
        config=True, live=True
    )
    session_reads = Int(50, min=1, help="Reads of sessions and turns a user may make in a second.").tag(
        config=True, live=True
    )
    config_writes = Int(5, min=1, help="Writes to configuration and providers a user may make in a second.").tag(
        config=True, live=True
    )
    default = Int(30, min=1, help="All other requests a user may make in a second.").tag(config=True, live=True)


class LogSettings(Section):
    section = "logs"
    level = Unicode("INFO", help="Least level that is kept: DEBUG, INFO, WARNING, ERROR or CRITICAL.").tag(
        config=True, live=True
    )
    keep_records = Int(10_000, min=100, help="Log records kept in memory for GET /logs.").tag(config=True)

    @validate("level")
    def _level_is_known(self, proposal: dict[str, str]) -> str:
        from traitlets import TraitError

        value = proposal["value"].upper()
        if value not in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}:
            raise TraitError("level is one of DEBUG, INFO, WARNING, ERROR, CRITICAL")
        return value


SECTIONS: tuple[type[Section], ...] = (
    SessionSettings,
    TurnSettings,
    ToolSettings,
    CompletionSettings,
    ProviderSettings,
    LocalModelSettings,
    ContextSettings,
    SelectionSettings,
    BudgetSettings,
    TracingSettings,
    RateLimitSettings,
    LogSettings,
)
