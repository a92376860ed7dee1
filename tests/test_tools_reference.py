"""What models are told of the tools, and the generated page."""

from __future__ import annotations

import json
from pathlib import Path

from jupyter_agent.tools import reference
from jupyter_agent.tools.service import import_builtin

from .conftest import Api

CHECKOUT = Path(__file__).parent.parent
NAMES = """\
list_notebooks notebook_map read_cells insert_cell edit_cell delete_cell move_cell run_cells run_all clear_outputs
create_notebook save_notebook run_code list_variables inspect_variable complete_code kernel_status interrupt_kernel
restart_kernel list_files read_file write_file edit_file make_directory rename_file delete_file find_files search_files
run_command command_output stop_command git_status git_diff git_log git_branches git_commit git_checkout fetch_page
web_search read_result update_tasks"""
"""The contract with models: a name that changes breaks saved rules and prompts."""
SCHEMA_BYTES = 12_000
"""About 3,000 tokens."""


async def test_all_tools_together_are_a_small_part_of_a_context(api: Api) -> None:
    tools = (await api.ok("GET", "/tools"))["items"]
    assert [tool["name"] for tool in tools] == NAMES.split()
    sent = [
        {"name": tool["name"], "description": tool["description"], "parameters": tool["input_schema"]} for tool in tools
    ]
    assert len(json.dumps(sent, separators=(",", ":"))) < SCHEMA_BYTES


async def test_each_tool_says_in_one_line_what_it_does(api: Api) -> None:
    for tool in (await api.ok("GET", "/tools"))["items"]:
        assert 5 < len(tool["description"]) < 160, tool["name"]
        assert "\n" not in tool["description"]
        assert tool["capabilities"]
        assert tool["input_schema"]["type"] == "object"
        assert '"title": "' not in json.dumps(tool["input_schema"])


def test_every_tool_and_argument_is_on_the_page() -> None:
    page = reference.render()
    for tool in import_builtin().values():
        section = page.split(f"### `{tool.name}`\n")[1].split("\n#")[0]
        assert tool.description in section
        for name in tool.input_schema["properties"]:
            assert f"| `{name}` |" in section


def test_the_committed_page_is_up_to_date() -> None:
    assert reference.main(["--check", str(CHECKOUT / "docs" / "tools-reference.md")]) == 0
