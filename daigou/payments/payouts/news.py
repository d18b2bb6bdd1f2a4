"""What merchants hear of their payouts, and officers of what stands in their way."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from daigou.accounts.models import Account, Member, Merchant
from daigou.core.db import db, load, transaction
from daigou.core.i18n import _, format_money, ngettext
from daigou.notices import service as notices
from daigou.payments.news import officers
from daigou.payments.paying import words

from .models import DepositRequest, Payout, ProviderPayout

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
        with notices.speaking(account.locale, account.zone):
            title = _("The deposit of %(ref)s did not go out", ref=row.merchant_ref)
            body = _("It is a deposit again. Look at the reason, then put it before a second officer anew.")
            page = f"/officer/merchants/{row.merchant_ref}"
            notices.tell(account.id, "deposit.stays", title, body, page, once=f"{row.id}/{row.state}")


def stuck(merchant: Merchant, code: str, once: object = None) -> None:
    """Inside the running transaction: a merchant can't be paid and does not mend it alone. Officers hear of it once a
    merchant and reason (and ``once``); the merchant reads that they have."""
    for account in officers():
        with notices.speaking(account.locale, account.zone):
            title = _("Merchant %(ref)s can’t be paid out", ref=merchant.ref)
            body = _("The merchant reads: %(words)s", words=words.waiting(code))
            page = f"/officer/merchants/{merchant.ref}"
            notices.tell(account.id, "payout.stuck", title, body, page, once=f"{merchant.id}/{code}/{once}")


def deposit_asked(row: DepositRequest) -> None:
    """Inside the running transaction: to every officer, for two of them have to agree."""
    for account in officers():
        with notices.speaking(account.locale, account.zone):
            title = _("Merchant %(ref)s asks for its deposit", ref=row.merchant_ref)
            amount = format_money(row.amount)
            body = _("It is %(amount)s. Put it before a second officer, or say why it stays.", amount=amount)
            page = f"/officer/merchants/{row.merchant_ref}"
            notices.tell(account.id, "deposit.asked", title, body, page, once=row.id)


def deposit_kept(row: DepositRequest) -> None:
    """Inside the running transaction: an officer said why it stays, in their own words."""
    for account in owners(row.merchant_id):
        with notices.speaking(account.locale, account.zone):
            title = _("Your deposit of %(amount)s stays for now", amount=format_money(row.amount))
            notices.tell(account.id, "deposit.kept", title, row.answer, "/merchant/payouts/deposit", once=row.id)


def bank_refused(provider_payout_id: UUID) -> None:
    with transaction():
        row = load(ProviderPayout, id=provider_payout_id)
        for account in owners(row.merchant_id) if row.merchant_id else ():
            with notices.speaking(account.locale, account.zone):
                title = _("Your bank sent %(amount)s back", amount=format_money(row.amount))
                body = _("The money is in your account at the payment provider. Correct your bank details there.")
                notices.tell(account.id, "payout.failed", title, body, PAGE, once=row.id)


def sent_back(row: Payout) -> None:
    """Inside the running transaction: the merchant's bank returned what our bank had sent."""
    for account in owners(row.merchant_id):
        with notices.speaking(account.locale, account.zone):
            title = _("Your bank sent %(amount)s back", amount=format_money(row.amount))
            body = str(words.waiting(row.refusal))
            notices.tell(account.id, "payout.failed", title, body, "/merchant/payouts/bank", once=row.id)


def bank_details_changed(merchant_id: UUID, details_id: UUID) -> None:
    """Inside the running transaction: if somebody else did it, the owner must hear of it."""
    for account in owners(merchant_id):
        with notices.speaking(account.locale, account.zone):
            title = _("Your bank details were changed")
            body = _("Was it not you? Change your password now and write to support: nothing has been sent there yet.")
            notices.tell(account.id, "bank_details.changed", title, body, PAGE, once=details_id)
