"""One item: what it is, in what condition, what it costs and of what that is made, who offers it."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import current_app, render_template
from flask.typing import ResponseReturnValue
from flask_babel import format_date
from markupsafe import Markup

from blueprints import returns as return_words
from blueprints.guard import guarded
from blueprints.pages import ui
from daigou.accounts.models import Merchant
from daigou.aftersales import rules as returns
from daigou.catalog import service as catalog
from daigou.catalog import tariff
from daigou.catalog.models import Listing
from daigou.catalog.rules import CATEGORY_WORDS, CONDITION_WORDS, CONDITIONS, in_language
from daigou.core import clock
from daigou.core.errors import Unavailable
from daigou.core.i18n import _, country_name
from daigou.orders import quotes
from daigou.orders.offers import offer_of
from daigou.orders.rules import Line
from daigou.payments.escrow import rulebook
from daigou.pricing import service as pricing
from daigou.reputation import service as reputation
from daigou.warranty import offering, terms

from . import bp, standing
from .cards import picture_url
from .shelf import MIB, Shelf

PARTS = ("title", "crumbs", "pictures", "offer", "promise", "details")
REVIEWS = 5
shelf: Shelf[dict[str, Markup]] = Shelf(4 * MIB)  # about three hundred items


@bp.get("/items/<ref>")
@guarded("public.view")
def item(ref: str) -> ResponseReturnValue:
    """The page's parts are drawn once; only the form with its token is new each time."""
    glance = catalog.glance(ref)
    key = (*glance, ui().locale, ui().currency, pricing.stamp(), standing.stamp())
    parts = shelf.find([key]).get(key)
    if parts is None:
        parts = _draw(ref)
        shelf.keep({key: parts})
    return render_template("public/item.html", parts=parts, glance=glance, ref=ref)


def _draw(ref: str) -> dict[str, Markup]:
    listing, merchant = catalog.item(ref)
    locale = ui().locale
    line = _estimate(listing, merchant)
    values = {
        **_warranty(listing, line),
        "listing": listing,
        "merchant": merchant,
        "name": in_language(listing, locale, "title"),
        "description": in_language(listing, locale, "description"),
        "photos": _photos(listing),
        "scale": [(key, *CONDITION_WORDS[key]) for key in CONDITIONS],
        "facts": _facts(listing),
        "line": line,
        "standing": standing.words_of(merchant.id),
        "reviews": reputation.shown(listing_id=listing.id, most=REVIEWS),
        "category": CATEGORY_WORDS[listing.category],
        "country": country_name(merchant.country),
        "silence": rulebook.span("delivery_silence").days,
    }
    current_app.update_template_context(values)
    drawn: Any = current_app.jinja_env.get_template("public/item_parts.html").make_module(values)
    return {name: getattr(drawn, name)() for name in PARTS}


def _photos(listing: Listing) -> list[dict[str, str]]:
    return [
        {"url": picture_url(ref), "alt": _("Photo %(number)d of %(title)s", number=number, title=listing.title)}
        for number, ref in enumerate(listing.photos, start=1)
    ]


def _estimate(listing: Listing, merchant: Merchant) -> Line | None:
    """One piece at today's rate; None when there is no fresh one, then the page shows the original price only."""
    try:
        return quotes.price([offer_of(listing, merchant, 1)], ui().currency)[0]
    except Unavailable:
        return None


def _warranty(listing: Listing, line: Line | None) -> dict[str, Any]:
    """What covers it: the official warranty, and what is included or can be bought with it."""
    included = terms.included_now(listing.id)
    return {
        "term": terms.term_for(listing.category, listing.condition, clock.today()),
        "included": included,
        "exempt": exempt_words(listing.category),
        "covers": offering.offers(listing.category, None, line.goods) if line and not included else (),
    }


def exempt_words(category: str) -> object | None:
    """What is said before the order of goods that can't be returned without a reason."""
    found = returns.exemption(category, "", clock.today())
    return return_words.EXEMPT[found.kind] if found else None


def _facts(listing: Listing) -> list[tuple[str, Any]]:
    """What is known of the thing, as rows; nothing that was left empty."""
    details = listing.details or {}
    size = f"{listing.length_mm / 10:g} × {listing.width_mm / 10:g} × {listing.height_mm / 10:g} cm"
    rows = [
        (_("Brand"), listing.brand),
        (_("Model"), listing.model),
        (_("Bought on"), _day(details.get("purchased_on"))),
        (_("How it was used"), details.get("usage")),
        (_("Function"), details.get("function")),
        (_("Comes with"), details.get("accessories")),
        (_("Flaws"), details.get("flaws")),
        (_("Made in"), country_name(listing.origin)),
        (_("Weight, packed"), f"{listing.weight_g} g"),
        (_("Size, packed"), size),
        (_("Customs tariff number"), f"{listing.hs_code} · {tariff.describe(listing.hs_code)}"),
    ]
    return [(name, value) for name, value in rows if value]


def _day(text: str | None) -> str:
    return str(format_date(date.fromisoformat(text), "long")) if text else ""
