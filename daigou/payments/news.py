"""Who hears of money: shoppers of refunds, merchants of payouts, officers of what needs a person."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import any_, select

from daigou.accounts.models import Account, Member
from daigou.core.db import db, load, transaction
from daigou.core.i18n import _, format_moment, format_money, ngettext
from daigou.notices import service as notices
from daigou.orders.models import Bill

from .models import Attempt, Refund, Release


def refund_succeeded(refund_id: UUID) -> None:
    with transaction():
        row = load(Refund, id=refund_id)
        for account in _accounts([row.account_id]):
            with notices.speaking(account.locale):
                title = _("%(amount)s is on its way back to you", amount=format_money(row.amount))
                body = _("It goes back the way you paid. Banks take up to ten days to show it.")
                notices.tell(account.id, "refund.succeeded", title, body, "/orders", once=f"{row.id}/{row.tries}")


def payment_failed(attempt_id: UUID) -> None:
    """Money that was on its way did not arrive: what happened, and until when it can be paid another way."""
    with transaction():
        row = load(Attempt, id=attempt_id)
        bill = load(Bill, id=row.bill_id)
        for account in _accounts([row.account_id]):
            with notices.speaking(account.locale):
                title = _("Your payment for %(ref)s did not arrive", ref=row.order_ref)
                until = format_moment(bill.due_until)
                body = _("Nothing was taken. Your order waits: you can pay another way until %(until)s.", until=until)
                notices.tell(account.id, "payment.failed", title, body, f"/bills/{bill.ref}", once=row.id)


def release_paid(release_id: UUID) -> None:
    with transaction():
        row = load(Release, id=release_id)
        members = select(Member.account_id).where(Member.merchant_id == row.merchant_id, Member.role == "owner")
        for account in _accounts(db.session.execute(members).scalars()):
            with notices.speaking(account.locale):
                title = _("%(amount)s was paid out to you", amount=format_money(row.amount))
                body = _("It belongs to order %(ref)s.", ref=row.order_ref)
                notices.tell(account.id, "release.paid", title, body, "/merchant/payouts", once=row.id)


def refund_failed(refund_id: UUID) -> None:
    with transaction():
        row = load(Refund, id=refund_id)
        for account in officers():
            with notices.speaking(account.locale):
                title = _("Refund %(ref)s failed", ref=row.ref)
                body = _("The money is still held. Try again, or find another way to pay it back.")
                notices.tell(account.id, "refund.failed", title, body, "/officer/books", once=f"{row.id}/{row.tries}")


def dispute_seen(attempt_id: UUID) -> None:
    with transaction():
        row = load(Attempt, id=attempt_id)
        for account in officers():
            with notices.speaking(account.locale):
                title = _("A bank disputes the payment of %(ref)s", ref=row.order_ref)
                body = _("Answer in the provider’s dashboard before its deadline. The amount has left our balance.")
                notices.tell(account.id, "dispute.seen", title, body, "/officer/books")


def books_do_not_balance(findings: int) -> None:
    """Inside the running transaction."""
    for account in officers():
        with notices.speaking(account.locale):
            title = _("The books do not hold")
            body = ngettext(
                "The check found %(num)d fault. Look at it now.",
                "The check found %(num)d faults. Look at them now.",
                findings,
            )
            notices.tell(account.id, "books.failed", title, body, "/officer/books")


def officers() -> Iterable[Account]:
    statement = select(Account).where(any_(Account.roles) == "officer", Account.state == "active")
    return list(db.session.execute(statement).scalars())


def _accounts(keys: Iterable[UUID]) -> list[Account]:
    return list(db.session.execute(select(Account).where(Account.id.in_(list(keys)))).scalars())
