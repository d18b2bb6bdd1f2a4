"""What a return brings back, and of which payments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from daigou.core import clock
from daigou.core.db import db
from daigou.core.money import Money
from daigou.orders.models import Order, OrderItem
from daigou.shipping import service as shipping
from daigou.shipping.models import Parcel, ParcelItem

from . import rules


@dataclass(frozen=True, slots=True)
class Due:
    """``of_item`` by reason, in the item's currency. ``delivery`` is a part of the freight of ``parcel_id``.

    ``window`` is the dated row that it stands on.
    """

    of_item: Mapping[str, Money]
    parcel_id: UUID | None
    delivery: Money | None
    window: rules.Window


def due(item: OrderItem) -> Due:
    """By the law of the country that the item was ordered to, on the day of its delivery (today, if still with us)."""
    order = db.session.get_one(Order, item.order_id)
    day = item.delivered_at.date() if item.delivered_at else clock.today()
    row = rules.window(order.country, day)
    goods, freight, fee = (Money(m, item.currency) for m in (item.goods_minor, item.freight_minor, item.fee_minor))
    of_item = {why: rules.refund_due(why, goods, freight, fee, delivery=row.delivery) for why in rules.REASONS}
    parcel = parcel_of(item) if row.delivery and item.is_(*rules.WITH_SHOPPER) else None
    delivery = _delivery(parcel, item) if parcel is not None else None
    if parcel is None or not delivery:
        return Due(of_item, None, None, row)
    return Due(of_item, parcel.id, delivery, row)


def parcel_of(item: OrderItem) -> Parcel | None:
    """The parcel that brought it."""
    statement = (
        select(Parcel)
        .join(ParcelItem, ParcelItem.parcel_id == Parcel.id)
        .where(ParcelItem.item_id == item.id, ParcelItem.removed_at.is_(None))
    )
    return db.session.execute(statement).scalar_one_or_none()


def _delivery(parcel: Parcel, item: OrderItem) -> Money:
    worths = {one.id: one.goods_minor for one in shipping.items_of(parcel)}
    paid, standard = (Money(minor, parcel.currency) for minor in (parcel.freight_minor, parcel.standard_minor))
    return rules.delivery_due(paid, standard, worths, item.id)
