"""What the `providers` room does: which providers there are, their keys, their models, and what a request cost."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import logging
import re
import shutil
import time
import weakref
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from jupyter_agent.api.errors import ApiError, conflict, invalid, not_found
from jupyter_agent.api.models import Usage
from jupyter_agent.api.redaction import redact, register
from jupyter_agent.providers import catalogue, failures, listing, local, pricing, weights
from jupyter_agent.providers.catalogue import LOCAL_ID, ProviderConfig, Secrets
from jupyter_agent.providers.failures import not_configured
from jupyter_agent.providers.keys import KeyStore, Place
from jupyter_agent.providers.listing import Listed
from jupyter_agent.providers.models import (
    SECRET_MASK,
    CacheCleared,
    Credential,
    DefaultModel,
    Model,
    ModelList,
    Provider,
    ProviderCreate,
    ProviderKind,
    ProviderWrite,
    VerifyResult,
    VerifyUnsaved,
)
from jupyter_agent.turns.models import TurnError

if TYPE_CHECKING:
    import pydantic_ai.models
    from pydantic_ai.settings import ModelSettings
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.app import Services
    from jupyter_agent.providers.connections import Connection
    from jupyter_agent.storage.tables import ModelRequestRow

log = logging.getLogger(__name__)

DEFAULT_SETTING = "providers.default"
MOST_MODELS = 256
"""Model objects that are kept; more names than that are somebody trying names."""
FAILED_LIST_SECONDS = 30.0
"""How long a list that could not be had is not asked for again."""
VERIFY_SECONDS = 90.0
VERIFY_TOKENS = 1024
"""Models that think need some before they say a word."""
LONGEST_WAIT = 30.0


@dataclass(frozen=True)
class ResolvedModel:
    """A model that is ready to be asked."""

    provider_id: str
    provider_name: str
    kind: ProviderKind
    model_id: str
    model: pydantic_ai.models.Model
    context_window: int | None
    """Tokens; None where nobody knows."""
    supports_tools: bool
    supports_images: bool


@dataclass(frozen=True)
class _Known:
    """Everything that was read of the providers at one moment."""

    configs: Mapping[str, ProviderConfig]
    default: DefaultModel | None
    installed: Mapping[str, bool]
    """Import package to whether it is there."""
    weights_here: bool
    environment: Mapping[str, str]


@dataclass(frozen=True)
class _Listing:
    version: str
    asked: float
    """By the monotonic clock."""
    at: datetime
    models: list[Listed]
    error: str | None


@dataclass(frozen=True)
class _View:
    """A provider with what makes up its state."""

    config: ProviderConfig
    secrets: Secrets
    """What requests are made with: the stored key, else the environment's."""
    stored: Secrets
    place: Place | None
    key_env: str | None
    """The variable that the key in `secrets` is from."""
    url: str | None
    state: str
    next_action: str | None

    @property
    def address(self) -> str:
        """Where its API is. Raises ApiError `not_configured` where nobody said."""
        if self.url is None:
            raise not_configured(f"{self.config.name} has no address: give it a base_url.", provider=self.config.id)
        return self.url


class ProviderService:
    """Providers belong to the server, not to a user: whoever may use it shares them."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self.engine = local.Engine(services.settings.local_model, services.data_dir)
        self._keys = KeyStore(services.data_dir, use_keyring=services.settings.providers.keyring)
        self._stored: dict[str, tuple[datetime | None, Secrets, Place | None]] = {}
        self._last: _Known | None = None
        self._writing = asyncio.Lock()
        self._connecting = asyncio.Lock()
        self._connections: dict[str, tuple[str, Connection]] = {}
        self._models: OrderedDict[tuple[str, str], tuple[str, ResolvedModel]] = OrderedDict()
        self._clients: set[Any] = set()
        self._closing: set[asyncio.Task[None]] = set()
        self._listings: dict[str, _Listing] = {}
        self._listing: dict[str, asyncio.Lock] = {}

    async def close(self) -> None:
        """Closes every connection and frees the embedded model. Called once, at the server's end."""
        self._connections.clear()
        self._models.clear()
        for client in list(self._clients):
            await self._close_client(client)
        if self._closing:
            await asyncio.wait(self._closing)
        await self.engine.close()

    # What there is

    async def _read(self) -> _Known:
        """Everything from the database and this machine, now: another server may share the database."""

        def read(orm: Orm) -> tuple[list[ProviderConfig], DefaultModel | None]:
            from sqlalchemy import select

            from jupyter_agent.storage.tables import ProviderRow, SettingRow

            rows = orm.scalars(select(ProviderRow).order_by(ProviderRow.created_at, ProviderRow.id)).all()
            setting = orm.get(SettingRow, DEFAULT_SETTING)
            return (
                [catalogue.config_of(row) for row in rows],
                DefaultModel.model_validate(setting.value) if setting is not None else None,
            )

        def look() -> tuple[dict[str, bool], bool, bool]:
            packages = {kind.package for kind in catalogue.KINDS.values()}
            installed = {package: catalogue.is_installed(package) for package in packages}
            here = weights.locate(self._services.settings.local_model, self._services.data_dir) is not None
            return installed, here, shutil.which("ollama") is not None

        (stored, default), (installed, weights_here, ollama_here) = await asyncio.gather(
            self._services.db.read(read), asyncio.to_thread(look)
        )
        environment = catalogue.environment(self._services.settings.providers.use_environment_keys)
        configs = catalogue.builtins(environment, ollama_here=ollama_here)
        configs.update({config.id: config for config in stored})
        self._last = _Known(configs, default, installed, weights_here, environment)
        return self._last

    async def _secrets(self, config: ProviderConfig) -> tuple[Secrets, Place | None]:
        known = self._stored.get(config.id)
        # Whoever changes a key, in this process or another, also touches the row.
        if known is None or known[0] != config.updated_at:
            if config.created_at is None:
                found: tuple[Secrets, Place | None] = (Secrets(), None)
            else:
                found = await asyncio.to_thread(self._keys.get, config.id)
            for secret in (found[0].api_key, *found[0].headers.values()):
                if secret:
                    register(secret)
            known = self._stored[config.id] = (config.updated_at, *found)
        return known[1], known[2]

    async def _view(self, known: _Known, config: ProviderConfig) -> _View:
        stored, place = await self._secrets(config)
        secrets, key_env = stored, None
        if stored.api_key is None and (found := config.environment_key(known.environment)) is not None:
            key_env, key = found
            register(key)
            secrets = dataclasses.replace(stored, api_key=key)
        state, next_action = self._state(known, config, secrets)
        return _View(config, secrets, stored, place, key_env, config.url(known.environment), state, next_action)

    def _state(self, known: _Known, config: ProviderConfig, secrets: Secrets) -> tuple[str, str | None]:
        facts = config.facts
        if config.kind == "local" and not self._services.settings.local_model.enabled:
            return "disabled", "Set LocalModelSettings.enabled to use the embedded model."
        if not config.enabled:
            if config.id == "ollama" and config.created_at is None:
                return "disabled", "Install and start Ollama (https://ollama.com), then enable this provider."
            return "disabled", "Enable this provider."
        if not known.installed[facts.package]:
            return "needs_package", f'Run: pip install "jupyterlab-agent[{facts.extra}]", then restart the server.'
        if config.kind == "local" and not known.weights_here:
            path = self._services.settings.local_model.model_path
            if path:
                return "needs_model", f"{path} is not there: correct LocalModelSettings.model_path."
            return "needs_model", "Run: jupyter agent model"
        if facts.needs_key and not secrets.authenticates:
            variable = f", or set {facts.key_envs[0]}" if facts.key_envs and config.base_url is None else ""
            return "needs_key", f"Give it a key{variable}."
        return "ready", None

    @staticmethod
    def _require(known: _Known, provider_id: str) -> ProviderConfig:
        config = known.configs.get(provider_id)
        if config is None:
            raise not_found("provider", provider_id)
        return config

    def _wire(self, known: _Known, view: _View, default_id: str | None) -> Provider:
        config = view.config
        return Provider(
            id=config.id,
            kind=config.kind,
            name=config.name,
            base_url=config.base_url,
            api_key=SECRET_MASK if view.secrets.api_key else None,
            key_source=self._key_source(view),
            key_env=view.key_env or (config.facts.key_envs[0] if config.facts.key_envs else None),
            headers=dict.fromkeys(config.header_names, SECRET_MASK),
            enabled=config.enabled,
            is_default=config.id == default_id,
            default_model=config.default_model,
            models=list(config.models),
            prices=dict(config.prices),
            options=config.options,
            builtin=config.builtin,
            state=view.state,
            next_action=view.next_action,
            verified_at=config.verified_at,
            created_at=config.created_at,
            updated_at=config.updated_at,
        )

    @staticmethod
    def _key_source(view: _View) -> Any:
        if view.stored.api_key is not None:
            return "stored"
        if view.key_env is not None:
            return "environment"
        return "not_needed" if view.config.kind in ("local", "ollama") else "none"

    def _own_model(self, config: ProviderConfig) -> str | None:
        """The model of whoever names none, as far as it is known without asking the provider."""
        if config.kind == "local":
            return local.model_name(self._services.settings.local_model)
        if config.default_model is not None:
            return config.default_model
        if config.models:
            return config.models[0]
        return config.facts.suggestions[0] if config.facts.suggestions else None

    async def list_providers(self) -> list[Provider]:
        """All providers: the built-in ones, then the users' in the order in which they were made."""
        known = await self._read()
        chosen = await self._default(known)
        views = [await self._view(known, config) for config in known.configs.values()]
        return [self._wire(known, view, chosen.provider) for view in views]

    async def get_provider(self, provider_id: str) -> Provider:
        """Raises ApiError 404."""
        known = await self._read()
        config = self._require(known, provider_id)
        chosen = await self._default(known)
        return self._wire(known, await self._view(known, config), chosen.provider)

    async def list_credentials(self) -> list[Credential]:
        """Which provider has a key, and where it is from."""
        known = await self._read()
        views = [await self._view(known, config) for config in known.configs.values()]
        return [
            Credential(
                provider=view.config.id,
                provider_name=view.config.name,
                kind=view.config.kind,
                key_source=self._key_source(view),
                key_env=view.key_env,
                stored_in=view.place,
                headers=list(view.config.header_names),
                updated_at=view.config.updated_at if view.stored else None,
            )
            for view in views
        ]

    # The default one

    async def _default(self, known: _Known) -> DefaultModel:
        """The user's choice, else the first provider that is ready and has a key, else the embedded model."""
        if known.default is not None and known.default.provider in known.configs:
            return known.default
        for kind in catalogue.CHOICE:
            candidates = [config for config in known.configs.values() if config.kind == kind]
            for config in candidates:
                view = await self._view(known, config)
                if view.state == "ready" and view.secrets.authenticates:
                    return DefaultModel(provider=config.id)
        return DefaultModel(provider=LOCAL_ID)

    async def get_default(self) -> DefaultModel:
        """What whoever names no provider gets; `model` is filled in where it is known."""
        known = await self._read()
        chosen = await self._default(known)
        return DefaultModel(
            provider=chosen.provider, model=chosen.model or self._own_model(known.configs[chosen.provider])
        )

    async def default_provider(self) -> Provider | None:
        """The default provider, `default_model` being the model that would be used; None where the user chose none and
        none is ready."""
        known = await self._read()
        chosen = await self._default(known)
        view = await self._view(known, known.configs[chosen.provider])
        if known.default is None and view.state != "ready":
            return None
        provider = self._wire(known, view, chosen.provider)
        return provider.model_copy(update={"default_model": chosen.model or self._own_model(view.config)})

    async def set_default(self, body: DefaultModel) -> DefaultModel:
        """Raises ApiError 422 for a provider that is not there."""
        known = await self._read()
        config = known.configs.get(body.provider)
        if config is None:
            raise invalid("body.provider", f"there is no provider {body.provider[:128]!r}")
        if config.kind == "local" and body.model not in (None, self._own_model(config)):
            raise invalid("body.model", f"the embedded model is {self._own_model(config)}")

        def write(orm: Orm) -> None:
            from jupyter_agent.storage.tables import SettingRow, utcnow

            row = orm.get(SettingRow, DEFAULT_SETTING) or SettingRow(name=DEFAULT_SETTING)
            row.value = body.model_dump()
            row.updated_at = utcnow()
            orm.add(row)

        await self._services.db.write(write)
        return await self.get_default()

    # Changing

    async def create_provider(self, body: ProviderCreate) -> Provider:
        """Raises ApiError: 409 for an id that is there, 422 for what cannot be."""
        async with self._writing:
            known = await self._read()
            if body.id is None:
                id_ = _free_id(body.name, known.configs)
            elif body.id in catalogue.RESERVED_IDS:
                raise invalid("body.id", "is a word of the API's own paths")
            elif body.id in known.configs:
                raise conflict(f"There is a provider {body.id!r} already.", id=body.id)
            else:
                id_ = body.id
            if body.kind == "local":
                raise invalid("body.kind", "there is one embedded model, the provider 'local'")
            config, secrets = self._checked(known, id_, body, None, Secrets())
            await self._store(config, secrets, Secrets())
        return await self.get_provider(id_)

    async def update_provider(self, provider_id: str, body: ProviderWrite) -> Provider:
        """Replaces a provider. Raises ApiError: 404, 422."""
        async with self._writing:
            known = await self._read()
            old = self._require(known, provider_id)
            if old.builtin and body.kind != old.kind:
                raise invalid("body.kind", f"a built-in provider stays {old.kind!r}")
            if body.kind == "local" and not old.builtin:
                raise invalid("body.kind", "there is one embedded model, the provider 'local'")
            stored, _ = await self._secrets(old)
            config, secrets = self._checked(known, provider_id, body, old, stored)
            await self._store(config, secrets, stored)
        return await self.get_provider(provider_id)

    def _checked(
        self, known: _Known, id_: str, body: ProviderWrite, old: ProviderConfig | None, stored: Secrets
    ) -> tuple[ProviderConfig, Secrets]:
        """What is to be stored. Raises ApiError 422."""
        name = body.name.strip()
        if not name:
            raise invalid("body.name", "is empty")
        base_url = catalogue.checked_url(body.base_url) if body.base_url else None
        if body.kind == "openai_compatible" and base_url is None:
            raise invalid("body.base_url", "is needed for an OpenAI-compatible provider")
        if body.kind == "local" and (base_url or body.api_key or body.headers):
            raise invalid("body", "the embedded model has no address, key or headers")
        config = ProviderConfig(
            id=id_,
            kind=body.kind,
            name=name,
            base_url=base_url,
            enabled=body.enabled,
            default_model=body.default_model,
            models=tuple(dict.fromkeys(body.models)),
            prices=body.prices,
            options=body.options,
            created_at=old.created_at if old else None,
        )
        elsewhere = old is not None and config.origin(known.environment) != old.origin(known.environment)
        secrets = self._merged(known, config, body, stored, elsewhere=elsewhere, old=old)
        return dataclasses.replace(config, header_names=tuple(secrets.headers)), secrets

    def _merged(
        self,
        known: _Known,
        config: ProviderConfig,
        body: ProviderWrite,
        stored: Secrets,
        *,
        elsewhere: bool,
        old: ProviderConfig | None,
    ) -> Secrets:
        """The secrets of a write over those that are stored: `***` keeps, null as key keeps. A kept secret never goes
        to another host than the one it was given for. Raises ApiError 422."""
        if body.api_key in (None, SECRET_MASK):
            api_key = stored.api_key
            if api_key is not None and elsewhere:
                raise invalid("body.api_key", "give the key again: with another host the stored one is not kept")
            if body.api_key == SECRET_MASK and api_key is None:
                of_environment = old is not None and old.environment_key(known.environment) is not None
                if of_environment and config.environment_key(known.environment) is None:
                    raise invalid(
                        "body.api_key", "give a key: the one in the environment is not for another host than its own"
                    )
                if not of_environment and config.environment_key(known.environment) is None:
                    raise invalid("body.api_key", "there is no stored key to keep")
        else:
            api_key = catalogue.checked_key(body.api_key or "", "body.api_key")
        headers = {}
        for name, value in catalogue.checked_headers(body.headers).items():
            if value == SECRET_MASK:
                if name not in stored.headers:
                    raise invalid(f"body.headers.{name}", "there is no stored value to keep")
                if elsewhere:
                    raise invalid(
                        f"body.headers.{name}", "give the value again: with another host the stored one is not kept"
                    )
                value = stored.headers[name]
            headers[name] = value
        return Secrets(api_key=api_key, headers=headers)

    async def _store(self, config: ProviderConfig, secrets: Secrets, before: Secrets) -> None:
        """Writes the secrets, then the row; puts the secrets back where the row cannot be written."""

        def write(orm: Orm) -> None:
            from jupyter_agent.storage.tables import ProviderRow, utcnow

            row = orm.get(ProviderRow, config.id)
            if row is None:
                row = ProviderRow(id=config.id, created_at=utcnow())
                orm.add(row)
            row.kind = config.kind
            row.name = config.name
            row.base_url = config.base_url
            row.header_names = list(config.header_names)
            row.enabled = config.enabled
            row.default_model = config.default_model
            row.models = list(config.models)
            row.prices = {model: price.model_dump() for model, price in config.prices.items()}
            row.options = config.options.model_dump(exclude_none=True)
            row.verified_at = None
            row.updated_at = utcnow()

        if secrets != before:
            await asyncio.to_thread(self._keys.set, config.id, secrets)
        try:
            await self._services.db.write(write)
        except BaseException:
            if secrets != before:
                await asyncio.to_thread(self._keys.set, config.id, before)
            raise
        self._forget(config.id)

    def _forget(self, provider_id: str) -> None:
        """Drops what was built from a configuration that has changed. Turns that run keep what they have."""
        self._stored.pop(provider_id, None)
        self._listings.pop(provider_id, None)
        self._connections.pop(provider_id, None)
        for key in [key for key in self._models if key[0] == provider_id]:
            del self._models[key]

    async def delete_provider(self, provider_id: str) -> None:
        """Forgets a provider and its key. Raises ApiError: 404, 409 for a built-in one."""
        async with self._writing:
            known = await self._read()
            config = self._require(known, provider_id)
            if config.builtin:
                raise conflict("A built-in provider cannot be deleted; disable it instead.", id=provider_id)

            def write(orm: Orm) -> None:
                from jupyter_agent.storage.tables import ProviderRow, SettingRow

                row = orm.get(ProviderRow, provider_id)
                if row is not None:
                    orm.delete(row)
                setting = orm.get(SettingRow, DEFAULT_SETTING)
                if setting is not None and setting.value.get("provider") == provider_id:
                    orm.delete(setting)

            await asyncio.to_thread(self._keys.delete, provider_id)
            await self._services.db.write(write)
            self._forget(provider_id)

    async def set_key(self, provider_id: str, api_key: str) -> Provider:
        """Stores a key in place of the one there is. Raises ApiError: 404, 409 where no key is needed, 422."""
        async with self._writing:
            known = await self._read()
            config = self._require(known, provider_id)
            if config.kind == "local":
                raise conflict("The embedded model needs no key.", id=provider_id)
            key = catalogue.checked_key(api_key, "body.api_key")
            if key == SECRET_MASK:
                raise invalid("body.api_key", "is the mask, not a key")
            stored, _ = await self._secrets(config)
            await self._store(config, dataclasses.replace(stored, api_key=key), stored)
        return await self.get_provider(provider_id)

    async def remove_key(self, provider_id: str) -> Provider:
        """Forgets the stored key. Raises ApiError: 404 where there is no provider or no key, 409 for a key that is in
        the environment."""
        async with self._writing:
            known = await self._read()
            config = self._require(known, provider_id)
            view = await self._view(known, config)
            if view.stored.api_key is None:
                if view.key_env is not None:
                    raise conflict(
                        f"The key is in the environment variable {view.key_env}: unset it there, or disable this "
                        "provider.",
                        id=provider_id,
                        key_env=view.key_env,
                    )
                raise not_found("key of the provider", provider_id)
            await self._store(config, dataclasses.replace(view.stored, api_key=None), view.stored)
        return await self.get_provider(provider_id)

    # Models to ask

    async def resolve(self, provider: str | None = None, model: str | None = None) -> ResolvedModel:
        """The model to ask. Without a provider the default one; without a model the provider's default.

        Raises ApiError: 404 for a provider that is not there, 409 `not_configured` for one that is not ready."""
        known = await self._read()
        if provider is None:
            chosen = await self._default(known)
            provider, model = chosen.provider, model or chosen.model
        config = self._require(known, provider)
        return await self._resolve(await self._view(known, config), model)

    async def _resolve(self, view: _View, model: str | None) -> ResolvedModel:
        config = view.config
        if view.state != "ready":
            raise not_configured(
                f"{config.name} is not ready. {view.next_action}",
                provider=config.id,
                state=view.state,
                next_action=view.next_action,
            )
        model_id = model or self._own_model(config) or await self._first_listed(view)
        if config.kind == "local" and model_id != self._own_model(config):
            raise ApiError(
                404,
                "model_not_found",
                f"The embedded model is {self._own_model(config)}; there is no {model_id[:256]!r}.",
            )
        key = (config.id, model_id)
        version = self._version(view)
        found = self._models.get(key)
        if found is None or found[0] != version:
            # One at a time: the first one imports an SDK, and the others wait for the same.
            async with self._connecting:
                found = self._models.get(key)
                if found is None or found[0] != version:
                    found = version, await self._build(view, model_id, version)
                    self._models[key] = found
                    while len(self._models) > MOST_MODELS:
                        self._models.popitem(last=False)
        self._models.move_to_end(key)
        return found[1]

    async def _first_listed(self, view: _View) -> str:
        listing_ = await self._listing_of(view)
        if not listing_.models:
            reason = f" ({listing_.error})" if listing_.error else ""
            raise not_configured(
                f"{view.config.name} has no default model, and lists none{reason}. Name a model.",
                provider=view.config.id,
            )
        return listing_.models[0].id

    def _version(self, view: _View) -> str:
        """Changes with everything that a connection is built from."""
        settings = self._services.settings
        config = view.config
        parts = (
            config.kind,
            view.url,
            view.secrets.api_key,
            sorted(view.secrets.headers.items()),
            config.name,
            config.options.model_dump(),
            settings.providers.request_timeout_seconds,
            (settings.local_model.model_path, settings.local_model.context_tokens) if config.kind == "local" else None,
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    async def _build(self, view: _View, model_id: str, version: str) -> ResolvedModel:
        config = view.config
        if config.kind == "local":
            limits = self._services.settings.local_model
            model = await asyncio.to_thread(local.build_model, self.engine, model_id, lambda: limits.max_output_tokens)
        else:
            current = self._connections.get(config.id)
            if current is None or current[0] != version:
                current = version, await self._connect(view)
                self._connections[config.id] = current
                # So that nothing holds the old one but the turns that still use it.
                for key in [
                    key for key, (other, _) in self._models.items() if key[0] == config.id and other != version
                ]:
                    del self._models[key]
            model = await asyncio.to_thread(current[1].model, model_id)
        return await asyncio.to_thread(_resolved, config, model_id, model)

    async def _connect(self, view: _View) -> Connection:
        timeout = self._services.settings.providers.request_timeout_seconds

        def connect() -> Connection:
            from jupyter_agent.providers import connections

            return connections.connect(view.config, view.address, view.secrets, timeout)

        connection = await asyncio.to_thread(connect)
        client = connection.client
        self._clients.add(client)
        loop = asyncio.get_running_loop()

        def unused() -> None:
            # The last model that used it is gone, so no request of it runs.
            def close() -> None:
                task = loop.create_task(self._close_client(client))
                self._closing.add(task)
                task.add_done_callback(self._closing.discard)

            if client in self._clients and not loop.is_closed():
                loop.call_soon_threadsafe(close)

        weakref.finalize(connection.provider, unused).atexit = False
        return connection

    async def _close_client(self, client: Any) -> None:
        self._clients.discard(client)
        await client.aclose()

    async def other_than(self, provider_id: str) -> ResolvedModel | None:
        """A model of another provider that is ready, for a second opinion; None where there is none. The embedded model
        gives no opinions worth having."""
        known = await self._read()
        candidates = [
            config for config in known.configs.values() if config.id != provider_id and config.kind != "local"
        ]
        # Those with a key first, in the order of the default's choice; one without may not be running.
        order: dict[str, int] = {kind: at for at, kind in enumerate(catalogue.CHOICE)}
        views = [await self._view(known, config) for config in candidates]
        views.sort(key=lambda view: (not view.secrets.authenticates, order.get(view.config.kind, len(order))))
        for view in views:
            if view.state == "ready" and (view.secrets.authenticates or view.config.verified_at is not None):
                try:
                    return await self._resolve(view, None)
                except ApiError as error:
                    log.info("no second opinion from %s: %s", view.config.id, error.message)
        return None

    # Money and errors

    def price(self, provider_id: str, model_id: str, usage: Usage) -> tuple[Decimal | None, str | None]:
        """US dollars of this usage, and whose price it is: `user`, `genai-prices` or `free`; (None, None) where no
        price is known. Works from what was last read of the providers, so call `resolve` before."""
        config = self._last.configs.get(provider_id) if self._last is not None else None
        if config is None or self._last is None:
            return None, None
        return pricing.price(config, config.url(self._last.environment), model_id, usage)

    def explain(self, error: BaseException) -> TurnError:
        """Any exception of a model request as a `TurnError`, without secrets. Never raises."""
        return failures.explain(error)

    async def record(self, row: ModelRequestRow) -> None:
        """Writes a model request to the ledger."""
        await self._services.db.write(lambda orm: orm.add(row))

    # One call outside a turn

    async def ask(
        self,
        owner: str,
        prompt: str,
        *,
        system: str | None = None,
        purpose: str,
        provider: str | None = None,
        model: str | None = None,
        session_id: str | None = None,
        max_output_tokens: int | None = None,
    ) -> tuple[str, Usage]:
        """The model's answer, and what it used. Tries again where that can help; written to the ledger.

        Raises ApiError as `resolve` does, and whatever the provider's failure is: `explain` tells it."""
        resolved = await self.resolve(provider, model)
        settings: ModelSettings = {"max_tokens": max_output_tokens} if max_output_tokens else {}
        retries = self._services.settings.providers.max_retries
        attempt = 0
        while True:
            try:
                return await self._request(
                    owner, resolved, [prompt], system=system, settings=settings, purpose=purpose, session_id=session_id
                )
            except Exception as error:
                told = self.explain(error)
                wait = told.retry_after_seconds if told.retry_after_seconds is not None else 0.5 * 2**attempt
                if attempt == retries or not told.retryable or wait > LONGEST_WAIT:
                    raise
            attempt += 1
            await asyncio.sleep(wait)

    async def _request(
        self,
        owner: str,
        resolved: ResolvedModel,
        content: list[Any],
        *,
        purpose: str,
        system: str | None = None,
        settings: ModelSettings | None = None,
        session_id: str | None = None,
    ) -> tuple[str, Usage]:
        from pydantic_ai.direct import model_request
        from pydantic_ai.messages import ModelRequest, TextPart, UserPromptPart

        user = UserPromptPart(content=content[0] if len(content) == 1 and isinstance(content[0], str) else content)
        started = time.monotonic()
        usage, text, failed = Usage(requests=1), "", None
        try:
            response = await model_request(
                resolved.model, [ModelRequest(parts=[user], instructions=system)], model_settings=settings
            )
            usage = pricing.usage_of(response.usage)
            text = "".join(part.content for part in response.parts if isinstance(part, TextPart))
        except Exception as error:
            failed = self.explain(error).code
            raise
        finally:
            amount, source = self.price(resolved.provider_id, resolved.model_id, usage)
            if failed is None:
                usage = usage.model_copy(update={"cost": pricing.money(amount)})
            await self._record_call(
                owner=owner,
                purpose=purpose,
                session_id=session_id,
                resolved=resolved,
                usage=usage,
                cost=amount if failed is None else None,
                price_source=source if failed is None else None,
                duration_ms=int((time.monotonic() - started) * 1000),
                error_code=failed,
            )
        return text, usage

    async def _record_call(self, *, resolved: ResolvedModel, usage: Usage, **fields: Any) -> None:
        from jupyter_agent.storage.ids import new_id
        from jupyter_agent.storage.tables import ModelRequestRow

        row = ModelRequestRow(
            id=new_id("req"),
            provider=resolved.provider_id,
            model=resolved.model_id,
            input_tokens=usage.input,
            output_tokens=usage.output,
            cache_read_tokens=usage.cache_read,
            cache_write_tokens=usage.cache_write,
            **fields,
        )
        await self.record(row)

    # Trying

    async def verify(self, owner: str, provider_id: str, *, model: str | None, multimodal: bool) -> VerifyResult:
        """Asks a provider something small, for real. Raises ApiError 404; what fails there is in the result."""
        known = await self._read()
        config = self._require(known, provider_id)
        view = await self._view(known, config)
        result = await self._verify(owner, view, model, multimodal, lambda: self._resolve(view, model))
        if result.ok:
            await self._services.db.write(lambda orm: _mark_verified(orm, provider_id, config.updated_at))
        return result

    async def verify_unsaved(self, owner: str, body: VerifyUnsaved) -> VerifyResult:
        """As `verify`, for a provider that is nowhere stored. Raises ApiError: 404, 422 as a write does."""
        known = await self._read()
        old, stored = None, Secrets()
        if body.provider_id is not None:
            old = self._require(known, body.provider_id)
            stored, _ = await self._secrets(old)
            if body.api_key is None:
                # Only "***" borrows; null is no key, or the environment's.
                stored = dataclasses.replace(stored, api_key=None)
        config, secrets = self._checked(known, body.provider_id or "unsaved", body, old, stored)
        key_env = None
        if secrets.api_key is None and (found := config.environment_key(known.environment)) is not None:
            key_env, key = found
            secrets = dataclasses.replace(secrets, api_key=key)
        for secret in (secrets.api_key, *secrets.headers.values()):
            if secret:
                register(secret)
        # Trying a provider that is switched off is what one does before switching it on.
        state, next_action = self._state(known, dataclasses.replace(config, enabled=True), secrets)
        view = _View(config, secrets, secrets, None, key_env, config.url(known.environment), state, next_action)
        if config.kind == "local" or state != "ready":
            return await self._verify(owner, view, body.model, body.multimodal, lambda: self._resolve(view, body.model))
        connection = await self._connect(view)
        try:

            async def resolve() -> ResolvedModel:
                model_id = body.model or self._own_model(config) or await self._first_of(view)
                model = await asyncio.to_thread(connection.model, model_id)
                return await asyncio.to_thread(_resolved, config, model_id, model)

            return await self._verify(owner, view, body.model, body.multimodal, resolve)
        finally:
            await self._close_client(connection.client)

    async def _first_of(self, view: _View) -> str:
        models = await listing.ask(view.config, view.address, view.secrets)
        if not models:
            raise not_configured(f"{view.config.name} lists no models. Name one.")
        return models[0].id

    async def _verify(
        self,
        owner: str,
        view: _View,
        model: str | None,
        multimodal: bool,
        resolve: Callable[[], Awaitable[ResolvedModel]],
    ) -> VerifyResult:
        from jupyter_agent.providers import pictures

        started = time.monotonic()
        used: list[Usage] = []
        said: str | None = None
        model_id = model

        def result(ok: bool, error: TurnError | None = None, seen: bool | None = None) -> VerifyResult:
            return VerifyResult(
                ok=ok,
                model=model_id,
                text=redact(said)[:200] if said is not None else None,
                multimodal=seen,
                latency_ms=int((time.monotonic() - started) * 1000),
                usage=_sum(used),
                error_code=error.code if error else None,
                error=error.message if error else None,
                next_action=(view.next_action or _advice(error, view)) if error else None,
            )

        settings: ModelSettings = {"max_tokens": VERIFY_TOKENS}
        try:
            resolved = await resolve()
            model_id = resolved.model_id
            said, usage = await asyncio.wait_for(
                self._request(owner, resolved, ["Say the word ready."], settings=settings, purpose="verify"),
                VERIFY_SECONDS,
            )
            used.append(usage)
        except Exception as error:
            return result(False, self.explain(error), seen=None)
        if not multimodal:
            return result(True)
        if not resolved.supports_images:
            wrong = TurnError(code="bad_response", message=f"{resolved.model_id} reads text only.")
            return result(False, wrong, seen=False)
        name, png = pictures.plain_colour()
        try:
            from pydantic_ai.messages import BinaryContent

            content = [
                "What colour is this picture? Answer with the name of the colour alone.",
                BinaryContent(data=png, media_type="image/png"),
            ]
            seen, usage = await asyncio.wait_for(
                self._request(owner, resolved, content, settings=settings, purpose="verify"), VERIFY_SECONDS
            )
            used.append(usage)
        except Exception as error:
            return result(False, self.explain(error), seen=False)
        said = seen
        if not pictures.names(seen, name):
            wrong = TurnError(code="bad_response", message=f"The picture was {name}; the model said: {seen[:100]!r}")
            return result(False, wrong, seen=False)
        return result(True, seen=True)

    # Lists of models

    async def list_models(
        self, *, q: str | None = None, provider: str | None = None, refresh: bool = False
    ) -> ModelList:
        """The models of one provider, or of all that are enabled. A provider that cannot be asked leaves those that the
        user named and says why in `error`. Raises ApiError 404."""
        known = await self._read()
        configs = [config for config in known.configs.values() if config.enabled]
        if provider is not None:
            configs = [self._require(known, provider)]
        chosen = await self._default(known)
        views = [await self._view(known, config) for config in configs]
        lists = await asyncio.gather(*(self._models_of(known, view, chosen, refresh=refresh) for view in views))
        items = [model for one in lists for model in one.items]
        if q is not None and (wanted := q.strip().lower()):
            items = [
                model
                for model in items
                if wanted in f"{model.id} {model.name} {model.provider} {model.provider_name}".lower()
            ]
        errors = [f"{view.config.name}: {one.error}" for view, one in zip(views, lists, strict=True) if one.error]
        moments = [one.cached_at for one in lists if one.cached_at is not None]
        return ModelList(
            items=items,
            total=len(items),
            cached_at=min(moments) if moments else None,
            error="; ".join(errors) or None,
        )

    async def provider_models(self, provider_id: str, *, refresh: bool = False) -> ModelList:
        """The models of one provider. Raises ApiError 404."""
        known = await self._read()
        view = await self._view(known, self._require(known, provider_id))
        return await self._models_of(known, view, await self._default(known), refresh=refresh)

    async def clear_models(self, provider_id: str) -> CacheCleared:
        """Forgets the list of a provider's models. Raises ApiError 404."""
        known = await self._read()
        self._require(known, provider_id)
        return CacheCleared(provider=provider_id, cleared=self._listings.pop(provider_id, None) is not None)

    async def _models_of(self, known: _Known, view: _View, chosen: DefaultModel, *, refresh: bool) -> ModelList:
        config = view.config
        ready = view.state == "ready"
        found: _Listing | None = None
        if ready and config.kind != "local":
            found = await self._listing_of(view, refresh=refresh)
        listed = {model.id: model for model in found.models} if found else {}
        own = self._own_model(config)
        ids = list(dict.fromkeys([*([config.default_model] if config.default_model else []), *config.models]))
        if listed:
            ids = list(dict.fromkeys([*ids, *listed]))
        elif own is not None:
            ids = list(dict.fromkeys([*ids, own, *config.facts.suggestions]))
        default_id = (chosen.model or own) if chosen.provider == config.id else None

        def describe() -> list[Model]:
            return [self._model(view, listed.get(id_) or Listed(id_), id_ == default_id) for id_ in ids]

        return ModelList(
            # In a thread: the price list loads on first use, and is looked through for each model.
            items=await asyncio.to_thread(describe),
            total=len(ids),
            cached_at=found.at if found and not found.error else None,
            error=found.error if found else None,
        )

    def _model(self, view: _View, listed: Listed, is_default: bool) -> Model:
        config = view.config
        price = config.prices.get(listed.id)
        public = pricing.look_up(config, view.url, listed.id)
        source: pricing.PriceSource | None = None
        input_price, output_price = pricing.money(public.input_price), pricing.money(public.output_price)
        if price is not None:
            input_price, output_price, source = price.input, price.output, "user"
        elif config.kind in catalogue.FREE:
            input_price, output_price, source = "0", "0", "free"
        elif input_price is not None or output_price is not None:
            source = "genai-prices"
        window = config.options.context_window or listed.context_window or public.context_window
        tools, images, thinking = listed.supports_tools, listed.supports_images, listed.supports_thinking
        if config.kind == "local":
            window, tools, images, thinking = self.engine.context_tokens, False, False, False
        if config.options.supports_tools is not None:
            tools = config.options.supports_tools
        if config.options.supports_images is not None:
            images = config.options.supports_images
        return Model(
            id=listed.id,
            provider=config.id,
            provider_name=config.name,
            name=listed.name or listed.id,
            available=view.state == "ready",
            reason=view.next_action,
            is_default=is_default,
            context_window=window,
            input_price=input_price,
            output_price=output_price,
            price_source=source,
            supports_tools=tools,
            supports_images=images,
            supports_thinking=thinking,
        )

    async def _listing_of(self, view: _View, *, refresh: bool = False) -> _Listing:
        """The provider's own list, from the cache where it is fresh. A failure is a list with `error`."""
        config = view.config
        asked_for = time.monotonic()
        async with self._listing.setdefault(config.id, asyncio.Lock()):
            found = self._listings.get(config.id)
            version = self._version(view)
            if found is not None and found.version == version:
                lifetime = (
                    FAILED_LIST_SECONDS if found.error else self._services.settings.providers.models_cache_seconds
                )
                # Whoever waited for another's request has a list as new as they asked for.
                if found.asked >= asked_for or (not refresh and time.monotonic() - found.asked < lifetime):
                    return found
            models: list[Listed] = []
            error: str | None = None
            try:
                models = await listing.ask(config, view.address, view.secrets)
            except Exception as problem:
                error = self.explain(problem).message
                log.info("the models of %s cannot be listed: %s", config.id, error)
            found = _Listing(version, time.monotonic(), datetime.now(timezone.utc), models, error)
            self._listings[config.id] = found
            return found


def _resolved(config: ProviderConfig, model_id: str, model: pydantic_ai.models.Model) -> ResolvedModel:
    profile = model.profile
    tools, images = config.options.supports_tools, config.options.supports_images
    return ResolvedModel(
        provider_id=config.id,
        provider_name=config.name,
        kind=config.kind,
        model_id=model_id,
        model=model,
        context_window=config.options.context_window or model.context_window,
        supports_tools=config.kind != "local" and (tools if tools is not None else profile.get("supports_tools", True)),
        supports_images=images if images is not None else profile.get("supports_image_input", True),
    )


def _free_id(name: str, taken: Mapping[str, object]) -> str:
    base = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:48] or "provider"
    number, id_ = 1, base
    while id_ in taken or id_ in catalogue.RESERVED_IDS:
        number += 1
        id_ = f"{base}-{number}"
    return id_


def _mark_verified(orm: Orm, provider_id: str, updated_at: datetime | None) -> None:
    from jupyter_agent.storage.tables import ProviderRow, utcnow

    row = orm.get(ProviderRow, provider_id)
    # Changed meanwhile: what was tried is not what is there.
    if row is not None and row.updated_at == updated_at:
        row.verified_at = utcnow()


def _sum(used: list[Usage]) -> Usage | None:
    if not used:
        return None
    costs = [Decimal(usage.cost) for usage in used if usage.cost is not None]
    return Usage(
        input=sum(usage.input for usage in used),
        output=sum(usage.output for usage in used),
        cache_read=sum(usage.cache_read for usage in used),
        cache_write=sum(usage.cache_write for usage in used),
        requests=sum(usage.requests for usage in used),
        cost=pricing.money(sum(costs, Decimal(0))) if costs else None,
    )


def _advice(error: TurnError | None, view: _View) -> str | None:
    """What to do about a failed try, in one sentence."""
    if error is None:
        return None
    return {
        "unauthorized": "Check the key: the provider does not take it.",
        "rate_limited": "Wait a little, or check the account's quota.",
        "overloaded": "Try again in a few minutes.",
        "unreachable": f"Check the address{f' ({view.url})' if view.url else ''}, and that the provider runs.",
        "timeout": "Check that the provider runs, or raise ProviderSettings.request_timeout_seconds.",
        "model_not_found": "Check the model's name and the address.",
        "bad_response": "Check that this is the address of such a provider's API, and that the model can do this.",
    }.get(error.code)
