"""What kill -9 does to a turn, on a real server: nothing that anybody has seen is lost, and the turn is closed; one
that waits for a person goes on with the answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from .scripted_provider import ScriptedProvider, words
from .servers import JupyterServer
from .sse import SseEvent, read, text_of
from .tool_turns import make_calls, of_type, plan

pytestmark = pytest.mark.slow

MakeServer = Callable[..., JupyterServer]


@pytest.fixture
def provider(scripted_server: ScriptedProvider) -> ScriptedProvider:
    scripted_server.reset()
    return scripted_server


@pytest.fixture
def make_server(tmp_path: Path, database_url: str) -> Iterator[MakeServer]:
    """Makes real servers on the database under test; all are stopped in the end."""
    made: list[JupyterServer] = []

    def make(name: str = "server", **config: dict[str, Any]) -> JupyterServer:
        # Two servers share a SQLite database through its URL; one alone has it where a user's is.
        config = {"AgentApp": {"database_url": database_url}, **config}
        made.append(JupyterServer(tmp_path / name, config=config))
        return made[-1]

    yield make
    for server in made:
        server.stop()


@pytest.fixture
def server(make_server: MakeServer, provider: ScriptedProvider) -> JupyterServer:
    server = make_server()
    server.start()
    server.use(provider)
    return server


def begin(server: JupyterServer, model: str, session: str | None = None) -> Any:
    session = session or server.api("POST", "/sessions", json={})["id"]
    return server.api("POST", f"/sessions/{session}/turns", json={"message": "Tell me", "model": model})


def replay(server: JupyterServer, turn_id: str, after: int | None = None) -> list[SseEvent]:
    with server.events(f"/turns/{turn_id}/events", last_event_id=after) as events:
        return list(events)


def follow_until_dead(server: JupyterServer, turn_id: str, seen: list[SseEvent], enough: int) -> None:
    """Follows a turn and kills the server as soon as so many words have come."""
    try:
        with server.events(f"/turns/{turn_id}/events") as events:
            for event in events:
                seen.append(event)
                if server.process is not None and text_of(seen).count("word") >= enough:
                    server.kill_process()
    except httpx.TransportError:
        return
    raise AssertionError("the stream ended as if nothing had happened")


def test_after_kill_9_the_turn_is_closed_and_everything_seen_is_there(
    server: JupyterServer, provider: ScriptedProvider
) -> None:
    turn = begin(server, "slow-400x20")
    seen: list[SseEvent] = []
    follow_until_dead(server, turn["id"], seen, enough=15)
    server.kill()
    server.start()

    again = replay(server, turn["id"])
    assert again[: len(seen)] == seen
    assert [event.id for event in again] == list(range(len(again)))
    assert again[-1].type == "turn_finished"
    assert again[-1].data["stop_reason"] == "server_restart"
    assert [event.type for event in again].count("turn_finished") == 1
    said = text_of(again)
    assert said.count("word") >= 15
    assert words(400).startswith(said)

    ended = server.api("GET", f"/turns/{turn['id']}")
    assert (ended["status"], ended["stop_reason"], ended["answer"]) == ("finished", "server_restart", said)
    assert ended["finished_at"] is not None
    assert ended["event_count"] == len(again)
    messages = server.api("GET", f"/sessions/{turn['session_id']}/messages")["items"]
    assert [(message["role"], message["text"]) for message in messages] == [("user", "Tell me"), ("assistant", said)]
    assert messages[1]["stop_reason"] == "server_restart"
    session = server.api("GET", f"/sessions/{turn['session_id']}")
    assert session["running_turn_id"] is None
    assert session["message_count"] == 2
    found = server.api("GET", "/search", params={"q": "word3"})
    assert found["total"] == 1


def test_a_client_goes_on_across_the_restart_without_gap_or_double(
    server: JupyterServer, provider: ScriptedProvider
) -> None:
    turn = begin(server, "slow-400x20")
    seen: list[SseEvent] = []
    follow_until_dead(server, turn["id"], seen, enough=10)
    server.kill()
    server.start()
    seen += replay(server, turn["id"], after=seen[-1].id)
    assert [event.id for event in seen] == list(range(len(seen)))
    assert seen[-1].data["stop_reason"] == "server_restart"
    assert seen == replay(server, turn["id"])
    assert words(400).startswith(text_of(seen))


def test_the_conversation_goes_on_after_the_restart(server: JupyterServer, provider: ScriptedProvider) -> None:
    turn = begin(server, "slow-400x20")
    seen: list[SseEvent] = []
    follow_until_dead(server, turn["id"], seen, enough=5)
    server.kill()
    server.start()
    after = server.api(
        "POST",
        f"/sessions/{turn['session_id']}/turns",
        params={"wait": "true"},
        json={"message": "Go on", "model": "remember"},
    )
    assert (after["stop_reason"], after["answer"]) == ("completed", "Tell me | Go on")
    # What it had said before the crash is part of what the model sees.
    said = text_of(replay(server, turn["id"]))
    entries = provider.last.asked.entries
    assert [entry.text for entry in entries if entry.role == "assistant"] == [said]
    again = server.api("POST", f"/turns/{turn['id']}/retry", json={"model": "words-3"})
    assert text_of(replay(server, again["id"])) == words(3)


def test_a_turn_that_had_said_nothing_is_closed_too(server: JupyterServer, provider: ScriptedProvider) -> None:
    turn = begin(server, "hang")
    deadline = time.monotonic() + 10
    while not provider.requests:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    server.kill()
    server.start()
    assert replay(server, turn["id"])[-1].data["stop_reason"] == "server_restart"
    assert server.api("GET", f"/sessions/{turn['session_id']}")["running_turn_id"] is None


def test_finished_turns_survive_unchanged(server: JupyterServer, provider: ScriptedProvider) -> None:
    turn = begin(server, "words-50")
    before = replay(server, turn["id"])
    state = server.api("GET", f"/turns/{turn['id']}")
    server.kill()
    server.start()
    assert replay(server, turn["id"]) == before
    assert server.api("GET", f"/turns/{turn['id']}") == state


def test_an_idempotency_key_holds_across_the_restart(server: JupyterServer, provider: ScriptedProvider) -> None:
    session = server.api("POST", "/sessions", json={})["id"]
    body = {"message": "Tell me", "model": "words-3"}
    options: dict[str, Any] = {"json": body, "headers": {"Idempotency-Key": "order-7"}}
    first = server.api("POST", f"/sessions/{session}/turns", **options)
    replay(server, first["id"])
    server.kill()
    server.start()
    second = server.api("POST", f"/sessions/{session}/turns", **options)
    assert second["id"] == first["id"]
    assert len(provider.requests) == 1


def test_a_polite_stop_closes_what_runs(server: JupyterServer, provider: ScriptedProvider) -> None:
    turn = begin(server, "slow-400x20")
    seen: list[SseEvent] = []
    followed = threading.Event()

    def follow() -> None:
        # Its own client: the server's is closed with it.
        headers = {"Authorization": f"token {server.token}"}
        try:
            with httpx.stream("GET", f"{server.url}agent/v1/turns/{turn['id']}/events", headers=headers) as response:
                for event in read(response):
                    seen.append(event)
                    if text_of(seen).count("word") >= 5:
                        followed.set()
        except httpx.TransportError:
            followed.set()

    thread = threading.Thread(target=follow)
    thread.start()
    assert followed.wait(20)
    begun = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - begun < 10
    thread.join(10)
    server.start()
    again = replay(server, turn["id"])
    assert again[: len(seen)] == seen
    assert again[-1].data["stop_reason"] == "server_restart"
    assert "Traceback" not in server.log()


def test_a_second_server_leaves_the_turns_of_a_living_one_alone(
    make_server: MakeServer, provider: ScriptedProvider, tmp_path: Path, database_url: str
) -> None:
    shared = {"AgentApp": {"database_url": database_url or f"sqlite:///{tmp_path / 'shared.db'}"}}
    first, second = make_server("first", **shared), make_server("second", **shared)
    first.start()
    first.use(provider)
    turn = begin(first, "gated-80")
    provider.release(20)
    second.start()
    # The other process follows it, too, and the turn comes to its own end.
    assert second.api("GET", f"/turns/{turn['id']}")["status"] == "running"
    beyond: list[SseEvent] = []
    ahead = threading.Thread(target=lambda: beyond.extend(replay(second, turn["id"], after=10_000)))
    ahead.start()
    provider.release(60)
    seen = replay(second, turn["id"])
    assert text_of(seen) == words(80)
    assert seen[-1].data["stop_reason"] == "completed"
    assert seen == replay(first, turn["id"])
    # A stream that waits for events which never come ends with the turn.
    ahead.join(10)
    assert not ahead.is_alive()
    assert beyond == []


def test_a_living_server_closes_the_turns_of_one_that_was_killed(
    make_server: MakeServer, provider: ScriptedProvider, tmp_path: Path, database_url: str
) -> None:
    shared = {"AgentApp": {"database_url": database_url or f"sqlite:///{tmp_path / 'shared.db'}"}}
    first, second = make_server("first", **shared), make_server("second", **shared)
    first.start()
    first.use(provider)
    turn = begin(first, "slow-400x20")
    seen: list[SseEvent] = []
    follow_until_dead(first, turn["id"], seen, enough=5)
    second.start()
    again = replay(second, turn["id"])
    assert again[: len(seen)] == seen
    assert again[-1].data["stop_reason"] == "server_restart"


# Turns that wait for a person ----------------------------------------------------------------------------------------

A = ("write_file", {"path": "a.txt", "text": "a"})
B = ("write_file", {"path": "b.txt", "text": "b"})


def call(server: JupyterServer, *steps: list[Any], **fields: Any) -> Any:
    session = server.api("POST", "/sessions", json={})["id"]
    body = {"message": plan(*steps), "model": "calls", **fields}
    return server.api("POST", f"/sessions/{session}/turns", json=body)


def wait_for(look: Callable[[], Any], seconds: float = 20) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)
    return found


def asked(server: JupyterServer, count: int = 1) -> list[Any]:
    def look() -> Any:
        items = server.api("GET", "/approvals", params={"status": "pending"})["items"]
        return items if len(items) == count else None

    found: list[Any] = wait_for(look)
    return found


def whole(events: list[SseEvent]) -> None:
    assert [event.id for event in events] == list(range(len(events)))
    for type in ("turn_started", "context", "model_selected", "turn_finished"):
        assert [event.type for event in events].count(type) == 1, type


def stop_it(server: JupyterServer, how: str) -> None:
    server.kill() if how == "kill -9" else server.stop()


@pytest.mark.parametrize("how", ["kill -9", "SIGTERM"])
def test_an_approval_outlives_its_server_and_the_same_turn_goes_on(
    server: JupyterServer, provider: ScriptedProvider, how: str
) -> None:
    make_calls(provider)
    turn = call(server, [A])
    (approval,) = asked(server)
    seen = len(provider.requests)
    stop_it(server, how)
    server.start()
    waiting = server.api("GET", f"/turns/{turn['id']}")
    assert (waiting["status"], waiting["pending_approvals"]) == ("waiting", 1)
    assert server.api("GET", "/turns/active")["items"] == [waiting]
    assert len(provider.requests) == seen
    before = server.log()
    server.api("POST", f"/approvals/{approval['id']}/approve", json={})
    events = replay(server, turn["id"])
    whole(events)
    assert events[-1].data["stop_reason"] == "completed"
    assert (server.root / "a.txt").read_text() == "a"
    assert [event.type for event in events].count("tool_call") == 1
    assert [event.type for event in events].count("approval_requested") == 1
    assert len(of_type(events, "tool_result")) == 1
    assert events[-1].data["usage"]["requests"] == 2
    ended = server.api("GET", f"/turns/{turn['id']}")
    assert (ended["steps"], ended["usage"]["requests"]) == (2, 2)
    assert len(provider.requests) == seen + 1
    # What the model saw is written down as if it had been one process.
    begun, gone_on = server.api("GET", f"/turns/{turn['id']}/context")["items"]
    assert [(one["step"], one["purpose"]) for one in (begun, gone_on)] == [(0, "turn"), (1, "turn")]
    assert "steps" not in begun["tokens"]
    first, second = ([(item["part"], item["sha256"]) for item in one["items"]] for one in (begun, gone_on))
    assert second[: len(first)] == first
    assert [part for part, _ in second[len(first) :]] == ["steps", "steps"]
    assert gone_on["total"] == sum(gone_on["tokens"].values()) == gone_on["usage"]["input"]
    assert begun["complexity"] == gone_on["complexity"]
    assert provider.last.asked.system == provider.requests[seen - 1].asked.system
    assert "Traceback" not in server.log()[len(before) :]


def test_what_was_done_before_the_crash_is_not_done_again(server: JupyterServer, provider: ScriptedProvider) -> None:
    make_calls(provider)
    append = ("run_command", {"command": "echo once >> done.txt"})
    server.api("PUT", "/policy", json={"rules": [{"effect": "allow", "tool": "run_command"}]})
    turn = call(server, [append, A, B])
    first, second = asked(server, 2)
    wait_for(lambda: (server.root / "done.txt").exists() and _results(server, turn["id"]) == 1)
    server.kill()
    server.start()
    # The answer to one is enough to go on; the other one waits on.
    server.api("POST", f"/approvals/{first['id']}/approve")
    wait_for(lambda: (server.root / "a.txt").exists())
    assert [one["id"] for one in asked(server)] == [second["id"]]
    assert server.api("GET", f"/turns/{turn['id']}")["status"] == "waiting"
    server.kill()
    server.start()
    server.api("POST", f"/approvals/{second['id']}/deny", json={"message": "not that"})
    events = replay(server, turn["id"])
    whole(events)
    assert (server.root / "done.txt").read_text() == "once\n"
    assert not (server.root / "b.txt").exists()
    results = [result["content"] for result in of_type(events, "tool_result")]
    assert len(results) == 3
    assert "not that" in results[-1]
    assert [event.type for event in events].count("tool_call") == 3
    said = provider.last.asked.results
    assert len(said) == 3
    assert "not that" in said[2]


def _results(server: JupyterServer, turn_id: str) -> int:
    calls = server.api("GET", f"/turns/{turn_id}/tools")["tool_calls"]
    return sum(call["status"] == "done" for call in calls)


def test_what_ran_at_the_crash_is_told_as_unknown(server: JupyterServer, provider: ScriptedProvider) -> None:
    make_calls(provider)
    turn = call(server, [("run_command", {"command": "echo begun >> begun.txt; sleep 30"}), A])
    run, approval = asked(server, 2)
    server.api("POST", f"/approvals/{run['id']}/approve")
    wait_for(lambda: (server.root / "begun.txt").exists())
    server.kill()
    server.start()
    server.api("POST", f"/approvals/{approval['id']}/approve")
    events = replay(server, turn["id"])
    whole(events)
    unknown, written = of_type(events, "tool_result")
    assert "it is not known whether it was done" in unknown["content"]
    assert unknown["is_error"] is True
    assert written["is_error"] is False
    assert [result["metadata"]["approval"]["status"] for result in (unknown, written)] == ["approved", "approved"]
    assert len(of_type(events, "approval_decided")) == 2
    assert (server.root / "begun.txt").read_text() == "begun\n"


def test_an_approval_runs_out_while_the_server_is_down(make_server: MakeServer, provider: ScriptedProvider) -> None:
    server = make_server(ToolSettings={"approval_seconds": 2})
    server.start()
    server.use(provider)
    make_calls(provider)
    turn = call(server, [A])
    (approval,) = asked(server)
    server.kill()
    time.sleep(2.2)
    server.start()
    assert server.api("GET", f"/approvals/{approval['id']}")["status"] == "expired"
    events = replay(server, turn["id"])
    whole(events)
    assert "nobody answered in time" in of_type(events, "tool_result")[0]["content"]
    assert events[-1].data["stop_reason"] == "completed"
    assert not (server.root / "a.txt").exists()


def test_a_waiting_turn_without_a_server_can_be_interrupted(server: JupyterServer, provider: ScriptedProvider) -> None:
    make_calls(provider)
    turn = call(server, [A])
    (approval,) = asked(server)
    server.kill()
    server.start()
    ended = server.api("POST", f"/turns/{turn['id']}/interrupt", json={"message": "enough"})
    assert (ended["status"], ended["stop_reason"]) == ("finished", "interrupted")
    events = replay(server, turn["id"])
    whole(events)
    assert events[-1].data["message"] == "enough"
    assert server.api("GET", f"/approvals/{approval['id']}")["status"] == "cancelled"
    refused = server.api("POST", f"/approvals/{approval['id']}/approve", expect=409)
    assert refused["error"]["details"]["status"] == "cancelled"
    (record,) = server.api("GET", f"/turns/{turn['id']}/tools")["tool_calls"]
    assert record["status"] == "cancelled"


def test_guidance_said_while_nobody_ran_the_turn_is_read(server: JupyterServer, provider: ScriptedProvider) -> None:
    make_calls(provider)
    turn = call(server, [A])
    (approval,) = asked(server)
    server.kill()
    server.start()
    server.api("POST", f"/turns/{turn['id']}/guidance", json={"message": "Then be brief."})
    server.api("POST", f"/approvals/{approval['id']}/approve")
    events = replay(server, turn["id"])
    whole(events)
    assert [one["message"] for one in of_type(events, "guidance")] == ["Then be brief."]
    assert "Then be brief." in provider.last.asked.user_texts


def test_a_turn_whose_provider_is_gone_ends_with_the_reason(server: JupyterServer, provider: ScriptedProvider) -> None:
    make_calls(provider)
    turn = call(server, [A])
    (approval,) = asked(server)
    server.kill()
    server.start()
    server.api("PUT", "/providers/default", json={"provider": "scripted-anthropic", "model": "echo"})
    server.api("DELETE", "/providers/scripted")
    server.api("POST", f"/approvals/{approval['id']}/approve")
    events = replay(server, turn["id"])
    whole(events)
    assert events[-1].data["stop_reason"] == "provider_error"
    assert "scripted" in of_type(events, "error")[0]["message"]


def test_two_servers_on_one_database_answer_for_each_other(
    make_server: MakeServer, provider: ScriptedProvider, tmp_path: Path, database_url: str
) -> None:
    shared = {"AgentApp": {"database_url": database_url or f"sqlite:///{tmp_path / 'shared.db'}"}}
    first, second = make_server("first", **shared), make_server("second", **shared)
    # The keys, too, are theirs together.
    second.env["JUPYTER_DATA_DIR"] = first.env["JUPYTER_DATA_DIR"]
    first.start()
    first.use(provider)
    make_calls(provider)
    second.start()
    turn = call(first, [A])
    (approval,) = asked(second)
    second.api("POST", f"/approvals/{approval['id']}/approve")
    assert replay(second, turn["id"])[-1].data["stop_reason"] == "completed"
    assert (first.root / "a.txt").exists(), "the one that ran it goes on with it"
    # And where that one is dead, the other goes on.
    turn = call(first, [B])
    (approval,) = asked(first)
    first.kill()
    second.api("POST", f"/approvals/{approval['id']}/approve")
    events = replay(second, turn["id"])
    whole(events)
    assert events[-1].data["stop_reason"] == "completed"
    assert (second.root / "b.txt").exists()
