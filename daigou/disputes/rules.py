"""Pure rules of payment disputes: the case's life, when it must be answered, and who bears what was lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from daigou.core.money import Money, total
from daigou.core.states import Machine, move
from daigou.ledger.rules import Line, credit, debit
from daigou.providers.payment import BookLine

DISPUTE = Machine(
    "dispute",
    "opened",
    # an inquiry: the bank asks, no money has moved yet
    move("warn", "opened", "warning", "dispute.settle"),
    move("ask", "opened warning", "evidence_due", "dispute.settle"),
    move("submit", "evidence_due warning", "submitting", "dispute.answer"),
    move("confirm", "submitting", "submitted", "dispute.settle"),
    move("refuse", "submitting", "evidence_due", "dispute.settle"),
    # answered in the provider's own dashboard
    move("review", "opened warning evidence_due", "submitted", "dispute.settle"),
    move("accept", "evidence_due warning", "accepted", "dispute.answer"),
    move("win", "opened warning evidence_due submitting submitted accepted", "won", "dispute.settle"),
    move("lose", "opened warning evidence_due submitting submitted", "lost", "dispute.settle"),
)
OPEN = ("opened", "warning", "evidence_due", "submitting", "submitted")
ANSWERABLE = ("warning", "evidence_due")

# The provider's status in our moves.
MOVES = {
    "warning_needs_response": "warn",
    "needs_response": "ask",
    "warning_under_review": "review",
    "under_review": "review",
    "warning_closed": "win",
    "won": "win",
    "prevented": "win",
    "lost": "lose",
}

# If nobody has sent the evidence by then, a job sends what there is: a late answer is a lost case.
SUBMIT_BEFORE = timedelta(hours=24)
# Inside it the queue shows a case as urgent.
URGENT = timedelta(hours=72)

# What the provider takes as words, and as a file, with what we put there (docs.stripe.com/disputes/evidence, 2026-11).
TEXTS = (
    *("product_description", "customer_name", "customer_email_address", "billing_address", "service_date"),
    *("shipping_address", "shipping_carrier", "shipping_date", "shipping_tracking_number"),
    *("refund_policy_disclosure", "refund_refusal_explanation", "uncategorized_text"),
)
PAPERS = ("receipt", "service_documentation", "shipping_documentation", "customer_communication")
LONGEST_TEXT = 20_000
ALL_TEXTS = 150_000
ALL_PAPERS = 4_500_000  # bytes, all files of one case together


def is_due(due_at: datetime, now: datetime) -> bool:
    """Whether the job must send it now."""
    return due_at - SUBMIT_BEFORE <= now


def trimmed(texts: Mapping[str, str]) -> dict[str, str]:
    """What may be sent: known fields that say something, each and all together within the provider's limits."""
    kept = {name: texts[name].strip()[:LONGEST_TEXT] for name in TEXTS if texts.get(name, "").strip()}
    left = ALL_TEXTS - sum(len(text) for name, text in kept.items() if name != "uncategorized_text")
    if "uncategorized_text" in kept:
        kept["uncategorized_text"] = kept["uncategorized_text"][:left]
    return kept


@dataclass(frozen=True, slots=True)
class Taking:
    """What a lost case takes from one item's (or parcel's) held money, and what of its price is held no more."""

    owner: str
    held: Money
    gone: Money


def takings(
    disputed: Money, parts: Sequence[tuple[str, Money]], held: Mapping[str, Money], most: Money | None = None
) -> list[Taking]:
    """Divide a lost amount over what the payment was for: by price, from the held money first.

    ``most`` is what of this payment has not gone back before: held money beyond it came from another payment.

    A part's share is taken from its own held money; what that lacks is ``gone``: it was paid out or refunded before,
    and is fetched back from its merchant. ``parts`` are the bill's owners with their amounts.
    """
    shares = disputed.allocate([max(amount.minor, 0) for _, amount in parts])
    found, most = [], disputed if most is None else most
    for (owner, _), share in zip(parts, shares, strict=True):
        here = min(share, held.get(owner, Money.zero(share.currency)), most)
        most -= here
        found.append(Taking(owner, here, share - here))
    return found


# ---- what each event does to the books


def moved(dispute: str, line: BookLine) -> list[Line]:
    """A bank took money (negative line) or gave it back. Until the case is decided it stands on the case's account."""
    return [
        debit("disputed", -line.gross, dispute),
        debit("clearing", line.net),
        debit("provider_fee", line.fee),
    ]


def lost(dispute: str, taken: Sequence[Taking], cost: Money, worth: Money) -> list[Line]:
    """The case is lost: held money pays for it, the rest is ours (and then its merchants') to bear.

    ``cost`` is what the bank took in the settlement currency, ``worth`` what the held part had brought in there when it
    was captured; what the days between made of it is exchange result.
    """
    currency = taken[0].held.currency
    held = total((t.held for t in taken), currency)
    whole = held + total((t.gone for t in taken), currency)
    part = cost.times(Fraction(held.minor, whole.minor)) if whole else Money.zero(cost.currency)
    lines = [debit("escrow", t.held, t.owner) for t in taken]
    lines += [credit("disputed", cost, dispute), debit("compensation", cost - part)]
    if cost.currency != currency:
        lines += [credit("exchange", held), debit("exchange", worth)]
        return [*lines, debit("exchange_result", part - worth)]
    return [*lines, debit("exchange_result", part - held)]


def won(dispute: str, rest: Money) -> list[Line]:
    """What the bank did not give back of what it took (``rest``), if anything, is our loss."""
    return [credit("disputed", rest, dispute), debit("compensation", rest)]
