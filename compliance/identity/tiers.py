"""What somebody's tier allows today: the dated rows, their own history, and refusals that say how to rise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from flask_babel.speaklater import LazyString
from sqlalchemy import Integer, Select, literal, or_, select, union_all

from compliance.audit import door
from daigou.accounts.models import Account, Merchant
from daigou.core import clock, kept
from daigou.core.access import Actor
from daigou.core.db import db, find, load_locked
from daigou.core.errors import Impossible
from daigou.core.i18n import format_money, lazy
from daigou.core.money import Money

from . import rating, rules
from .models import Identity, RatingBand, Standing, TierRule
from .rules import MERCHANT, SHOPPER, Limits, Spent


@dataclass(frozen=True, slots=True)
class Band:
    name: str
    least_score: int
    permille: int
    open_orders: int | None


@dataclass(frozen=True, slots=True)
class Table:
    """The rows in force on one day, as this process keeps them."""

    limits: dict[tuple[str, str], Limits]
    bands: tuple[Band, ...]  # the highest first

    def band(self, score: int) -> Band:
        return next(band for band in self.bands if band.least_score <= score)


def table() -> Table:
    """One query once a minute."""
    return kept.once_a_minute("tiers", _read)


def forget() -> None:
    """After a change of rows: this process reads them anew."""
    kept.forget("tiers")


def _read() -> Table:
    """One statement for both kinds of rows, the newest last, so that it wins."""
    day = clock.today()
    limits: dict[tuple[str, str], Limits] = {}
    bands: dict[str, Band] = {}
    rows = union_all(_in_force(TierRule, day, *_TIER_COLUMNS), _in_force(RatingBand, day, *_BAND_COLUMNS))
    for row in db.session.execute(rows.order_by("valid_from")):
        if row.audience == BAND:
            bands[row.tier] = Band(row.tier, row.order_minor, row.month_minor, row.open_orders)
        else:
            limits[row.audience, row.tier] = _limits_in(row)
    highest_first = tuple(sorted(bands.values(), key=lambda band: band.least_score, reverse=True))
    return Table(limits, highest_first)


def _limits_in(row: Any) -> Limits:
    return Limits(
        row.tier,
        None if row.order_minor is None else Money(row.order_minor, row.currency),
        None if row.month_minor is None else Money(row.month_minor, row.currency),
        row.open_orders,
        row.listings,
        row.payout_hold_days,
    )


BAND = "band"  # stands where a tier's row has its audience
_TIER_COLUMNS = (
    TierRule.audience, TierRule.tier, TierRule.currency, TierRule.order_minor, TierRule.month_minor,
    TierRule.open_orders, TierRule.listings, TierRule.payout_hold_days, TierRule.valid_from,
)  # fmt: skip
_BAND_COLUMNS = (
    literal(BAND), RatingBand.name, literal("EUR"), RatingBand.least_score, RatingBand.permille,
    RatingBand.open_orders, literal(None, Integer), literal(0), RatingBand.valid_from,
)  # fmt: skip


def _in_force(model: Any, day: date, *columns: Any) -> Any:
    return select(*columns).where(model.valid_from <= day, or_(model.valid_to.is_(None), model.valid_to > day))


def with_standing(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """``statement``, which reads a shopper's Account, with two columns more: what limits() is asked with."""
    return (
        statement.add_columns(Identity.state, Standing.score)
        .outerjoin(Identity, Identity.account_id == Account.id)
        .outerjoin(Standing, Standing.account_id == Account.id)
    )


def limits_of(account_id: UUID) -> Limits:
    """One query, for a page."""
    _, tier, score = db.session.execute(with_standing(select(Account.id).where(Account.id == account_id))).one()
    return limits(tier, score)


def limits(tier: str | None, score: int | None) -> Limits:
    """A shopper's limits with their rating applied."""
    held = table()
    band = held.band(rating.START if score is None else score)
    tier = tier or "basic"
    return rules.scaled(held.limits[SHOPPER, tier], band.permille, band.open_orders)


def require_room(limits: Limits, spent: Spent, order: Money) -> None:
    """Impossible when an order of this many euros goes beyond the limits; the words say which one and how to rise."""
    limit = rules.exceeded(limits, spent, order)
    if limit is None:
        return
    raise Impossible(f"tier.{limit}", _WORDS[limit](limits), tier=limits.tier, audience=SHOPPER)


def in_words(amount: Money) -> LazyString:
    return LazyString(format_money, amount)


_RISE = {
    "basic": lazy("Confirm your name under Account, Identity, and the limit rises at once."),
    "verified": lazy("Ask for the advanced tier under Account, Identity."),
    "advanced": lazy("Support can tell you what is possible."),
}
_WORDS: dict[str, Any] = {
    "order": lambda at: lazy(
        "One order of yours may come to %(limit)s at most. Order in parts, or raise the limit. %(rise)s",
        limit=in_words(at.order), rise=_RISE[at.tier],
    ),
    "month": lambda at: lazy(
        "Your orders of 30 days may come to %(limit)s at most, and this one would go beyond it. %(rise)s",
        limit=in_words(at.month), rise=_RISE[at.tier],
    ),
    "open_orders": lambda at: lazy(
        "You may have %(count)s orders under way at once. Wait for one to arrive, or raise the limit. %(rise)s",
        count=at.open_orders, rise=_RISE[at.tier],
    ),
}  # fmt: skip


# ---- merchants


def merchant_tier(merchant: Merchant) -> str:
    identity = find(Identity, merchant_id=merchant.id)
    return identity.state if identity else rules.tier_of(MERCHANT, merchant.kind)


def merchant_limits(merchant_id: UUID) -> Limits:
    """One query: what a merchant may list, and for how many days its money waits after a release."""
    statement = (
        select(Merchant.kind, Identity.state)
        .outerjoin(Identity, Identity.merchant_id == Merchant.id)
        .where(Merchant.id == merchant_id)
    )
    kind, tier = db.session.execute(statement).one()
    return table().limits[MERCHANT, tier or rules.tier_of(MERCHANT, kind)]


def require_listing_room(limits: Limits, listed: int) -> None:
    """Impossible when one more listing is too many."""
    if limits.listings is not None and listed >= limits.listings:
        words = lazy(
            "Your tier may show %(count)s listings at once. End one, or ask an officer for the next tier.",
            count=limits.listings,
        )
        raise Impossible("tier.listings", words, tier=limits.tier)


# ---- rows


def identity_of(actor: Actor, account: Account) -> Identity:
    """The account's row, locked; made where there is none. Inside the caller's transaction, the account locked."""
    found = find(Identity, account_id=account.id)
    if found is not None:
        return load_locked(Identity, id=found.id)
    identity = Identity(subject=account.subject, account_id=account.id)
    door.created(actor, identity, audience=SHOPPER)
    db.session.flush()
    return identity


def open_for_merchant(actor: Actor, merchant: Merchant) -> Identity:
    """The merchant's row at its approval, in the tier that its papers have earned it."""
    known = find(Identity, merchant_id=merchant.id)
    if known is not None:
        return load_locked(Identity, id=known.id)
    identity = Identity(subject=merchant.subject, merchant_id=merchant.id)
    door.created(actor, identity, audience=MERCHANT, merchant_ref=merchant.ref)
    db.session.flush()
    if rules.tier_of(MERCHANT, merchant.kind) == "verified":
        identity.name_verified_at = clock.now()
        door.transition(actor, identity, "verify", merchant_ref=merchant.ref, by="papers")
    return identity
