"""What partner and staff find: where it goes, whether it is covered, repaired or refunded, and the second look."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy import func, select

from compliance.audit import door
from daigou.core import clock
from daigou.core.access import Actor, require, system
from daigou.core.db import Page, db, keyset, load, load_locked, transaction
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import lazy
from daigou.core.money import Money
from daigou.documents import service as documents
from daigou.ledger.rules import Line, credit, debit
from daigou.ledger.service import balance, post
from daigou.orders.models import OrderItem
from daigou.payments import service as payments
from daigou.payments.refunds.models import Refund
from daigou.pricing import service as pricing

from . import claiming, news, papers, rules
from .covering import BOOKS
from .models import Cover, RepairPartner, WarrantyClaim

SYSTEM = system("warranty")


def assign(actor: Actor, ref: str, partner_ref: str) -> WarrantyClaim:
    """A person chooses the partner where the rule could not. Invalid at ``partner`` for one that can't repair it."""
    with transaction():
        claim: WarrantyClaim = load_locked(WarrantyClaim, ref=ref)
        require(actor, "warranty.assign", claim)
        partner: RepairPartner = load(RepairPartner, ref=partner_ref)
        if partner.left_at is not None or claim.category not in partner.categories:
            raise Invalid({"partner": lazy("Choose one of these.")})
        claiming.give_to(actor, claim, partner)
    return claim


def attach_label(actor: Actor, ref: str, upload: Any) -> WarrantyClaim:
    """The prepaid label for the way to the partner, as its carrier made it. The newest one is what the shopper prints.

    Impossible once the item has arrived, Invalid at ``label`` for a file that is no paper.
    """
    with transaction():
        claim: WarrantyClaim = load_locked(WarrantyClaim, ref=ref)
        require(actor, "warranty.handle", claim)
        claim.machine.find(claim.state, "arrive")
        try:
            documents.store(
                actor, claim.stream, claim.subject, "transaction", papers.LABEL, upload, allowed=documents.PAPERS,
                limit=claiming.PHOTO_LIMIT,
            )  # fmt: skip
        except Invalid as refused:
            raise Invalid({"label": next(iter(refused.fields.values()))}) from refused
        door.record(actor, claim, "label_attached")
        news.label_ready(claim)
    return claim


def arrive(actor: Actor, ref: str) -> WarrantyClaim:
    """The partner has it: the days for its diagnosis, as the cover's row says them, begin."""

    def due(claim: WarrantyClaim, cover: Cover) -> None:
        claim.due = clock.now() + timedelta(days=cover.diagnose_days)

    return _move(actor, ref, "arrive", due)


def cover(actor: Actor, ref: str, words: str) -> WarrantyClaim:
    """The diagnosis says that it is covered: it is repaired, or refunded when that is not possible."""

    def found(claim: WarrantyClaim, _cover: Cover) -> None:
        claim.diagnosis = words
        claim.due = clock.now() + rules.REPAIR_WITHIN

    return _move(actor, ref, "cover", found)


def refuse(actor: Actor, ref: str, words: str) -> WarrantyClaim:
    """The diagnosis says that it is not covered, and why. The shopper may ask for a second look."""

    def found(claim: WarrantyClaim, _cover: Cover) -> None:
        claim.diagnosis = words
        claim.due = clock.now() + rules.APPEAL_WITHIN

    return _move(actor, ref, "refuse", found)


def uphold(actor: Actor, ref: str, words: str) -> WarrantyClaim:
    """The officer's second look finds for the shopper."""

    def ruled(claim: WarrantyClaim, _cover: Cover) -> None:
        claim.ruling = words
        claim.due = clock.now() + rules.REPAIR_WITHIN

    return _move(actor, ref, "uphold", ruled)


def dismiss(actor: Actor, ref: str, words: str) -> WarrantyClaim:
    """The officer's second look finds what the partner found. The item goes back at our cost."""

    def ruled(claim: WarrantyClaim, _cover: Cover) -> None:
        claim.ruling = words
        claim.due = clock.now() + rules.RETURN_WITHIN

    return _move(actor, ref, "dismiss", ruled)


def repair(actor: Actor, ref: str, cost: Money) -> WarrantyClaim:
    """It works again. The partner is owed ``cost``, the shopper nothing. Invalid at ``cost`` in a wrong currency."""

    def done(claim: WarrantyClaim, cover: Cover) -> None:
        partner = load(RepairPartner, id=claim.partner_id)
        if cost.currency != partner.currency:
            raise Invalid({"cost": lazy("The partner’s work is paid in its own currency.")})
        claim.currency, claim.cost_minor = cost.currency, cost.minor
        claim.due = clock.now() + rules.RETURN_WITHIN
        post(actor, claim, "repaired", f"warranty:{claim.id}:repair", _cost(cover, partner, cost), partner=partner.ref)

    return _move(actor, ref, "repair", done)


def _cost(cover: Cover, partner: RepairPartner, cost: Money) -> list[Line]:
    """The official warranty's repairs are paid of what was set aside for them, as far as it reaches."""
    lines = [credit("repair_payable", cost, partner.id)]
    worth = pricing.in_euro(cost) if cover.kind == "official" else Money.zero(BOOKS)
    part = rules.borne(worth, balance("warranty_provision", BOOKS)).provision
    covered = cost.times(Fraction(part.minor, worth.minor)) if part else Money.zero(cost.currency)
    lines += [debit("warranty_provision", part), debit("warranty_cost", cost - covered)]
    if cost.currency != BOOKS:
        return [*lines, credit("exchange", part), debit("exchange", covered)]
    return lines


def refund(actor: Actor, ref: str) -> WarrantyClaim:
    """It can't be repaired: what was paid for it goes back.

    Official: all of its price, the merchant's part by recourse. Extended: the price of the goods, of our own, for the
    merchant has done its part. Impossible when nothing is left to refund.
    """
    with transaction():
        known = load(WarrantyClaim, ref=ref)
        item = load_locked(OrderItem, id=known.item_id)
        claim: WarrantyClaim = load_locked(WarrantyClaim, id=known.id)
        cover = claiming.cover_of(claim)
        amount = owed(item, cover)
        if amount.minor <= 0:
            raise Impossible("warranty.refunded", lazy("Everything that was paid for it has gone back already."))
        door.transition(actor, claim, "refund", amount=str(amount))
        db.session.flush()
        claim.refund_ref = _pay(claim, item, cover, amount).ref
        news.moved(claim)
    return claim


def owed(item: OrderItem, cover: Cover) -> Money:
    """What goes back when an item can't be repaired, less what went back before."""
    statement = select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(
        Refund.item_id == item.id, Refund.state != "failed"
    )
    gone = int(db.session.execute(statement).scalar_one())
    whole = item.total.minor if cover.kind == "official" else item.goods_minor
    return Money(min(whole, item.total.minor - gone), item.currency)


def _pay(claim: WarrantyClaim, item: OrderItem, cover: Cover, amount: Money) -> Refund:
    if cover.kind == "official":
        return payments.compensate(SYSTEM, item, amount, "warranty")
    lines = [debit("warranty_cost", amount), credit("escrow", amount, item.id)]
    post(SYSTEM, claim, "warranty_refunded", f"warranty:{claim.id}:refund", lines)
    return payments.refund(SYSTEM, item, amount, "warranty")


def send_back(actor: Actor, ref: str, tracking: str) -> WarrantyClaim:
    """On its way back to the shopper, at our cost."""

    def sent(claim: WarrantyClaim, _cover: Cover) -> None:
        claim.tracking = tracking

    return _move(actor, ref, "send_back", sent)


def _move(actor: Actor, ref: str, move: str, change: Callable[[WarrantyClaim, Cover], None]) -> WarrantyClaim:
    with transaction():
        claim: WarrantyClaim = load_locked(WarrantyClaim, ref=ref)
        require(actor, claim.machine.permission(move, claim.state), claim)
        claim.machine.find(claim.state, move)
        change(claim, claiming.cover_of(claim))
        door.transition(actor, claim, move, claim=claim.ref)
        news.moved(claim)
    return claim


# ---- reading


def queue(actor: Actor, states: tuple[str, ...], cursor: str | None) -> Page:
    """Claims in these states, the most urgent first."""
    require(actor, "warranty.handle")
    statement = select(WarrantyClaim).where(WarrantyClaim.state.in_(states))
    return keyset(statement, WarrantyClaim.due, WarrantyClaim.id, cursor=cursor, descending=False)


def owed_for(claim: WarrantyClaim) -> Money:
    """What a refund of this claim would bring back today."""
    return owed(db.session.get_one(OrderItem, claim.item_id), claiming.cover_of(claim))
