"""What the `observatory` room sends and accepts."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from jupyter_agent.api.models import Money, Page, Timestamp, Usage, WireModel

# What a model saw ----------------------------------------------------------------------------------------------------

ContextPartName = Literal[
    "system_prompt",
    "memory",
    "skills",
    "knowledge",
    "notebook",
    "history",
    "tools",
    "attachments",
    "message",
    "steps",
]
"""`tools`: the schemas of the tools; `steps`: what this turn has done so far, its calls and their results."""

CountSource = Literal["provider", "tokenizer", "estimate"]
Complexity = Literal["L0", "L1", "L2", "L3"]
"""How much a question asks for, from a greeting to work in many steps."""


class LeftOut(WireModel):
    """Something that did not go to the model, and why."""

    what: Literal["history", "attachment", "tool_result", "picture", "notebook", "memory", "knowledge", "skill"]
    count: int
    """How many of them."""
    tokens: int
    """How many tokens that saved."""
    reason: str


class Retrieved(WireModel):
    """Something that was looked for, and found worth sending."""

    kind: Literal["memory", "knowledge", "skill", "notebook", "cell", "selection", "file", "variable", "text"]
    id: str | None = None
    name: str
    path: str | None = None
    score: float | None = None
    """0 to 1; null for what somebody attached and nobody had to look for."""
    tokens: int
    excerpt: str = ""
    """Its beginning, 200 characters at the most."""


class Compaction(WireModel):
    """How a context that was too long was made shorter."""

    strategy: Literal["summarize", "shorten", "drop"]
    before: int
    """Tokens."""
    after: int
    threshold: int
    """Tokens from which on it is done."""
    items: list[LeftOut] = Field(default_factory=list)


class CacheUse(WireModel):
    read: int = 0
    """Tokens that the provider read from its cache."""
    write: int = 0
    hit_rate: float | None = None
    """Tokens read from the cache over all tokens sent, 0 to 1; null where the provider said no count."""


class ContextItem(WireModel):
    """One message or schema, in the order sent."""

    part: ContextPartName
    role: Literal["system", "user", "assistant", "tool"]
    title: str
    """What it is: `You`, `edit_cell`, `notebook sales.ipynb`."""
    tokens: int
    sha256: str
    """Of the content as it was kept; the same in two snapshots where the same was sent."""
    content: str | None = None
    """What was sent, secrets masked, pictures by their kind and size; JSON for calls and schemas. Null in lists."""


class ContextSnapshot(WireModel):
    """What a model was sent in one request of a turn."""

    id: str
    """Id of the model request, in the ledger too."""
    turn_id: str
    session_id: str
    step: int
    """0 for the turn's first request."""
    purpose: str
    """`turn`, or `reflection` for the report before an answer."""
    provider: str
    model: str
    complexity: Complexity
    budget: int | None = None
    """Tokens of context that there was room for; null where nobody knows the model's window."""
    context_window: int | None = None
    tokens: dict[ContextPartName, int]
    """By part. They add up to `total`."""
    total: int
    source: CountSource
    """Who counted `total`: the provider, in its answer; a tokenizer; or an estimate by the number of characters. Where
    the provider did, the parts are the tokenizer's, in proportion."""
    tokenizer: str
    """What counted the parts."""
    history_depth: int
    """Messages of the conversation that were sent."""
    history_total: int
    """Messages of the conversation that there were."""
    left_out: list[LeftOut] = Field(default_factory=list)
    retrieved: list[Retrieved] = Field(default_factory=list)
    compaction: Compaction | None = None
    cache: CacheUse = Field(default_factory=CacheUse)
    usage: Usage
    """What the provider says that the request used."""
    settings: dict[str, Any] = Field(default_factory=dict)
    """Sampling settings."""
    duration_ms: int | None = None
    first_token_ms: int | None = None
    error_code: str | None = None
    items: list[ContextItem] = Field(default_factory=list)
    created_at: Timestamp


class TurnContext(WireModel):
    turn_id: str
    items: list[ContextSnapshot]
    """One a model request, in their order."""


# Which model, and why ------------------------------------------------------------------------------------------------

Strategy = Literal["asked", "session", "default", "auto", "fallback", "reflection"]
"""`asked`: the turn named it; `session`: its session did; `default`: nobody did; `auto`: the best by its scores;
`fallback`: another one failed; `reflection`: another provider's view was wanted."""


class ModelName(WireModel):
    provider: str
    model: str


class Scores(WireModel):
    """0 to 1 each, 1 the best; null where nothing is known."""

    efficacy: float | None = None
    """Grades it was given, and requests that did not fail."""
    cost: float | None = None
    availability: float | None = None
    """Its provider's breaker, and what is left of its limits."""
    locality: float | None = None
    confidence: float | None = None
    """How much is known: grows with the requests made."""
    speed: float | None = None


class Candidate(WireModel):
    provider: str
    model: str
    score: float | None = None
    """The weighted mean of the scores that are known."""
    scores: Scores = Field(default_factory=Scores)
    available: bool = True
    reason: str = ""
    """Why it was chosen, or not."""


class ModelSelection(WireModel):
    """Why a model was asked, and not another."""

    id: str
    session_id: str | None = None
    turn_id: str | None = None
    step: int = 0
    """The model request before which it was chosen."""
    purpose: str = "turn"
    provider: str
    model: str
    strategy: Strategy
    reason: str
    complexity: Complexity | None = None
    primary: ModelName | None = None
    """What would be asked without override or failure."""
    override: ModelName | None = None
    """What the turn or session named."""
    fallback_from: ModelName | None = None
    """What failed or was not available."""
    candidates: list[Candidate] = Field(default_factory=list)
    excerpt: str = ""
    """The beginning of the user's message."""
    created_at: Timestamp


class TurnModelSelection(WireModel):
    turn_id: str
    items: list[ModelSelection]
    """In their order; more than one where a model failed, or a report was written."""


# What happened when --------------------------------------------------------------------------------------------------

SpanKind = Literal["turn", "queue", "request", "tool", "approval", "client", "compaction"]
"""`queue`: before its first work; `approval`: waits for a person; `client`: waits for a client's tool."""


class Span(WireModel):
    """Something that took time."""

    id: str
    """16 hexadecimal digits, as in OpenTelemetry."""
    parent_id: str | None = None
    kind: SpanKind
    name: str
    """As the conventions of OpenTelemetry for generative AI name it: `chat gpt-5-mini`, `execute_tool edit_cell`."""
    started_at: Timestamp
    finished_at: Timestamp | None = None
    duration_ms: int | None = None
    """Null while it runs."""
    status: Literal["ok", "error", "unset"] = "unset"
    message: str = ""
    """What went wrong."""
    attributes: dict[str, Any] = Field(default_factory=dict)
    """`gen_ai.operation.name`, `gen_ai.request.model`, `gen_ai.usage.input_tokens` ..."""
    ref: str | None = None
    """Id of the request, call or approval that it shows."""


class TraceSummary(WireModel):
    id: str
    """32 hexadecimal digits, as in OpenTelemetry."""
    turn_id: str
    session_id: str
    name: str
    """The beginning of the user's message."""
    started_at: Timestamp
    duration_ms: int | None = None
    status: Literal["ok", "error", "unset"] = "unset"
    stop_reason: str | None = None
    provider: str | None = None
    model: str | None = None
    usage: Usage
    url: str | None = None
    """Where Jaeger shows it; null where none is configured."""


class Trace(TraceSummary):
    spans: list[Span]
    """In the order in which they began; the first is the turn."""
    busy_ms: dict[SpanKind, int] = Field(default_factory=dict)
    """Time in which at least one span of the kind was open."""


class TracingStatus(WireModel):
    """Where spans go."""

    exporter: Literal["none", "otlp"]
    endpoint: str | None = None
    jaeger_url: str | None = None
    content: bool = False
    """Whether messages and arguments are exported, too."""
    exported: int = 0
    """Traces since the server's start."""
    failed: int = 0
    last_error: str | None = None
    last_exported_at: Timestamp | None = None
    reason: str | None = None
    """Why nothing is exported, and what to do."""


# Advice --------------------------------------------------------------------------------------------------------------

Severity = Literal["info", "warning", "critical"]
TipCategory = Literal["budget", "memory", "prompt", "tools", "cost", "quality"]


class Evidence(WireModel):
    metric: str
    value: float
    unit: Literal["", "ratio", "tokens", "usd", "turns", "calls", "grade", "ms"] = ""
    context: str = ""
    """What it is compared with."""


class Action(WireModel):
    """What can be done about it in one click."""

    kind: Literal[
        "new_session",
        "summarize",
        "choose_model",
        "restrict_tools",
        "set_context_budget",
        "set_budget",
        "open_settings",
        "open_context",
        "open_tools",
        "open_turn",
        "give_feedback",
    ]
    label: str
    arguments: dict[str, Any] = Field(default_factory=dict)


class Tip(WireModel):
    severity: Severity
    category: TipCategory
    rule: str
    """The rule's name, such as `budget_pressure`."""
    message: str
    suggestion: str
    evidence: list[Evidence] = Field(default_factory=list)
    action: Action | None = None


class Analysis(WireModel):
    """What a model said about it."""

    id: str
    status: Literal["complete"] = "complete"
    tips: list[Tip] = Field(default_factory=list)
    """What the rules say, as it was given to the model."""
    text: str
    """Markdown."""
    provider: str
    model: str
    usage: Usage
    created_at: Timestamp


class AnalyzeRequest(WireModel):
    provider: str | None = None
    """Whose model is asked; null for the default one."""
    model: str | None = None


class TurnTips(WireModel):
    turn_id: str
    tips: list[Tip]
    """The most severe first."""
    tip_count: int
    analysis: Analysis | None = None
    """The newest one that was asked for."""


class SessionInsights(WireModel):
    session_id: str
    insights: list[Tip]
    """The most severe first."""
    insight_count: int
    turn_count: int
    usage: Usage
    average_grade: float | None = None
    tool_calls: int = 0
    tool_failures: int = 0
    analysis: Analysis | None = None


class Feedback(WireModel):
    turn_id: str
    session_id: str
    grade: int
    """1 (useless) to 5 (just right)."""
    comment: str = ""
    source: str = "api"
    """Where it was given: `api`, `lab`, `notebook`."""
    created_at: Timestamp
    updated_at: Timestamp


class FeedbackGiven(WireModel):
    grade: int = Field(ge=1, le=5)
    comment: str = Field(default="", max_length=5_000)
    source: Literal["api", "lab", "notebook"] = "api"


RecommendationCategory = Literal[
    "query_crafting",
    "model_selection",
    "session_management",
    "memory_leverage",
    "cost_optimization",
    "tool_usage",
    "configuration",
]


class Impact(WireModel):
    monthly_savings: Money | None = None
    """US dollars a month, at the pace of the period; null where it is not about money, or no price is known."""
    quality_change: float | None = None
    """In grades, of 5."""
    description: str = ""


class Recommendation(WireModel):
    rule: str
    category: RecommendationCategory
    priority: Literal["high", "medium", "low"]
    title: str
    explanation: str
    action: str
    evidence: list[Evidence] = Field(default_factory=list)
    estimated_impact: Impact = Field(default_factory=Impact)
    do: Action | None = None


class Profile(WireModel):
    """How somebody works, in the numbers that the rules look at. Turns, sessions, costs, tokens and cache are of the
    whole period; what else there is to tell of turns is of its newest 500."""

    turns: int = 0
    sessions: int = 0
    total_cost: Money = "0"
    average_cost: Money | None = None
    average_input_tokens: float = 0
    average_output_tokens: float = 0
    average_message_characters: float = 0
    turns_per_session: float = 0
    models: dict[str, int] = Field(default_factory=dict)
    """Turns by `provider/model`."""
    complexity: dict[Complexity, int] = Field(default_factory=dict)
    """Turns by complexity."""
    tool_calls: int = 0
    tool_success_rate: float | None = None
    cache_hit_rate: float | None = None
    average_budget_utilization: float | None = None
    context_pressure_rate: float | None = None
    """Turns that used over 80 % of their context budget, over all turns with one."""
    memory_rate: float | None = None
    """Turns with something of a memory, skill or knowledge base in their context."""
    average_grade: float | None = None
    grade_coverage: float = 0
    retry_rate: float = 0
    error_rate: float = 0


class Recommendations(WireModel):
    period: str
    profile: Profile
    recommendations: list[Recommendation]
    """The most important first."""
    count: int
    analysis: Analysis | None = None
    """The newest one that was asked for, of this period."""


# Numbers -------------------------------------------------------------------------------------------------------------

Period = Literal["1h", "24h", "7d", "30d", "90d", "1y", "all"]
GroupBy = Literal["hour", "day", "week", "month", "provider", "model", "session", "purpose", "user"]


class Totals(WireModel):
    """Sums of model requests. Every sum of the same requests is the same, wherever it stands."""

    requests: int = 0
    errors: int = 0
    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0
    cost: Money = "0"
    saved: Money = "0"
    """What the provider's cache made cheaper."""
    unpriced: int = 0
    """Requests that used tokens and whose price nobody knows: `cost` is without them."""


class CostRow(Totals):
    """Sums of the requests that are alike in what was grouped by; the other keys are null."""

    time: Timestamp | None = None
    """When the hour, day, week or month begins, in the report's time zone."""
    provider: str | None = None
    model: str | None = None
    session_id: str | None = None
    title: str | None = None
    """The session's; null where it is not there any more."""
    purpose: str | None = None
    user: str | None = None
    average_ms: float | None = None
    average_first_token_ms: float | None = None


class CostReport(Page[CostRow]):
    """What was used in a period. Rows in the order of time, then of cost."""

    period: str
    """As asked for, or `start/end`."""
    start: Timestamp | None = None
    end: Timestamp
    timezone: str
    """In which days begin."""
    by: list[GroupBy]
    totals: Totals
    """Of all rows, on whatever page."""


class Transaction(WireModel):
    """One line of the ledger: a model request, and what it cost."""

    id: str
    session_id: str | None = None
    turn_id: str | None = None
    step: int | None = None
    purpose: str
    provider: str
    model: str
    input: int
    output: int
    cache_read: int
    cache_write: int
    cost: Money | None = None
    saved: Money | None = None
    price_source: str | None = None
    cached: bool
    """Whether the provider read some of it from its cache."""
    first_token_ms: int | None = None
    duration_ms: int | None = None
    error_code: str | None = None
    created_at: Timestamp


class ModelConsumption(Totals):
    model: str


class ProviderConsumption(Totals):
    provider: str
    models: list[ModelConsumption]


class SessionConsumption(Totals):
    session_id: str | None
    """Null for requests of no session."""
    title: str | None = None
    last_at: Timestamp | None = None


class UserConsumption(Totals):
    user: str


class DayConsumption(Totals):
    day: str
    """`YYYY-MM-DD` in the report's time zone."""


class Consumption(WireModel):
    """Who and what used how much. Lists of sessions hold the 50 most costly."""

    period: str
    timezone: str
    totals: Totals
    providers: list[ProviderConsumption]
    sessions: list[SessionConsumption]
    users: list[UserConsumption]
    days: list[DayConsumption]


class ModelCache(WireModel):
    provider: str
    model: str
    hits: int
    misses: int
    hit_rate: float | None = None
    tokens_read: int
    tokens_written: int
    token_rate: float | None = None
    """Tokens read from the cache over all tokens sent."""
    saved: Money


class CacheStatistics(WireModel):
    """Use of the providers' prompt caches."""

    period: str
    hits: int
    """Requests of which some tokens were read from the cache."""
    misses: int
    hit_rate: float | None = None
    tokens_read: int
    tokens_written: int
    token_rate: float | None = None
    saved: Money
    models: list[ModelCache]


class Attribution(WireModel):
    """What a part of the context cost: its share of the input tokens' price."""

    tokens: int
    cost: Money | None = None
    share: float
    """Of all input tokens, 0 to 1."""


class EfficiencyCost(WireModel):
    total: Money
    per_output_token: Money | None = None
    effective_per_turn: Money | None = None
    cache_savings: Money
    cumulative_trend: float | None = None
    """The second half's cost a turn over the first half's, less 1."""
    attribution: dict[ContextPartName, Attribution] = Field(default_factory=dict)
    wasted_budget_cost: Money = "0"
    """Paid for requests that failed or were stopped."""


class EfficiencyTrend(WireModel):
    """The second half of the period against the first: (second - first) / first; null where there was nothing."""

    output_density: float | None = None
    cost_per_turn: float | None = None
    duration: float | None = None
    cache_hit_rate: float | None = None


class GradeWith(WireModel):
    average: float | None = None
    count: int = 0


class EfficiencyQuality(WireModel):
    average_grade: float | None = None
    grade_count: int = 0
    grade_coverage: float = 0
    """Turns that have a grade over all turns."""
    cost_per_quality_point: Money | None = None
    by_complexity: dict[Complexity, GradeWith] = Field(default_factory=dict)
    with_memory: GradeWith = Field(default_factory=GradeWith)
    without_memory: GradeWith = Field(default_factory=GradeWith)
    trend: float | None = None
    """The second half's average grade less the first half's."""


class ModelEfficiency(WireModel):
    provider: str
    model: str
    total_turns: int
    requests: int
    error_rate: float
    output_density: float | None = None
    """Output tokens over input tokens."""
    budget_utilization: float | None = None
    """Context used over context budget, on average."""
    memory_roi: float | None = None
    """How much of the memory, skill and knowledge tokens' share was in turns with a grade of 4 or 5."""
    system_prompt_weight: float | None = None
    """The system prompt's share of the context."""
    cache_hit_rate: float | None = None
    context_pressure_rate: float | None = None
    """Requests that used over 80 % of their context budget."""
    average_ms: float | None = None
    p95_ms: float | None = None
    average_first_token_ms: float | None = None
    tokens_per_second: float | None = None
    cost: EfficiencyCost
    trend: EfficiencyTrend
    quality: EfficiencyQuality


class EfficiencyPoint(WireModel):
    time: Timestamp
    model: str
    turns: int
    cost: Money
    output_density: float | None = None
    cache_hit_rate: float | None = None


class EfficiencyTotals(WireModel):
    total_cost: Money
    total_cache_savings: Money
    total_turns: int
    most_expensive_model: str | None = None
    most_efficient_model: str | None = None
    """By output tokens for a dollar."""
    biggest_cost_driver: ContextPartName | None = None


class EfficiencyReport(WireModel):
    period: str
    timezone: str
    models: dict[str, ModelEfficiency]
    """By `provider/model`."""
    time_series: list[EfficiencyPoint]
    totals: EfficiencyTotals


class TimeSeries(WireModel):
    """One number for each hour, the current one last."""

    hours: int
    timezone: str
    labels: list[str]
    """`HH:00`"""
    times: list[Timestamp]
    cost: list[Money]
    tokens: list[int]
    requests: list[int]
    sessions: list[int]
    """Sessions in which something was asked."""
    errors: list[int]
    latency_p50_ms: list[float | None]


class ProviderCapacity(WireModel):
    """What was used in the last minute against the provider's limits."""

    provider: str
    name: str
    tokens_used: int
    requests_used: int
    tpm_limit: int | None = None
    """Tokens a minute: as the provider says in its answers, else as it is configured; null where nobody knows."""
    rpm_limit: int | None = None
    """Requests a minute."""
    limit_source: Literal["provider", "settings"] | None = None
    token_utilization: float | None = None
    request_utilization: float | None = None
    headroom: float | None = None
    """What is left of the tighter limit, 0 to 1."""
    near_capacity: bool = False
    """Whether less than a tenth is left."""
    sustained_hot: bool = False
    """Whether that was so in each of the last three minutes."""
    resets_at: Timestamp | None = None
    state: Literal["closed", "open", "half_open"] = "closed"
    """Of its breaker."""


class CapacityReport(WireModel):
    providers: dict[str, ProviderCapacity]


# Money that may be spent ---------------------------------------------------------------------------------------------

BudgetScope = Literal["turn", "session", "day", "month", "user"]
"""`user`: all that a user ever spends."""


class BudgetLimit(WireModel):
    """A limit in US dollars: `soft` warns, `hard` stops."""

    scope: BudgetScope
    session_id: str | None = Field(default=None, max_length=64)
    """Of scope `session`: the one session that it counts for; null for each."""
    soft: Money | None = None
    hard: Money | None = None

    @model_validator(mode="after")
    def _limits_something(self) -> BudgetLimit:
        from decimal import Decimal

        if self.soft is None and self.hard is None:
            raise ValueError("a budget has a soft or a hard limit")
        if self.soft is not None and self.hard is not None and Decimal(self.soft) > Decimal(self.hard):
            raise ValueError("the soft limit is not above the hard one")
        if self.session_id is not None and self.scope != "session":
            raise ValueError("only a budget of scope session names one")
        return self


class BudgetState(BudgetLimit):
    """A limit, and how much of it is used."""

    source: Literal["user", "admin"]
    """Who set it; an administrator's cannot be changed here, and of two the tighter one counts."""
    spent: Money | None = None
    """In its current turn, session, day or month; null for a limit of every turn or session."""
    left: Money | None = None
    fraction: float | None = None
    """Spent over the hard limit, or over the soft one where there is no other."""
    state: Literal["ok", "soft", "hard"] = "ok"
    resets_at: Timestamp | None = None
    unpriced: int = 0
    """Requests whose price nobody knows: they are not in `spent`."""


class Budgets(WireModel):
    items: list[BudgetState]
    timezone: str
    """In which days and months begin."""


class BudgetsPut(WireModel):
    items: list[BudgetLimit] = Field(max_length=200)
    """All limits of the caller's own; those that are not here are removed."""

    @model_validator(mode="after")
    def _each_once(self) -> BudgetsPut:
        seen = [(one.scope, one.session_id) for one in self.items]
        if len(set(seen)) != len(seen):
            raise ValueError("there are two budgets of the same scope")
        return self


class UsageSummary(WireModel):
    """What a person wants to see all the time."""

    today: Totals
    month: Totals
    timezone: str
    budgets: list[BudgetState]
    """Of the day, the month and the user."""
    left: Money | None = None
    """Until the tightest hard limit of these; null where there is none."""
