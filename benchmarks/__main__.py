"""python -m benchmarks [--only NAME]... [--json FILE]: one table of all benchmarks on stdout, progress on stderr."""

from __future__ import annotations

import argparse
import datetime
import importlib
import json
import os
import platform
import sys
import time
from pathlib import Path

from .table import Row, render

NAMES = [
    "startup",
    "first_token",
    "chunk",
    "streams",
    "history",
    "search",
    "statistics",
    "resume",
    "tools",
    "notebook",
    "approvals",
    "panel",
]


def machine() -> dict[str, object]:
    """What the numbers were measured on."""
    return {
        "cores": os.cpu_count(),
        "load": [round(one, 2) for one in os.getloadavg()] if hasattr(os, "getloadavg") else None,
        "platform": platform.platform(),
        "python": platform.python_version(),
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=NAMES, help="run this one; can be given several times")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers here, too")
    parser.add_argument("--strict", action="store_true", help="end with exit code 1 where an aim is not met")
    options = parser.parse_args()
    before = machine()
    rows: list[Row] = []
    for name in [one for one in NAMES if one in (options.only or NAMES)]:
        begun = time.monotonic()
        rows += importlib.import_module(f"benchmarks.{name}").run()
        print(f"{name}: {time.monotonic() - begun:.0f} s", file=sys.stderr)
    print(render(rows))
    print(f"\n{before['cores']} cores, load before the run {before['load']}, Python {before['python']}")
    if options.json is not None:
        result = {"machine": before, "rows": [row.as_json() for row in rows]}
        options.json.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    return 1 if options.strict and not all(row.met for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
