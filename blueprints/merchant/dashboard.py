"""What a merchant has to do now, counted."""

from __future__ import annotations

from typing import Any

from flask import current_app, render_template, url_for
from sqlalchemy import Select, func, literal, select, text, union_all

from blueprints.guard import actor, guarded
from compliance.qualification import standing
from compliance.qualification.life_models import MerchantHold
from compliance.qualification.models import Application
from daigou.accounts.models import Merchant
from daigou.catalog.models import Listing
from daigou.conversations.models import Conversation
from daigou.core.access import Actor
from daigou.core.db import db
from daigou.core.i18n import lazy
from daigou.orders.models import OrderItem
from daigou.payments.escrow.models import Release
from daigou.sourcing.models import SourcingRequest

from . import bp

# what is counted, its words, the page where it is done; the first ones wait for the merchant
TALLIES = (
    ("item:paid", lazy("to buy and record"), "merchant.orders"),
    ("sourcing:open", lazy("requests to quote"), "merchant.sourcing"),
    ("application:more_information", lazy("applications or changes sent back to you"), "merchant.apply"),
    ("conversation:open", lazy("messages to answer"), "account.conversations"),
    ("paper:ending", lazy("papers that end soon or have ended"), "merchant.qualification"),
    ("hold:open", lazy("reasons why your listings rest"), "merchant.qualification"),
    ("release:failed", lazy("payouts that are stuck"), "merchant.payouts"),
    ("item:purchased", lazy("on their way to the warehouse"), "merchant.orders"),
    ("item:received", lazy("being inspected"), "merchant.orders"),
    ("item:return_requested", lazy("in a return"), "merchant.orders"),
    ("listing:active", lazy("listings on show"), "merchant.listings"),
    ("listing:draft", lazy("listings not shown yet"), "merchant.listings"),
)

WAITING = 7  # of TALLIES, from the top


@bp.get("")
@guarded("merchant.work")
def dashboard() -> str:
    merchant = db.session.get_one(Merchant, actor().merchant_id)
    found = counts(actor(), merchant)
    known = current_app.view_functions
    rows = [(found.get(key, 0), words, url_for(page) if page in known else "") for key, words, page in TALLIES]
    return render_template("merchant/dashboard.html", merchant=merchant, rows=rows, todo=rows[:WAITING], console=True)


def counts(who: Actor, merchant: Merchant) -> dict[str, int]:
    """How many things stand in which state, as ``item:paid``; two queries, whatever there is."""
    asked = union_all(
        _grouped("item", OrderItem.state, OrderItem.merchant_id == who.merchant_id),
        _grouped("listing", Listing.state, Listing.merchant_id == who.merchant_id),
        _grouped(
            "sourcing",
            SourcingRequest.state,
            (SourcingRequest.country == merchant.country) & (SourcingRequest.state == "open"),
        ),
        _grouped("application", Application.state, Application.merchant_id == who.merchant_id),
        _grouped("conversation", Conversation.state, _asked(who)),
        _grouped("hold", literal("open"), _holding(who)),
        _grouped("release", Release.state, (Release.merchant_id == who.merchant_id) & (Release.state == "failed")),
    )
    found = {f"{kind}:{state}": int(number) for kind, state, number in db.session.execute(asked)}
    return {**found, "paper:ending": len(standing.ending(standing.papers_of(merchant).values()))}


def _asked(who: Actor) -> Any:
    mine = (Conversation.merchant_id == who.merchant_id) & (Conversation.awaited == "merchant")
    return mine & (Conversation.state == "open")


def _holding(who: Actor) -> Any:
    return (MerchantHold.merchant_id == who.merchant_id) & MerchantHold.ended_at.is_(None)


def _grouped(kind: str, state: Any, condition: Any) -> Select[Any]:
    return select(literal(kind), state, func.count()).where(condition).group_by(text("2"))
