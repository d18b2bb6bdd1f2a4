"""The chart of accounts and what a valid transaction is. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from uuid import UUID, uuid5

from daigou.core.money import Money

_NAMESPACE = UUID("6f1c53a2-9c0e-5b0e-9d3c-2f8a3b6c7d10")

# What we owe is guarded on its credit side (-1): the database refuses to pay out more than came in.
# kind: (guard, what it holds)
KINDS: dict[str, tuple[int, str]] = {
    "clearing": (0, "our balance at the payment provider"),
    "bank": (0, "our own bank accounts"),
    "disputed": (0, "taken back by a bank while its case is open"),
    "exchange": (0, "the bridge between two currencies' books"),
    "escrow": (-1, "held for one order item or parcel until the shopper is content"),
    "wallet": (-1, "a shopper's balance with us"),
    "wallet_held": (-1, "set aside from a shopper's balance for a payment that is under way"),
    "refund_due": (-1, "promised back to a shopper, on its way through the provider"),
    "payable": (-1, "owed to a merchant"),
    "payout_transit": (-1, "sent to a merchant, not yet confirmed"),
    "deposit": (-1, "a merchant's deposit, against what it may come to owe"),
    "bank_transit": (0, "on its way from the payment provider to our bank"),
    "carrier_payable": (-1, "freight owed to a carrier"),
    "premium_held": (-1, "insurance premium held for the insurer"),
    "duty_held": (-1, "duty and import tax held for the authority"),
    "reserve": (-1, "the reserve fund"),
    "reserve_advanced": (-1, "what the reserve fund has advanced for a merchant, until it pays it back"),
    "vat_due": (-1, "value added tax in our own fees, due to the authority"),
    "service_fee": (0, "our fees from shoppers"),
    "commission": (0, "our commission from merchants"),
    "provider_fee": (0, "what the payment provider charges us"),
    "exchange_result": (0, "realised exchange gain (credit) and loss (debit)"),
    "claim": (1, "what a merchant owes us back"),
    "insurance_claim": (1, "what an insurer owes us for a parcel"),
    "compensation": (0, "what we paid of our own"),
    "warranty_premium": (-1, "paid for one cover, not yet earned"),
    "warranty_income": (0, "premiums of covers, earned day by day"),
    "warranty_provision": (-1, "set aside for what the official warranty will cost"),
    "warranty_cost": (0, "what guarantees cost us"),
    "repair_payable": (-1, "owed to a repair partner"),
}

# Whose natural side is the debit: what we have, what is owed to us, and what things cost us.
OURS = frozenset(
    {"clearing", "bank", "bank_transit", "disputed", "claim", "insurance_claim", "provider_fee", "compensation"}
    | {"warranty_cost"}
)


@dataclass(frozen=True, slots=True)
class Book:
    """One account: kind, currency and, for accounts of one thing or person, the owner's reference.

    ``code`` names it and ``id`` is made of that; both are asked for several times in each transaction.
    """

    kind: str
    currency: str
    owner: str | None = None
    code: str = field(init=False, repr=False, compare=False)
    id: UUID = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no such kind of account: {self.kind}")
        code = f"{self.kind}:{self.currency}:{self.owner}" if self.owner else f"{self.kind}:{self.currency}"
        object.__setattr__(self, "code", code)
        object.__setattr__(self, "id", _key(code))

    @property
    def guard(self) -> int:
        return KINDS[self.kind][0]


@lru_cache(maxsize=4096)
def _key(code: str) -> UUID:
    """Few accounts are in most transactions, and a hash is dear."""
    return uuid5(_NAMESPACE, code)


@dataclass(frozen=True, slots=True)
class Line:
    """``amount`` in minor units: positive is a debit."""

    book: Book
    amount: int

    def __neg__(self) -> Line:
        return Line(self.book, -self.amount)


def debit(kind: str, money: Money, owner: object | None = None) -> Line:
    return Line(Book(kind, money.currency, None if owner is None else str(owner)), money.minor)


def credit(kind: str, money: Money, owner: object | None = None) -> Line:
    return Line(Book(kind, money.currency, None if owner is None else str(owner)), -money.minor)


def imbalance(lines: Iterable[Line]) -> dict[str, int]:
    """Currencies whose lines do not sum to zero, and by how much."""
    sums: dict[str, int] = defaultdict(int)
    for line in lines:
        sums[line.book.currency] += line.amount
    return {currency: amount for currency, amount in sums.items() if amount}


def compact(lines: Iterable[Line]) -> list[Line]:
    """Lines of one account added up, zeros left out, ordered by account so that locks are always taken in one order."""
    sums: dict[Book, int] = defaultdict(int)
    for line in lines:
        sums[line.book] += line.amount
    return [Line(book, amount) for book, amount in sorted(sums.items(), key=lambda p: p[0].id.int) if amount]
