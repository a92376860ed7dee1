"""A model provider on loopback whose models each do one known thing.

It speaks the OpenAI formats (Chat Completions and Responses) and Anthropic's Messages, streams and not, and keeps every
request for the tests to look at. The model's name is the script:

    echo                says back the user's last text            words-N            N words, one a chunk
    slow-NxM            N chunks, M milliseconds before each      gated-N            N chunks, each after a `release()`
    tool                calls the tool that the user's text names (`update_tasks {"items": []}`), then tells its result
    long-tool-N         N such calls, one a step; "$n" in the arguments becomes the step's number
    repeat-tool         the same call for ever                    thinking           thinks, then answers
    see                 names the colour of the attached PNG      markdown           headings, a list, a table, code
    unicode             letters of several bytes and directions   empty              nothing at all
    halves              an emoji cut in two surrogates            nul                a NUL in the text
    remember            says every text the user ever sent        system             says its system prompt
    cut                 closes the connection mid-stream          hang               never answers
    stall               a few words, then nothing more            malformed          bad JSON mid-stream
    unauthorized        401                                       rate-limited       429, Retry-After: 1
    rate-limited-once   429, and the answer at the second try     overloaded         503, or Anthropic's 529
    overloaded-mid      an error event mid-stream                 server-error       500
    too-long            400: more than the context holds          length             cut off by the output limit
    refuse              stopped by the content filter             refuse-said        a refusal with words

Any other name is a 404, as with a real provider. `ScriptedProvider.script(name, function)` adds one.

    python -m tests.scripted_provider --port 8123
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import itertools
import json
import re
import struct
import threading
import time
import zlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.iostream import StreamClosedError
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from .scripted_wire import Asked, ChatCompletions, Messages, Responses

KEY = "sk-scripted-0123456789abcdef"
"""The one key that it takes."""


@dataclass
class Say:
    text: str


@dataclass
class Think:
    text: str


@dataclass
class Refuse:
    text: str


@dataclass
class Call:
    name: str
    args: dict[str, Any]
    id: str | None = None
    """Where it is not to be one of its own."""


@dataclass
class Wait:
    seconds: float


@dataclass
class Gate:
    """Waits for one `release()`."""


@dataclass
class Hang:
    """Waits until the client goes away."""


@dataclass
class Cut:
    """Closes the connection without a word."""


@dataclass
class Garbage:
    """Half a JSON object, then the end."""


@dataclass
class Fail:
    """An HTTP error before the first chunk, an error event after it. `status` None takes the format's own."""

    status: int
    kind: str
    message: str
    headers: dict[str, str] = field(default_factory=dict)
    anthropic_status: int | None = None


@dataclass
class Headers:
    """Headers of the answer, before its first chunk."""

    headers: dict[str, str]


@dataclass
class Used:
    """What the answer says that it used, in place of the same for every answer. The first step of a script."""

    input: int
    output: int
    cache_read: int = 0


@dataclass
class Finish:
    """Ends with `stop` (the default), `length` or `refusal`."""

    reason: str = "stop"


Step = Say | Think | Refuse | Call | Wait | Gate | Hang | Cut | Garbage | Fail | Headers | Used | Finish
Script = Callable[[Asked, re.Match[str], int], AsyncIterator[Step]]
"""Gets what was asked, the match of the model's name and how many requests this name had before."""

SCRIPTS: dict[str, Script] = {}
LISTED = [
    "echo", "words-20", "slow-200x50", "gated-3", "tool", "long-tool-3", "repeat-tool", "thinking", "see", "markdown",
    "unicode", "halves", "nul", "empty", "remember", "system", "cut", "hang", "stall", "malformed",
    "unauthorized", "rate-limited", "rate-limited-once",
    "overloaded", "overloaded-mid", "server-error", "too-long", "length", "refuse", "refuse-said",
]  # fmt: skip
"""What `GET /v1/models` names."""


def behaviour(pattern: str) -> Callable[[Script], Script]:
    def register(script: Script) -> Script:
        SCRIPTS[pattern] = script
        return script

    return register


def word(number: int) -> str:
    """The chunk with this number: chunks differ, so that a lost or doubled one shows."""
    return f"word{number} "


def words(count: int) -> str:
    """What `words-N`, `slow-NxM` and `gated-N` say in all."""
    return "".join(word(number) for number in range(count))


@behaviour("echo")
async def _echo(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
    texts = asked.user_texts
    yield Say(texts[-1] if texts else "(nothing)")


@behaviour(r"words-(\d+)")
async def _words(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
    for number in range(int(match[1])):
        yield Say(word(number))


@behaviour(r"slow-(\d+)x(\d+)")
async def _slow(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
    for number in range(int(match[1])):
        yield Wait(int(match[2]) / 1000)
        yield Say(word(number))


@behaviour(r"gated-(\d+)")
async def _gated(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
    for number in range(int(match[1])):
        yield Gate()
        yield Say(word(number))


def wanted_call(asked: Asked) -> Call:
    """The call that the user's text names, as in `update_tasks {"items": []}`; else the first tool without any."""
    for text in reversed(asked.user_texts):
        found = re.search(r"\b([a-z_]\w*)\s*(\{.*\})", text, re.DOTALL)
        if found:
            return Call(found[1], json.loads(found[2]))
    return Call(asked.tools[0] if asked.tools else "no_such_tool", {})


@behaviour("tool")
async def _tool(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
    if asked.results:
        yield Say(f"The tool said: {asked.results[-1]}")
    else:
        yield Say("Let me look. ")
        yield wanted_call(asked)


@behaviour(r"long-tool-(\d+)")
async def _long_tool(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
    done = len(asked.results)
    if done >= int(match[1]):
        yield Say(f"Done after {done} calls.")
        return
    call = wanted_call(asked)
    yield Call(call.name, json.loads(json.dumps(call.args).replace("$n", str(done))))


@behaviour("repeat-tool")
async def _repeat_tool(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
    yield wanted_call(asked)


@behaviour("thinking")
async def _thinking(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
    for thought in ("First I weigh it. ", "Then I decide."):
        yield Think(thought)
    yield Say("The answer is 42.")


@behaviour("see")
async def _see(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
    yield Say(", ".join(colour(image) for image in asked.images) if asked.images else "I see no picture.")


@behaviour("markdown")
async def _markdown(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
    text = (
        "## A mean of rolls\n\nRoll **many** dice and take the mean:\n\n```python\nimport random\n\n"
        "rolls = [random.randint(1, 6) for _ in range(1000)]\nprint(sum(rolls) / len(rolls))\n```\n\n"
        "It comes near $\\mu = 3.5$.\n\n| rolls | spread |\n|---|---|\n| 10 | 0.54 |\n| 1000 | 0.054 |\n\n"
        "1. More rolls\n2. Less spread\n"
    )
    for piece in re.findall(r"\S*\s*", text):
        if piece:
            yield Wait(0.02)
            yield Say(piece)


@behaviour("unicode")
async def _unicode(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
    for piece in ("naïve ", "東京 ", "👩‍🔬 ", "שלום ", "\u202etxt.exe\u202c ", "\u2028 line"):
        yield Say(piece)


@behaviour("halves")
async def _halves(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
    for piece in ("a smile: ", "\ud83d", "\ude00", " and a half: ", "\ud83d", " end"):
        yield Say(piece)


@behaviour("nul")
async def _nul(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
    yield Say("before\0after")


@behaviour("empty")
async def _empty(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
    yield Finish()


@behaviour("remember")
async def _remember(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
    yield Say(" | ".join(asked.user_texts))


@behaviour("system")
async def _system(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
    yield Say(asked.system or "(none)")


@behaviour("cut")
async def _cut(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
    yield Say("This sentence will not be ")
    yield Wait(0.1)
    yield Cut()


@behaviour("hang")
async def _hang(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
    yield Hang()


@behaviour("stall")
async def _stall(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
    yield Say("So far, ")
    yield Say("so good")
    yield Hang()


@behaviour("malformed")
async def _malformed(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
    yield Say("This is fine, ")
    yield Wait(0.1)
    yield Garbage()


@behaviour("unauthorized")
async def _unauthorized(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
    yield Fail(401, "unauthorized", f"Incorrect API key provided: {KEY}.")


@behaviour("rate-limited")
async def _rate_limited(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
    yield Fail(429, "rate_limited", "Rate limit reached for requests.", {"Retry-After": "1"})


@behaviour("rate-limited-once")
async def _rate_limited_once(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
    if before == 0:
        yield Fail(429, "rate_limited", "Rate limit reached for requests.", {"Retry-After": "1"})
    else:
        yield Say("Here at last.")


@behaviour("overloaded")
async def _overloaded(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
    yield Fail(503, "overloaded", "The server is overloaded.", anthropic_status=529)


@behaviour("overloaded-mid")
async def _overloaded_mid(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
    yield Say("Half of ")
    yield Wait(0.1)
    yield Fail(503, "overloaded", "The server is overloaded.", anthropic_status=529)


@behaviour("server-error")
async def _server_error(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
    yield Fail(500, "server_error", "The server had an error while processing your request.")


@behaviour("too-long")
async def _too_long(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
    yield Fail(400, "too_long", "prompt is too long: 250000 tokens > 200000 maximum context length")


@behaviour("length")
async def _length(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
    yield Say("And then the whole story")
    yield Finish("length")


@behaviour("refuse")
async def _refuse(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
    yield Finish("refusal")


@behaviour("refuse-said")
async def _refuse_said(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
    yield Refuse("I cannot help with that.")
    yield Finish("refusal")


COLOURS = {
    "red": (255, 0, 0), "green": (0, 160, 0), "blue": (0, 0, 255), "yellow": (255, 255, 0), "black": (0, 0, 0),
    "white": (255, 255, 255), "orange": (255, 140, 0), "purple": (128, 0, 128), "grey": (128, 128, 128),
}  # fmt: skip


def png(rgb: tuple[int, int, int], size: int = 8) -> bytes:
    """A square PNG of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    rows = (b"\x00" + bytes(rgb) * size) * size
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def colour(data: bytes) -> str:
    """The name of the colour of a PNG's first pixel. Whatever that row's filter, the first pixel is stored as it is."""
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "not a PNG"
    at, pixels, palette, colour_type = 8, b"", b"", 2
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            if body[8] != 8:
                return f"a PNG of {body[8]} bits"
            colour_type = body[9]
        elif kind == b"PLTE":
            palette = body
        elif kind == b"IDAT":
            pixels += body
        at += 12 + length
    row = zlib.decompress(pixels)[1:5]
    if colour_type in (0, 4):
        rgb = (row[0], row[0], row[0])
    elif colour_type == 3:
        rgb = (palette[3 * row[0]], palette[3 * row[0] + 1], palette[3 * row[0] + 2])
    else:
        rgb = (row[0], row[1], row[2])
    return min(COLOURS, key=lambda name: sum((a - b) ** 2 for a, b in zip(COLOURS[name], rgb, strict=True)))


@dataclass
class Recorded:
    """One request that came in."""

    path: str
    headers: dict[str, str]
    """Names in lower case."""
    body: dict[str, Any]
    asked: Asked
    at: float
    """`time.monotonic()` when it came."""
    client_closed: threading.Event = field(default_factory=threading.Event)
    """Set when the client went away before the answer ended."""
    done: threading.Event = field(default_factory=threading.Event)


class ScriptedProvider:
    """The provider, in a thread of its own.

    with ScriptedProvider() as provider:
        provider.openai_url      # .../v1, for OpenAI and whatever is compatible
        provider.anthropic_url   # ..., the SDK adds /v1/messages
    """

    def __init__(self, port: int = 0) -> None:
        self.require_key = True
        self.key = KEY
        self.requests: list[Recorded] = []
        self.listings = 0
        """How often the models were listed."""
        self.models = list(LISTED)
        self._scripts: dict[str, Script] = {}
        self._counts: collections.Counter[str] = collections.Counter()
        self._numbers = itertools.count(1)
        self._port = port
        self._ready = threading.Event()
        self._failure: BaseException | None = None

    def __enter__(self) -> ScriptedProvider:
        self._thread = threading.Thread(target=self._run, name="scripted-provider", daemon=True)
        self._thread.start()
        if not self._ready.wait(10):
            raise TimeoutError("the scripted provider did not start")
        if self._failure is not None:
            raise self._failure
        return self

    def __exit__(self, *exc: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            self._failure = error
            self._ready.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        self._gate = asyncio.Semaphore(0)
        routes: list[Any] = [
            (r"/v1/chat/completions", _Answer, {"provider": self, "dialect": ChatCompletions}),
            (r"/v1/responses", _Answer, {"provider": self, "dialect": Responses}),
            (r"/v1/messages", _Answer, {"provider": self, "dialect": Messages}),
            (r"/v1/models", _Models, {"provider": self}),
            (r"/release", _Release, {"provider": self}),
        ]
        application = Application(routes, log_function=lambda handler: None)
        server = HTTPServer(application, max_buffer_size=200 * 1024 * 1024)
        sockets = bind_sockets(self._port, "127.0.0.1")
        server.add_sockets(sockets)
        self.port = sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.stop()
        await server.close_all_connections()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def openai_url(self) -> str:
        return f"{self.url}/v1"

    @property
    def anthropic_url(self) -> str:
        return self.url

    @property
    def last(self) -> Recorded:
        """The last request that came in."""
        return self.requests[-1]

    def script(self, name: str, script: Script) -> None:
        """Gives a model of this exact name to this provider."""
        self._scripts[re.escape(name)] = script

    def release(self, count: int = 1) -> None:
        """Lets a `gated-N` model say its next `count` chunks."""
        for _ in range(count):
            self._loop.call_soon_threadsafe(self._gate.release)

    async def wait_for_requests(self, count: int, seconds: float = 10) -> list[Recorded]:
        """Waits until so many requests have come in. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while len(self.requests) < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(self.requests)} of {count} requests after {seconds} s")
            await asyncio.sleep(0.01)
        return self.requests

    def reset(self) -> None:
        """Forgets requests, counts, scripts of this test and releases that nobody waited for."""
        self._loop.call_soon_threadsafe(lambda: setattr(self, "_gate", asyncio.Semaphore(0)))
        self._scripts.clear()
        self.requests.clear()
        self._counts.clear()
        self.listings = 0

    def find(self, model: str) -> tuple[Script, re.Match[str]] | None:
        for pattern, script in {**SCRIPTS, **self._scripts}.items():
            if match := re.fullmatch(pattern, model):
                return script, match
        return None

    def count(self, model: str) -> int:
        self._counts[model] += 1
        return self._counts[model] - 1


class _Handler(RequestHandler):
    provider: ScriptedProvider

    def initialize(self, provider: ScriptedProvider) -> None:
        self.provider = provider

    def has_key(self) -> bool:
        if not self.provider.require_key:
            return True
        sent = self.request.headers.get("x-api-key") or self.request.headers.get("Authorization", "").removeprefix(
            "Bearer "
        )
        return sent == self.provider.key


class _Models(_Handler):
    def get(self) -> None:
        self.provider.listings += 1
        anthropic = "anthropic-version" in self.request.headers
        if not self.has_key():
            self.set_status(401)
            self.finish(
                (Messages if anthropic else ChatCompletions).error("unauthorized", "Incorrect API key provided.")
            )
            return
        names = self.provider.models
        if anthropic:
            items: list[dict[str, Any]] = [
                {"type": "model", "id": name, "display_name": name, "created_at": "2026-01-01T00:00:00Z"}
                for name in names
            ]
            self.finish({"data": items, "has_more": False, "first_id": names[0], "last_id": names[-1]})
        else:
            items = [
                {"id": name, "object": "model", "created": 1_700_000_000, "owned_by": "scripted"} for name in names
            ]
            self.finish({"object": "list", "data": items})


class _Release(_Handler):
    def post(self) -> None:
        self.provider.release(int(self.get_query_argument("count", "1")))
        self.finish({})


class _Answer(_Handler):
    def initialize(  # type: ignore[override]
        self, provider: ScriptedProvider, dialect: type[ChatCompletions] | type[Responses] | type[Messages]
    ) -> None:
        super().initialize(provider)
        self.dialect = dialect
        self.recorded: Recorded | None = None
        self.closed = asyncio.Event()

    def on_connection_close(self) -> None:
        self.closed.set()
        if self.recorded is not None:
            self.recorded.client_closed.set()

    def fail(self, fail: Fail) -> None:
        status = fail.anthropic_status if fail.anthropic_status and self.dialect is Messages else fail.status
        # 529 has no name in the standard.
        self.set_status(status, "Overloaded" if status == 529 else None)
        for name, value in fail.headers.items():
            self.set_header(name, value)
        self.finish(self.dialect.error(fail.kind, fail.message))

    async def post(self) -> None:
        if not self.has_key():
            self.fail(Fail(401, "unauthorized", "Incorrect API key provided."))
            return
        try:
            body = json.loads(self.request.body)
            asked = self.dialect.read(body)
        except (ValueError, KeyError, TypeError) as error:
            self.fail(Fail(400, "bad_request", f"The body could not be read: {error!r}"))
            return
        headers = {name.lower(): value for name, value in self.request.headers.get_all()}
        self.recorded = Recorded(self.request.path, headers, body, asked, time.monotonic())
        self.provider.requests.append(self.recorded)
        found = self.provider.find(asked.model)
        if found is None:
            self.fail(Fail(404, "model_not_found", f"The model `{asked.model}` does not exist."))
            return
        script, match = found
        try:
            await self.play(script(asked, match, self.provider.count(asked.model)), asked)
        except StreamClosedError:
            self.on_connection_close()
        finally:
            self.recorded.done.set()

    async def until_closed(self, waited: Any) -> bool:
        """Waits for something or for the client to go away; True where it went."""
        task = asyncio.ensure_future(waited)
        closing = asyncio.ensure_future(self.closed.wait())
        try:
            await asyncio.wait({task, closing}, return_when=asyncio.FIRST_COMPLETED)
            return not task.done()
        finally:
            task.cancel()
            closing.cancel()

    def drop(self) -> None:
        connection: Any = self.request.connection
        stream = connection.stream
        stream.close()

    async def play(self, steps: AsyncIterator[Step], asked: Asked) -> None:
        number = next(self.provider._numbers)
        writer = self.dialect(asked.model, number)
        started = False
        reason = "stop"
        calls = 0

        async def send(data: bytes) -> None:
            nonlocal started
            if not asked.stream:
                return
            if not started:
                started = True
                self.set_header("Content-Type", "text/event-stream; charset=utf-8")
                self.write(writer.start())
            self.write(data)
            await self.flush()

        async for step in steps:
            if isinstance(step, Say):
                await send(writer.say(step.text))
            elif isinstance(step, Think):
                await send(writer.think(step.text))
            elif isinstance(step, Refuse):
                await send(writer.refuse(step.text))
            elif isinstance(step, Call):
                calls += 1
                await send(writer.call(step.id or f"call_{number}_{calls}", step.name, json.dumps(step.args)))
            elif isinstance(step, Wait):
                if await self.until_closed(asyncio.sleep(step.seconds)):
                    return
            elif isinstance(step, Gate):
                if await self.until_closed(self.provider._gate.acquire()):
                    return
            elif isinstance(step, Hang):
                await self.closed.wait()
                return
            elif isinstance(step, Cut):
                if not asked.stream:
                    self.set_header("Content-Length", "1000")
                    self.write(b'{"id": ')
                    await self.flush()
                self.drop()
                return
            elif isinstance(step, Garbage):
                if not asked.stream:
                    self.set_header("Content-Type", "application/json")
                    self.finish(b'{"id": "x", "choi')
                    return
                event = b"event: content_block_delta\n" if self.dialect is Messages else b""
                await send(event + b'data: {"id": "x", "choi\n\n')
                self.finish()
                return
            elif isinstance(step, Used):
                writer.use(step.input, step.output, step.cache_read)
            elif isinstance(step, Headers):
                for name, value in step.headers.items():
                    self.set_header(name, value)
            elif isinstance(step, Fail):
                if started:
                    await send(writer.fail(step.kind, step.message))
                    self.finish()
                else:
                    self.fail(step)
                return
            else:
                reason = step.reason
        if asked.stream:
            await send(writer.finish(reason))
            self.finish()
        else:
            self.finish(writer.whole(reason))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    with ScriptedProvider(parser.parse_args().port) as provider:
        print(f"OpenAI: {provider.openai_url}  Anthropic: {provider.anthropic_url}  key: {KEY}", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("stopped")


if __name__ == "__main__":
    main()
