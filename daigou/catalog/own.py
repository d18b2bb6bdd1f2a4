"""A shop’s own listings: listed, opened for a change, and what must not lack."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from daigou.accounts.models import Merchant
from daigou.core.access import Actor, require
from daigou.core.db import Page, keyset, load, load_locked
from daigou.core.errors import Denied, Impossible
from daigou.core.i18n import lazy, nlazy

from .models import Listing
from .rules import PHOTOS_NEEDED, missing


def merchant_of(actor: Actor) -> Merchant:
    """The actor's own shop; Denied for people without one."""
    if actor.merchant_id is None:
        raise Denied("merchant.none", lazy("Your account may not do this."), actor=actor.subject)
    return load(Merchant, id=actor.merchant_id)


def own(actor: Actor, cursor: str | None, state: str = "") -> Page:
    """The merchant's listings, newest first; of one state if named."""
    statement = select(Listing).where(Listing.merchant_id == actor.merchant_id)
    if state:
        statement = statement.where(Listing.state == state)
    return keyset(statement, Listing.id, cursor=cursor, size=24)


def view_own(actor: Actor, ref: str) -> Listing:
    listing = load(Listing, ref=ref)
    require(actor, "listing.edit", listing)
    return listing


def open_own(actor: Actor, ref: str) -> Listing:
    listing: Listing = load_locked(Listing, ref=ref)
    require(actor, "listing.edit", listing)
    if listing.is_("ended"):
        raise Impossible("listing.ended", lazy("This listing has ended and can’t be changed any more."))
    if listing.is_("in_review"):
        words = lazy("An officer is looking at this listing. It can be changed when that is decided, within a day.")
        raise Impossible("listing.in_review", words)
    return listing


def refuse_incomplete(listing: Listing) -> None:
    """What everybody sees must stay complete; selling out is no fault."""
    lacking = [each for each in missing(listing) if each != "stock"]
    if listing.is_("active") and lacking:
        raise Impossible("listing.incomplete", words_of_lack(lacking))


def words_of_lack(lacking: Sequence[str]) -> object:
    return {
        "photos": nlazy("At least %(num)d photo is needed.", "At least %(num)d photos are needed.", PHOTOS_NEEDED),
        "stock": lazy("There must be at least one piece in stock."),
        "flaws": lazy("A used item’s flaws must be named."),
    }[lacking[0]]
