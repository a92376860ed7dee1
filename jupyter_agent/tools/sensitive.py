"""What looks like a secret, by its name: files that hold keys, variables that hold them."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

_FILES = (
    ".env",
    ".env.*",
    "*.env",
    "*.pem",
    "*.key",
    "*.p12",
    "*.pfx",
    "*.jks",
    "*.keystore",
    "*.kdbx",
    "*.gpg",
    "*.ppk",
    "id_rsa*",
    "id_dsa*",
    "id_ecdsa*",
    "id_ed25519*",
    "*.keytab",
    "credentials",
    "credentials.json",
    "credentials.csv",
    "credentials.ini",
    "*_credentials.json",
    "client_secret*.json",
    "service_account*.json",
    *(f"{name}.{kind}" for name in ("secret", "secrets") for kind in ("json", "yaml", "yml", "toml", "ini", "txt")),
    "*.tfvars",
    "*.tfstate",
    ".netrc",
    "_netrc",
    ".pgpass",
    ".pypirc",
    ".npmrc",
    ".git-credentials",
    ".htpasswd",
    "kubeconfig",
    "shadow",
    # Whoever reads a kernel's connection file can run code in it; the server's own has its token.
    "kernel-*.json",
    "jpserver-*.json",
    "nbserver-*.json",
    "jupyter_cookie_secret",
    "notebook_cookie_secret",
    "jupyter_server_config.json",
    "jupyter_server_config.py",
)
_HARMLESS = ("*.pub", ".env.example", ".env.sample", ".env.template")
_FOLDERS = frozenset({".ssh", ".aws", ".gnupg", ".kube", ".docker", ".azure", ".password-store"})
# The agent's own data: its database, keys and blobs.
_OWN = re.compile(r"(^|/)(share/jupyter|jupyter)/(runtime|jupyter_agent)(/|$)", re.IGNORECASE)
_VARIABLE = re.compile(
    r"(^|_)(API_?KEY|KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|PWD|CREDENTIALS?|PAT|COOKIE)S?(_|$)", re.IGNORECASE
)
# Names that the pattern means and that hold no secret.
_PLAIN_VARIABLES = frozenset({"PWD", "OLDPWD", "TOKENIZERS_PARALLELISM"})
_CREDENTIALS_IN_URL = re.compile(r"://[^/@\s]*:[^/@\s]+@")


def is_secret_file(path: str) -> bool:
    """Whether the name of a file, or a folder that it is in, says that it holds secrets."""
    parts = [part.lower() for part in PurePosixPath(path.replace("\\", "/")).parts]
    if not parts:
        return False
    if any(part in _FOLDERS for part in parts) or _OWN.search("/".join(parts)):
        return True
    name = parts[-1]
    return any(fnmatchcase(name, one) for one in _FILES) and not any(fnmatchcase(name, one) for one in _HARMLESS)


def is_secret_variable(name: str, value: str = "") -> bool:
    """Whether an environment variable's name, or an address with a password in its value, says that it is a secret."""
    if name.lower().endswith("_proxy"):
        return False  # nothing would reach the network without it
    if name in _PLAIN_VARIABLES:
        return False
    return bool(_VARIABLE.search(name) or _CREDENTIALS_IN_URL.search(value))
