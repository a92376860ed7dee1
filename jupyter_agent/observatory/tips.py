"""The twelve rules about a turn. Pure: each looks at the facts and gives a tip, or nothing.

The docstring of a rule says which numbers it looks at; docs/advice.md is made of them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

from jupyter_agent.observatory.facts import SEVERITIES, Rules, TurnFacts, dollars, evidence, percent
from jupyter_agent.observatory.models import Action, Evidence, Severity, Tip

T = TypeVar("T")

RULES: Rules[TurnFacts, Tip] = Rules()
rule = RULES.rule

LARGE_OUTPUT = 2_000
TAX = Decimal("0.01")
HEAVY_TAX = Decimal("0.05")


def tips(turn: TurnFacts) -> list[Tip]:
    """What the rules say about a turn, the most severe first."""
    return sort(RULES.said(turn))


def sort(found: list[Tip]) -> list[Tip]:
    return sorted(found, key=lambda tip: SEVERITIES.index(tip.severity))


def tip_of(
    rules: Rules[T, Tip],
    check: Callable[[T], Tip | None],
    severity: Severity,
    message: str,
    suggestion: str,
    *numbers: Evidence,
    action: Action | None = None,
) -> Tip:
    """What one of these rules says."""
    return Tip.model_validate(
        {
            "severity": severity,
            "category": rules.category(check),
            "rule": check.__name__,
            "message": message,
            "suggestion": suggestion,
            "evidence": list(numbers),
            "action": action,
        }
    )


_tip = functools.partial(tip_of, RULES)


def _open(turn: TurnFacts, part: str) -> Action:
    return Action(kind="open_context", label="Show the context", arguments={"turn_id": turn.turn_id, "part": part})


@rule("budget", "warning; critical over 95 %")
def budget_pressure(turn: TurnFacts) -> Tip | None:
    """Context over context budget in the turn's fullest request: over 90 %."""
    if turn.pressure is None or turn.pressure <= 0.90:
        return None
    assert turn.budget is not None
    return _tip(
        budget_pressure,
        "critical" if turn.pressure > 0.95 else "warning",
        f"The context was {percent(turn.pressure)} full: {turn.used:,} of {turn.budget:,} tokens.",
        "Summarize the conversation, attach less, or give the turn a larger context budget: what comes next will push "
        "out what was said first.",
        evidence("context_utilization", turn.pressure, "ratio", "over 0.9; critical over 0.95"),
        evidence("context_tokens", turn.used, "tokens", f"of a budget of {turn.budget:,}"),
        action=Action(kind="summarize", label="Summarize the conversation", arguments={"session_id": turn.session_id}),
    )


@rule("prompt", "warning; critical over 60 %")
def system_prompt_heavy(turn: TurnFacts) -> Tip | None:
    """The system prompt of the first request over the context budget: over 40 %."""
    tokens = turn.first.get("system_prompt", 0)
    if not turn.budget or tokens / turn.budget <= 0.40:
        return None
    share = tokens / turn.budget
    return _tip(
        system_prompt_heavy,
        "critical" if share > 0.60 else "warning",
        f"The system prompt takes {percent(share)} of the context budget: {tokens:,} of {turn.budget:,} tokens.",
        "Shorten the system prompt, or choose a model with a larger context window: little is left for the "
        "conversation.",
        evidence("system_prompt_share", share, "ratio", "of the context budget; over 0.4, critical over 0.6"),
        evidence("system_prompt_tokens", tokens, "tokens", "with every request"),
        action=Action(
            kind="open_settings", label="Change the system prompt", arguments={"name": "turns.system_prompt"}
        ),
    )


@rule("memory", "info")
def memory_starvation(turn: TurnFacts) -> Tip | None:
    """Memory, skills, knowledge, notebook and attachments over the context of the first request: under 10 %; only of
    questions that ask for work (L2, L3) and of turns that looked at nothing with tools themselves."""
    total = sum(turn.first.values())
    if not total or turn.complexity not in ("L2", "L3") or turn.tool_calls or turn.given / total >= 0.10:
        return None
    share = turn.given / total
    return _tip(
        memory_starvation,
        "info",
        f"The model was given little to work with: {percent(share)} of its context is memory, knowledge, notebook or "
        "attachments.",
        "Attach the notebook, cell, file or variable that the question is about, so that the model need not guess.",
        evidence("given_share", share, "ratio", "of the first request's context; under 0.1"),
        evidence("given_tokens", turn.given, "tokens", f"of {total:,}"),
        action=_open(turn, "attachments"),
    )


@rule("quality", "info")
def shallow_history(turn: TurnFacts) -> Tip | None:
    """Messages of the conversation that the first request sent: under 3, where there were more."""
    depth, total = turn.history_depth, turn.history_total
    if depth is None or total is None or depth >= 3 or total <= depth:
        return None
    return _tip(
        shallow_history,
        "info",
        f"The model saw {depth} of the conversation's {total} messages.",
        "What was said before was left out for want of room. Say again what matters, attach less, or summarize the "
        "conversation.",
        evidence("history_depth", depth, "", f"messages of {total}; under 3"),
        action=Action(kind="summarize", label="Summarize the conversation", arguments={"session_id": turn.session_id}),
    )


@rule("tools", "info; warning over 8 calls")
def high_tool_density(turn: TurnFacts) -> Tip | None:
    """Calls of tools in the turn: over 3."""
    if turn.tool_calls <= 3:
        return None
    return _tip(
        high_tool_density,
        "warning" if turn.tool_calls > 8 else "info",
        f"The turn called tools {turn.tool_calls} times, in {turn.requests} model requests.",
        "Each step sends the whole context again. Name the file, cell or command that is meant, and ask for one thing "
        "at a time.",
        evidence("tool_calls", turn.tool_calls, "calls", "over 3; warning over 8"),
        evidence("requests", turn.requests, "", "model requests"),
        action=Action(kind="open_tools", label="Show the calls", arguments={"turn_id": turn.turn_id}),
    )


@rule("tools", "warning; critical where more than half failed")
def tool_failures(turn: TurnFacts) -> Tip | None:
    """Calls of tools that failed, over all calls: any. Calls that a person or a rule denied are no failures."""
    if not turn.tool_failures:
        return None
    rate = turn.tool_failures / max(turn.tool_calls, turn.tool_failures)
    names = ", ".join(sorted(turn.failed_tools, key=lambda name: (-turn.failed_tools[name], name))[:5])
    return _tip(
        tool_failures,
        "critical" if rate > 0.5 else "warning",
        f"{turn.tool_failures} of {turn.tool_calls} tool calls failed{f' ({names})' if names else ''}.",
        "Look at what the calls said: a wrong path, a kernel that is not there or a missing permission is quickly put "
        "right, and each failed call cost a model request.",
        evidence("tool_failure_rate", rate, "ratio", "over 0; critical over 0.5"),
        evidence("tool_failures", turn.tool_failures, "calls", f"of {turn.tool_calls}"),
        action=Action(kind="open_tools", label="Show the calls", arguments={"turn_id": turn.turn_id, "failed": True}),
    )


@rule("cost", "warning; critical over five times")
def expensive_turn(turn: TurnFacts) -> Tip | None:
    """The turn's cost over the average cost of its session's other turns (2 at the least): over twice."""
    if turn.cost is None or turn.others < 2 or not turn.others_cost:
        return None
    times = float(turn.cost / turn.others_cost)
    if times <= 2:
        return None
    return _tip(
        expensive_turn,
        "critical" if times > 5 else "warning",
        f"The turn cost {dollars(turn.cost)}, {times:.1f} times what the other turns of its session cost on average "
        f"({dollars(turn.others_cost)}).",
        "See which part of the context or which steps made it so; a limit for each turn stops one before it goes too "
        "far.",
        evidence("cost", turn.cost, "usd", "of this turn"),
        evidence("times_average", times, "ratio", f"of {turn.others} other turns; over 2, critical over 5"),
        action=Action(
            kind="set_budget",
            label="Limit what a turn may cost",
            arguments={"scope": "turn", "soft": str(_cents(turn.others_cost * 5))},
        ),
    )


@rule("quality", "info")
def empty_reasoning(turn: TurnFacts) -> Tip | None:
    """Characters of thinking in the answer: none, where the turn asked the model to think."""
    if not turn.thinking_asked or turn.thinking_characters is None or turn.thinking_characters > 0:
        return None
    if turn.stop_reason != "completed":
        return None
    return _tip(
        empty_reasoning,
        "info",
        "The model was asked to think, and showed no thinking.",
        "It may be a model that cannot, or that keeps its thoughts to itself; leave thinking off for simple questions, "
        "or choose a model that reasons.",
        evidence("thinking_characters", 0, "", "in the answer"),
        evidence("output_tokens", turn.output, "tokens", "thinking included"),
        action=Action(kind="choose_model", label="Choose a model", arguments={"session_id": turn.session_id}),
    )


@rule("cost", "info; warning over $0.05")
def system_prompt_tax(turn: TurnFacts) -> Tip | None:
    """The system prompt's share of all tokens that the turn sent, and that share of what they cost: over 30 % and over
    $0.01."""
    share = turn.share("system_prompt")
    if share is None or turn.input_cost is None or share <= 0.30:
        return None
    tax = turn.input_cost * Decimal(str(share))
    if tax <= TAX:
        return None
    return _tip(
        system_prompt_tax,
        "warning" if tax > HEAVY_TAX else "info",
        f"The system prompt cost {dollars(tax)} in this turn: {percent(share)} of what was sent.",
        "It is sent with every request. Shorten it, or use a provider that keeps it in its cache.",
        evidence("system_prompt_cost", tax, "usd", "over 0.01; warning over 0.05"),
        evidence("system_prompt_share", share, "ratio", "of all tokens sent; over 0.3"),
        action=_open(turn, "system_prompt"),
    )


@rule("cost", "info; warning over 80 %")
def history_cost_dominant(turn: TurnFacts) -> Tip | None:
    """The conversation before the question over all tokens that the turn sent: over 60 %."""
    share = turn.share("history")
    if share is None or share <= 0.60:
        return None
    return _tip(
        history_cost_dominant,
        "warning" if share > 0.80 else "info",
        f"{percent(share)} of what was sent is the conversation before the question.",
        "Begin a new conversation for a new subject, or summarize this one: every further turn pays for all of it "
        "again.",
        evidence("history_share", share, "ratio", "of all tokens sent; over 0.6, warning over 0.8"),
        evidence("history_tokens", turn.sent.get("history", 0), "tokens", f"in {turn.requests} requests"),
        action=Action(kind="summarize", label="Summarize the conversation", arguments={"session_id": turn.session_id}),
    )


@rule("cost", "info")
def large_output_ratio(turn: TurnFacts) -> Tip | None:
    """Output tokens over input tokens: over 2, and over 2,000 tokens of output."""
    if turn.input <= 0 or turn.output <= LARGE_OUTPUT or turn.output / turn.input <= 2:
        return None
    ratio = turn.output / turn.input
    return _tip(
        large_output_ratio,
        "info",
        f"The answer ({turn.output:,} tokens) is {ratio:.1f} times what was sent ({turn.input:,} tokens).",
        "Output costs the most. Say how long the answer should be, ask for the difference instead of the whole file, "
        "or limit max_output_tokens.",
        evidence("output_ratio", ratio, "ratio", "output over input; over 2"),
        evidence("output_tokens", turn.output, "tokens", f"over {LARGE_OUTPUT:,}"),
    )


@rule("cost", "info")
def cached_turn_savings(turn: TurnFacts) -> Tip | None:
    """Tokens that the provider read from its cache: any."""
    if turn.cache_read <= 0 or turn.input <= 0:
        return None
    rate = turn.cache_read / turn.input
    worth = f", which saved {dollars(turn.saved)}" if turn.saved else ""
    return _tip(
        cached_turn_savings,
        "info",
        f"The provider read {percent(rate)} of what was sent from its cache{worth}.",
        "Keep the beginning of the conversation as it is, and go on soon: providers forget after some minutes.",
        evidence("cache_read_tokens", turn.cache_read, "tokens", f"of {turn.input:,} sent"),
        evidence("cache_share", rate, "ratio", "of the tokens sent"),
        *([evidence("saved", turn.saved, "usd", "against the price without cache")] if turn.saved else []),
    )


def _cents(amount: Decimal) -> Decimal:
    """Up to the next cent, so that a suggested limit is one that a person would set."""
    from decimal import ROUND_CEILING

    return amount.quantize(Decimal("0.01"), rounding=ROUND_CEILING)
