"""A phone number, confirmed by a code sent to it. Sealed, found by its blind index; it never opens the account."""

from __future__ import annotations

from flask import current_app

from compliance.audit import door
from daigou.core.access import Actor, require
from daigou.core.crypto import blind_index
from daigou.core.db import load_locked, transaction
from daigou.core.errors import Invalid, Unavailable
from daigou.core.i18n import lazy
from daigou.risk.network import service as network

from . import codes, letters
from .addresses.rules import international
from .models import Account

KIND = "phone"


def ask(actor: Actor, typed: str, country: str) -> None:
    """Have a code sent to the number. Invalid at ``phone`` for none, Unavailable without a gateway."""
    require(actor, "account.use")
    if current_app.extensions["sms"] is None:
        raise Unavailable("phone.no_gateway", lazy("Text messages can’t be sent here."))
    number = international(typed, country)
    if number is None:
        raise Invalid({"phone": lazy("This is no phone number we can write to. Begin with + and the country code.")})
    with transaction():
        account = load_locked(Account, id=actor.account_id)
        letters.phone_code(account, number, codes.issue(account, KIND, number))
        door.record(actor, account, "phone_asked")


def confirm(actor: Actor, typed: str) -> None:
    """The code has arrived there: the number is the account's. Invalid at ``code``."""
    require(actor, "account.use")
    with transaction():
        account = load_locked(Account, id=actor.account_id)
        found = codes.redeem(account, KIND, typed)
        if found is not None:
            account.phone = found.target
            account.phone_index = blind_index("accounts.phone", found.target)
            network.link(account.id, network.PHONE, found.target)
            found.target = None
            door.record(actor, account, "phone_confirmed")
            letters.factor_added(account, KIND)
    if found is None:
        raise codes.wrong()


def forget(account: Account) -> None:
    account.phone = None
    account.phone_index = None  # type: ignore[assignment]  # index columns are typed as never empty


def remove(actor: Actor) -> None:
    require(actor, "account.use")
    with transaction():
        account = load_locked(Account, id=actor.account_id)
        forget(account)
        codes.revoke(account, KIND)
        door.record(actor, account, "phone_removed")
        letters.factor_removed(account, KIND)
