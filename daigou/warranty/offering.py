"""Extended warranties as they are offered: what a plan costs, bought by a shopper, included by a merchant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import select

from compliance.audit import door
from daigou.catalog import service as catalog
from daigou.catalog.models import Listing
from daigou.core import clock, ids
from daigou.core.access import Actor, require
from daigou.core.db import db, load, load_locked, transaction
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import lazy, ngettext
from daigou.core.money import Money
from daigou.orders import service as orders
from daigou.orders.models import Bill, Order, OrderItem
from daigou.orders.rules import Line
from daigou.pricing import service as pricing
from daigou.providers.stripe.amounts import step

from . import rules, terms
from .models import Cover, CoverInclusion, CoverPlan

_NOT_NOW = lazy("A cover can be bought from the day an order is paid until it has arrived.")
_TWICE = lazy("This item has an extended warranty already.")


@dataclass(frozen=True, slots=True)
class Offer:
    plan: CoverPlan
    price: Money


def price_of(plan: CoverPlan, goods: Money) -> Money | None:
    """A plan's price in the currency of the goods; None without a fresh exchange rate."""
    least, most = (pricing.worth(Money(m, "EUR"), goods.currency) for m in (plan.least_minor, plan.most_minor))
    if least is None or most is None:
        return None
    found = rules.premium(goods, Fraction(plan.permille), least, most)
    part = step(goods.currency)
    return Money(-(-found.minor // part) * part, goods.currency)


def offers(category: str, country: str | None, goods: Money, payer: str = "shopper") -> list[Offer]:
    """The plans that are sold today for such a thing of this price (all its pieces)."""
    return _priced(terms.sold(terms.plans(clock.today()), category, country, payer), goods)


def _priced(plans: Sequence[CoverPlan], goods: Money) -> list[Offer]:
    found = [(plan, price_of(plan, goods)) for plan in plans]
    return [Offer(plan, price) for plan, price in found if price]


def for_item(actor: Actor, item_ref: str) -> tuple[OrderItem, Sequence[Offer]]:
    """What may still be bought for an item of one's own; nothing where it has a cover or it is too late."""
    item: OrderItem = load(OrderItem, ref=item_ref)
    require(actor, "cover.buy", item)
    return item, offers_of(item)


def offers_of(item: OrderItem) -> list[Offer]:
    if not item.is_(*rules.BUYABLE) or live_cover(item) is not None or terms.included_in(item) is not None:
        return []
    country = db.session.get_one(Order, item.order_id).country
    return offers(item.category, country, Money(item.goods_minor, item.currency))


def live_cover(item: OrderItem) -> Cover | None:
    """The item's extended warranty, also one that waits for its payment."""
    statement = select(Cover).where(
        Cover.item_id == item.id, Cover.kind == "extended", Cover.state.not_in(("lapsed", "cancelled", "void"))
    )
    return db.session.execute(statement).scalar_one_or_none()


def for_lines(lines: Sequence[Line]) -> list[list[Offer]]:
    """What could be bought for each line of a quote once it is ordered; where the merchant includes one, nothing."""
    included = terms.including([line.offer.listing_id for line in lines if line.offer.listing_id])
    plans = terms.plans(clock.today())
    return [
        []
        if line.offer.listing_id in included
        else _priced(terms.sold(plans, line.offer.category, None, "shopper"), line.goods)
        for line in lines
    ]


def included_offer(item: OrderItem) -> CoverPlan | None:
    """The plan that comes with an item and whose cover is not written down yet."""
    return None if live_cover(item) is not None else terms.included_in(item)


def unpaid_bill(cover: Cover) -> Bill | None:
    """The bill that a cover waits for."""
    bill = db.session.get(Bill, cover.bill_id) if cover.bill_id else None
    return bill if bill is not None and bill.is_("due", "processing") else None


def buy(actor: Actor, item_ref: str, code: str) -> Bill:
    """A bill for a plan. Asked again for the same plan, it is the same bill as long as it can be paid.

    Raises Impossible when it is too late or there is one already, Invalid at ``plan`` for one that is not sold for it.
    """
    with transaction():
        item = load_locked(OrderItem, ref=item_ref)
        require(actor, "cover.buy", item)
        known = live_cover(item)
        if known is not None:
            return _same(known, code)
        if not item.is_(*rules.BUYABLE):
            raise Impossible("cover.too_late", _NOT_NOW)
        if terms.included_in(item) is not None:
            raise Impossible("cover.included", lazy("The merchant has included an extended warranty already."))
        offer = next((offer for offer in offers_of(item) if offer.plan.code == code), None)
        if offer is None:
            raise Invalid({"plan": lazy("Choose one of these.")})
        cover = make(actor, item, offer, "shopper")
        return _bill(actor, cover)


def _same(known: Cover, code: str) -> Bill:
    bill = unpaid_bill(known)
    plan = db.session.get(CoverPlan, known.plan_id) if known.plan_id else None
    if bill is not None and plan is not None and plan.code == code:
        return bill
    raise Impossible("cover.twice", _TWICE)


def make(actor: Actor, item: OrderItem, offer: Offer, payer: str) -> Cover:
    """A cover that is agreed and not paid for. The caller holds the item's lock."""
    plan = offer.plan
    cover = Cover(
        ref=ids.new_ref("COV"),
        kind="extended",
        paid_by=payer,
        item_id=item.id,
        account_id=item.account_id,
        merchant_id=item.merchant_id,
        subject=item.subject,
        order_ref=item.order_ref,
        merchant_ref=item.merchant_ref,
        title=item.title,
        plan_id=plan.id,
        months=plan.months,
        diagnose_days=plan.diagnose_days,
        source=plan.source,
        currency=offer.price.currency,
        price_minor=offer.price.minor,
    )
    door.created(actor, cover, cover=cover.ref, item=item.ref, plan=plan.code, payer=payer, price=str(cover.price))
    db.session.flush()
    return cover


def _bill(actor: Actor, cover: Cover) -> Bill:
    label = ngettext("Extended warranty, %(num)d month", "Extended warranty, %(num)d months", cover.months)
    bill = orders.issue_bill(
        actor,
        kind="cover",
        account_id=cover.account_id,
        subject=cover.subject,
        about_ref=cover.order_ref,
        currency=cover.currency,
        rows=[{"label": f"{label} · {cover.title}"[:200], "minor": cover.price_minor}],
        split=[{"escrow": str(cover.id), "minor": cover.price_minor}],
        due_until=clock.now() + rules.PAY_WITHIN,
    )
    db.session.flush()
    cover.bill_id = bill.id
    return bill


# ---- the merchant pays


def for_listing(actor: Actor, ref: str) -> tuple[Listing, list[Offer], CoverPlan | None]:
    """A listing of one's own, what each plan costs the merchant for one piece of it, and the one that is included."""
    listing = catalog.view_own(actor, ref)
    found = offers(listing.category, None, listing.price, "merchant")
    return listing, found, terms.included_now(listing.id)


def include(actor: Actor, ref: str, code: str) -> None:
    """From the next order on, the plan is part of the offer and is kept from the payout; an empty code ends that.

    Orders that were placed keep what they had. Invalid at ``plan`` for a plan that merchants may not buy for it.
    """
    with transaction():
        listing = load_locked(Listing, id=catalog.view_own(actor, ref).id)
        require(actor, "listing.edit", listing)
        wanted = next((o.plan for o in for_listing(actor, ref)[1] if o.plan.code == code), None)
        if code and wanted is None:
            raise Invalid({"plan": lazy("Choose one of these.")})
        now = terms.included_now(listing.id)
        if (now.id if now else None) == (wanted.id if wanted else None):
            return
        _replace(actor, listing, wanted)


def _replace(actor: Actor, listing: Listing, wanted: CoverPlan | None) -> None:
    listing.version += 1  # drawn pages of it are stale
    statement = select(CoverInclusion).filter_by(listing_id=listing.id, ended_at=None)
    for row in db.session.execute(statement).scalars():
        row.ended_at = clock.now()
        door.record(actor, listing, "cover_excluded")
    db.session.flush()
    if wanted is not None:
        db.session.add(CoverInclusion(listing_id=listing.id, merchant_id=listing.merchant_id, plan_id=wanted.id))
        door.record(actor, listing, "cover_included", plan=wanted.code)
