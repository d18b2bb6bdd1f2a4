"""An order in words: what each state is called, what happened, and what happens now."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from blueprints import checking
from daigou.aftersales.rules import HOUSE_WINDOW
from daigou.core.i18n import _, format_moment, format_money, lazy, ngettext
from daigou.orders.models import OrderItem
from daigou.orders.reading import Happened, Whole
from daigou.warehouse.rules import ACCEPT_AFTER

# state: (words, tone)
ITEM = {
    "payment_pending": (lazy("Waits for payment"), "warning"),
    "paid": (lazy("Being bought"), "info"),
    "balance_due": (lazy("The price has risen: your decision"), "warning"),
    "purchased": (lazy("On its way to our warehouse"), "info"),
    "received": (lazy("Being inspected"), "info"),
    "inspected": (lazy("Inspected: your decision"), "warning"),
    "in_stock": (lazy("In our warehouse"), "success"),
    "in_parcel": (lazy("In a parcel"), "info"),
    "shipped": (lazy("On its way to you"), "info"),
    "delivered": (lazy("Delivered"), "success"),
    "completed": (lazy("Completed"), "success"),
    "return_requested": (lazy("Return requested"), "warning"),
    "returned": (lazy("Returned"), ""),
    "invalid": (lazy("Could not be bought"), "error"),
    "withdrawn": (lazy("Cancelled"), ""),
    "refunded": (lazy("Refunded"), ""),
}
ORDER = {
    "placed": (lazy("Waits for payment"), "warning"),
    "paid": (lazy("Paid"), "info"),
    "completed": (lazy("Completed"), "success"),
    "cancelled": (lazy("Cancelled"), ""),
    "expired": (lazy("Not paid in time"), ""),
}

# audit kind: (stamp, words, seal); what is not here is no news for a shopper
EVENTS = {
    "order:created": ("ordered", lazy("You placed the order"), ""),
    "bill:process": ("paid", lazy("Your payment is on its way"), ""),
    "bill:reopen": ("failed", lazy("The payment did not arrive"), ""),
    "bill:settle": ("held", lazy("Your payment arrived and is held"), "held"),
    "order:cancel": ("failed", lazy("You cancelled the order"), ""),
    "order:expire": ("failed", lazy("Not paid in time, so the order has expired"), ""),
    "item:raise_price": ("case", lazy("The price has risen"), ""),
    "item:pay_difference": ("paid", lazy("The difference is paid"), ""),
    "item:decline_price": ("failed", lazy("Not bought at the new price"), ""),
    "item:purchase": ("purchased", lazy("The merchant bought it"), ""),
    "item:fail_purchase": ("failed", lazy("The merchant could not buy it"), ""),
    "item:receive": ("received", lazy("It arrived at our warehouse"), ""),
    "item:inspect": ("inspected", lazy("We inspected it"), "inspected"),
    "item:accept": ("accepted", lazy("Accepted"), ""),
    "item:pack": ("packed", lazy("Put into a parcel"), ""),
    "item:unpack": ("stored", lazy("Taken out of the parcel"), ""),
    "item:ship": ("shipped", lazy("Shipped to you"), ""),
    "item:deliver": ("delivered", lazy("Delivered"), ""),
    "item:complete": ("completed", lazy("You have it, and all is well"), ""),
    "item:request_return": ("case", lazy("You asked to return it"), ""),
    "item:keep_inspected": ("case", lazy("The return was declined"), ""),
    "item:keep_in_stock": ("case", lazy("The return was declined"), ""),
    "item:keep_delivered": ("case", lazy("The return was declined"), ""),
    "item:return": ("returned", lazy("The return was agreed"), ""),
    "item:withdraw": ("failed", lazy("Cancelled"), ""),
    "item:write_off": ("failed", lazy("Its parcel did not arrive, and it is refunded"), ""),
    "item:take_back": ("stored", lazy("Its parcel came back, and it is in stock again"), ""),
    "item:refund": ("refunded", lazy("Your money is back with you"), ""),
}

# Which item the page speaks of first: the one where the shopper acts, then the one that is furthest behind.
URGENT = (
    "balance_due", "inspected", "in_stock", "delivered", "return_requested", "paid", "purchased", "received",
    "in_parcel", "shipped", "invalid", "returned", "withdrawn", "refunded", "completed",
)  # fmt: skip


def timeline(history: list[Happened], several: bool) -> list[SimpleNamespace]:
    """The order's stamps, newest last; with several items each says which one it means."""
    return [_event(each, several) for each in history if each.kind in EVENTS]


def _event(each: Happened, several: bool) -> SimpleNamespace:
    kind, words, seal = EVENTS[each.kind]
    label = f"{words}: {each.item.title}" if several and each.item else str(words)
    return SimpleNamespace(kind=kind, label=label, at=each.at, place="", who="", seal=seal, state="done")


def next_step(whole: Whole) -> SimpleNamespace:
    """What happens now, who acts, by when, where the money is; ``act`` names the button."""
    if whole.order.is_("placed", "paid") and (waits := checking.words(whole.standing)):
        return waits
    if whole.order.is_("placed"):
        return _unpaid(whole)
    if whole.order.is_("cancelled", "expired"):
        title = _("You cancelled this order") if whole.order.is_("cancelled") else _("This order was not paid in time")
        return _panel(title, _("Nothing was bought, and nothing is owed."), money=_("Nothing was taken"))
    item = min(whole.items, key=lambda each: URGENT.index(each.state) if each.state in URGENT else 99)
    return _of_item(whole, item)


def _unpaid(whole: Whole) -> SimpleNamespace:
    if whole.bill.is_("processing"):
        text = _("Your bank has been asked. This page changes by itself when the answer is there.")
        return _panel(_("Your payment is on its way"), text, _("Your bank"), money=_("With your bank"))
    total = format_money(whole.order.total)
    return _panel(
        _("Pay %(total)s, then the merchant buys", total=total),
        _("You pay on our payment provider’s page. The money is held until you are content."),
        _("You"),
        format_moment(whole.bill.due_until),
        _("Still with you"),
        act="pay",
    )


def _of_item(whole: Whole, item: OrderItem) -> SimpleNamespace:
    held = whole.held_total
    words = _("Nothing is held")
    if held:
        words = _("%(amount)s is held, not yet with the merchant", amount=format_money(held))
    merchant = whole.merchants[item.merchant_id].name
    title, text, who, act = _steps(item, merchant)
    return _panel(title, text, who, "", words, held=bool(held), act=act, item=item)


def _accept_or_not() -> str:
    return ngettext(
        "Accept the item, or send it back. If it is as described and you do nothing, it is accepted automatically "
        "after %(num)d day; otherwise we wait for your decision.",
        "Accept the item, or send it back. If it is as described and you do nothing, it is accepted automatically "
        "after %(num)d days; otherwise we wait for your decision.",
        ACCEPT_AFTER.days,
    )


def _steps(item: OrderItem, merchant: str) -> tuple[str, str, str, str]:
    you, we = _("You"), _("Our warehouse")
    return {
        "paid": (_("The merchant buys it"), _("You hear from us when it is bought."), merchant, ""),
        "balance_due": (
            _("The price has risen: pay the difference or decline"),
            _("The merchant has not bought it yet. If you decline or do nothing, all that you paid for it goes back."),
            you,
            "difference",
        ),
        "purchased": (_("It is on its way to our warehouse"), _("There we inspect it and take photos."), merchant, ""),
        "received": (_("We inspect it"), _("You get the photos and the report here."), we, ""),
        "inspected": (
            _("Look at the inspection and decide"),
            _accept_or_not(),
            you,
            "decide",
        ),
        "in_stock": (
            _("Choose how it travels to you"),
            _("Build a parcel of one or several items, and compare the lines."),
            you,
            "ship",
        ),
        "in_parcel": (_("Its parcel is made ready"), _("The parcel’s page shows what comes next."), we, "parcels"),
        "shipped": (_("It is on its way to you"), _("The parcel’s page shows where."), _("The carrier"), "parcels"),
        "delivered": (
            _("Did it arrive as it should?"),
            ngettext(
                "Confirm on the parcel’s page, or ask for a return within %(num)d day of delivery.",
                "Confirm on the parcel’s page, or ask for a return within %(num)d days of delivery.",
                HOUSE_WINDOW.days,
            ),
            you,
            "parcels",
        ),
        "return_requested": (_("We look at your return"), _("You hear from us within three days."), _("Support"), ""),
        "invalid": (_("It could not be bought"), _("Your money is on its way back to you."), "daigou", ""),
        "returned": (_("Your money is on its way back to you"), "", "daigou", ""),
        "withdrawn": (_("This was cancelled"), _("What was paid for it is on its way back to you."), "daigou", ""),
        "refunded": (_("Your money is back with you"), "", "", ""),
        "completed": (_("All is done"), _("The merchant has been paid. The passport stays with the item."), "", ""),
    }.get(item.state, (str(ITEM[item.state][0]), "", "", ""))


def _panel(title: str, text: str = "", who: str = "", by: str = "", money: str = "", **more: Any) -> SimpleNamespace:
    plain = {"title": title, "text": text, "who": who, "by": by, "money": money, "held": False, "act": "", "item": None}
    return SimpleNamespace(**{**plain, **more})
