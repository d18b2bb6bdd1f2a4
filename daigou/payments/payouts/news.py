"""What merchants hear of their payouts, and officers of what stands in their way."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from daigou.accounts.models import Account, Member
from daigou.core.db import db, load, transaction
from daigou.core.i18n import _, format_money, ngettext
from daigou.notices import service as notices
from daigou.payments.news import officers

from .models import Payout, ProviderPayout

PAGE = "/merchant/payouts"


def owners(merchant_id: UUID) -> list[Account]:
    statement = (
        select(Account)
        .join(Member, Member.account_id == Account.id)
        .where(Member.merchant_id == merchant_id, Member.role == "owner")
    )
    return list(db.session.execute(statement).scalars())


def paid(payout_id: UUID) -> None:
    with transaction():
        row = load(Payout, id=payout_id)
        for account in owners(row.merchant_id):
            with notices.speaking(account.locale, account.zone):
                title = _("%(amount)s was paid out to you", amount=format_money(row.amount))
                body = (
                    _("It is your deposit.")
                    if row.out_of == "deposit"
                    else ngettext(
                        "Payout %(ref)s is for %(num)d item.",
                        "Payout %(ref)s is for %(num)d items.",
                        row.releases,
                        ref=row.ref,
                    )
                )
                notices.tell(account.id, "payout.paid", title, body, PAGE, once=row.id)


def deposit_stays(row: Payout) -> None:
    """Inside the running transaction: a deposit did not go out, and officers look why."""
    for account in officers():
        with notices.speaking(account.locale):
            title = _("The deposit of %(ref)s did not go out", ref=row.merchant_ref)
            body = _("It is a deposit again. Look at the reason, then put it before a second officer anew.")
            page = f"/officer/merchants/{row.merchant_ref}"
            notices.tell(account.id, "deposit.stays", title, body, page, once=f"{row.id}/{row.state}")


def bank_refused(provider_payout_id: UUID) -> None:
    with transaction():
        row = load(ProviderPayout, id=provider_payout_id)
        for account in owners(row.merchant_id) if row.merchant_id else ():
            with notices.speaking(account.locale, account.zone):
                title = _("Your bank sent %(amount)s back", amount=format_money(row.amount))
                body = _("The money is in your account at the payment provider. Correct your bank details there.")
                notices.tell(account.id, "payout.failed", title, body, PAGE, once=row.id)


def bank_details_changed(merchant_id: UUID, details_id: UUID) -> None:
    """Inside the running transaction: if somebody else did it, the owner must hear of it."""
    for account in owners(merchant_id):
        with notices.speaking(account.locale, account.zone):
            title = _("Your bank details were changed")
            body = _("Was it not you? Change your password now and write to support: nothing has been sent there yet.")
            notices.tell(account.id, "bank_details.changed", title, body, PAGE, once=details_id)
