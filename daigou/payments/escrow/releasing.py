"""Held money becomes its merchant's: decided in the caller's transaction, sent by a payout."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy import select

from compliance.audit import door
from compliance.identity import tiers
from daigou.core import clock, faults, ids, outbox
from daigou.core.access import Actor, require
from daigou.core.db import db, find, load_locked, transaction
from daigou.core.errors import Impossible, Unavailable
from daigou.core.i18n import lazy
from daigou.core.money import Money
from daigou.ledger.service import balance, post
from daigou.orders.models import OrderItem
from daigou.payments.actor import SYSTEM
from daigou.pricing import service as pricing

from . import freezing, rulebook, rules
from .models import Release


def release_item(actor: Actor, item: OrderItem, rule: str) -> Release | None:
    """What is held for an item goes to its merchant and into our fee, in the caller's transaction.

    ``rule`` names why, a row of the rulebook. The item must be over (completed, or refunded with a rest still held)
    unless its rule says otherwise. None when nothing is held, or while a bank disputes the payment. Called twice, it
    answers with the first release.
    """
    with transaction():
        faults.step("release.decide")
        item = load_locked(OrderItem, id=item.id)
        known = find(Release, item_id=item.id)
        if known is not None:
            return known
        if not rulebook.may_release(item, rule):
            raise Impossible(
                "release.not_due", lazy("The money stays held until it is confirmed that the item has arrived.")
            )
        if freezing.item_is_frozen(item.order_id):
            return None  # disputes.settling releases what it leaves
        held = balance("escrow", item.currency, item.id)
        return _decide(actor, item, held, rule) if held else None


def price_of(item: OrderItem) -> rules.Price:
    """An item's two prices, as the pure rules want them."""
    ours, theirs = item.currency, item.merchant_currency
    return rules.Price(
        goods=Money(item.goods_minor, ours),
        freight=Money(item.freight_minor, ours),
        fee=Money(item.fee_minor, ours),
        merchant_goods=Money(item.merchant_goods_minor, theirs),
        merchant_freight=Money(item.merchant_freight_minor, theirs),
        commission=Money(item.commission_minor, theirs),
    )


def _decide(actor: Actor, item: OrderItem, held: Money, rule: str) -> Release:
    parts = rules.share(price_of(item), held)
    row = Release(
        ref=ids.new_ref("REL"),
        item_id=item.id,
        merchant_id=item.merchant_id,
        merchant_ref=item.merchant_ref,
        order_ref=item.order_ref,
        rule=rule,
        held_minor=held.minor,
        currency=parts.net.currency,
        amount_minor=parts.net.minor,
        commission_minor=parts.commission.minor,
    )
    door.created(actor, row, release=row.ref, rule=rule, item=item.ref, amount=str(row.amount))
    lines = rules.released(str(item.id), str(item.merchant_id), held, parts)
    post(actor, row, "released", f"release:{row.id}", lines, rule=rule, item=item.ref)
    aside = rules.set_aside(parts.commission, _reserve_share(parts.commission.currency))
    post(actor, row, "reserve_fed", f"release:{row.id}:reserve", aside)
    rulebook.decided(actor, item, rule, "release", held, row.ref)
    if row.amount:
        _put_off(row, timedelta(days=tiers.merchant_limits(row.merchant_id).payout_hold_days))
    else:
        door.transition(SYSTEM, row, "settle")
    return row


def _put_off(row: Release, hold: timedelta) -> None:
    """Now, or after the days for which a merchant of this tier waits: no other release takes it along before."""
    if hold:
        db.session.flush()
        row.due_from = clock.now() + hold
        wait(row, "payout_hold")
    outbox.put("release.submit", hold or None, release_id=row.id)


def _reserve_share(currency: str) -> Fraction:
    """Permille of a commission that goes into the reserve fund today; none where no row says so."""
    try:
        return Fraction(pricing.fee("reserve", currency).permille)
    except Unavailable:
        return Fraction(0)


def settle_parcel(actor: Actor, parcel: Any) -> None:
    """What is held for a delivered parcel goes to the carrier, the insurer and the customs authority. Once only."""
    with transaction():
        if freezing.parcel_is_frozen(parcel.id):
            return
        freight, premium, duty = (
            Money(minor, parcel.currency) for minor in (parcel.freight_minor, parcel.insurance_minor, parcel.duty_minor)
        )
        held = balance("escrow", parcel.currency, parcel.id)
        if held:
            # What was billed beyond the three parts (rounding of a line) is the carrier's.
            freight = held - premium - duty
            lines = rules.freight_settled(str(parcel.id), freight, premium, duty)
            post(actor, parcel, "freight_settled", f"parcel:{parcel.id}:settled", lines)


def wait(row: Release, code: str) -> None:
    """Not now, and why. The caller holds the row's lock."""
    if row.is_("waiting"):
        row.refusal = code
        return
    row.refusal = code
    door.transition(SYSTEM, row, "wait", code=code)


def retry(actor: Actor, ref: str) -> Release:
    """An officer tries a failed release again, and with it the others of the same payout: they go into a new one."""
    with transaction():
        row: Release = load_locked(Release, ref=ref)
        require(actor, "release.decide", row)
        row.machine.find(row.state, "retry")
        for one in _same_payout(row):
            door.transition(actor, one, "retry", release=one.ref)
            one.refusal = None
        outbox.put("release.submit", release_id=row.id)
    return row


def _same_payout(row: Release) -> list[Release]:
    if row.payout_id is None:
        return [row]
    statement = (
        select(Release)
        .where(Release.payout_id == row.payout_id, Release.state == "failed")
        .order_by(Release.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(db.session.execute(statement).scalars())
