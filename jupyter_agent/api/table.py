"""The whole route table, put together from the rooms."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from jupyter_agent.api.router import Operation

ROOMS = ("sessions", "turns", "tools", "completions", "observatory", "providers", "system")
PUBLIC_PATHS = ("/health",)
"""Mounted without authentication. Written here so that the server's start needs no room; a test holds it true."""


OTHER_DOORS = {"WS /ws": ("roboticus GET /ws",)}
"""What stands for reference routes and is no operation: the way to it, and the routes as `covers=` writes them."""


@cache
def operations() -> tuple[Operation, ...]:
    """Every operation, in the rooms' order.

    Raises ValueError where two share an id or a method and path."""
    table: list[Operation] = []
    for room in ROOMS:
        table.extend(import_module(f"jupyter_agent.{room}.routes").router.operations)
    seen: set[object] = set()
    for operation in table:
        for key in (operation.id, (operation.method, operation.path)):
            if key in seen:
                raise ValueError(f"{key} is in the route table twice")
            seen.add(key)
    return tuple(table)


@cache
def _by_specificity() -> tuple[Operation, ...]:
    # A fixed path before one with a parameter in the same place.
    def fixed_first(operation: Operation) -> list[bool]:
        return [part.startswith("{") for part in operation.path.split("/")]

    return tuple(sorted(operations(), key=fixed_first))


def match(path: str) -> tuple[list[Operation], dict[str, str]]:
    """The operations at this path (one a method) and the values of its parameters, still quoted."""
    for operation in _by_specificity():
        found = operation.pattern.match(path)
        if found:
            same = [other for other in operations() if other.path == operation.path]
            return same, found.groupdict()
    return [], {}
