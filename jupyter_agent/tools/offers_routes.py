"""Operations on tools that clients offer."""

from __future__ import annotations

from jupyter_agent.api.router import MB, Call, Router
from jupyter_agent.tools.models import ClientToolResults, FunctionsList, FunctionsOffer, FunctionsOffered

router = Router("tools")


@router.post("/turns/{turn_id}/tool-results", scope="turns:write", status=204, max_body=50 * MB, errors=[404, 409])
async def submit_tool_results(call: Call, turn_id: str, body: ClientToolResults) -> None:
    """Answers of the client to calls of the tools that it offers; all of them are taken, or none.

    409 for a call that does not wait for an answer (any more): it was answered, or its time is over."""
    await call.services.tools.offers.submit(call.user, turn_id, body.results)


@router.get("/tools/functions", scope="tools:read")
async def list_functions(call: Call) -> FunctionsList:
    """The functions that the kernels of this server offer to chats about their notebooks."""
    return FunctionsList(items=call.services.tools.offers.functions.all(call.user))


@router.post("/tools/functions", scope="tools:write", errors=[404])
async def register_functions(call: Call, body: FunctionsOffer) -> FunctionsOffered:
    """The functions of a notebook that its kernel offers, in place of those it offered before.

    They are given to turns about that notebook and run in the kernel, when it is idle. They are gone when the kernel
    is restarted or shut down."""
    return call.services.tools.offers.functions.register(call.user, body)


@router.delete("/tools/functions/{kernel_id}", scope="tools:write", status=204, errors=[404])
async def drop_functions(call: Call, kernel_id: str) -> None:
    """Takes all functions of a kernel back."""
    call.services.tools.offers.functions.drop(call.user, kernel_id)
