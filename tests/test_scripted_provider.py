"""The scripted provider is what it claims to be: the real SDKs, through pydantic-ai, read it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from .scripted_provider import KEY, ScriptedProvider, colour, png, words
from .scripted_wire import CACHE_READ_TOKENS, CACHE_WRITE_TOKENS, INPUT_TOKENS, OUTPUT_TOKENS

MakeModel = Callable[[str], Any]


@pytest.fixture(scope="module")
def running() -> Iterator[ScriptedProvider]:
    with ScriptedProvider() as provider:
        yield provider


@pytest.fixture
def provider(running: ScriptedProvider) -> ScriptedProvider:
    running.reset()
    return running


@pytest.fixture(params=["chat", "responses", "anthropic"])
def make_model(
    request: pytest.FixtureRequest, provider: ScriptedProvider, jp_asyncio_loop: asyncio.AbstractEventLoop
) -> Iterator[MakeModel]:
    from anthropic import AsyncAnthropic
    from openai import AsyncOpenAI
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
    from pydantic_ai.providers.anthropic import AnthropicProvider
    from pydantic_ai.providers.openai import OpenAIProvider

    clients: list[Any] = []

    def make(name: str) -> Any:
        if request.param == "anthropic":
            anthropic = AsyncAnthropic(api_key=KEY, base_url=provider.anthropic_url, max_retries=0)
            clients.append(anthropic)
            return AnthropicModel(name, provider=AnthropicProvider(anthropic_client=anthropic))
        openai = AsyncOpenAI(api_key=KEY, base_url=provider.openai_url, max_retries=0)
        clients.append(openai)
        kind = OpenAIChatModel if request.param == "chat" else OpenAIResponsesModel
        return kind(name, provider=OpenAIProvider(openai_client=openai))

    yield make
    for client in clients:
        jp_asyncio_loop.run_until_complete(client.close())


async def streamed(model: Any, prompt: Any, **options: Any) -> tuple[str, Any]:
    from pydantic_ai import Agent

    agent = Agent(model, **options)
    async with agent.run_stream(prompt) as run:
        text = "".join([delta async for delta in run.stream_text(delta=True, debounce_by=None)])
        return text, run


async def test_streams_words_and_known_usage(make_model: MakeModel, provider: ScriptedProvider) -> None:
    text, run = await streamed(make_model("words-12"), "go")
    assert text == words(12)
    usage = run.usage
    cache_write = CACHE_WRITE_TOKENS if "messages" in provider.last.path else 0
    assert (usage.input_tokens, usage.output_tokens) == (INPUT_TOKENS, OUTPUT_TOKENS)
    assert (usage.cache_read_tokens, usage.cache_write_tokens) == (CACHE_READ_TOKENS, cache_write)
    assert provider.last.asked.stream
    assert provider.last.asked.user_texts == ["go"]


async def test_answers_without_a_stream(make_model: MakeModel, provider: ScriptedProvider) -> None:
    from pydantic_ai import Agent

    result = await Agent(make_model("echo"), instructions="Be kind.").run("hello you")
    assert result.output == "hello you"
    assert not provider.last.asked.stream
    assert provider.last.asked.system == "Be kind."


@pytest.mark.parametrize("stream", [True, False])
async def test_calls_a_tool_and_tells_its_result(
    make_model: MakeModel, provider: ScriptedProvider, stream: bool
) -> None:
    from pydantic_ai import Agent

    called: list[int] = []

    def double(number: int) -> int:
        """Twice the number."""
        called.append(number)
        return 2 * number

    agent = Agent(make_model("tool"), tools=[double])
    prompt = 'use double {"number": 21}'
    if stream:
        async with agent.iter(prompt) as run:
            async for node in run:
                if Agent.is_model_request_node(node):
                    async with node.stream(run.ctx) as events:
                        assert [event async for event in events]
        assert run.result is not None
        output = run.result.output
    else:
        output = (await agent.run(prompt)).output
    assert called == [21]
    assert output == "The tool said: 42"
    assert [entry.calls for entry in provider.last.asked.entries if entry.calls] == [[("double", {"number": 21})]]


async def test_thinks(make_model: MakeModel) -> None:
    from pydantic_ai import Agent
    from pydantic_ai.messages import ThinkingPart

    result = await Agent(make_model("thinking")).run("why")
    thoughts = [part.content for part in result.new_messages()[-1].parts if isinstance(part, ThinkingPart)]
    assert thoughts == ["First I weigh it. Then I decide."]
    assert result.output == "The answer is 42."


async def test_sees_the_colour(make_model: MakeModel) -> None:
    from pydantic_ai import BinaryContent

    picture = BinaryContent(data=png((250, 10, 5)), media_type="image/png")
    text, _ = await streamed(make_model("see"), ["which colour?", picture])
    assert text == "red"
    assert colour(png((0, 0, 250))) == "blue"


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("unauthorized", {401}),
        ("rate-limited", {429}),
        ("overloaded", {503, 529}),
        ("server-error", {500}),
        ("too-long", {400}),
        ("no-such-model", {404}),
    ],
)
async def test_fails_with_the_status(make_model: MakeModel, name: str, status: set[int]) -> None:
    from pydantic_ai.exceptions import ModelHTTPError

    with pytest.raises(ModelHTTPError) as caught:
        await streamed(make_model(name), "go")
    assert caught.value.status_code in status


@pytest.mark.parametrize("name", ["cut", "malformed", "overloaded-mid"])
async def test_breaks_mid_stream(make_model: MakeModel, name: str) -> None:
    import httpx
    from anthropic import AnthropicError
    from openai import OpenAIError
    from pydantic_ai import Agent
    from pydantic_ai.exceptions import AgentRunError

    seen: list[str] = []

    async def follow() -> None:
        async with Agent(make_model(name)).run_stream("go") as run:
            async for delta in run.stream_text(delta=True, debounce_by=None):
                seen.append(delta)  # noqa: PERF401 - what came before the break counts

    # Each SDK has an exception of its own for it.
    with pytest.raises((AgentRunError, httpx.HTTPError, OpenAIError, AnthropicError)):
        await follow()
    assert seen


async def test_a_wrong_key_is_refused(provider: ScriptedProvider) -> None:
    import httpx

    async with httpx.AsyncClient(base_url=provider.openai_url) as client:
        refused = await client.get("/models", headers={"Authorization": "Bearer wrong"})
        listed = await client.get("/models", headers={"Authorization": f"Bearer {KEY}"})
    assert refused.status_code == 401
    assert "echo" in {model["id"] for model in listed.json()["data"]}


async def test_second_try_of_a_rate_limit_succeeds(make_model: MakeModel, provider: ScriptedProvider) -> None:
    from pydantic_ai.exceptions import ModelHTTPError

    model = make_model("rate-limited-once")
    with pytest.raises(ModelHTTPError):
        await streamed(model, "go")
    text, _ = await streamed(model, "go")
    assert text == "Here at last."
