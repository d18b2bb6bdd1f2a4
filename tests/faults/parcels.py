"""One item's way from the merchant to the carrier, decided by people and taken by the rooms themselves."""

from __future__ import annotations

from compliance.audit import door
from daigou.core.db import load_locked, transaction
from daigou.orders.models import Bill, OrderItem
from daigou.shipping import building, packing, service
from daigou.shipping.models import Parcel
from daigou.shipping.quoting import Choice
from tests import factories
from tests.warehouse import bench
from traceability.passport import service as passports

from .rows import fresh


class Sending:
    """The parcel of one paid item: packed, then asked to be sent, then followed."""

    def __init__(self, life) -> None:
        self.life, self.shop = life, life.shop
        self.shopper = factories.actor(life.account)
        self.inspector = factories.actor(factories.account("inspector"))
        self.ref = ""

    def to_the_shelf(self) -> Sending:
        anybody = bench.anybody(self.life.account, self.life.merchant)
        with transaction() as session:
            item = load_locked(OrderItem, ref=self.life.item)
            for move in ("purchase", "receive", "inspect", "accept"):
                door.transition(anybody, item, move)
                session.flush()
            session.add(bench.unit(item, self.life.account))
            passports.open_passport(item.id, item.title, "Hoshino", "JP")
        return self

    def packed(self) -> Sending:
        """Its freight is a second bill, paid like the first."""
        address = bench.address(self.life.account)
        self.ref = building.build(self.shopper, address.ref, [self.life.item]).ref
        building.submit(self.shopper, self.ref, Choice("nippon-ems", "DDP", insured=False))
        self.life.bill = fresh(Bill, parcel_id=fresh(Parcel, ref=self.ref).id).ref
        self.life.pay()
        self.shop.until(f"{self.ref} can be packed", lambda: self.row().is_("freight_paid"))
        packing.pack(self.inspector, self.ref, self.row().actual_g or 700)
        return self

    def ask(self) -> Sending:
        service.ask_to_ship(self.inspector, self.ref)
        return self

    def row(self) -> Parcel:
        return fresh(Parcel, ref=self.ref)

    def is_sent(self) -> bool:
        return bool(self.row().tracking_code)
