"""Outputs of a running cell: what is kept, what is streamed, what a model reads."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_agent.documents import outputs as outputs_module
from jupyter_agent.documents.outputs import OutputArea, fold
from jupyter_agent.documents.rendering import fenced, html_text, render


def stream(text: str, name: str = "stdout") -> tuple[str, dict[str, Any]]:
    return "stream", {"name": name, "text": text}


def display(kind: str = "display_data", display_id: str | None = None, **data: Any) -> tuple[str, dict[str, Any]]:
    transient = {"display_id": display_id} if display_id else {}
    return kind, {"data": {"text/plain": "x", **data}, "metadata": {}, "transient": transient}


def area(*messages: tuple[str, dict[str, Any]]) -> OutputArea:
    made = OutputArea()
    for kind, content in messages:
        made.message(kind, content)
    return made


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (["a", "b\n", "c"], "ab\nc"),
        (["10 %\r", "20 %\r", "done"], "done"),
        (["long line\rshort"], "shortline"),
        (["a\r\nb\r\n"], "a\nb\n"),
        (["a\r", "\nb"], "a\nb"),
        (["abc\b\bX"], "aX"),
        (["first\nsecond\r2"], "first\n2econd"),
        (["1\r", "2\r", "3\r", "\n", "1\r2\r3\n"], "3\n3\n"),
        ([""], ""),
    ],
)
def test_what_is_written_over_is_gone(written: list[str], shown: str) -> None:
    made = area(*(stream(text) for text in written))
    assert "".join(output["text"] for output in made.outputs) == shown
    assert fold("".join(written)).rstrip("\r") == shown


def test_streams_are_joined_and_others_come_between() -> None:
    made = area(stream("a"), stream("b"), stream("e", "stderr"), stream("c"), display(), stream("d"))
    found = [(output.get("name"), output.get("text")) for output in made.outputs]
    assert found == [("stdout", "ab"), ("stderr", "e"), ("stdout", "c"), (None, None), ("stdout", "d")]


def test_output_is_cleared_at_once_or_with_what_comes_next() -> None:
    assert area(stream("a"), ("clear_output", {"wait": False})).outputs == []
    waiting = area(stream("a"), ("clear_output", {"wait": True}))
    assert len(waiting.outputs) == 1
    waiting.message(*stream("b"))
    assert [output["text"] for output in waiting.outputs] == ["b"]


def test_a_display_is_updated_wherever_it_stands() -> None:
    made = area(display(display_id="d"), stream("a"), display(display_id="d"))
    made.message("update_display_data", display(display_id="d", **{"text/plain": "new"})[1])
    made.message("update_display_data", display(display_id="other", **{"text/plain": "never"})[1])
    assert [output.get("data", {}).get("text/plain") for output in made.outputs] == ["new", None, "new"]


def test_progress_bars_without_end_take_no_room() -> None:
    made = OutputArea()
    for n in range(50_000):
        made.message(*stream(f"\r{n:06d} |{'#' * 50}"))
    assert made.outputs[0]["text"] == f"049999 |{'#' * 50}"
    assert made.cut == 0


def test_the_beginning_and_the_end_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outputs_module, "HEAD_CHARACTERS", 1_000)
    monkeypatch.setattr(outputs_module, "TAIL_CHARACTERS", 500)
    made = OutputArea()
    for n in range(1_000):
        made.message(*stream(f"{n:09d}\n"))
    text = made.outputs[0]["text"]
    assert text.startswith("000000000\n")
    assert text.endswith("000000999\n")
    assert made.cut == 8_500
    assert "8,500 characters of output were not kept" in text
    one_line = area(stream("x" * 10_000))
    one_line.message(*stream("\nend"))
    assert one_line.outputs[0]["text"].endswith("\nend")
    assert len(one_line.outputs[0]["text"]) < 2_000
    second = area(stream("a" * 2_000 + "\n"), stream("b" * 2_000 + "\n", "stderr"))
    assert sum(len(output["text"]) for output in second.outputs) < 3_000, "the room is the cell's, not each stream's"


def test_streams_that_take_turns_take_no_more_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outputs_module, "HEAD_CHARACTERS", 1_000)
    monkeypatch.setattr(outputs_module, "TAIL_CHARACTERS", 500)
    monkeypatch.setattr(outputs_module, "MOST_OUTPUTS", 300)
    made = OutputArea()
    for n in range(200):
        made.message(*stream(f"{n:099d}\n", "stderr" if n % 2 else "stdout"))
    kept = "".join(output["text"] for output in made.outputs if "not kept" not in output["text"])
    assert len(kept) < 2_000
    assert f"{199:099d}\n" in kept
    for _ in range(1_000):
        made.message(*display())
    made.message("error", {"ename": "E", "evalue": "", "traceback": []})
    assert len(made.outputs) == 302
    assert made.left_out == 900
    assert "more than 300 outputs" in made.outputs[300]["text"]
    assert made.outputs[301]["ename"] == "E"


def test_outputs_that_are_too_large_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outputs_module, "DISPLAY_CHARACTERS", 1_000)
    made = area(display(**{"image/png": "A" * 900}), display(**{"image/png": "B" * 900}), stream("e", "stderr"))
    assert made.left_out == 1
    assert "901 characters was not kept" in made.outputs[1]["text"]
    assert made.outputs[-1]["text"] == "e"


def test_what_is_streamed_adds_up_to_what_is_kept() -> None:
    made = OutputArea()
    shown: list[Any] = []

    def look() -> None:
        if (fresh := made.fresh()) is not None:
            outputs, append = fresh
            shown[:] = (shown if append else []) + outputs

    steps = [stream("a"), stream("b\r"), display(display_id="d"), ("clear_output", {"wait": False}), stream("c")]
    steps += [display(display_id="e"), display("update_display_data", "e", **{"text/plain": "new"}), stream("d")]
    for kind, content in steps:
        made.message(kind, content)
        look()
    assert made.complete
    assert [output.get("text") or output["data"]["text/plain"] for output in shown] == ["c", "new", "d"]
    assert made.fresh() is None
    made.forget()
    assert made.fresh() == (made.outputs, False)


def test_more_than_is_streamed_is_not_gathered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outputs_module, "STREAMED_CHARACTERS", 1_000)
    made = OutputArea()
    sent = 0
    for _ in range(100):
        made.message(*stream("x" * 99 + "\n"))
        if (fresh := made.fresh()) is not None:
            sent += sum(len(output["text"]) for output in fresh[0])
    assert sent == 1_000
    assert not made.complete, "the whole is sent at the end"


def test_what_a_model_reads() -> None:
    png = {"image/png": "aGVsbG8=", "text/plain": "<Figure>"}
    rendered = render([{"output_type": "display_data", "data": png}] * 6)
    assert len(rendered.pictures) == 4
    assert rendered.left_out == 2
    assert rendered.text.count("left out") == 2
    assert render([{"output_type": "stream", "name": "stdout", "text": ["\x1b[1mbold", "\x1b]0;t\x07\r\x1b[0mx"]}]).text
    assert "\x1b" not in render([{"output_type": "stream", "text": "\x1b[31mred\x1b]8;;x\x1b\\"}]).text
    table = "<style>p {}</style><table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>"
    assert html_text(table) == "a\tb\n1\t2"
    assert fenced("```\nx\n```") == "````\n```\nx\n```\n````"
