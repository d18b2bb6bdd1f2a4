"""Pure rules of paying, refunding and releasing."""

from daigou.core.states import Machine, move

# One try to pay a bill on the provider's hosted page.
ATTEMPT = Machine(
    "attempt",
    "intended",
    move("open", "intended", "open", "bill.settle"),
    move("process", "open", "processing", "bill.settle"),
    move("succeed", "intended open processing", "succeeded", "bill.settle"),
    move("fail", "intended open processing", "failed", "bill.settle"),
)

REFUND = Machine(
    "refund",
    "requested",
    move("submit", "requested", "submitted", "refund.settle"),
    move("succeed", "requested submitted", "succeeded", "refund.settle"),
    move("fail", "requested submitted", "failed", "refund.settle"),
    move("retry", "failed", "requested", "refund.request"),
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
)

PAYOUT_ACCOUNT = Machine(
    "payout_account",
    "intended",
    move("open", "intended", "onboarding", "payout.onboard"),
    move("enable", "intended onboarding restricted", "enabled", "release.settle"),
    move("restrict", "onboarding enabled", "restricted", "release.settle"),
)
