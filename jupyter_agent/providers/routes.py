"""Operations of the `providers` room."""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import Field

from jupyter_agent.api.models import Page
from jupyter_agent.api.router import Call, Router
from jupyter_agent.providers.models import (
    Breaker,
    BreakerOpening,
    Breakers,
    CacheCleared,
    Credential,
    DefaultModel,
    Deleted,
    ModelList,
    Provider,
    ProviderCreate,
    ProviderKey,
    ProviderQuota,
    ProviderQuotas,
    ProviderWrite,
    Verify,
    VerifyResult,
    VerifyUnsaved,
)

router = Router("providers")

T = TypeVar("T")
Limit = Annotated[int, Field(ge=1, le=200)]
Offset = Annotated[int, Field(ge=0, le=2**31 - 1)]


def _page(items: list[T], limit: int, offset: int) -> Page[T]:
    return Page(items=items[offset : offset + limit], total=len(items), limit=limit, offset=offset)


@router.get(
    "/providers", scope="providers:read", covers=["muyue GET /api/providers", "sage GET /api/llm-provider/list"]
)
async def list_providers(call: Call, *, limit: Limit = 100, offset: Offset = 0) -> Page[Provider]:
    """All providers, with their state and what to do about one that is not ready.

    The built-in ones come first, then the users' in the order in which they were made. Keys and the values of headers
    are `"***"`."""
    return _page(await call.services.providers.list_providers(), limit, offset)


@router.post(
    "/providers", scope="providers:write", status=201, errors=[409], covers=["sage POST /api/llm-provider/create"]
)
async def create_provider(call: Call, body: ProviderCreate) -> Provider:
    """A new provider.

    The key goes to the operating system's keyring where there is one, else to a file that only its owner can read.
    Errors: 409 where the id is there already."""
    return await call.services.providers.create_provider(body)


@router.get("/providers/default", scope="providers:read")
async def get_default_model(call: Call) -> DefaultModel:
    """The provider and model of whoever names none.

    Where nobody chose: the first that is ready and has a key (Anthropic, OpenAI, Google, then the users' own), else the
    embedded model."""
    return await call.services.providers.get_default()


@router.put("/providers/default", scope="providers:write")
async def set_default_model(call: Call, body: DefaultModel) -> DefaultModel:
    """Chooses the provider and model of whoever names none.

    Errors: 422 where there is no such provider."""
    return await call.services.providers.set_default(body)


@router.get("/providers/credentials", scope="providers:read", covers=["pixcode GET /api/providers/credentials"])
async def list_credentials(call: Call, *, limit: Limit = 100, offset: Offset = 0) -> Page[Credential]:
    """Which providers have a key, where it is from and where it is kept. Never the key itself."""
    return _page(await call.services.providers.list_credentials(), limit, offset)


@router.post(
    "/providers/verify",
    scope="providers:write",
    errors=[404],
    covers=["muyue POST /api/providers/validate"],
)
async def verify_unsaved_provider(call: Call, body: VerifyUnsaved) -> VerifyResult:
    """Tries a provider before it is saved, with a real call. Nothing is stored.

    With `provider_id` and `"***"` the stored key is used, at the host that it was given for and no other. What goes
    wrong at the provider is in the result, not an error. Errors: 404 where `provider_id` names none."""
    return await call.services.providers.verify_unsaved(call.user, body)


@router.get("/providers/breakers", scope="providers:read", covers=["roboticus GET /api/breaker/status"])
async def list_breakers(call: Call) -> Breakers:
    """Which providers are asked, which are left alone after failures and until when, and the settings that count."""
    return await call.services.providers.list_breakers()


@router.get("/providers/quota", scope="providers:read", covers=["muyue GET /api/providers/quota"])
async def list_provider_quotas(call: Call) -> ProviderQuotas:
    """What each provider allows, as the headers of its answers said last or its options say, and what was used."""
    return await call.services.providers.quotas(call.user)


@router.get("/providers/{provider_id}", scope="providers:read")
async def get_provider(call: Call, provider_id: str) -> Provider:
    """One provider. Errors: 404."""
    return await call.services.providers.get_provider(provider_id)


@router.put(
    "/providers/{provider_id}",
    scope="providers:write",
    covers=["muyue PUT /api/config/provider", "sage PUT /api/llm-provider/update/{provider_id}"],
)
async def update_provider(call: Call, provider_id: str, body: ProviderWrite) -> Provider:
    """Replaces a provider's configuration.

    `"***"` as key or as a header's value keeps what is stored, and so does null as key. With another host in `base_url`
    they must be given again. Errors: 404."""
    return await call.services.providers.update_provider(provider_id, body)


@router.delete(
    "/providers/{provider_id}",
    scope="providers:write",
    errors=[409],
    covers=["sage DELETE /api/llm-provider/delete/{provider_id}"],
)
async def delete_provider(call: Call, provider_id: str) -> Deleted:
    """Forgets a provider and its key. Errors: 404, 409 for a built-in one."""
    await call.services.providers.delete_provider(provider_id)
    return Deleted(id=provider_id)


@router.put(
    "/providers/{provider_id}/key",
    scope="providers:write",
    errors=[409],
    covers=["pixcode POST /api/providers/{provider}/auth/api-key", "roboticus PUT /api/providers/:name/key"],
)
async def set_provider_key(call: Call, provider_id: str, body: ProviderKey) -> Provider:
    """Stores a provider's key in place of the one there is. Errors: 404, 409 where none is needed."""
    return await call.services.providers.set_key(provider_id, body.api_key)


@router.delete(
    "/providers/{provider_id}/key",
    scope="providers:write",
    errors=[409],
    covers=["roboticus DELETE /api/providers/:name/key"],
)
async def remove_provider_key(call: Call, provider_id: str) -> Provider:
    """Forgets a provider's stored key.

    Errors: 404 where there is none, 409 where the key is in an environment variable."""
    return await call.services.providers.remove_key(provider_id)


@router.post(
    "/providers/{provider_id}/verify",
    scope="providers:write",
    covers=["sage POST /api/llm-provider/verify", "sage POST /api/llm-provider/verify-multimodal"],
)
async def verify_provider(call: Call, provider_id: str, body: Verify) -> VerifyResult:
    """Tries a provider with a real call, and with `multimodal` with a picture as well: the model has to say its colour.

    What goes wrong at the provider is in the result, not an error. Errors: 404."""
    return await call.services.providers.verify(call.user, provider_id, model=body.model, multimodal=body.multimodal)


@router.get("/providers/{provider_id}/quota", scope="providers:read")
async def get_provider_quota(call: Call, provider_id: str) -> ProviderQuota:
    """What a provider allows, and what was used of it. Errors: 404."""
    return await call.services.providers.quota(call.user, provider_id)


@router.post(
    "/providers/{provider_id}/breaker/reset",
    scope="providers:write",
    covers=["roboticus POST /api/breaker/reset/:provider"],
)
async def reset_breaker(call: Call, provider_id: str) -> Breaker:
    """Closes a provider's breaker, whatever opened it, in every server on the database. Errors: 404."""
    return await call.services.providers.reset_breaker(provider_id)


@router.post("/providers/{provider_id}/breaker/open", scope="providers:write")
async def open_breaker(call: Call, provider_id: str, body: BreakerOpening = BreakerOpening()) -> Breaker:
    """Opens a provider's breaker: it is not asked until the breaker is reset, also after a restart. Errors: 404."""
    return await call.services.providers.open_breaker(provider_id, (body or BreakerOpening()).reason)


@router.get("/models", scope="providers:read", errors=[404], covers=["roboticus GET /api/models/available"])
async def list_models(
    call: Call,
    *,
    q: Annotated[str | None, Field(max_length=256)] = None,
    provider: Annotated[str | None, Field(max_length=128)] = None,
) -> ModelList:
    """The models of all providers that are enabled, or of one.

    `q`: text in the model's or the provider's name. A provider that cannot be asked leaves the models that the user
    named, and `error` says why. Errors: 404 where there is no such provider."""
    return await call.services.providers.list_models(q=q, provider=provider)


@router.get(
    "/providers/{provider_id}/models",
    scope="providers:read",
    covers=["pixcode GET /api/providers/{provider}/models"],
)
async def list_provider_models(call: Call, provider_id: str, *, refresh: bool = False) -> ModelList:
    """The models of one provider, from the cache where it is fresh; `refresh` asks anew. Errors: 404."""
    return await call.services.providers.provider_models(provider_id, refresh=refresh)


@router.delete(
    "/providers/{provider_id}/models/cache",
    scope="providers:write",
    covers=["pixcode DELETE /api/providers/{provider}/models/cache"],
)
async def clear_provider_models(call: Call, provider_id: str) -> CacheCleared:
    """Forgets the cached list of a provider's models. Errors: 404."""
    return await call.services.providers.clear_models(provider_id)
