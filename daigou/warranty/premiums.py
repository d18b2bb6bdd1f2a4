"""The money of extended warranties: given back, secured when it can't be cancelled any more, earned day by day."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from compliance.audit import door
from daigou.core import clock
from daigou.core.access import Actor, require
from daigou.core.db import db, load, load_locked, transaction
from daigou.core.errors import Impossible
from daigou.core.i18n import lazy
from daigou.core.money import Money
from daigou.ledger.rules import credit, debit
from daigou.ledger.service import balance, post
from daigou.orders import service as orders
from daigou.orders.models import Bill
from daigou.payments import service as payments

from . import covering, news, rules
from .covering import SYSTEM
from .models import Cover, WarrantyClaim

_OVER = lazy("The time to cancel this cover is over: fourteen days after the item arrived.")
_USED = lazy("A defect was reported under this cover, so it can’t be cancelled any more.")
_NOT_YOURS = lazy("This cover costs you nothing, so there is nothing to give back.")


def back(cover: Cover) -> Money:
    """What cancelling today brings back: all before the delivery, afterwards what is not used by days."""
    if cover.begins is None or cover.ends is None:
        return cover.price
    return cover.price - rules.earned(cover.price, cover.begins, cover.ends, clock.today())


def obstacle(cover: Cover) -> object | None:
    """Why it can't be cancelled, in words; None when it can."""
    if cover.paid_by != "shopper":
        return _NOT_YOURS
    if not rules.is_cancellable(cover.state, cover.begins, clock.today()) or cover.secured_at is not None:
        return _OVER
    return _USED if _is_used(cover) else None


def _is_used(cover: Cover) -> bool:
    statement = select(func.count()).where(
        WarrantyClaim.cover_id == cover.id, WarrantyClaim.state.not_in(("withdrawn", "lapsed"))
    )
    return bool(db.session.execute(statement).scalar_one())


def cancel(actor: Actor, ref: str) -> Cover:
    """The shopper does not want it after all. Its price goes back the way it was paid, less the days that it was used.

    Impossible after the time for it, when a claim was made, or while a bank disputes its payment.
    """
    with transaction():
        known = load(Cover, ref=ref)
        require(actor, "cover.cancel", known)
        cover, _item = covering.locked(known.id)
        words = obstacle(cover)
        if words is not None:
            raise Impossible("cover.not_cancellable", words)
        rest = back(cover)
        door.transition(actor, cover, "cancel", back=str(rest))
        _give_back(cover, rest, "cover_cancelled")
        news.cancelled(cover, rest)
    return cover


def void(cover_id: UUID) -> None:
    """Its item was refunded: what the shopper paid for the cover goes back, less what was earned before."""
    with transaction():
        cover, item = covering.locked(cover_id)
        if not cover.is_(*rules.LIVE) or not item.is_(*rules.GONE):
            return
        if cover.paid_by == "shopper" and not cover.is_("agreed"):
            if payments.is_frozen(cover.id):
                return
            _unsecure(cover)
            _give_back(cover, balance("escrow", cover.currency, cover.id), "cover_void")
        elif cover.secured_at is not None:
            _earn_all(cover)
        door.transition(SYSTEM, cover, "void", item=item.ref)
        _end_bill(cover)


def _end_bill(cover: Cover) -> None:
    bill = load_locked(Bill, id=cover.bill_id) if cover.bill_id else None
    if bill is not None and bill.is_("due"):
        orders.end_bill(SYSTEM, bill, "cancel")


def _unsecure(cover: Cover) -> None:
    rest = balance("warranty_premium", cover.currency, cover.id)
    lines = [debit("warranty_premium", rest, cover.id), credit("escrow", rest, cover.id)]
    post(SYSTEM, cover, "premium_unsecured", f"cover:{cover.id}:unsecured", lines)


def _give_back(cover: Cover, amount: Money, reason: str) -> None:
    """Out of what is held; what is used of it is ours."""
    used = balance("escrow", cover.currency, cover.id) - amount
    lines = [debit("escrow", used, cover.id), credit("warranty_income", used)]
    post(SYSTEM, cover, "premium_earned", f"cover:{cover.id}:used", lines)
    cover.given_back_minor = amount.minor
    db.session.flush()
    if amount:
        payments.refund_held(SYSTEM, cover.id, amount, reason)


def secure(cover_id: UUID) -> None:
    """The time to cancel is over: the price becomes a liability that is earned by days, the merchant owes its part.

    While a bank disputes the payment, or a return of the item is open, it waits.
    """
    with transaction():
        cover, item = covering.locked(cover_id)
        day = clock.today() - timedelta(days=rules.CANCEL_DAYS)
        if not cover.is_("active") or cover.secured_at is not None or cover.begins is None or cover.begins >= day:
            return
        if item.is_("return_requested", "returned") or payments.is_frozen(cover.id):
            return
        if cover.paid_by == "shopper" and balance("escrow", cover.currency, cover.id) < cover.price:
            door.transition(SYSTEM, cover, "void", why="payment_taken_back")  # by a bank: nothing is paid for it
            return
        cover.secured_at = clock.now()
        if cover.paid_by == "merchant":
            payments.charge(SYSTEM, cover, cover.merchant_id, cover.price, "warranty_premium")
        else:
            lines = [debit("escrow", cover.price, cover.id), credit("warranty_premium", cover.price, cover.id)]
            post(SYSTEM, cover, "premium_secured", f"cover:{cover.id}:secured", lines)


def earn(cover_id: UUID) -> bool:
    """What a secured cover has earned until the first of this month, as income; once a month, whoever asks again."""
    with transaction():
        cover, _item = covering.locked(cover_id)
        if cover.secured_at is None or cover.begins is None or cover.ends is None:
            return False
        first = clock.today().replace(day=1)
        due = rules.earned(cover.price, cover.begins, cover.ends, first)
        done = cover.price - balance("warranty_premium", cover.currency, cover.id)
        return _earn(cover, due - done, f"{first:%Y-%m}") if due > done else False


def end(cover_id: UUID) -> None:
    """Its last day is over: the rest of its price is earned."""
    with transaction():
        cover, _item = covering.locked(cover_id)
        if not cover.is_("active") or cover.ends is None or cover.ends >= clock.today():
            return
        _earn_all(cover)
        door.transition(SYSTEM, cover, "end")


def _earn_all(cover: Cover) -> None:
    if cover.secured_at is not None:
        _earn(cover, balance("warranty_premium", cover.currency, cover.id), "last")


def _earn(cover: Cover, amount: Money, month: str) -> bool:
    lines = [debit("warranty_premium", amount, cover.id), credit("warranty_income", amount)]
    return post(SYSTEM, cover, "premium_earned", f"cover:{cover.id}:earned:{month}", lines) is not None
