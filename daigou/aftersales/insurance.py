"""What was lost or damaged on its way and insured: its shopper is refunded, its merchant paid, the insurer owes us.

The merchant has done its part when the goods reached our warehouse, so an insured loss is neither its nor the
shopper's.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import String, cast, func, select

from compliance.audit import proposals
from compliance.audit.models import Proposal
from daigou.core.access import Actor, require
from daigou.core.db import db, load_locked, transaction
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import lazy
from daigou.core.money import Money
from daigou.ledger import correcting
from daigou.ledger.models import Account, Balance
from daigou.ledger.rules import Line, credit, debit
from daigou.ledger.service import balance, post
from daigou.orders.models import OrderItem
from daigou.shipping.models import Parcel

INSURED = ("lost", "damaged")
"""How a parcel may have ended for its insurance to pay: what customs keeps, or what came back, is not covered."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What the insurer still owes for one parcel."""

    parcel: Parcel
    amount: Money


def is_insured(parcel: Parcel) -> bool:
    return parcel.insured and parcel.is_(*INSURED)


def cover(actor: Actor, parcel: Parcel, item: OrderItem) -> None:
    """Inside the ruling's transaction: the item's price is there twice, for its shopper's refund and for its merchant.

    The insurer owes the goods, for which they were insured; the rest of the price is of our own.
    """
    goods = Money(item.goods_minor, item.currency)
    lines = [
        debit("insurance_claim", goods, parcel.id),
        debit("compensation", item.total - goods),
        credit("escrow", item.total, item.id),
    ]
    post(actor, item, "insurance_claimed", f"item:{item.id}:insured", lines, parcel=parcel.ref)


def claims(actor: Actor) -> list[Claim]:
    """What insurers owe, parcel by parcel, the oldest first."""
    require(actor, "parcel.settle")
    amount = func.sum(Balance.balance)
    statement = (
        select(Parcel, Account.currency, amount)
        .join(Account, (Account.owner == cast(Parcel.id, String)) & (Account.kind == "insurance_claim"))
        .join(Balance, Balance.account_id == Account.id)
        .group_by(Parcel.id, Account.currency)
        .having(amount > 0)
        .order_by(Parcel.state_since)
        .limit(200)
    )
    return [Claim(parcel, Money(int(minor), currency)) for parcel, currency, minor in db.session.execute(statement)]


def claimed(parcel: Parcel) -> Money:
    return balance("insurance_claim", parcel.currency, parcel.id)


def propose_receipt(actor: Actor, ref: str, paid: Money, reason: str) -> Proposal:
    """The insurer has paid, or refused (zero): put before a second officer; what it does not pay is of our own.

    Invalid at ``paid`` for more than is owed; Impossible while an earlier word waits for its second officer.
    """
    with transaction():
        parcel: Parcel = load_locked(Parcel, ref=ref)
        require(actor, "parcel.settle", parcel)
        if proposals.open_about(correcting.KIND, parcel.stream) is not None:
            raise Impossible("parcel.receipt_waits", lazy("What the insurer paid waits for a second officer already."))
        owed = claimed(parcel)
        if paid.currency != owed.currency or not owed or paid > owed:
            raise Invalid({"paid": lazy("The insurer does not owe that much for this parcel.")})
        lines: list[Line] = [
            debit("bank", paid),
            debit("compensation", owed - paid),
            credit("insurance_claim", owed, parcel.id),
        ]
        return correcting.propose(actor, lines, reason, about=parcel.stream)
