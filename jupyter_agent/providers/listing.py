"""Asks a provider which models it has, over plain HTTP: no SDK is needed for a list."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_agent.providers.catalogue import ProviderConfig, Secrets
from jupyter_agent.providers.failures import ModelFailed

if TYPE_CHECKING:
    import httpx

SECONDS = 15.0
"""For the whole list: somebody looks at a menu meanwhile."""
CONNECT_SECONDS = 4.0
LARGEST = 20 * 1024 * 1024
MOST = 5000
PAGES = 20

# What OpenAI lists beside its chat models.
_NO_CHAT = re.compile(
    r"embedding|tts|whisper|dall-e|moderation|realtime|transcribe|image|sora|babbage|davinci|-instruct|audio|-search-"
)


@dataclass(frozen=True)
class Listed:
    """A model as its provider describes it; None where it says nothing."""

    id: str
    name: str | None = None
    context_window: int | None = None
    supports_tools: bool | None = None
    supports_images: bool | None = None
    supports_thinking: bool | None = None


async def ask(config: ProviderConfig, url: str, secrets: Secrets) -> list[Listed]:
    """The provider's models. Raises ModelFailed or what httpx raises; `explain` knows both."""
    askers = {
        "openai": _openai,
        "openai_compatible": _openai,
        "anthropic": _anthropic,
        "google": _google,
        "ollama": _ollama,
    }
    client = await asyncio.to_thread(_client, secrets)
    async with client:
        try:
            found = await asyncio.wait_for(askers[config.kind](client, config, url, secrets), SECONDS)
        except TimeoutError:
            raise ModelFailed("timeout", f"No list of models within {SECONDS:.0f} s.", retryable=True) from None
    unique: dict[str, Listed] = {}
    for model in found:
        # The same rules as for names that users give: what breaks them could not be chosen.
        if 0 < len(model.id) <= 256 and model.id.isprintable():
            unique.setdefault(model.id, model)
    return list(unique.values())[:MOST]


def _client(secrets: Secrets) -> httpx.AsyncClient:
    # In a thread: the first import takes 0.2 s, and reading the certificates 30 ms.
    import httpx

    # No redirects: a header with the key must not follow one to another host.
    return httpx.AsyncClient(
        timeout=httpx.Timeout(SECONDS, connect=CONNECT_SECONDS),
        headers={"User-Agent": "jupyterlab-agent", **secrets.headers},
        follow_redirects=False,
    )


async def _get(client: httpx.AsyncClient, url: str, headers: Mapping[str, str], **params: str | int) -> dict[str, Any]:
    async with client.stream("GET", url, headers=dict(headers), params=params) as response:
        body = bytearray()
        async for block in response.aiter_bytes():
            body += block
            if len(body) > LARGEST:
                raise ModelFailed("bad_response", "The list of models is larger than 20 MB.")
        if response.is_redirect:
            raise ModelFailed(
                "bad_response", f"{url} redirects to {response.headers.get('Location')}. Give that address instead."
            )
        if response.is_error:
            response._content = bytes(body)
            response.raise_for_status()
    try:
        answer = json.loads(body)
    except ValueError:
        raise ModelFailed("bad_response", f"{url} did not answer with JSON.") from None
    if not isinstance(answer, dict):
        raise ModelFailed("bad_response", f"{url} did not answer with a list of models.")
    return answer


def _items(answer: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    items = answer.get(name)
    if items is None:
        items = []
    if not isinstance(items, list):
        raise ModelFailed("bad_response", f"The list of models has no {name!r}.")
    return [item for item in items if isinstance(item, dict)]


def _number(item: Mapping[str, Any], *names: str) -> int | None:
    for name in names:
        value = item.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
    return None


def _text(item: Mapping[str, Any], *names: str) -> str:
    for name in names:
        value = item.get(name)
        if isinstance(value, str) and value:
            return value
    return ""


def _has(item: Mapping[str, Any], name: str, word: str) -> bool | None:
    values = item.get(name)
    return word in values if isinstance(values, list) else None


def bearer(secrets: Secrets) -> dict[str, str]:
    if secrets.api_key is None or any(name.lower() == "authorization" for name in secrets.headers):
        return {}
    return {"Authorization": f"Bearer {secrets.api_key}"}


async def _openai(client: httpx.AsyncClient, config: ProviderConfig, url: str, secrets: Secrets) -> list[Listed]:
    answer = await _get(client, f"{url}/models", bearer(secrets))
    models = []
    for item in _items(answer, "data"):
        id_ = _text(item, "id")
        if config.kind == "openai" and _NO_CHAT.search(id_):
            continue
        architecture = item.get("architecture")
        # Beyond OpenAI's own fields: OpenRouter's, vLLM's, Groq's and Mistral's.
        models.append(
            Listed(
                id=id_,
                name=_text(item, "name") or None,
                context_window=_number(item, "context_length", "max_model_len", "context_window", "max_context_length"),
                supports_tools=_has(item, "supported_parameters", "tools"),
                supports_images=_has(architecture, "input_modalities", "image")
                if isinstance(architecture, dict)
                else None,
                supports_thinking=_has(item, "supported_parameters", "reasoning"),
            )
        )
    return models


async def _anthropic(client: httpx.AsyncClient, config: ProviderConfig, url: str, secrets: Secrets) -> list[Listed]:
    headers = {"anthropic-version": "2023-06-01", **({"x-api-key": secrets.api_key} if secrets.api_key else {})}
    models: list[Listed] = []
    after: dict[str, str] = {}
    for _ in range(PAGES):
        answer = await _get(client, f"{url.removesuffix('/v1')}/v1/models", headers, limit=1000, **after)
        models += [
            Listed(
                id=_text(item, "id"),
                name=_text(item, "display_name") or None,
                context_window=_number(item, "max_input_tokens", "context_window"),
            )
            for item in _items(answer, "data")
        ]
        last = _text(answer, "last_id")
        if not answer.get("has_more") or not last:
            break
        after = {"after_id": last}
    return models


async def _google(client: httpx.AsyncClient, config: ProviderConfig, url: str, secrets: Secrets) -> list[Listed]:
    headers = {"x-goog-api-key": secrets.api_key} if secrets.api_key else {}
    models: list[Listed] = []
    page: dict[str, str] = {}
    for _ in range(PAGES):
        answer = await _get(client, f"{url.removesuffix('/v1beta')}/v1beta/models", headers, pageSize=1000, **page)
        models += [
            Listed(
                id=_text(item, "name").removeprefix("models/"),
                name=_text(item, "displayName") or None,
                context_window=_number(item, "inputTokenLimit"),
                supports_thinking=thinking if isinstance(thinking := item.get("thinking"), bool) else None,
            )
            for item in _items(answer, "models")
            if _has(item, "supportedGenerationMethods", "generateContent") is not False
        ]
        token = _text(answer, "nextPageToken")
        if not token:
            break
        page = {"pageToken": token}
    return models


async def _ollama(client: httpx.AsyncClient, config: ProviderConfig, url: str, secrets: Secrets) -> list[Listed]:
    answer = await _get(client, f"{url.removesuffix('/v1')}/api/tags", bearer(secrets))
    models = []
    for item in _items(answer, "models"):
        capabilities = item.get("capabilities")
        known = capabilities if isinstance(capabilities, list) else None
        models.append(
            Listed(
                id=_text(item, "name", "model"),
                supports_tools="tools" in known if known is not None else None,
                supports_images="vision" in known if known is not None else None,
                supports_thinking="thinking" in known if known is not None else None,
            )
        )
    return models
