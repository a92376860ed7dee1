"""From what a model says to the code that was meant: models like to talk, to fence and to repeat."""

from __future__ import annotations

import re

MOST_LINES = 40
_FENCED = re.compile(r"^[ \t]*(`{3,}|~{3,})[^\n`]*\n(.*?)(?:\n?^[ \t]*\1[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)
_AROUND = re.compile(r"(`{3,}|~{3,})[^\n`]*\n(.*)\n\1$", re.DOTALL)
_CLOSERS = {")": "(", "]": "[", "}": "{"}


def without_fence(text: str) -> str:
    """The first fenced block where there is one, without its fence; else the text."""
    found = _FENCED.search(text)
    return found.group(2) if found else text


def completion(text: str, prefix: str, suffix: str, *, cut: bool = False, prose: bool = False) -> str:
    """What is to be inserted between prefix and suffix.

    `cut`: the model was stopped by its limit. `prose`: the language has fences of its own."""
    text = text.replace("\r\n", "\n")
    if not prose or text.lstrip().startswith(("```", "~~~")):
        text = without_fence(text)
    text = _without_prefix(text, prefix)
    rest = suffix.split("\n", 1)[0]
    if rest.strip(" \t)]}\"'`;:,"):  # the cursor stands inside a line
        text = text.split("\n", 1)[0]
    elif cut and "\n" in text.strip("\n"):
        text = text.rstrip("\n").rsplit("\n", 1)[0]
    lines = _up_to_the_end(text.split("\n"), prefix.rpartition("\n")[2], suffix)
    return _without_rest("\n".join(lines[:MOST_LINES]).rstrip(), rest.strip())


def edited(text: str, source: str, *, prose: bool = False) -> str:
    """The code of an answer, which ends as the old one did."""
    text = text.replace("\r\n", "\n")
    if prose:  # only a fence around it all is not its own
        whole = _AROUND.match(text.strip())
        code = (whole[2] if whole else text).strip("\n")
    else:
        code = without_fence(text).strip("\n")
    return code + "\n" if source.endswith("\n") and code else code


def _without_prefix(text: str, prefix: str) -> str:
    """Without what stands before the cursor already, where the model says it again."""
    line = prefix.rpartition("\n")[2]
    starts = [0, *(found.end() for found in re.finditer("\n", prefix))][-50:]
    for start in starts:
        there = prefix[start:]
        if not there.strip():
            break
        for repeated in (there, there.lstrip()):
            for said in (text, text.lstrip("\n"), text.lstrip()):
                if said.startswith(repeated):
                    return said[len(repeated) :]
        # The model may leave out the blank at the cursor.
        bare = there.strip()
        if text.strip() == bare:
            return ""
    if line and not line.strip() and text.startswith(line):  # the indentation, once more
        return text[len(line) :]
    return text


def _up_to_the_end(lines: list[str], line: str, suffix: str) -> list[str]:
    """Up to where the block at hand ends, or what follows the cursor is said again."""
    base = len(line) - len(line.lstrip())
    following = next((one.strip() for one in suffix.split("\n")[1:] if one.strip()), "")
    kept: list[str] = []
    blank = 0
    for at, one in enumerate(lines):
        if not one.strip():
            blank += 1
            if blank == 2 and any(other.strip() for other in kept):
                break
        else:
            indentation = len(one) - len(one.lstrip())
            said = any(other.strip() for other in kept)
            if at and said and blank and (indentation < base or indentation == 0):
                break
            if at and len(following) > 2 and one.strip() == following:
                break
            blank = 0
        kept.append(one)
    return kept


def _without_rest(text: str, rest: str) -> str:
    """Without the end of the line that stands after the cursor already."""
    if not rest or not text.endswith(rest):
        return text
    if set(rest) <= _CLOSERS.keys():
        # They may close what the completion itself opened.
        while rest and text.endswith(rest[-1]) and text.count(rest[-1]) > text.count(_CLOSERS[rest[-1]]):
            text, rest = text[:-1], rest[:-1]
        return text
    return text[: -len(rest)]
