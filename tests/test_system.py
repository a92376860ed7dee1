"""Health, status, configuration and logs, over HTTP."""

from __future__ import annotations

import asyncio
import json
import logging
import platform
from pathlib import Path
from typing import Any

import pytest

from jupyter_agent import __version__

from .servers import JupyterServer

log = logging.getLogger("jupyter_agent.test")


# Health, status, info, machine ---------------------------------------------------------------------------------------


async def test_health_needs_no_authentication(anonymous: Any) -> None:
    health = await anonymous.ok("GET", "/health")
    assert health["status"] == "ok"
    assert health["version"] == __version__
    assert health["uptime_seconds"] > 0


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/status"),
        ("GET", "/info"),
        ("GET", "/system"),
        ("GET", "/system/metrics"),
        ("GET", "/config"),
        ("PATCH", "/config"),
        ("POST", "/config/reset"),
        ("GET", "/config/schema"),
        ("GET", "/config/status"),
        ("GET", "/config/capabilities"),
        ("GET", "/logs"),
        ("GET", "/logs/stream"),
    ],
)
async def test_everything_else_needs_it(anonymous: Any, method: str, path: str) -> None:
    answer = await anonymous(method, path)
    assert answer.status in (401, 403)
    assert answer.json["error"]["code"] in ("unauthorized", "forbidden")


async def test_status_counts_what_is_the_callers(api: Any) -> None:
    before = await api.ok("GET", "/status")
    assert before["storage_ok"] is True
    assert before["running_turns"] == 0
    assert before["memory_bytes"] > 10_000_000
    await api.session(title="One")
    assert (await api.ok("GET", "/status"))["sessions"] == before["sessions"] + 1


async def test_readiness_says_what_to_do(api: Any) -> None:
    items = {item["id"]: item for item in (await api.ok("GET", "/status"))["readiness"]}
    assert set(items) == {"storage", "disk", "embedded_model", "default_provider", "kernel", "lab_extension"}
    assert items["storage"]["status"] == "ok"
    for item in items.values():
        assert item["detail"]
        assert (item["status"] == "ok") == (item["next_action"] is None)
        assert item["next_action"] or item["action"] is None


@pytest.mark.settings(LocalModelSettings={"enabled": False})
async def test_what_is_switched_off_is_not_in_the_list(api: Any) -> None:
    assert "embedded_model" not in [item["id"] for item in (await api.ok("GET", "/status"))["readiness"]]


@pytest.mark.settings(LocalModelSettings={"enabled": False})
async def test_without_a_provider_a_button_adds_a_key(api: Any) -> None:
    items = {item["id"]: item for item in (await api.ok("GET", "/status"))["readiness"]}
    assert (items["default_provider"]["status"], items["default_provider"]["action"]) == ("error", "add_key")


@pytest.mark.settings(LocalModelSettings={"model_path": "/no/such/model.gguf"})
async def test_a_wrong_path_of_the_embedded_model_is_a_setting(api: Any) -> None:
    pytest.importorskip("xllamacpp")
    items = {item["id"]: item for item in (await api.ok("GET", "/status"))["readiness"]}
    assert items["embedded_model"]["action"] == "open_settings"


async def test_info_is_what_a_front_end_starts_with(api: Any, jp_root_dir: Path) -> None:
    info = await api.ok("GET", "/info")
    assert info["version"] == __version__
    assert info["api_version"] == "v1"
    assert info["server_root_name"] == jp_root_dir.name
    assert info["python"] == platform.python_version()
    assert info["first_run"] is True
    assert info["user"]
    assert {"sessions", "turns", "providers", "system"} <= set(info["features"])


async def test_first_run_ends_with_the_first_turn(api: Any, scripted: Any) -> None:
    await api.turn()
    info = await api.ok("GET", "/info")
    assert info["first_run"] is False
    assert (info["default_provider"], info["default_model_ready"]) == ("scripted", True)


async def test_system_describes_this_machine(api: Any) -> None:
    system = await api.ok("GET", "/system")
    assert system["os"] == platform.system()
    assert system["arch"] == platform.machine()
    assert system["python"] == platform.python_version()
    assert system["cpus"] >= 1
    assert system["memory_bytes"] > 2**20


async def test_metrics_are_measured(api: Any) -> None:
    metrics = await api.ok("GET", "/system/metrics")
    assert 0 <= metrics["cpu_percent"] <= 100
    assert len(metrics["cpu_percents"]) >= 1
    assert 0 < metrics["memory_used_bytes"] < metrics["memory_total_bytes"]
    assert metrics["disks"][0]["free_bytes"] > 0
    assert metrics["process_memory_bytes"] > 10_000_000


# Configuration -------------------------------------------------------------------------------------------------------


def setting(config: Any, name: str) -> Any:
    return next(one for one in config["settings"] if one["name"] == name)


async def test_config_says_where_a_value_comes_from(api: Any) -> None:
    config = await api.ok("GET", "/config")
    assert setting(config, "turns.max_steps") == {
        "name": "turns.max_steps",
        "value": 50,
        "default": 50,
        "source": "default",
        "mutable": True,
        "restart_required": False,
        "pending_value": None,
        "help": setting(config, "turns.max_steps")["help"],
    }
    # tests/conftest.py sets this one, as an administrator would
    assert setting(config, "sessions.auto_title")["source"] == "server"
    assert setting(config, "sessions.auto_title")["default"] is True
    assert config["values"]["sessions.auto_title"] is False
    await api.ok("PATCH", "/config", json={"values": {"turns.max_steps": 7}})
    changed = await api.ok("GET", "/config")
    assert setting(changed, "turns.max_steps")["source"] == "user"
    assert changed["values"]["turns.max_steps"] == 7
    assert changed["version"] > config["version"]


@pytest.mark.settings(RateLimitSettings={"enabled": False})
async def test_a_change_counts_for_the_next_request(api: Any) -> None:
    for _ in range(4):
        assert (await api("GET", "/info")).status == 200
    await api.ok("PATCH", "/config", json={"values": {"rate_limits.enabled": True, "rate_limits.default": 1}})
    statuses = [(await api("GET", "/info")).status for _ in range(4)]
    assert 429 in statuses
    await asyncio.sleep(1.1)
    await api.ok("POST", "/config/reset", json={"names": ["rate_limits.enabled"]})
    for _ in range(4):
        assert (await api("GET", "/info")).status == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("turns.max_steps", 0),
        ("turns.max_steps", 501),
        ("turns.max_steps", "7"),
        ("turns.max_steps", True),
        ("turns.max_steps", 1.5),
        ("turns.max_steps", None),
        ("turns.max_steps", 10**30),
        ("turns.timeout_seconds", 1e300),
        ("turns.timeout_seconds", 0),
        ("turns.system_prompt", 3),
        ("turns.system_prompt", "a\x00b"),
        ("turns.system_prompt", "x" * 100_001),
        ("sessions.auto_title", "yes"),
        ("sessions.auto_title", 1),
        ("logs.level", "LOUD"),
        ("logs.level", ["INFO"]),
        ("turns.no_such_thing", 1),
        ("__class__", 1),
        ("", 1),
    ],
)
async def test_one_bad_value_changes_nothing(api: Any, name: str, value: Any) -> None:
    before = await api.ok("GET", "/config")
    answer = await api("PATCH", "/config", json={"values": {"sessions.idle_seconds": 9, name: value}})
    assert answer.status == 422
    assert answer.json["error"]["code"] == "invalid"
    assert [one["path"] for one in answer.json["error"]["details"]["errors"]] == [f"body.values.{name}"]
    assert await api.ok("GET", "/config") == before


@pytest.mark.parametrize(
    "body", [{}, {"values": {}}, {"values": []}, {"values": {"turns.max_steps": 3}, "more": 1}, []]
)
async def test_a_malformed_patch_is_refused(api: Any, body: Any) -> None:
    answer = await api("PATCH", "/config", json=body)
    assert answer.status == 422
    assert (await api.ok("GET", "/config"))["version"] == 0


async def test_a_change_in_between_is_noticed(api: Any) -> None:
    version = (await api.ok("GET", "/config"))["version"]
    first = await api.ok("PATCH", "/config", json={"values": {"turns.max_steps": 3}, "version": version})
    answer = await api("PATCH", "/config", json={"values": {"turns.max_steps": 4}, "version": version})
    assert answer.status == 409
    assert answer.json["error"]["code"] == "conflict"
    assert answer.json["error"]["details"] == {"version": first["version"]}
    assert (await api.ok("GET", "/config"))["values"]["turns.max_steps"] == 3


async def test_many_changes_at_once_are_all_counted(api: Any) -> None:
    values = list(range(1, 13))
    await asyncio.gather(*(api.ok("PATCH", "/config", json={"values": {"turns.max_steps": value}}) for value in values))
    config = await api.ok("GET", "/config")
    assert config["version"] == len(values)
    assert config["values"]["turns.max_steps"] in values


async def test_reset_goes_back_to_the_administrators_value(api: Any) -> None:
    changes = {"turns.max_steps": 3, "sessions.auto_title": True, "logs.level": "debug"}
    assert (await api.ok("PATCH", "/config", json={"values": changes}))["values"]["logs.level"] == "DEBUG"
    one = await api.ok("POST", "/config/reset", json={"names": ["turns.max_steps"]})
    assert (one["values"]["turns.max_steps"], one["values"]["logs.level"]) == (50, "DEBUG")
    rest = await api.ok("POST", "/config/reset")
    assert (rest["values"]["sessions.auto_title"], rest["values"]["logs.level"]) == (False, "INFO")
    assert {one["source"] for one in rest["settings"]} == {"default", "server"}
    unknown = await api("POST", "/config/reset", json={"names": ["turns.max_steps", "nothing"]})
    assert (unknown.status, unknown.json["error"]["details"]["errors"][0]["path"]) == (422, "body.names.1")


async def test_what_the_application_is_started_with_is_read_only(api: Any) -> None:
    answer = await api("PATCH", "/config", json={"values": {"turns.max_steps": 3, "server.database_url": "sqlite://"}})
    assert (answer.status, answer.json["error"]["code"]) == (409, "immutable")
    config = await api.ok("GET", "/config")
    assert config["values"]["turns.max_steps"] == 50
    assert setting(config, "server.database_url")["mutable"] is False
    capabilities = await api.ok("GET", "/config/capabilities")
    assert "server" in capabilities["immutable_sections"]
    assert "turns" in capabilities["mutable_sections"]
    assert "turns.max_steps" in capabilities["live"]
    assert "logs.keep_records" in capabilities["restart"]
    assert capabilities["locked"] is False


@pytest.mark.settings(AgentApp={"lock_config": True}, TurnSettings={"max_steps": 9})
async def test_an_administrator_can_keep_what_they_set(api: Any) -> None:
    answer = await api("PATCH", "/config", json={"values": {"turns.max_steps": 3}})
    assert (answer.status, answer.json["error"]["code"]) == (409, "immutable")
    config = await api.ok("PATCH", "/config", json={"values": {"turns.repetition_limit": 3}})
    assert (config["values"]["turns.max_steps"], config["values"]["turns.repetition_limit"]) == (9, 3)
    capabilities = await api.ok("GET", "/config/capabilities")
    assert capabilities["locked"] is True
    assert "turns.max_steps" in capabilities["immutable"]


@pytest.mark.settings(TurnSettings={"max_steps": 9})
async def test_without_the_lock_the_api_wins(api: Any) -> None:
    config = await api.ok("PATCH", "/config", json={"values": {"turns.max_steps": 3}})
    assert config["values"]["turns.max_steps"] == 3
    assert (await api.ok("POST", "/config/reset"))["values"]["turns.max_steps"] == 9


async def test_the_schema_describes_every_value(api: Any) -> None:
    import jsonschema

    schema = (await api.ok("GET", "/config/schema"))["json_schema"]
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    values = (await api.ok("GET", "/config"))["values"]
    validator.validate(values)
    assert set(schema["properties"]) == set(values)
    assert schema["properties"]["turns.max_steps"]["minimum"] == 1
    assert schema["properties"]["turns.max_steps"]["maximum"] == 500
    assert schema["properties"]["server.database_url"]["readOnly"] is True
    for bad in ({"turns.max_steps": 501}, {"logs.level": 1}, {"nothing": 1}):
        assert not validator.is_valid(bad)


async def test_status_of_the_configuration(api: Any) -> None:
    assert (await api.ok("GET", "/config/status"))["status"] == "applied"
    patched = await api.ok("PATCH", "/config", json={"values": {"turns.max_steps": 3, "logs.keep_records": 500}})
    assert patched["restart_required"] == ["logs.keep_records"]
    assert setting(patched, "logs.keep_records")["pending_value"] == 500
    assert patched["values"]["logs.keep_records"] == 10_000
    status = await api.ok("GET", "/config/status")
    assert status["status"] == "restart_required"
    assert [(one["name"], one["value"]) for one in status["applied"]] == [("turns.max_steps", 3)]
    assert [(one["name"], one["value"]) for one in status["pending"]] == [("logs.keep_records", 500)]
    await api.ok("POST", "/config/reset")
    assert (await api.ok("GET", "/config/status"))["pending"] == []


def test_changes_outlive_the_server(tmp_path: Path) -> None:
    with JupyterServer(tmp_path) as server:
        server.api("PATCH", "/config", json={"values": {"turns.max_steps": 3, "local_model.threads": 1}})
        server.kill()
        server.start()
        config = server.api("GET", "/config")
        assert (config["values"]["turns.max_steps"], config["values"]["local_model.threads"]) == (3, 1)
        assert config["restart_required"] == []
        assert setting(config, "local_model.threads")["source"] == "user"
        assert server.api("GET", "/config/status")["status"] == "applied"


# Logs ----------------------------------------------------------------------------------------------------------------


async def logged(api: Any, **params: Any) -> list[Any]:
    items: list[Any] = (await api.ok("GET", "/logs", params=params))["items"]
    return items


async def test_logs_are_found_newest_first(api: Any) -> None:
    await api.ok("GET", "/info")
    for number in range(5):
        log.info("Number %d of Five", number, extra={"session_id": "sess_1", "turn_id": f"turn_{number}"})
    page = await api.ok("GET", "/logs", params={"q": "of five", "limit": 2, "offset": 1})
    assert [item["message"] for item in page["items"]] == ["Number 3 of Five", "Number 2 of Five"]
    assert (page["total"], page["limit"], page["offset"]) == (5, 2, 1)
    assert page["items"][0]["fields"] == {"session_id": "sess_1", "turn_id": "turn_3"}
    assert page["items"][0]["logger"] == "jupyter_agent.test"
    assert [item["message"] for item in await logged(api, turn_id="turn_1")] == ["Number 1 of Five"]
    assert len(await logged(api, session_id="sess_1")) == 5
    assert await logged(api, session_id="sess_2") == []


async def test_logs_by_level_logger_and_time(api: Any) -> None:
    await api.ok("GET", "/info")
    log.warning("careful")
    await asyncio.sleep(0.01)  # times are given in milliseconds
    log.error("broken")
    logging.getLogger("jupyter_agent.testing").error("another logger")
    levels = {item["level"] for item in await logged(api, level="error")}
    assert levels == {"error"}
    assert {item["message"] for item in await logged(api, logger="jupyter_agent.test")} == {"careful", "broken"}
    newest = (await logged(api, q="broken"))[0]
    assert "careful" not in {item["message"] for item in await logged(api, since=newest["time"])}
    assert "careful" in {item["message"] for item in await logged(api, since="1m")}
    assert await logged(api, since="2999-01-01T00:00:00Z") == []
    assert len(await logged(api, since="0001-01-01T00:00:00+14:00")) >= 3
    assert len(await logged(api, since="99999d")) >= 3


@pytest.mark.parametrize(
    "params",
    [
        {"level": "loud"},
        {"since": "yesterday"},
        {"since": "5x"},
        {"limit": 0},
        {"limit": 1001},
        {"offset": -1},
        {"logger": ""},
        {"nothing": "1"},
    ],
)
async def test_bad_log_queries_are_refused(api: Any, params: Any) -> None:
    answer = await api("GET", "/logs", params=params)
    assert answer.status == 422
    assert answer.json["error"]["details"]["errors"][0]["path"].startswith(f"query.{next(iter(params))}")


async def test_the_level_is_hot(api: Any) -> None:
    await api.ok("GET", "/info")
    log.debug("not yet")
    await api.ok("PATCH", "/config", json={"values": {"logs.level": "DEBUG"}})
    log.debug("but now")
    await api.ok("PATCH", "/config", json={"values": {"logs.level": "ERROR"}})
    log.warning("no more")
    assert [item["message"] for item in await logged(api, logger="jupyter_agent.test")] == ["but now"]


SECRETS = [
    "sk-proj-abcdefghijklmnop1234",
    "sk-ant-api03-abcdefghijklmnop",
    "AIzaSyA-abcdefghijklmnopqrstuv",
    "ghp_abcdefghijklmnopqrstuvwxyz012345",
]


@pytest.mark.parametrize("secret", SECRETS)
async def test_no_secret_gets_into_the_log(api: Any, secret: str, caplog: pytest.LogCaptureFixture) -> None:
    await api.ok("GET", "/info")
    log.info("key %s", secret)
    log.info({"key": secret})
    log.info("with extra", extra={"session_id": secret, "detail": {"a": [secret]}})
    try:
        raise ValueError(f"the provider did not like {secret}")
    except ValueError:
        log.exception("failed with %s", secret)
    log.info("wrong format %d", secret)
    everything = (await api("GET", "/logs")).content.decode()
    assert everything.count("***") >= 6
    assert secret not in everything
    assert secret not in caplog.text


@pytest.mark.parametrize(
    "line",
    [
        "Authorization: Bearer {}",
        "GET /agent/v1/info?token={}&x=1",
        "postgresql://me:{}@db/agent",
        'api_key="{}"',
        "{{'password': '{}'}}",
        '{{\\"client_secret\\": \\"{}\\"}}',
        "OPENAI_API_KEY={}",
    ],
)
async def test_what_stands_where_secrets_stand_is_taken_out(api: Any, line: str) -> None:
    await api.ok("GET", "/info")
    log.info(line.format("plainlooking1"))
    (item,) = await logged(api, logger="jupyter_agent.test")
    assert "plainlooking1" not in item["message"]
    assert "***" in item["message"]


async def test_known_secrets_are_taken_out_wherever_they_stand(api: Any) -> None:
    from jupyter_agent.api.redaction import redact, register

    await api.ok("GET", "/info")
    register('a very "own" secret/1')
    log.warning('said a very "own" secret/1, or a%20very%20%22own%22%20secret%2F1')
    (item,) = await logged(api, logger="jupyter_agent.test")
    assert item["message"] == "said ***, or ***"
    assert redact(json.dumps({"x": 'a very "own" secret/1'})) == '{"x": "***"}'


async def test_an_exception_is_an_id_without_its_traceback(api: Any) -> None:
    await api.ok("GET", "/info")
    try:
        raise ValueError("no luck")
    except ValueError:
        log.exception("It failed", extra={"turn_id": "turn_1"})
    (item,) = await logged(api, logger="jupyter_agent.test")
    assert item["message"] == "It failed"
    assert item["fields"]["error_type"] == "ValueError"
    assert item["fields"]["error"] == "no luck"
    assert item["fields"]["error_id"].startswith("err_")
    assert "Traceback" not in json.dumps(item)


async def test_the_log_is_followed_live_and_resumed(api: Any) -> None:
    await api.ok("GET", "/info")
    log.warning("before")
    async with api.stream("/logs/stream", params={"logger": "jupyter_agent.test"}) as stream:
        events = aiter(stream)
        log.warning("one")
        log.warning("two")
        first, second = [await asyncio.wait_for(anext(events), 5) for _ in range(2)]
    assert (first.type, first.data["message"], second.data["message"]) == ("log", "one", "two")
    assert first.id == first.data["id"] < second.id
    log.warning("three")
    params = {"logger": "jupyter_agent.test"}
    async with api.stream("/logs/stream", params=params, last_event_id=first.id) as stream:
        events = aiter(stream)
        resumed = [await asyncio.wait_for(anext(events), 5) for _ in range(2)]
        assert [event.data["message"] for event in resumed] == ["two", "three"]
    async with api.stream("/logs/stream", params={**params, "after": 0, "level": "warning"}) as stream:
        event = await asyncio.wait_for(anext(aiter(stream)), 5)
        assert event.data["message"] == "before"


@pytest.mark.settings(LogSettings={"keep_records": 100})
async def test_a_reader_that_was_away_too_long_is_told(api: Any) -> None:
    await api.ok("GET", "/info")
    log.warning("first")
    (first,) = await logged(api, logger="jupyter_agent.test")
    for number in range(150):
        log.warning("number %d", number)
    assert (await api.ok("GET", "/logs"))["total"] == 100
    async with api.stream("/logs/stream", last_event_id=first["id"]) as stream:
        events = aiter(stream)
        gap, oldest = [await asyncio.wait_for(anext(events), 5) for _ in range(2)]
    assert (gap.type, gap.data) == ("gap", {"missed": 50})
    assert oldest.data["message"] == "number 50"


async def test_a_bad_last_event_id_is_refused(api: Any) -> None:
    answer = await api("GET", "/logs/stream", headers={"Last-Event-ID": "abc"})
    assert (answer.status, answer.json["error"]["code"]) == (422, "invalid")
