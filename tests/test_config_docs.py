"""The generated page of settings."""

from __future__ import annotations

from pathlib import Path

from jupyter_agent import config_docs
from jupyter_agent.config import SECTIONS

CHECKOUT = Path(__file__).parent.parent


def test_every_setting_is_there_with_help() -> None:
    rows = [line.split(" | ") for line in config_docs.render().splitlines() if line.startswith("| `")]
    names = {row[0].strip("| `") for row in rows}
    for section in SECTIONS:
        for name in section.class_own_traits(config=True):
            assert f"{section.__name__}.{name}" in names
    assert all(len(row[2].split()) >= 3 for row in rows), "each setting's help is the administrator's documentation"


def test_the_committed_page_is_up_to_date() -> None:
    assert config_docs.main(["--check", str(CHECKOUT / "docs" / "configuration.md")]) == 0
