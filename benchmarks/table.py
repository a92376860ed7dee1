"""The rows that benchmarks give, and the table that they make."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Row:
    """One number of ours beside what it is measured against."""

    name: str
    ours: float
    unit: str
    against: str
    """What it is measured against: a peer in the same run, or the limit itself."""
    theirs: float | None
    """The peer's number; None where there is only a limit."""
    compared: Literal["difference", "ratio", "value"]
    """What the aim is about: ours - theirs, ours / theirs, or ours alone."""
    aim: float
    at_least: bool = False
    """Whether the aim is the least, not the most."""
    note: str = ""

    @property
    def result(self) -> float:
        if self.compared == "value" or self.theirs is None:
            return self.ours
        return self.ours / self.theirs if self.compared == "ratio" else self.ours - self.theirs

    @property
    def met(self) -> bool:
        return self.result >= self.aim if self.at_least else self.result <= self.aim

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "result": self.result, "met": self.met}

    def cells(self) -> list[str]:
        sign = "≥" if self.at_least else "≤"
        unit = "" if self.compared == "ratio" else f" {self.unit}"
        plus = "+" if self.compared == "difference" and self.result >= 0 else ""
        theirs = f"{self.against} {number(self.theirs)}" if self.theirs is not None else self.against
        return [
            self.name,
            f"{number(self.ours)} {self.unit}",
            theirs,
            f"{plus}{number(self.result)}{'x' if self.compared == 'ratio' else unit}",
            f"{sign} {number(self.aim)}{'x' if self.compared == 'ratio' else unit}",
            "yes" if self.met else "NO",
        ]


def number(value: float) -> str:
    """A number with three digits that count, or all those before the point."""
    if value == 0:
        return "0"
    text = f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{value:.4f}".rstrip("0") if "e" in text else text


HEADERS = ["what", "ours", "against", "result", "aim", "met"]


def render(rows: Iterable[Row]) -> str:
    """The table, as Markdown that reads well as it is; notes below it."""
    rows = list(rows)
    lines = [HEADERS, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADERS))]

    def line(cells: list[str]) -> str:
        return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"

    table = [line(lines[0]), "|" + "|".join("-" * (width + 2) for width in widths) + "|", *map(line, lines[1:])]
    notes = [f"{row.name}: {row.note}" for row in rows if row.note]
    return "\n".join([*table, *([""] if notes else []), *notes])


def percentile(values: Iterable[float], share: float) -> float:
    """The value that this share of the values does not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(round(share * len(ordered), 6)) - 1)]
