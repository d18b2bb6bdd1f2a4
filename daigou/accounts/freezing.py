"""When somebody else may be in an account: close it, tell its owner by mail, let them back with a new password.

Abnormal sign-ins come here by themselves, owners by the link in a mail, other rooms (risk) with a reason of theirs.
"""

from __future__ import annotations

from uuid import UUID

from compliance.audit import door
from daigou.core.access import Actor, system
from daigou.core.db import load, load_locked, transaction

from . import letters, tokens
from .models import Account
from .sessions import service as sessions

MACHINE = system("accounts")


def freeze(account_id: UUID, reason: str, actor: Actor = MACHINE) -> None:
    """End every session, let nobody in, mail the owner a link to choose a new password. Again it does nothing.

    ``reason`` is a word for the log and the mail: sign_in, owner, payment.
    """
    with transaction():
        account = load_locked(Account, id=account_id)
        if not account.is_("active"):
            return
        sessions.end_others(account, keep=None)
        door.transition(actor, account, "freeze", reason=reason)
        letters.frozen(account, tokens.issue(account, "password"), reason)


def thaw(account: Account, person: Actor) -> None:
    """A new password was chosen by mail, in the running transaction: back in use, but only with a second factor."""
    account.factor_required = True
    door.transition(person, account, "thaw")


def alarm(account: Account) -> str:
    """A token for the link “this was not me”."""
    return tokens.issue(account, "alarm")


def alarmed(token: str) -> Account:
    """Whose link it is; Impossible for a dead one."""
    return load(Account, id=tokens.owner("alarm", token))


def raise_alarm(token: str) -> None:
    """The owner says that a sign-in was not theirs. Impossible for a dead link."""
    with transaction():
        account = tokens.redeem("alarm", token)
        freeze(account.id, "owner")
