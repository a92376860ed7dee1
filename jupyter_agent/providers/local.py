"""The embedded model: llama.cpp in this process, through xllamacpp. No key, no network, no listener.

`Engine` owns the model in memory and runs one generation at a time; `build_model` makes a pydantic-ai model of it."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import logging
import os
import secrets
import shutil
import tempfile
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_agent.providers import weights
from jupyter_agent.providers.catalogue import LOCAL_ID, LOCAL_MODEL
from jupyter_agent.providers.failures import ModelFailed

if TYPE_CHECKING:
    from datetime import datetime

    from pydantic_ai.messages import ModelMessage, ModelResponse, ModelResponseStreamEvent, UserContent
    from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse
    from pydantic_ai.settings import ModelSettings

    from jupyter_agent.config import LocalModelSettings

log = logging.getLogger(__name__)

BATCH = 64
"""Tokens of the prompt that are read in one go. An interrupted turn stops after the batch at hand: a third of a second
here; larger ones are no faster on a few cores."""
LEAST_ROOM = 64
"""Tokens that are kept free for the answer, whatever the prompt."""
DEFAULTS: dict[str, Any] = {"temperature": 0.2, "top_p": 0.9, "dry_multiplier": 0.8, "dry_allowed_length": 3}
"""So small a model wanders off at the usual temperatures and goes round in circles at this one. DRY stops the circles;
the usual penalty on repetition would also keep it from using the question's own words, and it answers worse."""

Message = dict[str, str]
Chunk = dict[str, Any]


def model_name(settings: LocalModelSettings) -> str:
    """The id of the one model that there is."""
    return Path(settings.model_path).stem if settings.model_path else LOCAL_MODEL


def is_installed() -> bool:
    return importlib.util.find_spec("xllamacpp") is not None


class Engine:
    """The model in memory. Loads on first use; after `idle_seconds` without a request its memory is given back.

    Generations queue for their turn. A generation that nobody waits for any more stops."""

    def __init__(self, settings: LocalModelSettings, data_dir: str | os.PathLike[str]) -> None:
        self._settings = settings
        self._data_dir = data_dir
        self._turn = asyncio.Lock()
        self._executor: ThreadPoolExecutor | None = None
        self._server: Any = None
        self._built: tuple[object, ...] | None = None
        self._leave = threading.Event()
        """Ends the generation at hand."""
        self._closed = False

    @property
    def context_tokens(self) -> int:
        return self._settings.context_tokens

    @property
    def loaded(self) -> bool:
        """Whether it was loaded. llama.cpp may have put it to sleep since."""
        return self._server is not None

    # Loading

    def _wanted(self) -> tuple[object, ...]:
        settings = self._settings
        return (
            str(weights.locate(settings, self._data_dir)),
            settings.context_tokens,
            settings.threads,
            settings.idle_seconds,
        )

    def _load(self) -> Any:
        """Loads the model where it is not loaded, or differently. Runs in the engine's own thread."""
        wanted = self._wanted()
        if self._server is not None and self._built == wanted:
            return self._server
        path = weights.locate(self._settings, self._data_dir)
        if path is None:
            raise ModelFailed("not_configured", "The embedded model's weights are not here. Run: jupyter agent model")
        try:
            import xllamacpp  # type: ignore[import-untyped,unused-ignore]
        except ImportError:
            raise ModelFailed(
                "not_configured",
                'The embedded model needs a package that is not installed. Run: pip install "jupyterlab-agent[local]"',
            ) from None
        self._server = self._built = None
        _read_ahead(path)
        params = xllamacpp.CommonParams()
        params.model.path = str(path)
        params.n_ctx = self._settings.context_tokens
        params.n_batch = params.n_ubatch = BATCH
        params.n_parallel = 1
        threads = self._settings.threads or _cores()
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
        # llama.cpp frees the weights by itself and loads them again without holding Python's lock, as we could not.
        params.sleep_idle_seconds = self._settings.idle_seconds
        params.warmup = False
        params.fit_params = False
        params.cache_ram_mib = 0
        params.n_ctx_checkpoints = 0
        params.verbosity = -1
        params.ui = False
        params.endpoint_slots = False
        params.n_threads_http = 1
        with _no_listener(params):
            try:
                self._server = xllamacpp.Server(params)
            except (RuntimeError, ValueError) as error:
                raise ModelFailed(
                    "not_configured", f"The embedded model cannot be loaded from {path}: {error}"
                ) from None
        self._built = wanted
        log.info("the embedded model is loaded from %s", path)
        return self._server

    def _run_in_thread(self, function: Callable[..., Any], *arguments: Any) -> asyncio.Future[Any]:
        if self._closed:
            raise ModelFailed("internal_error", "The server is shutting down.")
        if self._executor is None:
            # One thread: what it does, it does one after another.
            self._executor = ThreadPoolExecutor(1, thread_name_prefix="embedded-model")
        return asyncio.get_running_loop().run_in_executor(self._executor, function, *arguments)

    # Generating

    async def generate(
        self, messages: Sequence[Message], options: dict[str, Any], stop: threading.Event | None = None
    ) -> AsyncGenerator[Chunk, None]:
        """Streams chunks of OpenAI's chat format. Messages that the context does not hold are left out, oldest first.

        Closing the generator stops the generation, and so does setting `stop`, from any task or thread.
        Raises ModelFailed."""
        stop = stop or threading.Event()
        async with self._turn:
            room = self._room(options)
            kept = [dict(message) for message in messages]
            while not stop.is_set():
                excess: float | None = None
                stream = self._generate_once(kept, options, stop)
                async with contextlib.aclosing(stream):
                    async for chunk in stream:
                        excess = _excess(chunk, room)
                        if excess is not None:
                            break
                        yield chunk
                if excess is None:
                    return
                shorter = fit(kept, excess)
                if shorter is None:
                    raise ModelFailed("context_too_long", "The message is longer than the embedded model's context.")
                kept = shorter

    def _room(self, options: dict[str, Any]) -> int:
        """Tokens that the prompt may have."""
        context = self.context_tokens
        answer = min(int(options.get("max_tokens") or 0), context // 4)
        return context - max(answer, LEAST_ROOM)

    async def _generate_once(
        self, messages: list[Message], options: dict[str, Any], stop: threading.Event
    ) -> AsyncGenerator[Chunk, None]:
        loop = asyncio.get_running_loop()
        chunks: asyncio.Queue[Chunk | None] = asyncio.Queue()
        leave = threading.Event()
        self._leave = leave
        request = {
            **DEFAULTS,
            **options,
            "messages": messages,
            "stream": True,
            "stream_options": {"include_usage": True},
            # Tells how long the prompt is before reading it, and lets the callback stop it between batches.
            "return_progress": True,
        }

        def must_stop() -> bool:
            # At the interpreter's end the main thread is gone and waits for this one.
            return leave.is_set() or stop.is_set() or not threading.main_thread().is_alive()

        def hand_over(chunk: Chunk | None) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
                loop.call_soon_threadsafe(chunks.put_nowait, chunk)

        def send(chunk: Chunk) -> bool:
            """What llama.cpp calls with each chunk; True ends the generation."""
            hand_over(chunk)
            return must_stop()

        def work() -> None:
            try:
                if not must_stop():
                    server = self._load()
                    try:
                        server.handle_chat_completions(request, send)
                    except (RuntimeError, ValueError, TypeError) as error:
                        raise ModelFailed("bad_response", f"The embedded model failed: {error}") from None
            finally:
                hand_over(None)

        working = self._run_in_thread(work)
        try:
            while (chunk := await chunks.get()) is not None:
                if "error" in chunk and "n_prompt_tokens" not in chunk["error"]:
                    message = chunk["error"].get("message", chunk["error"])
                    raise ModelFailed("bad_response", f"The embedded model failed: {message}")
                yield chunk
            await working
            if self._closed:
                raise ModelFailed("cut", "The server is shutting down.")
        finally:
            leave.set()
            # The next generation starts when this one has stopped, not before.
            await asyncio.wait({working})
            if not working.cancelled():
                working.exception()

    async def close(self) -> None:
        """Stops what runs and frees the model. Nothing can be generated afterwards."""
        self._closed = True
        self._leave.set()
        executor, self._executor = self._executor, None
        if executor is None:
            return

        def free() -> None:
            self._server = self._built = None

        await asyncio.get_running_loop().run_in_executor(executor, free)
        executor.shutdown(wait=False)


def _excess(chunk: Chunk, room: int) -> float | None:
    """How many times too long the prompt is; None where it fits or the chunk does not tell."""
    error = chunk.get("error")
    if error:
        return max(int(error["n_prompt_tokens"]) / room, 1.01)
    progress = chunk.get("prompt_progress")
    if progress and progress["total"] > room:
        return float(progress["total"]) / room
    return None


def fit(messages: Sequence[Message], excess: float) -> list[Message] | None:
    """The messages in about 1/excess of their length: the oldest go first, system messages and the last one stay; where
    that is not enough, the middle of the longest one goes. None where nothing is left to shorten."""
    kept = [dict(message) for message in messages]
    # A message has some tokens of its own beside its text.
    length = sum(len(message["content"]) + 16 for message in kept)
    target = int(length / excess * 0.95)
    # By whole steps, so that the next turns leave out the same messages and the model still knows what it has read.
    step = max(target // 4, 1)
    goal = max(length - -(-(length - target) // step) * step, target // 2)
    while length > goal:
        oldest = next((at for at, one in enumerate(kept[:-1]) if one["role"] != "system"), None)
        if oldest is None:
            break
        length -= len(kept.pop(oldest)["content"]) + 16
    # No answer without its question.
    while len(kept) > 1 and (at := next((i for i, m in enumerate(kept) if m["role"] != "system"), None)) is not None:
        if kept[at]["role"] != "assistant" or at == len(kept) - 1:
            break
        length -= len(kept.pop(at)["content"]) + 16
    while length > target:
        longest = max(kept, key=lambda message: len(message["content"]))
        size = len(longest["content"])
        wanted = max(size - (length - target) - len(_CUT), 32)
        if wanted + len(_CUT) >= size:
            break
        head = wanted // 2
        longest["content"] = longest["content"][:head] + _CUT + longest["content"][size - (wanted - head) :]
        length -= size - len(longest["content"])
    return kept if kept != list(messages) else None


_CUT = "\n[...]\n"


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _read_ahead(path: Path) -> None:
    # xllamacpp holds Python's lock while it loads, and with it the whole server: let the slow part, the disk, be over.
    with path.open("rb") as file:
        while file.read(4 << 20):
            pass


@contextlib.contextmanager
def _no_listener(params: Any) -> Iterator[None]:
    """xllamacpp always starts llama.cpp's HTTP server, which knows no users and answers every origin. Here it listens
    on a socket in a directory that only we can enter, which is removed at once: nobody can reach it."""
    params.api_keys = [secrets.token_urlsafe(32)]
    params.cors_origins = ""
    if os.name != "posix":
        # No Unix sockets to count on; the key that nobody knows is left, on loopback.
        params.hostnames = ["127.0.0.1"]
        yield
        return
    folder = tempfile.mkdtemp(prefix="jupyter-agent-")
    try:
        params.hostnames = [os.path.join(folder, "unused.sock")]
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# pydantic-ai


def request_options(settings: ModelSettings | None, default_max_tokens: int) -> dict[str, Any]:
    """pydantic-ai's settings as llama.cpp's."""
    given: dict[str, Any] = dict(settings or {})
    options: dict[str, Any] = {"max_tokens": given.get("max_tokens") or default_max_tokens}
    for name in ("temperature", "top_p", "top_k", "seed", "presence_penalty", "frequency_penalty"):
        if given.get(name) is not None:
            options[name] = given[name]
    if given.get("stop_sequences"):
        options["stop"] = list(given["stop_sequences"])
    return options


def chat_messages(messages: Sequence[ModelMessage], instructions: str) -> list[Message]:
    """pydantic-ai's messages as the alternating texts that a small chat model knows."""
    system: list[str] = []
    chat: list[Message] = []

    def say(role: str, text: str) -> None:
        if not text.strip():
            return
        if chat and chat[-1]["role"] == role:
            chat[-1]["content"] += f"\n\n{text}"
        else:
            chat.append({"role": role, "content": text})

    for message in messages:
        for part in message.parts:
            if part.part_kind == "system-prompt":
                system.append(part.content)
            elif part.part_kind == "user-prompt":
                say("user", _user_text(part.content))
            elif part.part_kind == "text":
                say("assistant", part.content)
            elif part.part_kind == "tool-return":
                # Another model's: this one is given no tools.
                say("user", f"Result of {part.tool_name}:\n{part.model_response_str()}")
    if instructions:
        system.append(instructions)
    return [{"role": "system", "content": "\n\n".join(system)}, *chat] if system else chat


def _user_text(content: str | Sequence[UserContent]) -> str:
    if isinstance(content, str):
        return content
    texts = []
    for item in content:
        if isinstance(item, str):
            texts.append(item)
        elif isinstance(text := getattr(item, "content", None), str):
            texts.append(text)
        elif getattr(item, "kind", "") in ("binary", "image-url", "document-url", "audio-url", "video-url"):
            texts.append("[A file that this model cannot read was left out.]")
    return "\n".join(texts)


def build_model(engine: Engine, name: str, max_output_tokens: Callable[[], int]) -> Model:
    """A pydantic-ai model that answers from the engine. Imports pydantic-ai: call it in a thread."""
    model: Model = _model_class()(engine, name, max_output_tokens)
    return model


@cache
def _model_class() -> Any:
    from dataclasses import dataclass, field
    from datetime import UTC, datetime

    from pydantic_ai.models import Model, StreamedResponse
    from pydantic_ai.profiles import ModelProfile
    from pydantic_ai.usage import RequestUsage

    finish_reasons = {"stop": "stop", "length": "length"}

    @dataclass
    class EmbeddedStream(StreamedResponse):
        """The answer as it is generated."""

        _model_name: str
        _chunks: AsyncGenerator[Chunk, None]
        _stop: threading.Event
        _timestamp: datetime = field(default_factory=lambda: datetime.now(UTC))

        async def _get_event_iterator(self) -> AsyncIterator[ModelResponseStreamEvent]:
            async for chunk in self._chunks:
                if progress := chunk.get("prompt_progress"):
                    self._usage = RequestUsage(input_tokens=progress["total"])
                if usage := chunk.get("usage"):
                    self._usage = RequestUsage(
                        input_tokens=usage.get("prompt_tokens", 0), output_tokens=usage.get("completion_tokens", 0)
                    )
                for choice in chunk.get("choices") or ():
                    delta = choice.get("delta") or {}
                    if thinking := delta.get("reasoning_content"):
                        for event in self._parts_manager.handle_thinking_delta(
                            vendor_part_id="thinking", content=thinking
                        ):
                            yield event
                    if thinking or delta.get("content"):
                        # Until the end tells: a chunk is a token, and an interrupted answer was paid for too.
                        self._usage.output_tokens += 1
                    if text := delta.get("content"):
                        for event in self._parts_manager.handle_text_delta(vendor_part_id="content", content=text):
                            yield event
                    if reason := choice.get("finish_reason"):
                        self.finish_reason = finish_reasons.get(reason)  # type: ignore[assignment]

        async def close_stream(self) -> None:
            # Not aclose(): another task may be waiting for the next chunk.
            self._stop.set()

        @property
        def model_name(self) -> str:
            return self._model_name

        @property
        def provider_name(self) -> str:
            return LOCAL_ID

        @property
        def provider_url(self) -> None:
            return None

        @property
        def timestamp(self) -> datetime:
            return self._timestamp

    class EmbeddedModel(Model[Any]):
        """llama.cpp in this process."""

        # So small a model would take a note on how its messages are framed for the user's words.
        _announces_lookalike_notes = False

        def __init__(self, engine: Engine, name: str, max_output_tokens: Callable[[], int]) -> None:
            self._engine = engine
            self._name = name
            self._max_output_tokens = max_output_tokens
            super().__init__(
                profile=ModelProfile(
                    supports_tools=False,
                    supports_image_input=False,
                    supports_document_input=False,
                    supports_thinking=False,
                    context_window=engine.context_tokens,
                )
            )

        @property
        def model_name(self) -> str:
            return self._name

        @property
        def system(self) -> str:
            return LOCAL_ID

        @property
        def provider(self) -> None:
            return None

        @asynccontextmanager
        async def request_stream(
            self,
            messages: list[ModelMessage],
            model_settings: ModelSettings | None,
            model_request_parameters: ModelRequestParameters,
            run_context: Any = None,
        ) -> AsyncGenerator[StreamedResponse, None]:
            settings, parameters = self.prepare_request(model_settings, model_request_parameters)
            instructions = self._get_instruction_parts(messages, parameters) or []
            stop = threading.Event()
            chunks = self._engine.generate(
                chat_messages(messages, "\n\n".join(part.content for part in instructions)),
                request_options(settings, self._max_output_tokens()),
                stop,
            )
            async with contextlib.aclosing(chunks):
                yield EmbeddedStream(
                    model_request_parameters=parameters, _model_name=self._name, _chunks=chunks, _stop=stop
                )

        async def request(
            self,
            messages: list[ModelMessage],
            model_settings: ModelSettings | None,
            model_request_parameters: ModelRequestParameters,
        ) -> ModelResponse:
            async with self.request_stream(messages, model_settings, model_request_parameters) as stream:
                async for _ in stream:
                    pass
            return stream.get()

    return EmbeddedModel
