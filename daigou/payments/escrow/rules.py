"""Pure rules of held money: how it is divided, and what the books say when it is released or taken back."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from daigou.core.money import Money
from daigou.core.states import Machine, move
from daigou.ledger.rules import Line, credit, debit

# Escrow of one item on its way to its merchant.
RELEASE = Machine(
    "release",
    "decided",
    move("submit", "decided waiting", "submitted", "release.settle"),
    move("wait", "decided submitted", "waiting", "release.settle"),
    move("settle", "decided submitted waiting", "paid", "release.settle"),
    move("fail", "decided submitted waiting", "failed", "release.settle"),
    move("retry", "failed", "decided", "release.decide"),
    # the bank sent it back days after it had been paid
    move("bounce", "paid", "failed", "release.settle"),
)


@dataclass(frozen=True, slots=True)
class Price:
    """What one item was sold for: the shopper's side and the merchant's, both frozen at order time."""

    goods: Money
    freight: Money
    fee: Money
    merchant_goods: Money
    merchant_freight: Money
    commission: Money

    @property
    def total(self) -> Money:
        return self.goods + self.freight + self.fee


@dataclass(frozen=True, slots=True)
class Share:
    """How held money is divided: our fee, what was paid for the goods, and what the merchant is owed for them."""

    fee: Money
    sold: Money
    due: Money
    commission: Money

    @property
    def net(self) -> Money:
        return self.due - self.commission


def share(price: Price, held: Money) -> Share:
    """Divide what is still held. Refunds are taken from the goods first, then from their freight, then from our fee."""
    gone = price.total - held
    goods = price.goods - min(price.goods, gone)
    gone -= price.goods - goods
    freight = price.freight - min(price.freight, gone)
    fee = held - goods - freight
    kept, carried = _part(goods, price.goods), _part(freight, price.freight)
    due = price.merchant_goods.times(kept) + price.merchant_freight.times(carried)
    return Share(fee, goods + freight, due, price.commission.times(kept))


def _part(left: Money, whole: Money) -> Fraction:
    return Fraction(left.minor, whole.minor) if whole else Fraction(0)


def released(escrow: str, merchant: str, held: Money, parts: Share) -> list[Line]:
    """Held money becomes our fee and the merchant's due, across currencies over the exchange accounts."""
    return [debit("escrow", held, escrow), *_divided("payable", merchant, parts, held.currency)]


def _divided(kind: str, merchant: str, parts: Share, currency: str) -> list[Line]:
    lines = [credit("service_fee", parts.fee), credit(kind, parts.net, merchant)]
    lines += [credit("commission", parts.commission)]
    bridge = "exchange" if parts.due.currency != currency else "exchange_result"
    return [*lines, credit(bridge, parts.sold), debit(bridge, parts.due)]


def set_aside(commission: Money, permille: Fraction) -> list[Line]:
    """The part of a commission that goes into the reserve fund, by the dated row of its day."""
    part = commission.times(permille / 1000)
    return [debit("commission", part), credit("reserve", part)]


def taken_back(escrow: str, merchant: str, amount: Money, parts: Share) -> list[Line]:
    """A release undone in part: what it had given to us and to the merchant is held again for the shopper.

    ``parts`` are the differences of two shares, so that all partial recoveries sum to what was released. The merchant
    had its part already: it owes it to us (``claim``).
    """
    undone = [-line for line in _divided("claim", merchant, parts, amount.currency)]
    return [credit("escrow", amount, escrow), *undone]


def less(whole: Share, rest: Share) -> Share:
    """What lies between two shares of one price."""
    return Share(whole.fee - rest.fee, whole.sold - rest.sold, whole.due - rest.due, whole.commission - rest.commission)


def freight_settled(parcel: str, freight: Money, premium: Money, duty: Money) -> list[Line]:
    """A parcel's held money goes to those who carried, insured and cleared it."""
    whole = freight + premium + duty
    lines = [debit("escrow", whole, parcel), credit("carrier_payable", freight)]
    return [*lines, credit("premium_held", premium), credit("duty_held", duty)]
