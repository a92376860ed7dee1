"""Wire models as the plain values of the traits, and a conversation as text and HTML for whoever has no widgets."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence

from jupyter_agent.kernel.widgets.live import as_text
from jupyter_agent.kernel.widgets.wire import Block, LiveDict, MessageDict, SessionDict, ToolBlock
from jupyter_agent.sessions.models import Message, Session
from jupyter_agent.turns.models import Turn


def slashed(provider: str | None, model: str | None) -> str | None:
    """`provider/model`, or None."""
    return "/".join(part for part in (provider, model) if part) or None


def _blocks(message: Message) -> list[Block]:
    blocks: list[Block] = []
    tools: dict[str, ToolBlock] = {}
    for part in message.parts:
        if part.type == "text" and part.text:
            blocks.append({"kind": "text", "text": part.text})
        elif part.type == "thinking" and part.text:
            blocks.append({"kind": "thinking", "text": part.text})
        elif part.type in ("tool_call", "tool_result"):
            tool = tools.get(part.tool_call_id)
            if tool is None:
                tool = {
                    "kind": "tool",
                    "id": part.tool_call_id,
                    "name": part.name,
                    "args": part.args if part.type == "tool_call" else {},
                    "state": "unknown",
                    "text": "",
                    "approval": None,
                    "question": "",
                }
                tools[part.tool_call_id] = tool
                blocks.append(tool)
            if part.type == "tool_result":
                tool["state"] = "error" if part.is_error else "done"
                tool["text"] = as_text(part.content)
    return blocks


def plain_message(message: Message) -> MessageDict:
    usage = message.usage
    plain: MessageDict = {
        "id": message.id,
        "role": message.role,
        "text": message.text,
        "turn_id": message.turn_id,
        "created_at": message.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "model": slashed(message.provider, message.model),
        "usage": usage.model_dump(mode="json") if usage is not None else None,
        "cost": usage.cost if usage is not None else None,
        "stop_reason": message.stop_reason,
        "error": None,
        "duration_ms": message.duration_ms,
        "attachments": [part.name or part.type for part in message.parts if part.type in ("image", "context")],
    }
    if message.role == "assistant":
        blocks = _blocks(message)
        if any(block["kind"] != "text" for block in blocks):
            plain["blocks"] = blocks
    return plain


def plain_messages(messages: Iterable[Message], turns: Iterable[Turn]) -> list[MessageDict]:
    """The messages in their order; how a turn ended stands on its last one."""
    plain = [plain_message(message) for message in messages]
    last = {message["turn_id"]: message for message in plain if message["turn_id"] is not None}
    for turn in turns:
        message = last.get(turn.id)
        if message is not None and turn.status == "finished":
            message["stop_reason"] = turn.stop_reason
            message["error"] = turn.error.message if turn.error is not None else None
    return plain


def plain_session(session: Session) -> SessionDict:
    return {
        "id": session.id,
        "title": session.title,
        "preview": session.preview,
        "status": session.status,
        "message_count": session.message_count,
        "running": session.running_turn_id is not None,
        "cost": session.usage.cost,
        "last_activity_at": session.last_activity_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }


# Readable without a front end -----------------------------------------------------------------------------------------

NAMES = {"user": "You", "assistant": "Agent", "system": "Summary"}
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})[^\n]*\n(.*?)(?:^ {0,3}\1[`~]*[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_BOX = "border:1px solid #8884;border-radius:4px;padding:4px 12px 8px;max-width:860px"
_CODE = "overflow-x:auto;padding:6px 8px;border:1px solid #8884;border-radius:2px"
_SMALL = "opacity:.7;font-size:smaller"


def _said(message: Mapping[str, object]) -> str:
    notes = []
    if message["stop_reason"] not in (None, "completed"):
        notes.append(f"[stopped: {message['stop_reason']}]")
    if message["error"]:
        notes.append(f"[error: {message['error']}]")
    return "\n".join([str(message["text"]), *notes]).strip()


def _entries(
    messages: Sequence[MessageDict], live: LiveDict | None, live_text: str
) -> Iterable[tuple[str, str, str | None, list[str]]]:
    """Who, what, which model, what was attached."""
    for message in messages:
        yield NAMES[message["role"]], _said(message), message["model"], message["attachments"]
    if live is not None:
        yield NAMES["assistant"], f"{live_text} …".strip(), live["model"], []


def conversation_text(title: str, messages: Sequence[MessageDict], live: LiveDict | None, live_text: str = "") -> str:
    """The conversation as plain text."""
    lines = [f"Chat with the agent{': ' + title if title else ''}"]
    for who, text, _, attached in _entries(messages, live, live_text):
        names = f" [{', '.join(attached)}]" if attached else ""
        lines.append(f"{who}{names}: {text}")
    return "\n\n".join(lines)


def _prose(text: str) -> str:
    return f'<div style="white-space:pre-wrap">{html.escape(text.strip())}</div>' if text.strip() else ""


def _html(text: str) -> str:
    """Escaped; code blocks as such."""
    parts, end = [], 0
    for fence in _FENCE.finditer(text):
        parts.append(_prose(text[end : fence.start()]))
        parts.append(f'<pre style="{_CODE}"><code>{html.escape(fence[2].rstrip())}</code></pre>')
        end = fence.end()
    return "".join([*parts, _prose(text[end:])])


def conversation_html(title: str, messages: Sequence[MessageDict], live: LiveDict | None, live_text: str = "") -> str:
    """The conversation as HTML that needs nothing: no script, no style sheet, nothing from elsewhere."""
    rows = [f"<p><strong>{html.escape(title or 'Chat with the agent')}</strong></p>"]
    for who, text, model, attached in _entries(messages, live, live_text):
        about = " · ".join(html.escape(part) for part in (*([model] if model else []), *attached))
        head = f'<strong>{who}</strong> <span style="{_SMALL}">{about}</span>'
        rows.append(f'<div style="margin-top:8px">{head}{_html(text)}</div>')
    if len(rows) == 1:
        rows.append(f'<p style="{_SMALL}">Nothing has been said yet.</p>')
    return f'<div style="{_BOX}">{"".join(rows)}</div>'


def sessions_text(sessions: Sequence[SessionDict]) -> str:
    """The list of conversations as plain text."""
    lines = [f"{item['last_activity_at'][:16].replace('T', ' ')} UTC  {name_of(item)}" for item in sessions]
    return "\n".join(["Conversations with the agent", *(lines or ["None yet."])])


def sessions_html(sessions: Sequence[SessionDict]) -> str:
    """The list of conversations as a table."""
    rows = "".join(
        f"<tr><td>{html.escape(name_of(item))}</td><td>{item['message_count']} messages</td>"
        f"<td>{item['last_activity_at'][:16].replace('T', ' ')} UTC</td></tr>"
        for item in sessions
    )
    body = f"<table><tbody>{rows}</tbody></table>" if rows else f'<p style="{_SMALL}">None yet.</p>'
    return f'<div style="{_BOX}"><p><strong>Conversations with the agent</strong></p>{body}</div>'


def name_of(session: SessionDict) -> str:
    """What stands for a conversation in a list."""
    return session["title"] or session["preview"][:80] or "New conversation"
