"""The rules of advice, each at its thresholds: it fires over them, and is silent at them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from jupyter_agent.observatory import insights, recommendations, reference, tips
from jupyter_agent.observatory.facts import Rule, TurnFacts, dollars
from jupyter_agent.observatory.models import Tip

PLAIN = TurnFacts(
    turn_id="turn_1",
    session_id="sess_1",
    message_characters=60,
    provider="p",
    model="m",
    complexity="L1",
    stop_reason="completed",
    budget=10_000,
    used=4_000,
    first={"system_prompt": 500, "notebook": 1_500, "history": 1_000, "tools": 900, "message": 100},
    sent={"system_prompt": 500, "notebook": 1_500, "history": 1_000, "tools": 900, "message": 100},
    history_depth=6,
    history_total=6,
    requests=1,
    input=4_000,
    output=300,
    cost=Decimal("0.010"),
    input_cost=Decimal("0.008"),
    others=3,
    others_cost=Decimal("0.010"),
    thinking_characters=0,
)
"""A turn of which there is nothing to say."""


def said(turn: TurnFacts) -> dict[str, Tip]:
    return {tip.rule: tip for tip in tips.tips(turn)}


def parts(**tokens: int) -> dict[str, Any]:
    return {"first": tokens, "sent": tokens}


def cost(amount: str) -> dict[str, Any]:
    return {"cost": Decimal(amount)}


SILENT, INFO, WARNING, CRITICAL = None, "info", "warning", "critical"
TURNS: list[tuple[str, dict[str, Any], str | None]] = [
    ("budget_pressure", {"used": 9_000}, SILENT),
    ("budget_pressure", {"used": 9_001}, WARNING),
    ("budget_pressure", {"used": 9_500}, WARNING),
    ("budget_pressure", {"used": 9_501}, CRITICAL),
    ("budget_pressure", {"used": 99_000, "budget": None}, SILENT),
    ("system_prompt_heavy", parts(system_prompt=4_000), SILENT),
    ("system_prompt_heavy", parts(system_prompt=4_001), WARNING),
    ("system_prompt_heavy", parts(system_prompt=6_000), WARNING),
    ("system_prompt_heavy", parts(system_prompt=6_001), CRITICAL),
    ("system_prompt_heavy", {**parts(system_prompt=6_001), "budget": None}, SILENT),
    ("memory_starvation", {"complexity": "L2", **parts(message=900, notebook=100)}, SILENT),
    ("memory_starvation", {"complexity": "L2", **parts(message=901, notebook=99)}, INFO),
    ("memory_starvation", {"complexity": "L3", **parts(message=901, memory=99)}, INFO),
    ("memory_starvation", {"complexity": "L1", **parts(message=1_000)}, SILENT),
    ("memory_starvation", {"complexity": "L2", "tool_calls": 1, **parts(message=1_000)}, SILENT),
    ("memory_starvation", {"complexity": "L2", **parts()}, SILENT),
    ("shallow_history", {"history_depth": 2, "history_total": 9}, INFO),
    ("shallow_history", {"history_depth": 3, "history_total": 9}, SILENT),
    ("shallow_history", {"history_depth": 2, "history_total": 2}, SILENT),
    ("shallow_history", {"history_depth": None, "history_total": None}, SILENT),
    ("high_tool_density", {"tool_calls": 3}, SILENT),
    ("high_tool_density", {"tool_calls": 4}, INFO),
    ("high_tool_density", {"tool_calls": 8}, INFO),
    ("high_tool_density", {"tool_calls": 9}, WARNING),
    ("tool_failures", {"tool_calls": 2, "tool_failures": 0}, SILENT),
    ("tool_failures", {"tool_calls": 2, "tool_failures": 1, "failed_tools": {"run_cell": 1}}, WARNING),
    ("tool_failures", {"tool_calls": 3, "tool_failures": 2, "failed_tools": {"run_cell": 2}}, CRITICAL),
    ("expensive_turn", cost("0.020"), SILENT),
    ("expensive_turn", cost("0.0201"), WARNING),
    ("expensive_turn", cost("0.050"), WARNING),
    ("expensive_turn", cost("0.0501"), CRITICAL),
    ("expensive_turn", {**cost("1"), "others": 1}, SILENT),
    ("expensive_turn", {**cost("1"), "others_cost": Decimal(0)}, SILENT),
    ("expensive_turn", {"cost": None}, SILENT),
    ("empty_reasoning", {"thinking_asked": True}, INFO),
    ("empty_reasoning", {"thinking_asked": True, "thinking_characters": 1}, SILENT),
    ("empty_reasoning", {"thinking_asked": True, "thinking_characters": None}, SILENT),
    ("empty_reasoning", {"thinking_asked": True, "stop_reason": "provider_error"}, SILENT),
    ("empty_reasoning", {"thinking_asked": False}, SILENT),
    # 40 % of what was sent is the system prompt.
    ("system_prompt_tax", {**parts(system_prompt=400, message=600), "input_cost": Decimal("0.025")}, SILENT),
    ("system_prompt_tax", {**parts(system_prompt=400, message=600), "input_cost": Decimal("0.0251")}, INFO),
    ("system_prompt_tax", {**parts(system_prompt=400, message=600), "input_cost": Decimal("0.125")}, INFO),
    ("system_prompt_tax", {**parts(system_prompt=400, message=600), "input_cost": Decimal("0.1251")}, WARNING),
    ("system_prompt_tax", {**parts(system_prompt=300, message=700), "input_cost": Decimal(9)}, SILENT),
    ("system_prompt_tax", {**parts(system_prompt=301, message=699), "input_cost": Decimal(9)}, WARNING),
    ("system_prompt_tax", {**parts(system_prompt=400, message=600), "input_cost": None}, SILENT),
    ("history_cost_dominant", parts(history=600, message=400), SILENT),
    ("history_cost_dominant", parts(history=601, message=399), INFO),
    ("history_cost_dominant", parts(history=800, message=200), INFO),
    ("history_cost_dominant", parts(history=801, message=199), WARNING),
    ("history_cost_dominant", parts(), SILENT),
    ("large_output_ratio", {"input": 1_000, "output": 2_001}, INFO),
    ("large_output_ratio", {"input": 900, "output": 2_000}, SILENT),
    ("large_output_ratio", {"input": 1_001, "output": 2_002}, SILENT),
    ("large_output_ratio", {"input": 0, "output": 9_999}, SILENT),
    ("cached_turn_savings", {"cache_read": 1}, INFO),
    ("cached_turn_savings", {"cache_read": 0, "saved": Decimal(1)}, SILENT),
]


def test_of_a_plain_turn_there_is_nothing_to_say() -> None:
    assert tips.tips(PLAIN) == []
    # What was never recorded is no reason for advice.
    assert tips.tips(TurnFacts()) == []


@pytest.mark.parametrize(
    ("rule", "changes", "severity"), TURNS, ids=[f"{rule}-{at}" for at, (rule, _, _) in enumerate(TURNS)]
)
def test_a_rule_of_a_turn_at_its_thresholds(rule: str, changes: dict[str, Any], severity: str | None) -> None:
    tip = said(replace(PLAIN, **changes)).get(rule)
    assert (tip.severity if tip else None) == severity
    if tip is not None:
        assert tip.message
        assert tip.suggestion
        assert tip.evidence
        assert (tip.action is None) == (rule in ("large_output_ratio", "cached_turn_savings"))
        assert tip.category == next(one.category for one in tips.RULES if one.name == rule)


def test_all_twelve_rules_of_a_turn_are_tried() -> None:
    assert [one.name for one in tips.RULES] == [
        "budget_pressure",
        "system_prompt_heavy",
        "memory_starvation",
        "shallow_history",
        "high_tool_density",
        "tool_failures",
        "expensive_turn",
        "empty_reasoning",
        "system_prompt_tax",
        "history_cost_dominant",
        "large_output_ratio",
        "cached_turn_savings",
    ]
    fired = {(rule, severity is not None) for rule, _, severity in TURNS}
    assert fired == {(one.name, fires) for one in tips.RULES for fires in (True, False)}


def test_the_most_severe_tip_comes_first() -> None:
    turn = replace(PLAIN, cache_read=100, used=9_900, tool_calls=9)
    assert [(tip.severity, tip.rule) for tip in tips.tips(turn)] == [
        ("critical", "budget_pressure"),
        ("warning", "high_tool_density"),
        ("info", "cached_turn_savings"),
    ]


def test_what_a_tip_says_is_what_was_counted() -> None:
    tip = said(replace(PLAIN, used=9_312))["budget_pressure"]
    assert tip.message == "The context was 93 % full: 9,312 of 10,000 tokens."
    assert [(one.metric, one.value, one.unit) for one in tip.evidence] == [
        ("context_utilization", 0.9312, "ratio"),
        ("context_tokens", 9_312, "tokens"),
    ]
    tip = said(replace(PLAIN, tool_calls=5, tool_failures=3, failed_tools={"read_file": 1, "run_cell": 2}))[
        "tool_failures"
    ]
    assert tip.message == "3 of 5 tool calls failed (run_cell, read_file)."
    assert tip.evidence[0].value == 0.6
    tip = said(replace(PLAIN, cost=Decimal("0.064")))["expensive_turn"]
    assert tip.message == (
        "The turn cost $0.0640, 6.4 times what the other turns of its session cost on average ($0.0100)."
    )
    # A limit of five times the average, to the next cent.
    assert tip.action is not None
    assert tip.action.arguments == {"scope": "turn", "soft": "0.05"}
    tip = said(replace(PLAIN, **parts(system_prompt=400, message=600), input_cost=Decimal("0.05")))["system_prompt_tax"]
    assert tip.evidence[0].value == 0.02
    tip = said(replace(PLAIN, cache_read=1_000, saved=Decimal("0.0009")))["cached_turn_savings"]
    assert tip.message == "The provider read 25 % of what was sent from its cache, which saved $0.0009."


@pytest.mark.parametrize(
    ("amount", "text"),
    [("0", "$0.00"), ("12.5", "$12.50"), ("1234.567", "$1,234.57"), ("0.0123", "$0.0123"), ("0.0000045", "$0.0000045")],
)
def test_amounts_for_people(amount: str, text: str) -> None:
    assert dollars(Decimal(amount)) == text


def session(*turns: dict[str, Any]) -> list[TurnFacts]:
    return [replace(PLAIN, turn_id=f"turn_{at}", **changes) for at, changes in enumerate(turns)]


def full(*used: int) -> list[TurnFacts]:
    return session(*({"used": one} for one in used))


def priced(*amounts: str) -> list[TurnFacts]:
    return session(*(cost(amount) for amount in amounts))


def levels(*found: str | None) -> list[TurnFacts]:
    return session(*({"complexity": one} for one in found))


def graded(*grades: int | None) -> list[TurnFacts]:
    return session(*({"grade": one} for one in grades))


def calls(*made: tuple[int, int]) -> list[TurnFacts]:
    return session(*({"tool_calls": count, "tool_failures": failed} for count, failed in made))


def answered(*by: tuple[str, str, int | None]) -> list[TurnFacts]:
    return session(*({"model": model, "cost": Decimal(amount), "grade": grade} for model, amount, grade in by))


BARE = parts(system_prompt=500, message=500)
WITH, WITHOUT = {"first": {"notebook": 10}}, {"first": {"message": 10}}
SESSIONS: list[tuple[str, list[TurnFacts], str | None]] = [
    ("context_drift", full(1_000, 1_000, 2_500, 2_500), SILENT),
    ("context_drift", full(1_000, 1_000, 2_501, 2_501), WARNING),
    ("context_drift", full(1_000, 1_000, 9_000), SILENT),
    ("frequent_escalation", levels("L0", "L1", "L1", "L2", "L3"), SILENT),
    ("frequent_escalation", levels("L0", "L1", "L2", "L3"), WARNING),
    ("frequent_escalation", levels("L2", "L3", "L3"), SILENT),
    ("frequent_escalation", levels("L2", "L3", "L3", None), SILENT),
    ("cost_acceleration", priced("0.01", "0.01", "0.015", "0.015"), SILENT),
    ("cost_acceleration", priced("0.01", "0.01", "0.015", "0.0151"), WARNING),
    ("cost_acceleration", priced("0.01", "0.01", "0.09"), SILENT),
    ("cost_acceleration", priced("0", "0", "1", "1"), SILENT),
    ("underutilized_memory", session(BARE, BARE, BARE), INFO),
    ("underutilized_memory", session(BARE, BARE, {}), SILENT),
    ("underutilized_memory", session(BARE, BARE), SILENT),
    ("underutilized_memory", session(BARE, BARE, {**BARE, "complexity": "L0"}), SILENT),
    ("tool_success_rate", calls((5, 1)), SILENT),
    ("tool_success_rate", calls((3, 1), (2, 1)), WARNING),
    ("tool_success_rate", calls((4, 4)), SILENT),
    ("tool_success_rate", calls((3, 2), (3, 1)), WARNING),
    ("tool_success_rate", calls((3, 2), (3, 2)), CRITICAL),
    ("model_churn", session(*({"model": one} for one in "abcabc")), SILENT),
    ("model_churn", session(*({"model": one} for one in "abcd")), INFO),
    ("quality_declining", graded(5, 5, 5, 4), SILENT),
    ("quality_declining", graded(5, 4, None, 4, 3), WARNING),
    ("quality_declining", graded(5, 1, 1), SILENT),
    ("cost_quality_mismatch", answered(("big", "0.9", 3), ("small", "0.1", 4)), WARNING),
    ("cost_quality_mismatch", answered(("big", "0.9", 4), ("small", "0.1", 4)), SILENT),
    ("cost_quality_mismatch", answered(("big", "0.9", 3), ("small", "0.1", None)), SILENT),
    ("cost_quality_mismatch", answered(("big", "0.9", 3), ("same", "0.9", 4)), SILENT),
    ("memory_helps", session(*({**one, "grade": grade} for one, grade in
                               ((WITH, 5), (WITH, 4), (WITHOUT, 4), (WITHOUT, 3)))), INFO),
    ("memory_helps", session(*({**one, "grade": grade} for one, grade in
                               ((WITH, 4), (WITH, 4), (WITHOUT, 4), (WITHOUT, 3)))), SILENT),
    ("memory_helps", session(*({**one, "grade": grade} for one, grade in
                               ((WITH, 5), (WITHOUT, 1), (WITHOUT, 1)))), SILENT),
    ("low_coverage_warning", graded(*[3] * 9, *[None] * 41), INFO),
    ("low_coverage_warning", graded(*[3] * 10, *[None] * 40), SILENT),
    ("low_coverage_warning", graded(*[None] * 49), SILENT),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "turns", "severity"), SESSIONS, ids=[f"{rule}-{at}" for at, (rule, _, _) in enumerate(SESSIONS)]
)
def test_a_rule_of_a_session_at_its_thresholds(rule: str, turns: list[TurnFacts], severity: str | None) -> None:
    tip = {one.rule: one for one in insights.insights(turns)}.get(rule)
    assert (tip.severity if tip else None) == severity
    if tip is not None:
        assert tip.message
        assert tip.suggestion
        assert tip.evidence
        assert tip.category == next(one.category for one in insights.RULES if one.name == rule)


def test_all_ten_rules_of_a_session_are_tried() -> None:
    assert [one.name for one in insights.RULES] == [
        "context_drift",
        "frequent_escalation",
        "cost_acceleration",
        "underutilized_memory",
        "tool_success_rate",
        "model_churn",
        "quality_declining",
        "cost_quality_mismatch",
        "memory_helps",
        "low_coverage_warning",
    ]
    fired = {(rule, severity is not None) for rule, _, severity in SESSIONS}
    assert fired == {(one.name, fires) for one in insights.RULES for fires in (True, False)}


def test_of_a_plain_session_there_is_nothing_to_say() -> None:
    assert insights.insights([]) == []
    assert insights.insights(session({}, {}, {}, {}, {})) == []
    assert insights.insights([TurnFacts()] * 10) == []


def test_what_an_insight_says_is_what_was_counted() -> None:
    [tip] = insights.insights(answered(("big", "0.9", 3), ("small", "0.1", 4), ("big", "0.7", 2)))
    assert (
        tip.message
        == "p/big costs the most ($0.8000 a turn) and was graded 2.5; p/small costs $0.1000 and was graded 4.0."
    )
    assert tip.action is not None
    assert tip.action.arguments == {"session_id": "sess_1", "provider": "p", "model": "small"}
    [tip] = insights.insights(calls((3, 2), (3, 2)))
    assert [(one.metric, one.value) for one in tip.evidence] == [("success_rate", 0.333333), ("tool_failures", 4)]


def test_every_rule_is_documented_and_the_page_is_up_to_date() -> None:
    rows = [line.split(" | ") for line in reference.render().splitlines() if line.startswith("| `") and " | " in line]
    documented = {row[0].strip("| `"): row for row in rows}
    rules: list[Rule[Any, Any]] = [*tips.RULES, *insights.RULES, *recommendations.RULES]
    for rule in rules:
        assert len(documented[rule.name][3].split()) >= 5, "what a rule looks at is its documentation"
        assert "None" not in documented[rule.name][3]
    assert reference.main(["--check", str(Path(__file__).parent.parent / "docs" / "advice.md")]) == 0
