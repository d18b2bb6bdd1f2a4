"""What people hear of returns."""

from __future__ import annotations

from daigou.accounts.models import Account
from daigou.core.db import db
from daigou.core.i18n import _
from daigou.notices import service as notices

from .models import ReturnCase


def decided(case: ReturnCase) -> None:
    """To the shopper, inside the transaction that decides."""
    account = db.session.get_one(Account, case.account_id)
    with notices.speaking(account.locale, account.zone):
        title, body = _words(case)
        notices.tell(account.id, f"return.{case.state}", title, body, f"/returns/{case.ref}")


def _words(case: ReturnCase) -> tuple[str, str]:
    if case.is_("declined"):
        return _("Your return %(ref)s was declined", ref=case.ref), case.ruling
    if case.is_("approved"):
        words = _("Send the item back: the page shows where. Your money goes back when it has arrived.")
        return _("Your return %(ref)s is approved", ref=case.ref), words
    return _("Your return %(ref)s is approved", ref=case.ref), _("The refund is on its way.")
