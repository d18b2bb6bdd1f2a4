"""Pure rules of refunds: their life, which payments they are drawn from, what the books say of them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from daigou.core.money import Money
from daigou.core.states import Machine, move
from daigou.ledger.rules import Line, credit, debit
from daigou.providers.payment import BookLine

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


def drawn(amount: Money, rooms: Sequence[Money]) -> list[Money]:
    """How much of a refund each payment gives back, the first ones first; what fits nowhere is asked of the first."""
    parts, left = [], amount
    for room in rooms:
        part = min(left, max(room, Money.zero(room.currency)))
        parts.append(part)
        left -= part
    return [parts[0] + left, *parts[1:]]


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


def refunded_by_bank(refund: str, amount: Money) -> list[Line]:
    return [debit("refund_due", amount, refund), credit("bank", amount)]


def worth(settled: Money, whole: Money, gone: Money, amount: Money) -> Money:
    """What ``amount`` of a payment of ``whole`` had brought in, after ``gone`` of it went back before.

    ``settled`` was booked for all of it. Rounded on the sum that has gone back, never on each part by itself: however a
    payment is cut up, its parts bring back exactly what came in, and nothing stays on the exchange accounts. A negative
    amount is one that comes back to us.
    """
    return share_of(settled, gone + amount, whole) - share_of(settled, gone, whole)


def share_of(settled: Money, part: Money, whole: Money) -> Money:
    return settled.times(Fraction(part.minor, whole.minor)) if whole else settled


def to_wallet(refund: str, account: str, amount: Money) -> list[Line]:
    """A refund that was promised ends on the shopper's balance."""
    return [debit("refund_due", amount, refund), credit("wallet", amount, account)]
