"""The scripted provider of the tests in a process of its own, so that its work is not counted as anybody's.

Two more models: `tools-at-once-N` makes N calls of the tool that the user's text names in one step ("$n" in the
arguments becomes the call's number), and then says that it is done. `stamped-NxM` says N chunks, one every M
milliseconds by the clock, each with its number and the moment it was sent: "17@1234.567890 ". The moments are of the
monotonic clock, which is the whole machine's."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

from tests.scripted_provider import KEY, Call, Say, ScriptedProvider, Step, Wait, behaviour, wanted_call
from tests.scripted_wire import Asked

CHECKOUT = Path(__file__).parent.parent


@behaviour(r"stamped-(\d+)x(\d+)")
async def _stamped(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
    start, period = time.monotonic(), int(match[2]) / 1000
    for number in range(int(match[1])):
        yield Wait(max(0.0, start + (number + 1) * period - time.monotonic()))
        yield Say(f"{number}@{time.monotonic():.6f} ")


@behaviour(r"tools-at-once-(\d+)")
async def _tools_at_once(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
    if asked.results:
        yield Say("Done.")
        return
    call = wanted_call(asked)
    for number in range(int(match[1])):
        yield Call(call.name, json.loads(json.dumps(call.args).replace("$n", str(number))))


def stamps(text: str) -> list[tuple[int, float]]:
    """Numbers and moments of the chunks in a text of `stamped-NxM`."""
    return [(int(number), float(moment)) for number, moment in re.findall(r"(\d+)@(\d+\.\d{6}) ", text)]


class ProviderProcess:
    """with ProviderProcess() as provider: provider.openai_url"""

    key = KEY

    def __enter__(self) -> ProviderProcess:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.provider"],
            cwd=CHECKOUT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the provider did not start (exit code {self._process.wait(10)})")
        urls = json.loads(line)
        self.openai_url: str = urls["openai"]
        self.anthropic_url: str = urls["anthropic"]
        return self

    def __exit__(self, *exc: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()  # its end
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)


def main() -> None:
    with ScriptedProvider() as provider:
        print(json.dumps({"openai": provider.openai_url, "anthropic": provider.anthropic_url}), flush=True)
        sys.stdin.read()  # until whoever started it is done, or dead


if __name__ == "__main__":
    main()
