"""Which model answers: scores, overrides, fallbacks; each choice is told, and kept with its reasons."""

from __future__ import annotations

import asyncio
import base64
import re
import threading
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from typing import Any

import pytest
from traitlets import TraitError

from jupyter_agent.config import SelectionSettings
from jupyter_agent.observatory.models import Scores
from jupyter_agent.providers import selection
from jupyter_agent.providers.selection import Offered, Option, Record, Selection, rank, scores, total

from .conftest import Api
from .scripted_provider import KEY, Call, Fail, Gate, Headers, Say, ScriptedProvider, Step, png
from .scripted_wire import Asked
from .sse import SseEvent

ONCE = {"ProviderSettings": {"max_retries": 0}}
ANTHROPIC = "scripted-anthropic/echo"
SPARE = {"SelectionSettings": {"fallbacks": [ANTHROPIC]}}
AXES = ("efficacy", "cost", "availability", "locality", "confidence", "speed")


# Scores


def option(provider: str = "acme", model: str = "big", *, record: Record | None = None, **fields: Any) -> Option:
    live = {name: fields.pop(name) for name in ("state", "headroom") if name in fields}
    return Option(Offered(provider, provider.title(), model, **fields), record=record or Record(), **live)


def test_of_a_model_that_nothing_is_known_of() -> None:
    found = scores(option(), "L1")
    assert found == Scores(availability=1, locality=0, confidence=0)
    assert total(found, {}) == pytest.approx(1 / 3, abs=1e-4)


def test_each_axis() -> None:
    record = Record(requests=30, failed=3, first_token_ms=1000, tokens_per_second=50, grades=4, grade=4.0)
    cents = {"L1": Decimal("0.01"), "L3": Decimal("0.03")}
    found = scores(option(record=record, here=True, costs=cents, state="half_open", headroom=0.5), "L3")
    assert found == Scores(
        efficacy=0.825,  # (4 - 1) / 4 and 27 of 30
        cost=0.25,
        availability=0.25,
        locality=1,
        confidence=0.75,
        speed=0.5,
    )
    assert scores(option(record=record, costs=cents), "L1").cost == 0.5
    assert scores(option(record=record, costs=cents), "L0").cost is None
    assert scores(option(costs={"L0": Decimal(0)}), "L0").cost == 1


@pytest.mark.parametrize(
    ("fields", "available"), [({"state": "open"}, 0), ({"ready": False}, 0), ({"headroom": 0.0}, 0)]
)
def test_what_cannot_be_asked_is_not_available(fields: Any, available: float) -> None:
    assert scores(option(**fields), "L1").availability == available


def test_weights_say_what_matters() -> None:
    found = Scores(cost=0.2, speed=0.8)
    assert total(found, {}) == 0.5
    assert total(found, {"speed": 3}) == pytest.approx(0.65)
    assert total(found, {"cost": 0}) == 0.8
    assert total(found, {"cost": 0, "speed": 0}) is None
    assert total(Scores(), {}) is None


def test_the_order_is_by_score_and_says_what_is_wrong() -> None:
    good = option("good", record=Record(requests=100, grades=3, grade=5.0))
    bad = option("bad", record=Record(requests=100, failed=100))
    broken = option("broken", state="open", record=Record(requests=100, grades=3, grade=5.0))
    missing = option("missing", ready=False, next_action="Give it a key.")
    small = option("local", embedded=True, here=True, costs={"L1": Decimal(0)}, record=Record(requests=1000))
    ranked = rank([missing, small, broken, bad, good], "L1", {})
    assert [one.provider for one in ranked] == ["good", "bad", "local", "broken", "missing"]
    # Where its six scores are as good as any: it is the last resort all the same.
    assert ranked[2].score > ranked[0].score  # type: ignore[operator]
    assert [one.available for one in ranked] == [True, True, True, False, False]
    assert [one.reason for one in ranked][2:] == [
        "the embedded model: where there is no other",
        "its breaker is open",
        "not ready: Give it a key.",
    ]


@pytest.mark.parametrize(
    "weights", [{"beauty": 1}, {"cost": -1}, {"cost": "2"}, {"cost": float("nan")}, {"cost": True}]
)
def test_weights_that_are_none(weights: Any) -> None:
    with pytest.raises(TraitError, match=r"there is no score|is a number from 0"):
        SelectionSettings(weights=weights)


@pytest.mark.parametrize("name", ["gpt", "/gpt", "openai/", ""])
def test_fallbacks_that_are_none(name: str) -> None:
    with pytest.raises(TraitError, match="written as provider/model"):
        SelectionSettings(fallbacks=[name])


# On a server


async def test_settings_that_make_no_sense_are_refused(api: Api) -> None:
    wrong: dict[str, Any] = {
        "selection.fallbacks": ["gpt"],
        "selection.weights": {"beauty": 1},
        "selection.strategy": "dice",
        "selection.breaker_failures": 0,
    }
    for name_, value in wrong.items():
        assert (await api("PATCH", "/config", json={"values": {name_: value}})).status == 422, name_
    good = {"selection.fallbacks": ["a/b/c"], "selection.weights": {"cost": 2}}
    await api.ok("PATCH", "/config", json={"values": good})


def of_type(events: list[SseEvent], type: str) -> list[Any]:
    return [event.data for event in events if event.type == type]


async def chosen(api: Api, turn: Any) -> list[Any]:
    """What was told of the choices of a turn, which is what was kept."""
    told = of_type(await api.events(turn["id"]), "model_selected")
    kept: list[Any] = (await api.ok("GET", f"/turns/{turn['id']}/model-selection"))["items"]
    for event, row in zip(told, kept, strict=True):
        for name in (
            "provider",
            "model",
            "strategy",
            "reason",
            "complexity",
            "candidates",
            "override",
            "fallback_from",
        ):
            assert event[name] == row[name], name
        # Exactly one candidate is the chosen one, unless nothing is known at all.
        assert [
            one for one in event["candidates"] if (one["provider"], one["model"]) == (event["provider"], event["model"])
        ]
        assert all(set(one["scores"]) == set(AXES) for one in event["candidates"])
        assert KEY not in str(event)
    return kept


def name(provider: str, model: str) -> dict[str, str]:
    return {"provider": provider, "model": model}


async def room(jp_serverapp: Any) -> Selection:
    services = await jp_serverapp.web_app.settings["jupyter_agent_app"].services()
    found: Selection = services.providers.selection
    return found


async def owner(api: Api) -> str:
    return str((await api.ok("GET", "/system/info"))["user"])


async def test_the_default_model(api: Api, scripted: ScriptedProvider) -> None:
    turn = await api.turn(message="What is a decorator?")
    [choice] = await chosen(api, turn)
    assert (choice["provider"], choice["model"], choice["strategy"]) == ("scripted", "echo", "default")
    assert (choice["reason"], choice["complexity"]) == ("the default model", "L1")
    assert (choice["primary"], choice["override"], choice["fallback_from"]) == (name("scripted", "echo"), None, None)
    assert (choice["step"], choice["purpose"], choice["turn_id"]) == (0, "turn", turn["id"])
    assert choice["excerpt"] == "What is a decorator?"
    [event] = of_type(await api.events(turn["id"]), "model_selected")
    assert 0 <= event["score"] <= 1


async def test_what_the_turn_or_the_session_names(api: Api, scripted: ScriptedProvider) -> None:
    await api.turn()
    asked = await api.turn("words-3")
    [choice] = await chosen(api, asked)
    assert (choice["strategy"], choice["override"]) == ("asked", name("scripted", "words-3"))
    assert choice["primary"] == name("scripted", "echo")
    session = await api.session(provider="scripted-anthropic", model="words-2")
    turn = await api.turn(session_id=session)
    [choice] = await chosen(api, turn)
    assert (choice["strategy"], choice["override"]) == ("session", name("scripted-anthropic", "words-2"))
    turn = await api.turn(session_id=session, provider="scripted-responses", model="words-1")
    [choice] = await chosen(api, turn)
    assert (choice["strategy"], choice["override"]) == ("asked", name("scripted-responses", "words-1"))


async def test_the_log_of_all_choices(as_user: Callable[[str], Api], api: Api, scripted: ScriptedProvider) -> None:
    alice, bob = as_user("alice"), as_user("bob")
    turns = [await alice.turn(model) for model in ("echo", "words-1", "words-2")]
    await bob.turn()
    page = await alice.ok("GET", "/model-selections")
    assert (page["total"], [one["turn_id"] for one in page["items"]]) == (3, [one["id"] for one in reversed(turns)])
    page = await alice.ok("GET", "/model-selections", params={"limit": 1, "offset": 1})
    assert (page["total"], page["items"][0]["model"]) == (3, "words-1")
    for params, models in [
        ({"model": "words-2"}, ["words-2"]),
        ({"strategy": "default"}, []),
        ({"provider": "scripted", "strategy": "asked"}, ["words-2", "words-1", "echo"]),
    ]:
        page = await alice.ok("GET", "/model-selections", params=params)
        assert ([one["model"] for one in page["items"]], page["total"]) == (models, len(models))
    assert (await bob("GET", f"/turns/{turns[0]['id']}/model-selection")).status == 404
    assert (await alice("GET", "/turns/turn_none/model-selection")).status == 404
    assert (await alice("GET", "/model-selections", params={"strategy": "dice"})).status == 422
    # It goes with its conversation, as all that tells what was said.
    await alice.ok("DELETE", f"/sessions/{turns[0]['session_id']}", params={"purge": "true"})
    assert (await alice.ok("GET", "/model-selections"))["total"] == 2


@pytest.mark.settings(**SPARE, **ONCE)
@pytest.mark.parametrize("model", ["server-error", "overloaded", "rate-limited", "unauthorized"])
async def test_a_model_that_fails_is_replaced(api: Api, scripted: ScriptedProvider, model: str) -> None:
    turn = await api.turn(model, message="Fit a line")
    assert (turn["stop_reason"], turn["error"], turn["answer"]) == ("completed", None, "Fit a line")
    assert (turn["provider"], turn["model"]) == ("scripted-anthropic", "echo")
    assert (turn["steps"], turn["usage"]["requests"]) == (1, 1)
    first, second = await chosen(api, turn)
    assert (first["strategy"], first["model"]) == ("asked", model)
    assert (second["strategy"], second["provider"], second["model"]) == ("fallback", "scripted-anthropic", "echo")
    assert second["fallback_from"] == second["override"] == name("scripted", model)
    failed, spare = second["candidates"]
    assert (failed["model"], failed["available"]) == (model, False)
    assert second["reason"] == f"scripted/{model} is not asked: {failed['reason']}"
    assert (spare["available"], spare["reason"]) == (True, "the next of the fallbacks")
    messages = (await api.ok("GET", f"/sessions/{turn['session_id']}/messages"))["items"]
    assert [one["model"] for one in messages] == [None, "echo"]
    rows = (await api.ok("GET", "/stats/transactions", params={"turn_id": turn["id"]}))["items"]
    assert {(one["model"], one["error_code"] is None) for one in rows} == {(model, False), ("echo", True)}


@pytest.mark.settings(SelectionSettings={"fallbacks": [ANTHROPIC]}, ProviderSettings={"max_retries": 1})
async def test_retries_come_first(api: Api, scripted: ScriptedProvider) -> None:
    assert (await api.turn("rate-limited-once"))["answer"] == "Here at last."
    assert len(await chosen(api, await api.turn("overloaded"))) == 2
    assert [one.asked.model for one in scripted.requests] == ["rate-limited-once"] * 2 + ["overloaded"] * 2 + ["echo"]


@pytest.mark.settings(
    SelectionSettings={
        "fallbacks": [
            "gone/x",
            "scripted/server-error",
            "scripted-anthropic/overloaded",
            "scripted-responses/words-2",
        ]
    },
    **ONCE,
)
async def test_the_fallbacks_are_asked_in_their_order(api: Api, scripted: ScriptedProvider) -> None:
    turn = await api.turn("server-error")
    assert (turn["answer"].strip(), turn["provider"]) == ("word0 word1", "scripted-responses")
    first, second, third = await chosen(api, turn)
    # What is not there is passed over, and said; the model that failed is not asked again.
    assert [(one["provider"], one["available"]) for one in second["candidates"]] == [
        ("scripted", False),
        ("gone", False),
        ("scripted-anthropic", True),
    ]
    assert "There is no provider 'gone'" in second["candidates"][1]["reason"]
    assert third["fallback_from"] == name("scripted-anthropic", "overloaded")
    assert third["override"] == first["override"]


@pytest.mark.settings(SelectionSettings={"fallbacks": ["scripted-anthropic/overloaded"]}, **ONCE)
async def test_where_all_fail_the_last_error_is_told(api: Api, scripted: ScriptedProvider) -> None:
    turn = await api.turn("server-error")
    assert (turn["stop_reason"], turn["error"]["code"]) == ("provider_error", "overloaded")
    assert (turn["provider"], turn["model"]) == ("scripted-anthropic", "overloaded")


@pytest.mark.settings(**SPARE, **ONCE)
@pytest.mark.parametrize(("model", "code"), [("too-long", "context_too_long"), ("nothing-like-it", "model_not_found")])
async def test_our_own_faults_are_nobody_elses(api: Api, scripted: ScriptedProvider, model: str, code: str) -> None:
    turn = await api.turn(model)
    assert (turn["error"]["code"], turn["model"], len(scripted.requests)) == (code, model, 1)
    assert len(await chosen(api, turn)) == 1


@pytest.mark.settings(**SPARE, **ONCE)
@pytest.mark.parametrize(
    ("model", "code"), [("cut", "cut"), ("overloaded-mid", "overloaded"), ("malformed", "bad_response")]
)
async def test_an_answer_that_has_begun_is_not_begun_again(
    api: Api, scripted: ScriptedProvider, model: str, code: str
) -> None:
    turn = await api.turn(model)
    assert (turn["stop_reason"], turn["error"]["code"], turn["error"]["retryable"]) == ("provider_error", code, True)
    assert turn["error"]["message"].endswith("The answer had begun, so no other model was asked.")
    assert turn["answer"]
    assert len(scripted.requests) == 1


@pytest.mark.settings(**SPARE, **ONCE)
async def test_a_stream_that_breaks_before_its_first_word_is_replaced(api: Api, scripted: ScriptedProvider) -> None:
    async def mute(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
        # The first chunk has a role and no text.
        yield Say("")
        yield Fail(503, "overloaded", "The server is overloaded.")

    scripted.script("mute", mute)
    turn = await api.turn("mute")
    assert (turn["answer"], turn["model"]) == ("hello", "echo")


@pytest.mark.settings(**SPARE, ProviderSettings={"max_retries": 0, "request_timeout_seconds": 1})
async def test_silence_is_a_failure_too(api: Api, scripted: ScriptedProvider) -> None:
    turn = await api.turn("hang")
    assert (turn["answer"], turn["model"]) == ("hello", "echo")
    _, second = await chosen(api, turn)
    assert second["reason"].startswith("scripted/hang is not asked: timeout:")


@pytest.mark.settings(SelectionSettings={"fallbacks": [ANTHROPIC], "breaker_failures": 1}, **ONCE)
async def test_an_open_breaker_costs_nothing(api: Api, scripted: ScriptedProvider) -> None:
    await api.turn("server-error")
    turn = await api.turn("words-1")
    assert (turn["answer"], turn["provider"], turn["usage"]["requests"]) == ("hello", "scripted-anthropic", 1)
    assert [one.asked.model for one in scripted.requests] == ["server-error", "echo", "echo"]
    _, second = await chosen(api, turn)
    assert "breaker_open: Scripted is left alone after a failure" in second["reason"]
    # A fallback whose breaker is open is none.
    await api.ok("POST", "/providers/scripted-anthropic/breaker/open")
    turn = await api.turn("words-1")
    assert (turn["error"]["code"], turn["provider"], len(scripted.requests)) == ("breaker_open", "scripted", 3)


@pytest.mark.settings(**SPARE, **ONCE)
async def test_a_fallback_keeps_the_turn(api: Api, scripted: ScriptedProvider) -> None:
    """In the middle of its steps: what was called stays, and the next step asks who answered."""

    async def tiring(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
        if asked.results:
            yield Fail(500, "server_error", "Something broke.")
        else:
            yield Call("update_tasks", {"items": []})

    async def patient(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
        if len(asked.results) == 1:
            yield Call("update_tasks", {"items": [{"id": "a", "title": "A"}]})
        else:
            yield Say(f"{len(asked.results)} results")

    scripted.script("tiring", tiring)
    scripted.script("patient", patient)
    await api.ok("PATCH", "/config", json={"values": {"selection.fallbacks": ["scripted-anthropic/patient"]}})
    turn = await api.turn("tiring")
    assert (turn["answer"], turn["model"], turn["steps"]) == ("2 results", "patient", 3)
    assert [one.asked.model for one in scripted.requests] == ["tiring", "tiring", "patient", "patient"]
    _, second = await chosen(api, turn)
    assert (second["step"], second["strategy"]) == (1, "fallback")


@pytest.mark.settings(**ONCE)
async def test_a_fallback_has_to_see_what_was_sent(api: Api, scripted: ScriptedProvider) -> None:
    body = {"kind": "openai_compatible", "base_url": scripted.openai_url, "api_key": KEY, "default_model": "echo"}
    await api.ok("POST", "/providers", json={**body, "id": "blind", "name": "B", "options": {"supports_images": False}})
    await api.ok("PATCH", "/config", json={"values": {"selection.fallbacks": ["blind/echo", "scripted-anthropic/see"]}})
    picture = {"type": "image", "media_type": "image/png", "data": base64.b64encode(png((255, 0, 0))).decode()}
    turn = await api.turn("server-error", parts=[picture])
    assert (turn["answer"], turn["provider"]) == ("red", "scripted-anthropic")
    _, second = await chosen(api, turn)
    assert [one["reason"] for one in second["candidates"]][1] == "cannot see the pictures"


@pytest.mark.settings(**ONCE)
async def test_a_fallback_without_tools_gets_none(api: Api, scripted: ScriptedProvider) -> None:
    body = {"kind": "openai_compatible", "base_url": scripted.openai_url, "api_key": KEY, "default_model": "echo"}
    await api.ok("POST", "/providers", json={**body, "id": "plain", "name": "P", "options": {"supports_tools": False}})
    await api.ok("PATCH", "/config", json={"values": {"selection.fallbacks": ["plain/echo"]}})
    turn = await api.turn("server-error")
    assert (turn["answer"], turn["provider"]) == ("hello", "plain")
    assert [bool(one.asked.tools) for one in scripted.requests] == [True, False]

    async def tiring(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
        if asked.results:
            yield Fail(500, "server_error", "Something broke.")
        else:
            yield Call("update_tasks", {"items": []})

    scripted.script("tiring", tiring)
    turn = await api.turn("tiring")
    assert (turn["error"]["code"], turn["provider"]) == ("bad_response", "scripted")


@pytest.mark.settings(**SPARE)
async def test_a_provider_that_is_not_ready_is_replaced(api: Api, scripted: ScriptedProvider) -> None:
    turn = await api.turn(provider="openai", model="gpt-5-mini")
    assert (turn["answer"], turn["provider"]) == ("hello", "scripted-anthropic")
    [choice] = await chosen(api, turn)
    assert (choice["strategy"], choice["fallback_from"]) == ("fallback", name("openai", "gpt-5-mini"))
    session = await api.session()
    body = {"message": "x", "provider": "no-such-provider"}
    assert (await api("POST", f"/sessions/{session}/turns", json=body)).status == 422


@pytest.mark.settings(**SPARE)
async def test_near_its_limits_one_request_at_a_time_is_made(api: Api, scripted: ScriptedProvider) -> None:
    async def tight(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
        yield Headers({"x-ratelimit-limit-requests": "100", "x-ratelimit-remaining-requests": "5"})
        yield Say("tight")

    async def gated(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
        yield Gate()
        yield Say("first")

    scripted.script("tight", tight)
    scripted.script("gate", gated)
    await api.turn("tight")
    assert (await api.ok("GET", "/providers/breakers"))["providers"]["scripted"][
        "reason"
    ] == "its limits are nearly used up"
    waiting = asyncio.create_task(api.turn("gate"))
    await scripted.wait_for_requests(2)
    turn = await api.turn("words-1")
    assert turn["provider"] == "scripted-anthropic"
    _, second = await chosen(api, turn)
    assert "nearly used up" in second["reason"]
    # Where nobody else can be asked, it is.
    await api.ok("POST", "/providers/scripted-anthropic/breaker/open")
    assert (await api.turn("words-1"))["provider"] == "scripted"
    scripted.release()
    assert (await waiting)["answer"] == "first"


async def test_the_report_before_an_answer_is_a_choice_of_its_own(api: Api, scripted: ScriptedProvider) -> None:
    turn = await api.turn("words-2", reflection=True)
    assert (turn["provider"], turn["model"]) == ("scripted", "words-2")
    first, second = await chosen(api, turn)
    assert (first["strategy"], second["strategy"], second["purpose"]) == ("asked", "reflection", "reflection")
    assert second["provider"] != "scripted"
    assert second["reason"] == "reflection: the view of another provider"
    rows = (await api.ok("GET", "/stats/transactions", params={"turn_id": turn["id"]}))["items"]
    assert {one["purpose"] for one in rows} == {"turn", "reflection"}


# The best one


async def seed(api: Api, model: str, grade: int, count: int = 3, provider: str = "scripted") -> None:
    for _ in range(count):
        turn = await api.turn(model, provider=provider)
        await api.ok("PUT", f"/turns/{turn['id']}/feedback", json={"grade": grade})


async def test_the_best_model_answers_where_that_is_asked_for(
    jp_serverapp: Any, api: Api, scripted: ScriptedProvider
) -> None:
    await seed(api, "words-2", 5)
    await seed(api, "words-3", 1)
    room_ = await room(jp_serverapp)
    room_.stale()
    await room_.refresh(next(iter(room_._snapshots)))
    turn = await api.turn("auto")
    assert (turn["provider"], turn["model"]) == ("scripted", "words-2")
    [choice] = await chosen(api, turn)
    assert (choice["strategy"], choice["override"]) == ("auto", None)
    assert re.fullmatch(r"the best score: 0\.\d\d", choice["reason"])
    found = {(one["provider"], one["model"]): one for one in choice["candidates"]}
    best, worst = found["scripted", "words-2"], found["scripted", "words-3"]
    assert (best["scores"]["efficacy"], worst["scores"]["efficacy"]) == (1, 0.5)
    assert (best["reason"], worst["reason"]) == ("the best score", "not as good a score")
    assert best["scores"]["confidence"] == pytest.approx(3 / 13, abs=1e-4)
    assert 0 < best["scores"]["speed"] <= 1
    # Default models of the providers that are ready are among them, and the embedded one is never the best.
    assert ("scripted-anthropic", "echo") in found
    assert [one["score"] for one in choice["candidates"] if one["available"] and one["provider"] != "local"] == sorted(
        (one["score"] for one in choice["candidates"] if one["available"] and one["provider"] != "local"), reverse=True
    )
    # Of one provider only.
    turn = await api.turn("auto", provider="scripted-anthropic")
    assert (turn["provider"], turn["model"]) == ("scripted-anthropic", "echo")
    # A session can ask for it, and its turns can ask for another.
    session = await api.session(model="auto")
    assert (await api.turn(session_id=session))["model"] == "words-2"
    assert (await api.turn("words-3", session_id=session))["model"] == "words-3"


@pytest.mark.settings(SelectionSettings={"strategy": "auto", "weights": {"efficacy": 10}}, **ONCE)
async def test_the_strategy_counts_where_nobody_names_a_model(
    jp_serverapp: Any, api: Api, scripted: ScriptedProvider
) -> None:
    # The first choice of all waits for what there is.
    [choice] = await chosen(api, await api.turn())
    assert choice["strategy"] == "auto"
    await seed(api, "words-2", 5, provider="scripted-anthropic")
    for _ in range(2):
        await api.turn("server-error", provider="scripted")
    await (await room(jp_serverapp)).refresh((await room(jp_serverapp))._snapshots.popitem()[0])
    turn = await api.turn()
    assert (turn["provider"], turn["model"]) == ("scripted-anthropic", "words-2")
    [choice] = await chosen(api, turn)
    assert choice["primary"] == name("scripted", "echo")
    failing = next(one for one in choice["candidates"] if one["model"] == "server-error")
    assert failing["scores"]["efficacy"] == 0
    # Whose breaker is open cannot be the best.
    await api.ok("POST", "/providers/scripted-anthropic/breaker/open")
    turn = await api.turn()
    assert turn["provider"] == "scripted" or turn["provider"] == "scripted-responses"
    [choice] = await chosen(api, turn)
    closed = [one for one in choice["candidates"] if one["provider"] == "scripted-anthropic"]
    assert {(one["available"], one["reason"]) for one in closed} == {(False, "its breaker is open")}
    assert [choice["strategy"]] == [one["strategy"] for one in await chosen(api, turn)]
    assert (await chosen(api, await api.turn("echo")))[0]["strategy"] == "asked"


async def test_what_is_known_is_read_in_the_background(
    jp_serverapp: Any, api: Api, scripted: ScriptedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []
    ended: list[str] = []
    goes_on = threading.Event()
    read = selection.read_records

    def slow(orm: Any, owner: str) -> Any:
        begun.append(owner)
        goes_on.wait(30)
        ended.append(owner)
        return read(orm, owner)

    monkeypatch.setattr(selection, "read_records", slow)
    for _ in range(4):
        assert (await api.turn())["answer"] == "hello"
    assert (len(begun), ended) == (1, [])
    goes_on.set()
    await (await room(jp_serverapp)).refresh(begun[0])
    # What was read a moment ago is good enough.
    await api.turn()
    assert begun == ended == begun[:1]


async def test_prices_make_the_cost(jp_serverapp: Any, api: Api, scripted: ScriptedProvider) -> None:
    body = {
        "kind": "openai_compatible",
        "name": "Scripted",
        "base_url": scripted.openai_url,
        "api_key": "***",
        "default_model": "echo",
        # A request of L1 is 2,000 tokens read and 400 written: one cent.
        "prices": {"echo": {"input": "2.5", "output": "12.5"}},
    }
    await api.ok("PUT", "/providers/scripted", json=body)
    turn = await api.turn(message="What is a decorator?")
    room_ = await room(jp_serverapp)
    await room_.refresh(next(iter(room_._reading), None) or next(iter(room_._snapshots)))
    [choice] = await chosen(api, await api.turn(message="What is a decorator?"))
    [echo] = [one for one in choice["candidates"] if (one["provider"], one["model"]) == ("scripted", "echo")]
    assert (echo["scores"]["cost"], echo["scores"]["locality"]) == (0.5, 1)
    assert turn["usage"]["cost"]
    [choice] = await chosen(api, await api.turn(message="hello"))
    [echo] = [one for one in choice["candidates"] if (one["provider"], one["model"]) == ("scripted", "echo")]
    assert (choice["complexity"], echo["scores"]["cost"]) == ("L0", 0.7273)
