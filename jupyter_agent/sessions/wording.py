"""What is said to a model about a conversation, and what is made of its answer: titles and summaries."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

TITLE_LENGTH = 60
TITLE_WORDS = 10
TITLE_SYSTEM = "You name conversations. Answer with a title of two to six words and nothing else."
SUMMARY_SYSTEM = (
    "You summarize conversations between a user and an assistant, so that the assistant can go on without the "
    "original. Keep facts, decisions, names, numbers, file paths, code that matters and what is still open. "
    "Leave out greetings. Answer with the summary and nothing else."
)

_LABEL = re.compile(
    r"^(?:the )?(?:conversation |chat )?(?:title|topic|name)(?: of (?:this|the) (?:conversation|chat))?"
    r"(?: is\s*[:\-\u2013\u2014\"\u201c]|\s*[:\-\u2013\u2014])\s*",
    re.IGNORECASE,
)
_CHATTER = re.compile(
    r"^(?:sure|certainly|of course|okay|ok|yes|no|hello|hi|hey|sorry|here(?:['\u2019]s| is| are)|i(?:['\u2019]\w+)?|"
    r"as an|to|in order to|the user|user|assistant|you|it (?:is|seems|looks)|this is|let['\u2019]s|based on|please)\b",
    re.IGNORECASE,
)
_EMPHASIS = re.compile(r"(\*\*|__|`+|\*)(?=\S)(.+?)(?<=\S)\1")
_EMPTY = {"title", "untitled", "conversation", "new conversation", "chat", "new chat", "none", "n/a", "summary"}
_MARKUP = " \t\"'`*_#>-|~:.,;\u2013\u2014\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb"


def _line(text: str) -> str:
    """The first line that says something, without control and direction characters, spaces made one."""
    for line in text.splitlines():
        shown = "".join(" " if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp") else char for char in line)
        shown = _EMPHASIS.sub(r"\2", " ".join(shown.split()))
        if any(char.isalnum() for char in shown):
            return shown
    return ""


def _cut(text: str, length: int) -> str:
    if len(text) <= length:
        return text
    head = text[: length - 1]
    space = head.rfind(" ")
    return head[: space if space > length // 2 else None].rstrip(_MARKUP) + "…"


def title_prompt(user: str, assistant: str) -> str:
    said = f"User: {user[:1000]}"
    if assistant:
        said += f"\nAssistant: {assistant[:1000]}"
    return f"{said}\n\nTitle of this conversation, in its language:"


def clean_title(text: str) -> str | None:
    """The title in a model's answer: one line, no quotes, 60 characters at the most. None where the answer holds
    nothing that could be one, as those of very small models often do (a sentence, chatter, the question again)."""
    text = re.sub(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|$)", "", text, flags=re.DOTALL)
    if text.lstrip().startswith(("```", "~~~")):
        return None
    title = _LABEL.sub("", _line(text).strip(_MARKUP)).strip(_MARKUP)
    words = title.split()
    if not any(char.isalpha() for char in title) or title.lower() in _EMPTY or len(words) > TITLE_WORDS:
        return None
    if len(title) > TITLE_LENGTH + 20 or _CHATTER.match(title) or title.endswith(("?", "!")):
        return None
    return _cut(title, TITLE_LENGTH)


def first_words(text: str) -> str | None:
    """The beginning of a message as a title; None where it says nothing."""
    return _cut(_line(text).strip(_MARKUP), TITLE_LENGTH) or None


def chunks(lines: Sequence[str], size: int) -> Iterator[str]:
    """The lines joined into texts of at most `size` characters; a longer line keeps its beginning and its end."""
    held: list[str] = []
    length = 0
    for whole in lines:
        line = whole if len(whole) <= size else f"{whole[: size * 2 // 3]}\n[...]\n{whole[-(size // 4) :]}"
        if held and length + len(line) > size:
            yield "\n\n".join(held)
            held, length = [], 0
        held.append(line)
        length += len(line) + 2
    if held:
        yield "\n\n".join(held)


def summary_prompt(before: str, text: str, instructions: str | None) -> str:
    prompt = (
        f"Summary of what came before:\n{before}\n\nHow it went on:\n{text}" if before else f"Conversation:\n{text}"
    )
    if instructions:
        prompt += f"\n\nHow to summarize: {instructions}"
    return prompt + "\n\nSummary of all of it:"
