"""Everything an administrator sets. Each help text is the documentation. `PATCH /agent/v1/config` can change them too:
`live` traits at once, the others for the server's next start."""

from __future__ import annotations

from typing import ClassVar

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
    budget = Unicode("", help="US dollars a turn may cost, as a decimal; empty for no limit.").tag(
        config=True, live=True
    )
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

    @validate("budget")
    def _budget_is_decimal(self, proposal: dict[str, str]) -> str:
        from decimal import Decimal, InvalidOperation

        from traitlets import TraitError

        value = proposal["value"].strip()
        try:
            if value and not (Decimal(value).is_finite() and Decimal(value) >= 0):
                raise TraitError("budget is an amount of US dollars, such as 0.50")
        except InvalidOperation as error:
            raise TraitError("budget is an amount of US dollars, such as 0.50") from error
        return value


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
    RateLimitSettings,
    LogSettings,
)
