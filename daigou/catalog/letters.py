"""What a shop's people hear of their listings, each in their own language."""

from __future__ import annotations

from sqlalchemy import select

from daigou.accounts.models import Account, Member
from daigou.core.db import db
from daigou.core.i18n import _
from daigou.notices import service as notices
from daigou.risk.models import RiskCase

from .models import Listing


def decided(listing: Listing, case: RiskCase) -> None:
    """An officer has looked at a listing that a rule held back."""
    for account in people_of(listing):
        with notices.speaking(account.locale, account.zone):
            title = _("In the shop: %(title)s", title=listing.title)
            body = _("We have looked at it and found nothing wrong.")
            if case.is_("upheld"):
                title = _("Not published: %(title)s", title=listing.title)
                body = case.ruling
            url = f"/merchant/listings/{listing.ref}/edit"
            notices.tell(account.id, f"listing.{case.state}", title, body, url, once=case.id)


def people_of(listing: Listing) -> list[Account]:
    """Everybody who works for the shop."""
    members = select(Member.account_id).where(Member.merchant_id == listing.merchant_id)
    return list(db.session.scalars(select(Account).where(Account.id.in_(members))))
