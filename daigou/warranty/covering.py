"""The life of a cover: agreed, paid, begun by the delivery, over. Each step happens once, whoever asks for it again."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from uuid import UUID

from sqlalchemy import select

from compliance.audit import door
from daigou.core import ids
from daigou.core.access import Actor, require, system
from daigou.core.db import Page, db, find, keyset, load, load_locked, transaction
from daigou.core.money import Money
from daigou.ledger.rules import credit, debit
from daigou.ledger.service import post
from daigou.orders.models import OrderItem
from daigou.payments import service as payments
from daigou.pricing import service as pricing

from . import news, offering, rules, terms
from .models import Cover, WarrantyTerm

SYSTEM = system("warranty")
BOOKS = "EUR"
"""What is set aside for repairs stands in one currency, for nobody knows which partner will repair what."""


def paid(bill_id: UUID) -> None:
    """Its bill is settled: the money is held under the cover's own name until the shopper can't cancel any more."""
    with transaction():
        cover = _locked(bill_id)
        if cover is not None and cover.is_("agreed"):
            door.transition(SYSTEM, cover, "pay", price=str(cover.price))
        elif cover is not None and cover.is_("void"):
            payments.refund_held(SYSTEM, cover.id, cover.price, "cover_void")  # paid while its item was refunded


def unpaid(bill_id: UUID) -> None:
    """Nobody paid it in time: the item can be covered anew."""
    with transaction():
        cover = _locked(bill_id)
        if cover is not None and cover.is_("agreed"):
            door.transition(SYSTEM, cover, "lapse")


def _locked(bill_id: UUID) -> Cover | None:
    known = find(Cover, bill_id=bill_id)
    return load_locked(Cover, id=known.id) if known else None


# ---- begun by the delivery


def begin_official(item: OrderItem) -> Cover | None:
    """The official warranty of a delivered item, by the dated row of its delivery's day. The caller holds its lock.

    None where there is no row for such things. What it will cost on average is set aside at once.
    """
    known = find(Cover, item_id=item.id, kind="official")
    day = item.delivered_at.date() if item.delivered_at else None
    term = terms.term_for(item.category, item.condition, day) if day else None
    if known is not None or day is None or term is None:
        return known
    cover = _official(item, term, day)
    door.created(SYSTEM, cover, cover=cover.ref, item=item.ref, days=term.days, source=term.source)
    door.transition(SYSTEM, cover, "begin", ends=str(cover.ends))
    db.session.flush()
    _provide(cover, item, Fraction(term.provision_permille))
    return cover


def _official(item: OrderItem, term: WarrantyTerm, day: date) -> Cover:
    return Cover(
        ref=ids.new_ref("COV"),
        kind="official",
        paid_by="platform",
        item_id=item.id,
        account_id=item.account_id,
        merchant_id=item.merchant_id,
        subject=item.subject,
        order_ref=item.order_ref,
        merchant_ref=item.merchant_ref,
        title=item.title,
        term_id=term.id,
        diagnose_days=term.diagnose_days,
        source=term.source,
        currency=item.currency,
        begins=day,
        ends=day + timedelta(days=term.days),
    )


def _provide(cover: Cover, item: OrderItem, permille: Fraction) -> None:
    worth = pricing.in_euro(Money(item.goods_minor, item.currency))
    part = worth.times(permille / 1000)
    lines = [debit("warranty_cost", part), credit("warranty_provision", part)]
    post(SYSTEM, cover, "warranty_provided", f"cover:{cover.id}:provided", lines)


def include(item_id: UUID) -> None:
    """What the merchant included in the listing becomes the item's cover; its premium is due once it is earned."""
    with transaction():
        item = load_locked(OrderItem, id=item_id)
        plan = terms.included_in(item)
        if plan is None or offering.live_cover(item) is not None:
            return
        price = offering.price_of(plan, Money(item.merchant_goods_minor, item.merchant_currency))
        if price is not None:
            offering.make(SYSTEM, item, offering.Offer(plan, price), "merchant")


def begin(cover_id: UUID) -> None:
    """The item has arrived: its extended warranty runs from this day."""
    with transaction():
        cover, item = locked(cover_id)
        ready = cover.is_("paid") or (cover.is_("agreed") and cover.paid_by == "merchant")
        if ready and item.delivered_at is not None and item.is_(*rules.REPORTABLE, "return_requested"):
            cover.begins = item.delivered_at.date()
            cover.ends = rules.ends_on(cover.begins, cover.months)
            door.transition(SYSTEM, cover, "begin", ends=str(cover.ends))
            news.began(cover)


def arrived(item_id: UUID) -> None:
    with transaction():
        item = load_locked(OrderItem, id=item_id)
        if item.is_(*rules.REPORTABLE):
            begin_official(item)


def locked(cover_id: UUID) -> tuple[Cover, OrderItem]:
    """Item first, then cover: the order in which everybody locks them."""
    item = load_locked(OrderItem, id=load(Cover, id=cover_id).item_id)
    return load_locked(Cover, id=cover_id), item


# ---- reading


def in_force(item: OrderItem, day: date) -> Cover | None:
    """What a defect that is reported on this day is repaired under: the official warranty before the extended one."""
    statement = (
        select(Cover)
        .where(Cover.item_id == item.id, Cover.state == "active", Cover.begins <= day, Cover.ends >= day)
        .order_by(Cover.kind.desc())
        .limit(1)
    )
    return db.session.execute(statement).scalar_one_or_none()


def of_items(keys: list[UUID]) -> dict[UUID, list[Cover]]:
    """All covers of these items that came to something, in one query."""
    statement = (
        select(Cover)
        .where(Cover.item_id.in_(keys), Cover.state.not_in(("lapsed", "void")))
        .order_by(Cover.created_at, Cover.id)
    )
    found: dict[UUID, list[Cover]] = {}
    for cover in db.session.execute(statement).scalars():
        found.setdefault(cover.item_id, []).append(cover)
    return found


def view(actor: Actor, ref: str) -> Cover:
    cover: Cover = load(Cover, ref=ref)
    require(actor, "cover.view", cover)
    return cover


def mine(actor: Actor, cursor: str | None) -> Page:
    """Everything that covers the actor's own items, the newest first."""
    statement = select(Cover).where(Cover.account_id == actor.account_id, Cover.state.not_in(("lapsed", "void")))
    return keyset(statement, Cover.created_at, Cover.id, cursor=cursor)
