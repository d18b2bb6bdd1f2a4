"""Items as far along as a test needs them, moved by an actor who may do everything."""

import io
import secrets
from datetime import timedelta

from PIL import Image

from compliance.audit import door
from daigou.accounts.models import Address
from daigou.core import clock, ids
from daigou.core.access import Actor
from daigou.core.db import db, transaction
from daigou.orders.models import Order, OrderItem, Quote
from daigou.warehouse.models import StockUnit
from daigou.warehouse.receiving import home
from tests import factories

PATH = ("pay", "purchase", "receive", "inspect", "accept", "pack", "ship", "deliver", "complete")


def anybody(shopper, merchant=None):
    roles = frozenset({"shopper", "merchant", "owner", "inspector", "system"})
    return Actor("test", shopper.id, merchant.id if merchant else None, roles)


def order(shopper, merchant, *titles, currency="EUR", **more):
    """An order with one item per title, unpaid."""
    quote = Quote(
        ref=ids.new_ref("QUO"),
        account_id=shopper.id,
        subject=shopper.subject,
        currency=currency,
        lines=[],
        total_minor=10_000,
        rate_day=clock.today(),
        valid_until=clock.now() + timedelta(days=1),
    )
    made = Order(
        ref=ids.new_ref("ORD"),
        account_id=shopper.id,
        subject=shopper.subject,
        quote_id=quote.id,
        currency=currency,
        country="DE",
        total_minor=10_000,
    )
    plain = {
        "category": "figures",
        "condition": "new",
        "origin": "JP",
        "hs_code": "9503.00",
        "quantity": 1,
        "merchant_currency": "JPY",
        "merchant_goods_minor": 12_000,
        "merchant_freight_minor": 800,
        "commission_minor": 600,
        "goods_minor": 8_000,
        "freight_minor": 500,
        "fee_minor": 480,
        "rate": "0.0066",
        "weight_g": 600,
        "length_mm": 300,
        "width_mm": 200,
        "height_mm": 150,
    }
    rows = [
        OrderItem(
            ref=ids.new_ref("ITM"),
            order_id=made.id,
            order_ref=made.ref,
            line_no=number,
            account_id=shopper.id,
            subject=shopper.subject,
            merchant_id=merchant.id,
            merchant_ref=merchant.ref,
            title=title,
            currency=currency,
            **{**plain, **more},
        )
        for number, title in enumerate(titles or ("Moon Courier Rin",), 1)
    ]
    actor = anybody(shopper, merchant)
    with transaction() as session:
        door.created(actor, quote)
        session.flush()
        door.created(actor, made)
        session.flush()
        for row in rows:
            door.created(actor, row)
        session.flush()
    return made, rows


def item(state="purchased", shopper=None, merchant=None, **more):
    """One item, moved along PATH until it is in ``state``; in the warehouse it has its shelf."""
    shopper = shopper or factories.account()
    merchant = merchant or factories.merchant()[0]
    made, (row,) = order(shopper, merchant, **more)
    with transaction() as session:
        row.inbound_tracking = f"JP{secrets.token_hex(4).upper()}"
        door.transition(anybody(shopper, merchant), made, "pay")
        for name in PATH:
            if row.state == state:
                break
            door.transition(anybody(shopper, merchant), row, name)
            session.flush()
            if name == "receive":
                session.add(unit(row, shopper))
    return row


def unit(row, by):
    return StockUnit(
        item_id=row.id,
        warehouse_id=home().id,
        bin="A-01",
        weight_g=row.weight_g,
        length_mm=row.length_mm,
        width_mm=row.width_mm,
        height_mm=row.height_mm,
        received_by=by.id,
        storage_until=clock.now() + timedelta(days=60),
    )


def address(shopper, country="DE", **more):
    row = Address(ref=ids.new_ref("ADR"), account_id=shopper.id, subject=shopper.subject, country=country)
    row.content = {
        "name": "Mara Vogel",
        "street": "Karl-Liebknecht-Straße 1",
        "city": "Leipzig",
        "postal_code": "04107",
        "region": "",
        "phone": "+49 341 1234567",
        "email": "mara@example.test",
        "tax_id": "",
        **more,
    }
    with transaction() as session:
        session.add(row)
    return row


def photo(colour=0, kind="JPEG", size=(640, 480)):
    out = io.BytesIO()
    Image.new("RGB", size, (180, colour % 256, 40)).save(out, kind)
    out.seek(0)
    return out


def fresh(row):
    """The row as it is now: work done by jobs lets go of everything that was loaded."""
    return db.session.get(type(row), row.id, populate_existing=True)
