"""What the warehouse tells shoppers, in their own language."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from daigou.accounts.models import Account
from daigou.core.db import db
from daigou.core.i18n import _, ngettext
from daigou.notices import service as notices
from daigou.orders.models import OrderItem

from .models import StockUnit
from .rules import ACCEPT_AFTER, STORAGE

Words = Callable[[], tuple[str, str]]


def send(account_id: UUID, kind: str, words: Words, url: str, once: object = None) -> None:
    """Tell one person: ``words`` answers title and body, called where their language is spoken."""
    account = db.session.get_one(Account, account_id)
    with notices.speaking(account.locale, account.zone):
        title, body = words()
    notices.tell(account_id, kind, title, body, url, once=once)


def arrived(item: OrderItem, unit: StockUnit) -> None:
    def words() -> tuple[str, str]:
        body = ngettext(
            "%(title)s is in our warehouse and will be inspected next. Storage is free for %(num)d day.",
            "%(title)s is in our warehouse and will be inspected next. Storage is free for %(num)d days.",
            STORAGE.days,
            title=item.title,
        )
        return _("Your item has arrived at our warehouse"), body

    send(item.account_id, "item.received", words, f"/orders/{item.order_ref}")


def inspected(item: OrderItem, verdict: str) -> None:
    def words() -> tuple[str, str]:
        if verdict != "conformant":
            body = _("The inspector found a fault in %(title)s. Look at the report and decide.", title=item.title)
            return _("Look at the inspection of your item"), body
        body = ngettext(
            "%(title)s is as described. Look at the photos and accept it. "
            "If you do nothing, it is accepted automatically after %(num)d day.",
            "%(title)s is as described. Look at the photos and accept it. "
            "If you do nothing, it is accepted automatically after %(num)d days.",
            ACCEPT_AFTER.days,
            title=item.title,
        )
        return _("Your item has been inspected"), body

    send(item.account_id, "item.inspected", words, f"/orders/items/{item.ref}/report")


def storage_ends(item: OrderItem, days: int) -> None:
    def words() -> tuple[str, str]:
        body = ngettext(
            "Free storage of %(title)s ends in %(num)d day. Put it into a parcel. We throw nothing away unasked.",
            "Free storage of %(title)s ends in %(num)d days. Put it into a parcel. We throw nothing away unasked.",
            days,
            title=item.title,
        )
        return _("Free storage ends soon"), body

    send(item.account_id, "item.storage", words, f"/orders/{item.order_ref}", once=f"{item.id}/{days}")
