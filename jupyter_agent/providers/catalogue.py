"""What is known of each kind of provider, and a provider's configuration as the rest of the room uses it."""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from jupyter_agent.api.errors import invalid
from jupyter_agent.providers.models import ModelPrice, ProviderKind, ProviderOptions

if TYPE_CHECKING:
    from jupyter_agent.storage.tables import ProviderRow

Origin = tuple[str, str, int]
"""Scheme, host and port: where a secret goes."""

LOCAL_ID = "local"
LOCAL_MODEL = "SmolLM2-135M-Instruct"
RESERVED_IDS = frozenset({"default", "verify", "credentials", "breakers", "quota"})
"""Words that stand in an id's place in the API's paths."""


@dataclass(frozen=True)
class Kind:
    """What all providers of a kind have in common."""

    name: str
    package: str
    """The import package without which it does not work."""
    extra: str
    """The extra of our distribution that brings it."""
    needs_key: bool = False
    key_envs: tuple[str, ...] = ()
    """Variables that hold its key, the first that is set counts."""
    url_env: str | None = None
    default_url: str | None = None
    price_id: str | None = None
    """Its name in the public price list."""
    suggestions: tuple[str, ...] = ()
    """Models shown until the provider was asked; the first one is used by whoever names none. They only need to exist:
    which models there are is asked of the provider."""


KINDS: Mapping[ProviderKind, Kind] = {
    "local": Kind(name="Embedded model", package="xllamacpp", extra="local"),
    "openai": Kind(
        name="OpenAI",
        package="openai",
        extra="openai",
        needs_key=True,
        key_envs=("OPENAI_API_KEY",),
        url_env="OPENAI_BASE_URL",
        default_url="https://api.openai.com/v1",
        price_id="openai",
        suggestions=("gpt-6.1-terra", "gpt-6.1-sol", "gpt-6-luna"),
    ),
    "openai_compatible": Kind(name="OpenAI-compatible", package="openai", extra="openai"),
    "anthropic": Kind(
        name="Anthropic",
        package="anthropic",
        extra="anthropic",
        needs_key=True,
        key_envs=("ANTHROPIC_API_KEY",),
        url_env="ANTHROPIC_BASE_URL",
        default_url="https://api.anthropic.com",
        price_id="anthropic",
        suggestions=("claude-sonnet-5-5", "claude-opus-5-5", "claude-haiku-5-5"),
    ),
    "google": Kind(
        name="Google",
        package="google.genai",
        extra="google",
        needs_key=True,
        key_envs=("GOOGLE_API_KEY", "GEMINI_API_KEY"),
        url_env="GOOGLE_GEMINI_BASE_URL",
        default_url="https://generativelanguage.googleapis.com",
        price_id="google",
        suggestions=("gemini-3.8-flash", "gemini-4-argon", "gemini-3.5-flash-lite"),
    ),
    "ollama": Kind(
        name="Ollama",
        package="openai",
        extra="openai",
        key_envs=("OLLAMA_API_KEY",),
        url_env="OLLAMA_HOST",
        default_url="http://localhost:11434",
    ),
}

BUILTIN: tuple[ProviderKind, ...] = ("local", "openai", "anthropic", "google", "ollama")
"""Always listed; their id is their kind."""
FREE: frozenset[ProviderKind] = frozenset({"local", "ollama"})
CHOICE: tuple[ProviderKind, ...] = ("anthropic", "openai", "google", "openai_compatible")
"""The order in which a default is looked for where the user chose none; then the embedded model."""


@dataclass(frozen=True)
class Secrets:
    """A provider's key and the values of its extra headers. Shows neither in its repr."""

    api_key: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __bool__(self) -> bool:
        return bool(self.api_key or self.headers)

    @property
    def authenticates(self) -> bool:
        """Whether there is a key, or a header that stands for one."""
        return bool(self.api_key) or any(
            name.lower() in ("authorization", "x-api-key", "api-key", "x-goog-api-key") for name in self.headers
        )


@dataclass(frozen=True)
class ProviderConfig:
    """One provider, without its secrets."""

    id: str
    kind: ProviderKind
    name: str
    base_url: str | None = None
    header_names: tuple[str, ...] = ()
    enabled: bool = True
    default_model: str | None = None
    models: tuple[str, ...] = ()
    prices: Mapping[str, ModelPrice] = field(default_factory=dict)
    options: ProviderOptions = field(default_factory=ProviderOptions)
    verified_at: datetime | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def builtin(self) -> bool:
        return self.id in BUILTIN

    @property
    def facts(self) -> Kind:
        return KINDS[self.kind]

    def url(self, environment: Mapping[str, str]) -> str | None:
        """Where its API is, without a slash at the end."""
        return self.base_url or own_url(self.kind, environment)

    def origin(self, environment: Mapping[str, str]) -> Origin | None:
        url = self.url(environment)
        return origin_of(url) if url else None

    def environment_key(self, environment: Mapping[str, str]) -> tuple[str, str] | None:
        """The variable and the key in it. Only for the host that the variable is meant for: a provider that was
        pointed elsewhere does not get it."""
        if self.base_url is not None:
            own = own_url(self.kind, environment)
            if own is None or origin_of(own) != origin_of(self.base_url):
                return None
        for name in self.facts.key_envs:
            if value := environment.get(name, "").strip():
                return name, value
        return None


def own_url(kind: ProviderKind, environment: Mapping[str, str]) -> str | None:
    """The kind's address: from its environment variable where that is set, else its public one."""
    facts = KINDS[kind]
    value = environment.get(facts.url_env, "").strip() if facts.url_env else ""
    if value:
        if kind == "ollama":
            return _ollama_url(value)
        if urlsplit(value).scheme in ("http", "https") and urlsplit(value).hostname:
            return value.rstrip("/")
    return facts.default_url


def _ollama_url(host: str) -> str:
    # As Ollama's own client reads OLLAMA_HOST: scheme and port may be missing, and 0.0.0.0 is where it listens.
    scheme, _, rest = host.rpartition("://")
    scheme = scheme if scheme in ("http", "https") else "http"
    parts = urlsplit(f"//{rest}")
    name = parts.hostname or "localhost"
    if name in ("0.0.0.0", "::"):  # noqa: S104
        name = "localhost"
    if ":" in name:
        name = f"[{name}]"
    port = parts.port or (443 if scheme == "https" else 11434)
    return f"{scheme}://{name}:{port}{parts.path.rstrip('/')}"


def origin_of(url: str) -> Origin:
    parts = urlsplit(url)
    return parts.scheme.lower(), (parts.hostname or "").lower(), parts.port or (443 if parts.scheme == "https" else 80)


def checked_url(url: str, path: str = "body.base_url") -> str:
    """The URL without a slash at its end. Raises ApiError 422 for what is no http or https address of an API."""
    text = url.strip()
    if re.search(r"[\x00-\x20\x7f\\]", text):
        raise invalid(path, "an address has no spaces or control characters")
    try:
        parts = urlsplit(text)
        port = parts.port
        host = (parts.hostname or "").encode("idna" if not (parts.hostname or "").isascii() else "ascii").decode()
    except (ValueError, UnicodeError) as error:
        raise invalid(path, f"not an address: {error}") from error
    if parts.scheme.lower() not in ("http", "https"):
        raise invalid(path, "must begin with http:// or https://")
    if not host or port == 0:
        raise invalid(path, "names no host, such as in https://api.example.org/v1")
    if parts.username is not None or parts.password is not None:
        raise invalid(path, "must not hold a user name or password; give the key as api_key")
    if parts.query or parts.fragment:
        raise invalid(path, "must not have a query (?...) or a fragment (#...)")
    return text.rstrip("/")


_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}")
_OWN_HEADERS = frozenset({"host", "content-length", "transfer-encoding", "connection", "content-type"})


def checked_key(key: str, path: str) -> str:
    """The key without space around it. Raises ApiError 422 for what cannot be sent in a header."""
    text = key.strip()
    if not text:
        raise invalid(path, "is empty; to remove a key use DELETE /providers/{id}/key")
    if not re.fullmatch(r"[\x21-\x7e]+", text):
        raise invalid(path, "a key has no spaces, control characters or letters outside ASCII")
    return text


def checked_headers(headers: Mapping[str, str], path: str = "body.headers") -> dict[str, str]:
    """Raises ApiError 422 for names and values that no HTTP request can have."""
    seen: set[str] = set()
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            raise invalid(path, f"{name[:100]!r} is no name of a header")
        if name.lower() in _OWN_HEADERS:
            raise invalid(f"{path}.{name}", "is set by the request itself")
        if name.lower() in seen:
            raise invalid(f"{path}.{name}", "is there twice")
        if len(value) > 4096 or not re.fullmatch(r"[\x21-\x7e]([\x20-\x7e\t]*[\x21-\x7e])?", value):
            raise invalid(f"{path}.{name}", "has 1 to 4096 ASCII characters, none of them a line break")
        seen.add(name.lower())
    return dict(headers)


def builtins(environment: Mapping[str, str], *, ollama_here: bool) -> dict[str, ProviderConfig]:
    """The built-in providers as nobody changed them. Ollama is on where this machine has it."""
    return {
        kind: ProviderConfig(
            id=kind,
            kind=kind,
            name=KINDS[kind].name,
            enabled=kind != "ollama" or ollama_here or bool(environment.get("OLLAMA_HOST")),
        )
        for kind in BUILTIN
    }


def config_of(row: ProviderRow) -> ProviderConfig:
    kind: ProviderKind = row.kind  # type: ignore[assignment]  # only ever written from a ProviderWrite
    return ProviderConfig(
        id=row.id,
        kind=kind,
        name=row.name,
        base_url=row.base_url,
        header_names=tuple(row.header_names),
        enabled=row.enabled,
        default_model=row.default_model,
        models=tuple(row.models),
        prices={model: ModelPrice.model_validate(price) for model, price in row.prices.items()},
        options=ProviderOptions.model_validate(row.options),
        verified_at=row.verified_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def environment(use: bool) -> Mapping[str, str]:
    """The variables that a provider may be configured by; none where the setting forbids it."""
    return os.environ if use else {}


def is_installed(package: str) -> bool:
    """Whether the package is there, without importing it (its parents, which are namespaces, are)."""
    try:
        return importlib.util.find_spec(package) is not None
    except (ImportError, ValueError):
        return False
