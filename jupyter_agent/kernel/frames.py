"""Rows out of wire models, and what people make of them: pandas, Arrow. Neither is imported before it is asked for."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Any, Literal, Union
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from jupyter_agent.api.models import Money

Kind = Literal["text", "money", "time", "int", "float", "bool"]

_MONEY = typing.get_args(Money)[1]
_PLAIN: dict[type, Kind] = {bool: "bool", int: "int", float: "float", str: "text", datetime: "time"}


class MissingLibrary(ImportError):
    """A library that only this needs is not installed; the message says which."""


@dataclass
class Table:
    """Rows with the same columns. Money is Decimal, times are aware, what is not known is None."""

    columns: dict[str, Kind]
    rows: list[dict[str, Any]] = field(default_factory=list)
    zone: tzinfo = UTC
    """In which times are told."""

    def only(self, names: Iterable[str]) -> Table:
        """With these columns alone, in this order."""
        columns = {name: self.columns[name] for name in names}
        return Table(columns, [{name: row[name] for name in columns} for row in self.rows], self.zone)

    def to_pandas(self, *, decimals: bool = False) -> Any:
        """A tidy DataFrame: one row a row, one column a column, an index of numbers.

        Money is float64, or with `decimals` exact `Decimal`s. Raises MissingLibrary without pandas."""
        pd = _library("pandas", "pip install pandas")
        return pd.DataFrame({name: self._series(pd, name, decimals) for name in self.columns})

    def _series(self, pd: Any, name: str, decimals: bool) -> Any:
        values = [row[name] for row in self.rows]
        match self.columns[name]:
            case "money" if decimals:
                return pd.Series(values, dtype=object)
            case "money" | "float":
                return pd.Series([None if value is None else float(value) for value in values], dtype="float64")
            case "time":
                times = pd.to_datetime(pd.Series(values, dtype=object), utc=True)
                return times.dt.as_unit("us").dt.tz_convert(self.zone)
            case "int":
                whole = all(value is not None for value in values)
                return pd.Series(values, dtype="int64" if whole else "Int64")
            case "bool":
                whole = all(value is not None for value in values)
                return pd.Series(values, dtype="bool" if whole else "boolean")
            case _:
                return pd.Series(values, dtype="str" if pd.__version__ >= "3" else object)

    def to_arrow(self) -> Any:
        """A `pyarrow.Table`; money is exact, as decimal128. Raises MissingLibrary without pyarrow."""
        pa = _library("pyarrow", "pip install pyarrow")
        kinds = {
            "text": pa.string(),
            "money": pa.decimal128(28, 12),
            "time": pa.timestamp("ms", tz=str(self.zone)),
            "int": pa.int64(),
            "float": pa.float64(),
            "bool": pa.bool_(),
        }
        return pa.table(
            {name: pa.array([row[name] for row in self.rows], type=kinds[kind]) for name, kind in self.columns.items()}
        )


def table_of(
    model: type[BaseModel],
    items: Iterable[BaseModel],
    *,
    first: Mapping[str, Kind] | None = None,
    values: Iterable[Mapping[str, Any]] = (),
    zone: tzinfo = UTC,
) -> Table:
    """A table of models: nested ones by joined names (`cost_total`), lists and mappings left out.

    `first`: columns before them, whose values `values` has, one mapping an item."""
    columns = dict(first or {})
    columns.update(columns_of(model))
    more = iter(values) if first else None
    rows = [{**(next(more) if more is not None else {}), **row_of(item, model)} for item in items]
    return Table(columns, rows, zone)


def columns_of(model: type[BaseModel], prefix: str = "") -> dict[str, Kind]:
    """Names and kinds of what `row_of` gives."""
    columns: dict[str, Kind] = {}
    for name, info in model.model_fields.items():
        inner, kind = _kind(info.annotation, info.metadata)
        if inner is not None:
            columns.update(columns_of(inner, f"{prefix}{name}_"))
        elif kind is not None:
            columns[f"{prefix}{name}"] = kind
    return columns


def row_of(item: BaseModel | None, model: type[BaseModel], prefix: str = "") -> dict[str, Any]:
    """A model's plain values."""
    row: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        inner, kind = _kind(info.annotation, info.metadata)
        value = getattr(item, name) if item is not None else None
        if inner is not None:
            row.update(row_of(value, inner, f"{prefix}{name}_"))
        elif kind is not None:
            row[f"{prefix}{name}"] = Decimal(value) if kind == "money" and value is not None else value
    return row


def _kind(annotation: Any, metadata: Sequence[Any]) -> tuple[type[BaseModel] | None, Kind | None]:
    """A nested model, or what a value is; neither for what has no place in a table."""
    if _MONEY in metadata or any(getattr(one, "pattern", None) == _pattern() for one in metadata):
        return None, "money"
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _kind(arguments[0], arguments[1:])
    if origin in (Union, types.UnionType):
        [one] = [argument for argument in arguments if argument is not type(None)] or [None]
        return _kind(one, ())
    if origin is Literal:
        return None, "text"
    if isinstance(annotation, type):
        if issubclass(annotation, BaseModel):
            return annotation, None
        return None, _PLAIN.get(annotation)
    return None, None


def _pattern() -> str | None:
    return next((one.pattern for one in _MONEY.metadata if hasattr(one, "pattern")), None)


def zone_of(name: str | None) -> tzinfo:
    """A time zone by its name, as reports say it; UTC where this machine does not know it."""
    if not name:
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        return _offset(name) or UTC


def _offset(name: str) -> tzinfo | None:
    """A zone without a name, such as `UTC+02:00`."""
    try:
        return datetime.fromisoformat(f"2000-01-01T00:00:00{name.removeprefix('UTC')}").tzinfo
    except ValueError:
        return None


def _library(name: str, how: str) -> Any:
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError as error:
        raise MissingLibrary(f"This needs {name}, which is not installed here: {how}", name=name) from error
