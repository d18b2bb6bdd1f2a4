"""What people hear of reviews."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from daigou.accounts.models import Account, Member
from daigou.core import clock
from daigou.core.db import db
from daigou.core.i18n import _
from daigou.notices import service as notices
from daigou.orders.models import OrderItem

from . import rules
from .models import Review


def reviewed(row: Review) -> None:
    """To the shop's people."""
    members = select(Member.account_id).where(Member.merchant_id == row.merchant_id)
    for account in db.session.scalars(select(Account).where(Account.id.in_(members))):
        with notices.speaking(account.locale, account.zone):
            title = _("A review: %(title)s", title=row.title)
            notices.tell(account.id, "review.written", title, _("You can answer it once."), "/merchant/reviews")


def ask(item: OrderItem) -> None:
    """To the shopper, some days after the trade is over; once."""
    account = db.session.get_one(Account, item.account_id)
    with notices.speaking(account.locale, account.zone):
        notices.tell(
            account.id, "review.wanted", _("How was it? %(title)s", title=item.title),
            _("Your review helps others to choose well. If something is wrong with it, write to us first."),
            f"/orders/items/{item.ref}/review", once=item.id,
        )  # fmt: skip


def unasked() -> list[OrderItem]:
    """Items that were completed the day before yesterday or so, and have no review."""
    until = clock.now() - rules.ASK_AFTER
    statement = (
        select(OrderItem)
        .outerjoin(Review, Review.item_id == OrderItem.id)
        .where(OrderItem.state == "completed", OrderItem.state_since.between(until - timedelta(days=2), until))
        .where(Review.id.is_(None))
        .limit(2_000)
    )
    return list(db.session.scalars(statement))
