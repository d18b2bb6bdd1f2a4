"""Money of covers: held under their own names, given back to their payers, or owed by the merchant including them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from daigou.core.access import Actor
from daigou.core.db import transaction
from daigou.core.money import Money
from daigou.ledger.rules import credit, debit
from daigou.ledger.service import post
from daigou.orders.models import Bill
from daigou.payments.actor import SYSTEM
from daigou.payments.escrow import freezing
from daigou.payments.refunds import refunding, sources
from daigou.payments.refunds.models import Refund

from . import recourse


def refund_held(actor: Actor, owner: UUID, amount: Money, reason: str) -> list[Refund]:
    """What is held under a name of its own goes back to whoever paid it, one row a payment.

    Impossible for more than is held or was paid for it, as refund() says.
    """
    with transaction():
        parts = sources.of_owner(owner, amount)
        return [refunding.promise(actor, attempt, str(owner), part, reason, None) for attempt, part in parts]


def is_frozen(owner: UUID) -> bool:
    """Whether a bank disputes a payment for it."""
    return freezing.is_frozen(Bill.split.contains([{"escrow": str(owner)}]))


def charge(actor: Actor, about: Any, merchant_id: UUID, amount: Money, income: str) -> None:
    """A merchant owes us ``amount`` for ``about`` (a locked row, whose id owns the account ``income``), once.

    It is kept from the merchant's next payouts as its commission is: what is decided and not sent yet pays first.
    """
    with transaction():
        recourse.alone_with(merchant_id, amount.currency)
        lines = [debit("claim", amount, merchant_id), credit(income, amount, about.id)]
        if post(actor, about, "charged", f"{about.stream}:charged", lines):
            recourse.withhold(SYSTEM, recourse.unsent(merchant_id, amount.currency))
