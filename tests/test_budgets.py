"""Budgets that hold: every request costs a tenth of a cent, so that each number is known before."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from jupyter_agent.api.errors import ApiError
from jupyter_agent.api.models import Usage
from jupyter_agent.observatory.budgets import BudgetReached

from .conftest import Api
from .scripted_provider import ScriptedProvider
from .scripted_wire import OUTPUT_TOKENS
from .servers import JupyterServer, provider_writes
from .sse import SseEvent
from .tool_turns import finished, of_type

ONE = Decimal("0.001")
"""What a request costs: its output, so that nothing is known of it before."""
PRICE = {"input": "0", "output": str(ONE / OUTPUT_TOKENS * 1_000_000)}
TASKS = 'update_tasks {"items": [{"id": "1", "title": "step $n", "status": "pending"}]}'


def priced(scripted: ScriptedProvider, **prices: dict[str, str]) -> dict[str, Any]:
    """What registers the scripted provider with prices; models are written with _ for -."""
    body = {name: value for name, value in provider_writes(scripted)[0].items() if name != "id"}
    return {**body, "prices": {name.replace("_", "-"): price for name, price in prices.items()}}


@pytest.fixture
def prices(api: Api, scripted: ScriptedProvider) -> ScriptedProvider:
    """`echo` and `long-tool-10` cost a tenth of a cent a request."""
    api.run("PUT", "/providers/scripted", json=priced(scripted, echo=PRICE, long_tool_10=PRICE, gated_1=PRICE))
    return scripted


@pytest.fixture
def service(api: Api, prices: ScriptedProvider, jp_serverapp: Any) -> Any:
    """The service itself, of a server that runs."""
    return jp_serverapp.web_app.settings["jupyter_agent_app"]._services.observatory.budgets


async def limit(api: Api, *items: dict[str, Any]) -> Any:
    return await api.ok("PUT", "/budgets", json={"items": list(items)})


async def states(api: Api, **params: Any) -> dict[tuple[str, str], Any]:
    """By scope and who set it."""
    items = (await api.ok("GET", "/budgets", params=params))["items"]
    return {(one["scope"], one["source"]): one for one in items}


async def events_of(api: Api, turn: Any) -> list[SseEvent]:
    return await api.events(turn["id"])


async def told(api: Api, turn: Any) -> Any:
    """What the turn's last event says of a budget."""
    return (await events_of(api, turn))[-1].data.get("budget")


# Each scope ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("of", ["start", "limit"])
async def test_a_turn(api: Api, prices: ScriptedProvider, of: str) -> None:
    if of == "limit":
        await limit(api, {"scope": "turn", "hard": "0.003"})
    turn = await api.turn("long-tool-10", TASKS, **({"budget": "0.003"} if of == "start" else {}))
    assert turn["stop_reason"] == "budget"
    assert len(prices.requests) == 3
    assert Decimal(turn["usage"]["cost"]) == 3 * ONE
    reached = {"scope": "turn", "spent": "0.003", "limit": "0.003", "projected": "0"}
    events = await events_of(api, turn)
    assert events[-1].data["budget"] == reached
    assert of_type(events, "budget") == [{"level": "hard", **reached, "session_id": turn["session_id"]}]
    assert (await api.turn("echo"))["stop_reason"] == "completed"  # of another turn nothing is spent


@pytest.mark.parametrize("scope", ["session", "day", "month", "user"])
async def test_what_counts_over_turns(api: Api, prices: ScriptedProvider, scope: str) -> None:
    await limit(api, {"scope": scope, "soft": "0.002", "hard": "0.003"})
    session = await api.session()
    for number in range(3):
        turn = await api.turn("echo", session_id=session)
        assert turn["stop_reason"] == "completed"
        soft = of_type(await events_of(api, turn), "budget")
        warned = {"level": "soft", "scope": scope, "limit": "0.002", "session_id": session}
        # Reached by the second turn's last request; the third one begins with it.
        assert soft == ([{**warned, "spent": "0.002"}] if number else [])
    turn = await api.turn("echo", session_id=session)
    assert turn["stop_reason"] == "budget"
    assert turn["usage"]["cost"] is None
    assert len(prices.requests) == 3
    assert await told(api, turn) == {"scope": scope, "spent": "0.003", "limit": "0.003", "projected": "0"}
    elsewhere = await api.turn("echo")
    assert elsewhere["stop_reason"] == ("completed" if scope == "session" else "budget")

    state = (await states(api, session_id=session))[(scope, "user")]
    assert (state["spent"], state["left"], state["fraction"], state["state"]) == ("0.003", "0", 1.0, "hard")
    assert (state["resets_at"] is not None) == (scope in ("day", "month"))


async def test_one_session_of_several(api: Api, prices: ScriptedProvider) -> None:
    dear, cheap = await api.session(), await api.session()
    await limit(api, {"scope": "session", "hard": "0.002"}, {"scope": "session", "session_id": dear, "hard": "0.001"})
    for session, count in ((dear, 1), (cheap, 2)):
        reasons = [(await api.turn("echo", session_id=session))["stop_reason"] for _ in range(3)]
        assert reasons == ["completed"] * count + ["budget"] * (3 - count)
    items = (await api.ok("GET", "/budgets"))["items"]
    assert [(one["session_id"], one["spent"], one["state"]) for one in items] == [
        (None, None, "ok"),
        (dear, "0.001", "hard"),
    ]


async def test_the_tightest_counts(api: Api, prices: ScriptedProvider) -> None:
    await limit(api, {"scope": "turn", "hard": "0.004"}, {"scope": "day", "hard": "0.005"})
    first = await api.turn("long-tool-10", TASKS, budget="0.009")
    assert (await told(api, first))["limit"] == "0.004"
    second = await api.turn("long-tool-10", TASKS, budget="0.002")
    assert await told(api, second) == {"scope": "day", "spent": "0.005", "limit": "0.005", "projected": "0"}
    assert len(prices.requests) == 5


async def test_a_soft_limit_warns_once_a_turn(api: Api, prices: ScriptedProvider) -> None:
    await limit(api, {"scope": "turn", "soft": "0.002"}, {"scope": "day", "soft": "0.004"})
    turn = await api.turn("long-tool-10", TASKS)
    assert turn["stop_reason"] == "completed"
    found = of_type(await events_of(api, turn), "budget")
    assert [(one["scope"], one["spent"], one["level"]) for one in found] == [
        ("turn", "0.002", "soft"),
        ("day", "0.004", "soft"),
    ]
    assert await told(api, turn) is None


async def test_users_have_budgets_of_their_own(as_user: Callable[[str], Api], prices: ScriptedProvider) -> None:
    alice, bob = as_user("alice"), as_user("bob")
    await limit(alice, {"scope": "day", "hard": "0.001"})
    assert [(await alice.turn("echo"))["stop_reason"] for _ in range(2)] == ["completed", "budget"]
    assert [(await bob.turn("echo"))["stop_reason"] for _ in range(2)] == ["completed", "completed"]
    assert (await bob.ok("GET", "/budgets"))["items"] == []


# What goes on --------------------------------------------------------------------------------------------------------


async def test_more_money_and_once_more(api: Api, prices: ScriptedProvider) -> None:
    await limit(api, {"scope": "day", "hard": "0.001"})
    session = await api.session()
    await api.turn("echo", session_id=session)
    stopped = await api.turn("echo", "the second", session_id=session)
    assert stopped["stop_reason"] == "budget"
    await limit(api, {"scope": "day", "hard": "0.002"})
    again = await api.ok("POST", f"/turns/{stopped['id']}/retry", json={})
    again = await finished(api, again["id"])
    assert (again["stop_reason"], again["answer"]) == ("completed", "the second")
    on = await api.turn("echo", "go on", session_id=session)
    assert on["stop_reason"] == "budget"
    await limit(api)
    assert (await api.turn("echo", "go on", session_id=session))["stop_reason"] == "completed"


async def test_what_costs_nothing_breaks_no_budget(api: Api, prices: ScriptedProvider) -> None:
    free = {"input": "0", "output": "0"}
    await api.ok("PUT", "/providers/scripted", json=priced(prices, echo=PRICE, words_2=free))
    await limit(api, {"scope": "day", "hard": "0.001"})
    assert [(await api.turn("echo"))["stop_reason"] for _ in range(2)] == ["completed", "budget"]
    assert (await api.turn("words-2"))["stop_reason"] == "completed"


async def test_what_has_no_price_counts_nothing_and_is_told(api: Api, prices: ScriptedProvider) -> None:
    await limit(api, {"scope": "day", "hard": "0.001"})
    assert [(await api.turn("words-2"))["stop_reason"] for _ in range(2)] == ["completed", "completed"]
    state = (await states(api))[("day", "user")]
    assert (state["spent"], state["unpriced"], state["state"]) == ("0", 2, "ok")


async def test_a_request_whose_input_breaks_the_limit_is_not_made(api: Api, prices: ScriptedProvider) -> None:
    dear = {"input": "100000", "output": "0"}
    await api.ok("PUT", "/providers/scripted", json=priced(prices, words_2=dear))
    await limit(api, {"scope": "month", "hard": "0.5"})
    turn = await api.turn("words-2", "one two three " * 100, tools=[])
    assert turn["stop_reason"] == "budget"
    assert prices.requests == []
    reached = await told(api, turn)
    assert (reached["scope"], reached["spent"], reached["limit"]) == ("month", "0", "0.5")
    assert Decimal(reached["projected"]) > 20


async def test_work_outside_turns(api: Api, prices: ScriptedProvider) -> None:
    session = await api.session()
    for _ in range(4):
        await api.turn("echo", session_id=session)
    await limit(api, {"scope": "session", "hard": "0.004"})
    # A session's limit does not count for work of no session.
    body = {"prefix": "import ", "provider": "scripted", "model": "echo"}
    await api.ok("POST", "/completions", json=body)
    answer = await api("POST", f"/sessions/{session}/summarize", json={"provider": "scripted", "model": "echo"})
    assert (answer.status, answer.json["error"]["code"]) == (409, "budget")
    assert answer.json["error"]["details"] | {"projected": ""} == {
        "scope": "session",
        "spent": "0.004",
        "limit": "0.004",
        "projected": "",
        "session_id": session,
    }
    await limit(api, {"scope": "day", "hard": "0.005"})
    made = len(prices.requests)
    for path in ("/completions", "/completions/edit"):
        edit = {"instruction": "shorter", "source": "x = 1", "provider": "scripted", "model": "echo"}
        answer = await api("POST", path, json=body if path == "/completions" else edit)
        assert (answer.status, answer.json["error"]["code"]) == (409, "budget")
    assert len(prices.requests) == made


# Whose limits --------------------------------------------------------------------------------------------------------


@pytest.mark.settings(BudgetSettings={"day_soft": "0.001", "day_hard": "0.002", "timezone": "Europe/Berlin"})
async def test_nobody_loosens_an_administrators_limits(api: Api, prices: ScriptedProvider) -> None:
    await limit(api, {"scope": "day", "soft": "50", "hard": "100"})
    answer = await api("PATCH", "/config", json={"values": {"budgets.day_hard": "100"}})
    assert answer.status in (403, 409, 422)
    reasons = [(await api.turn("echo", budget="100"))["stop_reason"] for _ in range(3)]
    assert reasons == ["completed", "completed", "budget"]
    assert len(prices.requests) == 2
    found = await states(api)
    assert (found[("day", "admin")]["hard"], found[("day", "admin")]["state"]) == ("0.002", "hard")
    assert (found[("day", "user")]["hard"], found[("day", "user")]["state"]) == ("100", "ok")
    assert (await api.ok("GET", "/budgets"))["timezone"] == "Europe/Berlin"
    # A user can be stricter.
    await limit(api, {"scope": "user", "hard": "0.001"})
    assert (await told(api, await api.turn("echo")))["scope"] == "day"  # the narrower of two that are reached


async def test_limits_are_set_as_a_whole(api: Api, prices: ScriptedProvider) -> None:
    session = await api.session()
    items = [
        {"scope": "month", "soft": "10", "hard": "20.5"},
        {"scope": "session", "session_id": session, "hard": "0.000000001"},
        {"scope": "turn", "soft": "1"},
    ]
    given = await limit(api, *items)
    assert [(one["scope"], one["soft"], one["hard"], one["source"]) for one in given["items"]] == [
        ("turn", "1", None, "user"),
        ("session", None, "0.000000001", "user"),
        ("month", "10", "20.5", "user"),
    ]
    wrong: list[tuple[dict[str, Any], int]] = [
        ({"scope": "session", "session_id": "sess_0", "hard": "1"}, 404),
        ({"scope": "day", "hard": "0.0000000001"}, 422),
        ({"scope": "day", "hard": "2000000000"}, 422),
        ({"scope": "day", "hard": "-1"}, 422),
        ({"scope": "day", "hard": "1e3"}, 422),
        ({"scope": "day", "soft": "2", "hard": "1"}, 422),
        ({"scope": "day"}, 422),
        ({"scope": "day", "session_id": session, "hard": "1"}, 422),
        ({"scope": "week", "hard": "1"}, 422),
    ]
    for one, status in wrong:
        answer = await api("PUT", "/budgets", json={"items": [one]})
        assert answer.status == status, one
    twice = [{"scope": "day", "hard": "1"}, {"scope": "day", "hard": "2"}]
    assert (await api("PUT", "/budgets", json={"items": twice})).status == 422
    assert (await api("GET", "/budgets", params={"session_id": "sess_0"})).status == 404
    assert (await api.ok("GET", "/budgets"))["items"] == given["items"]  # what was wrong changed nothing
    await api.ok("DELETE", f"/sessions/{session}", params={"purge": "true"})
    assert [one["scope"] for one in (await api.ok("GET", "/budgets"))["items"]] == ["turn", "month"]


# Days and months -----------------------------------------------------------------------------------------------------


DAYS = [
    # The clocks go forward: a day of 23 hours, from 23:00 UTC to 22:00 UTC.
    ("2026-03-28T22:59:00", "0.001", "2026-03-28T23:00:00", "0.002"),
    ("2026-03-28T23:01:00", "0.008", "2026-03-29T22:00:00", "0.01"),
    ("2026-03-29T21:59:00", "0.008", "2026-03-29T22:00:00", "0.01"),
    ("2026-03-29T22:01:00", "0.032", "2026-03-30T22:00:00", "0.042"),
    # A month's first day here is the last one in UTC.
    ("2026-03-31T21:59:00", "0", "2026-03-31T22:00:00", "0.042"),
    ("2026-03-31T22:01:00", "0.064", "2026-04-01T22:00:00", "0.064"),
    # And back: a day of 25 hours.
    ("2026-10-25T22:50:00", "0.384", "2026-10-25T23:00:00", "0.384"),
]
"""The moment in UTC, what was spent that day, when it ends, what was spent that month."""
SPENT = {
    "2026-02-28T22:50:00": Decimal("100"),  # February
    "2026-03-20T12:00:00": Decimal("1"),
    "2026-03-28T22:50:00": Decimal("1"),
    "2026-03-28T23:00:00": Decimal("8"),
    "2026-03-29T22:00:00": Decimal("32"),
    "2026-03-31T22:00:00": Decimal("64"),
    "2026-10-24T22:00:00": Decimal("128"),
    "2026-10-25T22:45:00": Decimal("256"),
}
"""In tenths of a cent, when."""


@pytest.mark.settings(BudgetSettings={"timezone": "Europe/Berlin"})
async def test_days_and_months_begin_where_people_live(api: Api, service: Any) -> None:
    from jupyter_agent.providers import ledger
    from jupyter_agent.storage.ids import new_id
    from jupyter_agent.storage.tables import ModelRequestRow

    owner = await own_name(service, api)
    still_to_come = dict(SPENT)
    for now, day, ends, month in DAYS:
        at = datetime.fromisoformat(now).replace(tzinfo=UTC)

        def write(orm: Any, until: str = now) -> None:
            for moment in [moment for moment in still_to_come if moment <= until]:
                ledger.add_in(
                    orm,
                    ModelRequestRow(
                        id=new_id("req"),
                        owner=owner,
                        purpose="turn",
                        provider="scripted",
                        model="echo",
                        cost=still_to_come.pop(moment) / 1000,
                        created_at=datetime.fromisoformat(moment).replace(tzinfo=UTC),
                    ),
                )

        await service._services.db.write(write)
        service._now = lambda at=at: at
        await limit(api, {"scope": "day", "hard": "1"}, {"scope": "month", "hard": "1"})
        found = await states(api)
        assert (found[("day", "user")]["spent"], found[("month", "user")]["spent"]) == (day, month), now
        assert found[("day", "user")]["resets_at"] == f"{ends}.000Z"
        # What is shown is what holds.
        await limit(api, {"scope": "day", "hard": day} if day != "0" else {"scope": "month", "hard": month})
        with pytest.raises(BudgetReached) as reached:
            await service.check(owner, provider="scripted", model="echo")
        assert reached.value.spent == Decimal(day if day != "0" else month)
    assert not still_to_come


async def own_name(service: Any, api: Api) -> str:
    """Who the tests are, to the server."""
    from jupyter_agent.storage.tables import SessionRow

    id = await api.session()
    name: str = await service._services.db.read(lambda orm: orm.get(SessionRow, id).owner)
    return name


# Races ---------------------------------------------------------------------------------------------------------------


async def test_requests_that_are_being_made_count(service: Any) -> None:
    limits = {"items": [{"scope": "day", "hard": "0.01"}, {"scope": "session", "hard": "0.006"}]}
    from jupyter_agent.observatory.models import BudgetsPut

    await service.put("alice", BudgetsPut.model_validate(limits))

    async def check(session: str | None, amount: str) -> Any:
        return await service.check_outside(
            "alice", provider="scripted", model="echo", session_id=session, projected=Decimal(amount)
        )

    first = await check("one", "0.005")
    with pytest.raises(ApiError) as error:
        await check("one", "0.002")
    assert (error.value.code, error.value.details["scope"]) == ("budget", "session")
    second = await check("two", "0.005")
    with pytest.raises(ApiError) as error:
        await check("three", "0.001")
    assert error.value.details["scope"] == "day"
    first.release()
    first.release()
    third = await check("one", "0.005")
    for one in (second, third):
        one.release()
    assert not service._held


async def test_fifty_turns_at_once_spend_one_request_each_too_much_at_most(api: Api, prices: ScriptedProvider) -> None:
    await limit(api, {"scope": "day", "hard": "0.02"})
    sessions = [await api.session() for _ in range(50)]
    body = {"message": TASKS, "model": "long-tool-10", "tools": ["update_tasks"]}
    turns = await asyncio.gather(
        *(api.ok("POST", f"/sessions/{id}/turns", params={"wait": "true"}, json=body, timeout=120) for id in sessions)
    )
    assert {turn["stop_reason"] for turn in turns} == {"budget"}
    made = len(prices.requests)
    assert 20 <= made <= 19 + 50
    spent = sum((Decimal(turn["usage"]["cost"] or 0) for turn in turns), Decimal(0))
    assert spent == made * ONE
    state = (await states(api))[("day", "user")]
    assert Decimal(state["spent"]) == spent


async def test_the_worst_that_a_race_can_do(api: Api, prices: ScriptedProvider) -> None:
    """All fifty have asked when the first answer, which uses the budget up, is paid."""
    await limit(api, {"scope": "day", "hard": "0.001"})
    sessions = [await api.session() for _ in range(50)]
    body = {"message": "hello", "model": "gated-1"}
    turns = [await api.ok("POST", f"/sessions/{id}/turns", json=body) for id in sessions]
    await asyncio.to_thread(lambda: asyncio.run(prices.wait_for_requests(50, 60)))
    prices.release(50)
    for turn in turns:
        await api.events(turn["id"])
    late = await api.turn("echo")
    assert late["stop_reason"] == "budget"
    assert len(prices.requests) == 50  # the limit's one, and one of each other
    assert (await states(api))[("day", "user")]["spent"] == "0.05"


@pytest.mark.slow
def test_two_servers_hold_one_budget(tmp_path: Path, scripted_server: ScriptedProvider, database_url: str) -> None:
    scripted_server.reset()
    url = database_url or f"sqlite:///{tmp_path / 'shared.db'}"
    config = {"AgentApp": {"database_url": url}}
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(JupyterServer(tmp_path / name, config=config)) for name in ("first", "second")]
        first, second = servers
        first.use(scripted_server)
        first.api("PUT", "/providers/scripted", json=priced(scripted_server, long_tool_10=PRICE, echo=PRICE))
        second.api("PUT", "/providers/scripted", json=priced(scripted_server, long_tool_10=PRICE, echo=PRICE))
        first.api("PUT", "/budgets", json={"items": [{"scope": "user", "hard": "1000"}]})
        second.api(
            "POST",
            f"/sessions/{second.api('POST', '/sessions', json={})['id']}/turns",
            params={"wait": "true"},
            json={"message": "x", "model": "echo"},
        )  # it has read the limits
        first.api("PUT", "/budgets", json={"items": [{"scope": "user", "hard": "0.021"}]})
        time.sleep(2.2)  # as old as limits of another server may be
        made_before = len(scripted_server.requests)
        assert made_before == 1

        def run(number: int) -> Any:
            server = servers[number % 2]
            session = server.api("POST", "/sessions", json={})["id"]
            body = {"message": TASKS, "model": "long-tool-10", "tools": ["update_tasks"]}
            return server.api("POST", f"/sessions/{session}/turns", params={"wait": "true"}, json=body)

        with ThreadPoolExecutor(50) as threads:
            turns = list(threads.map(run, range(50)))
        assert {turn["stop_reason"] for turn in turns} == {"budget"}
        made = len(scripted_server.requests)
        assert 21 <= made <= 20 + 50
        (state,) = second.api("GET", "/budgets")["items"]
        assert Decimal(state["spent"]) == made * ONE
        spent = sum((Decimal(turn["usage"]["cost"] or 0) for turn in turns), Decimal(0))
        assert spent == (made - 1) * ONE


# What it costs -------------------------------------------------------------------------------------------------------


async def test_without_budgets_nothing_is_read(service: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    reads = []
    read = service._services.db.read

    async def counted(function: Any) -> Any:
        reads.append(function)
        return await read(function)

    monkeypatch.setattr(service._services.db, "read", counted)

    async def check() -> int:
        reads.clear()
        await service.check("carol", provider="scripted", model="echo", session_id="s", turn_id="t")
        return len(reads)

    assert await check() == 1
    assert [await check() for _ in range(5)] == [0] * 5
    from jupyter_agent.observatory.models import BudgetsPut

    items = [{"scope": scope, "hard": "5"} for scope in ("session", "day", "month", "user")]
    await service.put("carol", BudgetsPut.model_validate({"items": items}))
    assert await check() == 2  # the limits are known no more
    assert [await check() for _ in range(5)] == [1] * 5


def test_what_is_cached_is_projected_as_cached(service: Any) -> None:
    prices = {"input": "100", "output": "0", "cache_read": "10"}

    def price(provider: str, model: str, usage: Usage) -> tuple[Decimal, str]:
        fresh = usage.input - usage.cache_read
        return (fresh * Decimal(prices["input"]) + usage.cache_read * Decimal(prices["cache_read"])) / 1_000_000, "user"

    service._services.providers.price, kept = price, service._services.providers.price
    try:
        assert service.projected("p", "m", 1000) == Decimal("0.1")
        # The provider counts half of what we do.
        assert service.projected("p", "m", 1000, before=(800, Usage(input=400))) == Decimal("0.05")
        # And has 400 of the 500 in its cache.
        assert service.projected("p", "m", 1000, before=(800, Usage(input=400, cache_write=300))) == Decimal("0.014")
        assert service.projected("p", "m", None) is None
    finally:
        service._services.providers.price = kept
