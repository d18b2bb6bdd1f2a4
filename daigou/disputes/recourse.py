"""What was paid out for an item before its payment was lost: fetched back from its merchant."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from daigou.core.access import Actor
from daigou.core.db import find
from daigou.core.money import Money
from daigou.ledger.rules import credit, debit
from daigou.ledger.service import post
from daigou.orders.models import OrderItem
from daigou.payments import releasing, rules
from daigou.payments.models import Release


def recover(actor: Actor, item: OrderItem, amount: Money, about: Any) -> Money:
    """Claim from an item's merchant what it got for ``amount`` of its price; answers with the claim.

    In the caller's transaction, posted on behalf of ``about``. Nothing is claimed for what
    never reached the merchant: our own fee, and goods that were refunded.
    """
    release = find(Release, item_id=item.id)
    price = releasing.price_of(item)
    paid = price.goods + price.freight
    if release is None or not paid:
        return Money.zero(item.merchant_currency)
    whole = rules.share(price, price.total).net
    due = min(whole.times(Fraction(min(amount, paid).minor, paid.minor)), release.amount)
    if due.minor > 0:
        lines = [debit("claim", due, item.merchant_id), credit("compensation", due)]
        post(actor, about, "recourse", f"recourse:{about.stream}:{item.id}", lines, item=item.ref)
    return due
