"""The browsable API at `/agent/v1/docs`: Swagger UI over `/agent/v1/openapi.json`, with nothing fetched from elsewhere.

The page has no inline script, so that it works under a content security policy without `unsafe-inline` for scripts, and
only relative addresses, so that it works behind any base URL and proxy."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.abc import Traversable

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
"""Enough for the page. Swagger UI sets style attributes; nothing of it needs more."""

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Jupyter Agent API</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="docs/swagger-ui.css">
  </head>
  <body>
    <div id="api"></div>
    <noscript>This page takes JavaScript; its source is <a href="openapi.json">openapi.json</a>.</noscript>
    <script src="docs/swagger-ui-bundle.js"></script>
    <script src="docs/start.js"></script>
  </body>
</html>
"""

# Jupyter takes a write with cookie authentication only together with the token in its _xsrf cookie.
_START = """\
SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#api',
  deepLinking: true,
  validatorUrl: null,
  requestInterceptor: request => {
    const token = /(?:^|;\\s*)_xsrf=([^;]*)/.exec(document.cookie);
    if (token && new URL(request.url, location.href).origin === location.origin) {
      request.headers['X-XSRFToken'] = decodeURIComponent(token[1]);
    }
    return request;
  }
});
"""

_MISSING = """\
<!DOCTYPE html>
<html lang="en">
  <head><meta charset="utf-8"><title>Jupyter Agent API</title></head>
  <body>
    <h1>The browsable API is not in this installation</h1>
    <p>Its files come with the lab extension's build: run <code>npm install</code> and <code>npm run build</code> in
    <code>labextension/</code>, or <code>pip install</code> the project.</p>
    <p>The description itself is at <a href="openapi.json">openapi.json</a>.</p>
  </body>
</html>
"""

_BUILT = {"swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript"}


@dataclass(frozen=True)
class DocsFile:
    """A file of the page."""

    data: bytes
    media_type: str
    status: int = 200


def _built(name: str) -> Traversable:
    return files("jupyter_agent.api") / "static" / name


def docs_file(name: str = "") -> DocsFile | None:
    """What `/agent/v1/docs` (no name) and `/agent/v1/docs/{name}` answer; None where there is no such file.

    Without the built files the page is a 503 that says how to make them. Whoever serves the page touches the handler's
    `xsrf_token`, so that the cookie is there, and sends CONTENT_SECURITY_POLICY with it."""
    if name == "":
        if not all(_built(one).is_file() for one in _BUILT):
            return DocsFile(_MISSING.encode(), "text/html; charset=utf-8", 503)
        return DocsFile(_PAGE.encode(), "text/html; charset=utf-8")
    if name == "start.js":
        return DocsFile(_START.encode(), "text/javascript; charset=utf-8")
    if name in _BUILT and (file := _built(name)).is_file():
        return DocsFile(file.read_bytes(), f"{_BUILT[name]}; charset=utf-8")
    return None
