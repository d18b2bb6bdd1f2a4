"""Pure rules of accounts and merchants."""

from daigou.core.states import Machine, move

# Frozen: somebody else may be in it. It waits for its owner to choose a new password by mail.
# Withheld: suspended before it was ever confirmed, so that restoring does not confirm it.
ACCOUNT = Machine(
    "account",
    "unconfirmed",
    move("confirm", "unconfirmed", "active", "account.confirm"),
    move("freeze", "active", "frozen", "account.freeze"),
    move("thaw", "frozen", "active", "account.confirm"),
    move("suspend", "active frozen", "suspended", "account.suspend"),
    move("suspend", "unconfirmed", "withheld", "account.suspend"),
    move("restore", "suspended", "active", "account.suspend"),
    move("restore", "withheld", "unconfirmed", "account.suspend"),
    move("close", "unconfirmed active frozen suspended withheld", "closed", "account.close"),
)

MERCHANT = Machine(
    "merchant",
    "pending",
    move("activate", "pending suspended", "active", "merchant.activate"),
    move("suspend", "active", "suspended", "merchant.suspend"),
    move("close", "pending active suspended", "closed", "merchant.suspend"),
)
