"""How much a question asks for, from what it looks like: no model is asked, and the same question always gets the same
level.

| level | what it is | such as |
|---|---|---|
| L0 | small talk: a greeting, thanks, a word of agreement | `hello`, `thanks!`, `ok` |
| L1 | one question or one small thing, answered from the head | `what is a decorator?`, `rename x to total` |
| L2 | work on something: code, an attachment, several sentences | `why does this fail?` with a traceback |
| L3 | work in many steps: several things to do, long texts | `1. read sales.csv 2. plot it 3. write a report` |

It is a sum of points, so that each is easy to explain: 0 is L0, 1 and 2 are L1, 3 and 4 are L2, more are L3.

- length: over 5 words 1, over 40 words 2, over 150 words 3
- a question: 1
- code, or the text of an error: 1
- attachments: one 1, three or more 2
- verbs of work (fix, write, plot, compare ...): one 1, three different ones 2
- steps, as a list or with words such as "then": 1
- verbs of work where there are tools to do it with: 1
- a conversation of ten messages or more, and something to do in it: 1

Length, code, lists and attachments count in every language; the words that are looked for are English."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_agent.observatory.models import Complexity

LONG_CONVERSATION = 10
LOOKED_AT = 20_000
"""Characters of a message: a longer one is at the top of every scale by then."""
FIRST_EAST_ASIAN = "\u2e80"

_SMALL_TALK = re.compile(
    r"(?:(?:hi|hello|hey|hallo|bonjour|hola|ciao|good (?:morning|afternoon|evening|night)|thanks?|thank you|thx|cheers|"
    r"great|nice|perfect|cool|wow|ok|okay|yes|no|yep|nope|sure|please|bye|goodbye|see you|how are you|there|again|all|"
    r"so much|very much|a lot|well done|got it|right|everyone|you)[\s,.!?:)-]*)+",
    re.IGNORECASE,
)
# fmt: off
_WORK = frozenset((
    "add", "adjust", "analyse", "analyze", "annotate", "apply", "benchmark", "build", "calculate", "change", "check",
    "clean", "cluster", "combine", "compare", "compute", "configure", "continue", "convert", "correct", "create",
    "debug", "delete", "deploy", "design", "develop", "document", "draw", "edit", "estimate", "evaluate", "execute",
    "explore", "export", "extend", "extract", "fetch", "fill", "filter", "find", "finish", "fit", "fix", "forecast",
    "format", "generate", "group", "implement", "import", "improve", "insert", "inspect", "install", "integrate",
    "investigate", "load", "make", "measure", "merge", "migrate", "model", "modify", "move", "normalise", "normalize",
    "optimise", "optimize", "parse", "plan", "plot", "port", "predict", "prepare", "profile", "prove", "read",
    "refactor", "remove", "rename", "render", "reorganise", "reorganize", "repair", "replace", "reproduce", "rerun",
    "research", "restructure", "review", "rewrite", "run", "save", "scrape", "search", "simplify", "simulate",
    "solve", "sort", "split", "summarise", "summarize", "test", "train", "transform", "translate", "tune", "update",
    "upgrade", "validate", "verify", "visualise", "visualize", "write",
))
# fmt: on
_QUESTION = re.compile(
    r"[?\uff1f\u061f]|^\W*(?:what|why|how|which|who|where|when|can|could|is|are|does|do|should|would|explain|tell me|"
    r"describe)\b",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"```|^\s*(?:def|class|import|from|for|while|if|SELECT|function|const|let|#include)\b.*[:;({]?$"
    r"|Traceback \(most recent call last\)|\b\w*(?:Error|Exception)\b: |^(?: {4}|\t)\S.*[=()\[\]{};]",
    re.MULTILINE,
)
_STEPS = re.compile(
    r"^\s*(?:[-*•]|\d{1,2}[.)])\s+\S.*\n\s*(?:[-*•]|\d{1,2}[.)])\s+\S|\b(?:then|after that|afterwards|finally|next,|"
    r"first,|step by step|for each|one by one|as well as)\b",
    re.IGNORECASE | re.MULTILINE,
)
_WORD = re.compile(r"\w+")


def level(text: str, attachments: int = 0, history_depth: int = 0, tools: int = 0) -> Complexity:
    """The level of a question. `attachments`: how many things come with it; `history_depth`: messages before it;
    `tools`: how many the model may use."""
    points = score(text, attachments, history_depth, tools)
    if points == 0:
        return "L0"
    if points <= 2:
        return "L1"
    return "L2" if points <= 4 else "L3"


def score(text: str, attachments: int = 0, history_depth: int = 0, tools: int = 0) -> int:
    """The points behind `level`."""
    text = text[:LOOKED_AT].strip()
    if not attachments and (not text or (len(text) <= 200 and _SMALL_TALK.fullmatch(text))):
        return 0
    words = _WORD.findall(text)
    # East Asian scripts put no spaces between words; one has about two characters.
    length = max(len(words), sum(character >= FIRST_EAST_ASIAN for character in text) // 2)
    work = len({word.lower() for word in words} & _WORK)
    points = sum(length > limit for limit in (5, 40, 150))
    points += bool(_QUESTION.search(text))
    points += bool(_CODE.search(text))
    points += (attachments >= 1) + (attachments >= 3)
    points += (work >= 1) + (work >= 3)
    points += bool(_STEPS.search(text))
    points += work >= 1 and tools > 0
    points += work >= 1 and history_depth >= LONG_CONVERSATION
    return max(points, 1)
