"""Things come in: found by what is on the label, weighed, measured, put on a shelf."""

from __future__ import annotations

from sqlalchemy import func, or_, select

from compliance.audit import door
from daigou.core import clock
from daigou.core.access import Actor, require
from daigou.core.db import Page, db, find, keyset, load, load_locked, transaction
from daigou.core.errors import Impossible
from daigou.core.i18n import lazy
from daigou.orders.models import OrderItem
from traceability.passport import service as passports

from . import letters, rules
from .models import StockUnit, Warehouse
from .rules import Arrival

HOME = "OSA1"


def home() -> Warehouse:
    """The one warehouse of now."""
    return load(Warehouse, code=HOME)


def expected(actor: Actor, cursor: str | None) -> Page:
    """Items that were bought and are on their way here, the longest awaited first."""
    require(actor, "warehouse.work")
    statement = select(OrderItem).where(OrderItem.state == "purchased")
    return keyset(statement, OrderItem.state_since, OrderItem.id, cursor=cursor, descending=False)


def scan(actor: Actor, code: str) -> list[OrderItem]:
    """Items whose inbound tracking number or own reference was scanned; one label may stand for several items."""
    require(actor, "warehouse.work")
    wanted = rules.code_of(code)
    on_label = (OrderItem.inbound_tracking != "") & (func.upper(OrderItem.inbound_tracking) == wanted)
    statement = select(OrderItem).where(or_(on_label, OrderItem.ref == wanted)).order_by(OrderItem.id).limit(50)
    return list(db.session.execute(statement).scalars())


def receive(actor: Actor, item_ref: str, arrival: Arrival) -> StockUnit:
    """Item -> received, with its place and measures. Impossible when it was received already."""
    with transaction() as session:
        item = load_locked(OrderItem, ref=item_ref)
        if find(StockUnit, item_id=item.id) is not None:
            raise Impossible("item.received", lazy("This item was received already. Scan the next one."))
        warehouse = home()
        door.transition(actor, item, "receive", warehouse=warehouse.code, weight_g=arrival.weight_g)
        unit = _unit(actor, item, warehouse, arrival)
        session.add(unit)
        passports.open_passport(item.id, item.title, "", item.origin)
        passports.record(
            item.id, "receiving", "in_progress", place(warehouse), who(warehouse), {"weight_g": arrival.weight_g}
        )
        letters.arrived(item, unit)
        return unit


def _unit(actor: Actor, item: OrderItem, warehouse: Warehouse, arrival: Arrival) -> StockUnit:
    return StockUnit(
        item_id=item.id,
        warehouse_id=warehouse.id,
        bin=arrival.bin,
        weight_g=arrival.weight_g,
        length_mm=arrival.length_mm,
        width_mm=arrival.width_mm,
        height_mm=arrival.height_mm,
        received_by=actor.account_id,
        storage_until=rules.storage_until(clock.now()),
    )


def place(warehouse: Warehouse) -> str:
    return f"{warehouse.city}, {warehouse.country}"


def who(warehouse: Warehouse) -> str:
    """On passports a role stands, never a person."""
    return f"Warehouse {warehouse.code}"
