"""Rates that no central bank publishes for us (TWD, AED, SAR, KWD): one officer enters them, another one agrees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from sqlalchemy import select, text

from compliance.audit import proposals
from compliance.audit.models import Proposal
from daigou.core import clock
from daigou.core.access import Actor, require
from daigou.core.db import db, find
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import lazy

from . import service
from .models import Rate
from .rules import CURRENCIES, is_stale

KIND = "rate.enter"
_EXISTS = lazy("There is a rate of this day already. Rates that stand are never changed.")
_MOST, _PLACES = Decimal("1e9"), 10

_NEWEST = text("""
    SELECT wanted.currency, newest.rate, newest.day, newest.source
    FROM unnest(CAST(:currencies AS text[])) WITH ORDINALITY AS wanted (currency, place)
    LEFT JOIN LATERAL (
        SELECT rate, day, source FROM exchange_rates WHERE currency = wanted.currency AND day <= :today
        ORDER BY day DESC LIMIT 1
    ) AS newest ON true
    ORDER BY wanted.place""")


@dataclass(frozen=True, slots=True)
class Standing:
    """The newest rate of a currency: units for one euro; all None where there was never one."""

    currency: str
    rate: Decimal | None
    day: date | None
    source: str | None

    @property
    def is_usable(self) -> bool:
        return self.day is not None and not is_stale(self.day, clock.today())


def standing(actor: Actor) -> list[Standing]:
    """Every currency that is offered with its newest rate, however old: one query."""
    require(actor, "rate.view")
    wanted = [code for code in CURRENCIES if code != "EUR"]
    rows = db.session.execute(_NEWEST, {"currencies": wanted, "today": clock.today()})
    return [Standing(*row) for row in rows]


def propose_rate(actor: Actor, currency: str, rate: str, day: date, reason: str) -> Proposal:
    """Put a rate before a second officer. Invalid by field for a currency, rate or day that can't be."""
    found = _checked(currency, rate, day)
    return proposals.propose(
        actor,
        KIND,
        about=f"rate/{currency}",
        summary=_summary(currency, found, day),
        reason=reason,
        payload={"currency": currency, "rate": str(found), "day": day.isoformat()},
    )


def _checked(currency: str, rate: str, day: date) -> Decimal:
    wrong: dict[str, object] = {}
    if currency not in CURRENCIES or currency == "EUR":
        wrong["currency"] = lazy("Choose one of these.")
    if day > clock.today() or is_stale(day, clock.today()):
        wrong["day"] = lazy("A rate of one of the last days, not older than it may be for a new price.")
    elif find(Rate, currency=currency, day=day):
        wrong["day"] = _EXISTS
    found = _number(rate)
    if found is None:
        wrong["rate"] = lazy("A number above zero, with at most ten decimals: how many buy one euro.")
    if wrong or found is None:
        raise Invalid(wrong)
    return found


def _number(text: str) -> Decimal | None:
    try:
        found = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        return None
    exponent = found.as_tuple().exponent
    fits = found.is_finite() and 0 < found < _MOST and isinstance(exponent, int) and -exponent <= _PLACES
    return found if fits else None


def _summary(currency: str, rate: Decimal, day: date) -> str:
    """What the second one decides on: the rate, and how far it is from the last."""
    said = f"1 EUR = {rate} {currency} ({day.isoformat()})"
    last = select(Rate.rate, Rate.day).filter_by(currency=currency).order_by(Rate.day.desc()).limit(1)
    before = db.session.execute(last).first()
    if before is None:
        return f"{said}; the first rate of {currency}"
    change = (rate / before.rate - 1) * 100
    return f"{said}; {change:+.2f} % against {before.rate.normalize():f} of {before.day.isoformat()}"


def _enter(actor: Actor, proposal: Proposal) -> None:
    """The second officer agreed: it is a rate like any other from now on, with its source."""
    wanted = proposal.payload
    day = date.fromisoformat(wanted["day"])
    if is_stale(day, clock.today()):
        raise Impossible("rate.stale", lazy("This rate is too old by now. Propose a newer one."))
    made = service.record_rates(day, {wanted["currency"]: Decimal(wanted["rate"])}, f"officers, {proposal.ref}")
    if not made:
        raise Impossible("rate.exists", _EXISTS)


proposals.register(
    proposals.Kind(KIND, propose="rate.enter", decide="rate.enter", title=lazy("Exchange rate"), apply=_enter)
)
