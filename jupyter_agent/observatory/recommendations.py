"""The fourteen rules about how somebody works, in seven categories. Pure: each looks at what was recorded in a period,
and recommends something, or nothing.

Savings are US dollars a month at the period's pace: what would have been saved in the turns that were looked at, for
all turns of the period, over its days, times 30. They are estimates, each on its own: two that are about the same
tokens do not add up. The docstring of a rule says which numbers it looks at; docs/advice.md is made of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Literal

from jupyter_agent.observatory.facts import Rules, TurnFacts, dollars, evidence, mean, percent
from jupyter_agent.observatory.models import (
    Action,
    Evidence,
    Impact,
    Profile,
    Recommendation,
)
from jupyter_agent.observatory.reading import UnitPrices

MONTH_DAYS = 30
FEWEST_TURNS = 10
FEWEST_GRADES = 3
FEWEST_CALLS = 5
SHORT = 40
"""Characters of a question that says little."""
LONG_HISTORY = 40
"""Messages: about twenty turns."""
SUMMARY = Decimal("0.2")
"""What a summary takes of the history that it stands for."""
CACHE_MINUTES = timedelta(minutes=5)
"""As long as providers keep a prefix, about."""
LEAST_CACHED = 1_024
"""Tokens: providers cache no shorter prefix."""
CENT = Decimal("0.01")
HELPERS = ("title", "summary", "compaction")
"""Purposes of model requests that nobody asked for."""


@dataclass(frozen=True)
class Work:
    """What somebody did in a period."""

    profile: Profile = field(default_factory=Profile)
    turns: Sequence[TurnFacts] = ()
    """The newest of the period, in their order."""
    days: float = 1.0
    """Of the period in which something was done, one at the least."""
    costs: Mapping[str, Decimal] = field(default_factory=dict)
    """US dollars of the whole period, by purpose."""
    requests: Mapping[str, int] = field(default_factory=dict)
    prices: Mapping[tuple[str, str], UnitPrices | None] = field(default_factory=dict)
    """Of the models that were asked, by provider and model."""
    offered: Sequence[str] = ()
    """The tools that the newest turn was given."""
    has_budget: bool = False

    def monthly(self, amount: Decimal) -> Decimal:
        """US dollars a month of an amount that the turns at hand show."""
        scale = Decimal(max(self.profile.turns, len(self.turns))) / len(self.turns) if self.turns else Decimal(1)
        return self.pace(amount * scale)

    def pace(self, amount: Decimal) -> Decimal:
        """US dollars a month of an amount of the whole period."""
        return amount * MONTH_DAYS / Decimal(str(self.days))


Priority = Literal["high", "medium", "low"]
PRIORITIES: tuple[Priority, ...] = ("high", "medium", "low")
WorkRule = Callable[[Work], Recommendation | None]
RULES: Rules[Work, Recommendation] = Rules()
rule = RULES.rule

BY_MONEY = "high from $20 a month or a quarter of what is spent, medium from $2 or a twentieth, else low"


def recommend(work: Work) -> list[Recommendation]:
    """What the rules recommend, the most important first."""
    return sorted(
        RULES.said(work),
        key=lambda one: (PRIORITIES.index(one.priority), -Decimal(one.estimated_impact.monthly_savings or 0)),
    )


def _make(
    name: WorkRule,
    priority: Priority,
    title: str,
    explanation: str,
    action: str,
    *numbers: Evidence,
    impact: Impact,
    do: Action | None = None,
) -> Recommendation:
    return Recommendation.model_validate(
        {
            "rule": name.__name__,
            "category": RULES.category(name),
            "priority": priority,
            "title": title,
            "explanation": explanation,
            "action": action,
            "evidence": list(numbers),
            "estimated_impact": impact,
            "do": do,
        }
    )


def _by_money(work: Work, monthly: Decimal) -> Priority:
    spent = work.pace(Decimal(work.profile.total_cost))
    share = monthly / spent if spent else Decimal(0)
    if monthly >= 20 or share >= Decimal("0.25"):
        return "high"
    return "medium" if monthly >= 2 or share >= Decimal("0.05") else "low"


def _saves(monthly: Decimal, how: str, quality: float | None = None) -> Impact:
    amount = f"{monthly.quantize(Decimal('0.0001')):f}".rstrip("0").rstrip(".") if monthly > 0 else None
    return Impact(monthly_savings=amount, quality_change=quality, description=how)


def _graded(turns: Sequence[TurnFacts]) -> list[int]:
    return [turn.grade for turn in turns if turn.grade is not None]


def _better(good: Sequence[TurnFacts], bad: Sequence[TurnFacts]) -> float | None:
    """How much better the first were graded than the second; None where too few were."""
    first, second = _graded(good), _graded(bad)
    if len(first) < FEWEST_GRADES or len(second) < FEWEST_GRADES:
        return None
    return round(sum(first) / len(first) - sum(second) / len(second), 2)


def _share(turns: Sequence[TurnFacts], *parts: str) -> float:
    """The parts' share of all tokens that the turns sent."""
    total = sum(sum(turn.sent.values()) for turn in turns)
    return sum(turn.sent.get(part, 0) for turn in turns for part in parts) / total if total else 0.0


def _paid_for(turns: Sequence[TurnFacts], *parts: str) -> Decimal:
    """What the parts cost: their share of each turn's cost of input."""
    return sum(
        (turn.input_cost * Decimal(str(turn.share(*parts) or 0)) for turn in turns if turn.input_cost is not None),
        Decimal(0),
    )


def _at(prices: UnitPrices, turn: TurnFacts) -> Decimal:
    """What the turn's tokens cost at other prices."""
    return prices.whole(turn.input, turn.output, turn.cache_read, turn.cache_write)


# Query crafting


@rule("query_crafting", "high from half of the questions on, else medium")
def vague_questions(work: Work) -> Recommendation | None:
    """Questions under 40 characters with nothing attached (no small talk, L0) over all questions: 30 % or more, of 10
    or more; and how many of them went badly (asked again, or graded 1 or 2): more by 0.1 than of the other
    questions."""
    known = [turn for turn in work.turns if turn.first and turn.complexity != "L0"]
    short = [
        turn
        for turn in known
        if turn.message_characters < SHORT and not turn.first.get("attachments") and not turn.first.get("notebook")
    ]
    shorts = {turn.turn_id for turn in short}
    others = [turn for turn in known if turn.turn_id not in shorts]
    if len(known) < FEWEST_TURNS or len(short) / len(known) < 0.30:
        return None
    again = {turn.retry_of for turn in work.turns}

    def badly(turns: Sequence[TurnFacts]) -> float:
        return mean(turn.turn_id in again or (turn.grade or 5) <= 2 for turn in turns) or 0.0

    if round(badly(short) - badly(others), 9) <= 0.1:
        return None
    share = len(short) / len(known)
    return _make(
        vague_questions,
        "high" if share >= 0.5 else "medium",
        "Short questions go wrong more often",
        f"{len(short)} of {len(known)} questions have under {SHORT} characters and nothing attached. "
        f"{percent(badly(short))} of them were asked again or graded badly, of the others {percent(badly(others))}.",
        "Say what the question is about (attach the cell, the file, the error), what you expect, and in which form.",
        evidence("short_questions", share, "ratio", "of the questions; 0.3 or more"),
        evidence("short_went_badly", badly(short), "ratio", "asked again, or graded 1 or 2"),
        evidence("others_went_badly", badly(others), "ratio", "less by more than 0.1"),
        impact=Impact(
            quality_change=_better(others, short),
            description="Average grade of the other questions less that of these.",
        ),
        do=Action(kind="open_turn", label="Show the last one", arguments={"turn_id": short[-1].turn_id}),
    )


@rule("query_crafting", "high over 30 %, else medium")
def repeated_questions(work: Work) -> Recommendation | None:
    """Turns that try another one again over all turns: over 15 %, of 10 or more. Saving: what the first tries cost."""
    retries = [turn for turn in work.turns if turn.retry_of is not None]
    if len(work.turns) < FEWEST_TURNS or len(retries) / len(work.turns) <= 0.15:
        return None
    again = {turn.retry_of for turn in retries}
    wasted = sum((turn.cost for turn in work.turns if turn.turn_id in again and turn.cost is not None), Decimal(0))
    rate = len(retries) / len(work.turns)
    return _make(
        repeated_questions,
        "high" if rate > 0.30 else "medium",
        "Many questions are asked again",
        f"{len(retries)} of {len(work.turns)} turns try an earlier one again. The first tries cost {dollars(wasted)}.",
        "Tell a running turn what is missing instead of starting over, or try another model for these.",
        evidence("retry_rate", rate, "ratio", "over 0.15"),
        evidence("retries", len(retries), "turns", f"of {len(work.turns)}"),
        evidence("first_tries_cost", wasted, "usd", "in the turns looked at"),
        impact=_saves(work.monthly(wasted), "What the first tries cost."),
        do=Action(kind="open_turn", label="Show the last one", arguments={"turn_id": retries[-1].turn_id}),
    )


# Model selection


def _by_model(turns: Sequence[TurnFacts]) -> dict[tuple[str, str], list[TurnFacts]]:
    found: dict[tuple[str, str], list[TurnFacts]] = defaultdict(list)
    for turn in turns:
        if turn.model:
            found[turn.provider, turn.model].append(turn)
    return found


def _use(key: tuple[str, str], label: str) -> Action:
    return Action(kind="choose_model", label=label, arguments={"provider": key[0], "model": key[1]})


@rule("model_selection", BY_MONEY)
def complexity_mismatch(work: Work) -> Recommendation | None:
    """Small questions (L0, L1; 5 or more of one model) and what their tokens would have cost with another model that
    was used 3 times or more without failing and not graded under 3 on average (one that costs nothing: graded 3.5 or
    more, 3 times): 30 % less or better. Saving: the difference."""
    models = _by_model(work.turns)
    fit = []
    for key, turns in models.items():
        unit, grades = work.prices.get(key), _graded(turns)
        if unit is None or sum(turn.error_code is None for turn in turns) < 3:
            continue
        is_free = not unit.input and not unit.output
        if (mean(grades) or (0 if is_free else 5)) >= (3.5 if is_free else 3) and (not is_free or len(grades) >= 3):
            fit.append((key, unit))
    best: tuple[Decimal, Decimal, tuple[str, str], tuple[str, str], int] | None = None
    for key, turns in models.items():
        small = [turn for turn in turns if turn.complexity in ("L0", "L1") and turn.cost]
        paid = sum((turn.cost for turn in small if turn.cost is not None), Decimal(0))
        if len(small) < 5:
            continue
        for other, unit in fit:
            saving = paid - sum((_at(unit, turn) for turn in small), Decimal(0))
            if other != key and saving >= paid * Decimal("0.3") and (best is None or saving > best[0]):
                best = (saving, paid, key, other, len(small))
    if best is None or (monthly := work.monthly(best[0])) < CENT:
        return None
    saving, paid, key, other, count = best
    return _make(
        complexity_mismatch,
        _by_money(work, monthly),
        f"{key[1]} answers small questions that {other[1]} could",
        f"{count} questions of complexity L0 or L1 cost {dollars(paid)} with {key[1]}. The same tokens cost "
        f"{dollars(paid - saving)} with {other[1]}.",
        f"Ask {other[1]} first where the question is small, or let the model be chosen by its scores "
        "(selection.strategy = auto).",
        evidence("small_questions", count, "turns", f"L0 and L1, by {'/'.join(key)}"),
        evidence("paid", paid, "usd", "for them"),
        evidence("cheaper", paid - saving, "usd", f"for the same tokens with {'/'.join(other)}"),
        impact=_saves(monthly, "What these questions cost, less what their tokens cost with the cheaper model."),
        do=_use(other, f"Use {other[1]}"),
    )


@rule("model_selection", BY_MONEY)
def cheaper_model_as_good(work: Work) -> Recommendation | None:
    """Models with 3 grades or more: one whose turns cost 30 % less on average or better, and whose average grade is
    lower by 0.25 at the most. Saving: what the dearer model's turns cost less what their tokens cost with the other
    one."""
    models = {
        key: turns
        for key, turns in _by_model([turn for turn in work.turns if turn.cost is not None]).items()
        if len(_graded(turns)) >= FEWEST_GRADES
    }
    cost = {key: sum((turn.cost or Decimal(0) for turn in turns), Decimal(0)) for key, turns in models.items()}
    grade = {key: mean(_graded(turns)) or 0.0 for key, turns in models.items()}
    best: tuple[Decimal, tuple[str, str], tuple[str, str]] | None = None
    for dear, turns in models.items():
        for cheap, others in models.items():
            unit = work.prices.get(cheap)
            if dear == cheap or unit is None or round(grade[dear] - grade[cheap], 9) > 0.25:
                continue
            if cost[cheap] / len(others) > cost[dear] / len(turns) * Decimal("0.7"):
                continue
            saving = cost[dear] - sum((_at(unit, turn) for turn in turns), Decimal(0))
            if saving > 0 and (best is None or saving > best[0]):
                best = (saving, dear, cheap)
    if best is None or (monthly := work.monthly(best[0])) < CENT:
        return None
    saving, dear, cheap = best
    each = {key: cost[key] / len(models[key]) for key in (dear, cheap)}
    return _make(
        cheaper_model_as_good,
        _by_money(work, monthly),
        f"{cheap[1]} is as good as {dear[1]}, for less",
        f"You graded {cheap[1]} {grade[cheap]:.1f} and {dear[1]} {grade[dear]:.1f}; a turn costs "
        f"{dollars(each[cheap])} against {dollars(each[dear])}.",
        f"Make {cheap[1]} your default, and keep {dear[1]} for what it fails at.",
        evidence("dearer_cost", each[dear], "usd", f"a turn with {'/'.join(dear)}"),
        evidence("cheaper_cost", each[cheap], "usd", f"a turn with {'/'.join(cheap)}"),
        evidence("dearer_grade", grade[dear], "grade", f"{len(_graded(models[dear]))} grades"),
        evidence("cheaper_grade", grade[cheap], "grade", f"{len(_graded(models[cheap]))} grades"),
        impact=_saves(
            monthly,
            "What the dearer model's turns cost, less what their tokens cost with the cheaper one.",
            round(grade[cheap] - grade[dear], 2),
        ),
        do=_use(cheap, f"Use {cheap[1]}"),
    )


@rule("model_selection", "low")
def no_feedback(work: Work) -> Recommendation | None:
    """Turns with a grade over all turns: under 5 %, of 20 or more."""
    graded = len(_graded(work.turns))
    if len(work.turns) < 20 or graded / len(work.turns) >= 0.05:
        return None
    return _make(
        no_feedback,
        "low",
        "Nobody knows which answers were good",
        f"{graded} of {len(work.turns)} turns have a grade. Which model is worth its price cannot be told without.",
        "Grade an answer now and then: the good and the bad ones count most.",
        evidence("grade_coverage", graded / len(work.turns), "ratio", "under 0.05"),
        impact=Impact(description="Makes advice about models possible, and scores better (selection.strategy = auto)."),
        do=Action(kind="give_feedback", label="Grade the last turn", arguments={"turn_id": work.turns[-1].turn_id}),
    )


# Session management


@rule("session_management", BY_MONEY)
def long_sessions(work: Work) -> Recommendation | None:
    """Turns after 40 messages of a conversation (5 or more): the history's share of what they sent, over 50 %. Saving:
    four fifths of what that history cost; a summary takes a fifth of its place."""
    late = [turn for turn in work.turns if (turn.history_depth or 0) > LONG_HISTORY]
    share = _share(late, "history")
    if len(late) < 5 or share <= 0.5:
        return None
    paid = _paid_for(late, "history")
    monthly = work.monthly(paid * (1 - SUMMARY))
    early = [turn.cost for turn in work.turns if (turn.history_depth or 0) <= LONG_HISTORY and turn.cost is not None]
    costs = [turn.cost for turn in late if turn.cost is not None]
    return _make(
        long_sessions,
        _by_money(work, monthly),
        "Long conversations pay for their past",
        f"{len(late)} turns came after more than {LONG_HISTORY} messages; {percent(share)} of what they sent was the "
        f"conversation before, for {dollars(paid)}.",
        "Summarize a long conversation, or begin a new one for a new subject.",
        evidence("late_turns", len(late), "turns", f"after more than {LONG_HISTORY} messages"),
        evidence("history_share", share, "ratio", "of what they sent; over 0.5"),
        *([evidence("late_cost", mean(map(float, costs)) or 0, "usd", "a turn, on average")] if costs else []),
        *([evidence("early_cost", mean(map(float, early)) or 0, "usd", "an earlier turn")] if early else []),
        impact=_saves(monthly, "Four fifths of what the history cost in these turns."),
        do=Action(kind="summarize", label="Summarize the last one", arguments={"session_id": late[-1].session_id}),
    )


# Memory leverage


@rule("memory_leverage", "medium where such turns were graded worse, else low")
def memory_unused(work: Work) -> Recommendation | None:
    """Turns whose first request had nothing of a memory, skill, knowledge base, notebook or attachment (no small talk,
    L0) over all such turns: 80 % or more, of 10 or more."""
    known = [turn for turn in work.turns if turn.first and turn.complexity != "L0"]
    bare = [turn for turn in known if not turn.given]
    if len(known) < FEWEST_TURNS or len(bare) / len(known) < 0.8:
        return None
    better = _better([turn for turn in known if turn.given], bare)
    share = len(bare) / len(known)
    return _make(
        memory_unused,
        "medium" if better is not None and better > 0 else "low",
        "The model seldom sees what you work on",
        f"{len(bare)} of {len(known)} questions came without notebook, file, memory or knowledge.",
        "Tie a conversation to its notebook, and attach the cell, file or variable that a question is about.",
        evidence("bare_questions", share, "ratio", "0.8 or more"),
        *(
            [evidence("grade_difference", better, "grade", "turns with something, less turns without")]
            if better
            else []
        ),
        impact=Impact(
            quality_change=better, description="Average grade of turns with something to know, less without."
        ),
        do=Action(kind="open_context", label="Show the last one", arguments={"turn_id": bare[-1].turn_id}),
    )


@rule("memory_leverage", BY_MONEY)
def attachments_heavy(work: Work) -> Recommendation | None:
    """Attachments and notebooks over all tokens sent: over 40 %, in 10 turns or more. Saving: half of what they
    cost."""
    known = [turn for turn in work.turns if turn.sent]
    share = _share(known, "attachments", "notebook")
    if len(known) < FEWEST_TURNS or share <= 0.4:
        return None
    paid = _paid_for(known, "attachments", "notebook")
    monthly = work.monthly(paid / 2)
    cut = sum(turn.left_out.get("attachment", 0) + turn.left_out.get("notebook", 0) for turn in known)
    heaviest = max(known, key=lambda turn: turn.sent.get("attachments", 0) + turn.sent.get("notebook", 0))
    return _make(
        attachments_heavy,
        _by_money(work, monthly),
        "Attachments are most of what is sent",
        f"{percent(share)} of all tokens are attachments and notebooks, for {dollars(paid)}"
        f"{f'; {cut} of them did not fit' if cut else ''}.",
        "Attach the cell or selection instead of the whole notebook or file; the agent can read more where it must.",
        evidence("attachments_share", share, "ratio", "of all tokens sent; over 0.4"),
        evidence("paid", paid, "usd", "in the turns looked at"),
        evidence("left_out", cut, "", "attachments that did not fit"),
        impact=_saves(monthly, "Half of what attachments and notebooks cost."),
        do=Action(
            kind="open_context",
            label="Show the largest",
            arguments={"turn_id": heaviest.turn_id, "part": "attachments"},
        ),
    )


# Cost


@rule("cost_optimization", BY_MONEY)
def cache_misses(work: Work) -> Recommendation | None:
    """Turns that went on with the same model within 5 minutes, of 1,024 tokens a request or more (5 or more): tokens
    read from the cache over tokens sent, under 30 %, where reading from the cache is cheaper. Saving: system prompt,
    tools and history of their first requests at the cache's price instead of the full one, less what was read from
    it."""
    last: dict[str, TurnFacts] = {}
    soon: list[TurnFacts] = []
    for turn in work.turns:
        before = last.get(turn.session_id)
        last[turn.session_id] = turn
        if before is None or before.key != turn.key or not turn.first or not turn.requests:
            continue
        if turn.created_at is None or before.created_at is None or turn.created_at - before.created_at > CACHE_MINUTES:
            continue
        if turn.input / turn.requests >= LEAST_CACHED:
            soon.append(turn)
    cheaper = []
    for turn in soon:
        unit = work.prices.get((turn.provider, turn.model))
        if unit is not None and unit.cache_read < unit.input:
            repeated = sum(turn.first.get(part, 0) for part in ("system_prompt", "tools", "history"))
            cheaper.append((turn, max(repeated - turn.cache_read, 0) * (unit.input - unit.cache_read)))
    sent = sum(turn.input for turn, _ in cheaper)
    read = sum(turn.cache_read for turn, _ in cheaper)
    if len(cheaper) < 5 or read / sent >= 0.3:
        return None
    monthly = work.monthly(sum((saving for _, saving in cheaper), Decimal(0)))
    if monthly < CENT:
        return None
    return _make(
        cache_misses,
        _by_money(work, monthly),
        "The provider's cache is hardly used",
        f"{len(cheaper)} turns went on within five minutes with the same model, and {percent(read / sent)} of their "
        "tokens came from the cache. A cache needs the same beginning: system prompt, tools, oldest messages.",
        "Leave system prompt and tools as they are within a conversation, keep what changes (dates, attachments) at "
        "its end, and ask what belongs together in one go.",
        evidence("cache_share", read / sent, "ratio", "of the tokens sent; under 0.3"),
        evidence("turns", len(cheaper), "turns", "soon after another one, with the same model"),
        impact=_saves(monthly, "System prompt, tools and history at the price of the cache."),
        do=Action(kind="open_context", label="Show the last one", arguments={"turn_id": cheaper[-1][0].turn_id}),
    )


@rule("cost_optimization", BY_MONEY)
def titles_and_summaries(work: Work) -> Recommendation | None:
    """Costs of titles, summaries and compactions over all costs of the period: over 10 %. Saving: the titles; they can
    be switched off."""
    total = sum(work.costs.values(), Decimal(0))
    helpers = {name: work.costs.get(name, Decimal(0)) for name in HELPERS}
    spent = sum(helpers.values(), Decimal(0))
    if not total or spent / total <= Decimal("0.1"):
        return None
    monthly = work.pace(helpers["title"])
    if work.pace(spent) < CENT:
        return None
    return _make(
        titles_and_summaries,
        _by_money(work, work.pace(spent)),
        "Titles and summaries cost a good part",
        f"{dollars(spent)} of {dollars(total)} went to titles, summaries and compaction.",
        "Switch automatic titles off (sessions.auto_title), or have a cheap model as the default one; compaction by "
        "shortening costs nothing (context.compaction).",
        evidence("share", float(spent / total), "ratio", "of all costs; over 0.1"),
        *(
            evidence(f"{name}_cost", amount, "usd", f"{work.requests.get(name, 0)} requests")
            for name, amount in helpers.items()
            if amount
        ),
        impact=_saves(monthly, "What the titles cost."),
        do=Action(kind="open_settings", label="Titles", arguments={"name": "sessions.auto_title"}),
    )


# Tools


@rule("tool_usage", "high over half of the calls, else medium")
def failing_tools(work: Work) -> Recommendation | None:
    """Tools with 5 calls or more of which over 30 % failed. Saving: for each failed call one of its turn's model
    requests, at their average cost; never all of them."""
    calls: Counter[str] = Counter()
    failures: Counter[str] = Counter()
    for turn in work.turns:
        calls.update(turn.tools)
        failures.update(turn.failed_tools)
    bad = [name for name in calls if calls[name] >= FEWEST_CALLS and failures[name] / calls[name] > 0.30]
    if not bad:
        return None
    bad.sort(key=lambda name: (-failures[name], name))
    wasted = Decimal(0)
    last = ""
    for turn in work.turns:
        failed = sum(turn.failed_tools.get(name, 0) for name in bad)
        if failed:
            last = turn.turn_id
            if turn.cost is not None and turn.requests:
                wasted += turn.cost / turn.requests * min(failed, turn.requests - 1)
    worst = max(failures[name] / calls[name] for name in bad)
    shown = ", ".join(f"{name} ({failures[name]} of {calls[name]})" for name in bad[:5])
    return _make(
        failing_tools,
        "high" if worst > 0.5 else "medium",
        "Some tools fail again and again",
        f"Failed calls: {shown}. Each costs a model request.",
        "Look at what they said: a missing permission, path or kernel can be put right; what is of no use here is "
        "better left out of the tools of a turn.",
        *(
            evidence(f"{name}_failure_rate", failures[name] / calls[name], "ratio", f"of {calls[name]} calls; over 0.3")
            for name in bad[:5]
        ),
        impact=_saves(work.monthly(wasted), "One model request for each failed call."),
        do=Action(kind="open_tools", label="Show the calls", arguments={"turn_id": last, "failed": True}),
    )


@rule("tool_usage", BY_MONEY)
def heavy_tool_schemas(work: Work) -> Recommendation | None:
    """The tools' schemas over all tokens sent: over 30 %, in 10 turns or more; and the tools that were called over
    those that the newest turn was offered (8 or more): under 25 %. Saving: what the schemas of the others cost."""
    known = [turn for turn in work.turns if turn.sent]
    share = _share(known, "tools")
    used = sorted({name for turn in work.turns for name in turn.tools} & set(work.offered))
    if len(known) < FEWEST_TURNS or share <= 0.30 or len(work.offered) < 8:
        return None
    if len(used) / len(work.offered) >= 0.25:
        return None
    paid = _paid_for(known, "tools")
    monthly = work.monthly(paid * (len(work.offered) - len(used)) / len(work.offered))
    return _make(
        heavy_tool_schemas,
        _by_money(work, monthly),
        "Most tools are described and never called",
        f"{percent(share)} of all tokens sent describe tools, for {dollars(paid)}; {len(used)} of {len(work.offered)} "
        "tools were called.",
        "Give a turn the tools that it needs (tools of a turn, or none for plain questions).",
        evidence("tools_share", share, "ratio", "of all tokens sent; over 0.3"),
        evidence("tools_used", len(used), "", f"of {len(work.offered)} offered"),
        impact=_saves(monthly, "The share of the tools that were never called in what all of them cost."),
        do=Action(kind="restrict_tools", label="Only what was used", arguments={"tools": used}),
    )


# Configuration


@rule("configuration", "high from $50 a month, else medium")
def no_budget(work: Work) -> Recommendation | None:
    """All costs at the period's pace: $5 a month or more, and no limit of the user's or an administrator's."""
    monthly = work.pace(Decimal(work.profile.total_cost))
    if work.has_budget or monthly < 5:
        return None
    soft = monthly.quantize(Decimal(1), ROUND_CEILING)
    hard = (monthly * Decimal("1.5")).quantize(Decimal(1), ROUND_CEILING)
    return _make(
        no_budget,
        "high" if monthly >= 50 else "medium",
        "Nothing limits what is spent",
        f"You spend about {dollars(monthly)} a month, and no budget is set: a loop overnight has no end but "
        "your account.",
        f"Set a monthly budget: a warning at {dollars(soft)}, the end at {dollars(hard)}.",
        evidence("monthly_cost", monthly, "usd", "at the period's pace; 5 or more"),
        impact=Impact(description="Nothing as long as all goes well; the difference when something runs wild."),
        do=Action(
            kind="set_budget",
            label="Set a budget",
            arguments={"scope": "month", "soft": str(soft), "hard": str(hard)},
        ),
    )


@rule("configuration", "medium where it is too small; " + BY_MONEY)
def context_budget(work: Work) -> Recommendation | None:
    """Turns with a known context budget (10 or more): in 20 % or more the fullest request used over 80 % of it, or was
    made shorter: it is too small. Or none did, the fullest requests have 30,000 tokens or more on average, and over 60
    % of what was sent is history: it is too large. Saving: half of what that history cost."""
    known = [turn for turn in work.turns if turn.pressure is not None]
    if len(known) < FEWEST_TURNS:
        return None
    tight = [turn for turn in known if (turn.pressure or 0) > 0.8 or turn.compactions]
    rate = len(tight) / len(known)
    budgets = sorted(turn.budget for turn in known if turn.budget)
    middle = budgets[len(budgets) // 2]
    used = mean(turn.used for turn in known) or 0.0
    if rate >= 0.2:
        return _make(
            context_budget,
            "medium",
            "The context is too small for what you do",
            f"{len(tight)} of {len(known)} turns used over 80 % of their context budget, or had to be made shorter.",
            "Give turns a larger context budget, or choose a model with a larger window; else keep conversations "
            "shorter.",
            evidence("pressure_rate", rate, "ratio", "of the turns; 0.2 or more"),
            evidence("context_budget", middle, "tokens", "half of the turns had less"),
            impact=Impact(description="Less of the conversation is left out or shortened."),
            do=Action(kind="set_context_budget", label="Twice as much", arguments={"tokens": middle * 2}),
        )
    share = _share(known, "history")
    if tight or used < 30_000 or share <= 0.6:
        return None
    monthly = work.monthly(_paid_for(known, "history") / 2)
    return _make(
        context_budget,
        _by_money(work, monthly),
        "The context is larger than it need be",
        f"A request sends {used:,.0f} tokens at its fullest, and {percent(share)} of all that is sent is what was said "
        "before.",
        "Set a smaller context budget: the conversation is then made shorter before it gets so long.",
        evidence("context_tokens", used, "tokens", "fullest request, on average; 30,000 or more"),
        evidence("history_share", share, "ratio", "of all tokens sent; over 0.6"),
        impact=_saves(monthly, "Half of what the history cost."),
        do=Action(kind="set_context_budget", label="Half as much", arguments={"tokens": int(used) // 2}),
    )
