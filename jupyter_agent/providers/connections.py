"""pydantic-ai's model objects for a provider. Importing SDKs takes seconds: all of this is called in a thread."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_agent import heap
from jupyter_agent.providers.catalogue import ProviderConfig, Secrets, own_url
from jupyter_agent.providers.failures import not_configured

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from pydantic_ai.models import Model

log = logging.getLogger(__name__)

CONNECT_SECONDS = 15.0
NO_KEY = "not-needed"
"""What is sent where the SDK wants a key and the provider does not."""


@dataclass(frozen=True)
class Connection:
    """A provider that models can be asked through; its HTTP client is shared by all its models.

    Models hold `provider`, and with it the client, for as long as they are used."""

    config: ProviderConfig
    provider: Any
    client: Any
    """The HTTP client: `await client.aclose()`."""

    def model(self, model_id: str) -> Model:
        """A model. In a thread: it loads the price list on first use."""
        config = self.config
        if config.kind == "anthropic":
            from pydantic_ai.models.anthropic import AnthropicModel

            return AnthropicModel(model_id, provider=self.provider)
        if config.kind == "google":
            from pydantic_ai.models.google import GoogleModel

            return GoogleModel(model_id, provider=self.provider)
        if config.kind == "ollama":
            from pydantic_ai.models.ollama import OllamaModel

            return OllamaModel(model_id, provider=self.provider)
        from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel

        if (config.options.api or ("responses" if config.kind == "openai" else "chat")) == "responses":
            return OpenAIResponsesModel(model_id, provider=self.provider)
        return OpenAIChatModel(model_id, provider=self.provider)


def connect(
    config: ProviderConfig,
    url: str,
    secrets: Secrets,
    timeout: float,
    heard: Callable[[Mapping[str, str]], None] | None = None,
) -> Connection:
    """Builds the client. Sends nothing. `timeout`: seconds without a byte; `heard` gets the headers of each answer, on
    the event loop. Raises ApiError `not_configured` where the SDK is not installed.

    The SDKs' own retries are off: the turn's loop knows when a second try is safe."""
    makers = {"anthropic": _anthropic, "google": _google}
    sdk = f"pydantic_ai.models.{config.kind if config.kind in makers else 'openai'}"
    try:
        importlib.import_module(sdk)
        heap.settle(sdk)
        connection = makers.get(config.kind, _openai)(config, url, secrets, timeout)
    except ImportError as error:
        raise not_configured(
            f'{config.name} needs a package that is not installed. Run: pip install "jupyterlab-agent'
            f'[{config.facts.extra}]"',
            provider=config.id,
        ) from error
    if heard is not None:
        hear = heard

        async def answered(response: Any) -> None:
            hear(response.headers)

        connection.client.event_hooks = {"response": [answered]}
    return connection


def _openai(config: ProviderConfig, url: str, secrets: Secrets, timeout: float) -> Connection:
    from openai import AsyncOpenAI, DefaultAsyncHttpxClient, Timeout
    from pydantic_ai.providers.ollama import OllamaProvider
    from pydantic_ai.providers.openai import OpenAIProvider

    client = DefaultAsyncHttpxClient(
        timeout=Timeout(timeout, connect=min(timeout, CONNECT_SECONDS)), follow_redirects=False
    )
    if config.kind == "ollama":
        url = f"{url.removesuffix('/v1')}/v1"
    sdk = _validating(AsyncOpenAI)(
        base_url=url,
        api_key=secrets.api_key or NO_KEY,
        http_client=client,
        timeout=client.timeout,
        max_retries=0,
        default_headers=dict(secrets.headers),
    )
    if config.kind != "openai" or url != own_url("openai", {}):
        # The SDK reads these from the environment; they are nobody else's business.
        sdk.organization = sdk.project = None
    if config.kind == "ollama":
        return Connection(config, OllamaProvider(openai_client=sdk), client)
    if config.kind == "openai":
        return Connection(config, OpenAIProvider(openai_client=sdk), client)
    from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

    return Connection(config, OpenAICompatibleProvider(config.id, openai_client=sdk), client)


def _validating(sdk: type[AsyncOpenAI]) -> type[AsyncOpenAI]:
    """The SDK's client, with the chunks of a streamed answer read by pydantic-core, many times as fast as the SDK's own
    way, which builds them in Python unchecked. What does not fit is taken in the SDK's way: some servers are only
    nearly compatible."""
    from openai.types.chat import ChatCompletionChunk
    from pydantic import ValidationError

    class ValidatingOpenAI(sdk):  # type: ignore[misc, valid-type]
        def _process_response_data(self, *, data: object, cast_to: Any, response: Any) -> Any:
            if cast_to is ChatCompletionChunk:
                try:
                    return ChatCompletionChunk.model_validate(data)
                except ValidationError:
                    log.debug("a chunk that does not fit OpenAI's format is taken as it is")
            return super()._process_response_data(data=data, cast_to=cast_to, response=response)

    return ValidatingOpenAI


def _anthropic(config: ProviderConfig, url: str, secrets: Secrets, timeout: float) -> Connection:
    from anthropic import AsyncAnthropic, DefaultAsyncHttpxClient, Timeout
    from pydantic_ai.providers.anthropic import AnthropicProvider

    client = DefaultAsyncHttpxClient(
        timeout=Timeout(timeout, connect=min(timeout, CONNECT_SECONDS)), follow_redirects=False
    )
    sdk = AsyncAnthropic(
        # It adds /v1 itself.
        base_url=url.removesuffix("/v1"),
        api_key=secrets.api_key or NO_KEY,
        http_client=client,
        timeout=client.timeout,
        max_retries=0,
        default_headers=dict(secrets.headers),
    )
    return Connection(config, AnthropicProvider(anthropic_client=sdk), client)


def _google(config: ProviderConfig, url: str, secrets: Secrets, timeout: float) -> Connection:
    import httpx2
    from google.genai import Client
    from google.genai.types import HttpOptions, HttpRetryOptions
    from pydantic_ai.providers.google import GoogleProvider

    client = httpx2.AsyncClient(timeout=httpx2.Timeout(timeout, connect=min(timeout, CONNECT_SECONDS)))
    sdk = Client(
        vertexai=False,
        api_key=secrets.api_key or NO_KEY,
        http_options=HttpOptions(
            base_url=url.removesuffix("/v1beta"),
            headers=dict(secrets.headers),
            httpx_async_client=client,
            # In milliseconds; without it the SDK asks for no timeout at all.
            timeout=int(timeout * 1000),
            retry_options=HttpRetryOptions(attempts=1),
        ),
    )
    return Connection(config, GoogleProvider(client=sdk), client)
