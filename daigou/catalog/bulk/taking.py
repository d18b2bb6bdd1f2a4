"""One row of a table: read, its photos looked at, and kept as a draft when it is time for that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from daigou.catalog import listing as listings
from daigou.catalog.rules import PHOTO_BYTES, PHOTOS_MOST
from daigou.core.access import Actor
from daigou.core.errors import Invalid
from daigou.core.i18n import _, ngettext
from daigou.documents import service as documents
from daigou.documents.inspection import Checked

from . import rules
from .archive import Archive
from .models import ImportRow
from .reading import Faults, Reader


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a row."""

    verdict: str
    faults: Faults = field(default_factory=list)
    listing_ref: str | None = None


def taken(actor: Actor, row: ImportRow, read: Reader, photos: Archive | None, *, keep: bool) -> Taken:
    """Wrong with every fault at once; right, or kept as a draft, in the caller's transaction."""
    terms = read(row.cells)
    faults = [] if isinstance(terms, listings.Terms) else terms
    pictures, lacking = _pictures(rules.photo_names(row.cells.get("photos", "")), photos)
    try:
        faults = [*faults, *_number_faults(row), *lacking]
        if faults or not isinstance(terms, listings.Terms):
            return Taken(rules.WRONG, faults)
        if not keep:
            return Taken(rules.RIGHT)
        return Taken(rules.KEPT, [], listings.draft(actor, terms, row.key, pictures).ref)
    finally:
        for picture in pictures:
            picture.close()


def _number_faults(row: ImportRow) -> Faults:
    if len(row.cells.get("item_number", "").strip()) <= rules.ITEM_NUMBER:
        return []
    words = ngettext("At most %(num)d character.", "At most %(num)d characters.", rules.ITEM_NUMBER)
    return [[_("Item number"), words]]


def _pictures(names: Sequence[str], photos: Archive | None) -> tuple[list[Checked], Faults]:
    """The photos of a row, decoded; what is wrong with each of the others, by its name."""
    if len(names) > PHOTOS_MOST:
        return [], [[_("Photos"), ngettext("At most %(num)d photo.", "At most %(num)d photos.", PHOTOS_MOST)]]
    kept: list[Checked] = []
    faults: Faults = []
    for name in names:
        try:
            kept.append(_picture(name, photos))
        except Invalid as refusal:
            words = str(next(iter(refusal.fields.values())))
            faults.append([_("Photos"), _("%(name)s: %(words)s", name=name[:80], words=words)])
    return kept, faults


def _picture(name: str, photos: Archive | None) -> Checked:
    if photos is None or name not in photos:
        raise Invalid({"photos": _("It is not in the archive.")})
    return documents.check(photos.open(name), allowed=documents.IMAGES, limit=PHOTO_BYTES)
