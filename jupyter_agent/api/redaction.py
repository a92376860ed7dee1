"""Takes secrets out of text before anybody reads it: logs, errors, what providers said.

Two ways together: the forms that keys have (`sk-...`, `Bearer ...`, `password=...`), and every secret that was made
known with `register`. Imports nothing of the server."""

from __future__ import annotations

import json
import re
import threading
from urllib.parse import quote, quote_plus

MASK = "***"

_SHORTEST = 6
"""Shorter secrets are not looked for: taking out every "abc" would make logs unreadable."""

_NAMES = (
    r"api[_-]?keys?|apikey|access[_-]?key(?:[_-]?id)?|secret[_-]?(?:access[_-]?)?key|private[_-]?key|"
    r"(?:access|refresh|auth|id|session|bearer)?[_-]?token|password|passwd|passphrase|client[_-]?secret|secret|"
    r"authorization|x-goog-api-key"
)

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL),
        MASK,
    ),
    # user:password@ in a URL, such as a database's.
    (re.compile(r"(\b[a-z][a-z0-9+.-]{1,30}://[^\s:/@'\"]{0,256}:)[^\s/@'\"]+(@)", re.IGNORECASE), rf"\1{MASK}\2"),
    (re.compile(r"\b(Bearer|Basic|Token)(\s+)[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE), rf"\1\2{MASK}"),
    # Keys that are known by their beginning.
    (
        re.compile(
            r"(?<![A-Za-z0-9])(?:sk|pk|rk)[-_][A-Za-z0-9_-]{12,}"
            r"|(?<![A-Za-z0-9])AIza[A-Za-z0-9_-]{16,}"
            r"|(?<![A-Za-z0-9])(?:gh[pousr]|github_pat|glpat|hf|gsk|xai|r8|tgp|pplx|nvapi)[-_][A-Za-z0-9_-]{12,}"
            r"|(?<![A-Za-z0-9])xox[abeoprs]-[A-Za-z0-9-]{10,}"
            r"|(?<![A-Za-z0-9])A(?:KIA|SIA)[A-Z0-9]{12,}"
            r"|(?<![A-Za-z0-9])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"
        ),
        MASK,
    ),
    # name = value, with or without quotes, also escaped ones: JSON inside JSON.
    (
        re.compile(
            rf"((?<![A-Za-z0-9])(?:{_NAMES})\\?[\"']?\s*[:=]\s*)"
            r"(?:(\\?\"|\\?')(?:(?!\2).)*\2|(?!\*\*\*)[^\s\"'&,;)}\]\\]+)",
            re.IGNORECASE,
        ),
        rf"\1\2{MASK}\2",
    ),
    # "key" is an everyday word: a secret only as a query parameter.
    (re.compile(r"([?&](?:key|sig|signature|code)=)[^\s\"'&#]+", re.IGNORECASE), rf"\1{MASK}"),
)


class Redactor:
    """Knows secrets and takes them out of text. Safe from any thread."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._known: re.Pattern[str] | None = None
        self._lock = threading.Lock()

    def register(self, secret: str) -> None:
        """From now on `secret` never passes, as it is or quoted for a URL or JSON. Short ones are ignored."""
        secret = secret.strip()
        if len(secret) < _SHORTEST or set(secret) == {"*"}:
            return
        forms = {secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1], repr(secret)[1:-1]}
        with self._lock:
            if forms <= self._secrets:
                return
            self._secrets |= forms
            longest_first = sorted(self._secrets, key=len, reverse=True)
            self._known = re.compile("|".join(re.escape(form) for form in longest_first))

    def redact(self, text: str) -> str:
        """The text with every secret replaced by `***`."""
        if self._known is not None:
            text = self._known.sub(MASK, text)
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        return text


_NAME = re.compile(rf"(?:^|[^A-Za-z0-9])(?:{_NAMES})$", re.IGNORECASE)


def is_secret_name(name: str) -> bool:
    """Whether a field of this name holds a secret: `api_key`, `OPENAI_API_KEY`, `password` ..."""
    return _NAME.search(name) is not None


_redactor = Redactor()
register = _redactor.register
redact = _redactor.redact
