"""A bill as its payer sees it: how it can be paid, and how the last try went."""

from __future__ import annotations

from sqlalchemy import select

from daigou.accounts.models import Account
from daigou.core.access import Actor, require
from daigou.core.db import db, load
from daigou.core.money import Money
from daigou.methods.rules import Need
from daigou.orders.models import Bill

from .models import Attempt


def bill_for(actor: Actor, ref: str) -> Bill:
    """A bill of this shopper."""
    bill = load(Bill, ref=ref)
    require(actor, "bill.pay", bill)
    return bill


def latest_attempt(bill: Bill) -> Attempt | None:
    """The last try to pay it at the provider, for the page."""
    statement = (
        select(Attempt)
        .where(Attempt.bill_id == bill.id, Attempt.source == "provider")
        .order_by(Attempt.created_at.desc())
        .limit(1)
    )
    return db.session.execute(statement).scalar_one_or_none()


def need_of(bill: Bill, amount: Money | None = None, *, address: bool = True) -> Need:
    """What is to be paid at the provider (all of the bill), by whom, and the way that worked the last time.

    ``address``: whether a delivery address may be passed on; a page shows what is possible with one.
    """
    last = (
        select(Attempt.method)
        .where(Attempt.account_id == bill.account_id, Attempt.state == "succeeded", Attempt.source == "provider")
        .order_by(Attempt.created_at.desc())
        .limit(1)
    )
    country = load(Account, id=bill.account_id).country
    return Need(amount or bill.total, country, db.session.execute(last).scalar_one_or_none(), address)
