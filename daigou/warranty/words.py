"""The words of covers and claims, for pages and notices alike."""

from __future__ import annotations

from daigou.core.i18n import _, lazy

from .models import Cover, WarrantyClaim

CLAIM = {
    "reported": (lazy("Reported"), "info"),
    "assigned": (lazy("To be sent in"), "info"),
    "arrived": (lazy("Being examined"), "info"),
    "covered": (lazy("Covered"), "success"),
    "not_covered": (lazy("Not covered"), "warning"),
    "appealed": (lazy("Second look"), "info"),
    "repaired": (lazy("Repaired"), "success"),
    "refunded": (lazy("Refunded"), "success"),
    "dismissed": (lazy("Not covered"), "warning"),
    "sent_back": (lazy("Sent back to you"), "success"),
    "withdrawn": (lazy("Withdrawn"), ""),
    "lapsed": (lazy("Never sent in"), ""),
}
COVER = {
    "agreed": (lazy("Waits for payment"), "info"),
    "paid": (lazy("Begins with the delivery"), "info"),
    "active": (lazy("In force"), "success"),
    "cancelled": (lazy("Cancelled"), ""),
    "ended": (lazy("Over"), ""),
}
PAYER = {
    "platform": lazy("by us, at no price"),
    "shopper": lazy("by you"),
    "merchant": lazy("by the merchant"),
}


def kind(cover: Cover) -> str:
    return _("Official warranty") if cover.kind == "official" else _("Extended warranty")


def state(cover: Cover) -> tuple[object, str]:
    """The badge of a cover: what the merchant pays waits for nobody's payment."""
    if cover.is_("agreed") and cover.paid_by == "merchant":
        return COVER["paid"]
    return COVER[cover.state]


def told(claim: WarrantyClaim) -> tuple[str, str]:
    """Title and words of what a shopper hears when a claim has moved."""
    return _TOLD[claim.state](claim)


_TOLD = {
    "assigned": lambda c: (
        _("Send in your item: %(ref)s", ref=c.ref),
        _("The page of your claim shows where, and until when. We pay for the way there and back."),
    ),
    "arrived": lambda c: (
        _("Your item has arrived for repair: %(ref)s", ref=c.ref),
        _("The repair partner examines it. The page shows until when you get an answer."),
    ),
    "covered": lambda c: (
        _("Your claim %(ref)s is covered", ref=c.ref),
        _("It is repaired at no cost to you, or you get your money back."),
    ),
    "not_covered": lambda c: (
        _("Your claim %(ref)s is not covered", ref=c.ref),
        _("The page shows why. You can ask an officer for a second look within fourteen days."),
    ),
    "repaired": lambda c: (
        _("Your item is repaired: %(ref)s", ref=c.ref),
        _("It comes back to you within days, at our cost."),
    ),
    "refunded": lambda c: (
        _("Your item can’t be repaired: %(ref)s", ref=c.ref),
        _("Your money is on its way back to you. You need not do anything."),
    ),
    "dismissed": lambda c: (
        _("Your claim %(ref)s is decided", ref=c.ref),
        _("The refusal stands. Your item comes back to you at our cost."),
    ),
    "sent_back": lambda c: (
        _("Your item is on its way back: %(ref)s", ref=c.ref),
        _("The page of your claim shows its tracking number."),
    ),
    "lapsed": lambda c: (
        _("Your claim %(ref)s is closed", ref=c.ref),
        _("The item was not sent in. You can report the defect again as long as it is covered."),
    ),
}
