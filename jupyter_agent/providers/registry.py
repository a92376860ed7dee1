"""Which providers there are: their configuration, keys and state, and the default one."""

from __future__ import annotations

import asyncio
import dataclasses
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from jupyter_agent.api.errors import conflict, invalid, not_found
from jupyter_agent.api.redaction import register
from jupyter_agent.providers import catalogue, local, weights
from jupyter_agent.providers.catalogue import LOCAL_ID, ProviderConfig, Secrets
from jupyter_agent.providers.failures import not_configured
from jupyter_agent.providers.keys import KeyStore, Place
from jupyter_agent.providers.models import (
    SECRET_MASK,
    Credential,
    DefaultModel,
    Provider,
    ProviderCreate,
    ProviderWrite,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.app import Services

DEFAULT_SETTING = "providers.default"
HOLD_PREFIX = "providers.breaker."
"""Of settings that say of a provider's breaker that it is held open, or when it was reset."""

State = Literal["ready", "needs_key", "needs_package", "needs_model", "disabled"]


@dataclass(frozen=True)
class Known:
    """Everything that was read of the providers at one moment."""

    configs: Mapping[str, ProviderConfig]
    default: DefaultModel | None
    installed: Mapping[str, bool]
    """Import package to whether it is there."""
    weights_here: bool
    environment: Mapping[str, str]
    holds: Mapping[str, dict[str, Any]] = dataclasses.field(default_factory=dict)
    """What is stored of the breakers, by the provider's id."""


@dataclass(frozen=True)
class View:
    """A provider with what makes up its state."""

    config: ProviderConfig
    secrets: Secrets
    """What requests are made with: the stored key, else the environment's."""
    stored: Secrets
    place: Place | None
    key_env: str | None
    """The variable that the key in `secrets` is from."""
    url: str | None
    state: State
    next_action: str | None

    @property
    def address(self) -> str:
        """Where its API is. Raises ApiError `not_configured` where nobody said."""
        if self.url is None:
            raise not_configured(f"{self.config.name} has no address: give it a base_url.", provider=self.config.id)
        return self.url


class Registry:
    """The providers as they are configured. They belong to the server: whoever may use it shares them."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._keys = KeyStore(services.data_dir, use_keyring=services.settings.providers.keyring)
        self._stored: dict[str, tuple[datetime | None, Secrets, Place | None]] = {}
        self._last: Known | None = None
        self._writing = asyncio.Lock()

    # What there is

    async def _read(self) -> Known:
        """Everything from the database and this machine, now: another server may share the database."""

        def read(orm: Orm) -> tuple[list[ProviderConfig], DefaultModel | None, dict[str, dict[str, Any]]]:
            from sqlalchemy import select

            from jupyter_agent.storage.tables import ProviderRow, SettingRow

            rows = orm.scalars(select(ProviderRow).order_by(ProviderRow.created_at, ProviderRow.id)).all()
            setting = orm.get(SettingRow, DEFAULT_SETTING)
            return (
                [catalogue.config_of(row) for row in rows],
                DefaultModel.model_validate(setting.value) if setting is not None else None,
                holds_in(orm),
            )

        def look() -> tuple[dict[str, bool], bool, bool]:
            packages = {kind.package for kind in catalogue.KINDS.values()}
            installed = {package: catalogue.is_installed(package) for package in packages}
            here = weights.locate(self._services.settings.local_model, self._services.data_dir) is not None
            return installed, here, shutil.which("ollama") is not None

        (stored, default, holds), (installed, weights_here, ollama_here) = await asyncio.gather(
            self._services.db.read(read), asyncio.to_thread(look)
        )
        environment = catalogue.environment(self._services.settings.providers.use_environment_keys)
        configs = catalogue.builtins(environment, ollama_here=ollama_here)
        configs.update({config.id: config for config in stored})
        self._last = Known(configs, default, installed, weights_here, environment, holds)
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

    async def _view(self, known: Known, config: ProviderConfig) -> View:
        stored, place = await self._secrets(config)
        secrets, key_env = stored, None
        if stored.api_key is None and (found := config.environment_key(known.environment)) is not None:
            key_env, key = found
            register(key)
            secrets = dataclasses.replace(stored, api_key=key)
        state, next_action = self._state(known, config, secrets)
        return View(config, secrets, stored, place, key_env, config.url(known.environment), state, next_action)

    def _state(self, known: Known, config: ProviderConfig, secrets: Secrets) -> tuple[State, str | None]:
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
    def _require(known: Known, provider_id: str) -> ProviderConfig:
        config = known.configs.get(provider_id)
        if config is None:
            raise not_found("provider", provider_id)
        return config

    def _wire(self, known: Known, view: View, default_id: str | None) -> Provider:
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
    def _key_source(view: View) -> Any:
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

    async def _default(self, known: Known) -> DefaultModel:
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
        self, known: Known, id_: str, body: ProviderWrite, old: ProviderConfig | None, stored: Secrets
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
        known: Known,
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
        """Drops what was made of a configuration that has changed."""
        self._stored.pop(provider_id, None)

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
                hold = orm.get(SettingRow, f"{HOLD_PREFIX}{provider_id}")
                if hold is not None:
                    orm.delete(hold)
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


def holds_in(orm: Orm) -> dict[str, dict[str, Any]]:
    """What is stored of the breakers, by the provider's id."""
    from sqlalchemy import select

    from jupyter_agent.storage.tables import SettingRow

    rows = orm.scalars(select(SettingRow).where(SettingRow.name.startswith(HOLD_PREFIX, autoescape=True)))
    return {row.name.removeprefix(HOLD_PREFIX): row.value for row in rows}


def _free_id(name: str, taken: Mapping[str, object]) -> str:
    base = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:48] or "provider"
    number, id_ = 1, base
    while id_ in taken or id_ in catalogue.RESERVED_IDS:
        number += 1
        id_ = f"{base}-{number}"
    return id_
