"""A short-lived signed link to pay one bill: what the QR code on its page holds, to go on by phone.

Whoever has it may pay that bill, see its amount, and nothing else; nobody is signed in by it.
"""

from __future__ import annotations

from typing import Final

from flask import current_app
from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from daigou.accounts.models import Account
from daigou.core.access import Actor
from daigou.core.config import Config
from daigou.core.db import find, load
from daigou.core.errors import Impossible, NotFound
from daigou.core.i18n import lazy
from daigou.orders.models import Bill

LIFE_SECONDS: Final = 15 * 60


def link_to(bill: Bill) -> str:
    """The address in the code. Good for LIFE_SECONDS."""
    config: Config = current_app.extensions["config"]
    return f"{config.base_url}/pay/{_signer(config).dumps(bill.ref)}"


def bill_of(token: str) -> Bill:
    """The bill behind a link. NotFound for a forged one, Impossible for one that has run out."""
    try:
        ref = _signer(current_app.extensions["config"]).loads(token, max_age=LIFE_SECONDS)
    except SignatureExpired as late:
        words = lazy("This code has run out. Load the bill’s page anew and scan the code there.")
        raise Impossible("pay_link.expired", words) from late
    except BadSignature as forged:
        raise _unknown() from forged
    found = find(Bill, ref=str(ref))
    if found is None:
        raise _unknown()
    return found


def payer_of(bill: Bill) -> Actor:
    """Who pays by a link: the bill's own shopper, with a shopper's rights and no session."""
    account = load(Account, id=bill.account_id)
    return Actor(account.subject, account.id, None, frozenset({"shopper"}))


def _unknown() -> NotFound:
    return NotFound("pay_link.unknown", lazy("There is no such thing here, or it is not yours."))


def _signer(config: Config) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(config.secret_key, salt="pay-link")
