"""Refunds of what is not held any more: the merchant's part is taken back, the rest is of our own."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from daigou.core.access import Actor
from daigou.core.db import load_locked, transaction
from daigou.core.money import Money
from daigou.ledger.service import balance, post
from daigou.orders.models import OrderItem
from daigou.payments.refunds import refunding, rules, sources
from daigou.payments.refunds.models import Refund

from . import recourse


def compensate(actor: Actor, item: OrderItem, amount: Money, reason: str) -> Refund:
    """Like refund(), also when what was held has been paid out.

    The merchant's part is taken back first (recourse); what no release covers is paid of our own.
    """
    with transaction():
        item = load_locked(OrderItem, id=item.id)
        short = amount - balance("escrow", amount.currency, item.id)
        if short.minor > 0:
            rest = short - recourse.fetch_back(actor, item, short, reason)
            key = f"item:{item.id}:compensated:{item.stream_no}"
            post(actor, item, "compensated", key, rules.compensated(str(item.id), rest), reason=reason)
        return refunding.refund(actor, item, amount, reason)


def compensate_delivery(actor: Actor, about: Any, parcel_id: UUID, amount: Money, reason: str, way: str) -> None:
    """A part of a parcel's freight goes back to its payer, of our own: the carrier has earned and kept it.

    ``about`` is what makes it due (a return); for each such thing it happens once.
    """
    with transaction():
        parts = sources.of_parcel(parcel_id, amount)
        lines = rules.compensated(str(parcel_id), amount)
        if post(actor, about, "delivery_compensated", f"{about.stream}:delivery", lines, reason=reason):
            for attempt, part in parts:
                refunding.promise(actor, attempt, str(parcel_id), part, reason, None, way)
