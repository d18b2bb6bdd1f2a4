"""A merchant leaves when everything is settled: open orders, held money, what is owed either way, payouts under way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, literal, select, union_all

from compliance.audit import door, proposals
from compliance.qualification import conflicts, holds, life_letters
from daigou.accounts.models import Merchant
from daigou.core.access import Actor
from daigou.core.db import db, load_locked, transaction
from daigou.core.errors import Impossible
from daigou.core.i18n import lazy
from daigou.ledger.models import Account, Balance
from daigou.orders.models import OrderItem
from daigou.payments.escrow.models import Release

from .models import Payout, Recourse

DONE_ITEMS: Final = ("completed", "refunded", "withdrawn", "payment_pending")
"""States in which an item asks nothing of its merchant. An unpaid one expires by itself, and can't be paid for a shop
that is closed."""
OWN_BOOKS: Final = ("payable", "claim", "deposit", "reserve_advanced")

WORDS: Final = {
    "orders": lazy("open orders"),
    "held": lazy("money that is still held for finished orders"),
    "payouts": lazy("payouts under way"),
    "releases": lazy("releases of held money under way"),
    "recourse": lazy("money being taken back"),
    "payable": lazy("money owed to the merchant"),
    "claim": lazy("money that the merchant owes"),
    "deposit": lazy("the merchant’s deposit"),
    "reserve_advanced": lazy("money advanced by the reserve fund"),
}


@dataclass(frozen=True, slots=True)
class Open:
    """What is not settled: a code of WORDS, and how many or how much (minor units) there is."""

    code: str
    number: int


def unsettled(merchant: Merchant) -> list[Open]:
    """All that stands in the way of closing, in one query."""
    counts = [
        _count("orders", OrderItem, merchant, OrderItem.state.not_in(DONE_ITEMS)),
        _count("held", OrderItem, merchant, (OrderItem.state == "completed") & ~_released()),
        _count("payouts", Payout, merchant, Payout.state.in_(("intended", "submitted"))),
        _count("releases", Release, merchant, Release.state != "paid"),
        _count("recourse", Recourse, merchant, Recourse.state != "settled"),
    ]
    books = (
        select(Account.kind, func.abs(func.sum(Balance.balance)))
        .join(Balance, Balance.account_id == Account.id)
        .where(Account.owner == str(merchant.id), Account.kind.in_(OWN_BOOKS))
        .group_by(Account.kind)
    )
    found = db.session.execute(union_all(*counts, books)).all()
    return [Open(code, int(number)) for code, number in found if number]


def close(actor: Actor, ref: str, reason: str) -> Merchant:
    """End a merchant for good. Impossible while anything is open; the words say what."""
    with transaction():
        merchant = load_locked(Merchant, ref=ref)
        conflicts.require_none_with(actor, merchant)
        left = unsettled(merchant)
        if left:
            raise Impossible("merchant.unsettled", _words(left), open=[row.code for row in left])
        proposals.checked(reason)
        door.transition(actor, merchant, "close")
        holds.put(actor, merchant, "closure", merchant.ref)
        life_letters.closed(merchant)
    return merchant


def _words(left: Sequence[Open]) -> object:
    named = [WORDS[row.code] for row in left]
    return lazy("This shop can’t be closed yet. Still open: %(what)s.", what=_Listed(named))


class _Listed:
    """Words with commas between them, in the reader's language at the time of reading."""

    def __init__(self, words: Sequence[object]) -> None:
        self._words = words

    def __str__(self) -> str:
        return ", ".join(str(word) for word in self._words)


def _released() -> ColumnElement[bool]:
    return select(Release.id).where(Release.item_id == OrderItem.id).exists()


def _count(code: str, model: Any, merchant: Merchant, condition: ColumnElement[bool]) -> Select[str, int]:
    return select(literal(code), func.count()).select_from(model).where(model.merchant_id == merchant.id, condition)
