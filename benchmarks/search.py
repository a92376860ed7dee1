"""Full-text search in 100,000 messages on SQLite, as a client has it: `GET /search` on a real server.

1,000 sessions of 100 messages of 20 to 120 words, drawn from 30,000 made-up words as frequent as words are (Zipf).
Every kind of query is asked for several words each; the 95th percentile is over all of them alike. The first answer
to each query counts: nothing is asked twice."""

from __future__ import annotations

import itertools
import random
import statistics
import time
from typing import TYPE_CHECKING

from .table import Row, percentile
from .through import new_session, running

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

MESSAGES, SESSIONS = 100_000, 1000
BATCH = 10_000
EACH = 12


def vocabulary(chance: random.Random) -> list[str]:
    """Words that differ, the frequent ones first."""

    def word() -> str:
        return "".join(chance.choice("bcdfghklmnprstvz") + chance.choice("aeiou") for _ in range(chance.randint(2, 5)))

    found: dict[str, None] = {}
    while len(found) < 30_000:
        found[word()] = None
    return list(found)


def fill(orm: Orm, first_session: str, chance: random.Random, words: list[str]) -> None:
    from sqlalchemy import insert

    from jupyter_agent.storage.tables import SearchDocumentRow, SessionRow, utcnow

    owner, now = orm.get_one(SessionRow, first_session).owner, utcnow()
    orm.execute(insert(SessionRow), [{"id": f"s{n}", "owner": owner, "title": f"t{n}"} for n in range(SESSIONS)])
    weights = list(itertools.accumulate(1 / (rank + 1) for rank in range(len(words))))
    for start in range(0, MESSAGES, BATCH):
        orm.execute(
            insert(SearchDocumentRow),
            [
                {
                    "owner": owner, "session_id": f"s{n * SESSIONS // MESSAGES}", "kind": "message",
                    "message_id": f"m{n}", "role": ("user", "assistant")[n % 2], "created_at": now,
                    "text": " ".join(chance.choices(words, cum_weights=weights, k=chance.randint(20, 120))),
                }
                for n in range(start, start + BATCH)
            ],
        )  # fmt: skip


def queries(chance: random.Random, words: list[str]) -> dict[str, list[str]]:
    """What is asked, by kind."""
    frequent, middle, rare = words[:40], words[200:2000], words[10_000:]

    def pairs(one: list[str], other: list[str]) -> list[str]:
        return [f"{chance.choice(one)} {chance.choice(other)}" for _ in range(EACH)]

    return {
        "frequent word": chance.sample(frequent, EACH),
        "middling word": chance.sample(middle, EACH),
        "rare word": chance.sample(rare, EACH),
        "two frequent words": pairs(frequent, frequent),
        "frequent and rare": pairs(frequent, rare),
        "two middling words": pairs(middle, middle),
        "phrase": [f'"{pair}"' for pair in pairs(frequent, frequent)],
        "prefix of 2 letters": [word[:2] for word in chance.sample(words, EACH)],
        "prefix of 4 letters": [word[:4] for word in chance.sample(words, EACH)],
        "no match": [f"x{word}x" for word in chance.sample(words, EACH)],
    }


def run() -> list[Row]:
    chance = random.Random(1)
    words = vocabulary(chance)
    taken: dict[str, list[float]] = {}
    with running() as (server, _):
        first = new_session(server)
        server.in_database(lambda orm: fill(orm, first, chance, words))
        asked = [(kind, query) for kind, several in queries(chance, words).items() for query in several]
        chance.shuffle(asked)
        server.api("GET", "/search", params={"q": "warm"})
        for kind, query in asked:
            begun = time.perf_counter()
            found = server.api("GET", "/search", params={"q": query, "limit": 20})
            taken.setdefault(kind, []).append((time.perf_counter() - begun) * 1000)
            if (found["total"] == 0) is not (kind == "no match") and kind in ("frequent word", "no match"):
                raise RuntimeError(f"{kind} {query!r}: {found['total']} matches")
    p95 = percentile(itertools.chain.from_iterable(taken.values()), 0.95)
    medians = ", ".join(f"{kind} {statistics.median(several):.0f}" for kind, several in taken.items())
    name = f"search in {MESSAGES:,} messages, 95th percentile"
    return [Row(name, p95, "ms", "limit", None, "value", 50, note=f"medians in ms: {medians}")]
