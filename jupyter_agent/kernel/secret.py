"""A token that does not show itself."""

from __future__ import annotations


class Secret:
    """Holds a token so that neither a repr nor a verbose traceback prints it."""

    __slots__ = ("value",)

    def __init__(self, value: str | Secret) -> None:
        self.value: str = value.value if isinstance(value, Secret) else value

    def __bool__(self) -> bool:
        return bool(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.value == self.value

    def __hash__(self) -> int:
        return hash(self.value)

    def __repr__(self) -> str:
        return "'***'" if self.value else "''"
