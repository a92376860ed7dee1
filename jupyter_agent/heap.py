"""Short pauses: what a process has imported is not looked at by the garbage collector any more.

A collection of the oldest generation stops every thread. With the models' SDKs and all schemas loaded it takes a fifth
of a second, for nothing: modules and classes stay."""

from __future__ import annotations

import functools
import gc


@functools.cache
def settle(what: str) -> None:
    """Once in a process for each `what`, after its imports and before anything is made that has to go away again."""
    gc.collect()
    gc.freeze()
