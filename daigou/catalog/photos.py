"""A listing’s photos: added, removed, one of them the cover, and what each of them shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from compliance.audit import door
from daigou.accounts.models import Merchant
from daigou.core.access import Actor
from daigou.core.db import load, transaction
from daigou.core.errors import Invalid
from daigou.core.i18n import lazy, nlazy
from daigou.documents import service as documents
from daigou.documents.inspection import Checked

from .models import Listing
from .own import open_own, refuse_incomplete, view_own
from .rules import PHOTO_BYTES, PHOTOS_MOST, VIEWS


def add_photos(actor: Actor, ref: str, uploads: Sequence[Any], views: Sequence[str] = ()) -> Listing:
    """Keep photos, after those that are there, and what each of them shows (one of rules.VIEWS, or "").

    Invalid at ``photos`` when one is no photo or too large.
    """
    view_own(actor, ref)
    uploads = [_read_photo(upload) for upload in uploads]  # takes a moment: before anything is locked
    with transaction():
        listing = open_own(actor, ref)
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
        kept = [keep_photo(actor, listing, subject, upload) for upload in uploads]
        shown = {photo: view for photo, view in zip(kept, views, strict=False) if view in VIEWS}
        listing.photo_views = {**listing.photo_views, **shown}
        _set_photos(actor, listing, [*listing.photos, *kept])
    return listing


def label_photos(actor: Actor, ref: str, views: Mapping[str, str]) -> Listing:
    """Say what photos show: by their refs, one of rules.VIEWS each, or "". What is no photo of it is left alone."""
    with transaction():
        listing = open_own(actor, ref)
        known = {photo: view for photo, view in views.items() if photo in listing.photos and view in ("", *VIEWS)}
        listing.photo_views = {**listing.photo_views, **known}
        _set_photos(actor, listing, listing.photos)
        refuse_incomplete(listing)
    return listing


def remove_photo(actor: Actor, ref: str, photo: str) -> Listing:
    """Take a photo out; a published listing keeps at least PHOTOS_NEEDED."""
    with transaction():
        listing = open_own(actor, ref)
        _set_photos(actor, listing, [each for each in listing.photos if each != photo])
        refuse_incomplete(listing)
    return listing


def make_cover(actor: Actor, ref: str, photo: str) -> Listing:
    """The photo that cards show."""
    with transaction():
        listing = open_own(actor, ref)
        if photo in listing.photos:
            _set_photos(actor, listing, [photo, *(each for each in listing.photos if each != photo)])
    return listing


def keep_photo(actor: Actor, listing: Listing, subject: str, photo: Any) -> str:
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
    listing.photo_views = {ref: listing.photo_views[ref] for ref in photos if listing.photo_views.get(ref)}
    listing.version += 1
    door.record(actor, listing, "photographed", photos=len(photos), version=listing.version)
