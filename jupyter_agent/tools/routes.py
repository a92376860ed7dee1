"""Operations on tools, approvals, the policy and their record."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from jupyter_agent.api.router import MB, Call, Router
from jupyter_agent.tools import edits_routes, offers_routes
from jupyter_agent.tools.models import (
    Approval,
    ApprovalAnswer,
    ApprovalAnswers,
    ApprovalList,
    ApprovalStatus,
    Approve,
    Deny,
    Policy,
    PolicyAnswer,
    PolicyQuestion,
    PolicyUpdate,
    ToolCall,
    ToolCallResult,
    ToolList,
    TurnPolicy,
    TurnTools,
)

router = Router("tools")

ToolName = Annotated[str, Field(max_length=200)]
CALL_BODY = 10 * MB


@router.get("/tools", scope="tools:read", errors=[404], covers=["muyue GET /api/tools/list", "sage GET /api/tools"])
async def list_tools(call: Call, *, session_id: str | None = None) -> ToolList:
    """The tools that turns are given: the server's, and with `session_id` also those that clients offer there."""
    return await call.services.tools.catalogue(call.user, session_id)


@router.post(
    "/tools/{name}/call",
    scope="tools:execute",
    max_body=CALL_BODY,
    errors=[403, 409],
    covers=["muyue POST /api/tool/call", "sage POST /api/tools/exec"],
)
async def call_tool(call: Call, name: ToolName, body: ToolCall) -> ToolCallResult:
    """Uses a tool without a model, under the same policy.

    403 `denied` where the policy denies it; 409 `approval_required` where it asks and `approved` is not sent. What the
    tool itself could not do is a result with `is_error`. Nothing of it can be undone with a turn."""
    return await call.services.tools.call(call.user, name, body)


@router.get("/approvals", scope="approvals:read", covers=["roboticus GET /api/approvals"])
async def list_approvals(
    call: Call, *, status: ApprovalStatus | None = None, session_id: str | None = None
) -> ApprovalList:
    """The caller's approvals, oldest first; with `status=pending` what waits for an answer. The newest 500."""
    items = await call.services.tools.approvals.listed(call.user, status=status, session_id=session_id)
    return ApprovalList(items=items)


@router.get("/approvals/{approval_id}", scope="approvals:read")
async def get_approval(call: Call, approval_id: str) -> Approval:
    """One approval."""
    return await call.services.tools.approvals.get(call.user, approval_id)


@router.post(
    "/approvals/{approval_id}/approve",
    scope="approvals:execute",
    max_body=CALL_BODY,
    errors=[409],
    covers=["roboticus POST /api/approvals/:id/approve"],
)
async def approve(call: Call, approval_id: str, body: Approve = Approve()) -> Approval:
    """Says yes: the same turn goes on with the call, with other `arguments` where they are sent.

    `remember` makes a rule, so that the like is not asked again. 409 where it was answered already, or in vain; 422
    for arguments that do not fit or that the policy denies, and nothing is answered then."""
    body = body or Approve()
    answer = ApprovalAnswer(id=approval_id, approve=True, arguments=body.arguments, remember=body.remember)
    return (await call.services.tools.approvals.answer(call.user, call.display_name, [answer]))[0]


@router.post(
    "/approvals/{approval_id}/deny",
    scope="approvals:execute",
    errors=[409],
    covers=["roboticus POST /api/approvals/:id/deny"],
)
async def deny(call: Call, approval_id: str, body: Deny = Deny()) -> Approval:
    """Says no: the model reads so, and the message; the turn goes on, or ends where `stop` is sent.

    409 where it was answered already."""
    body = body or Deny()
    answer = ApprovalAnswer(id=approval_id, approve=False, message=body.message, stop=body.stop)
    return (await call.services.tools.approvals.answer(call.user, call.display_name, [answer]))[0]


@router.post("/approvals/answers", scope="approvals:execute", max_body=CALL_BODY, errors=[404, 409])
async def answer_approvals(call: Call, body: ApprovalAnswers) -> ApprovalList:
    """Answers several approvals: all of them or, where one cannot be answered, none."""
    return ApprovalList(items=await call.services.tools.approvals.answer(call.user, call.display_name, body.answers))


@router.get("/policy", scope="policy:read")
async def get_policy(call: Call) -> Policy:
    """The caller's mode and rules, and the administrator's rules."""
    return await call.services.tools.policy.get(call.user)


@router.put("/policy", scope="policy:write")
async def put_policy(call: Call, body: PolicyUpdate) -> Policy:
    """Sets the caller's mode, or replaces the caller's rules. What is null stays."""
    return await call.services.tools.policy.put(call.user, body)


@router.post("/policy/evaluate", scope="policy:read", errors=[404])
async def evaluate_policy(call: Call, body: PolicyQuestion) -> PolicyAnswer:
    """What would happen to a call, and which rule or mode says so. Nothing is done."""
    return await call.services.tools.evaluate(call.user, body)


@router.get(
    "/turns/{turn_id}/tools",
    scope="turns:read",
    covers=["roboticus GET /api/turns/:id/tools", "roboticus GET /api/audit/tools/:turn_id"],
)
async def get_turn_tools(call: Call, turn_id: str) -> TurnTools:
    """The calls of a turn: arguments, result, duration, who approved."""
    return await call.services.tools.turn_tools(call.user, turn_id)


@router.get("/turns/{turn_id}/policy", scope="turns:read", covers=["roboticus GET /api/audit/policy/:turn_id"])
async def get_turn_policy(call: Call, turn_id: str) -> TurnPolicy:
    """What the policy said to each call of a turn, and which rule or mode said so."""
    return await call.services.tools.turn_policy(call.user, turn_id)


router.operations.extend(offers_routes.router.operations)
router.operations.extend(edits_routes.router.operations)
