"""The ten rules about a session. Pure: each looks at the facts of its turns, in their order, and tells or is silent.

The docstring of a rule says which numbers it looks at; docs/advice.md is made of them."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from jupyter_agent.observatory.facts import Rules, TurnFacts, dollars, evidence, halves, mean, percent
from jupyter_agent.observatory.models import Action, Tip
from jupyter_agent.observatory.tips import sort, tip_of

Turns = Sequence[TurnFacts]
RULES: Rules[Turns, Tip] = Rules()
rule = RULES.rule
_tip = functools.partial(tip_of, RULES)


def insights(turns: Turns) -> list[Tip]:
    """What the rules say about a session as a whole, the most severe first."""
    return sort(RULES.said(turns))


def _summarize(turns: Turns) -> Action:
    return Action(kind="summarize", label="Summarize the conversation", arguments={"session_id": turns[-1].session_id})


def _graded(turns: Turns) -> list[tuple[TurnFacts, int]]:
    return [(turn, turn.grade) for turn in turns if turn.grade is not None]


@rule("budget", "warning")
def context_drift(turns: Turns) -> Tip | None:
    """Context over context budget of each turn's fullest request: the average of the second half of the turns over that
    of the first half by more than 0.15; of 4 turns or more whose budget is known."""
    pressures = [turn.pressure for turn in turns if turn.pressure is not None]
    if len(pressures) < 4:
        return None
    first, second = (mean(half) or 0.0 for half in halves(pressures))
    if round(second - first, 9) <= 0.15:
        return None
    return _tip(
        context_drift,
        "warning",
        f"The context grows: {percent(first)} of its budget in the first half of the conversation, {percent(second)} "
        "in the second.",
        "Summarize the conversation, or begin a new one for what comes next, before the oldest messages are left out.",
        evidence("first_half", first, "ratio", "of the context budget, on average"),
        evidence("second_half", second, "ratio", "more than 0.15 over the first half"),
        action=_summarize(turns),
    )


@rule("quality", "warning")
def frequent_escalation(turns: Turns) -> Tip | None:
    """Turns of complexity L2 or L3 over the turns whose complexity is known (4 at the least): over 40 %."""
    known = [turn for turn in turns if turn.complexity is not None]
    high = sum(turn.complexity in ("L2", "L3") for turn in known)
    if len(known) < 4 or high / len(known) <= 0.40:
        return None
    return _tip(
        frequent_escalation,
        "warning",
        f"{high} of {len(known)} turns ask for work in several steps (L2, L3).",
        "Give such work a conversation and a strong model of its own, and ask the small questions elsewhere: each of "
        "them pays for the whole context.",
        evidence("escalated", high / len(known), "ratio", "of the turns; over 0.4"),
        evidence("escalated_turns", high, "turns", f"of {len(known)}"),
        action=Action(kind="choose_model", label="Choose a model", arguments={"session_id": turns[-1].session_id}),
    )


@rule("cost", "warning")
def cost_acceleration(turns: Turns) -> Tip | None:
    """Average cost of the turns of the second half over that of the first half: over 1.5 times; of 4 turns or more with
    a known cost."""
    costs = [turn.cost for turn in turns if turn.cost is not None]
    if len(costs) < 4:
        return None
    first, second = (sum(half, Decimal(0)) / len(half) for half in halves(costs))
    if first <= 0 or second <= first * Decimal("1.5"):
        return None
    return _tip(
        cost_acceleration,
        "warning",
        f"Turns become more expensive: {dollars(first)} on average in the first half, {dollars(second)} in the second.",
        "Every turn sends the conversation before it again. Summarize it, or begin a new one.",
        evidence("first_half", first, "usd", "a turn, on average"),
        evidence("second_half", second, "usd", "a turn; over 1.5 times the first half"),
        evidence("times", float(second / first), "ratio", "over 1.5"),
        action=_summarize(turns),
    )


@rule("memory", "info")
def underutilized_memory(turns: Turns) -> Tip | None:
    """Tokens of memory, skills, knowledge, notebook and attachments in the first requests of the turns: none at all, in
    3 turns or more that were recorded and are no small talk (L0)."""
    known = [turn for turn in turns if turn.first and turn.complexity != "L0"]
    if len(known) < 3 or any(turn.given for turn in known):
        return None
    return _tip(
        underutilized_memory,
        "info",
        f"In none of {len(known)} turns was the model given a notebook, file, memory or piece of knowledge.",
        "Attach what you work on, or tie the conversation to a notebook: the model then answers about yours instead of "
        "in general.",
        evidence("given_tokens", 0, "tokens", f"in {len(known)} turns"),
        action=Action(kind="open_turn", label="Show the last turn", arguments={"turn_id": known[-1].turn_id}),
    )


@rule("tools", "warning; critical under 50 %")
def tool_success_rate(turns: Turns) -> Tip | None:
    """Calls of tools that did not fail over all calls: under 80 %, of 5 calls or more."""
    calls = sum(turn.tool_calls for turn in turns)
    failures = sum(turn.tool_failures for turn in turns)
    if calls < 5 or (rate := (calls - failures) / calls) >= 0.80:
        return None
    by_tool: dict[str, int] = defaultdict(int)
    for turn in turns:
        for name, count in turn.failed_tools.items():
            by_tool[name] += count
    names = ", ".join(f"{name} ({by_tool[name]})" for name in sorted(by_tool, key=lambda one: (-by_tool[one], one))[:5])
    worst = max(turns, key=lambda turn: turn.tool_failures)
    return _tip(
        tool_success_rate,
        "critical" if rate < 0.50 else "warning",
        f"{failures} of {calls} tool calls failed{f': {names}' if names else ''}.",
        "Look at what the calls said. What fails again and again is better left out of the tools of a turn.",
        evidence("success_rate", rate, "ratio", "under 0.8; critical under 0.5"),
        evidence("tool_failures", failures, "calls", f"of {calls}"),
        action=Action(kind="open_tools", label="Show the calls", arguments={"turn_id": worst.turn_id, "failed": True}),
    )


@rule("quality", "info")
def model_churn(turns: Turns) -> Tip | None:
    """Different models that answered: more than 3."""
    models = sorted({turn.key for turn in turns if turn.key})
    if len(models) <= 3:
        return None
    return _tip(
        model_churn,
        "info",
        f"{len(models)} models answered in {len(turns)} turns: {', '.join(models)}.",
        "Stay with one model in a conversation: tone and conventions change less, and its provider's cache is of use.",
        evidence("models", len(models), "", "different ones; over 3"),
        action=Action(kind="choose_model", label="Choose a model", arguments={"session_id": turns[-1].session_id}),
    )


@rule("quality", "warning")
def quality_declining(turns: Turns) -> Tip | None:
    """Average grade of the first half of the graded turns less that of the second half: over 0.5; of 4 grades or
    more."""
    grades = [grade for _, grade in _graded(turns)]
    if len(grades) < 4:
        return None
    first, second = (mean(half) or 0.0 for half in halves(grades))
    if round(first - second, 9) <= 0.5:
        return None
    return _tip(
        quality_declining,
        "warning",
        f"The grades fall: {first:.1f} on average in the first half, {second:.1f} in the second.",
        "Begin a new conversation with a short summary of what counts: what has gathered in this one gets in the way.",
        evidence("first_half", first, "grade", "on average"),
        evidence("second_half", second, "grade", "more than 0.5 lower"),
        action=Action(kind="new_session", label="New conversation", arguments={}),
    )


@rule("cost", "warning")
def cost_quality_mismatch(turns: Turns) -> Tip | None:
    """Average cost of a turn and average grade by model: the model whose turns cost the most has a lower grade than
    another one; of models with a grade and a known cost."""
    grades: dict[str, list[int]] = defaultdict(list)
    costs: dict[str, list[Decimal]] = defaultdict(list)
    for turn in turns:
        if turn.key and turn.cost is not None:
            costs[turn.key].append(turn.cost)
            if turn.grade is not None:
                grades[turn.key].append(turn.grade)
    if len(grades) < 2:
        return None
    cost = {key: sum(costs[key], Decimal(0)) / len(costs[key]) for key in grades}
    grade = {key: sum(given) / len(given) for key, given in grades.items()}
    dearest = max(cost, key=lambda key: (cost[key], key))
    cheaper = [key for key in cost if cost[key] < cost[dearest]]
    if not cheaper:
        return None
    best = max(cheaper, key=lambda key: (grade[key], -cost[key], key))
    if grade[best] <= grade[dearest]:
        return None
    provider, _, model = best.partition("/")
    return _tip(
        cost_quality_mismatch,
        "warning",
        f"{dearest} costs the most ({dollars(cost[dearest])} a turn) and was graded {grade[dearest]:.1f}; {best} costs "
        f"{dollars(cost[best])} and was graded {grade[best]:.1f}.",
        f"Go on with {best}.",
        evidence("dearest_grade", grade[dearest], "grade", f"{dearest}, {len(grades[dearest])} grades"),
        evidence("cheaper_grade", grade[best], "grade", f"{best}, {len(grades[best])} grades"),
        evidence("dearest_cost", cost[dearest], "usd", "a turn"),
        evidence("cheaper_cost", cost[best], "usd", "a turn"),
        action=Action(
            kind="choose_model",
            label=f"Use {model}",
            arguments={"session_id": turns[-1].session_id, "provider": provider, "model": model},
        ),
    )


@rule("memory", "info")
def memory_helps(turns: Turns) -> Tip | None:
    """Average grade of turns with memory, skills, knowledge, notebook or attachments in their first request less that
    of turns without: over 0.5; of 2 grades or more each."""
    graded = [(turn, grade) for turn, grade in _graded(turns) if turn.first]
    having = [grade for turn, grade in graded if turn.given]
    lacking = [grade for turn, grade in graded if not turn.given]
    if len(having) < 2 or len(lacking) < 2:
        return None
    better, worse = mean(having) or 0.0, mean(lacking) or 0.0
    if round(better - worse, 9) <= 0.5:
        return None
    return _tip(
        memory_helps,
        "info",
        f"What you attach helps: turns with a notebook, file, memory or knowledge were graded {better:.1f}, those "
        f"without {worse:.1f}.",
        "Go on attaching what a question is about.",
        evidence("with", better, "grade", f"{len(having)} turns"),
        evidence("without", worse, "grade", f"{len(lacking)} turns; more than 0.5 lower"),
    )


@rule("quality", "info")
def low_coverage_warning(turns: Turns) -> Tip | None:
    """Graded turns over all turns: under 20 %, of 50 turns or more."""
    count = len(_graded(turns))
    if len(turns) < 50 or count / len(turns) >= 0.20:
        return None
    ungraded = next(turn for turn in reversed(turns) if turn.grade is None)
    return _tip(
        low_coverage_warning,
        "info",
        f"{count} of {len(turns)} turns have a grade.",
        "Grade more of them: which model is worth its price can only be told from grades.",
        evidence("grade_coverage", count / len(turns), "ratio", "under 0.2"),
        evidence("graded", count, "turns", f"of {len(turns)}; 50 or more"),
        action=Action(kind="give_feedback", label="Grade the last one", arguments={"turn_id": ungraded.turn_id}),
    )
