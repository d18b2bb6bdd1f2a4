"""What a merchant has to do now, counted."""

from __future__ import annotations

from typing import Any

from flask import current_app, render_template, url_for
from sqlalchemy import Select, func, literal, select, union_all

from blueprints.guard import actor, guarded
from daigou.accounts.models import Merchant
from daigou.catalog.models import Listing
from daigou.core.access import Actor
from daigou.core.db import db
from daigou.core.i18n import lazy
from daigou.orders.models import OrderItem
from daigou.sourcing.models import SourcingRequest

from . import bp

# what is counted, its words, the page where it is done; the first ones wait for the merchant
TALLIES = (
    ("item:paid", lazy("to buy and record"), "merchant.orders"),
    ("sourcing:open", lazy("requests to quote"), "merchant.sourcing"),
    ("item:purchased", lazy("on their way to the warehouse"), "merchant.orders"),
    ("item:received", lazy("being inspected"), "merchant.orders"),
    ("item:return_requested", lazy("in a return"), "merchant.orders"),
    ("listing:active", lazy("listings on show"), "merchant.listings"),
    ("listing:draft", lazy("listings not shown yet"), "merchant.listings"),
)


@bp.get("")
@guarded("merchant.work")
def dashboard() -> str:
    merchant = db.session.get_one(Merchant, actor().merchant_id)
    found = counts(actor(), merchant)
    known = current_app.view_functions
    rows = [(found.get(key, 0), words, url_for(page) if page in known else "") for key, words, page in TALLIES]
    return render_template("merchant/dashboard.html", merchant=merchant, rows=rows, todo=rows[:2], console=True)


def counts(who: Actor, merchant: Merchant) -> dict[str, int]:
    """How many things stand in which state, as ``item:paid``; one query."""
    asked = union_all(
        _grouped("item", OrderItem.state, OrderItem.merchant_id == who.merchant_id),
        _grouped("listing", Listing.state, Listing.merchant_id == who.merchant_id),
        _grouped(
            "sourcing",
            SourcingRequest.state,
            (SourcingRequest.country == merchant.country) & (SourcingRequest.state == "open"),
        ),
    )
    return {f"{kind}:{state}": int(number) for kind, state, number in db.session.execute(asked)}


def _grouped(kind: str, state: Any, condition: Any) -> Select[Any]:
    return select(literal(kind), state, func.count()).where(condition).group_by(state)
