"""Pure rules of reconciliation: what a difference between our books and the provider's is, and what mends it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from daigou.core.states import Machine, move
from daigou.ledger.rules import Line, credit, debit
from daigou.providers.payment import BookLine

RUN = Machine(
    "reconciliation",
    "running",
    move("finish", "running", "finished", "difference.clear"),
    move("repeat", "running finished", "running", "difference.clear"),
)
FINDING = Machine(
    "difference",
    "open",
    # found in place by a later look
    move("clear", "open", "cleared", "difference.clear"),
    move("reopen", "cleared", "open", "difference.clear"),
    # explained by a person, with a reason
    move("resolve", "open", "resolved", "difference.settle"),
)

# A webhook and its job need a moment: what is younger than this is on its way, not missing.
IN_FLIGHT = timedelta(hours=1)

# Movements of the platform's own account that nothing but reconciliation books (the provider's reporting categories,
# docs.stripe.com/reports/reporting-categories, read 2026-11).
TO_BANK = frozenset({"topup", "topup_reversal", "payout", "payout_reversal", "payout_failure", "payout_cancel"})
FEES = frozenset({"fee", "network_cost", "tax_fee", "stripe_fee", "stripe_fx_fee"})

# Which of our transactions a category of theirs belongs to; categories that stand in no row are not compared by kind.
POSTED_AS = {
    "charge": "captured",
    "refund": "refunded",
    "refund_failure": "refunded",
    "dispute": "disputed",
    "dispute_reversal": "disputed",
    "transfer": "paid_out",
}


@dataclass(frozen=True, slots=True)
class Pair:
    """One line of theirs beside what we have posted under its number; None where one side has nothing.

    Amounts are minor units of one currency: theirs net and fee, ours on clearing and on provider_fee.
    """

    key: str
    kind: str
    created: datetime
    theirs: int | None
    fee: int
    ours: int | None
    our_fee: int
    our_kind: str | None
    elsewhere: int = 0  # of ours, on clearing accounts of other currencies


@dataclass(frozen=True, slots=True)
class Verdict:
    """``kind`` is timing, fee or fault; ``code`` names it."""

    kind: str
    code: str


def judge(pair: Pair, now: datetime) -> Verdict | None:
    """What a pair is when it is no match. None: it matches."""
    if pair.ours is None or pair.theirs is None:
        return _one_sided(pair, now)
    if pair.elsewhere:
        return Verdict("fault", "misposted")
    if pair.ours != pair.theirs:
        return Verdict("fault", "amount_differs")
    expected = POSTED_AS.get(pair.kind)
    if expected is not None and pair.our_kind != expected:
        return Verdict("fault", "misposted")
    return Verdict("fee", "fee_differs") if pair.our_fee != pair.fee and pair.kind not in FEES else None


def _one_sided(pair: Pair, now: datetime) -> Verdict:
    if now - pair.created < IN_FLIGHT:
        return Verdict("timing", "on_its_way")
    if pair.theirs is None:
        return Verdict("fault", "missing_there")
    if pair.kind in TO_BANK:
        return Verdict("timing", "own_movement")
    return Verdict("fee", "own_fee") if pair.kind in FEES else Verdict("fault", "missing_here")


def own_lines(line: BookLine) -> list[Line]:
    """A top-up or payout of the platform's own account, or a fee that came by itself."""
    if line.kind in TO_BANK:
        return [debit("clearing", line.net), debit("provider_fee", line.fee), credit("bank", line.gross)]
    return [debit("clearing", line.net), debit("provider_fee", line.fee - line.gross)]
