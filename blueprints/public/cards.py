"""Product cards, drawn once and kept in this process by all that they show."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from flask import current_app, url_for
from markupsafe import Markup

from blueprints.pages import ui
from daigou.catalog import service as catalog
from daigou.catalog.rules import CONDITION_WORDS
from daigou.pricing import service as pricing

from . import standing
from .shelf import MIB, Shelf

shelf: Shelf[Markup] = Shelf(4 * MIB)  # about three thousand cards


def draw(places: Sequence[catalog.Place]) -> list[Markup]:
    """The cards of these places in their order. One query for those not drawn yet, none when all are known."""
    shared = (ui().locale, ui().currency, pricing.stamp(), standing.stamp())
    keys = [(place.id.int, place.version, place.sold_out, *shared) for place in places]
    found = shelf.find(keys)
    if len(found) < len(places):
        lacking = {place.id: key for place, key in zip(places, keys, strict=True) if key not in found}
        drawn = {lacking[face.id]: _card(face) for face in catalog.faces(lacking, ui().locale)}
        shelf.keep(drawn)
        found |= drawn
    return [found[key] for key in keys if key in found]


def forget() -> None:
    """For tests."""
    shelf.clear()


def _card(face: catalog.Face) -> Markup:
    shown = pricing.shown(face.price, ui().currency) or face.price
    condition, _more = CONDITION_WORDS[face.condition]
    card = SimpleNamespace(
        url=f"/items/{face.ref}",
        picture_url=picture_url(face.photo),
        title=face.title,
        price=shown,
        original_price=face.price,
        merchant=face.merchant,
        verified=True,  # only approved merchants' listings are ever active
        condition=condition,
        standing=standing.short(face.sales, face.positive_permille) if face.sales else "",
        sold_out=face.sold_out,
    )
    macros: Any = current_app.jinja_env.get_template("macros/cards.html").module
    drawn: Markup = macros.product_card(card)
    return drawn


def picture_url(ref: str | None) -> str:
    """The address of a listing's photo; the empty picture when it has none."""
    return f"/files/{ref}" if ref else url_for("static", filename="favicon.svg")
