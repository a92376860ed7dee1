"""Money that may be spent: limits of the administrator, of each user and of one turn, the tightest of which counts.

What was spent is read from the sums of the ledger before every model request, so that servers which share a database
hold one budget together. Requests that this process is making count with the least that they will cost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from jupyter_agent.api.errors import ApiError, invalid
from jupyter_agent.api.models import Usage
from jupyter_agent.observatory import periods
from jupyter_agent.observatory.models import BudgetLimit, Budgets, BudgetScope, BudgetsPut, BudgetState

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.app import Services
    from jupyter_agent.config import BudgetSettings

SCOPES: tuple[BudgetScope, ...] = ("turn", "session", "day", "month", "user")
LIMITS_SECONDS = 2.0
"""How old a user's limits may be: as long as another server's change takes to count here. Never what was spent."""
MOST_OWNERS = 10_000
LARGEST = Decimal(1_000_000_000)
"""US dollars. More is a slip of the finger, and no database has room for it."""

Emit = Callable[..., None]
Spent = tuple[Decimal, int]
"""US dollars, and the requests whose price nobody knows."""


@dataclass(frozen=True)
class Limit:
    """One limit, whoever set it."""

    scope: BudgetScope
    soft: Decimal | None
    hard: Decimal | None
    source: Literal["user", "admin"]
    session_id: str | None = None

    def counts_for(self, session_id: str | None) -> bool:
        """Whether it has a say in work for this session, or for none."""
        if self.scope in ("turn", "session"):
            return session_id is not None and self.session_id in (None, session_id)
        return True


class BudgetReached(Exception):
    """A hard limit that a request must break; the request is not made."""

    def __init__(self, scope: BudgetScope, spent: Decimal, limit: Decimal, projected: Decimal) -> None:
        super().__init__(f"the {scope}'s budget is used up")
        self.scope, self.spent, self.limit, self.projected = scope, spent, limit, projected

    def wire(self) -> dict[str, Any]:
        """As events and errors tell it."""
        from jupyter_agent.providers.pricing import money

        return {
            "scope": self.scope,
            "spent": money(self.spent),
            "limit": money(self.limit),
            "projected": money(self.projected),
        }


class Reservation:
    """What a request that is being made will cost at least, until it has ended."""

    def __init__(self, held: set[Reservation], owner: str, session_id: str | None, amount: Decimal) -> None:
        self._held = held
        self.owner, self.session_id, self.amount = owner, session_id, amount
        if amount:
            held.add(self)

    def release(self) -> None:
        """The request has ended; what it cost is in the ledger, or about to be. Can be called twice."""
        self._held.discard(self)


@dataclass
class _Turn:
    """What this process knows of a turn's budgets."""

    warned: set[BudgetScope] = field(default_factory=set)
    reached: dict[str, Any] | None = None


class BudgetService:
    """What may be spent, and whether it is."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._limits: dict[str, tuple[float, list[Limit]]] = {}
        self._held: set[Reservation] = set()
        self._turns: dict[str, _Turn] = {}
        self._now: Callable[[], datetime] = _utcnow

    # Limits ----------------------------------------------------------------------------------------------------------

    async def get(self, owner: str, *, session_id: str | None = None) -> Budgets:
        """The owner's limits and the administrator's, each with what is spent of it; limits of a turn and of each
        session with what was spent in the session of that id, and in the turn that runs there.

        Raises ApiError 404 for a session that is not the owner's."""
        if session_id is not None:
            await self._services.sessions.require(owner, session_id)
        admin, now = _admins(self._services.settings.budgets), self._now()
        zone = periods.zone(self._services.settings)

        def read(orm: Orm) -> list[BudgetState]:
            limits = [*_users(orm, owner), *admin]
            spent = _spent(orm, owner, {one.scope for one in limits}, now, zone)
            states = []
            for one in limits:
                if one.scope == "session":
                    about = one.session_id or session_id
                    used = _spent_in_session(orm, owner, about) if about is not None else None
                elif one.scope == "turn":
                    used = _spent_in_turn(orm, owner, session_id) if session_id is not None else None
                else:
                    used = spent[one.scope]
                states.append(_state(one, used, _resets_at(one.scope, now, zone)))
            return states

        return Budgets(items=await self._services.db.read(read), timezone=periods.zone_name(zone))

    async def put(self, owner: str, body: BudgetsPut) -> Budgets:
        """Sets the owner's limits: these and no others.

        Raises ApiError: 404 for a session that is not the owner's, 422 for an amount that cannot be kept."""
        from jupyter_agent.storage.tables import BudgetRow

        rows = []
        for position, one in enumerate(body.items):
            amounts = {name: _amount(getattr(one, name), f"body.items.{position}.{name}") for name in ("soft", "hard")}
            rows.append({"owner": owner, "scope": one.scope, "session_id": one.session_id or "", **amounts})
        for id in {one.session_id for one in body.items if one.session_id is not None}:
            await self._services.sessions.require(owner, id)

        def write(orm: Orm) -> None:
            from sqlalchemy import delete, func, select

            if orm.get_bind().dialect.name == "postgresql":
                # Two who set limits at once: one of both counts, and not a mixture.
                orm.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"budgets {owner}"))))
            orm.execute(delete(BudgetRow).where(BudgetRow.owner == owner), execution_options=_UNSYNCHRONIZED)
            orm.add_all(BudgetRow(**row) for row in rows)

        await self._services.db.write(write)
        self._limits.pop(owner, None)
        return await self.get(owner)

    @staticmethod
    def forget_session_in(orm: Orm, session_id: str) -> None:
        """Takes the limits of a session that is deleted."""
        from sqlalchemy import delete

        from jupyter_agent.storage.tables import BudgetRow

        orm.execute(delete(BudgetRow).where(BudgetRow.session_id == session_id), execution_options=_UNSYNCHRONIZED)

    async def _limits_of(self, owner: str) -> list[Limit]:
        """The owner's own, at most LIMITS_SECONDS old."""
        known = self._limits.get(owner)
        if known is not None and time.monotonic() - known[0] < LIMITS_SECONDS:
            return known[1]
        asked = time.monotonic()
        limits = await self._services.db.read(lambda orm: _users(orm, owner))
        if len(self._limits) >= MOST_OWNERS:
            self._limits.clear()
        self._limits[owner] = asked, limits
        return limits

    async def _applicable(self, owner: str, session_id: str | None, budget: str | None) -> list[Limit]:
        limits = [*_admins(self._services.settings.budgets), *await self._limits_of(owner)]
        if budget is not None:
            limits.append(Limit("turn", None, Decimal(budget), "user"))
        return [one for one in limits if one.counts_for(session_id)]

    # Before a request ------------------------------------------------------------------------------------------------

    async def check(
        self,
        owner: str,
        *,
        provider: str,
        model: str,
        session_id: str | None = None,
        turn_id: str | None = None,
        budget: str | None = None,
        spent_in_turn: Decimal | None = None,
        projected: Decimal | None = None,
        writes: Collection[asyncio.Task[Any]] = (),
        emit: Emit | None = None,
    ) -> Reservation:
        """Whether a model may be asked; gives what is to be released when the request has ended.

        `budget` is the turn's own limit, `projected` what the request's input costs as far as that can be known,
        `writes` what of the turn is still to be written to the ledger, `emit` tells the turn's log. Where no limit
        counts nothing is read but, every LIMITS_SECONDS, the owner's limits.

        Raises BudgetReached."""
        limits = await self._applicable(owner, session_id if turn_id is None else session_id or "", budget)
        if turn_id is None:
            limits = [one for one in limits if one.scope != "turn"]
        if not limits or self._costs_nothing(provider, model):
            return Reservation(self._held, owner, session_id, Decimal(0))
        if writes and any(one.scope != "turn" for one in limits):
            await asyncio.wait(set(writes))
        at_least = projected or Decimal(0)
        spent = await self._read(owner, session_id, limits, spent_in_turn)
        # From here to the reservation nothing waits: no other request of this process comes in between.
        for scope in SCOPES:
            hard = min((one.hard for one in limits if one.scope == scope and one.hard is not None), default=None)
            if hard is None:
                continue
            used = spent[scope][0]
            taken = used + self._reserved(owner, session_id, scope)
            if taken >= hard or taken + at_least > hard:
                reached = BudgetReached(scope, used, hard, at_least)
                self._tell_hard(reached, session_id, turn_id, emit)
                raise reached
        reservation = Reservation(self._held, owner, session_id, at_least)
        try:
            await self._warn(limits, spent, session_id, turn_id, emit)
        except BaseException:
            reservation.release()
            raise
        return reservation

    async def check_outside(
        self, owner: str, *, provider: str, model: str, session_id: str | None, projected: Decimal | None = None
    ) -> Reservation:
        """As `check`, for work outside turns. Raises ApiError 409 `budget`."""
        try:
            return await self.check(owner, provider=provider, model=model, session_id=session_id, projected=projected)
        except BudgetReached as reached:
            told = reached.wire()
            raise ApiError(
                409,
                "budget",
                f"The budget of the {reached.scope} is used up: {told['spent']} of {told['limit']} US dollars.",
                details={**told, "session_id": session_id},
            ) from None

    def projected(
        self, provider: str, model: str, tokens: int | None, *, before: tuple[int, Usage] | None = None
    ) -> Decimal | None:
        """What so many tokens of input cost; None where nobody knows their number or price.

        `before` is the turn's last request, as it was counted here and by the provider: it tells how good our count
        is, and where its provider caches, what was sent then is read from the cache now."""
        if tokens is None:
            return None
        cached = 0
        if before is not None and before[0] > 0 and before[1].input > 0:
            tokens = round(tokens * before[1].input / before[0])
            if before[1].cache_read or before[1].cache_write:
                cached = min(tokens, before[1].input)
        return self._services.providers.price(provider, model, Usage(input=tokens, cache_read=cached))[0]

    def _costs_nothing(self, provider: str, model: str) -> bool:
        """A model without a price, such as one that runs here, breaks no budget."""
        amount, _ = self._services.providers.price(provider, model, Usage(input=1_000, output=1_000))
        return amount is not None and not amount

    def _reserved(self, owner: str, session_id: str | None, scope: BudgetScope) -> Decimal:
        if scope == "turn":
            return Decimal(0)  # one request at a time
        mine: Iterable[Reservation] = (one for one in self._held if one.owner == owner)
        if scope == "session":
            mine = (one for one in mine if one.session_id == session_id)
        return sum((one.amount for one in mine), Decimal(0))

    async def _read(
        self, owner: str, session_id: str | None, limits: Collection[Limit], spent_in_turn: Decimal | None
    ) -> dict[BudgetScope, Spent]:
        """What was spent in the scopes that have limits."""
        scopes = {one.scope for one in limits}
        found: dict[BudgetScope, Spent] = {"turn": (spent_in_turn or Decimal(0), 0)}
        if scopes == {"turn"}:
            return found
        now, zone = self._now(), periods.zone(self._services.settings)

        def read(orm: Orm) -> dict[BudgetScope, Spent]:
            spent = _spent(orm, owner, scopes, now, zone)
            if "session" in scopes:
                assert session_id is not None, "such a limit counts for no other work"
                spent["session"] = _spent_in_session(orm, owner, session_id)
            return spent

        return found | await self._services.db.read(read)

    # Telling ---------------------------------------------------------------------------------------------------------

    def _tell_hard(
        self, reached: BudgetReached, session_id: str | None, turn_id: str | None, emit: Emit | None
    ) -> None:
        if turn_id is None or emit is None:
            return
        self._turns.setdefault(turn_id, _Turn()).reached = reached.wire()
        emit("budget", level="hard", **reached.wire(), session_id=session_id)

    async def _warn(
        self,
        limits: Collection[Limit],
        spent: dict[BudgetScope, Spent],
        session_id: str | None,
        turn_id: str | None,
        emit: Emit | None,
    ) -> None:
        """Tells once in a turn that a soft limit is reached."""
        from jupyter_agent.providers.pricing import money

        if turn_id is None or emit is None:
            return
        for scope in SCOPES:
            soft = min((one.soft for one in limits if one.scope == scope and one.soft is not None), default=None)
            if soft is None or spent[scope][0] < soft or (soft == 0 and not spent[scope][0]):
                continue
            known = self._turns.get(turn_id)
            if known is None:
                # Another process may have begun the turn.
                known = _Turn(await self._services.db.read(lambda orm: _warned(orm, turn_id)))
                self._turns[turn_id] = known
            if scope not in known.warned:
                known.warned.add(scope)
                emit(
                    "budget",
                    level="soft",
                    scope=scope,
                    spent=money(spent[scope][0]),
                    limit=money(soft),
                    session_id=session_id,
                )

    async def ending(
        self,
        owner: str,
        *,
        session_id: str,
        turn_id: str,
        budget: str | None,
        spent_in_turn: Decimal | None,
        emit: Emit,
    ) -> dict[str, Any] | None:
        """Called before a turn's last event, when all that it used is written: warns of what its last request has
        reached. Gives the hard limit that ended the turn, as `turn_finished` tells it."""
        limits = await self._applicable(owner, session_id, budget)
        if spent_in_turn and any(one.soft is not None for one in limits):
            spent = await self._read(owner, session_id, limits, spent_in_turn)
            await self._warn(limits, spent, session_id, turn_id, emit)
        known = self._turns.pop(turn_id, None)
        return known.reached if known is not None else None


_UNSYNCHRONIZED = {"synchronize_session": False}


def _utcnow() -> datetime:
    from jupyter_agent.storage.tables import utcnow

    return utcnow()


def _amount(text: str | None, where: str) -> Decimal | None:
    """Raises ApiError 422 for what no column of money holds."""
    if text is None:
        return None
    amount = Decimal(text)
    if amount > LARGEST:
        raise invalid(where, f"is more than {LARGEST:,} US dollars")
    if amount != amount.quantize(Decimal("1e-9")):
        raise invalid(where, "has more than nine decimals")
    return amount


def _admins(settings: BudgetSettings) -> list[Limit]:
    """The limits that the configuration sets."""
    found = []
    for scope in SCOPES:
        soft, hard = (getattr(settings, f"{scope}_{kind}").strip() for kind in ("soft", "hard"))
        if soft or hard:
            found.append(Limit(scope, Decimal(soft) if soft else None, Decimal(hard) if hard else None, "admin"))
    return found


def _users(orm: Orm, owner: str) -> list[Limit]:
    """The limits that a user has set, in the order of their scopes."""
    from sqlalchemy import select

    from jupyter_agent.storage.tables import BudgetRow

    rows = orm.scalars(select(BudgetRow).where(BudgetRow.owner == owner))
    limits = [
        Limit(row.scope, row.soft, row.hard, "user", row.session_id or None)  # type: ignore[arg-type]  # as put() writes
        for row in rows
    ]
    return sorted(limits, key=lambda one: (SCOPES.index(one.scope), one.session_id or ""))


def _spent(orm: Orm, owner: str, scopes: Collection[BudgetScope], now: datetime, zone: Any) -> dict[BudgetScope, Spent]:
    """What an owner has spent today, this month and in all, as far as that is asked for."""
    from jupyter_agent.observatory.statistics import spent

    starts: dict[BudgetScope, datetime | None] = {
        "day": periods.day_start(now, zone),
        "month": periods.month_start(now, zone),
        "user": None,
    }
    return {scope: spent(orm, owner, start) for scope, start in starts.items() if scope in scopes}


def _spent_in_session(orm: Orm, owner: str, session_id: str) -> Spent:
    from jupyter_agent.observatory.statistics import spent

    return spent(orm, owner, None, session_id=session_id)


def _spent_in_turn(orm: Orm, owner: str, session_id: str) -> Spent | None:
    """In the turn that runs in a session; None where none does."""
    from sqlalchemy import select

    from jupyter_agent.storage.tables import TurnRow
    from jupyter_agent.turns.rows import UNFINISHED

    row = orm.scalar(
        select(TurnRow).where(TurnRow.session_id == session_id, TurnRow.owner == owner, TurnRow.status.in_(UNFINISHED))
    )
    return None if row is None else (row.cost or Decimal(0), 0)


def _warned(orm: Orm, turn_id: str) -> set[BudgetScope]:
    """The scopes that a turn's log has warned of."""
    import json

    from sqlalchemy import select

    from jupyter_agent.storage.tables import TurnEventRow

    rows = orm.scalars(select(TurnEventRow.data).where(TurnEventRow.turn_id == turn_id, TurnEventRow.type == "budget"))
    told = [json.loads(data) for data in rows]
    return {one["scope"] for one in told if one["level"] == "soft"}


def _resets_at(scope: BudgetScope, now: datetime, zone: Any) -> datetime | None:
    if scope == "day":
        return periods.day_end(now, zone)
    return periods.month_end(now, zone) if scope == "month" else None


def _state(limit: Limit, used: Spent | None, resets_at: datetime | None) -> BudgetState:
    from jupyter_agent.providers.pricing import money

    wire = BudgetLimit(scope=limit.scope, session_id=limit.session_id, soft=money(limit.soft), hard=money(limit.hard))
    fields: dict[str, Any] = {**wire.model_dump(), "source": limit.source, "resets_at": resets_at}
    if used is None:
        return BudgetState(**fields)
    spent, unpriced = used
    most = limit.hard if limit.hard is not None else limit.soft
    assert most is not None, "a budget has a soft or a hard limit"
    state: Literal["ok", "soft", "hard"] = "ok"
    if limit.hard is not None and spent >= limit.hard:
        state = "hard"
    elif limit.soft is not None and spent >= limit.soft and (spent or limit.soft):
        state = "soft"
    return BudgetState(
        **fields,
        spent=money(spent),
        left=money(max(most - spent, Decimal(0))),
        fraction=float(spent / most) if most else 1.0,
        state=state,
        unpriced=unpriced,
    )
