"""What a query means, the same on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from jupyter_agent.storage import search as search_module
from jupyter_agent.storage.migrations import upgrade
from jupyter_agent.storage.search import MARK_END, MARK_START, Search, Term, clean, clean_text, parse, snippet
from jupyter_agent.storage.tables import SearchDocumentRow, SessionRow, utcnow

search = Search()

HOSTILE = [
    '"',
    '"""',
    "'",
    "*",
    "a*b*",
    "^start",
    "NEAR(a b, 2)",
    "AND",
    "OR OR",
    "NOT",
    "a NOT b",
    "text:word",
    "{text} : x",
    "-minus",
    "(",
    ")(",
    "a & b | !c",
    "a <-> b",
    ":*",
    "a:*",
    "\\",
    "'; DROP TABLE messages; --",
    "\x00",
    "nul\x00byte",
    "\ud800",
    "\ue000\ue001",
    "%",
    "_",
    "日本%",
    "💥",
    "\u202e",
    "a" * 1000,
    " ".join(["word"] * 500),
    "\t\n ",
    "",
]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def orm(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Session]:
    if request.param == "sqlite":
        engine = sa.create_engine(f"sqlite:///{tmp_path / 'agent.db'}")
    else:
        engine = sa.create_engine(request.getfixturevalue("postgres_url"))
    upgrade(engine)
    with Session(engine) as session:
        for name, owner in (("s1", "me"), ("s2", "me"), ("other", "you")):
            session.add(SessionRow(id=name, owner=owner, title=f"Title of {name}"))
        session.flush()
        yield session
    engine.dispose()


def add(orm: Session, text: str, *, session_id: str = "s1", owner: str = "me", kind: str = "message") -> None:
    number = orm.scalar(sa.select(sa.func.count()).select_from(SearchDocumentRow))
    search.index(
        orm,
        owner=owner,
        session_id=session_id,
        kind=kind,  # type: ignore[arg-type]
        text=text,
        message_id=None if kind == "title" else f"m{number}",
        role="user",
    )
    orm.flush()


def texts(orm: Session, q: str, **options: object) -> list[str]:
    found = search.query(orm, "me", q, **options)  # type: ignore[arg-type]
    assert found.total >= len(found.hits)
    return [hit.snippet.replace(MARK_START, "").replace(MARK_END, "") for hit in found.hits]


def test_all_words_must_be_there(orm: Session) -> None:
    add(orm, "the quick brown fox")
    add(orm, "the quick snail")
    assert texts(orm, "quick fox") == ["the quick brown fox"]
    assert sorted(texts(orm, "quick")) == ["the quick brown fox", "the quick snail"]
    assert texts(orm, "quick horse") == []


def test_last_word_may_be_a_beginning(orm: Session) -> None:
    add(orm, "matplotlib figures")
    assert texts(orm, "matplot") == ["matplotlib figures"]
    assert texts(orm, "figures m") == ["matplotlib figures"]
    assert texts(orm, "matplot figures") == [], "only the last word"
    assert texts(orm, '"matplot"') == [], "not within quotes"


def test_quotes_keep_words_together(orm: Session) -> None:
    add(orm, "pandas data frame")
    add(orm, "frame the data")
    assert texts(orm, '"data frame"') == ["pandas data frame"]
    assert len(texts(orm, "data frame")) == 2
    assert texts(orm, '"data frame') == ["pandas data frame"], "the second quote may be missing still"
    assert texts(orm, '"data frame" panda') == ["pandas data frame"]


def test_punctuation_stands_between_words(orm: Session) -> None:
    add(orm, "open /home/me/my-file_v2.tar.gz and user@example.org, then df['price'].mean()")
    for q in (
        "file",
        "v2",
        "my-file",
        "tar.gz",
        "example.org",
        "user@example.org",
        "df['price']",
        "price mean",
        "home/me",
    ):
        assert len(texts(orm, q)) == 1, q
    assert texts(orm, "file-my") == [], "joined by punctuation they stand together, in this order"


def test_case_and_diacritics_do_not_matter(orm: Session) -> None:
    add(orm, "Crème Brûlée ÜBER naïve Αθήνα Москва")
    for q in ("creme brulee", "CRÈME", "über", "uber", "naive", "Αθήνα", "αθήν", "москва", "моск", "cre\u0300me"):
        assert len(texts(orm, q)) == 1, q


def test_scripts_without_spaces_match_anywhere(orm: Session) -> None:
    add(orm, "私は東京の天気が好きです")
    add(orm, "Python入門の本")
    assert texts(orm, "東京") == ["私は東京の天気が好きです"]
    assert texts(orm, "天気 東京") == ["私は東京の天気が好きです"]
    assert texts(orm, "入門") == ["Python入門の本"]
    assert texts(orm, "python入門") == ["Python入門の本"]
    assert texts(orm, "大阪") == []
    assert f"{MARK_START}東京{MARK_END}" in search.query(orm, "me", "東京").hits[0].snippet


@pytest.mark.parametrize("q", HOSTILE, ids=lambda q: ascii(q)[:30])
def test_nothing_typed_is_syntax(orm: Session, q: str) -> None:
    add(orm, "some words that stand here")
    assert search.query(orm, "me", q).hits == []
    assert search.sessions(orm, "me", q) == []
    assert texts(orm, f"{q[:100]} stand") in ([], ["some words that stand here"])
    orm.execute(sa.select(sa.func.count()).select_from(SearchDocumentRow))  # the transaction is alive


def test_words_of_query_languages_are_words(orm: Session) -> None:
    add(orm, "this and that or NOT near")
    for q in ("AND", "OR", "NOT", "NEAR", "and or not", "that OR"):
        assert len(texts(orm, q)) == 1, q


def test_others_see_nothing(orm: Session) -> None:
    add(orm, "my secret")
    add(orm, "your secret", owner="you", session_id="other")
    add(orm, "my second secret")
    assert sorted(texts(orm, "secret")) == ["my second secret", "my secret"]
    assert search.query(orm, "nobody", "secret") == ([], 0, False)
    assert search.sessions(orm, "you", "secret") == ["other"]


def test_filters_and_pages(orm: Session) -> None:
    for number in range(5):
        add(orm, f"apple number {number}", session_id="s1" if number % 2 else "s2")
    add(orm, "apple pie", kind="title", session_id="s2")
    add(orm, "apple as a tool says", kind="tool_result")
    assert search.query(orm, "me", "apple").total == 7
    assert search.query(orm, "me", "apple", session_id="s1").total == 3
    assert search.query(orm, "me", "apple", kind="title").hits[0].session_id == "s2"
    assert search.query(orm, "me", "apple", kind="tool_result", session_id="s2").total == 0
    pages = [search.query(orm, "me", "apple", limit=3, offset=offset) for offset in (0, 3, 6, 9)]
    assert [len(page.hits) for page in pages] == [3, 3, 1, 0]
    assert {page.total for page in pages} == {7}
    assert len({(hit.kind, hit.message_id) for page in pages for hit in page.hits}) == 7
    scores = [hit.score for page in pages for hit in page.hits]
    assert scores == sorted(scores, reverse=True)
    assert sorted(search.sessions(orm, "me", "apple")) == ["s1", "s2"]


def test_denser_and_titled_matches_come_first(orm: Session) -> None:
    add(orm, "kernel " + "filler " * 60)
    add(orm, "kernel kernel kernel")
    for _ in range(20):
        add(orm, "something else")
    assert texts(orm, "kernel")[0] == "kernel kernel kernel"


def test_removed_and_replaced(orm: Session) -> None:
    add(orm, "first words")
    add(orm, "second words")
    search.set_title(orm, owner="me", session_id="s1", title="Old words")
    search.set_title(orm, owner="me", session_id="s1", title="New words")
    assert sorted(texts(orm, "words")) == ["New words", "first words", "second words"]
    search.remove(orm, session_id="s1", message_ids=["m0"])
    assert sorted(texts(orm, "words")) == ["New words", "second words"]
    search.remove(orm, session_id="s1", kinds=["message"])
    assert texts(orm, "words") == ["New words"]
    search.set_title(orm, owner="me", session_id="s1", title="")
    assert texts(orm, "words") == []


def test_terminated_sessions_are_left_out(orm: Session) -> None:
    add(orm, "gone words")
    orm.get_one(SessionRow, "s1").terminated_at = utcnow()
    orm.flush()
    assert texts(orm, "words") == []
    assert search.sessions(orm, "me", "words") == ["s1"], "the list of sessions has a filter of its own"


def test_long_text_is_found_to_its_end_and_is_one_hit(orm: Session) -> None:
    add(orm, "start " + "padding " * 40_000 + "needle start")
    hits = search.query(orm, "me", "needle").hits
    assert len(hits) == 1
    assert "needle" in hits[0].snippet
    assert search.query(orm, "me", "padding").total == 1


def test_a_megabyte_of_different_words(orm: Session) -> None:
    add(orm, " ".join(f"w{number:x}" for number in range(200_000)))
    assert search.query(orm, "me", "w30d3f").total == 1


def test_frequent_words_are_capped_and_it_is_said(orm: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_module, "MAX_CANDIDATES", 10)
    for number in range(11):
        add(orm, f"common number{number}")
    found = search.query(orm, "me", "common", limit=100)
    assert (found.total, found.capped, len(found.hits)) == (10, True, 10)
    assert "number0" not in " ".join(hit.snippet for hit in found.hits), "the oldest is the one that is left out"
    assert search.query(orm, "me", "number10")[1:] == (1, False)


def test_snippets_mark_words_and_nothing_else() -> None:
    terms = parse("café brow")
    assert snippet("A Cafe with brown\n\nchairs", terms) == (
        f"A {MARK_START}Cafe{MARK_END} with {MARK_START}brown{MARK_END} chairs"
    )
    long = "x " * 500 + "needle here " + "y " * 500
    shown = snippet(long, parse("needle"))
    assert shown.startswith("…x")
    assert shown.endswith("y…")
    assert f"{MARK_START}needle{MARK_END}" in shown
    assert len(shown) < 300
    assert snippet("nothing of it", parse("needle")) == "nothing of it"
    assert snippet("<b>needle</b>", parse("needle")) == f"<b>{MARK_START}needle{MARK_END}</b>"


def test_marks_in_the_text_are_not_marks(orm: Session) -> None:
    add(orm, f"a {MARK_START}forged{MARK_END} match")
    assert search.query(orm, "me", "match").hits[0].snippet == f"a forged {MARK_START}match{MARK_END}"


def test_parse() -> None:
    assert parse('one "two three" four') == [
        Term(("one",)),
        Term(("two", "three")),
        Term(("four",), prefix=True),
    ]
    assert parse("foo-bar") == [Term(("foo", "bar"), prefix=True)]
    assert parse("東京 tower") == [Term(("東京",), anywhere=True), Term(("tower",), prefix=True)]
    assert parse("... !!") == []
    assert len(parse("a " * 1000)) == search_module.MAX_TERMS


def test_clean() -> None:
    assert clean_text("a\x00b") == "ab"
    assert clean_text("x\ud800y\udc00") == "x\ufffdy\ufffd"
    assert clean_text("\U0001f600") == "\U0001f600"
    assert clean({"a\x00": ["b\x00", {"c": 1, "d": None}]}) == {"a": ["b", {"c": 1, "d": None}]}
