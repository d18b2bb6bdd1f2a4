"""What people hear of covers and claims."""

from __future__ import annotations

from sqlalchemy import any_, select, text

from daigou.accounts.models import Account
from daigou.core.db import db
from daigou.core.i18n import _, format_money
from daigou.core.money import Money
from daigou.notices import service as notices

from . import words
from .models import Cover, WarrantyClaim


def began(cover: Cover) -> None:
    account = db.session.get_one(Account, cover.account_id)
    with notices.speaking(account.locale, account.zone):
        title = _("Your extended warranty has begun: %(title)s", title=cover.title)
        body = _("It covers the item until %(day)s. Its certificate is on the page of the cover.", day=str(cover.ends))
        notices.tell(account.id, "cover.began", title, body, f"/covers/{cover.ref}", once=cover.id)


def cancelled(cover: Cover, back: Money) -> None:
    account = db.session.get_one(Account, cover.account_id)
    with notices.speaking(account.locale, account.zone):
        title = _("Your extended warranty is cancelled: %(title)s", title=cover.title)
        body = _("%(amount)s goes back the way you paid.", amount=format_money(back))
        notices.tell(account.id, "cover.cancelled", title, body, f"/covers/{cover.ref}", once=cover.id)


def moved(claim: WarrantyClaim) -> None:
    """To the shopper, inside the transaction that moves it."""
    account = db.session.get_one(Account, claim.account_id)
    with notices.speaking(account.locale, account.zone):
        title, body = words.told(claim)
        notices.tell(account.id, f"warranty.{claim.state}", title, body, f"/warranty/{claim.ref}")


def label_ready(claim: WarrantyClaim) -> None:
    account = db.session.get_one(Account, claim.account_id)
    with notices.speaking(account.locale, account.zone):
        title = _("Your label is ready: %(ref)s", ref=claim.ref)
        body = _("Print it from the page of your claim and hand the parcel in. The way is paid.")
        notices.tell(account.id, "warranty.label", title, body, f"/warranty/{claim.ref}", once=claim.id)


def late(claim: WarrantyClaim) -> None:
    """Support (an officer, of a second look) and the shopper hear once that a deadline has passed."""
    once, role = f"{claim.id}/{claim.due.isoformat()}", "officer" if claim.is_("appealed") else "support"
    for account in _staff(role):
        with notices.speaking(account.locale, account.zone):
            title = _("Claim %(ref)s is late", ref=claim.ref)
            body = _("Its deadline has passed. The shopper has been told that we are late.")
            notices.tell(account.id, "warranty.late", title, body, f"/support/warranty/{claim.ref}", once=once)
    shopper = db.session.get_one(Account, claim.account_id)
    with notices.speaking(shopper.locale, shopper.zone):
        title = _("We are late with your claim %(ref)s", ref=claim.ref)
        body = _("We promised you an answer by now. Somebody has been told to look at it at once.")
        notices.tell(shopper.id, "warranty.late", title, body, f"/warranty/{claim.ref}", once=once)


def _staff(role: str) -> list[Account]:
    staff = text("NOT ('shopper' = ANY (roles))")  # as the index has it
    who = select(Account).where(staff, any_(Account.roles) == role, Account.state == "active")
    return list(db.session.scalars(who))
