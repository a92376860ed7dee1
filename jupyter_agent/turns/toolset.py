"""The tools of a turn as pydantic-ai sees them: one toolset, every call of which goes through the gate."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic_ai.messages import BinaryContent, ModelResponse, ToolCallPart
from pydantic_ai.tools import RunContext, ToolDefinition, ToolDenied
from pydantic_ai.toolsets.abstract import AbstractToolset, ToolsetTool
from pydantic_core import from_json, to_jsonable_python

from jupyter_agent.tools.gate import Given, TurnCalls, load_pictures

if TYPE_CHECKING:
    from jupyter_agent.tools.models import ToolImage

TOOL_RETRIES = 3
"""Calls in a row of a tool that is not there."""
UNREADABLE = "__unreadable__"


class AnyArguments:
    """Takes all arguments as they are: the gate looks at them, so that what is wrong with them is recorded, too."""

    def validate_json(
        self,
        input: str | bytes | bytearray,
        *,
        allow_partial: bool | Literal["off", "on", "trailing-strings"] = False,
        **kwargs: Any,
    ) -> Any:
        try:
            value = from_json(input)
        except ValueError as error:
            return {UNREADABLE: f"this is not JSON: {error}"}
        return self.validate_python(value)

    def validate_python(
        self, input: Any, *, allow_partial: bool | Literal["off", "on", "trailing-strings"] = False, **kwargs: Any
    ) -> Any:
        return input if isinstance(input, dict) else {UNREADABLE: "they have to be an object"}


class TurnToolset(AbstractToolset[object]):
    """The tools of one turn."""

    def __init__(
        self,
        calls: TurnCalls,
        step: Callable[[], int],
        pictures: Callable[[Sequence[ToolImage]], Awaitable[dict[str, tuple[str, bytes]]]],
        check: Callable[[], None],
    ) -> None:
        """`step` is the number of the model request that asks; `pictures` gives those that the model can see, by their
        blobs; `check` raises where the turn ends with what was answered."""
        self._calls = calls
        self._step = step
        self._pictures = pictures
        self._check = check
        self.definitions = [
            ToolDefinition(
                name=tool.name, description=tool.description or None, parameters_json_schema=tool.input_schema
            )
            for tool in calls.tools.values()
        ]

        self.names = frozenset(calls.tools)

    @property
    def id(self) -> str | None:
        return "turn"

    async def get_tools(self, ctx: RunContext[object]) -> dict[str, ToolsetTool[object]]:
        return {
            one.name: ToolsetTool(toolset=self, tool_def=one, max_retries=TOOL_RETRIES, args_validator=AnyArguments())
            for one in self.definitions
        }

    async def call_tool(
        self, name: str, tool_args: dict[str, Any], ctx: RunContext[object], tool: ToolsetTool[object]
    ) -> Any:
        assert ctx.tool_call_id is not None
        arguments: Any = tool_args[UNREADABLE] if UNREADABLE in tool_args else to_jsonable_python(tool_args)
        given = await self._calls.call(self._step(), _calls(ctx), ctx.tool_call_id, name, arguments)
        self._check()
        return await self._returned(given)

    async def _returned(self, given: Given) -> Any:
        from pydantic_ai.exceptions import ToolFailed

        if given.status == "denied":
            return ToolDenied(given.text)
        pictures = await self._pictures(given.images)
        if not pictures:
            if given.status == "error":
                raise ToolFailed(given.text)
            return given.text
        small = await asyncio.to_thread(load_pictures, list(pictures.values()))
        return [
            given.text,
            *(
                BinaryContent(data=one.data, media_type=one.media_type, identifier=id)
                for id, one in zip(pictures, small, strict=True)
            ),
        ]


def _calls(ctx: RunContext[object]) -> list[tuple[str, str]]:
    """The calls of the step, in the model's order."""
    response = next(one for one in reversed(ctx.messages) if isinstance(one, ModelResponse))
    return [(part.tool_call_id, part.tool_name) for part in response.parts if isinstance(part, ToolCallPart)]
