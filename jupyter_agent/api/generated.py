"""Files of the repository that are made from the code, and the check that they are up to date."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path


def run(module: str, render: Callable[[], str], default: Path, arguments: Sequence[str] | None = None) -> int:
    """`python -m <module> [--check] [FILE]`: writes the file, or with --check says whether it is up to date.

    Gives the exit code: 1 where the check found an old file or none."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}")
    parser.add_argument("file", nargs="?", type=Path, default=default)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where the file is not up to date")
    options = parser.parse_args(arguments)
    file: Path = options.file
    text = render()
    if not options.check:
        file.write_text(text, encoding="utf-8")
    elif not file.is_file() or file.read_text(encoding="utf-8") != text:
        sys.stderr.write(f"{file} is not up to date: run `python -m {module}`.\n")
        return 1
    return 0
