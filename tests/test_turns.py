"""A turn, seen from outside: it starts, tells what happens, ends for a reason, and outlives whoever watches."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import time
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from typing import Any

import pytest

from .conftest import Api
from .scripted_provider import (
    KEY,
    SCRIPTS,
    Call,
    Finish,
    Gate,
    Say,
    ScriptedProvider,
    Step,
    png,
    words,
)
from .scripted_wire import CACHE_READ_TOKENS, CACHE_WRITE_TOKENS, INPUT_TOKENS, OUTPUT_TOKENS, Asked
from .sse import SseEvent, text_of

PROVIDERS = ["scripted", "scripted-responses", "scripted-anthropic"]
"""One for each wire format."""


def types(events: list[SseEvent]) -> list[str]:
    return [event.type for event in events]


def assert_whole(events: list[SseEvent]) -> None:
    """Indices from 0 without a gap, a start first, one end last."""
    assert [event.id for event in events] == list(range(len(events)))
    assert events[0].type == "turn_started"
    assert [event.type for event in events].count("turn_finished") == 1
    assert events[-1].type == "turn_finished"


async def start(api: Api, model: str, message: str = "hello", session: str | None = None, **fields: Any) -> Any:
    """A turn that was started and not waited for."""
    session = session or await api.session()
    return await api.ok("POST", f"/sessions/{session}/turns", json={"message": message, "model": model, **fields})


async def finished(api: Api, turn_id: str) -> Any:
    """The turn, once its event stream has ended."""
    await api.events(turn_id)
    return await api.ok("GET", f"/turns/{turn_id}")


async def eventually(condition: Callable[[], bool], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        await asyncio.sleep(0.01)


# Starting


async def test_a_start_answers_202_at_once(api: Api, scripted: ScriptedProvider) -> None:
    session = await api.session()
    answer = await api("POST", f"/sessions/{session}/turns", json={"message": "hi", "model": "hang"})
    assert answer.status == 202
    turn = answer.json
    assert turn["id"].startswith("turn_")
    assert turn["session_id"] == session
    assert turn["status"] in ("queued", "running")
    assert turn["stop_reason"] is None
    assert (await api.ok("GET", f"/sessions/{session}"))["running_turn_id"] == turn["id"]
    await api.ok("POST", f"/turns/{turn['id']}/interrupt")


async def test_wait_answers_with_the_finished_turn(api: Api, scripted: ScriptedProvider) -> None:
    turn = await api.turn("echo", "say this back")
    assert (turn["status"], turn["stop_reason"]) == ("finished", "completed")
    assert turn["answer"] == "say this back"
    assert turn["message"] == "say this back"
    assert (turn["provider"], turn["model"], turn["steps"]) == ("scripted", "echo", 1)
    assert turn["error"] is None
    assert turn["created_at"] <= turn["started_at"] <= turn["finished_at"]


async def test_accept_event_stream_streams_the_turn_at_once(api: Api, scripted: ScriptedProvider) -> None:
    session = await api.session()
    async with api.stream(
        f"/sessions/{session}/turns", method="POST", json={"message": "go", "model": "words-30"}
    ) as stream:
        events = [event async for event in stream]
    assert_whole(events)
    assert text_of(events) == words(30)
    assert events == await api.events(events[0].data["turn_id"])


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_events_tell_the_turn(api: Api, scripted: ScriptedProvider, provider: str) -> None:
    turn = await api.turn("words-5", provider=provider)
    events = await api.events(turn["id"])
    assert_whole(events)
    first, last = events[0].data, events[-1].data
    assert {name: first[name] for name in ("turn_id", "session_id", "provider", "model")} == {
        "turn_id": turn["id"],
        "session_id": turn["session_id"],
        "provider": provider,
        "model": "words-5",
    }
    assert text_of(events) == words(5)
    assert last["stop_reason"] == "completed"
    assert last["usage"]["output"] == OUTPUT_TOKENS
    order = types(events)
    assert order.index("context") < order.index("content") < order.index("usage")
    assert turn["event_count"] == len(events)


async def test_a_conversation_remembers(api: Api, scripted: ScriptedProvider) -> None:
    session = await api.session()
    await api.turn("echo", "first", session_id=session)
    await api.turn("echo", "second", session_id=session)
    turn = await api.turn("remember", "third", session_id=session)
    assert turn["answer"] == "first | second | third"
    messages = (await api.ok("GET", f"/sessions/{session}/messages"))["items"]
    assert [(message["role"], message["text"]) for message in messages] == [
        ("user", "first"),
        ("assistant", "first"),
        ("user", "second"),
        ("assistant", "second"),
        ("user", "third"),
        ("assistant", "first | second | third"),
    ]
    assert messages[1]["turn_id"]
    assert messages[1]["model"] == "echo"
    turns = await api.ok("GET", f"/sessions/{session}/turns")
    assert [one["message"] for one in turns["items"]] == ["first", "second", "third"]
    assert turns["total"] == 3
    page = await api.ok("GET", f"/sessions/{session}/turns", params={"limit": 1, "offset": 1})
    assert [one["message"] for one in page["items"]] == ["second"]
    assert (page["total"], page["limit"], page["offset"]) == (3, 1, 1)


async def test_the_sessions_model_is_used_where_the_turn_names_none(api: Api, scripted: ScriptedProvider) -> None:
    session = await api.session(provider="scripted-anthropic", model="words-2")
    turn = await api.turn(session_id=session)
    assert (turn["provider"], turn["model"], turn["answer"]) == ("scripted-anthropic", "words-2", words(2))
    assert scripted.last.path == "/v1/messages"


async def test_a_second_turn_while_one_runs_is_a_conflict(api: Api, scripted: ScriptedProvider) -> None:
    turn = await start(api, "hang")
    answer = await api("POST", f"/sessions/{turn['session_id']}/turns", json={"message": "me too"})
    assert (answer.status, answer.json["error"]["code"]) == (409, "conflict")
    assert turn["id"] in json.dumps(answer.json["error"])
    await api.ok("POST", f"/turns/{turn['id']}/interrupt")
    await finished(api, turn["id"])
    assert (await api.turn("echo", session_id=turn["session_id"]))["stop_reason"] == "completed"


async def test_two_sessions_run_side_by_side(api: Api, scripted: ScriptedProvider) -> None:
    turns = [await start(api, "slow-10x30") for _ in range(5)]
    begun = time.monotonic()
    logs = await asyncio.gather(*[api.events(turn["id"]) for turn in turns])
    assert time.monotonic() - begun < 5 * 0.3
    assert {text_of(events) for events in logs} == {words(10)}


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "body"),
        ({"message": "   "}, "body"),
        ({"message": "x", "max_steps": 0}, "body.max_steps"),
        ({"message": "x", "parts": [{"type": "image", "media_type": "image/png", "data": "!!"}]}, "body.parts.0"),
        ({"message": "x", "parts": [{"type": "image", "media_type": "image/png", "data": "aGVsbG8="}]}, "body.parts.0"),
        ({"message": "x", "budget": "free"}, "body.budget"),
    ],
)
async def test_a_bad_start_is_422_and_leaves_nothing(
    api: Api, scripted: ScriptedProvider, body: dict[str, Any], path: str
) -> None:
    session = await api.session()
    answer = await api("POST", f"/sessions/{session}/turns", json=body)
    assert (answer.status, answer.json["error"]["code"]) == (422, "invalid")
    assert any(one["path"].startswith(path) for one in answer.json["error"]["details"]["errors"])
    assert (await api.ok("GET", f"/sessions/{session}/turns"))["total"] == 0
    assert (await api.ok("GET", f"/sessions/{session}/messages"))["total"] == 0


@pytest.mark.parametrize("fields", [{"provider": "nobody"}, {"tools": ["no_such_tool"]}, {"agent": "no-such-agent"}])
async def test_what_is_not_there_is_refused_before_the_turn_starts(
    api: Api, scripted: ScriptedProvider, fields: dict[str, Any]
) -> None:
    session = await api.session()
    answer = await api("POST", f"/sessions/{session}/turns", json={"message": "x", **fields})
    assert answer.status in (404, 422)
    assert next(iter(fields)) in json.dumps(answer.json)
    assert (await api.ok("GET", f"/sessions/{session}/turns"))["total"] == 0


async def test_a_terminated_session_takes_no_turn(api: Api, scripted: ScriptedProvider) -> None:
    session = await api.session()
    await api.ok("DELETE", f"/sessions/{session}")
    answer = await api("POST", f"/sessions/{session}/turns", json={"message": "hello?"})
    assert (answer.status, answer.json["error"]["code"]) == (409, "conflict")


async def test_unicode_comes_through_unharmed(api: Api, scripted: ScriptedProvider) -> None:
    text = 'naïve 東京 👩‍🔬 שלום \u202etxt\u202c \u2028 line \\ " </script>'
    turn = await api.turn("echo", text)
    assert turn["answer"] == text
    assert text_of(await api.events(turn["id"])) == text


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    ("model", "answer"), [("halves", "a smile: \N{GRINNING FACE} and a half: \ufffd end"), ("nul", "beforeafter")]
)
async def test_text_that_no_database_takes_harms_nobody(
    api: Api, scripted: ScriptedProvider, provider: str, model: str, answer: str
) -> None:
    turn = await asyncio.wait_for(api.turn(model, provider=provider), 10)
    assert (turn["stop_reason"], turn["answer"]) == ("completed", answer)
    assert text_of(await api.events(turn["id"])) == answer
    assert (await api.turn("echo", session_id=turn["session_id"], provider=provider))["stop_reason"] == "completed"


async def test_a_session_purged_under_its_turn_harms_no_other_turn(api: Api, scripted: ScriptedProvider) -> None:
    doomed = await start(api, "slow-100x20")
    other = await start(api, "slow-50x20")
    await scripted.wait_for_requests(2)
    await api("DELETE", f"/sessions/{doomed['session_id']}", params={"purge": "true"})
    assert text_of(await asyncio.wait_for(api.events(other["id"]), 10)) == words(50)
    assert (await api("GET", f"/turns/{doomed['id']}")).status in (200, 404)
    assert (await api.turn("echo"))["stop_reason"] == "completed"


# Idempotency


async def test_the_same_key_gives_the_same_turn(api: Api, scripted: ScriptedProvider) -> None:
    session = await api.session()
    headers = {"Idempotency-Key": "order-1"}
    body = {"message": "once", "model": "echo"}
    first = await api("POST", f"/sessions/{session}/turns", json=body, headers=headers)
    assert "Idempotent-Replay" not in first.headers
    await finished(api, first.json["id"])
    second = await api("POST", f"/sessions/{session}/turns", json=body, headers=headers)
    assert second.json["id"] == first.json["id"]
    assert second.headers["Idempotent-Replay"] == "true"
    waited = await api("POST", f"/sessions/{session}/turns", json=body, headers=headers, params={"wait": "true"})
    assert (waited.json["id"], waited.json["answer"]) == (first.json["id"], "once")
    assert len(scripted.requests) == 1
    assert (await api.ok("GET", f"/sessions/{session}/turns"))["total"] == 1


async def test_the_same_key_at_the_same_moment_starts_one_turn(api: Api, scripted: ScriptedProvider) -> None:
    session = await api.session()
    answers = await asyncio.gather(
        *[
            api("POST", f"/sessions/{session}/turns", json={"message": "once"}, headers={"Idempotency-Key": "order-2"})
            for _ in range(5)
        ]
    )
    assert {answer.status for answer in answers} <= {200, 202}
    assert len({answer.json["id"] for answer in answers}) == 1
    await finished(api, answers[0].json["id"])
    assert len(scripted.requests) == 1


async def test_the_same_key_with_another_body_is_a_conflict(api: Api, scripted: ScriptedProvider) -> None:
    session = await api.session()
    headers = {"Idempotency-Key": "order-3"}
    first = await api("POST", f"/sessions/{session}/turns", json={"message": "once"}, headers=headers)
    await finished(api, first.json["id"])
    other = await api("POST", f"/sessions/{session}/turns", json={"message": "twice"}, headers=headers)
    assert (other.status, other.json["error"]["code"]) == (409, "conflict")


# Events


@pytest.mark.parametrize("how", ["header", "query"])
async def test_a_replay_starts_anywhere(api: Api, scripted: ScriptedProvider, how: str) -> None:
    turn = await start(api, "slow-12x40")
    events = await api.events(turn["id"])
    assert_whole(events)
    assert len(events) > 8
    for after in range(len(events)):
        options: dict[str, Any] = {"last_event_id": after} if how == "header" else {"params": {"after": after}}
        assert await api.events(turn["id"], **options) == events[after + 1 :]
    beyond: dict[str, Any] = {"last_event_id": 10_000} if how == "header" else {"params": {"after": 10_000}}
    assert await api.events(turn["id"], **beyond) == []


async def test_live_and_replay_are_the_same(api: Api, scripted: ScriptedProvider) -> None:
    turn = await start(api, "slow-40x15")

    async def join(delay: float) -> list[SseEvent]:
        await asyncio.sleep(delay)
        return await api.events(turn["id"])

    logs = await asyncio.gather(*[join(delay) for delay in (0, 0.05, 0.1, 0.2, 0.35, 0.5)])
    replay = await api.events(turn["id"])
    assert_whole(replay)
    assert text_of(replay) == words(40)
    assert all(log == replay for log in logs)


async def test_a_client_that_comes_back_misses_nothing(api: Api, scripted: ScriptedProvider) -> None:
    turn = await start(api, "slow-40x15")
    seen: list[SseEvent] = []
    while not seen or seen[-1].type != "turn_finished":
        async with api.stream(f"/turns/{turn['id']}/events", last_event_id=seen[-1].id if seen else None) as stream:
            async for event in stream:
                seen.append(event)
                if len(seen) % 4 == 0:
                    break
    assert_whole(seen)
    assert text_of(seen) == words(40)


async def test_a_client_that_goes_away_kills_nothing(api: Api, scripted: ScriptedProvider) -> None:
    session = await api.session()
    async with api.stream(
        f"/sessions/{session}/turns", method="POST", json={"message": "go", "model": "gated-6"}
    ) as stream:
        scripted.release(2)
        begun = await stream.until("content")
    scripted.release(4)
    turn = await finished(api, begun[0].data["turn_id"])
    assert (turn["stop_reason"], turn["answer"]) == ("completed", words(6))
    assert not scripted.last.client_closed.is_set()


async def test_the_first_words_come_while_the_rest_is_still_to_come(api: Api, scripted: ScriptedProvider) -> None:
    turn = await start(api, "gated-2")
    scripted.release()
    async with api.stream(f"/turns/{turn['id']}/events") as stream:
        begun = await asyncio.wait_for(stream.until("content"), 5)
        assert text_of(begun) == words(1)
        scripted.release()
    assert (await finished(api, turn["id"]))["answer"] == words(2)


async def test_small_deltas_are_joined_not_lost(api: Api, scripted: ScriptedProvider) -> None:
    turn = await api.turn("words-2000")
    events = await api.events(turn["id"])
    assert text_of(events) == words(2000)
    assert types(events).count("content") < 500


@pytest.mark.parametrize("value", ["-2", "x", "1.5"])
async def test_a_wrong_place_to_replay_from_is_refused(api: Api, scripted: ScriptedProvider, value: str) -> None:
    turn = await api.turn("echo")
    assert (await api("GET", f"/turns/{turn['id']}/events", params={"after": value})).status == 422


async def test_events_of_no_turn_are_404(api: Api, scripted: ScriptedProvider) -> None:
    for path in ("/turns/turn_0", "/turns/turn_0/events"):
        answer = await api("GET", path)
        assert (answer.status, answer.json["error"]["code"]) == (404, "not_found")
    for path in ("interrupt", "retry", "guidance"):
        assert (await api("POST", f"/turns/turn_0/{path}", json={"message": "x"})).status == 404


# Interrupt


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_an_interrupt_keeps_what_was_said(api: Api, scripted: ScriptedProvider, provider: str) -> None:
    turn = await start(api, "gated-9", provider=provider)
    scripted.release(3)
    async with api.stream(f"/turns/{turn['id']}/events") as stream:
        seen: list[SseEvent] = []
        async for event in stream:
            seen.append(event)
            if text_of(seen) == words(3):
                break
    await api.ok("POST", f"/turns/{turn['id']}/interrupt", json={"message": "Wrong way"})
    ended = await finished(api, turn["id"])
    assert (ended["status"], ended["stop_reason"], ended["answer"]) == ("finished", "interrupted", words(3))
    events = await api.events(turn["id"])
    assert_whole(events)
    assert events[-1].data["stop_reason"] == "interrupted"
    messages = (await api.ok("GET", f"/sessions/{turn['session_id']}/messages"))["items"]
    assert (messages[1]["role"], messages[1]["text"], messages[1]["stop_reason"]) == (
        "assistant",
        words(3),
        "interrupted",
    )
    await eventually(scripted.last.client_closed.is_set)
    remembered = await api.turn("remember", "go on", session_id=turn["session_id"])
    assert "hello" in remembered["answer"]


async def test_an_interrupt_reaches_a_provider_that_says_nothing(api: Api, scripted: ScriptedProvider) -> None:
    turn = await start(api, "hang")
    await scripted.wait_for_requests(1)
    begun = time.monotonic()
    await api.ok("POST", f"/turns/{turn['id']}/interrupt")
    assert (await finished(api, turn["id"]))["stop_reason"] == "interrupted"
    assert time.monotonic() - begun < 2


async def test_a_turn_that_ended_cannot_be_interrupted_or_guided(api: Api, scripted: ScriptedProvider) -> None:
    turn = await api.turn("echo")
    for path, body in (("interrupt", {}), ("guidance", {"message": "faster"})):
        answer = await api("POST", f"/turns/{turn['id']}/{path}", json=body)
        assert (answer.status, answer.json["error"]["code"]) == (409, "conflict")


# Retry


async def test_a_retry_says_it_again_as_a_branch(api: Api, scripted: ScriptedProvider) -> None:
    session = await api.session()
    await api.turn("echo", "before", session_id=session)
    turn = await api.turn("server-error", "once more", session_id=session)
    assert turn["stop_reason"] == "provider_error"
    again = await api.ok("POST", f"/turns/{turn['id']}/retry", json={"model": "remember"})
    assert again["retry_of"] == turn["id"]
    ended = await finished(api, again["id"])
    assert ended["stop_reason"] == "completed"
    assert ended["answer"] == "before | once more"


async def test_a_retry_with_another_text(api: Api, scripted: ScriptedProvider) -> None:
    turn = await api.turn("echo", "one")
    again = await api.ok("POST", f"/turns/{turn['id']}/retry", json={"message": "two"})
    assert (await finished(api, again["id"]))["answer"] == "two"
    assert (await api.ok("GET", f"/turns/{turn['id']}"))["answer"] == "one"


async def test_a_running_turn_cannot_be_retried(api: Api, scripted: ScriptedProvider) -> None:
    turn = await start(api, "hang")
    assert (await api("POST", f"/turns/{turn['id']}/retry", json={})).status == 409
    await api.ok("POST", f"/turns/{turn['id']}/interrupt")


# Tools, tasks, guidance

TASKS = {
    "items": [{"id": "1", "title": "Look", "status": "completed"}, {"id": "2", "title": "Tell", "status": "pending"}]
}


async def task_tool(api: Api, scripted: ScriptedProvider) -> str:
    """The name of the tool that keeps the task list, as the model is offered it."""
    await api.turn("echo")
    (name,) = [name for name in scripted.last.asked.tools if "task" in name]
    scripted.reset()
    return name


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_the_model_keeps_a_task_list(api: Api, scripted: ScriptedProvider, provider: str) -> None:
    name = await task_tool(api, scripted)
    turn = await api.turn("tool", f"{name} {json.dumps(TASKS)}", provider=provider)
    assert turn["stop_reason"] == "completed", turn
    assert turn["steps"] == 2
    events = await api.events(turn["id"])
    assert_whole(events)
    (call,) = [event.data for event in events if event.type == "tool_call"]
    (result,) = [event.data for event in events if event.type == "tool_result"]
    assert (call["name"], call["args"]) == (name, TASKS)
    assert result["tool_call_id"] == call["tool_call_id"]
    assert result["is_error"] is False
    assert result["duration_ms"] >= 0
    (tasks,) = [event.data for event in events if event.type == "tasks"]
    assert [task["title"] for task in tasks["items"]] == ["Look", "Tell"]
    kept = await api.ok("GET", f"/sessions/{turn['session_id']}/tasks")
    assert kept["turn_id"] == turn["id"]
    assert [(task["title"], task["status"]) for task in kept["items"]] == [("Look", "completed"), ("Tell", "pending")]
    assert kept["progress"] == 0.5
    assert turn["answer"].startswith("The tool said:")


async def test_a_call_of_a_tool_that_is_not_there_goes_back_to_the_model(api: Api, scripted: ScriptedProvider) -> None:
    turn = await api.turn("tool", 'fly_to_moon {"speed": "high"}')
    assert turn["stop_reason"] == "completed"
    (result,) = [event.data for event in await api.events(turn["id"]) if event.type == "tool_result"]
    assert result["is_error"] is True
    assert "fly_to_moon" in scripted.last.asked.results[-1]
    (call,) = (await api.ok("GET", f"/turns/{turn['id']}/tools"))["tool_calls"]
    assert (call["name"], call["arguments"], call["status"]) == ("fly_to_moon", {"speed": "high"}, "error")
    assert (call["tool_call_id"], call["content"]) == (result["tool_call_id"], result["content"])
    (decision,) = (await api.ok("GET", f"/turns/{turn['id']}/policy"))["decisions"]
    assert (decision["decision"], decision["reason"]) == ("deny", "there is no such tool")


async def test_no_tools_means_none(api: Api, scripted: ScriptedProvider) -> None:
    await api.turn("echo", tools=[])
    assert scripted.last.asked.tools == []


async def test_tool_calls_stay_in_the_conversation(api: Api, scripted: ScriptedProvider) -> None:
    name = await task_tool(api, scripted)
    turn = await api.turn("tool", f"{name} {json.dumps(TASKS)}")
    await api.turn("echo", "and now?", session_id=turn["session_id"])
    calls = [call for entry in scripted.last.asked.entries for call in entry.calls]
    assert calls == [(name, TASKS)]
    (message,) = [
        message
        for message in (await api.ok("GET", f"/sessions/{turn['session_id']}/messages"))["items"]
        if message["turn_id"] == turn["id"] and message["role"] == "assistant"
    ]
    assert [part["type"] for part in message["parts"]] == ["text", "tool_call", "tool_result", "text"]


async def test_guidance_is_read_before_the_next_step(api: Api, scripted: ScriptedProvider) -> None:
    name = await task_tool(api, scripted)

    async def guided(asked: Any, match: Any, before: int) -> AsyncIterator[Step]:
        if before == 0:
            yield Gate()
            yield Call(name, TASKS)
        else:
            yield Say("As you say.")

    scripted.script("guided", guided)
    turn = await start(api, "guided")
    await scripted.wait_for_requests(1)
    accepted = await api.ok("POST", f"/turns/{turn['id']}/guidance", json={"message": "Use metric units"})
    assert (accepted["turn_id"], accepted["message"], accepted["delivered_at"]) == (
        turn["id"],
        "Use metric units",
        None,
    )
    scripted.release()
    ended = await finished(api, turn["id"])
    assert (ended["stop_reason"], ended["answer"]) == ("completed", "As you say.")
    assert len(scripted.requests) == 2
    assert any("Use metric units" in text for text in scripted.last.asked.user_texts)
    events = await api.events(turn["id"])
    guidance = [event.data for event in events if event.type == "guidance"]
    assert guidance
    assert "Use metric units" in json.dumps(guidance)
    assert types(events).index("guidance") < max(at for at, kind in enumerate(types(events)) if kind == "content")


async def test_guidance_in_the_last_step_makes_one_more(api: Api, scripted: ScriptedProvider) -> None:
    async def last(asked: Any, match: Any, before: int) -> AsyncIterator[Step]:
        if before == 0:
            yield Say("Done. ")
            yield Gate()
        else:
            yield Say(f"Heard: {asked.user_texts[-1]}")

    scripted.script("last", last)
    turn = await start(api, "last")
    await scripted.wait_for_requests(1)
    await api.ok("POST", f"/turns/{turn['id']}/guidance", json={"message": "One more thing"})
    scripted.release()
    ended = await finished(api, turn["id"])
    assert ended["stop_reason"] == "completed"
    assert "One more thing" in ended["answer"]


# How a turn ends

FAILURES = [
    ("unauthorized", "unauthorized", False),
    ("rate-limited", "rate_limited", True),
    ("overloaded", "overloaded", True),
    ("server-error", "bad_response", True),
    ("malformed", "bad_response", None),
    ("cut", "cut", True),
    ("overloaded-mid", "overloaded", True),
    ("too-long", "context_too_long", False),
    ("no-such-model", "model_not_found", False),
]


@pytest.mark.settings(ProviderSettings={"max_retries": 0})
@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(("model", "code", "retryable"), FAILURES)
async def test_a_failing_provider_ends_the_turn_with_the_reason(
    api: Api, scripted: ScriptedProvider, provider: str, model: str, code: str | None, retryable: bool | None
) -> None:
    turn = await api.turn(model, provider=provider)
    assert (turn["status"], turn["stop_reason"]) == ("finished", "provider_error")
    error = turn["error"]
    if (model, provider) == ("overloaded-mid", "scripted-responses"):
        code = None  # That format has no word for it.
    if code is not None:
        assert error["code"] == code, error
    if retryable is not None:
        assert error["retryable"] is retryable
    assert error["message"]
    events = await api.events(turn["id"])
    assert_whole(events)
    (told,) = [event.data for event in events if event.type == "error"]
    assert (told["code"], told["message"], told["retryable"]) == (error["code"], error["message"], error["retryable"])
    assert events[-1].data["stop_reason"] == "provider_error"
    assert KEY not in json.dumps([turn, [event.data for event in events]])
    messages = (await api.ok("GET", f"/sessions/{turn['session_id']}/messages"))["items"]
    said = text_of(events)
    if said:
        assert messages[-1]["text"] == said
    assert (await api.turn("remember", "still there?", session_id=turn["session_id"]))["answer"].endswith(
        "still there?"
    )


@pytest.mark.settings(ProviderSettings={"max_retries": 0})
async def test_a_rate_limit_tells_how_long_to_wait(api: Api, scripted: ScriptedProvider) -> None:
    turn = await api.turn("rate-limited")
    assert turn["error"]["retry_after_seconds"] == 1


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_rate_limit_that_passes_is_waited_for(api: Api, scripted: ScriptedProvider, provider: str) -> None:
    turn = await api.turn("rate-limited-once", provider=provider)
    assert (turn["stop_reason"], turn["answer"]) == ("completed", "Here at last.")
    first, second = scripted.requests
    assert second.at - first.at >= 0.9
    assert types(await api.events(turn["id"])).count("turn_finished") == 1


async def test_a_provider_that_nobody_listens_for_is_unreachable(api: Api, scripted: ScriptedProvider) -> None:
    await api.ok(
        "POST",
        "/providers",
        json={
            "id": "gone",
            "kind": "openai_compatible",
            "name": "Gone",
            "base_url": "http://127.0.0.1:9/v1",
            "api_key": "x",
        },
    )
    turn = await api.turn("echo", provider="gone")
    assert (turn["stop_reason"], turn["error"]["code"]) == ("provider_error", "unreachable")


@pytest.mark.settings(ProviderSettings={"request_timeout_seconds": 1, "max_retries": 0})
@pytest.mark.parametrize("model", ["hang", "stall"])
async def test_a_provider_that_falls_silent_is_given_up(api: Api, scripted: ScriptedProvider, model: str) -> None:
    turn = await api.turn(model)
    assert (turn["stop_reason"], turn["error"]["code"]) == ("provider_error", "timeout")


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("model", ["refuse", "refuse-said"])
async def test_a_refusal_is_said_aloud(api: Api, scripted: ScriptedProvider, provider: str, model: str) -> None:
    turn = await api.turn(model, provider=provider)
    assert turn["stop_reason"] == "refused", turn
    events = await api.events(turn["id"])
    assert events[-1].data["stop_reason"] == "refused"
    said = "I cannot help with that." if model == "refuse-said" else ""
    assert (turn["answer"] or "", text_of(events)) == (said, said)


async def test_why_a_provider_stopped_follows_what_it_had_said(api: Api, scripted: ScriptedProvider) -> None:
    async def partly(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Any]:
        yield Say("First, ")
        yield Finish("refusal")

    scripted.script("partly", partly)
    for provider in PROVIDERS:
        turn = await api.turn("partly", provider=provider)
        assert (turn["stop_reason"], turn["answer"]) == ("refused", "First, ")


async def test_a_tool_that_cannot_be_called_is_told_in_plain_words(api: Api, scripted: ScriptedProvider) -> None:
    turn = await api.turn("repeat-tool", "no_tool {}")
    assert turn["error"]["message"] == "The model could not call the tool no_tool: its calls failed each time."
    made = [event.data for event in await api.events(turn["id"]) if event.type == "tool_call"]
    calls = (await api.ok("GET", f"/turns/{turn['id']}/tools"))["tool_calls"]
    assert len(calls) > 1
    assert [call["tool_call_id"] for call in calls] == [call["tool_call_id"] for call in made]
    assert {(call["name"], call["status"]) for call in calls} == {("no_tool", "error")}


async def test_wrong_arguments_go_back_to_the_model_until_it_repeats_itself(
    api: Api, scripted: ScriptedProvider
) -> None:
    turn = await api.turn("repeat-tool", 'update_tasks {"items": 7}')
    assert turn["stop_reason"] == "repetition"
    assert "items: Input should be a valid list" in scripted.last.asked.results[-1]


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_an_answer_cut_by_the_output_limit_is_kept(api: Api, scripted: ScriptedProvider, provider: str) -> None:
    turn = await api.turn("length", provider=provider)
    assert turn["stop_reason"] == "completed"
    assert turn["answer"] == "And then the whole story"


async def test_an_empty_answer_ends_the_turn(api: Api, scripted: ScriptedProvider) -> None:
    turn = await api.turn("empty")
    assert turn["status"] == "finished"
    assert turn["stop_reason"] in ("completed", "provider_error")
    assert len(scripted.requests) <= 3


async def test_max_steps_stops_the_turn(api: Api, scripted: ScriptedProvider) -> None:
    name = await task_tool(api, scripted)
    message = f'{name} {{"items": [{{"id": "1", "title": "step $n", "status": "pending"}}]}}'
    turn = await api.turn("long-tool-10", message, max_steps=3)
    assert (turn["stop_reason"], turn["steps"], turn["usage"]["requests"]) == ("max_steps", 3, 3)
    assert len(scripted.requests) == 3
    whole = await api.turn("long-tool-10", message)
    assert (whole["stop_reason"], whole["steps"], whole["answer"]) == ("completed", 11, "Done after 10 calls.")


@pytest.mark.settings(TurnSettings={"repetition_limit": 3})
async def test_the_same_call_again_and_again_stops_the_turn(api: Api, scripted: ScriptedProvider) -> None:
    name = await task_tool(api, scripted)
    turn = await api.turn("repeat-tool", f"{name} {json.dumps(TASKS)}")
    assert turn["stop_reason"] == "repetition"
    assert len(scripted.requests) == 3


PRICES = {"input": "3", "output": "15", "cache_read": "0.3", "cache_write": "3.75"}


async def set_prices(api: Api, scripted: ScriptedProvider, provider: str, *models: str) -> None:
    anthropic = provider == "scripted-anthropic"
    await api.ok(
        "PUT",
        f"/providers/{provider}",
        json={
            "kind": "anthropic" if anthropic else "openai_compatible",
            "name": "Scripted",
            "base_url": scripted.anthropic_url if anthropic else scripted.openai_url,
            "api_key": "***",
            "default_model": "echo",
            "prices": dict.fromkeys(models, PRICES),
            "options": {"api": "responses"} if provider == "scripted-responses" else {},
        },
    )


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_usage_and_price_are_recorded_exactly(api: Api, scripted: ScriptedProvider, provider: str) -> None:
    await set_prices(api, scripted, provider, "tool", "echo")
    written = CACHE_WRITE_TOKENS if provider == "scripted-anthropic" else 0
    fresh = INPUT_TOKENS - CACHE_READ_TOKENS - written
    million = Decimal(1_000_000)
    one = (
        fresh * Decimal("3") / million
        + CACHE_READ_TOKENS * Decimal("0.3") / million
        + written * Decimal("3.75") / million
        + OUTPUT_TOKENS * Decimal("15") / million
    )
    turn = await api.turn("tool", 'nothing_like_it {"a": 1}', provider=provider)
    usage = turn["usage"]
    assert usage == {
        "input": 2 * INPUT_TOKENS,
        "output": 2 * OUTPUT_TOKENS,
        "cache_read": 2 * CACHE_READ_TOKENS,
        "cache_write": 2 * written,
        "requests": 2,
        "cost": usage["cost"],
    }
    assert Decimal(usage["cost"]) == 2 * one
    events = await api.events(turn["id"])
    assert events[-1].data["usage"] == usage
    steps = [event.data for event in events if event.type == "usage"]
    assert len(steps) == 2
    assert sum(Decimal(step["cost"]) for step in steps) == 2 * one
    await api.turn("echo", provider=provider, session_id=turn["session_id"])
    session = await api.ok("GET", f"/sessions/{turn['session_id']}")
    assert Decimal(session["usage"]["cost"]) == 3 * one
    assert (session["usage"]["input"], session["usage"]["requests"], session["turn_count"]) == (3 * INPUT_TOKENS, 3, 2)


async def test_a_model_without_a_known_price_costs_null_not_nothing(api: Api, scripted: ScriptedProvider) -> None:
    assert (await api.turn("echo"))["usage"]["cost"] is None


async def test_a_budget_stops_the_turn_before_its_next_request(api: Api, scripted: ScriptedProvider) -> None:
    name = await task_tool(api, scripted)
    await set_prices(api, scripted, "scripted", "long-tool-10")
    message = f'{name} {{"items": [{{"id": "1", "title": "step $n", "status": "pending"}}]}}'
    one = Decimal("0.000996")
    # With the one tool: what is sent is priced before it is sent, and all tools are more than the budget.
    turn = await api.turn("long-tool-10", message, budget=str(one * 3), tools=[name])
    assert turn["stop_reason"] == "budget"
    assert len(scripted.requests) == 3
    assert Decimal(turn["usage"]["cost"]) == 3 * one


async def test_a_timeout_stops_the_turn_and_keeps_what_was_said(api: Api, scripted: ScriptedProvider) -> None:
    begun = time.monotonic()
    turn = await api.turn("stall", timeout_seconds=0.7)
    assert time.monotonic() - begun < 5
    assert (turn["stop_reason"], turn["answer"]) == ("timeout", "So far, so good")
    await eventually(scripted.last.client_closed.is_set)


# What the model sees


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_the_model_sees_a_picture(api: Api, scripted: ScriptedProvider, provider: str) -> None:
    parts = [
        {"type": "image", "media_type": "image/png", "data": base64.b64encode(png(rgb)).decode()}
        for rgb in [(255, 0, 0), (0, 0, 255)]
    ]
    turn = await api.turn("see", "which colours?", parts=parts, provider=provider)
    assert turn["answer"] == "red, blue"
    message = (await api.ok("GET", f"/sessions/{turn['session_id']}/messages"))["items"][0]
    pictures = [part for part in message["parts"] if part["type"] == "image"]
    assert [part.get("data") for part in pictures] == [None, None]
    blob = await api("GET", f"/blobs/{pictures[0]['blob_id']}")
    assert (blob.headers["Content-Type"], blob.content) == ("image/png", png((255, 0, 0)))
    later = await api.turn("see", "and again?", session_id=turn["session_id"], provider=provider)
    assert later["answer"] == "red, blue"
    by_id = await api.turn(
        "see", parts=[{"type": "image", "media_type": "image/png", "blob_id": pictures[1]["blob_id"]}]
    )
    assert by_id["answer"] == "blue"


async def test_a_picture_of_more_than_ten_megabytes_is_too_large(api: Api, scripted: ScriptedProvider) -> None:
    session = await api.session()
    data = base64.b64encode(png((1, 2, 3)) + b"\0" * 10 * 1024 * 1024).decode()
    parts = [{"type": "image", "media_type": "image/png", "data": data}]
    answer = await api("POST", f"/sessions/{session}/turns", json={"message": "look", "parts": parts})
    assert answer.status in (413, 422)
    assert (await api.ok("GET", f"/sessions/{session}/messages"))["total"] == 0


async def test_four_pictures_are_too_many(api: Api, scripted: ScriptedProvider) -> None:
    session = await api.session()
    part = {"type": "image", "media_type": "image/png", "data": base64.b64encode(png((0, 0, 0))).decode()}
    answer = await api("POST", f"/sessions/{session}/turns", json={"message": "look", "parts": [part] * 4})
    assert (answer.status, answer.json["error"]["code"]) == (422, "invalid")


async def test_a_turn_takes_a_body_of_fifty_megabytes_and_no_more(api: Api, scripted: ScriptedProvider) -> None:
    session = await api.session()
    megabyte = 1024 * 1024
    context = [{"type": "context", "kind": "file", "name": "big.txt", "text": "x" * 20 * megabyte}]
    answer = await api(
        "POST", f"/sessions/{session}/turns", json={"message": "hi", "parts": context, "model": "words-3"}, timeout=60
    )
    assert answer.status == 202
    await finished(api, answer.json["id"])
    over = await api("POST", f"/sessions/{session}/turns", json={"message": "x" * (50 * megabyte + 1)}, timeout=60)
    assert (over.status, over.json["error"]["code"]) == (413, "too_large")


async def test_attached_context_reaches_the_model(api: Api, scripted: ScriptedProvider) -> None:
    part = {
        "type": "context",
        "kind": "cell",
        "name": "Cell 3",
        "text": "df.describe()",
        "path": "a.ipynb",
        "cell_id": "c3",
    }
    turn = await api.turn("remember", "what is this?", parts=[part])
    for piece in ("what is this?", "df.describe()", "Cell 3"):
        assert piece in turn["answer"]


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_thinking_is_told_apart_from_the_answer(api: Api, scripted: ScriptedProvider, provider: str) -> None:
    turn = await api.turn("thinking", provider=provider)
    assert turn["answer"] == "The answer is 42."
    events = await api.events(turn["id"])
    assert "".join(event.data["delta"] for event in events if event.type == "thinking") == (
        "First I weigh it. Then I decide."
    )
    assert text_of(events) == "The answer is 42."
    message = (await api.ok("GET", f"/sessions/{turn['session_id']}/messages"))["items"][-1]
    assert [part["type"] for part in message["parts"]] == ["thinking", "text"]
    assert message["text"] == "The answer is 42."


async def test_a_system_prefix_stands_before_the_system_prompt(api: Api, scripted: ScriptedProvider) -> None:
    turn = await api.turn("system", system_prefix="Answer in verse.")
    prefix, prompt = turn["answer"].index("Answer in verse."), turn["answer"].index("JupyterLab")
    assert prefix < prompt
    assert "verse" not in (await api.turn("system", session_id=turn["session_id"]))["answer"]


async def test_sampling_settings_reach_the_provider(api: Api, scripted: ScriptedProvider) -> None:
    settings = {"temperature": 0.25, "top_p": 0.5, "max_output_tokens": 77, "stop": ["END"], "seed": 7}
    await api.turn("echo", settings=settings)
    sent = scripted.last.body
    assert (sent["temperature"], sent["top_p"], sent["stop"], sent["seed"]) == (0.25, 0.5, ["END"], 7)
    assert 77 in (sent.get("max_tokens"), sent.get("max_completion_tokens"))
    assert scripted.last.headers["authorization"] == f"Bearer {KEY}"


async def test_metadata_stays_with_the_turn_and_away_from_the_model(api: Api, scripted: ScriptedProvider) -> None:
    turn = await api.turn("echo", metadata={"ticket": "JA-1234"})
    assert turn["metadata"] == {"ticket": "JA-1234"}
    assert "JA-1234" not in json.dumps(scripted.last.body)


async def test_reflection_builds_the_answer_on_a_report(api: Api, scripted: ScriptedProvider) -> None:
    turn = await api.turn("remember", "why is the sky blue?", reflection=True)
    assert turn["stop_reason"] == "completed"
    first, second = scripted.requests
    # The report is another provider's work where there is one.
    assert first.path in ("/v1/messages", "/v1/responses")
    assert second.path == "/v1/chat/completions"
    assert second.asked.model == "remember"
    assert any("why is the sky blue?" in text for text in first.asked.user_texts)
    assert turn["usage"]["requests"] == 2
    report = first.asked.user_texts[-1]  # That provider's default model, `echo`, says back what it is asked.
    assert report in second.asked.system or any(report in text for text in second.asked.user_texts)
    messages = (await api.ok("GET", f"/sessions/{turn['session_id']}/messages"))["items"]
    assert len(messages) == 2


@pytest.mark.parametrize("refuses", ["refuse", "refuse-said"])
async def test_a_report_that_is_refused_is_done_without(api: Api, scripted: ScriptedProvider, refuses: str) -> None:
    scripted.script("echo", SCRIPTS[refuses])  # the default model of the other providers
    turn = await api.turn("remember", "why is the sky blue?", reflection=True)
    assert [request.asked.model for request in scripted.requests] == ["echo", "remember"]
    assert (turn["stop_reason"], turn["answer"]) == ("completed", "why is the sky blue?")


async def test_a_context_budget_leaves_the_oldest_out(api: Api, scripted: ScriptedProvider) -> None:
    session = await api.session()
    for number in range(6):
        text = f"message-{number} " + "lorem ipsum dolor sit amet " * 60
        await api.ok("POST", f"/sessions/{session}/messages", json={"role": "user", "text": text})
        await api.ok("POST", f"/sessions/{session}/messages", json={"role": "assistant", "text": f"reply-{number}"})
    await api.turn("words-1", "all of it", session_id=session)
    assert len([text for text in scripted.last.asked.user_texts if text.startswith("message-")]) == 6
    trimmed = await api.turn("words-1", "the last of it", session_id=session, tools=[], context_budget=1500)
    sent = scripted.last.asked
    assert sent.user_texts[-1] == "the last of it"
    kept = [number for number in range(6) if any(f"message-{number}" in text for text in sent.user_texts)]
    assert kept
    assert kept == list(range(6 - len(kept), 6))
    assert len(kept) < 6
    (context,) = [event.data for event in await api.events(trimmed["id"]) if event.type == "context"]
    assert context["budget"] == 1500
    assert sum(context["tokens"].values()) <= 1500


# The list of what runs


async def test_the_active_stream_shows_what_runs_and_what_changes(api: Api, scripted: ScriptedProvider) -> None:
    first = await start(api, "gated-1")
    await scripted.wait_for_requests(1)
    async with api.stream("/turns/active") as stream:
        events = aiter(stream)
        snapshot = await asyncio.wait_for(anext(events), 5)
        assert [turn["id"] for turn in snapshot.data["items"]] == [first["id"]]
        second = await start(api, "hang")
        seen: list[str] = []
        while second["id"] not in json.dumps(seen):
            seen.append(json.dumps((await asyncio.wait_for(anext(events), 5)).data))
        scripted.release()
        await finished(api, first["id"])
        while not any(first["id"] in one and "finished" in one for one in seen):
            seen.append(json.dumps((await asyncio.wait_for(anext(events), 5)).data))
    await api.ok("POST", f"/turns/{second['id']}/interrupt")


async def test_anothers_turns_are_not_there(as_user: Callable[[str], Api], scripted: ScriptedProvider) -> None:
    alice, bob = as_user("alice"), as_user("bob")
    turn = await start(alice, "hang")
    for method, path in [
        ("GET", ""),
        ("GET", "/events"),
        ("POST", "/interrupt"),
        ("POST", "/retry"),
        ("POST", "/guidance"),
    ]:
        options = {"json": {"message": "x"}} if method == "POST" else {}
        assert (await bob(method, f"/turns/{turn['id']}{path}", **options)).status == 404
    async with bob.stream("/turns/active") as stream:
        snapshot = await asyncio.wait_for(anext(aiter(stream)), 5)
    assert snapshot.data["items"] == []
    await alice.ok("POST", f"/turns/{turn['id']}/interrupt")
    assert (await finished(alice, turn["id"]))["stop_reason"] == "interrupted"


# One shot


async def test_run_answers_in_one_request(api: Api, scripted: ScriptedProvider) -> None:
    result = await api.ok("POST", "/run", json={"message": "just once", "title": "A run"})
    assert (result["text"], result["turn"]["stop_reason"]) == ("just once", "completed")
    session = await api.ok("GET", f"/sessions/{result['session_id']}")
    assert session["title"] == "A run"
    more = await api.ok(
        "POST", "/run", json={"message": "again", "model": "remember", "session_id": result["session_id"]}
    )
    assert more["session_id"] == result["session_id"]
    assert more["text"] == "just once | again"


async def test_run_streams_where_it_is_asked_to(api: Api, scripted: ScriptedProvider) -> None:
    async with api.stream("/run", method="POST", json={"message": "go", "model": "words-8", "stream": True}) as stream:
        events = [event async for event in stream]
    assert_whole(events)
    assert text_of(events) == words(8)
