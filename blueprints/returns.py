"""The words of returns, and what happens now, for every page that shows one."""

from __future__ import annotations

from typing import Any

from daigou.aftersales.models import ReturnCase
from daigou.aftersales.rules import AT_OURS
from daigou.core.i18n import _, format_moment, format_money, lazy

REASONS = {
    "not_as_described": lazy("It is not as described"),
    "damaged": lazy("It is damaged"),
    "changed_mind": lazy("I changed my mind"),
}
VERDICTS = {
    "conformant": lazy("as described"),
    "non_conformant": lazy("not as described"),
    "damaged": lazy("damaged"),
}
EXEMPT = {
    "made_to_order": lazy("It was made for you, so it can’t be returned without a reason."),
    "perishable": lazy("It spoils quickly, so it can’t be returned without a reason."),
    "sealed": lazy("For reasons of hygiene it can be returned without a reason only while it is sealed."),
}
STATES = {
    "opened": (lazy("Being looked at"), "info"),
    "approved": (lazy("Approved"), "success"),
    "received": (lazy("Received back"), "success"),
    "refunding": (lazy("Refund on its way"), "info"),
    "refunded": (lazy("Refunded"), "success"),
    "declined": (lazy("Declined"), "warning"),
    "withdrawn": (lazy("Withdrawn"), ""),
}


def panel(case: ReturnCase) -> dict[str, Any]:
    """What happens now, who acts, by when, where the money is."""
    amount = format_money(case.amount)
    held: dict[str, Any] = {"money": _("%(amount)s is held safely", amount=amount), "held": True}
    return {
        "opened": {
            "title": _("We look at your return"),
            "text": _("Support decides, and tells you why. You need not send anything yet."),
            "who": _("Support"),
            "by": format_moment(case.decide_until),
            **held,
        },
        "approved": {
            "title": _("Send the item back"),
            "text": _("Write the return’s number on the parcel. Your money goes back when the warehouse has it."),
            "who": _("You"),
            **held,
        },
        "received": {"title": _("The item is back"), "who": _("We act"), **held},
        "refunding": {
            "title": _("Your money is on its way back"),
            "text": _("It goes back the way you paid. Banks take up to ten days to show it."),
            "who": _("The payment provider"),
            "money": _("%(amount)s, between us and your bank", amount=amount),
        },
        "refunded": {
            "title": _("Refunded"),
            "text": _("%(amount)s went back the way you paid.", amount=amount),
            "who": _("Nobody has to act"),
            "money": _("With you"),
        },
        "declined": {
            "title": _("The return was declined"),
            "text": case.ruling,
            "who": _("You"),
            **held,
        },
        "withdrawn": {"title": _("You keep the item"), "who": _("Nobody has to act"), **held},
    }[case.state]


def steps(case: ReturnCase) -> list[tuple[str, str]]:
    """The way of a return, with where it stands."""
    way = [("opened", _("Opened")), ("approved", _("Approved")), ("received", _("Sent back"))]
    way += [("refunding", _("Refund sent")), ("refunded", _("Refunded"))]
    if case.item_state in AT_OURS:
        way = [step for step in way if step[0] != "received"]
    if case.is_("declined", "withdrawn"):
        return [(_("Opened"), "done"), (str(STATES[case.state][0]), "now")]
    at = [name for name, _label in way].index(case.state)
    places = [("done" if n < at else "now" if n == at else "next") for n in range(len(way))]
    return [(label, place) for (_name, label), place in zip(way, places, strict=True)]
