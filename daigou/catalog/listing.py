"""Merchants' listings: written, photographed, published, paused, ended."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import func, select

from compliance.audit import door
from compliance.identity import tiers
from compliance.qualification import holds
from daigou.accounts.models import Merchant
from daigou.core import clock, ids
from daigou.core.access import Actor, require
from daigou.core.db import Page, db, keyset, load, load_locked, transaction
from daigou.core.errors import Denied, Impossible, Invalid
from daigou.core.i18n import lazy, nlazy
from daigou.core.money import Money
from daigou.documents import service as documents
from daigou.documents.inspection import Checked

from .checking import hold_back
from .models import Listing
from .rules import PHOTO_BYTES, PHOTOS_MOST, PHOTOS_NEEDED, missing
from .words import words_of


@dataclass(frozen=True, slots=True)
class Terms:
    """All that a merchant says of an offer. Amounts are in its currency, measures in grams and millimetres."""

    category: str
    title: str
    brand: str
    model: str
    origin: str
    hs_code: str
    condition: str
    description: str
    price: Money
    domestic_freight: Money
    stock: int
    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int
    purchased_on: date | None = None
    usage: str = ""
    function: str = ""
    accessories: str = ""
    flaws: str = ""
    translations: dict[str, dict[str, str]] = field(default_factory=dict)


def merchant_of(actor: Actor) -> Merchant:
    """The actor's own shop; Denied for people without one."""
    if actor.merchant_id is None:
        raise Denied("merchant.none", lazy("Your account may not do this."), actor=actor.subject)
    return load(Merchant, id=actor.merchant_id)


def draft(actor: Actor, terms: Terms, item_number: str = "", photos: Sequence[Any] = ()) -> Listing:
    """A new listing that nobody sees yet. ``item_number`` is one that no other listing of the shop has, ``photos`` are
    uploads or what ``documents.check`` made of them."""
    require(actor, "listing.manage")
    shop = merchant_of(actor)
    _refuse_other_currency(shop, terms)
    listing = Listing(ref=ids.new_ref("LST"), merchant_id=shop.id, currency=shop.currency, version=1, photos=[])
    listing.item_number = item_number
    _write(listing, terms)
    with transaction():
        listing.photos = [_keep_photo(actor, listing, shop.subject, photo) for photo in photos]
        door.created(actor, listing, listing=listing.ref, photos=len(photos))
    return listing


def edit(actor: Actor, ref: str, version: int, terms: Terms) -> Listing:
    """Write a whole listing anew. Impossible when somebody else wrote it since ``version``, or when it has ended."""
    with transaction():
        listing = _open(actor, ref)
        if listing.version != version:
            words = lazy("This listing was changed elsewhere since you opened this page. Compare, then save again.")
            raise Impossible("listing.stale", words, version=listing.version)
        _refuse_other_currency(load(Merchant, id=listing.merchant_id), terms)
        before_minor = listing.price_minor
        _write(listing, terms)
        _refuse_incomplete(listing)
        listing.version += 1
        door.record(actor, listing, "edited", version=listing.version, price=f"{terms.price.minor} {listing.currency}")
        if listing.is_("active"):
            hold_back(listing, before_minor)
    return listing


def add_photos(actor: Actor, ref: str, uploads: Sequence[Any]) -> Listing:
    """Keep photos, after those that are there. Invalid at ``photos`` when one is no photo or too large."""
    view_own(actor, ref)
    uploads = [_read_photo(upload) for upload in uploads]  # takes a moment: before anything is locked
    with transaction():
        listing = _open(actor, ref)
        if len(listing.photos) + len(uploads) > PHOTOS_MOST:
            raise Invalid(
                {
                    "photos": nlazy(
                        "At most %(num)d photo. Remove one first.",
                        "At most %(num)d photos. Remove one first.",
                        PHOTOS_MOST,
                    )
                }
            )
        if not uploads:
            raise Invalid({"photos": lazy("Choose at least one photo.")})
        subject = load(Merchant, id=listing.merchant_id).subject
        kept = [_keep_photo(actor, listing, subject, upload) for upload in uploads]
        _set_photos(actor, listing, [*listing.photos, *kept])
    return listing


def remove_photo(actor: Actor, ref: str, photo: str) -> Listing:
    """Take a photo out; a published listing keeps at least PHOTOS_NEEDED."""
    with transaction():
        listing = _open(actor, ref)
        _set_photos(actor, listing, [each for each in listing.photos if each != photo])
        _refuse_incomplete(listing)
    return listing


def make_cover(actor: Actor, ref: str, photo: str) -> Listing:
    """The photo that cards show."""
    with transaction():
        listing = _open(actor, ref)
        if photo in listing.photos:
            _set_photos(actor, listing, [photo, *(each for each in listing.photos if each != photo)])
    return listing


def publish(actor: Actor, ref: str) -> Listing:
    """Show it to everybody, or have an officer look first where a rule finds something: then it is ``in_review``.

    Impossible without photos, stock and named flaws, or an approved merchant.
    """
    with transaction():
        listing = _open(actor, ref)
        if not load(Merchant, id=listing.merchant_id).is_("active"):
            words = lazy("Your shop is not verified yet, so nothing can be published.")
            raise Impossible("merchant.not_active", words)
        if holds.is_held(listing.merchant_id):
            words = lazy("Your listings rest until what holds your shop is settled. The page Qualification says what.")
            raise Impossible("merchant.held", words)
        if missing(listing):
            raise Impossible("listing.incomplete", _words_of_lack(missing(listing)))
        _require_room(listing)
        if hold_back(listing):
            return listing
        door.transition(actor, listing, "publish", version=listing.version)
        listing.published_no = _next_number()
    return listing


def show(actor: Actor, listing: Listing) -> None:
    """An officer has found nothing: into the window, or to rest with the shop's others while it is held."""
    door.transition(actor, listing, "pass", version=listing.version)
    listing.published_no = _next_number()
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
        back = [row for row in rows if row.is_("paused") and not set(missing(row)) - {"stock"}]
        for listing in rows:
            listing.held = False
        for listing in back:
            door.transition(actor, listing, "resume", reason="merchant free")
            listing.published_no = _next_number()
    return len(back)


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


def _open(actor: Actor, ref: str) -> Listing:
    listing: Listing = load_locked(Listing, ref=ref)
    require(actor, "listing.edit", listing)
    if listing.is_("ended"):
        raise Impossible("listing.ended", lazy("This listing has ended and can’t be changed any more."))
    if listing.is_("in_review"):
        words = lazy("An officer is looking at this listing. It can be changed when that is decided, within a day.")
        raise Impossible("listing.in_review", words)
    return listing


def _write(listing: Listing, terms: Terms) -> None:
    for name in (
        "category", "title", "brand", "model", "origin", "hs_code", "condition", "description", "stock", "weight_g",
        "length_mm", "width_mm", "height_mm", "translations",
    ):  # fmt: skip
        setattr(listing, name, getattr(terms, name))
    listing.details = {
        "purchased_on": terms.purchased_on.isoformat() if terms.purchased_on else "",
        "usage": terms.usage,
        "function": terms.function,
        "accessories": terms.accessories,
        "flaws": terms.flaws,
    }
    listing.price_minor, listing.domestic_freight_minor = terms.price.minor, terms.domestic_freight.minor
    listing.search = words_of(listing)


def _refuse_other_currency(shop: Merchant, terms: Terms) -> None:
    if {terms.price.currency, terms.domestic_freight.currency} != {shop.currency}:
        raise Invalid({"price": lazy("Prices are in %(currency)s, your shop’s currency.", currency=shop.currency)})


def _refuse_incomplete(listing: Listing) -> None:
    """What everybody sees must stay complete; selling out is no fault."""
    lacking = [each for each in missing(listing) if each != "stock"]
    if listing.is_("active") and lacking:
        raise Impossible("listing.incomplete", _words_of_lack(lacking))


def _words_of_lack(lacking: Sequence[str]) -> object:
    return {
        "photos": nlazy("At least %(num)d photo is needed.", "At least %(num)d photos are needed.", PHOTOS_NEEDED),
        "stock": lazy("There must be at least one piece in stock."),
        "flaws": lazy("A used item’s flaws must be named."),
    }[lacking[0]]


def _keep_photo(actor: Actor, listing: Listing, subject: str, photo: Any) -> str:
    return documents.store(
        actor, listing.stream, subject, "account", "listing_photo", photo,
        allowed=documents.IMAGES, limit=PHOTO_BYTES, public=True,
    ).ref  # fmt: skip


def _read_photo(upload: Any) -> Any:
    if isinstance(upload, Checked):
        return upload
    try:
        return documents.check(upload, allowed=documents.IMAGES, limit=PHOTO_BYTES)
    except Invalid as refusal:
        raise Invalid({"photos": next(iter(refusal.fields.values()))}) from refusal


def _set_photos(actor: Actor, listing: Listing, photos: list[str]) -> None:
    listing.photos = photos
    listing.version += 1
    door.record(actor, listing, "photographed", photos=len(photos), version=listing.version)


def _next_number() -> int:
    """Rises with time, so the newest publication stands first; twenty random bits keep two of one millisecond apart."""
    return int(clock.now().timestamp() * 1000) << 20 | secrets.randbits(20)
