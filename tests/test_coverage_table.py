"""The table of what the reference systems' routes are here."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_agent.api import coverage
from jupyter_agent.api.router import Call, Router
from jupyter_agent.api.table import operations

CHECKOUT = Path(__file__).parent.parent


def a_router(*covers: str) -> Router:
    router = Router("terminals")

    @router.get("/terminals/{name}", covers=covers)
    async def look_at_terminal(call: Call, name: str) -> None:
        """A terminal."""

    return router


def test_every_name_in_covers_is_a_route_of_a_reference() -> None:
    covered = coverage.covering(operations())
    assert sum(map(bool, covered.values())) > 0


def test_a_name_that_is_no_route_is_an_error_that_says_whose_it_is() -> None:
    with pytest.raises(ValueError, match=r"look_at_terminal covers 'sage GET /api/nowhere'"):
        coverage.covering(a_router("sage GET /api/nowhere").operations)


def test_routes_are_counted_and_shown_with_their_operation_or_their_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coverage, "OTHER_DOORS", {"WS /door": [coverage.reference_routes()[1].name]})
    route, by_door, other = coverage.reference_routes()[:3]
    lines = coverage.render(a_router(route.name).operations).splitlines()
    total = len(coverage.reference_routes())
    assert f"| **all** | **{total}** | **2** | **{total - 2}** |" in lines
    assert f"| `{route.method} {route.path}` | `GET /terminals/{{name}}` look_at_terminal | terminals |" in lines
    assert f"| `{by_door.method} {by_door.path}` | `WS /door` | api |" in lines
    assert f"| `{other.method} {other.path}` | not yet | {other.room} |" in lines


def test_check_tells_an_old_file_from_a_new_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "coverage.md"
    assert coverage.main(["--check", str(file)]) == 1
    assert coverage.main([str(file)]) == 0
    assert coverage.main(["--check", str(file)]) == 0
    file.write_text(file.read_text(encoding="utf-8") + "by hand\n", encoding="utf-8")
    assert coverage.main(["--check", str(file)]) == 1
    assert "not up to date" in capsys.readouterr().err


def test_the_committed_table_is_up_to_date() -> None:
    assert coverage.main(["--check", str(CHECKOUT / "docs" / "coverage.md")]) == 0
