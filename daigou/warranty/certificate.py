"""The certificate of a cover: what stands on paper is the row."""

from __future__ import annotations

from importlib.resources import files

from compliance.audit import door
from daigou.core.access import Actor, require
from daigou.core.db import load, transaction
from daigou.core.errors import Impossible
from daigou.core.i18n import _, format_day, format_money, lazy, ngettext
from daigou.invoicing.issuing import seller
from daigou.providers import typesetting

from . import words
from .models import Cover


def pdf(actor: Actor, ref: str) -> bytes:
    """In the reader's language. Impossible for a cover that nobody has paid."""
    with transaction():
        cover: Cover = load(Cover, ref=ref)
        require(actor, "cover.view", cover)
        if not is_certified(cover):
            raise Impossible("cover.unpaid", lazy("There is no certificate before the cover is paid."))
        door.record(actor, cover, "certificate_read")
    template = (files("daigou.warranty") / "certificate.typ").read_text()
    return typesetting.pdf(template, _facts(cover))


def is_certified(cover: Cover) -> bool:
    return cover.is_("paid", "active", "ended") or (cover.is_("agreed") and cover.paid_by == "merchant")


def scope(cover: Cover) -> list[str]:
    """What is covered, what is not, as the terms say it."""
    months = ngettext("%(num)d month", "%(num)d months", cover.months)
    length = months if cover.months else _("the days that the terms name")
    return [
        _("Defects of material and work that show in normal use, for %(length)s from the delivery.", length=length),
        _("Not covered: wear, loss, accidents, and changes or repairs by others."),
        _("Your rights against the seller by law are not touched by it."),
    ]


def promise() -> list[str]:
    """How a claim goes."""
    return [
        _("Report the defect on the page of your order, with photos."),
        _("A repair partner examines it within the days named above. We pay for the way there and back."),
        _("What is covered is repaired at no cost to you, or refunded when it can’t be repaired."),
        _("If it is refused you are told why, and an officer takes a second look if you ask for it."),
    ]


def _facts(cover: Cover) -> dict[str, object]:
    us = seller()
    return {
        "heading": words.kind(cover),
        "ref": cover.ref,
        "title": cover.title,
        "rows": [row for row in _rows(cover, us["name"]) if row[1]],
        "what_word": _("What it covers"),
        "what": scope(cover),
        "how_word": _("When something is wrong"),
        "how": promise(),
        "foot": _("Made from the record of this cover, whose every change stands in our public log."),
    }


def _rows(cover: Cover, us: str) -> list[tuple[str, str]]:
    return [
        (_("Certificate"), cover.ref),
        (_("Order"), cover.order_ref),
        (_("Given by"), us),
        (_("Paid"), str(words.PAYER[cover.paid_by])),
        (_("Price"), format_money(cover.price) if cover.paid_by == "shopper" else ""),
        (_("From"), format_day(cover.begins) if cover.begins else _("the day of the delivery")),
        (_("Until"), format_day(cover.ends) if cover.ends else ""),
        (_("Examined within"), ngettext("%(num)d day", "%(num)d days", cover.diagnose_days)),
        (_("Terms"), cover.source),
    ]
