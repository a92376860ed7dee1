"""The browsable API."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jupyter_agent.api import docs_page


def the_page() -> str:
    page = docs_page.docs_file()
    assert page is not None
    assert page.status == 200, "the lab extension's build puts Swagger UI into the package"
    assert page.media_type.startswith("text/html")
    return page.data.decode()


def test_everything_the_page_loads_is_in_the_package() -> None:
    names = re.findall(r'(?:src|href)="docs/([^"]+)"', the_page())
    assert set(names) == {"swagger-ui.css", "swagger-ui-bundle.js", "start.js"}
    for name in names:
        file = docs_page.docs_file(name)
        assert file is not None, name
        assert len(file.data) > 100


def test_the_page_names_no_other_host_and_has_no_inline_script() -> None:
    page = the_page()
    assert "//" not in re.sub(r"<!--.*?-->", "", page, flags=re.S)
    assert not re.search(r"<script>|<script [^>]*>[^<]|\son\w+=", page)


@pytest.mark.parametrize("name", ["nothing.js", "../models.py", "..", "/etc/passwd", "swagger-ui.css/.."])
def test_nothing_else_is_a_file_of_the_page(name: str) -> None:
    assert docs_page.docs_file(name) is None


def test_a_build_without_the_files_says_how_to_make_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(docs_page, "_built", lambda name: tmp_path / name)
    page = docs_page.docs_file()
    assert page is not None
    assert page.status == 503
    assert b"npm run build" in page.data
    assert docs_page.docs_file("swagger-ui.css") is None
