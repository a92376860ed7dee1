"""Turns and costs as HTML and text that need nothing: no script, no style sheet, no theme, nothing from elsewhere.

Notebooks keep this beside what the extension draws. It is read on white and on black, and where a viewer takes all
styles away: bars then vanish, and the tables have the same numbers. All that comes from people or models is escaped.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any

from jupyter_agent.kernel.approvals import visible
from jupyter_agent.kernel.frames import Table, zone_of
from jupyter_agent.observatory.models import (
    BudgetState,
    ContextSnapshot,
    CostReport,
    CostRow,
    ModelSelection,
    Span,
    Tip,
    Totals,
    Trace,
)
from jupyter_agent.tools.models import ToolCallRecord
from jupyter_agent.turns.models import Turn

PARTS = {
    "system_prompt": "Instructions",
    "memory": "Memory",
    "skills": "Skills",
    "knowledge": "Knowledge",
    "tools": "Tools",
    "notebook": "Notebook",
    "attachments": "Attachments",
    "history": "History",
    "message": "Message",
    "steps": "Steps so far",
}
"""The parts of a context, in the order in which the lab shows them."""

# Each with a contrast of at least 4.5 to white on it, and of 3 to a white and to a black page.
COLORS = (
    "#2f6fb0",
    "#a85a12",
    "#2a7d4f",
    "#98489a",
    "#77701a",
    "#c0433f",
    "#167a86",
    "#8f5a3c",
    "#5560c8",
    "#b03a72",
    "#4d7a1f",
)
OTHER = "#6b6f76"
SERIES = 6
"""Series of a chart that are told apart; the rest is one."""
HTML_ROWS = 60
TEXT_ROWS = 24
REQUESTS = 8
"""Requests of a turn whose contexts are shown: the first and the last ones."""
SPANS = 80
EXCERPT = 300

_BOX = "border:1px solid #8884;border-radius:4px;padding:4px 12px 10px;max-width:860px;overflow-x:auto"
_SMALL = "opacity:0.75;font-size:smaller"
_TABLE = "border-collapse:collapse;margin:4px 0 8px"
_CELL = "padding:2px 10px 2px 0;text-align:left;vertical-align:top;white-space:normal"
_NUMBER = "padding:2px 10px 2px 0;text-align:right;vertical-align:top"
_BAR = "display:flex;height:16px;margin:2px 0 4px;border-radius:2px;overflow:hidden;background-color:#8883"
_KEY = "display:inline-block;min-width:1.4em;border-radius:2px;text-align:center;font-size:smaller;color:#fff"


# Numbers --------------------------------------------------------------------------------------------------------------


def money(amount: str | Decimal | None) -> str:
    """`$12.34`, `$0.0042`: cents, or three digits that count; what is not known is nothing."""
    if amount is None:
        return ""
    value = Decimal(amount)
    if value == 0:
        return "$0"
    if abs(value) >= 1:
        return f"${value:,.2f}"
    if abs(value) < Decimal("0.000001"):
        return "< $0.000001"
    digits = max(2, 2 - value.adjusted())
    text = f"{value:.{digits}f}"
    return f"${text.rstrip('0') if len(text.rstrip('0')) > len('0.00') else text[:4]}"


def count(number: float | None) -> str:
    return "" if number is None else f"{number:,.0f}"


def share(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f} %" if whole else ""


def duration(ms: float | None) -> str:
    if ms is None:
        return ""
    return f"{ms:.0f} ms" if ms < 1000 else f"{ms / 1000:.1f} s" if ms < 120_000 else f"{ms / 60_000:.1f} min"


def moment(time: datetime, zone: tzinfo, form: str = "%Y-%m-%d %H:%M") -> str:
    return f"{time.astimezone(zone):{form}}"


def short(text: str, length: int = EXCERPT) -> str:
    """One line of it, with what cannot be seen written out."""
    line = " ".join(visible(text).split())
    return line if len(line) <= length else line[: length - 1] + "…"


# HTML -----------------------------------------------------------------------------------------------------------------


def _text(value: object) -> str:
    """Escaped, and with what cannot be seen written out: a direction character would turn the line around."""
    return html.escape(visible(str(value)))


def _box(*parts: str) -> str:
    return f'<div style="{_BOX}">{"".join(part for part in parts if part)}</div>'


def _head(title: str, about: str = "") -> str:
    small = f'<br><span style="{_SMALL}">{_text(about)}</span>' if about else ""
    return f'<p style="margin:4px 0"><strong>{_text(title)}</strong>{small}</p>'


def _note(text: str) -> str:
    return f'<p style="{_SMALL};margin:2px 0">{_text(text)}</p>' if text else ""


def note_html(title: str, text: str) -> str:
    """A box with one line."""
    return _box(_head(title), _note(text))


def _grid(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], numbers: Iterable[int] = ()) -> str:
    """A table of cells that are HTML already. `numbers`: the columns that are aligned right."""
    right = set(numbers)
    style = [_NUMBER if at in right else _CELL for at in range(len(head))]
    top = "".join(
        f'<th scope="col" style="{style[at]};border-bottom:1px solid #8888">{_text(name)}</th>'
        for at, name in enumerate(head)
    )
    body = "".join(
        "<tr>" + "".join(f'<td style="{style[at]}">{cell}</td>' for at, cell in enumerate(row)) + "</tr>"
        for row in rows
    )
    title = f'<caption style="text-align:left;font-weight:bold;padding:4px 0">{_text(caption)}</caption>'
    return f'<table style="{_TABLE}">{title}<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>'


def _key(number: int, color: str) -> str:
    return f'<span style="{_KEY};background-color:{color}">{number}</span>'


def _bar(pieces: Sequence[tuple[int, str, float, str]], whole: float, width: float = 100) -> str:
    """Pieces as (number, color, amount, what it is) of a bar; the table beside it has the numbers."""
    if whole <= 0:
        return ""
    # Spaces, so that numbers stay apart where there are no styles.
    inner = " ".join(
        f'<span style="display:block;width:{100 * amount / whole:.3f}%;background-color:{color};color:#fff;'
        f'font-size:11px;line-height:16px;text-align:center;overflow:hidden" title="{_text(what)}">'
        f"{number if 100 * amount / whole * width / 100 >= 4 else ''}</span>"
        for number, color, amount, what in pieces
        if amount > 0
    )
    return f'<div aria-hidden="true" style="{_BAR};width:{width:.2f}%">{inner}</div>'


def _meter(fraction: float | None, state: str) -> str:
    if fraction is None:
        return ""
    color = {"hard": "#c0433f", "soft": "#a85a12"}.get(state, "#2f6fb0")
    return (
        f'<div aria-hidden="true" style="{_BAR};width:120px;height:10px">'
        f'<span style="display:block;width:{min(100.0, 100 * fraction):.1f}%;background-color:{color}"></span></div>'
    )


# Any table ------------------------------------------------------------------------------------------------------------


def _cell(kind: str, name: str, value: Any, zone: tzinfo) -> str:
    if value is None:
        return ""
    if kind == "money":
        return money(value)
    if kind == "time":
        return moment(value, zone)
    if name.endswith("_ms"):
        return duration(value)
    if kind == "float" and name.endswith(("rate", "share", "fraction", "utilization", "headroom", "coverage")):
        return f"{100 * value:.1f} %"
    if kind == "float":
        return f"{value:.3g}"
    return count(value) if kind == "int" else short(str(value), 120)


def _shown(table: Table) -> list[str]:
    """Columns with something in them."""
    return [name for name in table.columns if any(row[name] is not None for row in table.rows)] or list(table.columns)


def table_html(title: str, about: str, tables: Mapping[str, Table]) -> str:
    parts = []
    for name, table in tables.items():
        if not table.rows:
            parts.append(_note(f"{name.replace('_', ' ').capitalize()}: none"))
            continue
        columns = _shown(table)
        rows = [
            [_text(_cell(table.columns[column], column, row[column], table.zone)) for column in columns]
            for row in table.rows[:HTML_ROWS]
        ]
        heads = [column.replace("_", " ") for column in columns]
        numbers = [at for at, column in enumerate(columns) if table.columns[column] in ("money", "int", "float")]
        parts.append(_grid(name.replace("_", " ").capitalize(), heads, rows, numbers))
        parts.append(_more(len(table.rows) - HTML_ROWS))
    return _box(_head(title, about), *parts)


def _more(rows: int) -> str:
    return _note(f"{rows:,} more rows: to_pandas() has them.") if rows > 0 else ""


def table_text(title: str, about: str, tables: Mapping[str, Table]) -> str:
    parts = [f"{title}{' · ' + about if about else ''}"]
    for name, table in tables.items():
        columns = _shown(table)
        rows = [
            [_cell(table.columns[column], column, row[column], table.zone) for column in columns]
            for row in table.rows[:TEXT_ROWS]
        ]
        parts.append(_aligned([columns, *rows] if rows else [[f"{name.replace('_', ' ')}: none"]]))
        if len(table.rows) > TEXT_ROWS:
            parts.append(f"... {len(table.rows) - TEXT_ROWS:,} more rows: to_pandas() has them")
    return visible("\n".join(parts))


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


# Costs ----------------------------------------------------------------------------------------------------------------


def totals_line(totals: Totals) -> str:
    """All that was used, in one line."""
    parts = [
        money(totals.cost),
        f"{totals.input:,} tokens in, {totals.output:,} out",
        f"{totals.requests:,} request{'s' if totals.requests != 1 else ''}",
    ]
    if totals.errors:
        parts.append(f"{totals.errors:,} failed")
    if totals.cache_read:
        parts.append(f"{totals.cache_read:,} tokens from the cache")
    if Decimal(totals.saved):
        parts.append(f"{money(totals.saved)} saved by it")
    return " · ".join(parts)


def unpriced_line(totals: Totals) -> str:
    if not totals.unpriced:
        return ""
    if totals.unpriced == 1:
        return "The price of 1 request is not known: the sum is without it."
    return f"The price of {totals.unpriced:,} requests is not known: the sum is without them."


def _when(report: CostReport) -> str:
    zone = zone_of(report.timezone)
    if report.start is None:
        return f"until {moment(report.end, zone)} ({report.timezone})"
    return f"{moment(report.start, zone)} to {moment(report.end, zone)} ({report.timezone})"


def _time_form(report: CostReport) -> str:
    return "%Y-%m-%d %H:%M" if "hour" in report.by else "%Y-%m" if "month" in report.by else "%Y-%m-%d"


def _series(row: CostRow) -> str:
    """What a row is of, without its time."""
    model = "/".join(part for part in (row.provider, row.model) if part)
    session = short(row.title or row.session_id or "", 60) if row.session_id or row.title else ""
    return " · ".join(part for part in (model, session, row.purpose, row.user) if part)


def _series_colors(amounts: Mapping[str, Decimal]) -> dict[str, tuple[int, str]]:
    first = sorted(amounts, key=lambda name: (-amounts[name], name))[:SERIES]
    return {name: (at + 1, COLORS[at]) for at, name in enumerate(first)}


def _cost_chart(report: CostReport) -> tuple[str, dict[str, tuple[int, str]]]:
    """A bar for each time, stacked by what else was grouped by; and the colours of its series."""
    priced = any(Decimal(row.cost) for row in report.items)

    def amount(row: CostRow) -> Decimal:
        return Decimal(row.cost) if priced else Decimal(row.input + row.output)

    sums: dict[str, Decimal] = {}
    times: dict[datetime, dict[str, Decimal]] = {}
    for row in report.items:
        name = _series(row)
        sums[name] = sums.get(name, Decimal(0)) + amount(row)
        if row.time is not None:
            stack = times.setdefault(row.time, {})
            stack[name] = stack.get(name, Decimal(0)) + amount(row)
    colors = _series_colors(sums)
    if not times:
        return "", colors
    highest = max(sum(stack.values(), Decimal(0)) for stack in times.values())
    if not highest:
        return "", colors
    show: Callable[[Decimal], str] = money if priced else (lambda value: f"{value:,.0f} tokens")
    zone, form = zone_of(report.timezone), _time_form(report)
    rows = []
    for time, stack in list(times.items())[-HTML_ROWS:]:
        whole = sum(stack.values(), Decimal(0))
        ordered = sorted(stack.items(), key=lambda item: colors.get(item[0], (99, OTHER)))
        pieces = [
            (colors.get(name, (0, OTHER))[0], colors.get(name, (0, OTHER))[1], float(value), f"{name}: {show(value)}")
            for name, value in ordered
        ]
        bar = _bar(pieces, float(whole), max(1.0, float(100 * whole / highest)))
        rows.append([_text(moment(time, zone, form)), f'<div style="width:320px">{bar}</div>', _text(show(whole))])
    head = [next(one for one in report.by if one in ("hour", "day", "week", "month")), "", "sum"]
    return _grid("Cost" if priced else "Tokens", head, rows, [2]), colors


def costs_html(report: CostReport, budgets: Sequence[BudgetState] | None = None) -> str:
    """A report of costs: sums, budgets, bars, and the rows."""
    chart, colors = _cost_chart(report)
    zone, form = zone_of(report.timezone), _time_form(report)
    timed = any(row.time is not None for row in report.items)
    named = any(_series(row) for row in report.items)
    head = [*(["when"] if timed else []), *(["what"] if named else [])]
    head += ["requests", "tokens in", "tokens out", "from cache", "cost"]
    rows = []
    for row in report.items[:HTML_ROWS]:
        name = _series(row)
        key = f"{_key(*colors[name])} " if chart and name in colors else ""
        cells = [_text(moment(row.time, zone, form)) if row.time else ""] if timed else []
        cells += [key + _text(name or "other")] if named else []
        cost = money(row.cost) + (f" + {row.unpriced} without a price" if row.unpriced else "")
        failed = f" ({row.errors:,} failed)" if row.errors else ""
        cells += [f"{count(row.requests)}{failed}", count(row.input), count(row.output), count(row.cache_read)]
        rows.append([*cells, _text(cost)])
    table = _grid("The same in numbers", head, rows, range(len(head) - 5, len(head))) if rows else ""
    return _box(
        _head(f"Costs · {totals_line(report.totals)}", f"{report.period}: {_when(report)}"),
        _note(unpriced_line(report.totals)),
        _budget_grid(budgets) if budgets else "",
        chart,
        table or _note("Nothing was asked in this time."),
        _more(report.total - min(len(report.items), HTML_ROWS)),
    )


def costs_text(report: CostReport, budgets: Sequence[BudgetState] | None = None) -> str:
    zone, form = zone_of(report.timezone), _time_form(report)
    lines = [f"Costs · {totals_line(report.totals)}", f"{report.period}: {_when(report)}"]
    lines += [line for line in (unpriced_line(report.totals),) if line]
    lines += [budget_line(budget) for budget in budgets or ()]
    rows = [
        [
            moment(row.time, zone, form) if row.time else "",
            _series(row),
            f"{row.requests:,}",
            f"{row.input:,} in",
            f"{row.output:,} out",
            money(row.cost),
        ]
        for row in report.items[:TEXT_ROWS]
    ]
    if rows:
        lines.append(_aligned(rows))
    if report.total > len(rows):
        lines.append(f"... {report.total - len(rows):,} more rows: to_pandas() has them")
    return visible("\n".join(lines))


# Budgets --------------------------------------------------------------------------------------------------------------

STATES = {"ok": "within", "soft": "over the soft limit", "hard": "used up"}


def budget_name(budget: BudgetState) -> str:
    name = {"turn": "each turn", "day": "today", "month": "this month", "user": "all you ever spend"}.get(budget.scope)
    if name is None:
        name = f"session {budget.session_id}" if budget.session_id else "each session"
    return f"{name}{' (by the administrator)' if budget.source == 'admin' else ''}"


def budget_line(budget: BudgetState) -> str:
    """`today: $0.12 of $0.50, within`."""
    limits = [f"soft {money(budget.soft)}"] if budget.soft is not None else []
    limits += [f"hard {money(budget.hard)}"] if budget.hard is not None else []
    if budget.spent is None:
        return f"{budget_name(budget)}: {', '.join(limits)}"
    left = f", {money(budget.left)} left" if budget.left is not None else ""
    return f"{budget_name(budget)}: {money(budget.spent)} spent ({', '.join(limits)}){left}, {STATES[budget.state]}"


def _budget_grid(budgets: Sequence[BudgetState]) -> str:
    rows = [
        [
            _text(budget_name(budget)),
            _meter(budget.fraction, budget.state),
            _text(money(budget.spent)),
            _text(money(budget.soft)),
            _text(money(budget.hard)),
            _text(money(budget.left)),
            _text(STATES[budget.state] if budget.spent is not None else ""),
        ]
        for budget in budgets
    ]
    return _grid("Budgets", ["what", "", "spent", "soft limit", "hard limit", "left", "is"], rows, [2, 3, 4, 5])


def budgets_html(budgets: Sequence[BudgetState], timezone: str) -> str:
    if not budgets:
        return _box(_head("Budgets"), _note("No limits are set."))
    return _box(_head("Budgets", f"Days and months begin in {timezone}."), _budget_grid(budgets))


def budgets_text(budgets: Sequence[BudgetState], timezone: str) -> str:
    lines = [budget_line(budget) for budget in budgets] or ["No limits are set."]
    return visible("\n".join([f"Budgets · {timezone}", *lines]))


# Turns ----------------------------------------------------------------------------------------------------------------


def turn_line(turn: Turn) -> str:
    """Model, tokens, money, time and end of a turn, in one line."""
    ended = turn.finished_at
    parts = [
        "/".join(part for part in (turn.provider, turn.model) if part),
        f"{turn.usage.input:,} tokens in, {turn.usage.output:,} out",
        money(turn.usage.cost) if turn.usage.cost is not None else "price not known",
        duration((ended - turn.started_at).total_seconds() * 1000) if ended and turn.started_at else turn.status,
        turn.stop_reason or "",
    ]
    return " · ".join(part for part in parts if part)


def _request_name(snapshot: ContextSnapshot) -> str:
    return f"request {snapshot.step + 1}" + ("" if snapshot.purpose == "turn" else f" ({snapshot.purpose})")


def _some(contexts: Sequence[ContextSnapshot]) -> list[ContextSnapshot]:
    if len(contexts) <= REQUESTS:
        return list(contexts)
    return [*contexts[: REQUESTS // 2], *contexts[-REQUESTS // 2 :]]


def tokens_in(snapshot: ContextSnapshot, part: str) -> int:
    return snapshot.tokens.get(part, 0)  # type: ignore[call-overload,no-any-return]


def room(snapshot: ContextSnapshot) -> int | None:
    """How many tokens there was room for; None where nobody knows."""
    return snapshot.budget or snapshot.context_window


def parts_of(contexts: Iterable[ContextSnapshot]) -> list[str]:
    """The parts that any of them has."""
    there = {name for snapshot in contexts for name, tokens in snapshot.tokens.items() if tokens}
    return [name for name in PARTS if name in there]


def _context_html(contexts: Sequence[ContextSnapshot]) -> str:
    if not contexts:
        return _note("Nothing was recorded of what the model saw.")
    shown = _some(contexts)
    parts = parts_of(shown)
    number = {name: at + 1 for at, name in enumerate(parts)}
    bars, notes = [], []
    for snapshot in shown:
        space = room(snapshot)
        whole = max(space or 0, snapshot.total)
        pieces = [
            (number[name], COLORS[number[name] - 1], tokens_in(snapshot, name), f"{PARTS[name]}: {count(tokens)}")
            for name in parts
            if (tokens := tokens_in(snapshot, name))
        ]
        of = f" of {count(space)}" if space else ""
        bars.append(_note(f"{_request_name(snapshot)}: {count(snapshot.total)} tokens{of}, {snapshot.source}"))
        bars.append(_bar(pieces, whole))
        if snapshot.compaction is not None:
            done = snapshot.compaction
            notes.append(
                f"{_request_name(snapshot)} was made shorter ({done.strategy}): "
                f"{count(done.before)} to {count(done.after)} tokens"
            )
        notes += [
            f"{_request_name(snapshot)} left out {one.count:,} {one.what} ({count(one.tokens)} tokens): {one.reason}"
            for one in snapshot.left_out
        ]
    rows = [
        [
            f"{_key(number[name], COLORS[number[name] - 1])} {_text(PARTS[name])}",
            *(
                f"{count(tokens_in(snapshot, name))} "
                f'<span style="{_SMALL}">{share(tokens_in(snapshot, name), snapshot.total)}</span>'
                for snapshot in shown
            ),
        ]
        for name in parts
    ]
    rows.append(["<strong>sum</strong>", *(f"<strong>{count(snapshot.total)}</strong>" for snapshot in shown)])
    if any(room(snapshot) for snapshot in shown):
        free = [max(0, space - snapshot.total) if (space := room(snapshot)) else None for snapshot in shown]
        rows.append(["free", *(count(tokens) for tokens in free)])
    head = ["part", *(_request_name(snapshot) for snapshot in shown)]
    hidden = len(contexts) - len(shown)
    return "".join(
        [
            '<p style="margin:8px 0 2px"><strong>What the model saw</strong></p>',
            *bars,
            _note(f"{hidden} requests in between are not shown here.") if hidden else "",
            _grid("Tokens by part", head, rows, range(1, len(head))),
            *(_note(note) for note in notes),
        ]
    )


def _depths(spans: Sequence[Span]) -> dict[str, int]:
    parents = {span.id: span.parent_id for span in spans}
    depths: dict[str, int] = {}
    for span in spans:
        depth, at = 0, span.parent_id
        while at is not None and at in parents and depth < 6:
            depth, at = depth + 1, parents[at]
        depths[span.id] = depth
    return depths


SPAN_COLORS = {
    "turn": OTHER,
    "queue": OTHER,
    "request": COLORS[0],
    "tool": COLORS[2],
    "approval": COLORS[1],
    "client": COLORS[3],
    "compaction": COLORS[6],
}


def _timeline_html(trace: Trace) -> str:
    if not trace.spans:
        return ""
    begin = min(span.started_at for span in trace.spans)
    ends = [span.finished_at or span.started_at for span in trace.spans]
    whole = max(1.0, (max(ends) - begin).total_seconds() * 1000)
    depths = _depths(trace.spans)
    rows = []
    for span in trace.spans[:SPANS]:
        start = (span.started_at - begin).total_seconds() * 1000
        left, wide = 100 * start / whole, max(0.5, 100 * (span.duration_ms or 0) / whole)
        bar = (
            f'<div aria-hidden="true" style="width:200px;height:10px;margin-top:4px;background-color:#8883">'
            f'<div style="height:10px;margin-left:{min(left, 99.5):.2f}%;width:{min(wide, 100 - min(left, 99.5)):.2f}%;'
            f'background-color:{SPAN_COLORS[span.kind]}"></div></div>'
        )
        state = {"ok": "", "error": "failed", "unset": "" if span.finished_at else "runs"}[span.status]
        said = short(span.message, 120)
        name = "&#160;" * 2 * depths[span.id] + _text(short(span.name, 80))
        rows.append(
            [
                name,
                _text(span.kind),
                _text(f"+{duration(start)}"),
                _text(duration(span.duration_ms)),
                bar,
                _text(": ".join(part for part in (state, said) if part)),
            ]
        )
    table = _grid("What happened when", ["", "kind", "from", "took", "", ""], rows, [2, 3])
    return table + _more(len(trace.spans) - SPANS)


def trace_html(trace: Trace) -> str:
    """A timeline alone."""
    about = " · ".join(part for part in (duration(trace.duration_ms), trace.stop_reason, trace.id) if part)
    return _box(_head(short(trace.name) or "Turn", about), _timeline_html(trace))


def trace_text(trace: Trace) -> str:
    about = " · ".join(part for part in (duration(trace.duration_ms), trace.stop_reason) if part)
    return "\n".join([f"Trace of “{short(trace.name, 80)}” · {about}", *_span_lines(trace)])


def _span_lines(trace: Trace) -> list[str]:
    if not trace.spans:
        return []
    begin = min(span.started_at for span in trace.spans)
    depths = _depths(trace.spans)
    rows = [
        [
            f"+{duration((span.started_at - begin).total_seconds() * 1000)}",
            "  " * depths[span.id] + short(span.name, 60),
            duration(span.duration_ms) or "runs",
            "" if span.status != "error" else f"failed: {short(span.message, 80)}",
        ]
        for span in trace.spans[:SPANS]
    ]
    return [_aligned(rows)]


SEVERITIES = {"critical": "Critical", "warning": "Warning", "info": "Note"}


def turn_html(
    turn: Turn,
    contexts: Sequence[ContextSnapshot],
    trace: Trace,
    tips: Sequence[Tip],
    selections: Sequence[ModelSelection] = (),
    tools: Sequence[ToolCallRecord] = (),
    grade: int | None = None,
) -> str:
    """A turn on one page: what the model saw, which one was chosen, what it did and when, and what could be better."""
    chosen = [
        _note(f"{one.provider}/{one.model} was asked ({one.strategy}): {short(one.reason)}") for one in selections
    ]
    error = f"{turn.error.code}: {turn.error.message}" if turn.error is not None else ""
    calls = [
        [
            _text(short(call.name, 60)),
            _text(short(str(call.arguments), 120)),
            _text(call.status),
            _text(duration(call.duration_ms)),
        ]
        for call in tools[:HTML_ROWS]
    ]
    advice = [
        [
            _text(SEVERITIES[tip.severity]),
            f'{_text(tip.message)}<br><span style="{_SMALL}">{_text(tip.suggestion)}</span>',
        ]
        for tip in tips
    ]
    return _box(
        _head(short(turn.message) or "Turn", turn_line(turn)),
        _note(short(error)),
        *chosen,
        _context_html(contexts),
        _timeline_html(trace),
        _grid("Tools", ["tool", "arguments", "is", "took"], calls, [3]) if calls else "",
        _grid("Tips", ["", ""], advice) if advice else "",
        _note(f"Your grade: {grade} of 5") if grade is not None else "",
    )


def turn_text(
    turn: Turn,
    contexts: Sequence[ContextSnapshot],
    trace: Trace,
    tips: Sequence[Tip],
    selections: Sequence[ModelSelection] = (),
    grade: int | None = None,
) -> str:
    lines = [f"“{short(turn.message, 100)}”", turn_line(turn)]
    lines += [f"{one.provider}/{one.model} ({one.strategy}): {short(one.reason)}" for one in selections]
    for snapshot in _some(contexts):
        parts = [f"{PARTS[name]} {count(tokens_in(snapshot, name))}" for name in parts_of([snapshot])]
        of = f" of {count(room(snapshot))}" if room(snapshot) else ""
        lines.append(f"{_request_name(snapshot)}: {count(snapshot.total)} tokens{of} ({', '.join(parts)})")
    lines += _span_lines(trace)
    lines += [f"{SEVERITIES[tip.severity]}: {short(tip.message)} {short(tip.suggestion)}" for tip in tips]
    lines += [f"Your grade: {grade} of 5"] if grade is not None else []
    return visible("\n".join(lines))
