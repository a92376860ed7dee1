"""Where providers' secrets are kept: in the operating system's keyring where there is one that works, else in a file
that only its owner can read. Everything here blocks; the service calls it from threads."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import stat
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from jupyter_agent.api.errors import ApiError
from jupyter_agent.providers.catalogue import Secrets

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

log = logging.getLogger(__name__)

T = TypeVar("T")

KEYRING_SERVICE = "jupyterlab-agent"
KEYRING_SECONDS = 10.0
"""A keyring that asks somebody who is not there would wait for ever."""
FILE_NAME = "provider-keys.json"

Place = Literal["keyring", "file"]
Entry = dict[str, object]


class KeyringFailed(Exception):
    """The keyring did not do it, or not in time."""


def _with_deadline(call: Callable[[], T]) -> T:
    """Runs `call` in a daemon thread, so that a keyring that hangs holds up neither us nor the server's end."""
    answer: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            answer.put((call(), None))
        except BaseException as error:
            answer.put((None, error))

    threading.Thread(target=run, name="keyring", daemon=True).start()
    try:
        value, error = answer.get(timeout=KEYRING_SECONDS)
    except queue.Empty:
        raise KeyringFailed(f"no answer for {KEYRING_SECONDS:.0f} s") from None
    if error is not None:
        # The type alone: what a backend says could hold what it was given.
        raise KeyringFailed(type(error).__name__) from None
    return value  # type: ignore[return-value]  # None only where T has it


class KeyStore:
    """One entry a provider: its key and the values of its headers."""

    def __init__(self, data_dir: str | os.PathLike[str], *, use_keyring: bool) -> None:
        self.file = Path(data_dir) / FILE_NAME
        self._use_keyring = use_keyring
        self._works: bool | None = None
        self._lock = threading.RLock()

    # Both places

    def get(self, provider_id: str) -> tuple[Secrets, Place | None]:
        """What is stored and where. Raises ApiError 503 where the keyring is there and does not answer."""
        with self._lock:
            entry = self._read_file().get(provider_id)
            if entry is not None:
                return _secrets(entry), "file"
            if not self._keyring_works():
                return Secrets(), None
            try:
                text = _with_deadline(lambda: _keyring().get_password(KEYRING_SERVICE, self._user(provider_id)))
            except KeyringFailed as error:
                raise self._unavailable(error) from None
        if text is None:
            return Secrets(), None
        return _secrets(json.loads(text)), "keyring"

    def set(self, provider_id: str, secrets: Secrets) -> Place | None:
        """Stores all of a provider's secrets in place of those it had, and says where; None where there are none."""
        if not secrets:
            self.delete(provider_id)
            return None
        entry: Entry = {"api_key": secrets.api_key, "headers": dict(secrets.headers)}
        with self._lock:
            if self._keyring_works():
                text = json.dumps(entry)
                try:
                    _with_deadline(lambda: _keyring().set_password(KEYRING_SERVICE, self._user(provider_id), text))
                except KeyringFailed as error:
                    # Windows, for one, takes 2.5 KB at most.
                    log.warning("the keyring did not take the key of %s (%s): it goes to a file", provider_id, error)
                else:
                    self._write_file({name: old for name, old in self._read_file().items() if name != provider_id})
                    return "keyring"
            self._write_file({**self._read_file(), provider_id: entry})
            return "file"

    def delete(self, provider_id: str) -> None:
        """Forgets a provider's secrets, in both places."""
        with self._lock:
            self._write_file({name: old for name, old in self._read_file().items() if name != provider_id})
            if not self._keyring_works():
                return

            def remove() -> None:
                import keyring.errors

                with contextlib.suppress(keyring.errors.PasswordDeleteError):
                    _keyring().delete_password(KEYRING_SERVICE, self._user(provider_id))

            try:
                _with_deadline(remove)
            except KeyringFailed as error:
                raise self._unavailable(error) from None

    @staticmethod
    def _unavailable(error: KeyringFailed) -> ApiError:
        return ApiError(
            503,
            "unavailable",
            f"The operating system's keyring does not answer ({error}). Unlock it, or set ProviderSettings.keyring to "
            "False to keep keys in a file.",
        )

    # Keyring

    def _user(self, provider_id: str) -> str:
        # Two data directories, two sets of keys.
        return f"{provider_id}@{self.file.parent}"

    def _keyring_works(self) -> bool:
        if self._works is None:
            self._works = self._use_keyring and self._probe()
        return self._works

    def _probe(self) -> bool:
        def probe() -> bool:
            import keyring.backends.fail
            import keyring.backends.null
            from keyring.backends.chainer import ChainerBackend

            backend = keyring.get_keyring()
            backends = list(backend.backends) if isinstance(backend, ChainerBackend) else [backend]
            # A priority below 1 is what keyring itself does not recommend: files in plain text and the like.
            if not any(
                not isinstance(one, (keyring.backends.fail.Keyring, keyring.backends.null.Keyring))
                and one.priority >= 1
                for one in backends
            ):
                return False
            user = self._user(".probe")
            backend.set_password(KEYRING_SERVICE, user, "works")
            works = backend.get_password(KEYRING_SERVICE, user) == "works"
            backend.delete_password(KEYRING_SERVICE, user)
            return works

        try:
            return _with_deadline(probe)
        except KeyringFailed as error:
            log.info("keys are kept in a file: the keyring does not work (%s)", error)
            return False

    # File

    def _read_file(self) -> dict[str, Entry]:
        try:
            with self.file.open(encoding="utf-8") as file:
                if os.name == "posix" and stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                    os.fchmod(file.fileno(), 0o600)
                content = json.load(file)
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise ApiError(
                503,
                "unavailable",
                f"The file of keys, {self.file}, cannot be read ({type(error).__name__}). Repair it or move it away.",
            ) from None
        entries = content.get("providers") if isinstance(content, dict) else None
        if not isinstance(entries, dict):
            raise ApiError(503, "unavailable", f"{self.file} is not a file of keys. Move it away.")
        return entries

    def _write_file(self, entries: dict[str, Entry]) -> None:
        """Replaces the file in one step: a reader sees the old one or the new one, and nobody else sees either."""
        if not entries and not self.file.exists():
            return
        if entries == self._read_file():
            return
        self.file.parent.mkdir(parents=True, exist_ok=True)
        # mkstemp makes it 0600 from the beginning.
        descriptor, name = tempfile.mkstemp(prefix=f".{FILE_NAME}-", dir=self.file.parent)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump({"providers": entries}, file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, self.file)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name)
            raise


def _keyring() -> KeyringBackend:
    import keyring

    return keyring.get_keyring()


def _secrets(entry: Entry) -> Secrets:
    key = entry.get("api_key")
    headers = entry.get("headers")
    return Secrets(
        api_key=key if isinstance(key, str) else None,
        headers={str(name): str(value) for name, value in headers.items()} if isinstance(headers, dict) else {},
    )
