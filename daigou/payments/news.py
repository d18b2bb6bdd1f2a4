"""Who hears of money: shoppers of refunds, merchants of payouts, officers of what needs a person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import any_, select

from daigou.accounts.models import Account
from daigou.core.db import db, load, transaction
from daigou.core.i18n import _, format_day, format_moment, format_money, ngettext
from daigou.notices import service as notices
from daigou.orders.models import Bill, OrderItem

from .paying import wallet
from .paying.models import Attempt
from .refunds.models import Refund


def refund_succeeded(refund_id: UUID) -> None:
    with transaction():
        row = load(Refund, id=refund_id)
        for account in _accounts([row.account_id]):
            with notices.speaking(account.locale, account.zone):
                title, body, url = _gone_back(row)
                notices.tell(account.id, "refund.succeeded", title, body, url, once=f"{row.id}/{row.tries}")


def _gone_back(row: Refund) -> tuple[str, str, str]:
    """Title, body and page of a refund that has left us, by the way it took."""
    amount = format_money(row.amount)
    if row.way == "wallet" or load(Attempt, id=row.attempt_id).source == wallet.SOURCE:
        title = _("%(amount)s lies on your balance with us", amount=amount)
        return title, _("It pays your next bills. The page of your balance shows it."), "/account/balance"
    title = _("%(amount)s is on its way back to you", amount=amount)
    body = _("It goes back the way you paid. Banks take up to ten days to show it.")
    if row.way == "bank":
        body = _("It was sent to the bank account that you named. Banks take some days to show it.")
    return title, body, _page_of(row)


def _page_of(row: Refund) -> str:
    """Where its payer reads step by step where the money is; a parcel's bills are about the parcel."""
    place = "parcels" if row.order_ref.startswith("PCL-") else "orders"
    return f"/{place}/{row.order_ref}/money"


def payment_failed(attempt_id: UUID) -> None:
    """Money that was on its way did not arrive: what happened, and until when it can be paid another way."""
    with transaction():
        row = load(Attempt, id=attempt_id)
        bill = load(Bill, id=row.bill_id)
        for account in _accounts([row.account_id]):
            with notices.speaking(account.locale, account.zone):
                title = _("Your payment for %(ref)s did not arrive", ref=row.order_ref)
                until = format_moment(bill.due_until)
                body = _("Nothing was taken. Your order waits: you can pay another way until %(until)s.", until=until)
                notices.tell(account.id, "payment.failed", title, body, f"/bills/{bill.ref}", once=row.id)


def refund_failed(refund_id: UUID) -> None:
    with transaction():
        row = load(Refund, id=refund_id)
        for account in officers():
            with notices.speaking(account.locale, account.zone):
                title = _("Refund %(ref)s failed", ref=row.ref)
                body = _("The money is still held. Try again, or find another way to pay it back.")
                notices.tell(account.id, "refund.failed", title, body, "/officer/books", once=f"{row.id}/{row.tries}")


def refund_bank_wanted(refund_id: UUID) -> None:
    """The way it was paid is closed: its shopper is asked for a bank account."""
    with transaction():
        row = load(Refund, id=refund_id)
        for account in _accounts([row.account_id]):
            with notices.speaking(account.locale, account.zone):
                title = _("We owe you %(amount)s: where shall it go?", amount=format_money(row.amount))
                body = _("It can’t go back the way you paid. Name a bank account of yours, and we send it there.")
                url = f"/refunds/{row.ref}/bank"
                notices.tell(account.id, "refund.bank_wanted", title, body, url, once=f"{row.id}/{row.tries}")


def hold_ends(item: OrderItem, day: date) -> None:
    """Inside the running transaction."""
    for account in officers():
        with notices.speaking(account.locale, account.zone):
            title = _("Money of %(ref)s may be held until %(day)s only", ref=item.order_ref, day=format_day(day))
            body = _("A return is open for it. Decide the return before that day.")
            notices.tell(account.id, "hold.ends", title, body, "/support/returns", once=item.id)


def books_do_not_balance(findings: int) -> None:
    """Inside the running transaction."""
    for account in officers():
        with notices.speaking(account.locale, account.zone):
            title = _("The books do not hold")
            body = ngettext(
                "The check found %(num)d fault. Look at it now.",
                "The check found %(num)d faults. Look at them now.",
                findings,
            )
            notices.tell(account.id, "books.failed", title, body, "/officer/books")


def books_do_not_match(faults: int, day: date) -> None:
    """Inside the running transaction. Once a day: the page lists them all."""
    for account in officers():
        with notices.speaking(account.locale, account.zone):
            title = _("Our books and the provider’s differ")
            body = ngettext("%(num)d difference waits for a person.", "%(num)d differences wait for a person.", faults)
            notices.tell(account.id, "books.differ", title, body, "/officer/reconciliation", once=f"differ/{day}")


def officers() -> Iterable[Account]:
    statement = select(Account).where(any_(Account.roles) == "officer", Account.state == "active")
    return list(db.session.execute(statement).scalars())


def _accounts(keys: Iterable[UUID]) -> list[Account]:
    return list(db.session.execute(select(Account).where(Account.id.in_(list(keys)))).scalars())
