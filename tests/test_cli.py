"""The command `jupyter agent`, run as a user runs it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from jupyter_agent import __version__
from jupyter_agent.cli import QUICKSTART, lab_arguments, quickstart_notebook

from .servers import free_port


class Home:
    """A user's home, and the command in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.work = folder / "work"
        self.config = folder / "config"
        for path in (self.work, self.config):
            path.mkdir()
        kept = {"PATH", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH"}
        self.env = {
            **{name: value for name, value in os.environ.items() if name in kept},
            "HOME": str(folder),
            "JUPYTER_CONFIG_DIR": str(self.config),
            "JUPYTER_DATA_DIR": str(folder / "data"),
            "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
            "PIP_INDEX_URL": "http://127.0.0.1:9/",  # nobody is there: nothing is downloaded by a test
            "PIP_RETRIES": "0",
        }

    def configure(self, **sections: Any) -> None:
        (self.config / "jupyter_server_config.json").write_text(json.dumps(sections))

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "jupyter_agent", *arguments]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments),
            cwd=self.work,
            env=self.env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_the_version(home: Home) -> None:
    done = home.run("--version")
    assert (done.returncode, done.stdout.strip()) == (0, __version__)


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"]])
def test_help_names_the_subcommands(home: Home, arguments: list[str]) -> None:
    done = home.run(*arguments)
    assert done.returncode == 0
    for name in ("lab", "doctor", "model"):
        assert re.search(rf"^{name}$", done.stdout, re.MULTILINE)
    assert done.stderr == ""


def test_help_imports_nothing_slow(home: Home) -> None:
    code = (
        "import sys; from jupyter_agent.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "slow = {'tornado', 'jupyter_server', 'jupyterlab', 'pydantic', 'pydantic_ai', 'sqlalchemy'}\n"
        "slow &= set(sys.modules)\n"
        "sys.exit(f'imported {slow}' if slow else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], env=home.env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", ["lab", "doctor", "model"])
def test_each_subcommand_explains_itself(home: Home, name: str) -> None:
    done = home.run(name, "--help")
    assert done.returncode == 0
    assert f"jupyter agent {name}" in done.stdout


def test_an_unknown_subcommand_is_an_error(home: Home) -> None:
    done = home.run("brew")
    assert done.returncode == 2
    assert "'brew'" in done.stderr
    assert "doctor" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("arguments", [["doctor", "now"], ["doctor", "--loud"], ["model", "--loud=1"]])
def test_an_unknown_argument_is_an_error(home: Home, arguments: list[str]) -> None:
    done = home.run(*arguments)
    assert done.returncode == 2
    assert done.stderr


def test_doctor_says_what_is_missing_and_what_to_do(home: Home) -> None:
    home.configure(LocalModelSettings={"model_path": "/nowhere/model.gguf"}, ProviderSettings={"keyring": False})
    done = home.run("doctor", "--json")
    items = {item["id"]: item for item in json.loads(done.stdout)["readiness"]}
    assert items["storage"]["status"] == "ok"
    assert items["embedded_model"]["status"] == "warning"
    assert "/nowhere/model.gguf" in items["embedded_model"]["detail"]
    assert items["embedded_model"]["next_action"]
    broken = any(item["status"] == "error" for item in items.values())
    assert done.returncode == (1 if broken else 0)


def test_doctor_prints_a_table_without_colours_into_a_pipe(home: Home) -> None:
    done = home.run("doctor")
    assert "\x1b" not in done.stdout
    titles = ("Storage", "Disk space", "Embedded model", "Model provider", "Python kernel", "JupyterLab extension")
    for title in titles:
        assert re.search(rf"^(ok|warning|error)\s+{title}\s+\S", done.stdout, re.MULTILINE)
    assert ("-> " in done.stdout) == bool(re.search(r"^(warning|error)\s", done.stdout, re.MULTILINE))


def test_doctor_fails_where_the_storage_is_broken(home: Home) -> None:
    home.configure(AgentApp={"database_url": "postgresql://me:pass4word@127.0.0.1:9/none"})
    done = home.run("doctor")
    assert done.returncode == 1
    assert re.search(r"^error\s+Storage", done.stdout, re.MULTILINE)
    assert "pass4word" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_model_says_where_the_weights_are(home: Home) -> None:
    weights = home.folder / "tiny.gguf"
    home.configure(LocalModelSettings={"model_path": str(weights)})
    missing = home.run("model", "--path")
    assert (missing.returncode, missing.stdout) == (1, "")
    assert "jupyter agent model" in missing.stderr
    weights.write_bytes(b"GGUF")
    there = home.run("model", "--path")
    assert (there.returncode, there.stdout.strip()) == (0, str(weights))


# jupyter agent lab ---------------------------------------------------------------------------------------------------


def test_the_quickstart_notebook_is_found() -> None:
    found = quickstart_notebook()
    assert found is not None
    assert json.loads(found.read_text("utf-8"))["nbformat"] == 4


def test_arguments_for_jupyterlab(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    panel = ["--LabApp.news_url=None", "--AgentApp.open_panel=True"]
    opened = ["--LabApp.default_url=/lab/tree/a%20b.ipynb", *panel]
    assert lab_arguments(["--port=9"], "a b.ipynb") == ["--port=9", *opened, "--no-browser"]
    monkeypatch.setenv("DISPLAY", ":0")
    assert lab_arguments([], "a b.ipynb") == opened
    assert lab_arguments([], None)[0] == "--LabApp.default_url=/lab"
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    assert lab_arguments([], "a b.ipynb") == [*opened, "--allow-root"]
    mine = ["--ServerApp.default_url=/x", "--allow-root", "--AgentApp.open_panel=False", "--LabApp.news_url=x"]
    assert lab_arguments(mine, "a.ipynb") == mine


@contextlib.contextmanager
def lab(home: Home, *arguments: str) -> Iterator[httpx.Client]:
    # In a checkout that is only on the path the installation has enabled nothing.
    home.configure(ServerApp={"jpserver_extensions": {"jupyter_agent": True}})
    port = free_port()
    log = (home.folder / "lab.log").open("w")
    process = subprocess.Popen(
        home.command(
            "lab", f"--port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token=secret", *arguments
        ),
        cwd=home.work,
        env=home.env,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"Authorization": "token secret"}) as client:
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline and process.poll() is None:
                with contextlib.suppress(httpx.TransportError):
                    client.get("/api")
                    break
                time.sleep(0.1)
            else:
                raise AssertionError((home.folder / "lab.log").read_text())
            yield client
    finally:
        process.terminate()
        process.wait(30)
        log.close()


@pytest.mark.slow
def test_lab_opens_the_quickstart_with_the_panel(home: Home) -> None:
    with lab(home, "--no-model") as client:
        copied = json.loads((home.work / QUICKSTART).read_text("utf-8"))
        assert copied["nbformat"] == 4
        answer = client.get("/")
        assert (answer.status_code, answer.headers["Location"].rstrip("?")) == (302, f"/lab/tree/{QUICKSTART}")
        page = client.get(f"/lab/tree/{QUICKSTART}")
        assert page.status_code == 200
        assert '"agentPanel": "open"' in page.text
        assert client.get("/agent/v1/health").json()["status"] == "ok"
    # The address that is printed works as it is: nothing but the token after the "?".
    assert f"/lab/tree/{QUICKSTART}?token=" in (home.folder / "lab.log").read_text()


@pytest.mark.slow
def test_lab_never_writes_over_a_notebook_and_goes_on_without_weights(home: Home) -> None:
    mine = home.work / QUICKSTART
    mine.write_text('{"nbformat": 4, "mine": true}')
    with lab(home) as client:
        assert client.get("/agent/v1/health").status_code == 200
    assert mine.read_text() == '{"nbformat": 4, "mine": true}'
