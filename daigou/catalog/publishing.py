"""Listings come into the window and go out of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from compliance.audit import door
from compliance.identity import tiers
from compliance.qualification import holds
from daigou.accounts.models import Merchant
from daigou.core.access import Actor
from daigou.core.db import db, load, load_locked, transaction
from daigou.core.errors import Impossible
from daigou.core.i18n import lazy

from . import ranking
from .checking import hold_back
from .models import Listing
from .own import open_own, words_of_lack
from .rules import missing


def publish(actor: Actor, ref: str) -> Listing:
    """Show it to everybody, or have an officer look first where a rule finds something: then it is ``in_review``.

    Impossible without photos, stock and named flaws, or an approved merchant.
    """
    with transaction():
        listing = open_own(actor, ref)
        if not load(Merchant, id=listing.merchant_id).is_("active"):
            words = lazy("Your shop is not verified yet, so nothing can be published.")
            raise Impossible("merchant.not_active", words)
        if holds.is_held(listing.merchant_id):
            words = lazy("Your listings rest until what holds your shop is settled. The page Qualification says what.")
            raise Impossible("merchant.held", words)
        if missing(listing):
            raise Impossible("listing.incomplete", words_of_lack(listing, missing(listing)))
        _require_room(listing)
        if hold_back(listing):
            return listing
        door.transition(actor, listing, "publish", version=listing.version)
        ranking.place(listing)
    return listing


def show(actor: Actor, listing: Listing) -> None:
    """An officer has found nothing: into the window, or to rest with the shop's others while it is held."""
    door.transition(actor, listing, "pass", version=listing.version)
    ranking.place(listing)
    if holds.is_held(listing.merchant_id) or not load(Merchant, id=listing.merchant_id).is_("active"):
        listing.held = True
        door.transition(actor, listing, "pause")


def _require_room(listing: Listing) -> None:
    """Impossible when the merchant's tier shows no more listings at once. Counts no further than the limit."""
    limits = tiers.merchant_limits(listing.merchant_id)
    if limits.listings is None:
        return
    shown = select(Listing.id).filter_by(merchant_id=listing.merchant_id, state="active").limit(limits.listings)
    listed = db.session.execute(select(func.count()).select_from(shown.subquery())).scalar_one()
    tiers.require_listing_room(limits, listed)


def pause(actor: Actor, ref: str) -> Listing:
    """Take it out of the window, to be published again later."""
    with transaction():
        listing = load_locked(Listing, ref=ref)
        door.transition(actor, listing, "pause")
    return listing


def end(actor: Actor, ref: str) -> Listing:
    """Take it out for good. Orders that were placed go on."""
    with transaction():
        listing = load_locked(Listing, ref=ref)
        listing.held = False
        door.transition(actor, listing, "end")
    return listing


def pause_all(actor: Actor, merchant_id: Any) -> int:
    """Every active listing of a merchant, when it is held; how many there were. They come back by resume_all()."""
    statement = select(Listing).filter_by(merchant_id=merchant_id, state="active").order_by(Listing.id)
    with transaction():
        rows = db.session.execute(statement.with_for_update()).scalars().all()
        for listing in rows:
            listing.held = True
            door.transition(actor, listing, "pause", reason="merchant held")
    return len(rows)


def resume_all(actor: Actor, merchant_id: Any) -> int:
    """Those that pause_all() took out, as far as they are still paused and complete; how many came back."""
    statement = select(Listing).filter_by(merchant_id=merchant_id, held=True).order_by(Listing.id)
    with transaction():
        rows = db.session.execute(statement.with_for_update()).scalars().all()
        back = [row for row in rows if row.is_("paused") and not set(missing(row)) - {"stock", "views"}]
        for listing in rows:
            listing.held = False
        for listing in back:
            door.transition(actor, listing, "resume", reason="merchant free")
            ranking.place(listing)
    return len(back)
