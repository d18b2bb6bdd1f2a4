"""What happens now with a claim, and its way so far, for every page that shows one."""

from __future__ import annotations

from typing import Any

from daigou.core.i18n import _, format_moment
from daigou.warranty.models import WarrantyClaim
from daigou.warranty.words import CLAIM


def panel(claim: WarrantyClaim) -> dict[str, Any]:
    """What happens now, who acts, by when."""
    by, us, you = {"by": format_moment(claim.due)}, _("We act"), _("You")
    partner = _("The repair partner")
    return {
        "reported": {
            "title": _("We choose who repairs it"),
            "text": _("You need not send anything yet."),
            "who": us,
            **by,
        },
        "assigned": {
            "title": _("Send the item in"),
            "text": _("Write the claim’s number on the parcel. We pay for the way there and back."),
            "who": you,
            **by,
        },
        "arrived": {
            "title": _("It is being examined"),
            "text": _("You hear what is wrong with it, and whether it is covered."),
            "who": partner,
            **by,
        },
        "covered": {
            "title": _("It is covered"),
            "text": _("It is repaired at no cost to you. If that is not possible, you get your money back."),
            "who": partner,
            **by,
        },
        "not_covered": {
            "title": _("It is not covered"),
            "text": _("Read why below. You can ask an officer for a second look, or have it sent back as it is."),
            "who": you,
            **by,
        },
        "appealed": {
            "title": _("An officer takes a second look"),
            "text": _("Somebody who had no part in the first decision reads everything again."),
            "who": us,
            **by,
        },
        "repaired": {
            "title": _("It works again"),
            "text": _("It comes back to you at our cost."),
            "who": partner,
            **by,
        },
        "dismissed": {
            "title": _("The refusal stands"),
            "text": _("The item comes back to you as it is, at our cost."),
            "who": partner,
            **by,
        },
        "refunded": {
            "title": _("Your money is on its way back"),
            "text": _("It can’t be repaired, so you get your money back. You need not do anything."),
            "who": _("The payment provider"),
        },
        "sent_back": {"title": _("It is on its way back to you"), "who": _("Nobody has to act")},
        "withdrawn": {"title": _("You have withdrawn it"), "who": _("Nobody has to act")},
        "lapsed": {
            "title": _("It was never sent in"),
            "text": _("You can report the defect again as long as the item is covered."),
            "who": _("Nobody has to act"),
        },
    }[claim.state]


WAY = ("reported", "assigned", "arrived", "covered", "repaired", "sent_back")
ASIDE = {"not_covered": "covered", "appealed": "covered", "dismissed": "repaired", "refunded": "repaired"}


def steps(claim: WarrantyClaim) -> list[tuple[str, str]]:
    """The way of a claim, with where it stands. What leaves the usual way takes the place of its step."""
    if claim.is_("withdrawn", "lapsed"):
        return [(str(CLAIM["reported"][0]), "done"), (str(CLAIM[claim.state][0]), "now")]
    here = ASIDE.get(claim.state, claim.state)
    way = [claim.state if step == here else step for step in WAY]
    at = way.index(claim.state)
    if claim.is_("refunded"):
        way = way[: at + 1]
    places = ["done" if n < at else "now" if n == at else "next" for n in range(len(way))]
    return [(str(CLAIM[step][0]), place) for step, place in zip(way, places, strict=True)]
