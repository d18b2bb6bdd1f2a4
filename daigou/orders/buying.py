"""What merchants do with paid items: buy them, with the receipt, or say that they can't."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from compliance.audit import door
from daigou.accounts.models import Merchant
from daigou.catalog.models import Listing
from daigou.core import clock, outbox
from daigou.core.access import Actor, require
from daigou.core.db import find, load, load_locked, transaction
from daigou.core.errors import Invalid, NotFound
from daigou.core.i18n import lazy
from daigou.core.money import Money
from daigou.documents import service as documents
from daigou.documents.access import by_kind
from daigou.documents.models import StoredFile
from traceability.passport import service as passports

from . import letters, screening
from .models import OrderItem

RECEIPT_BYTES = 10 * 1024 * 1024
RECEIPTS = frozenset({"application/pdf", "image/png", "image/jpeg"})


@dataclass(frozen=True, slots=True)
class Purchase:
    """``paid`` is what the supplier got, in the merchant's currency; ``receipt`` the uploaded file."""

    supplier: str
    paid: Money
    purchased_on: date
    receipt: Any
    inbound_tracking: str
    serial: str = ""


def record_purchase(actor: Actor, item_ref: str, purchase: Purchase) -> OrderItem:
    """The merchant has bought the item: receipt kept, passport opened, the shopper told. Impossible when not paid."""
    item = _own_item(actor, item_ref)
    _check(item, purchase)
    screening.require_clear(item.order_ref)
    receipt_file = _read_receipt(purchase.receipt)  # takes a moment: before anything is locked
    with transaction():
        item = load_locked(OrderItem, ref=item_ref)
        item.machine.find(item.state, "purchase")  # before a file is kept for nothing
        shop = load(Merchant, id=item.merchant_id)
        receipt = documents.store(
            actor, item.stream, shop.subject, "transaction", "receipt", receipt_file,
            allowed=RECEIPTS, limit=RECEIPT_BYTES,
        )  # fmt: skip
        item.supplier, item.serial = purchase.supplier, purchase.serial
        item.purchased_at = datetime.combine(purchase.purchased_on, time(12), UTC)
        item.receipt_file_id, item.inbound_tracking = receipt.id, purchase.inbound_tracking
        door.transition(
            actor, item, "purchase", receipt=receipt.sha256, paid=f"{purchase.paid.minor} {purchase.paid.currency}"
        )
        _stamp(item, shop, receipt)
        letters.tell_purchased(item, shop.name)
    return item


def fail_purchase(actor: Actor, item_ref: str, reason: str) -> OrderItem:
    """It can't be bought: the shopper is told and gets everything back."""
    if reason not in REASONS:
        raise Invalid({"reason": lazy("Choose one of the reasons.")})
    with transaction():
        item = load_locked(OrderItem, ref=item_ref)
        door.transition(actor, item, "fail_purchase", reason=reason)
        outbox.put("item.invalid", item_id=item.id)
        letters.tell_invalid(item, load(Merchant, id=item.merchant_id).name)
    return item


REASONS = ("sold_out", "price_rose", "not_allowed", "not_found")


def receipt_of(item: OrderItem) -> StoredFile | None:
    return find(StoredFile, id=item.receipt_file_id) if item.receipt_file_id else None


def may_read_receipt(actor: Actor, file: StoredFile) -> None:
    """The shopper, the merchant and officers read a receipt. Raises NotFound for everybody else."""
    kind, _, key = file.about.partition("/")
    item = find(OrderItem, id=key) if kind == "item" else None
    if item is None:
        raise NotFound("document.not_found", lazy("There is no such thing here, or it is not yours."))
    require(actor, "order.view", item)


by_kind["receipt"] = may_read_receipt


def _check(item: OrderItem, purchase: Purchase) -> None:
    if purchase.paid.currency != item.merchant_currency:
        words = lazy("The price is in %(currency)s, your shop’s currency.", currency=item.merchant_currency)
        raise Invalid({"paid": words})
    # Where the merchant is, it may be tomorrow already, and the order may have come the day before.
    day = timedelta(days=1)
    if not item.created_at.astimezone(UTC).date() - day <= purchase.purchased_on <= clock.today() + day:
        raise Invalid({"purchased_on": lazy("The day lies between the order and today.")})


def _own_item(actor: Actor, item_ref: str) -> OrderItem:
    item = load(OrderItem, ref=item_ref)
    require(actor, "item.purchase", item)
    return item


def _read_receipt(upload: Any) -> Any:
    try:
        return documents.check(upload, allowed=RECEIPTS, limit=RECEIPT_BYTES)
    except Invalid as refusal:
        raise Invalid({"receipt": next(iter(refusal.fields.values()))}) from refusal


def _stamp(item: OrderItem, shop: Merchant, receipt: StoredFile) -> None:
    listing = find(Listing, id=item.listing_id) if item.listing_id else None
    passports.open_passport(item.id, item.title, listing.brand if listing else "", item.origin)
    evidence: dict[str, Any] = {"receipt": receipt.sha256}
    if item.serial:  # a serial number may name its owner elsewhere: only its digest is public
        evidence["serial"] = hashlib.sha256(f"{item.id}|{item.serial}".encode()).hexdigest()
    place = ", ".join(part for part in (shop.city, shop.country) if part)
    passports.record(item.id, "commissioning", "active", place, shop.name, evidence, _moment(item))


def _moment(item: OrderItem) -> datetime | None:
    """The purchase's day at noon, but never an instant to come."""
    return None if item.purchased_at is None else min(item.purchased_at, clock.now())
