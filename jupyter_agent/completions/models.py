"""What the `completions` room sends and accepts."""

from __future__ import annotations

from pydantic import Field

from jupyter_agent.api.models import Usage, WireModel


class CompletionRequest(WireModel):
    """Where the cursor is."""

    prefix: str = Field(max_length=500_000)
    """What stands before the cursor; of a long text its end is read."""
    suffix: str = Field(default="", max_length=500_000)
    """What stands after it; of a long text its beginning is read."""
    language: str = Field(default="", max_length=64)
    """`python`, `markdown` ..."""
    path: str | None = Field(default=None, max_length=1024)
    """The file or notebook, for the model to know."""
    provider: str | None = None
    model: str | None = None
    max_tokens: int | None = Field(default=None, ge=1, le=4_096)


class Completion(WireModel):
    """What to insert at the cursor."""

    text: str
    """Empty where the model has nothing to add."""
    provider: str
    model: str
    usage: Usage


class CodeEdit(WireModel):
    """Code, and what is to become of it."""

    instruction: str = Field(min_length=1, max_length=20_000)
    source: str = Field(max_length=200_000)
    language: str = Field(default="", max_length=64)
    context: str = Field(default="", max_length=100_000)
    """What else the model should know: other cells, an error."""
    provider: str | None = None
    model: str | None = None


class EditedCode(WireModel):
    """The code, changed. Nothing is written anywhere."""

    source: str
    provider: str
    model: str
    usage: Usage
