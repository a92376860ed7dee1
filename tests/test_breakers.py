"""A provider that fails is left alone for a while; who stopped it, and what it allows, is known everywhere."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jupyter_agent.config import SelectionSettings
from jupyter_agent.providers import limits
from jupyter_agent.providers.breakers import Breaker, BreakerOpen, Breakers, Ticket
from jupyter_agent.providers.models import ProviderOptions
from jupyter_agent.providers.service import ProviderService
from jupyter_agent.turns.models import TurnError

from .conftest import Api
from .scripted_provider import KEY, Fail, Gate, Headers, Say, ScriptedProvider, Step
from .scripted_wire import INPUT_TOKENS, OUTPUT_TOKENS, Asked

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
FAILED = TurnError(code="overloaded", message="busy", retryable=True)
EXHAUSTED = TurnError(code="rate_limited", message="You exceeded your current quota.", retryable=False)
ONCE = {"ProviderSettings": {"max_retries": 0}}


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker("acme", SelectionSettings(), clock)


def fail(breaker: Breaker, count: int = 1, error: TurnError = FAILED) -> None:
    for _ in range(count):
        breaker.admit("Acme").failed(error)


def opened(breaker: Breaker, clock: Clock) -> Ticket:
    """The one try of a breaker that has waited for its cooldown."""
    fail(breaker, 3)
    clock.now += 60
    return breaker.admit("Acme")


# The breaker by itself


def test_it_opens_with_the_third_failure_in_a_minute(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 2)
    assert (breaker.state(), breaker.failures) == ("closed", 2)
    breaker.admit("Acme").succeeded()
    assert breaker.failures == 2
    fail(breaker)
    assert (breaker.state(), breaker.failures, breaker.cooldown) == ("open", 3, 60)
    clock.now += 17.6
    with pytest.raises(
        BreakerOpen, match=r"Acme is left alone after 3 failures \(overloaded\).*in 42 seconds"
    ) as refused:
        breaker.admit("Acme")
    assert refused.value.retry_after == pytest.approx(42.4)
    assert refused.value.retryable


def test_failures_that_are_far_apart_do_not_open_it(breaker: Breaker, clock: Clock) -> None:
    for _ in range(10):
        fail(breaker)
        clock.now += 31
        assert breaker.state() == "closed"
    assert breaker.failures == 1


def test_one_request_tries_and_closes_it(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 59.9
    assert breaker.state() == "open"
    clock.now += 0.1
    assert breaker.state() == "half_open"
    probe = breaker.admit("Acme")
    with pytest.raises(BreakerOpen, match="just being tried") as refused:
        breaker.admit("Acme")
    assert refused.value.retry_after == 1
    probe.succeeded()
    assert (breaker.state(), breaker.failures, breaker.cooldown, breaker.wait) == ("closed", 0, None, None)
    fail(breaker, 2)
    assert breaker.state() == "closed"


def test_the_cooldown_doubles_up_to_its_maximum_and_starts_anew(breaker: Breaker, clock: Clock) -> None:
    probe = opened(breaker, clock)
    for seconds in (120, 240, 480, 900, 900):
        probe.failed(FAILED)
        assert (breaker.state(), breaker.cooldown) == ("open", seconds)
        clock.now += seconds
        probe = breaker.admit("Acme")
    probe.succeeded()
    fail(breaker, 3)
    assert breaker.cooldown == 60


def test_a_try_that_was_interrupted_says_nothing(breaker: Breaker, clock: Clock) -> None:
    opened(breaker, clock).released()
    assert (breaker.state(), breaker.cooldown) == ("half_open", 60)
    breaker.admit("Acme").succeeded()
    assert breaker.state() == "closed"


def test_what_others_began_before_does_not_judge_the_try(breaker: Breaker, clock: Clock) -> None:
    early, late = breaker.admit("Acme"), breaker.admit("Acme")
    probe = opened(breaker, clock)
    early.failed(FAILED)
    assert (breaker.state(), breaker.cooldown) == ("half_open", 60)
    late.succeeded()
    with pytest.raises(BreakerOpen):
        breaker.admit("Acme")
    probe.succeeded()
    assert breaker.state() == "closed"


def test_an_answer_that_breaks_off_after_it_closed_counts(breaker: Breaker, clock: Clock) -> None:
    probe = opened(breaker, clock)
    probe.succeeded()
    probe.failed(FAILED)
    assert (breaker.state(), breaker.failures) == ("closed", 1)


@pytest.mark.parametrize(
    ("code", "retryable"),
    [
        ("bad_response", False),
        ("context_too_long", False),
        ("model_not_found", False),
        ("unauthorized", False),
        ("not_configured", False),
        ("internal_error", False),
    ],
)
def test_what_the_request_is_to_blame_for_is_no_failure(
    breaker: Breaker, clock: Clock, code: str, retryable: bool
) -> None:
    error = TurnError(code=code, message="no", retryable=retryable)
    fail(breaker, 10, error)
    assert (breaker.state(), breaker.failures) == ("closed", 0)
    probe = opened(breaker, clock)
    probe.failed(error)
    assert breaker.state() == "half_open"
    breaker.admit("Acme").succeeded()


@pytest.mark.parametrize("code", ["rate_limited", "overloaded", "unreachable", "timeout", "cut", "bad_response"])
def test_what_the_provider_is_to_blame_for_is_one(breaker: Breaker, code: str) -> None:
    fail(breaker, 3, TurnError(code=code, message="no", retryable=True))
    assert (breaker.state(), breaker.last_error) == ("open", code)


def test_exhausted_credit_stays_until_somebody_resets(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 1, EXHAUSTED)
    clock.now += 1e7
    assert breaker.state() == "open"
    with pytest.raises(BreakerOpen, match=r"no credit or quota left.*until its breaker is reset") as refused:
        breaker.admit("Acme", insist=True)
    assert (refused.value.retry_after, refused.value.retryable, breaker.retry_at) == (None, False, None)
    breaker.close()
    breaker.admit("Acme").succeeded()


def test_a_provider_near_its_limits_is_spared_where_there_is_another(breaker: Breaker) -> None:
    assert breaker.state(pressed=True) == "half_open"
    first = breaker.admit("Acme", pressed=True)
    with pytest.raises(BreakerOpen, match="nearly used up") as refused:
        breaker.admit("Acme", pressed=True)
    assert refused.value.pressure
    breaker.admit("Acme", pressed=True, insist=True).succeeded()
    first.succeeded()
    assert breaker.state() == "closed"
    breaker.admit("Acme", pressed=True).failed(FAILED)
    assert (breaker.state(), breaker.cooldown) == ("open", 60)


def test_settings_count_at_once(clock: Clock) -> None:
    settings = SelectionSettings(breaker_failures=1, breaker_cooldown_seconds=5, breaker_max_cooldown_seconds=7)
    breaker = Breaker("acme", settings, clock)
    fail(breaker)
    assert breaker.wait == 5
    clock.now += 5
    breaker.admit("Acme").failed(FAILED)
    assert breaker.wait == 7


def test_what_another_server_stored_counts(clock: Clock) -> None:
    board = Breakers(SelectionSettings(), clock)
    board.apply({"acme": {"by": "operator", "reason": "too dear", "since": "2026-05-04T12:00:00+00:00"}})
    with pytest.raises(BreakerOpen, match=r"stopped by hand \(too dear\)"):
        board.of("acme").admit("Acme")
    board.forget("acme")
    assert board.of("acme").state() == "open"
    board.apply({})
    assert board.of("acme").state() == "closed"
    fail(board.of("acme"), 3)
    reset = {"by": "reset", "reason": "", "since": (datetime.now(UTC) + timedelta(seconds=1)).isoformat()}
    board.apply({"acme": reset})
    assert board.of("acme").state() == "closed"
    # The same reset does not close what opens later.
    fail(board.of("acme"), 3)
    board.apply({"acme": reset})
    assert board.of("acme").state() == "open"
    board.forget("acme")
    assert board.of("acme").state() == "closed"


# What the headers say


def read(**headers: str) -> dict[Any, limits.Limit]:
    return limits.read({name.replace("_", "-"): value for name, value in headers.items()}, NOW)


def test_limits_of_openai() -> None:
    found = read(
        X_RateLimit_Limit_Requests="60",
        X_RateLimit_Remaining_Requests="59",
        X_RateLimit_Reset_Requests="1s",
        x_ratelimit_limit_tokens="150000",
        x_ratelimit_remaining_tokens="75000",
        x_ratelimit_reset_tokens="30s",
    )
    assert set(found) == {"requests", "tokens"}
    assert (found["requests"].limit, found["requests"].remaining) == (60, 59)
    assert found["requests"].window == pytest.approx(60)
    assert found["tokens"].resets_at == NOW + timedelta(seconds=30)
    assert found["tokens"].left(NOW) == 0.5
    assert found["tokens"].left(NOW + timedelta(seconds=31)) == 1


def test_limits_of_anthropic() -> None:
    found = read(
        anthropic_ratelimit_requests_limit="50",
        anthropic_ratelimit_requests_remaining="0",
        anthropic_ratelimit_requests_reset="2026-05-04T12:00:20Z",
        anthropic_ratelimit_input_tokens_limit="40000",
        anthropic_ratelimit_input_tokens_remaining="10000",
        anthropic_ratelimit_output_tokens_limit="8000",
        anthropic_ratelimit_output_tokens_remaining="8000",
    )
    assert set(found) == {"requests", "input_tokens", "output_tokens"}
    assert (found["requests"].left(NOW), found["requests"].window) == (0, 60)
    assert found["requests"].resets_at == NOW + timedelta(seconds=20)
    load = limits.load(limits.Use(), found, ProviderOptions(), NOW)
    assert (load.rpm, load.tpm, load.source, load.headroom) == (50, 48_000, "provider", 0)
    assert load.near_capacity


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("6m0s", 360), ("20ms", 0.02), ("1h2m3.5s", 3723.5), ("12", 12), ("1777896030", 30), ("1777896030000", 30)],
)
def test_when_a_limit_is_whole_again(text: str, seconds: float) -> None:
    [found] = read(x_ratelimit_limit="10", x_ratelimit_remaining="5", x_ratelimit_reset=text).values()
    assert found.kind == "requests"
    assert found.resets_at == NOW + timedelta(seconds=seconds)


def test_a_limit_by_the_day_is_none_by_the_minute() -> None:
    found = read(
        x_ratelimit_limit_requests="14400",
        x_ratelimit_remaining_requests="14370",
        x_ratelimit_reset_requests="2m59.56s",
        x_ratelimit_limit_tokens_minute="6000",
        x_ratelimit_remaining_tokens_minute="3000",
        x_ratelimit_limit_tokens_day="1000000",
        x_ratelimit_remaining_tokens_day="999999",
    )
    load = limits.load(limits.Use(), found, ProviderOptions(rpm=30), NOW)
    assert (load.rpm, load.tpm, load.headroom) == (30, 6000, 0.5)


@pytest.mark.parametrize(
    "headers",
    [
        {"x-ratelimit-limit-requests": "many"},
        {"x-ratelimit-limit-requests": "nan", "x-ratelimit-remaining-requests": "-1"},
        {"x-ratelimit-reset-requests": "1s"},
        {"x-ratelimit-limit-elephants": "3"},
        {"content-type": "text/plain"},
    ],
)
def test_headers_that_say_nothing(headers: dict[str, str]) -> None:
    assert limits.read(headers, NOW) == {}


@pytest.mark.parametrize("reset", ["soon", "", "99999999999999999999", "-5", "1e400", "12:00"])
def test_a_reset_that_cannot_be_read_is_left_out(reset: str) -> None:
    [found] = read(x_ratelimit_limit="10", x_ratelimit_remaining="1", x_ratelimit_reset=reset).values()
    assert (found.resets_at, found.left(NOW)) == (None, 0.1)


def test_how_busy_a_provider_is() -> None:
    options = ProviderOptions(tpm=1000, rpm=10)
    assert limits.load(limits.Use(), {}, ProviderOptions(), NOW).headroom is None
    use = limits.Use(requests=(2, 10, 0), tokens=(950, 0, 0))
    load = limits.load(use, {}, options, NOW)
    assert (load.source, load.token_utilization, load.request_utilization) == ("settings", 0.95, 0.2)
    assert load.headroom == pytest.approx(0.05)
    assert (load.near_capacity, load.sustained_hot) == (True, False)
    hot = limits.Use(requests=(10, 3, 10), tokens=(0, 990, 0))
    assert limits.load(hot, {}, options, NOW).sustained_hot


# On a server


@pytest.fixture
def providers(jp_serverapp: Any, scripted: ScriptedProvider) -> ProviderService:
    """The server's own room."""
    service: ProviderService = jp_serverapp.web_app.settings["jupyter_agent_app"]._services.providers
    return service


@pytest.fixture
def other(providers: ProviderService, api: Api) -> Iterator[ProviderService]:
    """The room of another server process on the same database; also what this one is after a restart."""
    made = ProviderService(providers._services)
    yield made
    api.loop.run_until_complete(made.close())


async def breakers(api: Api, provider: str = "scripted") -> Any:
    return (await api.ok("GET", "/providers/breakers"))["providers"][provider]


@pytest.mark.settings(**ONCE)
async def test_after_three_failed_turns_it_is_left_alone(api: Api, scripted: ScriptedProvider) -> None:
    assert await breakers(api) == {
        "provider": "scripted",
        "name": "Scripted",
        "state": "closed",
        "failures": 0,
        **dict.fromkeys(
            ("held_by", "reason", "opened_at", "retry_at", "cooldown_seconds", "last_error", "last_failure_at")
        ),
    }
    for count in range(3):
        turn = await api.turn("server-error")
        assert (turn["error"]["code"], len(scripted.requests)) == ("bad_response", count + 1)
    state = await breakers(api)
    assert (state["state"], state["failures"], state["last_error"]) == ("open", 3, "bad_response")
    assert (state["reason"], state["cooldown_seconds"], state["held_by"]) == ("bad_response", 60, None)
    assert state["opened_at"] < state["retry_at"]
    turn = await api.turn("echo")
    assert (turn["stop_reason"], turn["error"]["code"], turn["error"]["retryable"]) == (
        "provider_error",
        "breaker_open",
        True,
    )
    assert 20 < turn["error"]["retry_after_seconds"] <= 60
    assert re.search(
        r"Scripted is left alone after 3 failures .*; it is tried again in \d+ seconds", turn["error"]["message"]
    )
    assert len(scripted.requests) == 3
    # No request was made, so none is in the ledger.
    assert turn["usage"]["requests"] == 0
    # Another provider has a breaker of its own.
    assert (await api.turn("echo", provider="scripted-anthropic"))["answer"] == "hello"
    reset = await api.ok("POST", "/providers/scripted/breaker/reset")
    assert (reset["state"], reset["failures"]) == ("closed", 0)
    assert (await api.turn("echo"))["answer"] == "hello"


@pytest.mark.settings(ProviderSettings={"max_retries": 2})
async def test_a_request_that_is_given_up_after_its_retries_is_one_failure(
    api: Api, scripted: ScriptedProvider
) -> None:
    assert (await api.turn("server-error"))["error"]["code"] == "bad_response"
    assert len(scripted.requests) == 3
    assert (await breakers(api))["failures"] == 1
    assert (await api.turn("rate-limited-once"))["answer"] == "Here at last."
    assert (await breakers(api))["failures"] == 1


@pytest.fixture
def timed(providers: ProviderService, clock: Clock) -> Clock:
    """The clock that the server's breakers go by."""
    providers.breakers = Breakers(providers._services.settings.selection, clock)
    return clock


@pytest.mark.settings(**ONCE, SelectionSettings={"breaker_failures": 1})
async def test_one_request_tries_it_after_the_cooldown(api: Api, scripted: ScriptedProvider, timed: Clock) -> None:
    async def healing(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
        if before < 2:
            yield Fail(503, "overloaded", "busy")
        else:
            yield Gate()
            yield Say("again")

    scripted.script("healing", healing)
    assert (await api.turn("healing"))["error"]["code"] == "overloaded"
    timed.now += 60
    assert (await breakers(api))["state"] == "half_open"
    assert (await api.turn("healing"))["error"]["code"] == "overloaded"
    state = await breakers(api)
    assert (state["state"], state["cooldown_seconds"]) == ("open", 120)
    timed.now += 120
    trying = [asyncio.create_task(api.turn("healing")) for _ in range(8)]
    # All but one are answered at once; that one waits at its gate.
    done: set[asyncio.Task[Any]] = set()
    async with asyncio.timeout(20):
        while len(done) < 7:
            done, _ = await asyncio.wait(trying, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.sleep(0.02)
    assert {(one.result()["error"]["code"], one.result()["error"]["retry_after_seconds"]) for one in done} == {
        ("breaker_open", 1)
    }
    [probe] = [one for one in trying if one not in done]
    await scripted.wait_for_requests(3)
    scripted.release()
    assert (await probe)["answer"] == "again"
    assert len(scripted.requests) == 3
    assert (await breakers(api))["state"] == "closed"


@pytest.mark.settings(**ONCE, SelectionSettings={"breaker_failures": 1})
async def test_an_interrupted_try_leaves_room_for_the_next(api: Api, scripted: ScriptedProvider, timed: Clock) -> None:
    assert (await api.turn("overloaded"))["error"]["code"] == "overloaded"
    timed.now += 60
    session = await api.session()
    turn = await api.ok("POST", f"/sessions/{session}/turns", json={"message": "x", "model": "hang"})
    await scripted.wait_for_requests(2)
    await api.ok("POST", f"/turns/{turn['id']}/interrupt")
    await api.events(turn["id"])
    assert (await api.turn("echo"))["answer"] == "hello"


@pytest.mark.settings(**ONCE)
async def test_our_own_faults_do_not_open_it(api: Api, scripted: ScriptedProvider) -> None:
    for model, code in [
        ("too-long", "context_too_long"),
        ("nothing-like-it", "model_not_found"),
        ("unauthorized",) * 2,
    ]:
        for _ in range(3):
            assert (await api.turn(model))["error"]["code"] == code
    assert ((await breakers(api))["state"], (await breakers(api))["failures"]) == ("closed", 0)


@pytest.mark.settings(**ONCE)
async def test_answers_that_break_off_count(api: Api, scripted: ScriptedProvider) -> None:
    for _ in range(3):
        turn = await api.turn("cut")
        assert turn["error"]["code"] == "cut"
        assert "other model" not in turn["error"]["message"]
    assert (await breakers(api))["last_error"] == "cut"
    assert (await api.turn("echo"))["error"]["code"] == "breaker_open"


@pytest.mark.settings(**ONCE)
async def test_what_is_asked_outside_turns_counts_too(api: Api, scripted: ScriptedProvider) -> None:
    code = {"prefix": "x = ", "suffix": "", "language": "python"}
    for _ in range(3):
        answer = await api("POST", "/completions", json={**code, "model": "overloaded"})
        assert answer.json["error"]["details"]["code"] == "overloaded"
    answer = await api("POST", "/completions", json={**code, "model": "echo"})
    assert (answer.status, answer.json["error"]["details"]["code"]) == (503, "breaker_open")
    assert len(scripted.requests) == 3


async def test_exhausted_credit_is_known_to_other_servers_and_after_a_restart(
    api: Api, scripted: ScriptedProvider, other: ProviderService
) -> None:
    async def poor(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
        yield Fail(402, "rate_limited", f"Insufficient credit for the key {KEY}.")

    scripted.script("poor", poor)
    turn = await api.turn("poor")
    assert (turn["error"]["code"], turn["error"]["retryable"], len(scripted.requests)) == ("rate_limited", False, 1)
    state = await breakers(api)
    assert (state["state"], state["held_by"], state["retry_at"]) == ("open", "credit", None)
    assert "Insufficient credit" in state["reason"]
    assert KEY not in str(state)
    turn = await api.turn("echo")
    assert (turn["error"]["code"], turn["error"]["retryable"]) == ("breaker_open", False)
    assert turn["error"]["retry_after_seconds"] is None
    assert KEY not in str(turn)
    assert (await other.list_breakers()).providers["scripted"].held_by == "credit"
    await other.reset_breaker("scripted")
    assert (await api.turn("echo"))["answer"] == "hello"
    assert (await breakers(api))["state"] == "closed"


async def test_who_opens_it_by_hand_is_heard_by_all(
    api: Api, scripted: ScriptedProvider, providers: ProviderService, other: ProviderService
) -> None:
    stopped = await api.ok("POST", "/providers/scripted/breaker/open", json={"reason": "Maintenance until noon"})
    assert (stopped["state"], stopped["held_by"], stopped["reason"]) == ("open", "operator", "Maintenance until noon")
    turn = await api.turn("echo")
    assert (turn["error"]["code"], len(scripted.requests)) == ("breaker_open", 0)
    assert "(Maintenance until noon)" in turn["error"]["message"]
    resolved = await other.resolve("scripted", "echo")
    with pytest.raises(BreakerOpen, match="Maintenance until noon"):
        await other.admit(resolved)
    # A change of the provider does not lift it, a reset at another server does.
    provider = await api.ok("GET", "/providers/scripted")
    body = {name: provider[name] for name in ("kind", "base_url", "api_key", "default_model")}
    await api.ok("PUT", "/providers/scripted", json={**body, "name": "Renamed"})
    assert (await breakers(api))["held_by"] == "operator"
    await other.reset_breaker("scripted")
    assert (await api.turn("echo"))["answer"] == "hello"


@pytest.mark.settings(**ONCE)
async def test_a_reset_at_another_server_closes_what_failed_here(
    api: Api, scripted: ScriptedProvider, other: ProviderService
) -> None:
    for _ in range(3):
        await api.turn("overloaded")
    assert (await breakers(api))["state"] == "open"
    # Failures are counted by each process for itself.
    assert (await other.list_breakers()).providers["scripted"].state == "closed"
    await other.reset_breaker("scripted")
    assert (await api.turn("echo"))["answer"] == "hello"


async def test_a_provider_that_is_made_anew_is_not_stopped(api: Api, scripted: ScriptedProvider) -> None:
    body = {"id": "short", "kind": "openai_compatible", "name": "S", "base_url": scripted.openai_url, "api_key": KEY}
    await api.ok("POST", "/providers", json=body)
    await api.ok("POST", "/providers/short/breaker/open")
    await api.ok("DELETE", "/providers/short")
    assert "short" not in (await api.ok("GET", "/providers/breakers"))["providers"]
    await api.ok("POST", "/providers", json=body)
    assert (await breakers(api, "short"))["state"] == "closed"
    assert (await api.turn("echo", provider="short"))["answer"] == "hello"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/providers/nobody/breaker/reset"),
        ("POST", "/providers/nobody/breaker/open"),
        ("GET", "/providers/nobody/quota"),
    ],
)
async def test_a_provider_that_is_not_there(api: Api, scripted: ScriptedProvider, method: str, path: str) -> None:
    answer = await api(method, path)
    assert (answer.status, answer.json["error"]["code"]) == (404, "not_found")


async def test_ids_are_not_the_words_of_paths(api: Api, scripted: ScriptedProvider) -> None:
    for id in ("breakers", "quota"):
        body = {"id": id, "kind": "openai_compatible", "name": "S", "base_url": scripted.openai_url}
        assert (await api("POST", "/providers", json=body)).status == 422


LIMITS = {
    "x-ratelimit-limit-requests": "100",
    "x-ratelimit-remaining-requests": "80",
    "x-ratelimit-reset-requests": "12s",
    "x-ratelimit-limit-tokens": "10000",
    "x-ratelimit-remaining-tokens": "5000",
    "x-ratelimit-reset-tokens": "30s",
}


def saying(headers: dict[str, str]) -> Callable[..., AsyncIterator[Step]]:
    async def script(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
        yield Headers(headers)
        yield Say("limited")

    return script


@pytest.mark.parametrize("provider", ["scripted", "scripted-responses", "scripted-anthropic"])
async def test_what_the_answers_say_of_limits(api: Api, scripted: ScriptedProvider, provider: str) -> None:
    empty = await api.ok("GET", f"/providers/{provider}/quota")
    assert (empty["limits"], empty["headroom"], empty["last_minute"]) == ([], None, {"requests": 0, "tokens": 0})
    headers = LIMITS
    if provider == "scripted-anthropic":
        reset = (datetime.now(UTC) + timedelta(seconds=30)).isoformat()
        headers = {
            "anthropic-ratelimit-requests-limit": "100",
            "anthropic-ratelimit-requests-remaining": "80",
            "anthropic-ratelimit-tokens-limit": "10000",
            "anthropic-ratelimit-tokens-remaining": "5000",
            "anthropic-ratelimit-tokens-reset": reset,
        }
    scripted.script("limited", saying(headers))
    assert (await api.turn("limited", provider=provider))["answer"] == "limited"
    quota = await api.ok("GET", f"/providers/{provider}/quota")
    found = {one["kind"]: one for one in quota["limits"]}
    assert (found["requests"]["limit"], found["requests"]["remaining"], found["requests"]["source"]) == (
        100,
        80,
        "provider",
    )
    assert (found["tokens"]["limit"], found["tokens"]["remaining"]) == (10000, 5000)
    assert found["tokens"]["window_seconds"] == pytest.approx(60, abs=1)
    assert found["tokens"]["resets_at"] > found["tokens"]["seen_at"]
    used = INPUT_TOKENS + OUTPUT_TOKENS
    assert quota["last_minute"] == {"requests": 1, "tokens": used}
    assert (quota["headroom"], quota["state"]) == (0.5, "closed")
    today = quota["today"]
    assert (today["requests"], today["input"], today["output"]) == (1, INPUT_TOKENS, OUTPUT_TOKENS)
    assert {one["provider"] for one in (await api.ok("GET", "/providers/quota"))["items"]} >= {"scripted", "local"}
    capacity = (await api.ok("GET", "/stats/capacity"))["providers"][provider]
    assert (capacity["tpm_limit"], capacity["rpm_limit"], capacity["limit_source"]) == (10000, 100, "provider")
    assert (capacity["tokens_used"], capacity["requests_used"]) == (used, 1)
    assert capacity["token_utilization"] == pytest.approx(used / 10000)
    assert (capacity["near_capacity"], capacity["sustained_hot"]) == (False, False)


async def test_limits_that_the_user_names(api: Api, scripted: ScriptedProvider) -> None:
    body = {
        "kind": "openai_compatible",
        "name": "Scripted",
        "base_url": scripted.openai_url,
        "api_key": "***",
        "options": {"rpm": 2, "tpm": 100_000},
    }
    assert (await api.ok("PUT", "/providers/scripted", json=body))["options"]["rpm"] == 2
    for _ in range(2):
        await api.turn("echo")
    capacity = (await api.ok("GET", "/stats/capacity"))["providers"]["scripted"]
    assert (capacity["rpm_limit"], capacity["limit_source"], capacity["headroom"]) == (2, "settings", 0)
    assert (capacity["near_capacity"], capacity["state"]) == (True, "half_open")
    # It is spared where there is another one; here there is none.
    assert (await api.turn("echo"))["answer"] == "hello"
    quota = await api.ok("GET", "/providers/scripted/quota")
    assert {(one["kind"], one["limit"], one["source"]) for one in quota["limits"]} == {
        ("requests", 2, "settings"),
        ("tokens", 100_000, "settings"),
    }
    assert (await api("PUT", "/providers/scripted", json={**body, "options": {"rpm": 0}})).status == 422


async def test_use_is_everybodys_and_todays_is_the_callers(
    as_user: Callable[[str], Api], api: Api, scripted: ScriptedProvider
) -> None:
    alice, bob = as_user("alice"), as_user("bob")
    await alice.turn("echo")
    quota = await bob.ok("GET", "/providers/scripted/quota")
    assert (quota["last_minute"]["requests"], quota["today"]["requests"]) == (1, 0)
    assert (await alice.ok("GET", "/providers/scripted/quota"))["today"]["requests"] == 1
