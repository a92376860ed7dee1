"""A real Chromium on a real JupyterLab. Where there is no Chromium the tests say so and are skipped."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ..scripted_provider import ScriptedProvider
from ..servers import JupyterServer
from .panel import Panel
from .states import prepare

BUILT = Path(__file__).parents[2] / "jupyter_agent" / "labextension"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            # A busy machine makes a browser late; what is broken fails again.
            item.add_marker(pytest.mark.flaky(reruns=1))


def find_chromium(playwright: Any) -> str | None:
    """Path of a Chromium: the one that `CHROMIUM` names, the system's, or playwright's own; None without one."""
    named = os.environ.get("CHROMIUM")
    candidates = [named] if named else [*(shutil.which(name) for name in NAMES), playwright.chromium.executable_path]
    return next((path for path in candidates if path and Path(path).exists()), None)


# Of a module, not of the session: while playwright's loop runs, other tests cannot run theirs.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="NO BROWSER TEST RAN: playwright is not installed")
    # A turn's first answer loads what a server does not load at its start; on a busy machine that takes seconds.
    sync_api.expect.set_options(timeout=20_000)
    with sync_api.sync_playwright() as playwright:
        path = find_chromium(playwright)
        if path is None:
            pytest.skip("NO BROWSER TEST RAN: no Chromium found (install chromium, or set CHROMIUM to its path)")
        browser = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run"],
        )
        yield browser
        browser.close()


@pytest.fixture
def jp_asyncio_loop() -> None:
    """None in place of pytest-jupyter's: the servers here are processes, and playwright's loop runs in this thread."""


@pytest.fixture(autouse=True)
def jp_server_cleanup() -> None:
    """Nothing in place of pytest-jupyter's: no server runs in this process."""


def make_lab(directory: Path, app: str = "lab", **options: Any) -> JupyterServer:
    """A JupyterLab, or a Jupyter Notebook, that has this extension and asks no questions of its own."""
    from jupyter_core.paths import jupyter_path

    config = {"LabApp": {"expose_app_in_browser": True}, **options.pop("config", {})}
    server = JupyterServer(directory, app=app, config=config, **options)
    overrides = server.config_dir / "labconfig" / "default_setting_overrides.json"
    overrides.parent.mkdir(parents=True, exist_ok=True)
    overrides.write_text(json.dumps({"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}))
    if not any((Path(path) / "jupyterlab-agent").exists() for path in jupyter_path("labextensions")):
        assert (BUILT / "package.json").exists(), "the lab extension is not built: npm run build:prod in labextension/"
        (server.data / "labextensions").mkdir(parents=True, exist_ok=True)
        (server.data / "labextensions" / "jupyterlab-agent").symlink_to(BUILT, target_is_directory=True)
    return server


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """A running JupyterLab, shared by the tests of a module."""
    with make_lab(tmp_path_factory.mktemp("lab")) as server:
        yield server


@pytest.fixture(scope="module")
def provider() -> Iterator[ScriptedProvider]:
    with ScriptedProvider() as provider:
        yield provider


@pytest.fixture(scope="module")
def scripted(request: pytest.FixtureRequest, lab: JupyterServer, provider: ScriptedProvider) -> JupyterServer:
    """The lab with the scripted provider as its default, and of its models those in the module's `MODELS`, if any."""
    lab.use(provider, models=getattr(request.module, "MODELS", ()))
    return lab


@pytest.fixture
def gated(tmp_path: Path, provider: ScriptedProvider) -> Iterator[JupyterServer]:
    """A lab of a test's own, which may kill it; its model says one of 40 words a `provider.release()`."""
    provider.reset()
    with make_lab(tmp_path / "lab") as server:
        server.use(provider, model="gated-40")
        yield server


@pytest.fixture
def new_page(chromium: Any) -> Iterator[Any]:
    """Makes pages, each in a browser of its own. An error that this extension throws in one fails the test."""
    contexts = []
    errors: list[str] = []

    def note(error: Any) -> None:
        if "jupyterlab-agent" in (error.stack or ""):
            errors.append(error.stack)

    def new_page() -> Any:
        context = chromium.new_context(
            viewport={"width": 1280, "height": 800}, permissions=["clipboard-read", "clipboard-write"]
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", note)
        return page

    yield new_page
    for context in contexts:
        context.close()
    assert not errors, errors


@pytest.fixture(scope="module")
def staged(lab: JupyterServer, provider: ScriptedProvider) -> JupyterServer:
    """The lab with the scripted provider and the models that the states need."""
    prepare(lab, provider)
    return lab


@pytest.fixture
def open_panel(new_page: Any) -> Any:
    """Opens the panel of a server in a browser of its own: `open_panel(server, dark=True)`."""

    def open_panel(server: JupyterServer, *, path: str = "lab", shown: bool = True, **options: Any) -> Panel:
        panel = Panel(new_page(), server, **options)
        panel.open(path, shown=shown)
        return panel

    return open_panel


@pytest.fixture
def open_page(new_page: Any) -> Any:
    """Opens any page of a server, where the panel may not be open: `open_page(server, "lab/tree/a.ipynb")`."""

    def open_page(server: JupyterServer, path: str = "lab", query: str = "", init_script: str = "") -> Panel:
        panel = Panel(new_page(), server)
        if init_script:
            panel.page.add_init_script(init_script)
        panel.page.goto(f"{server.url}{path}?token={server.token}{query}")
        panel.page.wait_for_function("window.jupyterapp", timeout=60_000)
        panel.page.evaluate("window.jupyterapp.restored.then(() => null)")
        return panel

    return open_page
