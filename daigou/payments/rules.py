"""Pure rules of paying, refunding and releasing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from daigou.core.money import Money
from daigou.core.states import Machine, move
from daigou.ledger.rules import Line, credit, debit
from daigou.providers.payment import BookLine

# One try to pay a bill on the provider's hosted page.
ATTEMPT = Machine(
    "attempt",
    "intended",
    move("open", "intended", "open", "bill.settle"),
    move("process", "intended open", "processing", "bill.settle"),
    # money that came although we had given it up still counts
    move("succeed", "intended open processing failed", "succeeded", "bill.settle"),
    # captured for a bill that no longer wants it: it goes back
    move("overpay", "intended open processing failed", "surplus", "bill.settle"),
    move("fail", "intended open processing", "failed", "bill.settle"),
)

REFUND = Machine(
    "refund",
    "requested",
    move("submit", "requested", "submitted", "refund.settle"),
    move("succeed", "requested submitted", "succeeded", "refund.settle"),
    # a bank may send a refund back days after it had succeeded
    move("fail", "requested submitted succeeded", "failed", "refund.settle"),
    move("retry", "failed", "requested", "refund.retry"),
    # the way it was paid is closed: to a bank account that the shopper names
    move("ask_bank", "failed", "bank_wanted", "refund.retry"),
    move("name_bank", "bank_wanted", "bank_named", "refund.name_bank"),
    move("name_bank", "bank_named", "bank_named", "refund.name_bank"),
    # a second officer has seen where it goes; from here on the account stays as it is
    move("approve_bank", "bank_named", "bank_approved", "refund.approve_bank"),
    move("pay_by_bank", "bank_approved", "succeeded", "refund.retry"),
    move("give_up_bank", "bank_wanted bank_named bank_approved", "failed", "refund.retry"),
)

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

PAYOUT_ACCOUNT = Machine(
    "payout_account",
    "intended",
    move("open", "intended", "onboarding", "payout.onboard"),
    move("enable", "intended onboarding restricted", "enabled", "release.settle"),
    move("restrict", "onboarding enabled", "restricted", "release.settle"),
)

# A hosted page lives an hour where the bill does; the provider allows no less than half an hour and no more than a day.
PAGE_LIFE = timedelta(hours=1)
SHORTEST_PAGE = timedelta(minutes=31)
# With less than this left a page is not handed out again.
USEFUL_PAGE = timedelta(minutes=2)
# How long money may be on its way where its method's row says nothing, and the time to pay after it did not come.
USUAL_WAIT_DAYS = 7
ONCE_MORE = timedelta(hours=24)
# The provider forgets idempotency keys after a day: from then on look first, never repeat blindly.
KEY_LIFE = timedelta(hours=23)

# Refusals of a transfer that time or the merchant can mend; all others need a person.
MENDABLE = frozenset({"balance_insufficient", "insufficient_capabilities_for_transfer", "account_invalid"})


def page_expiry(now: datetime, due_until: datetime) -> datetime:
    """Until when a hosted page may take money for a bill. It may outlive a bill that ends within half an hour."""
    return max(min(due_until, now + PAGE_LIFE), now + SHORTEST_PAGE).replace(microsecond=0)


Parts = list[tuple[str, Money]]


def parts_of(split: Sequence[Mapping[str, Any]], currency: str) -> Parts:
    """Where a bill's money goes, from its rows of {"escrow", "minor"}."""
    return [(str(row["escrow"]), Money(int(row["minor"]), currency)) for row in split]


def split_at(parts: Sequence[tuple[str, Money]], first: Money) -> tuple[Parts, Parts]:
    """A bill's parts (owner of escrow, amount) divided in their order: the first ones sum to ``first``."""
    left = first
    ours: Parts = []
    theirs: Parts = []
    for owner, amount in parts:
        taken = min(amount, left)
        left -= taken
        ours += [(owner, taken)] if taken else []
        theirs += [(owner, amount - taken)] if amount > taken else []
    return ours, theirs


def drawn(amount: Money, rooms: Sequence[Money]) -> list[Money]:
    """How much of a refund each payment gives back, the first ones first; what fits nowhere is asked of the first."""
    parts, left = [], amount
    for room in rooms:
        part = min(left, max(room, Money.zero(room.currency)))
        parts.append(part)
        left -= part
    return [parts[0] + left, *parts[1:]]


def wallet_part(available: Money, due: Money, least: Money) -> Money:
    """How much of a bill a balance pays: all it can, but it leaves nothing or at least the least charge."""
    part = min(available, due)
    if Money.zero(due.currency) < due - part < least:
        part = max(due - least, Money.zero(due.currency))
    return part


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


# ---- what each event does to the books (signed: a negative debit is a credit)


def captured(parts: Sequence[tuple[str, Money]], line: BookLine) -> list[Line]:
    """A payment came in for these owners of escrow; the provider booked ``line``, perhaps in another currency."""
    lines = [credit("escrow", amount, owner) for owner, amount in parts]
    lines += [debit("clearing", line.net), debit("provider_fee", line.fee)]
    currency = parts[0][1].currency
    if line.gross.currency != currency:
        lines += [debit("exchange", amount) for _, amount in parts]
        lines += [credit("exchange", line.gross)]
    return lines


def reserved(account: str, attempt: str, amount: Money) -> list[Line]:
    """A part of a shopper's balance is set aside for one payment; negated, it is given back."""
    return [debit("wallet", amount, account), credit("wallet_held", amount, attempt)]


def spent(attempt: str, parts: Sequence[tuple[str, Money]]) -> list[Line]:
    """What was set aside is held for these owners of escrow."""
    lines = [credit("escrow", amount, owner) for owner, amount in parts]
    return lines + [debit("wallet_held", amount, attempt) for _, amount in parts]


def to_wallet(refund: str, account: str, amount: Money) -> list[Line]:
    """A refund that was promised ends on the shopper's balance."""
    return [debit("refund_due", amount, refund), credit("wallet", amount, account)]


def set_apart(item: str, owner: str, amount: Money) -> list[Line]:
    """Held money that is not the item's any more stays held until its refund has begun."""
    return [debit("escrow", amount, item), credit("escrow", amount, owner)]


def refund_promised(escrow: str, refund: str, amount: Money) -> list[Line]:
    return [debit("escrow", amount, escrow), credit("refund_due", amount, refund)]


def refunded(refund: str, amount: Money, line: BookLine, worth: Money) -> list[Line]:
    """The provider gave ``amount`` back; a negative one came back to us, for a bank would not take it.

    ``worth`` (same sign) is what that part had brought in when it was captured, in the settlement currency: the
    difference to what it costs today is realised exchange gain or loss.
    """
    lines = [debit("refund_due", amount, refund), debit("clearing", line.net), debit("provider_fee", line.fee)]
    if line.gross.currency != amount.currency:
        lines += [credit("exchange", amount), debit("exchange", worth)]
        lines += [credit("exchange_result", line.gross + worth)]
    return lines


def compensated(escrow: str, amount: Money) -> list[Line]:
    """Of our own, for something that nothing is held for any more."""
    return [debit("compensation", amount), credit("escrow", amount, escrow)]


def credited(refund: str, account: str, amount: Money) -> list[Line]:
    """To the shopper's balance with us; what the provider holds stays where it is."""
    return [debit("refund_due", amount, refund), credit("wallet", amount, account)]


def refunded_by_bank(refund: str, amount: Money) -> list[Line]:
    return [debit("refund_due", amount, refund), credit("bank", amount)]


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


def sent(payout: str, merchant: str, amount: Money, out_of: str = "payable") -> list[Line]:
    """On its way to a merchant: what it is owed, or its ``deposit``."""
    return [debit(out_of, amount, merchant), credit("payout_transit", amount, payout)]


def arrived(payout: str, line: BookLine) -> list[Line]:
    """A transfer left the provider's balance; ``line`` is negative there."""
    return [debit("payout_transit", -line.gross, payout), debit("clearing", line.net), debit("provider_fee", line.fee)]


def reversed_(merchant: str, line: BookLine) -> list[Line]:
    """A transfer, or a part of it, came back into the provider's balance; ``line`` is positive there."""
    return [credit("claim", line.gross, merchant), debit("clearing", line.net), debit("provider_fee", line.fee)]


def withheld(merchant: str, amount: Money) -> list[Line]:
    """What a merchant owes is kept from what it is owed."""
    return [debit("payable", amount, merchant), credit("claim", amount, merchant)]


def taken_from_deposit(merchant: str, amount: Money) -> list[Line]:
    return [debit("deposit", amount, merchant), credit("claim", amount, merchant)]


def advanced(merchant: str, amount: Money) -> list[Line]:
    """The reserve fund stands in for a merchant. The claim on the merchant stays as it is.

    A negative amount is the fund refilled by what the merchant has paid back since.
    """
    return [debit("reserve", amount), credit("reserve_advanced", amount, merchant)]


def left_for_bank(payout: str, line: BookLine) -> list[Line]:
    """Money of ours went from the provider's balance to our own bank (negative ``line``), or it failed to arrive."""
    return [debit("bank_transit", -line.gross, payout), debit("clearing", line.net), debit("provider_fee", line.fee)]


def less(whole: Share, rest: Share) -> Share:
    """What lies between two shares of one price."""
    return Share(whole.fee - rest.fee, whole.sold - rest.sold, whole.due - rest.due, whole.commission - rest.commission)


def freight_settled(parcel: str, freight: Money, premium: Money, duty: Money) -> list[Line]:
    """A parcel's held money goes to those who carried, insured and cleared it."""
    whole = freight + premium + duty
    lines = [debit("escrow", whole, parcel), credit("carrier_payable", freight)]
    return [*lines, credit("premium_held", premium), credit("duty_held", duty)]


def worth(settled: Money, whole: Money, gone: Money, amount: Money) -> Money:
    """What ``amount`` of a payment of ``whole`` had brought in, after ``gone`` of it went back before.

    ``settled`` was booked for all of it. Rounded on the sum that has gone back, never on each part by itself: however a
    payment is cut up, its parts bring back exactly what came in, and nothing stays on the exchange accounts. A negative
    amount is one that comes back to us.
    """
    return share_of(settled, gone + amount, whole) - share_of(settled, gone, whole)


def share_of(settled: Money, part: Money, whole: Money) -> Money:
    return settled.times(Fraction(part.minor, whole.minor)) if whole else settled
