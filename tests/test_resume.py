"""What kill -9 does to a turn, on a real server: nothing that anybody has seen is lost, and the turn is closed."""

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
