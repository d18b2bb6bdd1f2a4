"""Pure rules of sourcing requests."""

from daigou.core.states import Machine, move

SOURCING = Machine(
    "sourcing",
    "open",
    move("quote", "open", "quoted", "sourcing.quote"),
    move("order", "quoted", "ordered", "order.place"),
    move("reopen", "quoted", "open", "sourcing.withdraw"),
    move("withdraw", "open quoted", "withdrawn", "sourcing.withdraw"),
)
