"""The command `jupyter agent`.

Starts fast: what a subcommand needs is imported when it runs."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from jupyter_core.application import JupyterApp, NoStart
from traitlets import Bool, List, Unicode
from traitlets.config.application import catch_config_error

from jupyter_agent._version import __version__

if TYPE_CHECKING:
    from jupyter_agent.app import AgentApp
    from jupyter_agent.system.models import ReadinessItem

QUICKSTART = "01-quickstart.ipynb"
USAGE_ERROR = 2


def quickstart_notebook() -> Path | None:
    """Where the quickstart notebook is: in the installed package, or beside it in a checkout."""
    package = Path(__file__).parent
    for path in (package / "_notebooks" / QUICKSTART, package.parent / "notebooks" / QUICKSTART):
        if path.is_file():
            return path
    return None


def load_app() -> AgentApp:
    """The extension, configured as `jupyter server` would configure it, in a server that does not listen."""
    from jupyter_server.serverapp import ServerApp

    server = ServerApp(log_level="ERROR")
    server.jpserver_extensions = {"jupyter_agent": True}
    server.initialize(argv=[], find_extensions=False, new_httpserver=False)
    app: AgentApp
    (app,) = server.extension_manager.extension_apps["jupyter_agent"]
    return app


class Command(JupyterApp):
    """A subcommand. An argument that it does not know is an error; traitlets only warns of some."""

    version = __version__
    flags: dict[str, Any] = {}
    aliases: dict[str, Any] = {}

    @catch_config_error
    def initialize(self, argv: Any = None) -> None:
        known = {"-h", "--help", "--help-all", "--version", *(f"--{flag}" for flag in self.flags)}
        for argument in sys.argv[1:] if argv is None else argv:
            is_setting = re.match(r"--\w+\.\w+=", argument)
            if argument not in known and not is_setting:
                self.usage_error(f"unknown argument {argument!r}")
        super().initialize(argv)

    def usage_error(self, message: str) -> None:
        sys.stderr.write(f"jupyter agent {self.name.rsplit('-', 1)[-1]}: {message}; see --help\n")
        self.exit(USAGE_ERROR)


class LabCommand(Command):
    """Opens JupyterLab with the chat panel, on the quickstart notebook."""

    name = "jupyter-agent-lab"
    description = """Opens JupyterLab with the chat panel, on the quickstart notebook.

    The notebook is copied to the working folder where it is not there yet. Arguments that are not listed here go to
    JupyterLab: jupyter agent lab --port=9000"""
    examples = """
jupyter agent lab
jupyter agent lab --no-browser --port=9000
jupyter agent lab --no-model     # do not fetch the embedded model's weights
"""
    flags = {
        "no-model": ({"LabCommand": {"model": False}}, "Do not make sure that the embedded model's weights are here."),
    }

    model = Bool(True, help="Whether to make sure that the embedded model's weights are here.").tag(config=True)
    passed_on = List(Unicode())

    @catch_config_error
    def initialize(self, argv: Any = None) -> None:
        """Takes its own arguments out; the others are JupyterLab's."""
        given = list(sys.argv[1:] if argv is None else argv)
        end = given.index("--") if "--" in given else len(given)
        mine = {"--no-model", "--help", "-h", "--help-all", "--version"}
        super().initialize([argument for argument in given[:end] if argument in mine])
        self.passed_on = [argument for argument in given[:end] if argument not in mine] + given[end + 1 :]

    def start(self) -> None:
        folder = self._folder()
        notebook = place_quickstart(folder)
        if self.model:
            ensure_weights()
        arguments = lab_arguments(self.passed_on, notebook)
        command = [sys.executable, "-m", "jupyterlab", *arguments]
        sys.stdout.flush()
        if os.name == "posix":
            os.execv(command[0], command)  # noqa: S606
        import subprocess

        raise SystemExit(subprocess.call(command))

    def _folder(self) -> Path:
        """The root folder that JupyterLab will have."""
        for argument in reversed(self.passed_on):
            name, _, value = argument.partition("=")
            if name in ("--notebook-dir", "--ServerApp.root_dir", "--ServerApp.notebook_dir") and value:
                return Path(value).expanduser()
        return Path.cwd()


def place_quickstart(folder: Path) -> str | None:
    """Copies the quickstart notebook into the folder, never over a file; its name, None where there is none."""
    source = quickstart_notebook()
    target = folder / QUICKSTART
    if source is None or target.exists():
        return QUICKSTART if target.is_file() else None
    try:
        with target.open("xb") as file:
            file.write(source.read_bytes())
    except OSError as error:
        sys.stderr.write(f"The quickstart notebook could not be copied: {error}\n")
        return None
    print(f"Copied the quickstart notebook to {target}")
    return QUICKSTART


def lab_arguments(passed_on: Sequence[str], notebook: str | None) -> list[str]:
    """JupyterLab's arguments: those passed on, and those that make it open where we want and as it can."""
    arguments = list(passed_on)
    names = {argument.partition("=")[0] for argument in arguments}
    if not names & {"--ServerApp.default_url", "--LabApp.default_url"}:
        # The panel is not opened by a query in this address: Jupyter prints it with its token as a second "?".
        arguments.append(f"--LabApp.default_url={f'/lab/tree/{quote(notebook)}' if notebook else '/lab'}")
    if "--LabApp.news_url" not in names:
        # Its question whether to fetch Jupyter's news would stand over the panel, and the quick start needs no network.
        arguments.append("--LabApp.news_url=None")
    if "--AgentApp.open_panel" not in names:
        arguments.append("--AgentApp.open_panel=True")
    if hasattr(os, "geteuid") and os.geteuid() == 0 and not names & {"--allow-root", "--ServerApp.allow_root"}:
        arguments.append("--allow-root")
    if not has_display() and not names & {"--no-browser", "--ServerApp.open_browser", "--LabApp.open_browser"}:
        arguments.append("--no-browser")
    return arguments


def has_display() -> bool:
    """Whether a browser can open a window here."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))


def ensure_weights() -> None:
    """Fetches the embedded model's weights where they are missing and wanted. A failure is said and is no end: another
    provider may be there."""
    from jupyter_agent.providers import weights

    app = load_app()
    settings = app.sections.local_model
    if not settings.enabled or settings.model_path or weights.locate(settings, app.storage_dir):
        return
    try:
        weights.pull(app.storage_dir, progress=print)
    except weights.WeightsError as error:
        sys.stderr.write(f"{error}\nGoing on without the embedded model; `jupyter agent model` tries again.\n")


class DoctorCommand(Command):
    """Says what is ready and what is missing."""

    name = "jupyter-agent-doctor"
    description = """Says what a first turn needs, what of it is there, and what to do about the rest.

    Needs no running server and no network. The exit code is 1 where something is broken."""
    examples = """
jupyter agent doctor
jupyter agent doctor --json
"""
    flags = {"json": ({"DoctorCommand": {"as_json": True}}, "Print the list as JSON.")}

    as_json = Bool(False, help="Whether the list is printed as JSON.").tag(config=True)

    def start(self) -> None:
        import asyncio

        from jupyter_agent.system.readiness import examine

        items = asyncio.run(examine(load_app()))
        if self.as_json:
            print(json.dumps({"version": __version__, "readiness": [item.model_dump() for item in items]}, indent=2))
        else:
            print("\n".join(readiness_lines(items, colour=sys.stdout.isatty() and "NO_COLOR" not in os.environ)))
        raise SystemExit(1 if any(item.status == "error" for item in items) else 0)


COLOURS = {"ok": "\x1b[32m", "warning": "\x1b[33m", "error": "\x1b[31m"}
PLAIN = "\x1b[0m"


def readiness_lines(items: Sequence[ReadinessItem], *, colour: bool) -> list[str]:
    """The readiness list as a table for a terminal."""
    state_width = max(len(item.status) for item in items)
    title_width = max(len(item.title) for item in items)
    lines = []
    for item in items:
        state = item.status.ljust(state_width)
        if colour:
            state = f"{COLOURS[item.status]}{state}{PLAIN}"
        lines.append(f"{state}  {item.title.ljust(title_width)}  {item.detail}")
        if item.next_action:
            lines.append(f"{' ' * (state_width + title_width + 4)}-> {item.next_action}")
    return lines


class ModelCommand(Command):
    """Fetches the embedded model's weights."""

    name = "jupyter-agent-model"
    description = """Fetches the weights of the embedded model (about 90 MB), once.

    Does nothing where they are here already."""
    examples = """
jupyter agent model
jupyter agent model --path       # where they are; exit code 1 where they are not here
"""
    flags = {"path": ({"ModelCommand": {"path": True}}, "Print where the weights are, and fetch nothing.")}

    path = Bool(False, help="Whether to print where the weights are, and fetch nothing.").tag(config=True)

    def start(self) -> None:
        from jupyter_agent.providers import weights

        app = load_app()
        found = weights.locate(app.sections.local_model, app.storage_dir)
        if self.path:
            if found is None:
                sys.stderr.write("The weights are not here. Run: jupyter agent model\n")
                raise SystemExit(1)
            print(found)
            return
        if found is not None:
            print(f"The model is already there: {found}")
            return
        try:
            weights.pull(app.storage_dir, progress=print)
        except weights.WeightsError as error:
            sys.stderr.write(f"{error}\n")
            raise SystemExit(1) from None


class AgentCommand(JupyterApp):
    """`jupyter agent`."""

    name = "jupyter-agent"
    version = __version__
    description = """Agents in Jupyter: chat in JupyterLab and in notebooks, with an embedded model or your own."""
    examples = """
jupyter agent lab       # JupyterLab with the chat panel
jupyter agent doctor    # what is ready, what is missing
jupyter agent model     # fetch the embedded model
"""
    flags: dict[str, Any] = {}
    aliases: dict[str, Any] = {}
    subcommands = {
        "lab": (LabCommand, "Open JupyterLab with the chat panel, on the quickstart notebook."),
        "doctor": (DoctorCommand, "Say what is ready and what is missing."),
        "model": (ModelCommand, "Fetch the embedded model's weights."),
    }

    def start(self) -> None:
        if self.subapp is not None:
            self.subapp.start()
            raise NoStart
        self.print_help()


def main(argv: Sequence[str] | None = None) -> int:
    """The entry point; returns the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments and not arguments[0].startswith("-") and arguments[0] not in AgentCommand.subcommands:
        sys.stderr.write(f"jupyter agent: there is no subcommand {arguments[0]!r}\n\n")
        sys.stderr.write("\n".join(AgentCommand().emit_help()) + "\n")
        return USAGE_ERROR
    AgentCommand.launch_instance(arguments)
    return 0
