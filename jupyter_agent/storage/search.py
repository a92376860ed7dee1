"""Full-text search over titles, messages and tool results, with the same meaning on SQLite (FTS5) and PostgreSQL.

What a person types is never query syntax: every word must be there, the last one may be the beginning of a word, and
"words in quotes" must stand next to each other. Case and the diacritics of Latin letters do not matter. Words of
scripts that put no spaces between words are looked for anywhere in the text.

A frequent word matches so much that ranking all of it would take longer than reading the answer: the newest
`MAX_CANDIDATES` matches are ranked, and the answer says so."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

Kind = Literal["title", "message", "tool_result"]

MAX_CANDIDATES = 1000
MAX_SESSIONS = 30_000
"""SQLite takes no more than 32,766 parameters in a statement."""
MAX_TERMS = 32
CHUNK = 100_000
"""Characters of one document; a longer text becomes several. PostgreSQL holds no more than 1 MB of words in one."""
SNIPPET = 200
"""Characters of a snippet, about."""
MARK_START, MARK_END = "\ue000", "\ue001"
TITLE_BOOST = 2.0

_MARKS = str.maketrans("", "", MARK_START + MARK_END)
_DIACRITICS = re.compile("[\u0300-\u036f]+")
_WORD = re.compile(r"[^\W_]+")
_QUERY = re.compile(r'"([^"]*)(?:"|$)|([^\s"]+)')
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)


def clean_text(text: str) -> str:
    """The text without what no database keeps (NUL) and what is not text (lone surrogates become U+FFFD)."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    if not text.isascii():
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def clean(value: Any) -> Any:
    """`clean_text` for every string in a JSON value, names in objects included."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list):
        return [clean(item) for item in value]
    if isinstance(value, dict):
        return {clean_text(str(name)): clean(item) for name, item in value.items()}
    return value


class Term(NamedTuple):
    """One thing that must be in the text: a word, or several next to each other."""

    words: tuple[str, ...]
    prefix: bool = False
    """The last word may go on."""
    anywhere: bool = False
    """Not words, but characters anywhere (scripts without spaces)."""


@dataclass(slots=True)
class Hit:
    kind: Kind
    session_id: str
    session_title: str
    turn_id: str | None
    message_id: str | None
    role: str | None
    snippet: str
    score: float
    created_at: datetime


class Found(NamedTuple):
    hits: list[Hit]
    total: int
    """All that were ranked."""
    capped: bool
    """There are more: older matches were not ranked."""


def parse(q: str) -> list[Term]:
    """What the words of a person's query ask for. Empty where there is nothing to look for."""
    q = unicodedata.normalize("NFC", clean_text(q).translate(_MARKS))
    terms: list[Term] = []
    for match in _QUERY.finditer(q):
        quoted, bare = match.groups()
        for anywhere, group in _by_script(_WORD.findall(quoted or bare or "")):
            terms.append(Term(group, prefix=quoted is None and not anywhere, anywhere=anywhere))
    terms = terms[:MAX_TERMS]
    return [term._replace(prefix=term.prefix and term is terms[-1]) for term in terms]


def _by_script(words: Sequence[str]) -> list[tuple[bool, tuple[str, ...]]]:
    spaced = tuple(word for word in words if not _UNSPACED.search(word))
    groups: list[tuple[bool, tuple[str, ...]]] = [(True, (word,)) for word in words if _UNSPACED.search(word)]
    return [*groups, (False, spaced)] if spaced else groups


class Search:
    """Keeps and asks the index. Every method works inside a database function, on its ORM session."""

    def index(
        self,
        orm: Session,
        *,
        owner: str,
        session_id: str,
        kind: Kind,
        text: str,
        turn_id: str | None = None,
        message_id: str | None = None,
        role: str | None = None,
        created_at: datetime | None = None,
    ) -> None:
        """Adds a text. It is committed, and found, with whatever else the function writes."""
        from jupyter_agent.storage.tables import SearchDocumentRow, utcnow

        text = unicodedata.normalize("NFC", clean_text(text).translate(_MARKS))
        if not text.strip():
            return
        for start in range(0, len(text), CHUNK):
            orm.add(
                SearchDocumentRow(
                    owner=owner,
                    session_id=session_id,
                    turn_id=turn_id,
                    message_id=message_id,
                    kind=kind,
                    role=role,
                    text=text[start : start + CHUNK],
                    created_at=created_at or utcnow(),
                )
            )

    def remove(
        self,
        orm: Session,
        *,
        session_id: str,
        kinds: Sequence[Kind] | None = None,
        message_ids: Sequence[str] | None = None,
    ) -> None:
        """Forgets a session's texts: all, those of some kinds, or those of some messages."""
        from sqlalchemy import delete

        from jupyter_agent.storage.tables import SearchDocumentRow as Document

        statement = delete(Document).where(Document.session_id == session_id)
        if kinds is not None:
            statement = statement.where(Document.kind.in_(kinds))
        if message_ids is not None:
            statement = statement.where(Document.message_id.in_(message_ids))
        orm.execute(statement, execution_options={"synchronize_session": False})

    def set_title(self, orm: Session, *, owner: str, session_id: str, title: str) -> None:
        """Makes `title` the only title the session is found by."""
        self.remove(orm, session_id=session_id, kinds=["title"])
        self.index(orm, owner=owner, session_id=session_id, kind="title", text=title)

    def query(
        self,
        orm: Session,
        owner: str,
        q: str,
        *,
        session_id: str | None = None,
        kind: Kind | None = None,
        limit: int = 20,
        offset: int = 0,
    ) -> Found:
        """One page of this owner's matches, best first. Terminated sessions are left out; nonsense finds nothing."""
        from sqlalchemy import select

        from jupyter_agent.storage.tables import SearchDocumentRow as Document
        from jupyter_agent.storage.tables import SessionRow

        terms = parse(q)
        candidates = self._candidates(orm, owner, terms, session_id=session_id, kind=kind, limit=MAX_CANDIDATES + 1)
        capped = len(candidates) > MAX_CANDIDATES
        best: dict[object, tuple[float, int]] = {}
        for number, conversation_id, message_id, found_kind, score in candidates[:MAX_CANDIDATES]:
            # A long message is several documents, and one hit; so are the copies of it in versions of a conversation,
            # of which the newest is shown.
            key = (conversation_id, message_id, found_kind)
            score *= TITLE_BOOST if found_kind == "title" else 1
            if key not in best or score > best[key][0]:
                best[key] = (score, number)
        ranked = sorted(best.values(), reverse=True)
        page = ranked[offset : offset + limit]
        rows = orm.execute(
            select(Document, SessionRow.title)
            .join(SessionRow, SessionRow.id == Document.session_id)
            .where(Document.id.in_([number for _, number in page]))
        ).all()
        found = {document.id: (document, title) for document, title in rows}
        hits = []
        for score, number in page:
            document, title = found[number]
            hits.append(
                Hit(
                    kind=cast("Kind", document.kind),
                    session_id=document.session_id,
                    session_title=title,
                    turn_id=document.turn_id,
                    message_id=document.message_id,
                    role=document.role,
                    snippet=snippet(document.text, terms),
                    score=round(score, 6),
                    created_at=document.created_at,
                )
            )
        return Found(hits, len(ranked), capped)

    def sessions(self, orm: Session, owner: str, q: str) -> list[str]:
        """Ids of this owner's sessions with a match in title or content, `MAX_SESSIONS` at the most; terminated ones
        too."""
        rows = self._candidates(orm, owner, parse(q), limit=None, columns="DISTINCT d.session_id", terminated=True)
        return [row[0] for row in rows[:MAX_SESSIONS]]

    def _candidates(
        self,
        orm: Session,
        owner: str,
        terms: list[Term],
        *,
        session_id: str | None = None,
        kind: Kind | None = None,
        limit: int | None,
        columns: str = "",
        terminated: bool = False,
    ) -> Sequence[Any]:
        """Newest first: id, conversation, message (of a copy, that of which it is one), kind and score of the documents
        that match all terms."""
        from sqlalchemy import text

        if not terms:
            return []
        postgresql = orm.get_bind().dialect.name == "postgresql"
        parameters: dict[str, object] = {"owner": owner}
        where = ["d.owner = :owner"]
        if session_id is not None:
            where.append("d.session_id = :session_id")
            parameters["session_id"] = session_id
        if kind is not None:
            where.append("d.kind = :kind")
            parameters["kind"] = kind
        # The span of ids in which this owner's (session's) documents lie: others' matches outside are not even read.
        # Two queries in one: asked for both at once, SQLite reads all of the index between them.
        span = f"FROM search_documents WHERE {'session_id' if session_id is not None else 'owner'} = :whose"
        low, high = orm.execute(
            text(f"SELECT (SELECT min(id) {span}), (SELECT max(id) {span})"), {"whose": session_id or owner}
        ).one()
        if low is None:
            return []
        parameters |= {"low": low, "high": high}
        tables = "search_documents d"
        words = [term for term in terms if not term.anywhere]
        for number, term in enumerate(term for term in terms if term.anywhere):
            word = term.words[0]
            if not postgresql and word.lower() == word.upper():
                where.append(f"instr(d.text, :like{number}) > 0")  # five times as fast as LIKE
                parameters[f"like{number}"] = word
            else:
                where.append(f"d.text {'ILIKE' if postgresql else 'LIKE'} :like{number}")
                parameters[f"like{number}"] = f"%{word}%"  # letters and digits only: nothing to escape
        score, position, match = "1.0", "d.id", ""
        if words and postgresql:
            queries = []
            for number, term in enumerate(words):
                folded = [_DIACRITICS.sub("", unicodedata.normalize("NFKD", word)) for word in term.words]
                if term.prefix:
                    parameters[f"term{number}"] = " <-> ".join(folded) + ":*"
                    queries.append(f"to_tsquery('simple', :term{number})")
                else:
                    parameters[f"term{number}"] = " ".join(folded)
                    queries.append(f"phraseto_tsquery('simple', :term{number})")
            match = f"({' && '.join(queries)})"
            where.append(f"d.vector @@ {match}")
        elif words:
            parameters["match"] = " AND ".join(
                '"' + " ".join(term.words) + '"' + (" *" if term.prefix else "") for term in words
            )
            # CROSS JOIN keeps SQLite from turning the order around: the index gives its rows newest first, and stops.
            tables = "search_index CROSS JOIN search_documents d ON d.id = search_index.rowid"
            where.append("search_index MATCH :match")
            score, position = "-bm25(search_index)", "search_index.rowid"
        where.append(f"{position} BETWEEN :low AND :high")
        if not terminated:
            tables += f" {'' if postgresql else 'CROSS '}JOIN sessions s ON s.id = d.session_id"
            where.append("s.terminated_at IS NULL")
        statement = f"SELECT {columns or f'd.id, {score} AS score'} FROM {tables} WHERE {' AND '.join(where)}"
        if limit is not None:
            statement += f" ORDER BY {position} DESC LIMIT {limit}"
        if not columns:
            # Looked up, and by PostgreSQL ranked, after the limit, whatever the planner believes the words' frequency
            # to be.
            score = f"ts_rank_cd(d.vector, {match}, 1)" if match else "newest.score"
            statement = (
                f"WITH newest AS MATERIALIZED ({statement}) SELECT d.id, s.conversation_id, "
                f"coalesce(m.origin_id, d.message_id) AS message_id, d.kind, {score} AS score FROM newest "
                "JOIN search_documents d ON d.id = newest.id JOIN sessions s ON s.id = d.session_id "
                "LEFT JOIN messages m ON m.id = d.message_id ORDER BY d.id DESC"
            )
        return orm.execute(text(statement), parameters).all()


def _fold(text: str) -> str:
    return _DIACRITICS.sub("", unicodedata.normalize("NFKD", text)).casefold()


def snippet(text: str, terms: Sequence[Term]) -> str:
    """About `SNIPPET` characters around the first match, on one line, with every match in it between the marks.

    Made here for both databases, so that it shows what the query language of neither can say (parts of words)."""
    whole = {_fold(word) for term in terms if not term.anywhere for word in term.words}
    beginnings = tuple(_fold(term.words[-1]) for term in terms if term.prefix)
    anywhere = [re.escape(term.words[0]) for term in terms if term.anywhere]
    spans: list[tuple[int, int]] = []
    limit = len(text)
    for match in re.finditer("|".join(anywhere), text, re.IGNORECASE) if anywhere else ():
        if match.start() > limit:
            break
        limit = min(limit, match.end() + SNIPPET)
        spans.append(match.span())
    for match in _WORD.finditer(text) if whole else ():
        if match.start() > limit:
            break
        word = _fold(match.group())
        if word in whole or (beginnings and word.startswith(beginnings)):
            limit = min(limit, match.end() + SNIPPET)
            spans.append(match.span())
    spans.sort()
    start = max(0, spans[0][0] - SNIPPET // 4) if spans else 0
    if start:  # begin with a whole word
        space = text.find(" ", start, spans[0][0])
        start = space + 1 if space >= 0 else start
    end = min(len(text), start + SNIPPET)
    pieces, position = [], start
    for left, right in spans:
        if left < position or left >= end:
            continue
        right = min(right, max(end, left + SNIPPET))
        pieces += [text[position:left], MARK_START, text[left:right], MARK_END]
        position = right
    pieces.append(text[position:end])
    shown = " ".join("".join(pieces).split())
    return ("…" if start else "") + shown + ("…" if max(end, position) < len(text) else "")
