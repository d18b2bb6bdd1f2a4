"""What people hear of returns."""

from __future__ import annotations

from sqlalchemy import any_, select, text

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


def label_made(case: ReturnCase) -> None:
    """To the shopper: the way back is paid."""
    account = db.session.get_one(Account, case.account_id)
    with notices.speaking(account.locale, account.zone):
        title = _("Your return label is ready: %(ref)s", ref=case.ref)
        body = _("Print it from the page of your return and hand the parcel in. We pay for the way and insure it.")
        notices.tell(account.id, "return.label", title, body, f"/returns/{case.ref}", once=case.id)


def label_failed(case: ReturnCase) -> None:
    """To support: a person finds the way back."""
    staff = text("NOT ('shopper' = ANY (roles))")  # as the index has it
    who = select(Account).where(staff, any_(Account.roles) == "support", Account.state == "active")
    for account in db.session.scalars(who):
        with notices.speaking(account.locale, account.zone):
            title = _("No return label for %(ref)s", ref=case.ref)
            body = _("The carrier made none. Find another way back, and write to the shopper.")
            url = f"/support/returns/{case.ref}?state=approved"
            notices.tell(account.id, "return.label_failed", title, body, url, once=case.id)
