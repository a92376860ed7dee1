"""OpenAPI 3.1, made from the route table. `python -m jupyter_agent.api.openapi [--check] [FILE]` writes it."""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from jupyter_agent._version import __version__
from jupyter_agent.api import generated
from jupyter_agent.api.errors import STATUS_CODES
from jupyter_agent.api.models import ErrorEnvelope
from jupyter_agent.api.router import IDEMPOTENCY_KEY, Download, EventStream, Operation
from jupyter_agent.api.table import operations

DEFAULT_FILE = Path(__file__).parents[2] / "docs" / "openapi.json"

REASONS = {
    400: "The request cannot be read.",
    401: "Nobody is authenticated.",
    403: "The caller may not do this.",
    404: "There is no such thing, or it is somebody else's.",
    409: "It does not fit how things stand.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    422: "A field or parameter is wrong; `details.errors` names each with its path.",
    429: "Too many requests; Retry-After says when to come back.",
    500: "Something went wrong in the server; `details.error_id` is in its log.",
    503: "The server cannot do this now.",
}

RATE_HEADERS = {
    "X-RateLimit-Limit": {"description": "Requests a second of this group.", "schema": {"type": "integer"}},
    "X-RateLimit-Remaining": {"description": "Requests left.", "schema": {"type": "integer"}},
    "X-RateLimit-Reset": {"description": "Seconds until all are there again.", "schema": {"type": "integer"}},
}


def document() -> dict[str, Any]:
    """The OpenAPI document of the whole API."""
    shown = [operation for operation in operations() if not operation.hidden]
    inputs: list[tuple[Any, Any, TypeAdapter[Any]]] = [("error", "serialization", TypeAdapter(ErrorEnvelope))]
    for operation in shown:
        if operation.body_adapter is not None:
            inputs.append((operation.id, "validation", operation.body_adapter))
        if operation.response_adapter is not None:
            inputs.append((operation.id, "serialization", operation.response_adapter))
    schemas, definitions = TypeAdapter.json_schemas(inputs, ref_template="#/components/schemas/{model}")
    paths: dict[str, dict[str, Any]] = {}
    for operation in shown:
        body = schemas.get((operation.id, "validation"))
        answer = schemas.get((operation.id, "serialization"))
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(
            operation, body, answer, definitions
        )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Jupyter Agent",
            "version": __version__,
            "description": "Agents inside Jupyter: sessions, turns that outlive their connection, model providers. "
            "Authentication is the Jupyter server's own.",
            "license": {"name": "BSD-3-Clause", "identifier": "BSD-3-Clause"},
        },
        # Relative to where the document is served from, so that it holds behind any base URL.
        "servers": [{"url": "."}],
        "security": [{"token": []}, {"cookie": []}],
        "tags": [{"name": room} for room in dict.fromkeys(operation.room for operation in shown)],
        "paths": paths,
        "components": {
            "schemas": definitions.get("$defs", {}),
            "responses": {
                _response_name(status): {
                    "description": reason,
                    "headers": {
                        **RATE_HEADERS,
                        **({"Retry-After": {"schema": {"type": "integer"}}} if status == 429 else {}),
                    },
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorEnvelope"}}},
                }
                for status, reason in REASONS.items()
            },
            "securitySchemes": {
                "token": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "`token <the Jupyter server's token>`",
                },
                "cookie": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "_xsrf",
                    "description": "A browser that is logged in; writes also send X-XSRFToken.",
                },
            },
        },
    }


def _response_name(status: int) -> str:
    return "".join(word.title() for word in STATUS_CODES[status].split("_"))


def _parameters(operation: Operation, definitions: dict[str, Any]) -> list[dict[str, Any]]:
    parameters: list[dict[str, Any]] = []
    for place, model in (("path", operation.path_model), ("query", operation.query_model)):
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        definitions.setdefault("$defs", {}).update(schema.get("$defs", {}))
        for name, one in schema.get("properties", {}).items():
            one.pop("title", None)
            description = one.pop("description", None)
            if one.get("default", ...) is None:
                # Nobody can send null in a URL: None is what a parameter is that was left out.
                one.pop("default")
                kinds = [kind for kind in one.pop("anyOf", []) if kind != {"type": "null"}]
                one = {**(kinds[0] if len(kinds) == 1 else {"anyOf": kinds} if kinds else {}), **one}
            parameter = {"name": name, "in": place, "schema": one}
            if place == "path" or name in schema.get("required", []):
                parameter["required"] = True
            if description:
                parameter["description"] = description
            parameters.append(parameter)
    if operation.idempotent:
        parameters.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "schema": {"type": "string", "pattern": IDEMPOTENCY_KEY},
                "description": "A repeated request with the same key and body gives what the first one made, "
                "and says so with the header `Idempotent-Replay: true`.",
            }
        )
    return parameters


def _operation(operation: Operation, body: Any, answer: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = {}
    if answer is not None:
        content["application/json"] = {"schema": answer}
    # What a reader makes of an event is not one JSON type: some take the text, some the fields of each event.
    streamed: dict[str, Any] = {"text/event-stream": {"schema": {"description": "Server-sent events."}}}
    if operation.downloads:
        for media_type in operation.media_types or ("application/octet-stream",):
            is_json = media_type.endswith("json")
            content[media_type] = {"schema": {"type": "object"} if is_json else {"type": "string", "format": "binary"}}
    responses: dict[str, Any] = {}
    if EventStream in operation.returns:
        # A stream always answers 200, whatever the operation's own status is.
        responses["200"] = {"description": "The event stream.", "headers": RATE_HEADERS, "content": dict(streamed)}
    if content or not responses:
        success = responses.setdefault(str(operation.status), {"description": "Done.", "headers": RATE_HEADERS})
        success.setdefault("content", {}).update(content)
        if type(None) in operation.returns and operation.status != 204 and content:
            responses["204"] = {"description": "Done; there is nothing to tell.", "headers": RATE_HEADERS}
        if not success["content"]:
            responses = {"204": {"description": "Done.", "headers": RATE_HEADERS}}
    if Download in operation.returns or answer is not None:
        for status in operation.also:
            same = responses.setdefault(str(status), {**responses[str(operation.status)], "content": {}})
            same["content"] = {**same["content"], **content}
    for status in operation.error_statuses:
        responses[str(status)] = {"$ref": f"#/components/responses/{_response_name(status)}"}
    entry: dict[str, Any] = {
        "operationId": operation.id,
        "tags": [operation.room],
        "summary": operation.summary.rstrip("."),
        "description": operation.description,
        "responses": responses,
    }
    if parameters := _parameters(operation, definitions):
        entry["parameters"] = parameters
    if body is not None:
        entry["requestBody"] = {
            "required": operation.body_required,
            "content": {"application/json": {"schema": body}},
        }
    if operation.public:
        entry["security"] = []
    if operation.scope:
        entry["x-scope"] = operation.scope
    if operation.covers:
        entry["x-covers"] = list(operation.covers)
    return entry


def render() -> str:
    return json.dumps(document(), indent=2, ensure_ascii=False, sort_keys=False) + "\n"


@cache
def document_json() -> bytes:
    """The document as it is served."""
    return json.dumps(document(), ensure_ascii=False, separators=(",", ":")).encode()


if __name__ == "__main__":
    sys.exit(generated.run("jupyter_agent.api.openapi", render, DEFAULT_FILE))
