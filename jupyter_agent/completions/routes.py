"""Operations of the `completions` room."""

from __future__ import annotations

from jupyter_agent.api.router import MB, Call, Router
from jupyter_agent.completions.models import CodeEdit, Completion, CompletionRequest, EditedCode

router = Router("completions")


@router.post("/completions", scope="completions:execute", errors=[404, 409], max_body=5 * MB, abandonable=True)
async def complete_code(call: Call, body: CompletionRequest) -> Completion:
    """What to insert at the cursor.

    One model request, in no conversation. It is stopped when the caller goes away. Errors: 409 `not_configured` where
    no model is ready, where completions are off, and for the embedded model unless `completions.local_model` is set;
    503 `provider_error` where the model fails."""
    return await call.services.completions.complete(call.user, body)


@router.post("/completions/edit", scope="completions:execute", errors=[404, 409], max_body=5 * MB, abandonable=True)
async def edit_code(call: Call, body: CodeEdit) -> EditedCode:
    """Code, changed as told; nothing is written.

    One model request, in no conversation. It is stopped when the caller goes away. Errors: 409 `not_configured` where
    no model is ready; 503 `provider_error` where it fails, gives no code or is cut off."""
    return await call.services.completions.edit(call.user, body)
