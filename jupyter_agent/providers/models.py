"""What the `providers` room sends and accepts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from jupyter_agent.api.models import Money, Timestamp, Usage, WireModel

ProviderKind = Literal["local", "openai", "openai_compatible", "anthropic", "google", "ollama"]

ModelId = Annotated[str, Field(min_length=1, max_length=256, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""What a provider calls a model; no control characters."""

SECRET_MASK = "***"
"""What a read gives for a secret; written back, it keeps what is stored."""


class ModelPrice(WireModel):
    """The user's own price of a model, in US dollars per million tokens."""

    input: Money
    output: Money
    cache_read: Money | None = None
    cache_write: Money | None = None


class ProviderOptions(WireModel):
    """What nobody but the user can know of a provider. Null leaves it to what is known of its models."""

    api: Literal["chat", "responses"] | None = None
    """OpenAI's Chat Completions or Responses. Null: Responses at `openai`, Chat Completions elsewhere."""
    supports_tools: bool | None = None
    supports_images: bool | None = None
    context_window: int | None = Field(default=None, ge=256, le=100_000_000)
    """Tokens."""
    tpm: int | None = Field(default=None, ge=1, le=2**53)
    """Tokens a minute that it allows; counts where it does not say so itself in its answers."""
    rpm: int | None = Field(default=None, ge=1, le=2**53)
    """Requests a minute that it allows; as `tpm`."""


class Provider(WireModel):
    """Where models come from."""

    id: str
    kind: ProviderKind
    name: str
    base_url: str | None = None
    api_key: Literal["***"] | None = None
    """"***" where there is a key, wherever it comes from."""
    key_source: Literal["none", "stored", "environment", "not_needed"]
    key_env: str | None = None
    """The environment variable that is read for the key."""
    headers: dict[str, Literal["***"]] = Field(default_factory=dict)
    """Extra headers; their values are secrets."""
    enabled: bool = True
    is_default: bool = False
    default_model: str | None = None
    """As the user chose it; null where nobody did."""
    models: list[str] = Field(default_factory=list)
    """Models named by the user, listed before those the provider names itself."""
    prices: dict[str, ModelPrice] = Field(default_factory=dict)
    """Model id to price; counts before the public price list."""
    options: ProviderOptions = Field(default_factory=ProviderOptions)
    builtin: bool = False
    """True for those that are always there; they can be changed, not deleted."""
    state: Literal["ready", "needs_key", "needs_package", "needs_model", "disabled"]
    """Known without a call; `verify` makes a call."""
    next_action: str | None = None
    """What to do about a state that is not ready, in one sentence."""
    verified_at: Timestamp | None = None
    created_at: Timestamp | None = None
    updated_at: Timestamp | None = None


class ProviderWrite(WireModel):
    """A whole provider. `"***"` as key or header value keeps what is stored; null as key removes nothing."""

    kind: ProviderKind
    name: str = Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")
    base_url: str | None = Field(default=None, max_length=2048)
    """Where its API is; null for the kind's own address. The key and the headers must be given again with another
    host: what is stored is never sent to a host that it was not meant for."""
    api_key: str | None = Field(default=None, max_length=4096)
    headers: dict[str, str] = Field(default_factory=dict, max_length=32)
    enabled: bool = True
    default_model: ModelId | None = None
    models: list[ModelId] = Field(default_factory=list, max_length=1000)
    prices: dict[ModelId, ModelPrice] = Field(default_factory=dict, max_length=1000)
    options: ProviderOptions = Field(default_factory=ProviderOptions)


class ProviderCreate(ProviderWrite):
    id: str | None = Field(default=None, pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")
    """Null makes one from the name."""


class DefaultModel(WireModel):
    """The provider and model of whoever names none."""

    provider: str
    model: ModelId | None = None
    """Null for the provider's own default model."""


class Credential(WireModel):
    """Whether a provider has a key, and from where. Never the key itself."""

    provider: str
    provider_name: str
    kind: ProviderKind
    key_source: Literal["none", "stored", "environment", "not_needed"]
    key_env: str | None = None
    """The environment variable that the key is read from."""
    stored_in: Literal["keyring", "file"] | None = None
    """Where the stored key and headers are: the operating system's keyring or a file that only its owner can read."""
    headers: list[str] = Field(default_factory=list)
    """Names of the extra headers."""
    updated_at: Timestamp | None = None


class ProviderKey(WireModel):
    api_key: str = Field(min_length=1, max_length=4096)


class Verify(WireModel):
    model: ModelId | None = None
    multimodal: bool = False
    """Also send a picture and check that the model saw it."""


class VerifyUnsaved(ProviderWrite):
    """A provider to try before it is saved; `provider_id` lends its stored key where `api_key` is `"***"`."""

    provider_id: str | None = None
    model: ModelId | None = None
    multimodal: bool = False


class VerifyResult(WireModel):
    ok: bool
    """Whether everything that was asked for worked."""
    model: str | None = None
    text: str | None = None
    """The first 200 characters of what the model said."""
    multimodal: bool | None = None
    """Null where it was not asked."""
    latency_ms: int
    usage: Usage | None = None
    error_code: str | None = None
    """As in TurnError.code."""
    error: str | None = None
    next_action: str | None = None


class Model(WireModel):
    """A model one can choose."""

    id: str
    provider: str
    provider_name: str
    name: str
    available: bool
    """False where its provider is not ready; `reason` says what is missing."""
    reason: str | None = None
    is_default: bool = False
    context_window: int | None = None
    """Tokens."""
    input_price: Money | None = None
    """US dollars per million tokens."""
    output_price: Money | None = None
    price_source: Literal["user", "genai-prices", "free"] | None = None
    supports_tools: bool | None = None
    supports_images: bool | None = None
    supports_thinking: bool | None = None


class ModelList(WireModel):
    items: list[Model]
    total: int
    cached_at: Timestamp | None = None
    """When the provider was asked; null where the list is built in or the user's."""
    error: str | None = None
    """Why the provider could not be asked, where it could not."""


class CacheCleared(WireModel):
    provider: str
    cleared: bool


class Deleted(WireModel):
    id: str
    deleted: Literal[True] = True


BreakerState = Literal["closed", "open", "half_open"]
"""`closed`: it is asked; `open`: it is not; `half_open`: one request tries it, or its limits are nearly used up."""


class Breaker(WireModel):
    """Whether a provider is asked, or left alone after failures."""

    provider: str
    name: str
    state: BreakerState
    failures: int = 0
    """Requests that failed within the window; while it is open those that it was opened for."""
    held_by: Literal["operator", "credit"] | None = None
    """Why it stays open until it is reset: a person opened it, or there is no credit left. Null: time closes it."""
    reason: str | None = None
    """Why it is not closed."""
    opened_at: Timestamp | None = None
    retry_at: Timestamp | None = None
    """When a request tries it again."""
    cooldown_seconds: float | None = None
    """How long it is left alone this time."""
    last_error: str | None = None
    """As in TurnError.code."""
    last_failure_at: Timestamp | None = None


class BreakerConfig(WireModel):
    """The settings that count: section `selection` of the configuration."""

    failures: int
    window_seconds: float
    cooldown_seconds: float
    max_cooldown_seconds: float


class Breakers(WireModel):
    providers: dict[str, Breaker]
    """By the provider's id. What failed is counted by each server process for itself; what is held counts for all."""
    config: BreakerConfig


class BreakerOpening(WireModel):
    """Why a provider is not to be asked."""

    reason: str = Field(default="", max_length=300)


class RateLimit(WireModel):
    """A limit of a provider's."""

    kind: Literal["requests", "tokens", "input_tokens", "output_tokens"]
    limit: int | None = None
    remaining: int | None = None
    """As its last answer said; null where that was too long ago."""
    window_seconds: float | None = None
    """What time the limit is for, where that is known: 60 for one a minute."""
    resets_at: Timestamp | None = None
    """When all of it is there again."""
    source: Literal["provider", "settings"]
    """`provider`: the headers of its answers; `settings`: the provider's `options`."""
    seen_at: Timestamp | None = None
    """When the answer came."""


class QuotaUse(WireModel):
    requests: int = 0
    tokens: int = 0


class ProviderQuota(WireModel):
    """What a provider allows, and what was used of it."""

    provider: str
    name: str
    limits: list[RateLimit]
    """Empty where nobody said."""
    last_minute: QuotaUse
    """By all who use the provider's key through this server and others on its database."""
    headroom: float | None = None
    """What is left of the tightest limit, 0 to 1."""
    state: BreakerState
    today: Usage
    """What the caller used since the day began (`budgets.timezone`)."""


class ProviderQuotas(WireModel):
    items: list[ProviderQuota]
