"""What the `providers` room does: which providers there are, their keys, their models, and what a request cost."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import logging
import time
import weakref
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from jupyter_agent.api.errors import ApiError
from jupyter_agent.api.models import Usage
from jupyter_agent.api.redaction import redact, register
from jupyter_agent.providers import breakers, catalogue, failures, ledger, limits, listing, local, pricing, wire
from jupyter_agent.providers.breakers import Ticket
from jupyter_agent.providers.catalogue import ProviderConfig, Secrets
from jupyter_agent.providers.failures import not_configured
from jupyter_agent.providers.listing import Listed
from jupyter_agent.providers.models import (
    Breaker,
    Breakers,
    CacheCleared,
    DefaultModel,
    Model,
    ModelList,
    ProviderKind,
    ProviderQuota,
    ProviderQuotas,
    VerifyResult,
    VerifyUnsaved,
)
from jupyter_agent.providers.registry import HOLD_PREFIX, Known, Registry, View, holds_in
from jupyter_agent.providers.selection import Offered, Selection
from jupyter_agent.turns.models import TurnError

if TYPE_CHECKING:
    import pydantic_ai.models
    from pydantic_ai.settings import ModelSettings
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.app import Services
    from jupyter_agent.observatory.models import ModelName
    from jupyter_agent.providers.connections import Connection
    from jupyter_agent.storage.tables import ModelRequestRow

log = logging.getLogger(__name__)

MOST_MODELS = 256
"""Model objects that are kept; more names than that are somebody trying names."""
FAILED_LIST_SECONDS = 30.0
"""How long a list that could not be had is not asked for again."""
VERIFY_SECONDS = 90.0
VERIFY_TOKENS = 1024
"""Models that think need some before they say a word."""
LONGEST_WAIT = 30.0
LOAD_SECONDS = 120.0
"""For so long it counts how busy a provider was."""
HOLD_SECONDS = 1.0
"""For so long what the database says of breakers is not read again."""


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
class _Listing:
    version: str
    asked: float
    """By the monotonic clock."""
    at: datetime
    models: list[Listed]
    error: str | None


class ProviderService(Registry):
    """The providers and their models: what other rooms ask."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.engine = local.Engine(services.settings.local_model, services.data_dir)
        self._connecting = asyncio.Lock()
        self._connections: dict[str, tuple[str, Connection]] = {}
        self._models: OrderedDict[tuple[str, str], tuple[str, ResolvedModel]] = OrderedDict()
        self._clients: set[Any] = set()
        self._closing: set[asyncio.Task[None]] = set()
        self._listings: dict[str, _Listing] = {}
        self._listing: dict[str, asyncio.Lock] = {}
        self.breakers = breakers.Breakers(services.settings.selection)
        self.heard = limits.Heard()
        self.selection = Selection(services, self)
        self._loads: dict[str, limits.Load] = {}
        self._loads_read = float("-inf")
        self._holds_read = float("-inf")
        self._holding: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Closes every connection and frees the embedded model. Called once, at the server's end."""
        await self.selection.close()
        if self._holding:
            await asyncio.wait(self._holding)
        self._connections.clear()
        self._models.clear()
        for client in list(self._clients):
            await self._close_client(client)
        if self._closing:
            await asyncio.wait(self._closing)
        await self.engine.close()

    def _forget(self, provider_id: str) -> None:
        """Also drops connections and lists. Turns that run keep what they have."""
        super()._forget(provider_id)
        self.breakers.forget(provider_id)
        self.heard.forget(provider_id)
        self._loads.pop(provider_id, None)
        self.selection.stale()
        self._listings.pop(provider_id, None)
        self._connections.pop(provider_id, None)
        for key in [key for key in self._models if key[0] == provider_id]:
            del self._models[key]

    async def _read(self) -> Known:
        known = await super()._read()
        self._holds_read = time.monotonic()
        self.breakers.apply(dict(known.holds))
        return known

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

    async def _resolve(self, view: View, model: str | None) -> ResolvedModel:
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

    async def _first_listed(self, view: View) -> str:
        listing_ = await self._listing_of(view)
        if not listing_.models:
            reason = f" ({listing_.error})" if listing_.error else ""
            raise not_configured(
                f"{view.config.name} has no default model, and lists none{reason}. Name a model.",
                provider=view.config.id,
            )
        return listing_.models[0].id

    def _version(self, view: View) -> str:
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

    async def _build(self, view: View, model_id: str, version: str) -> ResolvedModel:
        config = view.config
        if config.kind == "local":
            limits = self._services.settings.local_model
            model = await asyncio.to_thread(local.build_model, self.engine, model_id, lambda: limits.max_output_tokens)
        else:
            current = self._connections.get(config.id)
            if current is None or current[0] != version:
                current = version, await self._connect(view, lambda headers: self.heard.hear(config.id, headers))
                self._connections[config.id] = current
                # So that nothing holds the old one but the turns that still use it.
                for key in [
                    key for key, (other, _) in self._models.items() if key[0] == config.id and other != version
                ]:
                    del self._models[key]
            model = await asyncio.to_thread(current[1].model, model_id)
        return await asyncio.to_thread(_resolved, config, model_id, model)

    async def _connect(self, view: View, heard: Callable[[Mapping[str, str]], None] | None = None) -> Connection:
        timeout = self._services.settings.providers.request_timeout_seconds

        def connect() -> Connection:
            from jupyter_agent.providers import connections

            return connections.connect(view.config, view.address, view.secrets, timeout, heard)

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

    def saved(self, provider_id: str, model_id: str, usage: Usage) -> Decimal | None:
        """US dollars that the provider's cache made this usage cheaper; None where no price is known. As `price`."""
        config = self._last.configs.get(provider_id) if self._last is not None else None
        if config is None or self._last is None:
            return None
        return pricing.saved(config, config.url(self._last.environment), model_id, usage)

    def explain(self, error: BaseException) -> TurnError:
        """Any exception of a model request as a `TurnError`, without secrets. Never raises."""
        return failures.explain(error)

    async def record(self, row: ModelRequestRow) -> None:
        """Writes a model request to the ledger: see `ledger.add_in`."""
        await self._services.db.write(lambda orm: ledger.add_in(orm, row))

    # Whether a provider is asked

    def breaker_state(self, provider_id: str) -> breakers.State:
        """How its breaker stands. Works from memory."""
        return self.breakers.of(provider_id).state(self._pressed(provider_id))

    def headroom(self, provider_id: str) -> float | None:
        """What is left of the provider's tightest limit, 0 to 1; None where none is known. Works from memory."""
        now = datetime.now(UTC)
        left = [share for one in self.heard.of(provider_id).values() if (share := one.left(now)) is not None]
        load = self._load(provider_id)
        if load is not None and load.headroom is not None and not left:
            return load.headroom
        return min(left) if left else None

    def _load(self, provider_id: str) -> limits.Load | None:
        """How busy it was when that was last read; None where that says nothing any more."""
        recent = time.monotonic() - self._loads_read < LOAD_SECONDS
        return self._loads.get(provider_id) if recent else None

    def _pressed(self, provider_id: str) -> bool:
        headroom = self.headroom(provider_id)
        load = self._load(provider_id)
        return (headroom is not None and headroom < limits.NEAR) or (load is not None and load.sustained_hot)

    async def admit(self, resolved: ResolvedModel, *, insist: bool = False) -> Ticket:
        """Leave to ask a model; its result is told to the ticket. `insist`: there is no other one, so a provider whose
        limits are nearly used up is asked all the same. Raises `breakers.BreakerOpen`."""
        if time.monotonic() - self._holds_read > HOLD_SECONDS:
            # Another server may have opened or reset it.
            self._holds_read = time.monotonic()
            self.breakers.apply(await self._services.db.read(holds_in))
        breaker = self.breakers.of(resolved.provider_id)
        return breaker.admit(resolved.provider_name, pressed=self._pressed(resolved.provider_id), insist=insist)

    def failed(self, ticket: Ticket, error: TurnError) -> None:
        """A request was given up: the breaker counts it, and exhausted credit is kept for all servers to see."""
        before = ticket.breaker.held
        ticket.failed(error)
        held = ticket.breaker.held
        if held is not None and held is not before:
            log.warning("%s is not asked any more: %s", ticket.breaker.provider, held.reason)
            task = asyncio.create_task(self._hold(ticket.breaker.provider, held.by, held.reason, held.since))
            self._holding.add(task)
            task.add_done_callback(self._holding.discard)

    async def _hold(self, provider_id: str, by: str, reason: str, since: datetime) -> None:
        def write(orm: Orm) -> None:
            from jupyter_agent.storage.tables import SettingRow, utcnow

            name = f"{HOLD_PREFIX}{provider_id}"
            row = orm.get(SettingRow, name) or SettingRow(name=name)
            row.value = {"by": by, "reason": reason, "since": since.isoformat()}
            row.updated_at = utcnow()
            orm.add(row)

        await self._services.db.write(write)

    async def list_breakers(self) -> Breakers:
        """Those of all providers, and the settings that count."""
        known = await self._read()
        await self.loads(known)
        settings = self._services.settings.selection
        return wire.breakers(settings, [self._breaker(config) for config in known.configs.values()])

    def _breaker(self, config: ProviderConfig) -> Breaker:
        return wire.breaker(config, self.breakers.of(config.id), self._pressed(config.id))

    async def reset_breaker(self, provider_id: str) -> Breaker:
        """Closes a breaker, whatever opened it, in every server on the database. Raises ApiError 404."""
        config = self._require(await self._read(), provider_id)
        await self._hold(provider_id, "reset", "", datetime.now(UTC))
        self.breakers.of(provider_id).close()
        await self._read()
        return self._breaker(config)

    async def open_breaker(self, provider_id: str, reason: str) -> Breaker:
        """Opens a breaker until it is reset, in every server on the database. Raises ApiError 404."""
        config = self._require(await self._read(), provider_id)
        await self._hold(provider_id, "operator", redact(reason.strip()), datetime.now(UTC))
        await self._read()
        return self._breaker(config)

    # What it allows

    async def loads(self, known: Known | None = None) -> dict[str, tuple[ProviderConfig, limits.Load]]:
        """How busy each provider is, and how it is configured."""
        known = known or await self._read()
        now = datetime.now(UTC)
        used = await self._services.db.read(lambda orm: limits.read_use(orm, now))
        found = {
            config.id: (
                config,
                limits.load(used.get(config.id, limits.Use()), self.heard.of(config.id), config.options, now),
            )
            for config in known.configs.values()
        }
        self._loads = {id_: load for id_, (_, load) in found.items()}
        self._loads_read = time.monotonic()
        return found

    async def quotas(self, owner: str) -> ProviderQuotas:
        """What every provider allows, and what was used of it."""
        loads = await self.loads()
        today = await self._today(owner)
        return ProviderQuotas(
            items=[self._quota(config, load, today.get(config.id)) for config, load in loads.values()]
        )

    async def quota(self, owner: str, provider_id: str) -> ProviderQuota:
        """What a provider allows, and what was used of it. Raises ApiError 404."""
        known = await self._read()
        self._require(known, provider_id)
        loads = await self.loads(known)
        return self._quota(*loads[provider_id], (await self._today(owner)).get(provider_id))

    def _quota(self, config: ProviderConfig, load: limits.Load, today: Usage | None) -> ProviderQuota:
        return wire.quota(
            config, load, self.heard.of(config.id), self.breaker_state(config.id), today, datetime.now(UTC)
        )

    async def _today(self, owner: str) -> dict[str, Usage]:
        """What an owner has used of each provider since the day began."""
        from jupyter_agent.observatory import periods

        start = periods.day_start(datetime.now(UTC), periods.zone(self._services.settings))
        return await self._services.db.read(lambda orm: limits.used_since(orm, owner, start))

    async def offered(self, named: Iterable[tuple[str, str]]) -> tuple[list[Offered], ModelName]:
        """The default models of the providers that are ready, and those that are named, at what price; and what is
        asked where nobody names one."""
        from jupyter_agent.observatory.models import ModelName

        known = await self._read()
        await self.loads(known)
        chosen = await self._default(known)
        views = {config.id: await self._view(known, config) for config in known.configs.values()}
        primary = chosen.model or self._own_model(known.configs[chosen.provider]) or ""
        wanted = dict.fromkeys([(chosen.provider, primary)])
        for id_, view in views.items():
            if view.state == "ready" and (own := self._own_model(view.config)) is not None:
                wanted[id_, own] = None
        wanted.update(dict.fromkeys(named))

        def describe() -> list[Offered]:
            # In a thread: the price list loads on first use.
            return [wire.offered(views[id_], model) for id_, model in wanted if id_ in views and model]

        return await asyncio.to_thread(describe), ModelName(provider=chosen.provider, model=primary)

    def offered_now(self, resolved: ResolvedModel) -> Offered:
        """A model that nothing is known of yet but that it can be asked."""
        return Offered(
            resolved.provider_id,
            resolved.provider_name,
            resolved.model_id,
            embedded=resolved.kind == "local",
            here=resolved.kind == "local",
        )

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
        thinking: bool | None = None,
        retries: int | None = None,
    ) -> tuple[str, Usage]:
        """The model's answer, and what it used. Tries again where that can help, `retries` times or as the settings
        say; written to the ledger. `thinking`: whether it should, where it can be told; None leaves it to the model.

        Raises ApiError as `resolve` does, and whatever the provider's failure is, an open breaker too: `explain` tells
        it; ApiError 409 `budget` where there is no money for it."""
        resolved = await self.resolve(provider, model)
        settings: ModelSettings = {"max_tokens": max_output_tokens} if max_output_tokens else {}
        if thinking is not None:
            settings["thinking"] = thinking
        if retries is None:
            retries = self._services.settings.providers.max_retries
        ticket = await self.admit(resolved, insist=True)
        attempt, reserved = 0, None
        try:
            budgets = self._services.observatory.budgets
            # About four characters a token: a limit that this breaks is broken by far.
            tokens = (len(prompt) + len(system or "")) // 4
            reserved = await budgets.check_outside(
                owner,
                provider=resolved.provider_id,
                model=resolved.model_id,
                session_id=session_id,
                projected=budgets.projected(resolved.provider_id, resolved.model_id, tokens),
            )
            while True:
                try:
                    answer = await self._request(
                        owner,
                        resolved,
                        [prompt],
                        system=system,
                        settings=settings,
                        purpose=purpose,
                        session_id=session_id,
                    )
                    ticket.succeeded()
                    return answer
                except Exception as error:
                    told = self.explain(error)
                    wait = told.retry_after_seconds if told.retry_after_seconds is not None else 0.5 * 2**attempt
                    if attempt == retries or not told.retryable or wait > LONGEST_WAIT or ticket.probe:
                        self.failed(ticket, told)
                        raise
                attempt += 1
                await asyncio.sleep(wait)
        finally:
            if reserved is not None:
                reserved.release()
            ticket.released()

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
        except asyncio.CancelledError:
            failed = "cancelled"
            raise
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
                saved=self.saved(resolved.provider_id, resolved.model_id, usage) if failed is None else None,
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
        view = View(config, secrets, secrets, None, key_env, config.url(known.environment), state, next_action)
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

    async def _first_of(self, view: View) -> str:
        models = await listing.ask(view.config, view.address, view.secrets)
        if not models:
            raise not_configured(f"{view.config.name} lists no models. Name one.")
        return models[0].id

    async def _verify(
        self,
        owner: str,
        view: View,
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

    async def _models_of(self, known: Known, view: View, chosen: DefaultModel, *, refresh: bool) -> ModelList:
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

    def _model(self, view: View, listed: Listed, is_default: bool) -> Model:
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

    async def _listing_of(self, view: View, *, refresh: bool = False) -> _Listing:
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
            found = _Listing(version, time.monotonic(), datetime.now(UTC), models, error)
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


def _advice(error: TurnError | None, view: View) -> str | None:
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
