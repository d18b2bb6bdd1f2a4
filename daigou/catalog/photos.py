"""A listing’s photos: added, removed, one of them the cover."""

from __future__ import annotations

from collections.abc import Sequence
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
from .rules import PHOTO_BYTES, PHOTOS_MOST


def add_photos(actor: Actor, ref: str, uploads: Sequence[Any]) -> Listing:
    """Keep photos, after those that are there. Invalid at ``photos`` when one is no photo or too large."""
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
        _set_photos(actor, listing, [*listing.photos, *kept])
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
    listing.version += 1
    door.record(actor, listing, "photographed", photos=len(photos), version=listing.version)
