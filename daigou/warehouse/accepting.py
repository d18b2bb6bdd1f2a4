"""The shopper looks at the report and takes the item, or a week goes by without a word."""

from __future__ import annotations

from sqlalchemy import select

from compliance.audit import door
from daigou.core import clock
from daigou.core.access import Actor, require
from daigou.core.db import db, load, load_locked, transaction
from daigou.core.errors import Impossible
from daigou.orders.models import OrderItem
from traceability.inspection.models import Inspection
from traceability.passport import service as passports

from . import rules
from .models import StockUnit
from .receiving import home, place, who


def item_for_report(actor: Actor, item_ref: str) -> OrderItem:
    """The item, for its shopper, its merchant and staff."""
    item = load(OrderItem, ref=item_ref)
    require(actor, "order.view", item)
    return item


def accept(actor: Actor, item_ref: str) -> OrderItem:
    """Item -> in stock: the shopper is content with what the inspection showed."""
    with transaction():
        item = load_locked(OrderItem, ref=item_ref)
        door.transition(actor, item, "accept")
        passports.open_passport(item.id, item.title, "", item.origin)
        passports.record(item.id, "storing", "active", place(home()), who(home()), {})
        return item


def accept_silent(actor: Actor, limit: int = 200) -> int:
    """Take in conformant items nobody said anything about for a week. Others wait for their shopper's word."""
    statement = (
        select(OrderItem.ref)
        .join(Inspection, Inspection.item_id == OrderItem.id)
        .where(
            OrderItem.state == "inspected",
            OrderItem.state_since < clock.now() - rules.ACCEPT_AFTER,
            Inspection.verdict == "conformant",
        )
        .limit(limit)
    )
    done = 0
    for ref in list(db.session.execute(statement).scalars()):
        try:
            accept(actor, ref)
            done += 1
        except Impossible:
            continue  # the shopper was faster
    return done


def unit_of(item: OrderItem) -> StockUnit | None:
    return db.session.execute(select(StockUnit).filter_by(item_id=item.id)).scalar_one_or_none()
