"""What machine this is, and what it is doing. All of it blocks for a moment: call it in a thread."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from jupyter_agent.api.identity import system_user
from jupyter_agent.system.models import DiskMetrics, NetworkMetrics, SystemInfo, SystemMetrics

CPU_SECONDS = 0.1
"""How long the CPUs are watched for a percentage."""


def is_root() -> bool:
    """Whether this process may do everything. False on Windows, where there is no such user."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _os_name() -> str:
    if sys.platform == "linux":
        try:
            return platform.freedesktop_os_release().get("PRETTY_NAME", "Linux")
        except OSError:
            return "Linux"
    if sys.platform == "darwin":
        return f"macOS {platform.mac_ver()[0]}"
    return f"{platform.system()} {platform.version()}"


def _shell() -> str | None:
    if sys.platform == "win32":
        return os.environ.get("COMSPEC")
    if shell := os.environ.get("SHELL"):
        return shell
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_shell or None
    except KeyError:
        return None


def _container() -> bool:
    return (
        any(Path(mark).exists() for mark in ("/.dockerenv", "/run/.containerenv"))
        or "KUBERNETES_SERVICE_HOST" in os.environ
    )


def _cpus() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def system_info() -> SystemInfo:
    """The machine and its system."""
    import psutil

    release = platform.release()
    return SystemInfo(
        os=platform.system(),
        os_name=_os_name(),
        os_release=release,
        arch=platform.machine(),
        hostname=platform.node(),
        wsl="microsoft" in release.lower(),
        container=_container(),
        python=platform.python_version(),
        python_path=sys.executable,
        shell=_shell(),
        user=system_user(),
        root=is_root(),
        sudo=bool(shutil.which("sudo") or shutil.which("doas")),
        cpus=_cpus(),
        memory_bytes=psutil.virtual_memory().total,
        timezone=datetime.now().astimezone().tzname() or "UTC",
    )


def memory_bytes() -> int:
    """Resident memory of this process."""
    import psutil

    return int(psutil.Process().memory_info().rss)


def uptime_seconds() -> float:
    """Since this process was started."""
    import psutil

    return max(0.0, time.time() - psutil.Process().create_time())


def metrics(folders: list[Path]) -> SystemMetrics:
    """What is used now; `folders` name the disks."""
    import psutil

    process = psutil.Process()
    process.cpu_percent()  # the first call starts the measurement
    cpus = psutil.cpu_percent(interval=CPU_SECONDS, percpu=True)
    memory, swap = psutil.virtual_memory(), psutil.swap_memory()
    try:
        counters = psutil.net_io_counters()
    except OSError:
        counters = None
    disks = {}
    for folder in folders:
        if folder.exists():
            usage = shutil.disk_usage(folder)
            disks[folder.stat().st_dev] = DiskMetrics(
                path=str(folder),
                total_bytes=usage.total,
                used_bytes=usage.used,
                free_bytes=usage.free,
                percent=round(100 * usage.used / usage.total, 1) if usage.total else 0.0,
            )
    return SystemMetrics(
        time=datetime.now(UTC),
        cpu_percent=round(sum(cpus) / len(cpus), 1) if cpus else 0.0,
        cpu_percents=cpus,
        load_average=[round(load, 2) for load in os.getloadavg()] if hasattr(os, "getloadavg") else [],
        memory_total_bytes=memory.total,
        memory_used_bytes=memory.used,
        memory_available_bytes=memory.available,
        memory_percent=memory.percent,
        swap_total_bytes=swap.total,
        swap_used_bytes=swap.used,
        disks=list(disks.values()),
        network=NetworkMetrics(sent_bytes=counters.bytes_sent, received_bytes=counters.bytes_recv)
        if counters
        else None,
        process_memory_bytes=process.memory_info().rss,
        process_cpu_percent=process.cpu_percent(),
        process_threads=process.num_threads(),
        process_uptime_seconds=uptime_seconds(),
    )
