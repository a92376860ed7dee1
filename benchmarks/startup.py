"""What the extension adds to the start of a bare `jupyter server`: seconds until it answers, and memory.

Real servers, with and without the extension by turns, no other extension in either. The time is from the start of the
process to the first answer of `GET /api`; the memory is the process's resident set just after that. One start of each
kind comes first and is not counted (it fills the file cache). Medians."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

import httpx
import psutil

from tests.servers import JupyterServer

from .table import Row

ROUNDS = 3
OTHERS = ("jupyterlab", "jupyter_lsp", "jupyter_server_terminals", "notebook_shim", "nbclassic", "notebook")


def start(directory: Path, extension: bool) -> tuple[float, float, float]:
    """Seconds until a new server answers, the processor's seconds of these, and its megabytes then."""
    extensions = {**dict.fromkeys(OTHERS, False), "jupyter_agent": extension}
    server = JupyterServer(directory, config={"ServerApp": {"jpserver_extensions": extensions}})
    client = httpx.Client(headers={"Authorization": f"token {server.token}"})
    begun = time.perf_counter()
    server.spawn()
    assert server.process is not None
    try:
        while True:
            try:
                if client.get(f"{server.url}api").status_code == 200:
                    break
            except httpx.TransportError:
                if server.process.poll() is not None or time.perf_counter() - begun > 60:
                    raise RuntimeError(f"the server did not start:\n{server.log()[-3000:]}") from None
            time.sleep(0.01)
        seconds = time.perf_counter() - begun
        process = psutil.Process(server.process.pid)
        times = process.cpu_times()
        measured = seconds, times.user + times.system, process.memory_info().rss / 1e6
        answers = client.get(f"{server.url}agent/v1/health").status_code == 200
        if answers is not extension:
            raise RuntimeError(f"with the extension: {extension}, but it answers: {answers}\n{server.log()[-3000:]}")
        return measured
    finally:
        client.close()
        server.stop()


def run() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        bare, ours = [], []
        for number in range(ROUNDS + 1):
            bare.append(start(Path(folder, f"bare{number}"), False))
            ours.append(start(Path(folder, f"ours{number}"), True))
    medians = [
        [statistics.median(one[column] for one in measured[1:]) for column in range(3)] for measured in (ours, bare)
    ]
    (seconds, cpu, memory), (bare_seconds, bare_cpu, bare_memory) = medians
    note = f"median of {ROUNDS}; processor's seconds: {cpu:.2f} and {bare_cpu:.2f}"
    return [
        Row("start of the server", seconds, "s", "bare server", bare_seconds, "difference", 0.4, note=note),
        Row("memory after the start", memory, "MB", "bare server", bare_memory, "difference", 20),
    ]
