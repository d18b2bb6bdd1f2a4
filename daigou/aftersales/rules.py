"""Pure rules of returns."""

from daigou.core.states import Machine, move

RETURN = Machine(
    "return",
    "opened",
    move("approve", "opened", "approved", "return.decide"),
    move("decline", "opened", "declined", "return.decide"),
    move("withdraw", "opened", "withdrawn", "return.withdraw"),
    move("receive", "approved", "received", "return.receive"),
    move("refund", "approved received", "refunding", "return.decide"),
    move("settle", "refunding", "refunded", "return.settle"),
)

REASONS = ("not_as_described", "damaged", "changed_mind")
