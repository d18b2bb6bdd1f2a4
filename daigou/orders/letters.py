"""What people are told of their orders, each in their own language."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from daigou.accounts.models import Account, Member
from daigou.core.db import db, load
from daigou.core.i18n import _, format_moment, format_money, ngettext
from daigou.notices import service as notices

from .models import Bill, Order, OrderItem, PriceChange


def tell_paid(order: Order, items: Sequence[OrderItem]) -> None:
    """The shopper: it is held. Each merchant: it is yours to buy."""
    account = load(Account, id=order.account_id)
    with notices.speaking(account.locale, account.zone):
        notices.tell(
            account.id,
            "order.paid",
            _("We hold your payment for order %(ref)s", ref=order.ref),
            _("%(total)s is held until you are content. The merchant buys now.", total=format_money(order.total)),
            f"/orders/{order.ref}",
            once=order.id,
        )
    for item in items:
        for member in _people_of(item):
            with notices.speaking(member.locale, member.zone):
                notices.tell(
                    member.id,
                    "item.paid",
                    _("To buy: %(title)s", title=item.title),
                    ngettext("An order is paid and waits for you: %(num)d piece. Buy it and record the receipt.",
                             "An order is paid and waits for you: %(num)d pieces. Buy it and record the receipt.",
                             item.quantity),
                    f"/merchant/orders/{item.ref}",
                    once=item.id,
                )  # fmt: skip


def tell_checked(bill: Bill) -> None:
    """What held this bill is over: it can be paid, and there is time again."""
    account = load(Account, id=bill.account_id)
    with notices.speaking(account.locale, account.zone):
        notices.tell(
            account.id,
            "bill.checked",
            _("You can go on with %(ref)s", ref=bill.about_ref),
            _("We have checked the details. You can pay until %(moment)s.", moment=format_moment(bill.due_until)),
            f"/bills/{bill.ref}",
            once=bill.id,
        )


def tell_purchased(item: OrderItem, shop: str) -> None:
    account = load(Account, id=item.account_id)
    with notices.speaking(account.locale, account.zone):
        notices.tell(
            account.id,
            "item.purchased",
            _("Bought: %(title)s", title=item.title),
            _("%(merchant)s has bought it and sends it to our warehouse, where we inspect it.", merchant=shop),
            f"/orders/{item.order_ref}",
        )


def tell_invalid(item: OrderItem, shop: str) -> None:
    account = load(Account, id=item.account_id)
    with notices.speaking(account.locale, account.zone):
        notices.tell(
            account.id,
            "item.invalid",
            _("Could not be bought: %(title)s", title=item.title),
            _("%(merchant)s could not buy it. You get back all that you paid for it.", merchant=shop),
            f"/orders/{item.order_ref}",
        )


def tell_price_rose(item: OrderItem, change: PriceChange, bill: Bill) -> None:
    account = load(Account, id=item.account_id)
    with notices.speaking(account.locale, account.zone):
        notices.tell(
            account.id,
            "item.price_rose",
            _("The price has risen: %(title)s", title=item.title),
            _(
                "It costs %(amount)s more. Pay the difference until %(until)s, or decline and get all of it back.",
                amount=format_money(change.difference),
                until=format_moment(bill.due_until),
            ),
            f"/orders/{item.order_ref}",
            once=change.id,
        )


def tell_price_fell(item: OrderItem, change: PriceChange) -> None:
    account = load(Account, id=item.account_id)
    with notices.speaking(account.locale, account.zone):
        notices.tell(
            account.id,
            "item.price_fell",
            _("The price has fallen: %(title)s", title=item.title),
            _("%(amount)s goes back to you. The merchant buys now.", amount=format_money(-change.difference)),
            f"/orders/{item.order_ref}",
            once=change.id,
        )


def tell_difference_paid(item: OrderItem) -> None:
    for member in _people_of(item):
        with notices.speaking(member.locale, member.zone):
            notices.tell(
                member.id,
                "item.difference_paid",
                _("The difference is paid: %(title)s", title=item.title),
                _("The shopper has paid the new price. Buy it and record the receipt."),
                f"/merchant/orders/{item.ref}",
            )


def tell_declined(item: OrderItem, shop: str) -> None:
    """Both sides: it is not bought, and the shopper's money goes back."""
    account = load(Account, id=item.account_id)
    with notices.speaking(account.locale, account.zone):
        notices.tell(
            account.id,
            "item.declined",
            _("Not bought at the new price: %(title)s", title=item.title),
            _("%(merchant)s does not buy it. You get back all that you paid for it.", merchant=shop),
            f"/orders/{item.order_ref}",
        )
    for member in _people_of(item):
        with notices.speaking(member.locale, member.zone):
            notices.tell(
                member.id,
                "item.declined",
                _("Not bought at the new price: %(title)s", title=item.title),
                _("The shopper did not agree to the new price. Do not buy it."),
                f"/merchant/orders/{item.ref}",
            )


def tell_expired(order: Order) -> None:
    account = load(Account, id=order.account_id)
    with notices.speaking(account.locale, account.zone):
        notices.tell(
            account.id,
            "order.expired",
            _("Order %(ref)s has expired", ref=order.ref),
            _("It was not paid within 48 hours, so nothing is bought and nothing is owed. You can order again."),
            f"/orders/{order.ref}",
        )


def _people_of(item: OrderItem) -> Sequence[Account]:
    """Those who work for the item's merchant."""
    statement = select(Account).join(Member, Member.account_id == Account.id).where(
        Member.merchant_id == item.merchant_id, Account.state == "active"
    )  # fmt: skip
    return db.session.execute(statement).scalars().all()
