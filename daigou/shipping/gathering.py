"""What a parcel is gathered from: items in stock, and an address that customs there can work with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from compliance.customs import service as duties
from daigou.accounts.models import Address
from daigou.core import clock
from daigou.core.access import Actor, require
from daigou.core.db import db
from daigou.core.errors import Invalid
from daigou.core.i18n import lazy, nlazy
from daigou.orders.models import OrderItem

from .models import Parcel, ParcelItem

MOST_ITEMS = 20


def packable(actor: Actor) -> list[OrderItem]:
    """What the shopper has in stock."""
    require(actor, "parcel.build")
    statement = (
        select(OrderItem)
        .where(OrderItem.account_id == actor.account_id, OrderItem.state == "in_stock")
        .order_by(OrderItem.id)
        .limit(200)
    )
    return list(db.session.execute(statement).scalars())


def addresses(actor: Actor) -> list[Address]:
    """Where the shopper can have it sent, the newest first."""
    statement = (
        select(Address)
        .where(Address.account_id == actor.account_id, Address.archived_at.is_(None))
        .order_by(Address.id.desc())
        .limit(50)
    )
    return list(db.session.execute(statement).scalars())


def address_of(actor: Actor, ref: str) -> Address:
    """One of the shopper's own; Invalid at ``address`` otherwise."""
    address = db.session.execute(select(Address).filter_by(ref=ref, archived_at=None)).scalar_one_or_none()
    if address is None or address.account_id != actor.account_id:
        raise Invalid({"address": lazy("Choose one of your addresses.")})
    return address


def require_identified(address: Address) -> None:
    """Invalid when customs there asks for the recipient's number and the address has none."""
    number = duties.importer_id(address.country, clock.today())
    if number is not None and not (address.content or {}).get("tax_id"):
        words = lazy(
            "Customs there asks for the recipient’s number (%(number)s). Add it to the address first.", number=number
        )
        raise Invalid({"address": words}, "parcel.importer_id")


def stocked(actor: Actor, refs: Sequence[str]) -> list[OrderItem]:
    """The items, locked in one order so that two parcels never wait for each other."""
    wanted = set(refs)
    if not wanted:
        raise Invalid({"items": lazy("Choose at least one item.")})
    if len(wanted) > MOST_ITEMS:
        raise Invalid(
            {
                "items": nlazy(
                    "A parcel holds at most %(num)d item.", "A parcel holds at most %(num)d items.", MOST_ITEMS
                )
            }
        )
    statement = select(OrderItem).where(OrderItem.ref.in_(wanted), OrderItem.account_id == actor.account_id)
    found = _locked(statement)
    if len(found) != len(wanted):
        raise Invalid({"items": lazy("One of these items is not yours. Choose again.")})
    if any(not i.is_("in_stock") for i in found):
        raise Invalid({"items": lazy("One of these items is not in stock any more. Choose again.")})
    if len({i.currency for i in found}) > 1:
        raise Invalid({"items": lazy("Items paid in different currencies go in separate parcels.")})
    return found


def _locked(statement: Any) -> list[OrderItem]:
    locked = statement.order_by(OrderItem.id).with_for_update(of=OrderItem).execution_options(populate_existing=True)
    return list(db.session.execute(locked).scalars())


def locked_items(parcel: Parcel) -> list[OrderItem]:
    """What lies in it, locked. The caller holds the parcel's lock."""
    inside = select(ParcelItem.item_id).where(ParcelItem.parcel_id == parcel.id, ParcelItem.removed_at.is_(None))
    return _locked(select(OrderItem).where(OrderItem.id.in_(inside)))
