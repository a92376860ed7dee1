"""An agent works in a notebook that is open: it edits and runs cells in front of its user, who goes on working."""

from __future__ import annotations

import json
import os
import re
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from ..scripted_provider import Call, Gate, Say, ScriptedProvider, Step
from ..scripted_wire import Asked
from ..servers import JupyterServer
from .notebooks import Work, cell, notebook, open_document
from .panel import Panel

expect: Any = pytest.importorskip(
    "playwright.sync_api", reason="NO BROWSER TEST RAN: playwright is not installed"
).expect

PICTURES = os.environ.get("NOTEBOOK_PICTURES")
"""A folder for screenshots to look at."""

Plan = Sequence[Step | Callable[[list[str]], Step]]
"""What the model does, a step a request: a step, or what makes one of the results that the tools gave until then."""


def look(panel: Panel, name: str) -> None:
    if PICTURES:
        panel.picture(Path(PICTURES) / f"{name}.png")


def make(server: JupyterServer, name: str, *cells: dict[str, Any]) -> str:
    (server.root / name).write_text(notebook(*cells))
    return name


@pytest.fixture
def fresh(scripted: JupyterServer, provider: ScriptedProvider) -> ScriptedProvider:
    provider.reset()
    return provider


def plan(provider: ScriptedProvider, *steps: Step | Callable[[list[str]], Step]) -> None:
    """What the default model does next: one of these a request, by how many results it has seen."""

    async def script(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
        done = len(asked.results)
        step = steps[done] if done < len(steps) else Say("Done.")
        yield step if not callable(step) else step(asked.results)

    provider.script("echo", script)


def hash_of(results: list[str], cell_id: str) -> str:
    """The hash of a cell, as the model has read it last."""
    for result in reversed(results):
        if found := re.search(rf"id {cell_id},.*?hash (\w+)", result):
            return found[1]
    raise AssertionError(f"the model has not read {cell_id}: {results}")


def editing(cell_id: str, source: str) -> Callable[[list[str]], Step]:
    return lambda results: Call("edit_cell", {"cell_id": cell_id, "source": source, "hash": hash_of(results, cell_id)})


def read(*cell_ids: str) -> Step:
    return Call("read_cells", {"cell_ids": list(cell_ids)})


def mode(server: JupyterServer, name: str) -> None:
    server.api("PUT", "/policy", json={"mode": name})


def bar(work: Work, words: str) -> Any:
    return work.root.get_by_role("group", name=words)


def approve(panel: Panel, tool: str) -> None:
    """Says yes to what waits, by the keys that bring somebody there and back from whatever they do."""
    approval = panel.root.locator("[data-approval]")
    expect(approval).to_have_count(1, timeout=60_000)
    [asked] = panel.server.api("GET", "/approvals?status=pending")["items"]
    assert asked["tool"] == tool
    panel.page.keyboard.press("Control+Alt+w")
    expect(approval).to_be_focused()
    panel.page.keyboard.press("Enter")


def sources_of(panel: Panel, path: str) -> list[str]:
    """Of an open notebook, whether it is in front or not."""
    found: list[str] = panel.page.evaluate(
        """path => [...window.jupyterapp.shell.widgets('main')]
            .find(one => one.context?.path === path).content.model.sharedModel.cells.map(one => one.getSource())""",
        path,
    )
    return found


def test_a_failing_cell_is_fixed_while_its_user_types_elsewhere(
    scripted: JupyterServer, fresh: ScriptedProvider, open_panel: Any
) -> None:
    mode(scripted, "ask")
    panel = open_panel(scripted)
    page = panel.page
    path = make(scripted, "sales.ipynb", cell("x = 1", "c0"), cell("numbers = []", "c1"), cell("", "c2"))
    work = Work(panel, path)
    broken = "total = sum(numbers) / len(numbers)\nprint('mean', total)"
    work.replace(1, f"numbers = [3, 4]\nnumbers.clear()\n{broken}")
    unsaved = work.sources()[1]
    page.keyboard.press("Control+Enter")
    button = work.cells.nth(1).get_by_role("button", name="Fix with Agent")
    expect(button).to_be_visible(timeout=60_000)
    fixed = f"numbers = [3, 4]\n{broken}"
    plan(fresh, read("c1"), editing("c1", fixed), Call("run_cells", {"cell_ids": ["c1"]}), Say("It was empty."))
    button.click()
    expect(panel.root.locator("[data-approval]")).to_have_count(1, timeout=60_000)
    look(panel, "agent-asks")
    assert work.sources()[1] == unsaved, "nothing is done before it is allowed"
    # The user says yes from the middle of a line in another cell, and writes on while it is done.
    work.editor(2).click()
    page.keyboard.type("mine = [")
    scrolled = work.root.locator(".jp-WindowedPanel-outer").evaluate("node => node.scrollTop")
    approve(panel, "edit_cell")
    expect(work.editor(2)).to_be_focused()
    page.evaluate(
        """() => {
            window.keys = [];
            window.typing = setInterval(() => {
                const editor = document.activeElement.closest('.cm-content');
                window.keys.push(editor !== null && editor.isContentEditable);
            }, 20);
        }"""
    )
    page.keyboard.type("1, 2, 3, 4, ", delay=40)
    expect(bar(work, "Changed by the agent")).to_be_visible()
    # To run it is asked, too: that takes the cursor from nobody.
    expect(panel.root.locator("[data-approval]")).to_contain_text("Runs code in a kernel", timeout=60_000)
    page.keyboard.type("5, ", delay=40)
    kept: list[bool] = page.evaluate("() => { clearInterval(window.typing); return window.keys; }")
    assert len(kept) > 10
    assert all(kept), "the cursor was taken away"
    look(panel, "agent-edited")
    approve(panel, "run_cells")
    page.keyboard.type("6, 7, 8")
    page.keyboard.type("]")
    # The editor closes brackets itself.
    assert work.sources() == ["x = 1", fixed, "mine = [1, 2, 3, 4, 5, 6, 7, 8]"]
    expect(work.editor(2)).to_be_focused()
    assert work.root.locator(".jp-WindowedPanel-outer").evaluate("node => node.scrollTop") == scrolled
    panel.wait_finished(60_000)
    expect(work.cells.nth(1).locator(".jp-OutputArea-output")).to_contain_text("mean 3.5")
    expect(work.cells.nth(1).get_by_role("button", name="Fix with Agent")).to_have_count(0)
    look(panel, "agent-done")
    saved = json.loads((scripted.root / path).read_text())
    assert [one["source"] for one in saved["cells"]][1:] == ["numbers = []", ""], "it is the user's to save it"
    # Undo brings back the cell as it was, the error it showed included, and leaves the user's alone.
    turn = last_turn(scripted)
    panel.answer.get_by_role("button", name=re.compile("Undo")).first.click()
    expect(bar(work, "Changed by the agent")).to_have_count(0)
    expect(work.editor(1)).to_contain_text("numbers.clear()")
    assert work.sources() == ["x = 1", unsaved, "mine = [1, 2, 3, 4, 5, 6, 7, 8]"]
    expect(work.cells.nth(1).locator(".jp-OutputArea-output")).to_contain_text("ZeroDivisionError")
    checkpoint = scripted.api("GET", f"/turns/{turn}/checkpoint")
    assert checkpoint["state"] == "undone"


def last_turn(server: JupyterServer) -> str:
    """The last turn of the newest session."""
    session = server.api("GET", "/sessions?limit=1")["items"][0]["id"]
    found: str = server.api("GET", f"/sessions/{session}/turns?limit=1")["items"][0]["id"]
    return found


def answers(panel: Panel, text: str) -> None:
    """A turn about the notebook in front, to its end."""
    panel.send(text)
    panel.wait_finished(60_000)


def started(scripted: JupyterServer, fresh: ScriptedProvider, open_panel: Any, name: str, *cells: dict[str, Any],
            **options: Any) -> tuple[Panel, Work]:  # fmt: skip
    """A notebook in front, attached to a new chat whose agent does what it wants."""
    mode(scripted, "auto")
    panel = open_panel(scripted, **options)
    work = Work(panel, make(scripted, name, *cells))
    attach(panel, name)
    return panel, work


def attach(panel: Panel, name: str) -> None:
    panel.root.locator(".jp-agent-Chip.jp-mod-offered").filter(has_text=name).get_by_role("button").first.click()


def test_marks_are_shown_accepted_and_rejected_by_keyboard(
    scripted: JupyterServer, fresh: ScriptedProvider, open_panel: Any
) -> None:
    panel, work = started(
        scripted, fresh, open_panel, "marks.ipynb", *(cell(f"value_{n} = {n}", f"c{n}") for n in range(5))
    )
    page = panel.page
    plan(
        fresh,
        read("c0", "c1", "c2", "c3", "c4"),
        editing("c0", "value_0 = 100"),
        editing("c1", "value_1 = 101"),
        lambda results: Call("delete_cell", {"cell_id": "c2", "hash": hash_of(results, "c2")}),
        Call("insert_cell", {"source": "added = True", "after_id": "c3"}),
        Call("move_cell", {"cell_id": "c4", "after_id": "c0"}),
    )
    answers(panel, "Change a lot")
    expect(bar(work, "Changed by the agent")).to_have_count(2)
    for words in ("Cell deleted by the agent", "Added by the agent", "Moved by the agent"):
        expect(bar(work, words)).to_have_count(1)
    moved = ["value_0 = 100", "value_4 = 4", "value_1 = 101", "value_3 = 3", "added = True"]
    assert work.sources() == moved
    look(panel, "marks")
    deleted = bar(work, "Cell deleted by the agent")
    deleted.get_by_role("button", name="Show").click()
    expect(deleted).to_contain_text("value_2 = 2")
    look(panel, "marks-open")
    # All of it is there after a reload.
    page.keyboard.press("Control+s")
    panel.reload()
    work = Work(panel, "marks.ipynb")
    expect(bar(work, "Changed by the agent")).to_have_count(2)
    expect(bar(work, "Cell deleted by the agent")).to_have_count(1)
    expect(bar(work, "Moved by the agent")).to_have_count(1)
    # The next change, shown and accepted, without a mouse.
    work.editor(4).click()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Alt+g")
    expect(work.cells.nth(0)).to_have_class(re.compile("jp-mod-active"))
    page.keyboard.press("Control+Alt+d")
    expect(bar(work, "Changed by the agent").first.locator(".jp-agent-Diff")).to_contain_text("value_0 = 0")
    page.keyboard.press("Control+Alt+y")
    expect(bar(work, "Changed by the agent")).to_have_count(1)
    assert work.sources()[0] == "value_0 = 100"
    page.keyboard.press("Control+Alt+g")
    page.keyboard.press("Control+Alt+g")
    expect(work.cells.nth(2)).to_have_class(re.compile("jp-mod-active"))
    page.keyboard.press("Control+Alt+u")
    expect(bar(work, "Changed by the agent")).to_have_count(0)
    assert work.sources()[2] == "value_1 = 1"
    bar(work, "Cell deleted by the agent").get_by_role("button", name="Restore").click()
    expect(bar(work, "Cell deleted by the agent")).to_have_count(0)
    assert "value_2 = 2" in work.sources()
    # What the user changes is the user's.
    added = work.sources().index("added = True")
    work.editor(added).click()
    page.keyboard.press("End")
    page.keyboard.type("  # mine")
    expect(bar(work, "Added by the agent")).to_have_count(0)
    bar(work, "Moved by the agent").get_by_role("button", name="Accept").click()
    expect(work.root.locator(".jp-agent-Change")).to_have_count(0)


def test_in_a_narrow_window_all_of_it_is_to_be_seen(
    scripted: JupyterServer, fresh: ScriptedProvider, open_panel: Any
) -> None:
    """With the list of files and the chat beside it, there is little left of 760 pixels."""
    panel, work = started(scripted, fresh, open_panel, "narrow.ipynb", cell("a = 1", "c0"), cell("b = 2", "c1"))
    plan(fresh, read("c0"), editing("c0", "a = 100\nprint('a line that is longer than there is room for it')"))
    answers(panel, "Change it")
    panel.page.set_viewport_size({"width": 760, "height": 800})
    changed = bar(work, "Changed by the agent")
    changed.get_by_role("button", name="Show diff").click()
    expect(changed.locator(".jp-agent-Diff")).to_contain_text("a = 1")
    work.editor(1).click()
    panel.page.keyboard.press("Control+Alt+i")
    prompt = panel.page.get_by_role("form", name="Edit the cell with a prompt")
    expect(prompt.get_by_role("textbox")).to_be_focused()
    panel.page.keyboard.type("longer and better")
    look(panel, "narrow")
    for one in (changed, prompt):
        box = one.bounding_box()
        for inner in one.get_by_role("button").all():
            button = inner.bounding_box()
            assert button["x"] >= box["x"]
            assert button["x"] + button["width"] <= box["x"] + box["width"] + 1
            assert inner.evaluate("node => node.scrollWidth <= node.clientWidth + 1"), "its words are cut"
        # As far in as the cell, whose prompt stands above it here.
        assert abs(box["x"] - work.cells.nth(0).locator(".jp-InputArea-editor").bounding_box()["x"]) < 8


def test_the_agents_edit_is_a_step_of_its_own_in_the_editor(
    scripted: JupyterServer, fresh: ScriptedProvider, open_panel: Any
) -> None:
    panel, work = started(scripted, fresh, open_panel, "undo.ipynb", cell("a = 1", "c1"), cell("b = 2", "c2"))
    page = panel.page
    work.editor(0).click()
    page.keyboard.press("End")
    page.keyboard.type("0")
    plan(fresh, read("c1"), editing("c1", "a = 10 + agent"))
    answers(panel, "Edit it")
    assert work.sources() == ["a = 10 + agent", "b = 2"]
    work.editor(0).click()
    page.keyboard.press("End")
    page.keyboard.type("!")
    page.keyboard.press("Control+z")
    assert work.sources()[0] == "a = 10 + agent"
    page.keyboard.press("Control+z")
    assert work.sources()[0] == "a = 10"
    expect(bar(work, "Changed by the agent")).to_have_count(0)
    page.keyboard.press("Control+z")
    assert work.sources()[0] == "a = 1"


def test_of_two_notebooks_only_the_one_asked_about_is_changed(
    scripted: JupyterServer, fresh: ScriptedProvider, open_panel: Any
) -> None:
    mode(scripted, "auto")
    panel = open_panel(scripted)
    # The same ids in both, as in a copy of a notebook.
    make(scripted, "one.ipynb", cell("who = 'one'", "c1"))
    make(scripted, "two.ipynb", cell("who = 'two'", "c1"))
    Work(panel, "one.ipynb")
    Work(panel, "two.ipynb")
    open_document(panel.page, "one.ipynb")
    attach(panel, "one.ipynb")

    async def script(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
        if not asked.results:
            yield read("c1")
        elif len(asked.results) == 1:
            yield Gate()
            yield editing("c1", "who = 'changed'\nwho")(asked.results)
        elif len(asked.results) == 2:
            yield Call("run_cells", {"cell_ids": ["c1"]})
        else:
            yield Say("Done.")

    fresh.script("echo", script)
    panel.send("Change it")
    # The user turns to the other one before it is changed.
    expect(panel.answer).to_contain_text("Read 1 cell")
    open_document(panel.page, "two.ipynb")
    work = Work(panel, "two.ipynb")
    fresh.release()
    panel.wait_finished(60_000)
    assert sources_of(panel, "one.ipynb") == ["who = 'changed'\nwho"]
    assert sources_of(panel, "two.ipynb") == ["who = 'two'"]
    expect(work.root.locator(".jp-agent-Change")).to_have_count(0)
    expect(work.cells.nth(0).locator(".jp-OutputArea-output")).to_have_count(0)
    open_document(panel.page, "one.ipynb")
    expect(work.cells.nth(0).locator(".jp-OutputArea-output")).to_contain_text("changed")


def test_a_running_cell_shows_what_it_puts_out(
    scripted: JupyterServer, fresh: ScriptedProvider, open_panel: Any
) -> None:
    code = (
        "import pathlib, sys, time\nfrom IPython.display import Image, display\nprint('begun')\n"
        "for n in range(3):\n    sys.stdout.write(f'\\r{n} of 3')\n    sys.stdout.flush()\n    time.sleep(0.2)\n"
        "while not pathlib.Path('go').exists():\n    time.sleep(0.05)\n"
        "import base64\n"
        "display(Image(base64.b64decode('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
        "AABJRU5ErkJggg==')))\n"
        "print('ended')\n1 / 0"
    )
    panel, work = started(scripted, fresh, open_panel, "running.ipynb", cell(code, "c1"), cell("after = 1", "c2"))
    (scripted.root / "go").unlink(missing_ok=True)
    plan(fresh, Call("run_cells", {"cell_ids": ["c1"]}))
    panel.send("Run it")
    first = work.cells.nth(0)
    expect(first.locator(".jp-InputPrompt")).to_have_text("[*]:", timeout=60_000)
    output = first.locator(".jp-OutputArea-output")
    expect(output.first).to_contain_text("begun")
    expect(output.first).to_contain_text("2 of 3")
    expect(output.first).not_to_contain_text("0 of 3")
    look(panel, "running")
    (scripted.root / "go").write_text("")
    panel.wait_finished(60_000)
    expect(first.locator(".jp-InputPrompt")).to_have_text(re.compile(r"\[\d+\]:"))
    expect(first.locator("img")).to_have_count(1)
    expect(output.last).to_contain_text("ZeroDivisionError")
    expect(first.get_by_role("button", name="Fix with Agent")).to_be_visible()
    look(panel, "ran")
    panel.page.keyboard.press("Control+s")
    panel.page.wait_for_function(
        "() => ![...window.jupyterapp.shell.widgets('main')].some(one => one.context?.model.dirty)"
    )
    [saved, _] = json.loads((scripted.root / "running.ipynb").read_text())["cells"]
    assert isinstance(saved["execution_count"], int)
    kinds = [one["output_type"] for one in saved["outputs"]]
    assert kinds == ["stream", "display_data", "stream", "error"]


def test_a_long_cell_goes_on_when_its_tab_is_closed(
    scripted: JupyterServer, fresh: ScriptedProvider, open_panel: Any
) -> None:
    code = (
        "import pathlib, time\nprint('begun', flush=True)\n"
        "while not pathlib.Path('long').exists():\n    time.sleep(0.05)\nprint('ended')"
    )
    panel, work = started(scripted, fresh, open_panel, "long.ipynb", cell(code, "c1"))
    (scripted.root / "long").unlink(missing_ok=True)
    plan(fresh, Call("run_cells", {"cell_ids": ["c1"]}))
    panel.send("Run it")
    expect(work.cells.nth(0).locator(".jp-OutputArea-output")).to_contain_text("begun", timeout=60_000)
    panel.page.evaluate(
        """async () => {
            const panel = [...window.jupyterapp.shell.widgets('main')].find(one => one.context?.path === 'long.ipynb');
            await panel.context.save();
            panel.dispose();
        }"""
    )
    (scripted.root / "long").write_text("")
    panel.wait_finished(60_000)
    work = Work(panel, "long.ipynb")
    expect(work.cells.nth(0).locator(".jp-OutputArea-output")).to_contain_text("ended")
    expect(work.cells.nth(0).locator(".jp-InputPrompt")).to_have_text(re.compile(r"\[\d+\]:"))


@pytest.mark.parametrize("windowing", ["contentVisibility", "full"])
def test_what_is_read_does_not_move_and_cells_that_are_not_drawn_are_edited(
    scripted: JupyterServer, fresh: ScriptedProvider, open_panel: Any, windowing: str
) -> None:
    raw = json.dumps({"windowingMode": windowing})
    scripted.client.put("lab/api/settings/@jupyterlab/notebook-extension:tracker", json={"raw": raw}).raise_for_status()
    cells = [cell("\n".join(f"value_{n}_{line} = {line}" for line in range(8)), f"c{n}") for n in range(40)]
    panel, work = started(scripted, fresh, open_panel, "far.ipynb", *cells)
    page = panel.page
    for _ in range(12):
        page.keyboard.press("Escape")
    work.cells.nth(0).locator(".jp-InputPrompt").click()
    page.evaluate(
        """async () => {
            const {content} = [...window.jupyterapp.shell.widgets('main')].find(one => one.isVisible && one.context);
            content.activeCellIndex = 30;
            await content.scrollToItem(30, 'center');
        }"""
    )
    active = work.root.locator(".jp-Cell.jp-mod-active")
    expect(active).to_be_in_viewport()
    active.locator(".cm-content").click()
    page.keyboard.press("Control+Home")
    page.keyboard.type("typed ")
    page.wait_for_timeout(500)
    before = active.bounding_box()
    plan(
        fresh,
        read("c2", "c3"),
        Call("insert_cell", {"source": "one\ntwo\nthree\nfour\nfive", "after_id": ""}),
        editing("c2", "short"),
        lambda results: Call("delete_cell", {"cell_id": "c3", "hash": hash_of(results, "c3")}),
        Call("move_cell", {"cell_id": "c39", "after_id": ""}),
    )
    page.evaluate("window.before = document.activeElement")
    turn = scripted.api("POST", "/sessions", json={"notebook": "far.ipynb"})["id"]
    scripted.api("POST", f"/sessions/{turn}/turns", json={"message": "Change what is far away"})
    page.wait_for_function(
        """() => [...window.jupyterapp.shell.widgets('main')].find(one => one.context?.path === 'far.ipynb')
            .content.model.sharedModel.cells[0].getId() === 'c39'""",
        timeout=30_000,
    )
    page.wait_for_timeout(500)
    expect(active).to_contain_text("typed value_30_0")
    after = active.bounding_box()
    # In the mode `full`, JupyterLab only guesses how high the cells are that are not on the screen.
    assert abs(after["y"] - before["y"]) <= (2 if windowing != "full" else 20), "what the user reads has moved"
    assert page.evaluate("window.before === document.activeElement"), "the cursor was taken away"
    page.keyboard.type("on ")
    expect(active).to_contain_text("typed on value_30_0")
    sources = work.sources()
    assert sources[1].startswith("one\ntwo")
    assert "short" in sources
    assert len(sources) == 40
    look(panel, "far")


def test_what_the_user_types_into_the_same_cell_is_not_written_over(
    scripted: JupyterServer, fresh: ScriptedProvider, open_panel: Any
) -> None:
    panel, work = started(scripted, fresh, open_panel, "conflict.ipynb", cell("a = 1", "c1"))

    async def script(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
        if not asked.results:
            yield read("c1")
        elif len(asked.results) == 1:
            yield Gate()
            yield editing("c1", "a = 2")(asked.results)
        else:
            yield Say("I saw: " + asked.results[-1])

    fresh.script("echo", script)
    panel.send("Change it")
    expect(panel.answer).to_contain_text("Read 1 cell", timeout=60_000)
    work.editor(0).click()
    panel.page.keyboard.press("End")
    panel.page.keyboard.type("23")
    fresh.release()
    panel.wait_finished(60_000)
    assert work.sources() == ["a = 123"]
    expect(panel.answer).to_contain_text("a = 123")
    expect(work.root.locator(".jp-agent-Change")).to_have_count(0)


def test_a_notebook_that_may_not_be_written_is_left_alone(
    scripted: JupyterServer, fresh: ScriptedProvider, open_panel: Any
) -> None:
    panel, work = started(scripted, fresh, open_panel, "locked.ipynb", cell("a = 1", "c1"))
    panel.page.evaluate(
        """() => {
            [...window.jupyterapp.shell.widgets('main')].find(one => one.context?.path === 'locked.ipynb')
                .content.model.readOnly = true;
        }"""
    )
    plan(fresh, read("c1"), editing("c1", "a = 2"), lambda results: Say(results[-1]))
    answers(panel, "Change it")
    expect(panel.answer).to_contain_text("read-only")
    assert work.sources() == ["a = 1"]


def test_of_two_tabs_the_one_that_is_looked_at_is_changed(
    scripted: JupyterServer, fresh: ScriptedProvider, open_panel: Any
) -> None:
    mode(scripted, "auto")
    path = make(scripted, "shared.ipynb", cell("a = 1", "c1"))
    first = open_panel(scripted)
    second = Panel(first.page.context.new_page(), scripted)
    second.open()
    for panel in (first, second):
        Work(panel, path)
    session = scripted.api("POST", "/sessions", json={"notebook": path})["id"]
    for number, panel in enumerate((second, first), 2):
        # A browser without a screen gives each of its pages the focus.
        panel.page.evaluate("window.dispatchEvent(new Event('focus'))")
        panel.page.wait_for_timeout(1_000)
        plan(fresh, read("c1"), editing("c1", f"a = {number}"))
        scripted.api("POST", f"/sessions/{session}/turns", json={"message": "Change it"})
        panel.page.wait_for_function(
            """source => [...window.jupyterapp.shell.widgets('main')].find(one => one.context?.path === 'shared.ipynb')
                .content.model.sharedModel.cells[0].getSource() === source""",
            arg=f"a = {number}",
        )
        # The next change waits for this turn's end.
        while scripted.api("GET", f"/sessions/{session}/turns?limit=1")["items"][0]["status"] != "finished":
            panel.page.wait_for_timeout(50)
    assert sources_of(first, path) == ["a = 3"]
    assert sources_of(second, path) == ["a = 2"]


def test_a_file_that_is_open_is_read_and_changed_as_it_stands(
    scripted: JupyterServer, fresh: ScriptedProvider, open_panel: Any
) -> None:
    mode(scripted, "auto")
    (scripted.root / "tool.py").write_text("LIMIT = 1\n")
    panel = open_panel(scripted)
    page = panel.page
    open_document(page, "tool.py")
    editor = page.locator(".jp-FileEditor .cm-content")
    editor.click()
    page.keyboard.press("Control+End")
    page.keyboard.type("unsaved = True")
    plan(
        fresh,
        Call("read_file", {"path": "tool.py"}),
        Call("edit_file", {"path": "tool.py", "old": "LIMIT = 1", "new": "LIMIT = 2"}),
        Call("open_file", {"path": "tool.py", "line": 2}),
        Call("show_diff", {"path": "tool.py", "before": "a = 1", "after": "a = 2", "title": "What I mean"}),
        lambda results: Say(" / ".join(results)),
    )
    answers(panel, "Raise the limit in tool.py")
    expect(panel.answer).to_contain_text("unsaved = True")
    expect(panel.answer).to_contain_text("Opened tool.py at line 2.")
    tab = page.locator(".jp-agent-DiffTab")
    expect(tab).to_contain_text("a = 2")
    look(panel, "diff-tab")
    assert panel.violations() == []
    open_document(page, "tool.py")
    expect(editor).to_contain_text("LIMIT = 2")
    expect(editor).to_contain_text("unsaved = True")
    editor.click()
    page.keyboard.press("Control+z")
    expect(editor).to_contain_text("LIMIT = 1")
    expect(editor).to_contain_text("unsaved = True")


@pytest.mark.parametrize("dark", [False, True])
def test_marks_are_accessible(scripted: JupyterServer, fresh: ScriptedProvider, open_panel: Any, dark: bool) -> None:
    panel, work = started(
        scripted, fresh, open_panel, f"axe-marks-{dark}.ipynb", cell("a = 1", "c1"), cell("b = 2", "c2"), dark=dark
    )
    plan(
        fresh,
        read("c1", "c2"),
        editing("c1", "a = 3"),
        lambda results: Call("delete_cell", {"cell_id": "c2", "hash": hash_of(results, "c2")}),
    )
    answers(panel, "Change")
    changed = bar(work, "Changed by the agent")
    changed.get_by_role("button", name="Show diff").click()
    expect(changed.locator(".jp-agent-Diff")).to_contain_text("a = 3")
    bar(work, "Cell deleted by the agent").get_by_role("button", name="Show").click()
    look(panel, f"axe-marks-{'dark' if dark else 'light'}")
    assert panel.violations() == []
