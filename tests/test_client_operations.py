"""Both clients have every operation there is, and each does on a real server what it says."""

from __future__ import annotations

import asyncio
import inspect
import io
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import jupyter_agent
from jupyter_agent import AsyncClient, Client
from jupyter_agent.api import openapi
from jupyter_agent.api.router import Call
from jupyter_agent.api.table import match, operations
from jupyter_agent.kernel import generate
from jupyter_agent.kernel import operations as generated
from jupyter_agent.kernel.errors import Conflict
from jupyter_agent.kernel.pictures import image_part
from jupyter_agent.turns.models import ImagePart

from .scripted_provider import KEY, ScriptedProvider, png
from .servers import JupyterServer
from .tool_turns import make_calls, plan

RED, BLUE = png((220, 20, 20)), png((20, 40, 220))
SHOWN = [operation for operation in operations() if not operation.hidden]


@pytest.fixture
def client(server: JupyterServer) -> Iterator[Client]:
    with Client(server.url, server.token) as made:
        yield made


async def got(value: Any) -> Any:
    """What a method of either client gives."""
    return await value if inspect.isawaitable(value) else value


async def first(events: Any, count: int = 500) -> list[Any]:
    """So many of what a method of either client gives one after another."""
    taken: list[Any] = []
    if hasattr(events, "__aiter__"):
        async for event in events:
            taken.append(event)  # it is left early
            if len(taken) == count:
                break
        await events.aclose()
    else:
        for event in events:
            taken.append(event)
            if len(taken) == count:
                break
        events.close()
    return taken


async def scenario(client: Any, provider: ScriptedProvider) -> None:
    """A day in the life of a client: each operation at least once, each with something to be seen of it."""
    sessions, turns, providers, system = client.sessions, client.turns, client.providers, client.system

    # sessions
    session = await got(sessions.create_session(title="First", project="day"))
    assert (await got(sessions.get_session(session.id))).title == "First"
    assert (await got(sessions.update_session(session.id, title="Renamed"))).title == "Renamed"
    assert session.id in [item.id for item in (await got(sessions.list_sessions(q="Renamed"))).items]
    said = await got(sessions.append_message(session.id, role="user", parts=[{"type": "text", "text": "an aardvark"}]))
    assert [item.id for item in (await got(sessions.list_messages(session.id))).items] == [said.id]
    assert (await got(sessions.search_sessions(q="aardvark"))).total >= 1
    blob = await got(sessions.upload_blob(media_type="image/png", data=image_part(RED).data, name="red.png"))
    assert (blob.name, blob.size) == ("red.png", len(RED))
    assert await got(sessions.get_blob(blob.id)) == RED
    picture = ImagePart(media_type="image/png", blob_id=blob.id)

    # turns
    turn = await got(turns.start_turn(session.id, message="What is it?", model="see", parts=[picture], wait=True))
    assert (turn.stop_reason, turn.answer) == ("completed", "red")
    events = await first(turns.stream_turn_events(turn.id))
    assert [event.index for event in events] == list(range(len(events)))
    assert (await got(turns.get_turn(turn.id))).answer == "red"
    assert [item.id for item in (await got(turns.list_turns(session.id))).items] == [turn.id]
    assert (await got(turns.get_tasks(session.id))).items == []
    again = await got(turns.retry_turn(turn.id))
    answer = client.follow(again)
    assert await got(answer.answer() if callable(answer.answer) else answer.answer) == "red"
    [asked] = [item for item in (await got(sessions.list_messages(session.id))).items if item.turn_id == turn.id][:1]
    other = await got(turns.resend_message(session.id, asked.id, message="And now?", parts=[], model="echo"))
    assert [event.type for event in await first(turns.stream_turn_events(other.id))][-1] == "turn_finished"
    assert "And now?" in (await got(turns.get_turn(other.id))).answer
    slow = await got(turns.start_turn(session.id, message="x", model="slow-500x20"))
    assert slow.id in [item.id for item in (await got(turns.active_turns())).items]
    [snapshot] = await first(turns.stream_active_turns(), 1)
    assert slow.id in [item.id for item in snapshot.items]
    assert (await got(turns.guide_turn(slow.id, message="Be brief."))).turn_id == slow.id
    await got(turns.interrupt_turn(slow.id, message="Enough."))
    assert (await first(turns.stream_turn_events(slow.id)))[-1].data["stop_reason"] == "interrupted"
    assert "one shot" in (await got(turns.run_once(message="one shot"))).text

    # what is done with sessions
    assert b"And now?" in await got(sessions.export_session(other.session_id, format="md"))
    exported = json.loads(await got(sessions.export_session(session.id, format="json")))
    assert (await got(sessions.import_session(exported))).id != session.id
    assert (await got(sessions.branch_session(session.id))).parent_id == session.id
    share = await got(sessions.share_session(session.id))
    shared = await got(sessions.get_shared_session(share.token))
    [seen] = [part for item in shared.messages for part in item.parts if part.type == "image"]
    assert await got(sessions.get_shared_blob(share.token, seen.blob_id)) == RED
    await got(sessions.unshare_session(session.id))
    assert (await got(sessions.title_sessions(session_ids=[session.id]))) is not None
    assert (await got(sessions.summarize_session(session.id, keep_last=1))) is not None
    assert (await got(sessions.clear_session(session.id))).deleted_messages > 0
    assert (await got(sessions.delete_session(session.id))).status == "terminated"

    # providers
    write = {"kind": "openai_compatible", "base_url": provider.openai_url, "api_key": KEY}
    assert (await got(providers.verify_unsaved_provider(**write, name="Day", model="echo"))).ok
    made = await got(providers.create_provider(id="day", name="Day", **write))
    assert made.id in [item.id for item in (await got(providers.list_providers())).items]
    assert (await got(providers.update_provider("day", name="Night", **write))).name == "Night"
    assert (await got(providers.get_provider("day"))).name == "Night"
    await got(providers.remove_provider_key("day"))
    await got(providers.set_provider_key("day", api_key=KEY))
    assert "day" in [item.provider for item in (await got(providers.list_credentials())).items]
    assert (await got(providers.verify_provider("day", model="echo"))).ok
    assert "echo" in [item.id for item in (await got(providers.list_provider_models("day"))).items]
    assert "day" in [item.provider for item in (await got(providers.list_models(provider="day"))).items]
    await got(providers.clear_provider_models("day"))
    assert (await got(providers.delete_provider("day"))).id == "day"
    default = await got(providers.get_default_model())
    assert (await got(providers.set_default_model(provider=default.provider, model=default.model))) == default

    # system
    assert (await got(system.get_health())).status == "ok"
    assert (await got(system.get_status())).readiness
    assert (await got(system.get_info())).api_version == "v1"
    for read in (system.get_system, system.get_metrics, system.get_config_status, system.get_config_capabilities):
        assert (await got(read())).model_dump()
    config = await got(system.get_config())
    assert config.model_dump()
    assert await got(system.get_config_schema())
    await got(system.update_config(values={"turns.max_steps": 7}))
    assert (await got(system.reset_config())) is not None
    failed = (await got(turns.run_once(message="x", model="unauthorized"))).turn
    [record] = (await got(system.list_logs(turn_id=failed.id))).items
    assert "model request failed" in record.message
    assert await first(system.stream_logs(after=record.id - 1, turn_id=failed.id), 1) == [record]


async def asked(client: Any, count: int) -> list[Any]:
    """The approvals that wait, once there are so many."""
    for _ in range(600):
        waiting = (await got(client.tools.list_approvals(status="pending"))).items
        if len(waiting) == count:
            return list(waiting)
        await asyncio.sleep(0.1)
    raise AssertionError("nobody was asked")


async def work(client: Any, server: JupyterServer, provider: ScriptedProvider) -> None:
    """The same for what an agent does, and who lets it."""
    make_calls(provider)
    sessions, turns, tools, completions = client.sessions, client.turns, client.tools, client.completions

    def writing(*names: str) -> list[tuple[str, dict[str, Any]]]:
        return [("write_file", {"path": name, "text": name}) for name in names]

    # tools and policy
    assert "write_file" in [item.name for item in (await got(tools.list_tools())).items]
    policy = await got(tools.get_policy())
    assert (policy.mode, policy.rules) == ("ask", [])
    rule = {"effect": "deny", "path": "keys/*"}
    assert [one.path for one in (await got(tools.put_policy(rules=[rule]))).rules] == ["keys/*"]
    question = await got(tools.evaluate_policy(tool="write_file", arguments={"path": "keys/a", "text": ""}))
    assert (question.decision, question.rule.path) == ("deny", "keys/*")
    await got(tools.put_policy(rules=[]))
    await got(tools.call_tool("write_file", arguments={"path": "own.txt", "text": "own"}, approved=True))
    assert (server.root / "own.txt").read_text() == "own"

    # approvals
    session = await got(sessions.create_session())
    message = plan(writing("a.txt", "b.txt", "c.txt", "d.txt"))
    turn = await got(turns.start_turn(session.id, message=message, model="calls"))
    first_, second, third, fourth = await asked(client, 4)
    assert (await got(tools.get_approval(first_.id))).arguments["path"] == "a.txt"
    assert (await got(tools.approve(first_.id))).status == "approved"
    assert (await got(tools.deny(second.id, message="no b"))).message == "no b"
    answers = [{"id": third.id, "approve": True}, {"id": fourth.id, "approve": False}]
    assert [one.status for one in (await got(tools.answer_approvals(answers=answers))).items] == ["approved", "denied"]
    assert (await first(turns.stream_turn_events(turn.id)))[-1].data["stop_reason"] == "completed"
    files = [server.root / f"{name}.txt" for name in "abcd"]
    assert [file.exists() for file in files] == [True, False, True, False]
    calls = (await got(tools.get_turn_tools(turn.id))).tool_calls
    assert [call.status for call in calls] == ["done", "denied", "done", "denied"]
    assert [one.decision for one in (await got(tools.get_turn_policy(turn.id))).decisions] == ["ask"] * 4

    # undo
    assert [one.turn_id for one in (await got(tools.list_checkpoints(session.id))).items] == [turn.id]
    assert len((await got(tools.get_checkpoint(turn.id))).edits) == 2
    assert [one.turn_id for one in (await got(tools.list_undecided(path="a.txt"))).items][:1] == [turn.id]
    assert (await got(tools.undo_turn(turn.id))).state == "undone"
    assert not any(file.exists() for file in files)
    assert (await got(tools.redo_turn(turn.id))).state == "applied"
    assert {edit.state for edit in (await got(tools.accept_turn(turn.id))).edits} == {"accepted"}
    assert (await got(tools.list_undecided(path="a.txt"))).items == []
    await got(tools.undo_turn(turn.id))

    # tools of clients and of kernels
    offered = {"name": "ring_bell", "description": "Rings."}
    message = plan([("ring_bell", {})])
    turn = await got(turns.start_turn(session.id, message=message, model="calls", client_tools=[offered]))
    name = ""
    async for event in each(turns.stream_turn_events(turn.id)):
        name = event.type
        if name == "client_tool_call":
            result = {"tool_call_id": event.data["tool_call_id"], "content": "ding"}
            await got(tools.submit_tool_results(turn.id, results=[result]))
    assert name == "turn_finished"
    assert "ding" in (await got(turns.get_turn(turn.id))).answer
    headers = {"Authorization": f"token {server.token}"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=60) as jupyter:
        kernel = (await jupyter.post("api/kernels", json={})).raise_for_status().json()["id"]
        await got(tools.register_functions(kernel_id=kernel, key="12345678", functions=[offered]))
        assert kernel in [item.kernel_id for item in (await got(tools.list_functions())).items]
        await got(tools.drop_functions(kernel))
        assert kernel not in [item.kernel_id for item in (await got(tools.list_functions())).items]
        (await jupyter.delete(f"api/kernels/{kernel}")).raise_for_status()

    # code
    completed = await got(completions.complete_code(prefix="x = ", suffix="", language="python", model="echo"))
    assert (completed.model, completed.usage.requests) == ("echo", 1)
    edited = await got(completions.edit_code(instruction="Make it 2", source="x = 1", model="echo"))
    assert (edited.model, edited.usage.requests) == ("echo", 1)


async def times_and_limits(client: Any) -> None:
    """Timelines of turns, and money that may be spent."""
    seen = client.observatory
    turn = (await got(client.turns.run_once(message="What time is it?"))).turn
    trace = await got(seen.turn_trace(turn.id))
    assert [span.kind for span in trace.spans if span.kind != "queue"] == ["turn", "request"]
    assert (await got(seen.get_trace(trace.id))) == trace
    assert trace.id in [item.id for item in (await got(seen.list_traces(session_id=turn.session_id))).items]
    assert (await got(seen.tracing_status())).exporter == "none"
    limits = await got(seen.put_budgets(items=[{"scope": "month", "soft": "50", "hard": "100"}]))
    assert [(item.scope, item.hard, item.state) for item in limits.items] == [("month", "100", "ok")]
    assert (await got(seen.get_budgets(session_id=turn.session_id))).items == limits.items
    assert (await got(seen.put_budgets(items=[]))).items == []


async def contexts(client: Any) -> None:
    """What a model was sent."""
    turn = (await got(client.turns.run_once(message="what am I?", model="echo"))).turn
    (listed,) = (await got(client.observatory.turn_context(turn.id))).items
    sent = await got(client.observatory.context_snapshot(turn.id, listed.id))
    assert sum(sent.tokens.values()) == sent.total == sent.usage.input
    assert [item.content for item in sent.items if item.part == "message"] == ["what am I?"]
    assert [item.content for item in listed.items] == [None] * len(sent.items)


async def choices(client: Any) -> None:
    """Which model answers, why, and what its provider allows."""
    seen, providers = client.observatory, client.providers
    turn = (await got(client.turns.run_once(message="Who answers?", model="words-1"))).turn
    [choice] = (await got(seen.turn_model_selection(turn.id))).items
    assert (choice.strategy, choice.override.model, choice.excerpt) == ("asked", "words-1", "Who answers?")
    logged = await got(seen.list_model_selections(model="words-1", strategy="asked", limit=5))
    assert choice.id in [item.id for item in logged.items]
    assert (await got(seen.provider_capacity())).providers["scripted"].requests_used >= 1
    assert (await got(providers.get_provider_quota("scripted"))).today.requests >= 1
    assert "scripted" in [item.provider for item in (await got(providers.list_provider_quotas())).items]
    assert (await got(providers.open_breaker("scripted", reason="lunch"))).held_by == "operator"
    assert (await got(providers.list_breakers())).providers["scripted"].reason == "lunch"
    assert (await got(client.turns.run_once(message="x"))).turn.error.code == "breaker_open"
    assert (await got(providers.reset_breaker("scripted"))).state == "closed"


async def numbers(client: Any) -> None:
    """What was used, what it cost, and the same as a file."""
    seen = client.observatory
    turn = (await got(client.turns.run_once(message="What did it cost?", model="words-2"))).turn
    today = (await got(seen.usage_summary())).today
    assert today.requests >= 1
    costs = await got(seen.usage_costs(by="model,session", session_id=turn.session_id, timezone="Asia/Tokyo"))
    assert [(row.model, row.requests) for row in costs.items if row.model == "words-2"] == [("words-2", 1)]
    [request] = (await got(seen.list_transactions(turn_id=turn.id, model="words-2"))).items
    assert (request.input, request.output) == (turn.usage.input, turn.usage.output)
    used = await got(seen.usage_consumption(period="24h"))
    assert turn.session_id in [row.session_id for row in used.sessions]
    assert (await got(seen.cache_statistics(period="24h"))).hits >= 1
    report = await got(seen.model_efficiency(period="24h", model="words-2"))
    assert report.models["scripted/words-2"].total_turns >= 1
    assert sum((await got(seen.usage_timeseries(hours=2))).requests) >= 1
    assert turn.id in (await got(seen.export_statistics(table="transactions"))).decode()
    assert (await got(seen.export_statistics(table="turns", format="parquet")))[:4] == b"PAR1"


async def advice(client: Any) -> None:
    """Grades, what the rules say, and what a model says."""
    seen = client.observatory
    turn = (await got(client.turns.run_once(message="Was it good?"))).turn
    given = await got(seen.give_feedback(turn.id, grade=4, comment="well", source="notebook"))
    assert (await got(seen.get_feedback(turn.id))) == given
    assert [item.grade for item in (await got(seen.session_feedback(turn.session_id))).items] == [4]
    assert "cached_turn_savings" in [tip.rule for tip in (await got(seen.turn_tips(turn.id))).tips]
    view = await got(seen.analyze_turn(turn.id, model="words-3"))
    assert (view.text, view.model) == ("word0 word1 word2", "words-3")
    assert (await got(seen.turn_tips(turn.id))).analysis == view
    insights = await got(seen.session_insights(turn.session_id))
    assert (insights.turn_count, insights.average_grade, insights.analysis) == (1, 4, None)
    view = await got(seen.analyze_session(turn.session_id, model="words-2"))
    assert (await got(seen.session_insights(turn.session_id))).analysis == view
    assert (await got(seen.list_recommendations(period="7d"))).profile.turns >= 1
    deep = await got(seen.generate_recommendations(period="7d", model="words-1"))
    assert (deep.period, deep.analysis.text) == ("7d", "word0")
    await got(seen.delete_feedback(turn.id))
    assert (await got(seen.session_feedback(turn.session_id))).total == 0


async def each(events: Any) -> AsyncIterator[Any]:
    """What a method of either client gives one after another, to the end."""
    if hasattr(events, "__aiter__"):
        async for event in events:
            yield event
    else:
        for event in events:
            yield event


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_each_operation_works(kind: Any, server: JupyterServer, provider: ScriptedProvider) -> None:
    async def main() -> set[str]:
        client = kind(server.url, server.token)
        called: set[str] = set()
        arguments = client._transport._arguments

        def noted(request: Any, accept: str) -> Any:
            called.update(one.id for one in match(request.path)[0] if one.method == request.method)
            return arguments(request, accept)

        client._transport._arguments = noted
        try:
            await scenario(client, provider)
            await work(client, server, provider)
            await times_and_limits(client)
            await contexts(client)
            await choices(client)
            await numbers(client)
            await advice(client)
        finally:
            await got(client.close())
        return called

    called = asyncio.run(main())
    assert {operation.id for operation in SHOWN} - called == set()


@pytest.mark.parametrize("kind", [generated.Rooms, generated.AsyncRooms])
def test_each_operation_has_a_method(kind: Any) -> None:
    rooms = kind(None)
    missing = [
        f"{operation.room}.{name}"
        for operation in SHOWN
        for name in set(generate.method_names(operation))
        if not callable(getattr(getattr(rooms, operation.room, None), name, None))
    ]
    assert missing == []


class TestIdempotency:
    def test_the_document_shows_who_honours_a_key(self) -> None:
        paths = openapi.document()["paths"]
        for operation in SHOWN:
            entry = paths[operation.path][operation.method.lower()]
            names = [parameter["name"] for parameter in entry.get("parameters", []) if parameter["in"] == "header"]
            assert names == (["Idempotency-Key"] if operation.idempotent else []), operation.id

    def test_who_does_not_say_so_cannot_read_one(self) -> None:
        call = Call(user="u", display_name="U", services=None, headers={"Idempotency-Key": "k"}, base_url="/")  # type: ignore[arg-type]
        with pytest.raises(RuntimeError, match="idempotent=True"):
            call.idempotency_key  # noqa: B018

    def test_each_that_says_so_gives_the_first_answer_again(self, client: Client) -> None:
        def start() -> str:
            session_id = client.sessions.create_session().id
            client.turns.start_turn(session_id, message="first", wait=True)
            return session_id

        session_id = start()
        [message] = [item for item in client.sessions.list_messages(session_id).items if item.role == "user"]
        ways: dict[str, Any] = {
            "start_turn": lambda key: client.turns.start_turn(session_id, message="once", idempotency_key=key),
            "retry_turn": lambda key: client.turns.retry_turn(message.turn_id or "", idempotency_key=key),
            "resend_message": lambda key: client.turns.resend_message(session_id, message.id, idempotency_key=key),
            "run_once": lambda key: client.turns.run_once(message="once", idempotency_key=key).turn,
        }
        assert {*ways, "undo_turn"} == {operation.id for operation in SHOWN if operation.idempotent}
        for name, way in ways.items():
            turn = way(f"key-{name}")
            client.follow(turn).answer  # noqa: B018
            assert way(f"key-{name}").id == turn.id, name
        edited = client.turns.start_turn(
            client.sessions.create_session(mode="auto_edit").id,
            message='write_file {"path": "key.txt", "text": "once"}',
            model="tool",
            wait=True,
        )
        undone = client.tools.undo_turn(edited.id, idempotency_key="key-undo")
        assert undone.state == "undone"
        assert client.tools.undo_turn(edited.id, idempotency_key="key-undo") == undone
        with pytest.raises(Conflict):
            client.tools.undo_turn(edited.id, idempotency_key="another")

    @pytest.mark.parametrize("key", ["", "two words", "k" * 256])
    def test_what_is_no_key_is_refused(self, server: JupyterServer, key: str) -> None:
        answer = server.api("POST", "/run", expect=422, json={"message": "x"}, headers={"Idempotency-Key": key})
        assert answer["error"]["details"]["errors"][0]["path"] == "header.Idempotency-Key"


class TestPictures:
    """A model that names the colour of what it sees."""

    def test_in_one_line(self, client: Client, tmp_path: Path) -> None:
        (tmp_path / "red.png").write_bytes(RED)
        path = tmp_path / "red.png"
        assert client.ask("?", model="see", images=[str(path), path, BLUE]) == "red, red, blue"
        assert client.ask("?", model="see", images=path) == "red"
        assert "".join(client.stream("?", model="see", images=BLUE)) == "blue"

    def test_matplotlib(self, client: Client) -> None:
        from matplotlib.figure import Figure

        figure = Figure(figsize=(1, 1), facecolor=(20 / 255, 40 / 255, 220 / 255))
        axes = figure.subplots()
        axes.plot([1, 2, 3])
        assert client.ask("?", model="see", images=[figure, axes]) == "blue, blue"

    def test_pil(self, client: Client) -> None:
        from PIL import Image

        red = Image.new("RGB", (8, 8), (220, 20, 20))
        assert client.ask("?", model="see", images=[red, red.convert("CMYK"), red.convert("P")]) == "red, red, red"
        buffer = io.BytesIO()
        red.save(buffer, format="JPEG")
        # As it was read: a photograph does not become a PNG of many times its size.
        assert image_part(Image.open(buffer)).media_type == "image/jpeg"

    def test_ipython(self, client: Client, tmp_path: Path) -> None:
        from IPython.display import Image

        (tmp_path / "red.png").write_bytes(RED)
        images = [Image(data=RED), Image(filename=str(tmp_path / "red.png")), Image(data=BLUE)]
        assert client.ask("?", model="see", images=images) == "red, red, blue"

    def test_whatever_shows_itself_as_a_picture(self) -> None:
        class Drawing:
            def _repr_png_(self) -> bytes:
                return RED

        assert image_part(Drawing()) == image_part(RED)
        assert image_part(bytearray(RED)) == image_part(memoryview(RED)) == image_part(RED)
        assert image_part("data:image/png;base64," + (image_part(RED).data or "")) == image_part(RED)

    def test_sent_ahead_and_used_twice(self, client: Client, server: JupyterServer) -> None:
        picture = client.upload_image(RED, name="red.png")
        assert (picture.data, picture.name) == (None, "red.png")
        assert client.upload_image(picture) == picture
        first_answer = client.ask("?", model="see", images=picture)
        assert first_answer == client.ask("?", model="see", images=[picture]) == "red"
        messages = client.sessions.list_messages(first_answer.session_id).items
        assert [part.name for part in messages[0].parts if part.type == "image"] == ["red.png"]

        async def main() -> None:
            async with AsyncClient(server.url, server.token) as other:
                assert await other.ask("?", model="see", images=[await other.upload_image(BLUE)]) == "blue"

        asyncio.run(main())

    def test_that_are_none(self, client: Client, tmp_path: Path) -> None:
        (tmp_path / "text.png").write_text("no picture")

        class Broken:
            def savefig(self, *arguments: Any, **options: Any) -> None:
                raise RuntimeError("no canvas")

        for wrong, kind, words in (
            (3, TypeError, "builtins.int is no picture; give a path, bytes"),
            (tmp_path / "text.png", jupyter_agent.AgentError, r"text\.png is no PNG, JPEG, GIF or WebP"),
            ("nosuch.png", jupyter_agent.AgentError, r"'nosuch\.png' cannot be read: No such file"),
            (tmp_path, jupyter_agent.AgentError, "cannot be read"),
            ("https://example.org/x.png", jupyter_agent.AgentError, "not fetched from the web"),
            ("data:image/png,xyz", jupyter_agent.AgentError, "no base64"),
            (b"", jupyter_agent.AgentError, "The picture is no PNG"),
            (Broken(), jupyter_agent.AgentError, "The Broken cannot be drawn: RuntimeError: no canvas"),
            (RED + b"\0" * 10 * 1024**2, jupyter_agent.AgentError, r"has 10\.0 MB, and a picture can have 10"),
        ):
            with pytest.raises(kind, match=words):
                client.ask("?", model="see", images=[wrong])
        with pytest.raises(jupyter_agent.Invalid, match="3 images"):
            client.ask("?", images=[RED] * 4)
