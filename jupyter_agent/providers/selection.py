"""Which model answers, and why: what the turn or session names, else the default one, or the best by its scores.

Each candidate is scored on six axes, 0 to 1, 1 the best, null where nothing is known:

| axis | from |
|---|---|
| efficacy | the owner's grades of its turns (1 to 5), and the share of its requests that did not fail |
| cost | what a request of this complexity costs: 1 for nothing, 0.5 for a cent, less for more |
| availability | 0 where its provider is not ready or its breaker open, half when half open; times what limits leave |
| locality | 1 on this machine, 0 elsewhere |
| confidence | how much is known: n requests give n / (n + 10) |
| speed | the median time to its first token, and tokens a second after it |

The score is the mean of those that are known, weighted by `selection.weights`. What the ledger and the grades know is
read in the background, at most once a minute for each owner, and kept: no first token waits for it."""

from __future__ import annotations

import asyncio
import logging
import statistics
import time
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from jupyter_agent.api.errors import ApiError
from jupyter_agent.api.redaction import redact
from jupyter_agent.observatory.models import Candidate, Complexity, ModelName, Scores, Strategy
from jupyter_agent.providers.catalogue import LOCAL_ID

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.app import Services
    from jupyter_agent.providers.breakers import State
    from jupyter_agent.providers.service import ProviderService, ResolvedModel
    from jupyter_agent.storage.tables import ModelSelectionRow
    from jupyter_agent.turns.models import TurnError

log = logging.getLogger(__name__)

AUTO = "auto"
"""The model's name with which a turn or session asks for the best one."""
REFRESH_SECONDS = 60.0
LOOKED_AT = 500
"""Requests of an owner, the last ones."""
RECENT_MODELS = 10
MOST_CANDIDATES = 24
MOST_OWNERS = 256
CENT = Decimal("0.01")
LEVEL_TOKENS: Mapping[Complexity, tuple[int, int]] = {
    "L0": (1_000, 100),
    "L1": (2_000, 400),
    "L2": (6_000, 1_000),
    "L3": (16_000, 2_500),
}
"""Tokens read and written by a request of each complexity, as a price is to be had for it."""
NOT_ITS_FAULT = frozenset({"interrupted", "cancelled"})


# Scores: pure --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Record:
    """What an owner's ledger and grades know of a model."""

    requests: int = 0
    failed: int = 0
    first_token_ms: float | None = None
    tokens_per_second: float | None = None
    grades: int = 0
    grade: float | None = None


@dataclass(frozen=True)
class Offered:
    """A model that could be asked."""

    provider: str
    provider_name: str
    model: str
    embedded: bool = False
    here: bool = False
    """Whether it runs on this machine."""
    ready: bool = True
    next_action: str | None = None
    costs: Mapping[Complexity, Decimal | None] = field(default_factory=dict)
    """US dollars of a request, by its complexity."""

    @property
    def key(self) -> tuple[str, str]:
        return self.provider, self.model


@dataclass(frozen=True)
class Option:
    """A model that could be asked, as things stand now."""

    offered: Offered
    state: State = "closed"
    headroom: float | None = None
    record: Record = Record()


def scores(option: Option, complexity: Complexity) -> Scores:
    """The six of an option."""
    record, offered = option.record, option.offered
    known = [(record.grade - 1) / 4] if record.grade is not None else []
    if record.requests:
        known.append(1 - record.failed / record.requests)
    cost = offered.costs.get(complexity)
    available = {"closed": 1.0, "half_open": 0.5, "open": 0.0}[option.state] if offered.ready else 0.0
    speed = [1 / (1 + record.first_token_ms / 1000)] if record.first_token_ms is not None else []
    if record.tokens_per_second is not None:
        speed.append(record.tokens_per_second / (record.tokens_per_second + 50))
    return Scores(
        efficacy=_mean(known),
        cost=None if cost is None else _round(float(1 / (1 + cost / CENT))),
        availability=_round(available * (1.0 if option.headroom is None else option.headroom)),
        locality=1.0 if offered.here else 0.0,
        confidence=_round(record.requests / (record.requests + 10)),
        speed=_mean(speed),
    )


def total(scored: Scores, weights: Mapping[str, float]) -> float | None:
    """The weighted mean of what is known; None where that has no weight."""
    known = [(value, float(weights.get(axis, 1.0))) for axis, value in scored.model_dump().items() if value is not None]
    weight = sum(one for _, one in known)
    return _round(sum(value * one for value, one in known) / weight) if weight else None


def rank(options: Iterable[Option], complexity: Complexity, weights: Mapping[str, float]) -> list[Candidate]:
    """All of them, the best first; what cannot be asked comes last, and the embedded model before that: it is small
    enough to be better than nothing, and no more."""
    ranked = []
    for option in options:
        scored = scores(option, complexity)
        why = _why_not(option)
        candidate = Candidate(
            provider=option.offered.provider,
            model=option.offered.model,
            score=total(scored, weights),
            scores=scored,
            available=why is None,
            reason=why or ("the embedded model: where there is no other" if option.offered.embedded else ""),
        )
        ranked.append(((why is not None, option.offered.embedded, -(candidate.score or 0.0)), candidate))
    ranked.sort(key=lambda pair: pair[0])
    return [candidate for _, candidate in ranked]


def _why_not(option: Option) -> str | None:
    if not option.offered.ready:
        return f"not ready: {option.offered.next_action}" if option.offered.next_action else "not ready"
    return "its breaker is open" if option.state == "open" else None


def _mean(values: list[float]) -> float | None:
    return _round(sum(values) / len(values)) if values else None


def _round(value: float) -> float:
    return round(min(1.0, max(0.0, value)), 4)


# A choice ------------------------------------------------------------------------------------------------------------


class Named(NamedTuple):
    """What a turn or session names."""

    provider: str | None = None
    model: str | None = None


@dataclass(frozen=True)
class Choice:
    """A model that was chosen, and why it and no other."""

    resolved: ResolvedModel
    strategy: Strategy
    reason: str
    complexity: Complexity | None = None
    primary: ModelName | None = None
    override: ModelName | None = None
    fallback_from: ModelName | None = None
    candidates: list[Candidate] = field(default_factory=list)

    @property
    def name(self) -> ModelName:
        return name_of(self.resolved)

    @property
    def score(self) -> float | None:
        name = self.name
        return next(
            (one.score for one in self.candidates if (one.provider, one.model) == (name.provider, name.model)), None
        )

    def event(self) -> dict[str, Any]:
        """Data of the event `model_selected`."""
        return {
            "provider": self.resolved.provider_id,
            "model": self.resolved.model_id,
            "strategy": self.strategy,
            "reason": self.reason,
            "complexity": self.complexity,
            "score": self.score,
            "candidates": [one.model_dump() for one in self.candidates],
            "override": _dump(self.override),
            "fallback_from": _dump(self.fallback_from),
        }

    def row(
        self, *, owner: str, session_id: str, turn_id: str, message: str, step: int = 0, purpose: str = "turn"
    ) -> ModelSelectionRow:
        """As it is kept with the turn."""
        from jupyter_agent.storage.ids import new_id
        from jupyter_agent.storage.tables import ModelSelectionRow

        return ModelSelectionRow(
            id=new_id("sel"),
            owner=owner,
            session_id=session_id,
            turn_id=turn_id,
            step=step,
            purpose=purpose,
            provider=self.resolved.provider_id,
            model=self.resolved.model_id,
            strategy=self.strategy,
            reason=self.reason,
            complexity=self.complexity,
            primary_model=_dump(self.primary),
            override=_dump(self.override),
            fallback_from=_dump(self.fallback_from),
            candidates=[one.model_dump() for one in self.candidates],
            excerpt=redact(message)[:200],
        )


def name_of(resolved: ResolvedModel) -> ModelName:
    return ModelName(provider=resolved.provider_id, model=resolved.model_id)


def _dump(name: ModelName | None) -> dict[str, str] | None:
    return name.model_dump() if name is not None else None


@dataclass(frozen=True)
class Needs:
    """What a model has to be able to do to go on with a conversation."""

    images: bool = False
    tools: bool = False

    def missing(self, resolved: ResolvedModel) -> str | None:
        if self.images and not resolved.supports_images:
            return "cannot see the pictures"
        return "calls no tools, and some were called" if self.tools and not resolved.supports_tools else None


@dataclass(frozen=True)
class Snapshot:
    """What was read for an owner."""

    at: float
    offered: tuple[Offered, ...]
    records: Mapping[tuple[str, str], Record]
    primary: ModelName | None


class Selection:
    """Chooses models."""

    def __init__(self, services: Services, providers: ProviderService) -> None:
        self._services = services
        self._providers = providers
        self._snapshots: OrderedDict[str, Snapshot] = OrderedDict()
        self._reading: dict[str, asyncio.Task[Snapshot]] = {}

    async def close(self) -> None:
        tasks = list(self._reading.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def stale(self) -> None:
        """The providers have changed: what is known is read again with the next choice."""
        for owner, snapshot in self._snapshots.items():
            self._snapshots[owner] = replace(snapshot, at=float("-inf"))

    # Choosing

    async def choose(
        self, owner: str, turn: Named, session: Named, *, complexity: Complexity, images: bool = False
    ) -> Choice:
        """The model that a turn begins with. Raises ApiError as `ProviderService.resolve` does for what is named."""
        settings = self._services.settings.selection
        strategy: Strategy = "asked" if any(turn) else "session" if any(session) else "default"
        named = Named(turn.provider or session.provider, turn.model)
        if turn.model is None and named.provider == session.provider:
            # A model of the session's is a model at the session's provider.
            named = Named(named.provider, session.model)
        if named.model == AUTO:
            return await self._best(owner, turn.provider if turn.model == AUTO else named.provider, complexity, images)
        if strategy == "default" and settings.strategy == AUTO:
            return await self._best(owner, None, complexity, images)
        try:
            resolved = await self._providers.resolve(*named)
        except ApiError as error:
            # What is meant for this machine does not leave it because of an error.
            if error.code != "not_configured" or named.provider == LOCAL_ID:
                raise
            wanted = ModelName(
                provider=named.provider or str(error.details.get("provider", "")), model=named.model or ""
            )
            choice = await self.fallback(
                owner, wanted, error.message, tried=(), needs=Needs(images=images), complexity=complexity
            )
            if choice is None:
                raise
            return choice
        chosen = name_of(resolved)
        snapshot = self._snapshot(owner)
        return Choice(
            resolved=resolved,
            strategy=strategy,
            reason={"asked": "the turn names it", "session": "the session names it"}.get(strategy, "the default model"),
            complexity=complexity,
            primary=chosen if strategy == "default" else snapshot.primary if snapshot is not None else None,
            override=chosen if strategy != "default" else None,
            candidates=self._explained(self.candidates(owner, complexity, [resolved]), chosen, strategy),
        )

    async def _best(self, owner: str, provider: str | None, complexity: Complexity, images: bool) -> Choice:
        """The best by its scores, of one provider or of all. Without candidates the default one."""
        # Without any there is nothing to choose from; they are only waited for once.
        snapshot = self._snapshot(owner) or await self.refresh(owner)
        candidates = self.candidates(owner, complexity, [])
        for at, candidate in enumerate(candidates):
            if not candidate.available or (provider is not None and candidate.provider != provider):
                continue
            try:
                resolved = await self._providers.resolve(candidate.provider, candidate.model)
                why = Needs(images=images).missing(resolved)
            except ApiError as error:
                why = error.message
            if why is not None:
                candidates[at] = candidate.model_copy(update={"available": False, "reason": redact(why)})
                continue
            score = f": {candidate.score:.2f}" if candidate.score is not None else ""
            return Choice(
                resolved=resolved,
                strategy="auto",
                reason=f"the best score{score}",
                complexity=complexity,
                primary=snapshot.primary,
                candidates=self._explained(candidates, name_of(resolved), "auto"),
            )
        resolved = await self._providers.resolve(provider, None)
        return Choice(
            resolved=resolved,
            strategy="auto",
            reason="there is no other candidate",
            complexity=complexity,
            primary=snapshot.primary,
            candidates=self._explained(candidates, name_of(resolved), "auto"),
        )

    async def fallback(
        self,
        owner: str,
        failed: ModelName,
        why: str,
        *,
        tried: Collection[tuple[str, str]],
        needs: Needs,
        complexity: Complexity | None,
        override: ModelName | None = None,
        primary: ModelName | None = None,
    ) -> Choice | None:
        """The first of `selection.fallbacks` that can be asked in place of one that failed; None where none can.
        `why` is a sentence without secrets."""
        considered = [self._failed(owner, failed, complexity or "L1", why)]
        for provider, model in self.fallbacks:
            if (provider, model) == (failed.provider, failed.model) or (provider, model) in tried:
                continue
            resolved, reason = None, None
            if self._providers.breaker_state(provider) == "open":
                reason = "its breaker is open"
            else:
                try:
                    resolved = await self._providers.resolve(provider, model)
                    reason = needs.missing(resolved)
                except ApiError as error:
                    reason = redact(error.message)
            found = [
                one
                for one in self.candidates(owner, complexity or "L1", [resolved] if resolved is not None else [])
                if (one.provider, one.model) == (provider, model)
            ] or [Candidate(provider=provider, model=model)]
            chosen = reason is None and resolved is not None
            considered.append(
                found[0].model_copy(update={"available": chosen, "reason": reason or "the next of the fallbacks"})
            )
            if resolved is not None and reason is None:
                return Choice(
                    resolved=resolved,
                    strategy="fallback",
                    reason=f"{failed.provider}/{failed.model} is not asked: {why}" if failed.model else why,
                    complexity=complexity,
                    primary=primary,
                    override=override,
                    fallback_from=failed,
                    candidates=considered,
                )
        return None

    def second(self, owner: str, resolved: ResolvedModel, first: Choice | None, purpose: str) -> Choice:
        """Why a model is asked for something else than the answer, such as the report before it."""
        complexity: Complexity = (first.complexity if first is not None else None) or "L1"
        chosen = name_of(resolved)
        same = first is not None and first.name == chosen
        reason = "no other provider is ready" if same else "the view of another provider"
        return Choice(
            resolved=resolved,
            strategy="reflection",
            reason=f"{purpose}: {reason}",
            complexity=complexity,
            primary=first.primary if first is not None else None,
            candidates=[
                one.model_copy(update={"reason": reason})
                for one in self.candidates(owner, complexity, [resolved])
                if (one.provider, one.model) == (chosen.provider, chosen.model)
            ],
        )

    @property
    def fallbacks(self) -> list[tuple[str, str]]:
        """As they are configured, in their order."""
        pairs = [name.partition("/") for name in self._services.settings.selection.fallbacks]
        return list(dict.fromkeys((provider, model) for provider, _, model in pairs if provider and model))

    def _failed(self, owner: str, failed: ModelName, complexity: Complexity, why: str) -> Candidate:
        for one in self.candidates(owner, complexity, []):
            if (one.provider, one.model) == (failed.provider, failed.model):
                return one.model_copy(update={"available": False, "reason": why})
        return Candidate(provider=failed.provider, model=failed.model, available=False, reason=why)

    @staticmethod
    def _explained(candidates: list[Candidate], chosen: ModelName, strategy: Strategy) -> list[Candidate]:
        """Each with why it was chosen, or not."""
        said = {"asked": "named by the turn", "session": "named by the session", "auto": "the best score"}
        others = "not as good a score" if strategy == "auto" else "not asked for"
        explained = []
        for one in candidates:
            if (one.provider, one.model) == (chosen.provider, chosen.model):
                explained.append(one.model_copy(update={"reason": said.get(strategy, "the default model")}))
            else:
                explained.append(one if one.reason else one.model_copy(update={"reason": others}))
        return explained

    # What there is to choose from

    def candidates(self, owner: str, complexity: Complexity, more: Iterable[ResolvedModel]) -> list[Candidate]:
        """All that are known, scored as things stand; never waits. `more`: models that are to be among them."""
        snapshot = self._snapshot(owner)
        offered = {one.key: one for one in (snapshot.offered if snapshot is not None else ())}
        wanted = {(one.provider_id, one.model_id): one for one in more}
        for key, resolved in wanted.items():
            if key not in offered:
                offered[key] = self._providers.offered_now(resolved)
        options = [
            Option(
                one,
                state=self._providers.breaker_state(one.provider),
                headroom=self._providers.headroom(one.provider),
                record=(snapshot.records.get(one.key) if snapshot is not None else None) or Record(),
            )
            for one in offered.values()
        ]
        ranked = rank(options, complexity, self._services.settings.selection.weights)
        kept = ranked[:MOST_CANDIDATES]
        return kept + [one for one in ranked[MOST_CANDIDATES:] if (one.provider, one.model) in wanted]

    def _snapshot(self, owner: str) -> Snapshot | None:
        """What was read last. Reads anew in the background where that is a minute ago."""
        snapshot = self._snapshots.get(owner)
        if snapshot is None or time.monotonic() - snapshot.at > REFRESH_SECONDS:
            self._read_soon(owner)
        return snapshot

    def _read_soon(self, owner: str) -> asyncio.Task[Snapshot]:
        task = self._reading.get(owner)
        if task is None:
            task = self._reading[owner] = asyncio.create_task(self._read(owner))
            task.add_done_callback(lambda done: self._was_read(owner, done))
        return task

    def _was_read(self, owner: str, task: asyncio.Task[Snapshot]) -> None:
        self._reading.pop(owner, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("what is known of the models could not be read", exc_info=error)

    async def refresh(self, owner: str) -> Snapshot:
        """Reads now what is known of the models."""
        return await asyncio.shield(self._read_soon(owner))

    async def _read(self, owner: str) -> Snapshot:
        began = time.monotonic()
        records = await self._services.db.read(lambda orm: read_records(orm, owner))
        # Those used last come first in `records`.
        named = [*self.fallbacks, *list(records)[:RECENT_MODELS]]
        offered, primary = await self._providers.offered(named)
        snapshot = self._snapshots[owner] = Snapshot(began, tuple(offered), records, primary)
        self._snapshots.move_to_end(owner)
        while len(self._snapshots) > MOST_OWNERS:
            self._snapshots.popitem(last=False)
        return snapshot


def read_records(orm: Orm, owner: str) -> dict[tuple[str, str], Record]:
    """What an owner's last requests and grades say of each model, the one used last first."""
    from sqlalchemy import func, select

    from jupyter_agent.storage.tables import FeedbackRow, ModelRequestRow, TurnRow

    row = ModelRequestRow
    rows = orm.execute(
        select(row.provider, row.model, row.error_code, row.first_token_ms, row.duration_ms, row.output_tokens)
        .where(row.owner == owner)
        .order_by(row.created_at.desc())
        .limit(LOOKED_AT)
    ).all()
    grades = {
        (provider, model): (count, float(grade))
        for provider, model, count, grade in orm.execute(
            select(TurnRow.provider, TurnRow.model, func.count(), func.avg(FeedbackRow.grade))
            .join(TurnRow, TurnRow.id == FeedbackRow.turn_id)
            .where(FeedbackRow.owner == owner)
            .group_by(TurnRow.provider, TurnRow.model)
        )
    }
    by_model: dict[tuple[str, str], list[Any]] = {}
    for one in rows:
        by_model.setdefault((one.provider, one.model), []).append(one)
    records = {}
    for key, requests in by_model.items():
        counted = [one for one in requests if one.error_code not in NOT_ITS_FAULT]
        first = [one.first_token_ms for one in requests if one.first_token_ms is not None]
        speed = [
            one.output_tokens * 1000 / (one.duration_ms - one.first_token_ms)
            for one in requests
            if one.first_token_ms is not None and one.output_tokens and (one.duration_ms or 0) > one.first_token_ms
        ]
        count, grade = grades.get(key, (0, None))
        records[key] = Record(
            requests=len(counted),
            failed=sum(one.error_code is not None for one in counted),
            first_token_ms=statistics.median(first) if first else None,
            tokens_per_second=statistics.median(speed) if speed else None,
            grades=count,
            grade=grade,
        )
    for key, (count, grade) in grades.items():
        if key not in records and None not in key:
            records[key] = Record(grades=count, grade=grade)
    return records


def failure_sentence(error: TurnError) -> str:
    """What went wrong, short, for a reason."""
    text = error.message if len(error.message) <= 200 else f"{error.message[:199]}…"
    return f"{error.code}: {text}"
