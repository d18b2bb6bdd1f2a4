"""Pure rules of accounts and merchants."""

from daigou.core.states import Machine, move

ACCOUNT = Machine(
    "account",
    "unconfirmed",
    move("confirm", "unconfirmed", "active", "account.confirm"),
    move("suspend", "unconfirmed active", "suspended", "account.suspend"),
    move("restore", "suspended", "active", "account.suspend"),
    move("close", "unconfirmed active suspended", "closed", "account.close"),
)

MERCHANT = Machine(
    "merchant",
    "pending",
    move("activate", "pending suspended", "active", "merchant.activate"),
    move("suspend", "active", "suspended", "merchant.suspend"),
    move("close", "pending active suspended", "closed", "merchant.suspend"),
)
