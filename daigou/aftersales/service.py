"""Returns: opened by the shopper, decided by a rule or by support, paid back through the room of payments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from compliance.audit import door
from daigou.core import clock, ids
from daigou.core.access import Actor, require, system
from daigou.core.db import Page, db, keyset, load, load_locked, transaction
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import lazy
from daigou.documents import service as documents
from daigou.documents.inspection import IMAGES
from daigou.documents.models import StoredFile
from daigou.invoicing import issuing as invoicing
from daigou.orders.models import Order, OrderItem
from daigou.payments import service as payments
from daigou.payments.paying import wallet
from daigou.payments.refunds.models import Refund
from daigou.shipping import service as shipping
from daigou.warehouse.models import StockUnit, Warehouse
from traceability.inspection.models import Inspection

from . import labels, news, owing, rules
from .models import ReturnCase

SYSTEM = system("aftersales")

PHOTO_KIND = "return_photo"
PHOTO_LIMIT = 10 * 1024 * 1024
PHOTOS_MOST = 6

OPEN = ("opened", "approved", "received", "refunding")


@dataclass(frozen=True, slots=True)
class ReturnRequest:
    """What a shopper says when an item is not to stay."""

    reason: str
    story: str
    photos: Sequence[Any] = ()
    to_balance: bool = False
    unopened: bool = False  # that its seal is whole, for goods that can't be returned once it is broken


def open_return(actor: Actor, item_ref: str, request: ReturnRequest) -> ReturnCase:
    """Open a return of an item of one's own. Decided at once where a rule can; else support decides within days.

    Raises Impossible where the item is not returnable now, Invalid at ``photos`` for a file that can't be taken and at
    ``reason`` where the law exempts such goods from returns without one.
    """
    with transaction():
        item = load_locked(OrderItem, ref=item_ref)
        require(actor, "return.open", item)
        refuse_unreturnable(item)
        _refuse_exempt(item, request)
        case = _case(item, request)
        door.transition(actor, item, "request_return", case=case.ref)
        owed = {"amount": str(case.amount), "delivery": str(case.delivery) if case.delivery else None}
        door.created(actor, case, item=item.ref, reason=case.reason, **owed)
        db.session.flush()
        _keep_photos(actor, case, request.photos)
        rule = rules.decided_by_rule(case.reason, case.item_state, _verdict(item))
        if rule:
            _approve(SYSTEM, case, item, f"rule:{rule}")
    return case


def refuse_unreturnable(item: OrderItem) -> None:
    order = db.session.get_one(Order, item.order_id)
    if rules.is_returnable(item.state, order.country, item.delivered_at, clock.now()):
        return
    if item.is_("delivered"):
        raise Impossible("return.late", lazy("The time for returns is over for this item. You may still write to us."))
    if item.is_("return_requested"):
        raise Impossible("return.open", lazy("A return is open for this item already."))
    raise Impossible("return.state", lazy("This item can’t be returned where it is now."))


def exemption_of(item: OrderItem) -> rules.Exemption | None:
    """The row that takes away the return without a reason of this item, by the law of its day and country."""
    order = db.session.get_one(Order, item.order_id)
    day = item.delivered_at.date() if item.delivered_at else clock.today()
    return rules.exemption(item.category, order.country, day)


def _refuse_exempt(item: OrderItem, request: ReturnRequest) -> None:
    if request.reason != "changed_mind":
        return
    found = exemption_of(item)
    if not rules.may_change_mind(found, item.state, unopened=request.unopened):
        words = lazy("Such goods can’t be returned without a reason. If something is wrong with it, say what.")
        raise Invalid({"reason": words})


def _case(item: OrderItem, request: ReturnRequest) -> ReturnCase:
    found = owing.due(item)
    due = found.of_item[request.reason]
    case = ReturnCase(
        ref=ids.new_ref("RET"),
        item_id=item.id,
        account_id=item.account_id,
        merchant_id=item.merchant_id,
        subject=item.subject,
        order_ref=item.order_ref,
        merchant_ref=item.merchant_ref,
        item_state=item.state,
        reason=request.reason,
        currency=due.currency,
        amount_minor=due.minor,
        parcel_id=found.parcel_id,
        delivery_currency=found.delivery.currency if found.delivery else None,
        delivery_minor=found.delivery.minor if found.delivery else 0,
        refund_way="wallet" if request.to_balance and wallet.is_on() else "original",
        decide_until=clock.now() + rules.DECIDE_WITHIN,
    )
    case.story = request.story
    return case


def _keep_photos(actor: Actor, case: ReturnCase, photos: Sequence[Any]) -> None:
    if len(photos) > PHOTOS_MOST:
        raise Invalid({"photos": lazy("Choose at most six photos.")})
    for photo in photos:
        try:
            documents.store(
                actor, case.stream, case.subject, "conversation", PHOTO_KIND, photo, allowed=IMAGES, limit=PHOTO_LIMIT
            )
        except Invalid as refused:
            raise Invalid({"photos": next(iter(refused.fields.values()))}) from refused


def _verdict(item: OrderItem) -> str | None:
    statement = (
        select(Inspection.verdict)
        .filter_by(item_id=item.id, state="concluded")
        .order_by(Inspection.created_at.desc())
        .limit(1)
    )
    return db.session.execute(statement).scalar_one_or_none()


def withdraw(actor: Actor, ref: str) -> ReturnCase:
    """The shopper keeps it after all, before anybody has decided."""
    with transaction():
        case, item = _locked(ref)
        door.transition(actor, case, "withdraw")
        _keep(item, case)
    return case


def approve(actor: Actor, ref: str, ruling: str) -> ReturnCase:
    """The shopper is right. What is with us is refunded now, what is with the shopper when it has come back."""
    with transaction():
        case, item = _locked(ref)
        _approve(actor, case, item, ruling)
    return case


def decline(actor: Actor, ref: str, ruling: str) -> ReturnCase:
    """The item goes back to where it was, and so does its money."""
    with transaction():
        case, item = _locked(ref)
        case.ruling = ruling
        door.transition(actor, case, "decline")
        _keep(item, case)
        news.decided(case)
    return case


def receive(actor: Actor, ref: str) -> ReturnCase:
    """It has come back to the warehouse: the money goes back."""
    with transaction():
        case, item = _locked(ref)
        door.transition(actor, case, "receive")
        _pay_back(case, item)
    return case


def lose(actor: Actor, ref: str) -> ReturnCase:
    """The carrier lost it on the way back that we had insured: the money goes back all the same, and the insurer owes.

    Impossible without a label of ours.
    """
    with transaction():
        case, item = _locked(ref)
        door.transition(actor, case, "lose")
        labels.claim_loss(actor, case)
        _pay_back(case, item)
    return case


def _locked(ref: str) -> tuple[ReturnCase, OrderItem]:
    """Item first, then case: the order in which everybody locks them."""
    known = load(ReturnCase, ref=ref)
    item = load_locked(OrderItem, id=known.item_id)
    return load_locked(ReturnCase, id=known.id), item


def _approve(actor: Actor, case: ReturnCase, item: OrderItem, ruling: str) -> None:
    case.ruling = ruling
    door.transition(actor, case, "approve", rule=ruling if ruling.startswith("rule:") else None)
    if case.item_state in rules.AT_OURS:
        _pay_back(case, item)
    else:
        labels.want(case, item)
    news.decided(case)


def _keep(item: OrderItem, case: ReturnCase) -> None:
    door.transition(SYSTEM, item, rules.KEEP[case.item_state], case=case.ref)


def _pay_back(case: ReturnCase, item: OrderItem) -> None:
    door.transition(SYSTEM, item, "return", case=case.ref)
    door.transition(SYSTEM, case, "refund")
    db.session.flush()
    # Balances may have been turned off since it was chosen; then it goes back the way it was paid.
    way = case.refund_way if wallet.is_on() else "original"
    payments.refund(SYSTEM, item, case.amount, f"return_{case.reason}", way)
    if case.parcel_id is not None and case.delivery:
        payments.compensate_delivery(SYSTEM, case, case.parcel_id, case.delivery, f"return_{case.reason}", way)


def refund_succeeded(refund_id: UUID) -> None:
    """The money has left for the shopper: case and item are over, and what is still held finds its owner."""
    with transaction():
        refund = load(Refund, id=refund_id)
        if refund.item_id is None:
            return
        item = load_locked(OrderItem, id=refund.item_id)
        case = find_open(item.id)
        if case is not None and case.is_("refunding"):
            door.transition(SYSTEM, load_locked(ReturnCase, id=case.id), "settle", refund=refund.ref)
        if item.can("refund"):
            door.transition(SYSTEM, item, "refund", refund=refund.ref)
            db.session.flush()
            payments.release_item(SYSTEM, item, "rest_after_refund")
            shipping.complete_orders(SYSTEM, [item.order_id])
        invoicing.credit_refund(refund.id)


# ---- reading


def find_open(item_id: UUID) -> ReturnCase | None:
    statement = select(ReturnCase).where(ReturnCase.item_id == item_id, ReturnCase.state.in_((*OPEN, "refunded")))
    return db.session.execute(statement).scalar_one_or_none()


def view(actor: Actor, ref: str) -> tuple[ReturnCase, OrderItem]:
    case = load(ReturnCase, ref=ref)
    require(actor, "return.view", case)
    return case, db.session.get_one(OrderItem, case.item_id)


def item_for_return(actor: Actor, item_ref: str) -> OrderItem:
    item: OrderItem = load(OrderItem, ref=item_ref)
    require(actor, "return.open", item)
    return item


def photos_of(case: ReturnCase) -> list[StoredFile]:
    return documents.files_about(case.stream, PHOTO_KIND)


def queue(state: str, cursor: str | None) -> Page:
    """Cases in a state, the most urgent first."""
    statement = select(ReturnCase).filter_by(state=state)
    return keyset(statement, ReturnCase.decide_until, ReturnCase.id, cursor=cursor, descending=False)


def verdict_of(item: OrderItem) -> str | None:
    """What our own inspection found: an EPCIS disposition, or None."""
    return _verdict(item)


def items_of(cases: Sequence[ReturnCase]) -> dict[UUID, OrderItem]:
    statement = select(OrderItem).where(OrderItem.id.in_([case.item_id for case in cases]))
    return {item.id: item for item in db.session.execute(statement).scalars()}


def send_to(case: ReturnCase) -> Warehouse | None:
    """Where an approved return is sent: the warehouse that the item came from."""
    if not case.is_("approved") or case.item_state in rules.AT_OURS:
        return None
    statement = (
        select(Warehouse)
        .join(StockUnit, StockUnit.warehouse_id == Warehouse.id)
        .where(StockUnit.item_id == case.item_id)
    )
    return db.session.execute(statement).scalar_one_or_none()
