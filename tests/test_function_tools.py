"""`@agent.tool`: what a model is told of a function, and what it reads of its result."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import enum
import io
import json
import math
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import pytest
from PIL import Image
from pydantic import BaseModel, Field

import jupyter_agent as agent
from jupyter_agent.kernel import functions
from jupyter_agent.kernel.docstrings import parse
from jupyter_agent.kernel.functions import FunctionTool, chosen, run_coroutine
from jupyter_agent.kernel.results import MAX_CHARACTERS, result_of


@pytest.fixture(autouse=True)
def _nothing_registered() -> Iterator[None]:
    agent.forget()
    yield
    agent.forget()


def schema(function: Any) -> dict[str, Any]:
    return FunctionTool.of(function).input_schema


def call(function: Any, **arguments: Any) -> Any:
    return FunctionTool.of(function).call("id", arguments)


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


@dataclasses.dataclass
class Point:
    x: float
    y: float = 0


class Shape(BaseModel):
    points: list[Point]
    colour: Colour = Colour.RED


class Frame:
    """What a table is: it has these, whatever library it comes from."""

    shape = (3, 2)
    columns = ("a", "b")
    dtypes = ("int64", "float64")

    def head(self, rows: int) -> str:
        return "a b\n1 2.0"


class Figure:
    """What matplotlib's figures can do."""

    def savefig(self, file: Any, **options: Any) -> None:
        Image.new("RGB", (4, 4), "red").save(file, "PNG")


class TestSchema:
    def test_comes_from_the_signature(self) -> None:
        def price(fruit: str, kilos: float = 1, *, kind: Literal["fresh", "dried"] = "fresh") -> float:
            """What a fruit costs."""
            return kilos

        tool = FunctionTool.of(price)
        assert (tool.name, tool.description) == ("price", "What a fruit costs.")
        assert tool.input_schema == {
            "type": "object",
            "properties": {
                "fruit": {"type": "string"},
                "kilos": {"type": "number", "default": 1},
                "kind": {"type": "string", "enum": ["fresh", "dried"], "default": "fresh"},
            },
            "required": ["fruit"],
        }

    def test_has_models_dataclasses_and_enums_and_gives_them_to_the_function(self) -> None:
        def area(shape: Shape, scale: Colour, points: dict[str, Point] | None = None) -> str:
            return f"{shape.points[0].x} {shape.colour} {scale} {points}"

        assert {"Shape", "Point", "Colour"} <= set(schema(area)["$defs"])
        result = call(area, shape={"points": [{"x": 2}]}, scale="blue")
        assert result.content == "2.0 Colour.RED Colour.BLUE None"

    @pytest.mark.parametrize("name", ["schema", "copy", "model_fields", "self_", "_x", "context", "json"])
    def test_takes_any_name_of_a_parameter(self, name: str) -> None:
        namespace: dict[str, Any] = {}
        exec(f"def f({name}: int) -> int:\n    return {name} + 1", namespace)
        assert list(schema(namespace["f"])["properties"]) == [name]
        assert call(namespace["f"], **{name: 1}).content == "2"

    def test_of_a_method_leaves_self_out(self) -> None:
        class Basket:
            def add(self, fruit: str) -> str:
                """Puts it in."""
                return fruit * 2

        assert list(schema(Basket().add)["properties"]) == ["fruit"]
        assert call(Basket().add, fruit="a").content == "aa"

    def test_reads_annotations_that_are_text(self) -> None:
        def f(x: "int") -> "str":  # noqa: UP037
            return str(x)

        assert schema(f)["properties"]["x"] == {"type": "integer"}

    @pytest.mark.parametrize(
        ("source", "said"),
        [
            ("def f(x): ...", "the parameter x needs a type"),
            ("def f(*xs: int): ...", "name each parameter"),
            ("def f(**xs: int): ...", "name each parameter"),
            ("def f(frame: Frame): ...", "cannot write a value of type Frame for frame"),
            ("def f(frames: list[Frame]): ...", "frames"),
            ("def f(do: Callable[[], int]): ...", "cannot write a value of type .*Callable"),
            ("def f(x: 'Missing'): ...", "its types cannot be read: name 'Missing' is not defined"),
            ("f = lambda x: x", "<lambda>.* cannot be the name of a tool"),
            ("f = 7", "7 is no function"),
        ],
    )
    def test_says_at_once_what_a_model_cannot_be_told(self, source: str, said: str) -> None:
        from collections.abc import Callable

        namespace: dict[str, Any] = {"Frame": Frame, "Callable": Callable}
        exec(source, namespace)
        with pytest.raises(TypeError, match=said):
            agent.tool(namespace["f"])
        assert functions.registered == {}


class TestDocstrings:
    GOOGLE = """Finds rows.

    More about it.

    Args:
        query (str): what to look for,
            in words
        limit: at the most: 5
        **more: ignored

    Returns:
        rows: the rows
    """
    NUMPY = """Finds rows.

    More about it.

    Parameters
    ----------
    query : str
        what to look for,
        in words
    limit, offset : int, optional
        at the most: 5

    Returns
    -------
    rows : list
        the rows
    """
    SPHINX = """Finds rows.

    More about it.

    :param str query: what to look for,
        in words
    :param limit: at the most: 5
    :type limit: int
    :returns: the rows
    :raises ValueError: never
    """

    @pytest.mark.parametrize("style", ["GOOGLE", "NUMPY", "SPHINX"])
    def test_of_each_style(self, style: str) -> None:
        description, parameters = parse(getattr(self, style))
        assert description == "Finds rows.\n\nMore about it."
        assert parameters["query"] == "what to look for, in words"
        assert parameters["limit"] == "at the most: 5"
        assert "rows" not in parameters

    @pytest.mark.parametrize("text", [None, "", "One line.", "Two: lines\nare: no section.", "Note that: this."])
    def test_without_sections_it_is_all_description(self, text: str | None) -> None:
        assert parse(text) == ((text or ""), {})

    def test_goes_into_the_schema_behind_what_the_annotation_says(self) -> None:
        def find(query: str, limit: Annotated[int, Field(description="rows", ge=1)] = 5, other: int = 0) -> None:
            """Finds.

            Args:
                query: words
                limit: not this
                unknown: nobody
            """

        properties = schema(find)["properties"]
        assert properties["query"] == {"type": "string", "description": "words"}
        assert properties["limit"] == {"type": "integer", "description": "rows", "minimum": 1, "default": 5}
        assert properties["other"] == {"type": "integer", "default": 0}


class TestRegistering:
    def test_works_with_and_without_parentheses_and_gives_the_function_back(self) -> None:
        def one(x: int) -> int:
            """One."""
            return x

        def two(x: int) -> int:
            return x

        assert agent.tool(one) is one
        assert agent.tool(name="second", description="Two!", capabilities=["network"], timeout_seconds=5)(two) is two
        assert one(3) == 3
        offered = [tool.offer() for tool in functions.registered.values()]
        assert [(one.name, one.description) for one in offered] == [("one", "One."), ("second", "Two!")]
        assert offered[1].capabilities == ["client", "network"]
        assert offered[1].timeout_seconds == 5

    def test_a_new_definition_takes_the_place_of_the_old_one(self) -> None:
        for answer in ("old", "new"):
            namespace: dict[str, Any] = {"agent": agent, "answer": answer}
            exec("@agent.tool\ndef f() -> str:\n    return answer", namespace)
        assert functions.registered["f"].call("id", {}).content == "new"
        agent.forget("f")
        assert functions.registered == {}

    def test_what_a_question_offers(self) -> None:
        @agent.tool
        def known() -> None:
            """Known."""

        def other() -> None:
            """Other."""

        assert chosen(None) == (functions.registered, None)
        assert (list(chosen([other])[0]), chosen([other])[1]) == (["other"], None)
        assert (list(chosen(known)[0]), chosen(known)[1]) == (["known"], None)
        assert chosen([]) == ({}, [])
        assert (list(chosen([other, "read_file"])[0]), chosen([other, "read_file"])[1]) == (
            ["other"],
            ["read_file", "other"],
        )
        assert list(chosen(["known"])[0]) == ["known"]
        with pytest.raises(TypeError, match="no function"):
            chosen([7])  # type: ignore[list-item]


class TestResults:
    @pytest.mark.parametrize(
        ("value", "content"),
        [
            ("text", "text"),
            (None, "(nothing was returned)"),
            (7, "7"),
            (True, "true"),
            ({"a": [1, math.inf], "b": None}, '{"a":[1,Infinity],"b":null}'),
            (Point(1, 2), '{"x":1,"y":2}'),
            (Shape(points=[]), '{"points":[],"colour":"red"}'),
            ((1, 2), "[1,2]"),
            (b"\x00\xff", r"b'\x00\xff'"),
            ("half \ud83d", "half ?"),
        ],
    )
    def test_of_plain_values(self, value: Any, content: str) -> None:
        assert result_of("id", value).content == content

    def test_of_a_table_is_its_shape_types_and_head(self) -> None:
        content = result_of("id", Frame()).content
        for part in ("shape: (3, 2)", "a: int64", "b: float64", "1 2.0"):
            assert part in content

    def test_of_objects_is_their_repr_cut(self) -> None:
        class Large:
            def __repr__(self) -> str:
                return "x" * 100_000

        class Broken:
            def __repr__(self) -> str:
                raise RuntimeError

        assert len(result_of("id", Large()).content) < 5_000
        assert "cannot be shown: RuntimeError" in result_of("id", Broken()).content
        assert "more characters were left out" in result_of("id", "x" * (MAX_CHARACTERS + 1)).content

    def test_of_an_iterator_is_not_read(self) -> None:
        values = iter(range(3))
        assert "range_iterator" in result_of("id", values).content
        assert list(values) == [0, 1, 2]

    def test_of_figures_and_images_are_pictures(self) -> None:
        result = result_of("id", Figure())
        assert (result.content, len(result.images)) == ("(a picture)", 1)
        assert Image.open(io.BytesIO(base64.b64decode(result.images[0].data))).size == (4, 4)
        result = result_of("id", ["two plots", Figure(), Image.new("RGB", (2, 2))])
        assert (result.content, len(result.images)) == ("two plots", 2)

    def test_of_an_exception_is_an_error_with_its_last_frames(self) -> None:
        def inner() -> None:
            raise ValueError("no such fruit")

        def outer() -> None:
            inner()

        result = call(outer)
        assert result.is_error
        assert result.content.startswith("ValueError: no such fruit\nTraceback")
        assert "in inner" in result.content
        assert "functions.py" not in result.content, "frames of the library help nobody"

    def test_of_wrong_arguments_is_an_error_that_names_them(self) -> None:
        called = []

        def f(n: int, word: str) -> None:
            called.append(n)

        result = call(f, n="many", other=1)
        assert result.is_error
        for part in ("n:", "word:", "other:"):
            assert part in result.content
        assert called == []

    def test_of_an_exit_is_an_error_and_an_interrupt_is_raised(self) -> None:
        def leave() -> None:
            raise SystemExit(3)

        def stop() -> None:
            raise KeyboardInterrupt

        assert call(leave).content.startswith("SystemExit: 3")
        with pytest.raises(KeyboardInterrupt):
            call(stop)


class TestCoroutines:
    @staticmethod
    async def slowly(x: int) -> int:
        await asyncio.sleep(0)
        if x < 0:
            raise ValueError("negative")
        return x * 2

    def test_are_run_without_a_loop(self) -> None:
        assert call(self.slowly, x=2).content == "4"
        assert call(self.slowly, x=-1).content.startswith("ValueError: negative")

    async def test_are_run_beside_a_loop_that_is_busy(self) -> None:
        assert call(self.slowly, x=2).content == "4"
        assert run_coroutine(self.slowly(3)) == 6

    async def test_are_awaited_in_the_loop(self) -> None:
        loops = []

        async def where() -> str:
            loops.append(asyncio.get_running_loop())
            return "here"

        assert (await FunctionTool.of(where).call_async("id", {})).content == "here"
        assert loops == [asyncio.get_running_loop()]
        assert (await FunctionTool.of(self.slowly).call_async("id", {"x": -1})).is_error


def test_an_offer_is_json_that_the_server_takes() -> None:
    def f(shape: Shape) -> None:
        """Draws."""

    offer = FunctionTool.of(f).offer()
    assert json.loads(offer.model_dump_json())["input_schema"]["properties"]["shape"]
