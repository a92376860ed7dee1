"""The kernel tools, and running cells, in real kernels."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from jupyter_agent.documents import link, publishing
from jupyter_agent.documents.service import DocumentService

from .conftest import Api
from .notebook_tools import Tab, Tools, bytes_of, cells_of, code, markdown, write_notebook
from .scripted_provider import ScriptedProvider
from .servers import JupyterServer
from .tool_turns import begin, eventually, finished, make_calls, of_type

OpenTab = Callable[..., Any]


@pytest.fixture
def tools(api: Api) -> Tools:
    return Tools(api)


@pytest.fixture
def root(jp_root_dir: Path) -> Path:
    return jp_root_dir


@pytest.fixture
def documents(jp_serverapp: Any, jp_asyncio_loop: asyncio.AbstractEventLoop) -> DocumentService:
    app = next(iter(jp_serverapp.extension_manager.extension_apps["jupyter_agent"]))
    return cast("DocumentService", jp_asyncio_loop.run_until_complete(app.services()).documents)


@pytest.fixture
def notebook(root: Path) -> Path:
    return write_notebook(
        root / "a.ipynb",
        code("one", "x = 6 * 7\nprint(x)"),
        markdown("two", "# Two"),
        code("three", "x / 0"),
        code("four", "x + 1"),
    )


@pytest.fixture
def open_tab(jp_ws_fetch: Callable[..., Awaitable[Any]]) -> OpenTab:
    @asynccontextmanager
    async def open_tab(path: str, cells: Any = None) -> AsyncIterator[Tab]:
        tab = Tab(await jp_ws_fetch("agent", "v1", "ws"), path, cells)
        await tab.open()
        try:
            yield tab
        finally:
            await tab.close()

    return open_tab


async def kernels(api: Api) -> list[Any]:
    """Jupyter's own list of kernels."""
    response = await api.client.get("api/sessions")
    return [session["kernel"] for session in response.json()]


# Cells ---------------------------------------------------------------------------------------------------------------


async def test_cells_run_in_the_notebooks_own_kernel(tools: Tools, api: Api, notebook: Path) -> None:
    text = await tools.ok("run_cells", path="a.ipynb", cell_ids=["one"])
    assert "was started" in text
    assert "42" in text
    cell = cells_of(notebook)[0]
    assert (cell.execution_count, cell.outputs[0]["text"]) == (1, "42\n")
    text = await tools.ok("run_cells", path="a.ipynb", cell_ids=["four"])
    assert "was started" not in text
    assert "43" in text
    sessions = (await api.client.get("api/sessions")).json()
    assert [(one["path"], one["type"], one["name"]) for one in sessions] == [("a.ipynb", "notebook", "a.ipynb")]
    assert "(run 2, 1 output)" in await tools.ok("notebook_map", path="a.ipynb")
    assert (await tools.ok("list_notebooks")).startswith("a.ipynb  (not open, kernel python3 idle)")


async def test_a_path_may_be_written_in_many_ways(tools: Tools, notebook: Path) -> None:
    await tools.ok("run_code", path="/a.ipynb", code="y = 1")
    assert "y: int = 1" in await tools.ok("list_variables", path="./a.ipynb")
    assert "kernel python3" in await tools.ok("kernel_status", path="a.ipynb")


async def test_a_server_that_stops_writes_down_what_ran(tmp_path: Path) -> None:
    def whole() -> None:
        with JupyterServer(tmp_path, config={"ToolSettings": {"cell_seconds": 1.0}}) as server:
            source = "import time\nprint('began', flush=True)\ntime.sleep(600)"
            path = write_notebook(server.root / "long.ipynb", code("one", source))
            body = {"arguments": {"path": "long.ipynb"}, "approved": True}
            deadline = time.monotonic() + 30
            server.api("POST", "/tools/run_all/call", json=body)
            while "began" not in server.api("POST", "/tools/kernel_status/call", json=body)["content"]:
                assert time.monotonic() < deadline
                time.sleep(0.1)
            server.stop()
            began, lost = cells_of(path)[0].outputs
            assert began["text"] == "began\n"
            assert lost["evalue"] == "The server was stopped while this ran."

    await asyncio.to_thread(whole)


async def test_the_first_error_ends_a_run(tools: Tools, notebook: Path) -> None:
    text = await tools.error("run_all", path="a.ipynb")
    assert "ZeroDivisionError: division by zero" in text
    assert "\x1b" not in text
    assert text.endswith("Not run: four.")
    one, _, three, four = cells_of(notebook)
    assert (one.execution_count, three.outputs[0]["ename"], four.execution_count) == (1, "ZeroDivisionError", None)
    assert "(run 2, ERROR, 1 output)" in await tools.ok("notebook_map", path="a.ipynb")
    assert "markdown" in await tools.error("run_cells", path="a.ipynb", cell_ids=["one", "two"])


async def test_only_the_named_notebook_is_touched(tools: Tools, root: Path, notebook: Path) -> None:
    other = write_notebook(root / "b.ipynb", code("one", "x = 'b'"))
    await tools.ok("run_cells", path="b.ipynb", cell_ids=["one"])
    before = bytes_of(other)
    await tools.ok("run_cells", path="a.ipynb", cell_ids=["one"])
    assert bytes_of(other) == before
    assert "= 'b'" in await tools.ok("list_variables", path="b.ipynb")
    assert "= 42" in await tools.ok("list_variables", path="a.ipynb")
    assert "Which notebook?" in await tools.error("list_variables")


async def test_pictures_tables_and_progress_bars(tools: Tools, api: Api, root: Path) -> None:
    png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
    source = f"""
import base64, sys
from IPython.display import HTML, SVG, Markdown, clear_output, display
print('gone'); clear_output()
handle = display('first', display_id=True); handle.update('updated')
for n in range(3): print('\\r%d %%' % n, end='')
print()
display({{'image/png': '{png}', 'text/plain': '<Figure>'}}, raw=True)
display(HTML('<table><tr><th>a</th><td>1</td></tr></table><script>x</script>'))
display(SVG('<svg xmlns="http://www.w3.org/2000/svg"/>')); display(Markdown('*em*'))
print('warned', file=sys.stderr)
"""
    path = write_notebook(root / "p.ipynb", code("one", source))
    result = await tools("run_all", path="p.ipynb")
    text = result["content"]
    assert not result["is_error"], text
    for said in ("'updated'", "\n2 %\n", "[picture 1, image/png", "a\t1", "[SVG drawing", "*em*", "[stderr]\nwarned"):
        assert said in text, text
    for silent in ("gone", "first", "0 %", "<script>", png):
        assert silent not in text, text
    (image,) = result["images"]
    blob = await api("GET", f"/blobs/{image['blob_id']}")
    assert blob.content == base64.b64decode(png)
    outputs = cells_of(path)[0].outputs
    assert outputs[0]["data"]["text/plain"] == "'updated'"
    assert outputs[1]["text"] == "2 %\n"
    read = await tools("read_cells", path="p.ipynb")
    assert len(read["images"]) == 1


async def test_a_cell_that_asks_for_input_says_so(tools: Tools, notebook: Path) -> None:
    text = await tools.error("run_code", path="a.ipynb", code="input('Name?')")
    assert "nobody is there to type it" in text


async def test_a_hundred_megabytes_of_output(tools: Tools, root: Path, documents: DocumentService) -> None:
    path = write_notebook(root / "big.ipynb", code("one", "for n in range(1_000_000): print(f'{n:099d}')"))
    result = await tools("run_all", path="big.ipynb")
    assert not result["is_error"]
    assert len(result["content"]) < 25_000
    assert "read_result" in result["content"]
    assert result["blob_id"]
    kept = cells_of(path)[0].outputs
    assert len(kept) == 1
    assert 9_000_000 < len(kept[0]["text"]) < 11_000_000
    assert kept[0]["text"].startswith(f"{0:099d}\n"), "the beginning is kept"
    assert kept[0]["text"].endswith(f"{999_999:099d}\n"), "and the end"
    assert "characters of output were not kept" in kept[0]["text"]


# Long runs -----------------------------------------------------------------------------------------------------------


@pytest.mark.settings(ToolSettings={"cell_seconds": 1.5})
async def test_a_cell_that_runs_for_long_goes_on_without_its_call_and_its_tab(
    tools: Tools, documents: DocumentService, root: Path, open_tab: OpenTab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half an hour, by a shorter clock: the tab is closed, nobody waits, and the outputs come into the file."""
    monkeypatch.setattr(publishing, "FILE_SECONDS", 0.2)
    source = "import os, time\nn = 0\nwhile not os.path.exists('stop'):\n    print(n); n += 1; time.sleep(0.1)\n'end'"
    path = write_notebook(root / "long.ipynb", code("one", source), code("two", "n"))
    await tools.ok("run_code", path="long.ipynb", code="1")  # the kernel runs
    async with open_tab("long.ipynb", [code("one", source), code("two", "n")]) as tab:
        text = await tools.ok("run_cells", path="long.ipynb", cell_ids=["one", "two"])
        assert "still running" in text
        assert "kernel_status" in text
        assert text.endswith("Not run: two.")
        shown = tab.cell("one")
        assert shown["state"] == "running"

        async def streamed() -> bool:
            return "".join(output["text"] for output in shown["outputs"]).startswith("0\n1\n2\n")

        await eventually(streamed)
        sent = [params for method, params in tab.asked if method == "notebook/execution"]
        assert len(sent) < 100, "about ten times a second"
    status = await tools.ok("kernel_status", path="long.ipynb")
    assert "now: cell one of long.ipynb (running for" in status
    assert "0\n1\n2\n" in status

    async def outputs() -> list[Any]:
        # As Jupyter reads it, and not while it is being written.
        async with documents.lock("long.ipynb"):
            found: list[Any] = cells_of(path)[0].outputs
            return found

    async def in_the_file() -> bool:
        return "12\n" in "".join(output["text"] for output in await outputs())

    await eventually(in_the_file)
    assert "running for" in await tools.ok("read_cells", path="long.ipynb", cell_ids=["one"])
    (root / "stop").touch()

    async def ended() -> bool:
        return len(await outputs()) == 2

    await eventually(ended)
    stream, end = await outputs()
    lines = stream["text"].split()
    assert lines == [str(n) for n in range(len(lines))], "nothing is missing, nothing there twice"
    assert end["data"]["text/plain"] == "'end'"
    assert "before: cell one of long.ipynb (done after" in await tools.ok("kernel_status", path="long.ipynb")


async def test_an_interrupted_turn_interrupts_its_cell(
    api: Api, scripted: ScriptedProvider, tools: Tools, root: Path
) -> None:
    path = write_notebook(root / "long.ipynb", code("one", "import time\nprint('began')\ntime.sleep(600)"))
    session = await api.session(notebook="long.ipynb", mode="auto")
    make_calls(scripted)
    turn = await begin(api, [("run_all", {})], session=session)

    async def began() -> bool:
        return "began" in await tools.ok("kernel_status", path="long.ipynb")

    await eventually(began)
    await api.ok("POST", f"/turns/{turn['id']}/interrupt")
    assert (await finished(api, turn["id"]))["stop_reason"] == "interrupted"

    async def free() -> bool:
        return bool((await kernels(api))[0]["execution_state"] == "idle")

    await eventually(free)
    assert cells_of(path)[0].outputs[-1]["ename"] == "KeyboardInterrupt"
    assert "(interrupted after" in await tools.ok("kernel_status", path="long.ipynb")


async def test_what_runs_is_told_while_it_runs(api: Api, scripted: ScriptedProvider, root: Path) -> None:
    write_notebook(root / "p.ipynb", code("one", "import time\nfor n in range(3): print('step', n); time.sleep(0.3)"))
    session = await api.session(notebook="p.ipynb", mode="auto")
    make_calls(scripted)
    turn = await begin(api, [("run_all", {})], session=session)
    events = await api.events(turn["id"])
    told = "".join(event.get("delta", "") for event in of_type(events, "tool_progress"))
    assert told == "step 0\nstep 1\nstep 2\n"


@pytest.mark.settings(ToolSettings={"cell_seconds": 0.5})
async def test_the_users_own_cell_is_waited_for_and_never_interrupted(
    tools: Tools, root: Path, documents: DocumentService
) -> None:
    write_notebook(root / "a.ipynb", code("one", "'mine'"))
    await tools.ok("run_code", path="a.ipynb", code="1")
    kernel_id = await documents.kernels.running("a.ipynb")
    assert kernel_id is not None
    users = link.KernelLink(documents.server.kernel_manager, kernel_id)
    await users.open()
    from jupyter_agent.documents.execution import Execution

    theirs = Execution(kernel_id, "import time\ntime.sleep(2.5)\nprint('theirs')")
    running = asyncio.create_task(users.run(theirs))

    async def busy() -> bool:
        state = documents.kernels.state(kernel_id)
        return state is not None and state.state == "busy"

    await eventually(busy)
    assert "waits for the kernel" in await tools.ok("run_cells", path="a.ipynb", cell_ids=["one"])
    assert "busy with something that the user" in await tools.ok("kernel_status", path="a.ipynb")
    await running
    assert theirs.area.outputs[0]["text"] == "theirs\n"

    async def mine() -> bool:
        return "'mine'" in await tools.ok("read_cells", path="a.ipynb")

    await eventually(mine)
    users.close("done")


# Death ---------------------------------------------------------------------------------------------------------------


async def test_a_kernel_that_dies(tools: Tools, notebook: Path) -> None:
    text = await tools.error("run_code", path="a.ipynb", code="import os; os._exit(9)")
    assert "The kernel died while this ran" in text
    assert "KernelLost" in text
    assert "= 1" in await tools.ok("run_code", path="a.ipynb", code="y = 1; print('= 1')")


async def test_a_kernel_that_is_restarted_meanwhile(tools: Tools, documents: DocumentService, notebook: Path) -> None:
    await tools.ok("run_code", path="a.ipynb", code="y = 1")
    run = asyncio.create_task(tools.error("run_code", path="a.ipynb", code="import time; time.sleep(600)"))

    async def began() -> bool:
        return "running for" in await tools.ok("kernel_status", path="a.ipynb")

    await eventually(began)
    kernel_id = await documents.kernels.running("a.ipynb")
    manager: Any = documents.server.kernel_manager
    await manager.restart_kernel(kernel_id)
    assert "restarted while this ran" in await run
    assert "no variables" in await tools.ok("list_variables", path="a.ipynb")


async def test_interrupt_and_restart(tools: Tools, notebook: Path) -> None:
    for name in ("interrupt_kernel", "restart_kernel", "list_variables", "complete_code"):
        arguments = {"code": "x."} if name == "complete_code" else {}
        assert "No kernel runs" in await tools.error(name, path="a.ipynb", **arguments)
    assert "No kernel runs for a.ipynb. Installed:" in await tools.ok("kernel_status", path="a.ipynb")
    await tools.ok("run_cells", path="a.ipynb", cell_ids=["one"])
    run = asyncio.create_task(tools.error("run_code", path="a.ipynb", code="import time; time.sleep(600)"))

    async def began() -> bool:
        return "running for" in await tools.ok("kernel_status", path="a.ipynb")

    await eventually(began)
    assert "busy with code of run_code" in await busy_error(tools)
    assert "interrupted after" in await tools.ok("interrupt_kernel", path="a.ipynb")
    assert "KeyboardInterrupt" in await run
    assert "x: int = 42" in await tools.ok("list_variables", path="a.ipynb")
    await tools.ok("restart_kernel", path="a.ipynb")
    assert "no variables" in await tools.ok("list_variables", path="a.ipynb")


async def busy_error(tools: Tools) -> str:
    from jupyter_agent.tools.builtin import kernel

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel, "PATIENCE_SECONDS", 0.3)
        return await tools.error("list_variables", path="a.ipynb")


async def test_a_kernel_that_is_not_installed(tools: Tools, root: Path) -> None:
    write_notebook(root / "r.ipynb", code("one", "1"), kernelspec={"name": "ir", "display_name": "R", "language": "R"})
    text = await tools.error("run_all", path="r.ipynb")
    assert "'ir', which is not installed" in text
    assert "python3" in text


# Looking -------------------------------------------------------------------------------------------------------------


SET_UP = """
import numpy as np
n = 3; text = 'a' * 100; api_key = 'sk-secret'; password = 'hunter2'; _private = 1
items = [1, 'two', np.zeros(2)]; config = {'name': 'x', 'token': 'tok-secret'}
array = np.arange(12.0).reshape(3, 4); array[0, 0] = np.nan
class Odd:
    'An odd one.'
    def __init__(self): self.size = 3; self.secret = 'obj-secret'
    def __repr__(self): raise ValueError('no')
odd = Odd()
def double(x: int) -> int:
    'Twice.'
    return 2 * x
"""


async def test_variables_are_listed_and_nothing_is_left_behind(tools: Tools, notebook: Path) -> None:
    await tools.ok("run_code", path="a.ipynb", code=SET_UP)
    await tools.ok("run_cells", path="a.ipynb", cell_ids=["one"])
    await tools.ok("run_code", path="a.ipynb", code="'an expression'")
    look = "print((sorted(globals()), In, Out, _, __, ___, get_ipython().execution_count))"
    before = await tools.ok("run_code", path="a.ipynb", code=look)
    text = await tools.ok("list_variables", path="a.ipynb")
    await tools.ok("inspect_variable", path="a.ipynb", name="array")
    await tools.error("inspect_variable", path="a.ipynb", name="none")
    after = await tools.ok("run_code", path="a.ipynb", code=look)
    assert "an expression" in before
    assert after.split("```")[1] == before.split("```")[1]
    lines = dict(line.split(": ", 1) for line in text.split("\n"))
    assert lines["n"].startswith("int = 3")
    assert lines["array"].startswith("numpy.ndarray [3 x 4], 96 bytes")
    assert lines["items"].startswith("list [3]")
    assert lines["api_key"].startswith("str [9] = ***")
    assert lines["double"].startswith("function")
    assert lines["odd"].startswith("Odd")
    assert not {"_private", "np", "In", "Out", "get_ipython"} & set(lines)
    for secret in ("sk-secret", "hunter2", "tok-secret", "obj-secret"):
        assert secret not in text


async def test_one_variable_is_looked_at(tools: Tools, notebook: Path) -> None:
    await tools.ok("run_code", path="a.ipynb", code=SET_UP)
    expected = {
        "array": ("shape (3, 4), dtype float64", "min 1.0, max 11.0", "without 1 NaN"),
        "items": ("3 items", "1: 'two'", "2: numpy.ndarray (2)"),
        "items[1]": ("str", "two"),
        "config['name']": ("x",),
        "config": ("'name': 'x'", "'token': ***"),
        "odd": ("'size': 3", "'secret': ***", "An odd one."),
        "odd.size": ("int", "3"),
        "double": ("double(x: int) -> int", "Twice.", "return 2 * x"),
        "text": ("a" * 100,),
    }
    for name, said in expected.items():
        text = await tools.ok("inspect_variable", path="a.ipynb", name=name)
        for one in said:
            assert one in text, text
        assert "tok-secret" not in text
        assert "obj-secret" not in text
    assert "arra" in await tools.error("inspect_variable", path="a.ipynb", name="arry")
    assert "KeyError" in await tools.error("inspect_variable", path="a.ipynb", name="config['none']")
    for call in ("double(1)", "items[n]", "__import__('os')", "n; 1", "", "items[1:2]"):
        assert "is no variable" in await tools.error("inspect_variable", path="a.ipynb", name=call)


async def test_data_frames(tools: Tools, notebook: Path) -> None:
    pytest.importorskip("pandas", reason="NOT TESTED: data frames, because pandas is not installed")
    columns = "{'a': [1, 2, None], 'b': ['x', 'y', 'z'], 'password': ['p1', 'p2', 'p3']}"
    await tools.ok("run_code", path="a.ipynb", code=f"import pandas as pd\ndf = pd.DataFrame({columns})")
    assert "df: pandas.DataFrame [3 x 3]" in await tools.ok("list_variables", path="a.ipynb")
    text = await tools.ok("inspect_variable", path="a.ipynb", name="df")
    for said in ("3 rows x 3 columns", "a\tfloat64\t1", "head:", "describe:", "mean", "for their names: password"):
        assert said in text, text
    assert "p1" not in text
    assert "3 values, dtype float64, 1 missing" in await tools.ok("inspect_variable", path="a.ipynb", name="df.a")


async def test_polars_frames(tools: Tools, notebook: Path) -> None:
    pytest.importorskip("polars", reason="NOT TESTED: polars, because it is not installed")
    frame = "import polars as pl\ndf = pl.DataFrame({'a': [1, 2, None], 'token': ['t1', 't2', 't3']})"
    await tools.ok("run_code", path="a.ipynb", code=frame)
    text = await tools.ok("inspect_variable", path="a.ipynb", name="df")
    for said in ("3 rows x 2 columns", "a\tInt64\t1", "head:", "describe:", "mean"):
        assert said in text, text
    assert "t1" not in text


async def test_secrets_need_their_own_permission(api: Api) -> None:
    async def needed(name: str) -> set[str]:
        body = {"tool": "inspect_variable", "arguments": {"name": name, "path": "a.ipynb"}}
        return set((await api.ok("POST", "/policy/evaluate", json=body))["capabilities"])

    for name in (
        "api_key",
        "OPENAI_API_KEY",
        "token",
        "my_password",
        "config['secret']",
        "os.environ['HOME']",
        "authToken",
    ):
        assert "secret" in await needed(name), name
    for name in ("df", "keyboard", "monkey", "x.y", "tokenizer"):
        assert await needed(name) == {"read"}, name


async def test_code_is_completed(tools: Tools, notebook: Path) -> None:
    await tools.ok("run_code", path="a.ipynb", code="grüße = 'a'")
    result = await tools("complete_code", path="a.ipynb", code="ä = grüß")
    assert "grüße" in result["metadata"]["matches"]
    assert await tools.ok("complete_code", path="a.ipynb", code="no_such_name_at_all.") == "Nothing."


async def test_code_in_a_new_cell(tools: Tools, notebook: Path) -> None:
    result = await tools("run_code", path="a.ipynb", code="40 + 2", new_cell=True)
    assert not result["is_error"]
    cell = cells_of(notebook)[-1]
    assert (cell.source, cell.execution_count, cell.outputs[0]["data"]["text/plain"]) == ("40 + 2", 1, "42")
    assert [change["action"] for change in result["metadata"]["changes"]] == ["create"]
    assert cell.id in result["content"]


async def test_silent_code_is_in_no_history(tools: Tools, notebook: Path) -> None:
    before = bytes_of(notebook)
    await tools.ok("run_code", path="a.ipynb", code="1 + 1")
    await tools.ok("run_code", path="a.ipynb", code="2 + 2")
    assert "[1]" in (await tools.ok("run_code", path="a.ipynb", code="print([get_ipython().execution_count])"))
    assert bytes_of(notebook) == before


# A tab ---------------------------------------------------------------------------------------------------------------


async def test_outputs_are_shown_in_an_open_tab(tools: Tools, root: Path, notebook: Path, open_tab: OpenTab) -> None:
    before = bytes_of(notebook)
    source = "import time\nfor n in range(5): print(n); time.sleep(0.15)\n'end'"
    async with open_tab("a.ipynb", [code("new", source)]) as tab:
        text = await tools.ok("run_cells", path="a.ipynb", cell_ids=["new"])
        assert "0\n1\n2\n3\n4\n'end'" in text
        cell = tab.cell("new")
        assert (cell["state"], cell["execution_count"]) == ("idle", 1)
        streamed = [output["text"] for output in cell["outputs"] if output["output_type"] == "stream"]
        assert "".join(streamed) == "0\n1\n2\n3\n4\n"
        assert len(streamed) > 2, "while it ran"
        assert cell["outputs"][-1]["data"]["text/plain"] == "'end'"
        states = [params["state"] for method, params in tab.asked if method == "notebook/execution"]
        assert states[-1] == "idle"
        assert set(states[:-1]) == {"running"}
    assert bytes_of(notebook) == before


async def test_a_cell_that_is_deleted_while_it_runs(tools: Tools, notebook: Path, open_tab: OpenTab) -> None:
    source = "import time\nfor n in range(10): print(n); time.sleep(0.1)"
    async with open_tab("a.ipynb", [code("new", source)]) as tab:

        def delete(method: str, params: dict[str, Any]) -> None:
            if method == "notebook/execution":
                tab.cells = []

        tab.before_answering = delete
        text = await tools.ok("run_cells", path="a.ipynb", cell_ids=["new"])
    assert "9" in text
    assert "is gone from the notebook" in text


async def test_what_a_call_adds_is_little(tools: Tools, documents: DocumentService, notebook: Path) -> None:
    await tools.ok("run_code", path="a.ipynb", code="1")
    kernel_id = await documents.kernels.running("a.ipynb")
    assert kernel_id is not None
    times = []
    for _ in range(20):
        started = time.perf_counter()
        execution = await documents.kernels.execute(kernel_id, "1")
        await execution.wait()
        times.append(time.perf_counter() - started)
    assert min(times) < 0.05, json.dumps(times)


@pytest.mark.settings(ToolSettings={"cell_seconds": 2.0})
async def test_code_that_outlives_its_call_tells_its_output_later(tools: Tools, notebook: Path) -> None:
    await tools.ok("run_code", path="a.ipynb", code="import time")
    assert "still running" in await tools.ok("run_code", path="a.ipynb", code="time.sleep(4); print('at last')")

    async def ended() -> bool:
        return "(done after" in (status := await tools.ok("kernel_status", path="a.ipynb")) and "at last" in status

    await eventually(ended)
